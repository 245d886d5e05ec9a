"""Distributions in the forms of others: stats_arrays' flat records and ILCD's relativeStandardDeviation95In.

Both ways are columns to columns. What a form cannot hold is left out as a value (`lost`), never bent to fit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.uncertainty.assumptions import Reason, code_of
from factordb.uncertainty.distributions import WIDTH, Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.statements import Converted, distributions_of

Record: TypeAlias = NDArray[np.void]

RECORD = np.dtype(
    [(name, "<f8") for name in ("loc", "scale", "shape", "minimum", "maximum")]
    + [("negative", "?"), ("uncertainty_type", "u1")]
)
"""One flat record of stats_arrays."""
UNDEFINED = 0
PERT_TYPE, PERT_WEIGHT = 13, 4.0
ILCD_NAMES = {
    Family.LOGNORMAL: "log-normal",
    Family.NORMAL: "normal",
    Family.TRIANGULAR: "triangular",
    Family.UNIFORM: "uniform",
}
ILCD_DECIMALS = 3

Columns: TypeAlias = dict[str, Array]
"""Columns of a record by name."""


@dataclass(frozen=True)
class Records:
    """Flat records of n distributions; rows that the form cannot hold are of type 0 and marked in `lost`."""

    records: Record
    lost: NDArray[np.bool_]


def _if_above_zero(given: Columns, name: str) -> Array:
    return np.where(np.isnan(given[name]), 0.0, given[name])


def _bounded_normal(given: Columns) -> tuple[Array, ...]:
    low = np.where(np.isnan(given["minimum"]), -np.inf, given["minimum"])
    high = np.where(np.isnan(given["maximum"]), np.inf, given["maximum"])
    return given["loc"], given["scale"], low, high


def _pert(given: Columns) -> tuple[Array, ...]:
    low, mode, high = given["minimum"], given["loc"], given["maximum"]
    weight = np.where(np.isnan(given["shape"]), PERT_WEIGHT, given["shape"])
    place = (mode - low) / (high - low)
    return low, high, 1 + weight * place, 1 + weight * (1 - place)


READ: dict[int, tuple[Family, Callable[[Columns], tuple[Array, ...]]]] = {
    1: (Family.CONSTANT, lambda g: (g["loc"],)),
    2: (
        Family.LOGNORMAL,
        lambda g: (g["loc"], g["scale"], np.zeros_like(g["loc"]), np.where(g["negative"] > 0, -1, 1)),
    ),
    3: (Family.TRUNCATED_NORMAL, _bounded_normal),
    4: (Family.UNIFORM, lambda g: (g["minimum"], g["maximum"])),
    5: (Family.TRIANGULAR, lambda g: (g["minimum"], g["loc"], g["maximum"])),
    8: (Family.WEIBULL, lambda g: (g["shape"], g["scale"], _if_above_zero(g, "loc"))),
    9: (Family.GAMMA, lambda g: (g["shape"], g["scale"], _if_above_zero(g, "loc"))),
    10: (
        Family.BETA,
        lambda g: (
            _if_above_zero(g, "minimum"),
            np.where(np.isnan(g["maximum"]), 1.0, g["maximum"]),
            g["loc"],
            g["shape"],
        ),
    ),
    12: (Family.STUDENT_T, lambda g: (g["loc"], np.where(np.isnan(g["scale"]), 1.0, g["scale"]), g["shape"])),
    PERT_TYPE: (Family.BETA, _pert),
}
"""Types of stats_arrays that have a family here, and its parameters."""

WRITTEN: dict[Family, tuple[int, tuple[str, ...]]] = {
    Family.CONSTANT: (1, ("loc",)),
    Family.LOGNORMAL: (2, ("loc", "scale")),
    Family.NORMAL: (3, ("loc", "scale")),
    Family.TRUNCATED_NORMAL: (3, ("loc", "scale", "minimum", "maximum")),
    Family.UNIFORM: (4, ("minimum", "maximum")),
    Family.TRIANGULAR: (5, ("minimum", "loc", "maximum")),
    Family.WEIBULL: (8, ("shape", "scale", "loc")),
    Family.GAMMA: (9, ("shape", "scale", "loc")),
    Family.BETA: (10, ("minimum", "maximum", "loc", "shape")),
    Family.STUDENT_T: (12, ("loc", "scale", "shape")),
}
"""Type of stats_arrays, and the field of each parameter in the family's order."""


def to_stats_arrays(given: Distributions) -> Records:
    """Return flat records; a shifted log-normal, trapezoids and tables have no place there."""
    records = np.zeros(len(given), dtype=RECORD)
    for name in ("loc", "scale", "shape", "minimum", "maximum"):
        records[name] = np.nan
    lost = ~given.valid()
    for family, rows in given.groups():
        if family not in WRITTEN:
            lost[rows] = True
            continue
        number, fields = WRITTEN[family]
        p = given.parameters[rows]
        for place, field in enumerate(fields):
            records[field][rows] = np.where(np.isfinite(p[:, place]), p[:, place], np.nan)
        records["uncertainty_type"][rows] = number
        if family is Family.LOGNORMAL:
            records["negative"][rows] = p[:, 3] < 0
            lost[rows[p[:, 2] != 0]] = True
    for name in ("loc", "scale", "shape", "minimum", "maximum"):
        records[name][lost] = np.nan
    records["uncertainty_type"][lost] = UNDEFINED
    records["negative"][lost] = False
    return Records(records, lost)


def from_stats_arrays(records: Record) -> Converted:
    """Return the distributions of flat records; impossible ones and types without a family are refused as values.

    A log-normal's `loc` is the mean of ln |x|, `scale` its standard deviation. Bounds of a normal cut it off;
    bounds of a log-normal are not honoured there either.
    """
    count = len(records)
    made = Distributions(np.zeros(count, dtype=np.int8), np.zeros((count, WIDTH)))
    reason, none = np.zeros(count, dtype=np.int8), np.zeros(count, dtype=np.int8)
    types = records["uncertainty_type"]
    for number in np.unique(types):
        rows = np.flatnonzero(types == number)
        if int(number) not in READ:
            reason[rows] = code_of(Reason.NO_STATEMENT if number == UNDEFINED else Reason.UNKNOWN_KIND)
            continue
        family, columns_of = READ[int(number)]
        given = {name: np.asarray(records[name][rows], dtype=np.float64) for name in RECORD.names or ()}
        with np.errstate(all="ignore"):
            columns = columns_of(given)
        made.codes[rows] = family.code
        for place, column in enumerate(columns):
            made.parameters[rows, place] = column
        if family is Family.TRUNCATED_NORMAL:
            _whole_where_not_cut(made, rows)
    reason[~made.valid() & (reason == 0)] = code_of(Reason.OUT_OF_ORDER)
    made.codes[reason != 0], made.parameters[reason != 0] = 0, 0.0
    made.parameters[reason != 0, 0] = np.nan
    basis = np.where(reason == 0, "reported", "none")
    return Converted(made, none, reason, none.copy(), basis)


def _whole_where_not_cut(made: Distributions, rows: NDArray[np.intp]) -> None:
    whole = rows[np.isinf(made.parameters[rows, 2]) & np.isinf(made.parameters[rows, 3])]
    made.codes[whole] = Family.NORMAL.code
    made.parameters[whole, 2:] = 0.0


def to_ilcd(given: Distributions) -> tuple[NDArray[np.str_], Array]:
    """Return (uncertaintyDistributionType, relativeStandardDeviation95In), shape (n,) each.

    GSD² of a log-normal, twice the standard deviation of a normal, both to three decimals; NaN for triangular and
    uniform, whose ends say it; "undefined" and NaN for what ILCD has no name for.
    """
    names = np.full(len(given), "undefined", dtype="<U10")
    spread = np.full(len(given), np.nan)
    for family, rows in given.groups():
        if family not in ILCD_NAMES:
            continue
        names[rows] = ILCD_NAMES[family]
        p = given.parameters[rows]
        if family is Family.LOGNORMAL:
            shifted = rows[p[:, 2] != 0]
            spread[rows] = np.exp(2 * p[:, 1])
            names[shifted], spread[shifted] = "undefined", np.nan
        elif family is Family.NORMAL:
            spread[rows] = 2 * p[:, 1]
    return names, np.round(spread, ILCD_DECIMALS)


def from_ilcd(
    kind: ArrayLike, value: ArrayLike, spread: ArrayLike, low: ArrayLike = np.nan, high: ArrayLike = np.nan
) -> Converted:
    """Return distributions of ILCD columns: type, mean value, relativeStandardDeviation95In, minimum, maximum.

    ILCD's mean value is taken as the mean of a log-normal. Refusals are values, as in `statements`.
    """
    kinds = np.asarray(kind, dtype=np.str_).ravel()
    rules = {"log-normal": "gsd2", "normal": "sd", "triangular": "min_mode_max", "uniform": "range"}
    named = np.array([rules.get(one, "none") for one in kinds])
    values, spreads, lows, highs = (
        np.broadcast_to(np.asarray(one, dtype=np.float64), kinds.shape) for one in (value, spread, low, high)
    )
    # a rectangular distribution's mean says nothing beyond its ends; a triangle's gives its mode
    with np.errstate(invalid="ignore"):  # infinite ends are refused below, as values
        mode = np.where(named == "min_mode_max", 3 * values - lows - highs, np.where(named == "range", np.nan, values))
    return distributions_of(
        named, mode, positive=named != "sd", gsd2=spreads, sd=spreads / 2, low=lows, high=highs
    )  # fmt: skip
