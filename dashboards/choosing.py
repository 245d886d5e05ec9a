"""Choosing rows by what they are, never by where they stand.

A browser keeps the *position* of a chosen row while the rows change under it. So the identity of a table holds its
query and the library's version, and a position is turned into ids at once, against the very rows it was drawn from.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Chosen:
    """A candidate as it was seen: which one, and which version of it."""

    candidate_id: str
    version_id: str


def table_key(name: str, *, edition: tuple[str, str], page: int, query: Mapping[str, str]) -> str:
    """Return the identity of a table: other rows, other identity, and so no choice is carried over."""
    told = json.dumps([name, *edition, page, sorted(query.items())], ensure_ascii=False)
    return f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def chosen_of(rows: Sequence[Mapping[str, Any]], places: Sequence[int]) -> list[Chosen]:
    """Return the candidates at the chosen places of the rows that were drawn; places beyond them choose nothing."""
    found = (rows[place] for place in places if 0 <= place < len(rows))
    return [Chosen(str(row["candidate_id"]), str(row["version_id"])) for row in found]
