"""Effective number of readings and block bootstrap on series whose truth is known."""

from math import sqrt

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.series import block_bootstrap, series_mean


def ar1(n: int, phi: float, seed: int) -> np.ndarray:
    """An autoregressive series of first order with unit variance."""
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    noise = rng.standard_normal(n) * sqrt(1 - phi * phi)
    values = np.empty(n)
    values[0] = rng.standard_normal()
    for place in range(1, n):
        values[place] = phi * values[place - 1] + noise[place]
    return values


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_effective_n_of_an_autoregressive_series(phi: float) -> None:
    """For AR(1), n_eff/n tends to (1 − φ)/(1 + φ)."""
    shares = [series_mean(ar1(4000, phi, seed)).effective_n / 4000 for seed in range(8)]
    assert np.mean(shares) == pytest.approx((1 - phi) / (1 + phi), rel=0.12)


def test_the_interval_covers_where_the_naive_one_does_not() -> None:
    n, phi = 500, 0.7
    means, half, naive = [], [], []
    for seed in range(300):
        found = series_mean(ar1(n, phi, seed))
        low, high = found.interval(0.95)
        means.append(found.mean)
        half.append((high - low) / 2)
        naive.append(1.96 * found.sd / sqrt(n))
    assert np.mean(np.abs(means) <= half) > 0.90
    assert np.mean(np.abs(means) <= naive) < 0.75


def test_alternating_series_get_no_credit() -> None:
    values = np.tile([1.0, -1.0], 50) + np.linspace(0, 1e-3, 100)
    assert series_mean(values).effective_n == 100


def test_bootstrap_agrees_with_effective_n() -> None:
    values = ar1(2000, 0.6, 5) + 10
    found = block_bootstrap(values, seed=7)
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.u == pytest.approx(series_mean(values).u, rel=0.2)
    assert found.low < found.mean < found.high
    assert found.block > 2000 ** (1 / 3)


def test_bootstrap_of_independent_readings_is_the_plain_one() -> None:
    values = ar1(1000, 0.0, 3)
    found = block_bootstrap(values, block=1, resamples=4000)
    assert found.u == pytest.approx(values.std() / sqrt(1000), rel=0.04)


def test_bootstrap_by_enumeration() -> None:
    """Blocks of 4 of 8 readings 0 … 7: the eight circular block sums have variance 20 (sums 6,10,14,18,22,22…).

    Circular sums: 6, 10, 14, 18, 22, 18, 14, 10; mean 14, variance 24. A mean of two blocks over 8 readings
    has variance 2·24/64 = 0.75.
    """
    found = block_bootstrap(np.arange(8.0), block=4, resamples=40_000)
    assert found.u == pytest.approx(sqrt(0.75), rel=0.02)


def test_a_cut_last_block_keeps_the_length() -> None:
    """With blocks of 5 of 8 constant-sum readings every resample has exactly 8 readings."""
    values = np.array([1.0, 1, 1, 1, 1, 1, 1, 2])
    found = block_bootstrap(values, block=5, resamples=500)
    assert found.low >= 1
    assert found.high <= 1.25


def test_same_seed_same_result_and_no_global_state() -> None:
    values = ar1(200, 0.5, 1)
    np.random.seed(0)  # noqa: NPY002 - the global state is what must not matter
    first = block_bootstrap(values, seed=3)
    np.random.seed(1)  # noqa: NPY002 - as above
    assert block_bootstrap(values, seed=3) == first
    assert block_bootstrap(values, seed=4) != first


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(StatementError):
        series_mean([1.0] * 20)
    with pytest.raises(StatementError):
        series_mean([1.0, 2.0, 3.0])
    with pytest.raises(StatementError):
        block_bootstrap(np.arange(20.0), block=21)
    with pytest.raises(StatementError):
        block_bootstrap(np.arange(20.0), resamples=10)
