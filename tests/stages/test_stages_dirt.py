"""The dirt of real tables (design, domain 7) through a mapping file: each row ends in a named code, none is lost."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factordb import FactorDBError, Library, read_mapping

AS_OF = date(2026, 11, 26)

MAPPING = """\
[pipeline]
name = "dirty"
title_zh = "脏表"
title_en = "dirty table"
[source]
title_zh = "脏表（虚构）"
title_en = "dirty table (invented)"
publisher = "factordb tests"
tier = "literature"
published_on = 2025-06-01
licence = "invented"
obtain = "tests"
region = "CN"
te = 1
[[record]]
name = "factor"
key = ["id"]
[record.columns]
name_zh = "name"
name_en = "name"
flow = "name"
region_text = "region"
reference_year = "year"
value = "value"
unit = "unit"
cv_percent = "cv"
gsd2 = "gsd2"
bound_low = "low"
bound_high = "high"
gwp_set = "gwp"
boundary = "boundary"
source_place = "place"
source_value = "value"
[[setting]]
code = "FMT001"
detail = "end mark"
where = [{ column = "name", equals = "END" }]
"""
COLUMNS = ("id", "name", "region", "year", "value", "unit", "cv", "gsd2", "low", "high", "gwp", "boundary", "place")
CLEAN = {
    "id": "1", "name": "甲产品", "region": "全国", "year": "2023", "value": "1.25", "unit": "kgCO2e/kg", "cv": "8",
    "gsd2": "", "low": "", "high": "", "gwp": "AR6", "boundary": "cradle_to_gate", "place": "p. 3",
}  # fmt: skip

REFUSED = [
    ("empty mark", {"value": "/"}, "VAL001"),
    ("blank", {"value": ""}, "VAL001"),
    ("words", {"value": "大约半吨"}, "VAL"),
    ("infinite", {"value": "1e999"}, "VAL"),
    ("a formula", {"value": "=1/0"}, "VAL"),
    ("truncated unit", {"unit": "head·year)"}, "UNI103"),
    ("no unit", {"unit": ""}, "UNI001"),
    ("unknown unit", {"unit": "kgCO2e/zorkmid"}, "UNI"),
    ("case decides", {"unit": "tCO2e/gj"}, "UNI"),
    ("sentinel row", {"name": "END"}, "FMT001"),
    ("a year in words", {"year": "去年"}, "FMT005"),
    ("unknown boundary", {"boundary": "somewhere"}, "FMT004"),
]
"""Rows that intake refuses: (what, cells that differ from a clean row, code or family)."""

HELD = [
    ("two numbers", {"value": "18.79 (GCV) 19.99 (NCV)"}, "VAL010"),
    ("less than", {"value": "<0.5"}, "VAL010"),
    ("a range without its centre", {"value": "0.40~0.48"}, "VAL011"),
    ("negative, not declared so", {"value": "-0.53"}, "VAL013"),
    ("future year", {"year": "2031"}, "TIM002"),
    ("GWP set of nobody", {"gwp": "AR9"}, "GAS008"),
    ("no place", {"place": ""}, "TRA002"),
    ("CV of nothing", {"cv": "0"}, "UNC001"),
    ("geometric spread of one", {"cv": "", "gsd2": "1"}, "UNC"),
    ("lower bound above the value", {"cv": "", "low": "1.5", "high": "2"}, "UNC"),
]
"""Rows that are staged and then held back."""

READ = [
    ("a range", {"value": "0.40~0.48"}, 0.44),
    ("plus minus", {"value": "1.25 ± 0.10"}, 1.25),
    ("thousands with blanks", {"value": "96 000"}, 96000.0),
    ("full-width digits", {"value": "１．２５"}, 1.25),
    ("ten to a power", {"value": "9 x 10^-5"}, 9e-5),
    ("scientific", {"value": "1.2E-3"}, 0.0012),
]
"""Rows in strange dress that are read as what they say, their published string kept."""


def _row(number: int, cells: dict[str, str]) -> list[str]:
    row = {**CLEAN, "id": str(number), "name": f"产品{number}", "value": f"1.{number:02}7", **cells}
    return [row[name] for name in COLUMNS]


def _library(folder: Path, rows: list[list[str]]) -> tuple[Library, Any]:
    table, mapping = folder / "dirty.csv", folder / "dirty.toml"
    lines = [COLUMNS, *rows]
    table.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    opened = Library.open(folder / "library", create=True)
    pipeline, sources = read_mapping(mapping)
    return opened, opened.intake(pipeline, [table], sources=sources)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, Any]:
    """Return a library that took in every dirty row and a clean one, appraised, and the intake's report."""
    cells = [
        {},
        *(cells for _, cells, _ in REFUSED),
        *(cells for _, cells, _ in HELD),
        *(cells for _, cells, _ in READ),
    ]
    opened, report = _library(tmp_path_factory.mktemp("dirt"), [_row(nth, one) for nth, one in enumerate(cells, 1)])
    opened.appraise(as_of=AS_OF, gate=False)
    return opened, report


def test_no_row_is_lost(dirty: tuple[Library, Any]) -> None:
    _, report = dirty
    assert report.rows == 1 + len(REFUSED) + len(HELD) + len(READ)
    assert report.rows == report.rows_staged + report.rows_refused
    assert report.rows_refused == len(REFUSED)


@pytest.mark.parametrize("nth", range(len(REFUSED)), ids=[what for what, _, _ in REFUSED])
def test_what_nobody_can_read_is_refused_by_its_code(dirty: tuple[Library, Any], nth: int) -> None:
    opened, _ = dirty
    codes = {row["code"] for row in _refused(opened) if row["row_no"] == nth + 2}
    assert any(code.startswith(REFUSED[nth][2]) for code in codes), codes


def _refused(opened: Library) -> list[dict[str, Any]]:
    folder = opened.workspace.published / (opened.workspace.published / "current").read_text(encoding="utf-8")
    return list(pq.read_table(folder / "refused.parquet").to_pylist())


def _candidate(opened: Library, number: int) -> dict[str, Any]:
    name = f"产品{number}"
    rows = [row for row in opened.queue(text=name, limit=100).to_pylist() if row["name_zh"] == name]
    assert len(rows) == 1
    return dict(rows[0])


@pytest.mark.parametrize("nth", range(len(HELD)), ids=[what for what, _, _ in HELD])
def test_what_is_wrong_is_held_back_by_its_code(dirty: tuple[Library, Any], nth: int) -> None:
    opened, _ = dirty
    row = _candidate(opened, 2 + len(REFUSED) + nth)
    assert not row["eligible"]
    assert any(code.startswith(HELD[nth][2]) for code in row["reasons"].split()), row["reasons"]


@pytest.mark.parametrize("nth", range(len(READ)), ids=[what for what, _, _ in READ])
def test_what_can_be_read_is_read_and_kept_as_published(dirty: tuple[Library, Any], nth: int) -> None:
    opened, _ = dirty
    row = _candidate(opened, 2 + len(REFUSED) + len(HELD) + nth)
    assert row["value_text"] == READ[nth][1]["value"]
    assert opened.factor(row["candidate_id"])["candidate"][0]["value"] == pytest.approx(READ[nth][2])


def test_the_healthy_neighbour_passes(dirty: tuple[Library, Any]) -> None:
    assert _candidate(dirty[0], 1)["verdict"] == "pass"


def test_one_id_with_two_values_is_held_back(tmp_path: Path) -> None:
    """The catalogue's case: one id with 1723.03 and 99.41 kgCO2e/t."""
    rows = [_row(7, {"value": "1723.03", "unit": "kgCO2e/t"}), _row(7, {"value": "99.41", "unit": "kgCO2e/t"})]
    opened, _ = _library(tmp_path, rows)
    opened.appraise(as_of=AS_OF, gate=False)
    assert all("DUP002" in row["reasons"] for row in opened.queue().to_pylist())


FORMATS = ["utf-8", "utf-8-sig", "gb18030", "xlsx", "parquet", "json"]


def _written(folder: Path, kind: str, rows: list[list[str]]) -> Path:
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (list(COLUMNS), *rows):
            book.active.append(row)
        book.save(folder / "t.xlsx")
        return folder / "t.xlsx"
    named = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(named), folder / "t.parquet")
        return folder / "t.parquet"
    if kind == "json":
        (folder / "t.json").write_text(json.dumps(named, ensure_ascii=False), encoding="utf-8")
        return folder / "t.json"
    text = "\n".join(",".join(line) for line in (COLUMNS, *rows)) + "\n"
    (folder / "t.csv").write_bytes(text.encode(kind))
    return folder / "t.csv"


@pytest.mark.parametrize("kind", FORMATS)
def test_one_mapping_reads_every_encoding_and_format(tmp_path: Path, kind: str) -> None:
    rows = [
        _row(1, {"name": "广西石灰①"}),
        _row(2, {"name": "内蒙古水泥", "unit": "tCO2e/T"}),
        _row(3, {"name": "END"}),
    ]
    mapping = tmp_path / "dirty.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    opened = Library.open(tmp_path / "library", create=True)
    pipeline, sources = read_mapping(mapping)
    report = opened.intake(pipeline, [_written(tmp_path, kind, rows)], sources=sources)
    assert (report.rows, report.rows_staged, report.rows_refused) == (3, 1, 2)
    assert opened.queue().to_pylist()[0]["name_zh"] == "广西石灰①"


def test_utf_16_ends_in_a_sentence_that_says_how_to_save(tmp_path: Path) -> None:
    mapping = tmp_path / "dirty.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    opened = Library.open(tmp_path / "library", create=True)
    with pytest.raises(FactorDBError, match="save it as UTF-8"):
        opened.intake(pipeline, [_written(tmp_path, "utf-16", [_row(1, {})])], sources=sources)
    assert opened.batches() == []
