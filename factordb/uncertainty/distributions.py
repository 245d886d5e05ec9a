"""Distributions as columns: n uncertain numbers of any families, each question answered family by family."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.uncertainty import bounded, marginals, smooth
from factordb.uncertainty.families import CODES, FAMILIES, Array, Family, Form
from factordb.uncertainty.marginals import Marginal

Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]

WIDTH = 4
"""Parameters of the family that has most."""

FORMS: dict[Family, Form] = {
    Family.CONSTANT: bounded.CONSTANT,
    Family.NORMAL: smooth.NORMAL,
    Family.LOGNORMAL: smooth.LOGNORMAL,
    Family.UNIFORM: bounded.UNIFORM,
    Family.TRIANGULAR: bounded.TRIANGULAR,
    Family.BETA: bounded.BETA,
    Family.TRAPEZOID: bounded.TRAPEZOID,
    Family.CURVILINEAR_TRAPEZOID: bounded.CURVILINEAR_TRAPEZOID,
    Family.STUDENT_T: smooth.STUDENT_T,
    Family.TRUNCATED_NORMAL: smooth.TRUNCATED_NORMAL,
    Family.GAMMA: smooth.GAMMA,
    Family.WEIBULL: smooth.WEIBULL,
}
"""Families given by parameters; discrete and empirical ones are given by tables."""


@dataclass(frozen=True)
class Table:
    """A discrete distribution: points in ascending order and the cumulative probability at each, shape (m,)."""

    points: Array
    cumulative: Array

    @property
    def weights(self) -> Array:
        """Probability of each point."""
        return np.diff(self.cumulative, prepend=0.0)

    def mean(self) -> float:
        """Σ w x."""
        return float(self.weights @ self.points)

    def sd(self) -> float:
        """√(Σ w (x − mean)²), of the distribution itself: no n − 1."""
        return float(np.sqrt(self.weights @ np.square(self.points - self.mean())))

    def ppf(self, u: Array) -> Array:
        """Return the least point whose cumulative probability reaches u."""
        return self.points[np.minimum(np.searchsorted(self.cumulative, u), len(self.points) - 1)]

    def cdf(self, x: Array) -> Array:
        """Return the probability of a value ≤ x."""
        place = np.searchsorted(self.points, x, side="right")
        return np.where(place > 0, self.cumulative[np.maximum(place - 1, 0)], 0.0)

    def pdf(self, x: Array) -> Array:
        """Return infinity at a point and zero elsewhere: a discrete distribution has no density."""
        return np.where(np.isin(x, self.points), np.inf, 0.0)


@dataclass(frozen=True)
class Distributions:
    """n distributions: `codes` of families, shape (n,), `parameters` in their family's order, shape (n, 4).

    Unused parameters are zero. Of a discrete or empirical row the first parameter is its place in `tables`.
    Nothing here is changed after construction, and constructors copy what they are given.
    """

    codes: Codes
    parameters: Array
    tables: tuple[Table, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def families(self) -> NDArray[np.str_]:
        """Name of each row's family, shape (n,)."""
        return np.array([family.value for family in FAMILIES])[self.codes]

    def groups(self) -> Iterator[tuple[Family, NDArray[np.intp]]]:
        """Yield each family that occurs and the rows of it."""
        counts = np.bincount(self.codes, minlength=len(FAMILIES))
        for code in np.flatnonzero(counts):
            yield FAMILIES[code], np.flatnonzero(self.codes == code)

    def is_family(self, family: Family) -> Bools:
        """Return which rows are of a family, shape (n,)."""
        return np.asarray(self.codes == family.code)

    def valid(self) -> Bools:
        """Return which rows describe a distribution; tables always do."""
        good = np.ones(len(self), dtype=bool)
        for family, rows in self.groups():
            if family in FORMS:
                with np.errstate(all="ignore"):
                    good[rows] = FORMS[family].valid(self._columns(rows, family))
        return good

    def mean(self) -> Array:
        """Return the means, shape (n,); NaN where none exists."""
        return self._numbers(lambda form, p: form.mean(p), Table.mean)

    def sd(self) -> Array:
        """Return the standard deviations, shape (n,); infinite where none exists."""
        return self._numbers(lambda form, p: form.sd(p), Table.sd)

    def median(self) -> Array:
        """Return the medians, shape (n,)."""
        return self.ppf(0.5)

    def support(self) -> tuple[Array, Array]:
        """Return the least and the greatest possible value, each of shape (n,)."""
        low = self._numbers(lambda form, p: form.support(p)[0], lambda table: float(table.points[0]))
        high = self._numbers(lambda form, p: form.support(p)[1], lambda table: float(table.points[-1]))
        return low, high

    def ppf(self, u: ArrayLike) -> Array:
        """Return quantiles. `u` in [0, 1]: a number or shape (n,) gives (n,); (n, m) or (1, m) gives (n, m)."""
        return self._at(u, lambda form, p, at: form.ppf(p, at), Table.ppf)

    def cdf(self, x: ArrayLike) -> Array:
        """Return cumulative probabilities at x, shapes as in `ppf`."""
        return self._at(x, lambda form, p, at: form.cdf(p, at), Table.cdf)

    def pdf(self, x: ArrayLike) -> Array:
        """Return probability densities at x, shapes as in `ppf`; infinite at the points of a discrete one."""
        return self._at(x, lambda form, p, at: form.pdf(p, at), Table.pdf)

    def take(self, rows: ArrayLike | slice) -> "Distributions":
        """Return some rows, by places or by a mask of shape (n,); by a slice without copying them."""
        places = rows if isinstance(rows, slice) else np.asarray(rows)
        return replace(self, codes=self.codes[places], parameters=self.parameters[places])

    def marginal(self) -> Marginal:
        """Return the rows as the sampler takes them."""
        kinds = np.full(len(self), marginals.QUANTILE, dtype=np.int8)
        columns = np.zeros((WIDTH, len(self)))
        for family, rows in self.groups():
            if family in DRAWN:
                kind, columns_of = DRAWN[family]
                kinds[rows] = kind
                for column, values in zip(columns, columns_of(self.parameters[rows].T), strict=False):
                    column[rows] = values
        return Marginal(kinds, columns[0], columns[1], columns[2], columns[3], self._quantile)

    def _quantile(self, row: int, u: Array) -> Array:
        family = FAMILIES[self.codes[row]]
        if family not in FORMS:
            return self._table(row).ppf(u)
        return FORMS[family].ppf(tuple(self.parameters[row, : len(FORMS[family].parameters)]), u)

    def _columns(self, rows: NDArray[np.intp], family: Family) -> tuple[Array, ...]:
        chosen = self.parameters if len(rows) == len(self) else self.parameters[rows]
        return tuple(chosen[:, : len(FORMS[family].parameters)].T)

    def _table(self, row: int) -> Table:
        return self.tables[int(self.parameters[row, 0])]

    def _numbers(
        self, formula: Callable[[Form, tuple[Array, ...]], Array], of_table: Callable[[Table], float]
    ) -> Array:
        out = np.full(len(self), np.nan)
        for family, rows in self.groups():
            if family in FORMS:
                with np.errstate(all="ignore"):
                    out[rows] = formula(FORMS[family], self._columns(rows, family))
            else:
                out[rows] = [of_table(self._table(row)) for row in rows]
        return out

    def _at(
        self,
        argument: ArrayLike,
        formula: Callable[[Form, tuple[Array, ...], Array], Array],
        of_table: Callable[[Table, Array], Array],
    ) -> Array:
        given = np.asarray(argument, dtype=np.float64)
        wide = given.ndim > 1
        shape = (len(self), given.shape[1]) if wide else (len(self),)
        at = np.broadcast_to(given, shape)
        out = np.full(shape, np.nan)
        for family, rows in self.groups():
            if family in FORMS:
                columns = self._columns(rows, family)
                columns = tuple(one[:, None] for one in columns) if wide else columns
                with np.errstate(all="ignore"):
                    out[rows] = formula(FORMS[family], columns, at[rows])
            else:
                for row in rows:
                    out[row] = of_table(self._table(row), at[row])
        return out


DRAWN: dict[Family, tuple[int, Callable[[Array], tuple[Array, ...]]]] = {
    Family.CONSTANT: (marginals.CONSTANT, lambda p: (p[0],)),
    Family.NORMAL: (marginals.NORMAL, lambda p: (p[0], p[1])),
    # of a negative one the draw is mirrored too, so that a larger draw is a larger value: rank correlation
    Family.LOGNORMAL: (marginals.LOGNORMAL, lambda p: (p[0], p[1] * p[3], p[2], p[3])),
    Family.UNIFORM: (marginals.UNIFORM, lambda p: (p[0], p[1] - p[0])),
    Family.TRIANGULAR: (marginals.TRIANGULAR, lambda p: (p[0], p[2] - p[0], (p[1] - p[0]) / (p[2] - p[0]))),
}
"""Families that the sampler draws without a quantile function, and their parameters in its order."""


def of_family(family: Family, *columns: ArrayLike) -> Distributions:
    """Return distributions of one family from its parameters, each a number or shape (n,), in `Form` order.

    Raises:
        StatementError: some row describes no distribution; names the first rows.
    """
    made = unchecked(family, *columns)
    bad = np.flatnonzero(~made.valid())
    if bad.size:
        rows = ", ".join(str(row + 1) for row in bad[:5])
        names = ", ".join(FORMS[family].parameters)
        raise StatementError(
            problem=f"row {rows}: {family} with impossible {names}",
            remedy="give finite parameters, positive spreads and ends in ascending order",
            problem_zh=f"第 {rows} 行：{family} 的参数（{names}）不可能成立",
            remedy_zh="参数须为有限数，离散度须为正，上下限须按升序给出",
        )
    return made


def unchecked(family: Family, *columns: ArrayLike) -> Distributions:
    """Return distributions of one family whose parameters may be impossible; `valid` tells which."""
    wide = np.broadcast_arrays(*(np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in columns))
    parameters = np.zeros((len(wide[0]), WIDTH))
    for place, column in enumerate(wide):
        parameters[:, place] = column
    return Distributions(np.full(len(parameters), CODES[family], dtype=np.int8), parameters)


def concatenate(parts: Sequence[Distributions]) -> Distributions:
    """Return the rows of all parts, one after another."""
    parameters: list[Array] = []
    tables: list[Table] = []
    for part in parts:
        rows = part.parameters.copy()
        tabled = np.isin(part.codes, (Family.DISCRETE.code, Family.EMPIRICAL.code))
        rows[tabled, 0] += len(tables)
        tables.extend(part.tables)
        parameters.append(rows)
    codes = np.concatenate([part.codes for part in parts]) if parts else np.zeros(0, dtype=np.int8)
    return Distributions(codes, np.concatenate(parameters) if parts else np.zeros((0, WIDTH)), tuple(tables))
