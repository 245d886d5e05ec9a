"""Statements → distributions: golden cases, what is refused, and what was assumed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.model.vocabulary import StatementKind
from factordb.reference import toml
from factordb.uncertainty.assumptions import Assumption, Reason, words_of_code
from factordb.uncertainty.statements import KINDS, distribution_of, distributions_of

NAN = float("nan")
TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth"


def test_every_published_form_is_known() -> None:
    """The vocabulary of the model is the vocabulary of the engine."""
    assert {kind.value for kind in StatementKind} <= set(KINDS)


def test_words_exist_in_both_languages() -> None:
    """Every code has its sentence; no sentence is left over."""
    for lang in ("zh", "en"):
        words = toml(f"words/statement_{lang}")
        assert set(words["assumption"]) == {one.value for one in Assumption}
        assert set(words["reason"]) == {one.value for one in Reason}
        for one in (*Assumption, *Reason):
            assert bool(words_of_code(one, lang)) == (one.value != "none")


def test_spread_to_gsd2_of_real_data() -> None:
    """Domain notes 5: CV 12.226 % is GSD² 1.276; 376.9 % is 27.10."""
    for cv, gsd2 in ((12.226, 1.276), (376.9, 27.10)):
        made, assumed = distribution_of("cv_percent", 96.2, cv_percent=cv)
        assert np.exp(2 * made.parameters[0, 1]) == pytest.approx(gsd2, rel=4e-4)
        assert made.mean()[0] == pytest.approx(96.2, rel=1e-12)
        assert made.support()[0][0] == 0
        assert assumed == Assumption.LOGNORMAL_MEAN


def test_gsd2_is_exp_two_sigma() -> None:
    """Trap: GSD and GSD² taken for each other; the median stays where it is said to be the median."""
    squared, _ = distribution_of("gsd2", 2.0, gsd2=1.44, centre="median")
    plain, assumed = distribution_of("gsd", 2.0, gsd=1.2, centre="median")
    assert squared.parameters[0] == pytest.approx(plain.parameters[0])
    assert plain.median()[0] == pytest.approx(2.0)
    assert assumed == Assumption.LOGNORMAL_MEDIAN


def test_negative_values_of_fixed_sign_are_mirrored() -> None:
    """A removal of 5 kg ± 10 % is below zero with certainty."""
    made, _ = distribution_of("cv_percent", -5.0, cv_percent=10.0)
    assert (made.mean()[0], made.support()[1][0]) == (pytest.approx(-5.0), 0.0)
    made, _ = distribution_of("bounds95", -5.0, low=-7.2, high=-3.4)
    assert made.ppf([[0.025, 0.975]])[0] == pytest.approx([-7.2, -3.4])


def test_a_quantity_of_either_sign_is_normal() -> None:
    """Only where the sign may change."""
    made, assumed = distribution_of("sd", 0.0, sd=2.0, positive=False)
    assert (made.families[0], made.mean()[0], made.sd()[0], assumed) == ("normal", 0.0, 2.0, Assumption.NORMAL)


@pytest.mark.parametrize(
    ("value", "low", "high", "family", "assumed"),
    [
        (100.0, 63.0, 162.0, "lognormal", Assumption.BOUNDS_LOGNORMAL),
        (10.0, 8.0, 12.0, "normal", Assumption.BOUNDS_NORMAL),
        (10.0, 2.0, 18.0, "truncated_normal", Assumption.BOUNDS_TRUNCATED_NORMAL),
        (74_100.0, 72_600.0, 74_800.0, "triangular", Assumption.BOUNDS_TRIANGULAR),  # IPCC 2006 Vol. 2, table 1.4
        (10.0, -2.0, 22.0, "lognormal", Assumption.BOUNDS_SPREAD),
        (NAN, 8.0, 12.0, "lognormal", Assumption.BOUNDS_LOGNORMAL),
    ],
)
def test_bounds(value: float, low: float, high: float, family: str, assumed: Assumption) -> None:
    """The ends are kept as quantiles wherever the family allows it, and the support is positive."""
    made, said = distribution_of("bounds95", value, low=low, high=high, centre="median")
    assert (made.families[0], said) == (family, assumed)
    if low > 0 and family != "truncated_normal":
        assert made.ppf([[0.025, 0.975]])[0] == pytest.approx([low, high], rel=1e-9)
    assert family == "normal" or made.support()[0][0] >= 0


def test_ipcc_default_with_a_factor_of_three_each_way() -> None:
    """IPCC 2006 Vol. 2, table 2.2: CH4 of crude oil 3 [1; 10] kg/TJ is a log-normal about its median.

    A triangle with the mode at 3 would put the mean 45 % above it, a log-normal with the mean at 3 miss the bounds.
    """
    made, said = distribution_of("bounds95", 3.0, low=1.0, high=10.0)
    assert (made.families[0], said) == ("lognormal", Assumption.BOUNDS_LOGNORMAL_MEDIAN)
    assert made.ppf([[0.025, 0.5, 0.975]])[0] == pytest.approx([1.0, np.sqrt(10.0), 10.0])
    assert abs(made.median()[0] - 3.0) < 0.05 * 4.5


def test_ranges_are_edges() -> None:
    """A range bounds all values; where the value is off its middle the mean is kept if a triangle can."""
    middle, assumed = distribution_of("range", 15.0, low=10.0, high=20.0)
    assert (middle.families[0], assumed) == ("uniform", Assumption.RANGE_UNIFORM)
    assert [end[0] for end in middle.support()] == [10.0, 20.0]
    skewed, assumed = distribution_of("range", 14.0, low=10.0, high=20.0)
    assert (assumed, skewed.mean()[0]) == (Assumption.RANGE_TRIANGULAR, pytest.approx(14.0))
    far, assumed = distribution_of("range", 11.0, low=10.0, high=20.0)
    assert (assumed, far.parameters[0, 1]) == (Assumption.RANGE_MODE, 11.0)


def test_readings_give_student() -> None:
    """`student_typeA.json`: sd = (s/√n)·√((n−1)/(n−3)); below four readings there is none."""
    made, assumed = distribution_of("readings", 20.0, sd=1.5, n=10)
    assert made.sd()[0] == pytest.approx(1.5 / np.sqrt(10) * np.sqrt(9 / 7))
    assert assumed == Assumption.READINGS_STUDENT
    path = TRUTH / "student_typeA.json"
    if not path.exists():
        pytest.skip("reference values student_typeA.json are not beside the project")
    for dof, factors in json.loads(path.read_text())["t_two_sided"].items():
        if int(dof) >= 3:
            made, _ = distribution_of("readings", 0.0, sd=np.sqrt(int(dof) + 1), n=int(dof) + 1)
            for p, t in factors.items():
                assert made.ppf(0.5 + float(p) / 2)[0] == pytest.approx(t, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "fields", "field", "reason"),
    [
        ("none", {}, "value", Reason.NO_STATEMENT),
        ("guess", {}, "value", Reason.UNKNOWN_KIND),
        ("cv_percent", {"cv_percent": 0.0}, "cv_percent", Reason.NOT_POSITIVE),
        ("cv_percent", {"cv_percent": -3.0}, "cv_percent", Reason.NOT_POSITIVE),
        ("cv_percent", {"cv_percent": NAN}, "cv_percent", Reason.NO_NUMBER),
        ("cv_percent", {"cv_percent": 1e40}, "cv_percent", Reason.TOO_WIDE),
        ("cv_percent", {"value": 0.0, "cv_percent": 3.0}, "value", Reason.VALUE_ZERO),
        ("sd", {"sd": 0.0}, "sd", Reason.NOT_POSITIVE),
        ("sd", {"value": NAN, "sd": 1.0}, "value", Reason.NO_NUMBER),
        ("sd", {"value": float("inf"), "sd": 1.0}, "value", Reason.NO_NUMBER),
        ("gsd2", {"gsd2": 1.0}, "gsd2", Reason.GSD_NOT_ABOVE_ONE),
        ("gsd", {"gsd": 0.8}, "gsd", Reason.GSD_NOT_ABOVE_ONE),
        ("bounds95", {"low": 12.0, "high": 15.0}, "value", Reason.VALUE_OUTSIDE),
        ("bounds95", {"low": 12.0, "high": 8.0}, "low", Reason.OUT_OF_ORDER),
        ("bounds95", {"low": 10.0, "high": 10.0}, "low", Reason.ZERO_WIDTH),
        ("bounds95", {"low": 8.0}, "high", Reason.NO_NUMBER),
        ("range", {"low": 10.0, "high": 10.0}, "low", Reason.ZERO_WIDTH),
        ("min_mode_max", {"low": 11.0, "high": 12.0}, "value", Reason.OUT_OF_ORDER),
        ("pert", {"low": 1.0, "high": float("inf")}, "high", Reason.NO_NUMBER),
        ("pedigree", {"sigma": 0.0}, "sigma", Reason.NOT_POSITIVE),
        ("readings", {"sd": 1.0, "n": 3}, "n", Reason.TOO_FEW_READINGS),
    ],
)
def test_impossible_statements(kind: str, fields: dict[str, float], field: str, reason: Reason) -> None:
    """Refused as values in a column; as an exception for one statement; the neighbours stay."""
    value = fields.get("value", 10.0)
    others = {name: [number, number] for name, number in fields.items() if name != "value"}
    others.setdefault("cv_percent", [NAN, NAN])
    others["cv_percent"] = [others["cv_percent"][0], 5.0]
    columns: dict[str, Any] = dict(others)
    found = distributions_of([kind, "cv_percent"], [value, 10.0], **columns)
    assert (found.reasons[0], found.fields[0], found.basis[0]) == (reason, field, "none")
    assert (found.refused.tolist(), found.basis[1]) == ([True, False], "reported")
    with pytest.raises(StatementError):
        distribution_of(kind, value, **{name: number for name, number in fields.items() if name != "value"})


def test_callers_columns_are_not_changed() -> None:
    """Trap: arrays of the caller changed in place."""
    value, low, high = np.array([-5.0, 10.0]), np.array([-7.0, 8.0]), np.array([-3.0, 12.0])
    before = [one.copy() for one in (value, low, high)]
    distributions_of("bounds95", value, low=low, high=high)
    assert all(np.array_equal(a, b) for a, b in zip((value, low, high), before, strict=True))


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(0.5, 150.0), st.floats(1e-3, 1e3))
def test_units_change_nothing(value: float, cv: float, scale: float) -> None:
    """The same statement in another unit is the same distribution in that unit."""
    half = value * min(cv, 90.0) / 100
    for kind, fields in (
        ("cv_percent", {"cv_percent": cv}),
        ("bounds95", {"low": value - half, "high": value + 1.3 * half}),
    ):
        one, first = distribution_of(kind, value, **fields)
        scaled = {name: number * (1 if kind == "cv_percent" else scale) for name, number in fields.items()}
        other, second = distribution_of(kind, value * scale, **scaled)
        assert first == second
        ends = np.array([[0.025, 0.5, 0.975]])
        assert other.ppf(ends)[0] == pytest.approx(scale * one.ppf(ends)[0], rel=1e-7)
