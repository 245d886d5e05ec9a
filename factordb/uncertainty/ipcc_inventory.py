"""IPCC approach 2: Monte Carlo of an inventory and its trend, until the ends of the interval have settled.

Each emission is its published value times a relative activity error times a relative factor error. An error
that is correlated between years is drawn once for both. Source: IPCC 2006 Guidelines, Vol. 1, Ch. 3, section
3.2.3.2; the rule of settled ends there ("about ±1 %") is made exact: see `approach_2`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from factordb.errors import StatementError
from factordb.uncertainty.ipcc import PERCENT_PER_CV, Inventory
from factordb.uncertainty.measured import FloatArray

Shape = Literal["lognormal", "normal"]
BATCH = 10_000
LEAST_BATCHES = 10
MOST_BATCHES = 400
LARGEST_NORMAL_U = 60.0
"""Above, a normal quantity would be negative too often (0.04 % at 60 %): log-normal is taken instead."""


@dataclass(frozen=True, slots=True)
class Approach2:
    """What the simulation says; totals in the unit of the emissions, the trend in per cent."""

    total: float
    """Mean of the total of year t."""
    total_low: float
    total_high: float
    base_total: float
    """Mean of the total of the base year."""
    base_low: float
    base_high: float
    trend: float
    """Mean change from the base year to year t, in per cent of the base year."""
    trend_low: float
    trend_high: float
    share: FloatArray
    """Share of each category in the variance of the total of year t, shape (m,), sum 1."""
    probability: float
    trials: int
    end_error: float
    """Largest standard error of an end, as a share of its interval's half-width."""
    settled: bool
    """True if `end_error` reached the tolerance; False if the trials ran out first."""
    seed: int


def approach_2(
    emissions: Inventory,
    *,
    probability: float = 0.95,
    shape: Shape = "lognormal",
    tolerance: float = 0.01,
    seed: int = 1,
    most_batches: int = MOST_BATCHES,
) -> Approach2:
    """Return approach 2 for an inventory: intervals of both totals and of the trend.

    Batches of 10,000 trials are added, ten at least, until the standard error of each end over the batches is
    below the tolerance times the half-width of its interval. The ends are the means of the batches' ends.

    Args:
        emissions: see `factordb.uncertainty.ipcc.inventory`.
        probability: coverage probability, strictly between 0 and 1.
        shape: family of the relative errors, mean 1 and sd U/200; "normal" is kept up to U = 60 %, above it
            log-normal is taken, since emissions do not change their sign.
        tolerance: allowed standard error of an end as a share of the half-width; 0.01 for the ±1 % rule.
        seed: same seed, same result.
        most_batches: where to stop at the latest, ≥ 10.

    Raises:
        StatementError: probability or tolerance out of range.
    """
    if not 0 < probability < 1 or not tolerance > 0 or most_batches < LEAST_BATCHES:
        raise StatementError(
            problem=f"probability {probability}, tolerance {tolerance}, {most_batches} batches cannot be used",
            remedy=f"give a probability within (0, 1), a tolerance above 0, at least {LEAST_BATCHES} batches",
            problem_zh=f"概率 {probability}、容差 {tolerance}、{most_batches} 批无法使用",
            remedy_zh=f"概率须在 0 与 1 之间，容差须大于 0，批数至少为 {LEAST_BATCHES}",
        )
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    levels = np.array([(1 - probability) / 2, (1 + probability) / 2])
    ends: list[FloatArray] = []
    means: list[FloatArray] = []
    while len(ends) < most_batches:
        totals = _simulate(emissions, shape, rng)
        ends.append(np.quantile(totals, levels, axis=1).T)  # (3 quantities, 2 ends)
        means.append(totals.mean(axis=1))
        if len(ends) >= LEAST_BATCHES and _end_error(ends) <= tolerance:
            break
    interval = np.mean(ends, axis=0)
    mean = np.mean(means, axis=0)
    error = _end_error(ends)
    return Approach2(
        base_total=float(mean[0]),
        base_low=float(interval[0, 0]),
        base_high=float(interval[0, 1]),
        total=float(mean[1]),
        total_low=float(interval[1, 0]),
        total_high=float(interval[1, 1]),
        trend=float(mean[2]),
        trend_low=float(interval[2, 0]),
        trend_high=float(interval[2, 1]),
        share=_shares(emissions),
        probability=probability,
        trials=BATCH * len(ends),
        end_error=error,
        settled=error <= tolerance,
        seed=seed,
    )


def _simulate(emissions: Inventory, shape: Shape, rng: np.random.Generator) -> FloatArray:
    """Return one batch of (base total, total, trend in per cent), shape (3, BATCH).

    Categories are added one at a time: memory does not grow with their number.
    """
    base, year = np.zeros(BATCH), np.zeros(BATCH)
    for place in range(emissions.base.size):
        factor = _pair(emissions.factor_u[place], emissions.factor_correlated[place], shape, rng)
        activity = _pair(emissions.activity_u[place], emissions.activity_correlated[place], shape, rng)
        base += emissions.base[place] * factor[0] * activity[0]
        year += emissions.year[place] * factor[1] * activity[1]
    return np.stack([base, year, 100 * (year - base) / base])


def _pair(u: np.float64, correlated: np.bool_, shape: Shape, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Return the relative errors of both years, mean 1; the same array where they are correlated."""
    first = _relative(float(u), shape, rng)
    return (first, first) if correlated else (first, _relative(float(u), shape, rng))


def _relative(u: float, shape: Shape, rng: np.random.Generator) -> FloatArray:
    cv = u / PERCENT_PER_CV
    normal = rng.standard_normal(BATCH)
    if shape == "normal" and u <= LARGEST_NORMAL_U:
        return np.asarray(1 + cv * normal, dtype=np.float64)
    variance = np.log1p(cv * cv)
    return np.asarray(np.exp(np.sqrt(variance) * normal - variance / 2), dtype=np.float64)


def _end_error(ends: list[FloatArray]) -> float:
    """Return the largest standard error of the mean end, in half-widths; 0 where an interval has no width."""
    batches = np.array(ends)
    middle = batches.mean(axis=0)
    half = (middle[:, 1] - middle[:, 0]) / 2
    errors = batches.std(axis=0, ddof=1).max(axis=1) / np.sqrt(len(ends))
    wide: NDArray[np.bool_] = half > 0
    return float((errors[wide] / half[wide]).max()) if wide.any() else 0.0


def _shares(emissions: Inventory) -> FloatArray:
    """Return each category's share in the variance of the total of year t: exact, not sampled."""
    squares = (1 + np.square(emissions.activity_u / PERCENT_PER_CV)) * (
        1 + np.square(emissions.factor_u / PERCENT_PER_CV)
    ) - 1
    variances = np.square(emissions.year) * squares
    total = float(variances.sum())
    return variances / total if total > 0 else np.zeros_like(variances)
