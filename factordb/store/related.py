"""Named questions about what stands beside a factor: its versions, and factors like it."""

import pyarrow as pa

from factordb.store.library_file import Published, read

_SHOWN = (
    "c.candidate_id, c.factor_id, c.version_id, c.batch_id, c.pipeline, c.name_zh, c.name_en, c.kind, c.gas, "
    "c.value, c.value_text, c.unit_text, c.unit, c.canonical_value, c.canonical_unit, c.to_canonical, c.region, "
    "c.reference_year, c.tier, c.source_id, c.boundary, c.gwp_set, a.verdict, a.dqr, a.eligible, u.basis, "
    "u.shortest_low95, u.shortest_high95"
)
_JOINED = "candidate c LEFT JOIN assessment a USING (candidate_id) LEFT JOIN uncertainty u USING (candidate_id)"


def versions(published: Published, factor_id: str) -> pa.Table:
    """Return every candidate that carries this factor, by batch and version."""
    return read(
        published,
        f"SELECT {_SHOWN} FROM {_JOINED} WHERE c.factor_id = ? ORDER BY c.batch_id, c.version_id, c.candidate_id",
        [factor_id],
    )


def similar(published: Published, candidate_id: str, limit: int) -> pa.Table:
    """Return factors of the same gas and canonical unit that share the product, else the technology; nearest first.

    Nearest: the same product, the same place, the nearest year.
    """
    return read(
        published,
        f"WITH one AS (SELECT * FROM candidate WHERE candidate_id = $1) SELECT {_SHOWN} FROM {_JOINED}, one "
        "WHERE c.factor_id <> one.factor_id AND c.kind = one.kind AND c.gas IS NOT DISTINCT FROM one.gas "
        "AND c.canonical_unit IS NOT DISTINCT FROM one.canonical_unit AND "
        "(lower(c.flow) = lower(one.flow) OR lower(c.name_en) = lower(one.name_en) OR c.name_zh = one.name_zh) "
        "ORDER BY (lower(c.flow) = lower(one.flow)) DESC NULLS LAST, (c.region = one.region) DESC NULLS LAST, "
        f"abs(c.reference_year - one.reference_year) NULLS LAST, c.candidate_id LIMIT {int(limit)}",
        [candidate_id],
    )
