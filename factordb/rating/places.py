"""Relation of the place of the data to the place of use, from the one region tree of the reference shelf."""

from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factordb.rating.evidence import Codes, Place
from factordb.reference import table

WORLD: Final = "GLO"
COUNTRY: Final = "country"


def place_relation(places: Iterable[str | None], uses: Iterable[str | None]) -> tuple[Codes, NDArray[np.int16]]:
    """Return (`Place` codes, steps in the region tree), both shape (n,); steps are -1 where the relation is unknown.

    Worked out once for each distinct pair. A code that is null or not in `regions/regions` is UNKNOWN, never the same.

    Args:
        places: region codes of the data, shape (n,).
        uses: region codes of the places of use, shape (n,).
    """
    place, place_names = _encoded(places)
    use, use_names = _encoded(uses)
    pair = place * len(use_names) + use
    distinct, back = np.unique(pair, return_inverse=True)
    found = [relation(place_names[one // len(use_names)], use_names[one % len(use_names)]) for one in distinct]
    codes = np.array([code for code, _ in found], np.int8)
    steps = np.array([step for _, step in found], np.int16)
    return codes[back], steps[back]


def relation(place: str | None, use: str | None) -> tuple[Place, int]:
    """Return how one place stands to a place of use, and the steps between them through their common ancestor.

    Another part of the same country counts as similar; a part of another country as other.
    """
    up, over = lineage(place), lineage(use)
    if not up or not over:
        return Place.UNKNOWN, -1
    shared = next((code for code in up if code in over), None)
    if shared is None:
        return Place.OTHER, len(up) + len(over)
    steps = up.index(shared) + over.index(shared)
    if place == use:
        return Place.SAME, 0
    if shared == place:
        return (Place.WORLD if place == WORLD else Place.CONTAINS), steps
    if shared == use:
        return Place.INSIDE, steps
    inland = any(_tree()[code][1] == COUNTRY for code in over[over.index(shared) :])
    return (Place.SIMILAR if inland else Place.OTHER), steps


@cache
def _tree() -> dict[str, tuple[str | None, str]]:
    rows = table("regions/regions").select(["code", "parent", "level"]).to_pylist()
    return {row["code"]: (row["parent"], row["level"]) for row in rows}


def lineage(code: str | None) -> list[str]:
    """Return a place and its ancestors, nearest first; empty for a code the tree does not have."""
    line: list[str] = []
    while code is not None and code in _tree():
        line.append(code)
        code = _tree()[code][0]
    return line


def _encoded(words: Iterable[str | None]) -> tuple[NDArray[np.int64], list[str | None]]:
    column = words if isinstance(words, (pa.Array, pa.ChunkedArray)) else pa.array(words, pa.string())
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = column.dictionary_encode(null_encoding="encode")
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist()
