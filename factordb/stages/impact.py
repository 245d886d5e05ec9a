"""Factors built on factors: what one is built on and what is built on it, what a change would move, what is stale."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factordb.derivation.lineage import Lineage, lineage_of, moved
from factordb.reference import toml
from factordb.store.library_file import Published, read

_CURRENT = """
    SELECT c.factor_id, c.candidate_id, c.version_id, c.batch_id, c.name_zh, c.name_en, c.value, c.unit, c.to_canonical,
           c.pipeline, c.source_id, c.valid_until, c.attributes, i.candidate_id IS NOT NULL AS adopted
    FROM candidate c LEFT JOIN ({items}) i ON i.candidate_id = c.candidate_id AND i.version_id = c.version_id
    WHERE {among} QUALIFY row_number() OVER (PARTITION BY c.factor_id ORDER BY {order}
                               coalesce(list_position({batches}, c.batch_id), 1000000000), c.candidate_id) = 1
"""
_ADOPTED_FIRST = "(i.candidate_id IS NULL),"
_LINKED = """
    c.factor_id IN (SELECT made.factor_id FROM candidate made SEMI JOIN factor_input USING (candidate_id)
                    UNION ALL SELECT input_factor_id FROM factor_input)
"""


def current(
    items: Path | None, newest_first: Sequence[str], *, adopted_first: bool = True, linked: bool = False
) -> str:
    """Return SQL of the version of each factor that counts: the adopted one, else the one received last.

    Args:
        items: Parquet object of the newest decision; None: nothing is adopted.
        newest_first: batches, the last received first.
        adopted_first: false: the one received last, adopted or not.
        linked: only of factors that are made of others, or that others are made of: most of a million are neither.
    """
    none = "SELECT NULL::VARCHAR AS candidate_id, NULL::VARCHAR AS version_id WHERE false"
    listed = f"SELECT candidate_id, version_id FROM read_parquet({_quoted(str(items))})" if items else none
    batches = f"[{', '.join(map(_quoted, newest_first))}]::VARCHAR[]"
    among = _LINKED if linked else "true"
    order = _ADOPTED_FIRST if adopted_first else ""
    return _CURRENT.format(items=listed, batches=batches, among=among, order=order)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def versions_of(published: Published, versions: str, name: str) -> list[dict[str, Any]]:
    """Return the versions that count of the factors with an identifier that starts with `name`, at most six."""
    found = read(
        published,
        "SELECT DISTINCT factor_id FROM candidate WHERE starts_with(factor_id, $1) OR starts_with(candidate_id, $1) "
        "OR starts_with(version_id, $1) ORDER BY factor_id LIMIT 6",
        [name],
    )["factor_id"].to_pylist()
    chosen = ", ".join(map(_quoted, found)) or "NULL"
    # by names and not by a join: so that the choice is made before the versions are put in order
    rows: list[dict[str, Any]] = read(
        published, f"SELECT v.* FROM ({versions}) v WHERE factor_id IN ({chosen}) ORDER BY factor_id"
    ).to_pylist()
    return rows


def interval_of(published: Published, versions: str, factor_id: str) -> list[dict[str, Any]]:
    """Return version_id, value, low95, high95 of the version that counts of a factor, in its own unit; or nothing."""
    rows: list[dict[str, Any]] = read(
        published,
        "SELECT v.version_id, v.value, u.shortest_low95 AS low95, u.shortest_high95 AS high95 "
        f"FROM ({versions}) v LEFT JOIN uncertainty u USING (candidate_id) WHERE v.factor_id = ?",
        [factor_id],
    ).to_pylist()
    return rows


def _edges(published: Published, versions: str, columns: str = "") -> pa.Table:
    """Return child, parent, amount, exact of every edge between versions that count, and further columns of f."""
    return read(
        published,
        f"SELECT v.factor_id AS child, f.input_factor_id AS parent, f.amount, f.exact{columns} FROM factor_input f "
        f"JOIN ({versions}) v USING (candidate_id)",
    )


def _graph(edges: pa.Table) -> Lineage:
    return lineage_of(edges["child"], edges["parent"], edges["amount"].to_numpy(), edges["exact"].to_numpy())


_SHOWN = ", f.input_version_id AS version, f.role, f.label, f.unit, f.share, f.restricted"


def lineage(published: Published, versions: str, factor_id: str, limit: int) -> dict[str, list[dict[str, Any]]]:
    """Return the edges above and below a factor, nearest first, at most `limit` each way: `inputs` and `used_by`.

    Of a restricted input the coefficient, the share and the name are left out.
    """
    edges = _edges(published, versions, _SHOWN)
    graph = _graph(edges) if edges.num_rows else None
    place = graph.place(factor_id) if graph else -1
    if graph is None or place < 0:
        return {"inputs": [], "used_by": []}
    above, below = (graph.names.take(pa.array(one)) for one in (graph.upstream(place), graph.downstream(place)))
    inputs, used_by = _nearest(edges, "child", above, limit), _nearest(edges, "parent", below, limit)
    named = {name for rows in (inputs, used_by) for row in rows for name in (row["child"], row["parent"])}
    names = _names(published, versions, sorted(named))
    return {"inputs": [_shown(row, names) for row in inputs], "used_by": [_shown(row, names) for row in used_by]}


def _nearest(edges: pa.Table, end: str, order: pa.Array, limit: int) -> list[dict[str, Any]]:
    """Return the edges whose end stands in `order`, in that order, at most `limit`."""
    rank = pc.index_in(edges[end], value_set=order)
    kept = edges.append_column("rank", rank).filter(pc.is_valid(rank))
    keys = [(name, "ascending") for name in ("rank", "child", "parent", "role", "version")]
    rows: list[dict[str, Any]] = kept.sort_by(keys).slice(0, limit).drop_columns(["rank"]).to_pylist()
    return rows


def _names(published: Published, versions: str, factor_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = read(
        published,
        f"SELECT factor_id, name_zh, name_en FROM ({versions}) SEMI JOIN (SELECT unnest(?) AS factor_id) n "
        "USING (factor_id)",
        [list(factor_ids)],
    )
    return {
        row["factor_id"]: (row["name_zh"] or row["name_en"] or "", row["name_en"] or row["name_zh"] or "")
        for row in rows.to_pylist()
    }


def _shown(row: Mapping[str, Any], names: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    zh, en = names.get(row["child"], ("", ""))
    parent_zh, parent_en = names.get(row["parent"], (row["label"] or "", row["label"] or ""))
    hidden = {"amount": None, "share": None, "label": None} if row["restricted"] else {}
    told = {"child_zh": zh, "child_en": en, "parent_zh": parent_zh, "parent_en": parent_en}
    if row["restricted"]:
        told |= {"parent_zh": "", "parent_en": ""}
    return {**row, **hidden, **told}


def impact(published: Published, versions: str, changed: Mapping[str, Any], new_value: float) -> pa.Table:
    """Return what moves when a factor takes a new value: one row a moved factor, the largest relative move first.

    Columns: factor_id, name_zh, name_en, unit, old, new, change_percent, low95, high95 (old shortest 95 % interval),
    beyond (the new value lies outside it), exact (linear all the way), adopted. Values in each factor's own unit.

    Args:
        published: the read model.
        versions: SQL of the versions that count, as `current` gives it.
        changed: the row of the factor that changes, as `versions_of` gives it.
        new_value: its new value in its own unit.

    Raises:
        UsageError: a cycle downstream has no finite solution; names its members.
    """
    edges = _edges(published, versions)
    graph = _graph(edges) if edges.num_rows else None
    place = graph.place(changed["factor_id"]) if graph else -1
    rows = read(
        published,
        "SELECT v.factor_id, v.name_zh, v.name_en, v.unit, v.value, v.to_canonical, u.shortest_low95 AS low95, "
        f"u.shortest_high95 AS high95, v.adopted FROM ({versions}) v SEMI JOIN factor_input f USING (candidate_id) "
        "LEFT JOIN uncertainty u USING (candidate_id)",
    )
    if graph is None or place < 0:
        return _moves(rows.slice(0, 0), np.empty(0), np.empty(0, dtype=bool))
    found = moved(graph, place, (new_value - changed["value"]) * changed["to_canonical"])
    names = graph.names.take(pa.array(found.places))
    at = pc.index_in(names, value_set=rows["factor_id"])
    known = pc.is_valid(at).to_numpy(zero_copy_only=False)
    chosen = rows.take(at.drop_null())
    return _moves(chosen, found.changes[known], found.exact[known])


def _moves(rows: pa.Table, changes: np.ndarray, exact: np.ndarray) -> pa.Table:
    old = np.asarray(rows["value"].cast(pa.float64()).to_numpy(), dtype=float)
    scale = np.asarray(rows["to_canonical"].cast(pa.float64()).to_numpy(), dtype=float)
    low, high = (np.asarray(rows[name].cast(pa.float64()).to_numpy(), dtype=float) for name in ("low95", "high95"))
    new = old + changes / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = 100 * (new - old) / np.abs(old)
    computed = {
        "old": pa.array(old), "new": pa.array(new), "change_percent": pa.array(percent), "low95": pa.array(low),
        "high95": pa.array(high), "beyond": pa.array((new < low) | (new > high)), "exact": pa.array(exact),
    }  # fmt: skip
    told = {name: rows[name] for name in ("factor_id", "name_zh", "name_en", "unit")}
    table = pa.table({**told, **computed, "adopted": rows["adopted"]})
    keyed = table.append_column("size", pa.array(np.nan_to_num(np.abs(percent))))
    return keyed.sort_by([("size", "descending"), ("factor_id", "ascending")]).drop_columns(["size"])


def stale(
    published: Published,
    *,
    items: Path | None,
    newest_first: Sequence[str],
    as_of: date,
) -> list[dict[str, Any]]:
    """Return the factors whose inputs have changed since they were made, with the reasons in zh and en.

    A linked input is out of date where another version is adopted, a newer one waits, none is adopted any more, or
    its validity has ended. A factor of any pipeline that states its inputs by version is asked.
    """
    if not read(published, "SELECT 1 FROM factor_input WHERE input_version_id IS NOT NULL LIMIT 1").num_rows:
        return []
    newest = current(items, newest_first, adopted_first=False, linked=True)
    counted = current(items, newest_first, linked=True)
    rows = read(
        published,
        f"WITH newest AS ({newest}), counted AS ({counted}) "
        "SELECT n.factor_id, n.name_zh, n.name_en, n.pipeline, f.input_factor_id, f.input_version_id, f.restricted, "
        "coalesce(CASE WHEN f.restricted THEN NULL ELSE f.label END, left(f.input_factor_id, 10)) AS label, "
        "k.version_id AS counts, k.adopted, l.version_id AS latest, k.valid_until FROM factor_input f "
        "JOIN newest n USING (candidate_id) LEFT JOIN counted k ON k.factor_id = f.input_factor_id "
        "LEFT JOIN newest l ON l.factor_id = f.input_factor_id "
        "WHERE f.input_version_id IS NOT NULL ORDER BY n.factor_id, f.input_factor_id",
    ).to_pylist()
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for code, facts in _reasons(row, as_of):
            one = found.setdefault(
                row["factor_id"],
                {**{name: row[name] for name in ("factor_id", "name_zh", "name_en", "pipeline")}, "reasons": []},
            )
            words = {lang: toml(f"words/aggregate_{lang}")["stale"][code].format(**facts) for lang in ("zh", "en")}
            one["reasons"].append({"code": code, "input_factor_id": row["input_factor_id"], **words})
    return list(found.values())


def _reasons(row: Mapping[str, Any], as_of: date) -> Iterator[tuple[str, dict[str, object]]]:
    name = {"name": row["label"]}
    if row["counts"] is None or not row["adopted"]:
        yield "withdrawn", name
        return
    if row["counts"] != row["input_version_id"]:
        yield "new_version", name
    elif row["latest"] != row["input_version_id"]:
        yield "newer_waits", name
    if row["valid_until"] is not None and row["valid_until"] < as_of:
        yield "expired", {**name, "day": row["valid_until"].isoformat()}
