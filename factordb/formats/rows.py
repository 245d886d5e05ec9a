"""Release rows on their way to the writers: checked, cast to the contract, cut into blocks of one size."""

from collections.abc import Iterator
from functools import cache
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import IntegrityError, UsageError
from factordb.formats.words import LANGUAGES, column_words
from factordb.model.release import RELEASE_COLUMNS, TABLES, ColumnType

Rows: TypeAlias = pa.Table | pa.RecordBatchReader
"""Release rows: a table, or a stream that is read once."""

BLOCK_ROWS: Final = 65_536
"""Rows of a block. Fixed, so that the same rows give the same bytes however the caller's batches are cut."""

ARROW_TYPES: Final = {
    ColumnType.STRING: pa.string(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
}


@cache
def release_schema() -> pa.Schema:
    """Return the Arrow schema of a release row; titles, units and descriptions are the fields' metadata."""
    return pa.schema(
        [pa.field(column.name, ARROW_TYPES[column.type], metadata=_metadata(column.name)) for column in RELEASE_COLUMNS]
    )


def _metadata(name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for lang in LANGUAGES:
        words = column_words(lang, name)
        found |= {f"title_{lang}": words.title, f"description_{lang}": words.description}
        if words.unit:
            found[f"unit_{lang}"] = words.unit
    return found


def release_batches(rows: Rows) -> Iterator[pa.RecordBatch]:
    """Yield `rows` in batches of the release schema, columns in its order.

    Raises:
        UsageError: a column is missing, unknown, or of a type that does not fit without loss.
        IntegrityError: a required cell is empty, a number is not finite, or a kind is unknown. Checks stand
            before a release, so this is no fault of data that a submitter could mend.
    """
    _same_columns(rows.schema.names)
    for batch in rows.to_batches() if isinstance(rows, pa.Table) else rows:
        if batch.num_rows:
            yield _checked(_conformed(batch))


def _same_columns(names: list[str]) -> None:
    expected = set(release_schema().names)
    missing, unknown = sorted(expected - set(names)), sorted(set(names) - expected)
    if missing or unknown or len(names) != len(expected):
        raise UsageError(
            problem=f"these are no release rows: missing {missing}, unknown {unknown}",
            remedy="give the columns of factordb.model.release.RELEASE_COLUMNS, each once",
            problem_zh=f"这些不是发布行：缺少 {missing}，未知 {unknown}",
            remedy_zh="请给出 factordb.model.release.RELEASE_COLUMNS 中的各列，每列一次",
        )


def _conformed(batch: pa.RecordBatch) -> pa.RecordBatch:
    schema = release_schema()
    arrays = []
    for column in schema:
        try:
            arrays.append(pc.cast(batch.column(column.name), column.type))
        except pa.ArrowException as error:
            raise UsageError(
                problem=f"column {column.name} does not fit type {column.type}: {error}",
                remedy="cast the column in the query that feeds the release",
                problem_zh=f"列 {column.name} 不符合类型 {column.type}:{error}",
                remedy_zh="请在提供发布数据的查询中转换该列的类型",
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _checked(batch: pa.RecordBatch) -> pa.RecordBatch:
    for column, cells in zip(RELEASE_COLUMNS, batch.columns, strict=True):
        if column.required and cells.null_count:
            raise _spoiled(column.name, "is empty", "为空")
        if column.type is ColumnType.NUMBER and not pc.all(pc.is_finite(cells)).as_py() and _has_values(cells):
            raise _spoiled(column.name, "is not a finite number", "不是有限的数")
    known = pa.array([kind.value for kind in TABLES.values()])
    if not pc.all(pc.is_in(batch.column("kind"), value_set=known)).as_py():
        raise _spoiled("kind", f"is none of {known.to_pylist()}", f"不属于 {known.to_pylist()}")
    return batch


def _has_values(cells: pa.Array) -> bool:
    return bool(cells.null_count < len(cells))


def _spoiled(column: str, problem: str, problem_zh: str) -> IntegrityError:
    return IntegrityError(
        problem=f"in the rows to be released a cell of column {column} {problem}",
        remedy="appraise again; a release takes no such row",
        problem_zh=f"待发布的行中，列 {column} 有单元格{problem_zh}",
        remedy_zh="请重新评估；发布不接受这样的行",
    )


def split_by_table(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield (table, its rows of `batch`) for every table of a release that has any."""
    for table, kind in TABLES.items():
        part = batch.filter(pc.equal(batch.column("kind"), kind.value))
        if part.num_rows:
            yield table, part


class Blocks:
    """Gathers batches of any size and gives blocks of exactly `BLOCK_ROWS` rows; the last may be shorter."""

    def __init__(self) -> None:
        self._parts: list[pa.RecordBatch] = []
        self._held = 0

    def push(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Take `batch` in and yield the blocks that are now full."""
        while batch.num_rows:
            room = BLOCK_ROWS - self._held
            self._parts.append(batch.slice(0, room))
            self._held += self._parts[-1].num_rows
            batch = batch.slice(room)
            if self._held == BLOCK_ROWS:
                yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """Yield what is left as one block, if anything is."""
        if self._parts:
            yield pa.concat_batches(self._parts)
            self._parts, self._held = [], 0


def release_blocks(rows: Rows) -> Iterator[pa.RecordBatch]:
    """Yield checked `rows` in blocks of one size."""
    gathered = Blocks()
    for batch in release_batches(rows):
        yield from gathered.push(batch)
    yield from gathered.rest()
