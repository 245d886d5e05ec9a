"""The submission form: what is written is read back, with places; formulas stay text; the same bytes twice."""

from pathlib import Path

import openpyxl
import pytest

from factordb.errors import FileProblemError
from factordb.formats.submission_form import DATA_ROW, LISTS, write_form
from factordb.formats.submission_form_reader import read_form, read_twin
from factordb.model.submission import Kind, sheets

FILLED = {
    "submission": [{"kind": "fuel", "submitter": "zhang-san", "organisation": "示范电厂", "demonstration": "yes"}],
    "factors": [{"factor_key": "f1", "value": "1.98320", "unit": "tCO2/t", "name_zh": "=1+1"}],
    "tests": [
        {"test_id": "T1", "quantity": "carbon", "value": "57.30", "issued_on": "2025-02-06"},
        {"test_id": "T2", "quantity": "carbon", "value": "0.5440", "issued_on": "2025-03-06"},
    ],
}


def test_what_is_written_is_read_back_with_every_digit_and_its_place(tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", Kind.FUEL, FILLED)
    found = read_form(tmp_path / "form.xlsx")
    for sheet, rows in FILLED.items():
        assert [{name: cell.text for name, cell in row.items()} for row in found.rows[sheet]] == rows
    cell = found.rows["tests"][1]["value"]
    assert cell.place.startswith("检测!")
    assert cell.place.endswith(str(DATA_ROW + 1))
    assert found.unknown == ()


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_form_holds_no_row_and_its_sheets_are_those_of_the_kind(tmp_path: Path, kind: Kind) -> None:
    names = write_form(tmp_path / "form.xlsx", kind)
    found = read_form(tmp_path / "form.xlsx")
    assert all(rows == () for rows in found.rows.values())
    assert set(names) == {sheet.zh for sheet in sheets().values() if sheet.needed_by(kind)}
    assert set(found.missing) == {name for name, sheet in sheets().items() if not sheet.needed_by(kind)}


def test_the_same_form_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_form(tmp_path / name, Kind.FUEL, FILLED)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_no_cell_is_a_formula_and_drop_downs_stand_on_a_very_hidden_sheet(tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", Kind.FUEL, FILLED)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    assert book[LISTS].sheet_state == "veryHidden"
    for page in book.worksheets:
        assert not [cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    tests = book["检测"]
    assert len(tests.data_validations.dataValidation) >= 2
    assert tests.freeze_panes == "B5"


def test_a_formula_without_its_result_is_a_damaged_row(tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", Kind.FUEL, FILLED)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    names = {cell.value: cell.column for cell in book["检测"][2]}
    book["检测"].cell(DATA_ROW, names["value"]).value = "=50+7.3"
    book.save(tmp_path / "form.xlsx")
    found = read_form(tmp_path / "form.xlsx")
    assert [one.code for one in found.damaged] == ["FMT016"]
    assert len(found.rows["tests"]) == 1


def test_a_column_nobody_asked_for_is_told(tmp_path: Path) -> None:
    write_form(tmp_path / "form.xlsx", Kind.FUEL, FILLED)
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    page = book["检测"]
    page.cell(2, page.max_column + 1).value = "remarks"
    page.cell(DATA_ROW, page.max_column).value = "seen by nobody"
    book.save(tmp_path / "form.xlsx")
    assert len(read_form(tmp_path / "form.xlsx").unknown) == 1


def test_a_sheet_as_csv_is_read_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "labs.csv"
    path.write_text("lab_id,name_zh,colour\nlab1,某院,red\n\nlab2,某所,\n", encoding="utf-8")
    rows, damaged, unknown = read_twin(path, sheets()["labs"])
    assert [row["lab_id"].text for row in rows] == ["lab1", "lab2"]
    assert rows[1]["lab_id"].place == "labs.csv:4:lab_id"
    assert (damaged, unknown) == ((), ("labs.csv!C",))


def test_what_is_no_workbook_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(FileProblemError):
        read_form(tmp_path / "form.xlsx")
