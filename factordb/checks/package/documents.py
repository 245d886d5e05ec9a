"""DOC: what the files of reports, certificates and statements say of themselves."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, quotes
from factordb.checks.package.context import Context, PdfFacts
from factordb.checks.package.reading import day, text, threshold
from factordb.model.package_finding import Quoted
from factordb.model.submission import Cell, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]

EVIDENCE: Final = (
    ("tests", "report_no", "issued_on"),
    ("certificates", "certificate_no", "issued_on"),
    ("verification", "verifier", "statement_on"),
)
"""Sheets whose rows name a document, the field that identifies it, and its day."""


def _documents(package: Package) -> Iterator[tuple[str, Row, str, date | None]]:
    for sheet, _, issued in EVIDENCE:
        for row in package.table(sheet):
            if "file" in row:
                yield sheet, row, text(row, "file"), day(row, issued)


def _seen(package: Package, context: Context) -> bool:
    return any(context.pdf(path) for _, _, path, _ in _documents(package))


def _pdfs(package: Package, context: Context) -> Iterator[tuple[str, Row, str, date | None, PdfFacts]]:
    told: set[str] = set()
    for sheet, row, path, issued in _documents(package):
        facts = context.pdf(path)
        if facts and facts.pages and path not in told:
            told.add(path)
            yield sheet, row, path, issued, facts


PDF: Final = Ground("reader", _seen)


@check(
    "DOC001",
    basis="ours: a hint, since a full rewrite can set any date",
    status="ours",
    severity=Severity.REVIEW,
    sheets=["people"],
    when=[PDF],
)
def documents_were_not_edited(package: Package, context: Context) -> Iterator[Broken]:
    """A PDF was not changed after its day of issue, has one end, and was not written by an editor."""
    editors = threshold("pdf_editors")
    for sheet, row, path, issued, facts in _pdfs(package, context):
        cell = row["file"]
        if facts.ends > 1 and not facts.signed:
            yield broken(cell, "%%EOF ×1", seen=f"%%EOF ×{facts.ends}", sheet=sheet, file=path)
        if any(one in facts.producer.lower() for one in editors):
            yield broken(cell, "—", seen=facts.producer, sheet=sheet, file=path)
        if issued and facts.modified_on and facts.modified_on > issued + timedelta(days=1):
            yield broken(cell, f"≤ {issued}", seen=facts.modified_on, sheet=sheet, file=path)


def _decoded(package: Package, context: Context) -> bool:
    """Return whether some report bears a code that could be read: not every laboratory prints one."""
    return any((facts := context.pdf(path)) and facts.codes for _, _, path, _ in _documents(package))


@check(
    "DOC002",
    basis="MEE notice 2022-03; the case of 14 March 2022: QR code deleted",
    status="practice",
    severity=Severity.REVIEW,
    sheets=["tests"],
    when=[Ground("reader", _decoded)],
)
def codes_say_the_same(package: Package, context: Context) -> Iterator[Broken]:
    """The QR code of a test report decodes to its number, and none lacks where the others have one.

    Not every laboratory prints a code: where no report bears one there is nothing to ask.
    """
    for sheet, row, path, _, facts in _pdfs(package, context):
        number = text(row, "report_no")
        if sheet == "tests" and facts.codes is not None and not any(number in one for one in facts.codes):
            yield broken(row["file"], number, seen=", ".join(facts.codes) or "—", file=path)


@check(
    "DOC003",
    basis="ours: one document is evidence of one thing",
    status="ours",
    severity=Severity.BLOCK,
    sheets=["people"],
)
def no_scan_serves_twice(package: Package, context: Context) -> Iterator[Broken]:
    """No file is evidence under two numbers, in this submission or in an earlier one of somebody else."""
    numbers: dict[str, set[str]] = {}
    for sheet, name, _ in EVIDENCE:
        for row in package.table(sheet):
            file = package.files.get(text(row, "file"))
            if file is None:
                continue
            known = numbers.setdefault(file.sha256, set())
            if known and text(row, name) not in known:
                yield broken(row["file"], "、".join(sorted(known)), sheet=sheet, file=file.path)
            known.add(text(row, name))
            other = context.library.files.get(file.sha256) if context.library and sheet == "tests" else None
            if other:
                yield broken(row["file"], other, sheet=sheet, file=file.path)


def _seals(package: Package, context: Context) -> Iterable[Quoted]:
    for _, row, path, _, facts in _pdfs(package, context):
        yield Quoted("signed" if facts.signed else "not signed", path, row["file"].place)


@check(
    "DOC004",
    basis="电子签名法; PDF signatures by ISO 32000",
    status="law",
    who="H",
    severity=Severity.REVIEW,
    sheets=["tests"],
    when=[PDF],
    view=_seals,
)
def seals_are_valid(package: Package, context: Context) -> Iterator[Broken]:
    """Electronic seals and signatures of documents are valid; a person verifies them with the issuer."""
    del package, context
    yield from ()


@check(
    "DOC005",
    basis="MEE verification guide, power, 2023",
    status="law",
    who="AH",
    severity=Severity.BLOCK,
    sheets=["tests"],
    when=[PDF],
    view=lambda package, _: quotes(package.table("tests"), "report_no", "quantity", "value", "file"),
)
def reports_say_what_the_form_says(package: Package, context: Context) -> Iterator[Broken]:
    """The number of a report and its values stand in its text; scans without a text layer are for a person."""
    for row in package.table("tests"):
        facts = context.pdf(text(row, "file"))
        if not facts or not facts.text.strip():
            continue
        words = context.once(f"words of {text(row, 'file')}", partial(_words, facts))
        for name in ("report_no", "value"):
            cell = row.get(name, Cell("", ""))
            if cell.text and cell.text not in words and not _stands(cell.text, facts.text):
                yield broken(cell, text(row, "file"), file=text(row, "file"))


def _words(facts: PdfFacts) -> set[str]:
    return set(_WORD.split(facts.text))


_WORD: Final = re.compile(r"[^\w./\-]+")


def _stands(written: str, report: str) -> bool:
    """Return whether a number stands in a text by itself, whatever words touch it."""
    return re.search(rf"(?<![0-9.]){re.escape(written)}(?![0-9]|\.\d)", report) is not None


CHECKS: Final[tuple[PackageCheck, ...]] = (
    documents_were_not_edited, codes_say_the_same, no_scan_serves_twice, seals_are_valid,
    reports_say_what_the_form_says,
)  # fmt: skip
