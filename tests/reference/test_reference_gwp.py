"""GWP100 sets: AR4 WG1 Table 2.14, AR5 WG1 Tables 8.A.1, 8.7, 8.SM.16, AR6 WG1 Tables 7.SM.7, 7.15."""

import csv
from pathlib import Path

import pytest

from factordb.reference import table

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
COLUMNS = {"AR4": "AR4GWP100", "AR5": "AR5GWP100", "AR5_with_feedbacks": "AR5CCFGWP100", "AR6": "AR6GWP100"}
ROWS = table("gwp/gwp100").to_pylist()
BY_ALIAS = {
    (row["gas_set"], name): row["gwp100"]
    for row in ROWS
    for name in (row["gas"], row["gas"].replace("-", ""), *(row["alias"] or "").split("|"))
}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the project")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_key_is_unique() -> None:
    keys = [(row["gas_set"], row["gas"]) for row in ROWS]

    assert len(set(keys)) == len(keys)


def test_every_value_is_a_number_and_names_its_source() -> None:
    for row in ROWS:
        assert float(row["gwp100"]) >= 0, row
        assert row["origin"] in {"generic", "fossil", "biogenic"}
        assert row["confidence"] in {"high", "medium_high", "medium"}
        assert row["place"]
        assert row["source_id"]


def test_sets_are_described_and_used() -> None:
    assert set(table("gwp/sets")["gas_set"].to_pylist()) == {row["gas_set"] for row in ROWS} == set(COLUMNS)


def test_methane_by_origin_where_the_set_tells() -> None:
    assert BY_ALIAS["AR6", "CH4"] == "27.9"
    assert BY_ALIAS["AR6", "CH4-fossil"] == "29.8"
    assert BY_ALIAS["AR6", "CH4-biogenic"] == "27.0"
    assert BY_ALIAS["AR5", "CH4"] == "28"
    assert ("AR5_with_feedbacks", "CH4-fossil") not in BY_ALIAS, "no row where no copy gives one"


def test_equal_to_the_facts() -> None:
    facts = _rows(SHARED / "facts" / "gwp100_ar4_ar5_ar6.csv")
    asked = 0
    for fact in facts:
        for gas_set in COLUMNS:
            assert float(BY_ALIAS[gas_set, fact["gas"]]) == float(fact[gas_set]), (gas_set, fact["gas"])
            asked += 1

    assert asked == 60


def test_equal_to_the_table_of_all_reports() -> None:
    asked = 0
    for species in _rows(SHARED / "gwp" / "globalwarmingpotentials.csv"):
        for gas_set, column in COLUMNS.items():
            if species[column]:
                names = (species["Species"], species["Species"].replace("HFE263fb2", "HFE-263fb2"))
                assert species[column] in {BY_ALIAS.get((gas_set, name)) for name in names}, (
                    gas_set,
                    species["Species"],
                )
                asked += 1

    assert asked == 318


def test_every_row_of_7sm7_is_held() -> None:
    rows = _rows(SHARED / "gwp" / "ipcc_ar6_wg1_table_7sm7_metrics_supplement_cleaned.csv")
    published = sorted(float(row["GWP100"]) for row in rows)
    held = sorted(float(row["gwp100"]) for row in ROWS if row["gas_set"] == "AR6" and "7.SM.7" in row["place"])

    assert len(rows) == 249
    assert held == published
