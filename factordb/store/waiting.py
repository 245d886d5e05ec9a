"""The named question of the to-do list: candidates by what they would change, by deadline, or by verdict."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import pyarrow as pa

from factordb.errors import UsageError
from factordb.store.duck import opened
from factordb.store.library_file import Published, attach

__all__ = ["ORDERS", "waiting"]

_GRAVE: Final = "CASE a.verdict WHEN 'needs_person' THEN 0 WHEN 'insufficient' THEN 1 WHEN 'fail' THEN 2 ELSE 3 END"
_LAST: Final = "grave, pipeline, batch_id, row_no, candidate_id"
ORDERS: Final[Mapping[str, str]] = {
    "impact": f"impact DESC, {_LAST}",
    "deadline": f"due_on NULLS LAST, impact DESC, {_LAST}",
    "verdict": _LAST,
}
"""Order -> what the candidates stand by."""

# what is released, or was received before it, changes nothing; what is new, or was without a number, all of it
_IMPACT: Final = """
    CASE WHEN r.candidate_id = c.candidate_id OR list_position($batches, c.batch_id) < r.received THEN 0
         WHEN r.was IS NULL OR r.was = 0 OR c.canonical_value IS NULL THEN 1
         ELSE abs(c.canonical_value / r.was - 1) END
"""

_QUERY: Final = """
    WITH r AS (SELECT b.factor_id, b.candidate_id, c.canonical_value AS was,
                      list_position($batches, c.batch_id) AS received
               FROM released b LEFT JOIN candidate c USING (candidate_id)),
    page AS (
        SELECT c.candidate_id, c.pipeline, c.batch_id, c.row_no, {grave} AS grave, {impact} AS impact,
               {due} AS due_on, {total} AS total
        FROM candidate c LEFT JOIN assessment a USING (candidate_id)
        LEFT JOIN r ON r.factor_id = c.factor_id {joined}
        WHERE {where} ORDER BY {order} LIMIT {limit} OFFSET {offset})
    SELECT c.candidate_id, c.factor_id, c.version_id, c.pipeline, c.kind, c.name_zh, c.name_en, c.value_text,
           c.unit, c.region, c.reference_year, c.tier, a.verdict, a.dqr, a.band, a.eligible, a.reasons,
           u.basis, u.cv, u.shortest_low95, u.shortest_high95, c.place, p.impact, p.due_on, p.total
    FROM page p JOIN candidate c USING (candidate_id) LEFT JOIN assessment a USING (candidate_id)
    LEFT JOIN uncertainty u USING (candidate_id) ORDER BY {last}
"""


def waiting(
    published: Published,
    released: pa.Table,
    deadlines: Mapping[str, date],
    batches: Sequence[str] = (),
    *,
    order: str = "impact",
    verdict: str = "",
    code: str = "",
    pipeline: str = "",
    text: str = "",
    limit: int = 100,
    offset: int = 0,
) -> pa.Table:
    """Return one page of candidates with verdict, rating, reasons, impact (a fraction), due_on and the total.

    The impact is the relative change of the value against the released version of the same factor: 1 where there is
    none, 0 for the released one itself and for what was received before it. Due is the deadline of its review, or the
    end of its validity where that is earlier.

    Args:
        published: the read model.
        released: candidate_id and factor_id of the newest release.
        deadlines: candidate id -> deadline of its review.
        batches: as they were received, the earliest first.
        order: one of `ORDERS`.
        verdict: only this verdict.
        code: only those held back by this code.
        pipeline: only those of this pipeline.
        text: a part of name, product or identifier.
        limit: rows of the page.
        offset: rows before it.

    Raises:
        UsageError: there is no such order.
    """
    if order not in ORDERS:
        raise UsageError(
            problem=f"there is no order {order!r}",
            remedy=f"choose one of {', '.join(ORDERS)}",
            problem_zh=f"没有名为 {order} 的排序方式",
            remedy_zh=f"请从 {'、'.join(ORDERS)} 中选择",
        )
    where, given = _where({"verdict": verdict, "code": code, "pipeline": pipeline, "text": text})
    due = "least(d.due_on, CAST(c.valid_until AS DATE))" if deadlines else "CAST(c.valid_until AS DATE)"
    query = _QUERY.format(
        grave=_GRAVE,
        impact=_IMPACT,
        due=due,
        joined="LEFT JOIN due d ON d.candidate_id = c.candidate_id" if deadlines else "",
        total="count(*) OVER ()" if given else "(SELECT count(*) FROM candidate)",
        where=where,
        order=ORDERS[order],
        limit=int(limit),
        offset=int(offset),
        last=", ".join(f"p.{one.strip()}" for one in ORDERS[order].split(",")),
    )
    until = {"candidate_id": pa.array(deadlines, pa.string()), "due_on": pa.array(deadlines.values(), pa.date32())}
    with opened(":memory:") as connection:
        attach(connection, published)
        connection.register("released", released)
        connection.register("due", pa.table(until))
        return connection.execute(query, {**given, "batches": list(batches)}).to_arrow_table()


_CONDITIONS: Final = {
    "verdict": "a.verdict = $verdict",
    "code": "list_contains(string_split(a.reasons, ' '), $code)",
    "pipeline": "c.pipeline = $pipeline",
    "text": "contains(lower(concat_ws(' ', c.name_zh, c.name_en, c.flow, c.factor_id)), lower($text))",
}


def _where(filters: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the condition of the filters that are given, and their values by name."""
    given = {name: value for name, value in filters.items() if value}
    return " AND ".join(_CONDITIONS[name] for name in given) or "true", given
