"""How one input of many factors is drawn: a column of kinds and parameters, realised row by row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

Array: TypeAlias = NDArray[np.float64]
RowQuantile: TypeAlias = Callable[[int, Array], Array]


# Kinds of row: which base draws it needs and how they become values. Plain numbers, because a row is
# realised millions of times and an enumeration's look-up would cost as much as its arithmetic.
CONSTANT, NORMAL, LOGNORMAL, UNIFORM, TRIANGULAR, QUANTILE = range(6)
# Made from standard normal draws; the others are made from uniform ones.
BY_NORMALS = frozenset({NORMAL, LOGNORMAL})


def _itself(_row: int, u: Array) -> Array:
    """Return u: the quantile function of the uniform distribution on (0, 1)."""
    return u


@dataclass(frozen=True)
class Marginal:
    """One input of n factors: kinds and parameters, each of shape (n,).

    Constant a; normal a + b·z; log-normal c + d·exp(a + b·z), d = ±1; uniform a + b·u; triangular with low
    end a, width b, mode a + c·b; any other kind by `quantile(row, u)`. Kinds may differ from row to row.
    """

    kind: NDArray[np.int8]
    a: Array
    b: Array
    c: Array
    d: Array
    quantile: RowQuantile = _itself

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def independent_of_draws(self) -> bool:
        """Whether every row is a constant."""
        return bool(np.all(self.kind == CONSTANT))

    def realise(self, row: int, base: Array, *, scores: bool, out: Array) -> Array:
        """Return the values of one row from base draws, written to `out`, shape (m,).

        Args:
            row: which factor.
            base: standard normal draws if `scores`, else uniform ones in (0, 1); not changed.
            scores: which of the two `base` is; the other is made from it where the kind asks for it.
            out: where the values go; may be `base` itself.
        """
        kind = int(self.kind[row])
        if kind == CONSTANT:
            out.fill(self.a[row])
            return out
        if (kind in BY_NORMALS) != scores:
            base = np.asarray(ndtr(base) if scores else ndtri(base))
        a, b = self.a[row], self.b[row]
        if kind == TRIANGULAR:
            return _triangular(base, float(a), float(b), float(self.c[row]), out)
        if kind == QUANTILE:
            out[:] = self.quantile(row, base)
            return out
        np.multiply(base, b, out=out)
        out += a
        if kind == LOGNORMAL:
            np.exp(out, out=out)
            if self.d[row] < 0:
                np.negative(out, out=out)
            if self.c[row]:
                out += self.c[row]
        return out


def _triangular(u: Array, low: float, width: float, mode: float, out: Array) -> Array:
    """Write low + width·Q(u) to `out`: Q = √(u m) below the mode m, 1 − √((1−u)(1−m)) above it.

    The two branches meet in m, so Q(u) = √(min(u, m) m) + 1 − √((1 − max(u, m))(1 − m)) − m without a choice.
    """
    falling = np.maximum(u, mode)
    np.subtract(1.0, falling, out=falling)
    falling *= (1.0 - mode) * width * width
    np.sqrt(falling, out=falling)
    np.minimum(u, mode, out=out)
    out *= mode * width * width
    np.sqrt(out, out=out)
    out -= falling
    out += low + width * (1.0 - mode)
    return out


def _column(
    kind: int,
    a: ArrayLike,
    b: ArrayLike = 0.0,
    c: ArrayLike = 0.0,
    d: ArrayLike = 0.0,
    quantile: RowQuantile = _itself,
) -> Marginal:
    wide = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (a, b, c, d)))
    kinds = np.full(len(wide[0]), kind, dtype=np.int8)
    return Marginal(kinds, wide[0], wide[1], wide[2], wide[3], quantile)


def constant(value: ArrayLike) -> Marginal:
    """Return inputs known exactly, shape (n,)."""
    return _column(CONSTANT, value)


def normal(mean: ArrayLike, sd: ArrayLike) -> Marginal:
    """Return normal inputs by mean and standard deviation, each of shape (n,) or scalar."""
    return _column(NORMAL, mean, sd)


def lognormal(mu: ArrayLike, sigma: ArrayLike, shift: ArrayLike = 0.0, sign: ArrayLike = 1.0) -> Marginal:
    """Return shift + sign·exp(N(mu, sigma²)), parameters of shape (n,) or scalar."""
    return _column(LOGNORMAL, mu, sigma, shift, sign)


def uniform(low: ArrayLike, high: ArrayLike) -> Marginal:
    """Return rectangular inputs between two ends, each of shape (n,) or scalar."""
    a = np.asarray(low, dtype=np.float64)
    return _column(UNIFORM, a, np.asarray(high, dtype=np.float64) - a)


def triangular(low: ArrayLike, mode: ArrayLike, high: ArrayLike) -> Marginal:
    """Return triangular inputs, low ≤ mode ≤ high and low < high, each of shape (n,) or scalar."""
    a = np.asarray(low, dtype=np.float64)
    width = np.asarray(high, dtype=np.float64) - a
    return _column(TRIANGULAR, a, width, (np.asarray(mode, dtype=np.float64) - a) / width)


def by_quantile(rows: int, quantile: RowQuantile) -> Marginal:
    """Return inputs of any other family by quantile(row, probabilities of shape (m,))."""
    return _column(QUANTILE, np.zeros(rows), quantile=quantile)


def empirical(samples: Sequence[ArrayLike]) -> Marginal:
    """Return inputs drawn from measured values by index, one sample per row, each value alike.

    Inputs that share a stream share the index too, so readings taken together stay together.
    """
    tables = [np.asarray(sample, dtype=np.float64) for sample in samples]

    def pick(row: int, u: Array) -> Array:
        table = tables[row]
        return np.asarray(table[np.minimum((u * len(table)).astype(np.intp), len(table) - 1)])

    return by_quantile(len(tables), pick)
