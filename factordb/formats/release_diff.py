"""Two releases side by side, one row a factor: values in physical units, ratings, intervals, status and reason."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.changes import CHANGES, release_changes
from factordb.formats.departed import Grounds
from factordb.formats.physical import moved_value, value_in_old_unit

SIDES: Final = (
    "value_text", "value", "unit", "shortest_low95", "shortest_high95", "basis", "te", "gr", "ti", "p", "dqr", "band",
    "verdict", "valid_until",
)  # fmt: skip
"""Columns that are shown of both releases, as old_… and new_…."""

ABOUT: Final = ("kind", "factor_id", "name_zh", "name_en", "region_text", "region", "reference_year", "source_id")


def release_diff(
    old: pa.Table, new: pa.Table, notes: Mapping[str, str] | None = None, *, grounds: Grounds | None = None
) -> pa.Table:
    """Return one row for each factor that differs between release rows `old` and `new`.

    Columns: status (of `CHANGES`), what the factor is, `SIDES` of both releases, new_in_old_unit, relative_change (a
    fraction of the old value), beyond_old_interval, fields that differ, successor, reason (code), note (a person's
    words). Order: that of `new`, those gone last.

    Args:
        old: rows of the older release, each factor_id once.
        new: rows of the newer one, each factor_id once.
        notes: factor_id -> why, in a person's own words.
        grounds: what is known of factors that are gone.
    """
    lines = release_changes(old, new, notes, grounds=grounds)
    heads = _one_a_factor(lines)
    ids = heads.column("factor_id")
    was, now = _rows_of(old, ids), _rows_of(new, ids)
    cells: dict[str, Any] = {"status": heads.column("change")}
    for name in ABOUT:
        cells[name] = pc.coalesce(now.column(name), was.column(name))
    for name in SIDES:
        cells |= {f"old_{name}": was.column(name), f"new_{name}": now.column(name)}
    cells |= {"new_in_old_unit": value_in_old_unit(was, now), **moved_value(was, now)}
    return pa.table(cells | {name: heads.column(name) for name in ("fields", "successor", "reason", "note")})


def diff_counts(diff: pa.Table) -> dict[str, int]:
    """Return factors by status, and how many moved beyond their old 95 % interval."""
    found = {name: pc.sum(pc.equal(diff.column("status"), name)).as_py() or 0 for name in CHANGES}
    return found | {"beyond_old_interval": pc.sum(diff.column("beyond_old_interval")).as_py() or 0}


def _one_a_factor(lines: pa.Table) -> pa.Table:
    """Return the first line of each factor, with the names of all its fields that differ."""
    numbered = lines.append_column("at", pa.array(range(lines.num_rows), pa.int64()))
    grouped = numbered.group_by("factor_id", use_threads=False).aggregate([("at", "min"), ("field", "list")])
    grouped = grouped.sort_by("at_min")
    heads = lines.take(grouped.column("at_min"))
    lists = grouped.column("field_list").combine_chunks()
    names = pc.fill_null(lists.flatten(), "")
    joined = pc.binary_join(pa.ListArray.from_arrays(lists.offsets, names), " ")
    return heads.append_column("fields", joined)


def _rows_of(rows: pa.Table, ids: pa.ChunkedArray) -> pa.Table:
    at = pc.index_in(ids, value_set=rows.column("factor_id").combine_chunks())
    return rows.take(at.combine_chunks())
