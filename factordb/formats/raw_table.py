"""A raw table as read: its header, its rows in blocks, and the rows that could not be read.

Rows are numbered as a spreadsheet program shows them: `_row` is the sheet row less the header row, so that
`_row` + header row is always the row to look at. Blank rows are no rows; they only leave a gap in the numbers.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pyarrow as pa

from factordb.errors import FactorDBError, FileProblemError

MAX_COLUMNS = 4096
MAX_DAMAGED = 100_000
"""More damaged rows than this and the file is not the table it claims to be."""

MAX_RAW_TEXT = 32_767
"""Characters of a damaged row kept with it (the longest cell of a spreadsheet); the raw file itself is kept."""

RESERVED = ("_file", "_row", "_corrected")


@dataclass(frozen=True)
class Note:
    """Something a reader of the file should know; no fault."""

    zh: str
    en: str


@dataclass(frozen=True)
class Fault:
    """Words of a fault code: what is wrong and how to mend it. `{found}`, `{expected}` are filled in."""

    zh: str
    fix_zh: str
    en: str
    fix_en: str


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "FMT010": Fault(
            zh="该行有 {found} 个单元格，表头只有 {expected} 列",
            fix_zh="多半是单元格里的分隔符没有加引号：请加引号或删除多余单元格",
            en="the row has {found} cells, the header has {expected}",
            fix_en="a separator inside a cell probably lacks quotes: quote the cell or remove the extra cells",
        ),
        "FMT011": Fault(
            zh="该行只有 {found} 个单元格，表头有 {expected} 列",
            fix_zh="请补齐缺少的单元格（空单元格也要保留分隔符）",
            en="the row has only {found} cells, the header has {expected}",
            fix_en="add the missing cells (an empty cell still needs its separator)",
        ),
        "FMT012": Fault(
            zh="该行含有不属于 {expected} 编码的字节：{found}",
            fix_zh="请在来源文件中更正该行文字，并以 UTF-8 重新保存",
            en="the row holds bytes that are not {expected}: {found}",
            fix_en="repair the text of this row at its source and save the file as UTF-8",
        ),
        "FMT013": Fault(
            zh="该行含有空字符（NUL）:{found}",
            fix_zh="请删除该字符；文件可能在传输中损坏，请重新获取",
            en="the row holds a NUL character: {found}",
            fix_en="remove the character; the file may have been damaged on its way: fetch it again",
        ),
        "FMT014": Fault(
            zh="引号不成对或引号后还有文字：{found}",
            fix_zh="请补上缺少的引号；单元格内的引号须写成两个",
            en="a quote is not closed, or text follows a closing quote: {found}",
            fix_en="add the missing quote; a quote inside a cell is written twice",
        ),
        "FMT015": Fault(
            zh="该行或其中一个单元格超过 {expected} 个字符",
            fix_zh="请缩短该单元格，或检查换行符是否丢失",
            en="the row, or a cell in it, is longer than {expected} characters",
            fix_en="shorten the cell, or see whether line breaks were lost",
        ),
        "FMT016": Fault(
            zh="公式没有保存计算结果：{found}",
            fix_zh="请把结果粘贴为数值，或用 Excel/WPS/LibreOffice 打开重算后另存",
            en="a formula without a saved result: {found}",
            fix_en="paste the result as a value, or open, recalculate and save it in Excel, WPS or LibreOffice",
        ),
        "FMT017": Fault(
            zh="单元格是错误值：{found}",
            fix_zh="请在来源表中更正公式，或清空该单元格",
            en="the cell holds an error value: {found}",
            fix_en="repair the formula in the sheet, or clear the cell",
        ),
        "FMT018": Fault(
            zh="不是一条可读的 JSON 记录：{found}",
            fix_zh="每条记录应为键不重复的 JSON 对象",
            en="not a readable JSON record: {found}",
            fix_en="each record must be a JSON object whose keys differ",
        ),
    }
)
"""Codes of rows that cannot be read; FMT001 to FMT009 belong to the store."""


@dataclass(frozen=True)
class DamagedRow:
    """A row that could not be read: where it stands, what is wrong, and its text, so that nothing is lost.

    Attributes:
        file: file, or member of the archive.
        row: row number, 1 = first row under the header.
        place: file and cell or row, such as `a.csv!17` or `a.xlsx!D17`.
        code: key of `FAULTS`.
        text: the row as JSON: an object by column, or a list where cells and header do not match.
        found: what was found.
        expected: what should have been there.
        line: physical line of a text file, 0 elsewhere.
    """

    file: str
    row: int
    place: str
    code: str
    text: str
    found: str = ""
    expected: str = ""
    line: int = 0

    def words(self, lang: str) -> tuple[str, str]:
        """Return (what is wrong, how to mend it) in `lang`, "zh" or "en"."""
        fault = FAULTS[self.code]
        pair = (fault.zh, fault.fix_zh) if lang == "zh" else (fault.en, fault.fix_en)
        problem, remedy = (text.format(found=self.found, expected=self.expected) for text in pair)
        return problem, remedy

    @property
    def zh(self) -> str:
        """Fault and remedy in one Chinese sentence."""
        return "{}：{}；{}。".format(self.place, *self.words("zh"))

    @property
    def en(self) -> str:
        """Fault and remedy in one English sentence."""
        return "{}: {}; {}.".format(self.place, *self.words("en"))


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as read, in blocks. `batches` can be walked once; `damaged` and `notes` are complete after that.

    Attributes:
        file: name shown for the whole table.
        columns: header words, unique also without regard to case.
        schema: `columns`, then `_file` (string) and `_row` (int64).
        batches: blocks of rows. Text columns are strings, an empty cell is null.
        header_row: row of the header, 1-based; 1 where the format has none.
        typed: columns that keep the type of their file (numbers and dates of Parquet).
        damaged: rows that could not be read, filled while `batches` is walked.
        encoding: how text was decoded; empty for other formats.
        notes: what a reader should know (guesses, renamed columns, blank rows, merged cells).
        failures: the fault that stopped the walk, if any; see `raise_failure`.
        layout: where several files were joined, the columns of each file in its own order.
    """

    file: str
    columns: tuple[str, ...]
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    header_row: int = 1
    typed: tuple[str, ...] = ()
    damaged: list[DamagedRow] = field(default_factory=list)
    encoding: str = ""
    notes: list[Note] = field(default_factory=list)
    failures: list[FactorDBError] = field(default_factory=list)
    layout: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def cell(self, column_index: int, row_no: int, file: str = "") -> str:
        """Return the name of a cell, `FILE!D17`, from its 0-based column and its `_row`.

        Of joined files, name the file: its columns may stand in another order.
        """
        if own := self.layout.get(file):
            column_index = own.index(self.columns[column_index])
        return f"{file or self.file}!{column_letters(column_index)}{row_no + self.header_row}"

    def with_batches(self, batches: Iterator[pa.RecordBatch]) -> "RawTable":
        """Return this table with its blocks; damaged rows, notes and failures stay the same lists."""
        return replace(self, batches=batches)

    def reader(self) -> pa.RecordBatchReader:
        """Return the blocks as one Arrow stream, for a bulk load.

        An engine that pulls from the stream reports our faults as its own: call `raise_failure` when it fails.
        """
        return pa.RecordBatchReader.from_batches(self.schema, self._noting_failure())

    def _noting_failure(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches
        except FactorDBError as fault:
            self.failures.append(fault)
            raise

    def raise_failure(self) -> None:
        """Raise the fault that stopped the walk, if there was one."""
        if self.failures:
            raise self.failures[0]

    def damaged_table(self) -> pa.Table:
        """Return the damaged rows as a table: file, row, place, code, found, expected, detail, raw."""
        rows = self.damaged
        text, number = pa.string(), pa.int64()
        return pa.table(
            {
                "file": pa.array([row.file for row in rows], text),
                "row": pa.array([row.row for row in rows], number),
                "place": pa.array([row.place for row in rows], text),
                "code": pa.array([row.code for row in rows], text),
                "found": pa.array([row.found or None for row in rows], text),
                "expected": pa.array([row.expected or None for row in rows], text),
                "detail": pa.array([f"line {row.line}" if row.line else None for row in rows], text),
                "raw": pa.array([row.text for row in rows], text),
            }
        )


def column_letters(index: int) -> str:
    """Return the letters of a 0-based spreadsheet column: 0 is A, 26 is AA."""
    letters, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def tidy_word(word: str) -> str:
    """Return a header word without BOM, outer blanks and line breaks, in NFC."""
    plain = unicodedata.normalize("NFC", word.replace("\ufeff", ""))
    return re.sub(r"\s*[\r\n]+\s*", " ", plain).strip()


def tidy_header(words: Sequence[str]) -> tuple[tuple[str, ...], list[Note]]:
    """Return unique column names and a note on every name that was made.

    Names that differ only in case count as equal, because they are one column to a database.
    """
    plain = [tidy_word(word) for word in words]
    seen = {name.casefold() for name in RESERVED}
    given = {name.casefold() for name in plain} | seen
    columns: list[str] = []
    notes: list[Note] = []
    for index, word in enumerate(plain):
        letters = column_letters(index)
        base = name = word or f"column_{letters}"
        count = 1
        while name.casefold() in seen or (name != word and name.casefold() in given):
            count += 1
            name = f"{base} ({count})"
        if word and name != word:
            notes.append(Note(zh=f"{letters} 列与另一列同名，改称 {name}", en=f"column {letters} is now {name!r}"))
        seen.add(name.casefold())
        columns.append(name)
    return tuple(columns), notes


def check_header(
    file: str, words: Sequence[str], expected: Iterable[str], *, early: Sequence[Sequence[str]] = (), told: str = ""
) -> None:
    """Raise unless the header holds every expected word.

    Args:
        file: name for the message.
        words: the header as read.
        expected: words that must be present.
        early: the first rows of the file: the message says if the header stands in another one.
        told: how the file was read (encoding, delimiter, sheet), for the message.
    """
    found = [tidy_word(word) for word in words]
    wanted = [tidy_word(word) for word in expected]
    missing = [word for word in wanted if word not in found]
    if len(found) > MAX_COLUMNS:
        raise FileProblemError(
            file,
            problem=f"has {len(found)} columns, more than {MAX_COLUMNS}",
            remedy="this is hardly a table of factors: see whether rows and columns are exchanged",
            problem_zh=f"有 {len(found)} 列，超过 {MAX_COLUMNS} 列",
            remedy_zh="这不像因子表：请检查是否行列颠倒",
        )
    if not missing:
        return
    elsewhere = [n for n, row in enumerate(early, 1) if set(wanted) <= {tidy_word(word) for word in row}]
    shown = ", ".join(word for word in found if word)[:400]
    remedy = f"check that this is the right file, sheet and encoding (read as {told or 'given'})"
    remedy_zh = f"请确认文件、工作表和编码无误（当前读法：{told or '按原样'}）"
    if elsewhere:
        remedy, remedy_zh = f"set header_row = {elsewhere[0]}", f"请设置 header_row = {elsewhere[0]}"
    raise FileProblemError(
        file,
        problem=f"lacks the column(s) {', '.join(missing)}; found: {shown or 'nothing'}",
        remedy=remedy,
        problem_zh=f"缺少列：{'、'.join(missing)}；现有列：{shown or '无'}",
        remedy_zh=remedy_zh,
    )


def row_json(cells: Sequence[str], columns: Sequence[str]) -> str:
    """Return a damaged row as JSON: an object where it fits the header, else a list; odd bytes are written out."""
    plain = [cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for cell in map(_clean, cells)]
    whole = dict(zip(columns, plain, strict=True)) if len(plain) == len(columns) else plain
    return json.dumps(whole, ensure_ascii=False)


def _clean(cell: str) -> str:
    """Return the cell, shortened, with surrogates that stand for no byte written out."""
    cut = cell if len(cell) <= MAX_RAW_TEXT else f"{cell[:MAX_RAW_TEXT]}… ({len(cell)})"
    return re.sub(r"[\ud800-\udc7f\udd00-\udfff]", lambda odd: f"\\u{ord(odd.group()):04x}", cut)


def note_damage(damaged: list[DamagedRow], row: DamagedRow) -> None:
    """Add a damaged row.

    Raises:
        FileProblemError: there are too many: the file is not the table it claims to be.
    """
    damaged.append(row)
    if len(damaged) > MAX_DAMAGED:
        raise FileProblemError(
            row.file,
            problem=f"more than {MAX_DAMAGED} rows cannot be read, the last because: {row.words('en')[0]}",
            remedy="check the header row and how the file was exported",
            problem_zh=f"超过 {MAX_DAMAGED} 行无法读取，最后一行原因：{row.words('zh')[0]}",
            remedy_zh="请检查表头所在行以及文件的导出方式",
        )
