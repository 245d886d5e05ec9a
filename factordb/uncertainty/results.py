"""What propagation gives: columns of moments, intervals, method and numerical tolerance; a reason where it cannot."""

from dataclasses import dataclass, fields, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from factordb.uncertainty.assumptions import Reason, code_of, names_of_codes
from factordb.uncertainty.families import Array

Rows = NDArray[np.intp]


class Method(StrEnum):
    """How a result was computed; its place in the list is its code."""

    NONE = "none"
    CLOSED = "closed"
    FOURIER = "fourier"
    CONDITIONAL = "conditional"
    SAMPLING = "sampling"
    ADAPTIVE = "adaptive"


METHODS = tuple(Method)


@dataclass(frozen=True)
class Summary:
    """Moments, median and intervals of n results, each shape (n,); `low` and `high` are equal in probability."""

    mean: Array
    sd: Array
    median: Array
    low: Array
    high: Array
    shortest_low: Array
    shortest_high: Array

    @classmethod
    def empty(cls, rows: int) -> "Summary":
        """Return n rows that are not known."""
        return cls(*(np.full(rows, np.nan) for _ in SUMMARY))

    def affine(self, scale: Array, offset: Array) -> "Summary":
        """Return the summaries of scale·Y + offset, scale ≠ 0 of either sign."""
        mean, sd, median, *ends = (getattr(self, name) for name in SUMMARY)
        low, high, short_low, short_high = (scale * end + offset for end in ends)
        turned = scale < 0
        return Summary(
            scale * mean + offset, np.abs(scale) * sd, scale * median + offset,
            np.where(turned, high, low), np.where(turned, low, high),
            np.where(turned, short_high, short_low), np.where(turned, short_low, short_high),
        )  # fmt: skip

    def place(self, rows: Rows, part: "Summary", chosen: NDArray[np.bool_] | slice = slice(None)) -> None:
        """Write rows of a part, all or the chosen ones, into this one."""
        for name in SUMMARY:
            getattr(self, name)[rows] = getattr(part, name)[chosen]

    def take(self, rows: Rows) -> "Summary":
        """Return some rows."""
        return Summary(*(getattr(self, name)[rows] for name in SUMMARY))

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which rows are finite in every column."""
        return np.asarray(np.logical_and.reduce([np.isfinite(getattr(self, name)) for name in SUMMARY]))


SUMMARY = tuple(field.name for field in fields(Summary))


@dataclass(frozen=True)
class Outcome:
    """What one method gives for some rows: the summary, its error in half-widths, evaluations a row, reason."""

    summary: Summary
    tolerance: Array
    draws: NDArray[np.int64]
    reason: NDArray[np.int8]

    @classmethod
    def exact(cls, summary: Summary) -> "Outcome":
        """Return a result without numerical error beyond rounding, or the reason why there is none."""
        rows = len(summary.mean)
        reason = np.where(summary.usable, 0, code_of(Reason.NO_MOMENTS)).astype(np.int8)
        return cls(summary, np.zeros(rows), np.zeros(rows, dtype=np.int64), reason)


@dataclass(frozen=True)
class Results:
    """Results of n factors of one formula, each column of shape (n,), in the unit of the formula.

    `tolerance` bounds the numerical error of the symmetric interval's ends in half-widths; `draws` counts the
    evaluations of each factor (0: none were needed); `contributions` are first-order shares of the variance,
    shape (n, k), in the order of `names`: what is missing to one is interaction. Where `reason` is not 0
    every number is NaN.
    """

    method: NDArray[np.int8]
    summary: Summary
    tolerance: Array
    draws: NDArray[np.int64]
    contributions: Array
    reason: NDArray[np.int8]
    names: tuple[str, ...]
    probability: float
    seed: int

    def __len__(self) -> int:
        return len(self.method)

    @classmethod
    def empty(cls, rows: int, names: tuple[str, ...], probability: float, seed: int) -> "Results":
        """Return n rows to be filled."""
        return cls(
            np.zeros(rows, dtype=np.int8), Summary.empty(rows), np.full(rows, np.nan), np.zeros(rows, dtype=np.int64),
            np.full((rows, len(names)), np.nan), np.zeros(rows, dtype=np.int8), names, probability, seed,
        )  # fmt: skip

    @property
    def mean(self) -> Array:
        """Expectations."""
        return self.summary.mean

    @property
    def sd(self) -> Array:
        """Standard deviations: standard uncertainties."""
        return self.summary.sd

    @property
    def median(self) -> Array:
        """Medians."""
        return self.summary.median

    @property
    def cv(self) -> Array:
        """Standard deviation / |mean|, as a fraction; infinite where the mean is zero."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.sd / np.abs(self.mean))

    @property
    def low(self) -> Array:
        """Lower ends of the probabilistically symmetric interval."""
        return self.summary.low

    @property
    def high(self) -> Array:
        """Upper ends of the probabilistically symmetric interval."""
        return self.summary.high

    @property
    def shortest_low(self) -> Array:
        """Lower ends of the shortest interval."""
        return self.summary.shortest_low

    @property
    def shortest_high(self) -> Array:
        """Upper ends of the shortest interval."""
        return self.summary.shortest_high

    @property
    def methods(self) -> NDArray[np.str_]:
        """Name of the method of each row."""
        return np.array([method.value for method in METHODS])[self.method]

    @property
    def reasons(self) -> NDArray[np.str_]:
        """Code of the reason why a row has no result, "none" where it has."""
        return names_of_codes(Reason, self.reason)

    def scaled(self, scale: Array) -> "Results":
        """Return the results of scale·Y, shape (n,); shares of the variance stay."""
        return replace(self, summary=self.summary.affine(scale, np.zeros_like(scale)))

    def record(self, rows: Rows, method: Method, outcome: Outcome) -> None:
        """Write what a method gave for some rows."""
        self.method[rows] = METHODS.index(method)
        self.summary.place(rows, outcome.summary)
        self.tolerance[rows], self.draws[rows] = outcome.tolerance, outcome.draws
        self.reason[rows] = outcome.reason
        self.forget(rows[outcome.reason != 0])

    def refuse(self, rows: Rows, reason: Reason) -> None:
        """Say why some rows have no result."""
        self.reason[rows] = code_of(reason)
        self.forget(rows)

    def forget(self, rows: Rows) -> None:
        """Leave no number in rows that have no result."""
        for name in SUMMARY:
            getattr(self.summary, name)[rows] = np.nan
        self.tolerance[rows], self.contributions[rows] = np.nan, np.nan
        self.method[rows], self.draws[rows] = 0, 0
