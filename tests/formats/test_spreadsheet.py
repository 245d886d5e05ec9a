"""Workbooks: nothing that is not empty is read as empty; hostile parts are refused before they are read."""

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from factordb.errors import FileProblemError
from factordb.formats import sheet_xml, tabular, xls_child
from factordb.formats.sheet_xml import look_into

Fill = Callable[[Worksheet], None]


def made(folder: Path, fill: Fill, name: str = "t.xlsx") -> Path:
    book = openpyxl.Workbook()
    fill(book.active)
    book.save(folder / name)
    return folder / name


def walked(path: Path, **how: object) -> tuple[tabular.RawTable, list[dict[str, object]]]:
    table = tabular.read(path, **how)  # type: ignore[arg-type]  # options of a test
    return table, table.reader().read_all().to_pylist()


def altered(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_values_become_text_with_the_shortest_digits(tmp_path: Path) -> None:
    values = [
        0.1,
        20.0,
        1 / 3,
        1e22,
        -0.5,
        True,
        "0.8310",
        dt.date(2023, 1, 5),
        dt.datetime(2023, 1, 5, 3, 4),  # noqa: DTZ001 - a sheet knows no time zone
        dt.time(1, 2),
    ]

    def fill(sheet: Worksheet) -> None:
        sheet.append(["n", "v"])
        for number, value in enumerate(values):
            sheet.append([number, value])

    _, rows = walked(made(tmp_path, fill))
    assert [row["v"] for row in rows] == [
        *("0.1", "20", "0.3333333333333333", "1e+22", "-0.5", "TRUE", "0.8310"),
        *("2023-01-05", "2023-01-05T03:04:00", "01:02:00"),
    ]


def test_a_formula_without_result_and_an_error_value_refuse_their_rows(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["a", "b", "c"], [1, "=1+1", 3], [2, 5, "#REF!"], [3, 4, 5], ["=A1", "=A2", None]):
            sheet.append(row)
        sheet["C3"].data_type = "e"

    read, rows = walked(made(tmp_path, fill))
    assert [(row["a"], row["_row"]) for row in rows] == [("3", 3)]
    assert [(damage.place, damage.code, damage.found) for damage in read.damaged] == [
        ("t.xlsx!B2", "FMT016", "B2"),
        ("t.xlsx!C3", "FMT017", "#REF! (C3)"),
        ("t.xlsx!A5", "FMT016", "A5, B5"),
    ]
    assert '"c": "#REF!"' in read.damaged[1].text


def test_a_formula_with_a_saved_result_is_read_and_noted(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_formula(1, 0, "=1+1", None, 2)
    sheet.write_formula(1, 1, '=""', None, "")
    book.close()
    # as Excel saves a formula whose result is an empty text
    altered(tmp_path / "t.xlsx", "xl/worksheets/sheet1.xml", lambda raw: raw.replace(b'r="B2">', b'r="B2" t="str">'))
    read, rows = walked(tmp_path / "t.xlsx")
    assert [(row["a"], row["b"]) for row in rows] == [("2", None)]
    assert any("2 formula" in note.en for note in read.notes)


def test_a_percent_format_is_read_as_shown(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["cv", "share"], [0.034, 0.25], [0.183, 1]):
            sheet.append(row)
        for name in ("A2", "A3"):
            sheet[name].number_format = "0.0%"
        sheet["B3"].number_format = '0.0"%"'  # a literal sign: the number is already in per cent

    read, rows = walked(made(tmp_path, fill))
    assert [(row["cv"], row["share"]) for row in rows] == [("3.4%", "0.25"), ("18.3%", "1")]
    assert any("per cent" in note.en for note in read.notes)


def test_merged_rows_share_their_cell_but_fill_no_blank_row(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (["地区", "值"], ["华北", 1], [None, 2], [None, 3], [None, None], ["华东", 4]):
            sheet.append(row)
        sheet.merge_cells("A2:A5")

    read, rows = walked(made(tmp_path, fill))
    assert [(row["地区"], row["值"], row["_row"]) for row in rows] == [
        ("华北", "1", 1), ("华北", "2", 2), ("华北", "3", 3), ("华东", "4", 5),
    ]  # fmt: skip
    assert any("merged" in note.en for note in read.notes)


def test_rows_and_columns_are_the_sheets_own_even_where_the_table_starts_late(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["C4"], sheet["D4"], sheet["D6"] = "name", "value", 7

    read, rows = walked(made(tmp_path, fill), header_row=4, expect_columns=["name", "value"])
    assert read.columns == ("column_A", "column_B", "name", "value")
    assert read.cell(read.columns.index("value"), rows[0]["_row"]) == "t.xlsx!D6"  # type: ignore[arg-type] # rows of mixed types
    with pytest.raises(FileProblemError, match="header_row = 4"):
        walked(tmp_path / "t.xlsx", expect_columns=["name"], header_row=6)
    with pytest.raises(FileProblemError, match="header"):
        walked(tmp_path / "t.xlsx")


def test_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.sheet_state = "hidden"
    for title, value in (("数据", 1), ("更多", 2)):
        sheet = book.create_sheet(title)
        sheet.append(["a", "b"])
        sheet.append([value, value])
    book.active = 1
    book.save(tmp_path / "t.xlsx")
    read, rows = walked(tmp_path / "t.xlsx")
    assert [row["a"] for row in rows] == ["1"]
    assert "更多" in read.notes[0].zh
    assert "隐藏：说明" in read.notes[0].zh
    assert [row["a"] for row in walked(tmp_path / "t.xlsx", sheet="更多")[1]] == ["2"]
    with pytest.raises(FileProblemError, match="choose one of") as told:
        walked(tmp_path / "t.xlsx", sheet="无")
    assert "数据" in told.value.remedy


def test_a_document_type_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        path = made(tmp_path, lambda sheet: sheet.append(["a", "b"]))
        altered(path, part, lambda raw: bomb + raw[raw.find(b"?>") + 2 if raw.startswith(b"<?xml") else 0 :])
        with pytest.raises(FileProblemError, match="XML-DTD"):
            walked(path)


def test_a_cell_at_the_far_corner_is_refused_at_once(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["a", "b"])
        sheet["XFD1048576"] = 1

    with pytest.raises(FileProblemError, match="1,048,576 rows"):
        walked(made(tmp_path, fill))


def test_damaged_xml_and_depth_end_in_a_sentence(tmp_path: Path) -> None:
    for change in (lambda raw: raw[:-30], lambda raw: raw.replace(b"<sheetData>", b"<sheetData>" + b"<a>" * 200_000)):
        path = altered(made(tmp_path, lambda sheet: sheet.append(["a", "=1"])), "xl/worksheets/sheet1.xml", change)
        with pytest.raises(FileProblemError):
            walked(path)


def test_the_quick_search_finds_what_the_walk_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    for row in range(3000):
        sheet.write_row(row, 1, [f"t{row}", row / 7, None])
    sheet.write_blank(5000, 40, None, book.add_format({"bold": True}))
    book.close()
    monkeypatch.setattr(sheet_xml, "BLOCK", 10_000)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        quick = look_into(archive, "xl/worksheets/sheet1.xml", "t")
        assert sheet_xml._plain_extent(archive, "xl/worksheets/sheet1.xml", frozenset()) == quick
        monkeypatch.setattr(sheet_xml, "_plain_extent", lambda *_: None)
        assert look_into(archive, "xl/worksheets/sheet1.xml", "t") == quick
    assert (quick.rows, quick.columns) == (3000, 3)


def test_real_workbooks_of_both_kinds() -> None:
    folder = Path(__file__).parents[2] / ".." / "shared" / "data" / "epa_surge" / "CH4_148_Keystone_Lake"
    if not folder.is_dir():
        pytest.skip("the shared folder with real files is absent")
    read, rows = walked(folder / "surgeData148.xlsx", header_row=2, expect_columns=["lake.id", "site.id"])
    assert len(rows) == 15
    assert not read.damaged
    old, rows = walked(folder / "chamberAdjustmentsAda.xls", expect_columns=["lake_id"])
    assert (len(rows), old.columns[4]) == (278, "co2DeplyDtTm")
    assert rows[0]["co2DeplyDtTm"] == "2022-07-23T08:09:36"
    assert any(".xls" in note.en for note in old.notes)


def test_an_old_workbook_that_makes_its_reader_panic_ends_in_a_sentence(tmp_path: Path) -> None:
    """Cut inside its sector table, the file makes the compiled reader panic; its process may, ours may not."""
    folder = Path(__file__).parents[2] / ".." / "shared" / "data" / "epa_surge" / "CH4_148_Keystone_Lake"
    if not folder.is_dir():
        pytest.skip("the shared folder with real files is absent")
    raw = (folder / "chamberAdjustmentsAda.xls").read_bytes()
    for cut in (600, 51_299, len(raw) - 2000):
        (tmp_path / "t.xls").write_bytes(raw[:cut])
        with pytest.raises(FileProblemError, match="no readable workbook"):
            walked(tmp_path / "t.xls")
    (tmp_path / "t.xls").write_bytes(raw)
    with pytest.raises(FileProblemError, match="choose one of: DATA, README"):
        walked(tmp_path / "t.xls", sheet="none")
    assert walked(tmp_path / "t.xls", sheet="README")[0].columns


def test_an_old_workbook_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 1000)
    monkeypatch.setattr(xls_child, "SECONDS_LIMIT", 0)
    with pytest.raises(FileProblemError, match="no readable workbook"):
        walked(tmp_path / "t.xls")
