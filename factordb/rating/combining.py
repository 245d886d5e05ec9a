"""Putting scores together: the mean, the ILCD formula, contribution weights, bands."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.rating.evidence import Codes, FloatArray
from factordb.rating.scores import Scores, Why

_ROUNDING = 1e-9
"""A rating within this of a band's limit is on it."""


class Band(NamedTuple):
    """A named range of ratings, best first; `limit` is inclusive."""

    id: str
    limit: float
    zh: str
    en: str


def mean(scores: Scores) -> FloatArray:
    """Return the mean of the scores of each row, shape (n,); NaN where any is missing.

    Source: CIFA/EF, DQR = (TeR + GR + TiR + P) / 4.
    """
    average: FloatArray = scores.values.mean(axis=1) if len(scores) else np.empty(0)
    return average


def ilcd(scores: Scores, worst_weight: float) -> FloatArray:
    """Return (ΣX + w · X_worst) / (i + w) over the i applicable criteria of each row, shape (n,).

    NaN where a score that applies is missing, or nothing applies.

    Args:
        scores: not applicable is NaN with the reason NOT_APPLICABLE.
        worst_weight: w, 4 in the handbook.

    Source: ILCD Handbook, General guide for LCA, annex on data quality.
    """
    left_out = scores.why == Why.NOT_APPLICABLE
    count = (~left_out).sum(axis=1)
    counted = np.where(left_out, 0.0, scores.values)
    found = (counted.sum(axis=1) + worst_weight * counted.max(axis=1, initial=0)) / (count + worst_weight)
    return np.where(count > 0, found, np.nan)


def weighted(scores: Scores, weights: ArrayLike, owner: ArrayLike | None = None) -> Scores:
    """Return the scores of m derived factors: the mean of their inputs' scores, weighted by contribution.

    A criterion that does not apply to an input is left out of its mean; a score that is missing in an input that
    contributes is missing in the result.

    Args:
        scores: of the inputs, shape (n, k).
        weights: absolute amounts contributed, ≥ 0, shape (n,): a credit counts by its size.
        owner: number 0 … m-1 of the derived factor of each input, shape (n,); one factor if None.

    Raises:
        StatementError: a weight is negative, NaN or infinite, shapes differ, or a factor's weights are all zero.
    """
    amount = _amounts(weights, len(scores))
    group = np.zeros(len(scores), np.int64) if owner is None else np.asarray(owner, dtype=np.int64)
    if group.shape != amount.shape or (group.size and group.min() < 0):
        raise _fault("owner has another shape, or a negative number", "owner 的形状不符或含负数")
    count = int(group.max()) + 1 if group.size else 0
    total = np.bincount(group, amount, count)
    if (total <= 0).any():
        raise _fault("the inputs of a derived factor contribute nothing", "某一派生因子的各项输入贡献均为零")
    values = np.full((count, len(scores.criteria)), np.nan)
    why = np.full(values.shape, Why.NOT_APPLICABLE, dtype=np.int8)
    for column in range(len(scores.criteria)):
        told = scores.why[:, column]
        counts = (amount > 0) & (told != Why.NOT_APPLICABLE)
        share = np.where(counts, amount, 0.0)
        applies = np.bincount(group, share, count)
        sums = np.bincount(group, np.where(counts, share * scores.values[:, column], 0.0), count)
        values[:, column] = np.divide(sums, applies, out=np.full(count, np.nan), where=applies > 0)
        worst_reason = np.zeros(count, np.int8)
        np.maximum.at(worst_reason, group[counts], told[counts])
        why[:, column] = np.where(applies > 0, worst_reason, Why.NOT_APPLICABLE)
    values.flags.writeable = why.flags.writeable = False
    return Scores(scores.scheme, scores.version, scores.variant, scores.criteria, values, why)


def band_of(dqr: FloatArray, bands: Sequence[Band]) -> Codes:
    """Return the position of the first band that holds each rating, shape (n,); -1 for NaN or without bands."""
    if not bands:
        return np.full(dqr.shape, -1, np.int8)
    limits = np.array([one.limit for one in bands])
    place = np.searchsorted(limits, dqr - _ROUNDING, side="left")
    return np.where(np.isnan(dqr), -1, place).astype(np.int8)


def _amounts(weights: ArrayLike, count: int) -> FloatArray:
    amount = np.asarray(weights, dtype=np.float64)
    if amount.shape != (count,):
        raise _fault(f"weights have shape {amount.shape}, there are {count} rows", "权重个数与行数不符")
    bad: NDArray[np.bool_] = ~(np.isfinite(amount) & (amount >= 0))
    if bad.any():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(bad)[:5])
        raise _fault(f"the weight of row {rows} is negative or no number", f"第 {rows} 行的权重为负或不是数")
    return amount


def _fault(problem: str, problem_zh: str) -> StatementError:
    return StatementError(
        problem=problem,
        remedy="give the absolute amount each input contributes, at least one above zero",
        problem_zh=problem_zh,
        remedy_zh="请给出各项输入贡献量的绝对值，且至少一项大于零",
    )
