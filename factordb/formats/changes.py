"""What changed between two releases, factor by factor and field by field: the table of `changes.csv`."""

from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.model.release import FACT_COLUMNS

CHANGE_SCHEMA: Final = pa.schema(
    [
        (name, pa.string())
        for name in (
            "change", "kind", "factor_id", "old_version_id", "new_version_id", "name_zh", "name_en", "region_text",
            "region", "reference_year", "field", "old", "new", "reason",
        )
    ]
)  # fmt: skip

NAMING: Final = ("kind", "factor_id", "name_zh", "name_en", "region_text", "region", "reference_year")
"""Columns that tell a reader which factor a change is about, as it is now, or was when withdrawn."""

NOT_COMPARED: Final = frozenset({"factor_id", "version_id", "kind", "place", "draws", "seed"})
"""Identity, and what may differ without any number or judgement being another: a row moved, another seed."""


def release_changes(old: pa.Table | None, new: pa.Table, reasons: Mapping[str, str] | None = None) -> pa.Table:
    """Return the changes from release rows `old` to `new`, in the columns of `CHANGE_SCHEMA`.

    One row for each added and each withdrawn factor (`old` and `new` hold the value with its unit), one row for
    each field of a changed factor. Order: that of `new`, fields in the order of the columns, withdrawn last.

    Args:
        old: rows of the last release, each factor_id once; None for a first release.
        new: rows of this release, each factor_id once.
        reasons: factor_id -> the publisher's own words; a factor without gets a code of `[reasons]`.
    """
    if old is None:
        old = new.slice(0, 0)
    before = pc.index_in(new.column("factor_id"), value_set=old.column("factor_id"))
    is_new = pc.is_null(before)
    is_gone = pc.invert(pc.is_in(old.column("factor_id"), value_set=new.column("factor_id")))
    positions = pa.array(range(new.num_rows), pa.int64())
    parts = [
        _whole(new.filter(is_new), "added", positions.filter(is_new)),
        _whole(
            old.filter(is_gone),
            "withdrawn",
            pc.add(pa.array(range(pc.sum(is_gone).as_py() or 0), pa.int64()), new.num_rows),
        ),
        *_fields(old, new, before),
    ]
    joined = pa.concat_tables(parts).sort_by([("position", "ascending"), ("at", "ascending")])
    return _explained(joined.select(CHANGE_SCHEMA.names), reasons or {})


def change_counts(changes: pa.Table) -> dict[str, int]:
    """Return how many factors were added, changed and withdrawn."""
    counted = {}
    for change in ("added", "changed", "withdrawn"):
        ids = changes.filter(pc.equal(changes.column("change"), change)).column("factor_id")
        counted[change] = pc.count_distinct(ids).as_py()
    return counted


def _fields(old: pa.Table, new: pa.Table, before: pa.ChunkedArray) -> Iterator[pa.Table]:
    """Yield, column by column, the rows of factors whose cell differs."""
    stays = pc.is_valid(before)
    positions = pa.array(range(new.num_rows), pa.int64()).filter(stays)
    here, there = new.filter(stays), old.take(before.filter(stays).combine_chunks())
    other_version = _differ(there.column("version_id"), here.column("version_id"))
    unseen = other_version
    for at, name in enumerate(new.schema.names):
        if name in NOT_COMPARED or name not in old.schema.names:
            continue
        differs = _differ(there.column(name), here.column(name))
        if pc.any(differs).as_py():
            yield _changed(there, here, positions, differs, other_version, name, at)
            unseen = pc.and_(unseen, pc.invert(differs))
    # a fact that is not published changed: the version says so, and nothing else would
    yield _changed(there, here, positions, unseen, other_version, "version_id", 0)


def _differ(old: pa.ChunkedArray, new: pa.ChunkedArray) -> pa.ChunkedArray:
    same = pc.or_(pc.fill_null(pc.equal(old, new), fill_value=False), pc.and_(pc.is_null(old), pc.is_null(new)))
    return pc.invert(same)


def _changed(
    old: pa.Table,
    new: pa.Table,
    positions: pa.Array,
    where: pa.ChunkedArray,
    other: pa.ChunkedArray,
    name: str,
    at: int,
) -> pa.Table:
    was, now = old.filter(where), new.filter(where)
    unread = "read_anew" if name in FACT_COLUMNS else "appraisal_differs"
    seen = "published_facts_differ" if name in FACT_COLUMNS else "appraisal_differs"
    cells = {
        "old_version_id": was.column("version_id"),
        "old": pc.cast(was.column(name), pa.string()),
        "new": pc.cast(now.column(name), pa.string()),
        "field": _constant(name, now.num_rows),
        "reason": pc.if_else(other.filter(where), seen, unread),
    }
    return _rows(now, "changed", positions.filter(where.combine_chunks()), at, cells)


def _whole(rows: pa.Table, change: str, positions: pa.Array) -> pa.Table:
    value = pc.binary_join_element_wise(rows.column("value_text"), pc.fill_null(rows.column("unit_text"), ""), " ")
    nothing = pa.nulls(rows.num_rows, pa.string())
    added = change == "added"
    cells = {
        "old_version_id": nothing if added else rows.column("version_id"),
        "new_version_id": rows.column("version_id") if added else nothing,
        "field": nothing,
        "old": nothing if added else value,
        "new": value if added else nothing,
        "reason": _constant("new" if added else "no_longer_released", rows.num_rows),
    }
    return _rows(rows, change, positions, 0, cells)


def _rows(rows: pa.Table, change: str, positions: pa.Array, at: int, cells: dict[str, pa.ChunkedArray]) -> pa.Table:
    known = {
        "change": _constant(change, rows.num_rows),
        "new_version_id": rows.column("version_id"),
        **{name: rows.column(name) for name in NAMING},
        **cells,
    }
    table = pa.table([pc.cast(known[name], pa.string()) for name in CHANGE_SCHEMA.names], schema=CHANGE_SCHEMA)
    place = pa.array([at], pa.int64()).take(pa.array([0] * rows.num_rows, pa.int64()))
    return table.append_column("position", positions).append_column("at", place)


def _constant(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(bytes(rows), pa.int8()), pa.array([text])).cast(pa.string())


def _explained(changes: pa.Table, reasons: Mapping[str, str]) -> pa.Table:
    given = pa.array(list(reasons.values()), pa.string())
    found = pc.index_in(changes.column("factor_id"), value_set=pa.array(list(reasons), pa.string()))
    words = pa.chunked_array([given.take(chunk) for chunk in found.chunks], pa.string())
    return changes.set_column(
        CHANGE_SCHEMA.get_field_index("reason"), "reason", pc.coalesce(words, changes.column("reason"))
    )
