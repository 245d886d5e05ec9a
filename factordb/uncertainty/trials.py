"""Batches of model values for an audit run or an estimate with an error bar: plain draws or Sobol nets."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.expression import Expression
from factordb.uncertainty.copula import Copula
from factordb.uncertainty.marginals import CONSTANT, Marginal
from factordb.uncertainty.sampling import Ids, Values, rows_of
from factordb.uncertainty.streams import sobol_nets

Array: TypeAlias = NDArray[np.float64]


def plain_batches(
    expression: Expression,
    inputs: Mapping[str, Marginal],
    *,
    seed: int,
    trials: int,
    row: int = 0,
    ids: Ids | None = None,
    correlation: Copula | None = None,
) -> Callable[[int], Array]:
    """Return a function from batch number to model values of one factor, shape (trials,), for an audit."""
    rows_of(expression, inputs, ids)

    def batch(number: int) -> Array:
        maker = Values(expression, inputs, seed, trials, ids, correlation, number * trials)
        return maker.row(row).copy()

    return batch


def quasi_batches(
    expression: Expression,
    inputs: Mapping[str, Marginal],
    *,
    seed: int,
    exponent: int = 14,
    row: int = 0,
    correlation: Copula | None = None,
) -> Callable[[int], Array]:
    """Return a function from batch number to model values over one scrambled Sobol net, shape (2^exponent,).

    The nets are independent of each other, so that they serve as batches of JCGM 101 7.9.4.
    """
    rows_of(expression, inputs)
    names = [name for name in expression.names if inputs[name].kind[row] != CONSTANT]
    net = sobol_nets(names, seed, exponent)

    def batch(number: int) -> Array:
        values = values_at(net(number), names, inputs, row=row, correlation=correlation)
        fixed = {name: inputs[name].a[row] for name in expression.names if name not in names}
        return np.broadcast_to(expression.evaluate({**fixed, **values}), (2**exponent,))

    return batch


def values_at(
    points: Array,
    names: Sequence[str],
    inputs: Mapping[str, Marginal],
    *,
    row: int = 0,
    correlation: Copula | None = None,
) -> dict[str, Array]:
    """Return each name's values of one factor at points of the unit cube, shape (m, k) to k times (m,)."""
    tied = set(correlation.names) if correlation is not None else set()
    columns = {name: np.ascontiguousarray(points[:, i]) for i, name in enumerate(names)}
    out = {}
    scores: dict[str, Array] = {}
    if correlation is not None:
        from_uniform = {name: _scores(columns.get(name), len(points)) for name in correlation.names}
        scores = correlation.tie(from_uniform)
    for name in names:
        base = scores[name] if name in tied else columns[name]
        out[name] = inputs[name].realise(row, base, scores=name in tied, out=np.empty(len(points)))
    return out


def _scores(u: Array | None, count: int) -> Array:
    return np.zeros(count) if u is None else np.asarray(ndtri(u))
