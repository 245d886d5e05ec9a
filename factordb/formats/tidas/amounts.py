"""How a published value becomes amounts of flows: so much gas, in kg, per so many reference units of the product."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from factordb.formats.tidas.words import FlowProperty, flow_property
from factordb.units import Unit, parse

CO2E: Final = "CO2e"
_DECIMALS: Final = ((100, 3), (1_000, 2), (10_000, 1), (100_000, 0))
"""The ILCD type Perc: five digits, three of them behind the point; below the bound, so many decimals."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit string reads in flows.

    Attributes:
        product: flow property of the product.
        amount: one declared unit in reference units of the product, such as 3.6 for kWh.
        gas: flow property of what is emitted: mass, or the volume of a gas.
        times: value × times is the amount of gas in its reference unit.
        declared: words of the declared unit, such as kWh.
    """

    product: FlowProperty
    amount: float
    gas: FlowProperty
    times: float
    declared: str


@lru_cache(maxsize=4096)
def scale_of(unit: str | None) -> Scale:
    """Return the scale of a unit string; one that the grammar refuses is taken as it stands: value per 1 of it."""
    mass = flow_property("mass", "kg")
    read = parse(unit) if unit else None
    if not isinstance(read, Unit) or read.denominator_unit is None or "/" not in read.unit:
        declared = unit or "1"
        return Scale(flow_property("unread", declared), 1.0, mass, 1.0, declared)
    declared = read.unit.split("/", 1)[1]
    below = parse(declared)
    size = below.to_canonical if isinstance(below, Unit) else 1.0
    return Scale(
        flow_property(read.denominator_dimension or "unread", read.denominator_unit),
        size,
        flow_property(read.numerator_dimension, read.numerator_unit),
        float(read.exact * (below.exact if isinstance(below, Unit) else 1)),  # of fractions: without rounding
        declared,
    )


def number(value: float) -> str:
    """Return `value` so that reading it gives the same double."""
    return repr(float(value))


def percent(value: float | None) -> str | None:
    """Return `value` as the ILCD type Perc, or None where it has no digits there."""
    if value is None or not math.isfinite(value):
        return None
    for bound, decimals in _DECIMALS:
        text = f"{value:.{decimals}f}"
        if abs(float(text)) < bound and (value == 0 or float(text) != 0):
            return text
    return None


def spread(row: dict[str, Any], times: float) -> dict[str, str]:
    """Return distribution and spread of a value in ILCD's words; empty where there is none.

    Log-normal: the squared geometric standard deviation, exp(2·sigma) with sigma² = ln(1 + cv²). Normal: twice the
    standard deviation, in the unit of the amount. Others have none (formats.md 2.1).
    """
    family, cv, sd = row["family"], row["cv"], row["sd"]
    if family == "lognormal" and cv is not None:
        text = percent(math.exp(2 * math.sqrt(math.log1p(cv * cv))))
        return {"uncertaintyDistributionType": "log-normal"} | ({"relativeStandardDeviation95In": text} if text else {})
    if family == "normal" and sd is not None:
        text = percent(2 * sd * times)
        return {"uncertaintyDistributionType": "normal"} | ({"relativeStandardDeviation95In": text} if text else {})
    if family in {"triangular", "uniform"}:
        return {"uncertaintyDistributionType": family}
    return {"uncertaintyDistributionType": "undefined"} if family else {}
