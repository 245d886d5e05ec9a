"""One national or regional factor from several samples: mean, variance between and within, coverage, quality.

Two methods. *Production-weighted*: the mean of the production that was sampled; what was not sampled may differ from it
by the variance between plants. *Hierarchical*: the random-effects mean, each sample weighted by 1/(u² + τ²). Both split
u² into Σw²u² (within) and f·τ²·Σw² (between), with f = 1 − coverage for the first and 1 for the second.
Source: Cochran, Sampling Techniques, 3rd ed. 1977, ch. 2 (finite population); DerSimonian and Laird 1986; Paule and
Mandel 1982; JCGM 100:2008, G.4 (effective degrees of freedom).
"""

from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.rating.combining import weighted
from factordb.rating.evidence import Evidence
from factordb.rating.schemes import TableScheme
from factordb.rating.scores import Scores
from factordb.uncertainty.consensus import Heterogeneity, consensus, heterogeneity
from factordb.uncertainty.measured import coverage_factor

FloatArray: TypeAlias = NDArray[np.float64]
Method: TypeAlias = Literal["production", "hierarchical"]
Between: TypeAlias = Literal["dersimonian-laird", "mandel-paule"]
METHODS: tuple[Method, ...] = ("production", "hierarchical")
BETWEEN: tuple[Between, ...] = ("dersimonian-laird", "mandel-paule")
PROBABILITY = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate:
    """A factor made of k samples, in the unit of their values."""

    method: Method
    between: Between
    value: float
    u: float
    """Standard uncertainty of the mean, √(u_within² + u_between²)."""
    u_within: float
    """Part that comes from the samples' own uncertainties."""
    u_between: float
    """Part that comes from the differences between plants."""
    tau2: float
    """Variance between samples beyond their own uncertainties: the scatter of plants, not of the mean."""
    dof: float
    """Effective degrees of freedom: the part between has k − 1, the part within infinitely many."""
    low: float
    high: float
    """95 % interval, value ± t·u."""
    weights: FloatArray
    """Share of each sample in the value, shape (k,), sum 1: d value / d sample."""
    contributions: FloatArray
    """Size of each sample's part of the value, |w·x| / Σ|w·x|, shape (k,)."""
    effective: float
    """Effective sample size 1/Σw²: k where all weigh the same."""
    coverage: float
    """Share of the population's production that was sampled, 0 … 1; NaN where the total is not known."""
    agreement: Heterogeneity

    @property
    def sd_stated(self) -> float:
        """Standard deviation whose normal 95 % interval is this interval: few plants widen it."""
        return (self.high - self.low) / 2 / coverage_factor(PROBABILITY, inf)


def aggregate(
    values: ArrayLike,
    u: ArrayLike,
    production: ArrayLike | None,
    *,
    method: Method,
    between: Between = "dersimonian-laird",
    population: float = nan,
) -> Aggregate:
    """Return the aggregate of k independent samples, in the unit of the values.

    Args:
        values: x_i, all in one unit, shape (k,), k ≥ 2.
        u: their standard uncertainties, > 0, shape (k,).
        production: what each stands for, all in one unit, > 0, shape (k,); None is allowed for "hierarchical", and the
            coverage is then unknown.
        method: one of `METHODS`.
        between: estimator of τ², one of `BETWEEN`.
        population: production of the whole population in the same unit; NaN: not known.

    Raises:
        StatementError: see `factordb.uncertainty.consensus.combine`; weights are missing, zero, negative or infinite,
            or together more than the population.
    """
    x = np.asarray(values, dtype=np.float64).ravel()
    deviations = np.asarray(u, dtype=np.float64).ravel()
    random = consensus(x, deviations, between)
    amounts = _production(production, x.size, needed=method == "production")
    coverage = _coverage(amounts, population)
    if method == "production" and amounts is not None:
        weights = amounts / amounts.sum()
        value = float(x[0]) + float(weights @ (x - x[0]))
        unsampled = 1 - coverage if isfinite(coverage) else 1.0
    else:
        weights, value, unsampled = random.weights, random.value, 1.0
    squares = np.square(weights)
    within = float(squares @ np.square(deviations))
    among = unsampled * random.between_variance * float(squares.sum())
    dof = (x.size - 1) * ((within + among) / among) ** 2 if among > 0 else inf
    half = coverage_factor(PROBABILITY, dof) * sqrt(within + among)
    sizes = np.abs(weights * x)
    return Aggregate(
        method=method,
        between=between,
        value=value,
        u=sqrt(within + among),
        u_within=sqrt(within),
        u_between=sqrt(among),
        tau2=random.between_variance,
        dof=dof,
        low=value - half,
        high=value + half,
        weights=weights,
        contributions=sizes / sizes.sum() if sizes.sum() > 0 else weights,
        effective=1 / float(squares.sum()),
        coverage=coverage,
        agreement=heterogeneity(x, deviations),
    )


def representativeness(samples: Evidence, contributions: ArrayLike, scheme: TableScheme) -> Scores:
    """Return the scores of the aggregate: those of its samples against its own target, weighted by contribution.

    Args:
        samples: evidence of each sample seen from the aggregate's place, year and technology, k rows.
        contributions: as in `Aggregate`, shape (k,).
        scheme: the rating scheme.
    """
    return weighted(scheme.score(samples), contributions)


def _production(production: ArrayLike | None, count: int, *, needed: bool) -> FloatArray | None:
    if production is None:
        if needed:
            raise _fault("no weights are given", "未给出权重")
        return None
    amounts = np.asarray(production, dtype=np.float64).ravel()
    if amounts.size != count:
        raise _fault(
            f"there are {amounts.size} weights for {count} samples", f"{count} 个样本却有 {amounts.size} 个权重"
        )
    bad = np.flatnonzero(~(np.isfinite(amounts) & (amounts > 0)))
    if bad.size:
        places = ", ".join(str(place + 1) for place in bad[:5])
        raise _fault(
            f"the weight of sample {places} is missing, zero, negative or infinite",
            f"第 {places} 个样本的权重缺失、为零、为负或无穷大",
        )
    return amounts


def _coverage(amounts: FloatArray | None, population: float) -> float:
    if amounts is None or np.isnan(population):
        return nan
    total = float(amounts.sum())
    if not isfinite(population) or population <= 0 or total > population * (1 + 1e-9):
        raise _fault(
            f"the samples' production {total:g} is not a part of the population's {population:g}",
            f"样本产量合计 {total:g} 不是总体产量 {population:g} 的一部分",
        )
    return min(total / population, 1.0)


def _fault(problem: str, problem_zh: str) -> StatementError:
    return StatementError(
        problem=problem,
        remedy="give each sample the production it stands for, above zero, in the unit of the population's total",
        problem_zh=problem_zh,
        remedy_zh="请为每个样本给出其所代表的产量，须大于零，且与总体产量同一单位",
    )
