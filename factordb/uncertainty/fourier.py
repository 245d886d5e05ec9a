"""Products, quotients, powers and sums of independent inputs of any family by Fourier-cosine inversion.

ln |Y| of a product, or Y of a sum, is a sum of independent terms, whose characteristic function is the product of
theirs. On a range that holds all but a negligible part of it, F is a straight line and a sine series with these
values as coefficients (Fang and Oosterlee 2008). Each row has its own range; frequencies are added until what is
left out no longer matters. Mean and sd are exact moments, not those of the series.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.uncertainty.assumptions import Reason, code_of
from factordb.uncertainty.characteristic import REACH, Complex, Term, digits, powers, term_of
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.results import Outcome, Rows, Summary
from factordb.uncertainty.smooth_ends import levels_of, quantiles, shortest_or_table

if TYPE_CHECKING:
    from factordb.uncertainty.engine import Asked, Block

Bools: TypeAlias = NDArray[np.bool_]

PIECE = 1024
"""Rows worked on at once: their tables stay in the cache."""
COUNTS = (32, 64, 128, 256, 512, 1024, 2048)
"""Frequencies tried."""
FINER = (1, 4, 16)
"""Multiples of the usual number of nodes tried."""
LOOKED_FOR = 1e-3
"""Frequencies are added until the rest is this part of the tolerance, so that the answer is far better than asked."""
SETTLED = 1e-10
_TAIL = 0.85
"""Share of the frequencies after which their size tells how much the missing ones matter."""
_DECAY = 6.0
"""Frequency, in units of 1/sd, at which a bell has decayed to 1e-8."""


@dataclass(frozen=True)
class Sum:
    """Y = offset + Σ terms, or Y = sign·exp(offset + Σ terms) if `log`, for n rows; columns (n,)."""

    terms: Sequence[tuple[Rows, Term]]
    offset: Array
    sign: Array
    log: bool

    def total(self, name: str) -> Array:
        """Return the sum of one column over the terms."""
        out = np.zeros(len(self.offset))
        for rows, term in self.terms:
            out[rows] += getattr(term, name)
        return out

    def finest(self) -> Array:
        """Return the highest frequency that all terms resolve."""
        out = np.full(len(self.offset), np.inf)
        for rows, term in self.terms:
            out[rows] = np.minimum(out[rows], term.finest)
        return out

    def reach(self) -> tuple[Array, Array, Array]:
        """Return how far the range goes below and above the mean, and the sd.

        Independent terms are not all at their ends at once: √Σ d² bounds normal and longer tails; bounded terms
        add up to a bell at most, and to no more than the sum of their ends.
        """
        sd = np.sqrt(self.total("variance"))
        below, above = (np.zeros((3, len(sd))) for _ in range(2))
        for rows, term in self.terms:
            for side, distance in ((below, term.mean - term.low), (above, term.high - term.mean)):
                side[0, rows] += distance
                side[1, rows] += np.square(distance)
        ends = [np.minimum(side[0], np.maximum(REACH * sd, np.sqrt(side[1]))) for side in (below, above)]
        return ends[0], ends[1], sd

    def transform(self, rows: Rows, length: Array, count: int) -> Complex:
        """Return E exp(iω_k(S − mean)) of some rows, shape (m, count)."""
        place = np.full(len(self.offset), -1)
        place[rows] = np.arange(len(rows))
        out = np.ones((len(rows), count), dtype=np.complex128)
        for having, term in self.terms:
            inside = np.flatnonzero(place[having] >= 0)
            if inside.size:
                at = place[having[inside]]
                out[at] *= term.transform(inside, length[at], count)
        return out


@dataclass(frozen=True)
class Series:
    """F(x) = θ/π + (2/π) Σ C_k sin(kθ)/k, θ = π(x − start)/length, in two digits of k; a `smooth_ends.Curve`."""

    start: Array
    length: Array
    coefficients: Array
    """C_k/k and C_k stacked, shape (n, 2A, B), the constant left out."""

    def at(self, y: Array) -> tuple[Array, Array, Array]:
        """Return F, f and no error at y, each of shape (n, q)."""
        theta = np.pi * np.clip((y - self.start[:, None]) / self.length[:, None], 0.0, 1.0)
        high, low = self.coefficients.shape[1] // 2, self.coefficients.shape[2]
        fine = powers(theta, low)
        inner = (self.coefficients @ fine.view(np.float64)).view(np.complex128)
        coarse = powers(low * theta, high)
        sines, cosines = (_total(part * coarse) for part in (inner[:, :high], inner[:, high:]))
        below = theta / np.pi + (2 / np.pi) * sines.imag
        density = (1 + 2 * cosines.real) / self.length[:, None]
        return np.clip(below, 0.0, 1.0), np.maximum(density, 1e-300), np.zeros(y.shape)

    def take(self, rows: Rows) -> "Series":
        """Return the series of some rows."""
        return Series(self.start[rows], self.length[rows], self.coefficients[rows])


def _total(parts: Complex) -> Complex:
    """Return the sum over axis 1, always in the same order: numpy's own depends on the other axes."""
    total = parts[:, 0].copy()
    for place in range(1, parts.shape[1]):
        total += parts[:, place]
    return total


def fourier_tier(block: "Block", asked: "Asked") -> tuple[Rows, Outcome]:
    """Answer rows of products of powers and of linear sums, where the own error estimate meets the tolerance."""
    outcome = Outcome(
        Summary.empty(block.count), np.full(block.count, np.inf), np.zeros(block.count, dtype=np.int64),
        np.full(block.count, code_of(Reason.UNDEFINED), dtype=np.int8),
    )  # fmt: skip
    log = block.expression.monomial() is not None
    if (log or block.expression.linear() is not None) and block.moments is not None:
        with np.errstate(all="ignore"):
            for start in range(0, block.count, PIECE):
                rows = np.arange(start, min(start + PIECE, block.count))
                _piece(block, rows, asked, outcome, log=log)
    met = outcome.tolerance <= asked.tolerance
    places = np.flatnonzero(met if asked.method is None else np.isfinite(outcome.tolerance))
    return places, Outcome(
        outcome.summary.take(places), outcome.tolerance[places], outcome.draws[places], outcome.reason[places]
    )


def _piece(block: "Block", rows: Rows, asked: "Asked", outcome: Outcome, *, log: bool) -> None:
    """Answer some rows, with more nodes where the first do not resolve the frequencies that matter."""
    for finer in FINER:
        rows = _attempt(block, rows, asked, outcome, sum_of(block.take(rows), log=log, finer=finer))
        if not rows.size:
            break


def _attempt(block: "Block", rows: Rows, asked: "Asked", outcome: Outcome, found: Sum) -> Rows:
    """Answer some rows as well as the nodes allow, and return those that need more nodes."""
    mean, spread = (
        (part[rows] for part in block.moments[:2]) if block.moments is not None else (np.full(2, np.nan),) * 2
    )
    below, above, sd = found.reach()
    length = below + above
    good = np.isfinite(length + found.offset + mean + spread) & (sd > 0)
    count = np.full(len(rows), len(COUNTS))
    count[good] = np.searchsorted(COUNTS[:-1], _DECAY * length[good] / (np.pi * sd[good]))
    coarse = np.zeros(len(rows), dtype=bool)
    for nth, frequencies in enumerate(COUNTS):
        some = np.flatnonzero(count == nth)
        if not some.size:
            continue
        series, rest = _inverted(found, some, (below[some], above[some]), frequencies)
        enough = rest <= LOOKED_FOR * asked.tolerance
        blind = found.finest()[some] < np.pi * frequencies / length[some]
        last = enough | blind | (nth == len(COUNTS) - 1)
        count[some[~last]] += 1
        coarse[some] = blind & ~enough
        if last.any():
            done = some[last]
            exact = mean[done], spread[done]
            summary, error = _solved(found, done, series.take(np.flatnonzero(last)), sd[done], exact, asked.probability)
            part = Outcome(
                summary, np.where(summary.usable, error * rest[last], np.inf), np.full(len(done), frequencies),
                np.where(summary.usable, 0, code_of(Reason.UNDEFINED)).astype(np.int8),
            )  # fmt: skip
            _keep_better(outcome, rows[done], part)
    return rows[coarse]


def _keep_better(outcome: Outcome, rows: Rows, part: Outcome) -> None:
    better = part.tolerance < outcome.tolerance[rows]
    outcome.summary.place(rows[better], part.summary, better)
    for name in ("tolerance", "draws", "reason"):
        getattr(outcome, name)[rows[better]] = getattr(part, name)[better]


def sum_of(block: "Block", *, log: bool, finer: int = 1) -> Sum:
    """Return the formula of a block as a sum of independent terms, over `finer` times as many nodes."""
    linear, monomial = block.expression.linear(), block.expression.monomial()
    constant, factors = (monomial if log else linear) or (0.0, {})
    offset = np.full(block.count, np.log(abs(constant)) if log else constant)
    sign = np.full(block.count, np.sign(constant) if log else 1.0)
    terms: list[tuple[Rows, Term]] = []
    for name, factor in factors.items():
        for family, rows in block.inputs[name].groups():
            given = block.inputs[name].take(rows)
            if log:
                mean = given.mean()
                sign[rows] *= np.where(mean < 0, np.power(-1.0, factor) if factor.is_integer() else np.nan, 1.0)
            if family is Family.CONSTANT:
                value = given.parameters[:, 0]
                offset[rows] += factor * (np.log(np.abs(value)) if log else value)
            else:
                terms.append((rows, term_of(family, given, factor, log=log, finer=finer)))
    found = Sum(terms, offset, sign, log)
    # a fractional power of a negative input is not defined
    found.offset[np.isnan(sign)] = np.nan
    return found


def _inverted(found: Sum, rows: Rows, reach: tuple[Array, Array], count: int) -> tuple[Series, Array]:
    """Return the sine series of some rows with `count` frequencies, and a bound of what it leaves out of F."""
    below, above = reach
    length = below + above
    values = found.transform(rows, length, count)
    k = np.arange(count)
    # beyond what a rule resolves its sum is noise: the true values are smaller than where it still sees
    seen = np.minimum(found.finest()[rows] * length / np.pi, count)
    values[k > seen[:, None]] = 0.0
    last = (k >= _TAIL * seen[:, None] - 1) & (k <= seen[:, None]) & (k > 0)
    rest = (2 / np.pi) * np.where(last, np.abs(values), 0.0).max(axis=1) + found.total("lost")[rows]
    turned = values * powers((np.pi * below / length)[:, None], count)[:, :, 0]
    cosine = turned.real
    cosine[:, 0] = 0.0
    both = np.stack([cosine / np.maximum(k, 1), cosine], axis=1)
    high, low = digits(count)
    start = found.total("mean")[rows] - below
    return Series(start, length, both.reshape(len(rows), 2 * high, low)), rest + 1e-12


def _solved(
    found: Sum, rows: Rows, series: Series, sd: Array, exact: tuple[Array, Array], probability: float
) -> tuple[Summary, Array]:
    """Return summaries, and how many half-widths the ends move for a unit of probability."""
    levels = levels_of(probability)
    z = ndtri(levels)
    mean = found.total("mean")[rows]
    x, _ = quantiles(series, mean[:, None] + sd[:, None] * z, levels, sd, SETTLED)
    tilt = 1.0 if found.log else 0.0
    variance = np.square(sd)[:, None]
    ends = x[:, [0, 2]] - tilt * np.minimum(variance, (series.length / 8)[:, None])
    slopes = -(ends - x[:, [1]]) / variance - tilt
    pair = shortest_or_table(series, (ends, slopes), x, sd, probability, np.sqrt(SETTLED), tilt)
    _, density, _ = series.at(x[:, [0, 2]])
    ends = np.column_stack([x, pair]) + found.offset[rows, None]
    if found.log:
        ends = np.exp(ends)
        density /= ends[:, [0, 2]]
        sign = found.sign[rows, None]
        ends = np.where(sign < 0, -ends[:, [2, 1, 0, 4, 3]], ends)
    half = (ends[:, 2] - ends[:, 0]) / 2
    return Summary(*exact, ends[:, 1], ends[:, 0], ends[:, 2], ends[:, 3], ends[:, 4]), 1 / (density.min(axis=1) * half)
