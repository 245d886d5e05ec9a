"""Products, quotients, powers and sums of independent inputs, nested at will, by Fourier-cosine inversion.

ln |Y| of a product, or Y of a sum, is a sum of independent terms, whose characteristic function is the product of
theirs. A part that is itself a product or a sum is inverted first; its density on equal steps is a term of the
outer one. So every formula that names each input once is answered without a draw. Mean and sd are exact moments,
not those of the series.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.uncertainty.assumptions import Reason, code_of
from factordb.uncertainty.characteristic import Term, term_of, term_of_values
from factordb.uncertainty.cosine import Inverse, Series, Sum, inversions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.read_once import Plan, plan_of
from factordb.uncertainty.results import Outcome, Rows, Summary
from factordb.uncertainty.smooth_ends import levels_of, quantiles, shortest_or_table

if TYPE_CHECKING:
    from factordb.uncertainty.engine import Asked, Block, Inputs

Bools: TypeAlias = NDArray[np.bool_]

PIECE, NESTED_PIECE = 1024, 256
"""Rows worked on at once: their tables stay in the cache."""
FINER, NESTED_FINER = (1, 4, 16), (1, 4)
"""Multiples of the usual number of nodes tried."""
MOST, NESTED_MOST = 2048, 512
"""Frequencies at most: a nested formula that needs more is cheaper by conditional integration."""
INNER_STEPS = 128
"""Steps of the density of a part."""
LOOKED_FOR = 1e-3
"""Frequencies are added until the rest is this part of the tolerance, so that the answer is far better than asked."""
SETTLED = 1e-10


def fourier_tier(block: "Block", asked: "Asked") -> tuple[Rows, Outcome]:
    """Answer rows of formulas that have a plan, where the own error estimate meets the tolerance."""
    outcome = Outcome(
        Summary.empty(block.count), np.full(block.count, np.inf), np.zeros(block.count, dtype=np.int64),
        np.full(block.count, code_of(Reason.UNDEFINED), dtype=np.int8),
    )  # fmt: skip
    plan = plan_of(block.expression)
    if plan is not None and block.moments is not None:
        size = NESTED_PIECE if plan.nested else PIECE
        with np.errstate(all="ignore"):
            for start in range(0, block.count, size):
                rows = np.arange(start, min(start + size, block.count))
                _piece(block, plan, rows, asked, outcome)
    met = outcome.tolerance <= asked.tolerance
    places = np.flatnonzero(met if asked.method is None else np.isfinite(outcome.tolerance))
    return places, Outcome(
        outcome.summary.take(places), outcome.tolerance[places], outcome.draws[places], outcome.reason[places]
    )


def _piece(block: "Block", plan: Plan, rows: Rows, asked: "Asked", outcome: Outcome) -> None:
    """Answer some rows, with more nodes where the first do not resolve the frequencies that matter."""
    wanted = LOOKED_FOR * asked.tolerance
    most = NESTED_MOST if plan.nested else MOST
    for finer in NESTED_FINER if plan.nested else FINER:
        part = block.take(rows)
        exact = part.moments
        if not rows.size or exact is None:
            break
        found = sum_of(plan, part.inputs, part.count, finer, wanted)
        again = np.zeros(len(rows), dtype=bool)
        for inverse in inversions(found, np.isfinite(exact[0] + exact[1]), wanted, most):
            moments = exact[0][inverse.rows], exact[1][inverse.rows]
            _keep_better(outcome, rows[inverse.rows], _solved(found, inverse, moments, asked.probability))
            again[inverse.rows] = inverse.coarse
        rows = rows[again]


def _keep_better(outcome: Outcome, rows: Rows, part: Outcome) -> None:
    better = part.tolerance < outcome.tolerance[rows]
    outcome.summary.place(rows[better], part.summary, better)
    for name in ("tolerance", "draws", "reason"):
        getattr(outcome, name)[rows[better]] = getattr(part, name)[better]


def sum_of(plan: Plan, inputs: "Inputs", count: int, finer: int = 1, wanted: float = 1e-6) -> Sum:
    """Return `count` rows of a plan as a sum of independent terms, over `finer` times as many nodes."""
    log = plan.log
    offset = np.full(count, np.log(abs(plan.constant)) if log else plan.constant)
    sign = np.full(count, np.sign(plan.constant) if log else 1.0)
    terms: list[tuple[Rows, Term]] = []

    def fixed(rows: Rows, value: Array, factor: float) -> None:
        offset[rows] += factor * (np.log(np.abs(value)) if log else value)

    def signed(rows: Rows, centre: Array, factor: float) -> None:
        if log:  # a fractional power of a negative part is not defined
            sign[rows] *= np.where(centre < 0, np.power(-1.0, factor) if factor.is_integer() else np.nan, 1.0)

    for part, factor in plan.parts:
        if isinstance(part, Plan):
            inner = sum_of(part, inputs, count, finer, wanted)
            value = inner.value(inner.total("mean"))
            signed(np.arange(count), value, factor)
            alone = inner.total("variance") == 0
            fixed(np.flatnonzero(alone), value[alone], factor)
            made, unanswered = _inner_terms(inner, ~alone, factor, finer, wanted, log=log)
            terms.extend(made)
            offset[unanswered] = np.nan
            continue
        for family, rows in inputs[part].groups():
            given = inputs[part].take(rows)
            signed(rows, given.mean(), factor)
            if family is Family.CONSTANT:
                fixed(rows, given.parameters[:, 0], factor)
            else:
                terms.append((rows, term_of(family, given, factor, log=log, finer=finer)))
    offset[np.isnan(sign)] = np.nan
    return Sum(terms, offset, sign, log)


def _inner_terms(
    inner: Sum, uncertain: Bools, factor: float, finer: int, wanted: float, *, log: bool
) -> tuple[list[tuple[Rows, Term]], Bools]:
    """Return the terms that the density of a part makes, and the rows that have none."""
    terms: list[tuple[Rows, Term]] = []
    left = uncertain.copy()
    steps = INNER_STEPS * finer
    for inverse in inversions(inner, uncertain, wanted, NESTED_MOST):
        series, rows = inverse.series, inverse.rows
        left[rows] = False
        x = series.start[:, None] + series.length[:, None] * np.linspace(0.0, 1.0, steps + 1)
        w = series.at(x)[1] * (series.length / steps)[:, None]
        w[:, [0, -1]] /= 2
        mass = w.sum(axis=1)
        values = inner.value(x, rows)
        ends = np.sort([values[:, 0], values[:, -1]], axis=0)
        term = term_of_values(values, w / mass[:, None], factor, (ends[0], ends[1]), log=log)
        lost = term.lost + np.abs(mass - 1) + inverse.rest
        terms.append((rows, replace(term, lost=lost)))
    return terms, left


def _solved(found: Sum, inverse: Inverse, exact: tuple[Array, Array], probability: float) -> Outcome:
    """Return what a series says; the tolerance is the rest of F over the density at the ends, in half-widths."""
    rows, series = inverse.rows, inverse.series
    levels = levels_of(probability)
    sd = np.sqrt(found.total("variance")[rows])
    x, _ = quantiles(series, found.total("mean")[rows, None] + sd[:, None] * ndtri(levels), levels, sd, SETTLED)
    pair = _shortest(series, x, sd, probability, tilt=1.0 if found.log else 0.0)
    _, density, _ = series.at(x[:, [0, 2]])
    ends = found.value(np.column_stack([x, pair]), rows)
    if found.log:
        density /= np.abs(ends[:, [0, 2]])
    mirrored = found.sign[rows, None] < 0
    ends = np.where(mirrored, ends[:, [2, 1, 0, 4, 3]], ends)
    half = (ends[:, 2] - ends[:, 0]) / 2
    summary = Summary(*exact, ends[:, 1], ends[:, 0], ends[:, 2], ends[:, 3], ends[:, 4])
    tolerance = np.where(summary.usable, inverse.rest / (density.min(axis=1) * half), np.inf)
    reason = np.where(summary.usable, 0, code_of(Reason.UNDEFINED)).astype(np.int8)
    return Outcome(summary, tolerance, np.full(len(half), inverse.frequencies), reason)


def _shortest(series: Series, x: Array, sd: Array, probability: float, tilt: float) -> Array:
    """Return the shortest interval in x, begun from that of a normal or a log-normal of the same sd."""
    variance = np.square(sd)[:, None]
    ends = x[:, [0, 2]] - tilt * np.minimum(variance, (series.length / 8)[:, None])
    slopes = -(ends - x[:, [1]]) / variance - tilt
    return shortest_or_table(series, (ends, slopes), x, sd, probability, np.sqrt(SETTLED), tilt)
