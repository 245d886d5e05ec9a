"""Type A evaluation against NIST StRD and student_typeA.json."""

import json
from fractions import Fraction
from math import inf, isnan, log10, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.uncertainty.measured import (
    autocorrelation,
    coverage_factor,
    mean_and_sd,
    pooled_sd,
    type_a,
)

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth"


def truth(name: str) -> Any:
    path = TRUTH / name
    if not path.exists():
        pytest.skip(f"{name} is not at hand: the shared folder does not stand beside the project")
    return json.loads(path.read_text(encoding="utf-8"))


def num_acc(number: int) -> tuple[list[str], float]:
    """The NumAcc series of NIST StRD: their construction is their definition. (Readings, resolution.)"""
    if number == 1:
        return ["10000001", "10000003", "10000002"], 1.0
    base = {2: "1.", 3: "1000000.", 4: "10000000."}[number]
    return [base + "2", *[base + "1", base + "3"] * 500], 0.1


def correct_digits(found: float, certified: float) -> float:
    return 16.0 if found == certified else -log10(abs(found - certified) / abs(certified))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_num_acc_has_all_certified_digits_once_the_resolution_is_known(number: int) -> None:
    certified = truth("nist_strd_univariate.json")["datasets"][f"numacc{number}"]["certified"]
    readings, resolution = num_acc(number)
    values = [float(reading) for reading in readings]
    mean, sd = mean_and_sd(values, resolution=resolution)
    assert correct_digits(mean, certified["mean"]) > 15
    assert correct_digits(sd, certified["sd"]) > 14.5


@pytest.mark.parametrize(("number", "digits"), [(1, 15.0), (2, 14.5), (3, 9.4), (4, 8.2)])
def test_num_acc_without_resolution_keeps_what_float64_readings_hold(number: int, digits: float) -> None:
    readings, _ = num_acc(number)
    values = [float(reading) for reading in readings]
    exact = [Fraction(value) for value in values]
    centre = sum(exact) / len(exact)
    exact_sd = sqrt(float(sum((value - centre) ** 2 for value in exact) / (len(exact) - 1)))
    mean, sd = mean_and_sd(values)
    assert correct_digits(mean, float(centre)) > 14.9
    assert correct_digits(sd, exact_sd) > 13.9  # the arithmetic loses nothing; the rest is the binary input
    assert correct_digits(sd, 1.0 if number == 1 else 0.1) > digits


def test_the_one_pass_formula_would_have_failed() -> None:
    values = np.array([float(reading) for reading in num_acc(4)[0]])
    one_pass = (np.square(values).sum() - values.sum() ** 2 / values.size) / (values.size - 1)
    assert not 0.009 < one_pass < 0.011
    assert mean_and_sd(values)[1] == pytest.approx(0.1, rel=1e-8)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_lag_one_autocorrelation_is_the_certified_one(number: int) -> None:
    certified = truth("nist_strd_univariate.json")["datasets"][f"numacc{number}"]["certified"]
    values = [float(reading) for reading in num_acc(number)[0]]
    assert autocorrelation(values, 1)[1] == pytest.approx(certified["autocorr_lag1"], rel=1e-7)


def test_type_a_examples() -> None:
    examples = truth("student_typeA.json")["examples"]
    assert len(examples) == 3
    for case in examples:
        found = type_a(case["data"])
        assert (found.n, found.dof) == (case["n"], case["nu"])
        assert found.mean == pytest.approx(case["mean"], rel=1e-14)
        assert found.sd == pytest.approx(case["s"], rel=1e-12)
        assert found.u == pytest.approx(case["u_typeA"], rel=1e-12)
        assert found.interval() == pytest.approx(case["ci95"], rel=1e-12)
        assert found.prediction_interval() == pytest.approx(case["pred_interval95"], rel=1e-12)
        sd = case["jcgm101_t_pdf_sd"]
        assert found.distribution_sd == (inf if sd is None else pytest.approx(sd, rel=1e-12))


def test_coverage_factors() -> None:
    table = truth("student_typeA.json")["t_two_sided"]
    for dof, row in table.items():
        for probability, factor in row.items():
            assert coverage_factor(float(probability), float(dof)) == pytest.approx(factor, rel=1e-10)
    assert coverage_factor(0.95) == pytest.approx(1.959963984540054, rel=1e-15)


def test_three_readings_have_an_interval_but_no_distribution_with_a_standard_deviation() -> None:
    found = type_a([0.512, 0.498, 0.505])
    assert found.distribution_sd == inf
    with pytest.raises(StatementError, match="without a finite standard deviation") as refused:
        found.student()
    assert "4 个读数" in refused.value.remedy_zh
    location, scale, dof = type_a([2.31, 2.35, 2.28, 2.4]).student()
    assert (location, dof) == (pytest.approx(2.335), 3.0)
    assert scale == pytest.approx(sqrt(0.0081 / 3) / 2, rel=1e-9)


def test_equal_readings_are_not_perfect_readings() -> None:
    found = type_a([1.5] * 6)
    assert not found.resolved
    assert isnan(found.autocorrelation)
    with pytest.raises(StatementError, match="resolution"):
        found.student()
    with pytest.raises(StatementError, match="autocorrelation"):
        autocorrelation([1.5] * 6, 1)


@pytest.mark.parametrize("bad", [[1.0], [1.0, float("nan")], [1.0, float("inf"), 2.0], []])
def test_impossible_samples_are_refused(bad: list[float]) -> None:
    with pytest.raises(StatementError):
        type_a(bad)


def test_a_resolution_the_readings_do_not_have_is_refused() -> None:
    with pytest.raises(StatementError, match="whole multiples"):
        mean_and_sd([1.0, 1.25, 1.3], resolution=0.1)
    with pytest.raises(StatementError, match="whole multiples"):
        mean_and_sd([1.0, 2.0], resolution=0.0)


def test_the_callers_array_is_not_changed() -> None:
    values = np.array([3.0, 1.0, 2.0])
    type_a(values)
    assert values.tolist() == [3.0, 1.0, 2.0]


def test_pooled_scatter() -> None:
    """s = 1 from 3 readings, s = 2 from 5: (2·1 + 4·4)/6 = 3."""
    assert pooled_sd([1.0, 2.0], [3, 5]) == (pytest.approx(sqrt(3)), 6)
    with pytest.raises(StatementError):
        pooled_sd([0.0], [1])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=30),
    st.integers(-(10**6), 10**6),
    st.integers(1, 50),
)
def test_shift_and_scale(values: list[int], shift: int, scale: int) -> None:
    mean, sd = mean_and_sd(values)
    moved_mean, moved_sd = mean_and_sd([scale * value + shift for value in values])
    assert moved_mean == pytest.approx(scale * mean + shift, rel=1e-12, abs=1e-9)
    assert moved_sd == pytest.approx(scale * sd, rel=1e-12, abs=1e-12)


def test_the_interval_covers_as_promised() -> None:
    """Over 4,000 samples of 5 normal readings, the 90 % interval covers the mean in 88.5 … 91.5 %."""
    rng = np.random.Generator(np.random.PCG64DXSM(4))
    samples = rng.normal(10.0, 2.0, (4000, 5))
    half = coverage_factor(0.90, 4) * samples.std(axis=1, ddof=1) / sqrt(5)
    covered = np.mean(np.abs(samples.mean(axis=1) - 10.0) <= half)
    assert 0.885 < covered < 0.915
    low, high = type_a(samples[0]).interval(0.90)
    assert high - low == pytest.approx(2 * half[0], rel=1e-12)
