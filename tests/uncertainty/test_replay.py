"""Stored samples of a release: packed as columns, drawn again, added with their correlation."""

import numpy as np
import pyarrow as pa
import pytest

from factordb.errors import NotFoundError, UsageError
from factordb.expression import Expression
from factordb.uncertainty import marginals
from factordb.uncertainty.replay import draw_again, pack, weighted_sum
from factordb.uncertainty.sampling import sample


def test_samples_come_back_by_version_in_any_order() -> None:
    samples = np.random.default_rng(1).normal(size=(3, 50))
    packed = pack(["v1", "v2", "v3"], samples, seed=7)
    assert packed.column_names == ["version_id", "seed", "draws"]
    np.testing.assert_array_equal(draw_again(packed, ["v3", "v1"], 7), samples[[2, 0]])
    # a column in several chunks and a slice of a table are tables too
    joined = pa.concat_tables([packed.slice(1, 2), pack(["v9"], samples[:1], seed=7)])
    np.testing.assert_array_equal(draw_again(joined, ["v9", "v2"], 7), samples[[0, 1]])


def test_factors_on_the_same_grid_factor_stay_correlated() -> None:
    """Two products use one grid factor: a footprint's variance has the covariance of its shares."""
    expression = Expression.parse("power * grid")
    inputs = {"power": marginals.normal([2.0, 3.0], [0.1, 0.1]), "grid": marginals.normal([0.6, 0.6], 0.06)}
    ids = {"power": ["steel/power", "glass/power"], "grid": ["grid CN 2022", "grid CN 2022"]}
    samples = sample(expression, inputs, seed=5, draws=40_000, ids=ids)
    packed = pack(["steel", "glass"], samples, seed=5)
    total = weighted_sum(packed, {"steel": 10.0, "glass": 1.0}, 5)
    # (10·2 + 3)·grid: Var = 23² 0.06² + 0.6²(10² + 1)0.1² + 0.06² (10² + 1) 0.1²
    exact = 23**2 * 0.0036 + (0.36 + 0.0036) * 101 * 0.01
    assert total.var(ddof=1) == pytest.approx(exact, rel=0.03)
    apart = sample(expression, inputs, seed=5, draws=40_000, ids={**ids, "grid": ["g1", "g2"]})
    without = np.array([10.0, 1.0]) @ apart
    assert without.var(ddof=1) == pytest.approx(exact - 2 * 20 * 3 * 0.0036, rel=0.03)


def test_what_was_not_stored_is_not_found() -> None:
    packed = pack(["v1"], np.zeros((1, 4)), seed=7)
    with pytest.raises(NotFoundError, match="seed 8"):
        draw_again(packed, ["v1"], 8)
    with pytest.raises(NotFoundError, match="v2"):
        draw_again(packed, ["v2"], 7)


@pytest.mark.parametrize("versions", [["a"], ["a", "a"], ["a", "b", "c"]])
def test_rows_and_versions_must_match(versions: list[str]) -> None:
    with pytest.raises(UsageError, match="one by one"):
        pack(versions, np.zeros((2, 4)), seed=1)
