"""Conditional quasi-Monte Carlo against closed forms, against plain sampling, and for freedom of order and blocks."""

from collections.abc import Mapping

import numpy as np
import pytest

from factordb.expression import Expression
from factordb.uncertainty import making
from factordb.uncertainty.closed import lognormal_summary
from factordb.uncertainty.conditional import REPLICATES, conditional_tier, integrated_input, realised
from factordb.uncertainty.distributions import Distributions, concatenate
from factordb.uncertainty.engine import Asked, Block
from factordb.uncertainty.results import SUMMARY, Outcome
from factordb.uncertainty.sampling import simulate

ENDS = ("low", "high", "shortest_low", "shortest_high")


def solved(formula: str, inputs: Mapping[str, Distributions], **asked: float) -> Outcome:
    """Return what the tier gives for all rows, which must all be answerable."""
    block = Block(Expression.parse(formula), inputs)
    places, outcome = conditional_tier(block, Asked(**asked))  # type: ignore[arg-type] # numbers by name
    assert places.tolist() == list(range(block.count))
    assert not outcome.reason.any()
    return outcome


def test_product_of_lognormals_has_its_closed_form() -> None:
    sigma = np.array([0.1, 0.3, 0.6, 1.0])
    inputs = {
        "a": making.lognormal(1.0, sigma),
        "b": making.lognormal(-2.0, 0.5 * sigma),
        "c": making.lognormal(np.zeros(4), 0.2),
    }
    found = solved("a * b * c", inputs, tolerance=1e-3, seed=3)
    exact = lognormal_summary(np.full(4, -1.0), np.sqrt(1.25 * sigma**2 + 0.04))
    half = (exact.high - exact.low) / 2
    for name in (*ENDS, "median"):
        off = np.abs(getattr(found.summary, name) - getattr(exact, name)) / half
        assert np.all(off < 3e-3), name
    assert np.all(found.tolerance < 3e-3)
    assert np.all(found.draws >= REPLICATES * 32)


@pytest.mark.parametrize(
    ("formula", "a"),
    [
        ("a * b - c", making.normal(5.0, 1.0)),
        ("b - a * c", making.lognormal(0.5, 0.4)),  # negative slope
        ("a * b + c / b", making.uniform(1.0, 3.0)),
        ("(a + b) / (b + c)", making.triangular(0.0, 1.0, 9.0)),
        ("a * (b - c)", making.gamma(2.0, 3.0)),  # the slope changes its sign from point to point
        ("a + b * c", making.student_t(0.0, 2.0, 5.0)),
        ("a * b + c", making.lognormal(0.0, 0.5, 2.0, -1.0)),  # mirrored and shifted
        ("a / b + c", making.truncated_normal(1.0, 0.8)),
        ("exp(b) * a + c", making.pert(1.0, 2.0, 8.0)),
    ],
)
def test_agrees_with_plain_sampling(formula: str, a: Distributions) -> None:
    """Two methods that share no draws; a plain run of 400,000 knows the ends to about 0.5 % of the half-width."""
    inputs = {"a": a, "b": making.lognormal(0.0, 0.3), "c": making.uniform(0.5, 1.2)}
    found = solved(formula, inputs, tolerance=2e-3, seed=1).summary
    plain = simulate(
        Expression.parse(formula), {name: one.marginal() for name, one in inputs.items()}, seed=9, draws=400_000
    )
    half = (plain.high - plain.low) / 2
    for name, within in {"low": 0.02, "high": 0.02, "median": 0.01, "mean": 0.01, "sd": 0.02}.items():
        assert abs(getattr(found, name) - getattr(plain, name))[0] < within * half[0], name
    assert found.shortest_high - found.shortest_low <= (found.high - found.low) * 1.0001
    assert found.shortest_high - found.shortest_low == pytest.approx(plain.shortest_high - plain.shortest_low, rel=0.02)


def test_density_that_falls_from_its_edge_starts_the_shortest_interval_there() -> None:
    """Exponential × narrow uniform: the shortest interval starts at zero."""
    found = solved("a * b", {"a": making.gamma(1.0, 1.0), "b": making.uniform(0.999, 1.001)}, tolerance=1e-3).summary
    assert found.shortest_low[0] == pytest.approx(0.0, abs=0.01)
    assert found.shortest_high[0] == pytest.approx(-np.log(0.05), rel=0.01)


def test_shortest_interval_of_a_very_skewed_sum_stays_in_its_support() -> None:
    """A log-normal of σ = 4 about a small positive number: the density falls from its lower end."""
    found = solved("a + b", {"a": making.lognormal(0.0, 4.0), "b": making.lognormal(0.0, 0.1)}, tolerance=1e-3).summary
    assert 0.5 < found.shortest_low[0] < found.low[0]
    assert found.shortest_high[0] < found.high[0]


def test_the_input_that_explains_most_is_integrated() -> None:
    inputs = {
        "a": making.normal([1.0, 1.0, 1.0], [0.1, 0.3, 0.1]),
        "b": making.normal([1.0, 1.0, 1.0], [0.2, 0.2, 0.2]),
        "c": concatenate([making.discrete([[0.0, 9.0]], [[1, 1]]), making.normal([5.0, 5.0], [0.1, 4.0])]),
    }
    block = Block(Expression.parse("a * b + log(c)"), inputs)
    assert integrated_input(block).tolist() == [1, 0, 1]
    inputs["a"] = making.discrete([[1.0, 2.0]] * 3, [[1, 1]] * 3)
    assert integrated_input(Block(Expression.parse("a + log(c)"), inputs)).tolist() == [-1, -1, -1]


def test_rows_do_not_depend_on_each_other_nor_on_the_order_of_the_names() -> None:
    draw = np.random.default_rng(5)
    count = 23
    inputs = {
        "a": making.lognormal(draw.normal(size=count), draw.uniform(0.1, 0.9, count)),
        "b": making.normal(draw.uniform(5, 9, count), draw.uniform(0.1, 1.0, count)),
        "c": making.triangular(0.0, draw.uniform(0.1, 0.9, count), 1.0),
    }
    whole = solved("a * b + c", inputs, tolerance=0.01, seed=7)
    order = draw.permutation(count)
    mixed = solved("c + b * a", {name: one.take(order) for name, one in inputs.items()}, tolerance=0.01, seed=7)
    alone = solved("a * b + c", {name: one.take([4]) for name, one in inputs.items()}, tolerance=0.01, seed=7)
    for name in SUMMARY:
        assert np.array_equal(getattr(whole.summary, name)[order], getattr(mixed.summary, name)), name
        assert getattr(whole.summary, name)[4] == getattr(alone.summary, name)[0], name


def test_points_of_every_family_are_its_quantiles() -> None:
    u = np.array([0.01, 0.3, 0.5, 0.77, 0.999])
    given = concatenate(
        [
            making.normal(2.0, 0.3), making.lognormal(0.4, 0.7, 1.0), making.uniform(-1.0, 3.0),
            making.triangular(0.8, 1.0, 1.5), making.triangular(1.0, 1.0, 2.0), making.weibull(1.7, 2.0),
            making.lognormal(0.4, 0.7, 0.0, -1.0), making.empirical([[3.0, 1.0, 2.0]]),
        ]
    )  # fmt: skip
    from scipy.special import ndtri  # noqa: PLC0415 - the scores belong to these coordinates only

    assert realised(given, u, ndtri(u)) == pytest.approx(given.ppf(u[None, :]), rel=1e-12)


def test_own_error_estimate_covers_the_error() -> None:
    """Over 20 seeds the reported tolerance (two standard errors) holds nearly always."""
    sigma = np.full(20, 0.4)
    exact = lognormal_summary(np.zeros(1), np.array([0.4 * np.sqrt(3)]))
    half = (exact.high - exact.low) / 2
    held = 0
    for seed in range(20):
        inputs = {name: making.lognormal(0.0, sigma[:1]) for name in "abc"}
        found = solved("a * b * c", inputs, tolerance=0.02, seed=seed)
        off = max(abs(found.summary.low - exact.low)[0], abs(found.summary.high - exact.high)[0]) / half[0]
        held += off <= found.tolerance[0]
    assert held >= 16
