"""GAS: which gases a value counts, under which GWP set, and whether the parts agree with the whole."""

from factordb.checks.base import check, limit, rows_that
from factordb.model.vocabulary import Severity

_MASSES = "EXISTS (SELECT 1 FROM gas_amount g WHERE g.candidate_id = c.candidate_id AND NOT g.is_co2e)"
_PARTS = "EXISTS (SELECT 1 FROM gas_amount g WHERE g.candidate_id = c.candidate_id AND g.is_co2e)"
_HAS_CH4_OR_N2O = (
    "EXISTS (SELECT 1 FROM gas_amount g WHERE g.candidate_id = c.candidate_id AND NOT g.is_co2e "
    "AND g.gas <> 'CO2' AND g.amount > 0)"
)
_SUMS = """
    SELECT g.candidate_id, sum(g.amount) AS as_read, sum(g.amount * w.gwp100) AS co2e,
           bool_and(w.gwp100 IS NOT NULL) AS known, max(g.amount) AS largest,
           string_agg(g.gas || ' ' || g.amount_text, ' + ' ORDER BY g.gas) AS words
    FROM gas_amount g JOIN candidate c USING (candidate_id)
    LEFT JOIN gwp w ON w.gas = g.gas AND w.gas_set = c.gwp_set
    WHERE {} GROUP BY g.candidate_id
"""


def _tolerance(sum_sql: str) -> str:
    return f"greatest(coalesce(c.half_digit, 0), {limit('gas_sum_tolerance')} * abs({sum_sql}))"


@check("GAS001", clause="468 附录 6", severity=Severity.REVIEW, when="c.kind = 'gas_factor'")
def gas_is_known() -> str:
    """The gas is one of the GWP tables, or an element the unit converts from."""
    return rows_that(
        "c.gas IS NOT NULL AND c.gas NOT IN (SELECT gas FROM gwp) AND c.gas NOT IN ('C', 'N2O-N', 'CO2-C', 'CH4-C')",
        field="unit", found="c.gas",
    )  # fmt: skip


@check("GAS002", clause="468 附录 6, 9: the set of the national inventory", severity=Severity.GAP, core=False,
       when="c.kind = 'factor'")  # fmt: skip
def gwp_set_is_named() -> str:
    """A CO2e value names the GWP set it was made with.

    Not core: official Chinese footprint notices do not name one; the release then says "not stated".
    """
    return rows_that("c.gwp_set IS NULL", field="gwp_set", found="''", detail="c.unit_text")


@check("GAS008", clause="domain 2", severity=Severity.BLOCK, requires=["GAS002"], when="c.kind = 'factor'")
def gwp_set_is_known() -> str:
    """The named GWP set is one the library holds."""
    return rows_that("c.gwp_set NOT IN (SELECT gas_set FROM gwp)", field="gwp_set", found="c.gwp_set",
                     expected="(SELECT string_agg(DISTINCT gas_set, ', ' ORDER BY gas_set) FROM gwp)")  # fmt: skip


@check("GAS006", clause="domain 7: kg CO2e in columns named kgCH4", severity=Severity.BLOCK,
       requires=["GAS002", "GAS008"], when=f"c.kind = 'factor' AND {_HAS_CH4_OR_N2O}")  # fmt: skip
def gas_columns_hold_masses() -> str:
    """Columns named after a gas hold its mass, not CO2e.

    Broken where the columns add up to the CO2e as they stand, but not when weighted with the GWP set.
    """
    return f"""
        SELECT c.candidate_id, 'gases' AS field, s.words AS found, c.value_text AS expected,
               format('{{:.6g}} / {{:.6g}}', s.as_read, s.co2e) AS detail
        FROM candidate c JOIN ({_SUMS.format("NOT g.is_co2e")}) s USING (candidate_id)
        WHERE s.known AND abs(c.value - s.as_read) <= {_tolerance("s.as_read")}
          AND abs(c.value - s.co2e) > {_tolerance("s.co2e")}
    """


@check("GAS003", clause="468 附录 6: factor = Σ gas × GWP", severity=Severity.BLOCK,
       requires=["GAS002", "GAS008", "GAS006"], when=f"c.kind = 'factor' AND {_MASSES}")  # fmt: skip
def co2e_agrees_with_its_gases() -> str:
    """The stated CO2e equals the sum of its gases under the GWP set it names.

    Tolerance: half a unit of the last published digit, at least the named relative limit (0.5 %).
    """
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, format('{{:.6g}}', s.co2e) AS expected,
               c.gwp_set AS detail
        FROM candidate c JOIN ({_SUMS.format("NOT g.is_co2e")}) s USING (candidate_id)
        WHERE s.known AND abs(c.value - s.co2e) > {_tolerance("s.co2e")}
    """


@check("GAS004", clause="468 附录 6", severity=Severity.BLOCK, when=f"c.kind = 'factor' AND {_PARTS}")
def co2e_parts_add_up() -> str:
    """Parts given in CO2e add up to the stated total."""
    return f"""
        SELECT c.candidate_id, 'value' AS field, c.value_text AS found, format('{{:.6g}}', s.as_read) AS expected,
               s.words AS detail
        FROM candidate c JOIN ({_SUMS.format("g.is_co2e")}) s USING (candidate_id)
        WHERE abs(c.value - s.as_read) > {_tolerance("s.as_read")}
    """


@check("GAS005", clause="domain 2: a CO2-only factor is never relabelled", severity=Severity.BLOCK,
       when="c.kind = 'factor'")  # fmt: skip
def co2_only_is_not_called_co2e() -> str:
    """A CO2-only value is not labelled CO2e: neither by its name nor by equalling an official CO2-only value."""
    return """
        SELECT c.candidate_id, 'unit' AS field, c.unit_text AS found, replace(c.unit_text, 'CO2e', 'CO2') AS expected,
               coalesce(c.name_zh, c.name_en) AS detail
        FROM candidate c
        WHERE regexp_matches(coalesce(c.name_zh, ''), '二氧化碳(排放因子|排放系数)')
           OR regexp_matches(coalesce(c.name_en, ''), '(?i)\\bCO2 (only|emission factor)')
           OR EXISTS (
               SELECT 1 FROM comparable o
               WHERE o.gas = 'CO2' AND o.tier = 'official' AND o.region = c.region AND o.per_unit = c.per_unit
                 AND o.reference_year = c.reference_year AND o.value = c.value AND o.half_digit <= 0.005 * abs(o.value)
           )
    """


@check("GAS007", clause="a part cannot exceed the whole", severity=Severity.BLOCK, requires=["GAS006"],
       when=f"c.kind = 'factor' AND c.direction = 'emission' AND {_MASSES}")  # fmt: skip
def no_gas_exceeds_the_total() -> str:
    """No gas alone is more than the CO2e total."""
    return f"""
        SELECT c.candidate_id, 'gases' AS field, s.words AS found, c.value_text AS expected, '' AS detail
        FROM candidate c JOIN ({_SUMS.format("NOT g.is_co2e")}) s USING (candidate_id)
        WHERE s.largest > abs(c.value) * (1 + {limit("gas_sum_tolerance")}) + coalesce(c.half_digit, 0)
    """


@check("GAS009", clause="468 附录 9: gases are listed", severity=Severity.ADVISE,
       when=f"c.kind = 'factor' AND {_MASSES}")  # fmt: skip
def gases_have_a_gwp() -> str:
    """Every listed gas has a GWP in the named set."""
    return """
        SELECT c.candidate_id, 'gases' AS field, string_agg(DISTINCT g.gas, ', ' ORDER BY g.gas) AS found,
               any_value(c.gwp_set) AS expected, '' AS detail
        FROM candidate c JOIN gas_amount g USING (candidate_id)
        WHERE c.gwp_set IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM gwp w WHERE w.gas = g.gas AND w.gas_set = c.gwp_set)
        GROUP BY c.candidate_id
    """


CHECKS = (
    gas_is_known, gwp_set_is_named, co2e_agrees_with_its_gases, co2e_parts_add_up, co2_only_is_not_called_co2e,
    gas_columns_hold_masses, no_gas_exceeds_the_total, gwp_set_is_known, gases_have_a_gwp,
)  # fmt: skip
