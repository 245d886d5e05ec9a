"""DUP: one thing, one value. Repeated rows, one id with two values, branches of one factor, known factors.

Each question first finds the few keys that repeat, then looks at their rows.
"""

from factordb.checks.base import check
from factordb.model.vocabulary import Severity

_ROUNDING = "coalesce(half_digit * abs(to_canonical), 0)"
_DIFFER = (
    f"(max(canonical_value - {_ROUNDING}) - min(canonical_value + {_ROUNDING}) > 1e-12 * abs(max(canonical_value)) "
    "OR min(canonical_unit) <> max(canonical_unit))"
)
"""Beyond the rounding of both: one factor printed per kilometre and per mile has one value."""


@check("DUP001", clause="domain 7: one factor repeated", severity=Severity.ADVISE)
def row_is_not_repeated() -> str:
    """The same record does not stand twice in what is submitted; the first of equals goes on."""
    return """
        WITH twice AS (
            SELECT factor_id, version_id FROM candidate GROUP BY factor_id, version_id HAVING count(*) > 1
        )
        SELECT candidate_id, 'row' AS field, value_text AS found, first_place AS expected, '' AS detail
        FROM (SELECT candidate_id, value_text, row_number() OVER w AS nth, first_value(place) OVER w AS first_place
              FROM candidate JOIN twice USING (factor_id, version_id)
              WINDOW w AS (PARTITION BY factor_id, version_id ORDER BY batch_id, row_no, candidate_id))
        WHERE nth > 1
    """


@check("DUP002", clause="468 (八): unique codes; domain 7: one id with 1723.03 and 99.41", severity=Severity.BLOCK)
def one_id_has_one_value() -> str:
    """One identifier carries one value.

    Within one batch: a later batch of the same source brings new versions, see DUP005.
    """
    return f"""
        WITH many AS (
            SELECT batch_id, factor_id FROM candidate GROUP BY batch_id, factor_id HAVING count(*) > 1 AND {_DIFFER}
        ), told AS (
            SELECT candidate_id, batch_id, factor_id, value_text, place,
                   concat_ws(' ', value_text, unit_text) AS words FROM candidate JOIN many USING (batch_id, factor_id)
        )
        SELECT candidate_id, 'value' AS field, value_text AS found, others AS expected, place AS detail
        FROM told JOIN (SELECT batch_id, factor_id, string_agg(DISTINCT words, ' | ' ORDER BY words) AS others
                        FROM told GROUP BY ALL) USING (batch_id, factor_id)
    """


@check("DUP003", clause="domain 7: a default and a measured value for one key", severity=Severity.REVIEW,
       requires=["DUP002"])  # fmt: skip
def one_key_has_one_value() -> str:
    """One source gives one value for the same product, place, year, technology and boundary."""
    return f"""
        WITH many AS (
            SELECT batch_id, own_series_key, reference_year FROM comparable WHERE origin = 'batch'
            GROUP BY ALL HAVING count(*) > 1 AND {_DIFFER}
        ), told AS (
            SELECT k.candidate_id, m.*, k.value_text, coalesce(k.name_zh, k.name_en, k.flow) AS name
            FROM comparable k JOIN many m ON m.own_series_key = k.own_series_key AND m.batch_id = k.batch_id
             AND m.reference_year IS NOT DISTINCT FROM k.reference_year
            WHERE k.origin = 'batch'
        ), others AS (
            SELECT batch_id, own_series_key, reference_year,
                   array_to_string(list_slice(list_sort(list_distinct(list(value_text))), 1, 5), ' | ') AS words
            FROM told GROUP BY ALL
        )
        SELECT t.candidate_id, 'value' AS field, t.value_text AS found, o.words AS expected, t.name AS detail
        FROM told t JOIN others o ON o.own_series_key = t.own_series_key AND o.batch_id = t.batch_id
         AND o.reference_year IS NOT DISTINCT FROM t.reference_year
    """


@check("DUP004", clause="domain 7: one factor under hundreds of industry branches", severity=Severity.ADVISE,
       when="c.category IS NOT NULL")  # fmt: skip
def branches_are_merged() -> str:
    """A factor listed under several branches is one factor; its branches are kept with it.

    Asked of things that have one value in all their branches: where branches differ in value they are no repetition.
    """
    return f"""
        WITH branched AS (
            SELECT source_id, series_key, reference_year FROM comparable
            WHERE origin = 'batch' AND category IS NOT NULL AND canonical_value IS NOT NULL
            GROUP BY ALL HAVING min(category) <> max(category) AND NOT {_DIFFER}
        )
        SELECT candidate_id, 'category' AS field, category AS found, first_category AS expected,
               CAST(branches AS VARCHAR) AS detail
        FROM (SELECT k.candidate_id, k.category, first_value(k.category) OVER w AS first_category,
                     count(DISTINCT k.category) OVER (PARTITION BY k.source_id, k.series_key, k.reference_year)
                         AS branches
              FROM comparable k JOIN branched b ON b.series_key = k.series_key AND b.source_id = k.source_id
               AND b.reference_year IS NOT DISTINCT FROM k.reference_year
              WHERE k.origin = 'batch' AND k.category IS NOT NULL AND k.canonical_value IS NOT NULL
              WINDOW w AS (PARTITION BY k.source_id, k.series_key, k.reference_year
                           ORDER BY k.batch_id, k.row_no, k.candidate_id))
        WHERE category <> first_category
    """


@check("DUP005", clause="468 (二): update", severity=Severity.ADVISE, needs_library=True)
def new_version_is_seen() -> str:
    """A factor the library knows already comes as a new version of it, and the difference is shown."""
    return """
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found,
               arg_max(p.value_text, p.published_on) AS expected,
               format('{:+.2f} %', 100 * (c.canonical_value / arg_max(p.canonical_value, p.published_on) - 1)) AS detail
        FROM candidate c JOIN pool p USING (factor_id)
        WHERE p.version_id <> c.version_id AND p.canonical_value <> 0 AND p.canonical_unit = c.canonical_unit
        GROUP BY c.candidate_id, c.value_text, c.canonical_value
    """


@check("DUP006", clause="468 (二): update", severity=Severity.ADVISE, needs_library=True)
def record_is_new() -> str:
    """The record is not in the library already, word for word."""
    return """
        SELECT c.candidate_id, 'row' AS field, c.value_text AS found, min(p.place) AS expected, '' AS detail
        FROM candidate c JOIN pool p USING (factor_id, version_id) GROUP BY c.candidate_id, c.value_text
    """


CHECKS = (row_is_not_repeated, one_id_has_one_value, one_key_has_one_value, branches_are_merged, new_version_is_seen,
          record_is_new)  # fmt: skip
