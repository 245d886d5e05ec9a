"""Distributions against 40-digit values (`truth/distributions.json`, `lognormal.json`) and against each other."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.uncertainty import making
from factordb.uncertainty.distributions import Distributions, concatenate
from factordb.uncertainty.families import FAMILIES, Family

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth"
INFINITE = float("inf")


def truth(name: str) -> Any:
    """Return one file of reference values."""
    path = TRUTH / name
    if not path.exists():
        pytest.skip(f"reference values {name} are not beside the project")
    return json.loads(path.read_text())


ONE_OF_EACH: Mapping[Family, Distributions] = {
    Family.NORMAL: making.normal(2.0, 0.3),
    Family.LOGNORMAL: making.lognormal(0.4, 0.7, 1.0, -1.0),
    Family.UNIFORM: making.uniform(-1.0, 3.0),
    Family.TRIANGULAR: making.triangular(0.8, 1.0, 1.5),
    Family.BETA: making.pert(0.0, 3.0, 10.0),
    Family.TRAPEZOID: making.trapezoid(1.0, 2.0, 2.5, 5.0),
    Family.CURVILINEAR_TRAPEZOID: making.curvilinear_trapezoid(-1.0, 1.0, 0.4),
    Family.STUDENT_T: making.student_t(5.0, 2.0, 6.0),
    Family.TRUNCATED_NORMAL: making.truncated_normal(1.0, 0.5, 0.0, 2.5),
    Family.GAMMA: making.gamma(2.5, 0.4, 1.0),
    Family.WEIBULL: making.weibull(1.7, 2.0),
}

MADE: Mapping[str, Callable[[Mapping[str, float]], Distributions]] = {
    "triangular": lambda p: making.triangular(p["min"], p["mode"], p["max"]),
    "uniform": lambda p: making.uniform(p["min"], p["max"]),
    "PERT": lambda p: making.pert(p["min"], p["mode"], p["max"], p["lam"]),
    "truncated_normal": lambda p: making.truncated_normal(
        p["mean"], p["sd"], p["lower"], INFINITE if p["upper"] is None else p["upper"]
    ),
    "curvilinear_trapezoid CTrap": lambda p: making.curvilinear_trapezoid(p["a"], p["b"], p["d"]),
}


def test_forty_digit_values() -> None:
    """Mean, standard deviation and seven quantiles of `distributions.json`."""
    seen = 0
    for item in truth("distributions.json")["items"]:
        if item["dist"] not in MADE:
            continue
        made = MADE[item["dist"]](item["params"])
        assert made.mean()[0] == pytest.approx(item["mean"], rel=1e-13, abs=1e-15)
        assert made.sd()[0] == pytest.approx(item["sd"], rel=1e-12)
        for u, quantile in item.get("q", {}).items():
            assert made.ppf(float(u))[0] == pytest.approx(quantile, rel=1e-12)
            assert made.cdf(quantile)[0] == pytest.approx(float(u), rel=1e-10)
        seen += 1
    assert seen >= len(MADE)


def test_lognormal_values() -> None:
    """`lognormal.json`: from median and GSD², and from mean and CV."""
    file = truth("lognormal.json")
    for row in file["from_median_GSD2"]:
        made = making.lognormal_from_median(row["median"], np.log(row["GSD2"]) / 2)
        found = (made.mean()[0], made.sd()[0], made.ppf(0.025)[0], made.ppf(0.975)[0])
        assert found == pytest.approx([row["mean"], row["sd"], row["p025"], row["p975"]], rel=1e-13)
        inside = made.cdf(row["GSD2"])[0] - made.cdf(1 / row["GSD2"])[0]
        assert inside == pytest.approx(row["GSD2_interval_coverage"], rel=1e-12)
        assert abs(inside - 0.95) > 0.004  # ±2 ln GSD is a 95.45 % interval
    for row in file["from_mean_cv"]:
        made = making.lognormal_from_cv(row["mean"], row["cv"])
        found = (*made.parameters[0, :2], made.median()[0], made.ppf(0.025)[0], made.ppf(0.975)[0])
        wanted = [row[name] for name in ("mu", "sigma", "median", "p025", "p975")]
        assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("family", ONE_OF_EACH)
def test_quantile_density_and_moments_agree(family: Family) -> None:
    """cdf(ppf(u)) = u, the density is the slope of the cdf, mean and sd are integrals of the quantile."""
    one = ONE_OF_EACH[family]
    u = np.linspace(0.001, 0.999, 301)[None, :]
    x = one.ppf(u)
    assert np.all(np.diff(x) > 0)
    assert np.allclose(one.cdf(x), u, rtol=0, atol=1e-13)
    step = 1e-5
    inner = one.ppf(np.array([[0.07, 0.21, 0.48, 0.73, 0.91]]))
    slope = (one.cdf(inner + step) - one.cdf(inner - step)) / (2 * step)
    assert np.allclose(one.pdf(inner), slope, rtol=1e-5)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    t = 3.2 * nodes[None, :]  # u = the tanh-sinh of t: ends of any kind are integrated
    tanh = np.tanh(np.pi / 2 * np.sinh(t))
    places = (1 + tanh) / 2
    factor = 3.2 * weights * np.pi / 4 * np.cosh(t) * (1 - tanh * tanh)
    inside = (places > 0) & (places < 1)
    values = one.ppf(np.where(inside, places, 0.5))
    mean = float((factor * inside * values).sum())
    assert one.mean()[0] == pytest.approx(mean, rel=1e-6)
    assert one.sd()[0] == pytest.approx(np.sqrt(float((factor * inside * (values - mean) ** 2).sum())), rel=2e-3)


def test_negative_lognormal_is_the_mirror_image() -> None:
    """Trap: some libraries take the cdf of |x| and get the tails of a negative log-normal exchanged."""
    plus, minus = making.lognormal(0.3, 0.5), making.lognormal(0.3, 0.5, 0.0, -1.0)
    u = np.linspace(0.01, 0.99, 9)[None, :]
    assert np.allclose(minus.ppf(u), -plus.ppf(1 - u), rtol=1e-14)
    assert np.all(np.diff(minus.ppf(u)) > 0)
    assert np.allclose(minus.cdf(-plus.ppf(u)), 1 - u, rtol=1e-12)
    assert (minus.cdf(0.0)[0], minus.cdf(-1e9)[0]) == (1.0, pytest.approx(0.0, abs=1e-12))
    assert minus.mean()[0] == -plus.mean()[0]


def test_rows_of_many_families_stay_in_their_place() -> None:
    """A column of all families answers as its rows do one by one."""
    parts = [*ONE_OF_EACH.values(), making.discrete([[1.0, 2.0]], [[3.0, 1.0]]), making.empirical([[5.0, 4.0, 9.0]])]
    column = concatenate([*parts, making.constant(7.0)])
    shuffled = np.random.default_rng(1).permutation(len(column))
    taken = column.take(shuffled)
    for place, row in enumerate(shuffled):
        alone = column.take([row])
        for question in (Distributions.mean, Distributions.sd, Distributions.median):
            assert question(taken)[place] == question(alone)[0]
        assert taken.ppf(np.array([[0.1, 0.8]]))[place] == pytest.approx(alone.ppf(np.array([[0.1, 0.8]]))[0])
    assert set(taken.families) == {family.value for family in FAMILIES}
    assert column.mean()[-3:].tolist() == [1.25, 6.0, 7.0]


def test_marginals_draw_the_same_quantiles() -> None:
    """The sampler's column gives ppf(u) for every family."""
    column = concatenate([*ONE_OF_EACH.values(), making.empirical([[5.0, 4.0, 9.0]]), making.constant(7.0)])
    u = np.linspace(0.05, 0.95, 19)
    marginal = column.marginal()
    for row in range(len(column)):
        drawn = marginal.realise(row, u, scores=False, out=np.empty(19))
        assert drawn == pytest.approx(column.take([row]).ppf(u[None])[0], rel=1e-12)


def test_impossible_parameters_are_refused() -> None:
    """Spreads that are not positive, ends out of order, NaN and infinities."""
    nan = float("nan")
    refused: list[tuple[Callable[..., Distributions], tuple[Any, ...]]] = [
        (making.normal, (1.0, 0.0)), (making.normal, (nan, 1.0)), (making.lognormal_from_cv, (1.0, 0.0)),
        (making.lognormal_from_cv, (0.0, 0.1)), (making.triangular, (2.0, 1.0, 3.0)), (making.uniform, (3.0, 3.0)),
        (making.pert, (0.0, 11.0, 10.0)), (making.trapezoid, (0.0, 2.0, 1.0, 3.0)), (making.beta, (0.0, 1.0)),
        (making.curvilinear_trapezoid, (0.0, 1.0, 0.5)), (making.student_t, (0.0, 1.0, 0.0)),
        (making.truncated_normal, (0.0, 1.0, 2.0, 1.0)), (making.gamma, (-1.0, 1.0)), (making.weibull, (1.0, INFINITE)),
        (making.discrete, ([[1.0]], [[-1.0]])), (making.empirical, ([[]],)),
    ]  # fmt: skip
    for make, arguments in refused:
        with pytest.raises(StatementError):
            make(*arguments)
    with pytest.raises(StatementError, match="row 2"):
        making.normal([1.0, 1.0], [1.0, -1.0])


def test_given_arrays_are_neither_changed_nor_kept() -> None:
    """Trap: a parameter array of the caller changed in place, or changed by him later under our feet."""
    mean, sample = np.array([1.0, 2.0]), np.array([3.0, 1.0, 2.0])
    made, measured = making.normal(mean, 0.1), making.empirical([sample])
    mean[0], sample[0] = 99.0, 99.0
    assert made.mean().tolist() == [1.0, 2.0]
    assert measured.tables[0].points.tolist() == [1.0, 2.0, 3.0]
    assert sample.tolist() == [99.0, 1.0, 2.0]


@settings(max_examples=30, deadline=None)
@given(st.floats(-50, 50), st.floats(0.01, 20), st.floats(0.001, 0.999))
def test_shifted_and_scaled(shift: float, scale: float, u: float) -> None:
    """Families of location and scale follow x → shift + scale·x."""
    pairs = [
        (making.normal(0.0, 1.0), making.normal(shift, scale)),
        (making.uniform(0.0, 1.0), making.uniform(shift, shift + scale)),
        (making.triangular(0.0, 0.3, 1.0), making.triangular(shift, shift + 0.3 * scale, shift + scale)),
        (making.student_t(0.0, 1.0, 4.0), making.student_t(shift, scale, 4.0)),
        (making.gamma(2.0, 1.0), making.gamma(2.0, scale, shift)),
        (making.weibull(2.0, 1.0), making.weibull(2.0, scale, shift)),
    ]
    for plain, moved in pairs:
        assert moved.ppf(u)[0] == pytest.approx(shift + scale * plain.ppf(u)[0], rel=1e-9, abs=1e-9)
        assert moved.sd()[0] == pytest.approx(scale * plain.sd()[0], rel=1e-9)
