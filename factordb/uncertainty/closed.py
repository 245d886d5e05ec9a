"""Results without sampling or inversion: single inputs, products of powers of log-normals, sums of normals."""

import numpy as np
from scipy.special import ndtr, ndtri

from factordb.uncertainty.distributions import Distributions, Table
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.intervals import shortest_from_quantiles
from factordb.uncertainty.results import Summary

_STEPS = 30
_SETTLED = 1e-13
_ROOT_2PI = float(np.sqrt(2 * np.pi))

SYMMETRIC = (Family.NORMAL, Family.UNIFORM, Family.STUDENT_T, Family.CURVILINEAR_TRAPEZOID)
"""Families whose probabilistically symmetric interval is a shortest one too."""


def lognormal_summary(mu: Array, sigma: Array, probability: float = 0.95) -> Summary:
    """Return the summaries of exp(N(mu, sigma²)), parameters of shape (n,).

    Source: the shortest interval [e^(μ+σz₁), e^(μ+σz₂)] has equal densities at its ends, hence z₁ + z₂ = −2σ.
    """
    z = float(ndtri(0.5 + probability / 2))
    median = np.exp(mu)
    variance = np.square(sigma)
    mean = median * np.exp(variance / 2)
    up = np.exp(sigma * z)
    half = shortest_half_width(sigma, probability)
    peak = median * np.exp(-variance)
    wide = np.exp(sigma * half)
    return Summary(mean, mean * np.sqrt(np.expm1(variance)), median, median / up, median * up, peak / wide, peak * wide)


def shortest_half_width(sigma: Array, probability: float = 0.95) -> Array:
    """Return h with Φ(h − σ) − Φ(−h − σ) = probability, shape (n,): half the shortest interval in z.

    Each row stops by itself, so that no result depends on the rows beside it.
    """
    z = float(ndtri(0.5 + probability / 2))
    one_sided = float(ndtri(probability))
    half = np.maximum(z + np.square(sigma) / z, 0.0)  # the series of small σ
    half = np.where(sigma < z / 2, half, sigma + one_sided)  # the limit of large σ
    active = np.arange(len(half))
    for _ in range(_STEPS):
        s, h = sigma[active], half[active]
        above, below = h - s, -h - s
        missing = ndtr(above) - ndtr(below) - probability
        slope = (np.exp(-np.square(above) / 2) + np.exp(-np.square(below) / 2)) / _ROOT_2PI
        step = np.clip(missing / np.maximum(slope, 1e-300), -1.0, 1.0)
        half[active] = h - step
        active = active[np.abs(step) > _SETTLED * (1 + h)]
        if not active.size:
            break
    return half


def normal_summary(mean: Array, sd: Array, probability: float = 0.95) -> Summary:
    """Return the summaries of normals, parameters of shape (n,)."""
    half = float(ndtri(0.5 + probability / 2)) * sd
    return Summary(mean, sd, mean, mean - half, mean + half, mean - half, mean + half)


def constant_summary(value: Array) -> Summary:
    """Return the summaries of numbers known exactly."""
    return Summary(value, np.zeros_like(value), value, value, value, value, value)


def single_summary(given: Distributions, probability: float = 0.95) -> Summary:
    """Return the summaries of distributions of any family themselves."""
    summary = Summary.empty(len(given))
    for family, rows in given.groups():
        part = given.take(rows)
        if family is Family.LOGNORMAL:
            mu, sigma, shift, sign = part.parameters.T
            found = lognormal_summary(mu, sigma, probability).affine(sign, shift)
        elif family is Family.CONSTANT:
            found = constant_summary(part.parameters[:, 0])
        else:
            found = _by_quantiles(family, part, probability)
        summary.place(rows, found)
    return summary


def _by_quantiles(family: Family, part: Distributions, probability: float) -> Summary:
    tail = (1 - probability) / 2
    low, median, high = (part.ppf(u) for u in (tail, 0.5, 1 - tail))
    if family in SYMMETRIC:
        short = low, high
    elif family in (Family.DISCRETE, Family.EMPIRICAL):
        ends = [_shortest_of_table(part.tables[int(place)], probability) for place in part.parameters[:, 0]]
        short = np.array([end[0] for end in ends]), np.array([end[1] for end in ends])
    else:
        short = shortest_from_quantiles(part.ppf, len(part), probability)
    return Summary(part.mean(), part.sd(), median, low, high, *short)


def _shortest_of_table(table: Table, probability: float) -> tuple[float, float]:
    """Return the narrowest pair of points that holds the probability; the lowest of several."""
    before = np.concatenate([[0.0], table.cumulative[:-1]])
    last = np.searchsorted(table.cumulative, before + probability * (1 - 1e-12))
    fits = np.flatnonzero(last < len(table.points))
    width = table.points[last[fits]] - table.points[fits]
    first = fits[int(np.argmin(width))]
    return float(table.points[first]), float(table.points[last[first]])
