"""DAT: dates and numbers of test reports."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from factordb.checks.package.base import Broken, PackageCheck, broken, check
from factordb.checks.package.context import Context
from factordb.checks.package.reading import day, group, limit, text
from factordb.model.submission import Package, Row
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


CHECKS: Final[tuple[PackageCheck, ...]] = (
    steps_are_in_order, reports_are_in_time, report_numbers_follow_their_dates, months_arrive_apart,
    months_are_numbered_apart, days_are_working_days,
)  # fmt: skip
