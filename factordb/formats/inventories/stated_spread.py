"""What a stated uncertainty cannot be: a negative variance, a geometric standard deviation below one, bounds crossed.

Readers ask before they make a distribution of it: what cannot be is told, kept as text, and never used.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from factordb.formats.inventories.datasheet import Exchange
from factordb.formats.inventories.numbers import number
from factordb.formats.inventories.spread import columns_of

FAMILIES: Final = "lognormal, normal, triangular, uniform"
"""Distributions that a release row holds."""

_FITS: Final = {
    "lognormal": "median > 0, GSD ≥ 1",
    "normal": "SD ≥ 0",
    "triangular": "min ≤ mode ≤ max, min < max",
    "uniform": "min < max",
}


def unfit(least: Mapping[str, tuple[object, float]], rising: Mapping[str, object] | None = None) -> str:
    """Return what had to hold and does not, such as "variance ≥ 0; minValue ≤ maxValue"; empty where all holds.

    Args:
        least: name in the format -> (what stands there, least number it can be).
        rising: names in the format, in the order in which their numbers rise.
    """
    broken = [f"{name} ≥ {bound:g}" for name, (text, bound) in least.items() if _below(text, bound)]
    stated = {name: text for name, text in (rising or {}).items() if not _is_empty(text)}
    numbers = {name: found for name, text in stated.items() if (found := number(text)) is not None}
    names = list(numbers)
    broken += [f"{one} ≤ {other}" for one, other in pairwise(names) if numbers[one] > numbers[other]]
    every = {**{name: text for name, (text, _) in least.items()}, **stated}
    broken += [f"−∞ < {name} < ∞" for name, text in every.items() if not _is_empty(text) and number(text) is None]
    return "; ".join(broken)


def _is_empty(text: object) -> bool:
    return text is None or str(text).strip() == ""


def _below(text: object, bound: float) -> bool:
    found = number(text)
    return found is not None and found < bound


def unusable(one: Exchange) -> str:
    """Return what the distribution of a gas had to be to give its factor one; empty where it does, or none stands."""
    if not one.gas or one.spread_fault:
        return ""
    if one.spread is not None:
        return "" if columns_of(one.spread) else _FITS.get(one.spread.family, FAMILIES)
    return FAMILIES if one.spread_text else ""
