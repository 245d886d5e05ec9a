"""Why a factor of the last release is not in this one: superseded, expired, demoted or withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

GONE: Final = ("withdrawn", "superseded", "expired", "demoted")
"""Ways to leave a library; without any known ground a factor was withdrawn."""

WHY_GONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "withdrawn": "no_longer_released",
        "superseded": "superseded_by_newer",
        "expired": "validity_ended",
        "demoted": "no_longer_eligible",
    }
)
"""Way to leave -> code of the reason, words in `[reasons]`."""

SAME_THING: Final = (
    "kind", "flow", "category", "quantity", "technology", "boundary", "direction", "region", "gas", "unit_basis",
)  # fmt: skip
"""Columns that are equal in a factor and in the newer one that takes its place."""

SEPARATOR: Final = "\x1f"


@dataclass(frozen=True)
class Grounds:
    """What is known about factors that are gone.

    Attributes:
        as_of: day of the new release; validity that ended before it is expiry. None: not judged.
        held_back: factor ids that are still in the library, and no longer good enough.
        decided: factor_id -> one of `GONE`, where somebody decided so; wins over all else.
    """

    as_of: date | None = None
    held_back: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    decided: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def departed(gone: pa.Table, fresh: pa.Table, grounds: Grounds) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return for each row of `gone` its way to leave (of `GONE`) and the factor that takes its place, if one does.

    Superseded is what has a newer row of the same thing among those that came with the release; then comes expiry,
    then demotion.

    Args:
        gone: release rows that the new release does not hold any more.
        fresh: release rows that are new in it.
        grounds: what else is known.
    """
    successor = _successors(gone, fresh)
    status = pa.chunked_array([pa.array(["withdrawn"], pa.string()).take(_zeros(gone.num_rows))])
    status = pc.if_else(pc.is_in(gone.column("factor_id"), value_set=grounds.held_back), "demoted", status)
    if grounds.as_of is not None:
        ended = pc.less(gone.column("valid_until"), pa.scalar(grounds.as_of))
        status = pc.if_else(pc.fill_null(ended, fill_value=False), "expired", status)
    status = pc.if_else(pc.is_valid(successor), "superseded", status)
    at = pc.index_in(gone.column("factor_id"), value_set=pa.array(list(grounds.decided), pa.string()))
    said = pa.array(list(grounds.decided.values()), pa.string())
    decided = pa.chunked_array([said.take(chunk) for chunk in at.chunks], pa.string())
    return pc.coalesce(decided, status), successor


def _successors(gone: pa.Table, fresh: pa.Table) -> pa.ChunkedArray:
    newest = pa.table({"thing": _thing(fresh), "age": _age(fresh), "factor_id": fresh.column("factor_id")}).sort_by(
        [("age", "descending"), ("factor_id", "ascending")]
    )
    first = pa.array(range(newest.num_rows), pa.int64())
    heads = newest.append_column("at", first).group_by("thing").aggregate([("at", "min")])
    hit = pc.index_in(_thing(gone), value_set=heads.column("thing").combine_chunks())
    at = heads.column("at_min").combine_chunks().take(hit.combine_chunks())
    newer = pc.greater(newest.column("age").combine_chunks().take(at), _age(gone).combine_chunks())
    taken = newest.column("factor_id").combine_chunks().take(at)
    return pa.chunked_array([pc.if_else(pc.fill_null(newer, fill_value=False), taken, pa.scalar(None, pa.string()))])


def _thing(rows: pa.Table) -> pa.ChunkedArray:
    cells = [pc.fill_null(rows.column(name).cast(pa.string()), "") for name in SAME_THING]
    return pa.chunked_array([pc.binary_join_element_wise(*cells, SEPARATOR).combine_chunks()], pa.string())


def _age(rows: pa.Table) -> pa.ChunkedArray:
    """Return a text that sorts as year of the data, then day of publication."""
    year = pc.utf8_lpad(pc.fill_null(rows.column("reference_year").cast(pa.string()), ""), 6, "0")
    day = pc.fill_null(rows.column("published_on").cast(pa.string()), "")
    return pa.chunked_array([pc.binary_join_element_wise(year, day, " ").combine_chunks()], pa.string())


def _zeros(rows: int) -> pa.Array:
    return pa.nulls(rows, pa.int64()).fill_null(0)
