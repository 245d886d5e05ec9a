"""MTH, PLN, INS: how it was measured, by what plan, and with which instruments."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Final

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, filled, quotes
from factordb.checks.package.columns import numbers_of, readings_of
from factordb.checks.package.context import Context
from factordb.checks.package.reading import (
    Interval,
    day,
    first,
    group,
    holes,
    limit,
    number,
    period_of,
    said,
    text,
    threshold,
)  # fmt: skip
from factordb.model.package_finding import Quoted
from factordb.model.submission import Kind, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "names_a_method", "standard_and_year"]

_NUMBERED: Final = re.compile(r"(?P<family>[A-Z][A-Za-z/ ]*\s?[A-Z]?\d[\d.\-]*?)\s?[-—:]\s?(?P<year>(19|20)\d{2})")


_DATED: Final = re.compile(r"(?=.*[A-Za-z一-鿿]).*(?<!\d)(19|20)\d{2}(?!\d).*")


@lru_cache(maxsize=4096)
def names_a_method(written: str) -> bool:
    """Return whether a standard or a published method is named with its year."""
    return _DATED.fullmatch(written) is not None


@lru_cache(maxsize=4096)
def standard_and_year(written: str) -> tuple[str, int] | None:
    """Return family and year of a standard as written, ("GB/T 476", 2008); None where one is missing."""
    hit = _NUMBERED.fullmatch(written.strip())
    return (" ".join(hit["family"].split()), int(hit["year"])) if hit else None


@check(
    "MTH001",
    basis="guideline 468 (三)(七); MEE notice 2022-03, table 1",
    status="law",
    severity=Severity.BLOCK,
    sheets=["standards"],
)
def methods_are_named(package: Package, context: Context) -> Iterator[Broken]:
    """Every quantity is measured by a standard or a published method named with its number and year."""
    del context
    for sheet in ("standards", "samples", "tests"):
        for row in package.table(sheet):
            if not names_a_method(text(row, "standard_no")):
                yield broken(first(row, "standard_no"), "GB/T 476-2008", sheet=sheet)
    named = {text(row, "quantity") for row in package.table("standards")}
    for row in package.table("tests"):
        quantity, basis = text(row, "quantity"), text(row, "basis")
        if not named & {quantity, f"{quantity}_{basis}"}:
            yield broken(first(row, "quantity"), "standards.quantity", sheet="tests")
            return


@check(
    "MTH002",
    basis="table of standards: thresholds/package, standard_families",
    status="ours",
    severity=Severity.REVIEW,
    sheets=["standards"],
)
def standards_were_in_force(package: Package, context: Context) -> Iterator[Broken]:
    """A standard is of the edition in force on the day of use, as far as the table of standards knows it.

    No standard is used before its year.
    """
    del context
    known = threshold("standard_families")
    period = period_of(package)
    for row in package.table("standards"):
        found = standard_and_year(text(row, "standard_no"))
        used = day(row, "used_from") or (period[0] if period else None)
        if found is None or used is None:
            continue
        family, year = found
        editions = known.get(family)
        # an edition is dated by its year alone: the next one may begin to hold the year after
        current = max((one for one in editions if one < used.year), default=year) if editions else year
        if year > used.year or year < current:
            yield broken(row["standard_no"], f"{family}-{current}" if year < current else f"≥ {year}")


def _methods(package: Package, context: Context) -> Iterable[Quoted]:
    del context
    return quotes([one for one in package.table("standards") if _deviates(one)], "quantity", "standard_no", "deviation")


def _deviates(row: Row) -> bool:
    return said(row, "deviation")


@check(
    "MTH003",
    basis="ISO/IEC 17025, 7.2.1.7: deviations documented and justified",
    status="standard",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["standards"],
    view=_methods,
)
def deviations_are_justified(package: Package, context: Context) -> Iterator[Broken]:
    """A deviation from the standard is described; a person judges its reason."""
    del context
    for row in package.table("standards"):
        if _deviates(row):
            yield broken(row["deviation"], text(row, "standard_no"))


@check(
    "PLN001",
    basis="MEE verification guide, power, 2023: data quality control plan",
    status="law",
    severity=Severity.GAP,
    sheets=["submission"],
)
def plan_was_made_before(package: Package, context: Context) -> Iterator[Broken]:
    """A monitoring plan is in the package, dated before the period."""
    del context
    period = period_of(package)
    rows = package.table("plan")
    if not rows:
        yield broken(first(package.cover, "period_from"), "plan", sheet="plan")
    for row in rows:
        dated = day(row, "dated")
        if dated and period and dated >= period[0]:
            yield broken(row["dated"], f"< {period[0]}", sheet="plan")


def _counted(package: Package, context: Context, quantity: str) -> int | None:
    """Return how often a quantity of the plan was measured; None where no sheet or raw column is called so."""
    tests = [
        one
        for one in package.table("tests")
        if quantity in {text(one, "quantity"), f"{text(one, 'quantity')}_{text(one, 'basis')}"}
    ]
    if tests:
        return len({text(one, "sample_id") for one in tests})
    if quantity in {"sample", "samples"}:
        return len(package.table("samples"))
    checks = [one for one in package.table("qa_log") if text(one, "kind") == quantity]
    if checks:
        return len(checks)
    for row in package.table("raw"):
        columns = context.table(text(row, "table_id"))
        if quantity in columns:
            return sum(1 for cell in columns[quantity] if cell)
    return None


@check(
    "PLN002",
    basis="MEE verification guide, power, 2023: frequency as planned",
    status="law",
    severity=Severity.BLOCK,
    sheets=["plan"],
)
def plan_was_kept(package: Package, context: Context) -> Iterator[Broken]:
    """Each quantity was measured at least as often as planned."""
    for row in package.table("plan"):
        planned, counted = number(row, "planned_count"), _counted(package, context, text(row, "quantity"))
        if planned is not None and counted is not None and counted < planned * limit("frequency_share"):
            yield broken(row["planned_count"], f"{planned:g}", counted=counted)


REQUIRED: Final = (
    "type_zh",
    "model",
    "serial",
    "place",
    "accuracy_class",
    "mpe",
    "mpe_unit",
    "range_low",
    "range_high",
    "range_unit",
)


@check(
    "INS001",
    basis="GB 17167: list of instruments; MEE verification guide, power, 2023",
    status="law",
    severity=Severity.BLOCK,
    sheets=["instruments"],
)
def instruments_are_described(package: Package, context: Context) -> Iterator[Broken]:
    """Every instrument has type, model, serial number, place, class, permissible error and range.

    No two instruments of one quantity share a serial number.
    """
    del context
    serials: set[tuple[str, str, str]] = set()
    for row in package.table("instruments"):
        for name in REQUIRED:
            if not said(row, name):
                yield broken(first(row, name, "instrument_id"), name)
        plate = (text(row, "quantity"), text(row, "model"), text(row, "serial"))
        if plate in serials:
            yield broken(first(row, "serial"), "×1")
        serials.add(plate)
    for row in package.table("activity"):
        if text(row, "quantity") == "use" and "instrument_id" not in row:
            yield broken(first(row, "value"), "instrument_id", sheet="activity")


@check(
    "INS002",
    basis="GB 17167: readings within the range; HJ 76: 20 to 100 % of span",
    status="standard",
    severity=Severity.REVIEW,
    sheets=["instruments", "raw"],
    when=[filled("raw", "instrument_ids")],
)
def readings_are_within_the_range(package: Package, context: Context) -> Iterator[Broken]:
    """Readings stay within the instrument's range; a monitor reads a fifth of its span on average, or more."""
    instruments = group(package.table("instruments"), "instrument_id")
    for table, column, key in readings_of(package):
        found = instruments.get((key,))
        low, high = (number(found[0], name) for name in ("range_low", "range_high")) if found else (None, None)
        values = numbers_of(context, table, column)
        if found is None or low is None or high is None or values is None or not values.size:
            continue
        outside = float(((values < low) | (values > high)).mean())
        if outside > limit("range_outside_share"):
            yield broken(found[0]["range_high"], f"{low:g} – {high:g}", share=f"{outside:.1%}", column=column)
        elif package.kind is Kind.CEMS and values.mean() < low + limit("span_share_least") * (high - low):
            yield broken(
                found[0]["range_high"],
                f"≥ {limit('span_share_least'):.0%}",
                column=column,
                share=f"{(values.mean() - low) / (high - low):.1%}",
            )


_CLASS: Final = re.compile(r"(\d+(\.\d+)?)")


@check(
    "INS003",
    basis="GB 17167-2006, table 4; from memory, to be confirmed",
    status="standard",
    severity=Severity.REVIEW,
    sheets=["instruments"],
)
def classes_suffice(package: Package, context: Context) -> Iterator[Broken]:
    """The accuracy class is the one GB 17167 asks for of this kind of instrument, or better."""
    del context
    for row in package.table("instruments"):
        hit = _CLASS.search(text(row, "accuracy_class"))
        for word, most in threshold("accuracy_class").items():
            if hit and word in text(row, "type_zh") and float(hit[1]) > most:
                yield broken(row["accuracy_class"], f"≤ {most:g}")


def _changed(package: Package, context: Context) -> bool:
    del context
    return any(len(rows) > 1 for rows in _places(package))


def _places(package: Package) -> Iterable[list[Row]]:
    rows = [one for one in package.table("instruments") if "used_from" in one or "used_to" in one]
    return group(rows, "quantity", "place").values()


@check(
    "INS004",
    basis="MEE verification guide, power, 2023",
    status="law",
    severity=Severity.BLOCK,
    sheets=["instruments"],
    when=[Ground("field", _changed)],
)
def changes_leave_no_gap(package: Package, context: Context) -> Iterator[Broken]:
    """Where an instrument was changed, both are listed with their days of use, and no day is without one."""
    del context
    period = period_of(package)
    for rows in _places(package):
        if period is None or len(rows) < 2:  # noqa: PLR2004 - a change is of one for another
            continue
        used: list[Interval] = [(day(one, "used_from") or period[0], day(one, "used_to") or period[1]) for one in rows]
        for hole in holes(period, used):
            before = min(rows, key=lambda one: abs((day(one, "used_to") or period[1]) + timedelta(1) - hole[0]))
            yield broken(first(before, "used_to", "instrument_id"), f"{hole[0]}/{hole[1]}")


CHECKS: Final[tuple[PackageCheck, ...]] = (
    methods_are_named, standards_were_in_force, deviations_are_justified, plan_was_made_before, plan_was_kept,
    instruments_are_described, readings_are_within_the_range, classes_suffice, changes_leave_no_gap,
)  # fmt: skip
