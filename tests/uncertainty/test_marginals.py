"""Columns of marginals: both base draws give the distribution, and the caller's arrays stay as they are."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from factordb.uncertainty import marginals
from factordb.uncertainty.marginals import Marginal

U = (np.arange(2000) + 0.5) / 2000

FAMILIES = {
    "normal": (marginals.normal(3, 0.5), stats.norm(3, 0.5)),
    "log-normal": (marginals.lognormal(0.2, 0.7, 1.5), stats.lognorm(0.7, loc=1.5, scale=np.exp(0.2))),
    "uniform": (marginals.uniform(-2, 5), stats.uniform(-2, 7)),
    "triangular": (marginals.triangular(1, 1.4, 3), stats.triang(0.2, 1, 2)),
    "triangular, mode low": (marginals.triangular(1, 1, 3), stats.triang(0, 1, 2)),
    "triangular, mode high": (marginals.triangular(1, 3, 3), stats.triang(1, 1, 2)),
    "gamma": (marginals.by_quantile(1, lambda _, u: stats.gamma(2).ppf(u)), stats.gamma(2)),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_values_are_the_quantiles_of_the_family(name: str) -> None:
    marginal, reference = FAMILIES[name]
    for scores, base in ((False, U.copy()), (True, np.asarray(ndtri(U)))):
        before = base.copy()
        found = marginal.realise(0, base, scores=scores, out=np.empty(2000))
        np.testing.assert_allclose(found, reference.ppf(U), rtol=1e-10, atol=1e-12)
        np.testing.assert_array_equal(base, before)
        # in place, as the sampler does it
        np.testing.assert_array_equal(marginal.realise(0, base, scores=scores, out=base), found)


def test_negative_log_normal_runs_towards_zero_from_below() -> None:
    """A removal: −LN(μ, σ). Its 2.5 % quantile is the more negative end."""
    marginal = marginals.lognormal(0, 1, 0, -1)
    z = np.array([-1.96, 0, 1.96])
    found = marginal.realise(0, z, scores=True, out=np.empty(3))
    np.testing.assert_allclose(found, -np.exp(z))


def test_empirical_values_are_drawn_by_index() -> None:
    marginal = marginals.empirical([[3.0, 1.0, 2.0], [7.0]])
    u = np.array([1e-9, 0.34, 0.67, 1 - 1e-16])
    assert marginal.realise(0, u, scores=False, out=np.empty(4)).tolist() == [3.0, 1.0, 2.0, 2.0]
    assert marginal.realise(1, u, scores=False, out=np.empty(4)).tolist() == [7.0] * 4


def test_columns_hold_one_row_per_factor() -> None:
    column = marginals.uniform([0.0, 1.0], 2.0)
    assert len(column) == 2
    assert column.realise(1, np.array([0.5]), scores=False, out=np.empty(1)) == [1.5]
    assert marginals.constant([1.0, 2.0]).independent_of_draws
    assert not column.independent_of_draws
    assert isinstance(column, Marginal)
