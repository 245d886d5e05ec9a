"""Choice by clause (五): who wins, what is refused, what is said; on invented rows and on the shipped release."""

import math
from datetime import date
from pathlib import Path

import pytest

from factordb.cli.app import run
from factordb.errors import NotFoundError, UsageError
from factordb.searching import ReleasedFactors
from tests.selection.conftest import Made, row


def test_grid_electricity_of_the_shipped_release(shipped: ReleasedFactors) -> None:
    answer = shipped.choose("电力", amount=1000, unit="kWh", year=2024)
    assert (answer["outcome"], answer["factor"]["value_text"]) == ("chosen", "0.5777")
    assert answer["emission"]["value"] == pytest.approx(577.7)
    assert answer["emission"]["low95"] < 577.7 < answer["emission"]["high95"]
    assert answer["alternatives"]
    assert answer["release"]["release_id"] == "2026.1"
    assert "2026.1" in answer["citation"]["zh"]
    assert answer["factor"]["factor_id"] in answer["citation"]["en"]


def test_the_same_question_in_other_words_and_units(shipped: ReleasedFactors) -> None:
    first = shipped.choose("电力", amount=1, unit="MWh", year=2024)
    other = shipped.choose("electricity", amount=3600, unit="MJ", year=2024)
    assert first["factor"]["factor_id"] == other["factor"]["factor_id"]
    assert first["emission"]["value"] == pytest.approx(other["emission"]["value"])
    assert "unit_converted" in first["flags"]
    assert any("MWh → MJ" in line for line in first["trail"])


def test_fallback_goes_from_province_to_grid_to_nation_to_the_world(made: Made) -> None:
    everywhere = [row(code, region=code) for code in ("320000", "CN-GRID-EC", "CN", "GLO")]
    for left, (place, steps) in enumerate([("320000", []), ("CN-GRID-EC", ["region"]), ("CN", ["region"]),
                                           ("GLO", ["region"])]):  # fmt: skip
        asked = made(*everywhere[left:], name=f"2026.{left}")
        answer = asked.choose("粗钢", unit="kg", region="江苏", year=2024, boundary="cradle_to_gate")
        assert answer["factor"]["region"] == place
        assert [step["axis"] for step in answer["steps"]] == steps


def test_the_place_of_another_province_is_never_taken(made: Made) -> None:
    answer = made(row("a", region="330000")).choose("粗钢", unit="kg", region="江苏")
    assert answer["outcome"] == "none"
    assert answer["rejected"][0]["reason"]["code"] == "region"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"tier": "measured_verified", "verified": True}, {"tier": "official"}),
        ({"tier": "official", "dqr": 3.0}, {"tier": "industry", "dqr": 1.0}),
        ({"tier": "industry"}, {"tier": "literature"}),
        ({"tier": "official", "region": "GLO"}, {"tier": "literature", "region": "CN"}),
        ({"region": "CN", "dqr": 3.0}, {"region": "GLO", "dqr": 1.0}),
        ({"reference_year": 2024, "dqr": 3.0}, {"reference_year": 2020, "dqr": 1.0}),
        ({"dqr": 1.5, "shortest_low95": 1.0}, {"dqr": 2.5}),
        ({"shortest_low95": 1.9}, {"shortest_low95": 1.0}),
    ],
)
def test_the_order_of_the_clause_then_representativeness_rating_interval(
    made: Made, better: dict[str, object], worse: dict[str, object]
) -> None:
    asked = made(row("z-better", **better), row("a-worse", source_id="made_b", **worse))
    answer = asked.choose("粗钢", unit="kg", year=2024)
    assert answer["factor"]["factor_id"] == "f-z-better"
    assert answer["alternatives"][0]["factor_id"] == "f-a-worse"
    assert all(line["zh"] and line["en"] for line in answer["why"])


def test_measured_but_not_verified_ranks_as_industry_and_is_refused_unless_allowed(made: Made) -> None:
    asked = made(row("m", tier="measured_verified", verified=False), row("l", tier="literature", source_id="made_b"))
    assert asked.choose("粗钢", unit="kg")["factor"]["factor_id"] == "f-l"
    allowed = asked.choose("粗钢", unit="kg", allow_flags=["unverified_measured"])
    assert allowed["factor"]["factor_id"] == "f-m"
    assert "unverified_measured" in allowed["flags"]
    official = made(row("m", tier="measured_unverified"), row("o", source_id="made_b"), name="2026.2")
    assert official.choose("粗钢", unit="kg", allow_flags=["unverified_measured"])["factor"]["factor_id"] == "f-o"


def test_co2_only_is_never_returned_for_a_co2e_question(shipped: ReleasedFactors) -> None:
    answer = shipped.choose("天然气", unit="Nm3")
    assert (answer["outcome"], answer["factor"], answer["emission"]) == ("none", None, None)
    assert answer["rejected_by_reason"]["gas"] > 0
    allowed = shipped.choose("天然气", unit="Nm3", allow_flags=["co2_only"])
    assert "co2_only" in allowed["flags"]
    assert allowed["emission"]["unit"] == "kgCO2"
    asked = shipped.choose("天然气", unit="Nm3", gas="CO2")
    assert asked["emission"]["value"] == pytest.approx(2.0369492)
    assert "co2_only" not in asked["flags"]


def test_an_allowed_co2_factor_gives_way_to_co2e(shipped: ReleasedFactors) -> None:
    answer = shipped.choose("电力", unit="kWh", region="北京", year=2023, allow_flags=["co2_only"])
    assert answer["emission"]["unit"] == "kgCO2e"


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        ({"valid_until": date(2025, 1, 1)}, "expired"),
        ({"tier": "estimated"}, "estimated"),
        ({"boundary": "unspecified"}, "boundary_unspecified"),
    ],
)
def test_flagged_factors_are_refused_unless_allowed(made: Made, facts: dict[str, object], flag: str) -> None:
    asked = made(row("a", **facts))
    refused = asked.choose("粗钢", unit="kg")
    assert refused["outcome"] == "none"
    assert refused["rejected"][0]["reason"]["flag"] == flag
    assert flag in asked.choose("粗钢", unit="kg", allow_flags=[flag])["flags"]


def test_an_old_release_knows_what_a_newer_one_withdrew_or_replaced(made: Made) -> None:
    old = made(row("gone"), row("changed", flow="水泥", name_zh="水泥"))
    new = made(row("changed", flow="水泥", name_zh="水泥", value=3.0), name="2026.2")
    asked = ReleasedFactors(old._model, new._model)
    assert asked.choose("粗钢", unit="kg")["rejected"][0]["reason"]["flag"] == "withdrawn"
    assert asked.choose("水泥", unit="kg")["rejected"][0]["reason"]["flag"] == "superseded"
    assert asked.choose("粗钢", unit="kg", allow_flags=["withdrawn"])["outcome"] == "chosen"
    assert old.choose("粗钢", unit="kg")["outcome"] == "chosen"


def test_ambiguous_products_return_candidates_never_a_guess(shipped: ReleasedFactors) -> None:
    answer = shipped.choose("水泥熟料", unit="t", gas="CO2")
    assert (answer["outcome"], answer["factor"]) == ("ambiguous", None)
    assert len(answer["candidates"]) == 3
    named = shipped.choose("硅酸盐水泥熟料", unit="t", gas="CO2")
    assert (named["outcome"], named["factor"]["value_text"]) == ("chosen", "0.5274")
    for spelt in ("dl", "electrcity"):
        assert shipped.choose(spelt, unit="kWh")["outcome"] == "unclear"
    assert shipped.choose("qqqqqqqq")["outcome"] == "not_found"


def test_the_technology_asked_for_or_the_average(shipped: ReleasedFactors) -> None:
    solar = shipped.choose("电力", unit="kWh", technology="光伏")
    assert (solar["factor"]["value_text"], [step["axis"] for step in solar["steps"]]) == ("0.0520", ["boundary"])
    same = shipped.choose("electricity", unit="kWh", technology="solar PV")
    assert same["factor"]["factor_id"] == solar["factor"]["factor_id"]
    unknown = shipped.choose("电力", unit="kWh", technology="潮汐")
    assert (unknown["factor"]["value_text"], unknown["steps"][0]["axis"]) == ("0.5777", "technology")


POWER = {"name_zh": "电力", "name_en": "Electricity", "flow": "电力", "unit": "kgCO2e/kWh"}


def test_one_technology_gives_way_to_the_average_where_none_is_asked_for(made: Made) -> None:
    wind = row("wind", **POWER, technology="风力发电", tier="measured_verified", verified=True, value=0.02)
    grid = row("grid", **POWER, technology="全国平均", source_id="made_b", value=0.5)
    answer = made(wind, grid).choose("电力", amount=1000, unit="kWh")
    assert answer["factor"]["factor_id"] == "f-grid"
    assert "技术" in answer["why"][1]["zh"]
    assert (
        made(wind, grid, name="2026.2").choose("电力", unit="kWh", technology="风电")["factor"]["factor_id"] == "f-wind"
    )
    alone = made(wind, name="2026.3").choose("电力", unit="kWh")
    assert {"axis": "technology", "zh": "未指定技术，所用为风力发电。",
            "en": "No technology was named: this is 风力发电."} in alone["steps"]  # fmt: skip


def test_units_of_another_dimension_are_rejected_with_their_names(shipped: ReleasedFactors) -> None:
    answer = shipped.choose("电力", unit="kg")
    assert answer["outcome"] == "none"
    assert any(one["reason"]["code"] == "unit" for one in answer["rejected"])


GASES = [
    {"version_id": "v-a-2.0", "gas": "CO2", "amount_kg": 1.5, "is_co2e": False},
    {"version_id": "v-a-2.0", "gas": "CH4", "amount_kg": 0.02, "is_co2e": False},
]


def test_another_gwp_set_is_made_from_the_gases_or_refused(made: Made) -> None:
    known = made(row("a", gwp_set="AR6"), gases=GASES)
    answer = known.choose("粗钢", unit="kg", gwp_set="AR5")
    assert "recharacterised" in answer["flags"]
    assert answer["emission"]["value"] == pytest.approx(1.5 + 0.02 * 28)
    assert answer["emission"]["low95"] == pytest.approx(0.9 * (1.5 + 0.02 * 28))
    unknown = made(row("b", gwp_set="AR6"), name="2026.2")
    assert unknown.choose("粗钢", unit="kg", gwp_set="AR5")["rejected"][0]["reason"]["code"] == "gwp"


def test_gas_amounts_are_per_the_published_unit(made: Made) -> None:
    gases = [{"version_id": "v-a-2.0", "gas": "CO2", "amount_kg": 1500.0, "is_co2e": False},
             {"version_id": "v-a-2.0", "gas": "CH4", "amount_kg": 558.0, "is_co2e": True}]  # fmt: skip
    asked = made(row("a", unit="tCO2e/t", gwp_set="AR6"), gases=gases)
    answer = asked.choose("粗钢", amount=1, unit="t", gwp_set="AR5")
    assert answer["emission"]["value"] == pytest.approx(1500 + 558 / 27.9 * 28)


def test_negative_amounts_keep_the_interval_in_order(made: Made) -> None:
    emission = made(row("a")).choose("粗钢", amount=-1, unit="kg")["emission"]
    assert emission["low95"] < emission["value"] < emission["high95"]


def test_what_cannot_be_asked_is_refused(made: Made) -> None:
    asked = made(row("a"))
    for wrong in ({"unit": "furlong"}, {"unit": "kgCO2e/kg"}, {"amount": math.nan}, {"colour": "red"}):
        with pytest.raises(UsageError):
            asked.choose("粗钢", **wrong)
    for wrong in ({"amount": 1e308, "unit": "t"}, {"amount": 1e-300}, {"amount": -math.inf}, {"amount": "much"}):
        with pytest.raises(UsageError, match="is no amount"):
            asked.choose("粗钢", **wrong)
    assert asked.choose("粗钢", amount=0, unit="kg")["emission"]["value"] == 0
    for unknown in ({"region": "Atlantis"}, {"boundary": "moon"}, {"gwp_set": "AR9"}, {"allow_flags": ["x"]}):
        with pytest.raises(NotFoundError):
            asked.choose("粗钢", **unknown)
    with pytest.raises(UsageError, match="either"):
        asked.choose("")


def test_a_year_is_of_our_times_and_a_stated_year_is_never_called_unknown(made: Made) -> None:
    asked = made(row("a"))
    for year in (-7, 99999, 1899):
        with pytest.raises(UsageError, match="is no year"):
            asked.choose("粗钢", unit="kg", year=year)
    steps = {step["axis"]: step["zh"] for step in asked.choose("粗钢", unit="kg", year=1900)["steps"]}
    assert "2024" in steps["year"]
    undated = made(row("b", reference_year=None), name="2026.2").choose("粗钢", unit="kg", year=2024)
    assert "未标明数据年份" in next(step["zh"] for step in undated["steps"] if step["axis"] == "year")


def test_a_factor_by_its_identifier_is_held_to_the_same_rules(made: Made) -> None:
    asked = made(row("a"), row("b", tier="estimated"))
    assert asked.choose(factor="f-a", unit="kg")["outcome"] == "chosen"
    assert asked.choose(factor="f-b", unit="kg")["rejected"][0]["reason"]["flag"] == "estimated"
    with pytest.raises(NotFoundError):
        asked.choose(factor="f-", unit="kg")


def test_among_more_candidates_than_can_be_judged_place_and_nearest_year_are_found(made: Made) -> None:
    crowd = [row(f"c{one:03}", region="CN", reference_year=2010, dqr=1.0) for one in range(140)]
    asked = made(*crowd, row("near", region="CN", reference_year=2022, dqr=3.0), row("far", region="320000"))
    answer = asked.choose("粗钢", unit="kg", year=2023)
    assert (answer["outcome"], answer["factor"]["factor_id"]) == ("chosen", "f-near")
    assert asked.choose("粗钢", unit="kg", region="江苏", year=2010)["factor"]["factor_id"] == "f-far"


def test_a_rejected_gas_says_how_to_go_on_and_a_usable_alternative_what_it_lost_by(made: Made) -> None:
    single = row("g", kind="gas_factor", gas="CO2", unit="kgCO2/kg", gwp_set=None)
    reason = made(single).choose("粗钢", unit="kg")["rejected"][0]["reason"]
    assert "--gas CO2" in reason["zh"]
    assert "--allow co2_only" in reason["en"]
    answer = made(row("a"), row("b", dqr=3.0, source_id="made_b"), name="2026.2").choose("粗钢", unit="t")
    assert answer["alternatives"][0]["why"]["zh"] == "次于所选：数据质量评分较差。"
    assert {"flag": "unit_converted", "zh": "单位经换算", "en": "the unit was converted"} in answer["flags_said"]


def test_the_command_names_the_original_source_and_the_flags_in_words(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(row("a"))
    assert run(["factor", "choose", "粗钢", "--unit", "t", "--release-folder", str(tmp_path / "releases/2026.1")]) == 0
    said = capsys.readouterr().out
    assert "虚构甲，x!A1" in said or "虚构甲, x!A1" in said
    assert "单位经换算" in said or "the unit was converted" in said


def test_a_crowd_of_one_technology_does_not_hide_the_average(made: Made) -> None:
    crowd = [row(f"w{one:03}", **POWER, technology="风力发电", tier="measured_verified", verified=True, value=0.02)
             for one in range(140)]  # fmt: skip
    grid = row("grid", **POWER, technology="全国平均", source_id="made_b", value=0.5, dqr=3.0)
    assert made(*crowd, grid).choose("电力", unit="kWh")["factor"]["factor_id"] == "f-grid"


def test_a_beginning_of_several_names_is_said_to_be_so_and_kinds_have_chinese_names(made: Made) -> None:
    asked = made(row("a1"), row("a2"))
    with pytest.raises(NotFoundError) as several:
        asked.choose(factor="f-a", unit="kg")
    assert several.value.problem_zh == "'f-a' 对应多个已发布因子"
    assert "f-a2" in several.value.remedy_zh
    with pytest.raises(NotFoundError) as unknown:
        asked.choose("粗钢", gwp_set="AR7")
    assert unknown.value.problem_zh == "没有名为 'AR7' 的GWP 版本"
    with pytest.raises(NotFoundError, match="there is no gas"):
        asked.choose("粗钢", gas="Xe")


def test_goods_are_found_by_their_usual_names(made: Made) -> None:
    asked = made(row("al", flow="未锻轧铝(原铝)", name_zh="铝:未锻轧铝(原铝)"),
                 row("raw", flow="原煤", name_zh="原煤", name_en="x"),
                 row("tce", flow="标准煤", name_zh="标准煤", name_en="y"))  # fmt: skip
    for words, name in (("铝锭", "f-al"), ("raw coal", "f-raw"), ("标煤", "f-tce"), ("tce", "f-tce")):
        assert asked.search(words)["hits"][0]["factor_id"] == name
