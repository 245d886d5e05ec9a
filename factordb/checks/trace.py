"""TRA: does the source exist, is the place stated, does the value stand there, may it be used."""

from factordb.checks.base import RowRule, check, rows_that
from factordb.model.vocabulary import Severity

_BARE = r"regexp_replace({}, '[\s,]', '', 'g')"
_AT_PLACE = f"TRY_CAST({_BARE.format('c.source_value')} AS DOUBLE)"


@check("TRA002", clause="指引 (五) 来源; domain 3", severity=Severity.GAP)
def place_is_stated() -> RowRule:
    """The place in the source is stated: document, page, table, row or cell."""
    return rows_that("c.source_place IS NULL", field="source_place", found="''")


@check(
    "TRA003", clause="468 附录 8; domain 3", severity=Severity.BLOCK, requires=["TRA002"],
    when="c.source_value IS NOT NULL",
)  # fmt: skip
def value_stands_at_its_place() -> RowRule:
    """The value stands at the stated place of the source.

    Compared as numbers, blanks and thousands commas apart, so that lost trailing zeros are a matter of TRA006; as text
    where what stands there is no number.
    """
    return rows_that(
        f"c.source_value <> c.value_text AND coalesce({_AT_PLACE} <> c.value, {_BARE.format('c.source_value')} <> "
        f"{_BARE.format('c.value_text')})",
        field="value",
        expected="c.source_value",
        detail="c.source_place",
    )


@check("TRA004", clause="468 (七) 原始文件; domain 3", severity=Severity.GAP, core=False, requires=["TRA002"])
def value_was_looked_for() -> RowRule:
    """The value was looked for at its stated place."""
    return rows_that("c.source_value IS NULL AND c.expression IS NULL", field="source_value", found="''",
                     detail="c.source_place")  # fmt: skip


@check("TRA006", clause="domain 3: keep the published decimal string", severity=Severity.ADVISE, requires=["TRA003"],
       when="c.source_value IS NOT NULL")  # fmt: skip
def digits_are_kept() -> RowRule:
    """The published digits are kept: 0.5440 is not 0.544."""
    return rows_that(
        f"{_BARE.format('c.source_value')} <> {_BARE.format('c.value_text')} AND {_AT_PLACE} = c.value",
        field="value",
        expected="c.source_value",
        detail="c.source_place",
    )


@check("TRA007", clause="domain 3: publisher and copy apart", severity=Severity.ADVISE)
def read_from_the_publisher() -> RowRule:
    """The value was read from its publisher, not from a copy."""
    return rows_that("c.read_from IS NOT NULL", field="read_from", found="c.read_from", expected="c.publisher")


@check("TRA008", clause="468 (四): scope of authorisation", severity=Severity.GAP, core=False)
def rights_are_stated() -> RowRule:
    """The rights to use the source are stated."""
    return rows_that(
        "c.source_id NOT IN (SELECT source_id FROM source WHERE licence IS NOT NULL)",
        field="source_id",
        found="c.source_id",
    )


@check("TRA009", clause="468 (七): the original file or how to obtain it", severity=Severity.GAP, core=False)
def original_can_be_had() -> RowRule:
    """The source says how its original can be obtained."""
    return rows_that(
        "c.source_id NOT IN (SELECT source_id FROM source WHERE obtain IS NOT NULL)",
        field="source_id",
        found="c.source_id",
    )


@check("TRA010", clause="domain 7: two copies of one official table", severity=Severity.REVIEW)
def copies_agree() -> RowRule:
    """Copies of the same table give the same value."""
    return rows_that("c.flags LIKE '%copies differ%'", field="value", detail="c.flags")


@check("TRA011", clause="指引 (五): traceability-verified measured data first", severity=Severity.REVIEW,
       when="c.tier IN ('measured_verified', 'measured_unverified')")  # fmt: skip
def measured_is_verified() -> RowRule:
    """Measured data have been verified for traceability; a label alone gives no first place."""
    return rows_that("NOT c.verified", field="verified", found="c.tier")


@check("TRA012", clause="468 附录 9: the package is bilingual; 指引 (十七)", severity=Severity.GAP, core=False)
def named_in_both_languages() -> RowRule:
    """The factor is named in Chinese and in English."""
    return rows_that(
        "c.name_zh IS NULL OR c.name_en IS NULL", field="name_zh", found="coalesce(c.name_zh, c.name_en)",
        expected="CASE WHEN c.name_zh IS NULL THEN 'name_zh' ELSE 'name_en' END",
    )  # fmt: skip


@check("TRA013", clause="ours: the ILCD completeness class 5 begins below 50 %; aggregation/rules.toml",
       severity=Severity.REVIEW, when="c.pipeline = 'aggregate'")  # fmt: skip
def aggregate_covers_its_production() -> RowRule:
    """A factor aggregated from samples covers at least half of the production it stands for; else it is provisional."""
    return rows_that("c.flags LIKE '%provisional%'", field="flags", found="c.flags")


CHECKS = (
    place_is_stated, value_stands_at_its_place, value_was_looked_for, digits_are_kept, read_from_the_publisher,
    rights_are_stated, original_can_be_had, copies_agree, measured_is_verified, named_in_both_languages,
    aggregate_covers_its_production,
)  # fmt: skip
