"""VAL: is there one number, does its sign agree with what it is, is a share a share."""

from factordb.checks.base import SIGNIFICANT, RowRule, check, limit, rows_that
from factordb.model.vocabulary import Severity


@check("VAL010", clause="指引 (五) 有效性", severity=Severity.GAP)
def value_is_one_number() -> RowRule:
    """The value is one finite number, not a limit or a list."""
    return rows_that("c.value IS NULL OR NOT isfinite(c.value)", field="value", detail="c.value_form")


@check("VAL011", clause="domain 7: ranges", severity=Severity.REVIEW, requires=["VAL010"])
def range_has_a_centre() -> RowRule:
    """A published range has a published centre; a midpoint of ours must be confirmed."""
    return rows_that(
        "c.value_form = 'range'", field="value", expected="format('{:.6g}', c.value)",
        detail="format('{:.6g} – {:.6g}', c.value_low, c.value_high)",
    )  # fmt: skip


@check("VAL012", clause="ux 1.4: 约0.8", severity=Severity.REVIEW, requires=["VAL010"])
def value_is_not_rough() -> RowRule:
    """The publisher does not call the value rough."""
    return rows_that("c.value_form = 'approximate'", field="value")


@check("VAL013", clause="domain 7: negative only when declared", severity=Severity.BLOCK, requires=["VAL010"])
def negative_is_declared() -> RowRule:
    """A negative value is declared as a removal or a credit."""
    return rows_that("c.value < 0 AND c.direction = 'emission'", field="value", expected="'removal, credit'",
                     detail="c.direction")  # fmt: skip


@check("VAL014", clause="domain 7: sinks and credits", severity=Severity.ADVISE, requires=["VAL010"],
       when="c.direction IN ('removal', 'credit')")  # fmt: skip
def removal_has_its_sign() -> RowRule:
    """A removal or credit carries a negative sign, or is read as an amount removed."""
    return rows_that("c.value > 0", field="value", detail="c.direction")


@check("VAL015", clause="domain 6: implausible values must be explained", severity=Severity.ADVISE,
       requires=["VAL010"])  # fmt: skip
def value_is_not_zero() -> RowRule:
    """The value is not zero, or the zero is explained."""
    return rows_that("c.value = 0", field="value")


@check("VAL016", clause="a share of a whole is at most the whole", severity=Severity.BLOCK, requires=["VAL010"],
       when="c.kind = 'parameter' AND c.canonical_unit IN ('1', '%')")  # fmt: skip
def share_is_at_most_one() -> RowRule:
    """A share lies between 0 and 1 (0 % and 100 %)."""
    return rows_that(
        "(c.canonical_value < 0 OR c.canonical_value > CASE c.canonical_unit WHEN '%' THEN 100 ELSE 1 END) "
        "AND regexp_matches(concat_ws(' ', c.quantity, c.name_zh, c.name_en), "
        "'(?i)share|fraction|oxidation|率|比例|占比')",
        field="value",
        expected="'0 – 100 %'",
    )


@check("VAL017", clause="a percentage stated for an absolute quantity is no factor; domain 7", severity=Severity.ADVISE,
       when="c.unit_text LIKE '%\\%%' ESCAPE '\\'")  # fmt: skip
def percentage_is_a_parameter() -> RowRule:
    """A percentage is kept as a parameter, never among the factors."""
    return rows_that("c.kind <> 'parameter' OR c.quantity IS NULL", field="unit", found="c.unit_text",
                     expected="'parameter'")  # fmt: skip


@check("VAL018", clause="ours: digits that a conversion left behind", severity=Severity.ADVISE, requires=["VAL010"],
       when="c.value_form = 'plain'")  # fmt: skip
def digits_are_not_residue() -> RowRule:
    """The value carries no more digits than a publication gives."""
    return rows_that(f"{SIGNIFICANT.format('c.value_text')} > {limit('zero_digits_review')}", field="value",
                     expected=f"CAST({limit('zero_digits_review')} AS BIGINT)",
                     detail=SIGNIFICANT.format("c.value_text"))  # fmt: skip


CHECKS = (
    value_is_one_number, range_has_a_centre, value_is_not_rough, negative_is_declared, removal_has_its_sign,
    value_is_not_zero, share_is_at_most_one, percentage_is_a_parameter, digits_are_not_residue,
)  # fmt: skip
