"""CEM: a continuous monitor's hours, their substitution, its checks, and its conversion to the standard state."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, filled
from factordb.checks.package.columns import Array, column_named, numbers_of, readings_of, times_of
from factordb.checks.package.context import Context
from factordb.checks.package.reading import day, first, group, last_digit, limit, number, period_of, text, threshold
from factordb.derivation.methods import captured
from factordb.derivation.methods import filled as substituted
from factordb.derivation.recipe import Recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome as Recomputed
from factordb.model.submission import Cell, Kind, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]

MONITORED: Final = (Kind.CEMS,)
ANALOGY: Final = "HJ 75 by analogy: that standard covers SO2, NOx and particles, not CO2"


def _columns(name: str) -> list[str]:
    return list(threshold("measured_columns")[name])


def _hourly(package: Package, context: Context) -> Iterator[tuple[Row, str, NDArray[np.datetime64], dict[str, Array]]]:
    """Yield each raw table of a monitor with its times and the columns its instruments read, nan where invalid."""
    named: dict[str, list[str]] = {}
    for table, column, _ in readings_of(package):
        named.setdefault(table, []).append(column)
    for row in package.table("raw"):
        table = text(row, "table_id")
        times = times_of(context, row) if table in named and context.table(table) else None
        if times is None or not times.size:
            continue
        read = {one: numbers_of(context, table, one, aligned=True) for one in named[table]}
        yield row, table, times, {one: values for one, values in read.items() if values is not None}


def _has(name: str) -> Ground:
    def holds(package: Package, context: Context) -> bool:
        return any(column_named(context, text(row, "table_id"), _columns(name)) for row in package.table("raw"))

    return Ground("field", holds)


TABLE: Final = filled("raw", "time_column", "instrument_ids")


@check("CEM001", basis=ANALOGY, severity=Severity.BLOCK, kinds=MONITORED, sheets=["raw"], when=[_has("minutes"), TABLE])
def short_hours_are_not_valid(package: Package, context: Context) -> Iterator[Broken]:
    """An hour with less than forty-five valid minutes is left empty, and substituted later."""
    for row, table, times, read in _hourly(package, context):
        name = column_named(context, table, _columns("minutes"))
        minutes = numbers_of(context, table, name, aligned=True) if name else None
        if minutes is None:
            continue
        short = np.nan_to_num(minutes) < limit("valid_minutes")
        for column, values in read.items():
            wrong = np.flatnonzero(short & np.isfinite(values))
            if wrong.size:
                yield broken(
                    first(row, "table_id"),
                    f"≥ {limit('valid_minutes'):g} min",
                    column=column,
                    n=wrong.size,
                    at=times[wrong[0]],
                )


def _valid(read: dict[str, Array], size: int) -> NDArray[np.bool_]:
    valid = np.ones(size, bool)
    for values in read.values():
        valid &= np.isfinite(values)
    return valid


@check(
    "CEM002", basis=ANALOGY, status="standard", severity=Severity.BLOCK, kinds=MONITORED, sheets=["raw"], when=[TABLE]
)
def enough_hours_are_valid(package: Package, context: Context) -> Iterator[Broken]:
    """Three quarters of each quarter's hours are valid, nine tenths for a good capture."""
    for row, _, times, read in _hourly(package, context):
        valid = _valid(read, times.size)
        _, share = captured(times, valid)
        worst = float(share.min())
        if worst < limit("capture_block"):
            yield broken(first(row, "table_id"), f"≥ {limit('capture_block'):.0%}", share=f"{worst:.1%}")
        elif worst < limit("capture_review"):
            yield broken(
                first(row, "table_id"),
                f"≥ {limit('capture_review'):.0%}",
                share=f"{worst:.1%}",
                severity=Severity.REVIEW,
            )


@check(
    "CEM003", basis=ANALOGY, status="standard", severity=Severity.REVIEW, kinds=MONITORED, sheets=["raw"], when=[TABLE]
)
def substitution_follows_the_ladder(package: Package, context: Context) -> Iterator[Broken]:
    """Invalid hours are substituted by the ladder, in the recipe; the share of substituted hours is told.

    Where a table has a column `x_filled` beside `x`, it is recomputed hour by hour.
    """
    for row, table, times, read in _hourly(package, context):
        cell = first(row, "table_id")
        invalid = float(1 - _valid(read, times.size).mean())
        steps = context.recipe.steps if isinstance(context.recipe, Recipe) else ()
        if invalid and steps and not any(one.method == "substitute" for one in steps):
            yield broken(cell, "substitute", share=f"{invalid:.1%}", column="—")
        if invalid > limit("substituted_review"):
            yield broken(cell, f"≤ {limit('substituted_review'):.0%}", share=f"{invalid:.1%}", column="—")
        for column, values in read.items():
            told = numbers_of(context, table, f"{column}_filled", aligned=True)
            if told is None:
                continue
            try:
                expected, _ = substituted(column, values[None, :], times)
            except RecipeError:
                continue  # CEM002 tells of a capture below the ladder
            wrong = np.flatnonzero(~np.isclose(told, expected[0], rtol=limit("recompute_tolerance")))
            if wrong.size:
                yield broken(
                    cell, float(expected[0, wrong[0]]), share=f"{invalid:.1%}", column=column, at=times[wrong[0]]
                )


@check(
    "CEM004",
    basis="HJ 75 practice: zero and span at most 7 days apart; from memory, to be confirmed",
    severity=Severity.BLOCK,
    kinds=MONITORED,
    sheets=["qa_log", "instruments"],
)
def drift_checks_are_kept(package: Package, context: Context) -> Iterator[Broken]:
    """Zero and span of each monitor are checked at the required interval and stay within their limits."""
    del context
    most = int(limit("drift_days"))
    period = period_of(package)
    for (key, kind), rows in group(package.table("qa_log"), "instrument_id", "kind").items():
        if kind not in {"zero", "span", "linearity"}:
            continue
        for row in rows:
            expected, found, allowed = (number(row, name) for name in ("expected", "found", "limit"))
            if expected is not None and found is not None and allowed is not None and abs(found - expected) > allowed:
                yield broken(row["found"], f"{expected:g} ± {allowed:g}", monitor=key)
        days = sorted(done for row in rows if (done := day(row, "done_on")))
        if kind == "linearity" or period is None or not days:
            continue
        edges = [period[0] - timedelta(1), *days, period[1] + timedelta(1)]
        wide = [(before, after) for before, after in pairwise(edges) if (after - before).days > most + 1]
        if wide:
            yield broken(first(rows[0], "done_on"), f"≤ {most} d", monitor=key, gap=f"{wide[0][0]} – {wide[0][1]}")


@check(
    "CEM005",
    basis="EN 14181; HJ 75: comparison with the reference method",
    status="standard",
    severity=Severity.BLOCK,
    kinds=MONITORED,
    sheets=["instruments", "raw"],
)
def reference_method_agrees(package: Package, context: Context) -> Iterator[Broken]:
    """A comparison with the reference method lies within a year before the end of the period, and within its limit."""
    del context
    period = period_of(package)
    rows = [one for one in package.table("qa_log") if text(one, "kind") == "rata"]
    if not rows:
        yield broken(first(package.table("instruments")[0], "instrument_id"), "rata", sheet="qa_log")
    for row in rows:
        expected, found, allowed = (number(row, name) for name in ("expected", "found", "limit"))
        if expected is not None and found is not None and allowed is not None and abs(found - expected) > allowed:
            yield broken(row["found"], f"{expected:g} ± {allowed:g}", sheet="qa_log")
    newest = max((done for row in rows if (done := day(row, "done_on"))), default=None)
    if newest and period and not 0 <= (period[1] - newest).days <= limit("rata_days"):
        yield broken(first(rows[0], "done_on"), f"≤ {limit('rata_days'):g} d", sheet="qa_log")


@check(
    "CEM006",
    basis="GB 13223; HJ 76: 273.15 K, 101 325 Pa, dry",
    status="standard",
    severity=Severity.BLOCK,
    kinds=MONITORED,
    sheets=["raw"],
    when=[TABLE],
)
def standard_state_is_reproduced(package: Package, context: Context) -> Iterator[Broken]:
    """Flow, moisture, oxygen, temperature and pressure are recorded, and give the flow at the dry standard state."""
    for row, table, times, _ in _hourly(package, context):
        found = {
            name: column_named(context, table, _columns(name))
            for name in ("flow", "standard_flow", "moisture", "oxygen", "temperature", "pressure")
        }
        cell = first(row, "table_id")
        missing = [name for name, column in found.items() if not column and name != "standard_flow"]
        if missing:
            yield broken(cell, ", ".join(missing), n=len(missing))
            continue
        read = {name: numbers_of(context, table, column, aligned=True) for name, column in found.items() if column}
        if "standard_flow" not in read or any(values is None for values in read.values()):
            continue
        flow, wet, celsius, pressure, told = (
            np.asarray(read[name], float) for name in ("flow", "moisture", "temperature", "pressure", "standard_flow")
        )
        pascal = pressure * (1000.0 if found["pressure"].endswith("kpa") else 1.0)
        kelvin = celsius + limit("standard_temperature_k")
        expected = (
            flow
            * (limit("standard_temperature_k") / kelvin)
            * (pascal / limit("standard_pressure_pa"))
            * (1 - wet / 100.0)
        )
        wrong = np.flatnonzero(np.abs(told / expected - 1) > limit("standard_state_tolerance"))
        if wrong.size:
            place = int(wrong[0])
            yield broken(Cell(f"{told[place]:g}", cell.place), float(expected[place]), n=wrong.size, at=times[place])


def _both(package: Package, context: Context) -> bool:
    return (
        filled("tests", "value", quantity="carbon", basis="ar").holds(package, context)
        and filled("activity", "value", quantity="use", unit="t").holds(package, context)
        and any(isinstance(one, Recomputed) and "emission" in one.steps for one in context.recomputed.values())
    )


@check(
    "CEM007",
    basis="guideline 468, annex 8: cross-comparison",
    status="law",
    severity=Severity.REVIEW,
    kinds=MONITORED,
    sheets=["raw"],
    when=[Ground("field", _both)],
)
def monitor_and_fuel_agree(package: Package, context: Context) -> Iterator[Broken]:
    """CO2 by the monitor agrees with CO2 by the fuel's carbon, within their joint uncertainty."""
    carbon = [
        (number(row, "value") or 0.0, last_digit(text(row, "value")))
        for row in package.table("tests")
        if text(row, "quantity") == "carbon" and text(row, "basis") == "ar"
    ]
    used = [row for row in package.table("activity") if text(row, "quantity") == "use" and text(row, "unit") == "t"]
    fuel = (
        sum(number(row, "value") or 0.0 for row in used)
        * float(np.mean([one for one, _ in carbon]))
        / 100
        * limit("stoichiometric_co2")
    )
    for one in context.recomputed.values():
        if isinstance(one, Recomputed) and "emission" in one.steps:
            # base units count mass in grams
            monitored = float(one.steps["emission"].values[0, 0]) / 1e6
            relative = one.u / one.value if one.u == one.u and one.value else 0.0
            allowed = limit("coverage_factor") * relative + limit("cems_fuel_tolerance")
            if abs(monitored - fuel) > allowed * fuel:
                yield broken(
                    Cell(f"{monitored:.6g} t", first(used[0], "value").place),
                    f"{fuel:.6g} t",
                    sheet="activity",
                    share=f"{allowed:.1%}",
                )


CHECKS: Final[tuple[PackageCheck, ...]] = (
    short_hours_are_not_valid, enough_hours_are_valid, substitution_follows_the_ladder, drift_checks_are_kept,
    reference_method_agrees, standard_state_is_reproduced, monitor_and_fuel_agree,
)  # fmt: skip
