"""A copy of a submitter's own table with what was found written beside each cell, as a comment.

A workbook stays as it is but for comments and a yellow ground; a text table becomes a workbook of texts. Nothing in
it is ever a formula that was not one before.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

AUTHOR: Final = "factordb"
GROUND: Final = "FFF3BF"
MOST_COMMENTS: Final = 5000
"""Comments written at most: Excel opens a sheet with more only slowly. ours."""
COMMENT_LETTERS: Final = 1500
WORKBOOK: Final = (".xlsx", ".xlsm")
_CELL: Final = re.compile(r"^(?P<column>[A-Z]{1,3})(?P<row>[1-9]\d{0,6})$")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class CellNote:
    """What is said of one cell, such as D4."""

    cell: str
    words: str


def cell_of(place: str) -> str:
    """Return the cell of a place such as `table.xlsx!D4`; of a row, `a.csv!17`, its first cell; else empty."""
    last = place.rpartition("!")[2]
    return last if _CELL.match(last) else f"A{last}" if last.isdecimal() and int(last) else ""


def annotated(name: str, data: bytes, notes: Iterable[CellNote], *, sheet: str = "") -> bytes:
    """Return the bytes of an xlsx copy of `data` with a comment at every cell of `notes`; the first 5,000 cells.

    Args:
        name: the file's name; its ending says what it is.
        data: the file as submitted, already accepted by intake.
        notes: what is said, in the order it is to be read.
        sheet: the worksheet that was read; empty: the first that is not hidden.
    """
    from openpyxl.cell.cell import MergedCell  # noqa: PLC0415 - on use
    from openpyxl.comments import Comment  # noqa: PLC0415 - on use
    from openpyxl.styles import PatternFill  # noqa: PLC0415 - on use

    book = _book(name, data)
    grouped: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        if _CELL.match(note.cell):
            grouped[note.cell].append(note.words)
    ground = PatternFill(fill_type="solid", fgColor=GROUND)
    page = book[sheet] if sheet in book.sheetnames else _first_shown(book)
    for name_of_cell, words in list(grouped.items())[:MOST_COMMENTS]:
        found = page[name_of_cell]
        if isinstance(found, MergedCell):  # only the first cell of a merged range carries a comment
            continue
        text = _CONTROL.sub("\ufffd", "\n\n".join(dict.fromkeys(words)))[:COMMENT_LETTERS]
        found.comment = Comment(text, AUTHOR, width=360, height=160)
        found.fill = ground
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _first_shown(book: Any) -> Any:
    return next((page for page in book.worksheets if page.sheet_state == "visible"), book.worksheets[0])


def _book(name: str, data: bytes) -> Any:
    import openpyxl  # noqa: PLC0415 - on use

    if name.lower().endswith(WORKBOOK):
        return openpyxl.load_workbook(io.BytesIO(data))
    book = openpyxl.Workbook()
    page = book.active
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    for at, row in enumerate(csv.reader(io.StringIO(text), dialect=_dialect(text)), start=1):
        for place, value in enumerate(row, start=1):
            cell = page.cell(at, place, _CONTROL.sub("\ufffd", value))
            cell.data_type = "s"  # a text that begins with "=" stays a text
    return book


def _dialect(text: str) -> Any:
    try:
        return csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        return csv.excel
