"""Repeatability and reproducibility: a case by hand, ASTM E691's glucose A, and properties."""

from math import sqrt

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.interlaboratory import consistency, laboratories, mandel, precision

# ASTM E691, table 1, serum glucose, material A: eight laboratories, three results each
GLUCOSE_A = (
    (41.03, 41.45, 41.37),
    (41.17, 42.00, 41.15),
    (41.01, 40.68, 42.66),
    (39.37, 42.37, 42.63),
    (41.88, 41.19, 41.32),
    (43.28, 40.50, 42.28),
    (41.08, 41.27, 39.02),
    (43.36, 42.65, 41.72),
)


def glucose() -> tuple[list[float], list[str]]:
    return (
        [value for cell in GLUCOSE_A for value in cell],
        [f"lab {number}" for number, cell in enumerate(GLUCOSE_A, start=1) for _ in cell],
    )


def test_astm_e691_glucose_a() -> None:
    """Published: mean 41.5183, s of means 0.6061, s_r 1.0632, s_R 1.0632 (s_L² negative, set to zero)."""
    cells = laboratories(*glucose())
    found = precision(cells)
    assert round(found.mean, 4) == 41.5183
    assert round(float(cells.means.std(ddof=1)), 4) == 0.6061
    assert round(found.repeatability_sd, 4) == 1.0632
    assert round(found.reproducibility_sd, 4) == 1.0632
    assert found.between_variance < 0
    assert found.between_sd == 0


def test_glucose_a_is_consistent() -> None:
    cells = laboratories(*glucose())
    by_name = {test.name: test for test in consistency(cells)}
    assert by_name["Cochran"].verdict == "none"
    assert by_name["Cochran"].suspects == (3,)  # laboratory 4 scatters most
    assert by_name["Grubbs"].verdict == "none"
    h, k = mandel(cells)
    assert h.sum() == pytest.approx(0, abs=1e-9)
    assert k.argmax() == 3


def test_balanced_case_by_hand() -> None:
    """Cells (1, 3), (4, 6), (7, 9): s_i² = 2 each; means 2, 5, 8 with variance 9.

    s_r² = 2; s_L² = 9 − 2/2 = 8; s_R² = 10; u(mean) = 3/√3 = √3.
    """
    found = precision(laboratories([1, 3, 4, 6, 7, 9], list("aabbcc")))
    assert found.mean == pytest.approx(5)
    assert found.repeatability_sd == pytest.approx(sqrt(2))
    assert found.between_sd == pytest.approx(sqrt(8))
    assert found.reproducibility_sd == pytest.approx(sqrt(10))
    assert found.u_mean == pytest.approx(sqrt(3))
    assert found.reproducibility_limit == pytest.approx(2.8 * sqrt(10))
    assert found.repeatability_limit == pytest.approx(2.8 * sqrt(2))
    assert found.laboratories.balanced


def test_unbalanced_case_by_hand() -> None:
    """Cells (1, 3), (6,), (8, 9, 10): s_r² = (2 + 2)/3; mean (4 + 6 + 27)/6 = 37/6.

    Σ n(m − mean)² = 2(25/6)² + (1/6)² + 3(17/6)² = 2118/36; over p − 1 = 2: 1059/36.
    n̄ = (6 − 14/6)/2 = 11/6; s_L² = (1059/36 − 4/3)/(11/6).
    """
    found = precision(laboratories([1, 3, 6, 8, 9, 10], list("aabccc")))
    between = (1059 / 36 - 4 / 3) / (11 / 6)
    assert not found.laboratories.balanced
    assert found.mean == pytest.approx(37 / 6)
    assert found.repeatability_sd == pytest.approx(sqrt(4 / 3))
    assert found.between_variance == pytest.approx(between)
    assert found.u_mean == pytest.approx(sqrt(between * 14 / 36 + (4 / 3) / 6))


def test_suspects_are_counted_among_all_laboratories() -> None:
    cells = laboratories([5.0, 1.0, 1.1, 2.0, 9.0, 3.0, 3.1], ["single", "a", "a", "b", "b", "c", "c"])
    test = next(found for found in consistency(cells) if found.name == "Cochran")
    assert cells.names[test.suspects[0]] == "b"
    _, k = mandel(cells)
    assert np.isnan(k[0])
    assert not np.isnan(k[1:]).any()


def test_estimates_recover_what_was_simulated() -> None:
    rng = np.random.Generator(np.random.PCG64DXSM(2))
    biases = rng.normal(0, 3, 400)
    readings = 100 + np.repeat(biases, 4) + rng.normal(0, 1, 1600)
    found = precision(laboratories(readings, [f"l{number}" for number in np.repeat(np.arange(400), 4)]))
    assert found.repeatability_sd == pytest.approx(1, rel=0.06)
    assert found.between_sd == pytest.approx(3, rel=0.12)


def test_shift_leaves_precision_alone() -> None:
    values, names = glucose()
    moved = precision(laboratories(np.array(values) + 1e7, names))
    assert moved.repeatability_sd == pytest.approx(precision(laboratories(values, names)).repeatability_sd, rel=1e-7)


def test_one_laboratory_or_no_repetition_is_refused() -> None:
    with pytest.raises(StatementError):
        laboratories([1, 2, 3], ["a", "a", "a"])
    with pytest.raises(StatementError):
        laboratories([1, 2, 3], ["a", "b"])
    with pytest.raises(StatementError, match="no sample has two readings"):
        precision(laboratories([1, 2, 3], ["a", "b", "c"]))
