"""Comparison: like with like, refusals with their reasons, the joint interval."""

import math
from typing import Any

import pytest

from factordb.errors import NotFoundError
from factordb.selection.comparison import joint_interval
from tests.selection.conftest import Made, row


def _verdicts(answer: dict[str, Any], axis: str) -> str:
    return next(one["verdict"] for one in answer["comparisons"][0]["axes"] if one["axis"] == axis)


def test_like_factors_of_two_countries_are_compared(made: Made) -> None:
    asked = made(row("cn", value=2.0), row("gb", value=1.0, region="GB", unit="tCO2e/t", source_id="made_b"))
    answer = asked.compare("f-cn")
    found = answer["comparisons"][0]
    assert found["comparable"]
    assert found["difference"]["value"] == pytest.approx(1.0)
    assert found["difference"]["distinct"]
    half = math.hypot(0.2, 0.1)
    assert found["difference"]["low95"] == pytest.approx(1 - half)
    assert found["difference"]["high95"] == pytest.approx(1 + half)
    assert len(found["notes"]) == 1


def test_a_difference_within_the_uncertainty_is_said_to_be_so(made: Made) -> None:
    asked = made(row("cn", value=2.0), row("gb", value=1.95, region="GB"))
    assert asked.compare("f-cn", "f-gb")["comparisons"][0]["difference"]["distinct"] is False


@pytest.mark.parametrize(
    ("axis", "facts", "verdict"),
    [
        ("boundary", {"boundary": "direct"}, "differs"),
        ("boundary", {"boundary": "unspecified"}, "unknown"),
        ("gwp_set", {"gwp_set": "AR5"}, "differs"),
        ("gwp_set", {"gwp_set": None}, "unknown"),
        ("gas", {"kind": "gas_factor", "gas": "CO2", "unit": "kgCO2/kg", "gwp_set": None}, "differs"),
        ("unit", {"unit": "kgCO2e/kWh"}, "differs"),
        ("year", {"reference_year": 2010}, "differs"),
        ("technology", {"technology": "electric arc furnace"}, "differs"),
        ("product", {"flow": "水泥"}, "differs"),
        ("direction", {"direction": "credit"}, "differs"),
    ],
)
def test_what_must_not_be_compared_is_refused_with_the_reason(
    made: Made, axis: str, facts: dict[str, object], verdict: str
) -> None:
    asked = made(row("cn", technology="blast furnace"), row("gb", **{"technology": "blast furnace", **facts}))
    answer = asked.compare("f-cn", "f-gb")
    assert _verdicts(answer, axis) == verdict
    assert (answer["comparisons"][0]["comparable"], answer["comparisons"][0]["difference"]) == (False, None)


def test_years_apart_but_near_are_remarked(made: Made) -> None:
    answer = made(row("cn"), row("gb", reference_year=2021)).compare("f-cn", "f-gb")
    assert _verdicts(answer, "year") == "remark"
    assert answer["comparisons"][0]["comparable"]


def test_different_sets_compare_once_both_are_made_from_their_gases(made: Made) -> None:
    gases = [{"version_id": name, "gas": gas, "amount_kg": amount, "is_co2e": False}
             for name in ("v-cn-2.0", "v-gb-2.0") for gas, amount in (("CO2", 1.5), ("CH4", 0.02))]  # fmt: skip
    answer = made(row("cn"), row("gb", gwp_set="AR5", region="GB"), gases=gases).compare("f-cn", "f-gb", gwp_set="AR5")
    assert answer["comparisons"][0]["comparable"]
    assert answer["comparisons"][0]["difference"]["value"] == pytest.approx(0)


def test_a_factor_of_the_world_finds_its_like_in_a_country(made: Made) -> None:
    asked = made(row("world", region="GLO"), row("cn"), row("twin", region="GLO", source_id="made_b"))
    found = asked.compare("f-world")["comparisons"]
    assert [one["second"]["factor_id"] for one in found] == ["f-cn"]


def test_a_set_that_a_side_lacks_is_unknown_and_one_that_nobody_knows_is_refused(made: Made) -> None:
    asked = made(row("cn", gwp_set=None), row("gb", region="GB", gwp_set=None), row("fr", region="FR"))
    lacking = asked.compare("f-cn", "f-gb", gwp_set="AR6")["comparisons"][0]["axes"]
    axis = next(one for one in lacking if one["axis"] == "gwp_set")
    assert (axis["verdict"], axis["zh"]) == ("unknown", "GWP 版本未知：未说明 与 未说明，无法确认可比。")
    other = made(row("x"), row("y", region="GB"), name="2026.2").compare("f-x", "f-y", gwp_set="AR5")
    told = next(one for one in other["comparisons"][0]["axes"] if one["axis"] == "gwp_set")
    assert (told["verdict"], "AR5" in told["zh"], "不同" in told["zh"]) == ("differs", True, False)
    with pytest.raises(NotFoundError, match="AR5"):
        asked.compare("f-cn", gwp_set="FOO")


def test_nothing_abroad_to_compare_with_is_said(made: Made) -> None:
    answer = made(row("cn"), row("js", region="320000")).compare("f-cn")
    assert answer["comparisons"] == []
    assert answer["words"][0]["zh"]


def test_the_joint_interval_keeps_skew_and_needs_both() -> None:
    one = {"value": 10.0, "low95": 9.0, "high95": 14.0}
    other = {"value": 5.0, "low95": 2.0, "high95": 6.0}
    assert joint_interval(one, other) == pytest.approx((5 - math.hypot(1, 1), 5 + math.hypot(4, 3)))
    assert joint_interval(one, {**other, "low95": None}) == (None, None)
