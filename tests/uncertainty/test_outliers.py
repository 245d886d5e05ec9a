"""Outlier tests against outlier_tests.json and tables of ISO 5725-2."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.uncertainty.outliers import (
    cochran,
    cochran_critical,
    grubbs,
    grubbs_critical,
    grubbs_pair,
    grubbs_pair_critical,
    mandel_h,
    mandel_h_critical,
    mandel_k,
    mandel_k_critical,
)

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth" / "outlier_tests.json"


@pytest.fixture(scope="module")
def truth() -> Any:
    if not TRUTH.exists():
        pytest.skip("outlier_tests.json is not at hand: the shared folder does not stand beside the project")
    return json.loads(TRUTH.read_text(encoding="utf-8"))


def test_grubbs_critical_values(truth: Any) -> None:
    assert len(truth["grubbs"]) >= 38
    for n, row in truth["grubbs"].items():
        assert grubbs_critical(int(n), 0.05) == pytest.approx(row["a05"], rel=1e-9)
        assert grubbs_critical(int(n), 0.01) == pytest.approx(row["a01"], rel=1e-9)
        assert grubbs_critical(int(n), 0.05, two_sided=False) == pytest.approx(row["one_sided_05"], rel=1e-9)
        assert grubbs_critical(int(n), 0.01, two_sided=False) == pytest.approx(row["one_sided_01"], rel=1e-9)


def test_cochran_critical_values(truth: Any) -> None:
    for p, columns in truth["cochran"].items():
        for n, row in columns.items():
            assert cochran_critical(int(p), int(n), 0.05) == pytest.approx(row["a05"], rel=1e-9)
            assert cochran_critical(int(p), int(n), 0.01) == pytest.approx(row["a01"], rel=1e-9)


def test_mandel_critical_values(truth: Any) -> None:
    for p, row in truth["mandel"].items():
        assert mandel_h_critical(int(p), 0.05) == pytest.approx(row["h05"], rel=1e-9)
        assert mandel_h_critical(int(p), 0.01) == pytest.approx(row["h01"], rel=1e-9)
        for n, cell in row["k"].items():
            assert mandel_k_critical(int(p), int(n), 0.05) == pytest.approx(cell["k05"], rel=1e-9)
            assert mandel_k_critical(int(p), int(n), 0.01) == pytest.approx(cell["k01"], rel=1e-9)


@pytest.mark.parametrize(
    ("n", "printed_5", "printed_1"),
    [(5, 0.0090, 0.0018), (6, 0.0349, 0.0116), (7, 0.0708, 0.0308), (8, 0.1101, 0.0563), (10, 0.1864, 0.1150)],
)
def test_pair_critical_value_stays_below_the_print(n: int, printed_5: float, printed_1: float) -> None:
    """ISO 5725-2 table 5, double Grubbs test, lower critical values at 5 % and 1 %."""
    for alpha, printed in ((0.05, printed_5), (0.01, printed_1)):
        found = grubbs_pair_critical(n, alpha)
        assert 0.90 * printed < found < 1.005 * printed


def test_the_pair_test_keeps_its_significance() -> None:
    """20,000 normal samples of 8: 2.5 % promised per side, the bound may only reject less."""
    rng = np.random.Generator(np.random.PCG64DXSM(11))
    samples = np.sort(rng.standard_normal((20_000, 8)), axis=1)
    ratio = samples[:, :-2].var(axis=1) * 6 / (samples.var(axis=1) * 8)
    rejected = np.mean(ratio < grubbs_pair_critical(8, 0.05))
    assert 0.015 < rejected < 0.026


def test_grubbs_finds_the_planted_outlier_and_removes_nothing() -> None:
    readings = np.array([10.1, 10.0, 9.9, 10.05, 9.95, 12.0])
    found = grubbs(readings)
    assert (found.verdict, found.suspects) == ("outlier", (5,))
    assert found.p_value < 0.01
    assert grubbs(readings, side="low").verdict == "none"
    assert grubbs(readings, side="high").p_value == pytest.approx(found.p_value / 2, rel=1e-9)
    assert readings.size == 6


def test_p_value_and_critical_value_agree() -> None:
    n = 9
    for alpha in (0.05, 0.01):
        target = grubbs_critical(n, alpha)
        # eight readings at ±1 and one moved until its statistic is the critical value
        low, high = 1.0, 1e6
        for _ in range(200):
            middle = (low + high) / 2
            found = grubbs([1, -1] * 4 + [middle])
            low, high = (middle, high) if found.statistic < target else (low, middle)
        assert found.p_value == pytest.approx(alpha, rel=1e-6)


def test_two_outliers_that_mask_each_other() -> None:
    readings = [10.1, 10.0, 9.9, 10.05, 9.95, 10.02, 12.0, 12.1]
    assert grubbs(readings).verdict == "none"
    largest, smallest = grubbs_pair(readings)
    assert (largest.verdict, set(largest.suspects)) == ("outlier", {6, 7})
    assert smallest.verdict == "none"


def test_cochran_on_a_case_by_hand() -> None:
    """Variances 1, 1, 1, 9: C = 9/12; p = 4, n = 3: 5 % value 0.768, 1 % value 0.864 (ISO 5725-2 table 4)."""
    found = cochran([1, 1, 1, 3], 3)
    assert found.statistic == pytest.approx(0.75)
    assert (found.verdict, found.suspects) == ("none", (3,))
    assert (round(found.critical_5, 3), round(found.critical_1, 3)) == (0.768, 0.864)
    assert cochran([1, 1, 1, 4], 3).verdict == "straggler"
    assert found.p_value == pytest.approx(4 * 0.25**3, rel=1e-9)  # shares are Beta(1, 3)


def test_mandel_statistics() -> None:
    assert mandel_h([1.0, 2.0, 3.0]).tolist() == [-1, 0, 1]
    assert mandel_k([1.0, 1.0, 1.0]).tolist() == [1, 1, 1]
    assert np.square(mandel_k([0.2, 0.5, 0.9])).sum() == pytest.approx(3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: grubbs([1, 1, 1]),
        lambda: grubbs([1, 2]),
        lambda: grubbs_pair([1, 2, 3]),
        lambda: cochran([0, 0], 3),
        lambda: mandel_k([0, 0]),
        lambda: grubbs_critical(5, 0.0),
        lambda: cochran_critical(1, 3, 0.05),
        lambda: mandel_h_critical(2, 0.05),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Any) -> None:
    with pytest.raises(StatementError):
        ask()
