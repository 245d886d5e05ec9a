"""Named questions of the quality board and of the self-check: counts over the published read model, no lock taken."""

from typing import Any

import pyarrow as pa

from factordb.store.library_file import Published, read
from factordb.store.listing import asked, listing


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
    return _counted(
        published,
        "SELECT pipeline, top AS category, tier, count(*) AS candidates, count(*) FILTER (eligible) AS eligible, "
        "count(DISTINCT flow) AS products FROM listing GROUP BY ALL ORDER BY candidates DESC, pipeline, category, tier",
    )


def ages(published: Published, year: int) -> pa.Table:
    """Return candidates and eligible ones by age in whole years at `year`; age is null where no year is stated."""
    return _counted(
        published,
        f"SELECT {int(year)} - reference_year AS age, count(*) AS candidates, "
        "count(*) FILTER (eligible) AS eligible FROM listing GROUP BY ALL ORDER BY age NULLS LAST",
    )


def sureness(published: Published) -> pa.Table:
    """Return candidates and eligible ones by the basis of their uncertainty, by kind of number."""
    return _counted(
        published,
        "SELECT kind, coalesce(c.basis, 'none') AS basis, count(*) AS candidates, "
        "count(*) FILTER (eligible) AS eligible FROM listing c GROUP BY ALL ORDER BY kind, basis",
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
    with asked(published) as connection:
        rows = (
            connection.sql(
                "SELECT verdict, count(*) AS n, count(*) FILTER (eligible) AS good FROM listing "
                "WHERE verdict IS NOT NULL GROUP BY 1"
            )
            .to_arrow_table()
            .to_pylist()
        )
        codes = connection.sql(
            "SELECT DISTINCT unnest(string_split(reasons, ' ')) AS code FROM "
            "(SELECT DISTINCT reasons FROM listing WHERE NOT eligible AND reasons IS NOT NULL) ORDER BY code"
        ).to_arrow_table()
    return {
        "verdicts": {str(row["verdict"]): row["n"] for row in rows},
        "eligible": sum(row["good"] for row in rows),
        "pipelines": sorted(listing(published).codes("pipeline")[1]),
        "codes": [one for one in codes["code"].to_pylist() if not one.startswith("VERDICT_")],
    }


def _counted(published: Published, query: str) -> pa.Table:
    with asked(published) as connection:
        return connection.sql(query).to_arrow_table()
