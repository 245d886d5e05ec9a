"""Sums of independent terms by their characteristic function: the range, the cosine series, F and f from it.

On a range that holds all but a negligible part of a sum, F is a straight line and a sine series whose coefficients
are values of the characteristic function (Fang and Oosterlee 2008). Each row has its own range.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.uncertainty.accelerated import compiled
from factordb.uncertainty.characteristic import REACH, Complex, Rows, Term, digits, powers
from factordb.uncertainty.families import Array

Bools: TypeAlias = NDArray[np.bool_]

COUNTS = (32, 64, 128, 256, 512, 1024, 2048)
"""Frequencies tried."""
_TAIL = 0.85
"""Share of the frequencies after which their size tells how much the missing ones matter."""
_DECAY = 6.0
"""Frequency, in units of 1/sd, at which a bell has decayed to 1e-8."""
_UNSEEN = 1e-12
"""Probability beyond the ends of a range."""


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

    def value(self, x: Array, rows: Rows | slice = slice(None)) -> Array:
        """Return Y of some rows where the sum of their terms is x, shape (m,) or (m, q)."""
        offset, sign = self.offset[rows], self.sign[rows]
        if x.ndim > 1:
            offset, sign = offset[:, None], sign[:, None]
        return sign * np.exp(x + offset) if self.log else x + offset

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
        sines, cosines = self._sums(theta)
        below = theta / np.pi + (2 / np.pi) * sines
        density = (1 + 2 * cosines) / self.length[:, None]
        return np.clip(below, 0.0, 1.0), np.maximum(density, 1e-300), np.zeros(y.shape)

    def _sums(self, theta: Array) -> tuple[Array, Array]:
        """Return Σ sin(kθ) C_k/k and Σ cos(kθ) C_k, shape (n, q) each."""
        high, low = self.coefficients.shape[1] // 2, self.coefficients.shape[2]
        loops = compiled()
        if loops is not None:
            return loops.series(theta, self.coefficients.reshape(len(theta), 2, high * low))
        fine = powers(theta, low)
        inner = (self.coefficients @ fine.view(np.float64)).view(np.complex128)
        coarse = powers(low * theta, high)
        sines, cosines = (_total(part * coarse) for part in (inner[:, :high], inner[:, high:]))
        return np.asarray(sines.imag), np.asarray(cosines.real)

    def take(self, rows: Rows) -> "Series":
        """Return the series of some rows."""
        return Series(self.start[rows], self.length[rows], self.coefficients[rows])


def _total(parts: Complex) -> Complex:
    """Return the sum over axis 1, always in the same order: numpy's own depends on the other axes."""
    total = parts[:, 0].copy()
    for place in range(1, parts.shape[1]):
        total += parts[:, place]
    return total


@dataclass(frozen=True)
class Inverse:
    """Series of some rows, what they leave out of F at most, and which need nodes that resolve more."""

    rows: Rows
    series: Series
    rest: Array
    coarse: Bools
    frequencies: int


def inversions(found: Sum, good: Bools, wanted: float, most: int = COUNTS[-1]) -> Iterator[Inverse]:
    """Yield the series of all good rows; frequencies are added, up to `most`, until the rest is below `wanted`."""
    below, above, sd = found.reach()
    length = below + above
    good = good & np.isfinite(length + found.offset) & (sd > 0)
    counts = [one for one in COUNTS if one <= most]
    count = np.full(len(sd), len(counts))
    count[good] = np.searchsorted(counts[:-1], _DECAY * length[good] / (np.pi * sd[good]))
    finest = found.finest()
    for nth, frequencies in enumerate(counts):
        some = np.flatnonzero(count == nth)
        if not some.size:
            continue
        series, rest = _inverted(found, some, (below[some], above[some]), frequencies)
        enough = rest <= wanted
        blind = finest[some] < np.pi * frequencies / length[some]
        last = enough | blind | (nth == len(counts) - 1)
        count[some[~last]] += 1
        if last.any():
            kept = np.flatnonzero(last)
            yield Inverse(some[kept], series.take(kept), rest[kept], (blind & ~enough)[kept], frequencies)


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
    return Series(start, length, both.reshape(len(rows), 2 * high, low)), rest + _UNSEEN
