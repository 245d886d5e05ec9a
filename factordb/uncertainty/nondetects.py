"""Readings below a detection limit: mean, scatter and their uncertainty, by a named method with its limit.

A reading "< L" is not L, nor zero, nor L/2. Four methods, each with the share of non-detects above which it
refuses. Source: Helsel and Cohn 1988 and Helsel 2012 (regression on order statistics, Kaplan–Meier); Cohen
1959 (censored maximum likelihood); US EPA QA/G-9S 2006, guidelines for data with non-detects, and Helsel
2012, chapter 6 (limits).
"""

from dataclasses import dataclass
from itertools import pairwise
from math import exp, nan, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtri

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray, checked_readings, mean_and_sd

Method = Literal["substitution", "kaplan-meier", "ros", "mle"]
BoolArray = NDArray[np.bool_]

LIMITS: tuple[tuple[Method, float], ...] = (
    ("substitution", 0.15),
    ("kaplan-meier", 0.50),
    ("ros", 0.80),
    ("mle", 0.80),
)
"""Largest share of non-detects each method accepts."""
LEAST_DETECTED = 3
MOST_STEPS = 100
CLOSE = 1e-12
HALF_LOG_2PI = 0.9189385332046727


@dataclass(frozen=True, slots=True)
class Censored:
    """What readings with non-detects say; in the unit of the readings."""

    method: Method
    n: int
    nondetects: int
    mean: float
    sd: float
    u_mean: float
    """Standard uncertainty of the mean; NaN where the method gives none."""
    log_mean: float
    """Mean of ln x of the fitted log-normal; NaN for methods that fit none."""
    log_sd: float
    substituted: bool = False
    """True if invented numbers stand for the non-detects: to be shown beside the result."""

    @property
    def share(self) -> float:
        """Share of non-detects, 0 … 1."""
        return self.nondetects / self.n


def substitution(readings: ArrayLike, below: ArrayLike, *, fraction: float = 0.5) -> Censored:
    """Return mean and scatter with every non-detect replaced by a fraction of its limit; flagged.

    Biased in both mean and scatter; kept because old reports used it. Refused above 15 % non-detects.

    Args:
        readings: value, or detection limit where `below`, shape (n,).
        below: True where the reading is a limit, shape (n,).
        fraction: 0 … 1 of the limit to put in its place.

    Raises:
        StatementError: shapes differ, a fraction outside 0 … 1, or too many non-detects.
    """
    values, censored = _checked(readings, below, "substitution", positive=False)
    if not 0 <= fraction <= 1:
        raise StatementError(
            problem=f"a non-detect cannot be {fraction:g} times its limit",
            remedy="give a fraction from 0 to 1",
            problem_zh=f"未检出值不可能是检出限的 {fraction:g} 倍",
            remedy_zh="请给出 0 至 1 之间的比例",
        )
    mean, sd = mean_and_sd(np.where(censored, fraction * values, values))
    u_mean = sd / sqrt(values.size)
    count = int(censored.sum())
    return Censored("substitution", values.size, count, mean, sd, u_mean, nan, nan, substituted=count > 0)


def kaplan_meier(readings: ArrayLike, below: ArrayLike) -> Censored:
    """Return the Kaplan–Meier mean and its uncertainty; no distribution is assumed.

    The readings are turned round (largest first) so that "below" becomes "after". What is left below the
    smallest limit counts as that limit (Efron), which biases the mean upwards. Refused above 50 %.

    Args:
        readings: value, or detection limit where `below`, shape (n,).
        below: True where the reading is a limit, shape (n,).

    Raises:
        StatementError: shapes differ, fewer than three detected, or too many non-detects.
    """
    values, censored = _checked(readings, below, "kaplan-meier", positive=False)
    levels, inverse = np.unique(values, return_inverse=True)
    detected = np.bincount(inverse[~censored], minlength=levels.size).astype(np.float64)
    at_risk = np.cumsum(np.bincount(inverse, minlength=levels.size)).astype(np.float64)
    # P(X < level), from the largest level down: at each, (at risk − detected)/at risk remain below
    remaining = (at_risk - detected) / at_risk
    below_level = np.asarray(np.cumprod(remaining[::-1])[::-1], dtype=np.float64)
    upper = np.append(below_level[1:], 1.0)
    mass = upper - below_level
    mass[0] += below_level[0]
    shifted = levels - levels[-1]
    centre = float(mass @ shifted)
    sd = sqrt(max(float(mass @ np.square(shifted - centre)), 0.0))
    u_mean = sqrt(_greenwood(levels, below_level, detected, at_risk))
    count = int(censored.sum())
    return Censored("kaplan-meier", values.size, count, float(levels[-1]) + centre, sd, u_mean, nan, nan)


def ros(readings: ArrayLike, below: ArrayLike, *, seed: int = 1, resamples: int = 400) -> Censored:
    """Return mean and scatter by robust regression on order statistics, log-normal below the limits.

    A line through ln(detected) against normal scores of their plotting positions predicts the non-detects
    only; the detected readings stand as they are. The uncertainty of the mean is the standard deviation over
    bootstrap resamples (0 gives NaN). Refused above 80 %.

    Args:
        readings: value, or detection limit where `below`, > 0, shape (n,).
        below: True where the reading is a limit, shape (n,).
        seed: of the resampling; same seed, same result.
        resamples: number of bootstrap resamples; those with under three different detected values are
            passed over.

    Raises:
        StatementError: shapes differ, a reading ≤ 0, fewer than three different detected, or too many
            non-detects.

    Source: Helsel and Cohn 1988, equations for plotting positions with several limits.
    """
    values, censored = _checked(readings, below, "ros", positive=True)
    filled, log_mean, log_sd = _ros_fill(values, censored)
    mean, sd = mean_and_sd(filled)
    u_mean = _ros_bootstrap(values, censored, seed, resamples)
    return Censored("ros", values.size, int(censored.sum()), mean, sd, u_mean, log_mean, log_sd)


def mle(readings: ArrayLike, below: ArrayLike) -> Censored:
    """Return mean and scatter of the censored log-normal of greatest likelihood.

    mean = exp(μ + σ²/2), sd = mean·√(exp σ² − 1); u(mean) by the delta method from the observed information.
    Refused above 80 %.

    Args:
        readings: value, or detection limit where `below`, > 0, shape (n,).
        below: True where the reading is a limit, shape (n,).

    Raises:
        StatementError: shapes differ, a reading ≤ 0, fewer than three different detected, or too many
            non-detects.

    Source: Cohen 1959; the likelihood is concave in (μ/σ, 1/σ) (Burridge 1981), so Newton's method finds the
    one maximum.
    """
    values, censored = _checked(readings, below, "mle", positive=True)
    logs = np.log(values)
    shift = float(logs.mean())
    eta, theta, covariance = _mle_newton(logs[~censored] - shift, logs[censored] - shift)
    sigma = 1 / theta
    mu = eta * sigma + shift
    mean = exp(mu + sigma * sigma / 2)
    # ln mean = η/θ + 1/(2θ²) + shift; its gradient in (η, θ)
    gradient = np.array([sigma, -eta * sigma**2 - sigma**3])
    u_mean = mean * sqrt(float(gradient @ covariance @ gradient))
    sd = mean * sqrt(np.expm1(sigma * sigma))
    return Censored("mle", values.size, int(censored.sum()), mean, sd, u_mean, mu, sigma)


def _ros_fill(values: FloatArray, censored: BoolArray) -> tuple[FloatArray, float, float]:
    """Return (readings with predicted non-detects, intercept, slope of the line in ln)."""
    scores = ndtri(_plotting_positions(values, censored))
    x, y = scores[~censored], np.log(values[~censored])
    dx = x - x.mean()
    slope = float(dx @ y) / float(dx @ dx)
    intercept = float(y.mean()) - slope * float(x.mean())
    return np.where(censored, np.exp(intercept + slope * scores), values), intercept, slope


def _plotting_positions(values: FloatArray, censored: BoolArray) -> FloatArray:
    """Return Helsel and Cohn's plotting positions of readings with one or several limits, shape (n,)."""
    limits = np.unique(values[censored])
    detected = values[~censored]
    edges = np.append(limits, np.inf)
    # A_j detected within [limit_j, next limit); B_j readings, detected or not, known to lie below limit_j
    above = np.array([np.sum((detected >= low) & (detected < high)) for low, high in pairwise(edges)])
    under = np.array([np.sum(detected < low) + np.sum(values[censored] <= low) for low in limits])
    exceed = np.zeros(limits.size + 1)
    for place in range(limits.size - 1, -1, -1):
        rest = above[place] + under[place]
        exceed[place] = exceed[place + 1] + (above[place] / rest if rest else 0.0) * (1 - exceed[place + 1])
    positions = np.empty(values.size)
    starts = np.concatenate([[1.0], exceed])  # exceedance of minus infinity, then of every limit
    group = np.searchsorted(limits, values, side="right")
    for place in range(limits.size + 1):
        inside = np.flatnonzero(~censored & (group == place))
        ranks = _ranks(values[inside])
        room = starts[place] - starts[place + 1]
        positions[inside] = (1 - starts[place]) + room * ranks / (inside.size + 1)
    for place, limit in enumerate(limits):
        inside = np.flatnonzero(censored & (values == limit))
        positions[inside] = (1 - exceed[place]) * np.arange(1, inside.size + 1) / (inside.size + 1)
    return positions


def _ranks(values: FloatArray) -> FloatArray:
    ranks = np.empty(values.size)
    ranks[np.argsort(values, kind="stable")] = np.arange(1, values.size + 1)
    return ranks


def _ros_bootstrap(values: FloatArray, censored: BoolArray, seed: int, resamples: int) -> float:
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    means: list[float] = []
    for _ in range(resamples):
        picked = rng.integers(0, values.size, values.size)
        drawn, hidden = values[picked], censored[picked]
        if np.unique(drawn[~hidden]).size >= LEAST_DETECTED:
            means.append(float(_ros_fill(drawn, hidden)[0].mean()))
    return float(np.std(means, ddof=1)) if len(means) > 1 else nan


def _mle_newton(detected: FloatArray, limits: FloatArray) -> tuple[float, float, FloatArray]:
    """Return (η = μ/σ, θ = 1/σ, their covariance) of greatest likelihood, for logarithms."""
    spread = float(detected.std())
    point = np.array([float(detected.mean()) / spread, 1 / spread])
    best = _log_likelihood(point, detected, limits)
    for _ in range(MOST_STEPS):
        gradient, hessian = _derivatives(point, detected, limits)
        step = np.linalg.solve(hessian, gradient)
        scale = 1.0
        while True:
            trial = point - scale * step
            value = _log_likelihood(trial, detected, limits) if trial[1] > 0 else -np.inf
            if value >= best or scale < CLOSE:
                break
            scale /= 2
        settled = float(np.abs(point - trial).max()) <= CLOSE * float(np.abs(point).max())
        if value >= best:
            point, best = trial, value
        if settled or scale < CLOSE:
            break
    information = -_derivatives(point, detected, limits)[1]
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return float(point[0]), float(point[1]), covariance


def _log_likelihood(point: FloatArray, detected: FloatArray, limits: FloatArray) -> float:
    eta, theta = point
    rest = theta * detected - eta
    return float(detected.size * np.log(theta) - 0.5 * rest @ rest + log_ndtr(theta * limits - eta).sum())


def _derivatives(point: FloatArray, detected: FloatArray, limits: FloatArray) -> tuple[FloatArray, FloatArray]:
    eta, theta = point
    rest = theta * detected - eta
    z = theta * limits - eta
    ratio = np.exp(-0.5 * z * z - HALF_LOG_2PI - log_ndtr(z))  # density over probability
    curve = -ratio * (z + ratio)
    gradient = np.array([rest.sum() - ratio.sum(), detected.size / theta - rest @ detected + ratio @ limits])
    cross = float(detected.sum() - curve @ limits)
    hessian = np.array(
        [
            [-detected.size + curve.sum(), cross],
            [cross, -detected.size / theta**2 - detected @ detected + curve @ np.square(limits)],
        ]
    )
    return gradient, hessian


def _greenwood(levels: FloatArray, below_level: FloatArray, detected: FloatArray, at_risk: FloatArray) -> float:
    """Return the variance of the Kaplan–Meier mean, Σ area² d/(r(r − d)) · m/(m − 1)."""
    gaps = np.diff(levels)
    area = np.concatenate([[0.0], np.cumsum(gaps * below_level[1:])])  # area under P(X < t) below a level
    left = at_risk - detected
    used = (detected > 0) & (left > 0)
    variance = float(np.sum(np.square(area[used]) * detected[used] / (at_risk[used] * left[used])))
    total = float(detected.sum())
    return variance * total / (total - 1)


def _checked(readings: ArrayLike, below: ArrayLike, method: Method, *, positive: bool) -> tuple[FloatArray, BoolArray]:
    values = checked_readings(readings, least=LEAST_DETECTED)
    censored = np.asarray(below, dtype=np.bool_).ravel()
    if censored.size != values.size:
        raise StatementError(
            problem=f"{values.size} readings with {censored.size} marks of non-detection",
            remedy="mark every reading as detected or below its limit",
            problem_zh=f"{values.size} 个读数对应 {censored.size} 个检出标记",
            remedy_zh="请逐一注明每个读数是否低于检出限",
        )
    if positive and np.any(values <= 0):
        raise StatementError(
            problem=f"the method {method} is log-normal, but a reading or limit is zero or negative",
            remedy="give detection limits above zero, or use the Kaplan–Meier method",
            problem_zh=f"方法 {method} 以对数正态为前提，但有读数或检出限不大于零",
            remedy_zh="请给出大于零的检出限，或改用 Kaplan–Meier 法",
        )
    _refuse_too_many(values, censored, method)
    return values, censored


def _refuse_too_many(values: FloatArray, censored: BoolArray, method: Method) -> None:
    limit = dict(LIMITS)[method]
    share = float(censored.mean())
    if share > limit:
        raise StatementError(
            problem=f"{share:.0%} of the readings are non-detects; {method} is sound up to {limit:.0%}",
            remedy="report the share above the limit, or use regression on order statistics (ros) up to 80 %",
            problem_zh=f"未检出比例为 {share:.0%}，而 {method} 法仅适用于不超过 {limit:.0%} 的情形",
            remedy_zh="请只报告高于检出限的比例；未检出不超过 80 % 时可用次序统计量回归法（ros）",
        )
    if method != "substitution" and np.unique(values[~censored]).size < LEAST_DETECTED:
        raise StatementError(
            problem=f"fewer than {LEAST_DETECTED} different values were detected",
            remedy="take more readings, or report the limits only",
            problem_zh=f"检出的不同数值少于 {LEAST_DETECTED} 个",
            remedy_zh="请增加测量次数，或只报告检出限",
        )
