"""DAT and DOC: dates and numbers of test reports, and what their files say of themselves."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from typing import Final

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, quotes
from factordb.checks.package.context import Context, PdfFacts
from factordb.checks.package.reading import day, group, limit, text, threshold
from factordb.model.package_finding import Quoted
from factordb.model.submission import Cell, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]

_NUMBER: Final = re.compile(r"^(.*?)(\d{1,18})$")


def _chain(package: Package, context: Context) -> list[tuple[Row, Row | None]]:
    """Return each test with its sample; one test of a report where all days are the same."""
    return context.once("chain of tests", lambda: list(_chained(package)))


def _chained(package: Package) -> Iterator[tuple[Row, Row | None]]:
    samples = group(package.table("samples"), "sample_id")
    steps = ("sample_id", "lab_id", "report_no", "received_on", "tested_on", "issued_on")
    for rows in group(package.table("tests"), *steps).values():
        found = samples.get((text(rows[0], "sample_id"),))
        yield rows[0], found[0] if found else None


@check(
    "DAT001",
    basis="MEE notice 2022-03; order of the steps of a test",
    status="law",
    severity=Severity.BLOCK,
    sheets=["tests"],
)
def steps_are_in_order(package: Package, context: Context) -> Iterator[Broken]:
    """A sample is taken, prepared, received, tested, and then the report is issued."""
    for row, sample in _chain(package, context):
        steps = [
            (one, name)
            for one, names in (
                (sample or {}, ("sampled_on", "prepared_on")),
                (row, ("received_on", "tested_on", "issued_on")),
            )
            for name in names
        ]
        told = [(found, one[name]) for one, name in steps if (found := day(one, name))]
        for (before, _), (after, cell) in pairwise(told):
            if after < before:
                yield broken(cell, f"≥ {before}", report=text(row, "report_no"))


def _month_end(one: date) -> date:
    return (one.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


@check(
    "DAT002",
    basis="MEE notice 2022-03: within 40 days after the month",
    status="law",
    severity=Severity.REVIEW,
    sheets=["tests", "samples"],
)
def reports_are_in_time(package: Package, context: Context) -> Iterator[Broken]:
    """A report is issued within forty days after the end of the month it is for."""
    for row, sample in _chain(package, context):
        issued, taken = day(row, "issued_on"), day(sample, "sampled_on") if sample else None
        if issued and taken and (issued - _month_end(taken)).days > limit("report_days"):
            yield broken(
                row["issued_on"],
                f"≤ {_month_end(taken) + timedelta(int(limit('report_days')))}",
                report=text(row, "report_no"),
            )


def _numbered(package: Package, context: Context) -> dict[tuple[str, str], list[tuple[int, date, date | None, Row]]]:
    """Return (laboratory, prefix) -> number, day of issue, day of sampling and test of each report, by number."""
    found: dict[tuple[str, str], dict[int, tuple[int, date, date | None, Row]]] = {}
    for row, sample in _chain(package, context):
        hit, issued = _NUMBER.match(text(row, "report_no")), day(row, "issued_on")
        if hit and issued:
            taken = day(sample, "sampled_on") if sample else None
            kept = found.setdefault((text(row, "lab_id"), hit[1]), {})
            kept.setdefault(int(hit[2]), (int(hit[2]), issued, taken, row))
    return {key: [kept[one] for one in sorted(kept)] for key, kept in found.items()}


@check(
    "DAT003",
    basis="ours, on the case of 14 March 2022: numbers are given in order of issue",
    status="ours",
    severity=Severity.REVIEW,
    sheets=["tests"],
)
def report_numbers_follow_their_dates(package: Package, context: Context) -> Iterator[Broken]:
    """Report numbers of a laboratory increase with the day of issue, those of earlier submissions among them.

    Others' reports are asked where the library is there.
    """
    names = {text(one, "lab_id"): text(one, "name_zh") for one in package.table("labs")}
    for (lab, prefix), rows in _numbered(package, context).items():
        for (_, before, _, _), (_, after, _, row) in pairwise(rows):
            if after < before:
                yield broken(row["report_no"], f"≥ {before}", issued=after)
        for seen in context.library.reports if context.library else ():
            hit = _NUMBER.match(seen.report_no)
            if not hit or hit[1] != prefix or seen.laboratory != names.get(lab, lab):
                continue
            for number, issued, _, row in rows:
                if number == int(hit[2]) or (number - int(hit[2])) * (issued - seen.issued_on).days < 0:
                    yield broken(row["report_no"], f"{seen.report_no} {seen.issued_on}", issued=issued)


@check(
    "DAT004",
    basis="ours, on the case of 14 March 2022: one batch handed in as twelve months",
    status="ours",
    severity=Severity.BLOCK,
    sheets=["tests", "samples"],
)
def months_arrive_apart(package: Package, context: Context) -> Iterator[Broken]:
    """A laboratory does not receive the samples of several months on one day."""
    received: dict[tuple[str, date], dict[tuple[int, int], Row]] = {}
    for row, sample in _chain(package, context):
        came, taken = day(row, "received_on"), day(sample, "sampled_on") if sample else None
        if came and taken:
            received.setdefault((text(row, "lab_id"), came), {}).setdefault((taken.year, taken.month), row)
    for (_, came), months in received.items():
        if len(months) > 1:
            told = "、".join(f"{year}-{month:02d}" for year, month in sorted(months))
            yield broken(next(iter(months.values()))["received_on"], told, day=came, n=len(months))


@check(
    "DAT005",
    basis="ours, on the case of 14 March 2022",
    status="ours",
    severity=Severity.REVIEW,
    sheets=["tests", "samples"],
)
def months_are_numbered_apart(package: Package, context: Context) -> Iterator[Broken]:
    """Reports of different months do not bear numbers in a row: a laboratory works for others in between."""
    for rows in _numbered(package, context).values():
        close = [
            (one, other)
            for one, other in pairwise(rows)
            if one[2] and other[2] and (one[2].year, one[2].month) != (other[2].year, other[2].month)
            and other[0] - one[0] < limit("report_gap_least")
        ]  # fmt: skip
        if len(close) >= limit("report_gap_pairs"):
            yield broken(close[0][1][3]["report_no"], text(close[0][0][3], "report_no"), n=len(close))


DAYS: Final = (
    ("samples", "prepared_on"),
    ("tests", "received_on"),
    ("tests", "tested_on"),
    ("tests", "issued_on"),
    ("certificates", "calibrated_on"),
    ("verification", "statement_on"),
)
SATURDAY: Final = 5


@check("DAT006", basis="ours", status="ours", severity=Severity.ADVISE, sheets=["people"])
def days_are_working_days(package: Package, context: Context) -> Iterator[Broken]:
    """Days of work are no Saturdays or Sundays, not before the laboratory was founded, not in the future."""
    founded = {text(one, "lab_id"): day(one, "founded_on") for one in package.table("labs")}
    for sheet, name in DAYS:
        for row in package.table(sheet):
            done = day(row, name)
            if done is None:
                continue
            begun = founded.get(text(row, "lab_id"))
            if done > context.today:
                yield broken(row[name], f"≤ {context.today}", sheet=sheet, severity=Severity.REVIEW)
            elif begun and done < begun:
                yield broken(row[name], f"≥ {begun}", sheet=sheet, severity=Severity.REVIEW)
            elif done.weekday() >= SATURDAY and sheet == "tests":
                yield broken(row[name], "一–五 / Mon–Fri", sheet=sheet)


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────

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
    return any((facts := context.pdf(path)) and facts.codes is not None for _, _, path, _ in _documents(package))


@check(
    "DOC002",
    basis="MEE notice 2022-03; the case of 14 March 2022: QR code deleted",
    status="practice",
    severity=Severity.REVIEW,
    sheets=["tests"],
    when=[Ground("reader", _decoded)],
)
def codes_say_the_same(package: Package, context: Context) -> Iterator[Broken]:
    """The QR code of a test report is there and decodes to its number."""
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
    steps_are_in_order, reports_are_in_time, report_numbers_follow_their_dates, months_arrive_apart,
    months_are_numbered_apart, days_are_working_days, documents_were_not_edited, codes_say_the_same,
    no_scan_serves_twice, seals_are_valid, reports_say_what_the_form_says,
)  # fmt: skip
