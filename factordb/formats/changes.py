"""What changed between two releases, factor by factor and field by field: the table of `changes.csv`."""

from collections.abc import Iterator, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.departed import GONE, WHY_GONE, Grounds, departed
from factordb.formats.physical import moved_value
from factordb.model.release import FACT_COLUMNS

CHANGE_SCHEMA: Final = pa.schema(
    [
        *(
            (name, pa.string())
            for name in (
                "change", "kind", "factor_id", "old_version_id", "new_version_id", "name_zh", "name_en",
                "region_text", "region", "reference_year", "field", "old", "new",
            )
        ),
        ("relative_change", pa.float64()),
        ("beyond_old_interval", pa.bool_()),
        ("successor", pa.string()),
        ("reason", pa.string()),
        ("note", pa.string()),
    ]
)  # fmt: skip

CHANGES: Final = ("added", "changed", *GONE)
"""What may have become of a factor between two releases; the words stand in `[changes]`."""

NAMING: Final = ("kind", "factor_id", "name_zh", "name_en", "region_text", "region", "reference_year")
"""Columns that tell a reader which factor a change is about, as it is now, or was when withdrawn."""

NOT_COMPARED: Final = frozenset({"factor_id", "version_id", "kind", "place", "draws", "seed"})
"""Identity, and what may differ without any number or judgement being another: a row moved, another seed."""


def release_changes(
    old: pa.Table | None,
    new: pa.Table,
    notes: Mapping[str, str] | None = None,
    *,
    grounds: Grounds | None = None,
    erratum: str = "",
) -> pa.Table:
    """Return the changes from release rows `old` to `new`, in the columns of `CHANGE_SCHEMA`.

    One row for each added factor and each that is gone (`old` and `new` hold the value with its unit), one row for
    each field of a changed factor. Order: that of `new`, fields in the order of the columns, those gone last.
    `reason` is always a code of `[reasons]`; `note` is what a person said of it.

    Args:
        old: rows of the last release, each factor_id once; None for a first release.
        new: rows of this release, each factor_id once.
        notes: factor_id -> why, in a person's own words.
        grounds: what is known of factors that are gone; without it every one counts as withdrawn or superseded.
        erratum: why this release corrects the last one; the note of every correction without a note of its own.
    """
    if old is None:
        old = new.slice(0, 0)
    before = pc.index_in(new.column("factor_id"), value_set=old.column("factor_id"))
    is_new = pc.is_null(before)
    is_gone = pc.invert(pc.is_in(old.column("factor_id"), value_set=new.column("factor_id")))
    positions = pa.array(range(new.num_rows), pa.int64())
    parts = [
        _whole(new.filter(is_new), "added", positions.filter(is_new)),
        _gone(old.filter(is_gone), new.filter(is_new), grounds or Grounds(), new.num_rows),
        *_fields(old, new, before),
    ]
    joined = pa.concat_tables(parts).sort_by([("position", "ascending"), ("at", "ascending")])
    return _explained(joined.select(CHANGE_SCHEMA.names), notes or {}, erratum)


def change_counts(changes: pa.Table) -> dict[str, int]:
    """Return how many factors were added and changed, and how many are gone in which way."""
    counted = {}
    for change in CHANGES:
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
    if name == "value":
        cells |= moved_value(was, now)
    return _rows(now, "changed", positions.filter(where.combine_chunks()), at, cells)


def _value(rows: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(rows.column("value_text"), pc.fill_null(rows.column("unit_text"), ""), " ")


def _whole(rows: pa.Table, change: str, positions: pa.Array) -> pa.Table:
    cells = {
        "old_version_id": pa.nulls(rows.num_rows, pa.string()),
        "new": _value(rows),
        "reason": _constant("new", rows.num_rows),
    }
    return _rows(rows, change, positions, 0, cells)


def _gone(rows: pa.Table, fresh: pa.Table, grounds: Grounds, after: int) -> pa.Table:
    status, successor = departed(rows, fresh, grounds)
    at = pc.index_in(status, value_set=pa.array(GONE))
    cells = {
        "change": status,
        "old_version_id": rows.column("version_id"),
        "new_version_id": pa.nulls(rows.num_rows, pa.string()),
        "old": _value(rows),
        "successor": successor,
        "reason": pa.array([WHY_GONE[name] for name in GONE]).take(at),
    }
    return _rows(rows, "", pc.add(pa.array(range(rows.num_rows), pa.int64()), after), 0, cells)


def _rows(rows: pa.Table, change: str, positions: pa.Array, at: int, cells: dict[str, pa.ChunkedArray]) -> pa.Table:
    nothing = {field.name: pa.nulls(rows.num_rows, field.type) for field in CHANGE_SCHEMA}
    known = nothing | {
        "change": _constant(change, rows.num_rows),
        "new_version_id": rows.column("version_id"),
        **{name: rows.column(name) for name in NAMING},
        **cells,
    }
    table = pa.table([pc.cast(known[field.name], field.type) for field in CHANGE_SCHEMA], schema=CHANGE_SCHEMA)
    place = pa.array([at], pa.int64()).take(pa.array([0] * rows.num_rows, pa.int64()))
    return table.append_column("position", positions).append_column("at", place)


def _constant(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(bytes(rows), pa.int8()), pa.array([text])).cast(pa.string())


def _explained(changes: pa.Table, notes: Mapping[str, str], erratum: str) -> pa.Table:
    given = pa.array(list(notes.values()), pa.string())
    found = pc.index_in(changes.column("factor_id"), value_set=pa.array(list(notes), pa.string()))
    words = pa.chunked_array([given.take(chunk) for chunk in found.chunks], pa.string())
    if erratum:
        corrected = pc.not_equal(changes.column("change"), "added")
        words = pc.coalesce(words, pc.if_else(corrected, pa.scalar(erratum), pa.scalar(None, pa.string())))
    return changes.set_column(CHANGE_SCHEMA.get_field_index("note"), "note", words)
