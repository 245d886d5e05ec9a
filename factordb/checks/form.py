"""FMT: the row keeps the contract of the model, its words and its place are known and readable."""

from factordb.checks.base import RowRule, check, rows_that
from factordb.model.vocabulary import Severity

_NAMES = "concat_ws(' ', c.name_zh, c.name_en, c.flow, c.category)"


@check("FMT006", clause="指引 (五): one unified format", severity=Severity.BLOCK)
def row_keeps_the_contract() -> str:
    """The record keeps the contract of the model: required fields, vocabulary, limits."""
    return "SELECT candidate_id, field, found, '' AS expected, detail FROM contract_violation"


@check("FMT007", clause="468 附录 2: place", severity=Severity.GAP)
def place_is_known() -> RowRule:
    """The place the data describe is stated and is a known region."""
    return rows_that("c.region IS NULL", field="region", found="c.region_text")


@check("FMT008", clause="domain 7: FFFD and GB18030 text", severity=Severity.BLOCK)
def text_is_readable() -> RowRule:
    """Names hold no replacement characters or control characters of a wrong decoding."""
    return rows_that(f"regexp_matches({_NAMES}, '[\\x{{FFFD}}\\x{{0000}}-\\x{{0008}}]')", field="name_zh", found=_NAMES)


@check("FMT009", clause="domain 7: Chinese text tagged en", severity=Severity.ADVISE, when="c.name_en IS NOT NULL")
def english_name_is_english() -> RowRule:
    """The English name is not in Chinese."""
    return rows_that("regexp_matches(c.name_en, '[\\x{4E00}-\\x{9FFF}]')", field="name_en", found="c.name_en")


@check("FMT020", clause="ux 1.4: live formulas", severity=Severity.REVIEW)
def text_is_no_formula() -> RowRule:
    """No text begins like a spreadsheet formula."""
    return rows_that(
        "regexp_matches(coalesce(c.name_zh, ''), '^[=@]') OR regexp_matches(coalesce(c.name_en, ''), '^[=@]') "
        "OR regexp_matches(coalesce(c.flow, ''), '^[=@]')",
        field="name_zh", found="coalesce(c.name_zh, c.name_en, c.flow)",
    )  # fmt: skip


@check("FMT021", clause="GB/T 2260; domain 7: 省 for autonomous regions", severity=Severity.ADVISE,
       requires=["FMT007"])  # fmt: skip
def region_is_called_by_its_name() -> RowRule:
    """A region is called by its official name or short name."""
    return rows_that(
        "regexp_matches(coalesce(c.region_text, ''), '(广西|宁夏|新疆|西藏|内蒙古)省|(北京|天津|上海|重庆)省')",
        field="region", found="c.region_text", expected="c.region",
    )  # fmt: skip


@check("FMT022", clause="468 附录 1", severity=Severity.GAP)
def product_is_named() -> RowRule:
    """The factor says what it is a factor of."""
    return rows_that("c.flow IS NULL AND c.name_zh IS NULL AND c.name_en IS NULL", field="flow", found="''")


@check("FMT023", clause="468 附录 1; 指引 (三)", severity=Severity.GAP, core=False,
       when="c.kind IN ('factor', 'gas_factor')")  # fmt: skip
def boundary_is_stated() -> RowRule:
    """The system boundary is stated."""
    return rows_that("c.boundary = 'unspecified'", field="boundary", found="c.boundary")


CHECKS = (
    row_keeps_the_contract, place_is_known, text_is_readable, english_name_is_english, text_is_no_formula,
    region_is_called_by_its_name, product_is_named, boundary_is_stated,
)  # fmt: skip
