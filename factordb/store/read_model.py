"""The look-up file of a released read model: one SQLite file that is written once and then only read.

Opened immutable: SQLite takes no lock and looks for no journal, so any number of processes read at the same time.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from factordb.errors import IntegrityError, NotFoundError, SeveralFoundError

FILE: Final = "factors.sqlite"
IDS: Final = ("factor_id", "version_id")
_TYPES: Final = ((pa.types.is_floating, "REAL"), (pa.types.is_integer, "INTEGER"), (pa.types.is_boolean, "INTEGER"))
_BATCH: Final = 20_000
_AT_ONCE: Final = 500
"""Parameters of one statement; SQLite's own limit is higher."""
_LAST: Final = chr(0x10FFFF)
"""Sorts after every character of an identifier."""
_AMBIGUOUS: Final = 6


def write(path: Path, rows: pa.Table, *, facts: Mapping[str, Any], sources: pa.Table, gases: pa.Table) -> None:
    """Write the file: tables factors (key n), sources, gases, facts. The same content gives the same bytes.

    Args:
        path: the file, which does not exist yet.
        rows: rows with their number n.
        facts: what stands on the cover of the release, and the hash of its manifest.
        sources: the register of sources, key source_id.
        gases: amounts of gas: version_id, gas, amount_kg, is_co2e.
    """
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")  # the folder is made visible by one rename at the end
        _fill(connection, "factors", rows, key="n")
        _fill(connection, "sources", sources)
        _fill(connection, "gases", gases)
        connection.execute("CREATE TABLE facts (facts TEXT NOT NULL)")
        connection.execute(
            "INSERT INTO facts VALUES (?)", (json.dumps(dict(facts), ensure_ascii=False, sort_keys=True),)
        )
        for name in IDS:
            connection.execute(f"CREATE INDEX factors_{name} ON factors ({name})")
        connection.execute("CREATE INDEX gases_version_id ON gases (version_id)")
        connection.commit()
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, name: str, rows: pa.Table, key: str = "") -> None:
    columns = [
        f'"{field.name}" {next((kind for holds, kind in _TYPES if holds(field.type)), "TEXT")}'
        + (" PRIMARY KEY" if field.name == key else "")
        for field in rows.schema
    ]
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    marks = ", ".join("?" * len(columns))
    plain = rows.cast(pa.schema([_plain(field) for field in rows.schema]))
    for batch in plain.to_batches(max_chunksize=_BATCH):
        cells = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", cells)


def _plain(field: pa.Field) -> pa.Field:
    return pa.field(field.name, pa.string()) if pa.types.is_date(field.type) else field


class ReadModel:
    """Look-ups in one read model; a connection a thread, none ever writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = threading.local()
        self._sources: dict[str, dict[str, Any]] = {}

    @property
    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            found = sqlite3.connect(address, uri=True)
            found.execute("PRAGMA query_only=1")
            found.execute("PRAGMA mmap_size=1073741824")
            self._own.connection = found
        return found

    def _rows(self, query: str, parameters: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
        try:
            answer = self._connection.execute(query, tuple(parameters))
            names = [one[0] for one in answer.description]
            for row in answer:
                yield dict(zip(names, row, strict=True))
        except sqlite3.DatabaseError as fault:
            raise IntegrityError(
                problem=f"{self.path} cannot be read ({fault})",
                remedy="remove its folder below read_models; it is made again from the release",
                problem_zh=f"{self.path} 无法读取（{fault}）",
                remedy_zh="请删除 read_models 下的相应文件夹，系统将由发布版本重新生成",
            ) from fault

    def close(self) -> None:
        """Close this thread's connection."""
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is not None:
            found.close()
            self._own.connection = None

    def facts(self) -> dict[str, Any]:
        """Return the cover of the release."""
        found: dict[str, Any] = json.loads(next(self._rows("SELECT facts FROM facts"))["facts"])
        return found

    def rows(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Return the rows of these numbers, in the order given."""
        found: dict[int, dict[str, Any]] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            found.update((row["n"], row) for row in self._rows(f"SELECT * FROM factors WHERE n IN ({marks})", some))
        return [found[number] for number in numbers]

    def one(self, name: str) -> dict[str, Any]:
        """Return the row of a factor or version id, or of the beginning of one.

        Raises:
            NotFoundError: no row has it; SeveralFoundError: more than one has.
        """
        whole = list(self._rows("SELECT * FROM factors WHERE factor_id = ? LIMIT 2", (name,)))
        if len(whole) == 1:  # a whole identifier is what is asked for most; it needs no look at what begins like it
            return whole[0]
        found: dict[int, dict[str, Any]] = {}
        for column in IDS:
            query = f"SELECT * FROM factors WHERE {column} >= ? AND {column} < ? LIMIT ?"
            found.update((row["n"], row) for row in self._rows(query, (name, name + _LAST, _AMBIGUOUS)))
        if len(found) != 1 or not name:
            known = ", ".join(row["factor_id"][:12] for row in found.values())
            if name and found:
                raise SeveralFoundError("released factor", name, known=f"{known} …")
            raise NotFoundError("released factor", name, known="`factordb factor search`")
        return next(iter(found.values()))

    def versions(self, factor_ids: Sequence[str]) -> dict[str, str]:
        """Return factor id -> version id of those that the release holds."""
        found: dict[str, str] = {}
        for start in range(0, len(factor_ids), _AT_ONCE):
            some = factor_ids[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT factor_id, version_id FROM factors WHERE factor_id IN ({marks})"
            found.update((row["factor_id"], row["version_id"]) for row in self._rows(query, some))
        return found

    def gases(self, version_id: str) -> list[dict[str, Any]]:
        """Return gas, amount_kg (kg per published declared unit), is_co2e of a version; empty where not published."""
        query = "SELECT gas, amount_kg, is_co2e FROM gases WHERE version_id = ? ORDER BY gas"
        return list(self._rows(query, (version_id,)))

    def source(self, source_id: str) -> dict[str, Any]:
        """Return the row of the register of sources; empty where it is not there."""
        found = self._sources.get(source_id)
        if found is None:
            found = next(self._rows("SELECT * FROM sources WHERE source_id = ?", (source_id,)), {})
            self._sources[source_id] = found
        return dict(found)
