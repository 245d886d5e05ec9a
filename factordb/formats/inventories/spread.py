"""Distributions between a release row and the four families that every life-cycle format knows.

A row states moments and quantiles; formats want parameters. Log-normal, normal and uniform follow from mean and
standard deviation; a triangle from mean, standard deviation and the quantile of its longer side, solved for.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from factordb.formats.inventories.datasheet import Spread

Z975: Final = 1.959963984540054
"""97.5 % quantile of the standard normal distribution."""

TAIL: Final = 0.025
NEAR: Final = 1e-9
"""Relative rounding that quantiles of one triangle may carry."""

_HALVINGS: Final = 80
"""Bisections; each halves the interval of the mode, 2^-80 is below rounding."""

LARGEST_SIGMA: Final = 20.0
"""Beyond it a log-normal's mean is no number that anyone meant, and exp overflows soon after."""


def spread_of(row: Mapping[str, Any], scale: float) -> Spread | None:
    """Return the distribution of a release row, multiplied by `scale`; None where no format's parameters give it."""
    family, mean, sd, median = row.get("family"), row.get("mean"), row.get("sd"), row.get("median")
    if mean is None or sd is None or not sd > 0 or not scale > 0:
        return None
    if family == "lognormal" and median is not None and min(mean, median, row.get("value") or mean) > 0:
        sigma = math.sqrt(math.log1p((sd / mean) ** 2))
        return Spread("lognormal", median * scale, sigma) if sigma < LARGEST_SIGMA else None
    if family == "normal":
        return Spread("normal", mean * scale, sd * scale)
    if family == "uniform":
        half = sd * math.sqrt(3)
        return Spread("uniform", None, None, (mean - half) * scale, (mean + half) * scale)
    if family == "triangular" and row.get("low95") is not None and row.get("high95") is not None:
        return _triangle(mean * scale, sd * scale, row["low95"] * scale, row["high95"] * scale)
    return None


def _triangle(mean: float, sd: float, low95: float, high95: float) -> Spread | None:
    """Return the triangle with this mean, standard deviation and quantile on its longer side.

    With the mode at the share m of the width w, counted from the end of the longer side, m is at least one half:
    sd² = w² (1 − m + m²) / 18. The distance from the mean to the quantile in standard deviations grows with m there,
    so that bisection finds it.
    """
    mirrored = high95 - mean > mean - low95
    wanted = max(high95 - mean, mean - low95) / sd
    left, right = 0.5, 1.0
    if not _depth(left) * (1 - NEAR) <= wanted <= _depth(right) * (1 + NEAR):
        return None
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        if _depth(middle) < wanted:
            left = middle
        else:
            right = middle
    share = 1 - (left + right) / 2 if mirrored else (left + right) / 2
    width = sd * math.sqrt(18 / (1 - share + share * share))
    low = mean - width * (1 + share) / 3
    return Spread("triangular", low + share * width, None, low, low + width)


def _depth(share: float) -> float:
    """Return how many standard deviations the 2.5 % quantile of a triangle lies below its mean."""
    quantile = math.sqrt(TAIL * share) if share >= TAIL else 1 - math.sqrt((1 - TAIL) * (1 - share))
    return ((1 + share) / 3 - quantile) / math.sqrt((1 - share + share * share) / 18)


def columns_of(spread: Spread | None) -> dict[str, Any]:
    """Return the release columns that a distribution read from a file gives, in the unit of its amount."""
    if spread is None:
        return {}
    try:
        found = _FAMILIES[spread.family](spread)
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return {}
    if not all(math.isfinite(number) for number in found.values()):
        return {}
    mean, sd = found["mean"], found["sd"]
    return {"family": spread.family, "basis": "reported", **found, "cv": sd / abs(mean) if mean else None}


def _lognormal(spread: Spread) -> dict[str, float]:
    median, sigma = _known(spread.centre), _known(spread.width)
    if median <= 0 or sigma < 0:
        raise ValueError
    mean = median * math.exp(sigma * sigma / 2)
    return {
        "mean": mean,
        "sd": mean * math.sqrt(math.expm1(sigma * sigma)),
        "median": median,
        "low95": median * math.exp(-Z975 * sigma),
        "high95": median * math.exp(Z975 * sigma),
    }


def _normal(spread: Spread) -> dict[str, float]:
    mean, sd = _known(spread.centre), _known(spread.width)
    if sd < 0:
        raise ValueError
    return {"mean": mean, "sd": sd, "median": mean, "low95": mean - Z975 * sd, "high95": mean + Z975 * sd}


def _uniform(spread: Spread) -> dict[str, float]:
    low, high = _known(spread.low), _known(spread.high)
    if not low < high:
        raise ValueError
    mean, width = (low + high) / 2, high - low
    return {
        "mean": mean,
        "sd": width / math.sqrt(12),
        "median": mean,
        "low95": low + TAIL * width,
        "high95": high - TAIL * width,
    }


def _triangular(spread: Spread) -> dict[str, float]:
    low, mode, high = _known(spread.low), _known(spread.centre), _known(spread.high)
    if not (low <= mode <= high and low < high):
        raise ValueError
    width = high - low
    share = (mode - low) / width

    def quantile(probability: float) -> float:
        if probability <= share:
            return low + width * math.sqrt(probability * share)
        return high - width * math.sqrt((1 - probability) * (1 - share))

    return {
        "mean": (low + mode + high) / 3,
        "sd": width * math.sqrt((1 - share + share * share) / 18),
        "median": quantile(0.5),
        "low95": quantile(TAIL),
        "high95": quantile(1 - TAIL),
    }


_FAMILIES: Final = {"lognormal": _lognormal, "normal": _normal, "uniform": _uniform, "triangular": _triangular}


def _known(number: float | None) -> float:
    if number is None or not math.isfinite(number):
        raise ValueError
    return number
