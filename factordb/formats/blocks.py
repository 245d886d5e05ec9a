"""Blocks of rows as Arrow: text columns are strings, an empty cell is null, a row without a cell is no row."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.raw_table import Note


def text_schema(columns: Sequence[str]) -> pa.Schema:
    """Return the schema of a table of strings with its `_file` and `_row`."""
    return typed_schema([pa.field(name, pa.string()) for name in columns])


def typed_schema(fields: Sequence[pa.Field]) -> pa.Schema:
    """Return the schema of a table with its `_file` and `_row`."""
    return pa.schema([*fields, pa.field("_file", pa.string()), pa.field("_row", pa.int64())])


def emptied(cells: pa.Array) -> pa.Array:
    """Return the strings with empty and all-blank ones as null."""
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(cells), ""), pa.scalar(None, cells.type), cells)


def text_batch(
    schema: pa.Schema, file: str, rows: Sequence[Sequence[str | None]], numbers: Sequence[int]
) -> pa.RecordBatch:
    """Return rows of strings as a block; rows without a cell are left out."""
    arrays = [emptied(pa.array(cells, pa.string())) for cells in zip(*rows, strict=True)]
    return without_blank_rows(marked(schema, file, arrays, pa.array(numbers, pa.int64())))


def marked(schema: pa.Schema, file: str, arrays: Sequence[pa.Array], numbers: pa.Array) -> pa.RecordBatch:
    """Return the columns as a block with the file and row number of each row."""
    files = pa.repeat(pa.scalar(file, pa.string()), len(numbers))
    return pa.RecordBatch.from_arrays([*arrays, files, numbers], schema=schema)


def without_blank_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the block without rows whose every cell is null."""
    full = [column for column in batch.columns[:-2] if not column.null_count]
    if full or batch.num_columns == 2:  # noqa: PLR2004 - only _file and _row
        return batch
    held = batch.columns[0].is_valid()
    for column in batch.columns[1:-2]:
        held = pc.or_(held, column.is_valid())
    return batch.filter(held)


def blanks_note(count: int) -> list[Note]:
    """Return a note on blank rows, if there were any."""
    if not count:
        return []
    return [Note(zh=f"跳过 {count} 个空行", en=f"{count} blank row(s) hold nothing and were passed over")]
