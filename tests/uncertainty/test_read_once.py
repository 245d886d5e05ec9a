"""Plans of formulas that name every input once, and what the nested inversion gives for them."""

import numpy as np
import pytest

from factordb.expression import Expression
from factordb.uncertainty import making
from factordb.uncertainty.conditional import conditional_tier
from factordb.uncertainty.distributions import Distributions, concatenate
from factordb.uncertainty.engine import Asked, Block
from factordb.uncertainty.fourier import fourier_tier
from factordb.uncertainty.read_once import Plan, plan_of


def plan(text: str) -> Plan | None:
    """Return the plan of a formula."""
    return plan_of(Expression.parse(text))


def test_plans() -> None:
    assert plan("3 * a / b ^ 2") == Plan(log=True, constant=3.0, parts=(("a", 1.0), ("b", -2.0)))
    assert plan("2 * a - b + 1") == Plan(log=False, constant=1.0, parts=(("a", 2.0), ("b", -1.0)))
    products = (
        Plan(log=True, constant=1.0, parts=(("a", 1.0), ("b", 1.0))),
        Plan(log=True, constant=1.0, parts=(("c", 1.0), ("d", -1.0))),
    )
    assert plan("a * b - 28 * c / d + 5") == Plan(
        log=False, constant=5.0, parts=((products[0], 1.0), (products[1], -28.0))
    )
    assert plan("a * b - 28 * c") == Plan(log=False, constant=0.0, parts=((products[0], 1.0), ("c", -28.0)))
    inner = Plan(log=False, constant=1.0, parts=(("b", 1.0), ("c", -1.0)))
    assert plan("a * sqrt(1 + b - c)") == Plan(log=True, constant=1.0, parts=(("a", 1.0), (inner, 0.5)))
    assert plan("2 * a / (1 + b - c)") == Plan(log=True, constant=2.0, parts=(("a", 1.0), (inner, -1.0)))


@pytest.mark.parametrize("text", ["a * b + a / b", "sin(a) + b", "a ^ b", "a * exp(b) + c"])
def test_formulas_without_a_plan(text: str) -> None:
    assert plan(text) is None


INPUTS: dict[str, Distributions] = {
    "a": making.lognormal([0.2, 0.0, 1.0], [0.3, 0.1, 0.6]),
    "b": concatenate([making.normal(3.0, 0.4), making.triangular(1.0, 2.0, 5.0), making.constant(2.0)]),
    "c": concatenate([making.uniform(0.5, 1.5), making.gamma(3.0, 0.5), making.pert(0.0, 1.0, 2.0)]),
    "d": concatenate([making.lognormal(0.0, 0.4, 0.0, -1.0), making.truncated_normal(1.0, 0.4), making.constant(3.0)]),
}


@pytest.mark.parametrize(
    "formula",
    ["a * b + c * d", "a * (b + 2 * c)", "a * b - 28 * c", "(a + b) * (c + d)", "a * (b - c * d) + 1", "(a + c) / b"],
)
def test_nested_inversion_agrees_with_conditional_integration(formula: str) -> None:
    block = Block(Expression.parse(formula), INPUTS)
    places, found = fourier_tier(block, Asked(tolerance=1e-3))
    assert places.size  # a part with an edge or a kink may be left to other methods
    _, other = conditional_tier(block.take(places), Asked(tolerance=4e-3, seed=3))
    half = (found.summary.high - found.summary.low) / 2
    for figure in ("low", "median", "high"):
        off = np.abs(getattr(found.summary, figure) - getattr(other.summary, figure)) / half
        assert np.all(off < 2e-3 + 2 * other.tolerance), figure
    width, wide = (one.shortest_high - one.shortest_low for one in (found.summary, other.summary))
    assert width == pytest.approx(wide, rel=0.02)


def test_a_part_without_uncertainty_is_a_number() -> None:
    """(b + d) is 5 exactly in the last row."""
    rows = {name: one.take([2]) for name, one in INPUTS.items()}
    _, found = fourier_tier(Block(Expression.parse("a * c * (b + d)"), rows), Asked(tolerance=1e-3))
    _, plain = fourier_tier(Block(Expression.parse("5 * a * c"), rows), Asked(tolerance=1e-3))
    assert found.summary.low == pytest.approx(plain.summary.low, rel=1e-9)
    assert found.summary.shortest_high == pytest.approx(plain.summary.shortest_high, rel=1e-6)


def test_a_part_of_both_signs_is_left_to_other_methods() -> None:
    inputs = {"a": making.lognormal(0.0, 0.3), "b": making.normal(1.0, 1.0), "c": making.normal(-0.5, 1.0)}
    assert not fourier_tier(Block(Expression.parse("a * (b + c)"), inputs), Asked())[0].size
