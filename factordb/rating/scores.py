"""Scores of n candidates on k criteria, with the reason of every score that is missing or assumed; class tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.rating.evidence import Codes, FloatArray, Technology
from factordb.reference import table, toml

_ROUNDING: Final = 1e-9
"""A value within this relative distance of a limit is on it: 0.07 × 100 is not 7 in binary."""


class Why(IntEnum):
    """Why a score is what it is: found from evidence, assumed, or not there (then the score is NaN)."""

    SCORED = 0
    ASSUMED_WORST = 1
    """No evidence; the scheme counts that as its worst score."""
    MISSING = 2
    NOT_APPLICABLE = 3
    OUT_OF_SCALE = 4
    FUTURE = 5
    """The data are dated after the year of use: an error, not "recent"."""
    DEGENERATE = 6
    """A relative standard deviation that is zero, negative or infinite says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores under one scheme; without its name and version a score means nothing."""

    scheme: str
    version: str
    variant: str
    criteria: tuple[str, ...]
    values: FloatArray
    """Shape (n, k), 1 best; NaN where there is none. Read-only."""
    why: Codes
    """`Why` of every score, shape (n, k). Read-only."""

    def of(self, criterion: str) -> FloatArray:
        """Return the scores on one criterion, shape (n,).

        Raises:
            StatementError: the scheme has no such criterion.
        """
        if criterion not in self.criteria:
            raise StatementError(
                problem=f"{self.scheme} has no criterion {criterion!r}",
                remedy=f"use one of {', '.join(self.criteria)}",
                problem_zh=f"{self.scheme} 没有指标 {criterion!r}",
                remedy_zh=f"请使用：{'、'.join(self.criteria)}",
            )
        column: FloatArray = self.values[:, self.criteria.index(criterion)]
        return column

    def __len__(self) -> int:
        return int(self.values.shape[0])


Part: TypeAlias = tuple[FloatArray, Codes]
"""Scores on one criterion and their reasons, each of shape (n,)."""
Side: TypeAlias = Literal["max", "below", "min"]


def classified(values: ArrayLike, classes: Sequence[Mapping[str, Any]]) -> FloatArray:
    """Return the score of the first class that holds each value, shape of `values`; NaN for NaN.

    Args:
        values: in the unit of the classes.
        classes: from best to worst, each `score` with an inclusive `max`, an exclusive `below` or an inclusive `min`;
            the last class has no limit and takes the rest.
    """
    given = np.asarray(values, dtype=np.float64)
    limited = [one for one in classes if _side(one)]
    side = _side(limited[0]) or "max"
    limits = np.array([float(one[side]) for one in limited])
    scores = np.array([float(one["score"]) for one in limited] + [float(classes[-1]["score"])])
    slack = _ROUNDING * np.abs(limits)
    if side == "max":
        place = np.searchsorted(limits + slack, given, side="left")
    elif side == "below":
        place = np.searchsorted(limits, given, side="right")
    else:
        place = np.searchsorted(slack - limits, -given, side="left")
    found: FloatArray = np.where(np.isnan(given), np.nan, scores[place])
    return found


def precision_score(relative_sd: ArrayLike, classes: Sequence[Mapping[str, Any]] | None = None) -> FloatArray:
    """Return the precision score 1 … 5 of a relative standard deviation: ≤ 7 % 1, ≤ 10 2, ≤ 15 3, ≤ 25 4, else 5.

    Args:
        relative_sd: standard deviation / |mean| as a fraction (0.186, not 18.6), any shape.
        classes: a scheme's own classes in per cent; those of ILCD if None.

    Returns:
        Scores of the same shape; NaN where it is NaN, infinite, negative or zero (a measured value has some spread).

    Source: ILCD Handbook, General guide for LCA, annex on data quality.
    """
    given = np.asarray(relative_sd, dtype=np.float64)
    told = np.isfinite(given) & (given > 0)
    limits = classes if classes is not None else toml("rating/ilcd")["criterion"]["p"]["classes"]
    return classified(np.where(told, 100 * given, np.nan), limits)


def completeness_score(share: ArrayLike) -> FloatArray:
    """Return the completeness score 1 … 5 of a share: ≥ 95 % 1, ≥ 85 2, ≥ 75 3, ≥ 50 4, else 5.

    Args:
        share: part of production or flows covered, 0 … 1, any shape.

    Returns:
        Scores of the same shape; NaN where the share is NaN or outside 0 … 1.

    Source: ILCD Handbook, General guide for LCA, annex on data quality.
    """
    return share_classified(share, toml("rating/ilcd")["criterion"]["c"]["classes"])


def share_classified(share: ArrayLike, classes: Sequence[Mapping[str, Any]]) -> FloatArray:
    """Return scores of shares (0 … 1) on classes in per cent; NaN where a share is NaN or outside 0 … 1."""
    given = np.asarray(share, dtype=np.float64)
    return classified(np.where((given >= 0) & (given <= 1), 100 * given, np.nan), classes)


def level_scores(axis: str, scheme: str, levels: type[IntEnum]) -> FloatArray:
    """Return the score of every code of a vocabulary on one scheme's scale, NaN where the table has none.

    Args:
        axis: axis of `evidence/levels`, such as "place".
        scheme: column of that table, such as "cifa-ef".
        levels: vocabulary whose codes start at 0.
    """
    rows = {row["level"]: row[scheme] for row in table("evidence/levels").to_pylist() if row["axis"] == axis}
    return np.array([float(rows.get(one.name.lower()) or "nan") for one in levels])


def on_scale(values: ArrayLike, best: int, worst: int, *, decimals: bool) -> NDArray[np.bool_]:
    """Return which values lie on a scale: between its ends and, unless it has decimals, whole. NaN does not."""
    given = np.asarray(values, dtype=np.float64)
    inside: NDArray[np.bool_] = (given >= best) & (given <= worst)
    return inside if decimals else inside & (given == np.rint(given))


def reasons_of(values: FloatArray, missing: NDArray[np.bool_], why: Why) -> Part:
    """Return scores with their reasons: `why` where the value is NaN, MISSING where the evidence itself is absent."""
    absent = np.where(missing, Why.MISSING, why)
    return values, np.where(np.isnan(values), absent, Why.SCORED).astype(np.int8)


def levels_part(codes: Codes, scores: FloatArray) -> Part:
    """Return the scores of levels that have the code 0 for unknown and their last code for not applicable.

    Holds for `Technology` and `Place`.
    """
    last = scores.shape[0] - 1
    values = scores[codes]
    absent = np.where(codes == last, Why.NOT_APPLICABLE, Why.MISSING)
    return values, np.where(np.isnan(values), absent, Why.SCORED).astype(np.int8)


def with_stated(part: Part, stated: FloatArray, best: int) -> Part:
    """Return the worse of what the evidence gives and what was typed; typed alone counts, but not better than `best`.

    A typed score outside 1 … 5 refuses the score of its row.
    """
    values, why = part
    typed = ~np.isnan(stated)
    alone = typed & (why == Why.MISSING)
    merged = np.where(
        alone, np.maximum(stated, best), np.where(typed & (why == Why.SCORED), _worse(values, stated), values)
    )
    told = np.where(alone, Why.SCORED, why)
    wrong = typed & ~on_scale(stated, Technology.SAME, Technology.DIFFERENT, decimals=False)
    return np.where(wrong, np.nan, merged), np.where(wrong, Why.OUT_OF_SCALE, told).astype(np.int8)


def _worse(one: FloatArray, other: FloatArray) -> FloatArray:
    worse: FloatArray = np.fmax(one, other)
    return worse


def _side(one: Mapping[str, Any]) -> Side | None:
    sides: tuple[Side, ...] = ("max", "below", "min")
    return next((side for side in sides if side in one), None)
