"""Purchased electricity item by item: what is covered by what, what the rest is counted at, both results; TRL023."""

import re
from pathlib import Path
from typing import Any

import pytest

from factordb import trial_report
from factordb.cli.console import t
from factordb.cli.footprint import _say_electricity, _say_plants
from factordb.errors import UsageError
from factordb.reference import toml
from factordb.trial.benchmark import batch
from factordb.trial.footprint import trial
from factordb.trial.plants import plants_of
from tests.trial.conftest import BASE, NOTHING, Change, more, of_study, on, stated
from tests.trial.test_trial_rules import CERTIFICATE, RESIDUAL, SHARES, codes

CONTRACT = {**CERTIFICATE, "id": "ppa", "kind": "power_contract", "numbers": ["P-1", "P-2"], "amount": 0.1,
            "unit": "MWh", "own_value": 0.02, "own_source": "虚构 H"}  # fmt: skip
SECOND = {**BASE["line"][1], "id": "steam", "name": "电锅炉", "amount": 0.5, "unit": "MWh", "own_source": "虚构 I",
          "own_value": 400, "own_unit": "kgCO2e/MWh", "grid_losses": 0.2}  # fmt: skip
TWO: tuple[Change, ...] = (
    on("power", grid_losses=0.05, allocation="a"), more("allocation", *SHARES), more("line", SECOND),
    more("contract", CERTIFICATE, CONTRACT, RESIDUAL), of_study(amount=2, reference_amount=10),
)  # fmt: skip
"""1000 kWh at 5 % losses, allocated 0.8: 400 + 100 kWh covered, 500 at the residual mix; 500 kWh more at 20 %."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return trial(stated(*TWO, of_study(samples=200)), NOTHING)


def test_items_add_up_to_the_amount_and_to_both_results(found: dict[str, Any]) -> None:
    told = found["electricity"]
    per = 0.8 / 0.95 * 2 / 10
    [power, steam] = told["lines"]
    assert {way: [one["kind"] for one in items] for way, items in power["items"].items()} == {
        "location": ["all"], "market": ["green_certificate", "power_contract", "residual_mix"],
    }  # fmt: skip
    assert [one["amount"] for one in power["items"]["market"]] == pytest.approx([400, 100, 500])
    assert [one["share"] for one in power["items"]["market"]] == pytest.approx([0.4, 0.1, 0.5])
    assert [one["value"] for one in power["items"]["market"]] == pytest.approx(
        [400 * 0.05 * per, 100 * 0.02 * per, 500 * 0.7 * per]
    )
    assert power["results"] == pytest.approx({"location": 500 * per, "market": 372 * per})
    assert power["covered"] == pytest.approx(500)
    assert (power["grid_losses"], power["allocated"]) == (0.05, 0.8)
    assert steam["results"] == pytest.approx({"location": 200 / 0.8 / 5, "market": 200 / 0.8 / 5})
    total = told["total"]
    assert (total["unit"], total["amount"], total["covered"]) == ("kWh", pytest.approx(1500), pytest.approx(500))
    assert {one["kind"]: one["amount"] for one in total["items"]["market"]} == pytest.approx(
        {"green_certificate": 400, "power_contract": 100, "residual_mix": 500, "all": 500}
    )
    both = {way: one["value"] for way, one in found["results"].items()}
    assert total["results"]["market"] - total["results"]["location"] == pytest.approx(both["market"] - both["location"])


def test_every_number_is_led_back_to_input_and_factor(found: dict[str, Any]) -> None:
    [power, _] = found["electricity"]["lines"]
    by_kind = {one["kind"]: one for one in (*power["items"]["location"], *power["items"]["market"])}
    cited = {kind: found["factors"][one["factor"] - 1]["citation"]["zh"] for kind, one in by_kind.items()}
    assert cited == {"all": "虚构 B", "green_certificate": "虚构 F", "power_contract": "虚构 H",
                     "residual_mix": "虚构 G"}  # fmt: skip
    for one in by_kind.values():
        assert one["steps"][-3:] == ["÷ (1 − 0.05)", "× 0.8 (a)", "× 2 t ÷ 10 t"]
    assert by_kind["power_contract"]["steps"][:2] == ["1 kWh × 0.02 kgCO2e/kWh = 0.02 kgCO2e", "0.1 MWh = 100 kWh"]
    assert found["electricity"]["numbers"] == 3


def test_without_a_residual_mix_the_rest_is_said_to_be_at_the_lines_own_factor() -> None:
    # identifiers that look like kinds are identifiers
    told = trial(stated(more("contract", {**CERTIFICATE, "id": "rest"})), NOTHING)["electricity"]
    [sun, rest] = told["lines"][0]["items"]["market"]
    assert (sun["kind"], sun["part"], rest["kind"], rest["part"]) == ("green_certificate", "rest", "rest", "")
    assert rest["factor"] == told["lines"][0]["items"]["location"][0]["factor"] != sun["factor"]


def test_where_no_electricity_is_bought_nothing_is_itemised(tmp_path: Path) -> None:
    none = trial(stated(on("power", electricity=False, grid_losses=None), of_study(samples=200)), NOTHING)
    assert none["electricity"] is None
    page = _report(none, tmp_path, "zh")
    assert toml("trial/report")["words"]["no_electricity"]["zh"] in page


@pytest.mark.parametrize(
    ("contracts", "asked"),
    [
        (({**CERTIFICATE, "amount": 1000},), False),
        (({**CERTIFICATE, "amount": 1, "unit": "MWh"},), False),
        (({**CERTIFICATE, "amount": 900}, CONTRACT), False),
        (({**CERTIFICATE, "amount": 899}, CONTRACT), True),
        (({**CERTIFICATE, "amount": 999.9},), True),
    ],
)
def test_a_residual_mix_is_asked_for_only_where_something_remains(
    contracts: tuple[dict[str, Any], ...], asked: bool
) -> None:
    assert ("TRL023" in codes(more("contract", *contracts))) is asked


def _report(found: dict[str, Any], folder: Path, lang: str) -> str:
    told = {**found, "release": {"release_id": "r", "manifest_sha256": "0"}, "inventory_sha256": None}
    return trial_report(told, folder / f"{lang}.html", lang).read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_itemises_both_ways_in_words(found: dict[str, Any], tmp_path: Path, lang: str) -> None:
    page = _report(found, tmp_path, lang)
    words = toml("trial/report")
    for kind in ("all", "green_certificate", "power_contract", "residual_mix"):
        assert words["items"][kind][lang].replace("'", "&#x27;") in page
    assert not re.search(r"residual_mix|green_certificate|power_contract", page)
    for line in found["electricity"]["lines"]:
        for items in line["items"].values():
            for one in items:
                assert f">{one['value']:.6g}<" in page
    assert words["words"]["counted_once"][lang].format(count=3) in page
    assert "÷ 10 t" in page
    assert page.count(words["values"]["location"][lang] + words["words"]["main"][lang]) == 2
    assert words["words"]["of_main"][lang].format(way=words["values"]["location"][lang]) in page


def test_plots_and_tables_of_a_report_write_one_number_one_way(found: dict[str, Any], tmp_path: Path) -> None:
    page = _report(found, tmp_path, "en")
    for one in found["results"].values():
        assert page.count(f"[{one['low95']:.5g}, {one['high95']:.5g}]") >= 3  # two tables, one plot
    for one in found["sensitivity"]:
        assert page.count(f"[{one['low']:.5g}, {one['high']:.5g}]") >= 2
    assert "%<" in page
    assert not re.search(r"\d%", page.partition("</style>")[2].replace("max-width:100%", ""))


def test_the_command_itemises_both_ways(found: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    _say_electricity(found)
    said = capsys.readouterr().out
    for kind in ("all", "green_certificate", "power_contract", "residual_mix"):
        assert t(f"fpitem.{kind}") in said
    total = found["electricity"]["total"]
    assert f"{total['results']['market']:.6g}" in said
    assert "1500 kWh" in said


PLANTS = [
    {"plant": "甲", "production": "100", "power": "100000", "gec": "40000", "ppa": "0"},
    {"plant": "乙", "production": "300", "power": "270000", "gec": "0", "ppa": "270"},
    {"plant": "丙", "production": "50", "power": "60000", "gec": "0", "ppa": "0"},
]
"""Certificates in kWh, the contract in MWh: 甲 covers 400 of 1000 kWh a tonne, 乙 all of 900, 丙 none of 1200."""
EVERY = {"location": {"甲": 762, "乙": 712, "丙": 862},
         "market": {"甲": 262 + 400 * 0.05 + 600 * 0.7, "乙": 262 + 900 * 0.02, "丙": 262 + 1200 * 0.7}}  # fmt: skip


def _batch(*changes: Change, plants: list[dict[str, str]] = PLANTS) -> dict[str, Any]:
    one = stated(*changes)
    return batch(one, plants_of(plants, one), NOTHING)


def test_a_batch_counts_both_ways_where_plants_state_what_they_hold() -> None:
    found = _batch(more("contract", CERTIFICATE, CONTRACT, RESIDUAL))
    values = {way: {one["plant"]: one["value"] for one in told["plants"]} for way, told in found["ways"].items()}
    assert {way: told == pytest.approx(EVERY[way]) for way, told in values.items()} == {
        "location": True, "market": True,
    }  # fmt: skip
    for way, told in found["ways"].items():
        mean = sum(EVERY[way][name] * weight for name, weight in (("甲", 100), ("乙", 300), ("丙", 50))) / 450
        assert told["mean"]["value"] == pytest.approx(mean)
        assert told["mean"]["mean"] == pytest.approx(mean, rel=0.01)
        assert all(one["low95"] < one["value"] < one["high95"] for one in told["plants"])
    assert (found["method"], found["mean"]) == ("location", found["ways"]["location"]["mean"])
    assert found["findings"] == []
    main = _batch(more("contract", CERTIFICATE, CONTRACT, RESIDUAL), of_study(electricity="market"))
    assert (main["method"], main["plants"]) == ("market", found["ways"]["market"]["plants"])


def test_a_plant_of_a_batch_is_what_its_own_trial_says() -> None:
    """One plant whose certificates nearly cover a use that varies: no draw below them earns a credit in either."""
    held = [on("power", uncertainty="cv_percent", cv_percent=10), of_study(electricity="market", samples=20_000)]
    single = trial(stated(*held, more("contract", {**CERTIFICATE, "amount": 990}, RESIDUAL)), NOTHING)
    plants = [{"plant": "甲", "production": "10", "power": "10000", "gec": "9900"}]
    found = _batch(*held, more("contract", CERTIFICATE, RESIDUAL), plants=plants)
    assert found["mean"]["value"] == pytest.approx(single["result"]["value"])
    assert found["mean"]["mean"] == pytest.approx(single["result"]["mean"], rel=0.005)
    assert found["mean"]["sd"] == pytest.approx(single["result"]["sd"], rel=0.1)
    full = _batch(*held, more("contract", CERTIFICATE), plants=[{**plants[0], "gec": "10000"}])
    assert full["mean"]["mean"] == pytest.approx(262 + 50, rel=0.01)
    assert full["findings"] == []


def test_a_batch_says_which_certificates_no_plant_holds_and_what_remains() -> None:
    bare = [{key: one[key] for key in ("plant", "production", "power")} for one in PLANTS]
    told = _batch(more("contract", CERTIFICATE), of_study(electricity="market"), plants=bare)
    assert (told["method"], list(told["ways"])) == ("location", ["location"])
    assert {one["code"] for one in told["findings"]} == {"TRL071", "TRL072"}
    rest = _batch(more("contract", CERTIFICATE, RESIDUAL), plants=bare)
    assert {one["plant"]: one["value"] for one in rest["ways"]["market"]["plants"]} == pytest.approx(
        {"甲": 262 + 700, "乙": 262 + 630, "丙": 262 + 840}
    )
    assert [one["code"] for one in rest["findings"]] == ["TRL071"]
    some = [{key: value for key, value in one.items() if key != "ppa"} for one in PLANTS]
    assert [one["code"] for one in _batch(more("contract", CERTIFICATE), plants=some)["findings"]] == ["TRL023"]


@pytest.mark.parametrize("cell", ["100001", "-1", "约2", ""])
def test_what_a_plant_cannot_hold_is_refused_by_its_name(cell: str) -> None:
    with pytest.raises(UsageError) as fault:
        _batch(more("contract", CERTIFICATE, CONTRACT, RESIDUAL), plants=[{**PLANTS[0], "gec": cell}])
    assert "甲" in fault.value.problem_zh or "gec" in fault.value.problem_zh


def test_a_contract_without_amount_counts_no_use_twice() -> None:
    found = trial(stated(
        on("power", uncertainty="cv_percent", cv_percent=10), of_study(electricity="market", samples=20_000),
        more("contract", {**CERTIFICATE, "amount": 1000}, {**CONTRACT, "amount": 0, "own_value": 5}),
    ), NOTHING)  # fmt: skip
    assert found["result"]["mean"] == pytest.approx(312, rel=0.005)


def test_the_command_says_both_ways_of_a_batch(capsys: pytest.CaptureFixture[str]) -> None:
    found = _batch(more("contract", CERTIFICATE, CONTRACT, RESIDUAL))
    _say_plants(found)
    said = capsys.readouterr().out
    for way in ("location", "market"):
        assert t(f"way.{way}") in said
        assert f"{found['ways'][way]['mean']['value']:.6g}" in said
    assert t("said.fp_one_way") not in said
    _say_plants(_batch(plants=[{"plant": "甲", "production": "1", "power": "900"}]))
    assert t("said.fp_one_way") in capsys.readouterr().out
