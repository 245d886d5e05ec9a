"""Which input contributes what: exact Sobol indices, their estimators with error bars, and tornado data."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import UsageError
from factordb.expression import Expression

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of one input: first order, total order, and their standard errors (0 if exact)."""

    name: str
    first: float
    total: float
    first_error: float = 0.0
    total_error: float = 0.0


@dataclass(frozen=True)
class Swing:
    """One bar of a tornado: the value with one input at its low and high quantile, the others central."""

    name: str
    at_low: float
    at_high: float

    @property
    def width(self) -> float:
        """The length of the bar."""
        return abs(self.at_high - self.at_low)


def product_sobol(cv: ArrayLike) -> tuple[Array, Array]:
    """Return (first, total) Sobol indices of a product of independent inputs, shape (n, k).

    Args:
        cv: standard deviation / |mean| of the k factors, ≥ 0, shape (n, k) or (k,).

    Returns:
        S_i = CV_i² / (Π(1 + CV_j²) − 1) and S_Ti = CV_i² Π_{j≠i}(1 + CV_j²) / (Π(1 + CV_j²) − 1); zero where
        nothing is uncertain. For a factor raised to a power, give the CV of the power.
    """
    square = np.atleast_2d(np.asarray(cv, dtype=np.float64)) ** 2
    logs = np.log1p(square)
    whole = logs.sum(axis=1, keepdims=True)
    variance = np.expm1(whole)  # keeps its digits where every CV is small
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.where(variance > 0, square / variance, 0.0)
        total = np.where(variance > 0, square * np.exp(whole - logs) / variance, 0.0)
    return first, total


def multilinear_sobol(
    terms: Sequence[tuple[float, tuple[str, ...]]],
    mean: Mapping[str, ArrayLike],
    variance: Mapping[str, ArrayLike],
) -> tuple[Array, dict[str, tuple[Array, Array]]]:
    """Return (variance of the output, {name: (first, total)}), exact, for a multilinear formula.

    Args:
        terms: coefficient and names of each term, as `Expression.multilinear` gives them.
        mean: mean of each independent input, shape (n,) or scalar.
        variance: variance of each input, likewise; its distribution does not matter.

    With f = A·x_i + B: S_i = E[A]² var_i / V and S_Ti = E[A²] var_i / V.
    """
    m = {name: np.asarray(value, dtype=np.float64) for name, value in mean.items()}
    v = {name: np.asarray(value, dtype=np.float64) for name, value in variance.items()}
    names = list(dict.fromkeys(name for _, inside in terms for name in inside))
    total = _covariance(terms, m, v)
    out: dict[str, tuple[Array, Array]] = {}
    for name in names:
        slope = [(c, tuple(n for n in inside if n != name)) for c, inside in terms if name in inside]
        flat = np.asarray(sum((c * _product(m, inside) for c, inside in slope), np.float64(0.0)))
        square = _covariance(slope, m, v) + flat * flat
        with np.errstate(invalid="ignore", divide="ignore"):
            first = np.where(total > 0, flat * flat * v[name] / total, 0.0)
            whole = np.where(total > 0, square * v[name] / total, 0.0)
        out[name] = first, whole
    return total, out


def _product(mean: Mapping[str, Array], inside: tuple[str, ...]) -> Array:
    return np.asarray(math.prod((mean[name] for name in inside), start=np.float64(1.0)))


def _covariance(
    terms: Sequence[tuple[float, tuple[str, ...]]], mean: Mapping[str, Array], variance: Mapping[str, Array]
) -> Array:
    """Return the variance of a multilinear sum as a sum of covariances, free of the mean's square.

    cov(Π a, Π b) = Π_{not shared} E · (Π_{shared}(E² + var) − Π_{shared} E²); only terms that share an input
    count, so no digits are lost to a large mean.
    """
    total = np.zeros(())
    for (c, one), (d, other) in itertools.product(terms, repeat=2):
        shared = [name for name in one if name in other]
        if not shared:
            continue
        alone = tuple(name for name in (*one, *other) if name not in shared)
        both, apart = np.ones(()), np.zeros(())  # Π E² and Π(E² + var) − Π E², built up without subtraction
        for name in shared:
            square = mean[name] ** 2
            apart = apart * (square + variance[name]) + both * variance[name]
            both = both * square
        total = total + c * d * _product(mean, alone) * apart
    return np.asarray(total)


def estimate_sobol(
    model: Callable[[Array], Array],
    points: Callable[[int], Array],
    names: Sequence[str],
    *,
    replicates: int = 8,
) -> tuple[Sobol, ...]:
    """Return estimated Sobol indices with standard errors, from independent replicates.

    Args:
        model: inputs of shape (N, k) to outputs of shape (N,).
        points: replicate number r = 0, 1, … to draws of shape (N, 2k): the first k columns are matrix A, the
            last k matrix B. Independent draws, or one scrambled net per replicate.
        names: the k inputs.
        replicates: R ≥ 2; the standard error is the replicates' standard deviation / √R.

    First order by Saltelli et al. 2010 (Table 2 b): mean of f(B)(f(AB_i) − f(A)) / V; total order by Jansen
    1999 (Table 2 f): mean of (f(A) − f(AB_i))² / 2V, where AB_i is A with column i of B. V is the variance
    of f(A) and f(B) together; outputs are centred first, which takes the mean's noise out of the products.

    Raises:
        UsageError: fewer than two replicates, or the output does not vary.
    """
    if replicates < 2:  # noqa: PLR2004 - one value has no standard deviation
        raise UsageError(
            problem="an error bar needs at least two replicates",
            remedy="ask for 8 replicates",
            problem_zh="误差估计至少需要两次重复",
            remedy_zh="请取 8 次重复",
        )
    both = np.array([_one_replicate(model, points(r), len(names)) for r in range(replicates)])
    centre = both.mean(axis=0)
    error = both.std(axis=0, ddof=1) / math.sqrt(replicates)
    return tuple(
        Sobol(name, float(centre[0, i]), float(centre[1, i]), float(error[0, i]), float(error[1, i]))
        for i, name in enumerate(names)
    )


def _one_replicate(model: Callable[[Array], Array], draws: Array, k: int) -> Array:
    a, b = draws[:, :k], draws[:, k:]
    f_a, f_b = model(a), model(b)
    centre = (f_a.mean() + f_b.mean()) / 2
    f_a, f_b = f_a - centre, f_b - centre
    variance = (np.dot(f_a, f_a) + np.dot(f_b, f_b)) / (2 * len(f_a))
    if not variance > 0:
        raise UsageError(
            problem="the output does not vary, or is undefined at some draws",
            remedy="check that some input is uncertain and that the formula is defined for all draws",
            problem_zh="输出没有变化，或在某些抽样处无定义",
            remedy_zh="请确认至少一个输入量有不确定度，且公式对所有抽样均有定义",
        )
    out = np.empty((2, k))
    for i in range(k):
        mixed = a.copy()
        mixed[:, i] = b[:, i]
        f_i = model(mixed) - centre
        out[0, i] = np.dot(f_b, f_i - f_a) / len(f_a) / variance
        out[1, i] = np.dot(f_a - f_i, f_a - f_i) / (2 * len(f_a)) / variance
    return out


def tornado(
    expression: Expression,
    central: Mapping[str, float],
    low: Mapping[str, float],
    high: Mapping[str, float],
) -> tuple[Swing, ...]:
    """Return one bar per input, the widest first: one at a time from its low to its high quantile.

    Args:
        expression: the formula.
        central: the value at which each input is held (its median, or its estimate).
        low: the low quantile of each uncertain input, 2.5 % by custom.
        high: the high quantile, 97.5 %.

    Raises:
        UsageError: an input has no central value.
    """
    bars = [
        Swing(
            name,
            float(expression.evaluate({**central, name: low[name]})),
            float(expression.evaluate({**central, name: high[name]})),
        )
        for name in expression.names
        if name in low and name in high
    ]
    return tuple(sorted(bars, key=lambda bar: (-bar.width, bar.name)))
