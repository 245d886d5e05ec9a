"""IPCC approach 2 against approach 1 and against exact moments."""

from math import exp, sqrt

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.ipcc import Inventory, inventory, trend_table
from factordb.uncertainty.ipcc_inventory import approach_2

Z = 1.959963984540054


def small(year: list[float]) -> Inventory:
    """Uncertainties small enough for approach 1 to be right."""
    return inventory(["a", "b", "c"], [500, 300, 200], year, [1, 2, 3], [2, 1, 3])


def test_total_agrees_with_approach_1() -> None:
    emissions = small([400, 420, 260])
    first, second = trend_table(emissions), approach_2(emissions)
    assert second.settled
    half = (second.total_high - second.total_low) / 2 / second.total * 100
    assert half == pytest.approx(first.total_u * Z / 2, rel=0.02)
    assert second.trend == pytest.approx(first.trend, abs=0.05)
    assert second.share == pytest.approx(first.contribution / first.total_u**2, rel=1e-3)


def test_trend_agrees_with_approach_1_where_emissions_stay() -> None:
    """Columns K and L take the sensitivity to year t for both years: right only if emissions are alike."""
    emissions = small([500, 300, 200])
    second = approach_2(emissions)
    trend_half = (second.trend_high - second.trend_low) / 2
    assert trend_half == pytest.approx(trend_table(emissions).trend_u * Z / 2, rel=0.02)


def test_trend_agrees_with_its_linear_approximation_where_they_do_not() -> None:
    """Independent errors of both years: d(trend) = 100·(dD/ΣC − ΣD·dC/ΣC²); approach 1 is 6 % off here."""
    emissions = small([400, 420, 260])
    c, d = emissions.base, emissions.year
    to_year, to_base = d / c.sum(), d.sum() * c / c.sum() ** 2
    activity = np.hypot(to_year, to_base) * emissions.activity_u
    factor = (to_year - to_base) * emissions.factor_u
    expected = sqrt(np.square(activity).sum() + np.square(factor).sum()) * Z / 2
    second = approach_2(emissions)
    assert (second.trend_high - second.trend_low) / 2 == pytest.approx(expected, rel=0.02)
    assert trend_table(emissions).trend_u * Z / 2 > 1.04 * expected


def test_one_large_lognormal_has_its_exact_ends() -> None:
    """U = 200 %: σ² = ln 2, mean 100; ends 100·exp(−σ²/2 ∓ 1.96σ)."""
    found = approach_2(inventory(["soils"], [100], [100], [0], [200]), tolerance=0.005)
    sigma = sqrt(np.log(2))
    half = (found.total_high - found.total_low) / 2
    assert found.total_low == pytest.approx(100 * exp(-np.log(2) / 2 - Z * sigma), abs=0.02 * half)
    assert found.total_high == pytest.approx(100 * exp(-np.log(2) / 2 + Z * sigma), abs=0.02 * half)
    assert found.end_error <= 0.005


def test_a_correlated_factor_cancels_in_the_trend() -> None:
    shared = approach_2(inventory(["a"], [100], [120], [0], [50]))
    assert (shared.trend_low, shared.trend_high) == (pytest.approx(20), pytest.approx(20))
    apart = approach_2(inventory(["a"], [100], [120], [0], [50], factor_correlated=False))
    assert apart.trend_high - apart.trend_low > 80


def test_normal_shape_is_symmetric_and_dropped_where_it_would_be_negative() -> None:
    symmetric = approach_2(inventory(["a"], [100], [100], [0], [40]), shape="normal")
    above, below = symmetric.total_high - symmetric.total, symmetric.total - symmetric.total_low
    assert above == pytest.approx(below, rel=0.03)
    assert approach_2(inventory(["a"], [100], [100], [0], [300]), shape="normal").total_low > 0


def test_reproducible_by_seed_and_settled_to_tolerance() -> None:
    emissions = inventory(["a", "b"], [10, 20], [12, 18], [10, 60], [30, 100])
    first = approach_2(emissions, seed=5, tolerance=0.02)
    again = approach_2(emissions, seed=5, tolerance=0.02)
    assert (first.total_low, first.trend_high) == (again.total_low, again.trend_high)
    assert approach_2(emissions, seed=6, tolerance=0.02).total_low != first.total_low
    assert first.trials >= 100_000
    hurried = approach_2(emissions, seed=5, tolerance=1e-6, most_batches=10)
    assert not hurried.settled
    assert hurried.end_error > 1e-6


def test_without_uncertainty_nothing_moves() -> None:
    found = approach_2(inventory(["a"], [100], [120], [0], [0]))
    assert (found.total_low, found.total_high, found.trend) == (120, 120, pytest.approx(20))
    assert found.share.tolist() == [0]


@pytest.mark.parametrize("wrong", [{"probability": 95}, {"tolerance": 0}, {"most_batches": 2}])
def test_wrong_use_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(StatementError):
        approach_2(inventory(["a"], [1], [1], [1], [1]), **wrong)  # type: ignore[arg-type]  # wrong on purpose
