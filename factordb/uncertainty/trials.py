"""Batches of model values for an audit run or an estimate with an error bar: plain draws or Sobol nets."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.errors import UsageError
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
    rows_of(expression, inputs, ids, correlation)

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
    varying = [name for name in expression.names if inputs[name].kind[row] != CONSTANT]
    # a correlated name keeps its dimension even where it is constant: the others lean on its score
    names = list(dict.fromkeys((*varying, *(correlation.names if correlation is not None else ()))))
    net = sobol_nets(names, seed, exponent)

    def batch(number: int) -> Array:
        values = values_at(net(number), names, inputs, row=row, correlation=correlation)
        fixed = {name: inputs[name].a[row] for name in expression.names if name not in varying}
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
    """Return each name's values of one factor at points of the unit cube, shape (m, k) to (m,) each.

    Args:
        points: coordinates in (0, 1), one column for each of `names`.
        names: the inputs, with every name of `correlation` among them.
        inputs: their distributions; a name without one gives its score to the others only.
        row: which factor.
        correlation: copula of some or all of the names.

    Raises:
        UsageError: a correlated name has no column.
    """
    columns = {name: np.ascontiguousarray(points[:, i]) for i, name in enumerate(names)}
    scores: dict[str, Array] = {}
    if correlation is not None:
        _require_columns(correlation, columns)
        scores = correlation.tie({name: np.asarray(ndtri(columns[name])) for name in correlation.names})
    out = {}
    for name in names:
        if name in inputs:
            tied = name in scores
            base = scores[name] if tied else columns[name]
            with np.errstate(all="ignore"):  # an undefined value is reported by the audit, not warned of
                out[name] = inputs[name].realise(row, base, scores=tied, out=np.empty(len(points)))
    return out


def _require_columns(correlation: Copula, columns: Mapping[str, Array]) -> None:
    missing = [name for name in correlation.names if name not in columns]
    if missing:
        raise UsageError(
            problem=f"the correlated inputs {', '.join(missing)} have no column of points",
            remedy="give the net one dimension for every correlated input",
            problem_zh=f"相关输入量 {'、'.join(missing)} 没有对应的点列",
            remedy_zh="请为每个相关输入量在点集中各留一维",
        )
