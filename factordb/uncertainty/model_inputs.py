"""One input of a model file as the two calculations need it: an estimate with its u, and a quantile function.

For the law of propagation an input is value, u and degrees of freedom; a Type A input of n readings has
u = s/√n with n − 1. For the propagation of distributions it is a distribution; n readings are t_{n−1}, whose
standard deviation is larger (JCGM 101, 6.4.9): that difference is the point of the comparison.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, gamma, inf, log, pi, sqrt

import numpy as np
from scipy.special import betaincinv, gammaincinv, ndtr, ndtri, stdtrit

from factordb.errors import UsageError
from factordb.uncertainty import marginals
from factordb.uncertainty.gum import Estimate
from factordb.uncertainty.marginals import Marginal
from factordb.uncertainty.measured import FloatArray, type_a
from factordb.uncertainty.model_file import Input

Quantile = Callable[[FloatArray], FloatArray]
Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """Mean, standard deviation and quantile function of one distribution; `divisor` is half-width / u."""

    mean: float
    sd: float
    quantile: Quantile
    dof: float = inf
    u: float | None = None
    """Standard uncertainty for the law of propagation, where it is not the standard deviation."""
    divisor: float = 1.0


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
    u = shape.sd if shape.u is None else shape.u
    return Estimate(one.name, shape.mean, u, shape.dof if one.dof is None else one.dof, one.family, shape.divisor)


def marginal_of(one: Input) -> Marginal:
    """Return the input as the propagation of distributions takes it, one row.

    Raises:
        StatementError: readings that have no distribution with a standard deviation (fewer than four, all
            equal).
        UsageError: the parameters are impossible.
    """
    if one.readings:
        location, scale, dof = type_a(one.readings, resolution=one.resolution).student()
        return _by(_student(location, scale, dof))
    shape = shape_of(one)
    if one.family == "normal" and one.dof is not None:
        # a Type B uncertainty with degrees of freedom is a t-distribution too (JCGM 101, 6.4.9.7, note)
        return _by(_student(shape.mean, shape.sd, one.dof))
    return CLOSED[one.family](one.parameters) if one.family in CLOSED else _by(shape.quantile)


def readings_correlation(together: Sequence[Input]) -> FloatArray:
    """Return the correlation matrix of inputs whose readings were taken together (JCGM 100, 5.2.3)."""
    return np.asarray(np.corrcoef(np.array([one.readings for one in together])), dtype=np.float64)


def shape_of(one: Input) -> Shape:
    """Return mean, standard deviation and quantile function of an input that is given by a family.

    Raises:
        UsageError: the parameters are impossible: a negative sd, ends out of order.
    """
    try:
        with np.errstate(all="ignore"):
            shape = SHAPES[one.family](one.parameters)
    except (ValueError, ZeroDivisionError, OverflowError):
        shape = Shape(np.nan, np.nan, np.asarray)
    if not (np.isfinite(shape.mean) and np.isfinite(shape.sd)) or (shape.sd <= 0 and one.family != "constant"):
        given = ", ".join(f"{name} = {value:g}" for name, value in one.parameters.items())
        raise UsageError(
            problem=f"input {one.name}: {one.family} with {given} is impossible or has no standard deviation",
            remedy="give ends in order, positive spreads, and at least 3 degrees of freedom",
            problem_zh=f"输入量 {one.name}:{one.family}({given})不可能成立或没有标准差",
            remedy_zh="请检查上下限次序、离散度是否为正,自由度是否不小于 3",
        )
    return shape


def _constant(given: Parameters) -> Shape:
    return Shape(given["value"], 0.0, lambda u: np.full_like(u, given["value"]))


def _normal(given: Parameters) -> Shape:
    sd = given["sd"] if "sd" in given else given["expanded"] / given["k"]
    return Shape(given["mean"], sd, lambda u: given["mean"] + sd * ndtri(u), divisor=given.get("k", 1.0))


def _lognormal(given: Parameters) -> Shape:
    mu, sigma = _log_parameters(given)
    mean = exp(mu + sigma * sigma / 2)
    sd = mean * sqrt(float(np.expm1(sigma * sigma))) if sigma > 0 else -1.0
    return Shape(mean, sd, lambda u: np.exp(mu + sigma * ndtri(u)))


def _uniform(given: Parameters) -> Shape:
    low, high = _edges(given)
    return Shape((low + high) / 2, (high - low) / sqrt(12), lambda u: low + (high - low) * u, divisor=sqrt(3))


def _triangular(given: Parameters) -> Shape:
    a, m, b = given["low"], given["mode"], given["high"]
    variance = ((b - a) ** 2 - (m - a) * (b - m)) / 18 if a <= m <= b and a < b else -1.0
    split = (m - a) / (b - a)
    return Shape(
        (a + m + b) / 3,
        sqrt(variance),
        lambda u: np.where(u < split, a + np.sqrt(u * (b - a) * (m - a)), b - np.sqrt((1 - u) * (b - a) * (b - m))),
        divisor=sqrt(6),
    )


def _trapezoid(given: Parameters) -> Shape:
    """Return the isosceles trapezoid with top/base = beta (JCGM 101, 6.4.4)."""
    (low, high), beta = _edges(given), given["beta"]
    half, centre = (high - low) / 2, (low + high) / 2
    slope = (1 - beta) / (2 * (1 + beta))  # probability of each sloping side
    if not 0 <= beta <= 1:
        raise ValueError(beta)

    def quantile(u: FloatArray) -> FloatArray:
        tail = np.minimum(u, 1 - u)
        side = np.sqrt(2 * tail * (1 - beta**2)) - 1
        flat = (tail - slope) * (1 + beta) - beta
        return np.asarray(centre + np.sign(0.5 - u) * half * np.where(tail < slope, side, flat), dtype=np.float64)

    return Shape(centre, half * sqrt((1 + beta**2) / 6), quantile)


def _curvilinear(given: Parameters) -> Shape:
    """Return the curvilinear trapezoid CTrap(low, high, d): ends known within ±d (JCGM 101, 6.4.3)."""
    (low, high), d = _edges(given), given["d"]
    half, centre = (high - low) / 2, (low + high) / 2
    if not 0 < d < half:
        raise ValueError(d)
    outer, inner = half + d, half - d
    density = log(outer / inner) / (4 * d)
    tail_at_inner = 0.5 - inner * density

    def quantile(u: FloatArray) -> FloatArray:
        tail = np.minimum(u, 1 - u)
        # the tail beyond x is (c − x − x ln(c/x))/4d with c the outer end: with x = c e^(−s) the law of gamma(2)
        curved = outer * np.exp(-gammaincinv(2.0, np.minimum(4 * d * tail / outer, 1.0)))
        straight = (0.5 - tail) / density
        away = np.where(tail < tail_at_inner, curved, straight)
        return np.asarray(centre - np.sign(0.5 - u) * away, dtype=np.float64)

    return Shape(centre, sqrt((high - low) ** 2 / 12 + d * d / 9), quantile)


def _arcsine(given: Parameters) -> Shape:
    low, high = _edges(given)
    centre, half = (low + high) / 2, (high - low) / 2
    return Shape(centre, half / sqrt(2), lambda u: centre - half * np.cos(pi * u), divisor=sqrt(2))


def _student_shape(given: Parameters) -> Shape:
    location, scale, dof = given["location"], given["scale"], given["degrees"]
    sd = scale * sqrt(dof / (dof - 2))
    return Shape(location, sd, _student(location, scale, dof), dof=dof, u=scale)


def _truncated(given: Parameters) -> Shape:
    mean, sd, low, high = given["mean"], given["sd"], given["low"], given["high"]
    a, b = (low - mean) / sd, (high - mean) / sd
    below, room = float(ndtr(a)), float(ndtr(b) - ndtr(a))
    if room <= 0:
        raise ValueError(room)
    at_a, at_b = (exp(-z * z / 2) / sqrt(2 * pi) for z in (a, b))
    first = (at_a - at_b) / room
    variance = 1 + (a * at_a - b * at_b) / room - first**2
    return Shape(mean + sd * first, sd * sqrt(variance), lambda u: mean + sd * ndtri(below + room * u))


def _pert(given: Parameters) -> Shape:
    low, mode, high = given["low"], given["mode"], given["high"]
    alpha = 1 + 4 * (mode - low) / (high - low)
    return _beta({"low": low, "high": high, "alpha": alpha, "beta": 6 - alpha})


def _beta(given: Parameters) -> Shape:
    (low, high), a, b = _edges(given), given["alpha"], given["beta"]
    width = high - low
    sd = width * sqrt(a * b / (a + b + 1)) / (a + b)
    return Shape(low + width * a / (a + b), sd, lambda u: low + width * betaincinv(a, b, u))


def _gamma(given: Parameters) -> Shape:
    shape, scale = given["shape"], given["scale"]
    return Shape(shape * scale, sqrt(shape) * scale, lambda u: scale * gammaincinv(shape, u))


def _weibull(given: Parameters) -> Shape:
    shape, scale = given["shape"], given["scale"]
    first, second = gamma(1 + 1 / shape), gamma(1 + 2 / shape)
    sd = scale * sqrt(second - first**2)
    return Shape(scale * first, sd, lambda u: scale * (-np.log1p(-u)) ** (1 / shape))


def _exponential(given: Parameters) -> Shape:
    return Shape(given["mean"], given["mean"], lambda u: -given["mean"] * np.log1p(-u))


SHAPES: Mapping[str, Callable[[Parameters], Shape]] = {
    "constant": _constant,
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _triangular,
    "trapezoid": _trapezoid,
    "curvilinear_trapezoid": _curvilinear,
    "arcsine": _arcsine,
    "student": _student_shape,
    "truncated_normal": _truncated,
    "pert": _pert,
    "beta": _beta,
    "gamma": _gamma,
    "weibull": _weibull,
    "exponential": _exponential,
}


CLOSED: Mapping[str, Callable[[Parameters], Marginal]] = {
    "constant": lambda given: marginals.constant(given["value"]),
    "normal": lambda given: marginals.normal(given["mean"], _normal(given).sd),
    "lognormal": lambda given: marginals.lognormal(*_log_parameters(given)),
    "uniform": lambda given: marginals.uniform(*_edges(given)),
    "triangular": lambda given: marginals.triangular(given["low"], given["mode"], given["high"]),
}
"""Families that the sampler draws without a quantile function."""


def _by(quantile: Quantile) -> Marginal:
    return marginals.by_quantile(1, lambda _row, u: quantile(u))


def _student(location: float, scale: float, dof: float) -> Quantile:
    return lambda u: location + scale * stdtrit(dof, u)


def _log_parameters(given: Parameters) -> tuple[float, float]:
    """Return (mean, sd) of ln x from whichever pair is given."""
    if "mu" in given:
        return given["mu"], given["sigma"]
    if "gsd" in given:
        return log(given["median"]), log(given["gsd"])
    variance = float(np.log1p(given["cv"] ** 2))
    return log(given["mean"]) - variance / 2, sqrt(variance)


def _edges(given: Parameters) -> tuple[float, float]:
    if "low" in given:
        return given["low"], given["high"]
    return given["centre"] - given["half_width"], given["centre"] + given["half_width"]
