"""The library's own DuckDB file: batches are merged in one short transaction; what nobody recorded is removed."""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlmodel import SQLModel

from factordb.errors import IntegrityError
from factordb.model.finding import (
    Assessment,
    Contribution,
    Finding,
    RatingEvidence,
    RuleCount,
    Uncertainty,
)
from factordb.store.ddl import columns, create_table
from factordb.store.duck import opened, quote
from factordb.store.staging import TABLES

APPRAISAL_TABLES: dict[str, type[SQLModel]] = {
    "finding": Finding,
    "rule_count": RuleCount,
    "uncertainty": Uncertainty,
    "contribution": Contribution,
    "rating_evidence": RatingEvidence,
    "assessment": Assessment,
}
"""What an appraisal leaves behind; each row carries its appraisal_id in the library."""

BATCH_TABLES = tuple(TABLES)
_OF_CANDIDATES = ("gas_amount", "recipe_input", "factor_input")
"""Batch tables whose rows name their candidate only; in the library each carries its batch_id too."""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the library's tables where they are missing."""
    for name, model in TABLES.items():
        connection.execute(create_table(model, name))
    for name, model in APPRAISAL_TABLES.items():
        connection.execute(create_table(model, name))
        connection.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS appraisal_id VARCHAR")
    for name in _OF_CANDIDATES:
        connection.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS batch_id VARCHAR")


_ROWS = (
    "SELECT batch_id, candidate_id || version_id AS h FROM {0}candidate UNION ALL "
    "SELECT batch_id, concat_ws('|', batch_id, row_no, record, code, field, place) FROM {0}refused"
)
_SUM = "sha256(concat_ws('|', count(*), sum(md5_number_upper(h)), sum(md5_number_lower(h))))"
"""Sums of the halves of each row's md5: the order of rows does not matter, and a million need no sorting."""


def content_hash(connection: duckdb.DuckDBPyConnection, schema: str = "") -> str:
    """Return the order-independent sha256 of the candidates and refused records below `schema`."""
    rows = _ROWS.format(f"{schema}." if schema else "")
    return str(connection.execute(f"SELECT {_SUM} FROM ({rows})").fetchall()[0][0])


def batch_hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return batch id -> content hash as the library's file holds it now."""
    rows = _ROWS.format("")
    return dict(connection.execute(f"SELECT batch_id, {_SUM} FROM ({rows}) GROUP BY batch_id").fetchall())


def batch_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Return batch id -> candidates and refused records as the library's file holds them now."""
    rows = connection.execute(
        "SELECT batch_id, sum(candidates)::BIGINT, sum(refused)::BIGINT FROM ("
        "SELECT batch_id, count(*) AS candidates, 0 AS refused FROM candidate GROUP BY batch_id UNION ALL "
        "SELECT batch_id, 0, count(*) FROM refused GROUP BY batch_id) GROUP BY batch_id"
    ).fetchall()
    return {batch: (candidates, refused) for batch, candidates, refused in rows}


def assessed(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return appraisal id -> assessments as the library's file holds them now."""
    rows = connection.execute("SELECT appraisal_id, count(*) FROM assessment GROUP BY appraisal_id").fetchall()
    return dict(rows)


def merge_batch(library: Path, staged: Path, batch_id: str) -> None:
    """Copy a staged batch into the library in one transaction, checkpointed before it returns.

    A batch that is there already, from a run that was interrupted before it was recorded, is replaced.
    """
    with opened(library) as connection:
        create(connection)
        connection.execute(f"ATTACH {quote(str(staged))} AS staged (READ_ONLY)")
        connection.execute("BEGIN")
        remove_batches(connection, [batch_id])
        for name in BATCH_TABLES:
            extra = f", {quote(batch_id)} AS batch_id" if name in _OF_CANDIDATES else ""
            connection.execute(f"INSERT INTO {name} BY NAME SELECT *{extra} FROM staged.{name}")
        connection.execute("COMMIT")
        connection.execute("DETACH staged")
        checkpoint(connection)


def merge_appraisal(library: Path, staged: Path, appraisal_id: str) -> None:
    """Copy the results of an appraisal into the library in one transaction."""
    with opened(library) as connection:
        create(connection)
        connection.execute(f"ATTACH {quote(str(staged))} AS staged (READ_ONLY)")
        connection.execute("BEGIN")
        for name in APPRAISAL_TABLES:
            connection.execute(f"DELETE FROM {name} WHERE appraisal_id = $1", [appraisal_id])
            mark = f"{quote(appraisal_id)} AS appraisal_id"
            connection.execute(f"INSERT INTO {name} BY NAME SELECT *, {mark} FROM staged.{name}")
        connection.execute("COMMIT")
        connection.execute("DETACH staged")
        checkpoint(connection)


def checkpoint(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the WAL into the file now: an error in the checkpoint at close would be swallowed."""
    connection.execute("CHECKPOINT")


def remove_batches(connection: duckdb.DuckDBPyConnection, batch_ids: Iterable[str]) -> None:
    """Delete everything that belongs to these batches."""
    for batch_id in batch_ids:
        for name in BATCH_TABLES:
            connection.execute(f"DELETE FROM {name} WHERE batch_id = $1", [batch_id])


def orphans(connection: duckdb.DuckDBPyConnection, visible: Iterable[str]) -> list[str]:
    """Return batches in the file that no recorded event makes visible."""
    known = set(visible)
    found = connection.execute(
        "SELECT DISTINCT batch_id FROM candidate UNION SELECT DISTINCT batch_id FROM refused"
    ).fetchall()
    return sorted(batch_id for (batch_id,) in found if batch_id not in known)


def scan_everything(library: Path) -> dict[str, int]:
    """Read every column of every table, so that every block's checksum is tested; return rows a table.

    Raises:
        IntegrityError: a block is damaged.
    """
    counts: dict[str, int] = {}
    try:
        with opened(library, read_only=True) as connection:
            for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                rows = connection.execute(f"SELECT count(*), bit_xor(hash(t)) FROM {name} t").fetchall()
                counts[name] = rows[0][0]
    except duckdb.Error as error:
        raise IntegrityError(
            problem=f"{library} has damaged blocks",
            remedy="run `factordb doctor --rebuild`",
            problem_zh=f"{library} 有损坏的数据块",
            remedy_zh="请运行 `factordb doctor --rebuild`",
        ) from error
    return counts


@dataclass(frozen=True)
class Published:
    """One version of the read model: a folder of Parquet files under a name that never changes."""

    folder: Path

    def table(self, name: str) -> Path:
        """Return the file of one table."""
        return self.folder / f"{name}.parquet"

    def relation(self, name: str) -> str:
        """Return SQL of the rows of one table; one that an older program did not publish yet has none."""
        if self.table(name).exists():
            return f"SELECT * FROM read_parquet({quote(str(self.table(name)))})"
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in _empty(name).items())
        return f"SELECT {empty} WHERE false"


PUBLISHED = (*BATCH_TABLES, *APPRAISAL_TABLES)
LISTING = "listing.arrow"
"""File of the list of candidates beside the tables; `store.listing` writes and reads it."""
_WORD = re.compile(r"\w+")
_SQL_TYPES = {float: "DOUBLE", int: "BIGINT", bool: "BOOLEAN", date: "DATE"}


def _empty(name: str) -> dict[str, str]:
    """Return column -> SQL type of a published table."""
    model = (TABLES | APPRAISAL_TABLES)[name]
    found = {column: _SQL_TYPES.get(kind, "VARCHAR") for column, kind in columns(model).items()}
    return found | {"batch_id": "VARCHAR"} | ({"appraisal_id": "VARCHAR"} if name in APPRAISAL_TABLES else {})


def publish(
    library: Path,
    target: Path,
    version: str,
    visible: Mapping[str, str | None],
    prepare: Callable[[Published], None] | None = None,
) -> Published:
    """Write the read model of what is visible and move the pointer to it.

    Args:
        library: the DuckDB file.
        target: folder of published versions.
        version: name of the new version.
        visible: recorded batch -> its newest appraisal, or None while it waits for one.
        prepare: writes what is made of the tables beside them, before anybody sees the version.
    """
    folder = target / version
    building = target / f".{version}.building"
    building.mkdir(parents=True, exist_ok=True)
    pairs = pa.table(
        {"batch_id": pa.array(visible.keys(), pa.string()), "appraisal_id": pa.array(visible.values(), pa.string())}
    )
    batches = "\n".join(sorted(visible))
    (building / "batches.txt").write_text(batches, encoding="utf-8")
    kept = _unchanged(target, batches)
    with opened(library, read_only=True) as connection:
        connection.register("visible", pairs)
        for name in PUBLISHED:
            if kept and name in BATCH_TABLES and kept.table(name).exists():
                # what was submitted is immutable: the same batches are the same files
                _link(kept.table(name), building / f"{name}.parquet")
                continue
            key = "batch_id" if name in BATCH_TABLES else "batch_id, appraisal_id"
            key = "appraisal_id" if name == "rule_count" else key
            connection.execute(
                f"COPY (SELECT * FROM {name} SEMI JOIN visible USING ({key})) TO "
                f"{quote(str(building / f'{name}.parquet'))} (FORMAT parquet, COMPRESSION zstd)"
            )
    if prepare:
        prepare(Published(building))
    if folder.exists():
        for old in building.iterdir():
            old.replace(folder / old.name)
        building.rmdir()
    else:
        building.replace(folder)
    pointer = target / ".current.building"
    pointer.write_text(version, encoding="utf-8")
    os.replace(pointer, target / "current")  # noqa: PTH105 - atomic on every system
    for old in target.glob(f"*/{LISTING}"):
        if old.parent != folder:  # large, and made again from the tables for whoever still asks that version
            with suppress(OSError):
                old.unlink()
    return Published(folder)


def _unchanged(target: Path, batches: str) -> Published | None:
    """Return the newest published version where it holds the same batches."""
    newest = current(target)
    listed = newest.folder / "batches.txt" if newest else None
    return newest if listed and listed.exists() and listed.read_text(encoding="utf-8") == batches else None


def _link(source: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, path)


def current(target: Path) -> Published | None:
    """Return the newest published read model, or None before the first."""
    pointer = target / "current"
    return Published(target / pointer.read_text(encoding="utf-8")) if pointer.exists() else None


def read(published: Published, query: str, parameters: list[object] | None = None) -> pa.Table:
    """Return the answer of a query over the published tables, named as in `PUBLISHED`. Takes no lock."""
    with opened(":memory:") as connection:
        attach(connection, published, named=query)
        if parameters:
            return connection.sql(query, params=parameters).to_arrow_table()
        return connection.sql(query).to_arrow_table()


def attach(connection: duckdb.DuckDBPyConnection, published: Published, prefix: str = "", named: str = "") -> None:
    """Create a view for each published table, or only for those whose names stand in the query `named`."""
    words = set(_WORD.findall(named.lower()))
    for name in PUBLISHED:
        if named and name not in words:  # a view looks into its file: a short question needs none of the others
            continue
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {prefix}{name} AS {published.relation(name)}")
