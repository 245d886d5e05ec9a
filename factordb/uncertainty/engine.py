"""One block of factors of one formula: each row goes to the cheapest method that meets the tolerance."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from factordb.expression import Expression
from factordb.uncertainty import closed
from factordb.uncertainty.assumptions import Reason
from factordb.uncertainty.conditional import conditional_tier
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.fourier import fourier_tier
from factordb.uncertainty.moments import exact_moments
from factordb.uncertainty.results import Method, Outcome, Results, Rows, Summary
from factordb.uncertainty.sampled import adaptive_tier, sampling_tier

Bools = NDArray[np.bool_]
Inputs = Mapping[str, Distributions]


@dataclass(frozen=True)
class Asked:
    """What is asked of a run: the coverage probability, the tolerance of the ends in half-widths, the seed."""

    probability: float = 0.95
    tolerance: float = 1e-3
    seed: int = 0
    method: Method | None = None


class Block:
    """Some rows of one formula, and what the methods want to know of them."""

    def __init__(self, expression: Expression, inputs: Inputs) -> None:
        self.expression = expression
        self.names = expression.names
        self.inputs = {name: inputs[name] for name in self.names}
        self.count = len(self.inputs[self.names[0]])

    def take(self, rows: Rows) -> "Block":
        """Return some rows of it, given in ascending order: itself, and what it knows, if they are all."""
        if len(rows) == self.count:
            return self
        return Block(self.expression, {name: one.take(rows) for name, one in self.inputs.items()})

    @cached_property
    def constant(self) -> Bools:
        """Which inputs are known exactly, shape (k, n)."""
        return np.array([self.inputs[name].is_family(Family.CONSTANT) for name in self.names])

    @cached_property
    def moments(self) -> tuple[Array, Array, Array] | None:
        """Exact mean, sd and shares, where the formula is a sum of products of powers."""
        return exact_moments(self.expression, self.inputs)

    def all_of(self, family: Family) -> Bools:
        """Return which rows have inputs of one family and constants only, shape (n,)."""
        return np.asarray(
            (np.array([self.inputs[name].is_family(family) for name in self.names]) | self.constant).all(0)
        )


def evaluate_block(expression: Expression, inputs: Inputs, asked: Asked) -> Results:
    """Return the results of n rows; arguments as in `batch.evaluate_batch`."""
    whole = Block(expression, inputs)
    results = Results.empty(whole.count, whole.names, asked.probability, asked.seed)
    valid = np.logical_and.reduce([one.valid() for one in whole.inputs.values()])
    results.refuse(np.flatnonzero(~valid), Reason.INPUT_REFUSED)
    open_rows = np.flatnonzero(valid)
    for method, tier in TIERS.items():
        if open_rows.size and asked.method in (None, method):
            open_rows = _through(tier, method, whole, open_rows, asked, results)
    results.refuse(open_rows, Reason.UNDEFINED)
    _contributions(whole, results)
    return results


Tier = Callable[[Block, Asked], tuple[Rows, Outcome]]
"""Takes rows, returns the places it can answer and what it found there."""


def _through(tier: Tier, method: Method, whole: Block, rows: Rows, asked: Asked, results: Results) -> Rows:
    """Let one method answer what it can, record it, and return the rows that remain."""
    places, outcome = tier(whole.take(rows), asked)
    results.record(rows[places], method, outcome)
    left = np.ones(len(rows), dtype=bool)
    left[places] = False
    return rows[left]


def _contributions(whole: Block, results: Results) -> None:
    rows = np.flatnonzero(results.reason == 0)
    if not rows.size:
        return
    block = whole.take(rows)
    if len(block.names) == 1:
        results.contributions[rows] = 1.0
    elif block.moments is not None:
        results.contributions[rows] = block.moments[2]
    else:
        results.contributions[rows] = _linear_shares(block)


def _linear_shares(block: Block) -> Array:
    """Return |c u|² of each input as a share of their sum: first order of the law of propagation."""
    means = {name: one.mean() for name, one in block.inputs.items()}
    gradient = block.expression.gradient(means)
    parts = np.stack([np.square(gradient[name] * block.inputs[name].sd()) for name in block.names], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def closed_tier(block: Block, asked: Asked) -> tuple[Rows, Outcome]:
    """Answer rows with a closed form: constants, one uncertain input, log-normal products, normal sums."""
    summary = Summary.empty(block.count)
    done = np.zeros(block.count, dtype=bool)
    with np.errstate(all="ignore"):
        for chosen, found in (
            _products(block, asked.probability),
            _singles(block, asked.probability),
            _sums(block, asked.probability),
        ):
            new = chosen & ~done
            summary.place(np.flatnonzero(new), found, new[chosen])
            done |= new
    rows = np.flatnonzero(done)
    return rows, Outcome.exact(summary.take(rows))


def _products(block: Block, probability: float) -> tuple[Bools, Summary]:
    """Products of powers of log-normals and constants are log-normal, of either sign."""
    monomial = block.expression.monomial()
    plain = [(one.parameters[:, 2] == 0) | one.is_family(Family.CONSTANT) for one in block.inputs.values()]
    chosen = block.all_of(Family.LOGNORMAL) & ~block.constant.all(axis=0) & np.logical_and.reduce(plain)
    if monomial is None or not chosen.any():
        return np.zeros(block.count, dtype=bool), Summary.empty(0)
    coefficient, powers = monomial
    rows = chosen if not chosen.all() else slice(None)
    scale = np.full(np.count_nonzero(chosen), coefficient)
    mu, variance = np.zeros(len(scale)), np.zeros(len(scale))
    for name, power in powers.items():
        one = block.inputs[name]
        first, sigma, _, sign = one.parameters[rows].T
        fixed = one.is_family(Family.CONSTANT)[rows]
        mu += np.where(fixed, 0.0, power * first)
        variance += np.where(fixed, 0.0, np.square(power * sigma))
        scale = scale * np.power(np.where(fixed, first, sign), power)
    found = closed.lognormal_summary(mu, np.sqrt(variance), probability)
    return chosen, found.affine(scale, np.zeros(len(scale)))


def _singles(block: Block, probability: float) -> tuple[Bools, Summary]:
    """One uncertain input that enters as A·x + B, or none: its own distribution, moved and scaled."""
    uncertain = (~block.constant).sum(axis=0)
    values = {name: np.where(fixed, one.parameters[:, 0], 0.0) for (name, one), fixed in
              zip(block.inputs.items(), block.constant, strict=True)}  # fmt: skip
    chosen = uncertain == 0
    summary = Summary.empty(block.count)
    summary.place(np.flatnonzero(chosen), closed.constant_summary(block.expression.evaluate(values)), chosen)
    for place, name in enumerate(block.names):
        alone = ~block.constant[place] & (uncertain == 1)
        if not alone.any() or not block.expression.affine_in(name):
            continue
        rows = np.flatnonzero(alone)
        slope, offset = block.expression.affine_parts(name, {key: value[rows] for key, value in values.items()})
        slope, offset = (np.broadcast_to(part, rows.shape) for part in (slope, offset))
        found = closed.single_summary(block.inputs[name].take(rows), probability)
        summary.place(rows, found.affine(slope, offset))
        chosen[rows] = True
    return chosen, summary.take(np.flatnonzero(chosen))


def _sums(block: Block, probability: float) -> tuple[Bools, Summary]:
    """Linear inventories of normals and constants are normal."""
    linear = block.expression.linear()
    chosen = block.all_of(Family.NORMAL)
    if linear is None or not chosen.any():
        return np.zeros(block.count, dtype=bool), Summary.empty(0)
    mean, variance = np.full(np.count_nonzero(chosen), linear[0]), np.zeros(np.count_nonzero(chosen))
    for name, slope in linear[1].items():
        one = block.inputs[name].take(chosen)
        mean = mean + slope * one.mean()
        variance = variance + np.square(slope * one.sd())
    return chosen, closed.normal_summary(mean, np.sqrt(variance), probability)


TIERS: dict[Method, Tier] = {
    Method.CLOSED: closed_tier,
    Method.FOURIER: fourier_tier,
    Method.CONDITIONAL: conditional_tier,
    Method.SAMPLING: sampling_tier,
    Method.ADAPTIVE: adaptive_tier,
}
"""Methods from the cheapest to the dearest."""
