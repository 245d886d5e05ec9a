"""Choosing between competing candidates by the order of clause (五), set-based."""

from factordb.reference import tables
from factordb.store.appraisal import AppraisalFile
from factordb.store.duck import quote


def decide_between_competitors(work: AppraisalFile) -> None:
    """Leave one eligible candidate of each thing and year; the others name the one that is preferred to them.

    Order: rank of the source tier, then lower DQR, smaller relative uncertainty, newer publication, and at last the
    identifiers, so that the same candidates always give the same choice.
    """
    ranks = tables.table("tiers/source_tiers").select(["tier", "rank"]).to_pylist()
    cases = " ".join(f"WHEN {quote(str(row['tier']))} THEN {int(str(row['rank']))}" for row in ranks)
    work.execute(
        [
            "CREATE OR REPLACE TABLE standing AS SELECT a.candidate_id, first_value(a.candidate_id) OVER w AS best, "
            "row_number() OVER w AS place FROM assessment a JOIN candidate c USING (candidate_id) "
            "JOIN comparable k USING (candidate_id) LEFT JOIN uncertainty u USING (candidate_id) "
            "WHERE a.eligible AND k.origin = 'batch' "
            "WINDOW w AS (PARTITION BY k.series_key, c.reference_year, "
            "CASE WHEN c.kind = 'factor' THEN '' ELSE coalesce(c.category, '') END ORDER BY "
            f"CASE c.tier {cases} ELSE 99 END, a.dqr, u.cv, c.published_on DESC NULLS LAST, c.source_id, c.place, "
            "a.candidate_id)",
            "UPDATE assessment SET eligible = false, beaten_by = s.best, "
            "reasons = nullif(trim(concat_ws(' ', assessment.reasons, 'PREFERRED_OTHER')), '') "
            "FROM standing s WHERE s.candidate_id = assessment.candidate_id AND s.place > 1",
        ]
    )
