"""XLSX: the workbook for people. Two header rows (Chinese, machine name), frozen and filtered; never a formula.

Written with constant memory: rows go to disk as they come. Dates inside the document and of its zip members do not
come from the clock, so the same rows give the same bytes.
"""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from factordb.formats.rows import Rows, release_batches, release_schema, split_by_table
from factordb.formats.words import LANGUAGES, OTHER_SECTIONS, column_words, word
from factordb.model.release import TABLES, ReleaseFacts

SHEET_ROWS: Final = 1_048_576
"""Rows of a worksheet, headers included: limit of the file format."""
CELL_CHARACTERS: Final = 32_767
ROW_LIMIT: Final = 50_000
"""Rows of a table written by default: beyond it a workbook is slow to make and to open, and Parquet serves better."""
HEADER_ROWS: Final = 2
FROZEN_COLUMNS: Final = 3
DECIMALS: Final = r"^[+-]?\d+\.(?P<decimals>\d{1,30})$"
NARROW, PLAIN, WIDE = 11, 16, 30
WIDE_COLUMNS: Final = frozenset(
    {"name_zh", "name_en", "title_zh", "title_en", "category", "conversion", "old", "new", "why_zh", "why_en"}
)
NARROW_COLUMNS: Final = frozenset({"factor_id", "version_id", "kind", "te", "gr", "ti", "p", "dqr", "band", "code"})
NOT_XML: Final = r"[\x{FFFE}\x{FFFF}]"
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


class Workbook:
    """The workbook of one release, written table by table and block by block.

    Args:
        path: file to write.
        facts: cover of the release.
        row_limit: rows of each table that are written; the rest is counted and named in the read-me sheet.
        sheet_rows: rows of a worksheet; a longer table goes on in further sheets at the end.
    """

    def __init__(
        self, path: Path, facts: ReleaseFacts, *, row_limit: int = ROW_LIMIT, sheet_rows: int = SHEET_ROWS
    ) -> None:
        self._path = path
        self._facts = facts
        self._row_limit = row_limit
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        stamp = datetime.combine(facts.as_of, time())
        self._book.set_properties({"title": facts.title_zh, "author": facts.publisher, "created": stamp})
        self._readme = self._book.add_worksheet(word("zh", "sheets", "readme"))
        self._looks = _Looks(self._book)
        self._sheets = {
            name: _Sheet(self._book, name, release_schema(), "columns", self._looks, sheet_rows) for name in TABLES
        }
        self._sheet_rows = sheet_rows
        self._clipped = 0

    def write(self, table: str, block: pa.RecordBatch) -> None:
        """Append the rows of `block` to the sheet of `table`."""
        self._append(self._sheets[table], block)

    def write_sheet(self, name: str, rows: pa.Table) -> None:
        """Write `rows` to the sheet `name`: changes, sources or held_back."""
        sheet = _Sheet(self._book, name, rows.schema, OTHER_SECTIONS[name], self._looks, self._sheet_rows)
        self._sheets[name] = sheet
        for block in rows.to_batches():
            self._append(sheet, block)

    def _append(self, sheet: "_Sheet", block: pa.RecordBatch) -> None:
        kept, clipped = _clip(block.slice(0, max(0, self._row_limit - sheet.rows)))
        self._clipped += clipped
        sheet.rows += block.num_rows
        sheet.write(kept)

    def close(self) -> None:
        """Write the read-me sheet and finish the file."""
        for sheet in self._sheets.values():
            sheet.finish()
        self._write_readme()
        self._book.close()
        settle(self._path)

    def _write_readme(self) -> None:
        page, looks = self._readme, self._looks
        page.set_column(0, 1, 76, looks.wrapped)
        for row, (key, facts) in enumerate((("title", {}), *self._notes())):
            for at, lang in enumerate(LANGUAGES):
                title = self._facts.title_zh if lang == "zh" else self._facts.title_en
                text = f"{title} {self._facts.release_id}" if key == "title" else word(lang, "workbook", key, **facts)
                page.write_string(row, at, text, looks.header if key == "title" else looks.wrapped)

    def _notes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "intro", {}
        yield "digits", {}
        for name, sheet in self._sheets.items():
            if len(sheet.pages) > 1:
                yield "split", {"table": name, "sheets": ", ".join(page.get_name() for page in sheet.pages[1:])}
            if sheet.rows > self._row_limit:
                files = {"csv": f"data/{name}.csv", "parquet": f"data/{name}.parquet"}
                yield "limited", {"table": name, "rows": sheet.rows, "limit": self._row_limit, **files}
        if self._clipped:
            yield "clipped", {"count": self._clipped}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Looks:
    """Cell formats of a workbook; formats of numbers are made once for each number of decimals."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._decimals: dict[int, Any] = {}
        self.header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6ECF2"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def of_values(self, block: pa.RecordBatch) -> list[Any]:
        """Return for each row the format that shows as many decimals as its published string has."""
        if "value_text" not in block.schema.names:
            return [None] * block.num_rows
        found = pc.struct_field(pc.extract_regex(block.column("value_text"), DECIMALS), "decimals")
        return [None if length is None else self._of(length) for length in pc.utf8_length(found).to_pylist()]

    def _of(self, decimals: int) -> Any:
        if decimals not in self._decimals:
            self._decimals[decimals] = self._book.add_format({"num_format": f"0.{'0' * decimals}"})
        return self._decimals[decimals]


class _Sheet:
    """One table in the workbook, on as many pages as its rows need."""

    def __init__(self, book: Any, name: str, schema: pa.Schema, section: str, looks: _Looks, sheet_rows: int) -> None:
        self.rows = 0
        self.pages: list[Any] = []
        self._book, self._name, self._looks, self._sheet_rows = book, name, looks, sheet_rows
        self._schema, self._section = schema, section
        self._value_at = schema.get_field_index("value") if "value_text" in schema.names else -1
        self._go_on()

    def _go_on(self) -> None:
        number = f" {len(self.pages) + 1}" if self.pages else ""
        page = self._book.add_worksheet(word("zh", "sheets", self._name) + number)
        self.pages.append(page)
        page.freeze_panes(HEADER_ROWS, FROZEN_COLUMNS)
        for at, name in enumerate(self._schema.names):
            page.set_column(at, at, _width(name))
        for at, name in enumerate(self._schema.names):
            heading = column_words("zh", name, self._section).heading
            page.write_string(
                0, at, f"{heading}\n{column_words('en', name, self._section).heading}", self._looks.header
            )
        for at, name in enumerate(self._schema.names):
            page.write_string(1, at, name, self._looks.header)
        self._row = HEADER_ROWS
        self._puts = [_put(page, field.type) for field in self._schema]

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block`; a full page is finished and the next one begun."""
        rows = zip(*(column.to_pylist() for column in block.columns), strict=True)
        for cells, look in zip(rows, self._looks.of_values(block), strict=True):
            if self._row == self._sheet_rows:
                self.finish()
                self._go_on()
            for at, cell in enumerate(cells):
                if cell is not None:
                    self._puts[at](self._row, at, cell, look if at == self._value_at else None)
            self._row += 1

    def finish(self) -> None:
        """Set the filter over the rows of the current page, or say that there are none."""
        page = self.pages[-1]
        if self._row == HEADER_ROWS:
            page.write_string(HEADER_ROWS, 0, " / ".join(word(lang, "workbook", "no_rows") for lang in LANGUAGES))
        page.autofilter(1, 0, max(self._row - 1, HEADER_ROWS), len(self._schema.names) - 1)


def _put(page: Any, kind: pa.DataType) -> Any:
    # write() would guess: "=1+1" becomes a formula, "0012" a number; so the column's type decides
    if pa.types.is_boolean(kind):
        return page.write_boolean
    if pa.types.is_date(kind):
        return page.write_datetime
    return page.write_number if pa.types.is_integer(kind) or pa.types.is_floating(kind) else page.write_string


def _width(name: str) -> int:
    if name in WIDE_COLUMNS:
        return WIDE
    return NARROW if name in NARROW_COLUMNS else PLAIN


def _clip(block: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
    """Return `block` with texts cut to what a cell holds, and how many were cut.

    Two code points that XML does not admit are replaced; xlsxwriter escapes all other control characters.
    """
    columns, clipped = [], 0
    for column in block.columns:
        if not pa.types.is_string(column.type):
            columns.append(column)
            continue
        clipped += pc.sum(pc.greater(pc.utf8_length(column), CELL_CHARACTERS)).as_py() or 0
        cut = pc.utf8_slice_codeunits(column, 0, CELL_CHARACTERS)
        columns.append(pc.replace_substring_regex(cut, NOT_XML, "\ufffd"))
    return pa.RecordBatch.from_arrays(columns, names=block.schema.names), clipped


def settle(path: Path) -> None:
    """Rewrite the zip so that neither umask nor system of the machine shows in its bytes."""
    rough = path.with_name(path.name + ".rough")
    path.replace(rough)
    with zipfile.ZipFile(rough) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as settled:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type, member.create_system, member.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            with source.open(name) as read, settled.open(member, "w", force_zip64=True) as write:
                while chunk := read.read(1 << 20):
                    write.write(chunk)
    rough.unlink()


def write_workbook(
    rows: Rows,
    path: Path,
    facts: ReleaseFacts,
    *,
    others: Mapping[str, pa.Table] = MappingProxyType({}),
    row_limit: int = ROW_LIMIT,
) -> int:
    """Write release `rows` and the tables of `others` (see `OTHER_SECTIONS`) to `path`; return how many rows came."""
    seen = 0
    with Workbook(path, facts, row_limit=row_limit) as book:
        for batch in release_batches(rows):
            seen += batch.num_rows
            for table, part in split_by_table(batch):
                book.write(table, part)
        for name, table_rows in others.items():
            book.write_sheet(name, table_rows)
    return seen
