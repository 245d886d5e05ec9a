"""Evaluation of a measurement model: law of propagation, propagation of distributions, clause 8, contributions.

The result comes from independent batches (scrambled nets, or plain draws if asked for), whose scatter is its
numerical tolerance. The audit run of JCGM 101 judges the law of propagation and is reported beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from factordb.errors import StatementError, UsageError
from factordb.uncertainty import copula
from factordb.uncertainty.audit import JUDGING, AuditResult, Verdict, adaptive, batch_trials, validate_gum
from factordb.uncertainty.copula import Copula
from factordb.uncertainty.gum import Estimate, GumResult, propagate
from factordb.uncertainty.intervals import symmetric_interval
from factordb.uncertainty.marginals import Marginal
from factordb.uncertainty.measured import FloatArray
from factordb.uncertainty.model_file import Model
from factordb.uncertainty.model_inputs import estimate_of, marginal_of, readings_correlation
from factordb.uncertainty.sensitivity import Sobol, estimate_sobol
from factordb.uncertainty.streams import sobol_nets
from factordb.uncertainty.trials import plain_batches, quasi_batches, values_at

NETS = 16
MOST_NETS = 128
NET_EXPONENT = 15
SOBOL_EXPONENT = 12
SOBOL_REPLICATES = 8
DRAWN = 1 << 17
MOST_TRIALS = 4_000_000
LEAST_FOR_PARABOLA = 10
NEAR_SHORTEST = 1.01
"""Intervals up to 1 % wider than the shortest seen take part in finding the shortest."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A figure and its numerical error: one standard error over the nets."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is said of a model, in the model's unit."""

    model: Model
    estimate: Settled
    u: Settled
    median: Settled
    shortest: tuple[Settled, Settled]
    symmetric: tuple[Settled, Settled]
    gum: GumResult | None
    """First order; None where a derivative is undefined at the estimates."""
    gum2: GumResult | None
    audit: AuditResult
    verdict: Verdict | None
    verdict2: Verdict | None
    sobol: tuple[Sobol, ...]
    """Empty for correlated inputs, for which the indices have no meaning of their own."""
    draws: FloatArray
    """A sample of model values, shape (m,), for a plot."""

    @property
    def tolerance(self) -> float:
        """Twice the largest standard error of an end, as a share of the half-width of its interval."""
        return _tolerance(self.shortest, self.symmetric)


def evaluate(model: Model) -> Evaluation:
    """Return the evaluation of a model.

    Raises:
        StatementError: an input cannot be a distribution (three readings, for one), or the model is undefined
            at some draws.
        UsageError: the correlations are impossible together, or nothing is uncertain.
    """
    inputs = {one.name: marginal_of(one) for one in model.inputs}
    estimates = [estimate_of(one) for one in model.inputs]
    matrix = _correlation_matrix(model)
    tied = _copula(model, matrix, inputs)
    batch = _batches(model, inputs, tied)
    draws, marks = _until_settled(batch, model)
    audit = adaptive(
        lambda number: batch(MOST_NETS + number),  # batches of its own, independent of those of the result
        p=model.probability,
        digits=model.digits,
        interval=model.interval,
        tightening=JUDGING,
        most_trials=MOST_TRIALS,
    )
    gum, gum2 = (_law(model, estimates, matrix, order) for order in (1, 2))
    settled = _settled(marks)
    return Evaluation(
        model=model,
        estimate=settled[0],
        u=settled[1],
        median=settled[2],
        shortest=(settled[3], settled[4]),
        symmetric=(settled[5], settled[6]),
        gum=gum,
        gum2=gum2,
        audit=audit,
        verdict=None if gum is None else validate_gum(gum.low, gum.high, audit),
        verdict2=None if gum2 is None else validate_gum(gum2.low, gum2.high, audit),
        sobol=() if tied is not None else _sobol(model, inputs),
        draws=np.concatenate(draws)[:: max(1, len(draws) * draws[0].size // DRAWN)],
    )


def _batches(model: Model, inputs: Mapping[str, Marginal], tied: Copula | None) -> Callable[[int], FloatArray]:
    """Return a function from batch number to model values: scrambled nets, or plain draws where asked for."""
    if model.method == "plain":
        return plain_batches(
            model.expression, inputs, seed=model.seed, trials=batch_trials(model.probability), correlation=tied
        )
    return quasi_batches(model.expression, inputs, seed=model.seed, exponent=NET_EXPONENT, correlation=tied)


def _until_settled(
    batch: Callable[[int], FloatArray], model: Model
) -> tuple[list[FloatArray], list[tuple[float, ...]]]:
    """Return sorted batches and their marks, 16 at a time until the tolerance is met or 128 are drawn."""
    draws: list[FloatArray] = []
    marks: list[tuple[float, ...]] = []
    while len(draws) < MOST_NETS:
        draws += [np.sort(batch(number)) for number in range(len(draws), len(draws) + NETS)]
        marks += [_marks(values, model.probability) for values in draws[len(marks) :]]
        _, _, _, *ends = _settled(marks)
        if _tolerance((ends[0], ends[1]), (ends[2], ends[3])) <= model.tolerance:
            break
    return draws, marks


def _settled(marks: list[tuple[float, ...]]) -> list[Settled]:
    """Return the mean of each mark over the batches, with its standard error."""
    errors = np.std(marks, axis=0, ddof=1) / np.sqrt(len(marks))
    return [Settled(float(mark), float(error)) for mark, error in zip(np.mean(marks, axis=0), errors, strict=True)]


def _tolerance(*intervals: tuple[Settled, Settled]) -> float:
    worst = 0.0
    for low, high in intervals:
        half = (high.value - low.value) / 2
        if half > 0:
            worst = max(worst, 2 * max(low.error, high.error) / half)
    return worst


def _marks(ordered: FloatArray, probability: float) -> tuple[float, ...]:
    """Return (mean, sd, median, shortest low and high, symmetric low and high) of sorted values."""
    wrong = int(np.count_nonzero(~np.isfinite(ordered)))
    if wrong:
        raise StatementError(
            problem=f"the model is undefined at {wrong} of {ordered.size} draws of its inputs",
            remedy="choose distributions that stay where the formula is defined (truncated or log-normal)",
            problem_zh=f"在 {ordered.size} 次输入抽样中，模型有 {wrong} 次无定义",
            remedy_zh="请选择取值始终落在公式定义域内的分布（如截断分布或对数正态分布）",
        )
    shortest = _shortest(ordered, probability)
    symmetric = symmetric_interval(ordered, probability)
    ends = [float(end) for end in (*shortest, *symmetric)]
    return float(ordered.mean()), float(ordered.std(ddof=1)), float(np.median(ordered)), *ends


def _shortest(ordered: FloatArray, probability: float) -> tuple[float, float]:
    """Return the shortest interval of sorted values, freed of most of its noise.

    The width as a function of the lower tail is flat at its minimum, so the least of the noisy widths lies
    anywhere near it. A parabola through all widths within 1 % of the least one finds the minimum itself.
    """
    inside = round(probability * ordered.size)
    widths = ordered[inside:] - ordered[: ordered.size - inside]
    near = np.flatnonzero(widths <= NEAR_SHORTEST * widths.min())
    x = (near - near[0]) / max(int(near[-1] - near[0]), 1)
    start = int(widths.argmin())
    if near.size > LEAST_FOR_PARABOLA:
        curve, slope, _ = np.polyfit(x, widths[near] / widths[near].mean(), 2)
        if curve > 0:
            at = min(max(-slope / (2 * curve), 0.0), 1.0)
            start = int(near[0] + round(at * float(near[-1] - near[0])))
    return float(ordered[start]), float(ordered[start + inside])


def _law(model: Model, estimates: list[Estimate], matrix: FloatArray, order: int) -> GumResult | None:
    try:
        return propagate(model.expression, estimates, correlation=matrix, p=model.probability, order=order)
    except UsageError:
        # a derivative that is undefined at the estimates: the law has nothing to say, the distributions have
        return None


def _correlation_matrix(model: Model) -> FloatArray:
    """Return the correlation matrix of the inputs in their order: declared pairs, and readings taken together."""
    place = {one.name: row for row, one in enumerate(model.inputs)}
    matrix = np.eye(len(place))
    if model.simultaneous:
        rows = [place[name] for name in model.simultaneous]
        matrix[np.ix_(rows, rows)] = readings_correlation([model.inputs[row] for row in rows])
    for one, other, coefficient in model.correlation:
        matrix[place[one], place[other]] = matrix[place[other], place[one]] = coefficient
    return matrix


def _copula(model: Model, matrix: FloatArray, inputs: Mapping[str, Marginal]) -> Copula | None:
    """Return the copula of the correlated inputs, None if there are none."""
    linked = np.flatnonzero((matrix - np.eye(len(matrix)) != 0).any(axis=0))
    if not linked.size:
        return None
    names = [model.inputs[row].name for row in linked]
    quantiles = {name: _quantile(inputs[name]) for name in names}
    return copula.from_pearson(names, matrix[np.ix_(linked, linked)], quantiles)


def _quantile(marginal: Marginal) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    return lambda u: marginal.realise(0, u, scores=False, out=np.empty(u.shape))


def _sobol(model: Model, inputs: Mapping[str, Marginal]) -> tuple[Sobol, ...]:
    names = [name for name in model.expression.names if not inputs[name].independent_of_draws]
    fixed = {name: inputs[name].a[0] for name in model.expression.names if name not in names}
    if not names:
        return ()
    net = sobol_nets([*names, *(f"{name}'" for name in names)], model.seed, SOBOL_EXPONENT)

    def values(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return model.expression.evaluate({**fixed, **values_at(points, names, inputs)})

    return estimate_sobol(values, net, names, replicates=SOBOL_REPLICATES)
