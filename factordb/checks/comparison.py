"""CMP: against the publisher, against the official value, against what the same source implies.

The other side is first brought to one row a thing, so that no question pairs many rows with many.
"""

from factordb.checks.base import check, limit
from factordb.model.vocabulary import Severity

_ONE_VALUE = "max(canonical_value) - min(canonical_value) <= 1e-12 * abs(max(canonical_value))"


@check("CMP001", clause="domain 3, 7: publisher and copy", severity=Severity.BLOCK, requires=["VAL010"],
       when="c.read_from IS NOT NULL")  # fmt: skip
def copy_agrees_with_its_publisher() -> str:
    """A value read from a copy equals the one read from its publisher for the same thing.

    Asked where the publisher itself gives one value for it.
    """
    return f"""
        WITH original AS (
            SELECT series_key, reference_year, publisher, any_value(canonical_value) AS canonical_value,
                   min(value_text) AS value_text, min(source_place) AS source_place
            FROM comparable WHERE read_from IS NULL AND publisher IS NOT NULL AND canonical_value IS NOT NULL
              AND series_key IN (SELECT series_key FROM comparable WHERE origin = 'batch' AND read_from IS NOT NULL)
            GROUP BY ALL HAVING {_ONE_VALUE}
        )
        SELECT k.candidate_id, 'value' AS field, k.value_text AS found, o.value_text AS expected,
               o.source_place AS detail
        FROM comparable k JOIN original o ON o.series_key = k.series_key AND o.publisher = k.publisher
         AND o.reference_year IS NOT DISTINCT FROM k.reference_year
        WHERE k.origin = 'batch' AND k.read_from IS NOT NULL
          AND abs(o.canonical_value - k.canonical_value) > 1e-12 * abs(o.canonical_value)
    """


@check("CMP002", clause="指引 (五): official data before industry and literature", severity=Severity.REVIEW,
       requires=["VAL010"], when="c.tier NOT IN ('official', 'measured_verified')")  # fmt: skip
def departure_from_official_is_explained() -> str:
    """A value that departs far from the official one for the same thing explains why.

    The same thing: product, place, boundary, technology, gas and declared unit; where several official values stand
    for it (years, sectors) they are a range.
    """
    return f"""
        WITH official AS (
            SELECT lower(flow) AS flow, region, boundary, gas, canonical_unit, quantity, direction,
                   coalesce(technology, '') AS technology, min(canonical_value) AS low, max(canonical_value) AS high,
                   arg_min(concat_ws(' ', value_text, unit_text), canonical_value) AS low_text,
                   arg_max(concat_ws(' ', value_text, unit_text), canonical_value) AS high_text
            FROM comparable WHERE tier = 'official' AND canonical_value > 0 AND lower(flow) IN (
                SELECT lower(flow) FROM candidate WHERE tier NOT IN ('official', 'measured_verified'))
            GROUP BY ALL
        )
        SELECT k.candidate_id, 'value' AS field, concat_ws(' ', k.value_text, k.unit_text) AS found,
               CASE WHEN o.low = o.high THEN o.low_text ELSE o.low_text || ' – ' || o.high_text END AS expected,
               format('{{:+.0f}} %', 100 * (k.canonical_value
                      / CASE WHEN k.canonical_value < o.low THEN o.low ELSE o.high END - 1)) AS detail
        FROM comparable k JOIN official o ON o.flow = lower(k.flow) AND o.canonical_unit = k.canonical_unit
         AND o.boundary = k.boundary AND o.direction = k.direction AND o.technology = coalesce(k.technology, '')
         AND o.region IS NOT DISTINCT FROM k.region AND o.gas IS NOT DISTINCT FROM k.gas
         AND o.quantity IS NOT DISTINCT FROM k.quantity
        WHERE k.origin = 'batch' AND k.tier NOT IN ('official', 'measured_verified') AND k.canonical_value > 0
          AND (k.canonical_value < o.low / {limit("comparison_ratio")}
               OR k.canonical_value > o.high * {limit("comparison_ratio")})
    """


@check("CMP003", clause="IPCC 2006 Vol. 2 Ch. 1: CO2 = carbon content × 44/12", severity=Severity.REVIEW,
       requires=["VAL010"], when="c.gas = 'CO2' AND c.dimension = 'energy' AND c.boundary = 'direct'")  # fmt: skip
def co2_agrees_with_carbon_content() -> str:
    """CO2 per energy agrees with the carbon content that the same source gives for the same fuel."""
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found,
               format('{{:.6g}}', any_value(p.canonical_value * 44 / 12 / c.to_canonical)) AS expected,
               min(concat_ws(' ', p.value_text, p.unit_text)) AS detail
        FROM candidate c JOIN comparable p
          ON p.source_id = c.source_id AND lower(p.flow) = lower(c.flow) AND p.per_unit = c.per_unit
        WHERE p.quantity = 'carbon content' AND p.gas = 'C' AND c.gas = 'CO2' AND c.boundary = 'direct'
          AND c.to_canonical > 0 AND abs(c.canonical_value - p.canonical_value * 44 / 12) >
              coalesce(c.half_digit * c.to_canonical, 0) + coalesce(p.half_digit * p.to_canonical, 0) * 44 / 12
              + {limit("rounding_tolerance")} * c.canonical_value
        GROUP BY c.candidate_id, c.value_text
    """


@check("CMP004", clause="domain 7: two copies of one official table that differ", severity=Severity.REVIEW,
       requires=["VAL010"], when="c.publisher IS NOT NULL")  # fmt: skip
def copies_are_reconciled() -> str:
    """Two sources that copy one publisher's value for the same thing agree.

    Asked where each source gives one value for it; half a unit of the last digit is allowed for rounding.
    """
    return f"""
        WITH copy AS (
            SELECT series_key, reference_year, publisher, valid_until, source_id,
                   any_value(canonical_value) AS canonical_value, min(value_text) AS value_text,
                   max(coalesce(half_digit * to_canonical, 0)) AS half
            FROM comparable WHERE publisher IS NOT NULL AND canonical_value IS NOT NULL AND series_key IN (
                SELECT series_key FROM comparable GROUP BY series_key HAVING min(source_id) <> max(source_id))
            GROUP BY ALL HAVING {_ONE_VALUE}
        ), apart AS (
            SELECT series_key, reference_year, publisher, valid_until, max(half) AS half FROM copy
            GROUP BY ALL HAVING count(*) > 1 AND max(canonical_value) - min(canonical_value) > max(half)
        ), side AS (
            SELECT c.*, a.half AS allowed FROM copy c JOIN apart a ON a.series_key = c.series_key
             AND a.publisher = c.publisher AND a.reference_year IS NOT DISTINCT FROM c.reference_year
             AND a.valid_until IS NOT DISTINCT FROM c.valid_until
        )
        SELECT k.candidate_id, 'value' AS field, k.value_text AS found, min(o.value_text) AS expected,
               min(k.source_id || ' / ' || o.source_id) AS detail
        FROM comparable k JOIN side o ON o.series_key = k.series_key AND o.publisher = k.publisher
         AND o.reference_year IS NOT DISTINCT FROM k.reference_year
         AND o.valid_until IS NOT DISTINCT FROM k.valid_until
        WHERE k.origin = 'batch' AND o.source_id <> k.source_id
          AND abs(o.canonical_value - k.canonical_value) > o.allowed
        GROUP BY k.candidate_id, k.value_text
    """


CHECKS = (
    copy_agrees_with_its_publisher, departure_from_official_is_explained, co2_agrees_with_carbon_content,
    copies_are_reconciled,
)  # fmt: skip
