"""Sensitivity indices: closed forms, Ishigami, Sobol's g-function, and tornado data."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty.sensitivity import (
    estimate_sobol,
    multilinear_sobol,
    product_sobol,
    tornado,
)
from factordb.uncertainty.streams import Streams, sobol_nets

parse = Expression.parse


def net_points(k: int, exponent: int = 13) -> Callable[[int], np.ndarray]:
    return sobol_nets([f"{i:02d}" for i in range(2 * k)], 5, exponent)


def ishigami_exact(a: float, b: float) -> tuple[list[float], list[float]]:
    """Ishigami & Homma 1990: V1, V2 and V13 in closed form."""
    one = 0.5 * (1 + b * math.pi**4 / 5) ** 2
    two = a * a / 8
    both = b * b * math.pi**8 * (1 / 18 - 1 / 50)
    total = one + two + both
    return [one / total, two / total, 0.0], [(one + both) / total, two / total, both / total]


def test_ishigami() -> None:
    first, total = ishigami_exact(7, 0.1)
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=5e-5)  # the printed values
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=5e-5)
    formula = parse("sin(x1) + 7 * sin(x2)^2 + 0.1 * x3^4 * sin(x1)")

    def model(u: np.ndarray) -> np.ndarray:
        x = math.pi * (2 * u - 1)
        return formula.evaluate({"x1": x[:, 0], "x2": x[:, 1], "x3": x[:, 2]})

    found = estimate_sobol(model, net_points(3), ["x1", "x2", "x3"])
    for one, s, t in zip(found, first, total, strict=True):
        assert one.first == pytest.approx(s, abs=max(5 * one.first_error, 1e-4))
        assert one.total == pytest.approx(t, abs=max(5 * one.total_error, 1e-4))
        assert one.first_error < 0.005
        assert one.total_error < 0.005


def test_g_function() -> None:
    """Saltelli & Sobol: V_i = 1/(3(1+a_i)²); a product of independents, so the closed form applies too."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    partial = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + partial) - 1
    first, total = product_sobol(np.sqrt(partial))
    np.testing.assert_allclose(first[0], partial / variance, rtol=1e-13)
    np.testing.assert_allclose(total[0], partial * np.prod(1 + partial) / (1 + partial) / variance, rtol=1e-13)

    def model(u: np.ndarray) -> np.ndarray:
        return np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)

    found = estimate_sobol(model, net_points(5), list("abcde"))
    for i, one in enumerate(found):
        assert one.first == pytest.approx(first[0, i], abs=max(5 * one.first_error, 1e-4))
        assert one.total == pytest.approx(total[0, i], abs=max(5 * one.total_error, 1e-4))


def test_error_bars_of_plain_draws_cover() -> None:
    def points(replicate: int) -> np.ndarray:
        return np.array([Streams(replicate).normals(f"{i}", 4000) for i in range(6)]).T

    def model(z: np.ndarray) -> np.ndarray:
        return z[:, 0] + 2 * z[:, 1] + z[:, 0] * z[:, 2]

    found = estimate_sobol(model, points, list("abc"), replicates=24)
    exact = {"a": (1 / 6, 2 / 6), "b": (4 / 6, 4 / 6), "c": (0.0, 1 / 6)}
    for one in found:
        assert abs(one.first - exact[one.name][0]) < 4 * one.first_error
        assert abs(one.total - exact[one.name][1]) < 4 * one.total_error


def test_multilinear_formulas_exactly() -> None:
    """co2 + 28·ch4·share: by hand. Var = v_co2 + 28²(E²v + E²v + v v)."""
    terms = parse("co2 + 28 * ch4 * share").multilinear()
    assert terms is not None
    mean = {"co2": 50.0, "ch4": 0.3, "share": 0.5}
    variance = {"co2": 4.0, "ch4": 0.01, "share": 0.0025}
    total, indices = multilinear_sobol(terms, mean, variance)
    parts = [784 * 0.25 * 0.01, 784 * 0.09 * 0.0025, 784 * 0.01 * 0.0025]
    by_hand = 4 + sum(parts)
    assert total == pytest.approx(by_hand, rel=1e-14)
    assert indices["co2"][0] == indices["co2"][1] == pytest.approx(4 / by_hand, rel=1e-14)
    assert indices["ch4"][0] == pytest.approx(parts[0] / by_hand, rel=1e-13)
    assert indices["ch4"][1] == pytest.approx((parts[0] + parts[2]) / by_hand, rel=1e-13)
    assert indices["share"][1] == pytest.approx((parts[1] + parts[2]) / by_hand, rel=1e-13)


@given(st.lists(st.tuples(st.floats(0.5, 5), st.floats(0.001, 1.5)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_two_closed_forms_agree_on_products(inputs: list[tuple[float, float]]) -> None:
    names = [f"x{i}" for i in range(len(inputs))]
    mean = {name: np.array([m]) for name, (m, _) in zip(names, inputs, strict=True)}
    variance = {name: np.array([(m * cv) ** 2]) for name, (m, cv) in zip(names, inputs, strict=True)}
    first, total = product_sobol([cv for _, cv in inputs])
    _, indices = multilinear_sobol([(3.0, tuple(names))], mean, variance)
    np.testing.assert_allclose([indices[name][0][0] for name in names], first[0], rtol=1e-9)
    np.testing.assert_allclose([indices[name][1][0] for name in names], total[0], rtol=1e-9)
    assert first.sum() <= 1 + 1e-9 <= total.sum() + 2e-9


def test_variance_of_a_tiny_spread_beside_a_large_mean_keeps_its_digits() -> None:
    terms = [(1.0, ("a", "b")), (1.0, ("c",))]
    mean, variance = {"a": 1e6, "b": 1e6, "c": 1e12}, {"a": 1e-8, "b": 1e-8, "c": 1e4}
    total, _ = multilinear_sobol(terms, mean, variance)
    assert total == pytest.approx(2e4 + 1e-16 + 1e4, rel=1e-14)
    first, whole = product_sobol([1e-9, 1e-9])
    np.testing.assert_allclose(first, [[0.5, 0.5]], rtol=1e-12)
    np.testing.assert_allclose(whole, [[0.5, 0.5]], rtol=1e-12)


def test_rows_that_do_not_vary_have_no_indices() -> None:
    first, total = product_sobol([[0.0, 0.0], [0.1, 0.0]])
    assert first.tolist() == total.tolist() == [[0.0, 0.0], [1.0, 0.0]]
    with pytest.raises(UsageError, match="does not vary"):
        estimate_sobol(lambda u: 0 * u[:, 0], net_points(1, 4), ["a"])
    with pytest.raises(UsageError, match="two replicates"):
        estimate_sobol(lambda u: u[:, 0], net_points(1, 4), ["a"], replicates=1)


def test_tornado_sorts_its_bars_and_holds_the_others() -> None:
    bars = tornado(
        parse("a * b + c"),
        {"a": 2.0, "b": 3.0, "c": 1.0},
        {"a": 1.0, "b": 2.9, "c": 0.0},
        {"a": 4.0, "b": 3.1, "c": 2.0},
    )
    assert [(bar.name, bar.at_low, bar.at_high) for bar in bars] == [
        ("a", 4.0, 13.0),
        ("c", 6.0, 8.0),
        ("b", pytest.approx(6.8), pytest.approx(7.2)),
    ]
    assert bars[0].width == 9.0
