"""Regions: ISO 3166-1, GB/T 2260 provinces, grid regions of China; one tree, every spelling unique."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from factordb.reference import region_aliases, table

ROWS = {row["code"]: row for row in table("regions/regions").to_pylist()}
ALIASES = {row["alias"]: row for row in region_aliases().to_pylist()}
DATA = Path(__file__).parents[2] / "data" / "snapshots"


def test_codes_are_unique_and_counted() -> None:
    assert len(ROWS) == table("regions/regions").num_rows
    assert Counter(row["level"] for row in ROWS.values()) == {
        "world": 1, "rest": 1, "continent": 7, "country": 246, "grid": 7, "group": 6, "province": 34,
    }  # fmt: skip


def test_parents_close_to_the_world_without_circles() -> None:
    for code in ROWS:
        seen = [code]
        while (parent := ROWS[seen[-1]]["parent"]) is not None:
            assert parent in ROWS, (seen, parent)
            assert parent not in seen
            seen.append(parent)
        assert seen[-1] == "GLO"


def test_all_249_entries_of_iso_3166_are_found_by_alpha2_and_alpha3() -> None:
    entries = [row for row in ROWS.values() if row["alpha2"]]

    assert len(entries) == 249
    for row in entries:
        assert len(row["alpha2"]) == 2
        assert len(row["alpha3"]) == 3
        assert len(row["numeric"]) == 3
        assert ALIASES[row["alpha2"].lower()]["code"] == row["code"]
        assert ALIASES[row["alpha3"].lower()]["code"] == row["code"]


def test_provinces_carry_gb_t_2260_codes_and_their_full_names() -> None:
    provinces = [row for row in ROWS.values() if row["level"] == "province"]

    assert all(row["code"].isdigit() and row["code"].endswith("0000") for row in provinces)
    assert ROWS["450000"]["full_zh"] == "广西壮族自治区"
    assert ROWS["650000"]["full_zh"] == "新疆维吾尔自治区"
    assert {row["full_zh"][-1] for row in provinces} == {"省", "市", "区"}


def test_every_province_of_the_mainland_hangs_on_a_grid_region() -> None:
    members = table("grids/grid_members").to_pylist()

    assert len(members) == 31
    assert all(ROWS[row["province"]]["parent"] == row["grid"] for row in members)
    assert Counter(row["grid_zh"] for row in members) == {
        "华北": 6, "东北": 3, "华东": 5, "华中": 4, "西北": 5, "南方": 5, "西南": 3,
    }  # fmt: skip


def test_aliases_are_unique_lower_case_and_point_at_codes() -> None:
    assert len(ALIASES) == region_aliases().num_rows
    for alias, row in ALIASES.items():
        assert alias == alias.lower()
        assert row["code"] in ROWS


@pytest.mark.parametrize(
    ("spelling", "code", "kind"),
    [
        ("广西省", "450000", "wrong_suffix"),
        ("内蒙古省", "150000", "wrong_suffix"),
        ("西藏省", "540000", "wrong_suffix"),
        ("全国", "CN", "other"),
        ("南方", "CN-GRID-SC", "name_zh"),
        ("Inner Mongolia", "150000", "name_en"),
        ("Tibet", "540000", "other"),
        ("CHN", "CN", "alpha3"),
        ("中国香港", "810000", "other"),
        ("RoW", "RoW", "code"),
        ("Georgia", "GE", "name_en"),
    ],
)
def test_spellings_met_in_real_tables_are_understood(spelling: str, code: str, kind: str) -> None:
    assert ALIASES[spelling.lower()]["code"] == code
    assert ALIASES[spelling.lower()]["kind"] == kind


def test_every_area_of_the_snapshots_is_understood() -> None:
    areas = set()
    for path in DATA.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as handle:
            areas |= {row["area_zh"] for row in csv.DictReader(handle) if "area_zh" in row}

    assert len(areas) == 44
    assert {area for area in areas if area.lower() not in ALIASES} == set()
