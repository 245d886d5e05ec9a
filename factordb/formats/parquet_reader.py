"""Reads Parquet in blocks: numbers and dates stay typed, nested values become JSON text."""

import json
from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.errors import FileProblemError
from factordb.formats.archive import ByteSource, told_plainly
from factordb.formats.blocks import emptied, marked, typed_schema
from factordb.formats.raw_table import RawTable, check_header, tidy_header

MAX_ROWS = 100_000_000


def _kept_type(kind: pa.DataType) -> pa.DataType:
    """Return the type a column is handed on with."""
    if pa.types.is_dictionary(kind):
        return _kept_type(kind.value_type)
    textual = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    if textual or binary or pa.types.is_nested(kind) or pa.types.is_null(kind):
        return pa.string()
    return kind


def _handed_on(cells: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_nested(cells.type):
        whole = cells.to_pylist()
        texts = [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in whole]
        return pa.array(texts, pa.string())
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    plain = cells if cells.type == kind else cells.cast(kind)
    return emptied(plain) if pa.types.is_string(kind) else plain


def _batches(source: ByteSource, table: RawTable, batch_rows: int) -> Iterator[pa.RecordBatch]:
    kinds = table.schema.types[:-2]
    first = 1
    with told_plainly(source.name), pq.ParquetFile(source.seekable()) as file:
        for block in file.iter_batches(batch_size=batch_rows):
            arrays = [_handed_on(cells, kind) for cells, kind in zip(block.columns, kinds, strict=True)]
            numbers = pa.array(range(first, first + block.num_rows), pa.int64())
            first += block.num_rows
            yield marked(table.schema, source.name, arrays, numbers)


def read_parquet(source: ByteSource, *, expect_columns: Collection[str], batch_rows: int) -> RawTable:
    """Return the table of a Parquet file; the first row is row 1, its cells are named as under a header in row 1.

    Raises:
        FileProblemError: the file is damaged, has no column or too many rows, or lacks an expected column.
    """
    with told_plainly(source.name), pq.ParquetFile(source.seekable()) as file:
        fields, rows = list(file.schema_arrow), file.metadata.num_rows
    if not fields or rows > MAX_ROWS:
        raise FileProblemError(
            source.name,
            problem=f"has {len(fields)} columns and {rows:,} rows",
            remedy=f"give a table of at most {MAX_ROWS:,} rows with at least one column",
            problem_zh=f"有 {len(fields)} 列、{rows:,} 行",
            remedy_zh=f"请提供至少一列、至多 {MAX_ROWS:,} 行的表格",
        )
    words = [field.name for field in fields]
    check_header(source.name, words, expect_columns, told="Parquet")
    columns, notes = tidy_header(words)
    kinds = [_kept_type(field.type) for field in fields]
    table = RawTable(
        file=source.name,
        columns=columns,
        schema=typed_schema([pa.field(name, kind) for name, kind in zip(columns, kinds, strict=True)]),
        batches=iter(()),
        typed=tuple(name for name, kind in zip(columns, kinds, strict=True) if not pa.types.is_string(kind)),
        notes=notes,
    )
    return table.with_batches(_batches(source, table, batch_rows))
