"""Parquet: typed, zstd, with titles, units and descriptions in both languages in the columns' metadata."""

from pathlib import Path
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.formats.csv_table import fill
from factordb.formats.rows import Rows, release_schema
from factordb.model.release import TABLES, ReleaseFacts

COMPRESSION_LEVEL: Final = 3
"""zstd's own default: higher levels cost seconds a million rows and save a few per cent."""


class ParquetTable:
    """A Parquet file, one row group a block."""

    def __init__(self, path: Path, facts: ReleaseFacts) -> None:
        schema = release_schema().with_metadata(_file_metadata(facts))
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=COMPRESSION_LEVEL)

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block` as one row group."""
        self._writer.write_batch(block.replace_schema_metadata(self._writer.schema.metadata), block.num_rows)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _file_metadata(facts: ReleaseFacts) -> dict[str, str]:
    return {
        "release": facts.release_id,
        "title_zh": facts.title_zh,
        "title_en": facts.title_en,
        "as_of": facts.as_of.isoformat(),
        "rule_set": facts.rule_set,
        "engine_version": facts.engine_version,
        "licence": facts.licence,
    }


def write_parquet(rows: Rows, path: Path, facts: ReleaseFacts) -> int:
    """Write release `rows` to `path` and return their number."""
    with ParquetTable(path, facts) as table:
        return fill(table, rows)


def read_release(directory: Path) -> pa.Table:
    """Return all rows of a release on disk, in the columns of this edition.

    A column that the older edition did not have is empty; a column we no longer publish is left out. So every
    release ever made can be compared with the next.
    """
    schema = release_schema().remove_metadata()
    schema = pa.schema([pa.field(column.name, column.type) for column in schema])
    parts = [_read(directory / "data" / f"{table}.parquet", schema) for table in TABLES]
    return pa.concat_tables([part for part in parts if part is not None] or [schema.empty_table()])


def _read(path: Path, schema: pa.Schema) -> pa.Table | None:
    if not path.is_file():
        return None
    found = pq.read_table(path)
    columns = [
        found.column(field.name).cast(field.type)
        if field.name in found.schema.names
        else pa.chunked_array([pa.nulls(found.num_rows, field.type)])
        for field in schema
    ]
    return pa.table(columns, schema=schema)
