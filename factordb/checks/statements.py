"""UNC: is the stated uncertainty possible, is there one, could it be propagated."""

from factordb.checks.base import RowRule, check, limit, rows_that
from factordb.model.vocabulary import Severity

_BOUNDS = "c.bound_low IS NOT NULL AND c.bound_high IS NOT NULL"


@check("UNC001", clause="domain 5", severity=Severity.BLOCK, when="c.cv_percent IS NOT NULL OR c.sd IS NOT NULL")
def spread_is_positive() -> RowRule:
    """A coefficient of variation or standard deviation is more than zero."""
    return rows_that("c.cv_percent <= 0 OR c.sd <= 0", field="cv_percent", found="c.statement_text", expected="'> 0'")


@check("UNC002", clause="domain 7: min > default", severity=Severity.BLOCK,
       when="c.bound_low IS NOT NULL OR c.bound_high IS NOT NULL")  # fmt: skip
def bounds_contain_the_value() -> RowRule:
    """Bounds are in order and contain the value."""
    return rows_that(
        "c.bound_low > c.bound_high OR c.value < c.bound_low OR c.value > c.bound_high",
        field="bound_low", found="c.statement_text", expected="c.value_text",
    )  # fmt: skip


@check("UNC003", clause="domain 7: geometric SD ≤ 1", severity=Severity.BLOCK, when="c.gsd2 IS NOT NULL")
def geometric_spread_is_above_one() -> RowRule:
    """A squared geometric standard deviation is above 1."""
    return rows_that("c.gsd2 <= 1", field="gsd2", found="c.statement_text", expected="'> 1'")


@check("UNC004", clause="指引 (五) 不确定性分析", severity=Severity.GAP, core=False, when="c.expression IS NULL")
def uncertainty_is_stated() -> RowRule:
    """The source states an uncertainty; without one a declared default is used and labelled so."""
    one_bound = "c.statement = 'bounds95' AND (c.bound_low IS NULL) <> (c.bound_high IS NULL)"
    return rows_that(f"c.statement = 'none' OR ({one_bound})", field="cv_percent",
                     found="coalesce(c.statement_text, '')")  # fmt: skip


@check("UNC005", clause="data: bounds confirmed against the publication", severity=Severity.REVIEW, when=_BOUNDS,
       requires=["UNC002"])  # fmt: skip
def bounds_are_confirmed() -> RowRule:
    """The bounds were confirmed against the publication."""
    return rows_that("c.flags LIKE '%bounds unconfirmed%'", field="bound_low", found="c.statement_text",
                     detail="c.source_place")  # fmt: skip


@check("UNC006", clause="issue: a record that cannot be simulated is named", severity=Severity.GAP, phase=2,
       requires=["VAL010"])  # fmt: skip
def uncertainty_can_be_propagated() -> str:
    """The uncertainty of the value could be propagated."""
    return """
        SELECT u.candidate_id, 'statement' AS field, c.statement_text AS found, '' AS expected, u.reason AS detail
        FROM uncertainty u JOIN candidate c USING (candidate_id) WHERE u.reason IS NOT NULL
    """


@check("UNC007", clause="domain 5: CVs up to 376.9 %", severity=Severity.ADVISE, phase=2, requires=["UNC006"])
def uncertainty_is_below_its_value() -> str:
    """The standard uncertainty is less than the value itself."""
    return f"""
        SELECT u.candidate_id, 'cv_percent' AS field, format('{{:.1f}} %', 100 * u.cv) AS found,
               '< ' || CAST({limit("cv_review_percent")} AS VARCHAR) || ' %' AS expected, u.basis AS detail
        FROM uncertainty u WHERE 100 * u.cv >= {limit("cv_review_percent")}
    """


@check("UNC008", clause="ux 1.4: ± and % in one cell", severity=Severity.REVIEW, when=_BOUNDS, requires=["UNC002"])
def bounds_are_wider_than_rounding() -> RowRule:
    """Bounds are wider than the rounding of the value."""
    return rows_that("c.bound_high - c.bound_low < c.half_digit", field="bound_low", found="c.statement_text",
                     expected="c.half_digit")  # fmt: skip


@check("UNC009", clause="ours: no published coefficient of variation is near it", severity=Severity.BLOCK,
       requires=["UNC001"], when="c.cv_percent IS NOT NULL")  # fmt: skip
def spread_is_possible() -> RowRule:
    """A coefficient of variation is not so large that only a slip of unit or column explains it."""
    return rows_that(f"c.cv_percent > {limit('cv_block_percent')}", field="cv_percent", found="c.cv_percent",
                     expected=f"'≤ ' || {limit('cv_block_percent')}")  # fmt: skip


@check("UNC010", clause="ours: a fraction in a column of percentages", severity=Severity.REVIEW, requires=["UNC001"],
       when="c.cv_percent IS NOT NULL")  # fmt: skip
def spread_is_a_percentage() -> RowRule:
    """A coefficient of variation is a percentage, not a fraction."""
    return rows_that(f"c.cv_percent > 0 AND c.cv_percent < {limit('cv_fraction_suspect')}", field="cv_percent",
                     found="c.cv_percent", expected=limit("cv_fraction_suspect"))  # fmt: skip


@check("UNC011", clause="ours: an interval over three powers of ten", severity=Severity.REVIEW, requires=["UNC002"],
       when=f"{_BOUNDS} AND c.bound_low > 0")  # fmt: skip
def bounds_are_near_each_other() -> RowRule:
    """The upper bound stands in a believable ratio to the lower one."""
    return rows_that(f"c.bound_high / c.bound_low > {limit('bounds_ratio_review')}", field="bound_high",
                     found="c.statement_text", expected=f"'≤ ' || {limit('bounds_ratio_review')}",
                     detail="format('{:.4g}', c.bound_high / c.bound_low)")  # fmt: skip


CHECKS = (
    spread_is_positive, bounds_contain_the_value, geometric_spread_is_above_one, uncertainty_is_stated,
    bounds_are_confirmed, uncertainty_can_be_propagated, uncertainty_is_below_its_value,
    bounds_are_wider_than_rounding, spread_is_possible, spread_is_a_percentage, bounds_are_near_each_other,
)  # fmt: skip
