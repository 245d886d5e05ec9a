"""Published low, central and high values → a distribution that keeps all three as well as it can.

IPCC tables give a default with the ends of its 95 % interval. A log-normal through the two ends fixes its own
centre; where that misses the published one, another family must serve. Source: IPCC 2006 Guidelines, Vol. 1,
Ch. 3, section 3.2.2.4; Vol. 2, table 1.4 (gas/diesel oil: 74 100, 72 600 to 74 800, skewed to the left).
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray

Centre = Literal["median", "mean"]
CENTRE_TOLERANCE = 0.05
"""A family may miss the centre by this share of the half-width. Ours: an error of 5 % of the half-width is
below what the two digits of most published bounds can say."""
FIXED_POINT_STEPS = 80
LEAST_ABOVE = 1e-12


class Family(IntEnum):
    """Family chosen; its parameters stand in `BoundsFit.parameters`."""

    REFUSED = 0
    LOGNORMAL = 1
    """mean of ln x, standard deviation of ln x."""
    NORMAL = 2
    """mean, standard deviation."""
    TRIANGULAR = 3
    """low edge, mode, high edge; the published bounds are quantiles within the edges."""


@dataclass(frozen=True, slots=True)
class BoundsFit:
    """Distributions of n statements."""

    family: NDArray[np.int8]
    """`Family` of each row, shape (n,)."""
    parameters: FloatArray
    """Shape (n, 3); see `Family`; unused cells are NaN."""
    lognormal_centre_error: FloatArray
    """(centre of the log-normal through the ends − published centre) / half-width; NaN where low ≤ 0."""
    mass_below_zero: FloatArray
    """Probability below zero: to be cut off, and said, for quantities that cannot be negative."""


def fit_bounds(
    low: ArrayLike,
    centre: ArrayLike,
    high: ArrayLike,
    *,
    probability: float = 0.95,
    kind: Centre = "median",
    tolerance: float = CENTRE_TOLERANCE,
) -> BoundsFit:
    """Return a distribution for each published triple (low, centre, high).

    The log-normal through both ends is taken where its centre is right within the tolerance, else the normal
    likewise, else the triangular with the published centre as mode and the ends as quantiles.

    Args:
        low: lower ends, shape (n,), any unit.
        centre: published default values, low ≤ centre ≤ high.
        high: upper ends, > low.
        probability: coverage probability of the ends, 0.95 for IPCC tables.
        kind: whether the published centre is to be compared with the median or the mean.
        tolerance: allowed error of the centre as a share of the half-width.

    Returns:
        Families and parameters; rows whose bounds are missing or out of order are `REFUSED`, as values.

    Raises:
        StatementError: lengths differ, or the probability is not within (0, 1).
    """
    ends = [np.atleast_1d(np.array(part, dtype=np.float64)) for part in (low, centre, high)]
    if len({part.shape for part in ends}) != 1 or not 0 < probability < 1:
        raise StatementError(
            problem="low, centre and high differ in number, or the probability is not within (0, 1)",
            remedy="give three columns of equal length and a probability such as 0.95",
            problem_zh="下限、中心值、上限的个数不同，或概率不在 0 与 1 之间",
            remedy_zh="请给出等长的三列数值，概率可取 0.95",
        )
    a, c, b = ends
    ordered = np.isfinite(a) & np.isfinite(c) & np.isfinite(b) & (a <= c) & (c <= b) & (a < b)
    a, c, b = (np.where(ordered, part, safe) for part, safe in ((a, 1.0), (c, 2.0), (b, 3.0)))
    z = float(ndtri(0.5 + probability / 2))
    half = (b - a) / 2
    mu, sigma, error = _lognormal(a, c, b, z, kind)
    middle = (a + b) / 2
    fits_lognormal = ordered & (np.abs(error) <= tolerance)  # NaN compares false
    fits_normal = ordered & ~fits_lognormal & (np.abs(middle - c) / half <= tolerance)
    triangular = ordered & ~fits_lognormal & ~fits_normal
    left, right = triangular_edges(a, c, b, probability=probability)
    family = np.select([fits_lognormal, fits_normal, triangular], list(Family)[1:], Family.REFUSED)
    parameters = np.full((a.size, 3), np.nan)
    for chosen, columns in (
        (fits_lognormal, (mu, sigma)),
        (fits_normal, (middle, half / z)),
        (triangular, (left, c, right)),
    ):
        for place, column in enumerate(columns):
            parameters[chosen, place] = column[chosen]
    below = np.where(fits_normal, ndtr(-middle * z / half), 0.0)
    below = np.where(triangular, _triangular_below_zero(left, c, right), below)
    return BoundsFit(
        family=family.astype(np.int8),
        parameters=parameters,
        lognormal_centre_error=np.where(ordered, error, np.nan),
        mass_below_zero=np.where(ordered, below, np.nan),
    )


def triangular_edges(
    low: ArrayLike, mode: ArrayLike, high: ArrayLike, *, probability: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the (low, high) edges of triangulars with a given mode and two given quantiles, shape (n,).

    With p = (1 − probability)/2, F(low) = p and F(high) = 1 − p. Tables that give the edges themselves
    (the Swiss inventory's tool) need no such step.

    Args:
        low: quantiles at p, shape (n,).
        mode: modes, low ≤ mode ≤ high.
        high: quantiles at 1 − p, > low.
        probability: coverage probability between the two quantiles.
    """
    a, m, b = (np.asarray(part, dtype=np.float64) for part in (low, mode, high))
    p = (1 - probability) / 2
    below, above = m - a, b - m
    left, right = below + (below + above) / 4, above + (below + above) / 4
    # (left − below)² = p (left + right) left, likewise on the right; the map contracts by about √(p/2)
    for _ in range(FIXED_POINT_STEPS):
        width = left + right
        left, right = below + np.sqrt(p * width * left), above + np.sqrt(p * width * right)
    return m - left, m + right


def _lognormal(
    a: FloatArray, c: FloatArray, b: FloatArray, z: float, kind: Centre
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (mean of ln x, sd of ln x, error of the centre in half-widths); NaN where low ≤ 0."""
    positive = a > 0
    log_a = np.log(np.where(positive, a, np.nan))
    log_b = np.log(np.where(positive, b, np.nan))
    mu, sigma = (log_a + log_b) / 2, (log_b - log_a) / (2 * z)
    at = np.exp(mu + (sigma**2 / 2 if kind == "mean" else 0.0))
    return mu, sigma, (at - c) / ((b - a) / 2)


def _triangular_below_zero(left: FloatArray, mode: FloatArray, right: FloatArray) -> FloatArray:
    """Return F(0) of triangulars."""
    width = right - left
    rising = np.square(np.maximum(-left, 0)) / (width * np.maximum(mode - left, LEAST_ABOVE))
    falling = 1 - np.square(np.maximum(right, 0)) / (width * np.maximum(right - mode, LEAST_ABOVE))
    return np.where(left >= 0, 0.0, np.where(mode >= 0, rising, falling))
