"""Reads .xlsx and .xls: values as text with the shortest digits that give the number back, dates as ISO text.

A row with an error value or a formula without a saved result is refused by name, never read as empty.
A cell merged over several rows is one cell: each of these rows gets it. Hidden sheets are not chosen by default.
"""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import python_calamine as calamine

from factordb.errors import FileProblemError
from factordb.formats import xls_child
from factordb.formats.archive import MAX_IN_MEMORY, ByteSource, inspect, told_plainly, zip_opened
from factordb.formats.blocks import blanks_note, text_batch, text_schema
from factordb.formats.raw_table import (
    DamagedRow,
    Note,
    RawTable,
    check_header,
    column_letters,
    note_damage,
    row_json,
    tidy_header,
)
from factordb.formats.sheet_xml import SheetFacts, look_into, refuse_doctypes, sheet_parts
from factordb.formats.xls_child import cell_text

EARLY = 20
SHOWN = 5


class _Merges:
    """Cells merged over several rows, while the rows are walked from above."""

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        upright = [(top, bottom) for top, bottom in ranges if bottom[0] > top[0]]
        self.count = len(upright)
        self._waiting = sorted(upright, reverse=True)
        self._open: dict[int, tuple[int, str]] = {}

    def fill(self, number: int, cells: list[str]) -> None:
        """Write the text of merged cells into row `number`; a row that is else empty stays so."""
        while self._waiting and self._waiting[-1][0][0] <= number:
            (row, column), (last, _) = self._waiting.pop()
            if row == number and column < len(cells):
                self._open[column] = (last, cells[column])
        if not self._open or not any(cells):
            return
        for column, (last, text) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif not cells[column]:
                cells[column] = text


@contextmanager
def _told_plainly(file: str) -> Iterator[None]:
    """Turn what the value reader raises, its panics too, into one sentence."""
    try:
        with told_plainly(file):
            yield
    except BaseException as fault:
        # a panic of the compiled reader is no Exception; everything else but its own errors goes on
        if not isinstance(fault, calamine.CalamineError) and type(fault).__name__ != "PanicException":
            raise
        raise _unreadable(file, locked=isinstance(fault, calamine.PasswordError)) from fault


@dataclass(frozen=True)
class _Book:
    """The chosen sheet of an opened workbook, and what its XML says beside the values."""

    sheet: Any
    facts: SheetFacts
    notes: tuple[Note, ...]

    def rows(self, count: int | None = None) -> Iterator[list[str]]:
        """Yield the rows (the first `count`) from the top of the sheet as text, all of one length.

        The value reader ends with the last value; rows below it that hold unreadable cells come too.
        """
        width, seen = self.facts.columns, 0
        for cells in islice(self._valued_rows(), count):
            seen += 1
            yield cells
        for _ in range(seen, min(self.facts.rows, self.facts.rows if count is None else count)):
            yield [""] * width

    def _valued_rows(self) -> Iterator[list[str]]:
        if self.sheet.start is None:
            return
        lead, width = [""] * self.sheet.start[1], self.facts.columns
        percents, merges = self.facts.percents, _Merges(self.sheet.merged_cell_ranges or [])
        for number, values in enumerate(self.sheet.iter_rows()):
            cells = (lead + [cell_text(value) for value in values])[:width]
            if percents:
                for column, value in enumerate(values, len(lead)):
                    if (number, column) in percents:
                        cells[column] = cell_text(value, percent=True)
            cells.extend([""] * (width - len(cells)))
            merges.fill(number, cells)
            yield cells


def _sheet_named(sheets: Sequence[tuple[str, bool]], wanted: str, file: str) -> tuple[str, list[Note]]:
    """Return the sheet to read, the first visible one unless named, and a note on those left aside.

    Args:
        sheets: name of each worksheet and whether it is shown.
        wanted: the name asked for, or empty.
        file: name for the message.
    """
    shown = [name for name, visible in sheets if visible]
    names = [name for name, _ in sheets]
    if (wanted and wanted not in names) or not (wanted or shown):
        raise FileProblemError(
            file,
            problem=f"has no sheet {wanted!r}" if wanted else "has no visible sheet",
            remedy=f"choose one of: {', '.join(names) or 'none'}",
            problem_zh=f"没有工作表 {wanted!r}" if wanted else "没有可见的工作表",
            remedy_zh=f"请从以下选择：{'、'.join(names) or '无'}",
        )
    name = wanted or shown[0]
    others = [other for other in names if other != name]
    if not others:
        return name, []
    hidden = [other for other in others if other not in shown]
    told = f"; hidden: {', '.join(hidden)}" if hidden else ""
    told_zh = f"；其中隐藏：{'、'.join(hidden)}" if hidden else ""
    return name, [
        Note(
            zh=f"读取工作表“{name}”，未读取：{'、'.join(others)}{told_zh}",
            en=f"read the sheet {name!r}; not read: {', '.join(others)}{told}",
        )
    ]


def _xml_facts(source: ByteSource, sheet_name: str) -> tuple[SheetFacts, list[Note]]:
    notes = []
    with told_plainly(source.name), zip_opened(source.seekable()) as archive:
        inspect(archive, source.name)
        refuse_doctypes(archive, source.name)
        part = sheet_parts(archive, source.name).get(sheet_name, "")
        facts = look_into(archive, part, source.name)
        if any(name.startswith("xl/externalLinks/") for name in archive.namelist()):
            notes.append(Note(zh="含外部链接，未跟随", en="it has links to other workbooks; they are not followed"))
    return facts, notes


def _fact_notes(facts: SheetFacts, merged: int) -> Iterator[Note]:
    saved = facts.formulas - len(facts.unsaved)
    if saved:
        yield Note(
            zh=f"{saved} 个公式单元格按文件中保存的结果读取，未重新计算",
            en=f"{saved} formula cell(s) read by their saved results, not recalculated",
        )
    if facts.percents:
        yield Note(
            zh=f"{len(facts.percents)} 个百分比格式的单元格按显示读取（0.034 读作 3.4%）",
            en=f"{len(facts.percents)} cell(s) in a per cent format read as shown (0.034 as 3.4%)",
        )
    if merged:
        yield Note(
            zh=f"{merged} 个跨行合并单元格的内容用于其所跨各行",
            en=f"{merged} cell(s) merged over several rows apply to each of them",
        )


def _opened(source: ByteSource, sheet: str) -> _Book:
    """Return the chosen sheet with its notes; it is looked into before its values are taken into memory."""
    if source.size > MAX_IN_MEMORY:
        raise _too_large(source.name, f"{source.size:,} bytes", f"{source.size:,} 字节")
    return _opened_modern(source, sheet) if source.head(4).startswith(b"PK") else _opened_old(source, sheet)


def _opened_modern(source: ByteSource, wanted: str) -> _Book:
    with told_plainly(source.name), zip_opened(source.seekable()) as archive:
        inspect(archive, source.name)
        refuse_doctypes(archive, source.name)
    with _told_plainly(source.name), calamine.load_workbook(source.seekable()) as book:
        tables = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
        sheets = [(meta.name, meta.visible == calamine.SheetVisibleEnum.Visible) for meta in tables]
        name, notes = _sheet_named(sheets, wanted, source.name)
        facts, more = _xml_facts(source, name)
        sheet = book.get_sheet_by_name(name)
    merged = _Merges(sheet.merged_cell_ranges or []).count
    return _Book(sheet, facts, (*notes, *more, *_fact_notes(facts, merged)))


@dataclass(frozen=True)
class _TextRows:
    """Rows of an old workbook, as text, from the top left of the sheet."""

    lines: Sequence[bytes]
    start: tuple[int, int] = (0, 0)
    merged_cell_ranges: tuple[()] = ()

    def iter_rows(self) -> Iterator[list[str]]:
        """Yield the rows."""
        yield from map(json.loads, self.lines)


def _opened_old(source: ByteSource, wanted: str) -> _Book:
    with source.open() as stream:
        content = stream.read()
    command = [sys.executable, "-I", xls_child.__file__, wanted]
    seconds = 2 * xls_child.SECONDS_LIMIT
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - our own script
    except (subprocess.TimeoutExpired, OSError, ValueError):
        raise _unreadable(source.name) from None
    first, *lines = child.stdout.splitlines() or [b"{}"]
    facts = json.loads(first) if child.returncode == 0 else {}
    if not facts.get("sheets"):
        raise _unreadable(source.name, locked=facts.get("locked", False))
    _, notes = _sheet_named([(name, shown) for name, shown in facts["sheets"]], wanted, source.name)
    width = len(json.loads(lines[0])) if lines else 0
    warning = Note(
        zh=".xls 中的错误值与空单元格无法区分；如有疑问请另存为 .xlsx",
        en="in .xls an error value cannot be told from an empty cell; if in doubt save it as .xlsx",
    )
    return _Book(_TextRows(lines), SheetFacts(rows=len(lines), columns=width), (*notes, warning))


def _unreadable(file: str, *, locked: bool = False) -> FileProblemError:
    return FileProblemError(
        file,
        problem="is protected by a password" if locked else "is no readable workbook",
        remedy="open it, remove the password if there is one, and save it as .xlsx without one",
        problem_zh="设有密码保护" if locked else "不是可读取的工作簿",
        remedy_zh="请打开文件，去除密码（如有），另存为不加密的 .xlsx",
    )


def _too_large(file: str, fact: str, fact_zh: str) -> FileProblemError:
    return FileProblemError(
        file,
        problem=f"is too large for a workbook ({fact})",
        remedy="save the table as CSV or Parquet",
        problem_zh=f"作为工作簿过大（{fact_zh}）",
        remedy_zh="请将表格另存为 CSV 或 Parquet",
    )


def _damage(table: RawTable, facts: SheetFacts, number: int, cells: Sequence[str], bad: Sequence[int]) -> None:
    """Note a row with unreadable cells; the first of them gives the code, all are named."""
    row = number + 1 - table.header_row
    error = facts.errors.get((number, bad[0]))
    named = [f"{column_letters(column)}{number + 1}" for column in bad]
    found = ", ".join(named[:SHOWN]) + (f" … ({len(named)})" if len(named) > SHOWN else "")
    note_damage(
        table.damaged,
        DamagedRow(
            file=table.file,
            row=row,
            place=table.cell(bad[0], row),
            code="FMT016" if error is None else "FMT017",
            text=row_json([facts.errors.get((number, n), cell) for n, cell in enumerate(cells)], table.columns),
            found=found if error is None else f"{error} ({found})",
        ),
    )


def _batches(book: _Book, table: RawTable, batch_rows: int) -> Iterator[pa.RecordBatch]:
    rows: list[list[str]] = []
    numbers: list[int] = []
    blank = 0
    bad_cells: dict[int, list[int]] = {}
    for number, column in sorted({*book.facts.unsaved, *book.facts.errors}):
        bad_cells.setdefault(number, []).append(column)
    with told_plainly(table.file):
        for number, cells in enumerate(book.rows()):
            if number < table.header_row:
                continue
            if number in bad_cells:
                _damage(table, book.facts, number, cells, bad_cells[number])
                continue
            rows.append(cells)
            numbers.append(number + 1 - table.header_row)
            if len(rows) >= batch_rows:
                batch = text_batch(table.schema, table.file, rows, numbers)
                blank += len(rows) - batch.num_rows
                yield batch
                rows, numbers = [], []
        if rows:
            batch = text_batch(table.schema, table.file, rows, numbers)
            blank += len(rows) - batch.num_rows
            yield batch
    table.notes.extend(blanks_note(blank))


def read_spreadsheet(
    source: ByteSource, *, sheet: str, header_row: int, expect_columns: Collection[str], batch_rows: int
) -> RawTable:
    """Return the table of one sheet; columns reach to the last one with content.

    Raises:
        FileProblemError: the workbook is damaged, locked, hostile or too large, the sheet is absent, or the header
            row is empty or lacks an expected word.
    """
    book = _opened(source, sheet)
    early = list(book.rows(max(EARLY, header_row)))
    notes, facts = list(book.notes), book.facts
    words = early[header_row - 1] if len(early) >= header_row else []
    bad = sorted(column for row, column in (*facts.unsaved, *facts.errors) if row == header_row - 1)
    if bad or not any(map(str.strip, words)):
        place = f"{column_letters(bad[0])}{header_row}" if bad else f"{header_row}"
        raise FileProblemError(
            source.name,
            problem=f"the header ({place}) is empty or an unreadable formula",
            remedy="give the row of the column names as header_row, as plain text",
            problem_zh=f"表头（{place}）为空或是不可读的公式",
            remedy_zh="请用 header_row 指明列名所在的行，列名应为普通文字",
        )
    check_header(source.name, words, expect_columns, early=early[:EARLY], told=notes[0].en if notes else "")
    columns, renamed = tidy_header(words)
    table = RawTable(
        file=source.name,
        columns=columns,
        schema=text_schema(columns),
        batches=iter(()),
        header_row=header_row,
        notes=[*renamed, *notes],
    )
    return table.with_batches(_batches(book, table, batch_rows))
