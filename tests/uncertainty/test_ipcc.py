"""IPCC approach 1 against figures of the guidelines, hand calculation and independent derivation."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.uncertainty.ipcc import (
    Inventory,
    asymmetric_interval,
    combine_product,
    combine_sum,
    corrected_large_u,
    inventory,
    trend_table,
)


def four_categories() -> Inventory:
    """A made-up inventory: two fuels, cement, soils."""
    return inventory(
        ["coal", "gas", "cement", "soils"],
        [1000.0, 400.0, 150.0, 90.0],
        [900.0, 600.0, 180.0, 95.0],
        [2.0, 3.0, 5.0, 30.0],
        [5.0, 2.0, 3.0, 200.0],
        factor_correlated=[True, True, False, True],
    )


def test_equation_3_1() -> None:
    """3 % and 4 % give 5 %; exactly 5.0036 %: 200·√(1.000225·1.0004 − 1)."""
    assert combine_product([3.0, 4.0], exact=False) == pytest.approx(5.0)
    assert combine_product([3.0, 4.0]) == pytest.approx(200 * sqrt(1.000225 * 1.0004 - 1), rel=1e-12)


def test_equation_3_2() -> None:
    """10 % of 100 and 20 % of 50: √(10² + 10²)/150."""
    assert combine_sum([10.0, 20.0], [100.0, 50.0]) == pytest.approx(100 * sqrt(200) / 150, rel=1e-12)
    assert combine_sum([10.0, 20.0], [-100.0, -50.0]) == pytest.approx(100 * sqrt(200) / 150, rel=1e-12)


def test_small_u_loses_no_digits() -> None:
    assert combine_product([3e-7, 4e-7]) == pytest.approx(5e-7, rel=1e-13)


@pytest.mark.parametrize(("u", "root", "factor"), [(200, 1.2065, 1.4556), (230, 1.3012, 1.6932)])
def test_correction_factor(u: float, root: float, factor: float) -> None:
    """F_C of the guidelines at U = 200 and 230 %, from its polynomial by hand."""
    found = float(corrected_large_u(u)) / u
    assert found == pytest.approx(factor, abs=5e-4)
    assert sqrt(found) == pytest.approx(root, abs=5e-4)


def test_correction_factor_overcorrects_the_variance_of_a_product() -> None:
    """Five like factors: exact/approximate is 1.220 at 200 %, F_C says 1.456, its root 1.206."""
    each = np.full(5, 200 / sqrt(5))
    ratio = float(combine_product(each)) / float(combine_product(each, exact=False))
    assert ratio == pytest.approx(1.220, abs=5e-4)
    assert float(corrected_large_u(200.0)) / 200 > 1.15 * ratio


def test_small_u_is_not_corrected_and_large_u_is_refused() -> None:
    assert corrected_large_u([0.0, 5.0, 100.0]).tolist() == [0, 5, 100]
    with pytest.raises(StatementError, match="230"):
        corrected_large_u([231.0])


def test_asymmetric_interval() -> None:
    """U = 100 %: −64.56 % and +125.76 %."""
    low, high = asymmetric_interval([100.0, 0.0])
    assert [round(float(end), 2) for end in (low[0], high[0])] == [-64.56, 125.76]
    assert (low[1], high[1]) == (0, 0)


def test_trend_table_by_hand() -> None:
    """One category 100 → 120, U 3 % and 4 %: A = 0 (trend does not move), B = 1.2, L = 3.6·√2."""
    found = trend_table(inventory(["only"], [100], [120], [3], [4]), exact=False)
    assert found.trend == pytest.approx(20)
    assert found.total_u == pytest.approx(5)
    assert found.type_a[0] == pytest.approx(0, abs=1e-12)
    assert found.type_b[0] == pytest.approx(1.2)
    assert found.trend_u == pytest.approx(3.6 * sqrt(2))


def test_trend_table_of_two_by_hand() -> None:
    """Base 50 + 50, year 100 + 50. Raising category 1 by 1 % in both years: (151/100.5 − 1.5)·100 = 0.248756."""
    found = trend_table(inventory(["a", "b"], [50, 50], [100, 50], [0, 0], [10, 0]))
    assert found.type_a == pytest.approx([100 * (151 / 100.5 - 1.5), 100 * (1.5 - 150.5 / 100.5)], rel=1e-10)
    assert found.trend_u == pytest.approx(10 * 100 * (151 / 100.5 - 1.5), rel=1e-10)


def test_columns_add_up() -> None:
    emissions = four_categories()
    found = trend_table(emissions)
    assert found.contribution.sum() == pytest.approx(found.total_u**2)
    assert found.total_u == pytest.approx(float(combine_sum(found.combined_u, emissions.year)))
    squares = np.square(found.factor_trend).sum() + np.square(found.activity_trend).sum()
    assert found.trend_u == pytest.approx(sqrt(squares))
    assert found.factor_trend[2] == pytest.approx(3.0 * 180 / 1640 * sqrt(2))
    assert found.factor_trend[0] == pytest.approx(found.type_a[0] * 5.0)


def test_correlated_activity_is_treated_like_a_correlated_factor() -> None:
    plain = inventory(["a", "b"], [50, 50], [100, 50], [0, 0], [10, 10])
    swapped = inventory(
        ["a", "b"], [50, 50], [100, 50], [10, 10], [0, 0], factor_correlated=False, activity_correlated=True
    )
    assert trend_table(swapped).trend_u == pytest.approx(trend_table(plain).trend_u)


@pytest.mark.parametrize(
    "columns",
    [
        (["a"], [1, 2], [1], [1], [1]),
        (["a"], [1], [1], [-1], [1]),
        (["a"], [float("nan")], [1], [1], [1]),
        (["a", "b"], [1, -1], [1, 1], [1, 1], [1, 1]),
    ],
)
def test_impossible_inventories_are_refused(columns: Any) -> None:
    with pytest.raises(StatementError):
        inventory(*columns)


def test_negative_percentages_and_zero_sums_are_refused() -> None:
    with pytest.raises(StatementError):
        combine_product([-1.0, 2.0])
    with pytest.raises(StatementError):
        combine_sum([1.0, 1.0], [5.0, -5.0])


def test_callers_arrays_are_not_changed() -> None:
    base = np.array([1.0, 2.0])
    emissions = inventory(["a", "b"], base, base, base, base)
    emissions.base[0] = 9
    assert base.tolist() == [1, 2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_exact_is_never_below_approximate_and_order_is_free(u: list[float]) -> None:
    exact, approximate = float(combine_product(u)), float(combine_product(u, exact=False))
    assert exact >= approximate * (1 - 1e-12)
    assert float(combine_product(u[::-1])) == pytest.approx(exact, rel=1e-12)
