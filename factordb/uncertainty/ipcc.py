"""IPCC approach 1: propagation of percentages, the table of trend uncertainties, asymmetric intervals.

U is half of the 95 % interval in per cent of the value, so that standard deviation / mean = U/200.
Source: IPCC 2006 Guidelines, Vol. 1, Ch. 3 (equations 3.1 to 3.4, table 3.2), and its 2019 Refinement.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray

PERCENT_PER_CV = 200.0
"""The guidelines set 95 % = 2 standard deviations."""
SMALL_U = 100.0
LARGEST_CORRECTED_U = 230.0
NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Inventory:
    """Emissions of m categories in the base year and in year t, with their uncertainties in per cent.

    Emissions in one unit of CO2e, shape (m,); negative for removals. U of activity data and of the emission
    factor: half of the 95 % interval, ≥ 0, shape (m,).
    """

    categories: tuple[str, ...]
    base: FloatArray
    year: FloatArray
    activity_u: FloatArray
    factor_u: FloatArray
    factor_correlated: NDArray[np.bool_]
    """True where the same emission factor serves both years: its error then is the same in both."""
    activity_correlated: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrendTable:
    """Table 3.2 row by row (letters of its columns) and in total; all but `contribution` in per cent."""

    combined_u: FloatArray
    """G: uncertainty of each category, shape (m,)."""
    contribution: FloatArray
    """H: (G·D)²/(ΣD)², in per cent squared; sums to the square of `total_u`."""
    type_a: FloatArray
    """I: change of the trend, in percentage points, if both years of the category rise by 1 %."""
    type_b: FloatArray
    """J: change of the trend if only year t of the category rises by 1 %, as a fraction."""
    factor_trend: FloatArray
    """K: part of the emission factor in the trend's uncertainty."""
    activity_trend: FloatArray
    """L: part of the activity data."""
    trend: float
    """Change of the total from the base year to year t, in per cent of the base year."""
    total_u: float
    """Uncertainty of the total of year t, in per cent of it."""
    trend_u: float
    """Uncertainty of the trend, in percentage points."""


def inventory(
    categories: ArrayLike,
    base: ArrayLike,
    year: ArrayLike,
    activity_u: ArrayLike,
    factor_u: ArrayLike,
    *,
    factor_correlated: ArrayLike = True,
    activity_correlated: ArrayLike = False,
) -> Inventory:
    """Return a checked inventory; see `Inventory` for shapes and units.

    The defaults are those of the guidelines: emission factors fully correlated between years, activity data
    not at all.

    Raises:
        StatementError: lengths differ, a number is missing, an uncertainty is negative, or a total is zero.
    """
    names = tuple(str(name) for name in np.atleast_1d(np.asarray(categories)))
    columns = [np.atleast_1d(np.array(part, dtype=np.float64)) for part in (base, year, activity_u, factor_u)]
    if any(column.shape != (len(names),) for column in columns):
        raise StatementError(
            problem=f"{len(names)} categories, but columns of {', '.join(str(c.size) for c in columns)} numbers",
            remedy="give emissions of both years and both uncertainties for every category",
            problem_zh=f"有 {len(names)} 个类别，而各列数值个数为 {'、'.join(str(c.size) for c in columns)}",
            remedy_zh="请为每个类别给出两个年份的排放量及两项不确定度",
        )
    c, d, u_activity, u_factor = columns
    good = np.isfinite(c) & np.isfinite(d) & (u_activity >= 0) & (u_factor >= 0)
    good &= np.isfinite(u_activity) & np.isfinite(u_factor)
    if not good.all():
        bad = ", ".join(names[place] for place in np.flatnonzero(~good)[:5])
        raise StatementError(
            problem=f"missing or negative numbers in: {bad}",
            remedy="give emissions, and uncertainties in per cent of the value, not below zero",
            problem_zh=f"以下类别存在缺失或为负的数值：{bad}",
            remedy_zh="请给出排放量，以及以百分数表示且不小于零的不确定度",
        )
    if c.sum() == 0 or d.sum() == 0:
        raise StatementError(
            problem="the total of a year is zero, so nothing can be stated in per cent of it",
            remedy="leave out the removals, or use approach 2, which states absolute intervals",
            problem_zh="某一年份的总量为零，无法以百分数表示不确定度",
            remedy_zh="请将清除量另行计算，或采用给出绝对区间的方法 2",
        )
    flags = [
        np.broadcast_to(np.asarray(f, dtype=np.bool_), c.shape).copy() for f in (factor_correlated, activity_correlated)
    ]
    return Inventory(names, c, d, u_activity, u_factor, flags[0], flags[1])


def combine_product(u_percent: ArrayLike, *, exact: bool = True) -> FloatArray:
    """Return the uncertainty of a product of independent quantities, in per cent.

    Args:
        u_percent: uncertainties of the factors, ≥ 0, shape (..., k); combined over the last axis.
        exact: True for U = 200·√(Π(1 + (U_i/200)²) − 1), the variance of a product whatever the
            distributions; False for equation 3.1, U = √ΣU_i², its limit for small U.

    Raises:
        StatementError: an uncertainty is negative or missing.
    """
    u = _checked_percent(u_percent)
    if exact:
        squares = np.square(u / PERCENT_PER_CV)
        # the product minus one, without the loss of digits that small U would bring
        excess = np.expm1(np.log1p(squares).sum(axis=-1))
        return np.asarray(PERCENT_PER_CV * np.sqrt(excess), dtype=np.float64)
    return np.asarray(np.sqrt(np.square(u).sum(axis=-1)), dtype=np.float64)


def combine_sum(u_percent: ArrayLike, values: ArrayLike) -> FloatArray:
    """Return the uncertainty of a sum of independent quantities, in per cent of the sum (equation 3.2).

    U = √Σ(U_i x_i)² / |Σx_i|. Equation 3.2 in the guidelines divides by |x_1 + … + x_n|: a sum near zero has
    no meaningful percentage.

    Args:
        u_percent: uncertainties in per cent of each value, ≥ 0, shape (..., k).
        values: the values, in one unit, shape (..., k).

    Raises:
        StatementError: an uncertainty is negative or missing, or a sum is zero.
    """
    u = _checked_percent(u_percent)
    x = np.asarray(values, dtype=np.float64)
    total = np.abs(x.sum(axis=-1))
    if not np.all(total > 0):
        raise StatementError(
            problem="a sum is zero or missing, so its uncertainty has no percentage",
            remedy="state the uncertainty in the unit of the values instead",
            problem_zh="合计为零或缺失，无法以百分数表示其不确定度",
            remedy_zh="请改用与数值相同的单位表示不确定度",
        )
    return np.asarray(np.sqrt(np.square(u * x).sum(axis=-1)) / total, dtype=np.float64)


def corrected_large_u(u_percent: ArrayLike) -> FloatArray:
    """Return uncertainties above 100 % multiplied by the guidelines' factor F_C, in per cent.

    F_C = [(−0.720 + 1.0921 U − 1.63e-3 U² + 1.11e-5 U³)/U]² for 100 < U ≤ 230 (equation 3.3). Kept to
    reproduce published reports. It corrects more than the variance of a product does, which follows √F_C: use
    `combine_product`, which needs no correction.

    Args:
        u_percent: results of equation 3.1, ≥ 0, any shape; up to 100 % they are returned as they are.

    Raises:
        StatementError: an uncertainty above 230 %, negative or missing.
    """
    u = _checked_percent(u_percent)
    if np.any(u > LARGEST_CORRECTED_U):
        raise StatementError(
            problem=f"F_C is given up to U = 230 %, not for {float(u.max()):g} %",
            remedy="use the exact formula (combine_product) or approach 2",
            problem_zh=f"F_C 仅适用于 U 不超过 230%，而此处为 {float(u.max()):g}%",
            remedy_zh="请采用精确公式（combine_product）或方法 2",
        )
    safe = np.where(u > SMALL_U, u, 1.0)
    factor = np.square((-0.720 + 1.0921 * safe - 1.63e-3 * safe**2 + 1.11e-5 * safe**3) / safe)
    return np.where(u > SMALL_U, u * factor, u)


def asymmetric_interval(u_percent: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the ends of the 95 % interval of a log-normal, in per cent of its mean: (low < 0, high > 0).

    μ_g = exp(ln μ − ½ln(1 + (U/200)²)), σ_g = exp √ln(1 + (U/200)²), ends (μ_g σ_g^∓1.96 − μ)/μ
    (section 3.2.3.1, asymmetric intervals).

    Args:
        u_percent: uncertainty as half-width with sd/mean = U/200, ≥ 0, any shape.

    Raises:
        StatementError: an uncertainty is negative or missing.
    """
    variance = np.log1p(np.square(_checked_percent(u_percent) / PERCENT_PER_CV))
    sigma = np.sqrt(variance)
    low = 100 * np.expm1(-variance / 2 - NORMAL_95 * sigma)
    high = 100 * np.expm1(-variance / 2 + NORMAL_95 * sigma)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def trend_table(emissions: Inventory, *, exact: bool = True) -> TrendTable:
    """Return approach 1 for an inventory: table 3.2 row by row, total and trend.

    Args:
        emissions: see `inventory`.
        exact: how activity data and emission factor combine in column G; see `combine_product`.

    Source: IPCC 2006, Vol. 1, Ch. 3, table 3.2 and section 3.2.3.1. Where activity data are flagged as
    correlated between years they are treated like a correlated factor (note to columns K and L). Column L
    takes the sensitivity to year t for both years: where emissions changed much, approach 2 is nearer.
    """
    c, d = emissions.base, emissions.year
    sum_c, sum_d = float(c.sum()), float(d.sum())
    combined = combine_product(np.stack([emissions.activity_u, emissions.factor_u], axis=-1), exact=exact)
    contribution = np.square(combined * d / sum_d)
    raised = (0.01 * d + sum_d - (0.01 * c + sum_c)) / (0.01 * c + sum_c) * 100
    trend = (sum_d - sum_c) / sum_c * 100
    type_a = np.abs(raised - trend)
    type_b = np.abs(d / sum_c)
    factor = _trend_part(emissions.factor_u, emissions.factor_correlated, type_a, type_b)
    activity = _trend_part(emissions.activity_u, emissions.activity_correlated, type_a, type_b)
    return TrendTable(
        combined_u=combined,
        contribution=contribution,
        type_a=type_a,
        type_b=type_b,
        factor_trend=factor,
        activity_trend=activity,
        trend=trend,
        total_u=float(np.sqrt(contribution.sum())),
        trend_u=float(np.sqrt(np.square(factor).sum() + np.square(activity).sum())),
    )


def _trend_part(u: FloatArray, correlated: NDArray[np.bool_], type_a: FloatArray, type_b: FloatArray) -> FloatArray:
    """Return U·A where errors are the same in both years, U·B·√2 where they are independent."""
    return np.where(correlated, type_a * u, type_b * u * np.sqrt(2))


def _checked_percent(u_percent: ArrayLike) -> FloatArray:
    u = np.asarray(u_percent, dtype=np.float64)
    if not np.all(np.isfinite(u) & (u >= 0)):
        raise StatementError(
            problem="an uncertainty in per cent is negative or missing",
            remedy="give half of the 95 % interval in per cent of the value",
            problem_zh="以百分数表示的不确定度为负或缺失",
            remedy_zh="请给出 95% 区间半宽占数值的百分数",
        )
    return u
