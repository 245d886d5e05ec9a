"""CMP: against the publisher, against the official value, against what the same source implies."""

from factordb.checks.base import check, limit
from factordb.model.vocabulary import Severity


@check("CMP001", clause="domain 3, 7: publisher and copy", severity=Severity.BLOCK, requires=["VAL010"],
       when="c.read_from IS NOT NULL")  # fmt: skip
def copy_agrees_with_its_publisher() -> str:
    """A value read from a copy equals the one read from its publisher for the same thing."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, any_value(o.value_text) AS expected,
               any_value(o.source_place) AS detail
        FROM comparable k JOIN candidate c USING (candidate_id) JOIN comparable o
          ON o.series_key = k.series_key AND o.reference_year IS NOT DISTINCT FROM k.reference_year
         AND o.publisher = k.publisher AND o.read_from IS NULL
         AND coalesce(o.category, '') = coalesce(k.category, '')
        WHERE k.origin = 'batch' AND abs(o.canonical_value - k.canonical_value) > 1e-12 * abs(o.canonical_value)
        GROUP BY c.candidate_id, c.value_text
    """


@check("CMP002", clause="指引 (五): official data before industry and literature", severity=Severity.REVIEW,
       requires=["VAL010"], when="c.tier NOT IN ('official', 'measured_verified')")  # fmt: skip
def departure_from_official_is_explained() -> str:
    """A value that departs far from the official one for the same thing explains why."""
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text || ' ' || coalesce(c.unit_text, '') AS found,
               any_value(o.value_text || ' ' || coalesce(o.unit_text, '')) AS expected,
               format('{{:+.0f}} %', any_value(100 * (k.canonical_value / o.canonical_value - 1))) AS detail
        FROM comparable k JOIN candidate c USING (candidate_id) JOIN comparable o
          ON lower(o.flow) = lower(k.flow) AND o.region IS NOT DISTINCT FROM k.region AND o.boundary = k.boundary
         AND o.gas = k.gas AND o.canonical_unit = k.canonical_unit AND o.quantity IS NOT DISTINCT FROM k.quantity
         AND coalesce(o.technology, '') = coalesce(k.technology, '')
        WHERE k.origin = 'batch' AND o.tier = 'official' AND o.canonical_value > 0 AND k.canonical_value > 0
          AND abs(ln(k.canonical_value / o.canonical_value)) > ln({limit("comparison_ratio")})
        GROUP BY c.candidate_id, c.value_text, c.unit_text
    """


@check("CMP003", clause="IPCC 2006 Vol. 2 Ch. 1: CO2 = carbon content × 44/12", severity=Severity.REVIEW,
       requires=["VAL010"], when="c.gas = 'CO2' AND c.dimension = 'energy'")  # fmt: skip
def co2_agrees_with_carbon_content() -> str:
    """CO2 per energy agrees with the carbon content that the same source gives for the same fuel."""
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found,
               format('{{:.6g}}', any_value(p.canonical_value * 44 / 12 / c.to_canonical)) AS expected,
               any_value(p.value_text || ' ' || p.unit_text) AS detail
        FROM candidate c JOIN comparable p
          ON p.source_id = c.source_id AND lower(p.flow) = lower(c.flow) AND p.quantity = 'carbon content'
         AND p.per_unit = c.per_unit
        WHERE c.to_canonical > 0 AND abs(c.canonical_value - p.canonical_value * 44 / 12) >
              c.half_digit * c.to_canonical + p.half_digit * p.to_canonical * 44 / 12
              + {limit("rounding_tolerance")} * c.canonical_value
        GROUP BY c.candidate_id, c.value_text
    """


@check("CMP004", clause="domain 7: two copies of one official table that differ", severity=Severity.REVIEW,
       requires=["VAL010"])  # fmt: skip
def copies_are_reconciled() -> str:
    """Two sources that copy one publisher's value for the same thing agree."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, any_value(o.value_text) AS expected,
               any_value(concat_ws(' / ', k.source_id, o.source_id)) AS detail
        FROM comparable k JOIN candidate c USING (candidate_id) JOIN comparable o
          ON o.series_key = k.series_key AND o.reference_year IS NOT DISTINCT FROM k.reference_year
         AND o.publisher = k.publisher AND o.source_id <> k.source_id
        WHERE k.origin = 'batch' AND o.valid_until IS NOT DISTINCT FROM k.valid_until
          AND abs(o.canonical_value - k.canonical_value) >
              greatest(coalesce(o.half_digit * o.to_canonical, 0), coalesce(k.half_digit * k.to_canonical, 0))
        GROUP BY c.candidate_id, c.value_text
    """


CHECKS = (
    copy_agrees_with_its_publisher, departure_from_official_is_explained, co2_agrees_with_carbon_content,
    copies_are_reconciled,
)  # fmt: skip
