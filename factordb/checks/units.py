"""UNI: the declared unit and what has to be said with it. Unreadable units are refused at intake (UNI1xx)."""

from factordb.checks.base import RowRule, check, rows_that
from factordb.model.vocabulary import Severity


@check("UNI010", clause="468 附录 1: reference flow", severity=Severity.BLOCK,
       when="c.kind IN ('factor', 'gas_factor')")  # fmt: skip
def declared_unit_is_there() -> RowRule:
    """A factor is given per a declared unit."""
    return rows_that("c.per_unit IS NULL", field="unit", found="c.unit_text")


@check("UNI011", clause="NCV and GCV differ by 5-10 %", severity=Severity.ADVISE, requires=["UNI010"],
       when="c.boundary = 'direct' AND c.dimension = 'energy' AND c.flow <> 'electricity'")  # fmt: skip
def energy_basis_is_stated() -> RowRule:
    """A combustion factor per unit of energy says whether the energy is net or gross."""
    return rows_that("c.unit_basis IS NULL", field="unit", found="c.unit_text", expected="'NCV / GCV'")


@check("UNI012", clause="a cubic metre of gas is not a normal cubic metre", severity=Severity.ADVISE,
       requires=["UNI010"], when="c.dimension = 'volume' AND c.boundary = 'direct'")  # fmt: skip
def gas_volume_basis_is_stated() -> RowRule:
    """A factor per volume of gas says at which conditions the volume is taken."""
    return rows_that(
        "c.unit_basis IS NULL AND regexp_matches(concat_ws(' ', c.flow, c.name_en), '(?i)gas|气|biogas|methane')",
        field="unit", found="c.unit_text", expected="'Nm3'",
    )  # fmt: skip


@check("UNI013", clause="domain 7: t·km and kg·km", severity=Severity.REVIEW, requires=["UNI010"])
def freight_is_per_tonne_kilometre() -> RowRule:
    """Freight transport is given per tonne-kilometre, as its field does."""
    return rows_that(
        "regexp_matches(c.unit_text, '(?i)(kg|千克|公斤)\\s*[·.*×-]?\\s*(km|千米|公里)')",
        field="unit", found="c.unit_text", expected="'t·km'", detail="c.conversion",
    )  # fmt: skip


@check("UNI014", clause="ours: one product, one kind of declared unit", severity=Severity.ADVISE, requires=["UNI010"],
       when="c.kind = 'factor'")  # fmt: skip
def unit_fits_its_family() -> str:
    """The declared unit has the dimension that its product is usually given in within this source.

    Asked of products with at least five values, four in five of which share one dimension.
    """
    return """
        WITH dimensions AS (
            SELECT source_id, flow, dimension, count(*) AS n FROM candidate
            WHERE flow IS NOT NULL AND dimension IS NOT NULL AND kind = 'factor' GROUP BY ALL
        ), usual AS (
            SELECT source_id, flow, arg_max(dimension, n) AS dimension FROM dimensions
            GROUP BY ALL HAVING sum(n) >= 5 AND max(n) < sum(n) AND max(n) >= 0.8 * sum(n)
        )
        SELECT c.candidate_id, 'unit' AS field, c.unit_text AS found, u.dimension AS expected, c.flow AS detail
        FROM candidate c JOIN usual u USING (source_id, flow) WHERE c.kind = 'factor' AND c.dimension <> u.dimension
    """


@check("UNI015", clause="contracts: kinds of number; UK flat file: kWh in the column of greenhouse gases",
       severity=Severity.REVIEW, when="c.kind = 'parameter'")  # fmt: skip
def energy_is_not_among_gases() -> RowRule:
    """What stands in a column of greenhouse gases counts a gas; energy there is a parameter, and never a factor."""
    return rows_that("c.flags LIKE '%energy in place of a gas%'", field="unit", found="c.unit_text", expected="'CO2e'",
                     detail="c.quantity")  # fmt: skip


CHECKS = (
    declared_unit_is_there, energy_basis_is_stated, gas_volume_basis_is_stated, freight_is_per_tonne_kilometre,
    unit_fits_its_family, energy_is_not_among_gases,
)  # fmt: skip
