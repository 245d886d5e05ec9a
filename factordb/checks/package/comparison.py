"""BAL, CMP, STA: what goes in comes out, what others found, and what chance allows."""

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factordb.checks.package.base import LIBRARY, Broken, Ground, PackageCheck, broken, check, filled, values_of
from factordb.checks.package.context import Context
from factordb.checks.package.physics import scale_of
from factordb.checks.package.reading import first, group, limit, number, said, text, threshold
from factordb.model.submission import Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]

PERCENT: Final = 100.0


# ── balances ─────────────────────────────────────────────────────────────────────────────────────────────────


def _flows(package: Package, what: str) -> Iterator[tuple[Row, float, float]]:
    """Yield each flow with its amount of mass (kg), carbon (kg) or energy (MJ), in positive, and its uncertainty."""
    units = threshold("mass_units")
    for row in package.table("unit_process"):
        amount, scale = number(row, "amount"), units.get(text(row, "unit"))
        share, energy = number(row, "carbon_share"), number(row, "energy_mj")
        if amount is None:
            continue
        size = None
        if what == "mass" and scale is not None:
            size = amount * scale
        elif what == "carbon" and scale is not None and share is not None:
            size = amount * scale * share
        elif what == "energy" and energy is not None:
            size = amount * energy
        if size is not None:
            sign = 1.0 if text(row, "direction") == "in" else -1.0
            yield row, sign * size, abs(size) * (number(row, "u_percent") or 0.0) / PERCENT


def _balanced(package: Package, context: Context) -> bool:
    del context
    return any(
        {text(row, "direction") for row, _, _ in _flows(package, what)} == {"in", "out"}
        for what in ("mass", "carbon", "energy")
    )


@check(
    "BAL001",
    basis="guideline 468, annex 8: mass, energy, element balance",
    status="law",
    severity=Severity.BLOCK,
    sheets=["unit_process"],
    when=[Ground("field", _balanced)],
)
def matter_and_energy_balance(package: Package, context: Context) -> Iterator[Broken]:
    """Mass, carbon and energy that go in come out, within the joint uncertainty of the flows."""
    del context
    for what in ("mass", "carbon", "energy"):
        flows = list(_flows(package, what))
        into, out = (sum(size for _, size, _ in flows if size * sign > 0) * sign for sign in (1, -1))
        if not into or not out:
            continue
        beyond = abs(into - out) - limit("coverage_factor") * math.hypot(*(u for _, _, u in flows))
        share = beyond / max(into, out)
        if share > limit("balance_review"):
            largest = max(flows, key=lambda one: abs(one[1]))[0]
            yield broken(
                first(largest, "amount"),
                f"{what}: {into:.6g} = {out:.6g}",
                what=what,
                into=into,
                out=out,
                severity=Severity.BLOCK if share > limit("balance_block") else Severity.REVIEW,
            )


# ── comparison and statistics ────────────────────────────────────────────────────────────────────────────────


@check(
    "CMP101",
    basis="guideline 468, annex 8: cross-comparison",
    status="law",
    severity=Severity.REVIEW,
    sheets=["factors"],
    when=[LIBRARY],
)
def claims_are_comparable(package: Package, context: Context) -> Iterator[Broken]:
    """A claim lies within a factor of 1.5 of the median of comparable published factors, or is explained."""
    for row in package.table("factors"):
        value = number(row, "value")
        peers = [
            one.value
            for one in (context.library.factors if context.library else ())
            if (one.flow, one.unit, one.gas) == tuple(text(row, name) for name in ("flow", "unit", "gas"))
            and one.value > 0
        ]
        if value is None or not peers:
            continue
        middle = float(np.median(peers))
        ratio = value / middle if value > 0 else 0.0
        if not 1 / limit("comparison_ratio") <= ratio <= limit("comparison_ratio"):
            yield broken(row["value"], middle, ratio=ratio, n=len(peers))


@check(
    "STA001",
    basis="ours; repeatability of the method",
    status="ours",
    severity=Severity.REVIEW,
    sheets=["tests"],
    when=[filled("tests", "value")],
)
def results_scatter_as_they_should(package: Package, context: Context) -> Iterator[Broken]:
    """Results are not repeated to the last digit, scatter no less than the method repeats, and hold no outlier."""
    del context
    for (quantity, basis, _), rows in group(package.table("tests"), "quantity", "basis", "unit").items():
        told = [row for row in rows if said(row, "value")]
        same = group(told, "value")
        for (written,), twins in same.items():
            digits = sum(letter.isdigit() for letter in written.lstrip("0."))
            if (
                len(twins) >= limit("repeat_least")
                and digits >= limit("repeat_digits")
                and len(twins) > limit("repeat_share") * len(told)
            ):
                yield broken(twins[1]["value"], "≠", n=len(twins), quantity=f"{quantity}_{basis}")
        values = values_of(told, "value")
        if len(values) < limit("scatter_least"):
            continue
        numbers = np.array([value for _, value in values])
        repeat = threshold("repeatability").get(quantity)
        scale = scale_of(told[0]) or 1.0
        deviation = float(numbers.std(ddof=1)) * scale
        # a limit of repeatability is 2.8 standard deviations (ISO 5725-6)
        if repeat and len(same) > 1 and deviation < limit("scatter_share") * repeat / 2.8:
            yield broken(
                values[0][0],
                f"s ≥ {limit('scatter_share') * repeat / 2.8:.2g}",
                n=len(values),
                quantity=f"{quantity}_{basis}",
                scatter=deviation,
            )
        if repeat:
            far = _outlier(numbers, repeat / 2.8 / scale)
            if far is not None:
                yield broken(values[far][0], float(np.median(numbers)), n=len(values), quantity=f"{quantity}_{basis}")


def _outlier(numbers: NDArray[np.float64], floor: float) -> int | None:
    """Return the place of the result that lies farthest from the mean of the others, if it is too far.

    Distance over the standard deviation of the others, so that a single result cannot hide itself.
    """
    n = numbers.size
    total, squares = numbers.sum(), (numbers**2).sum()
    mean = (total - numbers) / (n - 1)
    spread = np.sqrt(np.maximum((squares - numbers**2 - (n - 1) * mean**2) / (n - 2), 0.0))
    distance = np.abs(numbers - mean) / np.maximum(spread, floor)
    far = int(distance.argmax())
    return far if distance[far] > limit("outlier_z") else None


CHECKS: Final[tuple[PackageCheck, ...]] = (
    matter_and_energy_balance, claims_are_comparable, results_scatter_as_they_should,
)  # fmt: skip
