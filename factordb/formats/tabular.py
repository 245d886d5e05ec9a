"""Reads any table a curator may bring, told by its bytes and its name; the one door to the readers of this room.

CSV, TSV, semicolon and pipe text; .xlsx and .xls; Parquet; JSON and NDJSON; members of a zip or wheel; folders.
Blank rows are no rows: they are counted in a note and leave a gap in the row numbers.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from os.path import commonpath
from pathlib import Path

import pyarrow as pa

from factordb.errors import FileProblemError, UsageError
from factordb.formats.archive import ByteSource, file_source, members
from factordb.formats.blocks import typed_schema
from factordb.formats.delimited import read_delimited
from factordb.formats.json_reader import read_json
from factordb.formats.parquet_reader import read_parquet
from factordb.formats.raw_table import FAULTS, DamagedRow, Note, RawTable
from factordb.formats.spreadsheet import read_spreadsheet

__all__ = ["FAULTS", "DamagedRow", "Note", "RawTable", "read", "read_many"]

TEXT = (".csv", ".tsv", ".tab", ".txt")
JSON = (".json", ".ndjson", ".jsonl")
SHEETS = (".xlsx", ".xlsm", ".xls")
PARQUET = (".parquet", ".pq")
ARCHIVES = (".zip", ".whl")
TABLES = (*TEXT, *JSON, *SHEETS, *PARQUET)
"""Endings of files that hold one table."""

MOST_NOTES = 8
"""Files whose missing columns are told one by one."""

_OLE = b"\xd0\xcf\x11\xe0"
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or .xlsx workbook", "zip 压缩包或 .xlsx 工作簿"),
    (_OLE, "an old Office file (.xls) or a locked workbook", "旧版 Office 文件（.xls）或加密工作簿"),
    (b"PAR1", "a Parquet file", "Parquet 文件"),
    (b"%PDF", "a PDF", "PDF 文件"),
    (b"\x1f\x8b", "a gzip file", "gzip 压缩文件"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩包"),
    (b"Rar!", "a RAR archive", "RAR 压缩包"),
    (b"SQLite format 3", "an SQLite database", "SQLite 数据库"),
    (b"{\\rtf", "an RTF document", "RTF 文档"),
    (b"<!doctype html", "a web page", "网页"),
    (b"<html", "a web page", "网页"),
    (b"<?xml", "an XML file", "XML 文件"),
)
_OWN_SIGNATURE = {**dict.fromkeys(SHEETS, (b"PK\x03\x04", _OLE)), **dict.fromkeys(PARQUET, (b"PAR1",))}


def _refuse_disguise(source: ByteSource, ending: str) -> None:
    """Raise if the bytes are plainly of another kind than the name says."""
    head = source.head(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next(((en, zh, sign) for sign, en, zh in _SIGNATURES if head.lower().startswith(sign.lower())), None)
    own = _OWN_SIGNATURE.get(ending, ())
    locked = ending in {".xlsx", ".xlsm"} and head.startswith(_OLE)
    if locked:
        raise FileProblemError(
            source.name,
            problem="is protected by a password, or is an old .xls under a new name",
            remedy="open it, remove the password, and save it as .xlsx",
            problem_zh="设有密码保护，或是改了扩展名的旧 .xls",
            remedy_zh="请打开文件，去除密码，另存为 .xlsx",
        )
    if (found is None and own) or (found is not None and found[2] not in own):
        kind, kind_zh = (found[0], found[1]) if found else ("no such file", "并非此类文件")
        raise FileProblemError(
            source.name,
            problem=f"is named {ending} but is {kind}",
            remedy="export the table as CSV or .xlsx, or give the file its right name",
            problem_zh=f"扩展名为 {ending}，实为{kind_zh}",
            remedy_zh="请将表格导出为 CSV 或 .xlsx，或更正扩展名",
        )


def _read_source(
    source: ByteSource, *, sheet: str, header_row: int, expect_columns: Collection[str], batch_rows: int
) -> RawTable:
    ending = Path(source.name).suffix.lower()
    if ending not in TABLES or not source.size:
        empty = ending in TABLES
        raise FileProblemError(
            source.name,
            problem="is empty (0 bytes)" if empty else f"is of a kind that is not read ({ending or 'no ending'})",
            remedy=f"give one of {', '.join((*TABLES, *ARCHIVES))}; export other kinds as CSV or .xlsx",
            problem_zh="是空文件（0 字节）" if empty else f"不支持此类文件（{ending or '无扩展名'}）",
            remedy_zh=f"请提供 {'、'.join((*TABLES, *ARCHIVES))}；其他格式请导出为 CSV 或 .xlsx",
        )
    _refuse_disguise(source, ending)
    if ending in PARQUET:
        return read_parquet(source, expect_columns=expect_columns, batch_rows=batch_rows)
    if ending in JSON:
        return read_json(source, expect_columns=expect_columns, batch_rows=batch_rows)
    if ending in SHEETS:
        return read_spreadsheet(
            source, sheet=sheet, header_row=header_row, expect_columns=expect_columns, batch_rows=batch_rows
        )
    return read_delimited(source, header_row=header_row, expect_columns=expect_columns, batch_rows=batch_rows)


def read(
    path: Path | str,
    *,
    sheet: str = "",
    header_row: int = 1,
    member: str = "",
    expect_columns: Collection[str] = (),
    batch_rows: int = 65_536,
) -> RawTable:
    """Return the table of a file, of members of an archive, or of the files of a folder.

    Args:
        path: file or folder.
        sheet: worksheet; empty: the first visible one.
        header_row: 1-based row of the column names in text and spreadsheets.
        member: glob of the members of a zip or wheel; several are read as one table.
        expect_columns: words the header must hold: a guard against wrong files and wrong encodings.
        batch_rows: most rows of a block.

    Raises:
        FileProblemError: the file cannot be read as a table; says why and how to mend it.
        UsageError: `header_row` or `batch_rows` is below 1.
    """
    return read_many(
        [path], sheet=sheet, header_row=header_row, member=member, expect_columns=expect_columns, batch_rows=batch_rows
    )


def read_many(
    paths: Sequence[Path | str],
    *,
    sheet: str = "",
    header_row: int = 1,
    member: str = "",
    expect_columns: Collection[str] = (),
    batch_rows: int = 65_536,
) -> RawTable:
    """Return several files as one table with the union of their columns; an absent column is null, and noted.

    Arguments and faults as `read`; files of one name in different folders are told apart by their folders.
    """
    if header_row < 1 or batch_rows < 1 or not paths:
        raise UsageError(
            problem=f"header_row {header_row}, batch_rows {batch_rows} and {len(paths)} path(s) cannot be read",
            remedy="rows are counted from 1; name at least one file",
            problem_zh=f"无法读取：header_row {header_row},batch_rows {batch_rows},{len(paths)} 个路径",
            remedy_zh="行号从 1 开始；请至少指定一个文件",
        )
    sources = list(_sources([Path(path) for path in paths], member))
    tables = [
        _read_source(source, sheet=sheet, header_row=header_row, expect_columns=expect_columns, batch_rows=batch_rows)
        for source in sources
    ]
    return tables[0] if len(tables) == 1 else _union(tables)


def _sources(paths: Sequence[Path], member: str) -> Iterator[ByteSource]:
    """Yield the sources of files, folders and archives; every name once."""
    found: list[ByteSource] = []
    for path in paths:
        if path.is_dir():
            found.extend(file_source(file) for file in _tables_in(path))
        elif path.suffix.lower() in ARCHIVES:
            file_source(path)
            found.extend(members(path, member, TABLES))
        else:
            found.append(file_source(path))
    names = [source.name for source in found]
    if len(set(names)) == len(names):
        return iter(found)
    return iter([replace(source, name=name) for source, name in zip(found, _long_names(found), strict=True)])


def _long_names(sources: Sequence[ByteSource]) -> list[str]:
    """Return names that tell sources apart: the path below their common folder, then the member."""
    paths = [source.path.resolve() for source in sources]
    top = commonpath([path.parent for path in paths])
    short = [path.relative_to(top).as_posix() for path in paths]
    names = [f"{name}/{source.member}" if source.member else name for name, source in zip(short, sources, strict=True)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            problem=f"named twice: {', '.join(twice)}",
            remedy="name each file once",
            problem_zh=f"重复指定：{'、'.join(twice)}",
            remedy_zh="每个文件只需指定一次",
        )
    return names


def _tables_in(folder: Path) -> list[Path]:
    """Return the tables that stand in a folder, by name; hidden and lock files aside.

    Raises:
        FileProblemError: there is none, or they are of several kinds.
    """
    files = sorted(
        file
        for file in folder.iterdir()
        if file.is_file() and file.suffix.lower() in TABLES and not file.name.startswith((".", "~$"))
    )
    kinds = {file.suffix.lower() for file in files}
    if len(kinds) != 1:
        names = ", ".join(sorted(kinds)) or "none"
        raise FileProblemError(
            folder,
            problem=f"a folder must hold tables of one kind; found: {names}",
            remedy="name the files to read",
            problem_zh=f"文件夹中应只有一种表格文件；现有：{names}",
            remedy_zh="请指明要读取的文件",
        )
    return files


def _union(tables: Sequence[RawTable]) -> RawTable:
    """Return the tables as one: columns in order of first appearance; types that differ become strings."""
    kinds: dict[str, pa.DataType] = {}
    notes: list[Note] = []
    for table in tables:
        for field in list(table.schema)[:-2]:
            kind = kinds.setdefault(field.name, field.type)
            kinds[field.name] = kind if kind == field.type else pa.string()
    notes.extend(_absences(tables, list(kinds)))
    for table in tables:
        notes.extend(Note(zh=f"{table.file}:{note.zh}", en=f"{table.file}: {note.en}") for note in table.notes)
    whole = RawTable(
        file=tables[0].file,
        columns=tuple(kinds),
        schema=typed_schema([pa.field(name, kind) for name, kind in kinds.items()]),
        batches=iter(()),
        header_row=max(table.header_row for table in tables),
        typed=tuple(name for name, kind in kinds.items() if not pa.types.is_string(kind)),
        encoding=", ".join(dict.fromkeys(table.encoding for table in tables if table.encoding)),
        notes=notes,
        layout={table.file: table.columns for table in tables},
    )
    return whole.with_batches(_chained(whole, tables))


def _absences(tables: Sequence[RawTable], columns: Sequence[str]) -> Iterator[Note]:
    """Yield a note on each file that lacks columns of the others; one for all where they are many."""
    lacking = {table.file: [name for name in columns if name not in table.columns] for table in tables}
    lacking = {file: names for file, names in lacking.items() if names}
    if len(lacking) > MOST_NOTES:
        zh = f"{len(tables)} 个文件的列不尽相同（合计 {len(columns)} 列），其中 {len(lacking)} 个文件缺少部分列"
        en = f"the {len(tables)} files have {len(columns)} columns between them; {len(lacking)} lack some of these"
        yield Note(zh=zh, en=en)
        return
    for file, names in lacking.items():
        told = ", ".join(names)
        yield Note(zh=f"{file} 没有列：{told}", en=f"{file} lacks the column(s) {told}")


def _chained(whole: RawTable, tables: Sequence[RawTable]) -> Iterator[pa.RecordBatch]:
    for table in tables:
        told = len(table.notes)
        for batch in table.batches:
            held = dict(zip(batch.schema.names, batch.columns, strict=True))
            arrays = [
                held[field.name].cast(field.type) if field.name in held else pa.nulls(batch.num_rows, field.type)
                for field in whole.schema
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=whole.schema)
        whole.damaged.extend(table.damaged)
        whole.notes.extend(
            Note(zh=f"{table.file}:{note.zh}", en=f"{table.file}: {note.en}") for note in table.notes[told:]
        )
