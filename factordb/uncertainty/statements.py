"""Statements of uncertainty as columns → distributions; every conversion says what it assumed.

The published value is the mean unless it is said to be the median. Quantities that cannot change their sign
get distributions that cannot either. What is impossible is refused as a value, naming field and reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis
from factordb.uncertainty.assumptions import Assumption, Reason, code_of, names_of_codes, words_of_code
from factordb.uncertainty.distributions import WIDTH, Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.ipcc_bounds import CENTRE_TOLERANCE, fit_bounds
from factordb.uncertainty.ipcc_bounds import Family as Fitted

Bools: TypeAlias = NDArray[np.bool_]
Centre: TypeAlias = Literal["mean", "median"]

Z95 = float(ndtri(0.975))
BELOW_ZERO = 1e-9
"""Probability of the wrong sign below which a normal is left whole: it changes no printed digit."""
OFF_CENTRE = 0.05
"""A value this share of the half-width off the middle of its range is still in the middle of it."""
MOST_SIGMA = 12.0
"""ln x spreads beyond this overflow a double somewhere: a relative sd of 10³¹ is no statement."""
LEAST_READINGS = 4

FIELDS = ("value", "cv_percent", "sd", "gsd2", "gsd", "low", "high", "sigma", "n")


@dataclass(frozen=True)
class Converted:
    """Distributions of n statements. A refused row is a constant that is no number."""

    distributions: Distributions
    assumption: NDArray[np.int8]
    reason: NDArray[np.int8]
    field: NDArray[np.int8]
    basis: NDArray[np.str_]

    @property
    def refused(self) -> Bools:
        """Which rows were refused, shape (n,)."""
        return np.asarray(self.reason != 0)

    @property
    def assumptions(self) -> NDArray[np.str_]:
        """Code of what was assumed, shape (n,); words in `assumptions.words_of_code`."""
        return names_of_codes(Assumption, self.assumption)

    @property
    def reasons(self) -> NDArray[np.str_]:
        """Code of the reason of a refusal, shape (n,); "none" where there is none."""
        return names_of_codes(Reason, self.reason)

    @property
    def fields(self) -> NDArray[np.str_]:
        """Name of the field at fault, shape (n,); only of a refused row."""
        return np.array(FIELDS)[self.field]


class Rows:
    """Statements of one kind on their way to distributions: numbers in, refusals and parameters out."""

    def __init__(
        self, columns: Mapping[str, Array], rows: NDArray[np.intp], centre: Centre, probability: float
    ) -> None:
        self.of = {name: column[rows] for name, column in columns.items()}
        self.count = len(rows)
        self.centre = centre
        self.z = float(ndtri(0.5 + probability / 2))
        self.probability = probability
        self.codes = np.zeros(self.count, dtype=np.int8)
        self.parameters = np.zeros((self.count, WIDTH))
        self.parameters[:, 0] = self.of["value"]
        self.assumption = np.zeros(self.count, dtype=np.int8)
        self.reason = np.zeros(self.count, dtype=np.int8)
        self.field = np.zeros(self.count, dtype=np.int8)

    @property
    def good(self) -> Bools:
        """Rows not refused so far."""
        return np.asarray(self.reason == 0)

    def refuse(self, where: Bools, field: str, reason: Reason) -> None:
        """Refuse rows that have not been refused before."""
        new = where & self.good
        self.reason[new], self.field[new] = code_of(reason), FIELDS.index(field)

    def need(self, *fields: str) -> None:
        """Refuse rows that lack a finite number in one of these fields."""
        for field in fields:
            self.refuse(~np.isfinite(self.of[field]), field, Reason.NO_NUMBER)

    def give(self, where: Bools, family: Family, assumed: Assumption, *columns: Array | float) -> None:
        """Give rows their distribution."""
        rows = where & self.good
        self.codes[rows], self.assumption[rows] = family.code, code_of(assumed)
        self.parameters[rows] = 0.0
        for place, column in enumerate(columns):
            self.parameters[rows, place] = np.broadcast_to(column, rows.shape)[rows]

    def lognormal(self, where: Bools, sigma: Array, field: str, mean: Assumption, median: Assumption) -> None:
        """Give rows a log-normal about their value, of either sign, with this sd of ln |x|."""
        self.refuse(where & (self.of["value"] == 0), "value", Reason.VALUE_ZERO)
        self.refuse(where & ~(sigma <= MOST_SIGMA), field, Reason.TOO_WIDE)
        mu = np.log(np.abs(self.of["value"]))
        as_mean = self.centre == "mean"
        mu = mu - np.square(sigma) / 2 if as_mean else mu
        sign = np.where(self.of["value"] < 0, -1.0, 1.0)
        self.give(where, Family.LOGNORMAL, mean if as_mean else median, mu, sigma, 0.0, sign)


def distributions_of(
    kind: ArrayLike,
    value: ArrayLike,
    *,
    positive: ArrayLike = True,
    centre: Centre = "mean",
    probability: float = 0.95,
    **fields: ArrayLike,
) -> Converted:
    """Return a distribution for each of n statements, and what was assumed, or why there is none.

    Args:
        kind: name of the form of each statement, a key of `KINDS`, shape (n,) or one for all.
        value: published values in any unit, shape (n,); not changed.
        positive: whether the quantity cannot change its sign, shape (n,) or one for all.
        centre: whether a log-normal's published value is its mean or its median.
        probability: coverage probability of stated bounds.
        **fields: columns named in `FIELDS`, shape (n,) each: cv_percent (18.3), sd, gsd2 = exp(2σ), gsd =
            exp(σ), low and high (bounds or edges), sigma of ln x, n readings. Missing ones are NaN.

    Source: IPCC 2006 Vol. 1 Ch. 3; JCGM 101:2008 6.4; ecoinvent's GSD² for log-normals.
    """
    values = np.array(value, dtype=np.float64, ndmin=1)
    count = len(values)
    kinds = np.broadcast_to(np.asarray(kind, dtype=np.str_), (count,))
    columns = {name: np.full(count, np.nan) for name in FIELDS}
    for name, column in {**fields, "value": values}.items():
        columns[name][:] = column
    columns["positive"] = np.broadcast_to(np.asarray(positive, dtype=np.float64), (count,))
    made = Distributions(np.zeros(count, dtype=np.int8), np.zeros((count, WIDTH)))
    assumption, reason, field = (np.zeros(count, dtype=np.int8) for _ in range(3))
    basis = np.full(count, Basis.REPORTED.value, dtype="<U8")
    names, inverse = np.unique(kinds, return_inverse=True)
    for place, name in enumerate(names):
        rows = np.flatnonzero(inverse == place)
        part = Rows(columns, rows, centre, probability)
        with np.errstate(all="ignore"):
            KINDS.get(str(name), _unknown)(part)
        made.codes[rows], made.parameters[rows] = part.codes, part.parameters
        assumption[rows], reason[rows], field[rows] = part.assumption, part.reason, part.field
        basis[rows] = Basis.DEFAULT.value if name == "pedigree" else Basis.REPORTED.value
    basis[reason != 0] = Basis.NONE.value
    made.parameters[reason != 0, 0] = np.nan
    return Converted(made, assumption, reason, field, basis)


def distribution_of(kind: str, value: float, **fields: Any) -> tuple[Distributions, Assumption]:
    """Return the distribution of one statement and what was assumed; arguments as `distributions_of`.

    Raises:
        StatementError: the statement is impossible; names the field and the reason.
    """
    found = distributions_of(kind, value, **fields)
    if found.refused[0]:
        reason, field = Reason(found.reasons[0]), found.fields[0]
        raise StatementError(
            problem=f"{field}: {words_of_code(reason, 'en')}",
            remedy="correct the statement, or leave it out so that a declared default applies",
            problem_zh=f"{field}:{words_of_code(reason, 'zh')}",
            remedy_zh="请更正该表述，或将其留空以采用声明的默认值",
        )
    return found.distributions, Assumption(found.assumptions[0])


def _unknown(rows: Rows) -> None:
    rows.refuse(rows.good, "value", Reason.UNKNOWN_KIND)


def _none(rows: Rows) -> None:
    rows.refuse(rows.good, "value", Reason.NO_STATEMENT)


def _spread(rows: Rows, sd: Array, field: str) -> None:
    """Give a log-normal where the sign is fixed, else a normal."""
    rows.refuse(~(sd > 0), field, Reason.NOT_POSITIVE)
    fixed = rows.of["positive"] > 0
    sigma = np.sqrt(np.log1p(np.square(sd / rows.of["value"])))
    rows.lognormal(fixed, sigma, field, Assumption.LOGNORMAL_MEAN, Assumption.LOGNORMAL_MEDIAN)
    rows.give(~fixed, Family.NORMAL, Assumption.NORMAL, rows.of["value"], sd)


def _cv(rows: Rows) -> None:
    rows.need("value", "cv_percent")
    rows.refuse(rows.of["value"] == 0, "value", Reason.VALUE_ZERO)
    rows.refuse(rows.of["cv_percent"] <= 0, "cv_percent", Reason.NOT_POSITIVE)
    _spread(rows, rows.of["cv_percent"] / 100 * np.abs(rows.of["value"]), "cv_percent")


def _sd(rows: Rows) -> None:
    rows.need("value", "sd")
    _spread(rows, rows.of["sd"], "sd")


def _gsd(rows: Rows, field: str, power: float) -> None:
    rows.need("value", field)
    rows.refuse(rows.of[field] <= 1, field, Reason.GSD_NOT_ABOVE_ONE)
    sigma = np.log(rows.of[field]) / power
    rows.lognormal(rows.good, sigma, field, Assumption.LOGNORMAL_MEAN, Assumption.LOGNORMAL_MEDIAN)


def _pedigree(rows: Rows) -> None:
    rows.need("value", "sigma")
    rows.refuse(rows.of["sigma"] <= 0, "sigma", Reason.NOT_POSITIVE)
    rows.lognormal(
        rows.good, rows.of["sigma"], "sigma", Assumption.PEDIGREE_MEAN, Assumption.PEDIGREE_MEDIAN
    )  # fmt: skip


def _ends(rows: Rows) -> tuple[Array, Array, Array]:
    """Return low, value and high of rows whose ends are in order about the value; refuse the others."""
    rows.need("low", "high")
    low, value, high = rows.of["low"], rows.of["value"], rows.of["high"]
    rows.refuse(low > high, "low", Reason.OUT_OF_ORDER)
    rows.refuse(low == high, "low", Reason.ZERO_WIDTH)
    rows.refuse((value < low) | (value > high), "value", Reason.VALUE_OUTSIDE)
    return low, value, high


def _bounds(rows: Rows) -> None:
    """Bounds of a 95 % interval: see `ipcc_bounds`; a value left out is the middle in ln x or in x."""
    low, value, high = _ends(rows)
    rows.refuse(np.isinf(value), "value", Reason.NO_NUMBER)
    # a negative quantity of fixed sign is the mirror image of its positive
    sign = np.where((rows.of["positive"] > 0) & (high <= 0), -1.0, 1.0)
    low, value, high = np.where(sign < 0, -high, low), sign * value, np.where(sign < 0, -low, high)
    fixed = rows.of["positive"] > 0
    alone = np.isnan(value)
    middle = np.where(fixed & (low > 0), np.sqrt(low) * np.sqrt(high), (low + high) / 2)
    centre = np.where(alone, middle, value)
    kind: Centre = "mean" if rows.centre == "mean" else "median"
    fit = fit_bounds(low, centre, high, probability=rows.probability, kind=kind)
    p = fit.parameters
    log = (alone & fixed & (low > 0)) | (fixed & (fit.family == Fitted.LOGNORMAL))
    mu, sigma = (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / (2 * rows.z)
    rows.give(log, Family.LOGNORMAL, Assumption.BOUNDS_LOGNORMAL, mu, sigma, 0.0, sign)
    mean, sd = (low + high) / 2, (high - low) / (2 * rows.z)
    # tables such as 3 [1; 10] of the IPCC are log-normals about their median
    about = (
        fixed
        & ~log
        & (fit.family == Fitted.TRIANGULAR)
        & (np.abs(np.exp(mu) - centre) <= CENTRE_TOLERANCE * (high - low) / 2)
    )
    rows.give(about, Family.LOGNORMAL, Assumption.BOUNDS_LOGNORMAL_MEDIAN, mu, sigma, 0.0, sign)
    log |= about
    bell = ~log & ((fit.family == Fitted.NORMAL) | (~fixed & (np.abs(centre - mean) <= OFF_CENTRE * (high - low) / 2)))
    whole = bell & (~fixed | (ndtr(-mean / sd) <= BELOW_ZERO))
    rows.give(whole, Family.NORMAL, Assumption.BOUNDS_NORMAL, sign * mean, sd)
    cut = bell & ~whole & (low > 0)
    ends = np.where(sign < 0, -np.inf, 0.0), np.where(sign < 0, 0.0, np.inf)
    rows.give(cut, Family.TRUNCATED_NORMAL, Assumption.BOUNDS_TRUNCATED_NORMAL, sign * mean, sd, *ends)
    edged = ~log & ~bell & (fit.family == Fitted.TRIANGULAR) & (~fixed | (p[:, 0] >= 0))
    left, right = np.where(sign < 0, -p[:, 2], p[:, 0]), np.where(sign < 0, -p[:, 0], p[:, 2])
    rows.give(edged, Family.TRIANGULAR, Assumption.BOUNDS_TRIANGULAR, left, sign * p[:, 1], right)
    rest = rows.good & ~log & ~whole & ~cut & ~edged
    rows.of["value"] = sign * centre
    spread = np.sqrt(np.log1p(np.square(sd / centre)))
    rows.lognormal(rest, spread, "low", Assumption.BOUNDS_SPREAD, Assumption.BOUNDS_SPREAD)


def _range(rows: Rows) -> None:
    """Edges of a range: rectangular, or triangular where the value lies off its middle."""
    low, value, high = _ends(rows)
    middle = (low + high) / 2
    even = ~(np.abs(value - middle) > OFF_CENTRE * (high - low) / 2)
    rows.give(even, Family.UNIFORM, Assumption.RANGE_UNIFORM, low, high)
    mode = 3 * value - low - high  # (low + mode + high)/3 = value
    possible = (mode >= low) & (mode <= high)
    rows.give(~even & possible, Family.TRIANGULAR, Assumption.RANGE_TRIANGULAR, low, mode, high)
    rows.give(~even & ~possible, Family.TRIANGULAR, Assumption.RANGE_MODE, low, value, high)


def _edges(rows: Rows) -> None:
    rows.need("value")
    low, value, high = rows.of["low"], rows.of["value"], rows.of["high"]
    rows.refuse((value < low) | (value > high), "value", Reason.OUT_OF_ORDER)
    _ends(rows)
    rows.give(rows.good, Family.TRIANGULAR, Assumption.TRIANGULAR_EDGES, low, value, high)


def _pert(rows: Rows) -> None:
    _edges(rows)
    low, value, high = rows.of["low"], rows.of["value"], rows.of["high"]
    alpha = 1 + 4 * (value - low) / (high - low)
    rows.give(rows.good, Family.BETA, Assumption.PERT, low, high, alpha, 6 - alpha)


def _readings(rows: Rows) -> None:
    """Mean and standard deviation of n readings: t with n − 1 degrees of freedom (JCGM 101, 6.4.9.2)."""
    rows.need("value", "sd", "n")
    rows.refuse(rows.of["sd"] <= 0, "sd", Reason.NOT_POSITIVE)
    rows.refuse(rows.of["n"] < LEAST_READINGS, "n", Reason.TOO_FEW_READINGS)
    n = rows.of["n"]
    scale = rows.of["sd"] / np.sqrt(n)
    rows.give(rows.good, Family.STUDENT_T, Assumption.READINGS_STUDENT, rows.of["value"], scale, n - 1)


KINDS: dict[str, Callable[[Rows], None]] = {
    "none": _none,
    "cv_percent": _cv,
    "sd": _sd,
    "gsd2": lambda rows: _gsd(rows, "gsd2", 2.0),
    "gsd": lambda rows: _gsd(rows, "gsd", 1.0),
    "bounds95": _bounds,
    "plus_minus": _bounds,
    "range": _range,
    "min_mode_max": _edges,
    "pert": _pert,
    "pedigree": _pedigree,
    "readings": _readings,
}
"""Forms of statement; those of `model.vocabulary.StatementKind` are among them."""
