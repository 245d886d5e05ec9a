"""Looks into the XML of a workbook before its values are read: what the value reader would pass over in silence.

That reader gives a formula without a saved result, and an error value, as an empty cell; it also takes memory for
the whole rectangle a sheet spans. So formulas, errors, percent formats and the extent are found here first, in a
stream: no tree is built, a DOCTYPE is refused, external links are never followed (trust.md 2.4).
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from factordb.errors import FileProblemError

MAX_CELLS = 12_000_000
"""Cells of the rectangle from A1 to the last cell with content (the value reader holds 32 bytes for each)."""

BLOCK = 4 << 20

_PERCENT_FORMATS = {"9", "10"}
"""Built-in number formats 0 % and 0.00 % (ECMA-376 Part 1, 18.8.30)."""

Attributes = Mapping[str, str]


@dataclass
class SheetFacts:
    """What a sheet holds beside its values; cells as (row, column), 0-based.

    Attributes:
        rows: rows down to the last cell with content.
        columns: columns out to the last cell with content.
        formulas: number of formula cells.
        unsaved: formula cells without a saved result.
        errors: cells with an error value, and the value.
        percents: number cells shown as per cent.
    """

    rows: int = 0
    columns: int = 0
    formulas: int = 0
    unsaved: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)


class _SeenEnoughError(Exception):
    """Stops a parser that has found what it looked for."""


def _walk(
    stream: BinaryIO,
    file: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream the XML through handlers that get names without their prefix."""

    def refuse(*_: object) -> None:
        raise FileProblemError(
            file,
            problem="its XML carries a document type declaration (XML-DTD), which can attack the reader",
            remedy="open the file in Excel, WPS or LibreOffice and save it again as .xlsx",
            problem_zh="其中的 XML 带有文档类型声明（XML-DTD），可能攻击读取程序",
            remedy_zh="请用 Excel、WPS 或 LibreOffice 打开后另存为 .xlsx",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, facts: start(name.rpartition(":")[2], facts)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    try:
        parser.ParseFile(stream)
    except _SeenEnoughError:
        return
    except expat.ExpatError as fault:
        raise FileProblemError(
            file,
            problem=f"its XML is damaged ({fault})",
            remedy="open the file in Excel, WPS or LibreOffice and save it again as .xlsx",
            problem_zh=f"其中的 XML 已损坏（{fault}）",
            remedy_zh="请用 Excel、WPS 或 LibreOffice 打开后另存为 .xlsx",
        ) from fault


def refuse_doctypes(archive: zipfile.ZipFile, file: str) -> None:
    """Raise if any XML part begins with a DOCTYPE or cannot be begun at all."""

    def first_element(_name: str, _facts: Attributes) -> None:
        raise _SeenEnoughError

    for name in archive.namelist():
        if name.lower().endswith((".xml", ".rels")):
            with archive.open(name) as stream:
                _walk(stream, file, first_element)  # type: ignore[arg-type]  # a zip member reads like a file


def sheet_parts(archive: zipfile.ZipFile, file: str) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    relations: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(name: str, facts: Attributes) -> None:
        if name == "Relationship" and facts.get("TargetMode") != "External":
            relations[facts.get("Id", "")] = facts.get("Target", "")

    def sheet(name: str, facts: Attributes) -> None:
        if name == "sheet":
            link = next((text for key, text in facts.items() if key.rpartition(":")[2] == "id"), "")
            sheets[facts.get("name", "")] = link

    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        _walk(stream, file, relation)  # type: ignore[arg-type]  # a zip member reads like a file
    with archive.open("xl/workbook.xml") as stream:
        _walk(stream, file, sheet)  # type: ignore[arg-type]  # as above
    parts = {name: relations.get(link, "") for name, link in sheets.items()}
    return {name: part.lstrip("/") if part.startswith("/") else f"xl/{part}" for name, part in parts.items() if part}


def percent_styles(archive: zipfile.ZipFile, file: str) -> frozenset[str]:
    """Return the cell styles (attribute `s`) that show a number as per cent."""
    formats = set(_PERCENT_FORMATS)
    styles: set[str] = set()
    inside: list[str] = []
    count = 0

    def start(name: str, facts: Attributes) -> None:
        nonlocal count
        inside.append(name)
        if name == "numFmt" and "%" in re.sub(r'"[^"]*"|\\.', "", facts.get("formatCode", "")):
            formats.add(facts.get("numFmtId", ""))
        if name == "xf" and "cellXfs" in inside[-2:]:
            if facts.get("numFmtId") in formats:
                styles.add(str(count))
            count += 1

    def end(_name: str) -> None:
        inside.pop()

    if "xl/styles.xml" in archive.namelist():
        with archive.open("xl/styles.xml") as stream:
            _walk(stream, file, start, end)  # type: ignore[arg-type]  # a zip member reads like a file
    return frozenset(styles)


def _refuse_vast(facts: SheetFacts, file: str) -> None:
    if facts.rows * facts.columns > MAX_CELLS:
        raise FileProblemError(
            file,
            problem=f"the sheet spans {facts.rows:,} rows × {facts.columns:,} columns",
            remedy="delete stray cells far from the table, or save the table as CSV or Parquet",
            problem_zh=f"工作表跨越 {facts.rows:,} 行 × {facts.columns:,} 列",
            remedy_zh="请删除远离表格的零散单元格，或将表格另存为 CSV 或 Parquet",
        )


class _CellWalk:
    """Handlers that fill `SheetFacts` from the cells of a sheet."""

    def __init__(self, file: str, percents: frozenset[str]) -> None:
        self.facts = SheetFacts()
        self._file = file
        self._percents = percents
        self._row = self._column = -1
        self._kind = ""
        self._style = ""
        self._formula = False
        self._reading = False
        self._content: list[str] = []

    def start(self, name: str, facts: Attributes) -> None:
        if name == "c":
            self._place(facts.get("r"))
            self._kind, self._style = facts.get("t", "n"), facts.get("s", "")
            self._formula, self._content = False, []
        elif name == "row":
            number = facts.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() else self._row + 1
            self._column = -1
        elif name == "f":
            self._formula = True
        elif name in {"v", "t"}:
            self._reading = True

    def _place(self, name: str | None) -> None:
        """Take row and column from a cell name such as AB12; without one, the cell follows the last."""
        self._column += 1
        named = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", name or "")
        if named:
            self._column, self._row = _column_number(named[1]) - 1, int(named[2]) - 1

    def text(self, text: str) -> None:
        if self._reading:
            self._content.append(text)

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._reading = False
        elif name == "c" and (self._formula or self._content):
            self._cell("".join(self._content))

    def _cell(self, content: str) -> None:
        facts, place = self.facts, (self._row, self._column)
        facts.rows, facts.columns = max(facts.rows, self._row + 1), max(facts.columns, self._column + 1)
        if self._formula:
            facts.formulas += 1
            if not content and self._kind != "str":
                facts.unsaved.add(place)
        if self._kind == "e":
            facts.errors[place] = content
        elif self._kind == "n" and content and self._style in self._percents:
            facts.percents.add(place)
        _refuse_vast(facts, self._file)


_CELL = re.compile(rb"<c\b[^>]*>")
_CELL_EMPTY = re.compile(rb"<c\b[^>]*/>")
_CELL_NAME = re.compile(rb'<c\b[^>/]*?\sr="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_NOT_PLAIN = re.compile(rb"""<f\b|<\w+:|t=["']e["']|\st='|<!""")
"""Signs that a sheet holds formulas, error values, prefixed names or markup that only a parser can read."""


def _plain_extent(archive: zipfile.ZipFile, part: str, percents: frozenset[str]) -> SheetFacts | None:
    """Return the facts of a sheet of bare values by a search ten times as fast as the walk; None if it is not one."""
    styled = "|".join(sorted(percents))
    suspect = re.compile(_NOT_PLAIN.pattern + (rf"""|\ss=["'](?:{styled})["']""".encode() if styled else b""))
    columns: set[bytes] = set()
    rows, cells, rest = 0, 0, b""
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            whole, mark, tail = (rest + block).rpartition(b"<")
            rest = mark + tail
            if suspect.search(whole) or len(rest) > BLOCK:
                return None
            named = _CELL_NAME.findall(whole)
            if len(named) + len(_CELL_EMPTY.findall(whole)) != len(_CELL.findall(whole)):
                return None
            cells += len(named)
            columns.update(letters for letters, _ in named)
            rows = max(rows, *(int(number) for number in {number for _, number in named}), 0)
    if not cells:
        return None
    return SheetFacts(rows=rows, columns=max(_column_number(letters.decode()) for letters in columns))


def _column_number(letters: str) -> int:
    """Return the 1-based number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def look_into(archive: zipfile.ZipFile, part: str, file: str) -> SheetFacts:
    """Return what the sheet in `part` holds beside its values.

    Raises:
        FileProblemError: its XML is damaged or hostile, or it spans too many cells.
    """
    percents = percent_styles(archive, file)
    facts = _plain_extent(archive, part, percents)
    if facts:
        _refuse_vast(facts, file)
        return facts
    walk = _CellWalk(file, percents)
    with archive.open(part) as stream:
        _walk(stream, file, walk.start, walk.end, walk.text)  # type: ignore[arg-type]  # as above
    return walk.facts
