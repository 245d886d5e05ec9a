"""The law of propagation of uncertainty, JCGM 100:2008, with its second order and the 2026 amendment.

First order with correlations (5.1.2, 5.2.2), the second-order variance (5.1.2 NOTE), the shift of the
estimate (Amd.1:2026, 4.1.4 NOTE 1, H.10), Welch-Satterthwaite (G.4.1) and the coverage factor t_p (G.3).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from factordb.errors import UsageError
from factordb.expression import Expression

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """One input quantity of a budget: best estimate, standard uncertainty and what they rest on.

    `family` and `divisor` are carried into the table as they are: a half-width over √3 for a rectangular
    input, an expanded uncertainty over its k. `dof` is the degrees of freedom of u, infinite if u is known.
    """

    name: str
    value: float
    u: float
    dof: float = math.inf
    family: str = "normal"
    divisor: float = 1.0


@dataclass(frozen=True)
class BudgetLine:
    """One row of the budget. `share` is the part of u² it explains; with correlations it may be negative."""

    name: str
    value: float
    u: float
    dof: float
    family: str
    divisor: float
    sensitivity: float
    contribution: float
    share: float


@dataclass(frozen=True)
class GumResult:
    """The GUM's answer for one model.

    `y` is f(x), `y_shifted` = y + `shift` the estimate of the 2026 amendment; `u_first` and `u_second` are
    the standard uncertainties of first and second order, `u` the one asked for; low and high are
    estimate ∓ expanded, where the estimate is `y` at first order and `y_shifted` at second.
    """

    y: float
    shift: float
    u_first: float
    u_second: float
    order: int
    dof: float
    coverage_factor: float
    p: float
    lines: tuple[BudgetLine, ...]

    @property
    def y_shifted(self) -> float:
        """The estimate with the second-order shift."""
        return self.y + self.shift

    @property
    def estimate(self) -> float:
        """The estimate of the order that was asked for."""
        return self.y_shifted if self.order > 1 else self.y

    @property
    def u(self) -> float:
        """The standard uncertainty of the order that was asked for."""
        return self.u_second if self.order > 1 else self.u_first

    @property
    def expanded(self) -> float:
        """The expanded uncertainty U = k·u."""
        return self.coverage_factor * self.u

    @property
    def low(self) -> float:
        """The lower end of the coverage interval."""
        return self.estimate - self.expanded

    @property
    def high(self) -> float:
        """The upper end of the coverage interval."""
        return self.estimate + self.expanded


def propagate(
    expression: Expression,
    inputs: Sequence[Estimate],
    *,
    correlation: ArrayLike | None = None,
    p: float = 0.95,
    order: int = 1,
) -> GumResult:
    """Return the law of propagation's result for one model, with its budget.

    Args:
        expression: the measurement model.
        inputs: its input quantities; those the model does not name have sensitivity 0.
        correlation: correlation matrix of the inputs in their order, or None if independent.
        p: coverage probability of the expanded uncertainty.
        order: 1 for the first-order u, 2 to add the second-order variance and the shift of the estimate.

    Raises:
        UsageError: an input is missing, the matrix does not fit, or a derivative is undefined at the
            estimates.
    """
    values = {one.name: one.value for one in inputs}
    u = np.array([one.u for one in inputs])
    matrix = _matrix(correlation, inputs)
    c = _gradient(expression, values, inputs)
    covariance = np.outer(u, u) * matrix
    variance = max(float(c @ covariance @ c), 0.0)
    hessian = _second(expression, values, inputs)
    dof = effective_dof(c * u, [one.dof for one in inputs], matrix)
    shares = c * (covariance @ c) / variance if variance > 0 else np.zeros(len(inputs))
    lines = tuple(
        BudgetLine(
            one.name,
            one.value,
            one.u,
            one.dof,
            one.family,
            one.divisor,
            float(slope) + 0.0,  # -0.0 is printed as 0
            float(slope * one.u) + 0.0,
            float(share) + 0.0,
        )
        for one, slope, share in zip(inputs, c, shares, strict=True)
    )
    extra = _second_order_variance(expression, values, inputs, c, hessian, covariance) if order > 1 else 0.0
    return GumResult(
        y=float(expression.evaluate(values)),
        shift=0.5 * float((hessian * covariance).sum()),
        u_first=math.sqrt(variance),
        u_second=math.sqrt(max(variance + extra, 0.0)) if order > 1 else math.nan,
        order=order,
        dof=dof,
        coverage_factor=coverage_factor(dof, p),
        p=p,
        lines=lines,
    )


def first_order(
    expression: Expression,
    values: Mapping[str, ArrayLike],
    u: Mapping[str, ArrayLike],
    correlation: Mapping[tuple[str, str], float] | None = None,
) -> tuple[Array, Array, dict[str, Array]]:
    """Return (y, u(y), {name: share of u²}) for many factors at once, each of the inputs' shape.

    Args:
        expression: one formula for all rows.
        values: estimates by name, each of shape (n,) or scalar.
        u: standard uncertainties by name, likewise.
        correlation: coefficients of pairs of names, in either order; absent pairs are independent.

    Raises:
        UsageError: an input is missing.
    """
    y = expression.evaluate(values)
    parts = {name: slope * np.asarray(u[name], dtype=np.float64) for name, slope in expression.gradient(values).items()}
    shares = {name: part * part for name, part in parts.items()}
    for (one, other), r in (correlation or {}).items():
        if one in parts and other in parts:
            mixed = r * parts[one] * parts[other]
            shares[one] = shares[one] + mixed
            shares[other] = shares[other] + mixed
    total = np.asarray(sum(shares.values(), np.zeros(y.shape)))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = {name: np.where(total > 0, part / total, 0.0) for name, part in shares.items()}
    return y, np.sqrt(np.maximum(total, 0.0)), shares


def effective_dof(contributions: ArrayLike, dof: Sequence[float], correlation: ArrayLike | None = None) -> float:
    """Return the effective degrees of freedom, ν = u⁴ / Σ(uᵢ⁴/νᵢ) (Welch-Satterthwaite, JCGM 100 G.4.1).

    Not truncated here; `coverage_factor` does so. The formula is for independent inputs: if inputs with
    finite degrees of freedom are correlated with others, the least of those degrees is returned, which
    widens the interval rather than narrowing it.
    """
    parts = np.asarray(contributions, dtype=np.float64)
    degrees = np.asarray(dof, dtype=np.float64)
    finite = np.isfinite(degrees) & (parts != 0)
    if not finite.any():
        return math.inf
    if correlation is not None:
        matrix = np.asarray(correlation, dtype=np.float64)
        linked = (matrix - np.eye(len(matrix)) != 0) & (parts != 0)[None, :]
        if linked[finite].any():
            return float(degrees[finite].min())
    weights = (parts / np.abs(parts).max()) ** 2
    total = float(weights.sum())
    return total**2 / float((weights[finite] ** 2 / degrees[finite]).sum())


def coverage_factor(dof: float, p: float = 0.95) -> float:
    """Return t_p(ν), the two-sided Student factor, ν truncated to the next lower whole number (G.4.1).

    Raises:
        UsageError: p is not between 0 and 1.
    """
    if not 0.0 < p < 1.0:
        raise UsageError(
            problem=f"{p!r} is no coverage probability",
            remedy="give a probability between 0 and 1, such as 0.95",
            problem_zh=f"{p!r} 不是包含概率",
            remedy_zh="请给出 0 与 1 之间的概率，例如 0.95",
        )
    if math.isinf(dof):
        return float(ndtri((1 + p) / 2))
    # 17 − 1e-13 of rounding is 17, not 16
    return float(stdtrit(max(1, math.floor(dof * (1 + 1e-12))), (1 + p) / 2))


def _gradient(expression: Expression, values: Mapping[str, float], inputs: Sequence[Estimate]) -> Array:
    slopes = expression.gradient(values)
    return _finite(np.array([float(slopes.get(one.name, np.float64(0.0))) for one in inputs]), expression)


def _second(expression: Expression, values: Mapping[str, float], inputs: Sequence[Estimate]) -> Array:
    place = {one.name: i for i, one in enumerate(inputs)}
    matrix = np.zeros((len(inputs), len(inputs)))
    for (one, other), second in expression.hessian(values).items():
        matrix[place[one], place[other]] = float(second)
    return _finite(matrix, expression)


def _second_order_variance(
    expression: Expression,
    values: Mapping[str, float],
    inputs: Sequence[Estimate],
    c: Array,
    hessian: Array,
    covariance: Array,
) -> float:
    """Return ½ Σ f_ij f_km V_ik V_jm + Σ f_i f_jkm V_ij V_km for jointly normal inputs.

    For independent inputs this is Σ Σ [½ f_ij² + f_i f_ijj] u_i² u_j² (JCGM 100 5.1.2 NOTE).
    """
    turned = hessian @ covariance
    total = 0.5 * float(np.trace(turned @ turned))
    reach = covariance @ c
    place = {one.name: i for i, one in enumerate(inputs)}
    for j in expression.names:
        first = expression.derivative(j)
        for k in first.names if reach[place[j]] else ():
            second = first.derivative(k)
            for m in second.names:
                weight = float(reach[place[j]]) * float(covariance[place[k], place[m]])
                if weight:
                    total += weight * float(second.derivative(m).evaluate(values))
    return float(_finite(np.array([total]), expression)[0])


def _matrix(correlation: ArrayLike | None, inputs: Sequence[Estimate]) -> Array:
    n = len(inputs)
    if correlation is None:
        return np.eye(n)
    matrix = np.asarray(correlation, dtype=np.float64)
    fits = matrix.shape == (n, n) and np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0)
    if not fits or not np.all(np.abs(matrix) <= 1.0):
        raise UsageError(
            problem=f"the correlation matrix of {n} inputs must be {n} × {n}, symmetric, with ones on its diagonal",
            remedy="give the coefficients in the order of the inputs, each between -1 and 1",
            problem_zh=f"{n} 个输入量的相关系数矩阵必须为 {n} × {n} 的对称矩阵，且对角元素为 1",
            remedy_zh="请按输入量的次序给出相关系数，其值在 -1 与 1 之间",
        )
    return matrix


def _finite(derivatives: Array, expression: Expression) -> Array:
    if not np.all(np.isfinite(derivatives)):
        raise UsageError(
            problem=f"a derivative of {expression} is undefined at the estimates",
            remedy="use the Monte Carlo method for this model",
            problem_zh=f"{expression} 在估计值处的导数无定义",
            remedy_zh="请对该模型采用蒙特卡洛法",
        )
    return derivatives
