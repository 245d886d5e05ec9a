"""One value from several laboratories or studies, each with its own standard uncertainty.

Methods: arithmetic mean, weighted mean, weighted mean with Birge ratio, DerSimonian–Laird, Mandel–Paule.
They answer different questions; all are given side by side, none is chosen silently. Source: DerSimonian and
Laird 1986; Paule and Mandel 1982; Birge 1932; Higgins and Thompson 2002 (I²).
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray, coverage_factor

Method = Literal["arithmetic", "weighted", "birge", "dersimonian-laird", "mandel-paule"]
METHODS: tuple[Method, ...] = ("arithmetic", "weighted", "birge", "dersimonian-laird", "mandel-paule")
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Consensus:
    """One consensus value and its standard uncertainty, in the unit of the values."""

    method: Method
    value: float
    u: float
    between_variance: float
    """τ², the variance between laboratories beyond their own uncertainties; 0 where the method has none."""
    weights: FloatArray
    """Share of each laboratory in the value, shape (k,), sum 1."""
    dof: float
    """Degrees of freedom of u: k − 1 where u is taken from the scatter, infinite where from the stated u."""

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return value ± t·u; the normal factor where u has infinite degrees of freedom."""
        half = coverage_factor(probability, self.dof) * self.u
        return self.value - half, self.value + half


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Do the laboratories agree within their stated uncertainties?"""

    k: int
    q: float
    """Cochran's Q = Σ (x_i − x̄_w)²/u_i², chi-squared with k − 1 degrees of freedom if they do."""
    p_value: float
    birge_ratio: float
    """√(Q/(k − 1)): above 1 the scatter exceeds the stated uncertainties."""
    i_squared: float
    """Share of the scatter that is between laboratories, 0 … 1."""


def combine(values: ArrayLike, u: ArrayLike) -> tuple[Consensus, ...]:
    """Return every consensus method side by side, in the order of `METHODS`.

    Args:
        values: results x_i, shape (k,), k ≥ 2.
        u: their standard uncertainties (not expanded), > 0, shape (k,).

    Raises:
        StatementError: fewer than two results, or an uncertainty that is missing, zero or negative.
    """
    return tuple(consensus(values, u, method) for method in METHODS)


def consensus(values: ArrayLike, u: ArrayLike, method: Method) -> Consensus:
    """Return the consensus of k results by one method, in the unit of the values.

    Args:
        values: results x_i, shape (k,), k ≥ 2.
        u: their standard uncertainties, > 0, shape (k,).
        method: one of `METHODS`.

    Raises:
        StatementError: see `combine`.
    """
    x, variances = _checked(values, u)
    if method == "arithmetic":
        return _arithmetic(x)
    if method == "birge":
        return _birge(x, variances)
    if method == "dersimonian-laird":
        return _random_effects(x, variances, _dersimonian_laird(x, variances), method)
    if method == "mandel-paule":
        return _random_effects(x, variances, _mandel_paule(x, variances), method)
    return _random_effects(x, variances, 0.0, method)


def heterogeneity(values: ArrayLike, u: ArrayLike) -> Heterogeneity:
    """Return Q, its p-value, the Birge ratio and I² of k results, dimensionless.

    Args:
        values: results x_i, shape (k,), k ≥ 2.
        u: their standard uncertainties, > 0, shape (k,).

    Raises:
        StatementError: see `combine`.
    """
    x, variances = _checked(values, u)
    q, k = _q(x, variances, 0.0), x.size
    return Heterogeneity(
        k=k,
        q=q,
        p_value=float(chdtrc(k - 1, q)),
        birge_ratio=sqrt(q / (k - 1)),
        i_squared=max(0.0, 1 - (k - 1) / q) if q > 0 else 0.0,
    )


def degrees_of_equivalence(values: ArrayLike, u: ArrayLike, reference: Consensus) -> tuple[FloatArray, FloatArray]:
    """Return (d_i, u(d_i)) of each result against a consensus it took part in, in the unit of the values.

    d_i = x_i − value; u²(d_i) = (1 − 2w_i)(u_i² + τ²) + u²(value), for weights w_i that sum to 1 and a value
    whose uncertainty comes from the same model.

    Args:
        values: results x_i, shape (k,).
        u: their standard uncertainties, > 0, shape (k,).
        reference: a consensus of these results.

    Raises:
        StatementError: see `combine`.
    """
    x, variances = _checked(values, u)
    spread = variances + reference.between_variance
    square = (1 - 2 * reference.weights) * spread + reference.u**2
    return x - reference.value, np.sqrt(np.maximum(square, 0.0))


def _arithmetic(x: FloatArray) -> Consensus:
    k = x.size
    shifted = x - x[0]
    mean = float(shifted.mean())
    sd = sqrt(float(np.square(shifted - mean).sum()) / (k - 1))
    return Consensus("arithmetic", float(x[0]) + mean, sd / sqrt(k), 0.0, np.full(k, 1 / k), float(k - 1))


def _birge(x: FloatArray, variances: FloatArray) -> Consensus:
    """Return the weighted mean, its uncertainty widened by the Birge ratio where that exceeds 1."""
    plain = _random_effects(x, variances, 0.0, "birge")
    ratio = sqrt(_q(x, variances, 0.0) / (x.size - 1))
    if ratio <= 1:
        return plain
    return Consensus("birge", plain.value, plain.u * ratio, 0.0, plain.weights, float(x.size - 1))


def _random_effects(x: FloatArray, variances: FloatArray, tau2: float, method: Method) -> Consensus:
    weights = 1 / (variances + tau2)
    total = float(weights.sum())
    return Consensus(method, _weighted(x, weights), 1 / sqrt(total), tau2, weights / total, inf)


def _dersimonian_laird(x: FloatArray, variances: FloatArray) -> float:
    """Return τ² = max(0, (Q − (k−1)) / (Σw − Σw²/Σw)), w = 1/u²."""
    weights = 1 / variances
    total = float(weights.sum())
    excess = _q(x, variances, 0.0) - (x.size - 1)
    return max(0.0, excess / (total - float(weights @ weights) / total))


def _mandel_paule(x: FloatArray, variances: FloatArray) -> float:
    """Return the τ² ≥ 0 at which Q(τ²) = k − 1; 0 where the results agree without it.

    Q falls and is convex in τ², so Newton's steps from 0 rise to the root and never pass it.
    """
    target, tau2 = x.size - 1, 0.0
    for _ in range(MOST_STEPS):
        weights = 1 / (variances + tau2)
        rest = x - _weighted(x, weights)
        excess = float(weights @ np.square(rest)) - target
        slope = float(np.square(weights) @ np.square(rest))
        step = excess / slope if excess > 0 else 0.0
        if step <= np.spacing(tau2):
            break
        tau2 += step
    return tau2


def _q(x: FloatArray, variances: FloatArray, tau2: float) -> float:
    weights = 1 / (variances + tau2)
    return float(weights @ np.square(x - _weighted(x, weights)))


def _weighted(x: FloatArray, weights: FloatArray) -> float:
    return float(x[0]) + float(weights @ (x - x[0])) / float(weights.sum())


def _checked(values: ArrayLike, u: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return (values, variances), both shape (k,), finite, variances > 0."""
    x = np.asarray(values, dtype=np.float64).ravel()
    deviations = np.asarray(u, dtype=np.float64).ravel()
    if x.size != deviations.size or x.size < 2:  # noqa: PLR2004 - one result needs no consensus
        raise StatementError(
            problem=f"{x.size} results with {deviations.size} uncertainties cannot be combined",
            remedy="give at least two results, each with its standard uncertainty",
            problem_zh=f"{x.size} 个结果与 {deviations.size} 个不确定度无法合并",
            remedy_zh="请至少给出两个结果，并各附标准不确定度",
        )
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(deviations) & (deviations > 0)))
    if bad.size:
        places = ", ".join(str(place + 1) for place in bad[:5])
        raise StatementError(
            problem=f"results no. {places} lack a value or a positive standard uncertainty",
            remedy="ask the laboratory for its standard uncertainty; divide an expanded one by its k first",
            problem_zh=f"第 {places} 个结果缺少数值或正的标准不确定度",
            remedy_zh="请向实验室索取标准不确定度；若为扩展不确定度，请先除以包含因子 k",
        )
    return x, np.square(deviations)
