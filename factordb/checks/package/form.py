"""PKG and IDN: the package is whole and says the same everywhere; its factors and its owner are named."""

from collections.abc import Iterator
from typing import Final

from factordb.checks.package.base import BAGGED, LIBRARY, Broken, Ground, PackageCheck, broken, check, filled
from factordb.checks.package.context import Context, PublishedFactor
from factordb.checks.package.reading import day, first, overlap, period_of, readable, said, text, threshold
from factordb.model.submission import Cell, FieldType, Package, Row, sheets
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "credit_code_holds"]

ELSEWHERE: Final = frozenset(
    {("factors", "product_code"), ("factors", "name_zh"), ("factors", "name_en"), ("factors", "unit"),
     ("factors", "boundary"), ("factors", "region"), ("factors", "period_from"), ("factors", "period_to"),
     ("factors", "expanded_u"), ("factors", "coverage_k"), ("submission", "credit_code"),
     *(("instruments", name) for name in ("type_zh", "model", "serial", "place", "accuracy_class", "mpe", "mpe_unit",
                                          "range_low", "range_high", "range_unit")),
     ("certificates", "file"), ("raw", "file"), ("standards", "standard_no"), ("tests", "standard_no")}
)  # fmt: skip
"""Required fields that a rule of their own asks for."""
NEEDED: Final = ("submission", "factors", "standards", "instruments", "raw", "people", "rights")
"""Sheets without which nothing of a submission can be judged, whatever its kind."""
REFERENCES: Final = (
    ("certificates", "instrument_id", "instruments", "instrument_id"),
    ("certificates", "lab_id", "labs", "lab_id"),
    ("tests", "sample_id", "samples", "sample_id"),
    ("tests", "lab_id", "labs", "lab_id"),
    ("qa_log", "instrument_id", "instruments", "instrument_id"),
    ("activity", "instrument_id", "instruments", "instrument_id"),
    ("samples", "sampler", "people", "person"),
    ("samples", "witness", "people", "person"),
    ("verification", "verifier", "people", "person"),
    ("submission", "submitter", "people", "person"),
)
"""Fields that name a row of another sheet."""
KEYS: Final = (("factors", "factor_key"), ("instruments", "instrument_id"), ("labs", "lab_id"),
               ("samples", "sample_id"), ("tests", "test_id"), ("raw", "table_id"), ("activity", "record_id"),
               ("unit_process", "flow_id"),
               ("certificates", "certificate_no"))  # fmt: skip
"""Fields that name their own row, each once."""
OWN_FILES: Final = frozenset({("certificates", "file"), ("raw", "file"), ("rights", "file")})
"""Fields of files that a rule of their own looks after, or that are patterns."""


ROWS: Final = Ground("sheet", lambda package, _context: any(package.rows.values()))
FILES: Final = Ground("sheet", lambda package, context: bool(package.files or context.faults))
BEGUN: Final = Ground("sheet", lambda package, _context: bool(package.files))
ANYTHING: Final = Ground("sheet", lambda package, context: any(package.rows.values()) or bool(context.faults))


def _told(code: str, context: Context) -> Iterator[Broken]:
    for one in context.faults:
        if one.code == code:
            yield Broken(one.place, one.found, one.expected, facts={"words_zh": one.zh, "words_en": one.en})


@check("PKG001", basis="RFC 8493 (BagIt), 3", status="standard", severity=Severity.BLOCK, when=[BAGGED])
def bag_is_complete(package: Package, context: Context) -> Iterator[Broken]:
    """The bag holds every file of its manifests unchanged, and no other."""
    del package
    yield from _told("PKG001", context)


@check(
    "PKG002",
    basis="trust.md 2.5: the submitter signs the tag manifest",
    status="ours",
    severity=Severity.BLOCK,
    when=[Ground("signature", lambda _package, context: context.signature is not None)],
)
def signature_holds(package: Package, context: Context) -> Iterator[Broken]:
    """The submitter's signature holds over the tag manifest, and the key was valid on that day."""
    one = context.signature
    if one and not (one.holds and one.key_valid):
        yield Broken(one.place, one.signed_by or "—", text(package.cover, "submitter"))


@check("PKG003", basis="factordb-submission/1", status="ours", severity=Severity.BLOCK, when=[ANYTHING])
def form_can_be_read(package: Package, context: Context) -> Iterator[Broken]:
    """The form can be read, and its tables say the same as the form."""
    yield from _told("PKG003", context)
    if package.cover and package.kind is None:
        yield broken(first(package.cover, "kind"), " / ".join(_choices("submission", "kind")), sheet="submission")


def _choices(sheet: str, name: str) -> tuple[str, ...]:
    return next(one.choices for one in sheets()[sheet].fields if one.name == name)


@check("PKG009", basis="factordb-submission/1", status="ours", severity=Severity.BLOCK, when=[BEGUN])
def something_is_submitted(package: Package, context: Context) -> Iterator[Broken]:
    """The form has its cover filled in, and at least one factor."""
    del context
    for name in ("submission", "factors"):
        if not package.table(name):
            yield Broken(sheets()[name].zh, "—", f"{sheets()[name].zh} ({name})", sheet=name)


@check("PKG004", basis="trust.md 2.4", status="ours", severity=Severity.BLOCK, when=[FILES])
def no_file_is_hostile(package: Package, context: Context) -> Iterator[Broken]:
    """No file runs, hides another, or breaks a limit: no macros, scripts in PDFs, embedded files or programs."""
    yield from _told("PKG004", context)
    refused = tuple(threshold("reserved_names"))
    for path in package.files:
        if path.lower().endswith(refused):
            yield Broken(path, path.rpartition(".")[2], file=path)
        elif path.lower().endswith(".pdf"):
            facts = context.pdf(path)
            if facts and facts.scripts:
                yield Broken(path, ", ".join(facts.scripts), file=path)


@check(
    "PKG005", basis="factordb-submission/1", status="ours", severity=Severity.GAP, when=[filled("submission", "kind")]
)
def required_cells_are_filled(package: Package, context: Context) -> Iterator[Broken]:
    """Every required cell of the sheets this kind of data needs is filled."""
    del context
    kind = package.kind
    for sheet in sheets().values():
        rows = package.table(sheet.name)
        if not rows and sheet.name in NEEDED:
            yield Broken(sheet.zh, "—", sheet.name, sheet=sheet.name)
        for one in sheet.fields:
            if not one.must or (one.kinds and kind not in one.kinds) or (sheet.name, one.name) in ELSEWHERE:
                continue
            for row in rows:
                if one.name not in row:
                    yield Broken(first(row).place, "—", f"{one.zh} ({one.name})", sheet=sheet.name)


@check("PKG006", basis="factordb-submission/1", status="ours", severity=Severity.BLOCK, when=[ROWS])
def cells_are_of_their_type(package: Package, context: Context) -> Iterator[Broken]:
    """Numbers are plain numbers, days are written year-month-day, choices are words of their list."""
    del context
    plain = {FieldType.TEXT, FieldType.FILE, FieldType.UNIT, FieldType.USCC}
    for sheet in sheets().values():
        for one in sheet.fields:
            if one.type in plain:
                continue
            # the same words stand in many rows: each is read once
            cells = list(package.cells(sheet.name, one.name))
            bad = {text for text in {cell.text for cell in cells} if not readable(one.type, text, one.choices)}
            for cell in cells if bad else ():
                if cell.text in bad:
                    yield broken(cell, " / ".join(one.choices) or one.good, sheet=sheet.name)


@check("PKG007", basis="factordb-submission/1", status="ours", severity=Severity.BLOCK, when=[ROWS])
def names_lead_somewhere(package: Package, context: Context) -> Iterator[Broken]:
    """A key is given once in its sheet, and what one sheet names another sheet has."""
    del context
    for sheet, name in KEYS:
        seen: set[str] = set()
        for cell in package.cells(sheet, name):
            if cell.text in seen:
                yield broken(cell, f"{sheet}.{name} ×1", sheet=sheet)
            seen.add(cell.text)
    for sheet, name, other, key in REFERENCES:
        known = {cell.text for cell in package.cells(other, key)}
        for cell in package.cells(sheet, name):
            if cell.text not in known:
                yield broken(cell, f"{other}.{key}", sheet=sheet)


@check(
    "PKG008",
    basis="guideline 468 (七): the original file, or how to get it",
    status="law",
    severity=Severity.BLOCK,
    when=[ROWS],
)
def named_files_are_there(package: Package, context: Context) -> Iterator[Broken]:
    """Every file that a sheet names is in the package."""
    del context
    for sheet in sheets().values():
        for one in sheet.fields:
            if one.type is not FieldType.FILE or (sheet.name, one.name) in OWN_FILES:
                continue
            for cell in package.cells(sheet.name, one.name):
                if cell.text not in package.files:
                    yield broken(cell, cell.text, sheet=sheet.name)


@check("IDN001", basis="guideline 468 (三)(八), annex 1", status="law", severity=Severity.BLOCK, sheets=["factors"])
def factors_are_described(package: Package, context: Context) -> Iterator[Broken]:
    """A factor has product code, two names, declared unit, boundary, place, and a period within the data's."""
    del context
    period = period_of(package)
    for row in package.table("factors"):
        for name in ("product_code", "name_zh", "name_en", "unit", "boundary", "region", "period_from", "period_to"):
            if not said(row, name):
                yield broken(Cell("—", first(row, name).place), name)
        start, end = day(row, "period_from"), day(row, "period_to")
        if start and end and period and not period[0] <= start <= end <= period[1]:
            yield broken(row["period_from"], f"{period[0]}/{period[1]}")


def _same(row: Row, one: PublishedFactor) -> bool:
    start, end = day(row, "period_from"), day(row, "period_to")
    return (
        (one.product_code, one.region, one.boundary, one.gas, one.plant, one.unit)
        == tuple(text(row, name) for name in ("product_code", "region", "boundary", "gas", "plant", "unit"))
        and start is not None and end is not None and one.period_from is not None and one.period_to is not None
        and overlap((start, end), (one.period_from, one.period_to))
    )  # fmt: skip


@check(
    "IDN002",
    basis="编制工作指引 (十二): duplicates",
    status="law",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["factors"],
    when=[LIBRARY],
)
def factors_are_new(package: Package, context: Context) -> Iterator[Broken]:
    """A factor is no duplicate of one that is published or pending: same key, overlapping period."""
    for row in package.table("factors"):
        for one in context.library.factors if context.library else ():
            if _same(row, one):
                yield broken(first(row, "factor_key"), one.factor_id)


WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""Weights of GB 32100-2015, clause 5: powers of 3 modulo 31."""
ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Characters of a credit code: no I, O, S, V, Z (GB 32100-2015, table 2)."""


def credit_code_holds(code: str) -> bool:
    """Return whether the check character of a unified social credit code is right (GB 32100-2015, clause 5)."""
    places = [ALPHABET.find(letter) for letter in code]
    if len(code) != len(WEIGHTS) + 1 or -1 in places:
        return False
    total = sum(place * weight for place, weight in zip(places, WEIGHTS, strict=False))
    return places[-1] == -total % len(ALPHABET)


@check("IDN003", basis="GB 32100-2015", status="standard", severity=Severity.GAP, sheets=["submission"])
def owners_are_identified(package: Package, context: Context) -> Iterator[Broken]:
    """Unified social credit codes have 18 characters and the right check character."""
    del context
    cover = package.cover
    cells: list[Cell] = [cover["credit_code"]] if "credit_code" in cover else [Cell("—", first(cover).place)]
    for cell in (*cells, *package.cells("labs", "credit_code")):
        if not credit_code_holds(cell.text):
            yield broken(cell, "GB 32100")


CHECKS: Final[tuple[PackageCheck, ...]] = (
    bag_is_complete, signature_holds, form_can_be_read, something_is_submitted, no_file_is_hostile,
    required_cells_are_filled,
    cells_are_of_their_type, names_lead_somewhere, named_files_are_there, factors_are_described, factors_are_new,
    owners_are_identified,
)  # fmt: skip
