"""Correlated inputs: ranks, product moments, covariance; contradictions are refused with the reason."""

import math

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import spearmanr

from factordb.errors import UsageError
from factordb.uncertainty.copula import (
    Copula,
    cholesky,
    from_covariance,
    from_normal_scores,
    from_pearson,
    from_rank,
)
from factordb.uncertainty.streams import Streams

DRAWS = 40_000


def scores(copula: Copula) -> dict[str, np.ndarray]:
    streams = Streams(4)
    return copula.tie({name: streams.normals(name, DRAWS) for name in copula.names})


def test_rank_correlation_is_kept_by_any_distribution() -> None:
    matrix = [[1, 0.6, -0.3], [0.6, 1, 0.1], [-0.3, 0.1, 1]]
    z = scores(from_rank(["x", "y", "w"], matrix))
    values = np.array([np.exp(2 * z["x"]), z["y"] ** 3, -np.exp(-z["w"])])
    found = spearmanr(values.T).statistic
    np.testing.assert_allclose(found, matrix, atol=4 / math.sqrt(DRAWS))


def test_normal_scores_and_the_order_of_names() -> None:
    copula = from_normal_scores(["b", "a"], [[1, 0.8], [0.8, 1]])
    assert copula.names == ("a", "b")
    z = scores(copula)
    assert np.corrcoef(z["a"], z["b"])[0, 1] == pytest.approx(0.8, abs=0.01)
    again = scores(from_normal_scores(["a", "b"], [[1, 0.8], [0.8, 1]]))
    np.testing.assert_array_equal(z["a"], again["a"])
    np.testing.assert_array_equal(z["b"], again["b"])


def test_covariance_gives_correlation_and_standard_deviations() -> None:
    copula, sd = from_covariance(["a", "b"], [[4, -3], [-3, 9]])
    assert sd == {"a": 2.0, "b": 3.0}
    np.testing.assert_allclose(copula.matrix, [[1, -0.5], [-0.5, 1]])
    with pytest.raises(UsageError, match="not positive"):
        from_covariance(["a", "b"], [[0, 0], [0, 1]])


def test_product_moment_correlation_of_log_normals_has_its_closed_form() -> None:
    """corr = (e^{rσ₁σ₂} − 1)/√((e^{σ₁²} − 1)(e^{σ₂²} − 1)), solved for r."""
    s = {"a": 0.4, "b": 0.9}
    quantiles = {name: lambda u, one=one: np.exp(one * ndtri(u)) for name, one in s.items()}
    copula = from_pearson(["a", "b"], [[1, 0.5], [0.5, 1]], quantiles)
    scale = math.sqrt(math.expm1(s["a"] ** 2) * math.expm1(s["b"] ** 2))
    exact = math.log1p(0.5 * scale) / (s["a"] * s["b"])
    assert copula.matrix[0, 1] == pytest.approx(exact, abs=1e-6)
    # rectangular inputs: corr = 6/π asin(r/2)
    flat = {"a": lambda u: u, "b": lambda u: 5 * u}
    found = from_pearson(["a", "b"], [[1, 0.5], [0.5, 1]], flat).matrix[0, 1]
    assert found == pytest.approx(2 * math.sin(math.pi * 0.5 / 6), abs=1e-4)


def test_a_correlation_that_the_distributions_forbid_is_refused_with_its_bounds() -> None:
    quantiles = {"a": lambda u: np.exp(1.2 * ndtri(u)), "b": lambda u: np.exp(0.2 * ndtri(u))}
    with pytest.raises(UsageError, match=r"cannot have the correlation -0\.9") as caught:
        from_pearson(["a", "b"], [[1, -0.9], [-0.9, 1]], quantiles)
    assert "within [" in str(caught.value)


def test_singular_matrices_pass_and_indefinite_ones_are_refused_with_the_reason() -> None:
    ones = np.ones((3, 3))
    factor = cholesky(ones, ["a", "b", "c"])
    np.testing.assert_allclose(factor @ factor.T, ones, atol=1e-12)
    z = scores(from_normal_scores(["a", "b", "c"], ones))
    np.testing.assert_array_equal(z["a"], z["c"])
    opposed = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]
    with pytest.raises(UsageError, match=r"contradict each other: smallest eigenvalue -0\.8") as caught:
        from_normal_scores(["a", "b", "c"], opposed)
    # the remedy's shrinking is the largest that passes
    limit = 1 / 1.8
    assert f"{limit:.3g}" in str(caught.value)
    shrunk = np.eye(3) + (np.array(opposed) - np.eye(3)) * (limit - 1e-9)
    assert from_normal_scores(["a", "b", "c"], shrunk).names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("names", "matrix"),
    [
        (["a", "b"], [[1, 0.5], [0.4, 1]]),
        (["a", "b"], [[1, float("nan")], [float("nan"), 1]]),
        (["a", "a"], [[1, 0.5], [0.5, 1]]),
        (["a", "b"], [[4, 0], [0, 4]]),
        (["a"], [[1, 0], [0, 1]]),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(names: list[str], matrix: list[list[float]]) -> None:
    with pytest.raises(UsageError, match="symmetric"):
        from_normal_scores(names, matrix)
