"""DUP: one thing, one value. Repeated rows, one id with two values, branches of one factor, known factors."""

from factordb.checks.base import check
from factordb.model.vocabulary import Severity


@check("DUP001", clause="domain 7: one factor repeated", severity=Severity.ADVISE)
def row_is_not_repeated() -> str:
    """The same record does not stand twice in what is submitted; the first of equals goes on."""
    return """
        SELECT c.candidate_id, 'row' AS field, c.value_text AS found, f.place AS expected, '' AS detail
        FROM (SELECT *, row_number() OVER w AS nth, first_value(place) OVER w AS first_place
              FROM candidate WINDOW w AS (PARTITION BY version_id, factor_id ORDER BY batch_id, place, candidate_id)
        ) c, LATERAL (SELECT c.first_place AS place) f
        WHERE c.nth > 1
    """


@check("DUP002", clause="468 (八): unique codes; domain 7: one id with 1723.03 and 99.41", severity=Severity.BLOCK)
def one_id_has_one_value() -> str:
    """One identifier carries one value."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, o.others AS expected, c.place AS detail
        FROM candidate c JOIN (
            SELECT factor_id, string_agg(DISTINCT value_text || ' ' || coalesce(unit_text, ''), ' | '
                                         ORDER BY value_text || ' ' || coalesce(unit_text, '')) AS others
            FROM candidate GROUP BY factor_id HAVING count(DISTINCT (canonical_value, canonical_unit)) > 1
        ) o USING (factor_id)
    """


@check("DUP003", clause="domain 7: a default and a measured value for one key", severity=Severity.REVIEW,
       requires=["DUP002"])  # fmt: skip
def one_key_has_one_value() -> str:
    """One source gives one value for the same product, place, year, technology and boundary."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, o.others AS expected,
               coalesce(c.name_zh, c.name_en) AS detail
        FROM comparable k JOIN candidate c USING (candidate_id) JOIN (
            SELECT own_series_key, reference_year,
                   array_to_string(list_slice(list_sort(list_distinct(list(value_text))), 1, 5), ' | ') AS others
            FROM comparable WHERE origin = 'batch'
            GROUP BY own_series_key, reference_year HAVING count(DISTINCT canonical_value) > 1
        ) o ON o.own_series_key = k.own_series_key AND o.reference_year IS NOT DISTINCT FROM k.reference_year
        WHERE k.origin = 'batch'
    """


@check("DUP004", clause="domain 7: one factor under hundreds of industry branches", severity=Severity.ADVISE)
def branches_are_merged() -> str:
    """A factor listed under several branches is one factor; its branches are kept with it."""
    return """
        SELECT c.candidate_id, 'category' AS field, c.category AS found, c.first_category AS expected,
               c.branches || ' branches' AS detail
        FROM (SELECT *, row_number() OVER w AS nth, first_value(category) OVER w AS first_category,
                     count(*) OVER (PARTITION BY source_id, name_zh, name_en, flow, canonical_value, canonical_unit,
                                    region, reference_year, technology, boundary) AS branches
              FROM candidate WHERE category IS NOT NULL
              WINDOW w AS (PARTITION BY source_id, name_zh, name_en, flow, canonical_value, canonical_unit, region,
                           reference_year, technology, boundary ORDER BY batch_id, place, candidate_id)) c
        WHERE c.nth > 1 AND c.category IS DISTINCT FROM c.first_category
    """


@check("DUP005", clause="468 (二): update", severity=Severity.ADVISE, needs_library=True)
def new_version_is_seen() -> str:
    """A factor the library knows already comes as a new version of it, and the difference is shown."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, any_value(p.value_text) AS expected,
               format('{:+.2f} %', 100 * (c.canonical_value / any_value(p.canonical_value) - 1)) AS detail
        FROM candidate c JOIN pool p USING (factor_id)
        WHERE p.version_id <> c.version_id AND p.canonical_value <> 0
        GROUP BY c.candidate_id, c.value_text, c.canonical_value
    """


@check("DUP006", clause="468 (二): update", severity=Severity.ADVISE, needs_library=True)
def record_is_new() -> str:
    """The record is not in the library already, word for word."""
    return """
        SELECT c.candidate_id, 'row' AS field, c.value_text AS found, any_value(p.place) AS expected, '' AS detail
        FROM candidate c JOIN pool p USING (factor_id, version_id) GROUP BY c.candidate_id, c.value_text
    """


CHECKS = (row_is_not_repeated, one_id_has_one_value, one_key_has_one_value, branches_are_merged, new_version_is_seen,
          record_is_new)  # fmt: skip
