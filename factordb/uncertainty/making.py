"""One constructor for each family: columns of parameters in, `Distributions` out; nothing given is changed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from factordb.errors import StatementError
from factordb.uncertainty.distributions import WIDTH, Distributions, Table, of_family
from factordb.uncertainty.families import Family

PERT_WEIGHT = 4.0
"""Weight of the mode against the ends in the usual PERT."""


def constant(value: ArrayLike) -> Distributions:
    """Return numbers known exactly, shape (n,)."""
    return of_family(Family.CONSTANT, value)


def normal(mean: ArrayLike, sd: ArrayLike) -> Distributions:
    """Return normals by mean and standard deviation > 0."""
    return of_family(Family.NORMAL, mean, sd)


def lognormal(mu: ArrayLike, sigma: ArrayLike, shift: ArrayLike = 0.0, sign: ArrayLike = 1.0) -> Distributions:
    """Return shift + sign·exp(N(mu, sigma²)), sigma > 0, sign 1 or −1."""
    return of_family(Family.LOGNORMAL, mu, sigma, shift, sign)


def lognormal_from_cv(mean: ArrayLike, cv: ArrayLike) -> Distributions:
    """Return log-normals with the given arithmetic mean ≠ 0 and coefficient of variation > 0, as a fraction.

    A negative mean gives the mirror image. Source: IPCC 2006 Vol. 1 Ch. 3; sigma² = ln(1 + cv²).
    """
    centre, spread = np.asarray(mean, dtype=np.float64), np.asarray(cv, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.log1p(np.square(spread))
        mu = np.log(np.abs(centre)) - variance / 2
    return of_family(Family.LOGNORMAL, mu, np.where(spread > 0, np.sqrt(variance), np.nan), 0.0, _sign(centre))


def lognormal_from_median(median: ArrayLike, sigma: ArrayLike) -> Distributions:
    """Return log-normals with the given median ≠ 0 and standard deviation of ln |x| > 0."""
    centre = np.asarray(median, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mu = np.log(np.abs(centre))
    return of_family(Family.LOGNORMAL, mu, sigma, 0.0, _sign(centre))


def uniform(low: ArrayLike, high: ArrayLike) -> Distributions:
    """Return rectangular distributions, low < high."""
    return of_family(Family.UNIFORM, low, high)


def triangular(low: ArrayLike, mode: ArrayLike, high: ArrayLike) -> Distributions:
    """Return triangular distributions by their edges (0 and 100 %) and mode, low ≤ mode ≤ high, low < high."""
    return of_family(Family.TRIANGULAR, low, mode, high)


def beta(alpha: ArrayLike, beta_: ArrayLike, low: ArrayLike = 0.0, high: ArrayLike = 1.0) -> Distributions:
    """Return beta distributions with shapes > 0 between two ends."""
    return of_family(Family.BETA, low, high, alpha, beta_)


def pert(low: ArrayLike, mode: ArrayLike, high: ArrayLike, weight: ArrayLike = PERT_WEIGHT) -> Distributions:
    """Return PERT distributions: a beta with alpha = 1 + w(m−a)/(b−a), beta = 1 + w(b−m)/(b−a)."""
    a, m, b, w = (np.asarray(one, dtype=np.float64) for one in (low, mode, high, weight))
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (m - a) / (b - a)
        ordered = (place >= 0) & (place <= 1) & (w > 0)
    return of_family(Family.BETA, a, b, np.where(ordered, 1 + w * place, np.nan), 1 + w * (1 - place))


def trapezoid(low: ArrayLike, top_low: ArrayLike, top_high: ArrayLike, high: ArrayLike) -> Distributions:
    """Return trapezoids by their four corners in ascending order (JCGM 101, 6.4.4, where they are isosceles)."""
    return of_family(Family.TRAPEZOID, low, top_low, top_high, high)


def curvilinear_trapezoid(low: ArrayLike, high: ArrayLike, d: ArrayLike) -> Distributions:
    """Return CTrap(low, high, d): rectangular with ends known within ±d, 0 < 2d < high − low (6.4.3)."""
    return of_family(Family.CURVILINEAR_TRAPEZOID, low, high, d)


def student_t(location: ArrayLike, scale: ArrayLike, dof: ArrayLike) -> Distributions:
    """Return scaled and shifted t distributions (JCGM 101, 6.4.9), scale > 0, dof > 0."""
    return of_family(Family.STUDENT_T, location, scale, dof)


def truncated_normal(mean: ArrayLike, sd: ArrayLike, low: ArrayLike = 0.0, high: ArrayLike = np.inf) -> Distributions:
    """Return normals cut to [low, high], which may be infinite; mean and sd are those before the cut."""
    return of_family(Family.TRUNCATED_NORMAL, mean, sd, low, high)


def gamma(shape: ArrayLike, scale: ArrayLike, shift: ArrayLike = 0.0) -> Distributions:
    """Return gamma distributions above a shift, shape and scale > 0."""
    return of_family(Family.GAMMA, shape, scale, shift)


def weibull(shape: ArrayLike, scale: ArrayLike, shift: ArrayLike = 0.0) -> Distributions:
    """Return Weibull distributions above a shift, shape and scale > 0."""
    return of_family(Family.WEIBULL, shape, scale, shift)


def discrete(points: Sequence[ArrayLike], weights: Sequence[ArrayLike]) -> Distributions:
    """Return discrete distributions: points of each row and weights ≥ 0, which need not add up to one."""
    return _tabled(Family.DISCRETE, [_table(p, w) for p, w in zip(points, weights, strict=True)])


def empirical(samples: Sequence[ArrayLike]) -> Distributions:
    """Return the distributions of measured values themselves, each value alike; one sample a row."""
    return _tabled(Family.EMPIRICAL, [_table(one, np.ones(np.size(one))) for one in samples])


def _tabled(family: Family, tables: list[Table]) -> Distributions:
    parameters = np.zeros((len(tables), WIDTH))
    parameters[:, 0] = np.arange(len(tables))
    return Distributions(np.full(len(tables), family.code, dtype=np.int8), parameters, tuple(tables))


def _table(points: ArrayLike, weights: ArrayLike) -> Table:
    x, w = np.array(points, dtype=np.float64), np.array(weights, dtype=np.float64)
    if (
        x.ndim != 1
        or x.shape != w.shape
        or not x.size
        or not np.all(np.isfinite(x))
        or np.any(w < 0)
        or not w.sum() > 0
    ):
        raise StatementError(
            problem="a table of values is empty, holds a value that is no number, or has negative weights",
            remedy="give one finite value and one weight ≥ 0 for each point",
            problem_zh="取值表为空、含有非有限数，或权重为负",
            remedy_zh="请为每个取值给出一个有限数和一个非负权重",
        )
    order = np.argsort(x, kind="stable")
    share = np.cumsum(w[order])
    return Table(x[order], share / share[-1])


def _sign(centre: ArrayLike) -> ArrayLike:
    return np.where(np.asarray(centre) < 0, -1.0, 1.0)
