"""Inputs of a model: moments by quadrature of the quantile function, published values, refusals."""

from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.special import roots_legendre

from factordb.errors import StatementError, UsageError
from factordb.uncertainty.model_file import FAMILIES, Input
from factordb.uncertainty.model_inputs import SHAPES, estimate_of, marginal_of, readings_correlation, shape_of

CASES = {
    "normal": {"mean": 2.0, "sd": 0.5},
    "lognormal": {"mu": 0.3, "sigma": 0.4},
    "uniform": {"low": -1.0, "high": 3.0},
    "triangular": {"low": 0.0, "mode": 1.0, "high": 4.0},
    "trapezoid": {"low": 0.0, "high": 2.0, "beta": 0.4},
    "curvilinear_trapezoid": {"low": -1.0, "high": 1.0, "d": 0.3},
    "arcsine": {"low": -0.5, "high": 0.5},
    "student": {"location": 1.0, "scale": 2.0, "degrees": 12.0},
    "truncated_normal": {"mean": 1.0, "sd": 2.0, "low": 0.0, "high": 4.0},
    "pert": {"low": 0.0, "mode": 1.0, "high": 5.0},
    "beta": {"low": 1.0, "high": 3.0, "alpha": 2.0, "beta": 5.0},
    "gamma": {"shape": 3.0, "scale": 2.0},
    "weibull": {"shape": 1.7, "scale": 2.0},
    "exponential": {"mean": 3.0},
}
SCIPY = {
    "normal": stats.norm(2.0, 0.5),
    "lognormal": stats.lognorm(0.4, scale=np.exp(0.3)),
    "uniform": stats.uniform(-1, 4),
    "triangular": stats.triang(0.25, 0, 4),
    "trapezoid": stats.trapezoid(0.3, 0.7, 0, 2),
    "arcsine": stats.arcsine(-0.5, 1),
    "student": stats.t(12, 1, 2),
    "truncated_normal": stats.truncnorm(-0.5, 1.5, 1, 2),
    "pert": stats.beta(1.8, 4.2, 0, 5),
    "beta": stats.beta(2, 5, 1, 2),
    "gamma": stats.gamma(3, scale=2),
    "weibull": stats.weibull_min(1.7, scale=2),
    "exponential": stats.expon(scale=3),
}


def given(family: str, parameters: dict[str, float], **more: object) -> Input:
    return Input("x", family, parameters, **more)  # type: ignore[arg-type]  # optional facts of an input


def test_every_family_of_the_grammar_is_a_case() -> None:
    assert set(CASES) | {"constant"} == set(FAMILIES) == set(SHAPES)


@pytest.mark.parametrize("family", CASES)
def test_moments_are_those_of_the_quantile_function(family: str) -> None:
    shape = shape_of(given(family, CASES[family]))
    nodes, weights = roots_legendre(400)
    # u = s²(3 − 2s) brings nodes to the ends, where quantile functions rise steeply
    s = (nodes + 1) / 2
    u, w = s * s * (3 - 2 * s), weights / 2 * 6 * s * (1 - s)
    x = shape.quantile(u)
    mean = float(w @ x)
    assert mean == pytest.approx(shape.mean, rel=1e-5, abs=1e-6)
    assert sqrt(float(w @ np.square(x - mean))) == pytest.approx(shape.sd, rel=2e-4)


@pytest.mark.parametrize("family", SCIPY)
def test_quantiles_are_scipys(family: str) -> None:
    u = np.array([0.001, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999])
    shape = shape_of(given(family, CASES[family]))
    assert shape.quantile(u) == pytest.approx(SCIPY[family].ppf(u), rel=1e-9, abs=1e-12)
    assert (shape.mean, shape.sd) == (pytest.approx(SCIPY[family].mean()), pytest.approx(SCIPY[family].std()))
    drawn = marginal_of(given(family, CASES[family])).realise(0, u.copy(), scores=False, out=np.empty(u.size))
    assert drawn == pytest.approx(SCIPY[family].ppf(u), rel=1e-9, abs=1e-9)


def test_curvilinear_trapezoid_by_its_construction() -> None:
    """JCGM 101 6.4.3.4: ends a ± d drawn, then a value between them; 200,000 pairs of a grid."""
    n = 450
    grid = (np.arange(n) + 0.5) / n
    r1, r2 = (axis.ravel() for axis in np.meshgrid(grid, grid))
    a, b, d = -1.0, 1.0, 0.3
    low = (a - d) + 2 * d * r1
    values = np.sort(low + ((a + b) - 2 * low) * r2)
    u = np.array([0.002, 0.05, 0.3, 0.5, 0.9, 0.998])
    expected = values[(u * values.size).astype(int)]
    assert shape_of(given("curvilinear_trapezoid", CASES["curvilinear_trapezoid"])).quantile(u) == pytest.approx(
        expected, abs=0.004
    )


def test_other_ways_to_give_the_same() -> None:
    expanded = shape_of(given("normal", {"mean": 1.0, "expanded": 0.4, "k": 2.0}))
    assert expanded.sd == 0.2
    assert estimate_of(given("normal", {"mean": 1.0, "expanded": 0.4, "k": 2.0})).divisor == 2.0
    half = shape_of(given("uniform", {"centre": 1.0, "half_width": 0.5}))
    assert (half.mean, half.sd) == (1.0, pytest.approx(0.5 / sqrt(3)))
    by_cv = shape_of(given("lognormal", {"mean": 10.0, "cv": 0.5}))
    assert (by_cv.mean, by_cv.sd) == (pytest.approx(10), pytest.approx(5))
    by_gsd = shape_of(given("lognormal", {"median": 10.0, "gsd": np.exp(0.4)}))
    assert by_gsd.quantile(np.array([0.5]))[0] == pytest.approx(10)


def test_readings_are_s_over_root_n_for_gum_and_wider_for_jcgm_101() -> None:
    """Example 1 of student_typeA: u = 0.02015 with 4 degrees of freedom, sd of the t-distribution 0.02850."""
    one = given("readings", {}, readings=(2.31, 2.35, 2.28, 2.40, 2.33))
    estimate = estimate_of(one)
    assert (estimate.value, estimate.dof) == (pytest.approx(2.334), 4.0)
    assert estimate.u == pytest.approx(0.020149441679609883)
    tail = marginal_of(one).realise(0, np.array([0.975]), scores=False, out=np.empty(1))
    assert tail[0] == pytest.approx(2.334 + 2.7764451051977943 * 0.020149441679609883)


def test_degrees_of_freedom_make_a_normal_a_student() -> None:
    plain, t = (marginal_of(given("normal", CASES["normal"], dof=dof)) for dof in (None, 5.0))
    tail = [one.realise(0, np.array([0.975]), scores=False, out=np.empty(1))[0] for one in (plain, t)]
    assert tail[0] == pytest.approx(2 + 0.5 * 1.959964, rel=1e-6)
    assert tail[1] == pytest.approx(2 + 0.5 * 2.570582, rel=1e-6)
    assert estimate_of(given("normal", CASES["normal"])).dof == inf


def test_a_student_is_its_scale_for_gum() -> None:
    estimate = estimate_of(given("student", CASES["student"]))
    assert (estimate.u, estimate.dof) == (2.0, 12.0)
    assert shape_of(given("student", CASES["student"])).sd == pytest.approx(2 * sqrt(12 / 10))


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("normal", {"mean": 0.0, "sd": 0.0}),
        ("normal", {"mean": 0.0, "sd": -1.0}),
        ("normal", {"mean": 0.0, "expanded": 1.0, "k": 0.0}),
        ("lognormal", {"mu": 0.0, "sigma": 0.0}),
        ("lognormal", {"median": -1.0, "gsd": 2.0}),
        ("lognormal", {"median": 1.0, "gsd": 0.9}),
        ("uniform", {"low": 2.0, "high": 1.0}),
        ("triangular", {"low": 0.0, "mode": 5.0, "high": 4.0}),
        ("trapezoid", {"low": 0.0, "high": 1.0, "beta": 1.5}),
        ("curvilinear_trapezoid", {"low": 0.0, "high": 1.0, "d": 0.6}),
        ("student", {"location": 0.0, "scale": 1.0, "degrees": 2.0}),
        ("truncated_normal", {"mean": 0.0, "sd": 1.0, "low": 2.0, "high": 1.0}),
        ("pert", {"low": 0.0, "mode": 9.0, "high": 1.0}),
        ("gamma", {"shape": -1.0, "scale": 1.0}),
        ("weibull", {"shape": 0.0, "scale": 1.0}),
        ("exponential", {"mean": -1.0}),
    ],
)
def test_impossible_parameters_are_refused(family: str, parameters: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="input x"):
        marginal_of(given(family, parameters))


def test_three_readings_have_no_distribution() -> None:
    with pytest.raises(StatementError, match="finite standard deviation"):
        marginal_of(given("readings", {}, readings=(1.0, 2.0, 3.0)))


def test_correlation_of_readings() -> None:
    """GUM H.2: r(V, I) = −0.36."""
    v = given("readings", {}, readings=(5.007, 4.994, 5.005, 4.990, 4.999))
    i = given("readings", {}, readings=(19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3))
    assert round(float(readings_correlation([v, i])[0, 1]), 2) == -0.36
