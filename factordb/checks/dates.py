"""TIM: years and days in order, not in the future, not expired."""

from factordb.checks.base import RowRule, check, limit, rows_that
from factordb.model.vocabulary import Severity

_DAY = "(SELECT as_of FROM day)"
_DUE = (
    f"CASE WHEN c.flow = 'electricity' THEN {limit('expiry_years_electricity')} "
    f"WHEN c.tier = 'industry' THEN {limit('expiry_years_industry')} "
    f"WHEN c.tier = 'literature' THEN {limit('expiry_years_literature')} "
    f"ELSE {limit('expiry_years_official')} END"
)


@check("TIM001", clause="468 附录 2: time", severity=Severity.GAP)
def time_is_stated() -> RowRule:
    """The year of the data, or the period of validity, is stated."""
    return rows_that("c.reference_year IS NULL AND c.valid_from IS NULL AND c.published_on IS NULL",
                     field="reference_year", found="''")  # fmt: skip


@check("TIM002", clause="domain 4: a future date is an error, not recent", severity=Severity.BLOCK,
       requires=["TIM001"])  # fmt: skip
def data_are_not_of_the_future() -> RowRule:
    """The data do not describe a year to come."""
    return rows_that(f"c.reference_year > year({_DAY})", field="reference_year", found="c.reference_year",
                     expected=f"'≤ ' || year({_DAY})")  # fmt: skip


@check("TIM003", clause="domain 4", severity=Severity.BLOCK, requires=["TIM001"])
def publication_is_past() -> RowRule:
    """The source is published already."""
    return rows_that(f"c.published_on > {_DAY}", field="published_on", found="c.published_on", expected=f"{_DAY}")


@check("TIM004", clause="dates in order", severity=Severity.BLOCK)
def validity_is_in_order() -> RowRule:
    """Validity begins before it ends."""
    return rows_that("c.valid_until < c.valid_from", field="valid_until", found="c.valid_until",
                     expected="'≥ ' || c.valid_from")  # fmt: skip


@check("TIM005", clause="468 (四): prompt updates", severity=Severity.REVIEW, requires=["TIM004"],
       when="c.valid_until IS NOT NULL")  # fmt: skip
def value_has_not_expired() -> RowRule:
    """The value has not expired."""
    return rows_that(f"c.valid_until < {_DAY}", field="valid_until", found="c.valid_until", expected=f"'≥ ' || {_DAY}")


@check("TIM006", clause="dates in order", severity=Severity.BLOCK, requires=["TIM002", "TIM003"],
       when="c.published_on IS NOT NULL AND c.reference_year IS NOT NULL")  # fmt: skip
def data_precede_publication() -> RowRule:
    """The data describe a year before or of their publication."""
    return rows_that("c.reference_year > year(c.published_on)", field="reference_year", found="c.reference_year",
                     expected="'≤ ' || year(c.published_on)")  # fmt: skip


@check("TIM007", clause="468 (四): prompt updates where technology moves", severity=Severity.ADVISE,
       requires=["TIM001"])  # fmt: skip
def update_is_not_overdue() -> RowRule:
    """The data are not older than the update rule allows."""
    return rows_that(
        f"year({_DAY}) - coalesce(c.reference_year, year(c.published_on)) > {_DUE}",
        field="reference_year",
        found="coalesce(CAST(c.reference_year AS VARCHAR), CAST(c.published_on AS VARCHAR))",
        expected=f"'≥ ' || (year({_DAY}) - {_DUE})",
    )


@check("TIM008", clause="ours: no inventory of product footprints is older", severity=Severity.REVIEW,
       requires=["TIM001"])  # fmt: skip
def year_is_believable() -> RowRule:
    """The year of the data is a believable one."""
    return rows_that(f"c.reference_year < {limit('earliest_year')}", field="reference_year", found="c.reference_year",
                     expected=f"'≥ ' || {limit('earliest_year')}")  # fmt: skip


CHECKS = (
    time_is_stated, data_are_not_of_the_future, publication_is_past, validity_is_in_order, value_has_not_expired,
    data_precede_publication, update_is_not_overdue, year_is_believable,
)  # fmt: skip
