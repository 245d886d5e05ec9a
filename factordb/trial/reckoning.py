"""The sum and its uncertainty: Monte Carlo with factors drawn once, and exact variance shares of a sum of products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.errors import UsageError
from factordb.trial.inventory import rules
from factordb.trial.terms import Input, Term, spreads_of
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array
from factordb.uncertainty.intervals import shortest_interval
from factordb.uncertainty.marginals import BY_NORMALS, CONSTANT, Marginal
from factordb.uncertainty.streams import CHUNK, Streams

Places: TypeAlias = NDArray[np.intp]
GRID: Final = 2048
"""Even quantiles at which a part of an activity is looked at."""


@dataclass(frozen=True)
class Problem:
    """Terms as arrays: each term names the place of its activity and its factor among the inputs.

    Attributes:
        terms: the terms, n of them.
        inputs: every input once, m of them.
        activity: place of each term's activity, shape (n,).
        factor: place of each term's factor, shape (n,).
        scale: kg CO2e per functional unit, shape (n,).
        spreads: distributions of the inputs, shape (m,).
    """

    terms: tuple[Term, ...]
    inputs: tuple[Input, ...]
    activity: Places
    factor: Places
    scale: Array
    spreads: Distributions


def problem_of(terms: Sequence[Term]) -> Problem:
    """Return the terms as arrays; inputs of one name are one input."""
    inputs: dict[str, Input] = {}
    for term in terms:
        inputs.setdefault(term.activity.name, term.activity)
        inputs.setdefault(term.factor.value.name, term.factor.value)
    place = {name: at for at, name in enumerate(inputs)}
    return Problem(
        tuple(terms),
        tuple(inputs.values()),
        np.array([place[term.activity.name] for term in terms], np.intp),
        np.array([place[term.factor.value.name] for term in terms], np.intp),
        np.array([term.scale for term in terms], np.float64),
        spreads_of(tuple(inputs.values())),
    )


@dataclass(frozen=True)
class Drawn:
    """What the draws gave, kg CO2e per functional unit.

    Attributes:
        totals: the sums, shape (samples,).
        means: mean of each term, shape (n,).
        covariances: covariance of each term with the sum, shape (n,): they add up to the variance of the sum.
    """

    totals: Array
    means: Array
    covariances: Array


def draw(asked: Problem, *, samples: int, seed: int) -> Drawn:
    """Return the draws of the sum. The same seed and inputs give the same numbers, whatever else is drawn.

    A block of `CHUNK` draws is in memory at a time; an input is realised once a block, wherever it stands.
    """
    marginal = asked.spreads.marginal()
    streams = Streams(seed)
    totals = np.empty(samples)
    expected = points_of(asked)
    first, product = np.zeros(len(asked.terms)), np.zeros(len(asked.terms))
    for start in range(0, samples, CHUNK):
        count = min(CHUNK, samples - start)
        values = realised(asked.inputs, marginal, streams, start, count)
        rows = np.empty((len(asked.terms), count))
        for at, (one, other) in enumerate(zip(asked.activity, asked.factor, strict=True)):
            row = rows[at]
            np.multiply(asked.terms[at].used(values[one]), values[other], out=row)
            row *= asked.scale[at]
        total = rows.sum(axis=0)
        totals[start : start + count] = total
        first += rows.sum(axis=1)
        # about the expected sum: a block's own mean would leave out the spread between blocks
        product += rows @ (total - expected.sum())
    means = first / samples
    covariances = product / samples - means * (totals.mean() - expected.sum())
    finite(totals, covariances, expected)
    return Drawn(totals, means, covariances)


def finite(*numbers: Array) -> None:
    """Let results pass that are numbers.

    Raises:
        UsageError: one of them is infinite or none.
    """
    if not all(np.isfinite(one).all() for one in numbers):
        raise UsageError(
            problem="the result is beyond what can be calculated",
            remedy="check amounts, factors, units and spreads: one of them is far too large",
            problem_zh="结果超出可计算的范围",
            remedy_zh="请核对活动数据、因子、单位与离散度：其中有过大的数值",
        )


def realised(inputs: Sequence[Input], marginal: Marginal, streams: Streams, start: int, count: int) -> Array:
    """Return draws start … start + count − 1 of every input, shape (m, count)."""
    values = np.empty((len(inputs), count))
    for at, one in enumerate(inputs):
        kind = int(marginal.kind[at])
        if kind != CONSTANT:
            scores = kind in BY_NORMALS
            fill = streams.normals if scores else streams.uniforms
            fill(one.name, count, start=start, out=values[at])
            marginal.realise(at, values[at], scores=scores, out=values[at])
        else:
            values[at].fill(marginal.a[at])
    return values


def points_of(asked: Problem) -> Array:
    """Return the best estimate of each term, kg CO2e per functional unit, shape (n,)."""
    return np.array([term.point for term in asked.terms], np.float64)


def shares(asked: Problem) -> tuple[Array, Array, float]:
    """Return first-order and total share of the variance of each input, shape (m,) each, and the variance.

    Exact: with independent inputs the sum is Σ_g f_g · B_g, B_g = Σ k a, and an activity stands under one factor,
    so Var = Σ μ_B² σ_f² + μ_f² σ_B² + σ_f² σ_B². An activity under several factors is taken by its slope, a part of
    an activity by the line nearest to it.

    Source: Sobol (1993), indices of a multilinear function.
    """
    spreads = asked.spreads
    mean, variance = spreads.mean(), np.square(spreads.sd())
    count = len(asked.inputs)
    under = np.zeros(count)  # μ_B of each factor
    used, steep = _lines_of_parts(asked, mean)
    np.add.at(under, asked.factor, asked.scale * used)
    slope = np.zeros(count)  # ∂Y/∂a of each activity at the means
    np.add.at(slope, asked.activity, asked.scale * steep * mean[asked.factor])
    pairs: dict[tuple[int, int], float] = {}
    for one, other, scale in zip(asked.activity, asked.factor, asked.scale * steep, strict=True):
        pairs[int(one), int(other)] = pairs.get((int(one), int(other)), 0.0) + float(scale)
    joint = np.zeros(count)
    both = 0.0
    for (one, other), scale in pairs.items():
        crossed = scale**2 * variance[one] * variance[other]
        joint[[one, other]] += crossed
        both += crossed
    first = np.square(under + slope) * variance
    whole = float(first.sum() + both)
    if whole <= 0:
        return np.zeros(count), np.zeros(count), 0.0
    return first / whole, (first + joint) / whole, whole


def _lines_of_parts(asked: Problem, mean: Array) -> tuple[Array, Array]:
    """Return mean and slope against its activity of what each term uses, shape (n,) each.

    Of a part they are those of the least-squares line over even quantiles: the line itself where nothing is cut off.
    """
    used, steep = mean[asked.activity], np.ones(len(asked.terms))
    grid = (np.arange(GRID) + 0.5) / GRID
    for at, term in enumerate(asked.terms):
        if term.span is None:
            continue
        one = asked.activity[at : at + 1]
        whole = np.asarray(asked.spreads.take(one).ppf(grid[None, :]))[0]
        part, centred = term.used(whole), whole - whole.mean()
        scatter = float(centred @ centred)
        steep[at] = float(centred @ part) / scatter if scatter > 0 else 0.0
        used[at] = part.mean() + steep[at] * (mean[one[0]] - whole.mean())
    return used, steep


def swings(asked: Problem) -> tuple[Array, Array]:
    """Return the sum when one input alone goes to its lower and its upper 95 % end, shape (m,) each."""
    spreads, tail = asked.spreads, float(rules()["tail"])
    ends = [np.asarray(spreads.ppf(1 - tail)), np.asarray(spreads.ppf(tail))]
    point = np.array([one.point for one in asked.inputs])
    base = points_of(asked)
    found = []
    for end in ends:
        moved = np.full(len(asked.inputs), base.sum())
        delta = end - point
        amounts = np.array([term.used(point[one]) for term, one in zip(asked.terms, asked.activity, strict=True)])
        ended = np.array([term.used(end[one]) for term, one in zip(asked.terms, asked.activity, strict=True)])
        np.add.at(moved, asked.activity, asked.scale * (ended - amounts) * point[asked.factor])
        np.add.at(moved, asked.factor, asked.scale * amounts * delta[asked.factor])
        found.append(moved)
    return found[0], found[1]


def summary(totals: Array, point: float) -> dict[str, Any]:
    """Return value, mean, sd, median, cv and the shortest 95 % interval of draws, kg CO2e per functional unit."""
    ordered = np.sort(totals)
    low, high = shortest_interval(ordered, float(rules()["coverage"]))
    mean, sd = float(totals.mean()), float(totals.std(ddof=1))
    return {
        "value": point,
        "mean": mean,
        "sd": sd,
        "cv": sd / abs(mean) if mean else None,
        "median": float(np.median(ordered)),
        "low95": float(low),
        "high95": float(high),
    }


def by_group(names: Sequence[str], numbers: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return the sums of columns over equal names, in order of first appearance."""
    order = list(dict.fromkeys(names))
    place = np.array([order.index(name) for name in names], np.intp)
    sums = {key: np.bincount(place, column, len(order)) for key, column in numbers.items()}
    return [{"name": name, **{key: float(column[at]) for key, column in sums.items()}} for at, name in enumerate(order)]
