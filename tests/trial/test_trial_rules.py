"""Rules of clauses (二)–(四) on inventories: each kept by the base, broken by one change; no input is guessed at."""

from typing import Any

import pytest

from factordb.errors import UsageError
from factordb.footprinting import trial_of
from factordb.searching import ReleasedFactors
from factordb.trial.finding import finding_words
from factordb.trial.footprint import trial
from factordb.trial.inventory import inventory_of
from tests.trial.conftest import BASE, NOTHING, Change, more, of_study, on, stated

CERTIFICATE = {"id": "gec", "line": "power", "kind": "green_certificate", "numbers": ["G-1"], "amount": 400,
               "unit": "kWh", "year": 2024, "own_value": 0.05, "own_unit": "kgCO2e/kWh", "own_gwp_set": "AR6",
               "own_source": "虚构 F", "own_cv_percent": 5}  # fmt: skip
RESIDUAL = {"id": "rest", "line": "power", "kind": "residual_mix", "own_value": 0.7, "own_unit": "kgCO2e/kWh",
            "own_gwp_set": "AR6", "own_source": "虚构 G", "own_cv_percent": 5}  # fmt: skip
SHARES = ({"id": "a", "method": "economic", "product": "x", "share": 0.8, "studied": True, "reason": "无物理关系"},
          {"id": "a", "method": "economic", "product": "y", "share": 0.2})  # fmt: skip


def codes(*changes: Change) -> list[str]:
    return [one["code"] for one in trial(stated(*changes), NOTHING)["findings"]]


def test_the_base_breaks_no_rule() -> None:
    assert codes() == []


BROKEN: list[tuple[str, tuple[Change, ...]]] = [
    ("TRL001", (of_study(end_product=True),)),
    ("TRL001", (of_study(boundary="cradle_to_grave"),)),
    ("TRL002", (lambda told: told["line"].pop(2),)),
    ("TRL003", (on("waste", stage="end_of_life"),)),
    ("TRL004", (on("waste", emission_class="process"),)),
    ("TRL010", (on("ore", tier=None),)),
    ("TRL011", (on("truck", source_kind="measured"),)),
    ("TRL012", (on("truck", source_kind="estimate"),)),
    ("TRL013", (on("ore", source=None),)),
    ("TRL014", (on("ore", uncertainty=None, cv_percent=None),)),
    ("TRL015", (*(on(one, tier="secondary", source_kind="statistics") for one in ("ore", "power", "kiln")),)),
    ("TRL020", (more("contract", CERTIFICATE, {**CERTIFICATE, "id": "again", "amount": 1}, RESIDUAL),)),
    ("TRL020", (more("contract", {**CERTIFICATE, "numbers": ["G-1", "G-1"]}, RESIDUAL),)),
    ("TRL021", (more("contract", {**CERTIFICATE, "amount": 1001}, RESIDUAL),)),
    ("TRL022", (more("contract", {**CERTIFICATE, "year": 2023}, RESIDUAL),)),
    ("TRL023", (more("contract", CERTIFICATE),)),
    ("TRL024", (on("power", grid_losses=None),)),
    ("TRL025", (more("contract", {**CERTIFICATE, "line": "ore"}, RESIDUAL),)),
    ("TRL026", (more("contract", {**CERTIFICATE, "numbers": []}, RESIDUAL),)),
    ("TRL027", (more("contract", RESIDUAL, {**RESIDUAL, "id": "other", "own_value": 0.1}),)),
    *(
        ("TRL020", (more("contract", {**CERTIFICATE, "numbers": ["GEC-2024-01", again]}, RESIDUAL),))
        for again in ("gec-2024-01", "GEC 2024 01", "ＧＥＣ–2024–01", "GEC202401")
    ),
    ("TRL028", (on("power", electricity=None, grid_losses=None, name="外购电力"),)),
    ("TRL029", (on("power", amount=-1),)),
    ("TRL029", (on("power", unit="t", own_unit="kgCO2e/t"),)),
    ("TRL030", (on("ore", own_value=None),)),
    ("TRL031", (on("ore", product="矿石"),)),
    ("TRL034", (on("ore", unit="kWh"),)),
    ("TRL034", (on("ore", unit="箩筐"),)),
    ("TRL034", (on("ore", own_unit="GJ/t"),)),
    ("TRL036", (on("ore", own_gwp_set="AR5"),)),
    ("TRL037", (on("ore", own_unit="kgCO2/kg"),)),
    ("TRL040", (on("ore", own_source=None),)),
    ("TRL041", (on("ore", own_cv_percent=None),)),
    ("TRL042", (on("ore", own_boundary="direct"),)),
    ("TRL043", (on("ore", own_value=-0.1),)),
    ("TRL050", (more("allocation", SHARES[0], {**SHARES[1], "share": 0.3}), on("ore", allocation="a"))),
    ("TRL051", (more("allocation", SHARES[0], {**SHARES[1], "studied": True}), on("ore", allocation="a"))),
    ("TRL051", (on("ore", allocation="b"),)),
    ("TRL052", (more("allocation", {**SHARES[0], "reason": ""}, SHARES[1]), on("ore", allocation="a"))),
    ("TRL053", (more("cut_off", {"name": "油漆", "stage": "manufacture", "reason": "少"}),)),
    ("TRL054", (more("cut_off", {"name": "油漆", "stage": "manufacture", "reason": "少", "share": 0.02}),)),
    ("TRL055", (more("allocation", SHARES[0], {**SHARES[1], "method": "energy"}), on("ore", allocation="a"))),
    ("TRL060", (of_study(standard="电解铝碳足迹标准"),)),
]


@pytest.mark.parametrize(("code", "changes"), BROKEN, ids=[f"{code}-{at}" for at, (code, _) in enumerate(BROKEN)])
def test_one_change_breaks_one_rule(code: str, changes: tuple[Change, ...]) -> None:
    found = trial(stated(*changes), NOTHING)
    assert code in [one["code"] for one in found["findings"]]
    blocks = finding_words()[code]["severity"] == "block"
    assert not (blocks and found["usable"])
    for one in found["findings"]:
        assert all(one[f"{part}_{lang}"] for part in ("title", "said", "why", "fix") for lang in ("zh", "en"))
        assert one["place"]


def test_certificates_within_their_rules_break_none() -> None:
    assert codes(more("contract", CERTIFICATE, RESIDUAL)) == []


def test_every_rule_has_a_test_here() -> None:
    asked_of_a_release = {"TRL032", "TRL033", "TRL035", "TRL038", "TRL039", "TRL070", "TRL071", "TRL072"}
    assert {code for code, _ in BROKEN} | asked_of_a_release == set(finding_words())


def test_power_made_on_site_says_so_and_fuel_in_energy_units_is_no_electricity() -> None:
    made = on("power", electricity=False, grid_losses=None, name="自备光伏电力")
    fuel = on("power", electricity=None, grid_losses=None, name="天然气")
    assert codes(made) == codes(fuel) == []


def test_findings_name_their_places_in_the_words_of_each_language() -> None:
    found = trial(
        stated(more("contract", CERTIFICATE, {**CERTIFICATE, "id": "b"}), on("ore", own_gwp_set=None)), NOTHING
    )
    said = {one["code"]: one for one in found["findings"]}
    assert (said["TRL020"]["said_zh"], said["TRL020"]["place"]) == (
        "证书 gec、证书 b 重复使用编号 G-1。", "contract gec; contract b")  # fmt: skip
    assert said["TRL023"]["said_zh"].startswith("清单行 power ")
    assert said["TRL023"]["said_en"].startswith("line power ")
    assert "清单行 ore 的因子未说明 GWP 版本" in said["TRL036"]["said_zh"]
    assert "states no GWP set" in said["TRL036"]["said_en"]


def _of_release(release: ReleasedFactors, **cells: Any) -> list[dict[str, Any]]:
    kept = dict.fromkeys(("own_value", "own_unit", "own_gwp_set", "own_source", "own_cv_percent"))
    return list(trial_of(release, stated(on("power", **{**kept, **cells})))["findings"])


def test_a_name_that_fits_several_returns_candidates_and_no_result(trial_release: ReleasedFactors) -> None:
    [one] = [one for one in _of_release(trial_release, product="发电碳足迹因子") if one["severity"] == "block"]
    assert one["code"] == "TRL032"
    assert len(one["candidates"]) > 1


def test_a_wrong_unit_names_both_dimensions(trial_release: ReleasedFactors) -> None:
    [one] = [
        one
        for one in _of_release(trial_release, product="全国电力平均碳足迹因子", unit="t", electricity=None)
        if one["severity"] == "block"
    ]
    assert one["code"] == "TRL034"
    assert "t" in one["said_zh"]
    assert "kWh" in one["said_en"] or "energy" in one["said_en"] or "MJ" in one["said_en"]


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("TRL033", {"product": "并不存在的产品甲乙丙"}),
        ("TRL033", {"factor": "0000000000"}),
        ("TRL033", {"product": "全国电力平均二氧化碳排放因子", "gas": "CO2e", "factor_boundary": "cradle_to_grave"}),
        ("TRL038", {"product": "全国电力平均碳足迹因子", "year": 2030}),
    ],
)
def test_what_a_release_cannot_answer_is_a_finding(
    trial_release: ReleasedFactors, code: str, cells: dict[str, Any]
) -> None:
    [one, *_] = [one for one in _of_release(trial_release, **cells) if one["code"] == code]
    assert code != "TRL038" or "在数据年份上有回退" in one["said_zh"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told["study"].update(gwpset="AR6"), "gwp_set"),
        (lambda told: told["line"][0].update(amuont=1), "amount"),
        (lambda told: told.update(lines=[]), "line"),
        (lambda told: told["line"][0].update(stage="raw_material"), "raw_materials"),
        (lambda told: told["line"][0].update(amount="约2"), "number"),
        (lambda told: told["line"][0].update(amount=float("nan")), "number"),
        (lambda told: told["line"][0].update(grid_losses=1.2), "0.9"),
        (lambda told: told["line"][1].update(id="ore"), "ore"),
        (more("contract", CERTIFICATE, {**RESIDUAL, "id": "gec"}), "contracts share the identifier gec"),
        (lambda told: told["study"].pop("year"), "year"),
        (of_study(year=1800), "1900 … 2200"),
        (of_study(year=20240), "1900 … 2200"),
        (lambda told: told["study"].update(amount=0), "positive"),
        (lambda told: told["study"].update(samples=1), "1000000"),
        (lambda told: told.update(line=[]), "[[line]]"),
        (lambda told: told.update(study=[]), "[study]"),
    ],
)
def test_what_cannot_be_read_is_refused_in_both_languages(change: Change, words: str) -> None:
    with pytest.raises(UsageError) as fault:
        trial(stated(change), NOTHING)
    assert words in str(fault.value)
    assert fault.value.problem_zh
    assert fault.value.remedy_zh


def test_full_width_digits_are_digits_and_words_stay_as_they_are() -> None:
    told = {**BASE, "line": [{**BASE["line"][0], "amount": "２", "name": "矿石（湿）"}, *BASE["line"][1:]]}
    [first, *_] = inventory_of(told).lines
    assert (first["amount"], first["name"]) == (2.0, "矿石（湿）")
