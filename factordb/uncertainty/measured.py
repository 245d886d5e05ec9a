"""Type A evaluation of repeated readings: mean, standard deviation, Student's distribution.

Source: JCGM 100:2008, 4.2 and Annex G; JCGM 101:2008, 6.4.9. The arithmetic is proven on the NIST StRD
univariate sets: sums are taken of deviations from a reading, never of squares of readings.
"""

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from factordb.errors import StatementError

FloatArray = NDArray[np.float64]

LEAST_FOR_SD = 4
"""The scaled and shifted t-distribution of n readings has a standard deviation only for n > 3."""


@dataclass(frozen=True, slots=True)
class TypeA:
    """What n independent readings say about their mean; all in the unit of the readings."""

    n: int
    mean: float
    sd: float
    """Experimental standard deviation s of one reading (divisor n − 1)."""
    autocorrelation: float
    """Coefficient at lag 1 in the order given; NaN if all readings are equal."""

    @property
    def dof(self) -> int:
        """Degrees of freedom, n − 1."""
        return self.n - 1

    @property
    def u(self) -> float:
        """Standard uncertainty of the mean, s/√n (JCGM 100, 4.2.3)."""
        return self.sd / sqrt(self.n)

    @property
    def distribution_sd(self) -> float:
        """Standard deviation of t_{n−1}(mean, s²/n), (s/√n)·√((n−1)/(n−3)); infinite for n ≤ 3."""
        if self.n < LEAST_FOR_SD:
            return inf
        return self.u * sqrt((self.n - 1) / (self.n - 3))

    @property
    def resolved(self) -> bool:
        """False if all readings are equal: the step of the instrument then hid the scatter."""
        return self.sd > 0

    def interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return the coverage interval of the mean, mean ± t·s/√n (JCGM 100, G.3)."""
        half = coverage_factor(probability, self.dof) * self.u
        return self.mean - half, self.mean + half

    def prediction_interval(self, probability: float = 0.95) -> tuple[float, float]:
        """Return the interval of one further reading, mean ± t·s·√(1 + 1/n)."""
        half = coverage_factor(probability, self.dof) * self.sd * sqrt(1 + 1 / self.n)
        return self.mean - half, self.mean + half

    def student(self) -> tuple[float, float, float]:
        """Return (location, scale, degrees of freedom) of the mean's distribution, t_{n−1}(mean, s²/n).

        Raises:
            StatementError: all readings are equal, or n ≤ 3 (no finite standard deviation; report the
                interval instead).
        """
        if not self.resolved:
            raise StatementError(
                problem="all readings are equal, so their scatter lies below the instrument's resolution",
                remedy="state the resolution d and use a rectangular distribution of half-width d/2",
                problem_zh="所有读数相同，离散性小于仪器分辨力",
                remedy_zh="请给出分辨力 d，并采用半宽为 d/2 的均匀分布",
            )
        if self.n < LEAST_FOR_SD:
            raise StatementError(
                problem=f"{self.n} readings give a t-distribution without a finite standard deviation",
                remedy="take at least 4 readings, pool like samples, or report the interval only",
                problem_zh=f"{self.n} 个读数对应的 t 分布没有有限的标准差",
                remedy_zh="请至少取 4 个读数，或合并同类样品的离散度，或只报告包含区间",
            )
        return self.mean, self.u, float(self.dof)


def type_a(readings: ArrayLike, *, resolution: float | None = None) -> TypeA:
    """Return the Type A evaluation of independent readings, in their own unit.

    Args:
        readings: shape (n,), n ≥ 2, finite; not changed.
        resolution: step of the last digit, if known; see `mean_and_sd`.

    Raises:
        StatementError: fewer than two readings, or one that is not finite.

    Source: JCGM 100:2008, 4.2.
    """
    values = checked_readings(readings)
    mean, sd = mean_and_sd(values, resolution=resolution)
    lag1 = float(autocorrelation(values, 1)[1]) if sd > 0 else nan
    return TypeA(n=values.size, mean=mean, sd=sd, autocorrelation=lag1)


def mean_and_sd(readings: ArrayLike, *, resolution: float | None = None) -> tuple[float, float]:
    """Return (mean, standard deviation with divisor n − 1), in the unit of the readings.

    Two passes: the first reading is subtracted, then the mean of the differences; the squares are corrected
    by what is left of their sum. With `resolution` d, the differences are read as whole numbers of d, which
    undoes the rounding of decimal readings to binary: NIST's NumAcc4 keeps 8 digits without it, all with it.

    Args:
        readings: shape (n,), n ≥ 2.
        resolution: step d of which every difference of readings is a multiple, > 0.

    Raises:
        StatementError: too few readings, one not finite, or a difference that is no multiple of d.

    Source: NIST StRD, univariate summary statistics; Chan, Golub, LeVeque 1983 (corrected two-pass).
    """
    values = checked_readings(readings)
    shift = float(values[0])
    differences = values - shift
    unit = 1.0
    if resolution is not None:
        differences = _whole_steps(differences, resolution, scale=float(np.abs(values).max()))
        unit = resolution
    centre = float(differences.mean())
    rest = differences - centre
    squares = float(rest @ rest) - float(rest.sum()) ** 2 / values.size
    return shift + unit * centre, unit * sqrt(max(squares, 0.0) / (values.size - 1))


def autocorrelation(readings: ArrayLike, max_lag: int) -> FloatArray:
    """Return the autocorrelation coefficients at lags 0 … max_lag, shape (max_lag + 1,), dimensionless.

    r_k = Σ (x_t − m)(x_{t+k} − m) / Σ (x_t − m)², the form certified by NIST StRD at lag 1.

    Args:
        readings: shape (n,), in the order taken.
        max_lag: 0 … n − 1.

    Raises:
        StatementError: too few readings, or all equal.
    """
    values = checked_readings(readings)
    differences = values - values[0]
    rest = differences - differences.mean()
    total = float(rest @ rest)
    if total == 0:
        raise StatementError(
            problem="all readings are equal, so they have no autocorrelation",
            remedy="check the resolution of the instrument",
            problem_zh="所有读数相同，无法计算自相关系数",
            remedy_zh="请检查仪器分辨力",
        )
    lags = range(min(max_lag, values.size - 1) + 1)
    return np.array([float(rest[: values.size - k] @ rest[k:]) / total for k in lags])


def pooled_sd(sds: ArrayLike, counts: ArrayLike) -> tuple[float, int]:
    """Return (pooled standard deviation, its degrees of freedom) of several samples, in their unit.

    s_p² = Σ (n_i − 1) s_i² / Σ (n_i − 1) (JCGM 100:2008, 4.2.4).

    Args:
        sds: standard deviations s_i ≥ 0, shape (k,).
        counts: numbers of readings n_i ≥ 1, shape (k,).

    Raises:
        StatementError: no sample has two readings.
    """
    weights = np.asarray(counts, dtype=np.float64) - 1
    dof = int(weights.sum())
    if dof < 1:
        raise StatementError(
            problem="no sample has two readings, so there is no scatter to pool",
            remedy="repeat at least one measurement",
            problem_zh="没有任何样品具有两个以上读数，无法合并离散度",
            remedy_zh="请至少重复一次测量",
        )
    return sqrt(float(weights @ np.square(np.asarray(sds, dtype=np.float64))) / dof), dof


def coverage_factor(probability: float, dof: float = inf) -> float:
    """Return the two-sided coverage factor, Student's t at (1 + p)/2; the normal one for infinite dof.

    Args:
        probability: coverage probability, strictly between 0 and 1.
        dof: degrees of freedom > 0, or infinity.

    Raises:
        StatementError: probability or dof out of range.

    Source: JCGM 100:2008, Table G.2.
    """
    if not 0 < probability < 1 or not dof > 0:
        raise StatementError(
            problem=f"coverage probability {probability} with {dof} degrees of freedom is impossible",
            remedy="give a probability between 0 and 1, such as 0.95, and at least one degree of freedom",
            problem_zh=f"包含概率 {probability}、自由度 {dof} 不可能成立",
            remedy_zh="概率应在 0 与 1 之间（如 0.95），自由度至少为 1",
        )
    upper = 0.5 * (1 + probability)
    return float(ndtri(upper) if np.isinf(dof) else stdtrit(dof, upper))


def checked_readings(readings: ArrayLike, *, least: int = 2) -> FloatArray:
    """Return the readings as a flat array of finite numbers, shape (n,), n ≥ `least`.

    Raises:
        StatementError: too few readings, or some not finite; names their positions, counted from 1.
    """
    values = np.asarray(readings, dtype=np.float64).ravel()
    if values.size < least:
        raise StatementError(
            problem=f"{values.size} readings were given, {least} are needed",
            remedy="give more readings, or state the uncertainty by another means (Type B)",
            problem_zh=f"只给出 {values.size} 个读数，至少需要 {least} 个",
            remedy_zh="请补充读数，或以其他方式（B 类评定）说明不确定度",
        )
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        places = ", ".join(str(place + 1) for place in bad[:5])
        raise StatementError(
            problem=f"readings no. {places} are missing or not finite",
            remedy="mark readings below the detection limit as such, and leave out what was not measured",
            problem_zh=f"第 {places} 个读数缺失或不是有限数",
            remedy_zh="低于检出限的读数请注明，未测量的请删去",
        )
    return values


def _whole_steps(differences: FloatArray, resolution: float, *, scale: float) -> FloatArray:
    """Return the differences in steps of the resolution, as whole numbers."""
    steps = np.rint(differences / resolution) if resolution > 0 else differences
    # a decimal reading is off by half a unit in its last binary place, a difference by twice that
    allowed = 2 * np.spacing(scale) + 1e-9 * abs(resolution)
    if resolution <= 0 or np.any(np.abs(differences - steps * resolution) > allowed):
        raise StatementError(
            problem=f"the readings do not differ by whole multiples of the resolution {resolution:g}",
            remedy="give the step of the last digit, or leave the resolution out",
            problem_zh=f"读数之差不是分辨力 {resolution:g} 的整数倍",
            remedy_zh="请给出末位步长，或不填分辨力",
        )
    return steps
