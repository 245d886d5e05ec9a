"""What no integral answers: plain Monte Carlo with shared draws, and JCGM 101's adaptive run where it is asked for."""

from typing import TYPE_CHECKING

import numpy as np

from factordb.errors import StatementError
from factordb.uncertainty.assumptions import Reason, code_of
from factordb.uncertainty.audit import AuditResult, Interval, adaptive, batch_trials
from factordb.uncertainty.families import Array
from factordb.uncertainty.results import SUMMARY, Outcome, Rows, Summary
from factordb.uncertainty.sampling import simulate
from factordb.uncertainty.trials import plain_batches

if TYPE_CHECKING:
    from factordb.uncertainty.engine import Asked, Block

DRAWS, MOST_DRAWS = 10_000, 1_000_000
"""Draws of a first run, and of a second one, made only where it would meet the tolerance."""
MOST_TRIALS = 4_000_000


def sampling_tier(block: "Block", asked: "Asked") -> tuple[Rows, Outcome]:
    """Answer all rows by plain Monte Carlo; undefined values refuse a row."""
    rows = np.arange(block.count)
    outcome = _simulated(block, asked, DRAWS)
    with np.errstate(invalid="ignore"):
        needed = DRAWS * np.square(outcome.tolerance / asked.tolerance)
        again = np.flatnonzero((needed > DRAWS) & (needed * 2 <= MOST_DRAWS))
    for row in again:  # each to its own number of draws: few rows need it, and each of them is a long run
        better = _simulated(block.take(np.array([row])), asked, int(2 * needed[row]))
        outcome.summary.place(np.array([row]), better.summary)
        for name in ("tolerance", "draws", "reason"):
            getattr(outcome, name)[row] = getattr(better, name)[0]
    return rows, outcome


def _simulated(block: "Block", asked: "Asked", draws: int) -> Outcome:
    inputs = {name: one.marginal() for name, one in block.inputs.items()}
    found = simulate(block.expression, inputs, seed=asked.seed, draws=draws, p=asked.probability)
    summary = Summary(*(getattr(found, name) for name in SUMMARY))
    reason = np.where(summary.usable, 0, code_of(Reason.UNDEFINED)).astype(np.int8)
    return Outcome(summary, found.tolerance, np.full(block.count, draws), reason)


def adaptive_tier(block: "Block", asked: "Asked") -> tuple[Rows, Outcome]:
    """Answer all rows by the adaptive procedure of JCGM 101, 7.9, until u is settled to two digits; only if forced."""
    count = block.count if asked.method is not None else 0
    summary, tolerance = Summary.empty(count), np.full(count, np.nan)
    draws, reason = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int8)
    for row in range(count):
        try:
            symmetric, shortest = (_audited(block, asked, row, interval) for interval in ("symmetric", "shortest"))
        except StatementError:
            reason[row] = code_of(Reason.UNDEFINED)
            continue
        found = (symmetric.y, symmetric.u, symmetric.median, symmetric.low, symmetric.high, shortest.low, shortest.high)
        for name, value in zip(SUMMARY, found, strict=True):
            getattr(summary, name)[row] = value
        last = symmetric.history[-1]
        tolerance[row] = max(last.two_s_low, last.two_s_high) / ((symmetric.high - symmetric.low) / 2)
        draws[row] = symmetric.trials
    return np.arange(count), Outcome(summary, tolerance, draws, reason)


def _audited(block: "Block", asked: "Asked", row: int, interval: Interval) -> AuditResult:
    inputs = {name: one.marginal() for name, one in block.inputs.items()}
    batch = plain_batches(
        block.expression, inputs, seed=asked.seed, trials=batch_trials(asked.probability), row=row
    )  # fmt: skip

    def values(number: int) -> Array:
        with np.errstate(all="ignore"):
            return batch(number)

    return adaptive(values, p=asked.probability, interval=interval, most_trials=MOST_TRIALS)
