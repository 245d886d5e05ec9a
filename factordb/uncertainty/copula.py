"""Correlated inputs by a Gaussian copula: from rank, product-moment or normal-score correlation, or covariance.

The copula keeps every input's own distribution and ties their normal scores. Names are kept sorted, so the
order in which a matrix is given does not change a draw.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from factordb.errors import UsageError

Array: TypeAlias = NDArray[np.float64]
Quantile: TypeAlias = Callable[[Array], Array]

# A pivot this small is rounding of a singular matrix (two inputs fully correlated), not an indefinite one.
_SINGULAR = 1e-10
# Terms of the Hermite series and nodes of its quadrature: CV up to 1 keeps 6 digits of the correlation.
_TERMS, _NODES = 24, 96
_HALVINGS = 60


@dataclass(frozen=True)
class Copula:
    """Normal scores of the named inputs, z = factor @ independent normals; names sorted."""

    names: tuple[str, ...]
    matrix: Array
    factor: Array

    def tie(self, independent: Mapping[str, Array]) -> dict[str, Array]:
        """Return correlated standard normals from independent ones, each of shape (m,)."""
        out: dict[str, Array] = {}
        for i, name in enumerate(self.names):
            total = self.factor[i, 0] * independent[self.names[0]]
            for j in range(1, i + 1):
                if self.factor[i, j]:
                    total += self.factor[i, j] * independent[self.names[j]]
            out[name] = total
        return out


def from_normal_scores(names: Sequence[str], matrix: ArrayLike) -> Copula:
    """Return the copula whose normal scores have this correlation matrix (exact for normal inputs).

    Raises:
        UsageError: the matrix is not symmetric with ones on its diagonal, or not positive semi-definite; the
            sentence names the smallest eigenvalue and by how much the coefficients would have to shrink.
    """
    given = np.asarray(matrix, dtype=np.float64)
    n = len(names)
    fits = given.shape == (n, n) and len(set(names)) == n and np.all(np.isfinite(given))
    if not fits or not np.allclose(given, given.T) or not np.allclose(np.diag(given), 1.0):
        raise UsageError(
            problem=f"the matrix of {', '.join(names)} is not {n} × {n}, symmetric, with ones on its diagonal",
            remedy="give one coefficient for each pair of distinct inputs",
            problem_zh=f"{'、'.join(names)} 的相关系数矩阵不是对角元素为 1 的 {n} × {n} 对称矩阵",
            remedy_zh="请为每一对不同的输入量给出一个相关系数",
        )
    order = sorted(range(n), key=lambda i: names[i])
    ordered = given[np.ix_(order, order)]
    return Copula(tuple(names[i] for i in order), ordered, cholesky(ordered, [names[i] for i in order]))


def from_rank(names: Sequence[str], spearman: ArrayLike) -> Copula:
    """Return the copula with these Spearman rank correlations, r = 2 sin(π ρ/6), whatever the distributions.

    Raises:
        UsageError: as `from_normal_scores`; converting ranks can leave a matrix indefinite.
    """
    scores = 2 * np.sin(np.pi * np.asarray(spearman, dtype=np.float64) / 6)
    return from_normal_scores(names, scores)


def from_covariance(names: Sequence[str], covariance: ArrayLike) -> tuple[Copula, dict[str, float]]:
    """Return (copula, standard deviation of each input) from a covariance matrix of normal inputs.

    Raises:
        UsageError: a variance is not positive, or as `from_normal_scores`.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    variances = np.diag(matrix) if matrix.ndim == 2 else np.zeros(1)  # noqa: PLR2004 - a matrix has two axes
    if not np.all(variances > 0):
        raise UsageError(
            problem=f"the covariance matrix of {', '.join(names)} has a variance that is not positive",
            remedy="leave inputs that are known exactly out of the matrix",
            problem_zh=f"{'、'.join(names)} 的协方差矩阵中有方差不为正",
            remedy_zh="请将确切已知的输入量移出该矩阵",
        )
    sd = np.sqrt(variances)
    copula = from_normal_scores(names, matrix / np.outer(sd, sd))
    return copula, dict(zip(names, sd.tolist(), strict=True))


def from_pearson(names: Sequence[str], pearson: ArrayLike, quantiles: Mapping[str, Quantile]) -> Copula:
    """Return the copula under which the inputs themselves have these product-moment correlations.

    Each pair's normal-score correlation is solved so that the correlation of the two quantile functions, by
    their Hermite series, is the one asked for.

    Args:
        names: the inputs.
        pearson: their correlation matrix.
        quantiles: probabilities of shape (m,) to quantiles of shape (m,), by name; finite variance.

    Raises:
        UsageError: no copula reaches a coefficient (log-normals of unlike spread, for one), or as
            `from_normal_scores`.
    """
    given = np.asarray(pearson, dtype=np.float64)
    series = [_hermite(quantiles[name]) for name in names]
    scores = np.eye(len(names))
    for i in range(len(names)):
        for j in range(i):
            scores[i, j] = scores[j, i] = _matching(series[i] * series[j], float(given[i, j]), (names[j], names[i]))
    return from_normal_scores(names, scores)


def cholesky(matrix: Array, names: Sequence[str]) -> Array:
    """Return the lower triangular L with L Lᵀ = matrix, singular matrices included, shape (n, n).

    Raises:
        UsageError: the matrix is not positive semi-definite.
    """
    n = len(matrix)
    factor = np.zeros((n, n))
    for j in range(n):
        rest = matrix[j:, j] - factor[j:, :j] @ factor[j, :j]
        if rest[0] > _SINGULAR:
            factor[j:, j] = rest / math.sqrt(rest[0])
        elif rest[0] < -_SINGULAR or np.any(np.abs(rest) > math.sqrt(_SINGULAR)):
            raise _indefinite(matrix, names)
    return factor


def _indefinite(matrix: Array, names: Sequence[str]) -> UsageError:
    least = float(np.linalg.eigvalsh(matrix)[0])
    shrink = 1 / (1 - least)
    return UsageError(
        problem=f"the correlations of {', '.join(names)} contradict each other: smallest eigenvalue {least:.3g}",
        remedy=f"check their signs, or shrink all coefficients to {shrink:.3g} of their size or less",
        problem_zh=f"{'、'.join(names)} 的相关系数相互矛盾：最小特征值为 {least:.3g}",
        remedy_zh=f"请检查各系数的正负号，或将全部系数缩小至原来的 {shrink:.3g} 倍以下",
    )


def _hermite(quantile: Quantile) -> Array:
    """Return the coefficients of Q(Φ(z)) over normalised Hermite polynomials of degree ≥ 1, scaled to norm 1."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / math.sqrt(2 * math.pi)
    # outermost nodes round to probability 1, where an unbounded quantile is infinite; their weight is nil
    inside = np.abs(nodes) < 8  # noqa: PLR2004 - Φ(8) is the last below 1
    z, w = nodes[inside], weights[inside]
    values = np.asarray(quantile(np.asarray(ndtr(z))), dtype=np.float64)
    basis = [np.ones_like(z), z]
    for k in range(1, _TERMS):
        basis.append((z * basis[k] - math.sqrt(k) * basis[k - 1]) / math.sqrt(k + 1))
    found = np.array([np.dot(w, values * one) for one in basis[1:]])
    spread = np.dot(w, values**2) - np.dot(w, values) ** 2
    return np.asarray(found / math.sqrt(max(float(spread), np.finfo(np.float64).tiny)))


def _matching(products: Array, target: float, pair: tuple[str, str]) -> float:
    """Return the normal-score correlation at which Σ a_k b_k r^k is the target; it rises with r."""
    powers = np.arange(1, len(products) + 1)

    def reached(r: float) -> float:
        return float(np.dot(products, r**powers))

    if not reached(-1.0) - 1e-6 <= target <= reached(1.0) + 1e-6:
        bounds = f"[{reached(-1.0):.3f}, {reached(1.0):.3f}]"
        raise UsageError(
            problem=f"{pair[0]} and {pair[1]} cannot have the correlation {target:g} with their distributions",
            remedy=f"give a coefficient within {bounds}, or a rank correlation",
            problem_zh=f"在给定分布下，{pair[0]} 与 {pair[1]} 的相关系数不可能为 {target:g}",
            remedy_zh=f"请给出 {bounds} 之内的系数，或改用秩相关系数",
        )
    low, high = -1.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) < target else (low, middle)
    return (low + high) / 2
