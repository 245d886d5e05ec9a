"""Expressions: the grammar, its faults, evaluation, derivatives and the recognised forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import UsageError
from factordb.expression import Expression, ExpressionError
from factordb.expression.tree import Call, Name, Node, Number, Power, add, multiply

parse = Expression.parse

NAMES = ("a", "b", "活动量", "x_1")
VALUES = {"a": 1.7, "b": 0.6, "活动量": 2.3, "x_1": 3.1}


def nodes() -> st.SearchStrategy[Node]:
    signs = st.sampled_from([1, -1])
    leaves = st.sampled_from([Name(name) for name in NAMES]) | st.floats(0.1, 9).map(
        lambda value: Number(round(value, 2))
    )

    def larger(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        signed = st.lists(st.tuples(signs, below), min_size=1, max_size=3)
        return (
            signed.map(add)
            | signed.map(multiply)
            | st.builds(Power, below, st.sampled_from([Number(2.0), Number(-1.0), Number(0.5)]))
            | st.builds(Call, st.sampled_from(["exp", "log", "sqrt", "abs", "sin", "atan"]), below)
        )

    return st.recursive(leaves, larger, max_leaves=8)


@pytest.mark.parametrize(
    ("text", "canonical", "value"),
    [
        ("a*b/c*d - 3*x^-2 + -y", "a * b / c * d - 3 * x ^ -2 - y", 2 * 3 / 4 * 5 - 3 / 36 - 7),
        ("-a^2", "-a ^ 2", -4.0),
        ("(-a)**2", "(-a) ^ 2", 4.0),
        ("2^3^2", "2 ^ 3 ^ 2", 512.0),
        ("(2^3)^2", "(2 ^ 3) ^ 2", 64.0),
        ("a - (b - c)", "a - b + c", 3.0),
        ("a / (b / c)", "a / b * c", 8 / 3),
        ("1e3 * .5 + 2.", "1000 * 0.5 + 2", 502.0),
        ("sum(a, b, -c)", "a + b - c", 1.0),
        ("mean(a, b, d)", "(a + b + d) / 3", 10 / 3),
        ("mean(a: 3, b: 1)", "(3 * a + 1 * b) / (3 + 1)", 9 / 4),
        ("ln(exp(a)) + sqrt(c) + abs(-d)", "log(exp(a)) + sqrt(c) + abs(-d)", 9.0),
        ("a × b ÷ c − （d）", "a * b / c - d", 1.5 - 5),
        ("－a + ２．５", "-a + 2.5", 0.5),
        ("44/12 * a", "44 / 12 * a", 44 / 12 * 2),
        ("a * -b", "a * (-b)", -6.0),
    ],
)
def test_text_is_read_written_and_evaluated(text: str, canonical: str, value: float) -> None:
    expression = parse(text)
    values = {"a": 2.0, "b": 3.0, "c": 4.0, "d": 5.0, "x": 6.0, "y": 7.0}
    assert str(expression) == canonical
    assert parse(canonical) == expression
    assert hash(parse(canonical)) == hash(expression)
    assert float(expression.evaluate(values)) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "position", "word"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("a b", 3, "operator"),
        ("1,5 * a", 2, "point"),
        ("a +", 4, "missing"),
        ("(a + b", 7, "bracket"),
        ("a)", 2, "operator"),
        ("a²", 2, "superscript"),
        ("exp * 2", 1, "brackets"),
        ("foo(2)", 1, "no function"),
        ("a.__class__", 2, "nothing"),
        ("__import__('os')", 12, "nothing"),
        ("a$b", 2, "nothing"),
        ("mean(a: 1, b)", 1, "weight"),
        ("1e999", 1, "float64"),
        ("exp(a, b)", 6, "bracket"),
        ("(" * 400 + "a" + ")" * 400, 51, "nested"),
        ("-" * 400 + "a", 101, "nested"),
        ("a^" * 400 + "a", 199, "nested"),
        ("+".join(["a"] * 40_000), 60_001, "longer"),
        ("a" * 300_000, 200_001, "longer"),
    ],
)
def test_a_fault_names_its_character_and_the_remedy_in_two_languages(text: str, position: int, word: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.position == position
    assert word in str(caught.value)
    assert len(str(caught.value)) < 400
    assert all(any("\u4e00" <= character <= "\u9fff" for character in part) for part in caught.value.words("zh"))


def test_a_long_linear_inventory_passes() -> None:
    text = " + ".join(f"{i}.5 * x{i}" for i in range(5000))
    expression = parse(text)
    linear = expression.linear()
    assert linear is not None
    assert linear[1]["x4999"] == 4999.5
    assert len(expression.names) == 5000
    assert parse(str(expression)) == expression


@given(nodes())
@settings(max_examples=150, deadline=None)
def test_canonical_text_round_trips(node: Node) -> None:
    expression = Expression(node)
    read = parse(str(expression))
    assert str(read) == str(expression)
    assert parse(str(read)) == read
    np.testing.assert_array_equal(read.evaluate(VALUES), expression.evaluate(VALUES))


@given(nodes(), st.sampled_from(NAMES))
@settings(max_examples=150, deadline=None)
def test_derivatives_agree_with_differences(node: Node, name: str) -> None:
    expression = Expression(node)
    h = 1e-5
    steps = np.array([-2 * h, -h, h, 2 * h])
    y = expression.evaluate({**VALUES, name: VALUES[name] + steps})
    y = np.broadcast_to(y, (4,))
    slope = float(expression.derivative(name).evaluate(VALUES))
    curve = abs(float(expression.derivative(name).derivative(name).evaluate(VALUES)))
    if not np.all(np.isfinite([*y, slope, curve])) or np.abs(y).max() > 1e6 or curve > 1e4:
        return  # a pole, a kink or a range where differences have no digits left
    difference = (y[0] - 8 * y[1] + 8 * y[2] - y[3]) / (12 * h)
    assert slope == pytest.approx(difference, rel=1e-5, abs=1e-7 * (1 + np.abs(y).max()))


@given(nodes(), st.sampled_from(NAMES))
@settings(max_examples=150, deadline=None)
def test_recognised_forms_have_the_value_of_the_formula(node: Node, name: str) -> None:
    expression = Expression(node)
    value = float(expression.evaluate(VALUES))
    terms = expression.terms()
    if not math.isfinite(value):
        return
    if terms is not None:
        total = math.fsum(c * math.prod(VALUES[n] ** p for n, p in powers.items()) for c, powers in terms)
        scale = sum(abs(c) * math.prod(VALUES[n] ** p for n, p in powers.items()) for c, powers in terms)
        assert total == pytest.approx(value, rel=1e-9, abs=1e-9 * scale + 1e-12)
    if expression.affine_in(name):
        slope, rest = expression.affine_parts(name, {k: v for k, v in VALUES.items() if k != name})
        if np.isfinite(slope * rest):
            at = slope * VALUES[name] + rest
            assert float(at) == pytest.approx(value, rel=1e-9, abs=1e-9 * (abs(float(rest)) + 1e-3))


def test_forms_of_factor_formulas() -> None:
    assert parse("44/12 * a * sqrt(b) / c^2").monomial() == (
        pytest.approx(44 / 12),
        {"a": 1.0, "b": 0.5, "c": -2.0},
    )
    assert parse("a * b + a * b").monomial() == (2.0, {"a": 1.0, "b": 1.0})
    assert parse("2 * (a + 3) - b / 4").linear() == (6.0, {"a": 2.0, "b": -0.25})
    assert parse("co2 + 25 * ch4 * d").multilinear() == [(1.0, ("co2",)), (25.0, ("ch4", "d"))]
    assert parse("(a + b) * (c + 1)").linear() is None
    assert parse("(a + b) * (c + 1)").multilinear() == [
        (1.0, ("a", "c")),
        (1.0, ("a",)),
        (1.0, ("b", "c")),
        (1.0, ("b",)),
    ]
    assert parse("(a + b)^2").multilinear() is None
    assert parse("a / (a + b)").terms() is None
    assert parse("exp(a)").monomial() is None
    assert parse("a - a").linear() == (0.0, {})
    # sqrt(a^2) is |a|, not a: no monomial holds for both signs
    assert parse("sqrt(a^2)").monomial() is None
    assert parse("(-2 * a)^0.5").monomial() is None


def test_a_product_of_many_sums_is_not_opened_without_bound() -> None:
    text = " * ".join(f"(a{i} + b{i})" for i in range(40))
    assert parse(text).terms() is None
    assert parse(text).affine_in("a7")


def test_affine_in_one_input() -> None:
    expression = parse("(v + b) * c / exp(d) + v * d - 1")
    assert expression.affine_in("v")
    assert not expression.affine_in("d")
    assert not parse("a / v").affine_in("v")
    assert not parse("v * (v + 1)").affine_in("v")
    with pytest.raises(UsageError, match="not affine"):
        parse("a / v").affine_parts("v", {"a": 1.0})
    slope, rest = expression.affine_parts("v", {"b": np.array([1.0, 2.0]), "c": 3.0, "d": 0.0})
    np.testing.assert_allclose(slope, [3.0, 3.0][0])
    np.testing.assert_allclose(rest, [2.0, 5.0])


def test_evaluation_changes_no_input_and_warns_of_nothing() -> None:
    a = np.array([0.0, -1.0, 4.0])
    before = a.copy()
    y = parse("a + a / a + log(a) + sqrt(a) + a ^ 0.3").evaluate({"a": a})
    np.testing.assert_array_equal(a, before)
    assert np.isnan(y[:2]).all()
    assert y[2] == pytest.approx(4 + 1 + math.log(4) + 2 + 4**0.3)
    same = parse("a").evaluate({"a": a})
    same[0] = 9.0
    np.testing.assert_array_equal(a, before)
    assert parse("2 * 3").evaluate({}).shape == ()
    assert parse("0 * a + b").evaluate({"a": a, "b": np.ones((2, 1))}).shape == (2, 3)
    with pytest.raises(UsageError, match="no value for b"):
        parse("a * b").evaluate({"a": a})


def test_gradient_and_hessian_have_the_inputs_shape() -> None:
    x = np.array([1.0, 2.0])
    gradient = parse("3 * x + x * y + exp(z)").gradient({"x": x, "y": 5.0, "z": 0.0})
    np.testing.assert_allclose(gradient["x"], [8.0, 8.0])
    np.testing.assert_allclose(gradient["y"], x)
    np.testing.assert_allclose(gradient["z"], [1.0, 1.0])
    hessian = parse("x^3 * y").hessian({"x": x, "y": 5.0})
    np.testing.assert_allclose(hessian["x", "x"], 30 * x)
    np.testing.assert_allclose(hessian["x", "y"], 3 * x**2)
    np.testing.assert_allclose(hessian["y", "x"], hessian["x", "y"])
    assert ("y", "y") not in hessian


def test_names_keep_their_order_and_can_be_changed() -> None:
    expression = parse("b * a + b / c")
    assert expression.names == ("b", "a", "c")
    assert str(expression.renamed({"b": "x", "c": "a"})) == "x * a + x / a"


def test_a_fold_visits_the_tree_for_dimensions() -> None:
    class Mass:
        """The power of mass in each part, as a dimension analysis would carry it."""

        def number(self, value: float) -> float:
            return 0.0 * value

        def name(self, name: str) -> float:
            return {"m": 1.0, "v": 0.0}[name]

        def sum(self, terms: list[tuple[int, float]]) -> float:
            (found,) = {power for _, power in terms}
            return found

        def product(self, factors: list[tuple[int, float]]) -> float:
            return sum(sign * power for sign, power in factors)

        def power(self, base: float, exponent: float, constant: float | None) -> float:
            assert constant is not None
            assert exponent == 0.0
            return base * constant

        def call(self, function: str, argument: float) -> float:
            return argument / 2 if function == "sqrt" else argument

    assert parse("(m + 2 * m) ^ 3 / sqrt(m) * v").fold(Mass()) == 2.5
