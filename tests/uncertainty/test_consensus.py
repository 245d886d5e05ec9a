"""Consensus values against the BCG vaccine trials (Colditz 1994, as published with metafor) and by hand."""

from math import inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.uncertainty.consensus import METHODS, combine, consensus, degrees_of_equivalence, heterogeneity

# Colditz et al. 1994: cases and non-cases, vaccinated and control, 13 trials
BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)


def bcg() -> tuple[list[float], list[float]]:
    """Logarithm of the risk ratio of each trial and its standard uncertainty."""
    values, deviations = [], []
    for ill, well, control_ill, control_well in BCG:
        treated, control = ill + well, control_ill + control_well
        values.append(log(ill / treated) - log(control_ill / control))
        deviations.append(sqrt(1 / ill - 1 / treated + 1 / control_ill - 1 / control))
    return values, deviations


def test_bcg_dersimonian_laird() -> None:
    """metafor: tau² 0.3088, estimate −0.7141, se 0.1787, ci −1.0644 … −0.3638."""
    found = consensus(*bcg(), "dersimonian-laird")
    assert found.between_variance == pytest.approx(0.30876026, abs=5e-9)
    assert found.value == pytest.approx(-0.71411722, abs=5e-9)
    assert found.u == pytest.approx(0.17874209, abs=5e-9)
    assert [round(end, 4) for end in found.interval()] == [-1.0644, -0.3638]


def test_bcg_fixed_effect_and_q() -> None:
    """metafor: Q 152.2330 with 12 degrees of freedom, I² 92.12 %; fixed −0.4303, se 0.0405."""
    spread = heterogeneity(*bcg())
    assert spread.q == pytest.approx(152.233008, abs=5e-7)
    assert round(100 * spread.i_squared, 2) == 92.12
    assert spread.birge_ratio == pytest.approx(sqrt(152.233008 / 12), rel=1e-8)
    assert spread.p_value < 1e-4
    fixed = consensus(*bcg(), "weighted")
    assert fixed.value == pytest.approx(-0.43028516, abs=5e-9)
    assert fixed.u == pytest.approx(0.04049875, abs=5e-9)
    assert fixed.dof == inf


def test_bcg_mandel_paule() -> None:
    """metafor, method PM: tau² 0.3181."""
    found = consensus(*bcg(), "mandel-paule")
    assert found.between_variance == pytest.approx(0.31806845, abs=5e-9)
    values, u = bcg()
    widened = np.sqrt(np.square(u) + found.between_variance)
    assert heterogeneity(values, widened).q == pytest.approx(12, rel=1e-12)


def test_three_laboratories_by_hand() -> None:
    """Values 1, 2, 6 with u = 1: mean 3, Q = 4 + 1 + 9 = 14, R_B = √7, τ² = (14 − 2)/(3 − 1) = 6."""
    x, u = [1, 2, 6], [1, 1, 1]
    spread = heterogeneity(x, u)
    assert (spread.q, spread.birge_ratio) == (pytest.approx(14), pytest.approx(sqrt(7)))
    assert spread.i_squared == pytest.approx(1 - 2 / 14)
    by_method = {found.method: found for found in combine(x, u)}
    assert tuple(by_method) == METHODS
    assert all(found.value == pytest.approx(3) for found in by_method.values())
    assert by_method["arithmetic"].u == pytest.approx(sqrt(7 / 3))
    assert by_method["weighted"].u == pytest.approx(1 / sqrt(3))
    assert by_method["birge"].u == pytest.approx(sqrt(7 / 3))
    assert by_method["dersimonian-laird"].between_variance == pytest.approx(6)
    assert by_method["mandel-paule"].between_variance == pytest.approx(6)
    assert by_method["arithmetic"].dof == 2


def test_agreement_is_not_rewarded() -> None:
    """Where results agree better than stated, no method goes below the weighted mean's uncertainty."""
    x, u = [1.00, 1.01, 0.99], [1, 1, 1]
    floor = consensus(x, u, "weighted").u
    for method in ("birge", "dersimonian-laird", "mandel-paule"):
        found = consensus(x, u, method)
        assert found.u == pytest.approx(floor)
        assert found.between_variance == 0


def test_degrees_of_equivalence_by_hand() -> None:
    """Weighted mean of k like results: u²(d) = u² − u²/k."""
    reference = consensus([1, 2, 6], [1, 1, 1], "weighted")
    distance, deviation = degrees_of_equivalence([1, 2, 6], [1, 1, 1], reference)
    assert distance.tolist() == pytest.approx([-2, -1, 3])
    assert deviation.tolist() == pytest.approx([sqrt(2 / 3)] * 3)


@pytest.mark.parametrize(
    ("x", "u"), [([1], [1]), ([1, 2], [1]), ([1, 2], [1, 0]), ([1, 2], [1, -1]), ([1, float("nan")], [1, 1])]
)
def test_what_cannot_be_combined_is_refused(x: list[float], u: list[float]) -> None:
    with pytest.raises(StatementError):
        combine(x, u)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10)), min_size=2, max_size=12),
    st.floats(0.01, 100),
    st.floats(-1000, 1000),
)
def test_scale_shift_and_order(pairs: list[tuple[float, float]], scale: float, shift: float) -> None:
    x = np.array([value for value, _ in pairs])
    u = np.array([deviation for _, deviation in pairs])
    for plain, moved in zip(combine(x, u), combine(scale * x[::-1] + shift, scale * u[::-1]), strict=True):
        assert moved.value == pytest.approx(scale * plain.value + shift, rel=1e-7, abs=1e-7 * scale)
        assert moved.u == pytest.approx(scale * plain.u, rel=1e-6, abs=1e-9)
        assert x.min() - 1e-9 <= plain.value <= x.max() + 1e-9
        assert plain.weights.sum() == pytest.approx(1)
