"""Quadrature nodes of distributions: what an expectation over one input is summed from.

Each family has the rule that suits its density: equal steps in z for the normal ones, equal steps in ln x for
gamma and Weibull, a double exponential rule for beta, Gauss-Legendre between the corners of the bounded ones.
"""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np

from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array, Family

Nodes = tuple[Array, Array]
"""Values and probabilities, each of shape (nodes, n); the probabilities of a row add up to one."""

_NORMAL_STEP, _LOGNORMAL_STEP, _REACH = 0.4, 0.2, 8.4
_EDGE = 1e-15
_PIECE, _SMOOTH_PIECE = 24, 64
_LOG_STEPS, _TAIL_STEPS = 96, 128
_DOUBLE_STEP, _DOUBLE_REACH = 0.1, 3.2
_TAIL_EDGE = 1e-12


def nodes_of(family: Family, given: Distributions, finer: int = 1) -> Nodes:
    """Return the nodes of n distributions of one family; `finer` times as many where waves are summed over them."""
    x, w = _RULES[family](given, finer)
    return x, w / summed_over(w)


def summed_over(columns: Array) -> Array:
    """Return sums over the nodes, shape (nodes, n) to (n,), bit for bit the same for a row alone or among others."""
    return np.asarray(np.ascontiguousarray(columns.T).sum(axis=1))


@cache
def _legendre(count: int) -> Nodes:
    """Return Gauss-Legendre nodes and weights on (0, 1), columns."""
    x, w = np.polynomial.legendre.leggauss(count)
    return (x[:, None] + 1) / 2, w[:, None] / 2


def _constant(given: Distributions, _finer: int) -> Nodes:
    return given.parameters[None, :, 0], np.ones((1, len(given)))


def _bells(step: float) -> Nodes:
    z = np.arange(-_REACH, _REACH + step / 2, step)[:, None]
    return z, np.exp(-np.square(z) / 2)


def _normal(given: Distributions, finer: int) -> Nodes:
    z, w = _bells(_NORMAL_STEP / finer)
    mean, sd = given.parameters.T[:2]
    return mean + sd * z, np.broadcast_to(w, (len(w), len(given)))


def _lognormal(given: Distributions, finer: int) -> Nodes:
    z, w = _bells(_LOGNORMAL_STEP / finer)
    mu, sigma, shift, sign = given.parameters.T
    return shift + sign * np.exp(mu + sigma * z), np.broadcast_to(w, (len(w), len(given)))


def _truncated(given: Distributions, finer: int) -> Nodes:
    mean, sd, low, high = given.parameters.T
    t, w = _legendre(_SMOOTH_PIECE * finer)
    first = (np.maximum(given.ppf(_EDGE), low) - mean) / sd
    last = (np.minimum(given.ppf(1 - _EDGE), high) - mean) / sd
    z = first + (last - first) * t
    nearest = np.clip(0.0, first, last)  # weights are relative to the highest density, lest all underflow
    return mean + sd * z, w * np.exp((np.square(nearest) - np.square(z)) / 2)


def _between(corners: list[Array], given: Distributions, count: int) -> Nodes:
    t, w = _legendre(count)
    pieces = [(low + (high - low) * t, (high - low) * w) for low, high in pairwise(corners)]
    x = np.concatenate([piece[0] for piece in pieces])
    weights = np.concatenate([piece[1] for piece in pieces])
    return x, weights * given.pdf(x.T).T


def _uniform(given: Distributions, finer: int) -> Nodes:
    t, w = _legendre(_SMOOTH_PIECE * finer)
    low, high = given.parameters.T[:2]
    return low + (high - low) * t, np.broadcast_to(w, (len(w), len(given)))


def _cornered(corners: int) -> Callable[[Distributions, int], Nodes]:
    return lambda given, finer: _between(list(given.parameters.T[:corners]), given, _PIECE * finer)


def _curved(given: Distributions, finer: int) -> Nodes:
    low, high, d = given.parameters.T[:3]
    return _between([low - d, low + d, high - d, high + d], given, _PIECE * finer)


def _beta(given: Distributions, finer: int) -> Nodes:
    low, high, alpha, beta = given.parameters.T
    step = _DOUBLE_STEP / finer
    t = np.arange(-_DOUBLE_REACH, _DOUBLE_REACH + step / 2, step)[:, None]
    s = np.pi * np.sinh(t)  # place = 1/(1 + e^(−s)); both it and what is missing to one keep their digits
    log_place, log_rest = -np.logaddexp(0.0, -s), -np.logaddexp(0.0, s)
    logs = alpha * log_place + beta * log_rest + np.log(np.cosh(t))
    return low + (high - low) * np.exp(log_place), np.exp(logs - logs.max(axis=0))


def _powered(shape: Array, edges: tuple[Array, Array], finer: int) -> tuple[Array, Array]:
    """Return y and weights of the gamma of unit scale on equal steps of ln y."""
    first, last = np.log(edges[0]), np.log(edges[1])
    s = first + (last - first) * np.linspace(0.0, 1.0, _LOG_STEPS * finer)[:, None]
    logs = shape * s - np.exp(s)
    return np.exp(s), np.exp(logs - logs.max(axis=0))


def _gamma(given: Distributions, finer: int) -> Nodes:
    shape, scale, shift = given.parameters.T[:3]
    edges = (np.maximum((given.ppf(u) - shift) / scale, 1e-300) for u in (_EDGE, 1 - _EDGE))
    y, w = _powered(shape, (next(edges), next(edges)), finer)
    return shift + scale * y, w


def _weibull(given: Distributions, finer: int) -> Nodes:
    shape, scale, shift = given.parameters.T[:3]
    one = np.ones_like(shape)
    v, w = _powered(one, (one * _EDGE, one * -np.log(_EDGE)), finer)
    return shift + scale * np.power(v, 1 / shape), w


def _student(given: Distributions, finer: int) -> Nodes:
    location, scale = given.parameters.T[:2]
    edge = np.arcsinh((given.ppf(1 - _TAIL_EDGE) - location) / scale)
    v = edge * np.linspace(-1.0, 1.0, _TAIL_STEPS * finer + 1)[:, None]
    x = location + scale * np.sinh(v)
    return x, given.pdf(x.T).T * np.cosh(v)


def _table(given: Distributions, _finer: int) -> Nodes:
    tables = [given.tables[int(place)] for place in given.parameters[:, 0]]
    most = max(len(table.points) for table in tables)
    x, w = np.empty((most, len(tables))), np.zeros((most, len(tables)))
    for column, table in enumerate(tables):
        size = len(table.points)
        x[:, column] = table.points[-1]
        x[:size, column], w[:size, column] = table.points, table.weights
    return x, w


_RULES: dict[Family, Callable[[Distributions, int], Nodes]] = {
    Family.CONSTANT: _constant,
    Family.NORMAL: _normal,
    Family.LOGNORMAL: _lognormal,
    Family.UNIFORM: _uniform,
    Family.TRIANGULAR: _cornered(3),
    Family.BETA: _beta,
    Family.TRAPEZOID: _cornered(4),
    Family.CURVILINEAR_TRAPEZOID: _curved,
    Family.STUDENT_T: _student,
    Family.TRUNCATED_NORMAL: _truncated,
    Family.GAMMA: _gamma,
    Family.WEIBULL: _weibull,
    Family.DISCRETE: _table,
    Family.EMPIRICAL: _table,
}
