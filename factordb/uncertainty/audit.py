"""The audit run: JCGM 101:2008 7.9 adaptive Monte Carlo, and clause 8's verdict on the law of propagation.

A batch may be plain Monte Carlo or one independently scrambled quasi-Monte Carlo net: the procedure needs
batches that are alike and independent of each other, not draws that are.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.errors import StatementError, UsageError
from factordb.uncertainty.intervals import shortest_interval, symmetric_interval

Array: TypeAlias = NDArray[np.float64]
Interval: TypeAlias = Literal["shortest", "symmetric"]

# JCGM 101 7.9.4 b): at least 10⁴ trials a batch, and at least 100/(1 − p).
LEAST_TRIALS = 10_000
# Clause 8.2: the Monte Carlo run that judges a GUM interval is made five times as tight as the judgement.
JUDGING = 5.0


@dataclass(frozen=True)
class Stability:
    """The state after h batches: the four averages and twice their standard deviations (7.9.4 g)."""

    batches: int
    y: float
    u: float
    low: float
    high: float
    two_s_y: float
    two_s_u: float
    two_s_low: float
    two_s_high: float
    tolerance: float

    @property
    def settled(self) -> bool:
        """Whether every one of the four is within the tolerance."""
        return max(self.two_s_y, self.two_s_u, self.two_s_low, self.two_s_high) <= self.tolerance


@dataclass(frozen=True)
class AuditResult:
    """Estimate, standard uncertainty and coverage interval from all trials, and how they settled.

    `delta` is the numerical tolerance of u to `digits` significant digits (7.9.2); `tolerance` is what the
    run had to reach, delta or a part of it. `converged` is False where `most_trials` ended the run.
    """

    y: float
    u: float
    median: float
    low: float
    high: float
    p: float
    interval: Interval
    digits: int
    delta: float
    tolerance: float
    batches: int
    trials: int
    converged: bool
    history: tuple[Stability, ...]


@dataclass(frozen=True)
class Verdict:
    """Clause 8: whether the GUM interval agrees with the Monte Carlo one within delta at both ends."""

    d_low: float
    d_high: float
    delta: float
    converged: bool

    @property
    def validated(self) -> bool:
        """Whether the law of propagation may be used for this model; never from an unsettled run."""
        return self.converged and max(self.d_low, self.d_high) <= self.delta

    def words(self, lang: str) -> str:
        """Return the verdict in one sentence, "zh" or "en"."""
        ends = f"d_low = {self.d_low:.2g}, d_high = {self.d_high:.2g}, δ = {self.delta:.2g}"
        if not self.converged:
            zh, en = "蒙特卡洛未达到所需容差，不作判定", "no verdict: the Monte Carlo run did not settle"
        elif self.validated:
            zh, en = "不确定度传播律得到验证", "the law of propagation is validated"
        else:
            zh, en = (
                "不确定度传播律未通过验证，请采用蒙特卡洛结果",
                ("the law of propagation is not validated, use the Monte Carlo result"),
            )
        return f"{zh}（{ends}；JCGM 101 第 8 章）" if lang == "zh" else f"{en} ({ends}; JCGM 101 clause 8)"


def numerical_tolerance(u: float, digits: int = 2) -> float:
    """Return delta = ½·10^l, where u = c·10^l and c has `digits` digits (JCGM 101 7.9.2).

    Raises:
        UsageError: digits is not 1 or more, or u is not positive and finite.
    """
    if digits < 1 or not (math.isfinite(u) and u > 0):
        raise UsageError(
            problem=f"a numerical tolerance needs u > 0 and at least one digit, not u = {u!r}, {digits!r} digits",
            remedy="check that some input is uncertain, and ask for 1 or 2 significant digits",
            problem_zh=f"数值容差要求 u > 0 且至少一位有效数字，而现在 u = {u!r}，位数为 {digits!r}",
            remedy_zh="请确认至少一个输入量有不确定度，并取 1 或 2 位有效数字",
        )
    exponent = int(f"{u:.{digits - 1}e}".partition("e")[2])
    # from text, so that the tolerance of u = 0.075 is the float nearest to 0.0005
    return float(f"5e{exponent - digits}")


def batch_trials(p: float) -> int:
    """Return M, the trials of a batch: max(10⁴, the least whole J ≥ 100/(1−p)) (JCGM 101 7.9.4 b)."""
    exact = 100.0 / (1.0 - p)
    whole = round(exact) if abs(exact - round(exact)) < 1e-9 * exact else math.ceil(exact)
    return max(LEAST_TRIALS, whole)


def adaptive(
    batch: Callable[[int], Array],
    *,
    p: float = 0.95,
    digits: int = 2,
    interval: Interval = "shortest",
    tightening: float = 1.0,
    least_batches: int = 2,
    most_trials: int = 20_000_000,
) -> AuditResult:
    """Return the result of the adaptive procedure of JCGM 101 7.9.4.

    Args:
        batch: batch number h = 0, 1, … to its model values, shape (M,), the same M ≥ 10⁴ each time.
        p: coverage probability.
        digits: significant digits of u that must be settled, 1 or 2.
        interval: which coverage interval must be settled.
        tightening: the run must reach delta / tightening; 5 to judge a GUM interval (clause 8).
        least_batches: at least this many; the standard's 2 leave one degree of freedom and stop early often.
        most_trials: end here even if not settled; the result says so.

    Raises:
        StatementError: the model is undefined at some draws; says at how many.
        UsageError: p or digits are out of range.
    """
    values: list[Array] = []
    marks: list[tuple[float, float, float, float]] = []
    history: list[Stability] = []
    centre, squares, seen = 0.0, 0.0, 0
    while True:
        y = _defined(batch(len(values)))
        values.append(y)
        ends = interval_of(np.sort(y), p, interval)
        # shift by the batch mean before squaring, then merge: never Σy² − n·ȳ²
        mean = float(y.mean())
        spread = float(np.dot(y - mean, y - mean))
        squares += spread + (mean - centre) ** 2 * seen * len(y) / (seen + len(y))
        centre += (mean - centre) * len(y) / (seen + len(y))
        seen += len(y)
        marks.append((mean, math.sqrt(spread / (len(y) - 1)), *ends))
        delta = numerical_tolerance(math.sqrt(squares / (seen - 1)), digits)
        if len(values) >= max(2, least_batches):
            history.append(_stability(np.array(marks), delta / tightening))
            if history[-1].settled or seen + len(y) > most_trials:
                break
    ordered = np.sort(np.concatenate(values))
    low, high = interval_of(ordered, p, interval)
    return AuditResult(
        y=centre,
        u=math.sqrt(squares / (seen - 1)),
        median=float(np.median(ordered)),
        low=low,
        high=high,
        p=p,
        interval=interval,
        digits=digits,
        delta=delta,
        tolerance=delta / tightening,
        batches=len(values),
        trials=seen,
        converged=history[-1].settled,
        history=tuple(history),
    )


def validate_gum(low: float, high: float, audit: AuditResult) -> Verdict:
    """Return clause 8's verdict on the GUM interval [low, high].

    The audit run should have been made with `tightening=JUDGING` and the same coverage probability.
    """
    return Verdict(
        d_low=abs(low - audit.low),
        d_high=abs(high - audit.high),
        delta=audit.delta,
        converged=audit.converged,
    )


def interval_of(ordered: Array, p: float, interval: Interval) -> tuple[float, float]:
    """Return the ends of the asked coverage interval of sorted values, shape (M,)."""
    low, high = (shortest_interval if interval == "shortest" else symmetric_interval)(ordered, p)
    return float(low), float(high)


def _stability(marks: Array, tolerance: float) -> Stability:
    h = len(marks)
    averages = marks.mean(axis=0)
    two_s = 2 * np.sqrt(((marks - averages) ** 2).sum(axis=0) / (h * (h - 1)))
    y, u, low, high = averages.tolist()
    two_s_y, two_s_u, two_s_low, two_s_high = two_s.tolist()
    return Stability(h, y, u, low, high, two_s_y, two_s_u, two_s_low, two_s_high, tolerance)


def _defined(y: Array) -> Array:
    wrong = int(np.count_nonzero(~np.isfinite(y)))
    if wrong:
        raise StatementError(
            problem=f"the model is undefined at {wrong} of {len(y)} draws of its inputs",
            remedy="choose distributions that stay where the formula is defined (truncated or log-normal)",
            problem_zh=f"在 {len(y)} 次输入抽样中，模型有 {wrong} 次无定义",
            remedy_zh="请选择取值始终落在公式定义域内的分布（如截断分布或对数正态分布）",
        )
    return y
