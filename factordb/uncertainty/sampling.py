"""Monte Carlo by sampling: plain, shared and correlated inputs, many factors of one formula.

An input's draws depend on (seed, its id) alone. Give a grid factor the same id in every factor that uses it
and it is drawn once for all: the factors stay correlated. Where every factor's inputs have the same ids (the
default: the names in the formula) all factors share one set of base draws, which is faster; each factor's
own results are as good, but the factors must then not be added up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty.copula import Copula
from factordb.uncertainty.intervals import ranks, shortest_interval, symmetric_interval
from factordb.uncertainty.marginals import BY_NORMALS, CONSTANT, LOGNORMAL, Marginal
from factordb.uncertainty.streams import Streams

Array: TypeAlias = NDArray[np.float64]
Ids: TypeAlias = Mapping[str, Sequence[str]]

_COLUMNS = (
    "mean",
    "sd",
    "median",
    "low",
    "high",
    "shortest_low",
    "shortest_high",
    "mean_error",
    "low_error",
    "high_error",
)

# Base draws kept for inputs that several factors share, in numbers: 64 MB.
_KEPT = 8_000_000


@dataclass(frozen=True)
class Sampled:
    """Results of n factors, each of shape (n,); NaN where a factor is undefined at some draws.

    low and high are the probabilistically symmetric interval, `low_error` and `high_error` one standard
    error of its ends (from order statistics), `undefined` the number of draws without a value.
    """

    mean: Array
    sd: Array
    median: Array
    low: Array
    high: Array
    shortest_low: Array
    shortest_high: Array
    mean_error: Array
    low_error: Array
    high_error: Array
    undefined: NDArray[np.int64]
    p: float
    draws: int
    seed: int

    @property
    def tolerance(self) -> Array:
        """Twice the larger standard error of the ends, as a part of the half-width, shape (n,)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(4 * np.maximum(self.low_error, self.high_error) / (self.high - self.low))


def simulate(
    expression: Expression,
    inputs: Mapping[str, Marginal],
    *,
    seed: int,
    draws: int = 10_000,
    p: float = 0.95,
    ids: Ids | None = None,
    correlation: Copula | None = None,
) -> Sampled:
    """Return mean, sd and coverage intervals of n factors by plain Monte Carlo.

    Args:
        expression: the formula of all n factors.
        inputs: distribution of each name, of length n.
        seed: whole number; with the ids it fixes every draw.
        draws: M, the model values of each factor.
        p: coverage probability of both intervals (JCGM 101 7.7).
        ids: stream of each name in each factor, n strings; by default the name itself.
        correlation: copula of some or all of the names, the same for all factors.

    Raises:
        UsageError: an input or an id is missing, lengths differ, or draws are too few for p.
    """
    rows = rows_of(expression, inputs, ids, correlation)
    ranks(draws, p)
    columns = {name: np.full(rows, np.nan) for name in _COLUMNS}
    undefined = np.zeros(rows, dtype=np.int64)
    maker = Values(expression, inputs, seed, draws, ids, correlation)
    for row in range(rows):
        y = maker.row(row)
        y.sort()
        if np.isfinite(y[0]) and np.isfinite(y[-1]):
            for name, value in zip(_COLUMNS, _summary(y, p), strict=True):
                columns[name][row] = value
        else:
            undefined[row] = np.count_nonzero(~np.isfinite(y))
    return Sampled(**columns, undefined=undefined, p=p, draws=draws, seed=seed)


def sample(
    expression: Expression,
    inputs: Mapping[str, Marginal],
    *,
    seed: int,
    draws: int = 10_000,
    start: int = 0,
    ids: Ids | None = None,
    correlation: Copula | None = None,
) -> Array:
    """Return the model values themselves, draws start … start+draws−1, shape (n, draws).

    Any split into blocks gives the same numbers. Arguments and faults as `simulate`.
    """
    rows = rows_of(expression, inputs, ids, correlation)
    out = np.empty((rows, draws))
    maker = Values(expression, inputs, seed, draws, ids, correlation, start)
    for row in range(rows):
        out[row] = maker.row(row)
    return out


class Values:
    """Model values of one factor after the other in buffers that are used again."""

    def __init__(
        self,
        expression: Expression,
        inputs: Mapping[str, Marginal],
        seed: int,
        draws: int,
        ids: Ids | None,
        correlation: Copula | None,
        start: int = 0,
    ) -> None:
        self.expression = expression
        self.inputs = inputs
        self.streams = Streams(seed)
        self.start = start
        self.draws = draws
        self.correlation = correlation
        tied = correlation.names if correlation is not None else ()
        self.names = list(dict.fromkeys((*expression.names, *tied)))
        self.tied = frozenset(tied)
        self.ids = ids
        self.buffers = {name: np.empty(draws) for name in self.names}
        self.log = np.empty(draws)
        self.monomial = None if self.tied else _whole_powers(expression)
        self.kept: dict[tuple[str, bool], Array] = {}
        self.shared = self._shared()

    def _shared(self) -> frozenset[str]:
        """Return the ids whose base draws are worth keeping: those that several factors use."""
        if self.ids is None:
            return frozenset(self.names)
        used = Counter(one for name in self.names for one in self.ids.get(name, ()))
        return frozenset(one for one, times in used.items() if times > 1)

    def row(self, row: int) -> Array:
        """Return the values of one factor, shape (draws,); overwritten by the next call."""
        with np.errstate(all="ignore"):  # an undefined value is counted by who asks, not warned of
            return self._product(row, *self.monomial) if self.monomial is not None else self._formula(row)

    def _formula(self, row: int) -> Array:
        values: dict[str, Array] = {}
        scores: dict[str, Array] = {}
        if self.correlation is not None:
            independent = {name: self._base(name, row, normals=True) for name in self.correlation.names}
            scores = self.correlation.tie(independent)
        for name in self.expression.names:
            buffer = self.buffers[name]
            if name in scores:
                values[name] = self.inputs[name].realise(row, scores[name], scores=True, out=buffer)
            else:
                values[name] = self._realise(name, row, buffer)
        y = self.expression.evaluate(values)
        return y if y.shape == (self.draws,) else np.full(self.draws, y)

    def _product(self, row: int, coefficient: float, powers: Mapping[str, float]) -> Array:
        """Return coefficient · Π x^power with all log-normal factors in one exponential."""
        total, logs = self.log, 0
        factors: list[tuple[Array | float, float]] = []
        scale = 0.0
        for name, power in powers.items():
            one = self.inputs[name]
            kind = int(one.kind[row])
            if kind == CONSTANT:
                factors.append((float(one.a[row]), power))
            elif kind == LOGNORMAL and one.c[row] == 0 and one.d[row] > 0:
                z = self._base(name, row, normals=True)
                scale += power * float(one.a[row])
                if logs:
                    total += np.multiply(z, power * one.b[row], out=self.buffers[name])
                else:
                    np.multiply(z, power * one.b[row], out=total)
                logs += 1
            else:
                factors.append((self._realise(name, row, self.buffers[name]), power))
        if logs:
            total += scale
            np.exp(total, out=total)
        else:
            total.fill(1.0)
        for values, power in factors:
            _multiply(total, values, power)
        if coefficient != 1:
            total *= coefficient
        return total

    def _realise(self, name: str, row: int, out: Array) -> Array:
        one = self.inputs[name]
        kind = int(one.kind[row])
        normals = kind in BY_NORMALS
        base = out if kind == CONSTANT else self._base(name, row, normals=normals)
        return one.realise(row, base, scores=normals, out=out)

    def _base(self, name: str, row: int, *, normals: bool) -> Array:
        """Return the base draws of a name in a factor; kept if shared, else in the name's own buffer."""
        key = (name if self.ids is None else self.ids[name][row], normals)
        found = self.kept.get(key)
        if found is not None:
            return found
        keep = key[0] in self.shared and (len(self.kept) + 1) * self.draws <= _KEPT
        out = np.empty(self.draws) if keep else self.buffers[name]
        fill = self.streams.normals if normals else self.streams.uniforms
        fill(key[0], self.draws, start=self.start, out=out)
        if keep:
            self.kept[key] = out
        return out


def _whole_powers(expression: Expression) -> tuple[float, dict[str, float]] | None:
    """Return the monomial if its powers are whole: only then does it hold for inputs of either sign."""
    found = expression.monomial()
    return found if found is not None and all(power.is_integer() for power in found[1].values()) else None


def _multiply(total: Array, values: Array | float, power: float) -> None:
    """Multiply `total` by values^power in place."""
    if power == 1:
        total *= values
    elif power == -1:
        total /= values
    else:
        total *= np.power(values, power)


def _summary(y: Array, p: float) -> tuple[float, ...]:
    """Return one factor's results in the order of `_COLUMNS` from its sorted, finite values."""
    m = len(y)
    low, high = symmetric_interval(y, p)
    shortest_low, shortest_high = shortest_interval(y, p)
    nominal = float(y[m // 2])
    shifted = y - nominal  # shift by the nominal before squaring: Σy² − n·ȳ² loses every digit
    mean = float(shifted.mean())
    sd = float(np.sqrt(max(float(np.dot(shifted, shifted)) - m * mean * mean, 0.0) / (m - 1)))
    median = (float(y[(m - 1) // 2]) + float(y[m // 2])) / 2
    # an end's rank, one binomial standard deviation up and down
    tail = (1 - p) / 2
    reach = max(1, round(float(np.sqrt(m * tail * (1 - tail)))))
    places = (round(m * tail), round(m * (1 - tail)))
    errors = [float(y[min(place + reach, m - 1)] - y[max(place - reach, 0)]) / 2 for place in places]
    ends = (float(low), float(high), float(shortest_low), float(shortest_high))
    return (nominal + mean, sd, median, *ends, sd / float(np.sqrt(m)), *errors)


def rows_of(
    expression: Expression,
    inputs: Mapping[str, Marginal],
    ids: Ids | None = None,
    correlation: Copula | None = None,
) -> int:
    """Return n, the number of factors.

    Raises:
        UsageError: an input has no distribution, an input or a correlated name has no id, or lengths differ.
    """
    names = expression.names
    drawn = (*names, *(correlation.names if correlation is not None else ()))
    missing = [name for name in names if name not in inputs]
    missing += [name for name in dict.fromkeys(drawn) if ids is not None and name not in ids]
    if missing or not names:
        raise UsageError(
            problem=f"{expression} has no distribution or id for {', '.join(missing) or 'any input'}",
            remedy="give every input of the expression a distribution, and an id where ids are given",
            problem_zh=f"{expression} 缺少{'输入量 ' + '、'.join(missing) if missing else '任何输入量'} 的分布或标识",
            remedy_zh="请为表达式的每个输入量给出分布；若给出标识则须逐一对应",
        )
    lengths = {len(inputs[name]) for name in names}
    lengths |= {len(ids[name]) for name in drawn} if ids is not None else set()
    if len(lengths) != 1:
        raise UsageError(
            problem=f"the inputs of {expression} have different numbers of rows: {sorted(lengths)}",
            remedy="give each input one distribution and one id per factor",
            problem_zh=f"{expression} 的各输入量行数不一致：{sorted(lengths)}",
            remedy_zh="请为每个因子的每个输入量各给出一个分布和一个标识",
        )
    return lengths.pop()
