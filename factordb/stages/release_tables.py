"""The tables of a release, as far as they may leave the library: rows, changes, gases, sources, what was held back.

Every table passes `licence.ExportPolicy`; what stays behind is listed once, by identifier and reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.formats.changes import release_changes
from factordb.formats.citation import cite_table
from factordb.formats.departed import Grounds
from factordb.model.release import RELEASE_COLUMNS, TABLES, ReleaseFacts
from factordb.model.source import Source
from factordb.stages.licence import ExportPolicy
from factordb.stages.sources import as_table
from factordb.store import reading
from factordb.store.library_file import Published

HELD_BACK_LIMIT: Final = 100_000
"""Rows of held_back.csv; the report always counts all of them."""
CITE_LIMIT: Final = 200_000
"""Rows up to which every factor's citation is written out; `factordb factor cite` makes any of them."""
_TOLD: Final = ("kind", "factor_id", "change", "reason", "old_version_id")
"""Columns that still stand in the change of a factor whose source may no longer be told."""


@dataclass(frozen=True)
class Spoken:
    """What people said that goes into a release.

    Attributes:
        notes: factor id -> why it changed or left, in their own words.
        decided: factor id -> the way it left.
        overrides: findings that two persons overrode.
    """

    notes: Mapping[str, str]
    decided: Mapping[str, str]
    overrides: pa.Table


@dataclass(frozen=True)
class Tables:
    """The release rows and the tables beside them, ready to be written."""

    rows: pa.Table
    others: Mapping[str, pa.Table]


def gather(
    published: Published,
    items: Path,
    facts: ReleaseFacts,
    *,
    old: pa.Table | None,
    sources: Mapping[str, Source],
    spoken: Spoken,
) -> Tables:
    """Return what a release of the candidates in `items` may hold.

    Args:
        published: the read model the decision was taken on.
        items: Parquet file that lists what was adopted.
        facts: cover of the release.
        old: release rows of the release before, None for the first.
        sources: the source register.
        spoken: what people said.
    """
    policy = ExportPolicy(sources)
    with reading.release_rows(published, items, [column.name for column in RELEASE_COLUMNS]) as reader:
        adopted = reader.read_all()
    rows = policy.leave(adopted, table="factors", key="factor_id")
    gases = policy.leave(reading.released_gases(published, items), table="gas_amounts", key="factor_id")
    held = policy.leave(
        reading.held_back_rows(published, HELD_BACK_LIMIT), table="held_back", key="candidate_id"
    )  # fmt: skip
    register = policy.leave(_source_table(rows.rows, sources), table="sources", key="source_id")
    others = {
        "changes": _changes(old, rows.rows, policy, published, facts, spoken),
        "sources": register.rows,
        "held_back": held.rows,
        "gas_amounts": gases.rows,
        "withheld": pa.concat_tables([part.withheld for part in (rows, gases, register, held)]),
    }
    overrides = _only(spoken.overrides, rows.rows)
    if overrides.num_rows:
        others["overrides"] = overrides
    if rows.rows.num_rows <= CITE_LIMIT:
        others["cite"] = cite_table(facts, rows.rows)
    return Tables(rows.rows, others)


def old_rows(folder: Path) -> pa.Table:
    """Return all release rows of a release on disk, of every kind."""
    files = [folder / "data" / f"{name}.parquet" for name in TABLES]
    return pa.concat_tables([pq.read_table(file) for file in files if file.exists()])


def _changes(
    old: pa.Table | None,
    rows: pa.Table,
    policy: ExportPolicy,
    published: Published,
    facts: ReleaseFacts,
    spoken: Spoken,
) -> pa.Table:
    """Return the changes; a factor whose source may no longer be told leaves by its identifier alone."""
    if old is None:
        return release_changes(None, rows)
    before = policy.leave(old, table="factors", key="factor_id", fields_only=True).rows
    grounds = Grounds(facts.as_of, reading.not_eligible(published), spoken.decided)
    changes = release_changes(before, rows, spoken.notes, grounds=grounds, erratum=facts.erratum)
    used = [name for name in pc.unique(before.column("source_id")).to_pylist() if not policy.terms(name).rows]
    barred = before.filter(pc.is_in(before.column("source_id"), value_set=pa.array(used, pa.string())))
    why = {name: policy.terms(name).row_reason for name in used}
    return _told(changes, barred, why) if barred.num_rows else changes


def _told(changes: pa.Table, barred: pa.Table, why: Mapping[str, str]) -> pa.Table:
    at = pc.index_in(changes.column("factor_id"), value_set=barred.column("factor_id").combine_chunks())
    hidden = pc.and_(pc.is_valid(at), pc.not_equal(changes.column("change"), "added"))
    codes = pa.array([why[name] for name in barred.column("source_id").to_pylist()], pa.string())
    reason = pa.chunked_array([codes.take(chunk) for chunk in at.chunks], pa.string())
    for place, field in enumerate(changes.schema):
        column = changes.column(field.name)
        instead: pa.ChunkedArray | pa.Scalar = pa.scalar(None, field.type)
        if field.name == "reason":
            instead = reason
        elif field.name in _TOLD:
            continue
        changes = changes.set_column(place, field, pc.if_else(hidden, instead, column))
    return changes


def _source_table(rows: pa.Table, sources: Mapping[str, Source]) -> pa.Table:
    used = pc.value_counts(rows.column("source_id")).to_pylist()
    counts = {entry["values"]: entry["counts"] for entry in used}
    chosen = [source for name, source in sorted(sources.items()) if name in counts]
    table = as_table(chosen).drop_columns(["demonstration"])
    return table.append_column("used_by", pa.array([counts[one.source_id] for one in chosen], pa.int64()))


def _only(overrides: pa.Table, rows: pa.Table) -> pa.Table:
    released = pc.is_in(overrides.column("version_id"), value_set=rows.column("version_id").combine_chunks())
    return overrides.filter(released)
