"""Named questions of the quality board and of the self-check: counts over the published read model, no lock taken."""

from typing import Any

import pyarrow as pa

from factordb.store.library_file import Published, read

_TOP = "coalesce(nullif(trim(split_part(replace(c.category, '>', '/'), '/', 1)), ''), '—')"
"""First level of the source's own classification."""


def at_cells(published: Published, limit: int) -> tuple[pa.Table, pa.Table]:
    """Return refused records and findings, each with place, row and field; at most `limit` of each."""
    refused = read(published, f"SELECT * FROM refused ORDER BY row_no, place, code LIMIT {int(limit)}")
    findings = read(
        published,
        "SELECT f.code, f.severity, f.field, f.place, f.found, f.expected, f.detail, c.row_no, c.candidate_id "
        "FROM finding f JOIN candidate c USING (candidate_id) "
        f"ORDER BY c.row_no, c.candidate_id, f.code, f.field, f.found LIMIT {int(limit)}",
    )
    return refused, findings


def rule_counts(published: Published) -> pa.Table:
    """Return code, candidates, kept, broken, not asked of every rule over all appraisals."""
    return read(
        published,
        "SELECT code, sum(candidates)::BIGINT AS candidates, sum(kept)::BIGINT AS kept, "
        "sum(broken)::BIGINT AS broken, sum(not_asked)::BIGINT AS not_asked FROM rule_count "
        "GROUP BY code ORDER BY code",
    )


def coverage(published: Published) -> pa.Table:
    """Return candidates and eligible ones by pipeline, first level of category and kind of source."""
    return read(
        published,
        f"SELECT c.pipeline, {_TOP} AS category, c.tier, count(*) AS candidates, "
        "count(*) FILTER (a.eligible) AS eligible, "
        "count(DISTINCT c.flow) AS products "
        "FROM candidate c LEFT JOIN assessment a USING (candidate_id) GROUP BY ALL "
        "ORDER BY candidates DESC, c.pipeline, category, c.tier",
    )


def ages(published: Published, year: int) -> pa.Table:
    """Return candidates and eligible ones by age in whole years at `year`; age is null where no year is stated."""
    return read(
        published,
        f"SELECT {int(year)} - c.reference_year AS age, count(*) AS candidates, "
        "count(*) FILTER (a.eligible) AS eligible "
        "FROM candidate c LEFT JOIN assessment a USING (candidate_id) GROUP BY ALL ORDER BY age NULLS LAST",
    )


def sureness(published: Published) -> pa.Table:
    """Return candidates and eligible ones by the basis of their uncertainty, by kind of number."""
    return read(
        published,
        "SELECT c.kind, coalesce(u.basis, 'none') AS basis, count(*) AS candidates, "
        "count(*) FILTER (a.eligible) AS eligible "
        "FROM candidate c LEFT JOIN uncertainty u USING (candidate_id) LEFT JOIN assessment a USING (candidate_id) "
        "GROUP BY ALL ORDER BY c.kind, basis",
    )


def bands(published: Published) -> pa.Table:
    """Return candidates and eligible ones by band of the data quality rating."""
    return read(
        published,
        "SELECT coalesce(band, '—') AS band, count(*) AS candidates, count(*) FILTER (eligible) AS eligible, "
        "round(min(dqr), 2) AS lowest, round(max(dqr), 2) AS highest FROM assessment GROUP BY ALL "
        "ORDER BY lowest NULLS LAST",
    )


def broken_rules(published: Published) -> pa.Table:
    """Return findings and candidates by code and severity, most frequent first."""
    return read(
        published,
        "SELECT code, severity, count(*) AS findings, count(DISTINCT candidate_id) AS candidates FROM finding "
        "GROUP BY ALL ORDER BY candidates DESC, code",
    )


def queue_facets(published: Published) -> dict[str, Any]:
    """Return what the queue can be narrowed by: verdict -> candidates, eligible ones, pipelines, codes of reasons."""
    verdicts = read(
        published, "SELECT verdict, count(*) AS n, count(*) FILTER (eligible) AS good FROM assessment GROUP BY 1"
    )
    codes = read(
        published,
        "SELECT DISTINCT unnest(string_split(reasons, ' ')) AS code FROM "
        "(SELECT DISTINCT reasons FROM assessment WHERE NOT eligible AND reasons IS NOT NULL) ORDER BY code",
    )
    pipelines = read(published, "SELECT DISTINCT pipeline FROM candidate ORDER BY pipeline")
    rows = verdicts.to_pylist()
    return {
        "verdicts": {str(row["verdict"]): row["n"] for row in rows},
        "eligible": sum(row["good"] for row in rows),
        "pipelines": pipelines["pipeline"].to_pylist(),
        "codes": [one for one in codes["code"].to_pylist() if not one.startswith("VERDICT_")],
    }
