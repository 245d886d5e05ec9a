"""Fourier-cosine inversion against closed forms, JCGM 101 clause 9, and sampling; rows are independent."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.expression import Expression
from factordb.uncertainty import making
from factordb.uncertainty.characteristic import powers, term_of
from factordb.uncertainty.closed import lognormal_summary, single_summary
from factordb.uncertainty.conditional import conditional_tier
from factordb.uncertainty.distributions import Distributions, concatenate
from factordb.uncertainty.engine import Asked, Block
from factordb.uncertainty.families import Family
from factordb.uncertainty.fourier import fourier_tier
from factordb.uncertainty.results import SUMMARY, Method, Outcome
from factordb.uncertainty.sampling import simulate

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth"
ENDS = ("low", "median", "high", "shortest_low", "shortest_high")


def solved(formula: str, inputs: Mapping[str, Distributions], **asked: Any) -> Outcome:
    """Return what the tier gives for all rows, which must all be answerable."""
    block = Block(Expression.parse(formula), inputs)
    places, outcome = fourier_tier(block, Asked(**asked))
    assert places.tolist() == list(range(block.count))
    assert not outcome.reason.any()
    return outcome


def jcgm(name: str) -> Any:
    """Return one example of JCGM 101 clause 9 with its exact values."""
    path = TRUTH / "jcgm101_examples.json"
    if not path.exists():
        pytest.skip("reference values are not beside the project")
    return json.loads(path.read_text())["examples"][name]["exact"]


def off(found: Outcome, exact: Any, name: str) -> Any:
    """Return a figure's error in half-widths."""
    return np.abs(getattr(found.summary, name) - getattr(exact, name)) / ((exact.high - exact.low) / 2)


def test_products_and_quotients_of_lognormals_have_their_closed_form() -> None:
    sigma = np.array([0.03, 0.1, 0.3, 0.6, 1.2])
    inputs = {"a": making.lognormal(1.0, sigma), "b": making.lognormal(-2.0, 0.5 * sigma)}
    found = solved("3 * a ^ 2 / b", inputs)
    exact = lognormal_summary(np.full(5, 4.0) + np.log(3), np.sqrt(4 * sigma**2 + 0.25 * sigma**2))
    for name in ("low", "median", "high"):
        assert np.all(off(found, exact, name) < 1e-9), name
    for name in ("shortest_low", "shortest_high"):
        assert np.all(off(found, exact, name) < 1e-7), name
    for name in ("mean", "sd"):
        assert getattr(found.summary, name) == pytest.approx(getattr(exact, name), rel=1e-12)


def test_negative_lognormals_are_mirrored() -> None:
    inputs = {"a": making.lognormal(1.0, 0.4, 0.0, -1.0), "b": making.uniform(1.0, 2.0)}
    found = solved("a * b", inputs).summary
    mirrored = solved("a * b", {**inputs, "a": making.lognormal(1.0, 0.4)}).summary
    for name, other in {"low": "high", "median": "median", "shortest_low": "shortest_high", "mean": "mean"}.items():
        assert getattr(found, name) == pytest.approx(-getattr(mirrored, other), rel=1e-12)
    both_negative = solved("a * b", {"a": inputs["a"], "b": making.uniform(-2.0, -1.0)}).summary
    assert both_negative.low == pytest.approx(mirrored.low, rel=1e-9)


def test_jcgm_101_clause_9_2_3() -> None:
    """Four rectangular inputs of sd 1: ±2√3(2 − (3/5)^¼)."""
    root = np.sqrt(3.0)
    found = solved("a + b + c + d", {name: making.uniform(-root, root) for name in "abcd"}, tolerance=1e-3).summary
    low, high = jcgm("9.2.3 rectangular additive")["interval95"]
    assert found.low[0] == pytest.approx(low, abs=2e-6)
    assert found.high[0] == pytest.approx(high, abs=2e-6)
    assert found.sd[0] == pytest.approx(2.0, rel=1e-14)


def test_jcgm_101_clause_9_2_4() -> None:
    """Three rectangular inputs of sd 1 and one of sd 10."""
    root = np.sqrt(3.0)
    inputs = {name: making.uniform(-root, root) for name in "abc"} | {"d": making.uniform(-10 * root, 10 * root)}
    found = solved("a + b + c + d", inputs, tolerance=1e-3).summary
    exact = jcgm("9.2.4 rectangular, one dominant")
    assert [found.low[0], found.high[0]] == pytest.approx(exact["interval95"], abs=1e-4)
    assert found.sd[0] == pytest.approx(exact["u"], rel=1e-14)


POSITIVE: dict[str, Distributions] = {
    "normal": making.normal(2.0, 0.3),
    "shifted log-normal": making.lognormal(0.0, 0.5, 1.0),
    "uniform": making.uniform(1.0, 3.0),
    "triangular": making.triangular(0.2, 1.0, 1.5),
    "right triangle": making.triangular(1.0, 1.0, 2.0),
    "narrow uniform": making.uniform(1.0, 1.001),
    "PERT": making.pert(1.0, 3.0, 10.0),
    "trapezoid": making.trapezoid(1.0, 2.0, 2.5, 5.0),
    "curvilinear trapezoid": making.curvilinear_trapezoid(1.0, 3.0, 0.4),
    "truncated normal": making.truncated_normal(1.0, 0.3, 0.2, 2.5),
    "gamma": making.gamma(4.5, 0.4),
    "Weibull": making.weibull(2.7, 2.0),
    "discrete": making.discrete([[1.0, 2.0, 5.0]], [[1, 2, 1]]),
    "empirical": making.empirical([[1.0, 2.0, 2.5, 4.0]]),
    "Student": making.student_t(5.0, 0.2, 30.0),
}


@pytest.mark.parametrize("name", POSITIVE)
@pytest.mark.parametrize("formula", ["a * b", "b / a", "a + 2 * b", "b - a"])
def test_every_family_agrees_with_conditional_integration(name: str, formula: str) -> None:
    """Two methods without a common step: nodes and series in one, a closed form over Sobol nets in the other."""
    inputs = {"a": POSITIVE[name], "b": making.lognormal(0.4, 0.25)}
    found = solved(formula, inputs, tolerance=1e-3)
    block = Block(Expression.parse(formula), inputs)
    _, other = conditional_tier(block, Asked(tolerance=4e-3, seed=4))
    within = 2e-3 + 2 * float(other.tolerance[0])
    for figure in ENDS[:3]:
        assert off(found, other.summary, figure)[0] < within, figure
    width = found.summary.shortest_high - found.summary.shortest_low
    assert width == pytest.approx(other.summary.shortest_high - other.summary.shortest_low, rel=3 * within)
    assert width <= (found.summary.high - found.summary.low) * (1 + 1e-9)


def test_an_edge_at_zero_makes_products_and_refuses_quotients() -> None:
    """The density of a triangle that begins at zero rises as x: E[1/x²] does not exist, and so no sd of a quotient."""
    inputs = {"a": making.triangular(0.0, 1.0, 1.5), "b": making.lognormal(0.4, 0.25)}
    found = solved("a * b", inputs, tolerance=1e-3)
    _, other = conditional_tier(Block(Expression.parse("a * b"), inputs), Asked(tolerance=4e-3, seed=4))
    for figure in ("low", "median", "high"):
        assert off(found, other.summary, figure)[0] < 2e-3 + 2 * other.tolerance[0], figure
    assert not fourier_tier(Block(Expression.parse("b / a"), inputs), Asked())[0].size


def test_three_unlike_inputs_agree_with_plain_sampling() -> None:
    inputs = {"a": POSITIVE["PERT"], "b": POSITIVE["gamma"], "c": POSITIVE["Weibull"]}
    found = solved("a * b / c", inputs)
    marginals = {name: one.marginal() for name, one in inputs.items()}
    plain = simulate(Expression.parse("a * b / c"), marginals, seed=2, draws=400_000)
    for figure in ("low", "median", "high"):
        assert off(found, plain, figure)[0] < 0.02, figure


def test_a_normal_whose_tail_crosses_zero_is_answered_as_far_as_it_is_known() -> None:
    """CV 20 %: 3e-7 lie below zero and are cut off, which the tolerance admits; CV 40 % is left to other methods."""
    inputs = {"a": making.normal([1.0, 1.0], [0.2, 0.4]), "b": making.lognormal([0.0, 0.0], 0.3)}
    places, outcome = fourier_tier(Block(Expression.parse("a * b"), inputs), Asked(tolerance=1e-3))
    assert places.tolist() == [0]
    assert 1e-7 < outcome.tolerance[0] < 1e-3
    _, other = conditional_tier(Block(Expression.parse("a * b"), inputs), Asked(tolerance=5e-4))
    assert abs(outcome.summary.low[0] - other.summary.low[0]) < 1e-3


def test_what_misses_the_tolerance_is_left_to_other_methods() -> None:
    """Two discrete inputs have steps in F that no series follows."""
    inputs = {name: making.discrete([[1.0, 2.0]], [[1, 1]]) for name in "ab"}
    block = Block(Expression.parse("a * b"), inputs)
    assert not fourier_tier(block, Asked())[0].size
    sines = Block(Expression.parse("sin(a) + b"), inputs)
    assert not fourier_tier(sines, Asked())[0].size


def test_rows_do_not_depend_on_each_other_nor_on_the_order_of_the_names() -> None:
    draw = np.random.default_rng(5)
    count = 1100  # more than one piece
    one = concatenate(
        [making.triangular(0.1, draw.uniform(0.2, 0.9, 600), 1.0), making.normal(3.0, draw.uniform(0.1, 0.5, 500))]
    )
    inputs = {
        "a": making.lognormal(draw.normal(size=count), draw.uniform(0.1, 0.9, count)),
        "b": making.uniform(draw.uniform(1, 2, count), draw.uniform(3, 4, count)),
        "c": one,
    }
    whole = solved("a * b * c", inputs)
    order = draw.permutation(count)
    mixed = solved("a * b * c", {name: column.take(order) for name, column in inputs.items()})
    alone = solved("a * b * c", {name: column.take([1040]) for name, column in inputs.items()})
    for name in SUMMARY:
        assert np.array_equal(getattr(whole.summary, name)[order], getattr(mixed.summary, name)), name
        assert getattr(whole.summary, name)[1040] == getattr(alone.summary, name)[0], name


@settings(max_examples=25, deadline=None)
@given(
    cv=st.floats(0.02, 0.15),
    spread=st.floats(0.05, 0.8),
    sigma=st.floats(0.02, 0.8),
    scale=st.floats(1e-6, 1e6),
    probability=st.sampled_from([0.5, 0.9, 0.95, 0.9973]),
)
def test_scale_and_inverse(cv: float, spread: float, sigma: float, scale: float, probability: float) -> None:
    """Scaling an input scales the result; the quantiles of 1/Y are those of Y, inverted."""
    inputs = {
        "a": making.lognormal(0.3, sigma),
        "b": making.normal(2.0, 2 * cv),
        "c": making.uniform(1.0, 1.0 + spread),
    }
    asked = {"probability": probability, "tolerance": 1e-3, "method": Method.FOURIER}
    plain = solved("a * b * c", inputs, **asked)
    scaled = solved("a * b * c", {**inputs, "c": making.uniform(scale, scale * (1.0 + spread))}, **asked)
    inverse = solved("1 / (a * b * c)", inputs, **asked)
    half = (plain.summary.high - plain.summary.low) / 2
    error = half * (2 * plain.tolerance + 1e-6)
    for name in SUMMARY:
        assert np.all(np.abs(getattr(scaled.summary, name) / scale - getattr(plain.summary, name)) < error), name
    for name, other in (("low", "high"), ("median", "median"), ("high", "low")):
        assert np.all(np.abs(1 / getattr(inverse.summary, name) - getattr(plain.summary, other)) < 2 * error), name


def test_a_term_alone_is_its_distribution() -> None:
    """Forced on one input, the series gives back the quantiles of the input itself."""
    for name in ("normal", "shifted log-normal", "triangular", "PERT", "gamma", "Weibull", "truncated normal"):
        found = solved("a", {"a": POSITIVE[name]}, tolerance=1e-2, method=Method.FOURIER)
        exact = single_summary(POSITIVE[name])
        for figure in ("low", "median", "high"):
            assert off(found, exact, figure)[0] < max(1e-5, float(found.tolerance[0])), (name, figure)


def test_powers_by_doubling() -> None:
    angle = np.array([[0.3, -2.0], [1e-3, 3.1]])
    assert powers(angle, 37) == pytest.approx(np.exp(1j * angle[:, None] * np.arange(37)[:, None]), abs=1e-13)


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("name", ["uniform", "triangular", "right triangle", "trapezoid"])
def test_transforms_of_straight_lines_agree_with_quadrature(name: str, log: bool) -> None:
    one = POSITIVE[name]
    family = Family(one.families[0])
    term = term_of(family, one, -1.3, log=log)
    length, count = np.array([9.0]), 64
    low, high = (float(end[0]) for end in one.support())
    corners = [low, *np.sort(one.parameters[0, :4])[1:-1], high]
    t, w = np.polynomial.legendre.leggauss(400)
    total = np.zeros(count, dtype=complex)
    for left, right in pairwise(corners):
        if not low <= left < right <= high:
            continue
        x = left + (right - left) * (t + 1) / 2
        at = -1.3 * (np.log(np.maximum(x, 1e-300)) if log else x) - term.mean
        waves = np.exp(1j * np.pi / length * np.arange(count)[:, None] * at)
        total += (waves * one.pdf(x[None, :])[0] * w * (right - left) / 2).sum(axis=1)
    assert term.transform(np.array([0]), length, count)[0] == pytest.approx(total, abs=3e-5 if low == 0 else 1e-11)
