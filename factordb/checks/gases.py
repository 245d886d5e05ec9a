"""GAS: which gases a value counts, under which GWP set, and whether the parts agree with the whole.

Gases and total are compared in kilograms per declared unit: as published, or in the canonical one where the gases'
own unit names it.
"""

from factordb.checks.base import RowRule, check, limit, rows_that
from factordb.model.vocabulary import Severity

_PREFIX = "coalesce(TRY_CAST(regexp_extract(c.unit, '^10\\^(\\d+) ', 1) AS INTEGER), 0)"
_KILOGRAMS = (
    f"(pow(10, {_PREFIX}) * CASE regexp_extract(c.unit, '^(?:10\\^\\d+ )?(mg|kg|Mg|kt|Gg|Mt|Tg|g|t) ?CO2e', 1) "
    "WHEN 'mg' THEN 1e-6 WHEN 'g' THEN 1e-3 WHEN 'kg' THEN 1 WHEN 't' THEN 1e3 WHEN 'Mg' THEN 1e3 WHEN 'kt' THEN 1e6 "
    "WHEN 'Gg' THEN 1e6 WHEN 'Mt' THEN 1e9 WHEN 'Tg' THEN 1e9 END)"
)
"""Kilograms in the mass unit of a published CO2e unit: SI prefixes only; NULL for any other unit."""


def _with(parts: str) -> str:
    """Return the ground of a rule on gas amounts: they are there, and their masses and the total's are known."""
    return (
        "c.candidate_id IN (SELECT g.candidate_id FROM gas_amount g JOIN candidate c USING (candidate_id) "
        f"WHERE c.kind = 'factor' AND {parts} AND g.amount_kg IS NOT NULL AND {_KILOGRAMS} IS NOT NULL)"
    )


_MASSES = _with("NOT g.is_co2e")
_PARTS = _with("g.is_co2e")


def _sums(parts: str) -> str:
    """Return SQL of each candidate's gases: total and half digit in kg, sums as read and weighted."""
    return f"""
        SELECT *, stated_kg - as_read AS off_as_read, stated_kg - co2e AS off_co2e,
               greatest(coalesce(half_kg, 0), {limit("gas_sum_tolerance")} * abs(as_read)) AS as_read_tolerance,
               greatest(coalesce(half_kg, 0), {limit("gas_sum_tolerance")} * abs(co2e)) AS co2e_tolerance
        FROM (
            SELECT c.candidate_id, c.value_text, c.gwp_set,
                   any_value(CASE WHEN g.unit_text LIKE '%/%' THEN c.to_canonical ELSE {_KILOGRAMS} END) AS kg_per_unit,
                   any_value(c.value) * kg_per_unit AS stated_kg, any_value(c.half_digit) * kg_per_unit AS half_kg,
                   sum(g.amount_kg) AS as_read, sum(g.amount_kg * w.gwp100) AS co2e,
                   max(g.amount_kg) FILTER (w.gwp100 >= 1) AS largest,
                   bool_and(w.gwp100 IS NOT NULL AND g.amount_kg IS NOT NULL) AS known,
                   bool_and(g.amount_kg IS NOT NULL) AS read,
                   string_agg(g.gas || ' ' || g.amount_text, ' + ' ORDER BY g.gas) AS words
            FROM gas_amount g JOIN candidate c USING (candidate_id)
            LEFT JOIN gwp w ON w.gas = g.gas AND w.gas_set = c.gwp_set
            WHERE {parts} AND g.amount IS NOT NULL AND c.value IS NOT NULL
            GROUP BY c.candidate_id, c.value_text, c.gwp_set
        )
    """


@check("GAS001", clause="468 附录 6", severity=Severity.REVIEW, when="c.kind = 'gas_factor'")
def gas_is_known() -> RowRule:
    """The gas is one of the GWP tables, or an element the unit converts from."""
    return rows_that(
        "c.gas IS NOT NULL AND c.gas NOT IN (SELECT gas FROM gwp) AND c.gas NOT IN ('C', 'N2O-N', 'CO2-C', 'CH4-C')",
        field="unit", found="c.gas",
    )  # fmt: skip


@check("GAS002", clause="468 附录 6, 9: the set of the national inventory", severity=Severity.GAP, core=False,
       when="c.kind = 'factor'")  # fmt: skip
def gwp_set_is_named() -> RowRule:
    """A CO2e value names the GWP set it was made with.

    Not core: official Chinese footprint notices do not name one; the release then says "not stated".
    """
    return rows_that("c.gwp_set IS NULL", field="gwp_set", found="''", detail="c.unit_text")


@check("GAS008", clause="domain 2", severity=Severity.BLOCK, requires=["GAS002"], when="c.kind = 'factor'")
def gwp_set_is_known() -> RowRule:
    """The named GWP set is one the library holds."""
    return rows_that("c.gwp_set NOT IN (SELECT gas_set FROM gwp)", field="gwp_set", found="c.gwp_set",
                     expected="(SELECT string_agg(DISTINCT gas_set, ', ' ORDER BY gas_set) FROM gwp)")  # fmt: skip


@check("GAS006", clause="domain 7: kg CO2e in columns named kgCH4", severity=Severity.BLOCK,
       requires=["GAS002", "GAS008"], when=_MASSES)  # fmt: skip
def gas_columns_hold_masses() -> str:
    """Columns named after a gas hold its mass, not CO2e.

    Broken where the columns add up to the CO2e as they stand, but not when weighted with the GWP set.
    """
    return f"""
        SELECT candidate_id, 'gases' AS field, words AS found, value_text AS expected,
               format('{{:.6g}} / {{:.6g}}', as_read / kg_per_unit, co2e / kg_per_unit) AS detail
        FROM ({_sums("NOT g.is_co2e")})
        WHERE known AND abs(off_as_read) <= as_read_tolerance AND abs(off_co2e) > co2e_tolerance
    """


@check("GAS003", clause="468 附录 6: factor = Σ gas × GWP", severity=Severity.BLOCK,
       requires=["GAS002", "GAS008", "GAS006"], when=_MASSES)  # fmt: skip
def co2e_agrees_with_its_gases() -> str:
    """The stated CO2e equals the sum of its gases under the GWP set it names.

    Tolerance: half a unit of the last published digit, at least the named relative limit (0.5 %).
    """
    return f"""
        SELECT candidate_id, 'value' AS field, value_text AS found,
               format('{{:.6g}}', co2e / kg_per_unit) AS expected, gwp_set AS detail
        FROM ({_sums("NOT g.is_co2e")}) WHERE known AND abs(off_co2e) > co2e_tolerance
    """


@check("GAS004", clause="468 附录 6", severity=Severity.BLOCK, when=_PARTS)
def co2e_parts_add_up() -> str:
    """Parts given in CO2e add up to the stated total."""
    return f"""
        SELECT candidate_id, 'value' AS field, value_text AS found,
               format('{{:.6g}}', as_read / kg_per_unit) AS expected, words AS detail
        FROM ({_sums("g.is_co2e")}) WHERE read AND abs(off_as_read) > as_read_tolerance
    """


@check("GAS005", clause="domain 2: a CO2-only factor is never relabelled", severity=Severity.BLOCK,
       when="c.kind = 'factor'")  # fmt: skip
def co2_only_is_not_called_co2e() -> str:
    """A CO2-only value is not labelled CO2e: neither by its name nor by equalling an official CO2-only value.

    The official value is one of the same product, place and year.

    An official value of two digits equals many things by chance: only those of three and more are compared.
    """
    return """
        WITH official AS (
            SELECT DISTINCT lower(flow) AS flow, region, per_unit, reference_year, canonical_value FROM comparable
            WHERE gas = 'CO2' AND tier = 'official' AND half_digit <= 0.005 * abs(value)
        ), same AS (
            SELECT DISTINCT c.candidate_id FROM candidate c JOIN official o
              ON o.flow = lower(c.flow) AND o.region = c.region AND o.per_unit = c.per_unit
             AND o.reference_year = c.reference_year
            WHERE c.kind = 'factor' AND abs(o.canonical_value - c.canonical_value) <= 1e-9 * abs(c.canonical_value)
        )
        SELECT c.candidate_id, 'unit' AS field, c.unit_text AS found,
               regexp_replace(c.unit_text, 'CO[2₂][ -]?e(q\\.?)?', 'CO2') AS expected,
               coalesce(c.name_zh, c.name_en, c.flow) AS detail
        FROM candidate c LEFT JOIN same s USING (candidate_id)
        WHERE c.kind = 'factor' AND (
            s.candidate_id IS NOT NULL
            OR regexp_matches(coalesce(c.name_zh, ''), '二氧化碳(排放因子|排放系数)')
            OR regexp_matches(coalesce(c.name_en, ''), '(?i)\\bCO2 (only|emission factor)')
        )
    """


@check("GAS007", clause="a part cannot exceed the whole", severity=Severity.BLOCK, requires=["GAS006"],
       when=f"c.direction = 'emission' AND {_MASSES}")  # fmt: skip
def no_gas_exceeds_the_total() -> str:
    """No gas alone is more than the CO2e total."""
    return f"""
        SELECT candidate_id, 'gases' AS field, words AS found, value_text AS expected, '' AS detail
        FROM ({_sums("NOT g.is_co2e")})
        WHERE largest > abs(stated_kg) * (1 + {limit("gas_sum_tolerance")}) + coalesce(half_kg, 0)
    """


@check("GAS009", clause="468 附录 9: gases are listed", severity=Severity.ADVISE, when=_MASSES)
def gases_have_a_gwp() -> str:
    """Every listed gas has a GWP in the named set."""
    return """
        SELECT c.candidate_id, 'gases' AS field, string_agg(DISTINCT g.gas, ', ' ORDER BY g.gas) AS found,
               any_value(c.gwp_set) AS expected, '' AS detail
        FROM candidate c JOIN gas_amount g USING (candidate_id)
        ANTI JOIN gwp w ON w.gas = g.gas AND w.gas_set = c.gwp_set
        WHERE c.gwp_set IS NOT NULL AND NOT g.is_co2e
        GROUP BY c.candidate_id
    """


CHECKS = (
    gas_is_known, gwp_set_is_named, co2e_agrees_with_its_gases, co2e_parts_add_up, co2_only_is_not_called_co2e,
    gas_columns_hold_masses, no_gas_exceeds_the_total, gwp_set_is_known, gases_have_a_gwp,
)  # fmt: skip
