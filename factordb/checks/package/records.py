"""RAW and ACT: the raw records a factor was made of, and the activity data beside them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import special

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, filled, quotes
from factordb.checks.package.columns import ZONE, cells_of, readings_of, times_of
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
    yes,
)
from factordb.derivation.recipe import Recipe
from factordb.model.package_finding import Quoted
from factordb.model.submission import Package, Row, sheets
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]

_HEX: Final = 64


@check(
    "RAW001",
    basis="guideline 468 (七): the original file, or how to get it",
    status="law",
    severity=Severity.BLOCK,
    sheets=["factors"],
)
def raw_records_are_there(package: Package, context: Context) -> Iterator[Broken]:
    """Raw records of every input are in the package, or kept outside under their hash; the recipe reads no other."""
    rows = package.table("raw")
    if not rows:
        yield broken(first(package.table("factors")[0], "factor_key"), "raw", sheet="raw")
    for row in rows:
        file, stated = package.files.get(text(row, "file")), text(row, "sha256").lower()
        cell = first(row, "file", "table_id")
        if yes(row, "outside"):
            if len(stated) != _HEX:
                yield broken(first(row, "sha256", "file"), "sha256", sheet="raw")
        elif file is None or not file.size:
            yield broken(cell, text(row, "file"), sheet="raw")
        elif stated and stated != file.sha256:
            yield broken(row["sha256"], file.sha256, sheet="raw", file=file.path)
    if isinstance(context.recipe, Recipe):
        known = {text(row, "table_id") for row in rows} | {name for name in sheets() if package.table(name)}
        for table in sorted({one.table for one in context.recipe.columns.values()} - known):
            yield Broken("calc/recipe.toml", table, "raw.table_id", sheet="recipe")


TIMED: Final = filled("raw", "time_column")


@check(
    "RAW002",
    basis="HJ 212 practice; online energy data: clock within a minute a day",
    severity=Severity.BLOCK,
    sheets=["raw"],
    when=[TIMED],
)
def time_stamps_are_whole(package: Package, context: Context) -> Iterator[Broken]:
    """Time stamps can be read, increase, repeat none and skip none of the regular step, in the zone of the cover."""
    zone = text(package.cover, "time_zone")
    for row in package.table("raw"):
        table, column = text(row, "table_id"), text(row, "time_column")
        if not column or not context.table(table):
            continue
        times = times_of(context, row)
        cell = first(row, "time_column")
        if times is None or not times.size:
            yield broken(cell, "2025-01-01T00:00:00", at="—", table=table)
            continue
        yield from _zones(context, row, zone)
        steps = np.diff(times).astype(np.int64)
        step = number(row, "step_seconds")
        wrong = np.flatnonzero(steps <= 0)
        if not wrong.size and step:
            wrong = np.flatnonzero(steps != int(step))
        if wrong.size:
            place = int(wrong[0])
            yield broken(
                cell,
                f"+{step:g} s" if step else "> 0 s",
                at=f"{times[place]} → {times[place + 1]}",
                n=wrong.size,
                table=table,
            )


def _zones(context: Context, row: Row, zone: str) -> Iterator[Broken]:
    cells = cells_of(context, text(row, "table_id"), text(row, "time_column"))
    if cells is None:
        return
    ends = pc.struct_field(pc.extract_regex(cells, f"(?P<zone>{ZONE})"), "zone")
    for found in pc.unique(ends).to_pylist():
        if found and found.replace("Z", "+00:00") != zone:
            yield broken(row["time_column"], zone, at=found, table=text(row, "table_id"))
            return


@check(
    "RAW003",
    basis="ours; test of terminal digits",
    status="ours",
    severity=Severity.ADVISE,
    sheets=["raw"],
    when=[filled("raw", "instrument_ids")],
)
def readings_were_not_made_up(package: Package, context: Context) -> Iterator[Broken]:
    """The last digits of fifty readings and more are spread over the digits, as those of an instrument are.

    Chi-square over ten digits, and one digit with a quarter of the readings: long series make trifles significant.
    """
    rows = {text(one, "table_id"): one for one in package.table("raw")}
    for table, column, _ in readings_of(package):
        cells = cells_of(context, table, column)
        if cells is None or len(cells) - cells.null_count < limit("terminal_digits_least"):
            continue
        counts = _terminal(cells.drop_null())
        total = int(counts.sum())
        if not total:
            continue
        chi2 = float(((counts - total / 10) ** 2).sum() * 10 / total)
        share = float(counts.max()) / total
        # with nine degrees of freedom
        p = float(special.gammaincc(4.5, chi2 / 2))
        if p < limit("terminal_digits_p") and share > limit("terminal_digits_share"):
            yield broken(
                first(rows[table], "instrument_ids"),
                "10 %",
                digit=int(counts.argmax()),
                share=f"{share:.0%}",
                column=column,
            )


def _terminal(cells: pa.Array) -> NDArray[np.int64]:
    """Return how often each digit ends a reading; nothing where the readings lie too near together to tell."""
    empty = np.zeros(10, np.int64)
    lengths = pc.max(pc.utf8_length(pc.replace_substring_regex(cells, r"^[^.]*\.?", "")))
    try:
        values = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return empty
    read = pc.not_equal(values, 0.0)  # at a standstill an instrument reads nothing
    cells, values = cells.filter(read), values.filter(read)
    if not len(values):
        return empty
    low, high = pc.min_max(values).as_py().values()
    unit = 10.0 ** -(lengths.as_py() or 0)
    if (high - low) / unit < 10 * limit("digits_least"):
        return empty
    last = pc.utf8_slice_codeunits(cells, -1)
    for one in pc.value_counts(last).to_pylist():
        if one["values"].isdigit():
            empty[int(one["values"])] += one["counts"]
    return empty


@check(
    "RAW004",
    basis="ISO/IEC 17025, 7.5.2: changes can be traced",
    status="standard",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["raw"],
    view=lambda package, _: quotes(package.table("edits"), "file", "edited_on", "editor", "reason"),
)
def edits_are_explained(package: Package, context: Context) -> Iterator[Broken]:
    """Changes of records after they were taken are listed with who, when and why; a person judges each."""
    del context
    for row in package.table("edits"):
        yield broken(first(row, "file", "reason"), text(row, "reason"), sheet="edits", editor=text(row, "editor"))


# ── activity data ────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "ACT001",
    basis="MEE verification guide, power, 2023: cross-checked with invoices",
    status="law",
    who="AH",
    severity=Severity.BLOCK,
    sheets=["activity"],
    view=lambda package, _: quotes(package.table("activity"), "quantity", "value", "invoice"),
)
def purchases_have_invoices(package: Package, context: Context) -> Iterator[Broken]:
    """What was received or delivered has an invoice, and the amount stands in its text."""
    for row in package.table("activity"):
        if text(row, "quantity") not in {"received", "delivered"}:
            continue
        if not said(row, "invoice"):
            yield broken(first(row, "value", "record_id"), "invoice")
            continue
        facts = context.pdf(text(row, "invoice"))
        if facts and facts.text.strip() and text(row, "value") not in facts.text:
            yield broken(first(row, "value"), text(row, "invoice"), file=text(row, "invoice"))


def _by_period(package: Package) -> dict[tuple[str, ...], dict[str, Row]]:
    found = group(package.table("activity"), "period_from", "period_to", "unit")
    return {key: {text(row, "quantity"): row for row in rows} for key, rows in found.items()}


STOCK: Final = ("opening", "received", "closing", "use")


def _stocks(package: Package, context: Context) -> bool:
    del context
    return any(all(name in rows for name in STOCK) for rows in _by_period(package).values())


@check(
    "ACT002",
    basis="MEE verification guide, power, 2023: balance of stocks",
    status="law",
    severity=Severity.REVIEW,
    sheets=["activity"],
    when=[Ground("field", _stocks)],
)
def stocks_balance(package: Package, context: Context) -> Iterator[Broken]:
    """Opening stock plus receipts less deliveries less closing stock is the use.

    A closing stock opens the next period.
    """
    del context
    periods = [rows for _, rows in sorted(_by_period(package).items()) if all(name in rows for name in STOCK)]
    for rows in periods:
        amounts = {name: number(row, "value") for name, row in rows.items()}
        opening, received, closing, used = (amounts[name] for name in STOCK)
        if opening is None or received is None or closing is None or used is None:
            continue
        expected = opening + received - (amounts.get("delivered") or 0.0) - closing
        if abs(expected - used) > limit("stock_tolerance") * max(abs(used), abs(received)):
            yield broken(first(rows["use"], "value"), expected)
    for before, after in pairwise(periods):
        ended, begun = day(before["closing"], "period_to"), day(after["opening"], "period_from")
        if (
            ended
            and begun == ended + timedelta(1)
            and number(before["closing"], "value") != number(after["opening"], "value")
        ):
            yield broken(first(after["opening"], "value"), text(before["closing"], "value"))


@check("ACT003", basis="practice of online energy data: 5 %, 90 %", severity=Severity.REVIEW, sheets=["activity"])
def activity_is_complete(package: Package, context: Context) -> Iterator[Broken]:
    """Daily sums agree with the value of the month, and activity data cover nine tenths of the period."""
    del context
    for rows in _by_period(package).values():
        if "daily_sum" in rows and "use" in rows:
            daily, used = number(rows["daily_sum"], "value"), number(rows["use"], "value")
            if daily is not None and used and abs(daily - used) > limit("daily_sum_tolerance") * abs(used):
                yield broken(
                    first(rows["daily_sum"], "value"), text(rows["use"], "value"), percent=f"{daily / used - 1:+.1%}"
                )
    period = period_of(package)
    if period is None:
        return
    covered: list[Interval] = [
        (start, end)
        for row in package.table("activity")
        if (start := day(row, "period_from")) and (end := day(row, "period_to"))
    ]
    missing = sum((hole[1] - hole[0]).days + 1 for hole in holes(period, covered))
    share = 1 - missing / ((period[1] - period[0]).days + 1)
    if share < limit("activity_complete"):
        yield broken(
            first(package.table("activity")[0], "period_from"),
            f"≥ {limit('activity_complete'):.0%}",
            percent=f"{share:.0%}",
        )


def _statistics(package: Package, context: Context) -> Iterable[Quoted]:
    del context
    return quotes(package.table("activity"), "period_from", "quantity", "value", "unit")


@check(
    "ACT004",
    basis="guideline 468, annex 8: cross-comparison",
    status="law",
    who="H",
    severity=Severity.REVIEW,
    sheets=["activity"],
    view=_statistics,
)
def statistics_agree(package: Package, context: Context) -> Iterator[Broken]:
    """Production, energy and own use agree with what was reported to statistics elsewhere; a person compares."""
    del package, context
    yield from ()


CHECKS: Final[tuple[PackageCheck, ...]] = (
    raw_records_are_there, time_stamps_are_whole, readings_were_not_made_up, edits_are_explained,
    purchases_have_invoices, stocks_balance, activity_is_complete, statistics_agree,
)  # fmt: skip
