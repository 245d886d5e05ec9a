"""Named questions of the reviewers' route to the read model and to the route's own times. They change nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa

from factordb.store.duck import opened
from factordb.store.library_file import Published, attach

_PRESENT = """
    WITH chosen AS (SELECT c.* FROM candidate c SEMI JOIN wanted w USING ({key})),
    held AS (
        SELECT * FROM (
            SELECT a.candidate_id, unnest(string_split(a.reasons, ' ')) AS code, b.factor_id = c.factor_id AS by_itself
            FROM assessment a JOIN chosen c USING (candidate_id) LEFT JOIN candidate b ON b.candidate_id = a.beaten_by
            WHERE NOT a.eligible AND a.reasons IS NOT NULL)
        -- an older version of the same factor is no rival: the newer one takes its place
        WHERE code <> 'PREFERRED_OTHER' OR NOT coalesce(by_itself, false)),
    said AS (
        SELECT candidate_id, code, any_value(severity) AS severity
        FROM finding SEMI JOIN chosen USING (candidate_id) GROUP BY ALL),
    to_settle AS (
        SELECT candidate_id, code, severity FROM said WHERE severity IN ('block', 'review')
        UNION
        SELECT h.candidate_id, h.code, coalesce(s.severity, 'policy')
        FROM held h LEFT JOIN said s USING (candidate_id, code) WHERE NOT starts_with(h.code, 'VERDICT_')),
    settled AS (
        SELECT candidate_id, string_agg('"' || code || '": "' || severity || '"', ', ' ORDER BY code) AS findings
        FROM to_settle GROUP BY candidate_id)
    SELECT c.candidate_id, c.version_id, c.factor_id, c.batch_id, a.appraisal_id,
           '{{' || coalesce(s.findings, '') || '}}' AS findings,
           sha256(concat_ws('|', c.version_id, a.verdict, a.dqr, coalesce(s.findings, ''), u.basis, u.mean, u.sd,
                            u.shortest_low95, u.shortest_high95)) AS content_hash,
           substr(sha256('case|' || c.candidate_id || '|' || c.version_id), 1, 16) AS case_id,
           c.canonical_value, c.canonical_unit
    FROM chosen c JOIN assessment a USING (candidate_id) LEFT JOIN uncertainty u USING (candidate_id)
    LEFT JOIN settled s USING (candidate_id) ORDER BY c.candidate_id
"""

_SHOWN = """
    SELECT c.*, u.basis, u.cv, u.family,
           u.shortest_low95 * coalesce(c.to_canonical, 1) AS canonical_low95,
           u.shortest_high95 * coalesce(c.to_canonical, 1) AS canonical_high95,
           a.verdict, a.dqr, a.band
    FROM candidate c SEMI JOIN wanted w USING (candidate_id)
    LEFT JOIN uncertainty u USING (candidate_id) LEFT JOIN assessment a USING (candidate_id)
"""

_NAMES = """
    SELECT w.case_id, c.name_zh, c.name_en, c.value_text, c.unit, c.region, c.reference_year, c.pipeline
    FROM wanted w JOIN candidate c USING (candidate_id)
"""

_PACE = """
    SELECT state, count(*) AS passed, round(median(days), 2) AS median_days FROM (
        SELECT state, epoch(coalesce(lead(acted_on) OVER of_case, $moment) - acted_on) / 86400 AS days,
               lead(state) OVER of_case AS next
        FROM times WINDOW of_case AS (PARTITION BY case_id ORDER BY seq))
    WHERE next IS NOT NULL GROUP BY state
"""

_QUEUE = """
    SELECT w.case_id, w.factor_id, w.candidate_id, c.name_zh, c.name_en, c.value_text, c.unit, c.region,
           c.reference_year, w.state, w.standing, w.zh, w.en,
           row_number() OVER (PARTITION BY w.standing ORDER BY w.impact DESC, w.opened_on, w.case_id) AS position,
           w.impact, d.due_on AS deadline, w.since, round(epoch($moment - w.since) / 86400, 2) AS days,
           p.typical_days, w.approvals, w.dissents, w.open_findings, w.kinds_assigned, w.submitter, w.organisation,
           w.predecessor, w.batch_id, w.seen
    FROM (
        SELECT wanted.*, t.opened_on, t.since FROM wanted
        JOIN (SELECT case_id, min(acted_on) AS opened_on, max(acted_on) AS since FROM times GROUP BY case_id) t
        USING (case_id)) w
    LEFT JOIN candidate c USING (candidate_id) LEFT JOIN deadlines d USING (case_id)
    LEFT JOIN pace p ON p.state = w.state
    ORDER BY coalesce(list_position($standings, w.standing), 99), position
"""

_DUE = """
    SELECT c.candidate_id, c.factor_id, c.name_zh, c.name_en, c.region, c.reference_year, what.kind,
           CAST(what.due_on AS DATE) AS due_on
    FROM candidate c SEMI JOIN wanted w USING (candidate_id),
    LATERAL (
        SELECT 'expires' AS kind, c.valid_until AS due_on
        UNION ALL
        SELECT 'update', make_date(c.reference_year + $years, 12, 31)
    ) what
    WHERE what.due_on <= $until ORDER BY due_on, c.candidate_id, kind
"""


def present(published: Published, wanted: pa.Table) -> pa.Table:
    """Return what can be seen of candidates now: identity, appraisal, findings to settle (JSON code -> severity), hash.

    The hash covers the version, verdict, rating, findings to settle and uncertainty: whatever a reviewer judges.

    Args:
        published: the read model.
        wanted: one column, `candidate_id` or `batch_id`, of what is asked for.
    """
    return _asked(published, _PRESENT.format(key=wanted.column_names[0]), wanted=wanted)


def shown(published: Published, candidate_ids: pa.Array) -> pa.Table:
    """Return all that is published of some candidates, with interval in the canonical unit, rating and verdict."""
    return _asked(published, _SHOWN, wanted=pa.table({"candidate_id": candidate_ids}))


def names(published: Published, cases: pa.Table) -> pa.Table:
    """Return what a person knows the cases by: name, value, unit, region, year."""
    return _asked(published, _NAMES, wanted=cases.select(["case_id", "candidate_id"]))


def queued(
    published: Published,
    cases: pa.Table,
    deadlines: Mapping[str, date],
    typical_days: Mapping[str, float],
    times: pa.Table,
    moment: datetime,
    standings: Sequence[str],
) -> pa.Table:
    """Return cases with the names of their factors, their place in the queue, deadline, and days waited and usual."""
    until = pa.table(
        {"case_id": pa.array(deadlines.keys(), pa.string()), "due_on": pa.array(deadlines.values(), pa.date32())}
    )
    usual = pa.table(
        {"state": pa.array(typical_days.keys(), pa.string()),
         "typical_days": pa.array(typical_days.values(), pa.float64())}
    )  # fmt: skip
    known = {"moment": moment.replace(tzinfo=None), "standings": list(standings)}
    return _asked(published, _QUEUE, known, wanted=cases, deadlines=until, pace=usual, times=times)


def due(published: Published, candidate_ids: pa.Array, *, until: date, years: int) -> pa.Table:
    """Return what of the released candidates expires by `until`, or describes a year `years` or more before it."""
    wanted = pa.table({"candidate_id": candidate_ids})
    return _asked(published, _DUE, {"until": until, "years": years}, wanted=wanted)


def pace(times: pa.Table, moment: datetime) -> dict[str, float]:
    """Return state -> median days that cases which have left it spent there."""
    with opened(":memory:") as connection:
        connection.register("times", times)
        rows = connection.execute(_PACE, {"moment": moment.replace(tzinfo=None)}).to_arrow_table().to_pylist()
    return {row["state"]: row["median_days"] for row in rows}


def _asked(
    published: Published, query: str, parameters: dict[str, object] | None = None, **tables: pa.Table
) -> pa.Table:
    with opened(":memory:") as connection:
        attach(connection, published)
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(query, parameters or {}).to_arrow_table()
