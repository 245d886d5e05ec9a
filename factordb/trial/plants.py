"""Batch trial: one inventory, the activity data of many plants, and what a benchmark value could be."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from factordb.errors import UsageError
from factordb.trial.assembling import assemble
from factordb.trial.finding import blocking, gravest_first
from factordb.trial.footprint import findings_of, primary
from factordb.trial.inventory import Inventory, number_of, rules
from factordb.trial.reckoning import Problem, finite, problem_of, realised, summary
from factordb.trial.resolving import Lookup
from factordb.trial.terms import LOCATION, of_variant
from factordb.uncertainty.families import Array
from factordb.uncertainty.intervals import shortest_interval
from factordb.uncertainty.marginals import BY_NORMALS, CONSTANT
from factordb.uncertainty.streams import Streams

PLANT: Final = "plant"
PRODUCTION: Final = "production"


@dataclass(frozen=True)
class Plants:
    """A table of plants, in order of their names.

    Attributes:
        names: of the plants, n of them.
        production: output in the unit of the study, > 0, shape (n,).
        amounts: line -> activity for that output, in the unit of the line, shape (n,).
    """

    names: tuple[str, ...]
    production: Array
    amounts: Mapping[str, Array]


def plants_of(rows: Sequence[Mapping[str, str]], stated: Inventory) -> Plants:
    """Return the plants of a table of text cells.

    Raises:
        UsageError: a column is no line of the inventory, a cell holds no number, or a plant stands there twice.
    """
    lines = [line["id"] for line in stated.lines]
    columns = list(rows[0]) if rows else []
    for name in columns:
        if name not in {PLANT, PRODUCTION, *lines}:
            near = difflib.get_close_matches(name, lines, 1, 0.5) or lines[:1]
            raise _fault(f"the column {name!r} is no line of the inventory", f"did you mean {near[0]}?",
                         f"列 {name!r} 不是清单中的行标识", f"是否应为 {near[0]}？")  # fmt: skip
    if not {PLANT, PRODUCTION} <= set(columns) or len(rows) > rules()["batch"]["most_plants"]:
        most = rules()["batch"]["most_plants"]
        raise _fault(f"a table of 1 to {most} plants needs the columns plant and production", "add them",
                     f"工厂表须有 1 至 {most} 行，且须有 plant 与 production 两列", "请补充")  # fmt: skip
    ordered = sorted(rows, key=lambda row: row[PLANT])
    names = [row[PLANT] for row in ordered]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice or not all(names):
        raise _fault(f"plants without a name of their own: {', '.join(twice) or '—'}", "name each plant once",
                     f"工厂名称缺失或重复：{'、'.join(twice) or '—'}", "请为每家工厂填写唯一的名称")  # fmt: skip
    production = _numbers(ordered, PRODUCTION)
    if (production <= 0).any():
        raise _fault("a plant's production is not positive", "leave out plants without output",
                     "存在产量不为正数的工厂", "请剔除没有产量的工厂")  # fmt: skip
    amounts = {name: _numbers(ordered, name) for name in lines if name in columns}
    for name in (line["id"] for line in stated.lines if line["electricity"] and line["id"] in amounts):
        if (amounts[name] < 0).any():
            raise _fault(f"a plant's purchased electricity ({name}) is negative",
                         "give what it bought; sold power is a line of its own",
                         f"存在外购电力（{name}）为负数的工厂", "请填写外购电量；外供电力请另列一行")  # fmt: skip
    return Plants(tuple(names), production, amounts)


def _numbers(rows: Sequence[Mapping[str, str]], column: str) -> Array:
    found = np.empty(len(rows))
    for at, row in enumerate(rows):
        number = number_of(row[column])
        if number is None:
            raise _fault(f"{row[PLANT]}, {column}: {row[column]!r} is no number that can be used",
                         "give a number: 0, or 1e-18 to 1e18",
                         f"{row[PLANT]} 的 {column}：{row[column]!r} 不是可用的数值",
                         "请填写 0 或绝对值 1e-18 至 1e18 的数值")  # fmt: skip
        found[at] = number
    return found


def batch(stated: Inventory, plants: Plants, lookup: Lookup) -> dict[str, Any]:
    """Return each plant's footprint with its interval, the production-weighted mean and quantiles.

    Electricity is counted by location: certificates of one plant say nothing of another. A line without a column
    is used by every plant as much per unit of output as the inventory says. Factors are drawn once for all plants;
    the activity data of each plant are drawn by themselves, with the relative spread of the inventory.
    """
    made = assemble(stated, lookup)
    findings = gravest_first(findings_of(stated, made))
    if blocking(findings):
        return {"usable": False, "findings": findings, "study": dict(stated.study)}
    asked = problem_of(of_variant(made.terms, LOCATION))
    ratio = _ratios(stated, plants, asked)
    weights = plants.production / plants.production.sum()
    points_of_terms = np.array([term.point for term in asked.terms])
    points = points_of_terms @ ratio
    findings = gravest_first([*findings, *primary(stated, asked.terms, np.abs(points_of_terms * (ratio @ weights)))])
    samples, seed = int(rules()["batch"]["samples"]), stated.study["seed"]
    with np.errstate(over="ignore", invalid="ignore"):
        totals = _draws(asked, ratio, samples, seed)
    finite(points, totals)
    low, high = shortest_interval(np.sort(totals, axis=1), float(rules()["coverage"]))
    probabilities = rules()["batch"]["quantiles"]
    drawn = weighted_quantiles(totals, weights, probabilities)
    values = weighted_quantiles(points[:, None], weights, probabilities)[:, 0]
    ends = shortest_interval(np.sort(drawn, axis=1), float(rules()["coverage"]))
    return {
        "usable": True,
        "findings": findings,
        "study": dict(stated.study),
        "method": LOCATION,
        "plants": [
            {"plant": name, "production": float(plants.production[at]), "value": float(points[at]),
             "low95": float(low[at]), "high95": float(high[at])}
            for at, name in enumerate(plants.names)
        ],
        "mean": summary(weights @ totals, float(weights @ points)),
        "quantiles": [
            {"quantile": q, "value": float(values[at]), "low95": float(ends[0][at]), "high95": float(ends[1][at])}
            for at, q in enumerate(probabilities)
        ],
        "samples": samples,
        "seed": seed,
    }  # fmt: skip


def _ratios(stated: Inventory, plants: Plants, asked: Problem) -> Array:
    """Return activity per output of each term and plant over that of the inventory, shape (terms, plants)."""
    output = stated.study["reference_amount"] or stated.study["amount"]
    base = {line["id"]: line["amount"] for line in stated.lines}
    found = np.ones((len(asked.terms), len(plants.names)))
    for at, term in enumerate(asked.terms):
        amounts = plants.amounts.get(term.line)
        if amounts is None:
            continue
        if not base[term.line]:
            raise _fault(f"line {term.line} is 0 in the inventory", "give a typical amount: spreads are relative to it",
                         f"清单行 {term.line} 的数值为 0", "请填写典型值：离散度以其为基准")  # fmt: skip
        found[at] = (amounts / plants.production) / (base[term.line] / output)
    return found


def _draws(asked: Problem, ratio: Array, samples: int, seed: int) -> Array:
    """Return the draws of every plant, shape (plants, samples)."""
    streams, count = Streams(seed), ratio.shape[1]
    marginal = asked.spreads.marginal()
    shared = realised(asked.inputs, marginal, streams, 0, samples)
    totals = np.zeros((count, samples))
    for at, (one, other) in enumerate(zip(asked.activity.tolist(), asked.factor.tolist(), strict=True)):
        kind = int(marginal.kind[one])
        if kind == CONSTANT:
            own = np.full((count, samples), marginal.a[one])
        else:
            scores = kind in BY_NORMALS
            fill = streams.normals if scores else streams.uniforms
            flat = fill(f"plants:{asked.inputs[one].name}", count * samples)
            own = marginal.realise(one, flat, scores=scores, out=flat).reshape(count, samples)
        totals += ratio[at][:, None] * own * (asked.scale[at] * shared[other])
    return totals


def weighted_quantiles(values: Array, weights: Array, probabilities: Sequence[float]) -> Array:
    """Return the least value at or below which a share of the weight lies, of each column, shape (q, columns)."""
    order: NDArray[np.intp] = np.argsort(values, axis=0, kind="stable")
    cumulated = np.cumsum(weights[order], axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    found = np.empty((len(probabilities), values.shape[1]))
    for at, q in enumerate(probabilities):
        place = np.argmax(cumulated >= q - 1e-12, axis=0)
        found[at] = np.take_along_axis(ordered, place[None, :], axis=0)[0]
    return found


def _fault(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> UsageError:
    return UsageError(problem=problem, remedy=remedy, problem_zh=problem_zh, remedy_zh=remedy_zh)
