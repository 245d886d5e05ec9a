"""The jobs of the uncertainty benchmark: their inputs as columns, and exact answers by a tensor rule of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from factordb.uncertainty import making
from factordb.uncertainty.distributions import Distributions

Array = NDArray[np.float64]
Split = Callable[[Array, Array, Array], tuple[Array | float, Array | float]]

PROBABILITY = 0.95
TAILS = (0.025, 0.5, 0.975)
FIGURES = ("mean", "sd", "low", "median", "high", "shortest_low", "shortest_high")


@dataclass(frozen=True)
class Job:
    """A formula of four inputs and n factors of it; inputs b, c, d are normal, triangular, uniform if `mixed`."""

    name: str
    formula: str
    split: Split
    """b, c, d → (A, B) with the formula = A·a + B; a is log-normal."""
    columns: dict[str, Array]
    mixed: bool = True

    def take(self, count: int) -> "Job":
        """Return the first factors."""
        return replace(self, columns={name: column[:count] for name, column in self.columns.items()})

    def __len__(self) -> int:
        return len(self.columns["mu_a"])

    def inputs(self) -> dict[str, Distributions]:
        """Return the inputs as the engine takes them."""
        p = self.columns
        a = making.lognormal(p["mu_a"], p["sigma_a"])
        if not self.mixed:
            return {"a": a, **{name: making.lognormal(p[f"mu_{name}"], p[f"sigma_{name}"]) for name in "bcd"}}
        return {
            "a": a,
            "b": making.normal(p["mean"], p["sd"]),
            "c": making.triangular(p["low"], p["mode"], p["high"]),
            "d": making.uniform(p["left"], p["right"]),
        }


def columns(count: int, seed: int = 20261126) -> dict[str, Array]:
    """Return inputs of `count` factors: CV 5 to 30 % log-normal, 3 to 15 % normal, edges 5 to 40 % off."""
    draw = np.random.default_rng(seed)
    out: dict[str, Array] = {}
    for name in "abcd":
        sigma = np.sqrt(np.log1p(np.square(draw.uniform(0.05, 0.30, count))))
        out[f"mu_{name}"], out[f"sigma_{name}"] = np.log(draw.uniform(0.2, 200.0, count)) - sigma**2 / 2, sigma
    out["mean"] = draw.uniform(0.5, 50.0, count)
    out["sd"] = out["mean"] * draw.uniform(0.03, 0.15, count)
    out["mode"] = draw.uniform(0.5, 5.0, count)
    out["low"] = out["mode"] * (1 - draw.uniform(0.05, 0.4, count))
    out["high"] = out["mode"] * (1 + draw.uniform(0.05, 0.4, count))
    half = draw.uniform(0.05, 0.4, count)
    out["left"], out["right"] = 1 - half, 1 + half
    return out


def jobs(count: int) -> list[Job]:
    """Return every job with `count` factors."""
    given = columns(count)
    level = given | {  # sums of unlike sizes would be one input only
        "mean": np.exp(given["mu_a"]),
        "sd": np.exp(given["mu_a"]) * given["sd"] / given["mean"],
        **{key: given[key] / given["mode"] * np.exp(given["mu_a"]) for key in ("low", "mode", "high")},
        **{key: given[key] * np.exp(given["mu_a"]) for key in ("left", "right")},
    }
    return [
        Job("J1", "a * b * c * d", lambda b, c, d: (b * c * d, 0.0), given, mixed=False),
        Job("J2", "a * b * c * d", lambda b, c, d: (b * c * d, 0.0), given),
        Job("quotient", "a * c / (b * d)", lambda b, c, d: (c / (b * d), 0.0), given),
        Job("sum", "a + b + c + d", lambda b, c, d: (1.0, b + c + d), level),
        Job("two products", "a * c + b * d", lambda b, c, d: (c, b * d), level),
        Job("repeated input", "d * a + (2 - d) * b - c / 4", lambda b, c, d: (d, (2 - d) * b - c / 4),
            level | {"left": given["left"], "right": given["right"]}),
    ]  # fmt: skip


def exact(job: Job) -> Array:
    """Return the exact figures, shape (n, 7), in the order of `FIGURES`."""
    return np.array([_exact_mixed(job, row) if job.mixed else _exact_lognormal(job, row) for row in range(len(job))])


def _exact_lognormal(job: Job, row: int) -> list[float]:
    mu = sum(float(job.columns[f"mu_{name}"][row]) for name in "abcd")
    sigma = float(np.sqrt(sum(float(job.columns[f"sigma_{name}"][row]) ** 2 for name in "abcd")))
    low, median, high = np.exp(mu + sigma * ndtri(np.array(TAILS)))
    half = brentq(lambda h: ndtr(h - sigma) - ndtr(-h - sigma) - PROBABILITY, 0.0, 9.0, xtol=1e-15)
    ends = np.exp(mu - sigma * sigma + sigma * np.array([-half, half]))
    mean = float(np.exp(mu + sigma * sigma / 2))
    return [mean, mean * float(np.sqrt(np.expm1(sigma * sigma))), low, median, high, *ends]


class _Conditional:
    """The distribution of one factor given b, c, d on a tensor of nodes, a integrated in closed form."""

    def __init__(self, job: Job, row: int) -> None:
        p = {name: float(column[row]) for name, column in job.columns.items()}
        z = np.arange(-8.0, 8.01, 0.4)
        weights = [np.exp(-z * z / 2) / np.exp(-z * z / 2).sum(), None, None]
        t, w = np.polynomial.legendre.leggauss(16)
        pieces = [(p["low"], p["mode"]), (p["mode"], p["high"])]
        c = np.concatenate([low + (high - low) * (t + 1) / 2 for low, high in pieces])
        rise = np.where(
            c < p["mode"], (c - p["low"]) / (p["mode"] - p["low"]), (p["high"] - c) / (p["high"] - p["mode"])
        )
        weights[1] = np.concatenate([w * (high - low) for low, high in pieces]) * rise
        t, w = np.polynomial.legendre.leggauss(20)
        weights[2] = w
        d = p["left"] + (p["right"] - p["left"]) * (t + 1) / 2
        grid = np.meshgrid(p["mean"] + p["sd"] * z, c, d, indexing="ij")
        self.weight = np.einsum("i,j,k->ijk", *(one / one.sum() for one in weights)).ravel()
        slope, offset = job.split(*grid)
        self.slope, self.offset = (np.broadcast_to(one, grid[0].shape).ravel() for one in (slope, offset))
        self.mu, self.sigma = p["mu_a"], p["sigma_a"]

    def scores(self, y: float) -> Array:
        """Return the normal score of a at which the result is y, at each node."""
        with np.errstate(divide="ignore"):
            return (np.log(np.maximum((y - self.offset) / self.slope, 0.0)) - self.mu) / self.sigma

    def cdf(self, y: float) -> float:
        """Return the probability of a result ≤ y."""
        return float(self.weight @ ndtr(self.scores(y)))

    def pdf(self, y: float) -> float:
        """Return the density at y."""
        above = y - self.offset
        bell = np.exp(-np.square(self.scores(y)) / 2) / (np.sqrt(2 * np.pi) * self.sigma)
        return float(self.weight @ np.where(above > 0, bell / np.where(above > 0, above, 1.0), 0.0))

    def moments(self) -> tuple[float, float]:
        """Return mean and standard deviation."""
        mean_a = np.exp(self.mu + self.sigma**2 / 2)
        mean = float(self.weight @ (self.slope * mean_a + self.offset))
        inner = np.square(self.slope * mean_a) * np.expm1(self.sigma**2)
        return mean, float(np.sqrt(self.weight @ (inner + np.square(self.slope * mean_a + self.offset - mean))))

    def quantile(self, u: float, mean: float, sd: float) -> float:
        """Return the value below which the probability is u."""
        return float(brentq(lambda y: self.cdf(y) - u, mean - 9 * sd, mean + 30 * sd, xtol=1e-13 * sd, rtol=1e-14))


def _exact_mixed(job: Job, row: int) -> list[float]:
    one = _Conditional(job, row)
    mean, sd = one.moments()
    low, median, high = (one.quantile(u, mean, sd) for u in TAILS)

    def unequal(tail: float) -> float:
        ends = [one.quantile(u, mean, sd) for u in (tail, tail + PROBABILITY)]
        return float(np.log(one.pdf(ends[0]) / one.pdf(ends[1])))

    tail = brentq(unequal, 1e-4, 1 - PROBABILITY - 1e-4, xtol=1e-11)
    return [mean, sd, low, median, high, *(one.quantile(u, mean, sd) for u in (tail, tail + PROBABILITY))]
