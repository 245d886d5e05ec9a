"""The distribution of A·v + B given A and B, v integrated in closed form: what the conditional method averages."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from factordb.uncertainty.distributions import FORMS, Distributions
from factordb.uncertainty.families import Array, Family

Rows = NDArray[np.intp]
_ROOT_2PI = float(np.sqrt(2 * np.pi))
_TINY = 1e-300


class Kernel(Protocol):
    """Cumulative probability and density of the result at y, given each point."""

    def at(self, y: Array) -> tuple[Array, Array]:
        """Return F and f at y of shape (n, 1), at each of the m points, shape (n, m) each."""
        ...

    def first(self, part: int, of: int) -> "Kernel":
        """Return the kernel of the first part of the points."""
        ...

    def take(self, rows: Rows) -> "Kernel":
        """Return the kernel of some rows."""
        ...


class _Columns:
    """Choosing points and rows of a kernel whose fields are columns of shape (n, m) or (n, 1)."""

    def first(self, part: int, of: int) -> Self:
        """Return the kernel of the first part of the points."""
        return self._each(lambda column: column[:, : max(1, column.shape[1] * part // of)])

    def take(self, rows: Rows) -> Self:
        """Return the kernel of some rows."""
        return self._each(lambda column: column[rows])

    def _each(self, change: Callable[[Array], Array]) -> Self:
        given = {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]  # dataclasses all
        return replace(self, **{name: _changed(part, change) for name, part in given.items()})  # type: ignore[type-var]  # dataclasses all


def _changed(part: Any, change: Callable[[Array], Array]) -> Any:
    if isinstance(part, tuple):
        return tuple(change(column) for column in part)
    return change(part) if isinstance(part, np.ndarray) else part


@dataclass(frozen=True)
class NormalKernel(_Columns):
    """v normal: the result is normal about `centre` with sd `spread`, each (n, m) or (n, 1)."""

    centre: Array
    spread: Array

    def at(self, y: Array) -> tuple[Array, Array]:
        """Return F and f at y."""
        score = (y - self.centre) / self.spread
        density = np.exp(np.square(score) * -0.5)
        density /= _ROOT_2PI * self.spread
        return np.asarray(ndtr(score)), density


@dataclass(frozen=True)
class LogNormalKernel(_Columns):
    """v log-normal: `sign`·(result − `origin`) is log-normal with median exp(`centre`); sigma > 0."""

    origin: Array
    centre: Array
    sigma: Array
    sign: Array

    def at(self, y: Array) -> tuple[Array, Array]:
        """Return F and f at y."""
        above = self.sign * (y - self.origin)
        inside = np.maximum(above, _TINY)
        score = (np.log(inside) - self.centre) / self.sigma
        density = np.exp(np.square(score) * -0.5)
        density /= _ROOT_2PI * self.sigma * inside
        return np.asarray(ndtr(self.sign * score)), density


@dataclass(frozen=True)
class AnyKernel(_Columns):
    """v of any one continuous family, by its cumulative probability and density."""

    family: Family
    parameters: tuple[Array, ...]
    slope: Array
    offset: Array

    def at(self, y: Array) -> tuple[Array, Array]:
        """Return F and f at y."""
        x = (y - self.offset) / self.slope
        form = FORMS[self.family]
        below = form.cdf(self.parameters, x)
        return np.where(self.slope > 0, below, 1 - below), form.pdf(self.parameters, x) / np.abs(self.slope)


def _normal(v: Distributions, slope: Array, offset: Array) -> Kernel:
    mean, sd = v.parameters[:, :2].T[..., None]
    return NormalKernel(offset + slope * mean, np.abs(slope) * sd)


def _lognormal(v: Distributions, slope: Array, offset: Array) -> Kernel:
    mu, sigma, shift, sign = v.parameters.T[..., None]
    size = slope * sign
    return LogNormalKernel(offset + slope * shift, np.log(np.abs(size)) + mu, sigma, np.sign(size))


_MADE: dict[Family, Callable[[Distributions, Array, Array], Kernel]] = {
    Family.NORMAL: _normal,
    Family.LOGNORMAL: _lognormal,
}


def kernel_of(family: Family, v: Distributions, slope: Array, offset: Array) -> Kernel:
    """Return the kernel of n rows of one family; slope A ≠ 0 and offset B of shape (n, m)."""
    if family in _MADE:
        return _MADE[family](v, slope, offset)
    columns = v.parameters[:, : len(FORMS[family].parameters)].T[..., None]
    return AnyKernel(family, tuple(columns), slope, offset)
