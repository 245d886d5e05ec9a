"""Families with two known ends: constant, uniform, triangular, trapezoid, curvilinear trapezoid, beta.

Source: JCGM 101:2008, 6.4.2 to 6.4.5; beta and PERT by their definitions.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, gammaincinv, gammaln, xlog1py, xlogy

from factordb.uncertainty.families import Array, Form, Parameters

Bools = NDArray[np.bool_]


def _finite(p: Parameters) -> Bools:
    return np.asarray(np.logical_and.reduce([np.isfinite(one) for one in p]))


def _unit(x: Array, low: Array, high: Array) -> Array:
    """Return the place of x between two ends, 0 at the low and 1 at the high one, cut to that range."""
    return np.asarray(np.clip((x - low) / (high - low), 0.0, 1.0))


def _inside(x: Array, low: Array, high: Array) -> Bools:
    return np.asarray((x >= low) & (x <= high))


def _ends(p: Parameters) -> tuple[Array, Array]:
    return p[0], p[-1]


CONSTANT = Form(
    ("value",),
    _finite,
    lambda p: p[0],
    lambda p: np.zeros_like(p[0]),
    lambda p, u: p[0] + 0.0 * u,
    lambda p, x: np.where(x >= p[0], 1.0, 0.0),
    lambda p, x: np.where(x == p[0], np.inf, 0.0),
    lambda p: (p[0], p[0]),
)

UNIFORM = Form(
    ("low", "high"),
    lambda p: _finite(p) & (p[0] < p[1]),
    lambda p: (p[0] + p[1]) / 2,
    lambda p: (p[1] - p[0]) / np.sqrt(12.0),
    lambda p, u: p[0] + (p[1] - p[0]) * u,
    lambda p, x: _unit(x, p[0], p[1]),
    lambda p, x: np.where(_inside(x, p[0], p[1]), 1 / (p[1] - p[0]), 0.0),
    _ends,
)


def _trapezoid_valid(p: Parameters) -> Bools:
    return _finite(p) & (p[0] <= p[1]) & (p[1] <= p[2]) & (p[2] <= p[3]) & (p[0] < p[3])


def _trapezoid_height(p: Parameters) -> Array:
    a, b, c, d = p
    return np.asarray(2 / (d + c - b - a))


def _trapezoid_moment(p: Parameters) -> tuple[Array, Array]:
    """Return mean and variance, about the low end so that a far trapezoid loses no digits."""
    b, c, d = (one - p[0] for one in p[1:])
    base = d + c - b
    mean = (d * d + d * c + c * c - b * b) / (3 * base)
    square = (d + c) * (d * d + c * c) - b**3
    return p[0] + mean, np.asarray(square / (6 * base) - mean * mean)


def _trapezoid_ppf(p: Parameters, u: Array) -> Array:
    a, b, c, d = p
    h = _trapezoid_height(p)
    rise, fall = (b - a) * h / 2, (d - c) * h / 2
    with np.errstate(invalid="ignore"):
        up = a + np.sqrt(2 * np.minimum(u, rise) * (b - a) / h)
        down = d - np.sqrt(2 * np.minimum(1 - u, fall) * (d - c) / h)
    return np.where(u < rise, up, np.where(1 - u < fall, down, b + (u - rise) / h))


def _trapezoid_cdf(p: Parameters, x: Array) -> Array:
    a, b, c, d = p
    h = _trapezoid_height(p)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = np.where(b > a, h * np.square(np.clip(x, a, b) - a) / (2 * (b - a)), 0.0)
        down = np.where(d > c, h * np.square(d - np.clip(x, c, d)) / (2 * (d - c)), 0.0)
    level = (b - a) * h / 2 + (np.clip(x, b, c) - b) * h
    return np.where(x < b, up, np.where(x <= c, level, 1 - down))


def _trapezoid_pdf(p: Parameters, x: Array) -> Array:
    a, b, c, d = p
    h = _trapezoid_height(p)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = np.where(b > a, (x - a) / (b - a), 1.0)
        down = np.where(d > c, (d - x) / (d - c), 1.0)
    shape = np.where(x < b, up, np.where(x > c, down, 1.0))
    return np.where(_inside(x, a, d), h * shape, 0.0)


TRAPEZOID = Form(
    ("low", "top_low", "top_high", "high"),
    _trapezoid_valid,
    lambda p: _trapezoid_moment(p)[0],
    lambda p: np.sqrt(_trapezoid_moment(p)[1]),
    _trapezoid_ppf,
    _trapezoid_cdf,
    _trapezoid_pdf,
    _ends,
)


def _peaked(p: Parameters) -> Parameters:
    """Return a triangle as the trapezoid whose top is one point."""
    return p[0], p[1], p[1], p[2]


def _triangular_sd(p: Parameters) -> Array:
    left, right = p[1] - p[0], p[2] - p[1]
    return np.asarray(np.sqrt((left * left + left * right + right * right) / 18))


TRIANGULAR = Form(
    ("low", "mode", "high"),
    lambda p: _trapezoid_valid(_peaked(p)),
    lambda p: p[0] + ((p[1] - p[0]) + (p[2] - p[0])) / 3,
    _triangular_sd,
    lambda p, u: _trapezoid_ppf(_peaked(p), u),
    lambda p, x: _trapezoid_cdf(_peaked(p), x),
    lambda p, x: _trapezoid_pdf(_peaked(p), x),
    _ends,
)


def _curved(p: Parameters) -> tuple[Array, Array, Array, Array]:
    """Return centre, distance of the outer and inner ends from it, and the density in the middle."""
    low, high, d = p
    centre, half = (low + high) / 2, (high - low) / 2
    outer, inner = half + d, half - d
    return centre, outer, inner, np.asarray(np.log(outer / inner) / (4 * d))


def _curved_ppf(p: Parameters, u: Array) -> Array:
    centre, outer, inner, density = _curved(p)
    tail = np.minimum(u, 1 - u)
    # beyond x the probability is (outer − x − x ln(outer/x))/4d: with x = outer·e^(−s) the law of gamma(2)
    slope = outer * np.exp(-gammaincinv(2.0, np.minimum(4 * p[2] * tail / outer, 1.0)))
    away = np.where(tail < 0.5 - inner * density, slope, (0.5 - tail) / density)
    return np.asarray(centre - np.sign(0.5 - u) * away)


def _curved_cdf(p: Parameters, x: Array) -> Array:
    centre, outer, inner, density = _curved(p)
    away = np.minimum(np.abs(x - centre), outer)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (outer - away - xlogy(away, outer / away)) / (4 * p[2])
    tail = np.where(away <= inner, 0.5 - away * density, slope)
    return np.where(x < centre, tail, 1 - tail)


def _curved_pdf(p: Parameters, x: Array) -> Array:
    centre, outer, inner, density = _curved(p)
    away = np.abs(x - centre)
    slope = np.log(outer / np.clip(away, inner, outer)) / (4 * p[2])
    return np.where(away <= inner, density, np.where(away < outer, slope, 0.0))


CURVILINEAR_TRAPEZOID = Form(
    ("low", "high", "d"),
    lambda p: _finite(p) & (p[2] > 0) & (2 * p[2] < p[1] - p[0]),
    lambda p: (p[0] + p[1]) / 2,
    lambda p: np.sqrt(np.square(p[1] - p[0]) / 12 + np.square(p[2]) / 9),
    _curved_ppf,
    _curved_cdf,
    _curved_pdf,
    lambda p: (p[0] - p[2], p[1] + p[2]),
)


def _beta_pdf(p: Parameters, x: Array) -> Array:
    low, high, alpha, beta = p
    place = _unit(x, low, high)
    with np.errstate(divide="ignore"):
        log = xlogy(alpha - 1, place) + xlog1py(beta - 1, -place)
    log = log + gammaln(alpha + beta) - gammaln(alpha) - gammaln(beta)
    return np.where(_inside(x, low, high), np.exp(log) / (high - low), 0.0)


def _beta_sd(p: Parameters) -> Array:
    low, high, alpha, beta = p
    total = alpha + beta
    return np.asarray((high - low) * np.sqrt(alpha * beta / (total + 1)) / total)


BETA = Form(
    ("low", "high", "alpha", "beta"),
    lambda p: _finite(p) & (p[0] < p[1]) & (p[2] > 0) & (p[3] > 0),
    lambda p: p[0] + (p[1] - p[0]) * p[2] / (p[2] + p[3]),
    _beta_sd,
    lambda p, u: p[0] + (p[1] - p[0]) * betaincinv(p[2], p[3], u),
    lambda p, x: betainc(p[2], p[3], _unit(x, p[0], p[1])),
    _beta_pdf,
    lambda p: (p[0], p[1]),
)
