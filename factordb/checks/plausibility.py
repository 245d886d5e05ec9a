"""PLA: is the value believable among its kind. Implausible values do not reject, but must be explained."""

from factordb.checks.base import check, limit
from factordb.model.vocabulary import Severity

_CARBON = "CASE WHEN {0}.gas IN ('CO2', 'CO2e') THEN 'CO2' ELSE {0}.gas END"
"""For direct emissions of burning, CO2 and CO2e are within some per cent: they are siblings."""


@check("PLA001", clause="468 附录 8; domain 6", severity=Severity.REVIEW, requires=["VAL010"])
def value_is_in_its_range() -> str:
    """The value lies in the declared range of its family."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text || ' ' || coalesce(c.unit_text, '') AS found,
               format('{:.4g} – {:.4g} {}', r.low, r.high, r.canonical_unit) AS expected, r.source AS detail
        FROM candidate c
        JOIN flow_family f ON f.flow = lower(c.flow)
        JOIN plausible_range r ON r.family = f.family AND r.canonical_unit = c.canonical_unit
         AND (r.boundary IS NULL OR r.boundary = c.boundary)
         AND r.quantity IS NOT DISTINCT FROM c.quantity
        WHERE c.direction = 'emission' AND (c.canonical_value < r.low OR c.canonical_value > r.high)
    """


@check("PLA002", clause="domain 7: ten times too small; mJ read as MJ; C read as CO2", severity=Severity.REVIEW,
       requires=["VAL010"])  # fmt: skip
def value_does_not_jump() -> str:
    """The value does not differ from its siblings by 10, 100, 1000, 3.6 or 44/12.

    Siblings share family, boundary, technology, gas (CO2 and CO2e of burning together), quantity and declared unit,
    and come from another source or another record; their median stands for them.
    """
    return f"""
        WITH sibling AS (
            SELECT k.candidate_id, k.origin, k.source_id, k.canonical_value, k.value_text, k.unit_text,
                   md5(concat_ws(chr(31), coalesce(f.family, lower(k.flow)), k.boundary, coalesce(k.technology, ''),
                       coalesce({_CARBON.format("k")}, ''), coalesce(k.quantity, ''), coalesce(k.per_unit, ''),
                       coalesce(k.unit_basis, ''), k.direction)) AS family_key
            FROM comparable k LEFT JOIN flow_family f ON f.flow = lower(k.flow)
            WHERE k.canonical_value > 0 AND k.flow IS NOT NULL AND k.per_unit IS NOT NULL
        ), middle AS (
            SELECT family_key, median(canonical_value) AS centre, count(*) AS n, min(canonical_value) AS low,
                   max(canonical_value) AS high FROM sibling GROUP BY family_key HAVING count(*) >= 2
        ), other AS (
            SELECT s.candidate_id, s.canonical_value, s.value_text, s.unit_text, s.family_key,
                   CASE WHEN m.n = 2 THEN CASE WHEN s.canonical_value = m.low THEN m.high ELSE m.low END
                        ELSE m.centre END AS sibling_value
            FROM sibling s JOIN middle m USING (family_key)
            WHERE s.origin = 'batch' AND (m.n > 2 OR m.low <> m.high)
        )
        SELECT candidate_id, 'value' AS field, any_value(value_text || ' ' || unit_text) AS found,
               any_value(format('{{:.4g}}', value_expected)) AS expected, any_value(name) AS detail
        FROM (
            SELECT o.*, j.name, o.sibling_value AS value_expected,
                   abs(ln(greatest(o.canonical_value / o.sibling_value, o.sibling_value / o.canonical_value) / j.ratio))
                       AS off
            FROM other o JOIN jump j ON true
        ) WHERE off < ln(1 + {limit("jump_tolerance")}) GROUP BY candidate_id
    """


@check("PLA003", clause="468 附录 8: cross-comparison", severity=Severity.ADVISE, requires=["VAL010"])
def value_is_no_outlier() -> str:
    """The value is no outlier among comparable values: modified z of ln(value) within the limit."""
    return f"""
        WITH peer AS (
            SELECT k.candidate_id, k.origin, ln(k.canonical_value) AS x,
                   concat_ws('|', lower(coalesce(k.flow, k.category)), k.boundary, k.gas, k.canonical_unit, k.quantity,
                             k.source_id) AS peers
            FROM comparable k WHERE k.canonical_value > 0 AND coalesce(k.flow, k.category) IS NOT NULL
        ), centre AS (
            SELECT peers, median(x) AS middle, count(*) AS n FROM peer GROUP BY peers
            HAVING count(*) >= {limit("outlier_min_group")}
        ), spread AS (
            SELECT peers, any_value(middle) AS middle, any_value(n) AS n, median(abs(x - middle)) AS mad
            FROM peer JOIN centre USING (peers) GROUP BY peers HAVING median(abs(x - middle)) > 0
        )
        SELECT p.candidate_id, 'value' AS field, any_value(c.value_text || ' ' || coalesce(c.unit_text, '')) AS found,
               format('{{:.4g}}', any_value(exp(s.middle))) AS expected,
               format('z = {{:.1f}}, n = {{}}', any_value(0.6745 * (p.x - s.middle) / s.mad), any_value(s.n)) AS detail
        FROM peer p JOIN spread s USING (peers) JOIN candidate c USING (candidate_id)
        WHERE p.origin = 'batch' AND abs(0.6745 * (p.x - s.middle) / s.mad) > {limit("outlier_modified_z")}
        GROUP BY p.candidate_id
    """


@check("PLA005", clause="指引 (三): boundary", severity=Severity.REVIEW, requires=["VAL010"])
def direct_is_within_life_cycle() -> str:
    """Direct emissions are not more than the life cycle of the same product, place and year."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, any_value(o.value_text) AS expected,
               any_value(coalesce(o.name_zh, o.name_en)) AS detail
        FROM candidate c JOIN comparable o
          ON lower(o.flow) = lower(c.flow) AND o.region = c.region AND o.reference_year = c.reference_year
         AND o.per_unit = c.per_unit AND coalesce(o.technology, '') = coalesce(c.technology, '')
        WHERE c.boundary = 'direct' AND c.gas IN ('CO2', 'CO2e')
          AND o.boundary IN ('cradle_to_gate', 'cradle_to_grave') AND o.gas = 'CO2e'
          AND c.canonical_value > o.canonical_value
        GROUP BY c.candidate_id, c.value_text
    """


@check("PLA006", clause="domain 6: a flat ±10 % rule would flag official data", severity=Severity.REVIEW,
       requires=["VAL010"])  # fmt: skip
def series_is_continuous() -> str:
    """The change from year to year is within the spread of its own family.

    The family is the same source line, product and technology over all regions; the change is ln(this/last); its
    median and median absolute deviation over the family are the yardstick, with a floor on the spread.
    """
    return f"""
        WITH step AS (
            SELECT candidate_id, origin, flow, technology, boundary, gas, canonical_unit, reference_year, region,
                   ln(canonical_value / lag(canonical_value) OVER w) AS change,
                   lag(value_text) OVER w AS earlier, reference_year - lag(reference_year) OVER w AS years
            FROM comparable
            WHERE canonical_value > 0 AND region IS NOT NULL AND reference_year IS NOT NULL AND flow IS NOT NULL
            WINDOW w AS (PARTITION BY series_key, publisher ORDER BY reference_year)
        ), family AS (
            SELECT flow, technology, boundary, gas, canonical_unit, reference_year, median(change) AS middle,
                   count(change) AS n
            FROM step WHERE years = 1 GROUP BY ALL HAVING count(change) >= {limit("series_family_minimum")}
        ), scaled AS (
            SELECT s.*, f.middle, f.n, median(abs(s.change - f.middle)) OVER (PARTITION BY s.flow, s.technology,
                   s.boundary, s.gas, s.canonical_unit, s.reference_year) AS mad
            FROM step s JOIN family f ON s.flow = f.flow AND s.technology IS NOT DISTINCT FROM f.technology
             AND s.boundary = f.boundary AND s.gas IS NOT DISTINCT FROM f.gas
             AND s.canonical_unit = f.canonical_unit AND s.reference_year = f.reference_year
            WHERE s.years = 1
        )
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, s.earlier AS expected,
               format('{{:+.1f}} %, {{:+.1f}} %, n = {{}}', 100 * (exp(s.change) - 1), 100 * (exp(s.middle) - 1), s.n)
                   AS detail
        FROM scaled s JOIN candidate c USING (candidate_id)
        WHERE s.origin = 'batch' AND abs(s.change - s.middle) >
              {limit("series_z")} * greatest(1.4826 * s.mad, {limit("series_spread_floor")})
    """


@check("PLA007", clause="ux 1.1 row 3: suspicious homogeneity", severity=Severity.REVIEW, requires=["VAL010"])
def values_are_not_suspiciously_alike() -> str:
    """Different products of one batch do not share one value to three digits and more."""
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, h.products || ' × ' || c.value_text AS expected,
               h.examples AS detail
        FROM candidate c JOIN (
            SELECT batch_id, value_text, canonical_unit, count(DISTINCT lower(flow)) AS products,
                   array_to_string(list_slice(list_sort(list_distinct(list(flow))), 1, 3), '; ') AS examples
            FROM candidate
            WHERE kind = 'factor' AND flow IS NOT NULL AND value <> 0
              AND length(regexp_replace(split_part(lower(value_text), 'e', 1), '[^0-9]|^0*\\.?0*', '', 'g')) >= 3
            GROUP BY batch_id, value_text, canonical_unit
            HAVING count(DISTINCT lower(flow)) >= {limit("homogeneity_products")}
        ) h USING (batch_id, value_text, canonical_unit)
        WHERE c.kind = 'factor'
    """


CHECKS = (
    value_is_in_its_range, value_does_not_jump, value_is_no_outlier, direct_is_within_life_cycle, series_is_continuous,
    values_are_not_suspiciously_alike,
)  # fmt: skip
