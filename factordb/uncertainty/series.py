"""Autocorrelated series, such as continuous monitoring: effective number of readings, block bootstrap.

Hourly readings of one stack are not independent: s/√n is far too small. Source: JCGM 100:2008, 4.2.7 (the
warning); Priestley 1981, 5.3 (variance of a mean); Geyer 1992 (where to cut the sum); Künsch 1989, Politis
and Romano 1992 (blocks).
"""

from dataclasses import dataclass
from math import cbrt, ceil, sqrt

import numpy as np
from numpy.typing import ArrayLike

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray, checked_readings, coverage_factor, mean_and_sd

LEAST_READINGS = 8
BLOCK_CELLS = 1 << 16
"""Readings drawn at a time: the memory of the bootstrap does not grow with the number of resamples."""


@dataclass(frozen=True, slots=True)
class SeriesMean:
    """The mean of an autocorrelated series and its uncertainty, in the unit of the readings."""

    n: int
    mean: float
    sd: float
    effective_n: float
    """Number of independent readings that would tell as much about the mean, 1 … n."""
    last_lag: int
    """Largest lag whose coefficient was counted."""

    @property
    def u(self) -> float:
        """Standard uncertainty of the mean, s/√n_eff."""
        return self.sd / sqrt(self.effective_n)

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return mean ± t·u with n_eff − 1 degrees of freedom (at least one)."""
        half = coverage_factor(probability, max(self.effective_n - 1, 1.0)) * self.u
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What the circular block bootstrap says about the mean, in the unit of the readings."""

    mean: float
    u: float
    low: float
    high: float
    probability: float
    block: int
    resamples: int
    seed: int


def series_mean(readings: ArrayLike) -> SeriesMean:
    """Return the mean of a stationary series with its effective number of readings.

    n_eff = n / (1 + 2 Σ (1 − k/n) r_k). The sum stops before the first pair r_{2m} + r_{2m+1} ≤ 0, and pairs
    are not let rise (Geyer's initial monotone sequence), so noise at long lags is left out. Series that
    alternate (negative sum) are given n_eff = n: no credit is taken for them.

    Args:
        readings: shape (n,), n ≥ 8, in the order of time, without gaps.

    Raises:
        StatementError: too few readings, one missing, or all equal.
    """
    values = checked_readings(readings, least=LEAST_READINGS)
    mean, sd = mean_and_sd(values)
    r = _all_autocorrelations(values)
    n = values.size
    even = n - n % 2
    pairs = r[0:even:2] + r[1:even:2]
    stops = np.flatnonzero(pairs <= 0)
    kept = np.minimum.accumulate(pairs[: stops[0] if stops.size else pairs.size])
    lags = 2 * np.arange(kept.size) + 0.5  # the middle of each pair, for the factor 1 − k/n
    total = 2 * float(np.sum(kept * (1 - lags / n))) - 1 if kept.size else 1.0
    effective = n / max(total, 1.0)
    return SeriesMean(n=n, mean=mean, sd=sd, effective_n=max(effective, 1.0), last_lag=max(2 * kept.size - 1, 0))


def block_bootstrap(
    readings: ArrayLike,
    *,
    probability: float = 0.95,
    block: int | None = None,
    resamples: int = 2000,
    seed: int = 1,
) -> Bootstrap:
    """Return the circular block bootstrap of the mean: its standard uncertainty and percentile interval.

    Blocks of neighbours are drawn with replacement, the end joined to the beginning, so that every reading
    is as likely as any other. The random numbers come from a generator of this call alone.

    Args:
        readings: shape (n,), n ≥ 8, in the order of time, without gaps.
        probability: coverage probability, strictly between 0 and 1.
        block: readings per block, 1 … n; without it, twice n/n_eff, at least n^(1/3).
        resamples: number of resamples, ≥ 100.
        seed: same seed, same result.

    Raises:
        StatementError: too few readings or resamples, an impossible block or probability.
    """
    values = checked_readings(readings, least=LEAST_READINGS)
    n = values.size
    length = _block_length(values) if block is None else block
    if not 1 <= length <= n or resamples < 100 or not 0 < probability < 1:  # noqa: PLR2004 - two per tail
        raise StatementError(
            problem=f"blocks of {length} of {n} readings, {resamples} resamples, probability {probability}",
            remedy="choose a block within the series, at least 100 resamples and a probability within (0, 1)",
            problem_zh=f"区块长度 {length}（共 {n} 个读数）、重抽样 {resamples} 次、概率 {probability} 不可行",
            remedy_zh="区块长度不得超过序列长度，重抽样至少 100 次，概率须在 0 与 1 之间",
        )
    centre = float(values.mean())
    means = centre + _block_means(values - centre, length, resamples, seed)
    low, high = np.quantile(means, [(1 - probability) / 2, (1 + probability) / 2])
    return Bootstrap(
        mean=centre,
        u=float(means.std(ddof=1)),
        low=float(low),
        high=float(high),
        probability=probability,
        block=length,
        resamples=resamples,
        seed=seed,
    )


def _all_autocorrelations(values: FloatArray) -> FloatArray:
    """Return the coefficients at lags 0 … n − 1, shape (n,), by Fourier transform."""
    rest = values - values.mean()
    size = 1 << (2 * values.size - 1).bit_length()
    power = np.square(np.abs(np.fft.rfft(rest, size)))
    sums = np.fft.irfft(power, size)[: values.size]
    if sums[0] <= 0:
        raise StatementError(
            problem="all readings of the series are equal",
            remedy="check whether the instrument was stuck, or its resolution",
            problem_zh="序列中所有读数相同",
            remedy_zh="请检查仪器是否卡滞及其分辨力",
        )
    return np.asarray(sums / sums[0], dtype=np.float64)


def _block_length(values: FloatArray) -> int:
    inefficiency = values.size / series_mean(values).effective_n
    return min(values.size, max(ceil(cbrt(values.size)), ceil(2 * inefficiency)))


def _block_means(values: FloatArray, block: int, resamples: int, seed: int) -> FloatArray:
    """Return the means of the resamples, shape (resamples,).

    Only sums of blocks are drawn: a running sum over the joined series gives every block at once. The last
    block of a resample is cut so that each holds exactly n readings.
    """
    n = values.size
    running = np.concatenate([[0.0], np.cumsum(np.concatenate([values, values[:block]]))])
    whole = running[block : block + n] - running[:n]
    rest = n % block
    cut = running[rest : rest + n] - running[:n]
    per_sample = n // block
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    sums = np.zeros(resamples)
    step = max(1, BLOCK_CELLS // (per_sample + 1))
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        picks = rng.integers(0, n, (count, per_sample + 1))
        sums[start : start + count] = whole[picks[:, :-1]].sum(axis=1) + (cut[picks[:, -1]] if rest else 0.0)
    return sums / n
