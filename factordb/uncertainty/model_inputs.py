"""One input of a model file as the two calculations need it: an estimate with its u, and a quantile function.

For the law of propagation an input is value, u and degrees of freedom; a Type A input of n readings has
u = s/√n with n − 1. For the propagation of distributions it is a distribution; n readings are t_{n−1}, whose
standard deviation is larger (JCGM 101, 6.4.9): that difference is the point of the comparison.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np

from factordb.errors import UsageError
from factordb.uncertainty import bounded, marginals, smooth
from factordb.uncertainty.families import Form
from factordb.uncertainty.gum import Estimate
from factordb.uncertainty.marginals import Marginal
from factordb.uncertainty.measured import FloatArray, type_a
from factordb.uncertainty.model_file import Input

Given = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """One distribution: its family and parameters."""

    form: Form
    parameters: tuple[FloatArray, ...]

    @property
    def mean(self) -> float:
        """Mean."""
        return float(self.form.mean(self.parameters))

    @property
    def sd(self) -> float:
        """Standard deviation."""
        return float(self.form.sd(self.parameters))

    def quantile(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at probabilities u, of their shape."""
        return np.asarray(self.form.ppf(self.parameters, u), dtype=np.float64)


def estimate_of(one: Input) -> Estimate:
    """Return the input as the law of propagation takes it.

    Raises:
        StatementError: the readings are fewer than two.
        UsageError: the parameters are impossible.
    """
    if one.readings:
        found = type_a(one.readings, resolution=one.resolution)
        return Estimate(one.name, found.mean, found.u, float(found.dof), "readings", sqrt(found.n))
    shape = shape_of(one)
    # JCGM 100, G.3: a Student's t enters the law of propagation by its scale and degrees of freedom
    student = one.family == "student"
    dof = one.parameters["degrees"] if student else inf
    return Estimate(
        one.name,
        shape.mean,
        one.parameters["scale"] if student else shape.sd,
        dof if one.dof is None else one.dof,
        one.family,
        one.parameters.get("k", DIVISORS.get(one.family, 1.0)),
    )


def marginal_of(one: Input) -> Marginal:
    """Return the input as the propagation of distributions takes it, one row.

    Raises:
        StatementError: readings that have no distribution with a standard deviation (fewer than four, all
            equal).
        UsageError: the parameters are impossible.
    """
    if one.readings:
        return _by(_shape(smooth.STUDENT_T, *type_a(one.readings, resolution=one.resolution).student()))
    shape = shape_of(one)
    if one.family == "normal" and one.dof is not None:
        # a Type B uncertainty with degrees of freedom is a t-distribution too (JCGM 101, 6.4.9.7, note)
        return _by(_shape(smooth.STUDENT_T, shape.mean, shape.sd, one.dof))
    return CLOSED[one.family](shape.parameters) if one.family in CLOSED else _by(shape)


def readings_correlation(together: Sequence[Input]) -> FloatArray:
    """Return the correlation matrix of inputs whose readings were taken together (JCGM 100, 5.2.3)."""
    return np.asarray(np.corrcoef(np.array([one.readings for one in together])), dtype=np.float64)


def shape_of(one: Input) -> Shape:
    """Return the distribution of an input that is given by a family.

    Raises:
        UsageError: the parameters are impossible: a negative sd, ends out of order; or there is no standard
            deviation.
    """
    try:
        with np.errstate(all="ignore"):
            shape = SHAPES[one.family](one.parameters)
            possible = bool(shape.form.valid(shape.parameters)) and np.isfinite(shape.mean) and np.isfinite(shape.sd)
    except (ValueError, ZeroDivisionError):
        possible = False
    if not possible:
        given = ", ".join(f"{name} = {value:g}" for name, value in one.parameters.items())
        raise UsageError(
            problem=f"input {one.name}: {one.family} with {given} is impossible or has no standard deviation",
            remedy="give ends in order, positive spreads, and at least 3 degrees of freedom",
            problem_zh=f"输入量 {one.name}:{one.family}（{given}）不可能成立或没有标准差",
            remedy_zh="请检查上下限次序、离散度是否为正，自由度是否不小于 3",
        )
    return shape


def _shape(form: Form, *parameters: float) -> Shape:
    return Shape(form, tuple(np.asarray(parameter, dtype=np.float64) for parameter in parameters))


def _normal(given: Given) -> Shape:
    return _shape(smooth.NORMAL, given["mean"], given["sd"] if "sd" in given else given["expanded"] / given["k"])


def _lognormal(given: Given) -> Shape:
    if "mu" in given:
        mu, sigma = given["mu"], given["sigma"]
    elif "gsd" in given:
        mu, sigma = log(given["median"]), log(given["gsd"])
    else:
        variance = float(np.log1p(given["cv"] ** 2))
        mu, sigma = log(given["mean"]) - variance / 2, sqrt(variance)
    return _shape(smooth.LOGNORMAL, mu, sigma, 0.0, 1.0)


def _uniform(given: Given) -> Shape:
    if "low" in given:
        return _shape(bounded.UNIFORM, given["low"], given["high"])
    return _shape(bounded.UNIFORM, given["centre"] - given["half_width"], given["centre"] + given["half_width"])


def _trapezoid(given: Given) -> Shape:
    """Return the isosceles trapezoid with top/base = beta (JCGM 101, 6.4.4)."""
    low, high = given["low"], given["high"]
    side = (high - low) * (1 - given["beta"]) / 2
    return _shape(bounded.TRAPEZOID, low, low + side, high - side, high)


def _arcsine(given: Given) -> Shape:
    """Return the arcsine distribution, the beta with both parameters one half (JCGM 101, 6.4.6)."""
    return _shape(bounded.BETA, given["low"], given["high"], 0.5, 0.5)


def _pert(given: Given) -> Shape:
    low, mode, high = given["low"], given["mode"], given["high"]
    alpha = 1 + 4 * (mode - low) / (high - low)
    if not 1 <= alpha <= 5:  # noqa: PLR2004 - the mode lies between the ends
        raise ValueError(mode)
    return _shape(bounded.BETA, low, high, alpha, 6 - alpha)


def _plain(form: Form, *names: str, shift: bool = False) -> Callable[[Given], Shape]:
    """Return the builder of a family whose parameters are taken as they are; a shift, if it has one, is 0."""
    return lambda given: _shape(form, *(given[name] for name in names), *((0.0,) if shift else ()))


SHAPES: Mapping[str, Callable[[Given], Shape]] = {
    "constant": _plain(bounded.CONSTANT, "value"),
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _plain(bounded.TRIANGULAR, "low", "mode", "high"),
    "trapezoid": _trapezoid,
    "curvilinear_trapezoid": _plain(bounded.CURVILINEAR_TRAPEZOID, "low", "high", "d"),
    "arcsine": _arcsine,
    "student": _plain(smooth.STUDENT_T, "location", "scale", "degrees"),
    "truncated_normal": _plain(smooth.TRUNCATED_NORMAL, "mean", "sd", "low", "high"),
    "pert": _pert,
    "beta": _plain(bounded.BETA, "low", "high", "alpha", "beta"),
    "gamma": _plain(smooth.GAMMA, "shape", "scale", shift=True),
    "weibull": _plain(smooth.WEIBULL, "shape", "scale", shift=True),
    "exponential": lambda given: _shape(smooth.GAMMA, 1.0, given["mean"], 0.0),
}

CLOSED: Mapping[str, Callable[..., Marginal]] = {
    "constant": lambda p: marginals.constant(*p),
    "normal": lambda p: marginals.normal(*p),
    "lognormal": lambda p: marginals.lognormal(*p),
    "uniform": lambda p: marginals.uniform(*p),
    "triangular": lambda p: marginals.triangular(*p),
}
"""Families that the sampler draws without a quantile function."""

DIVISORS: Mapping[str, float] = {"uniform": sqrt(3), "triangular": sqrt(6), "arcsine": sqrt(2)}
"""Half-width over standard uncertainty (JCGM 100, 4.3)."""


def _by(shape: Shape) -> Marginal:
    return marginals.by_quantile(1, lambda _row, u: shape.quantile(u))
