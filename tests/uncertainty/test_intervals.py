"""Coverage intervals against JCGM 101 7.7 and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from factordb.errors import UsageError
from factordb.uncertainty.intervals import (
    ranks,
    shortest_from_quantiles,
    shortest_interval,
    symmetric_interval,
)


@pytest.mark.parametrize(
    ("count", "p", "q", "r"),
    # q = pM if whole, else int(pM + 1/2); r = (M-q)/2 if whole, else int((M-q+1)/2): JCGM 101 7.7.2
    [
        (10_000, 0.95, 9500, 250),
        (1000, 0.95, 950, 25),
        (101, 0.95, 96, 3),
        (30, 0.9, 27, 2),
        (100, 0.99, 99, 1),
        (20_001, 0.95, 19_001, 500),
    ],
)
def test_ranks_are_those_of_the_standard(count: int, p: float, q: int, r: int) -> None:
    ordered = np.arange(1.0, count + 1)
    assert ranks(count, p) == q
    low, high = symmetric_interval(ordered, p)
    assert (low, high) == (r, r + q)


def test_shortest_interval_is_found_by_looking_at_every_rank() -> None:
    rng = np.random.default_rng(11)
    values = np.sort(rng.lognormal(0, 0.8, size=(5, 400)), axis=1)
    low, high = shortest_interval(values, 0.9)
    for row in range(5):
        candidates = [(values[row, r + 360] - values[row, r], values[row, r], values[row, r + 360]) for r in range(40)]
        assert (high[row] - low[row], low[row], high[row]) == min(candidates)


def test_intervals_are_the_same_row_by_row() -> None:
    values = np.sort(np.random.default_rng(2).normal(size=(4, 500)), axis=1)
    for find in (symmetric_interval, shortest_interval):
        low, high = find(values, 0.95)
        for row in range(4):
            assert find(values[row], 0.95) == (low[row], high[row])


@pytest.mark.parametrize(("count", "p"), [(10, 0.99), (3, 0.001), (1, 0.5)])
def test_too_few_values_are_refused_with_the_number_needed(count: int, p: float) -> None:
    with pytest.raises(UsageError, match="too few"):
        symmetric_interval(np.arange(float(count)), p)


@pytest.mark.parametrize("p", [0.0, 1.0, 95.0, -1.0, float("nan")])
def test_a_percentage_is_no_probability(p: float) -> None:
    with pytest.raises(UsageError, match="no coverage probability"):
        shortest_from_quantiles(lambda u: u, 1, p)


def test_shortest_interval_of_log_normals_has_equal_densities_at_its_ends() -> None:
    """GUM-S1's shortest interval of LN(0, σ): ln f(low) = ln f(high), and the probability between is p."""
    from scipy.special import ndtr  # noqa: PLC0415 - of this test only

    sigma = np.array([0.01, 0.05, 0.2, 0.5, 1.0, 1.5])
    for p in (0.5, 0.95, 0.99):
        low, high = shortest_from_quantiles(lambda u: np.exp(sigma[:, None] * ndtri(u)), 6, p)
        z, w = np.log(low) / sigma, np.log(high) / sigma
        np.testing.assert_allclose(ndtr(w) - ndtr(z), p, rtol=1e-12)
        np.testing.assert_allclose(z * z / 2 + sigma * z, w * w / 2 + sigma * w, rtol=2e-5, atol=2e-7)


def test_shortest_intervals_with_known_ends() -> None:
    with np.errstate(divide="ignore"):
        # exponential: from 0 to -ln(0.05); its mirror image; NPL's log of a rectangular on (0.1, 1.1)
        np.testing.assert_allclose(
            np.ravel(shortest_from_quantiles(lambda u: -np.log1p(-u), 1)), [0.0, -np.log(0.05)], atol=1e-12
        )
        np.testing.assert_allclose(np.ravel(shortest_from_quantiles(np.log, 1)), [np.log(0.05), 0.0], atol=1e-12)
    np.testing.assert_allclose(
        np.ravel(shortest_from_quantiles(lambda u: np.log(0.1 + u), 1)),
        [np.log(0.15), np.log(1.1)],
        atol=1e-12,
    )
    # where every interval is as short (rectangular), the middle one
    np.testing.assert_allclose(np.ravel(shortest_from_quantiles(lambda u: 3 * u, 1)), [0.075, 2.925])
    np.testing.assert_allclose(
        np.ravel(shortest_from_quantiles(ndtri, 1)), [-1.959963984540054, 1.959963984540054], rtol=1e-7
    )


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=200, unique=True),
    st.floats(0.001, 1e3),
    st.floats(-1e3, 1e3),
)
@settings(max_examples=50, deadline=None)
def test_scale_shift_and_mirror(values: list[float], scale: float, shift: float) -> None:
    ordered = np.sort(np.array(values))
    low, high = symmetric_interval(ordered, 0.9)
    moved = symmetric_interval(scale * ordered + shift, 0.9)
    assert moved == (scale * low + shift, scale * high + shift)
    short = shortest_interval(ordered, 0.9)
    assert short[1] - short[0] <= high - low
    mirrored = shortest_interval(-ordered[::-1], 0.9)
    assert mirrored[1] - mirrored[0] == pytest.approx(short[1] - short[0], rel=1e-12)


def test_a_monotone_transform_keeps_the_symmetric_interval() -> None:
    values = np.sort(np.random.default_rng(3).normal(size=2000))
    low, high = symmetric_interval(values)
    assert symmetric_interval(np.exp(values)) == (np.exp(low), np.exp(high))
