"""Named questions about what stands beside a factor: its versions, and factors like it."""

import pyarrow as pa

from factordb.store.library_file import Published
from factordb.store.listing import asked

_SHOWN = (
    "c.candidate_id, c.factor_id, c.version_id, c.batch_id, c.pipeline, c.name_zh, c.name_en, c.kind, c.gas, "
    "c.value, c.value_text, c.unit_text, c.unit, c.canonical_value, c.canonical_unit, c.to_canonical, c.region, "
    "c.reference_year, c.tier, c.source_id, c.boundary, c.gwp_set, c.verdict, c.dqr, c.eligible, c.basis, "
    "c.shortest_low95, c.shortest_high95"
)
_ALIKE = """
    WITH one AS (SELECT * FROM listing WHERE candidate_id = $1),
    alike AS (
        SELECT c.candidate_id, lower(c.flow) = lower(one.flow) AS product, c.region = one.region AS place,
               abs(c.reference_year - one.reference_year) AS years
        FROM listing c, one
        WHERE c.factor_id <> one.factor_id AND c.kind = one.kind AND c.gas IS NOT DISTINCT FROM one.gas
          AND c.canonical_unit IS NOT DISTINCT FROM one.canonical_unit AND
          (lower(c.flow) = lower(one.flow) OR lower(c.name_en) = lower(one.name_en) OR c.name_zh = one.name_zh)
        ORDER BY product DESC NULLS LAST, place DESC NULLS LAST, years NULLS LAST, c.candidate_id LIMIT {limit})
    SELECT {shown} FROM alike n JOIN listing c USING (candidate_id)
    ORDER BY n.product DESC NULLS LAST, n.place DESC NULLS LAST, n.years NULLS LAST, c.candidate_id
"""
"""The nearest are chosen by what orders them and only then fetched whole."""


def versions(published: Published, factor_id: str) -> pa.Table:
    """Return every candidate that carries this factor, by batch and version."""
    with asked(published) as connection:
        return connection.execute(
            f"SELECT {_SHOWN} FROM listing c WHERE c.factor_id = ? ORDER BY c.batch_id, c.version_id, c.candidate_id",
            [factor_id],
        ).to_arrow_table()


def similar(published: Published, candidate_id: str, limit: int) -> pa.Table:
    """Return factors of the same gas and canonical unit that share the product, else the technology; nearest first.

    Nearest: the same product, the same place, the nearest year.
    """
    with asked(published) as connection:
        query = _ALIKE.format(shown=_SHOWN, limit=int(limit))
        return connection.execute(query, [candidate_id]).to_arrow_table()
