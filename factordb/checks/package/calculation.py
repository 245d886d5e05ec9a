"""CALC and UNC: the factor recomputed from the raw records, and its uncertainty, against what is claimed."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Final

from factordb.checks.package.base import RECIPE, Broken, Ground, PackageCheck, broken, check, filled
from factordb.checks.package.context import Context
from factordb.checks.package.reading import first, group, last_digit, limit, number, said, text, threshold
from factordb.derivation.recipe import Recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome as Recomputed
from factordb.model.submission import Cell, Kind, Package, Row
from factordb.model.vocabulary import Severity
from factordb.reference import tables

__all__ = ["CHECKS", "claimed_u"]

PLACE: Final = "calc/recipe.toml"
ALGEBRA: Final = frozenset({"dimensions", "unit", "exponent", "argument", "result_unit"})
"""Kinds of a recipe's faults that are of its units."""


def claimed_u(row: Row) -> float | None:
    """Return the standard uncertainty a factor claims, U / k, in the factor's unit; None where it claims none."""
    expanded, k = number(row, "expanded_u"), number(row, "coverage_k")
    return expanded / k if expanded is not None and k else None


def _faults(package: Package, context: Context, *, algebra: bool) -> Iterator[Broken]:
    """Yield the recipe's faults, once each: those of its units, or all others but a constant without a source."""
    told: set[str] = set()
    cells = {text(row, "factor_key"): first(row, "value", "factor_key") for row in package.table("factors")}
    faults = [("", context.recipe), *context.recomputed.items()]
    for key, fault in faults:
        if not isinstance(fault, RecipeError) or fault.kind == "source" or (fault.kind in ALGEBRA) is not algebra:
            continue
        if str(fault) not in told:
            told.add(str(fault))
            words = {f"words_{lang}": fault.words(lang) for lang in ("zh", "en")}
            yield Broken(
                PLACE,
                fault.found or fault.step,
                cells.get(key, Cell("", "")).text or fault.expected,
                facts={**words, "claimed": cells.get(key, Cell("", "")).text},
                sheet="recipe",
            )


@check(
    "CALC001",
    basis="traceability.md 3.5; guideline 468 (四)",
    status="law",
    severity=Severity.BLOCK,
    sheets=["factors"],
)
def claims_are_reproduced(package: Package, context: Context) -> Iterator[Broken]:
    """The factor recomputed from the package's own records equals the claim.

    Tolerance: 1e-4 or half a unit of the last digit, the larger. Both numbers are shown.
    """
    if context.recipe is None:
        yield Broken(PLACE, "—", PLACE, sheet="recipe")
        return
    yield from _faults(package, context, algebra=False)
    for row in package.table("factors"):
        found, claim = context.recomputed.get(text(row, "factor_key")), number(row, "value")
        if not isinstance(found, Recomputed) or claim is None:
            continue
        allowed = max(limit("recompute_tolerance") * abs(found.value), last_digit(text(row, "value")) / 2 * (1 + 1e-9))
        if not abs(claim - found.value) <= allowed:
            yield broken(
                row["value"],
                found.value,
                ratio=claim / found.value if found.value else math.inf,
                unit=text(row, "unit"),
            )


@check("CALC002", basis="dimension analysis", status="ours", severity=Severity.BLOCK, sheets=["factors"], when=[RECIPE])
def units_close(package: Package, context: Context) -> Iterator[Broken]:
    """The units of the recipe's steps close, and come to the unit of the factor."""
    yield from _faults(package, context, algebra=True)


def _read(package: Package, context: Context) -> bool:
    del package
    return isinstance(context.recipe, Recipe)


READ: Final = Ground("recipe", _read)


@check(
    "CALC003",
    basis="guideline 468 (四); ours: a mean of ratios weighs a small lot like a large one",
    status="ours",
    severity=Severity.REVIEW,
    kinds=[Kind.FUEL, Kind.CEMS, Kind.PROCESS, Kind.PEMS],
    sheets=["factors"],
    when=[READ],
)
def means_are_weighted(package: Package, context: Context) -> Iterator[Broken]:
    """A mean is a ratio of sums weighted by activity, not a mean of ratios."""
    del package
    if isinstance(context.recipe, Recipe):
        for step in context.recipe.steps:
            if step.operation == "mean":
                yield Broken(PLACE, f"[steps.{step.name}] mean", "weighted_mean", sheet="recipe")


@check(
    "CALC004",
    basis="guideline 468 (四)(七), annex 6: GWP of the named set",
    status="law",
    severity=Severity.BLOCK,
    sheets=["factors"],
    when=[RECIPE],
)
def constants_have_sources(package: Package, context: Context) -> Iterator[Broken]:
    """Constants have a source and, where they are known, their accepted value; GWPs are those of the factor's set."""
    faults = [context.recipe, *context.recomputed.values()]
    for fault in faults:
        if isinstance(fault, RecipeError) and fault.kind == "source":
            yield Broken(PLACE, f"[constants.{fault.step}]", "source", sheet="recipe")
            return
    if not isinstance(context.recipe, Recipe):
        return
    known, blanks = threshold("known_constants"), tuple(threshold("placeholder_sources"))
    gwp = _gwp(frozenset(text(row, "gwp_set") for row in package.table("factors")))
    for one in context.recipe.constants.values():
        if one.source.strip().lower().startswith(blanks):
            yield Broken(PLACE, f"[constants.{one.name}] {one.source}", "source", sheet="recipe")
        accepted = known.get(one.unit) or gwp.get(one.unit)
        if accepted and not any(abs(one.value / each - 1) <= limit("constant_tolerance") for each in accepted):
            yield Broken(
                PLACE,
                f"[constants.{one.name}] {one.text} {one.unit}",
                " / ".join(f"{each:.6g}" for each in accepted),
                sheet="recipe",
            )


@cache
def _gwp(named: frozenset[str]) -> dict[str, list[float]]:
    """Return unit of a GWP -> its values in the named sets: kgCO2e/kgCH4 -> 28 for AR5."""
    found: dict[str, list[float]] = {}
    if named - {""}:
        for row in tables.table("gwp/gwp100").to_pylist():
            if row["gas_set"] in named:
                found.setdefault(f"kgCO2e/kg{row['gas'].partition('-')[0]}", []).append(float(row["gwp100"]))
    return found


@check(
    "CALC005",
    basis="JCGM 100:2008, 7.2.6",
    status="standard",
    severity=Severity.ADVISE,
    sheets=["factors"],
    when=[filled("factors", "value", "expanded_u", "coverage_k")],
)
def digits_are_justified(package: Package, context: Context) -> Iterator[Broken]:
    """A claim bears no more digits than its uncertainty justifies."""
    del context
    for row in package.table("factors"):
        u, written = claimed_u(row), text(row, "value")
        if u and number(row, "value") is not None and u / last_digit(written) > limit("digits_over_u"):
            yield broken(row["value"], f"u = {u:.3g}")


@check(
    "CALC006",
    basis="guideline 468, annex 3: allocation; (三): cut-off",
    status="law",
    severity=Severity.BLOCK,
    kinds=[Kind.PROCESS],
    sheets=["factors", "unit_process"],
)
def allocation_is_declared(package: Package, context: Context) -> Iterator[Broken]:
    """Allocation and cut-off are declared, and the shares of product and by-products add up to one."""
    del context
    for row in package.table("factors"):
        for name in ("allocation", "cut_off"):
            if name not in row:
                yield broken(Cell("—", first(row, "factor_key").place), name)
    made = [one for one in package.table("unit_process") if text(one, "flow_class") in {"product", "by_product"}]
    shares = [(one, number(one, "share")) for one in made if "share" in one]
    total = sum(share or 0.0 for _, share in shares)
    if (
        not shares
        or abs(total - 1) > limit("share_tolerance")
        or any(share is not None and not 0 <= share <= 1 for _, share in shares)
    ):
        yield broken(
            first(made[0], "share", "flow_id") if made else Cell("—", "unit_process"),
            "Σ = 1",
            total=total,
            sheet="unit_process",
        )


# ── uncertainty ──────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "UNC101",
    basis="JCGM 100:2008, 7.2: budget, coverage factor",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["factors"],
)
def budget_is_there(package: Package, context: Context) -> Iterator[Broken]:
    """There is an uncertainty budget, and each factor states a positive U with its coverage factor."""
    del context
    for row in package.table("factors"):
        expanded, k = number(row, "expanded_u"), number(row, "coverage_k")
        if expanded is None or k is None or expanded <= 0 or not 1 <= k <= 4:  # noqa: PLR2004 - a coverage factor
            yield broken(first(row, "expanded_u", "coverage_k", "factor_key"), "U > 0, k = 2")
    if not package.table("budget"):
        yield broken(first(package.table("factors")[0], "expanded_u", "factor_key"), "budget", sheet="budget")


def _of_certificates(package: Package) -> Iterator[tuple[str, str, float, Cell]]:
    """Yield quantity, unit, standard uncertainty and its cell of each calibration certificate."""
    instruments = group(package.table("instruments"), "instrument_id")
    for row in package.table("certificates"):
        found = instruments.get((text(row, "instrument_id"),))
        u, k = number(row, "expanded_u"), number(row, "coverage_k") or limit("coverage_factor")
        if found and u is not None and text(row, "kind") != "reference_material":
            yield text(found[0], "quantity"), text(found[0], "mpe_unit"), u / k, first(row, "expanded_u")


@check(
    "UNC102",
    basis="JCGM 100:2008, 5.1: no budget undercuts its inputs",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["factors"],
    when=[filled("factors", "expanded_u", "coverage_k")],
)
def u_is_not_understated(package: Package, context: Context) -> Iterator[Broken]:
    """The claimed uncertainty is not below what certificates, budget and records give.

    A row of the budget is not below its instrument's certificate; the claim is not below the budget's own sum of
    squares, nor below what the recipe draws from the records.
    """
    budget = {(text(one, "quantity"), text(one, "unit")): one for one in package.table("budget")}
    told: set[tuple[str, str]] = set()
    for quantity, unit, u, cell in _of_certificates(package):
        row = budget.get((quantity, unit))
        mine = number(row, "standard_u") if row else None
        if row and mine is not None and mine < u * limit("understated_share") and (quantity, unit) not in told:
            told.add((quantity, unit))
            yield broken(row["standard_u"], f"≥ {u:.3g}", origin=cell.place, sheet="budget")
    rows = package.table("budget")
    parts = [(number(one, "sensitivity") or 0.0) * (number(one, "standard_u") or 0.0) for one in rows]
    together = math.sqrt(sum(one * one for one in parts))
    single = len(package.table("factors")) == 1
    for row in package.table("factors"):
        claim, found = claimed_u(row), context.recomputed.get(text(row, "factor_key"))
        if claim is None:
            continue
        least = found.u if isinstance(found, Recomputed) and found.u > 0 else 0.0
        origin = PLACE if least >= together or not single else "budget"
        least = max(least, together if single else 0.0)
        if claim < least * limit("understated_share"):
            k = number(row, "coverage_k") or limit("coverage_factor")
            yield broken(row["expanded_u"], f"≥ {least * k:.3g}", origin=origin)


def _drawn(package: Package, context: Context) -> bool:
    del package
    return any(isinstance(one, Recomputed) and one.u > 0 for one in context.recomputed.values())


@check(
    "UNC103",
    basis="JCGM 101:2008, 8: validation by Monte Carlo",
    status="standard",
    severity=Severity.REVIEW,
    sheets=["factors"],
    when=[Ground("draws", _drawn), filled("factors", "expanded_u", "coverage_k")],
)
def monte_carlo_agrees(package: Package, context: Context) -> Iterator[Broken]:
    """The claimed uncertainty agrees with Monte Carlo from the records, plus what the budget has beside the recipe."""
    known = set(context.recipe.columns) | set(context.recipe.constants) if isinstance(context.recipe, Recipe) else set()
    extra = [
        (number(one, "sensitivity") or 0.0) * (number(one, "standard_u") or 0.0)
        for one in package.table("budget")
        if text(one, "quantity") not in known and said(one, "sensitivity")
    ]
    for row in package.table("factors"):
        claim, found = claimed_u(row), context.recomputed.get(text(row, "factor_key"))
        if claim is None or not isinstance(found, Recomputed) or not found.u > 0:
            continue
        expected = math.hypot(found.u, *extra)
        k = number(row, "coverage_k") or limit("coverage_factor")
        rounding = last_digit(text(row, "expanded_u")) / 2 / k
        if abs(claim - expected) > limit("monte_carlo_tolerance") * expected + rounding:
            yield broken(row["expanded_u"], f"{expected * k:.4g}", draws=found.draws)


CHECKS: Final[tuple[PackageCheck, ...]] = (
    claims_are_reproduced, units_close, means_are_weighted, constants_have_sources, digits_are_justified,
    allocation_is_declared, budget_is_there, u_is_not_understated, monte_carlo_agrees,
)  # fmt: skip
