"""Reads CSV and its kin: row by row where something is wrong, in whole blocks where nothing is.

A row is numbered as a spreadsheet program shows it: blank lines count, a quoted line break does not. A row that
cannot be read becomes a `DamagedRow`; after an unclosed quote reading goes on with the next line.
"""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

import pyarrow as pa

from factordb.errors import FileProblemError
from factordb.formats.archive import ByteSource
from factordb.formats.blocks import blanks_note, text_batch, text_schema
from factordb.formats.raw_table import (
    DamagedRow,
    Note,
    RawTable,
    check_header,
    note_damage,
    row_json,
    tidy_header,
    tidy_word,
)
from factordb.formats.text_encoding import TextFacts, examine

DELIMITERS = (",", ";", "\t", "|")
CELL_LIMIT = 1 << 20
"""Characters of one cell or physical line; a spreadsheet cell holds 32,767."""

LINES_LIMIT = 500
"""Physical lines of one row; more means that a quote was never closed."""

SAMPLE = 200
BLOCK_CHARS = 64 << 20
EARLY = 20


class _CutLine(str):
    """A physical line longer than `CELL_LIMIT`: its beginning."""

    __slots__ = ()


class _TooLongError(csv.Error):
    """A line or a row is too long to be meant."""


class _Lines:
    """Physical lines, remembered for the row being read and given back when a row breaks."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.taken: list[str] = []
        self.again: deque[str] = deque()
        self.given = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self._read()
        if not line:
            raise StopIteration
        self.given += 1
        self.taken.append(line)
        if isinstance(line, _CutLine) or len(self.taken) > LINES_LIMIT:
            raise _TooLongError
        return line

    def _read(self) -> str:
        line = self.stream.readline(CELL_LIMIT)
        if len(line) < CELL_LIMIT or line.endswith(("\n", "\r")):
            return line
        rest = line
        while rest and not rest.endswith(("\n", "\r")):
            rest = self.stream.readline(CELL_LIMIT)
        return _CutLine(line)

    def give_back(self) -> str:
        """Return the first line of the row being read; the others will be read again."""
        first, *others = self.taken
        self.again.extendleft(reversed(others))
        self.given -= len(others)
        return first


@dataclass(frozen=True)
class _Broken:
    """A row the grammar of quotes does not admit."""

    code: str
    text: str


def _rows(lines: _Lines, delimiter: str) -> Iterator[list[str] | _Broken]:
    """Yield the rows; `lines.given` is then the physical line a row ended on."""
    # the limit is the module's; it is only ever raised, and to a bound
    csv.field_size_limit(max(csv.field_size_limit(), CELL_LIMIT))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            first = lines.give_back()
            yield _Broken("FMT015" if isinstance(first, _CutLine) else "FMT014", first.rstrip("\r\n"))
        else:
            yield row


@contextmanager
def _opened(source: ByteSource, facts: TextFacts) -> Iterator[_Lines]:
    errors = "surrogateescape" if facts.broken else "strict"
    with source.open() as raw:
        yield _Lines(io.TextIOWrapper(raw, encoding=facts.encoding, errors=errors, newline=""))


def _first_rows(source: ByteSource, facts: TextFacts, delimiter: str, count: int) -> list[list[str]]:
    with _opened(source, facts) as lines:
        rows = zip(range(count), _rows(lines, delimiter), strict=False)
        return [[row.text] if isinstance(row, _Broken) else row for _, row in rows]


def _delimiter(
    source: ByteSource, facts: TextFacts, header_row: int, expected: Collection[str]
) -> tuple[str, list[list[str]]]:
    """Return the delimiter and the first rows under it.

    The one whose header holds the expected words wins; then the one under which most rows are as wide as the header.
    """
    wanted = {tidy_word(word) for word in expected}
    best = (DELIMITERS[0], _first_rows(source, facts, DELIMITERS[0], header_row + SAMPLE))
    best_score = (False, 0.0, 1)
    for delimiter in DELIMITERS:
        rows = _first_rows(source, facts, delimiter, header_row + SAMPLE)
        header, body = rows[header_row - 1 : header_row], [row for row in rows[header_row:] if row]
        width = len(header[0]) if header else 0
        if width < 2:  # noqa: PLR2004 - a delimiter that parts nothing is none
            continue
        holds = bool(wanted) and wanted <= {tidy_word(word) for word in header[0]}
        share = round(sum(len(row) == width for row in body) / max(len(body), 1), 1)
        if (holds, share, width) > best_score:
            best, best_score = (delimiter, rows), (holds, share, width)
    return best


def _reach(row: Sequence[str]) -> int:
    """Return the number of cells up to the last that is not empty."""
    return max((index for index, cell in enumerate(row, 1) if cell.strip()), default=0)


def _refuse_title(file: str, early: Sequence[Sequence[str]], header_row: int) -> None:
    """Raise if no row that follows is as wide as the header: it is a title, or the wrong row."""
    width = len(early[header_row - 1])
    widths = [_reach(row) for row in early[header_row:] if row]
    usual = max(set(widths), key=widths.count, default=0)
    if width >= usual or width in widths or len(widths) < 2:  # noqa: PLR2004 - one row may be damaged
        return
    better = next(number for number, row in enumerate(early, 1) if _reach(row) == usual)
    raise FileProblemError(
        file,
        problem=f"row {header_row} has {width} cells, the rows below it {usual}",
        remedy=f"set header_row to the row of the column names, perhaps {better}",
        problem_zh=f"第 {header_row} 行有 {width} 个单元格，其下各行有 {usual} 个",
        remedy_zh=f"请把 header_row 设为列名所在的行，可能是第 {better} 行",
    )


def _odd_sign(row: Sequence[str]) -> tuple[int, str] | None:
    """Return column and code of the first cell with a NUL or an undecodable byte."""
    for index, cell in enumerate(row):
        if "\0" in cell:
            return index, "FMT013"
        if any("\ud800" <= sign <= "\udfff" for sign in cell):
            return index, "FMT012"
    return None


@dataclass(frozen=True)
class _Reading:
    """What is known of one file while its rows are walked."""

    source: ByteSource
    facts: TextFacts
    delimiter: str
    header_row: int
    table: RawTable

    def damage(self, code: str, row: int, line: int, cells: Sequence[str], *, column: int = -1) -> None:
        """Note a row that cannot be read; `column` points at the cell, if one is to blame."""
        columns, name = self.table.columns, self.source.name
        text = row_json(cells, columns)
        width = f"{len(cells)}", f"{len(columns)}"
        shown = row_json(cells[column : column + 1] if column >= 0 else cells[:1], ())[:120]
        found, expected = {
            "FMT010": width,
            "FMT011": width,
            "FMT012": (shown, self.facts.label),
            "FMT015": ("", f"{CELL_LIMIT:,}"),
        }.get(code, (shown, ""))
        place = self.table.cell(column, row, name) if column >= 0 else f"{name}!{row + self.header_row}"
        note_damage(
            self.table.damaged, DamagedRow(name, row, place, code, text, found=found, expected=expected, line=line)
        )

    def batches(self, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows in blocks; note damaged rows on the way, and blank ones at the end.

        Whole blocks pass as they are; from the first one that is not plain, rows are looked at one by one.
        """
        done = blank = 0
        for rows in self._plain_blocks(max(1, min(batch_rows, BLOCK_CHARS // max(self.facts.longest, 1)))):
            if rows is None:
                yield from self._careful(batch_rows, done, blank)
                return
            batch = text_batch(self.table.schema, self.source.name, rows, range(done + 1, done + len(rows) + 1))
            done += len(rows)
            blank += len(rows) - batch.num_rows
            yield batch
        self.table.notes.extend(blanks_note(blank))

    def _plain_blocks(self, size: int) -> Iterator[list[list[str]] | None]:
        """Yield blocks whose rows are one line each and as wide as the header; None for one that is not."""
        if self.facts.broken or self.facts.nul or self.facts.longest >= CELL_LIMIT:
            yield None
            return
        width = {len(self.table.columns)}
        with _opened(self.source, self.facts) as lines:
            reader = csv.reader(lines.stream, delimiter=self.delimiter, strict=True)
            try:
                deque(islice(reader, self.header_row), maxlen=0)
                line = reader.line_num
                while rows := list(islice(reader, size)):
                    if set(map(len, rows)) != width or reader.line_num - line != len(rows):
                        break
                    line = reader.line_num
                    yield rows
                else:
                    return
            except csv.Error:
                pass  # told row by row
        yield None

    def _careful(self, batch_rows: int, done: int, blank: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows after the first `done`, each looked at."""
        width, look_closer = len(self.table.columns), self.facts.broken or self.facts.nul
        rows: list[list[str]] = []
        numbers: list[int] = []
        chars = 0
        with _opened(self.source, self.facts) as lines:
            for number, row in enumerate(_rows(lines, self.delimiter), 1 - self.header_row):
                if number <= done:
                    continue
                if isinstance(row, _Broken):
                    self.damage(row.code, number, lines.given, [row.text])
                    continue
                if len(row) != width:
                    if not any(map(str.strip, row)):
                        blank += 1
                        continue
                    if len(row) < width or any(map(str.strip, row[width:])):
                        code = "FMT011" if len(row) < width else "FMT010"
                        self.damage(code, number, lines.given - len(lines.taken) + 1, row)
                        continue
                    del row[width:]
                if look_closer and (odd := _odd_sign(row)):
                    self.damage(odd[1], number, lines.given - len(lines.taken) + 1, row, column=odd[0])
                    continue
                rows.append(row)
                numbers.append(number)
                chars += len(lines.taken[0])
                if len(rows) >= batch_rows or chars > BLOCK_CHARS:
                    batch = text_batch(self.table.schema, self.source.name, rows, numbers)
                    blank += len(rows) - batch.num_rows
                    yield batch
                    rows, numbers, chars = [], [], 0
        if rows:
            batch = text_batch(self.table.schema, self.source.name, rows, numbers)
            blank += len(rows) - batch.num_rows
            yield batch
        self.table.notes.extend(blanks_note(blank))


def read_delimited(
    source: ByteSource, *, header_row: int, expect_columns: Collection[str], batch_rows: int
) -> RawTable:
    """Return the table of a CSV, TSV, semicolon or pipe file.

    Raises:
        FileProblemError: the encoding is not UTF-8 or GB18030, there is no header in `header_row`, or it lacks an
            expected word.
    """
    facts = examine(source)
    delimiter, early = _delimiter(source, facts, header_row, expect_columns)
    words = early[header_row - 1] if len(early) >= header_row else []
    if not any(map(str.strip, words)) or _odd_sign(words):
        raise FileProblemError(
            source.name,
            problem=f"row {header_row} is no readable header",
            remedy="give the row of the column names as header_row",
            problem_zh=f"第 {header_row} 行不是可读的表头",
            remedy_zh="请用 header_row 指明列名所在的行",
        )
    told = f"{facts.label}, delimiter {delimiter!r}"
    check_header(source.name, words, expect_columns, early=early[:EARLY], told=told)
    _refuse_title(source.name, early, header_row)
    columns, notes = tidy_header(words)
    if facts.note:
        notes.append(facts.note)
    if delimiter != ",":
        notes.append(Note(zh=f"分隔符为 {delimiter!r}", en=f"the delimiter is {delimiter!r}"))
    table = RawTable(
        file=source.name,
        columns=columns,
        schema=text_schema(columns),
        batches=iter(()),
        header_row=header_row,
        encoding=facts.label,
        notes=notes,
    )
    reading = _Reading(source, facts, delimiter, header_row, table)
    return table.with_batches(reading.batches(batch_rows))
