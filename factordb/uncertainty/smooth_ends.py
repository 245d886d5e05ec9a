"""Quantiles and the shortest interval of an average of smooth distributions, with the error its replicates show."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.uncertainty.families import Array
from factordb.uncertainty.intervals import shortest_from_quantiles
from factordb.uncertainty.kernels import Kernel
from factordb.uncertainty.results import Summary

Rows: TypeAlias = NDArray[np.intp]
Pair: TypeAlias = tuple[Array, Array]

_EDGE = 1e-15
_ROOT_2PI = float(np.sqrt(2 * np.pi))
_MOST_STEPS, _LONGEST = 60, 4.0
_NEAR, _SHORT = 0.1, 0.01
_ROUNDING = 1e-12
_ROUGH, _FINE = 1e-3, 0.1
_PAIR_STEPS, _PAIR_LONGEST = 24, 0.5
_SECANT = 0.2
"""What a step of the pair leaves to the next one at most, since the slopes are only nearly right."""
_LEVELS, _NEAR_EDGE = 33, 1e-5
_OFF_BALANCE, _UNEQUAL = 0.2, 0.1


class Curve(Protocol):
    """Cumulative probability and density of n results."""

    def at(self, y: Array) -> tuple[Array, Array, Array]:
        """Return F, f and the standard error of F at y, each of shape (n, q)."""
        ...

    def take(self, rows: Rows) -> "Curve":
        """Return the curves of some rows."""
        ...


@dataclass(frozen=True)
class Average:
    """The mean over all points of a kernel's distributions; nets stand one after another."""

    kernel: Kernel
    replicates: int = 1

    def at(self, y: Array) -> tuple[Array, Array, Array]:
        """Return F, f and the standard error of F at y, each of shape (n, q)."""
        below, density, error = np.empty(y.shape), np.empty(y.shape), np.zeros(y.shape)
        for place in range(y.shape[1]):
            one, two = self.kernel.at(y[:, place, None])
            below[:, place], density[:, place] = one.mean(axis=1), two.mean(axis=1)
            if self.replicates > 1:
                nets = one.reshape(len(y), self.replicates, -1).mean(axis=2)
                error[:, place] = nets.std(axis=1, ddof=1) / np.sqrt(self.replicates)
        return below, density, error

    def take(self, rows: Rows) -> "Average":
        """Return the curves of some rows."""
        return Average(self.kernel.take(rows), self.replicates)


@dataclass(frozen=True)
class Ends:
    """Summaries of n results; `error` is one standard error of the symmetric ends, in half-widths, (n,)."""

    summary: Summary
    error: Array


def solve_ends(
    kernel: Kernel,
    moments: tuple[Array, Array],
    replicates: int,
    probability: float,
    tolerance: float,
    known: Summary | None = None,
) -> Ends:
    """Return quantiles and intervals of the mean over all points of a kernel's distributions.

    Args:
        kernel: distributions of n rows at m points, m a multiple of `replicates`; nets one after another.
        moments: mean and standard deviation of each row, shape (n,).
        replicates: independent nets among the points.
        probability: coverage probability.
        tolerance: what the ends are wanted to, in half-widths: the search stops well below it.
        known: what fewer points gave, to start from.
    """
    mean, sd = moments
    levels = levels_of(probability)
    whole, rough = Average(kernel, replicates), Average(kernel.first(1, replicates))
    if known is None:
        start = mean[:, None] + sd[:, None] * ndtri(levels)
        near = quantiles(rough, start, levels, sd, _ROUGH)[0]
    else:
        near = np.stack([known.low, known.median, known.high], axis=1)
    y, missing = quantiles(whole, near, levels, sd, _FINE * tolerance)
    error = np.maximum(missing[:, 0], missing[:, 2]) / ((y[:, 2] - y[:, 0]) / 2)
    guess = _first_pair(y)
    if known is None:
        guess = shortest(rough, guess, y, probability, _ROUGH)
    else:
        guess = np.stack([known.shortest_low, known.shortest_high], axis=1), guess[1]
    pair = shortest_or_table(whole, guess, y, sd, probability, _FINE * tolerance)
    return Ends(Summary(mean, sd, y[:, 1], y[:, 0], y[:, 2], pair[:, 0], pair[:, 1]), error)


def levels_of(probability: float) -> Array:
    """Return the probabilities below the lower end, the median and the upper end."""
    return np.array([(1 - probability) / 2, 0.5, (1 + probability) / 2])


def quantiles(curve: Curve, start: Array, levels: Array, sd: Array, settled: float) -> tuple[Array, Array]:
    """Return quantiles and their standard errors, (n, q) each: Newton on the normal score of F, in a bracket.

    A row stops when its own next step would be below `settled` standard deviations: no row depends on another.
    """
    y = start.copy()
    error = np.full(y.shape, np.nan)
    low, high = np.full(y.shape, -np.inf), np.full(y.shape, np.inf)
    active = np.flatnonzero(np.isfinite(y).all(axis=1))
    here = curve if active.size == len(y) else curve.take(active)
    for _ in range(_MOST_STEPS):
        if not active.size:
            break
        below, density, missing = here.at(y[active])
        low[active] = np.where(below < levels, y[active], low[active])
        high[active] = np.where(below > levels, y[active], high[active])
        score = ndtri(np.clip(below, _EDGE, 1 - _EDGE))
        slope = density * _ROOT_2PI * np.exp(np.square(score) / 2)
        width = sd[active, None]
        wanted = (ndtri(levels) - score) / slope
        far = np.abs(below - levels) > _NEAR * np.minimum(levels, 1 - levels)
        # where F is flat but for rounding, a short step far from the level leads nowhere
        lost = far & ~(np.abs(wanted) > _SHORT * width)
        wanted = np.where(lost, np.sign(levels - below) * width, wanted)
        step = np.clip(wanted, -_LONGEST * width, _LONGEST * width)
        step = _bracketed(y[active], step, low[active], high[active], _ROUNDING * width)
        y[active] += step
        error[active] = missing / density
        # Newton's next step would be about the square of this one
        moving = np.asarray((far | (np.square(step / width) > settled)).any(axis=1))
        active, here = _still(active, here, moving)
    y[active] = np.nan
    return y, error


def _bracketed(y: Array, step: Array, low: Array, high: Array, least: Array) -> Array:
    """Return the step, or the way to the middle of the bracket if it would leave that by more than rounding."""
    outside = ((y + step <= low) | (y + step >= high)) & (np.abs(step) > least)
    middle = np.where(np.isfinite(low) & np.isfinite(high), (low + high) / 2 - y, step)
    return np.where(outside, middle, step)


def _still(active: Rows, curve: Curve, moving: NDArray[np.bool_]) -> tuple[Rows, Curve]:
    if moving.all():
        return active, curve
    return active[moving], curve.take(np.flatnonzero(moving))


def _first_pair(y: Array) -> tuple[Array, Array]:
    """Return a guess of the shortest interval and of the slopes of ln f at its ends: of a log-normal or a normal."""
    low, median, high = y.T
    log = low > 0
    ends = np.stack([low, high], axis=1)
    with np.errstate(all="ignore"):
        reach = np.log(high / low) / (2 * ndtri(0.975))
        spread = np.where(log, np.square(reach), np.square((high - low) / (2 * ndtri(0.975))))[:, None]
        moved = np.where(log[:, None], ends * np.exp(-np.minimum(spread, 1.0)), ends)
        by_log = -(np.log(moved / median[:, None]) / spread + 1) / moved
        by_line = -(moved - median[:, None]) / spread
    return moved, np.where(log[:, None], by_log, by_line)


def shortest_or_table(
    curve: Curve, guess: Pair, y: Array, sd: Array, probability: float, settled: float, tilt: float = 0.0
) -> Array:
    """Return the shortest intervals, shape (n, 2), from equal densities, or from a table where there are none.

    Args:
        curve: n distributions.
        guess: ends to start from, and the slopes of ln f there.
        y: the symmetric ends with the median between them, shape (n, 3).
        sd: standard deviations, shape (n,).
        probability: coverage probability.
        settled: step at which the search stops, in half-widths.
        tilt: 1 if the curves are of the logarithm of what is asked for, whose density is f·e^(−y).
    """
    pair, slopes, done = _equal_densities(curve, guess, y, probability, settled, tilt)
    width = np.diff(pair)[:, 0] if tilt == 0 else np.expm1(np.diff(pair)[:, 0]) * np.exp(pair[:, 0] - y[:, 0])
    widest = y[:, 2] - y[:, 0] if tilt == 0 else np.expm1(y[:, 2] - y[:, 0])
    good = done & (slopes[:, 0] >= 0) & (slopes[:, 1] <= 0) & (width <= widest * (1 + _ROUGH))
    bad = np.flatnonzero(~good & np.isfinite(y).all(axis=1))
    if bad.size:
        pair[bad] = _by_levels(curve.take(bad), y[bad][:, [0, 2]], sd[bad], probability, tilt)
    return pair


def shortest(curve: Curve, guess: Pair, y: Array, probability: float, settled: float) -> Pair:
    """Return a better guess from a cheaper curve."""
    pair, slopes, _ = _equal_densities(curve, guess, y, probability, settled, 0.0)
    return pair, slopes


def _equal_densities(
    curve: Curve, guess: Pair, y: Array, probability: float, settled: float, tilt: float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return ends with equal density that hold the probability, slopes of ln f there, and which rows settled.

    F(y₂) − F(y₁) = p and ln f(y₂) = ln f(y₁) by Newton; the slopes of ln f come from the last two steps.
    """
    pair, slope = guess[0].copy(), guess[1].copy()
    half = (y[:, 2] - y[:, 0]) / 2
    done = np.zeros(len(pair), dtype=bool)
    active = np.flatnonzero(np.isfinite(pair).all(axis=1) & (half > 0))
    here = curve if active.size == len(pair) else curve.take(active)
    before: tuple[Array, Array] | None = None
    for _ in range(_PAIR_STEPS):
        if not active.size:
            break
        at = pair[active]
        below, density, _ = here.at(at)
        log = np.log(np.maximum(density, 1e-300)) - tilt * at
        if before is not None:
            found = (log - before[1]) / (at - before[0])
            # too short a step tells rounding, not a slope
            telling = np.isfinite(found) & (np.abs(at - before[0]) > 1e-7 * half[active, None])
            slope[active] = np.where(telling, found, slope[active])
        h1, h2 = slope[active].T
        r1, r2 = below[:, 1] - below[:, 0] - probability, log[:, 1] - log[:, 0]
        f1, f2 = density.T
        determinant = f2 * h1 - f1 * h2
        step = np.stack([(h2 * r1 - f2 * r2), (h1 * r1 - f1 * r2)], axis=1) / determinant[:, None]
        step = np.where(np.isfinite(step), -step, 0.0)
        reach = _PAIR_LONGEST * half[active, None]
        step = np.clip(step, -reach, reach)
        pair[active] = at + step
        moving = (_SECANT * np.abs(step) > settled * half[active, None]).any(axis=1) | ~np.isfinite(determinant)
        # a step that is short because a density vanishes has solved nothing
        balanced = (np.abs(r1) <= _OFF_BALANCE * (1 - probability)) & (np.abs(r2) <= _UNEQUAL)
        done[active] = ~moving & balanced
        before = at[moving], log[moving]
        active, here = _still(active, here, moving)
    return pair, slope, done


def _by_levels(curve: Curve, start: Array, sd: Array, probability: float, tilt: float) -> Array:
    """Return shortest intervals from a table of quantiles, for densities that fall from an edge or have flat tops."""
    from scipy.interpolate import PchipInterpolator  # noqa: PLC0415 - rarely needed, and slow to import

    share = np.clip((1 - np.cos(np.linspace(0.0, np.pi, _LEVELS))) / 2, _NEAR_EDGE, 1 - _NEAR_EDGE)
    levels = np.concatenate([(1 - probability) * share, probability + (1 - probability) * share])
    near = np.repeat(start, [_LEVELS, _LEVELS], axis=1)
    tables = quantiles(curve, near, levels, sd, _ROUGH)[0]
    known = np.isfinite(tables).all(axis=1)
    tables = np.exp(tables) if tilt else tables
    pair = np.full((len(tables), 2), np.nan)
    curves = [PchipInterpolator(levels, np.maximum.accumulate(table)) for table in tables[known]]

    def quantile(u: Array) -> Array:
        inside = np.clip(u, levels[0], levels[-1])
        return np.array([curve(row) for curve, row in zip(curves, inside, strict=True)])

    if curves:
        pair[known] = np.stack(shortest_from_quantiles(quantile, len(curves), probability), axis=1)
    return np.log(pair) if tilt else pair
