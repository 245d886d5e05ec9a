"""Products, quotients and sums of four unlike inputs against a tensor rule of the tests' own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from factordb.uncertainty import making
from factordb.uncertainty.batch import evaluate_batch
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.results import Results

Array = NDArray[np.float64]
FACTORS = 50
LEVELS = (0.025, 0.5, 0.975)


def drawn() -> dict[str, Array]:
    """Return parameters of fifty factors: log-normals of CV 5 to 60 %, normals of CV 3 to 15 %, wide edges."""
    rng = np.random.default_rng(20261126)
    mode = rng.uniform(0.5, 5.0, FACTORS)
    half = rng.uniform(0.05, 0.6, FACTORS)
    return {
        "mu": rng.uniform(-2.0, 2.0, FACTORS), "sigma": rng.uniform(0.05, 0.55, FACTORS),
        "mean": np.ones(FACTORS), "sd": rng.uniform(0.03, 0.15, FACTORS),
        "low": mode * rng.uniform(0.4, 0.95, FACTORS), "mode": mode, "high": mode * rng.uniform(1.05, 2.0, FACTORS),
        "left": 1 - half, "right": 1 + half,
    }  # fmt: skip


def inputs_of(p: dict[str, Array]) -> dict[str, Distributions]:
    """Return the same inputs as the engine takes them."""
    return {
        "a": making.lognormal(p["mu"], p["sigma"]),
        "b": making.normal(p["mean"], p["sd"]),
        "c": making.triangular(p["low"], p["mode"], p["high"]),
        "d": making.uniform(p["left"], p["right"]),
    }


def tensor(p: dict[str, Array], row: int, nodes: int) -> tuple[Array, Array, Array, Array]:
    """Return values of b, c, d and weights on a tensor grid: Hermite × two pieces of Legendre × Legendre."""
    z, wz = np.polynomial.hermite_e.hermegauss(28)
    t, wt = np.polynomial.legendre.leggauss(nodes)
    t, wt = (t + 1) / 2, wt / 2
    low, mode, high = (p[name][row] for name in ("low", "mode", "high"))
    c = np.concatenate([low + (mode - low) * t, mode + (high - mode) * t])
    top = 2 / (high - low)
    wc = np.concatenate([(mode - low) * wt * top * t, (high - mode) * wt * top * (1 - t)])
    d = p["left"][row] + (p["right"][row] - p["left"][row]) * t
    b = p["mean"][row] + p["sd"][row] * z
    grid = np.meshgrid(b, c, d, indexing="ij")
    weight = (wz / wz.sum())[:, None, None] * wc[:, None] * wt
    first, second, third = (one.ravel() for one in grid)
    return first, second, third, weight.ravel()


@dataclass(frozen=True)
class Oracle:
    """F(y) = E Φ((ln((y − B)/A) − μ)/σ) over the tensor grid, for one factor A·a + B with a log-normal."""

    mu: float
    sigma: float
    slope: Array
    offset: Array
    weight: Array

    def score(self, y: float) -> Array:
        """Return the standard score of a at each grid point."""
        return np.asarray((np.log(np.maximum((y - self.offset) / self.slope, 1e-300)) - self.mu) / self.sigma)

    def below(self, y: float) -> float:
        """Return F(y)."""
        return float(self.weight @ ndtr(self.score(y)))

    def density(self, y: float) -> float:
        """Return f(y)."""
        bell = np.exp(-(self.score(y) ** 2) / 2) / np.sqrt(2 * np.pi)
        return float(self.weight @ (bell / (self.sigma * np.maximum(y - self.offset, 1e-300))))

    def quantile(self, level: float, near: float, half: float) -> float:
        """Return the quantile within half an interval of a guess."""
        return float(brentq(lambda y: self.below(y) - level, near - half / 2, near + half / 2, xtol=1e-14))

    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation."""
        first = np.exp(self.mu + self.sigma**2 / 2)
        mean = float(self.weight @ (self.slope * first + self.offset))
        within = (self.slope * first) ** 2 * np.expm1(self.sigma**2)
        return mean, float(np.sqrt(self.weight @ (within + (self.slope * first + self.offset - mean) ** 2)))


def check(found: Results, row: int, exact: Oracle, error: float) -> None:
    """Hold the figures of one factor against the oracle; errors of ends in half-widths."""
    half = float(found.high[row] - found.low[row]) / 2
    for level, name in zip(LEVELS, ("low", "median", "high"), strict=True):
        near = float(getattr(found, name)[row])
        assert abs(near - exact.quantile(level, near, half)) <= error * half, (row, name)
    mean, sd = exact.moments()
    # what is divided by is a normal: its reciprocal's moments exist up to the tail that both leave out
    assert found.mean[row] == pytest.approx(mean, rel=1e-7)
    assert found.sd[row] == pytest.approx(sd, rel=1e-5)
    low, high = float(found.shortest_low[row]), float(found.shortest_high[row])
    assert exact.below(high) - exact.below(low) == pytest.approx(0.95, abs=error)
    assert exact.density(low) == pytest.approx(exact.density(high), rel=100 * error)
    assert high - low <= 2 * half * (1 + error)


@pytest.mark.parametrize(
    ("formula", "split", "nodes", "rows"),
    [
        ("a * b * c * d", lambda b, c, d: (b * c * d, 0 * b), 12, FACTORS),
        ("a * c / (b * d)", lambda b, c, d: (c / (b * d), 0 * b), 12, FACTORS),
        ("a + b + c + d", lambda b, c, d: (0 * b + 1, b + c + d), 56, 6),  # a may be the narrowest: a steep kernel
    ],
)
def test_fifty_factors_of_unlike_inputs(
    formula: str, split: Callable[..., tuple[Array, Array]], nodes: int, rows: int
) -> None:
    """Inverted ends are within 1e-5 of the half-width, a tenth of what was asked for."""
    p = drawn()
    found = evaluate_batch(formula, inputs_of(p), tolerance=1e-4)
    assert set(found.methods) == {"fourier"}
    for row in range(rows):
        b, c, d, weight = tensor(p, row, nodes)
        exact = Oracle(p["mu"][row], p["sigma"][row], *split(b, c, d), weight)
        check(found, row, exact, 1e-5)
