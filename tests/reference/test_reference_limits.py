"""Thresholds, default uncertainty, plausible ranges, words: complete, with basis, and true to the official tables."""

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from factordb import units
from factordb.model import vocabulary
from factordb.reference import table, toml

DATA = Path(__file__).parents[2] / "data" / "snapshots"
RANGES = table("plausibility/ranges").to_pylist()
FAMILY = {row["flow"]: row["family"] for row in table("plausibility/families").to_pylist()}
PEDIGREE = {row["criterion"]: row for row in table("pedigree/ecoinvent_v3").to_pylist()}
CRITERIA = ("reliability", "completeness", "temporal", "geographical", "technological")


@pytest.mark.parametrize("name", list(toml("thresholds/checks")))
def test_a_threshold_is_a_number_with_words_basis_and_date(name: str) -> None:
    entry = toml("thresholds/checks")[name]
    values = entry.get("values", [entry.get("value")])

    assert all(math.isfinite(value) for value in values)
    assert all(entry[key] for key in ("zh", "en", "basis", "date"))


def test_jumps_are_named_one_by_one_and_apart() -> None:
    jumps = toml("thresholds/checks")["jump_factors"]
    limits = toml("thresholds/checks")

    assert len(jumps["names"]) == len(jumps["values"]) == len(set(jumps["names"]))
    assert {10, 1000, 3.6, 44 / 12} <= set(jumps["values"])
    assert limits["jump_tolerance"]["value"] < 0.05, "else 1.11 would meet values that merely differ"
    assert limits["outlier_modified_z"]["value"] == 3.5
    assert limits["rounding_tolerance"]["value"] == 0.005


def _variance(row: dict[str, Any]) -> float:
    return float(row["basic_ln_variance"]) + sum(float(PEDIGREE[one][row[one]]) for one in CRITERIA)


def test_defaults_stand_for_every_tier_and_class_once() -> None:
    rows = table("uncertainty/defaults").to_pylist()
    classes = {row["activity_class"] for row in rows}

    assert len(rows) == len({(row["tier"], row["activity_class"]) for row in rows}) == 6 * len(classes)
    assert {row["tier"] for row in rows} == set(vocabulary.Tier)
    assert "unclassified" in classes
    for row in rows:
        assert row["basis"].startswith(("ours", "ecoinvent"))
        assert row["basis_scores_en"].startswith("ours")


def test_default_uncertainty_grows_as_sources_weaken() -> None:
    rows = {(row["tier"], row["activity_class"]): _variance(row) for row in table("uncertainty/defaults").to_pylist()}
    order = ("measured_verified", "official", "industry", "literature", "estimated")
    for _, activity in rows:
        variances = [rows[tier, activity] for tier in order]
        assert variances == sorted(set(variances)), activity


def test_basic_variances_named_after_ecoinvent_are_its_own() -> None:
    basic = {row["kind"]: row["variance_ln_v3"] for row in table("pedigree/basic_uncertainty").to_pylist()}
    named = [row for row in table("uncertainty/defaults").to_pylist() if row["pedigree_kind"]]

    assert len(named) == 48
    assert all(float(basic[row["pedigree_kind"]]) == float(row["basic_ln_variance"]) for row in named)


def test_own_basic_variances_follow_from_the_national_database() -> None:
    """CVs of the national database, second edition: process CVs below 20 %, fugitive CVs above 0."""
    with (DATA / "cn_national_db" / "national_factors_v2.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["ncv_cv_percent"] and not row["ncv"]]
    own = {row["activity_class"]: float(row["basic_ln_variance"]) for row in table("uncertainty/defaults").to_pylist()}
    process = [float(row["ncv_cv_percent"]) for row in rows if row["category_zh"].startswith(("工业", "产品"))]
    process = [cv for cv in process if cv < 20]
    fugitive = sorted(float(row["ncv_cv_percent"]) for row in rows if "逸散-石油" in row["category_zh"])
    fugitive = [cv for cv in fugitive if cv > 0]
    mean_square = sum(cv * cv for cv in process) / len(process) / 1e4

    assert own["process_co2"] == pytest.approx(math.log1p(mean_square), rel=0.005)
    assert own["fugitive_ch4"] == pytest.approx(math.log1p((fugitive[len(fugitive) // 2] / 100) ** 2), rel=0.005)
    assert own["parameter_energy"] == pytest.approx(math.log1p(0.064**2), rel=0.005)


def _read(texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the unit grammar makes of each distinct text."""
    return {row["unit_text"]: row for row in units.parse_many(sorted(set(texts))).to_pylist()}


def test_ranges_are_ordered_keyed_and_agree_in_both_units() -> None:
    read = _read(row["unit_published"] for row in RANGES)
    assert len({row["range_id"] for row in RANGES}) == len(RANGES)
    for row in RANGES:
        low, high = float(row["low"]), float(row["high"])
        factor = read[row["unit_published"]]["to_canonical"]
        assert low < high, row["range_id"]
        assert float(row["low_published"]) * factor == pytest.approx(low, rel=1e-5, abs=1e-12), row["range_id"]
        assert float(row["high_published"]) * factor == pytest.approx(high, rel=1e-5), row["range_id"]
        assert row["family"] in set(FAMILY.values())
        assert row["basis"].startswith(("official", "ours", "stoichiometry", "IPCC")), row["range_id"]
        assert all(row[key] for key in ("source", "why_zh", "why_en"))


def test_natural_gas_ten_times_too_small_falls_outside() -> None:
    row = next(row for row in RANGES if row["range_id"] == "natural_gas_co2e_per_nm3")

    assert row["canonical_unit"] == "kgCO2e/Nm3"
    assert float(row["low"]) < 57.2 * 3561.1 / 1e5 < float(row["high"])
    assert float(row["low"]) < 2.162 < float(row["high"]), "the older official default is no error"
    assert float(row["low"]) > 0.2162, "the planted 2.162 tCO2e per 10⁴ Nm³"


def _official_rows() -> list[tuple[str, str, str, str | None]]:
    """Return (flow, value, unit, quantity) of every official row but electricity."""
    rows: list[tuple[str, str, str, str | None]] = []
    for path in sorted(DATA.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                quantity = {"TJ/Gg": "ncv", "kgC/GJ": "carbon content"}.get(row["unit"])
                if "fuel_zh" in row:
                    rows.append((row["fuel_zh"], row["value"], row["unit"], quantity))
                elif "item_zh" in row and "净购入" not in row["category_zh"]:
                    rows.append((row["item_zh"], row["value"], row["unit"], quantity))
                    if row["ncv"]:
                        rows.append((row["item_zh"], row["ncv"], row["ncv_unit"], "ncv"))
    return rows


def test_official_rows_lie_in_their_ranges_but_seven() -> None:
    """The seven say gN₂O-N/kgN and carry the IPCC defaults in kg (2006 Guidelines Vol. 4 Tables 10.21, 11.3)."""
    rows = _official_rows()
    read = _read(row[2] for row in rows)
    by_key: dict[tuple[str, str, str | None], list[dict[str, Any]]] = {}
    for row in RANGES:
        by_key.setdefault((row["family"], row["canonical_unit"], row["quantity"]), []).append(row)
    asked, outside = 0, set()
    for flow, value, unit, quantity in rows:
        if not value.strip().replace(".", "", 1).isdigit():
            continue
        for row in by_key.get((FAMILY.get(flow.lower(), ""), read[unit]["canonical_unit"], quantity), []):
            asked += 1
            canonical = float(value) * read[unit]["to_canonical"]
            if not float(row["low"]) * (1 - 1e-9) <= canonical <= float(row["high"]) * (1 + 1e-9):
                outside.add((flow, value, unit))

    assert asked > 800
    assert {unit for _, _, unit in outside} == {"gN₂O-N/kgN"}
    assert {flow for flow, _, _ in outside} == {
        "液体贮存(自然结壳)", "固体贮存", "自然风干", "舍内粪坑贮存", "堆肥或沤肥", "氮挥发沉降", "氮淋溶径流",
    }  # fmt: skip


def _keys(words: dict[str, Any]) -> set[str]:
    return {f"{group}.{key}" for group, body in words.items() for key in body}


def test_words_have_the_same_keys_in_both_languages_and_none_is_empty() -> None:
    zh, en = toml("words/ui_zh"), toml("words/ui_en")

    assert _keys(zh) == _keys(en)
    assert all(word for body in (*zh.values(), *en.values()) for word in body.values())


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("verdict", vocabulary.Verdict), ("severity", vocabulary.Severity), ("outcome", vocabulary.Outcome),
        ("kind", vocabulary.Kind), ("tier", vocabulary.Tier), ("basis", vocabulary.Basis),
        ("direction", vocabulary.Direction), ("boundary", vocabulary.Boundary), ("statement", vocabulary.StatementKind),
    ],
)  # fmt: skip
def test_every_stored_word_can_be_shown(group: str, members: type) -> None:
    assert set(members) <= set(toml("words/ui_zh")[group])


def test_the_four_verdicts_are_those_of_the_contract() -> None:
    assert toml("words/ui_zh")["verdict"] == {
        "pass": "通过", "needs_person": "需人工确认", "insufficient": "信息不足", "fail": "不通过",
    }  # fmt: skip
