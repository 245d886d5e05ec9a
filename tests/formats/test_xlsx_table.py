from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from factordb.formats.changes import release_changes
from factordb.formats.rows import release_schema
from factordb.formats.xlsx_table import CELL_CHARACTERS, Workbook, write_workbook
from tests.formats.made_release import BACKSLASH, FACTS, FORMULA, HOSTILE, made_others, made_table, row, table_of


@pytest.fixture
def book(tmp_path: Path) -> openpyxl.Workbook:
    others = made_others() | {"changes": release_changes(None, made_table())}
    assert write_workbook(made_table(), tmp_path / "a.xlsx", FACTS, others=others) == 8
    return openpyxl.load_workbook(tmp_path / "a.xlsx")


def _cells(page: object, key: str) -> dict[str, object]:
    names = [cell.value for cell in page[2]]
    found = next(cells for cells in page.iter_rows(min_row=3) if cells[0].value == key)
    return dict(zip(names, found, strict=True))


def test_sheets_headers_panes_and_filter(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [
        "说明 README", "排放因子 factors", "单一气体因子 gas_factors", "参数 parameters", "来源 sources",
        "暂未发布 held_back", "变更 changes",
    ]  # fmt: skip
    page = book["排放因子 factors"]
    assert page["A1"].value == "因子标识\nfactor id"
    assert [cell.value for cell in page[2]] == release_schema().names
    assert page.freeze_panes == "D3"
    assert page.auto_filter.ref.startswith("A2:")
    assert page.max_row == 8
    assert page.column_dimensions["C"].width > page.column_dimensions["A"].width


def test_no_text_becomes_a_formula(book: openpyxl.Workbook) -> None:
    for page in book:
        for cells in page.iter_rows():
            assert all(cell.data_type != "f" for cell in cells)
    cells = _cells(book["排放因子 factors"], "hostile")
    assert cells["name_en"].value == FORMULA
    assert cells["name_zh"].value == HOSTILE
    assert book["暂未发布 held_back"]["D3"].value == FORMULA


def test_numbers_show_the_digits_of_the_published_string(book: openpyxl.Workbook) -> None:
    page = book["排放因子 factors"]
    plain, long, unknown = (_cells(page, key) for key in ("plain", "long", "unknown"))
    assert (plain["value_text"].value, plain["value"].value, plain["value"].number_format) == (
        "0.5440",
        0.544,
        "0.0000",
    )
    assert unknown["value"].number_format == "0.000"
    assert (long["value"].value, long["value"].number_format) == (1.2e-7, "General")
    assert unknown["mean"].value is None
    assert plain["published_on"].value.date().isoformat() == "2025-12-31"
    assert plain["published_on"].number_format == "yyyy-mm-dd"
    assert plain["verified"].value is False
    assert long["statement_text"].value == BACKSLASH


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    write_workbook(table_of([row("plain")]), tmp_path / "a.xlsx", FACTS)
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["参数 parameters"]
    assert "no records" in page["A3"].value


def test_a_long_table_goes_on_in_further_sheets_with_a_note(tmp_path: Path) -> None:
    block = table_of([row(f"f{number}") for number in range(25)]).to_batches()[0]
    with Workbook(tmp_path / "a.xlsx", FACTS, sheet_rows=12) as book:
        book.write("factors", block)
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")
    pages = [name for name in found.sheetnames if name.startswith("排放因子")]
    assert pages == ["排放因子 factors", "排放因子 factors 2", "排放因子 factors 3"]
    keys = [cells[0].value for name in pages for cells in found[name].iter_rows(min_row=3)]
    assert keys == [f"f{number}" for number in range(25)]
    assert [found[name].auto_filter.ref.rsplit(":", 1)[0] for name in pages] == ["A2"] * 3
    assert any("factors 2" in str(cell.value) for cells in found["说明 README"] for cell in cells)


def test_rows_beyond_the_limit_are_named_not_hidden(tmp_path: Path) -> None:
    rows = table_of([row(f"f{number}") for number in range(25)])
    write_workbook(rows, tmp_path / "a.xlsx", FACTS, row_limit=10)
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert found["排放因子 factors"].max_row == 12
    notes = [str(cell.value) for cells in found["说明 README"] for cell in cells]
    assert any("has 25 rows" in note and "data/factors.parquet" in note for note in notes)


def test_text_longer_than_a_cell_is_cut_and_said(tmp_path: Path) -> None:
    write_workbook(table_of([row("long", category="长" * 40_000)]), tmp_path / "a.xlsx", FACTS)
    found = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert len(_cells(found["排放因子 factors"], "long")["category"].value) == CELL_CHARACTERS
    assert any("1 cell(s)" in str(cell.value) for cells in found["说明 README"] for cell in cells)


@pytest.mark.parametrize("text", ["a\x01\x0bb", "_x0041_", "a\uffffb\ufffe", " both ends ", "<&>", "\r\n", "😀"])
def test_odd_characters_leave_the_workbook_readable(tmp_path: Path, text: str) -> None:
    write_workbook(table_of([row("odd", category=text)]), tmp_path / "a.xlsx", FACTS)
    found = _cells(openpyxl.load_workbook(tmp_path / "a.xlsx")["排放因子 factors"], "odd")["category"].value
    expected = text.replace("\uffff", "\ufffd").replace("\ufffe", "\ufffd")
    assert unescape(found) == expected


def test_same_rows_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_workbook(made_table(), tmp_path / f"{name}.xlsx", FACTS, others=made_others())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert not list(tmp_path.glob("*.rough"))
