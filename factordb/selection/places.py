"""Regions of questions: the code of any spelling, the places that contain it, and those within it."""

from collections.abc import Iterable
from functools import cache

from factordb.errors import NotFoundError
from factordb.rating.places import lineage
from factordb.reference import region_aliases, table
from factordb.selection.words import plain

__all__ = ["children", "lineage", "names", "region_code", "step_of"]


def region_code(text: str) -> str:
    """Return the code of a region by any understood spelling: 江苏, jiangsu, CN-JS or 320000.

    Raises:
        NotFoundError: nothing is known by that name.
    """
    found = _aliases().get(plain(text))
    if found is None:
        raise NotFoundError("region", text, known="CN, GLO, 江苏, Jiangsu, 320000, CN-GRID-EC …")
    return found


def children(codes: Iterable[str]) -> list[str]:
    """Return the codes and everything within them, sorted."""
    wanted = set(codes)
    return sorted(code for code in _regions() if wanted & set(lineage(code)))


def names(code: str | None) -> tuple[str, ...]:
    """Return the Chinese and the English name of a region; none for an unknown one."""
    row = _regions().get(code or "")
    return (row["name_zh"], row["name_en"]) if row else ()


def step_of(code: str | None) -> str:
    """Return what kind of place a code is: province, grid, country, continent or world; "" where unknown."""
    row = _regions().get(code or "")
    return str(row["level"]) if row else ""


@cache
def _regions() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in table("regions/regions").to_pylist()}


@cache
def _aliases() -> dict[str, str]:
    rows = region_aliases().to_pylist()
    return {plain(row["alias"]): row["code"] for row in rows}
