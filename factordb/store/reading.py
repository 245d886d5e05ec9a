"""Named questions to the published read model. They take no lock and change nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from factordb.model.factor import Factor
from factordb.model.finding import Assessment, Uncertainty
from factordb.store.ddl import columns as columns_of
from factordb.store.duck import opened, quote
from factordb.store.library_file import APPRAISAL_TABLES, BATCH_TABLES, Published, attach, read
from factordb.store.listing import SHOWN, asked, listing

_NAMED = 20
"""Candidates told of where a name fits several."""
_FROM_CANDIDATE = {"batch_id", "candidate_id", "version_id"}


_SUMMARY = """
    WITH counted AS (
        SELECT batch_id, any_value(pipeline) AS pipeline, count(*) AS candidates,
               count(*) FILTER (verdict = 'pass') AS pass, count(*) FILTER (verdict = 'needs_person') AS needs_person,
               count(*) FILTER (verdict = 'insufficient') AS insufficient, count(*) FILTER (verdict = 'fail') AS fail,
               count(*) FILTER (eligible) AS eligible
        FROM listing GROUP BY batch_id),
    seen AS (
        SELECT batch_id, count(*) AS rows_seen FROM (
            SELECT batch_id, split_part(place, '!', 1) AS file, row_no FROM listing
            UNION SELECT batch_id, split_part(place, '!', 1), row_no FROM refused) GROUP BY batch_id)
    SELECT s.batch_id, coalesce(c.pipeline, n.pipeline) AS pipeline, coalesce(c.candidates, 0) AS candidates,
           s.rows_seen, coalesce(c.pass, 0) AS pass, coalesce(c.needs_person, 0) AS needs_person,
           coalesce(c.insufficient, 0) AS insufficient, coalesce(c.fail, 0) AS fail,
           coalesce(c.eligible, 0) AS eligible,
           (SELECT count(*) FROM refused r WHERE r.batch_id = s.batch_id) AS refused
    FROM seen s LEFT JOIN counted c USING (batch_id) LEFT JOIN named n ON n.batch_id = s.batch_id
    ORDER BY pipeline, s.batch_id
"""

_HELD_BACK = """
    WITH held AS (
        SELECT pipeline, unnest(list_filter(string_split(reasons, ' '), lambda x: NOT starts_with(x, 'VERDICT_')))
               AS code, candidate_id, coalesce(name_zh, name_en) AS name, place
        FROM listing WHERE NOT eligible AND reasons IS NOT NULL
    )
    SELECT pipeline, code, count(DISTINCT candidate_id) AS candidates, min(name) AS example,
           arg_min(place, name) AS place
    FROM held GROUP BY pipeline, code ORDER BY pipeline, candidates DESC, code
"""

_MATRIX = """
    SELECT pipeline, verdict, code, count(*) AS candidates FROM (
        SELECT c.pipeline, a.verdict, unnest(CASE WHEN a.eligible THEN ['ELIGIBLE']
               ELSE string_split(coalesce(a.reasons, '—'), ' ') END) AS code
        FROM assessment a JOIN candidate c USING (candidate_id)) GROUP BY ALL ORDER BY ALL
"""


_LISTED = """
    CREATE TEMP VIEW listing AS
    SELECT c.batch_id, c.pipeline, c.row_no, c.candidate_id, c.name_zh, c.name_en, c.place, a.verdict, a.eligible,
           a.reasons
    FROM candidate c LEFT JOIN assessment a USING (candidate_id)
"""
"""What the counts read, in a working file of which no list is prepared."""


@dataclass(frozen=True)
class Overview:
    """What an appraisal came to, in three tables: candidates by verdict a batch, what holds back, all reasons."""

    summary: pa.Table
    held_back: pa.Table
    matrix: pa.Table


def _named(pipelines: Mapping[str, str]) -> pa.Table:
    """Return batch_id and pipeline as recorded: a batch whose every record was refused has no candidate to say so."""
    return pa.table(
        {
            "batch_id": pa.array(list(pipelines), pa.string()),
            "pipeline": pa.array(list(pipelines.values()), pa.string()),
        }
    )


def overview(file: Path, pipelines: Mapping[str, str] = MappingProxyType({})) -> Overview:
    """Return the overview of an appraisal from its own working file, before anything is merged.

    Args:
        file: the working file.
        pipelines: batch id -> pipeline, as recorded.
    """
    with opened(file, read_only=True) as connection:
        connection.register("named", _named(pipelines))
        connection.execute(_LISTED)
        parts = [connection.sql(query).to_arrow_table() for query in (_SUMMARY, _HELD_BACK, _MATRIX)]
    return Overview(*parts)


def summary_by_batch(published: Published, pipelines: Mapping[str, str]) -> pa.Table:
    """Return one row a batch: candidates by verdict, eligible ones, refused records.

    Args:
        published: the read model.
        pipelines: batch id -> pipeline, as recorded.
    """
    return _asked(published, _SUMMARY, pipelines)


def _asked(published: Published, query: str, pipelines: Mapping[str, str]) -> pa.Table:
    with asked(published) as connection:
        attach(connection, published, named=query)
        connection.register("named", _named(pipelines))
        return connection.sql(query).to_arrow_table()


def held_back(published: Published) -> pa.Table:
    """Return pipeline, code, count and one example of what holds candidates back."""
    with asked(published) as connection:
        return connection.sql(_HELD_BACK).to_arrow_table()


def held_back_by_code(published: Published, not_quoted: Sequence[str] = ()) -> pa.Table:
    """Return code, severity, candidates, up to three names and places of what holds candidates back.

    Args:
        published: the read model.
        not_quoted: sources whose candidates are counted and not named.
    """
    hidden = ", ".join(quote(name) for name in ("", *not_quoted))
    return read(
        published,
        "WITH held AS (SELECT unnest(list_filter(string_split(a.reasons, ' '), "
        "lambda x: NOT starts_with(x, 'VERDICT_'))) AS code, c.candidate_id, "
        f"coalesce(c.name_zh, c.name_en) AS name, c.place, c.source_id NOT IN ({hidden}) AS quoted "
        "FROM candidate c JOIN assessment a USING (candidate_id) "
        "WHERE NOT a.eligible AND a.reasons IS NOT NULL), "
        "severities AS (SELECT code, any_value(severity) AS severity FROM finding GROUP BY code) "
        "SELECT code, coalesce(any_value(s.severity), 'policy') AS severity, "
        "count(DISTINCT candidate_id) AS candidates, "
        "coalesce(list_slice(list(name ORDER BY candidate_id) FILTER (quoted), 1, 3), []) AS names, "
        "coalesce(list_slice(list(place ORDER BY candidate_id) FILTER (quoted), 1, 3), []) AS places "
        "FROM held LEFT JOIN severities s USING (code) GROUP BY code ORDER BY candidates DESC, code",
    )


def refused_by_code(published: Published, pipelines: Mapping[str, str]) -> pa.Table:
    """Return pipeline, code, field, found and count of refused records, most frequent first."""
    return _asked(
        published,
        "SELECT b.pipeline, r.code, r.field, r.found, count(*) AS records, min(r.place) AS place "
        "FROM refused r LEFT JOIN named b USING (batch_id) "
        "GROUP BY ALL ORDER BY records DESC, b.pipeline, r.code, r.found",
        pipelines,
    )


def queue(
    published: Published,
    *,
    verdict: str = "",
    code: str = "",
    pipeline: str = "",
    text: str = "",
    limit: int = 200,
    offset: int = 0,
) -> pa.Table:
    """Return candidates with verdict, rating and reasons, those that wait for people first."""
    rows = listing(published)
    hits = rows.hits(verdict=verdict, code=code, pipeline=pipeline, text=text)
    total = len(rows) if hits is None else len(hits)
    places = (np.arange(total) if hits is None else hits)[offset : offset + limit]
    page = rows.take(places, list(SHOWN))
    return page.append_column("total", pa.array(np.full(len(places), total), pa.int64()))


def one(published: Published, candidate_id: str) -> dict[str, pa.Table]:
    """Return everything about one candidate: its row, gases, inputs, findings, uncertainty, assessment."""
    names = [name for name in (*BATCH_TABLES, *APPRAISAL_TABLES) if name not in {"refused", "rule_count"}]
    with opened(":memory:") as connection:
        attach(connection, published)
        asked = {name: f"SELECT * FROM {name} WHERE candidate_id = ? ORDER BY ALL" for name in names}
        return {name: connection.execute(query, [candidate_id]).to_arrow_table() for name, query in asked.items()}


def resolve(published: Published, name: str) -> list[str]:
    """Return candidate ids that an identifier, or its beginning, names: candidate, factor or version id."""
    return listing(published).named(name, _NAMED)


@contextmanager
def release_rows(published: Published, items: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatchReader]:
    """Yield the release rows of the candidates listed in a Parquet object, in a fixed order, as a stream.

    Args:
        published: the read model the decision was taken on.
        items: Parquet file with candidate_id and version_id of what was adopted.
        columns: names of the release's columns; those of uncertainty and assessment win over the candidate's where
            both have one (`te` is the rated score, not the stated one).
    """
    where = {name: f"c.{name}" for name in columns_of(Factor)}
    where |= {name: f"u.{name}" for name in columns_of(Uncertainty) if name not in _FROM_CANDIDATE}
    where |= {name: f"a.{name}" for name in columns_of(Assessment) if name not in _FROM_CANDIDATE}
    picks = ", ".join(f"{where[name]} AS {name}" for name in columns)
    with opened(":memory:") as connection:
        attach(connection, published)
        yield connection.execute(
            f"SELECT {picks} FROM candidate c "
            f"SEMI JOIN read_parquet({quote(str(items))}) i ON i.candidate_id = c.candidate_id "
            "AND i.version_id = c.version_id "
            "JOIN uncertainty u USING (candidate_id) JOIN assessment a USING (candidate_id) "
            "ORDER BY c.kind, c.source_id, c.category, c.flow, c.region, c.reference_year, c.technology, c.factor_id"
        ).to_arrow_reader(65_536)


def held_back_rows(published: Published, limit: int) -> pa.Table:
    """Return what was not promoted with the broken rules, one row a rule; at most `limit` rows, in a fixed order.

    The first candidates are chosen before anything is joined to them: a million held back are not sorted with all
    their findings.
    """
    return read(
        published,
        "WITH held AS (SELECT a.candidate_id, a.verdict, a.reasons FROM assessment a JOIN candidate c "
        "USING (candidate_id) WHERE NOT a.eligible AND a.reasons IS NOT NULL "
        f"ORDER BY c.pipeline, c.batch_id, c.row_no, a.candidate_id LIMIT {int(limit)}), "
        "said AS (SELECT candidate_id, verdict, unnest(list_filter(string_split(reasons, ' '), "
        "lambda x: NOT starts_with(x, 'VERDICT_'))) AS code FROM held), "
        "broken AS (SELECT * FROM finding SEMI JOIN held USING (candidate_id)) "
        "SELECT c.candidate_id, c.factor_id, c.pipeline, c.source_id, c.name_zh, c.name_en, c.kind, c.value_text, "
        "c.unit_text, r.verdict, r.code, coalesce(f.severity, 'policy') AS severity, coalesce(f.field, '') AS field, "
        "coalesce(f.place, c.place) AS place, f.found, f.expected, f.detail "
        "FROM said r JOIN candidate c USING (candidate_id) "
        "LEFT JOIN broken f ON f.candidate_id = r.candidate_id AND f.code = r.code "
        "ORDER BY c.pipeline, c.batch_id, c.row_no, c.candidate_id, r.code, f.field, f.found "
        f"LIMIT {int(limit)}",
    )


def released_gases(published: Published, items: Path) -> pa.Table:
    """Return the gas amounts of adopted candidates, in a fixed order: columns as in `[gas_columns]`."""
    return read(
        published,
        "SELECT c.factor_id, c.version_id, g.gas, g.amount_text, g.unit_text, g.amount, g.amount_kg, g.is_co2e, "
        "c.source_id FROM gas_amount g JOIN candidate c USING (candidate_id) "
        f"SEMI JOIN read_parquet({quote(str(items))}) i ON i.candidate_id = c.candidate_id "
        "ORDER BY c.factor_id, g.gas, g.is_co2e, g.amount_text",
    )


def adopted_sources(published: Published, items: Path) -> list[str]:
    """Return the sources of adopted candidates, sorted."""
    rows = read(
        published,
        f"SELECT DISTINCT source_id FROM candidate c SEMI JOIN read_parquet({quote(str(items))}) i "
        "USING (candidate_id) ORDER BY source_id",
    )
    return [str(name) for name in rows["source_id"].to_pylist()]


def sources_of_batches(published: Published) -> dict[str, set[str]]:
    """Return batch id -> the sources its candidates name."""
    rows = read(published, "SELECT DISTINCT batch_id, source_id FROM candidate")
    found: dict[str, set[str]] = {}
    for row in rows.to_pylist():
        found.setdefault(row["batch_id"], set()).add(row["source_id"])
    return found


def not_eligible(published: Published) -> pa.Array:
    """Return the factor ids that are in the library and no longer good enough to be released."""
    rows = read(
        published,
        "SELECT DISTINCT c.factor_id FROM candidate c JOIN assessment a USING (candidate_id) "
        "WHERE NOT a.eligible ORDER BY c.factor_id",
    )
    return rows["factor_id"].combine_chunks()


def promoted_by_pipeline(published: Published, items: Path) -> dict[str, int]:
    """Return pipeline -> candidates that a decision adopted."""
    rows = read(
        published,
        f"SELECT c.pipeline, count(*) AS n FROM candidate c SEMI JOIN read_parquet({quote(str(items))}) i "
        "USING (candidate_id) GROUP BY c.pipeline",
    ).to_pylist()
    return {row["pipeline"]: row["n"] for row in rows}


def pace(published: Published, received: Mapping[str, datetime], moment: datetime) -> list[dict[str, Any]]:
    """Return verdict, what it waits for, candidates, median and longest waiting time in days at `moment`."""
    times = pa.table(
        {
            "batch_id": pa.array(received.keys(), pa.string()),
            "days": pa.array([(moment - then).total_seconds() / 86_400 for then in received.values()], pa.float64()),
        }
    )
    with asked(published) as connection:
        connection.register("waiting", times)
        rows: list[dict[str, Any]] = (
            connection.sql(
                "SELECT coalesce(verdict, '—') AS verdict, CASE WHEN c.verdict IS NULL THEN 'appraisal' "
                "WHEN eligible THEN 'decision' ELSE coalesce(reasons, '—') END AS waits_for, "
                "count(*) AS candidates, round(median(w.days), 1) AS median_days, "
                "round(max(w.days), 1) AS longest_days "
                "FROM listing c JOIN waiting w USING (batch_id) "
                "GROUP BY ALL ORDER BY candidates DESC, verdict, waits_for"
            )
            .to_arrow_table()
            .to_pylist()
        )
    return rows
