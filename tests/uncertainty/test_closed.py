"""Closed forms: single inputs of every family, log-normal products, normal sums."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from factordb.uncertainty import making
from factordb.uncertainty.batch import evaluate_batch
from factordb.uncertainty.closed import lognormal_summary, shortest_half_width, single_summary
from factordb.uncertainty.distributions import concatenate
from factordb.uncertainty.results import SUMMARY

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth"


def test_golden_case_of_coal() -> None:
    """Domain notes 5: 96.2 tCO2/TJ (CV 3.4 %) × 176.4 TJ/10⁴ t (CV 18.3 %) has CV 18.62 %."""
    inputs = {"ef": making.lognormal_from_cv(96.2, 0.034), "ncv": making.lognormal_from_cv(176.4, 0.183)}
    found = evaluate_batch("ef * ncv", inputs)
    assert found.cv[0] == pytest.approx(0.18624, abs=5e-6)
    assert found.mean[0] == pytest.approx(96.2 * 176.4)
    assert found.methods[0] == "closed"
    assert found.contributions[0] == pytest.approx([0.0333, 0.9656], abs=1e-4)


def test_shortest_interval_of_a_lognormal() -> None:
    """It holds 95 %, its ends have equal density, and it is shorter than the symmetric one."""
    sigma = np.array([1e-4, 0.01, 0.2, 0.9, 1.5, 3.0, 8.0])
    for p in (0.5, 0.9, 0.95, 0.99):
        found = lognormal_summary(np.zeros(7), sigma, p)
        z = np.log([found.shortest_low, found.shortest_high]) / sigma
        assert np.allclose(ndtr(z[1]) - ndtr(z[0]), p, rtol=0, atol=1e-12)
        assert np.allclose(z[0] + z[1], -2 * sigma, rtol=1e-9, atol=1e-12)
        assert np.all(found.shortest_high - found.shortest_low <= found.high - found.low)
    assert np.array_equal(shortest_half_width(sigma)[[2, 4]], shortest_half_width(sigma[[2, 4]]))


def test_every_family_as_itself() -> None:
    """The symmetric interval is two quantiles; the shortest holds the same probability and is no longer."""
    column = concatenate([
        making.normal(1.0, 0.2), making.lognormal(0.0, 0.5, 1.0, -1.0), making.uniform(0.0, 2.0),
        making.triangular(0.0, 0.5, 4.0), making.pert(0.0, 3.0, 10.0), making.trapezoid(0.0, 1.0, 1.5, 4.0),
        making.curvilinear_trapezoid(-1.0, 1.0, 0.3), making.student_t(0.0, 1.0, 5.0), making.gamma(3.0, 1.0),
        making.truncated_normal(0.5, 0.5), making.weibull(1.5, 1.0),
    ])  # fmt: skip
    found = evaluate_batch("x", {"x": column})
    assert set(found.methods) == {"closed"}
    assert np.allclose(column.cdf(found.low), 0.025, atol=1e-13)
    assert np.allclose(column.cdf(found.high), 0.975, atol=1e-13)
    assert np.allclose(column.cdf(found.shortest_high) - column.cdf(found.shortest_low), 0.95, atol=1e-9)
    assert np.all(found.shortest_high - found.shortest_low <= (found.high - found.low) * (1 + 1e-12))
    assert (found.mean.tolist(), found.tolerance.tolist()) == (column.mean().tolist(), [0.0] * len(column))


def test_measured_values_as_themselves() -> None:
    """Of 20 equally likely values the narrowest 95 % are 19 neighbours."""
    found = single_summary(making.empirical([[*range(19), 40.0]]))
    assert (found.shortest_low[0], found.shortest_high[0]) == (0.0, 18.0)


def test_sum_of_normals_is_jcgm101_9_2_2() -> None:
    """JCGM 101 9.2.2: four standard normals."""
    path = TRUTH / "jcgm101_examples.json"
    if not path.exists():
        pytest.skip("reference values jcgm101_examples.json are not beside the project")
    exact = json.loads(path.read_text())["examples"]["9.2.2 normal additive"]["exact"]
    found = evaluate_batch("a + b + c + d", {name: making.normal(0.0, 1.0) for name in "abcd"})
    assert (found.mean[0], found.sd[0]) == (exact["y"], exact["u"])
    assert [found.low[0], found.high[0]] == pytest.approx(exact["interval95"], rel=1e-14)
    assert found.contributions[0] == pytest.approx([0.25] * 4)


def test_signs_and_powers() -> None:
    """Negative log-normals, negative coefficients and squares, against the distribution they must be."""
    minus = making.lognormal(0.2, 0.3, 0.0, -1.0)
    found = evaluate_batch("-2 * a / b^2", {"a": minus, "b": minus})
    alone = single_summary(making.lognormal(np.log(2.0) - 0.2, 0.3 * np.sqrt(5.0)))
    for name in SUMMARY:
        assert getattr(found, name)[0] == pytest.approx(getattr(alone, name)[0], rel=1e-12)
    half = evaluate_batch("(-3) * x + 1", {"x": making.triangular(0.0, 1.0, 5.0)})
    plain = single_summary(making.triangular(0.0, 1.0, 5.0))
    assert half.low[0] == pytest.approx(1 - 3 * plain.high[0])
    assert half.shortest_high[0] == pytest.approx(1 - 3 * plain.shortest_low[0])


def test_one_uncertain_input_among_constants() -> None:
    """A measured input times exact conversion factors keeps its own distribution."""
    inputs = {"x": making.pert(1.0, 2.0, 5.0), "k": making.constant(44 / 12), "b": making.constant(0.5)}
    found = evaluate_batch("x * k + b", inputs)
    assert found.methods[0] == "closed"
    assert found.high[0] == pytest.approx(0.5 + 44 / 12 * inputs["x"].ppf(0.975)[0])
    assert found.contributions[0] == pytest.approx([1.0, 0.0, 0.0])


def test_refused_rows_do_not_stop_the_rest() -> None:
    """NaN means and infinite moments are reasons beside good rows."""
    x = concatenate([
        making.normal(1.0, 0.1), making.student_t(0.0, 1.0, 2.0), making.lognormal(0.0, 0.5),
    ])  # fmt: skip
    x.parameters[2, 1] = np.nan
    found = evaluate_batch("x", {"x": x})
    assert found.reasons.tolist() == ["none", "no_moments", "input_refused"]
    assert np.isnan(found.mean).tolist() == [False, True, True]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5), st.floats(1e-3, 1e3))
def test_scale_and_permutation(spreads: list[float], scale: float) -> None:
    """A product in another unit is the same product; the order of its factors does not matter."""
    inputs = {f"x{i}": making.lognormal_from_cv(1.0 + i, cv) for i, cv in enumerate(spreads)}
    names = list(inputs)
    first = evaluate_batch(" * ".join(names), inputs)
    scaled = evaluate_batch(f"{scale!r} * " + " * ".join(reversed(names)), inputs)
    for name in SUMMARY:
        assert getattr(scaled, name)[0] == pytest.approx(scale * getattr(first, name)[0], rel=1e-11)
    assert first.cv[0] ** 2 == pytest.approx(np.prod([1 + cv * cv for cv in spreads]) - 1, rel=1e-10)
