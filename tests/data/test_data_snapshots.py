"""data/: every table has a side-car that holds, a registered source, and the cells of the facts it was typed from."""

import csv
import hashlib
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from factordb.model.source import Source

DATA = Path(__file__).parents[2] / "data"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
TABLES = sorted((*DATA.glob("snapshots/**/*.csv"), *DATA.glob("demo/*.csv")))
CLOSING = [
    "source_id", "publisher", "read_from", "place", "place_value", "checked_against", "edition", "published_on",
    "confidence", "confidence_basis",
]  # fmt: skip
SNAPSHOTS = DATA / "snapshots"


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the project")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _sidecar(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.with_suffix(".meta.toml").read_text(encoding="utf-8"))


def _register() -> dict[str, dict[str, Any]]:
    return tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))


def test_the_tables_are_these() -> None:
    counts = {path.relative_to(DATA).as_posix(): len(_rows(path)) for path in TABLES}

    assert counts == {
        "demo/planted_natural_gas.csv": 1,
        "snapshots/cn_national_db/national_factors_v2.csv": 499,
        "snapshots/ipcc_2006_v2/table_1_2_ncv.csv": 53,
        "snapshots/ipcc_2006_v2/table_1_3_carbon_content.csv": 54,
        "snapshots/ipcc_2006_v2/table_2_2_co2.csv": 54,
        "snapshots/ipcc_2006_v2/tables_2_2_to_2_5_ch4_n2o.csv": 432,
        "snapshots/mee_footprint/electricity_footprint_2023.csv": 10,
        "snapshots/mee_footprint/electricity_footprint_2024.csv": 11,
        "snapshots/mee_grid_co2/grid_co2_2021.csv": 40,
        "snapshots/mee_grid_co2/grid_co2_2022.csv": 40,
        "snapshots/mee_grid_co2/grid_co2_2023.csv": 40,
    }


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_side_car_holds(path: Path) -> None:
    raw = path.read_bytes()
    sidecar = _sidecar(path)
    rows = _rows(path)

    assert sidecar["table"]["sha256"] == hashlib.sha256(raw).hexdigest()
    assert sidecar["table"]["bytes"] == len(raw)
    assert sidecar["table"]["rows"] == len(rows)
    assert [column["name"] for column in sidecar["column"]] == list(rows[0])
    assert all(column["zh"] and column["en"] for column in sidecar["column"])
    assert list(rows[0])[-len(CLOSING) :] == CLOSING
    annex = sum(row["checked_against"] == "publisher annex" for row in rows)
    assert sidecar["table"]["rows_checked_against_annex"] == annex
    assert sidecar["table"]["rows_from_copy"] == len(rows) - annex
    assert sidecar["table"]["demonstration"] is path.is_relative_to(DATA / "demo")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_table_is_utf8_without_mark_and_with_plain_line_ends(path: Path) -> None:
    raw = path.read_bytes()

    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_row_names_a_registered_source_its_place_and_confidence(path: Path) -> None:
    sources = _register()
    rows = _rows(path)

    assert {row["source_id"] for row in rows} == set(_sidecar(path)["table"]["sources"]) <= set(sources)
    for row in rows:
        assert row["place"]
        assert row["confidence"] in {"high", "medium_high", "medium"}
        assert row["published_on"] == str(sources[row["source_id"]]["published_on"])
        assert (row["checked_against"] == "copy") or row["place_value"] == row["value"].strip()


@pytest.mark.parametrize("name", list(_register()))
def test_a_source_is_a_valid_source_with_dates_in_order(name: str) -> None:
    entry = _register()[name]
    source = Source.model_validate({"source_id": name, **entry})

    assert source.licence
    assert source.obtain
    assert source.in_force
    assert source.valid_from is not None
    assert source.published_on is not None
    assert source.valid_until is None or source.valid_until > source.valid_from
    assert (entry["status"] == "superseded") == bool({"superseded_by", "superseded_by_edition"} & set(entry))
    assert entry.get("superseded_by", name) in _register()
    assert ("gwp_set" in entry) != ("gwp_note" in entry)
    assert (source.te is None) == (source.te_why is None)


def test_a_superseded_year_ends_the_day_before_its_successor() -> None:
    sources = _register()
    for entry in sources.values():
        if "superseded_by" in entry and "valid_until" in entry:
            assert (sources[entry["superseded_by"]]["valid_from"] - entry["valid_until"]).days == 1


def test_no_address_is_invented_and_no_path_of_a_machine_stands_anywhere() -> None:
    for path in (*TABLES, *DATA.rglob("*.toml"), *DATA.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert "http" not in text, path
        assert not re.search(r"/(work|home|tmp|root|Users)/", text), path


def test_dirt_is_listed_with_its_number_of_cells() -> None:
    """Known dirt of the national database, counted in the table as its side-car says."""
    path = SNAPSHOTS / "cn_national_db" / "national_factors_v2.csv"
    rows = _rows(path)
    listed = {(entry["column"], entry["found"]): entry["cells"] for entry in _sidecar(path)["dirt"]}

    assert listed["unit", "head·year)"] == sum(row["unit"] == "head·year)" for row in rows) == 112
    assert listed["unit", ""] == sum(not row["unit"] for row in rows) == 4
    assert listed["value", "/"] == sum(row["value"] == "/" for row in rows) == 6
    assert listed["value", "0.40~0.48"] == 1
    assert listed["value", "0.5500 "] == sum(row["value"] != row["value"].strip() for row in rows) == 1
    moved = sum(bool(row["ncv_cv_percent"]) and not row["ncv"] for row in rows)
    assert listed["ncv_cv_percent", "e.g. 376.9, 186.319682732636"] == moved == 40


def test_electricity_equals_the_facts_cell_by_cell() -> None:
    scopes = {"national": "national", "regional": "grid_region", "provincial": "province",
              "national_excl_market_nonfossil": "national_without_traded_nonfossil",
              "national_fossil": "national_fossil_power"}  # fmt: skip
    ours: dict[tuple[str, str, str, str], tuple[str, str]] = {}
    for path in (*SNAPSHOTS.glob("mee_grid_co2/*.csv"), *SNAPSHOTS.glob("mee_footprint/*.csv")):
        for row in _rows(path):
            area = row.get("type_zh") or row["area_zh"]
            ours[path.parent.name, row["reference_year"], row["scope"], area] = (row["value"], row["unit"])
    facts = _rows(SHARED / "facts" / "cn_electricity_factors_2021_2024.csv")
    names = {"national": "national_average", "generation_type": "generation", "transmission": "transmission"}
    for fact in facts:
        grid = fact["measure"].startswith("average grid")
        scope = (scopes if grid else names)[fact["scope"]]
        key = ("mee_grid_co2" if grid else "mee_footprint", fact["data_year"], scope, fact["area"])
        assert ours.pop(key) == (fact["value"], fact["unit"]), key

    assert len(facts) == 141
    assert ours == {}


def test_the_national_database_equals_the_copy_cell_by_cell() -> None:
    columns = {
        "category_full_name": "category_zh", "fuel_type": "item_zh", "fuel_type_en": "item_en",
        "emission_factor": "value", "emission_factor_cv": "cv_percent", "unit": "unit", "net_calorific_value": "ncv",
        "net_calorific_cv": "ncv_cv_percent", "unit_desc": "ncv_unit", "pkid": "item_key", "factor_pkid": "record_key",
    }  # fmt: skip
    copy = _rows(SHARED / "cn_national_db" / "cn_national_ghg_factor_db_v2_source_view.csv")
    ours = _rows(SNAPSHOTS / "cn_national_db" / "national_factors_v2.csv")

    assert len(copy) == len(ours) == 499
    assert [row["row_no"] for row in ours] == [str(number) for number in range(1, 500)]
    for theirs, own in zip(copy, ours, strict=True):
        assert {mine: theirs[name] for name, mine in columns.items()} == {mine: own[mine] for mine in columns.values()}


@pytest.mark.parametrize(
    ("facts", "ours", "columns"),
    [
        ("ipcc2006_v2_table1_2_ncv", "table_1_2_ncv",
         {"default_TJ_per_Gg_efdb": "value", "default_bonsai_ipcc": "value_second_copy", "lower": "low",
          "upper": "high"}),
        ("ipcc2006_v2_table1_3_carbon_content", "table_1_3_carbon_content",
         {"default_kgC_per_GJ_efdb": "value", "default_bonsai_ipcc": "value_second_copy", "lower": "low",
          "upper": "high"}),
        ("ipcc2006_v2_table2_2_co2", "table_2_2_co2",
         {"default_kgCO2_per_TJ": "value", "lower_derived": "low", "upper_derived": "high"}),
        ("ipcc2006_v2_tables2_2_to_2_5_ch4_n2o", "tables_2_2_to_2_5_ch4_n2o",
         {"default_kg_per_TJ": "value", "lower_unconfirmed": "low", "upper_unconfirmed": "high", "gas": "gas"}),
    ],
)  # fmt: skip
def test_ipcc_tables_equal_the_facts_cell_by_cell(facts: str, ours: str, columns: dict[str, str]) -> None:
    theirs = {row["efdb_id"]: row for row in _rows(SHARED / "facts" / f"{facts}.csv")}
    own = {row["efdb_id"]: row for row in _rows(SNAPSHOTS / "ipcc_2006_v2" / f"{ours}.csv")}

    assert list(theirs) == list(own)
    for key, fact in theirs.items():
        assert own[key]["fuel_en"] == fact["fuel"]
        assert {mine: fact[name] for name, mine in columns.items()} == {
            mine: own[key][mine] for mine in columns.values()
        }
        if "defaults_agree" in fact:
            assert own[key]["copies_agree"] == fact["defaults_agree"].lower()


def test_both_copies_stand_where_they_differ() -> None:
    rows = {row["fuel_en"]: row for row in _rows(SNAPSHOTS / "ipcc_2006_v2" / "table_1_2_ncv.csv")}

    assert (rows["Natural Gas Liquids (NGLs)"]["value"], rows["Natural Gas Liquids (NGLs)"]["value_second_copy"]) == (
        "44.2", "44.3",
    )  # fmt: skip
    assert rows["Other Primary Solid Biomass"]["copies_agree"] == "false"


def test_co2_defaults_follow_from_carbon_content() -> None:
    """IPCC 2006 Vol. 2: Table 2.2 = Table 1.3 × 44/12, within rounding; bounds likewise, to the whole kg."""
    carbon = {row["fuel_en"]: row for row in _rows(SNAPSHOTS / "ipcc_2006_v2" / "table_1_3_carbon_content.csv")}
    for row in _rows(SNAPSHOTS / "ipcc_2006_v2" / "table_2_2_co2.csv"):
        source = carbon[row["fuel_en"]]
        assert float(row["value"]) == pytest.approx(float(source["value"]) * 44 / 12 * 1000, rel=0.005)
        for bound in ("low", "high"):
            assert float(row[bound]) == pytest.approx(float(source[bound]) * 44 / 12 * 1000, abs=0.51)


@pytest.mark.parametrize(
    ("annex", "source", "table", "label", "count"),
    [
        ("mee_2023_electricity_co2_factors_annex.pdf", "mee_grid_co2_2023", "mee_grid_co2/grid_co2_2023",
         "area_zh", 40),
        ("mee_2024_electricity_footprint_annex.pdf", "mee_footprint_2024", "mee_footprint/electricity_footprint_2024",
         "type_zh", 11),
    ],
)  # fmt: skip
def test_the_annexes_say_the_same(annex: str, source: str, table: str, label: str, count: int) -> None:
    path = SHARED / "cn_national_db" / annex
    if not path.is_file() or shutil.which("pdftotext") is None:
        pytest.skip("the annex or pdftotext is not to hand")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == _register()[source]["original_sha256"]
    command = [shutil.which("pdftotext") or "", "-layout", str(path), "-"]
    text = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    printed = re.findall(r"^\s*(\S+)\s+(\d\.\d{4})\s*$", text, flags=re.MULTILINE)
    ours = [(row[label], row["value"]) for row in _rows(SNAPSHOTS / f"{table}.csv")]

    assert len(printed) == count
    assert sorted(printed) == sorted(ours)


def test_the_planted_factor_is_named_a_demonstration_everywhere() -> None:
    path = DATA / "demo" / "planted_natural_gas.csv"
    (row,) = _rows(path)

    assert list(row) == list(_rows(SNAPSHOTS / "cn_national_db" / "national_factors_v2.csv")[0])
    assert (row["value"], row["unit"]) == ("2.162", "tCO2e/10⁴ Nm³")
    assert "demonstration" in row["publisher"]
    assert "demonstration" in row["edition"]
    assert _register()[row["source_id"]]["demonstration"] is True
    assert "20.37" in _sidecar(path)["table"]["checked_en"]
    rows = _rows(SNAPSHOTS / "cn_national_db" / "national_factors_v2.csv")
    official = next(one for one in rows if one["item_zh"] == row["item_zh"] and one["unit"] == "tCO₂/TJ")
    assert float(official["value"]) * float(official["ncv"]) / 1e4 == pytest.approx(20.37, abs=0.005)
