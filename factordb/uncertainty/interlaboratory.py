"""Precision of a method from several laboratories: repeatability and reproducibility.

Source: ISO 5725-2:1994, 7.4; ASTM E691 for balanced designs (the same estimates, other bookkeeping).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from factordb.errors import StatementError
from factordb.uncertainty.measured import FloatArray, checked_readings, mean_and_sd, pooled_sd
from factordb.uncertainty.outliers import OutlierTest, cochran, grubbs, mandel_h, mandel_k

LIMIT_FACTOR = 2.8
"""r and R limits are 2.8 standard deviations (ISO 5725-6:1994, 4.1.4): 1.96·√2, rounded."""
LEAST_FOR_GRUBBS = 3


@dataclass(frozen=True, slots=True)
class Laboratories:
    """One cell per laboratory: its name, number of readings, mean and standard deviation."""

    names: tuple[str, ...]
    counts: FloatArray
    means: FloatArray
    sds: FloatArray
    """NaN for a laboratory with one reading."""

    @property
    def balanced(self) -> bool:
        """True if all laboratories have the same number of readings."""
        return bool(np.all(self.counts == self.counts[0]))


@dataclass(frozen=True, slots=True)
class Precision:
    """Precision of one level of a method, in the unit of the readings."""

    laboratories: Laboratories
    mean: float
    """General mean: every reading has the same weight."""
    repeatability_sd: float
    between_sd: float
    """s_L; zero where the estimate of its square was negative."""
    between_variance: float
    """s_L² as estimated, before a negative value is set to zero."""
    u_mean: float
    """Standard uncertainty of the general mean as value of the measurand."""

    @property
    def reproducibility_sd(self) -> float:
        """s_R = √(s_r² + s_L²)."""
        return sqrt(self.repeatability_sd**2 + self.between_sd**2)

    @property
    def repeatability_limit(self) -> float:
        """Repeatability limit 2.8 s_r: two results of one laboratory differ by more in 5 % of cases."""
        return LIMIT_FACTOR * self.repeatability_sd

    @property
    def reproducibility_limit(self) -> float:
        """Reproducibility limit 2.8 s_R: results of two laboratories differ by more in 5 % of cases."""
        return LIMIT_FACTOR * self.reproducibility_sd


def laboratories(readings: ArrayLike, names: Sequence[str]) -> Laboratories:
    """Return the cells of a long table of readings, laboratories in the order in which they first appear.

    Args:
        readings: shape (n,).
        names: the laboratory of each reading, length n.

    Raises:
        StatementError: lengths differ, a reading is not finite, or there are fewer than two laboratories.
    """
    values = checked_readings(readings)
    order = list(dict.fromkeys(names))
    if len(names) != values.size or len(order) < 2:  # noqa: PLR2004 - two laboratories make a comparison
        raise StatementError(
            problem=f"{values.size} readings with {len(names)} laboratory names of {len(order)} laboratories",
            remedy="give one laboratory per reading, and at least two laboratories",
            problem_zh=f"{values.size} 个读数对应 {len(names)} 个实验室名称、{len(order)} 家实验室",
            remedy_zh="每个读数须注明一家实验室，且至少有两家",
        )
    position = {name: place for place, name in enumerate(order)}
    labels = np.array([position[name] for name in names])
    cells = [values[labels == place] for place in range(len(order))]
    pairs = [mean_and_sd(cell) if cell.size > 1 else (float(cell[0]), float("nan")) for cell in cells]
    return Laboratories(
        names=tuple(order),
        counts=np.array([float(cell.size) for cell in cells]),
        means=np.array([mean for mean, _ in pairs]),
        sds=np.array([sd for _, sd in pairs]),
    )


def precision(cells: Laboratories) -> Precision:
    """Return repeatability and reproducibility of one level, balanced or not, in the unit of the readings.

    s_r² = Σ(n_i−1)s_i²/Σ(n_i−1); s_d² = Σn_i(mean_i − mean)²/(p−1); s_L² = (s_d² − s_r²)/n̄ with
    n̄ = (Σn_i − Σn_i²/Σn_i)/(p−1) (ISO 5725-2:1994, 7.4.5). The variance of the general mean is
    s_L² Σn_i²/(Σn_i)² + s_r²/Σn_i.

    Raises:
        StatementError: no laboratory has two readings.
    """
    counts, means = cells.counts, cells.means
    repeated = counts > 1
    s_r, _ = pooled_sd(np.where(repeated, np.nan_to_num(cells.sds), 0.0), counts)
    total, p = float(counts.sum()), counts.size
    shifted = means - means[0]
    centre = float(counts @ shifted) / total
    between = float(counts @ np.square(shifted - centre)) / (p - 1)
    size = (total - float(counts @ counts) / total) / (p - 1)
    variance = (between - s_r**2) / size
    kept = max(variance, 0.0)
    return Precision(
        laboratories=cells,
        mean=float(means[0]) + centre,
        repeatability_sd=s_r,
        between_sd=sqrt(kept),
        between_variance=variance,
        u_mean=sqrt(kept * float(counts @ counts) / total**2 + s_r**2 / total),
    )


def consistency(cells: Laboratories) -> tuple[OutlierTest, ...]:
    """Return Cochran's test of the scatters and Grubbs' test of the means, where they can be asked.

    Cochran needs two laboratories with scatter and takes the most common number of readings
    (ISO 5725-2:1994, 7.3.3.3); Grubbs needs three laboratories. Nothing is removed.
    """
    tests: list[OutlierTest] = []
    repeated = np.flatnonzero(cells.counts > 1)
    if repeated.size > 1 and np.any(cells.sds[repeated] > 0):
        sizes, times = np.unique(cells.counts[repeated], return_counts=True)
        found = cochran(cells.sds[repeated], int(sizes[times.argmax()]))
        tests.append(_renumbered(found, repeated))
    if cells.means.size >= LEAST_FOR_GRUBBS and np.ptp(cells.means) > 0:
        tests.append(grubbs(cells.means))
    return tuple(tests)


def mandel(cells: Laboratories) -> tuple[FloatArray, FloatArray]:
    """Return Mandel's (h, k) per laboratory, shape (p,) each; k is NaN for a laboratory with one reading.

    Raises:
        StatementError: fewer than three laboratories, or nothing differs.
    """
    k = np.full(cells.means.size, np.nan)
    repeated = cells.counts > 1
    if repeated.sum() > 1:
        k[repeated] = mandel_k(cells.sds[repeated])
    return mandel_h(cells.means), k


def _renumbered(test: OutlierTest, places: np.ndarray) -> OutlierTest:
    """Return the test with its suspects counted among all laboratories."""
    return OutlierTest(
        name=test.name,
        statistic=test.statistic,
        critical_5=test.critical_5,
        critical_1=test.critical_1,
        p_value=test.p_value,
        suspects=tuple(int(places[suspect]) for suspect in test.suspects),
    )
