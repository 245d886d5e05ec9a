"""Fluxes of static chambers: the straight line and the curve of Hutchinson and Mosier, for all chambers at once.

A chamber of volume V over an area A closes at t = 0; the mole fraction c inside rises. The flux at closure is
V/A · dc/dt(0). With a constant source c rises along a line; where the gradient that drives the flux wears off,
c(t) = c_inf + b·exp(-κt) and dc/dt(0) = -κb (Hutchinson and Mosier 1981; as a regression: Pedersen et al. 2010,
European Journal of Soil Science 61, 888-902). The curve is fitted by separable least squares: for each κ the other two
parameters are a straight-line fit, so that one search over κ alone finds the least sum of squares.

All arrays are grouped by chamber; no loop runs over chambers.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from factordb.errors import UsageError
from factordb.reference import tables

__all__ = ["GAS_CONSTANT", "STANDARD_PRESSURE_PA", "Fluxes", "chamber_fluxes", "molar_density"]

Array = NDArray[np.float64]

GAS_CONSTANT: Final = 8.31446261815324
"""R in J/(mol K), exact since 2019: CODATA 2018, product of the defined k and N_A."""
STANDARD_PRESSURE_PA: Final = 101_325.0
"""One standard atmosphere in Pa, exact by definition (10th CGPM, 1954)."""
ZERO_CELSIUS_K: Final = 273.15
_GRID: Final = 48
_STEPS: Final = 40
_PLAIN: Final = 5
"""Up to five points the corrected criterion of the curve, with its four parameters, divides by zero or less."""
_GOLDEN: Final = (np.sqrt(5.0) - 1.0) / 2.0


def molar_density(pressure_pa: ArrayLike, temperature_c: ArrayLike) -> Array:
    """Return moles of gas per m3 of an ideal gas at a pressure in Pa and a temperature in degrees Celsius."""
    kelvin = np.asarray(temperature_c, float) + ZERO_CELSIUS_K
    return np.asarray(np.asarray(pressure_pa, float) / (GAS_CONSTANT * kelvin), float)


@dataclass(frozen=True)
class Fluxes:
    """Fluxes of n chambers, in units of concentration × volume / (area × time) of the input.

    Attributes:
        points: readings of each chamber.
        linear: flux by the straight line.
        linear_u: its standard uncertainty from the scatter about the line, n - 2 degrees of freedom.
        r_squared: of the straight line.
        p_value: of a slope of zero, two-sided.
        curved: flux by the curve; nan where it cannot be fitted.
        curved_u: its standard uncertainty, n - 3 degrees of freedom; nan with it.
        kappa: rate of the curve, per unit of time.
        curve_wins: whether the small-sample Akaike criterion prefers the curve.
        chosen: 0 line, 1 curve, 2 none (too few points).
        flux: the chosen flux.
        u: its standard uncertainty.
        dof: its degrees of freedom.
    """

    points: NDArray[np.int64]
    linear: Array
    linear_u: Array
    r_squared: Array
    p_value: Array
    curved: Array
    curved_u: Array
    kappa: Array
    curve_wins: NDArray[np.bool_]
    chosen: NDArray[np.int8]
    flux: Array
    u: Array
    dof: Array


class _Groups:
    """Readings in order of chambers, and sums over each chamber."""

    def __init__(self, chamber: ArrayLike, time: ArrayLike, concentration: ArrayLike) -> None:
        number = np.asarray(chamber)
        order = np.lexsort((np.asarray(time, float), number))
        self.number = number[order]
        self.t, self.c = np.asarray(time, float)[order], np.asarray(concentration, float)[order]
        if not (np.isfinite(self.t).all() and np.isfinite(self.c).all()):
            raise UsageError(
                problem="a time or a concentration of a chamber is not a number",
                remedy="repair or leave out the reading, and say so in the record of edits",
                problem_zh="有通量箱读数的时间或浓度不是数值",
                remedy_zh="请修正或剔除该读数，并写入改动记录",
            )
        self.first = np.flatnonzero(np.r_[True, self.number[1:] != self.number[:-1]])
        self.n = np.diff(np.r_[self.first, self.number.size])
        self.where = np.repeat(np.arange(self.first.size), self.n)
        self.t = self.t - self.t[self.first][self.where]
        self.span = self.max(self.t)

    def sum(self, values: Array) -> Array:
        return np.asarray(np.add.reduceat(values, self.first), float)

    def max(self, values: Array) -> Array:
        return np.asarray(np.maximum.reduceat(values, self.first), float)

    def line(self, x: Array) -> tuple[Array, Array, Array, Array]:
        """Return intercept, slope, sum of squares about the line, and sum of squares of x, of c on x."""
        mean_x, mean_c = self.sum(x) / self.n, self.sum(self.c) / self.n
        dx, dc = x - mean_x[self.where], self.c - mean_c[self.where]
        xx = self.sum(dx * dx)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = self.sum(dx * dc) / xx
        rest = dc - slope[self.where] * dx
        return mean_c - slope * mean_x, slope, self.sum(rest * rest), xx


def chamber_fluxes(
    chamber: ArrayLike, time: ArrayLike, concentration: ArrayLike, volume: ArrayLike, area: ArrayLike
) -> Fluxes:
    """Return the fluxes of all chambers, in order of their numbers.

    Args:
        chamber: chamber of each reading, n of them.
        time: when it was read, any origin; its unit is the flux's.
        concentration: what was read, amount per volume; its amount is the flux's.
        volume: of each chamber, in the volume of the concentration.
        area: of each chamber, positive.

    Raises:
        UsageError: a reading is not a number, or an area or a volume is not positive.
    """
    groups = _Groups(chamber, time, concentration)
    height = _height(volume, area, groups.first.size)
    _, slope, squares, xx = groups.line(groups.t)
    dof = groups.n - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        slope_u = np.where(dof > 0, np.sqrt(squares / np.where(dof > 0, dof, np.nan) / xx), np.nan)
        total = groups.sum((groups.c - (groups.sum(groups.c) / groups.n)[groups.where]) ** 2)
        r_squared = 1.0 - squares / total
        p_value = 2.0 * stats.t.sf(np.abs(slope / slope_u), np.where(dof > 0, dof, np.nan))
    kappa, curved, curved_u, curve_squares = _curve(groups)
    wins = _akaike(curve_squares, groups.n, 3) < _akaike(squares, groups.n, 2)
    usable = wins & _curve_usable(groups, kappa, curved, slope)
    enough = groups.n >= _threshold("linear", "points_least")
    chosen = np.where(usable, 1, np.where(enough & np.isfinite(slope), 0, 2)).astype(np.int8)
    pick = [usable, chosen == 0]
    return Fluxes(
        points=groups.n.astype(np.int64),
        linear=slope * height,
        linear_u=slope_u * height,
        r_squared=r_squared,
        p_value=np.asarray(p_value, float),
        curved=curved * height,
        curved_u=curved_u * height,
        kappa=kappa,
        curve_wins=wins,
        chosen=chosen,
        flux=np.select(pick, [curved * height, slope * height], np.nan),
        u=np.select(pick, [curved_u * height, slope_u * height], np.nan),
        dof=np.select(pick, [groups.n - 3.0, dof], np.nan),
    )


def _height(volume: ArrayLike, area: ArrayLike, chambers: int) -> Array:
    v, a = np.broadcast_to(np.asarray(volume, float), chambers), np.broadcast_to(np.asarray(area, float), chambers)
    if not ((v > 0) & (a > 0)).all():
        raise UsageError(
            problem="a chamber's volume or area is not positive",
            remedy="state volume and area of every chamber",
            problem_zh="有通量箱的体积或面积不是正数",
            remedy_zh="请写明每个通量箱的体积与面积",
        )
    return np.asarray(v / a, float)


def _threshold(part: str, name: str) -> float:
    return float(tables.toml("thresholds/chamber")[part][name])


def _akaike(squares: Array, n: NDArray[Any], parameters: int) -> Array:
    """Return the Akaike criterion, corrected for few points where every candidate has its correction (n >= 6).

    Corrected form: Hurvich and Tsai (1989); the variance counts as a parameter. Chambers are commonly read four
    times, where the correction of the curve does not exist: there both are judged by the plain criterion, and the one
    degree of freedom that is left shows in the uncertainty.
    """
    k = parameters + 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = n * np.log(np.maximum(squares, np.finfo(float).tiny) / n) + 2.0 * k
        return np.asarray(np.where(n > _PLAIN, fit + 2.0 * k * (k + 1.0) / (n - k - 1.0), fit))


def _curve(groups: _Groups) -> tuple[Array, Array, Array, Array]:
    """Return kappa, dc/dt(0), its standard uncertainty and the sum of squares, of each chamber's best curve."""
    low, high = _threshold("curved", "kappa_span_least"), _threshold("curved", "kappa_span_most")
    # readings at one moment only: any scale will do, the line through them does not exist and no curve is fitted
    scale = 1.0 / np.where(groups.span > 0, groups.span, 1.0)

    def squares(log_span: Array) -> Array:
        x = np.exp(-(np.exp(log_span) * scale)[groups.where] * groups.t)
        found = groups.line(x)[2]
        return np.where(np.isfinite(found), found, np.inf)

    grid = np.linspace(np.log(low), np.log(high), _GRID)
    tried = np.array([squares(np.full(groups.first.size, one)) for one in grid])
    best = np.argmin(tried, axis=0)
    left, right = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
    for _ in range(_STEPS):  # golden section, all chambers abreast
        a, b = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
        lower = squares(a) < squares(b)
        left, right = np.where(lower, left, a), np.where(lower, b, right)
    kappa = np.exp(0.5 * (left + right)) * scale
    x = np.exp(-kappa[groups.where] * groups.t)
    _, b, rest, _ = groups.line(x)
    fit = np.isfinite(b) & (groups.n >= _threshold("curved", "points_least"))
    slope = np.where(fit, -kappa * b, np.nan)
    return np.where(fit, kappa, np.nan), slope, _curve_u(groups, kappa, b, x, rest, fit), np.where(fit, rest, np.inf)


def _curve_u(groups: _Groups, kappa: Array, b: Array, x: Array, rest: Array, fit: NDArray[np.bool_]) -> Array:
    """Return the standard uncertainty of dc/dt(0) = -kappa·b by the covariance of (c_inf, b, kappa)."""
    columns = [np.ones_like(x), x, -b[groups.where] * groups.t * x]
    normal = np.array([[groups.sum(one * other) for other in columns] for one in columns]).transpose(2, 0, 1)
    # columns are brought to one length: times in seconds make the third tiny
    size = np.sqrt(np.einsum("nii->ni", normal))
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = normal / size[:, :, None] / size[:, None, :]
    safe = fit & np.isfinite(normal).all(axis=(1, 2))
    normal[~safe] = np.eye(3)
    safe &= np.linalg.cond(normal) < 1.0 / np.finfo(float).eps
    normal[~safe] = np.eye(3)
    gradient = np.stack([np.zeros_like(b), -kappa, -b], axis=1) / np.where(size > 0, size, np.nan)
    gradient = np.where(safe[:, None], gradient, 0.0)
    spread = np.einsum("ni,nij,nj->n", gradient, np.linalg.inv(normal), gradient)
    left = np.where(groups.n > 3, groups.n - 3.0, np.nan)  # noqa: PLR2004 - three parameters
    return np.where(safe, np.sqrt(spread * rest / left), np.nan)


def _curve_usable(groups: _Groups, kappa: Array, curved: Array, slope: Array) -> NDArray[np.bool_]:
    low, high = _threshold("curved", "kappa_span_least"), _threshold("curved", "kappa_span_most")
    span = kappa * groups.span
    margin = 1.001  # an optimum that sits on an end of the search is none
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = curved / slope
    inside = (span > low * margin) & (span < high / margin)
    return np.asarray(inside & (ratio > 0) & (ratio <= _threshold("curved", "ratio_most")), bool)
