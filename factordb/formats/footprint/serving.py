"""Footprints of PACT v3 one at a time, for an API: those of the newest release, then what only older ones hold."""

from collections.abc import Iterable, Iterator
from typing import Any

from factordb.formats.footprint import pact3, terms
from factordb.formats.footprint.shape import held
from factordb.formats.footprint.statement import Statement
from factordb.formats.interchange import Content
from factordb.formats.inventories.composing import sheets

Placed = tuple[dict[str, Any], tuple[str, ...]]
"""A footprint, and the names of the wider places it lies in."""


def footprints_of(newest_first: Iterable[Content]) -> Iterator[Placed]:
    """Yield every footprint once, as of the newest release that holds it.

    Footprints of the first content are Active; those that only later contents hold are Deprecated. An Active one names
    in `precedingPfIds` the versions of the same product that it replaces.

    Args:
        newest_first: releases, the newest first.
    """
    active: dict[str, Placed] = {}
    older: dict[str, Placed] = {}
    for place, content in enumerate(newest_first):
        for one, wider in _documents(content):
            if place == 0:
                active[one["id"]] = one, wider
            elif one["id"] not in active:
                older.setdefault(one["id"], ({**one, "status": "Deprecated"}, wider))
    replaced: dict[str, list[str]] = {}
    for one, _ in older.values():
        replaced.setdefault(one["productIds"][0], []).append(one["id"])
    for one, wider in active.values():
        before = replaced.get(one["productIds"][0])
        yield ({**one, "precedingPfIds": before} if before else one), wider
    yield from older.values()


def _documents(content: Content) -> Iterator[Placed]:
    for row, gases, sheet in sheets(content):
        found = held(row, sheet, pact3.NAME)
        if isinstance(found, str):
            continue
        said = Statement(row, gases, found, content.facts, content.sources.get(row["source_id"]))
        continent = terms.continent_of(row["region"])
        yield pact3.document(said), (continent,) if continent else ()
