"""Published triples of bounds: which family keeps the centre."""

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.uncertainty.ipcc_bounds import Family, fit_bounds, triangular_edges

Z = 1.959963984540054


def triangular_cdf(x: float, left: float, mode: float, right: float) -> float:
    if x <= mode:
        return max(x - left, 0.0) ** 2 / ((right - left) * (mode - left))
    return 1 - max(right - x, 0.0) ** 2 / ((right - left) * (right - mode))


def test_gas_oil_is_skewed_to_the_left() -> None:
    """IPCC 2006 Vol. 2 table 1.4: 74 100 kg/TJ, 72 600 to 74 800: the log-normal misses by −0.55 % of the value."""
    found = fit_bounds(72_600, 74_100, 74_800)
    assert found.family.tolist() == [Family.TRIANGULAR]
    missed = found.lognormal_centre_error[0] * (74_800 - 72_600) / 2
    assert round(100 * missed / 74_100, 2) == -0.55
    left, mode, right = found.parameters[0]
    assert mode == 74_100
    assert triangular_cdf(72_600, left, mode, right) == pytest.approx(0.025, rel=1e-12)
    assert triangular_cdf(74_800, left, mode, right) == pytest.approx(0.975, rel=1e-12)


def test_a_true_lognormal_is_recognised() -> None:
    low, high = np.exp(1 - Z * 0.4), np.exp(1 + Z * 0.4)
    found = fit_bounds(low, np.exp(1), high)
    assert found.family.tolist() == [Family.LOGNORMAL]
    assert found.parameters[0, :2] == pytest.approx([1, 0.4], rel=1e-12)
    by_mean = fit_bounds(low, np.exp(1 + 0.08), high, kind="mean")
    assert by_mean.family.tolist() == [Family.LOGNORMAL]
    assert by_mean.lognormal_centre_error[0] == pytest.approx(0, abs=1e-12)


def test_symmetric_bounds_are_normal_also_around_zero() -> None:
    found = fit_bounds([-1.0, 0.0], [0.0, 10.0], [1.0, 20.0])
    assert found.family.tolist() == [Family.NORMAL] * 2
    assert found.parameters[0, :2] == pytest.approx([0, 1 / Z])
    assert found.mass_below_zero.tolist() == pytest.approx([0.5, 0.025])
    assert np.isnan(found.lognormal_centre_error).all()


def test_bounds_out_of_order_are_refused_as_values() -> None:
    found = fit_bounds([2, 1, 1, np.nan], [1, 1, 5, 1], [3, 1, 3, 3])
    assert found.family.tolist() == [Family.REFUSED] * 4
    assert np.isnan(found.parameters).all()
    with pytest.raises(StatementError):
        fit_bounds([1], [1, 2], [3])
    with pytest.raises(StatementError):
        fit_bounds([1], [2], [3], probability=95)


def test_the_bounds_are_quantiles_not_edges() -> None:
    """Symmetric triangular of edges 0 and 1: 2.5 % quantile √(0.025/2) = 0.1118."""
    quantile = sqrt(0.0125)
    left, right = triangular_edges([quantile], [0.5], [1 - quantile])
    assert (left[0], right[0]) == (pytest.approx(0, abs=1e-13), pytest.approx(1))


def test_mass_below_zero_is_said() -> None:
    found = fit_bounds(1.0, 15.0, 20.0)
    assert found.family.tolist() == [Family.TRIANGULAR]
    left, mode, right = found.parameters[0]
    assert left < 0
    assert found.mass_below_zero[0] == pytest.approx(triangular_cdf(0, left, mode, right), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.floats(0.5, 0.99), st.floats(0.1, 1e6))
def test_triangular_keeps_both_quantiles(where: float, probability: float, width: float) -> None:
    low, high = 100.0, 100.0 + width
    mode = low + where * width
    left, right = triangular_edges(low, mode, high, probability=probability)
    tail = (1 - probability) / 2
    assert triangular_cdf(low, float(left), mode, float(right)) == pytest.approx(tail, rel=1e-7)
    assert 1 - triangular_cdf(high, float(left), mode, float(right)) == pytest.approx(tail, rel=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 10), st.floats(0.02, 0.98), st.floats(1.05, 20), st.floats(1e-3, 1e3))
def test_scale_changes_no_choice(low: float, where: float, ratio: float, scale: float) -> None:
    high = low * ratio
    centre = low + where * (high - low)
    plain, scaled = fit_bounds(low, centre, high), fit_bounds(low * scale, centre * scale, high * scale)
    if abs(abs(plain.lognormal_centre_error[0]) - 0.05) > 1e-9 and abs(abs(2 * where - 1) - 0.05) > 1e-9:
        assert plain.family[0] == scaled.family[0]
    if plain.family[0] == Family.LOGNORMAL == scaled.family[0]:
        assert scaled.parameters[0, 0] == pytest.approx(plain.parameters[0, 0] + log(scale), abs=1e-9)
