"""The law of propagation against GUM annex H, the 2026 amendment, TN 1900 E13 and GUM-5:2026 example 5."""

import math

import numpy as np
import pytest

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty.gum import (
    Estimate,
    coverage_factor,
    effective_dof,
    first_order,
    propagate,
)

parse = Expression.parse
NM = 1e-6  # nanometre in millimetres


def h1_inputs() -> list[Estimate]:
    """JCGM 100 H.1, end-gauge calibration, table H.1: lengths in mm."""
    return [
        Estimate("l_S", 50.000623, 25 * NM, 18),
        Estimate("d", 215 * NM, 5.8 * NM, 24),
        Estimate("d_1", 0, 3.9 * NM, 5),
        Estimate("d_2", 0, 6.7 * NM, 8),
        Estimate("delta_alpha", 0, 1e-6 / math.sqrt(3), 50, "rectangular", math.sqrt(3)),
        Estimate("theta", -0.1, 0.2),
        Estimate("Delta", 0, 0.5 / math.sqrt(2), math.inf, "arcsine", math.sqrt(2)),
        Estimate("alpha_S", 11.5e-6, 2e-6 / math.sqrt(3), math.inf, "rectangular", math.sqrt(3)),
        Estimate("delta_theta", 0, 0.05 / math.sqrt(3), 2, "rectangular", math.sqrt(3)),
    ]


H1 = "l_S + d + d_1 + d_2 - l_S * (delta_alpha * (theta + Delta) + alpha_S * delta_theta)"


def test_gum_h1_end_gauge_to_the_printed_digits() -> None:
    result = propagate(parse(H1), h1_inputs(), p=0.99)
    assert f"{result.y:.6f}" == "50.000838"
    assert f"{result.u / NM:.1f}" == "31.7"  # u_c = 32 nm, printed as 31.7 where it is carried on
    assert math.floor(result.dof) == 16
    assert result.dof == pytest.approx(16.75, abs=0.01)
    assert f"{result.coverage_factor:.2f}" == "2.92"
    assert round(2.92 * 32) == 93  # as printed: from rounded figures
    assert result.expanded / NM == pytest.approx(92.48, abs=0.01)
    contributions = {line.name: abs(line.contribution) / NM for line in result.lines}
    assert f"{contributions['delta_alpha']:.1f}" == "2.9"
    assert f"{contributions['delta_theta']:.1f}" == "16.6"
    assert contributions["theta"] == contributions["alpha_S"] == 0
    assert math.hypot(*(contributions[name] for name in ("d", "d_1", "d_2"))) == pytest.approx(9.7, abs=0.05)
    assert sum(line.share for line in result.lines) == pytest.approx(1, rel=1e-14)


def test_gum_h1_second_order() -> None:
    """H.1.7: terms l_S u(δα) u(θ) = 11.7 nm and l_S u(α_S) u(δθ) = 1.7 nm raise u_c to 34 nm."""
    result = propagate(parse(H1), h1_inputs(), p=0.99, order=2)
    assert f"{result.u / NM:.0f}" == "34"
    assert result.u / NM == pytest.approx(33.8, abs=0.05)
    extra = result.u_second**2 - result.u_first**2
    assert math.sqrt(extra) / NM == pytest.approx(math.hypot(11.7, 1.7), abs=0.1)
    assert result.shift == 0


def h2_readings() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """JCGM 100 table H.2: five sets of V (V), I (mA) and phase (rad)."""
    v = np.array([5.007, 4.994, 5.005, 4.990, 4.999])
    i = np.array([19.663, 19.639, 19.640, 19.685, 19.678]) * 1e-3
    phase = np.array([1.0456, 1.0438, 1.0468, 1.0428, 1.0433])
    return v, i, phase


def test_gum_h2_resistance_and_reactance_to_the_printed_digits() -> None:
    readings = np.array(h2_readings())
    correlation = np.corrcoef(readings)
    assert np.round(correlation[[0, 0, 1], [1, 2, 2]], 2).tolist() == [-0.36, 0.86, -0.65]
    inputs = [
        Estimate(name, float(row.mean()), float(row.std(ddof=1) / math.sqrt(5)), 4)
        for name, row in zip(("V", "I", "phi"), readings, strict=True)
    ]
    printed = {
        "V / I * cos(phi)": (127.732, 0.071),
        "V / I * sin(phi)": (219.847, 0.2956),  # printed 0.295; 0.2956 from the unrounded readings
        "V / I": (254.260, 0.236),
    }
    slopes = []
    for text, (value, u) in printed.items():
        result = propagate(parse(text), inputs, correlation=correlation)
        assert result.y == pytest.approx(value, abs=0.00051)
        assert result.u == pytest.approx(u, abs=0.00051)
        assert sum(line.share for line in result.lines) == pytest.approx(1, rel=1e-12)
        assert result.dof == 4  # correlated readings: not more than each of them has
        slopes.append([line.contribution for line in result.lines])
    covariance = np.array(slopes) @ correlation @ np.array(slopes).T
    sd = np.sqrt(np.diag(covariance))
    mutual = covariance / np.outer(sd, sd)
    assert np.round(mutual[[0, 0, 1], [1, 2, 2]], 3).tolist() == [-0.588, -0.485, 0.993]


def test_estimate_shift_of_the_2026_amendment() -> None:
    """JCGM 100:2008/Amd.1:2026, 4.1.4 NOTE 1: +u² for x², nothing for a product of independents."""
    square = propagate(parse("x^2"), [Estimate("x", 3, 0.2)], order=2)
    assert square.shift == pytest.approx(0.04, rel=1e-14)
    assert square.y_shifted == pytest.approx(9.04, rel=1e-14)
    # normal x: Var x² = 4 μ²σ² + 2 σ⁴, exactly
    assert square.u == pytest.approx(math.sqrt(4 * 9 * 0.04 + 2 * 0.04**2), rel=1e-13)
    inputs = [Estimate("a", 2, 0.3), Estimate("b", 5, 0.4)]
    product = propagate(parse("a * b"), inputs, order=2)
    assert product.shift == 0
    assert product.u == pytest.approx(math.sqrt(4 * 0.16 + 25 * 0.09 + 0.09 * 0.16), rel=1e-14)
    tied = propagate(parse("a * b"), inputs, correlation=[[1, 0.5], [0.5, 1]], order=2)
    assert tied.shift == pytest.approx(0.5 * 0.3 * 0.4, rel=1e-14)  # E[ab] − E[a]E[b] = cov
    # bivariate normal: Var ab = first order + u_a² u_b² (1 + r²)
    first = 4 * 0.16 + 25 * 0.09 + 2 * 10 * 0.06
    assert tied.u == pytest.approx(math.sqrt(first + 0.09 * 0.16 * 1.25), rel=1e-14)


def test_second_order_has_the_third_derivatives() -> None:
    """x³ of a normal: Var = 9 μ⁴σ² + 36 μ²σ⁴ + 15 σ⁶; the second order keeps the first two terms."""
    result = propagate(parse("x^3"), [Estimate("x", 2, 0.1)], order=2)
    assert result.u**2 == pytest.approx(9 * 16 * 0.01 + 36 * 4 * 1e-4, rel=1e-13)


def test_tn1900_e13_thermal_expansion() -> None:
    """NIST TN 1900 E13: 1.7266e-5 /K and u = 1.756e-6 /K."""
    inputs = [
        Estimate("L0", 1.4999, 0.0001, 3),
        Estimate("L1", 1.5021, 0.0002, 3),
        Estimate("T0", 288.15, 0.02, 3),
        Estimate("T1", 373.10, 0.05, 3),
    ]
    result = propagate(parse("(L1 - L0) / (L0 * (T1 - T0))"), inputs)
    assert result.y == pytest.approx(1.72662e-5, rel=1e-5)
    assert result.u == pytest.approx(1.7555e-6, rel=1e-4)


def test_gum_5_example_5_greenhouse_gas_inventory() -> None:
    """JCGM GUM-5:2026 example 5: six components and the total in kt CO2e, to the digits its inputs allow."""
    values = {"A1": 56317.0920, "A2": 67.1856}
    factors = {
        "co2_1": 2.0438e-2,
        "ch4_1": 3.5368e-6,
        "n2o_1": 3.0984e-6,
        "co2_2": 1.9127e-2,
        "ch4_2": 4.8654e-5,
        "n2o_2": 3.3578e-7,
    }
    parts = {
        "A1 * co2_1 * 44 / 12": 4220.26,
        "A1 * ch4_1 * 25": 4.9795,
        "A1 * n2o_1 * 298": 51.9987,
        "A2 * co2_2 * 44 / 12": 4.7120,
        "A2 * ch4_2 * 25": 0.0817,
        "A2 * n2o_2 * 298": 0.0067,
    }
    for text, printed in parts.items():
        found = float(parse(text).evaluate({**values, **factors}))
        assert found == pytest.approx(printed, rel=3e-5, abs=6e-5)
    total = parse(" + ".join(parts))
    # uncertainties of our own: the budget must add up over shared activity data
    inputs = [Estimate(name, value, 0.02 * value) for name, value in {**values, **factors}.items()]
    result = propagate(total, inputs)
    assert result.y == pytest.approx(4282.04, rel=3e-5)
    share = {line.name: line.share for line in result.lines}
    assert share["A1"] == pytest.approx(0.5, abs=0.02)
    assert sum(share.values()) == pytest.approx(1, rel=1e-12)


def test_welch_satterthwaite_and_coverage_factor() -> None:
    assert effective_dof([3.0, 4.0], [math.inf, math.inf]) == math.inf
    assert effective_dof([3.0, 4.0], [8, math.inf]) == pytest.approx(625 / (81 / 8))
    assert effective_dof([0.0, 1.0], [2, 7]) == pytest.approx(7)
    assert effective_dof([1e-160, 1e-160], [3, 3]) == pytest.approx(6)
    # JCGM 100 table G.2
    table = {(1, 0.95): 12.71, (4, 0.95): 2.78, (10, 0.99): 3.17, (16, 0.99): 2.92, (50, 0.9545): 2.05}
    for (dof, p), printed in table.items():
        assert f"{coverage_factor(dof, p):.2f}" == f"{printed:.2f}"
    assert coverage_factor(16.99, 0.95) == coverage_factor(16, 0.95)
    assert coverage_factor(17 - 1e-13, 0.95) == coverage_factor(17, 0.95)
    assert coverage_factor(0.4, 0.95) == coverage_factor(1, 0.95)
    assert coverage_factor(math.inf) == pytest.approx(1.959963984540054, rel=1e-14)
    with pytest.raises(UsageError):
        coverage_factor(5, 95)


def test_scale_and_permutation() -> None:
    """Scaling an input's unit scales nothing else; the order of inputs does not matter."""
    expression = parse("a * exp(b) / c")
    inputs = [Estimate("a", 2, 0.1, 5), Estimate("b", 0.3, 0.05, 9), Estimate("c", 7, 0.4)]
    result = propagate(expression, inputs, order=2)
    turned = propagate(expression, inputs[::-1], order=2)
    assert turned.u == pytest.approx(result.u, rel=1e-14)
    assert turned.dof == pytest.approx(result.dof, rel=1e-14)
    scaled = propagate(expression, [Estimate("a", 2000, 100, 5), *inputs[1:]], order=2)
    assert scaled.u == pytest.approx(1000 * result.u, rel=1e-13)
    assert [line.share for line in scaled.lines] == pytest.approx([line.share for line in result.lines])


def test_many_factors_at_once_equal_one_by_one() -> None:
    rng = np.random.default_rng(5)
    expression = parse("a * b + c")
    values = {name: rng.uniform(1, 2, 6) for name in "abc"}
    u = {name: rng.uniform(0.1, 0.2, 6) for name in "abc"}
    y, u_y, shares = first_order(expression, values, u, {("a", "c"): 0.4})
    for row in range(6):
        inputs = [Estimate(name, values[name][row], u[name][row]) for name in "abc"]
        one = propagate(expression, inputs, correlation=[[1, 0, 0.4], [0, 1, 0], [0.4, 0, 1]])
        assert one.y == y[row]
        assert one.u == pytest.approx(u_y[row], rel=1e-13)
        for line in one.lines:
            assert line.share == pytest.approx(shares[line.name][row], rel=1e-12)
    _, nothing, shares = first_order(expression, values, dict.fromkeys("abc", 0.0))
    assert not nothing.any()
    assert not shares["a"].any()


@pytest.mark.parametrize(
    "matrix", [[[1, 0.5], [0.4, 1]], [[1, 2], [2, 1]], [[2, 0], [0, 2]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]
)
def test_a_matrix_that_is_none_is_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(UsageError, match="symmetric"):
        propagate(parse("a + b"), [Estimate("a", 1, 1), Estimate("b", 1, 1)], correlation=matrix)


def test_an_undefined_derivative_is_refused() -> None:
    with pytest.raises(UsageError, match="undefined"):
        propagate(parse("sqrt(a)"), [Estimate("a", 0, 1)])
    with pytest.raises(UsageError, match="no value for b"):
        propagate(parse("a + b"), [Estimate("a", 0, 1)])
