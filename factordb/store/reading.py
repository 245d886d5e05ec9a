"""Named questions to the published read model. They take no lock and change nothing."""

from collections.abc import Sequence

import pyarrow as pa

from factordb.store.duck import quote
from factordb.store.library_file import Published, read

JOINED = (
    "SELECT c.*, u.* EXCLUDE (batch_id, candidate_id, appraisal_id, sd, mean), u.mean AS mean, u.sd AS u_sd, "
    "a.* EXCLUDE (batch_id, candidate_id, version_id, appraisal_id, te) REPLACE (a.gr AS gr), a.te AS rated_te, "
    "a.appraisal_id FROM candidate c LEFT JOIN uncertainty u USING (candidate_id) "
    "LEFT JOIN assessment a USING (candidate_id)"
)


def summary_by_batch(published: Published) -> pa.Table:
    """Return one row a batch: candidates by verdict, eligible ones, refused records."""
    return read(
        published,
        "SELECT c.batch_id, any_value(c.pipeline) AS pipeline, count(*) AS candidates, "
        "count(*) FILTER (a.verdict = 'pass') AS pass, count(*) FILTER (a.verdict = 'needs_person') AS needs_person, "
        "count(*) FILTER (a.verdict = 'insufficient') AS insufficient, count(*) FILTER (a.verdict = 'fail') AS fail, "
        "count(*) FILTER (a.eligible) AS eligible, "
        "(SELECT count(*) FROM refused r WHERE r.batch_id = c.batch_id) AS refused "
        "FROM candidate c LEFT JOIN assessment a USING (candidate_id) GROUP BY c.batch_id ORDER BY pipeline, c.batch_id",
    )


def held_back(published: Published, batch_ids: Sequence[str] = ()) -> pa.Table:
    """Return pipeline, code, severity, count and one example of what holds candidates back."""
    some = f"WHERE c.batch_id IN ({', '.join(quote(one) for one in batch_ids)})" if batch_ids else ""
    return read(
        published,
        "WITH held AS (SELECT c.pipeline, c.batch_id, unnest(string_split(a.reasons, ' ')) AS code, "
        "c.candidate_id, coalesce(c.name_zh, c.name_en) AS name, c.place "
        "FROM candidate c JOIN assessment a USING (candidate_id) "
        f"{some} {'AND' if some else 'WHERE'} NOT a.eligible AND a.reasons IS NOT NULL) "
        "SELECT pipeline, code, count(DISTINCT candidate_id) AS candidates, min(name) AS example, "
        "arg_min(place, name) AS place FROM held GROUP BY pipeline, code ORDER BY pipeline, candidates DESC, code",
    )


def refused_by_code(published: Published) -> pa.Table:
    """Return pipeline, code, field, found and count of refused records, most frequent first."""
    return read(
        published,
        "SELECT b.pipeline, r.code, r.field, r.found, count(*) AS records, min(r.place) AS place "
        "FROM refused r LEFT JOIN (SELECT DISTINCT batch_id, pipeline FROM candidate) b USING (batch_id) "
        "GROUP BY ALL ORDER BY records DESC, b.pipeline, r.code, r.found",
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
    parameters: list[object] = []
    where = ["true"]
    for condition, value in (
        ("a.verdict = ?", verdict),
        ("c.pipeline = ?", pipeline),
        ("list_contains(string_split(a.reasons, ' '), ?)", code),
    ):
        if value:
            where.append(condition)
            parameters.append(value)
    if text:
        where.append("contains(lower(concat_ws(' ', c.name_zh, c.name_en, c.flow, c.factor_id)), lower(?))")
        parameters.append(text)
    return read(
        published,
        "SELECT c.candidate_id, c.factor_id, c.version_id, c.pipeline, c.kind, c.name_zh, c.name_en, c.value_text, "
        "c.unit, c.region, c.reference_year, c.tier, a.verdict, a.dqr, a.band, a.eligible, a.reasons, "
        "u.basis, u.cv, u.shortest_low95, u.shortest_high95, c.place, count(*) OVER () AS total "
        "FROM candidate c LEFT JOIN assessment a USING (candidate_id) LEFT JOIN uncertainty u USING (candidate_id) "
        f"WHERE {' AND '.join(where)} "
        "ORDER BY CASE a.verdict WHEN 'needs_person' THEN 0 WHEN 'insufficient' THEN 1 WHEN 'fail' THEN 2 ELSE 3 END, "
        f"c.pipeline, c.batch_id, c.row_no, c.candidate_id LIMIT {int(limit)} OFFSET {int(offset)}",
        parameters,
    )


def one(published: Published, candidate_id: str) -> dict[str, pa.Table]:
    """Return everything about one candidate: its row, gases, inputs, findings, uncertainty, assessment."""
    found = {}
    for name in ("candidate", "gas_amount", "recipe_input", "finding", "uncertainty", "contribution", "assessment"):
        found[name] = read(published, f"SELECT * FROM {name} WHERE candidate_id = ? ORDER BY ALL", [candidate_id])
    return found


def resolve(published: Published, name: str) -> list[str]:
    """Return candidate ids that an identifier, or its beginning, names: candidate, factor or version id."""
    rows = read(
        published,
        "SELECT candidate_id FROM candidate WHERE starts_with(candidate_id, $1) OR starts_with(factor_id, $1) "
        "OR starts_with(version_id, $1) ORDER BY candidate_id LIMIT 20",
        [name],
    )
    return [str(one) for one in rows["candidate_id"].to_pylist()]
