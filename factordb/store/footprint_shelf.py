"""The look-up file of footprints: rendered documents with the criteria of PACT v3, written once and then only read."""

import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from factordb.errors import IntegrityError

MANY: Final = ("productId", "companyId", "geography", "classification", "status")
"""Criteria of which a footprint may carry several values; a match is case-insensitive."""
_SUBDIVISION: Final = "geographyCountrySubdivision"
_PLACES: Final = ("geographyCountry", _SUBDIVISION, "geographyRegionOrSubregion")
_LONGEST_VALIDITY: Final = 3
"""Years from the end of the reference period for which a footprint without stated validity is valid (PACT 3.3)."""


def write_shelf(path: Path, footprints: Iterable[tuple[Mapping[str, Any], Iterable[str]]]) -> None:
    """Write the file; it appears by one rename.

    Args:
        path: the file.
        footprints: documents of PACT v3, each with the names of the wider places it lies in.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.building")
    connection = sqlite3.connect(building)
    try:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")  # seen only after the rename
        connection.execute(
            "CREATE TABLE footprint (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL, "
            "starts TEXT NOT NULL, ends TEXT NOT NULL)"
        )
        connection.execute("CREATE TABLE criterion (name TEXT NOT NULL, value TEXT NOT NULL, n INTEGER NOT NULL)")
        for number, (one, wider) in enumerate(footprints):
            document = json.dumps(one, ensure_ascii=False, separators=(",", ":"))
            cells = (number, str(one["id"]).lower(), document, *validity_of(one))
            connection.execute("INSERT INTO footprint VALUES (?, ?, ?, ?, ?)", cells)
            pairs = [(name, value, number) for name, value in criteria_of(one, wider)]
            connection.executemany("INSERT INTO criterion VALUES (?, ?, ?)", pairs)
        connection.execute("CREATE INDEX criterion_value ON criterion (name, value, n)")
        connection.commit()
    finally:
        connection.close()
    os.replace(building, path)  # noqa: PTH105 - atomic on every system


def criteria_of(footprint: Mapping[str, Any], wider: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Return (criterion, value in lower case) of everything a footprint answers to.

    A place answers for the country it lies in as well: `CN-GD` is within `CN`.
    """
    found = {("productId", one) for one in footprint["productIds"]}
    found |= {("companyId", one) for one in footprint["companyIds"]}
    found |= {("classification", one) for one in footprint.get("productClassifications", ())}
    found.add(("status", footprint["status"]))
    found |= {("geography", one) for one in wider}
    found |= {("geography", footprint["pcf"][name]) for name in _PLACES if footprint["pcf"].get(name)}
    part = footprint["pcf"].get(_SUBDIVISION)
    if part:
        found.add(("geography", part.partition("-")[0]))
    return sorted((name, str(value).lower()) for name, value in found)


def validity_of(footprint: Mapping[str, Any]) -> tuple[str, str]:
    """Return begin and end of validity, UTC; where none is stated, three years from the end of the reference period.

    Source: PACT Methodology and Technical Specifications v3, "Validity period".
    """
    start = footprint.get("validityPeriodStart") or footprint["pcf"]["referencePeriodEnd"]
    end = footprint.get("validityPeriodEnd")
    if end is None:
        end = f"{int(start[:4]) + _LONGEST_VALIDITY:04d}{start[4:]}"
    return start, end


class FootprintShelf:
    """Look-ups among footprints; a connection a thread, none ever writes."""

    def __init__(self, path: Path, name: str) -> None:
        """Ask the file at `path`; `name` is what page links are bound to."""
        self.path = path
        self.name = name
        self._own = threading.local()

    def _rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        try:
            if found is None:
                address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
                found = self._own.connection = sqlite3.connect(address, uri=True)
                found.execute("PRAGMA query_only=1")
            return found.execute(query, tuple(parameters)).fetchall()
        except sqlite3.DatabaseError as fault:
            raise IntegrityError(
                problem=f"{self.path} cannot be read ({fault})",
                remedy="remove the file; it is made again from the release",
                problem_zh=f"{self.path} 无法读取（{fault}）",
                remedy_zh="请删除该文件，系统将由发布版本重新生成",
            ) from fault

    def one(self, footprint_id: str) -> str | None:
        """Return a footprint as JSON text; None where there is none of that id."""
        rows = self._rows("SELECT document FROM footprint WHERE id = ?", (footprint_id.lower(),))
        return rows[0][0] if rows else None

    def page(
        self, criteria: Mapping[str, Sequence[str]], dates: Mapping[str, str], *, limit: int, after: int = -1
    ) -> tuple[list[str], int | None]:
        """Return (documents as JSON texts, number to go on behind; None at the end).

        Args:
            criteria: criterion -> alternatives; all criteria must hold.
            dates: validOn, validAfter, validBefore, as UTC texts.
            limit: documents of a page.
            after: number of the last document of the page before.
        """
        where, values = ["n > ?"], [after]
        parameters: list[object] = [*values]
        for name, alternatives in criteria.items():
            marks = ", ".join("?" * len(alternatives))
            where.append(f"n IN (SELECT n FROM criterion WHERE name = ? AND value IN ({marks}))")
            parameters += [name, *(one.lower() for one in alternatives)]
        for name, condition in (
            ("validOn", "starts <= ? AND ? <= ends"),
            ("validAfter", "starts > ?"),
            ("validBefore", "ends < ?"),
        ):
            if name in dates:
                where.append(condition)
                parameters += [dates[name]] * condition.count("?")
        query = f"SELECT n, document FROM footprint WHERE {' AND '.join(where)} ORDER BY n LIMIT ?"
        rows = self._rows(query, [*parameters, limit + 1])
        shown = rows[:limit]
        more = len(rows) > limit
        return [row[1] for row in shown], (shown[-1][0] if shown else after) if more else None

    def ids(self) -> list[str]:
        """Return the ids of all footprints in their order."""
        return [row[0] for row in self._rows("SELECT id FROM footprint ORDER BY n")]
