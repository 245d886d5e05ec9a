"""Named questions about what stands beside a factor: its versions, factors like it, the same at home and abroad."""

import pyarrow as pa

from factordb.store.duck import opened
from factordb.store.library_file import Published, attach, read

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


_SIDE = """
    SELECT c.candidate_id, c.factor_id, lower(c.flow) AS thing, c.kind, c.quantity, c.gas, c.name_zh, c.name_en,
           c.region, c.reference_year, c.technology, c.boundary, c.gwp_set, c.value_text, c.unit_text, c.tier,
           c.canonical_value, c.canonical_unit, a.verdict, a.dqr, a.eligible,
           u.shortest_low95 * c.to_canonical AS low, u.shortest_high95 * c.to_canonical AS high
    FROM candidate c LEFT JOIN assessment a USING (candidate_id) LEFT JOIN uncertainty u USING (candidate_id)
    WHERE c.flow IS NOT NULL AND c.canonical_value IS NOT NULL AND c.region IS NOT NULL AND {where}
    QUALIFY row_number() OVER (
        PARTITION BY lower(c.flow), c.kind, c.quantity, c.gas, c.region ORDER BY a.eligible DESC NULLS LAST,
        a.dqr NULLS LAST, c.reference_year DESC NULLS LAST, c.candidate_id) = 1
"""

_PAIRS = f"""
    WITH home AS ({_SIDE.format(where="c.region = 'CN'")}),
    abroad AS ({_SIDE.format(where="NOT (c.region LIKE 'CN%' OR regexp_matches(c.region, '^[0-9]{{6}}$'))")}),
    pairs AS (
        SELECT h.thing, h.kind, h.gas, h.name_zh, h.name_en, h.canonical_unit AS unit,
               h.candidate_id AS home_id, h.region AS home_region, h.reference_year AS home_year,
               h.value_text AS home_text, h.unit_text AS home_unit_text, h.canonical_value AS home_value,
               h.low AS home_low, h.high AS home_high, h.verdict AS home_verdict,
               a.candidate_id AS abroad_id, a.region AS abroad_region, a.reference_year AS abroad_year,
               a.value_text AS abroad_text, a.unit_text AS abroad_unit_text, a.canonical_value AS abroad_value,
               a.low AS abroad_low, a.high AS abroad_high, a.verdict AS abroad_verdict,
               list_filter([
                   CASE WHEN h.canonical_unit IS DISTINCT FROM a.canonical_unit THEN 'unit' END,
                   CASE WHEN h.boundary IS DISTINCT FROM a.boundary THEN 'boundary' END,
                   CASE WHEN h.gas = 'CO2e' AND h.gwp_set IS DISTINCT FROM a.gwp_set THEN 'gwp_set' END,
                   CASE WHEN h.technology <> a.technology THEN 'technology' END
               ], lambda one: one IS NOT NULL) AS differs
        FROM home h JOIN abroad a ON a.thing = h.thing AND a.kind = h.kind
         AND a.quantity IS NOT DISTINCT FROM h.quantity AND a.gas IS NOT DISTINCT FROM h.gas
    )
    SELECT *, CASE WHEN len(differs) = 0 AND home_value <> 0 THEN abroad_value / home_value - 1 END AS relative,
           count(*) OVER () AS total
    FROM pairs WHERE ($gas = '' OR gas = $gas) AND ($kind = '' OR kind = $kind)
     AND ($text = '' OR contains(lower(concat_ws(' ', thing, name_zh, name_en)), lower($text)))
    ORDER BY len(differs) > 0, abs(relative) DESC NULLS LAST, thing, abroad_region, abroad_id
"""


def home_and_abroad(
    published: Published, *, text: str = "", gas: str = "", kind: str = "", limit: int = 50, offset: int = 0
) -> pa.Table:
    """Return pairs of a national factor and a foreign or global one of the same product, gas and kind of number.

    Of each side the preferred one: eligible, best rated, newest. `differs` names what keeps them from being compared
    (unit, boundary, gwp_set, technology); `relative` is abroad over home less one, null where they are not comparable.
    Comparable pairs come first, largest difference first. Source of the rule: ux.md 1.6, guideline (十八).

    Args:
        published: the read model.
        text: a part of product or name.
        gas: only this gas.
        kind: only this kind of number.
        limit: pairs returned at most.
        offset: pairs left out before them.
    """
    query = f"{_PAIRS} LIMIT {int(limit)} OFFSET {int(offset)}"
    with opened(":memory:") as connection:
        attach(connection, published)
        return connection.execute(query, {"gas": gas, "kind": kind, "text": text}).to_arrow_table()
