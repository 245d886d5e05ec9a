"""Plain Monte Carlo: exact moments, reproducibility bit for bit, coverage over repeated seeds."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty import marginals
from factordb.uncertainty.copula import from_normal_scores, from_rank
from factordb.uncertainty.marginals import Marginal
from factordb.uncertainty.sampling import Sampled, sample, simulate

parse = Expression.parse
PRODUCT = parse("a * b * c / d")


def mixed(rows: int = 3) -> dict[str, Marginal]:
    step = np.arange(rows)
    return {
        "a": marginals.lognormal(0.1 * step, 0.2),
        "b": marginals.normal(2.0 + step, 0.1),
        "c": marginals.triangular(1.0, 1.5 + 0 * step, 3.0),
        "d": marginals.uniform(1.0, 2.0 + 0 * step),
    }


def columns(result: Sampled) -> np.ndarray:
    names = ("mean", "sd", "median", "low", "high", "shortest_low", "shortest_high", "low_error")
    return np.array([getattr(result, name) for name in names])


def own_ids(rows: int = 3) -> dict[str, list[str]]:
    return {name: [f"factor {row}/{name}" for row in range(rows)] for name in "abcd"}


def test_products_of_log_normals_have_their_closed_form() -> None:
    expression = parse("2 * a / b ^ 2")
    inputs = {"a": marginals.lognormal(0.3, 0.2), "b": marginals.lognormal(-0.2, 0.15)}
    result = simulate(expression, inputs, seed=1, draws=200_000)
    mu, sigma = 0.3 + 0.4, math.hypot(0.2, 0.3)
    assert result.mean[0] == pytest.approx(2 * math.exp(mu + sigma**2 / 2), abs=5 * result.mean_error[0])
    assert result.sd[0] == pytest.approx(2 * math.exp(mu + sigma**2 / 2) * math.sqrt(math.expm1(sigma**2)), rel=0.02)
    exact = 2 * np.exp(mu + sigma * ndtri([0.025, 0.5, 0.975]))
    assert result.low[0] == pytest.approx(exact[0], abs=5 * result.low_error[0])
    assert result.median[0] == pytest.approx(exact[1], rel=0.005)
    assert result.high[0] == pytest.approx(exact[2], abs=5 * result.high_error[0])
    assert result.shortest_high[0] - result.shortest_low[0] < result.high[0] - result.low[0]
    assert 0 < result.tolerance[0] < 0.03


def test_summaries_are_those_of_the_sample() -> None:
    inputs = mixed()
    result = simulate(PRODUCT, inputs, seed=3, draws=10_000)
    values = sample(PRODUCT, inputs, seed=3, draws=10_000)
    np.testing.assert_allclose(result.mean, values.mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(result.sd, values.std(axis=1, ddof=1), rtol=1e-12)
    np.testing.assert_array_equal(result.median, np.median(values, axis=1))
    ordered = np.sort(values, axis=1)
    np.testing.assert_array_equal(result.low, ordered[:, 249])
    np.testing.assert_array_equal(result.high, ordered[:, 9749])
    np.testing.assert_array_equal(result.undefined, 0)


def test_variance_keeps_its_digits_beside_a_large_value() -> None:
    """Σy² − n ȳ² has no digit left here (NIST NumAcc4 in kind); a shift by the nominal keeps twelve."""
    result = simulate(parse("a + 1e9"), {"a": marginals.normal(0, 1e-1)}, seed=1)
    small = simulate(parse("a"), {"a": marginals.normal(0, 1e-1)}, seed=1)
    assert result.sd[0] == pytest.approx(small.sd[0], rel=1e-6)


def test_reproducible_whatever_the_blocks_threads_and_order() -> None:
    rows = 6
    inputs, ids = mixed(rows), own_ids(rows)
    copula = from_rank(["b", "d"], [[1, 0.5], [0.5, 1]])
    for correlation in (None, copula):
        whole = columns(simulate(PRODUCT, inputs, seed=9, draws=2000, ids=ids, correlation=correlation))

        def part(rows_of: list[int], correlation: object = correlation) -> np.ndarray:
            some = {
                name: Marginal(m.kind[rows_of], m.a[rows_of], m.b[rows_of], m.c[rows_of], m.d[rows_of])
                for name, m in reversed(inputs.items())
            }
            some_ids = {name: [ids[name][row] for row in rows_of] for name in ids}
            return columns(
                simulate(PRODUCT, some, seed=9, draws=2000, ids=some_ids, correlation=correlation)  # type: ignore[arg-type] # wrong on purpose
            )

        with ThreadPoolExecutor(2) as pool:
            threaded = list(pool.map(part, [[0, 1, 2], [3, 4, 5]]))
        np.testing.assert_array_equal(np.concatenate(threaded, axis=1), whole)
        np.testing.assert_array_equal(part([5, 3, 4, 0, 2, 1]), whole[:, [5, 3, 4, 0, 2, 1]])
        values = sample(PRODUCT, inputs, seed=9, draws=12_000, ids=ids, correlation=correlation)
        blocks = [
            sample(PRODUCT, inputs, seed=9, draws=width, start=start, ids=ids, correlation=correlation)
            for start, width in ((0, 5000), (5000, 1), (5001, 6999))
        ]
        np.testing.assert_array_equal(np.concatenate(blocks, axis=1), values)


def test_shared_base_draws_and_own_draws_are_the_same_distribution() -> None:
    shared = simulate(PRODUCT, mixed(), seed=2, draws=50_000)
    own = simulate(PRODUCT, mixed(), seed=2, draws=50_000, ids=own_ids())
    np.testing.assert_allclose(shared.mean, own.mean, rtol=0.01)
    np.testing.assert_allclose(shared.high, own.high, rtol=0.02)
    assert np.all(shared.mean != own.mean)


def test_a_shared_input_is_drawn_once() -> None:
    inputs = {"a": marginals.uniform([0.0, 10.0], [1.0, 11.0]), "b": marginals.constant([1.0, 1.0])}
    ids = {"a": ["gwp ch4", "gwp ch4"], "b": ["x", "y"]}
    values = sample(parse("a * b"), inputs, seed=1, draws=100, ids=ids)
    np.testing.assert_allclose(values[1] - values[0], 10.0, rtol=1e-13)
    difference = sample(
        parse("a - b"), {"a": inputs["a"], "b": inputs["a"]}, seed=1, draws=50, ids={"a": ["g", "g"], "b": ["g", "g"]}
    )
    np.testing.assert_array_equal(difference, 0.0)


def test_correlated_inputs_of_any_family() -> None:
    """a + b of normals: Var = σ² + σ² + 2rσ²; a fully correlated ratio does not vary."""
    copula = from_normal_scores(["a", "b"], [[1, 0.7], [0.7, 1]])
    inputs = {"a": marginals.normal(1, 0.1), "b": marginals.normal(2, 0.2)}
    result = simulate(parse("a + b"), inputs, seed=4, draws=100_000, correlation=copula)
    assert result.sd[0] == pytest.approx(math.sqrt(0.01 + 0.04 + 2 * 0.7 * 0.02), rel=0.01)
    tied = from_rank(["a", "b"], [[1, 1], [1, 1]])
    same = {"a": marginals.lognormal(0, 0.3), "b": marginals.lognormal(1, 0.3)}
    ratio = simulate(parse("b / a"), same, seed=4, draws=1000, correlation=tied)
    assert ratio.sd[0] < 1e-14
    assert ratio.median[0] == pytest.approx(math.e, rel=1e-12)
    other = {"a": marginals.uniform(0, 1), "b": marginals.triangular(0, 1, 2)}
    values = sample(parse("a"), other, seed=4, draws=5000, correlation=tied)
    np.testing.assert_allclose(np.sort(values[0])[2500], 0.5, atol=0.05)


def test_an_undefined_factor_does_not_stop_the_others() -> None:
    result = simulate(parse("log(a)"), {"a": marginals.normal([5.0, 0.0], [0.1, 1.0])}, seed=1, draws=1000)
    assert np.isfinite(result.mean[0])
    assert np.isnan(result.mean[1])
    assert result.undefined[0] == 0
    assert 400 < result.undefined[1] < 600
    beyond = simulate(parse("a * b"), {"a": marginals.lognormal(800.0, 0.1), "b": marginals.normal(1, 0.1)}, seed=1)
    assert beyond.undefined[0] == 10_000
    zero = simulate(parse("b / a"), {"a": marginals.constant(0.0), "b": marginals.normal(1, 0.1)}, seed=1)
    assert zero.undefined[0] == 10_000


def test_a_root_of_two_negatives_is_defined() -> None:
    """sqrt(a b) is no product of roots where both are negative: it is evaluated as it was written."""
    inputs = {"a": marginals.normal(-2, 0.1), "b": marginals.normal(-8, 0.1)}
    result = simulate(parse("sqrt(a * b)"), inputs, seed=1)
    assert result.undefined[0] == 0
    assert result.median[0] == pytest.approx(4, rel=0.01)


def test_intervals_hold_the_truth_over_repeated_seeds() -> None:
    """200 seeds: the mean's error bar covers in about 95 %, the interval's content averages 95 %."""
    expression, inputs = parse("a * b"), {"a": marginals.lognormal(0, 0.3), "b": marginals.lognormal(0.5, 0.4)}
    sigma = 0.5
    truth = math.exp(0.5 + sigma**2 / 2)
    covered, content, ends = 0, [], 0
    for seed in range(200):
        one = simulate(expression, inputs, seed=seed, draws=2000)
        covered += abs(one.mean[0] - truth) <= 1.96 * one.mean_error[0]
        inside = ndtr((np.log([one.low[0], one.high[0]]) - 0.5) / sigma)
        content.append(inside[1] - inside[0])
        ends += abs(one.high[0] - math.exp(0.5 + sigma * 1.959963984540054)) <= 1.96 * one.high_error[0]
    # 190 ± 4 standard deviations of a binomial count
    assert 178 <= covered <= 199
    assert 174 <= ends <= 200
    assert np.mean(content) == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 2000 / 200))


def test_scale_and_symmetry() -> None:
    base = simulate(PRODUCT, mixed(), seed=6, draws=2000)
    scaled = simulate(parse("1000 * a * b * c / d"), mixed(), seed=6, draws=2000)
    np.testing.assert_allclose(scaled.high, 1000 * base.high, rtol=1e-13)
    np.testing.assert_allclose(scaled.sd, 1000 * base.sd, rtol=1e-12)
    mirrored = simulate(parse("-a * b * c / d"), mixed(), seed=6, draws=2000)
    np.testing.assert_allclose(mirrored.sd, base.sd, rtol=1e-12)
    np.testing.assert_allclose(mirrored.low, -base.high, rtol=2e-2)
    np.testing.assert_allclose(
        mirrored.shortest_high - mirrored.shortest_low, base.shortest_high - base.shortest_low, rtol=1e-12
    )
    general = simulate(parse("a * b * c / d + 0"), mixed(), seed=6, draws=2000)
    np.testing.assert_allclose(columns(general), columns(base), rtol=1e-12)


def test_misuse_is_refused() -> None:
    inputs = mixed()
    with pytest.raises(UsageError, match="no distribution or id for d"):
        simulate(PRODUCT, {name: inputs[name] for name in "abc"}, seed=1)
    with pytest.raises(UsageError, match="different numbers of rows"):
        simulate(PRODUCT, {**inputs, "d": marginals.constant([1.0])}, seed=1)
    with pytest.raises(UsageError, match="different numbers of rows"):
        simulate(PRODUCT, inputs, seed=1, ids={**own_ids(), "d": ["only one"]})
    tied = from_rank(["a", "z"], [[1, 0.5], [0.5, 1]])
    with pytest.raises(UsageError, match="id for z"):
        simulate(PRODUCT, inputs, seed=1, ids=own_ids(), correlation=tied)
    with pytest.raises(UsageError, match="too few"):
        simulate(PRODUCT, inputs, seed=1, draws=10)
    with pytest.raises(UsageError, match="any input"):
        simulate(parse("3 * 4"), {}, seed=1)
