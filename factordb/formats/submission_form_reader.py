"""Reads a filled-in submission form, or the CSV twins of its sheets: every cell as it was written, with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyarrow as pa

from factordb.errors import FileProblemError
from factordb.formats.archive import ByteSource, file_source
from factordb.formats.raw_table import DamagedRow, RawTable, column_letters
from factordb.formats.spreadsheet import read_spreadsheet
from factordb.formats.tabular import read
from factordb.model.submission import Cell, Row, Sheet, sheets

__all__ = ["MARK", "NAME_ROW", "ReadForm", "read_form", "read_twin"]

BLOCK_ROWS = 10_000
NAME_ROW: Final = 2
"""Row of machine names, counted from 1 as a spreadsheet program does."""
MARK: Final = "#"
"""Begins the mark of a row that is for people."""


@dataclass(frozen=True)
class ReadForm:
    """What a form held.

    Attributes:
        rows: sheet -> rows with at least one filled cell, rows of people's marks left out.
        damaged: rows that cannot be read, such as a formula without its result: a place and a code each.
        unknown: columns nobody asked for, as places.
        missing: sheets of the schema that the form lacks.
    """

    rows: MappingProxyType[str, tuple[Row, ...]]
    damaged: tuple[DamagedRow, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


def read_form(path: Path) -> ReadForm:
    """Return what the form at `path` holds.

    Raises:
        FileProblemError: the file is no workbook, is damaged, locked or hostile.
    """
    found: dict[str, tuple[Row, ...]] = {}
    damaged: list[DamagedRow] = []
    unknown: list[str] = []
    missing: list[str] = []
    source = file_source(path)
    for sheet in sheets().values():
        try:
            rows, broken, strange = _sheet(source, sheet)
        except FileProblemError as fault:
            if "has no sheet" not in fault.problem:
                raise
            missing.append(sheet.name)
            continue
        found[sheet.name] = rows
        damaged += broken
        unknown += strange
    return ReadForm(MappingProxyType(found), tuple(damaged), tuple(unknown), tuple(missing))


def read_form_sheet(path: Path, sheet: Sheet) -> tuple[tuple[Row, ...], tuple[DamagedRow, ...], tuple[str, ...]]:
    """Return rows, damaged rows and unknown columns of one sheet of a form.

    Raises:
        FileProblemError: the file is no workbook, is damaged, locked or hostile, or has no such sheet.
    """
    return _sheet(file_source(path), sheet)


def _sheet(source: ByteSource, sheet: Sheet) -> tuple[tuple[Row, ...], tuple[DamagedRow, ...], tuple[str, ...]]:
    table = read_spreadsheet(source, sheet=sheet.zh, header_row=NAME_ROW, expect_columns=(), batch_rows=BLOCK_ROWS)
    rows, unknown = _rows(sheet, table, form=True)
    return rows, tuple(table.damaged), tuple(unknown)


def read_twin(path: Path, sheet: Sheet) -> tuple[tuple[Row, ...], tuple[DamagedRow, ...], tuple[str, ...]]:
    """Return rows, damaged rows and unknown columns of a sheet given as CSV with a header of machine names.

    Raises:
        FileProblemError: the file is no table.
    """
    table = read(path)
    rows, unknown = _rows(sheet, table, form=False)
    return rows, tuple(table.damaged), tuple(unknown)


def _rows(sheet: Sheet, table: RawTable, *, form: bool) -> tuple[tuple[Row, ...], list[str]]:
    known = {one.name for one in sheet.fields}
    letters = {name: column_letters(at) for at, name in enumerate(table.columns)}
    named = sheet.zh if form else f"{sheet.name}.csv"
    unknown = [f"{named}!{letters[name]}" for name in table.columns if name not in known and not name.startswith(MARK)]
    mark = table.columns[0] if form else ""
    found = []
    for cells, number in _lines(table):
        if form and (cells.get(mark) or "").startswith(MARK):
            continue
        place = number + table.header_row
        row = {
            name: Cell(text.strip(), f"{named}!{letters[name]}{place}" if form else f"{named}:{place}:{name}")
            for name, text in cells.items()
            if name in known and text and text.strip()
        }
        if row:
            found.append(MappingProxyType(row))
    return tuple(found), unknown


def _lines(table: RawTable) -> Iterator[tuple[dict[str, str | None], int]]:
    batch: pa.RecordBatch
    for batch in table.batches:
        for line in batch.to_pylist():
            yield line, line["_row"]
