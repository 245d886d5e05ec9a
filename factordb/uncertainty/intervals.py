"""Coverage intervals, JCGM 101:2008 7.7: from sorted model values, and from a quantile function."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.errors import UsageError

Array: TypeAlias = NDArray[np.float64]

# Ends of intervals are compared as real numbers: pM within this of a whole number is that number.
_WHOLE = 1e-9
# Grid of a search round; each round narrows the bracket by (points - 1) / 2.
_FIRST_ROUND, _LATER_ROUND, _ROUNDS = 65, 17, 5
# Widths within this of the least one count as equal (a rectangular density has only equal ones).
_FLAT = 1e-9
# A curvature below this part of the width over one step of a difference is rounding, not curvature.
_TELLING = 1e-11


def ranks(count: int, p: float) -> int:
    """Return q, the number of ranks between the ends of a 100p % interval of `count` sorted values.

    q = pM if whole, else the integer part of pM + 1/2 (JCGM 101 7.7.2 NOTE 1).

    Raises:
        UsageError: p is not between 0 and 1, or there are too few values for it.
    """
    _require_probability(p)
    exact = p * count
    q = round(exact) if abs(exact - round(exact)) <= _WHOLE * count else int(exact + 0.5)
    if q < 1 or q > count - 1:
        raise UsageError(
            problem=f"{count} values are too few for a coverage interval of probability {p:g}",
            remedy=f"use at least {int(np.ceil(1 / min(p, 1 - p)))} values, better a hundred times as many",
            problem_zh=f"{count} 个值不足以给出包含概率为 {p:g} 的包含区间",
            remedy_zh=f"请至少使用 {int(np.ceil(1 / min(p, 1 - p)))} 个值，最好再多一百倍",
        )
    return q


def symmetric_interval(ordered: Array, p: float = 0.95) -> tuple[Array, Array]:
    """Return the ends of the probabilistically symmetric 100p % interval of sorted values.

    Args:
        ordered: model values in ascending order along the last axis, shape (…, M).
        p: coverage probability, 0 < p < 1.

    Returns:
        (low, high), shape (…): y(r) and y(r+q) with r = (M−q)/2 if whole, else the integer part of
        (M−q+1)/2 (JCGM 101 7.7.2).

    Raises:
        UsageError: p is out of range or M is too small for it.
    """
    count = ordered.shape[-1]
    q = ranks(count, p)
    r = (count - q) // 2 if (count - q) % 2 == 0 else (count - q + 1) // 2
    r = max(r, 1)  # M - q = 1 leaves a single place, r = 1
    return ordered[..., r - 1], ordered[..., r + q - 1]


def shortest_interval(ordered: Array, p: float = 0.95) -> tuple[Array, Array]:
    """Return the ends of the shortest 100p % interval of sorted values.

    The r in 1 … M−q with the least y(r+q) − y(r); the lowest of several (JCGM 101 7.7.2). Shapes and
    faults as `symmetric_interval`.
    """
    count = ordered.shape[-1]
    q = ranks(count, p)
    widths = ordered[..., q:] - ordered[..., : count - q]
    r = np.argmin(widths, axis=-1)[..., None]
    low = np.take_along_axis(ordered, r, axis=-1)[..., 0]
    return low, np.take_along_axis(ordered, r + q, axis=-1)[..., 0]


def shortest_from_quantiles(quantile: Callable[[Array], Array], rows: int, p: float = 0.95) -> tuple[Array, Array]:
    """Return the ends of the shortest 100p % interval of each row of a quantile function.

    Args:
        quantile: probabilities in [0, 1], shape (rows, m), to quantiles of the same shape; ±inf at 0 and 1
            is allowed. The density must have one mode.
        rows: number of distributions.
        p: coverage probability, 0 < p < 1.

    Returns:
        (low, high), shape (rows,). The lower tail probability a in [0, 1−p] minimises Q(a+p) − Q(a): a
        bracket is narrowed on grids, then the slope's zero is found, so smooth ends are good to about 1e-8
        of the width. Where the width is flat (rectangular), a is the middle of the flat part.

    Raises:
        UsageError: p is out of range.

    Source: JCGM 101:2008 5.3.4 and 7.7, applied to G⁻¹ itself instead of a sample of it.
    """
    _require_probability(p)
    tail = 1.0 - p

    def ends(a: Array) -> tuple[Array, Array]:
        both = quantile(np.concatenate([a, np.minimum(a + p, 1.0)], axis=1))
        return both[:, : a.shape[1]], both[:, a.shape[1] :]

    low, high = np.zeros(rows), np.full(rows, tail)
    best = np.full(rows, tail / 2)
    for points in (_FIRST_ROUND, *[_LATER_ROUND] * (_ROUNDS - 1)):
        grid = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, points)
        best = _middle_of_least(grid, *ends(grid))
        step = (high - low) / (points - 1)
        low, high = np.maximum(best - step, 0.0), np.minimum(best + step, tail)
    best = _slope_zero(ends, best, tail)
    left, right = ends(best[:, None])
    return left[:, 0], right[:, 0]


def _middle_of_least(grid: Array, left: Array, right: Array) -> Array:
    """Return the grid point of least width; of equal ones the middle of the run."""
    with np.errstate(invalid="ignore"):
        width = right - left
    width = np.where(np.isfinite(width), width, np.inf)
    least = width.min(axis=1, keepdims=True)
    flat = width <= least * (1 + _FLAT)
    first = np.argmax(flat, axis=1)
    last = grid.shape[1] - 1 - np.argmax(flat[:, ::-1], axis=1)
    rows = np.arange(len(grid))
    return np.asarray((grid[rows, first] + grid[rows, last]) / 2)


def _slope_zero(ends: Callable[[Array], tuple[Array, Array]], start: Array, tail: float) -> Array:
    """Return a refined by three Newton steps on the width's slope, where that has a curvature to go by.

    Comparing widths finds their minimum only to the square root of float64's precision; the zero of the
    slope, by central differences of fourth order, is found to many more digits.
    """
    a = start
    for _ in range(3):
        # a minimum at an end of [0, 1 − p] has no zero slope; a step that leaves the interval is not taken
        h = np.minimum(a, tail - a) / 32
        inside = h > tail * 1e-9
        h = np.where(inside, h, tail / 200)
        offsets = h[:, None] * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
        left, right = ends(np.clip(a[:, None] + offsets, 0.0, tail))
        with np.errstate(invalid="ignore", divide="ignore"):
            w = right - left
            slope = (w[:, 0] - 8 * w[:, 1] + 8 * w[:, 3] - w[:, 4]) / (12 * h)
            curve = (-w[:, 0] + 16 * w[:, 1] - 30 * w[:, 2] + 16 * w[:, 3] - w[:, 4]) / (12 * h * h)
            step = slope / curve
            telling = curve * h * h > _TELLING * np.abs(w[:, 2])
        usable = inside & telling & np.isfinite(step) & (np.abs(step) < 2 * h)
        a = np.where(usable, np.clip(a - np.where(usable, step, 0.0), 0.0, tail), a)
    return a


def _require_probability(p: float) -> None:
    if not 0.0 < p < 1.0:
        raise UsageError(
            problem=f"{p!r} is no coverage probability",
            remedy="give a probability between 0 and 1, such as 0.95",
            problem_zh=f"{p!r} 不是包含概率",
            remedy_zh="请给出 0 与 1 之间的概率，例如 0.95",
        )
