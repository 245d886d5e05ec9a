"""Reads JSON and NDJSON tables: numbers keep the digits they were published with, nested values stay JSON text.

Admitted: a list of objects, {"data": [objects]}, or one object a line. An absent key is an empty cell.
A record that is no object, or names a key twice, is a damaged row.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa

from factordb.errors import FileProblemError
from factordb.formats.archive import ByteSource
from factordb.formats.blocks import blanks_note, text_batch, text_schema
from factordb.formats.raw_table import DamagedRow, Note, RawTable, check_header, note_damage, row_json, tidy_header
from factordb.formats.text_encoding import TextFacts, examine

MAX_DOCUMENT = 64 << 20
MAX_LINE = 1 << 20

Parsed = tuple[int, Any, str]
"""Row number, record (an exception where the line is no JSON), text of the line."""


class _Number(str):
    """A number as published."""

    __slots__ = ()


class _NoRowError(Exception):
    """A record is no row; the message says why."""


class _Twins(dict[str, Any]):
    """An object that names a key twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    return whole if len(whole) == len(pairs) else _Twins(whole)


def _parsed(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def _json_text(value: Any) -> str:
    if isinstance(value, _Twins):
        raise _NoRowError("a key twice")
    if isinstance(value, _Number):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k, ensure_ascii=False)}: {_json_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _json_text(value)


def _unreadable(file: str, reason: str) -> FileProblemError:
    return FileProblemError(
        file,
        problem=f"is no JSON table ({reason})",
        remedy='give a list of objects, {"data": [objects]}, or one object a line (NDJSON)',
        problem_zh=f"不是 JSON 表格（{reason}）",
        remedy_zh='请提供对象列表、{"data": [对象]}，或每行一个对象的 NDJSON',
    )


def _document(source: ByteSource, facts: TextFacts) -> tuple[list[Any] | None, list[Note]]:
    """Return the records of a document, or None if it is one object a line."""
    if source.size > MAX_DOCUMENT:
        raise FileProblemError(
            source.name,
            problem=f"is a JSON document of more than {MAX_DOCUMENT >> 20} MiB",
            remedy="write one object a line (.ndjson), or give CSV or Parquet",
            problem_zh=f"JSON 文档超过 {MAX_DOCUMENT >> 20} MiB",
            remedy_zh="请改为每行一个对象（.ndjson），或提供 CSV、Parquet",
        )
    with source.open() as stream:
        text = stream.read().decode(facts.encoding, "strict")
    try:
        whole = _parsed(text)
    except RecursionError as fault:
        raise _unreadable(source.name, "nested too deeply") from fault
    except json.JSONDecodeError as fault:
        if fault.msg == "Extra data" and text.lstrip().startswith("{"):
            return None, [Note(zh="按每行一个对象（NDJSON）读取", en="read as one object a line (NDJSON)")]
        raise _unreadable(source.name, f"line {fault.lineno}: {fault.msg}") from fault
    if isinstance(whole, list):
        return whole, []
    if not isinstance(whole, dict) or not isinstance(whole.get("data"), list):
        raise _unreadable(source.name, 'neither a list nor an object with a list "data"')
    others = [key for key in whole if key != "data"]
    note = Note(zh=f"未读取的其他键：{'、'.join(others)}", en=f"other keys, not read: {', '.join(others)}")
    return whole["data"], [note] if others else []


def _lines(source: ByteSource, facts: TextFacts) -> Iterator[Parsed]:
    """Yield the records of an NDJSON file, numbered by their lines; blank lines are none."""
    with source.open() as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            text = line.decode(facts.encoding, "surrogateescape").strip()
            while len(line) == MAX_LINE and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE)
            if not text:
                continue
            try:
                yield number, _parsed(text), text
            except (json.JSONDecodeError, RecursionError) as fault:
                yield number, fault, text


def _records(source: ByteSource, facts: TextFacts, document: Sequence[Any] | None) -> Iterator[Parsed]:
    if document is None:
        yield from _lines(source, facts)
        return
    for number, record in enumerate(document, 1):
        yield number, record, ""


def _row(record: Any, columns: Sequence[str]) -> list[str | None]:
    """Return the cells of a record.

    Raises:
        _NoRowError: it is no object, names a key twice, or holds signs that are no text; the message says which.
    """
    if isinstance(record, Exception):
        raise _NoRowError(f"{record}"[:120]) from record
    if not isinstance(record, dict):
        raise _NoRowError("no object")
    if isinstance(record, _Twins):
        raise _NoRowError("a key twice")
    cells = [_cell(record.get(column)) for column in columns]
    if any(cell and ("\0" in cell or not _writable(cell)) for cell in cells):
        raise _NoRowError("NUL or half a surrogate pair")
    return cells


def _writable(cell: str) -> bool:
    return cell.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in cell)


def _batches(
    records: Iterator[Parsed], keys: Sequence[str], table: RawTable, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    blank = 0
    for number, record, text in records:
        try:
            rows.append(_row(record, keys))
        except (_NoRowError, RecursionError) as fault:
            raw = text or json.dumps(record, ensure_ascii=True, default=str)
            damaged = DamagedRow(
                table.file,
                number,
                f"{table.file}!{number + 1}",
                "FMT018",
                row_json([raw], ()),
                found=str(fault),
                line=number if text else 0,
            )
            note_damage(table.damaged, damaged)
            continue
        numbers.append(number)
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


def read_json(source: ByteSource, *, expect_columns: Collection[str], batch_rows: int) -> RawTable:
    """Return the table of a JSON or NDJSON file; its columns are the keys in order of first appearance.

    Raises:
        FileProblemError: the file is no JSON table, or no record has a key, or an expected one is absent.
    """
    facts = examine(source)
    document: list[Any] | None = None
    notes: list[Note] = []
    if not source.name.lower().endswith((".ndjson", ".jsonl")):
        document, notes = _document(source, facts)
    keys: dict[str, None] = {}
    for _, record, _ in _records(source, facts, document):
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
    if not keys:
        raise _unreadable(source.name, "no record with a key")
    check_header(source.name, list(keys), expect_columns, told=f"JSON, {facts.label}")
    columns, renamed = tidy_header([_shown(key) for key in keys])
    table = RawTable(
        file=source.name,
        columns=columns,
        schema=text_schema(columns),
        batches=iter(()),
        encoding=facts.label,
        notes=[*renamed, *notes],
    )
    return table.with_batches(_batches(_records(source, facts, document), list(keys), table, batch_rows))


def _shown(key: str) -> str:
    return key.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
