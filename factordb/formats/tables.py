"""Every table of a release in every format, in one pass over its rows."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pyarrow as pa
from pyarrow import parquet

from factordb.formats.csv_table import CsvTable, PeopleCsvTable, TableWriter
from factordb.formats.json_table import JsonTable, write_json_schema
from factordb.formats.parquet_table import ParquetTable
from factordb.formats.rows import Blocks, Rows, release_batches, release_schema, split_by_table
from factordb.formats.words import OTHER_SECTIONS
from factordb.formats.xlsx_table import ROW_LIMIT, Workbook
from factordb.model.release import TABLES, ReleaseFacts

NOT_IN_WORKBOOK: Final = frozenset({"cite"})
"""Tables that nobody filters by hand; they stand as CSV only."""
ALSO_PARQUET: Final = frozenset({"gas_amounts"})
"""Tables beside the release rows that programs join in bulk."""
HEAD_ROWS: Final = 2_000
"""Rows of each table kept for the report."""


@dataclass(frozen=True)
class Written:
    """What went into the tables of a release.

    Attributes:
        counts: table -> rows.
        heads: table -> its first `HEAD_ROWS` rows, for the report.
    """

    counts: Mapping[str, int]
    heads: Mapping[str, pa.Table]


class _Table:
    """One table of release rows on its way into all its files."""

    def __init__(self, name: str, writers: tuple[TableWriter, ...]) -> None:
        self._name, self._writers = name, writers
        self._blocks = Blocks()
        self._head: list[pa.RecordBatch] = []
        self.rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        if self.rows < HEAD_ROWS:
            self._head.append(batch.slice(0, HEAD_ROWS - self.rows))
        self.rows += batch.num_rows
        for block in self._blocks.push(batch):
            self._pass_on(block)

    def finish(self) -> None:
        for block in self._blocks.rest():
            self._pass_on(block)

    def _pass_on(self, block: pa.RecordBatch) -> None:
        for writer in self._writers:
            writer.write(block)

    @property
    def head(self) -> pa.Table:
        return pa.Table.from_batches(self._head, schema=release_schema())


def write_tables(
    rows: Rows,
    directory: Path,
    facts: ReleaseFacts,
    *,
    others: Mapping[str, pa.Table] = MappingProxyType({}),
    with_json: bool = True,
    xlsx_rows: int = ROW_LIMIT,
) -> Written:
    """Write `rows` below `directory` and return what was written.

    Files: `data/<table>.csv|parquet|json`, `people/<table>.csv`, `people/release.xlsx`, `release.schema.json`, and
    `<name>.csv` and `people/<name>.csv` for each of `others`.

    Args:
        rows: release rows of all kinds, in the order they shall have; read once, in batches.
        directory: the release folder.
        facts: cover of the release.
        others: tables of `OTHER_SECTIONS`, any columns; small enough for memory.
        with_json: False leaves the JSON documents out (1.6 GB for a million rows).
        xlsx_rows: rows of each table in the workbook; what is beyond is named in its read-me sheet.

    Raises:
        UsageError: `rows` have not the columns of a release.
        IntegrityError: a row is one that no release may hold.
    """
    data, people = directory / "data", directory / "people"
    for folder in (data, people):
        folder.mkdir(parents=True, exist_ok=True)
    if with_json:
        write_json_schema(directory / "release.schema.json")
    with ExitStack() as files:
        book = files.enter_context(Workbook(people / "release.xlsx", facts, row_limit=xlsx_rows))
        tables = {name: _Table(name, _writers(name, directory, facts, files, with_json=with_json)) for name in TABLES}
        for batch in release_batches(rows):
            for name, part in split_by_table(batch):
                tables[name].write(part)
                book.write(name, part)
        for table in tables.values():
            table.finish()
        for name in OTHER_SECTIONS:
            if name in others:
                _write_other(name, others[name], directory)
                if name not in NOT_IN_WORKBOOK:
                    book.write_sheet(name, others[name])
    return Written(
        counts={name: table.rows for name, table in tables.items()},
        heads={name: table.head for name, table in tables.items()},
    )


def _writers(
    name: str, directory: Path, facts: ReleaseFacts, files: ExitStack, *, with_json: bool
) -> tuple[TableWriter, ...]:
    data = directory / "data"
    writers: list[TableWriter] = [
        files.enter_context(CsvTable(data / f"{name}.csv")),
        files.enter_context(PeopleCsvTable(directory / "people" / f"{name}.csv")),
        files.enter_context(ParquetTable(data / f"{name}.parquet", facts)),
    ]
    if with_json:
        writers.append(files.enter_context(JsonTable(data / f"{name}.json", name, facts)))
    return tuple(writers)


def _write_other(name: str, rows: pa.Table, directory: Path) -> None:
    people = PeopleCsvTable(directory / "people" / f"{name}.csv", rows.schema, OTHER_SECTIONS[name])
    with CsvTable(directory / f"{name}.csv", rows.schema) as table, people:
        for block in rows.to_batches():
            table.write(block)
            people.write(block)
    if name in ALSO_PARQUET:
        parquet.write_table(rows, directory / "data" / f"{name}.parquet", compression="zstd")
