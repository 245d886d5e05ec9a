"""Tests for outlying readings and laboratories: Grubbs, Cochran, Mandel's h and k.

An outlier is reported, never removed: whoever removes a reading must say why. Critical values are closed
forms (Student's t, the beta distribution), not tables. Source: ISO 5725-2:1994, 7.3; Grubbs and Beck 1972.
"""

from dataclasses import dataclass
from math import asin, comb, pi, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, stdtr, stdtrit

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray, checked_readings, mean_and_sd

Side = Literal["both", "high", "low"]


@dataclass(frozen=True, slots=True)
class OutlierTest:
    """One test: its statistic, its critical values at 5 % and 1 %, and which items it points at."""

    name: str
    statistic: float
    critical_5: float
    critical_1: float
    p_value: float
    """Probability of a statistic at least as extreme; an upper bound (Bonferroni), exact where small."""
    suspects: tuple[int, ...]
    """Positions of the most extreme items, counted from 0, whether or not they are outliers."""
    small_is_extreme: bool = False

    @property
    def verdict(self) -> Literal["outlier", "straggler", "none"]:
        """Outlier beyond the 1 % value, straggler beyond the 5 % value (ISO 5725-2, 7.3.2.1)."""
        if self._beyond(self.critical_1):
            return "outlier"
        return "straggler" if self._beyond(self.critical_5) else "none"

    def _beyond(self, critical: float) -> bool:
        return self.statistic < critical if self.small_is_extreme else self.statistic > critical


def grubbs(readings: ArrayLike, *, side: Side = "both") -> OutlierTest:
    """Return Grubbs' test for one outlier, G = max |x − mean| / s.

    Args:
        readings: shape (n,), n ≥ 3, not all equal.
        side: "both", or only the "high" or "low" end.

    Raises:
        StatementError: fewer than three readings, or all equal.
    """
    values = checked_readings(readings, least=3)
    mean, sd = _scatter(values)
    sign = {"both": 0.0, "high": 1.0, "low": -1.0}[side]
    distance = sign * (values - mean) if sign else np.abs(values - mean)
    suspect = int(distance.argmax())
    statistic = float(distance[suspect]) / sd
    two_sided = side == "both"
    return OutlierTest(
        name="Grubbs",
        statistic=statistic,
        critical_5=grubbs_critical(values.size, 0.05, two_sided=two_sided),
        critical_1=grubbs_critical(values.size, 0.01, two_sided=two_sided),
        p_value=_grubbs_p(statistic, values.size, two_sided=two_sided),
        suspects=(suspect,),
    )


def grubbs_pair(readings: ArrayLike) -> tuple[OutlierTest, OutlierTest]:
    """Return Grubbs' tests for the two largest and the two smallest readings together.

    The statistic is the sum of squares without the pair over the sum of squares with it; small is extreme.
    Two like outliers hide each other from the single test.

    Args:
        readings: shape (n,), n ≥ 4, not all equal.

    Raises:
        StatementError: fewer than four readings, or all equal.

    Source: ISO 5725-2:1994, 7.3.4.
    """
    values = checked_readings(readings, least=4)
    _scatter(values)
    order = np.argsort(values, kind="stable")
    return (
        _pair_test("Grubbs, two largest", values, order[-2:]),
        _pair_test("Grubbs, two smallest", values, order[:2]),
    )


def grubbs_critical(n: int, alpha: float, *, two_sided: bool = True) -> float:
    """Return the critical value of Grubbs' statistic for n readings at significance alpha, dimensionless.

    G = (n−1)/√n · √(t²/(n−2+t²)), t = Student's t_{n−2} at 1 − alpha/(2n) (alpha/n one-sided). ISO 5725-2
    table 5 holds the two-sided values.

    Raises:
        StatementError: n < 3 or alpha not within (0, 1).
    """
    _check_design(n, 3, alpha)
    tail = alpha / (2 * n) if two_sided else alpha / n
    t2 = float(stdtrit(n - 2, tail)) ** 2  # the lower tail: 1 − tail would lose digits
    return (n - 1) / sqrt(n) * sqrt(t2 / (n - 2 + t2))


def grubbs_pair_critical(n: int, alpha: float) -> float:
    """Return a critical value of the pair statistic for n readings, both ends together, dimensionless.

    For a given pair the ratio of sums of squares is Beta((n−3)/2, 1), so P(ratio < c) = c^((n−3)/2). Summed
    over the n(n−1)/2 pairs, with the share f = 1/4 + arcsin(1/(n−1))/2π of directions in which both readings
    of the pair lie on one given side, it bounds the probability: c = (alpha / (2 f n(n−1)/2))^(2/(n−3)).
    The bound never exceeds the exact value; at n = 10 it is about 8 % below the printed one, so the test
    errs on the side of keeping readings.

    Raises:
        StatementError: n < 4 or alpha not within (0, 1).
    """
    _check_design(n, 4, alpha)
    return min(1.0, float((alpha / (2 * _one_side_share(n) * comb(n, 2))) ** (2 / (n - 3))))


def cochran(sds: ArrayLike, n: int) -> OutlierTest:
    """Return Cochran's test of the largest of p standard deviations, C = s_max² / Σ s_i².

    Args:
        sds: standard deviations ≥ 0, shape (p,), p ≥ 2, not all zero.
        n: readings behind each of them, ≥ 2; with unequal numbers take the most common one.

    Raises:
        StatementError: fewer than two laboratories, n < 2, or no scatter at all.

    Source: ISO 5725-2:1994, 7.3.3.
    """
    variances = np.square(checked_readings(sds))
    total = float(variances.sum())
    if total == 0:
        raise _no_scatter()
    suspect = int(variances.argmax())
    share = float(variances[suspect]) / total
    p = variances.size
    a, b = (n - 1) / 2, (p - 1) * (n - 1) / 2
    return OutlierTest(
        name="Cochran",
        statistic=share,
        critical_5=cochran_critical(p, n, 0.05),
        critical_1=cochran_critical(p, n, 0.01),
        p_value=min(1.0, p * float(betainc(b, a, 1 - share))),
        suspects=(suspect,),
    )


def cochran_critical(p: int, n: int, alpha: float) -> float:
    """Return Cochran's critical value for p laboratories of n readings, dimensionless.

    One share s_i²/Σ s² is Beta((n−1)/2, (p−1)(n−1)/2); Bonferroni over the p laboratories. The same as
    1/(1 + (p−1)/F) with F at alpha/p.

    Raises:
        StatementError: p < 2, n < 2 or alpha not within (0, 1).
    """
    _check_design(p, 2, alpha)
    _check_design(n, 2, alpha)
    return 1 - float(betaincinv((p - 1) * (n - 1) / 2, (n - 1) / 2, alpha / p))


def mandel_h(means: ArrayLike) -> FloatArray:
    """Return Mandel's between-laboratory consistency h of p cell means, shape (p,), dimensionless.

    h = (mean_i − mean of means) / standard deviation of the means (ISO 5725-2:1994, 7.3.1).

    Raises:
        StatementError: fewer than three laboratories, or all means equal.
    """
    values = checked_readings(means, least=3)
    centre, sd = _scatter(values)
    return (values - centre) / sd


def mandel_k(sds: ArrayLike) -> FloatArray:
    """Return Mandel's within-laboratory consistency k of p standard deviations, shape (p,), dimensionless.

    k = s_i / √(mean of s²); laboratories have equal numbers of readings (ISO 5725-2:1994, 7.3.1).

    Raises:
        StatementError: fewer than two laboratories, or no scatter at all.
    """
    values = checked_readings(sds)
    mean_square = float(np.square(values).mean())
    if mean_square == 0:
        raise _no_scatter()
    return values / sqrt(mean_square)


def mandel_h_critical(p: int, alpha: float) -> float:
    """Return the two-sided critical value of h for p laboratories, dimensionless.

    h = (p−1)·t / √(p (t² + p − 2)), t = Student's t_{p−2} at 1 − alpha/2.

    Raises:
        StatementError: p < 3 or alpha not within (0, 1).
    """
    _check_design(p, 3, alpha)
    t = -float(stdtrit(p - 2, alpha / 2))
    return (p - 1) * t / sqrt(p * (t * t + p - 2))


def mandel_k_critical(p: int, n: int, alpha: float) -> float:
    """Return the critical value of k for p laboratories of n readings, dimensionless.

    k²/p is Beta((n−1)/2, (p−1)(n−1)/2); the same as √(p/(1 + (p−1)/F)) with F at alpha.

    Raises:
        StatementError: p < 2, n < 2 or alpha not within (0, 1).
    """
    _check_design(p, 2, alpha)
    _check_design(n, 2, alpha)
    return sqrt(p * (1 - float(betaincinv((p - 1) * (n - 1) / 2, (n - 1) / 2, alpha))))


def _pair_test(name: str, values: FloatArray, pair: np.ndarray) -> OutlierTest:
    kept = np.delete(values, pair)
    ratio = _sum_of_squares(kept) / _sum_of_squares(values)
    bound = 2 * _one_side_share(values.size) * comb(values.size, 2)
    return OutlierTest(
        name=name,
        statistic=ratio,
        critical_5=grubbs_pair_critical(values.size, 0.05),
        critical_1=grubbs_pair_critical(values.size, 0.01),
        p_value=min(1.0, bound * ratio ** ((values.size - 3) / 2)),
        suspects=tuple(int(place) for place in pair),
        small_is_extreme=True,
    )


def _one_side_share(n: int) -> float:
    """Return the probability that two readings of n both lie above the mean of the others.

    Their distances from that mean are normal with correlation 1/(n − 1).
    """
    return 0.25 + asin(1 / (n - 1)) / (2 * pi)


def _grubbs_p(statistic: float, n: int, *, two_sided: bool) -> float:
    room = (n - 1) ** 2 / n - statistic**2
    tail = float(stdtr(n - 2, -statistic * sqrt((n - 2) / room))) if room > 0 else 0.0
    return min(1.0, (2 if two_sided else 1) * n * tail)


def _sum_of_squares(values: FloatArray) -> float:
    rest = values - values[0]
    rest = rest - rest.mean()
    return float(rest @ rest)


def _scatter(values: FloatArray) -> tuple[float, float]:
    mean, sd = mean_and_sd(values)
    if sd == 0:
        raise _no_scatter()
    return mean, sd


def _no_scatter() -> StatementError:
    return StatementError(
        problem="the values do not differ, so none of them can be outlying",
        remedy="check the resolution of the instrument",
        problem_zh="各数值完全相同，不存在离群值",
        remedy_zh="请检查仪器分辨力",
    )


def _check_design(count: int, least: int, alpha: float) -> None:
    if count < least or not 0 < alpha < 1:
        raise StatementError(
            problem=f"the test needs at least {least} values and a significance within (0, 1), not {count} and {alpha}",
            remedy="give more readings or laboratories, and a significance such as 0.05",
            problem_zh=f"该检验至少需要 {least} 个数值，显著性水平须在 0 与 1 之间，而不是 {count} 与 {alpha}",
            remedy_zh="请增加读数或实验室，显著性水平可取 0.05",
        )
