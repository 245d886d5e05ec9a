"""Families with at least one open end: normal, log-normal, Student t, truncated normal, gamma, Weibull.

Source: JCGM 101:2008, 6.4.7 to 6.4.11; the others by their definitions.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expm1, gammainc, gammaincinv, gammaln, log1p, ndtr, ndtri, stdtr, stdtrit, xlogy

from factordb.uncertainty.families import Array, Form, Parameters

Bools = NDArray[np.bool_]
_ROOT_2PI = np.sqrt(2 * np.pi)
# With one degree of freedom a t has no mean, with two no standard deviation.
_DOF_OF_MEAN, _DOF_OF_SD = 1.0, 2.0


def _finite(p: Parameters) -> Bools:
    return np.asarray(np.logical_and.reduce([np.isfinite(one) for one in p]))


def _everywhere(p: Parameters) -> tuple[Array, Array]:
    return np.full_like(p[0], -np.inf), np.full_like(p[0], np.inf)


def _bell(z: Array) -> Array:
    return np.asarray(np.exp(-np.square(z) / 2) / _ROOT_2PI)


NORMAL = Form(
    ("mean", "sd"),
    lambda p: _finite(p) & (p[1] > 0),
    lambda p: p[0],
    lambda p: p[1],
    lambda p, u: p[0] + p[1] * ndtri(u),
    lambda p, x: ndtr((x - p[0]) / p[1]),
    lambda p, x: _bell((x - p[0]) / p[1]) / p[1],
    _everywhere,
)


def _log_z(p: Parameters, x: Array) -> Array:
    """Return (ln(sign·(x − shift)) − mu)/sigma, −inf outside the support."""
    mu, sigma, shift, sign = p
    with np.errstate(divide="ignore"):
        return np.asarray((np.log(np.maximum(sign * (x - shift), 0.0)) - mu) / sigma)


def _log_cdf(p: Parameters, x: Array) -> Array:
    z = _log_z(p, x)
    return np.asarray(ndtr(p[3] * z))  # of a negative one the large values are near the shift


def _log_pdf(p: Parameters, x: Array) -> Array:
    size = p[3] * (x - p[2])
    safe = np.where(size > 0, size, 1.0)
    return np.where(size > 0, _bell(_log_z(p, x)) / (p[1] * safe), 0.0)


def _log_support(p: Parameters) -> tuple[Array, Array]:
    return np.where(p[3] > 0, p[2], -np.inf), np.where(p[3] > 0, np.inf, p[2])


LOGNORMAL = Form(
    ("mu", "sigma", "shift", "sign"),
    lambda p: _finite(p) & (p[1] > 0) & (np.abs(p[3]) == 1),
    lambda p: p[2] + p[3] * np.exp(p[0] + np.square(p[1]) / 2),
    lambda p: np.exp(p[0] + np.square(p[1]) / 2) * np.sqrt(np.expm1(np.square(p[1]))),
    lambda p, u: p[2] + p[3] * np.exp(p[0] + p[1] * p[3] * ndtri(u)),
    _log_cdf,
    _log_pdf,
    _log_support,
)


def _student_sd(p: Parameters) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = p[1] * np.sqrt(p[2] / (p[2] - _DOF_OF_SD))
    return np.where(p[2] > _DOF_OF_SD, sd, np.inf)


def _student_pdf(p: Parameters, x: Array) -> Array:
    z, dof = (x - p[0]) / p[1], p[2]
    log = gammaln((dof + 1) / 2) - gammaln(dof / 2) - (dof + 1) / 2 * log1p(z * z / dof)
    return np.asarray(np.exp(log) / (np.sqrt(dof * np.pi) * p[1]))


def _student_ppf(p: Parameters, u: Array) -> Array:
    tail = stdtrit(p[2], np.minimum(u, 1 - u))  # from the lower tail, so that both sides are mirror images
    return np.asarray(p[0] + p[1] * np.sign(0.5 - u) * tail)


STUDENT_T = Form(
    ("location", "scale", "dof"),
    lambda p: _finite(p) & (p[1] > 0) & (p[2] > 0),
    lambda p: np.where(p[2] > _DOF_OF_MEAN, p[0], np.nan),
    _student_sd,
    _student_ppf,
    lambda p, x: stdtr(p[2], (x - p[0]) / p[1]),
    _student_pdf,
    _everywhere,
)


def _cut(p: Parameters) -> tuple[Array, Array, Array, Array]:
    """Return the ends in standard units, the mass between them, and −1 where all is mirrored.

    Where both ends lie in the upper tail they are mirrored, so that no mass is a difference from one.
    """
    a, b = (p[2] - p[0]) / p[1], (p[3] - p[0]) / p[1]
    sign = np.where(a > 0, -1.0, 1.0)
    low, high = np.where(a > 0, -b, a), np.where(a > 0, -a, b)
    return low, high, np.asarray(ndtr(high) - ndtr(low)), sign


def _cut_moments(p: Parameters) -> tuple[Array, Array]:
    low, high, mass, sign = _cut(p)
    at_low, at_high = _bell(low), _bell(high)
    with np.errstate(invalid="ignore", divide="ignore"):
        first = (at_low - at_high) / mass
        edge = np.where(np.isfinite(low), low, 0.0) * at_low - np.where(np.isfinite(high), high, 0.0) * at_high
        variance = 1 + edge / mass - first * first
    return np.asarray(p[0] + p[1] * sign * first), np.asarray(np.square(p[1]) * np.maximum(variance, 0.0))


def _cut_ppf(p: Parameters, u: Array) -> Array:
    low, _, mass, sign = _cut(p)
    share = np.where(sign > 0, u, 1 - u)
    x = p[0] + p[1] * sign * ndtri(ndtr(low) + share * mass)
    return np.asarray(np.clip(x, p[2], p[3]))


def _cut_cdf(p: Parameters, x: Array) -> Array:
    low, high, mass, sign = _cut(p)
    z = np.clip(sign * (x - p[0]) / p[1], low, high)
    share = (ndtr(z) - ndtr(low)) / mass
    return np.asarray(np.where(sign > 0, share, 1 - share))


TRUNCATED_NORMAL = Form(
    ("mean", "sd", "low", "high"),
    lambda p: np.isfinite(p[0]) & np.isfinite(p[1]) & (p[1] > 0) & (p[2] < p[3]) & (_cut(p)[2] > 0),
    lambda p: _cut_moments(p)[0],
    lambda p: np.sqrt(_cut_moments(p)[1]),
    _cut_ppf,
    _cut_cdf,
    lambda p, x: np.where((x >= p[2]) & (x <= p[3]), _bell((x - p[0]) / p[1]) / (p[1] * _cut(p)[2]), 0.0),
    lambda p: (p[2], p[3]),
)


def _above(p: Parameters, x: Array) -> Array:
    """Return the distance above the shift in units of the scale, 0 below it."""
    return np.asarray(np.maximum(x - p[2], 0.0) / p[1])


def _half_line(p: Parameters) -> tuple[Array, Array]:
    return p[2], np.full_like(p[2], np.inf)


def _gamma_pdf(p: Parameters, x: Array) -> Array:
    y = _above(p, x)
    with np.errstate(divide="ignore"):
        density = np.exp(xlogy(p[0] - 1, y) - y - gammaln(p[0])) / p[1]
    return np.where(x >= p[2], density, 0.0)


GAMMA = Form(
    ("shape", "scale", "shift"),
    lambda p: _finite(p) & (p[0] > 0) & (p[1] > 0),
    lambda p: p[2] + p[0] * p[1],
    lambda p: np.sqrt(p[0]) * p[1],
    lambda p, u: p[2] + p[1] * gammaincinv(p[0], u),
    lambda p, x: gammainc(p[0], _above(p, x)),
    _gamma_pdf,
    _half_line,
)


def _weibull_sd(p: Parameters) -> Array:
    # (Γ(1+2/k)/Γ(1+1/k)² − 1) from logarithms, which does not cancel for large k
    spread = expm1(gammaln(1 + 2 / p[0]) - 2 * gammaln(1 + 1 / p[0]))
    return np.asarray(p[1] * np.exp(gammaln(1 + 1 / p[0])) * np.sqrt(spread))


def _weibull_pdf(p: Parameters, x: Array) -> Array:
    y = _above(p, x)
    with np.errstate(divide="ignore"):
        density = p[0] / p[1] * np.exp(xlogy(p[0] - 1, y) - np.power(y, p[0]))
    return np.where(x >= p[2], density, 0.0)


WEIBULL = Form(
    ("shape", "scale", "shift"),
    lambda p: _finite(p) & (p[0] > 0) & (p[1] > 0),
    lambda p: p[2] + p[1] * np.exp(gammaln(1 + 1 / p[0])),
    _weibull_sd,
    lambda p, u: p[2] + p[1] * np.power(-log1p(-u), 1 / p[0]),
    lambda p, x: -expm1(-np.power(_above(p, x), p[0])),
    _weibull_pdf,
    _half_line,
)
