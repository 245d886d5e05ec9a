"""PLA: is the value believable among its kind. Implausible values do not reject, but must be explained."""

from factordb.checks.base import SIGNIFICANT, check, limit
from factordb.model.vocabulary import Severity

_FLOW = "lower(coalesce({0}.flow, {0}.name_en, {0}.name_zh))"
_UNIT = "CASE {0}.boundary WHEN 'direct' THEN replace({0}.canonical_unit, 'CO2e', 'CO2') ELSE {0}.canonical_unit END"
"""For direct emissions of burning, CO2 and CO2e are within some per cent: they are siblings."""


@check("PLA001", clause="468 附录 8; domain 6", severity=Severity.REVIEW, requires=["VAL010"])
def value_is_in_its_range() -> str:
    """The value lies in the declared range of its family.

    Ranges and families of flows stand in reference/plausibility.
    """
    return f"""
        SELECT c.candidate_id, 'value' AS field, concat_ws(' ', c.value_text, c.unit_text) AS found,
               min(format('{{:.4g}} – {{:.4g}} {{}}', r.low, r.high, r.canonical_unit)) AS expected,
               min(r.source) AS detail
        FROM candidate c
        JOIN flow_family f ON f.flow = {_FLOW.format("c")}
        JOIN plausible_range r ON r.family = f.family AND r.canonical_unit = c.canonical_unit
         AND r.quantity IS NOT DISTINCT FROM c.quantity
        WHERE c.direction = 'emission' AND (r.boundary IS NULL OR r.boundary = c.boundary)
          AND (c.canonical_value < r.low * (1 - 1e-9) OR c.canonical_value > r.high * (1 + 1e-9))
        GROUP BY c.candidate_id, c.value_text, c.unit_text
    """


@check("PLA002", clause="domain 7: ten times too small; mJ read as MJ; C read as CO2", severity=Severity.REVIEW,
       requires=["VAL010"])  # fmt: skip
def value_does_not_jump() -> str:
    """The value does not differ from its siblings by 10, 100, 1000, 3.6 or 44/12.

    Siblings share family of flows, boundary, technology, direction, quantity and declared unit (CO2 and CO2e of
    burning count as one). The yardstick is the best kind of source among them, by the order of clause (五): the median
    of its values where they agree among themselves; of two values of one rank from different sources each is held
    against the other. An official value is thus never held against a lesser one.
    """
    return f"""
        WITH member AS (
            SELECT k.candidate_id, k.origin, k.source_id, k.canonical_value, t.rank,
                   hash(coalesce(f.family, {_FLOW.format("k")}), k.boundary, coalesce(k.technology, ''), k.direction,
                        coalesce(k.quantity, ''), {_UNIT.format("k")}) AS kin
            FROM comparable k JOIN tier_rank t ON t.tier = k.tier
            LEFT JOIN flow_family f ON f.flow = {_FLOW.format("k")}
            WHERE k.canonical_value > 0 AND k.per_unit IS NOT NULL AND {_FLOW.format("k")} IS NOT NULL
        ), several AS (
            SELECT kin, min(rank) AS rank FROM member GROUP BY kin HAVING count(*) > 1
        ), yardstick AS (
            SELECT kin, rank, count(*) AS n, median(canonical_value) AS centre, mad(ln(canonical_value)) AS spread,
                   min(canonical_value) AS low, max(canonical_value) AS high, min(source_id) <> max(source_id) AS apart
            FROM member JOIN several USING (kin, rank) GROUP BY kin, rank
        ), held AS (
            SELECT m.candidate_id, m.canonical_value,
                   CASE WHEN m.rank = y.rank AND y.n = 2
                        THEN CASE WHEN y.apart THEN y.low + y.high - m.canonical_value END
                        WHEN (m.rank > y.rank OR y.n > 2) AND y.spread <= ln(1 + {limit("jump_sibling_spread")})
                        THEN y.centre END AS sibling
            FROM member m JOIN yardstick y USING (kin) WHERE m.origin = 'batch'
        ), off AS (
            SELECT candidate_id, sibling, arg_min(j.name, abs(ln(ratio_found / j.ratio))) AS name
            FROM (SELECT *, greatest(canonical_value / sibling, sibling / canonical_value) AS ratio_found FROM held
                  WHERE greatest(canonical_value / sibling, sibling / canonical_value) > 2) h
            JOIN jump j ON abs(ln(h.ratio_found / j.ratio)) < ln(1 + j.tolerance)
            GROUP BY candidate_id, sibling
        )
        SELECT c.candidate_id, 'value' AS field, concat_ws(' ', c.value_text, c.unit_text) AS found,
               concat_ws(' ', format('{{:.4g}}', o.sibling / c.to_canonical), c.unit_text) AS expected, o.name AS detail
        FROM off o JOIN candidate c USING (candidate_id)
    """


@check("PLA003", clause="468 附录 8: cross-comparison", severity=Severity.ADVISE, requires=["VAL010"])
def value_is_no_outlier() -> str:
    """The value is no outlier among comparable values: modified z of ln(value) within the limit.

    Comparable: one source's values of one product, technology, boundary and unit. The deviation is scaled by the
    median absolute deviation of its own side of the median, since shares of hydropower and the like make one tail long.
    """
    return f"""
        WITH peer AS (
            SELECT k.candidate_id, k.origin, k.canonical_value, k.to_canonical, k.value_text, k.unit_text,
                   hash(lower(coalesce(k.flow, k.category)), k.boundary, coalesce(k.technology, ''), k.direction,
                        coalesce(k.gas, ''), k.canonical_unit, coalesce(k.quantity, ''), k.source_id) AS peers
            FROM comparable k WHERE k.canonical_value > 0 AND coalesce(k.flow, k.category) IS NOT NULL
        ), many AS (
            SELECT peers, median(ln(canonical_value)) AS middle, count(*) AS n FROM peer
            WHERE peers IN (SELECT peers FROM peer GROUP BY peers HAVING count(*) >= {limit("outlier_min_group")})
            GROUP BY peers
        ), apart AS (
            SELECT p.*, m.middle, m.n, ln(p.canonical_value) - m.middle AS deviation
            FROM peer p JOIN many m USING (peers)
        ), side AS (
            SELECT peers, median(-deviation) FILTER (deviation <= 0) AS below,
                   median(deviation) FILTER (deviation >= 0) AS above FROM apart GROUP BY peers
        ), scored AS (
            SELECT a.*, 0.6745 * a.deviation / CASE WHEN a.deviation < 0 THEN s.below ELSE s.above END AS z
            FROM apart a JOIN side s USING (peers)
            WHERE a.origin = 'batch' AND CASE WHEN a.deviation < 0 THEN s.below ELSE s.above END > 0
        )
        SELECT candidate_id, 'value' AS field, concat_ws(' ', value_text, unit_text) AS found,
               concat_ws(' ', format('{{:.4g}}', exp(middle) / to_canonical), unit_text) AS expected,
               format('z = {{:.1f}}, n = {{}}', z, n) AS detail
        FROM scored WHERE abs(z) > {limit("outlier_modified_z")}
    """


@check("PLA005", clause="指引 (三): boundary", severity=Severity.REVIEW, requires=["VAL010"],
       when="c.boundary = 'direct' AND c.gas IN ('CO2', 'CO2e')")  # fmt: skip
def direct_is_within_life_cycle() -> str:
    """Direct emissions are not more than the life cycle of the same product, place and year."""
    return """
        WITH whole AS (
            SELECT lower(flow) AS flow, region, reference_year, per_unit, coalesce(technology, '') AS technology,
                   max(canonical_value) AS canonical_value,
                   arg_max(concat_ws(' ', value_text, unit_text), canonical_value) AS words,
                   arg_max(coalesce(name_zh, name_en, flow), canonical_value) AS name
            FROM comparable
            WHERE boundary IN ('cradle_to_gate', 'cradle_to_grave') AND gas = 'CO2e' AND canonical_value > 0
            GROUP BY ALL
        )
        SELECT c.candidate_id, 'value' AS field, concat_ws(' ', c.value_text, c.unit_text) AS found,
               o.words AS expected, o.name AS detail
        FROM candidate c JOIN whole o
          ON o.flow = lower(c.flow) AND o.region = c.region AND o.reference_year = c.reference_year
         AND o.per_unit = c.per_unit AND o.technology = coalesce(c.technology, '')
        WHERE c.boundary = 'direct' AND c.gas IN ('CO2', 'CO2e') AND c.canonical_value > o.canonical_value
    """


@check(
    "PLA006",
    clause="domain 6: a flat ±10 % rule would flag official data",
    severity=Severity.REVIEW,
    requires=["VAL010"],
    when="c.region IS NOT NULL AND c.reference_year IS NOT NULL AND c.flow IS NOT NULL",
)
def series_is_continuous() -> str:
    """The change from year to year is within the spread of its own family.

    The family is one publisher's product and technology over all regions; the change is ln(this/last); its median and
    median absolute deviation over the family are the yardstick, with a floor on the spread.
    """
    return f"""
        WITH long AS (
            SELECT series_key FROM comparable WHERE canonical_value > 0 AND region IS NOT NULL AND flow IS NOT NULL
            GROUP BY series_key HAVING min(reference_year) < max(reference_year)
        ), point AS (
            SELECT series_key, publisher, reference_year,
                   hash(lower(flow), coalesce(technology, ''), boundary, coalesce(gas, ''), canonical_unit, publisher)
                       AS family,
                   any_value(canonical_value) AS canonical_value, min(value_text) AS value_text
            FROM comparable SEMI JOIN long USING (series_key)
            WHERE canonical_value > 0 AND region IS NOT NULL AND reference_year IS NOT NULL AND flow IS NOT NULL
            GROUP BY ALL
            HAVING max(canonical_value) - min(canonical_value) <= 1e-12 * max(canonical_value)
        ), step AS (
            SELECT *, ln(canonical_value / lag(canonical_value) OVER w) AS change, lag(value_text) OVER w AS earlier,
                   reference_year - lag(reference_year) OVER w AS years
            FROM point WINDOW w AS (PARTITION BY series_key, publisher ORDER BY reference_year)
        ), yardstick AS (
            SELECT family, reference_year, median(change) AS middle, mad(change) AS mad, count(*) AS n
            FROM step WHERE years = 1 GROUP BY ALL HAVING count(*) >= {limit("series_family_minimum")}
        ), broken AS (
            SELECT s.*, y.middle, y.n FROM step s JOIN yardstick y USING (family, reference_year)
            WHERE s.years = 1 AND abs(s.change - y.middle) >
                  {limit("series_z")} * greatest(1.4826 * y.mad, {limit("series_spread_floor")})
        )
        SELECT k.candidate_id, 'value' AS field, k.value_text AS found, b.earlier AS expected,
               format('{{:+.1f}} %, {{:+.1f}} %, n = {{}}', 100 * (exp(b.change) - 1), 100 * (exp(b.middle) - 1), b.n)
                   AS detail
        FROM broken b JOIN comparable k ON k.series_key = b.series_key AND k.reference_year = b.reference_year
         AND k.publisher IS NOT DISTINCT FROM b.publisher
        WHERE k.origin = 'batch'
    """


@check("PLA007", clause="ux 1.1 row 3: suspicious homogeneity", severity=Severity.REVIEW, requires=["VAL010"],
       when="c.kind = 'factor' AND c.flow IS NOT NULL")  # fmt: skip
def values_are_not_suspiciously_alike() -> str:
    """Different products of one batch do not share one value to three digits and more."""
    return f"""
        WITH alike AS (
            SELECT batch_id, value_text, canonical_unit, count(DISTINCT lower(flow)) AS products
            FROM candidate WHERE kind = 'factor' AND flow IS NOT NULL AND value <> 0 AND value_form = 'plain'
            GROUP BY ALL
            HAVING count(*) >= {limit("homogeneity_products")} AND {SIGNIFICANT.format("value_text")} >= 3
               AND count(DISTINCT lower(flow)) >= {limit("homogeneity_products")}
        ), told AS (
            SELECT c.candidate_id, c.flow, a.*
            FROM candidate c JOIN alike a USING (batch_id, value_text, canonical_unit)
            WHERE c.kind = 'factor' AND c.flow IS NOT NULL
        ), example AS (
            SELECT batch_id, value_text, canonical_unit,
                   array_to_string(list_slice(list_sort(list_distinct(list(flow))), 1, 3), '; ') AS words
            FROM told GROUP BY ALL
        )
        SELECT t.candidate_id, 'value' AS field, t.value_text AS found, t.products || ' × ' || t.value_text AS expected,
               e.words AS detail
        FROM told t JOIN example e USING (batch_id, value_text, canonical_unit)
    """


CHECKS = (
    value_is_in_its_range, value_does_not_jump, value_is_no_outlier, direct_is_within_life_cycle, series_is_continuous,
    values_are_not_suspiciously_alike,
)  # fmt: skip
