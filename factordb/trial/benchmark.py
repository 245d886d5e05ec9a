"""Batch trial: one inventory, the activity data of many plants, and what a benchmark value could be."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from factordb.trial.assembling import ALIKE, RESIDUAL, assemble
from factordb.trial.finding import Found, blocking, finding, gravest_first
from factordb.trial.footprint import findings_of, primary
from factordb.trial.inventory import Cells, Inventory, rules
from factordb.trial.plants import Plants, fault
from factordb.trial.reckoning import Problem, finite, problem_of, realised, summary
from factordb.trial.resolving import Lookup
from factordb.trial.terms import ALL, LOCATION, MARKET, of_variant
from factordb.uncertainty.families import Array
from factordb.uncertainty.intervals import shortest_interval
from factordb.uncertainty.marginals import BY_NORMALS, CONSTANT, Marginal
from factordb.uncertainty.streams import Streams

REMAINS = "TRL023"


def batch(stated: Inventory, plants: Plants, lookup: Lookup) -> dict[str, Any]:
    """Return each plant's footprint with its interval, the production-weighted mean and quantiles.

    `method` says how electricity is counted in them, as the study asks where the data are there; `ways` holds every
    way that was counted. By market it is counted where the table says what each plant holds of a certificate or
    contract, or the inventory gives a residual mix: certificates of one plant say nothing of another. A line without
    a column is used by every plant as much per unit of output as the inventory says. Factors are drawn once for all
    plants; the activity data of each plant are drawn by themselves, with the relative spread of the inventory.

    Raises:
        UsageError: a plant holds certificates for more than it uses, or a result is beyond what can be calculated.
    """
    # what a plant holds is said by the table: the amounts of the inventory are those of one plant
    made = assemble(_without_amounts(stated), lookup)
    findings = [*(one for one in findings_of(stated, made) if one["code"] != REMAINS), *_of_contracts(stated, plants)]
    if blocking(findings):
        return {"usable": False, "findings": gravest_first(findings), "study": dict(stated.study)}
    ways = (LOCATION, MARKET) if _by_market(stated, plants) else (LOCATION,)
    method = stated.study["electricity"] if stated.study["electricity"] in ways else LOCATION
    asked = problem_of([term for term in made.terms if set(term.variants) & set(ways)])
    ratio, spans = _ratios(stated, plants, asked), _spans(stated, plants, asked)
    points = np.array([_used(ratio[at] * one.activity.point, spans[at]) * one.scale * one.factor.value.point
                       for at, one in enumerate(asked.terms)])  # fmt: skip
    weights = plants.production / plants.production.sum()
    shown = of_variant(asked.terms, method)
    places = [at for at, one in enumerate(asked.terms) if method in one.variants]
    findings += primary(stated, shown, np.abs(points[places] @ weights))
    samples, seed = int(rules()["batch"]["samples"]), stated.study["seed"]
    with np.errstate(over="ignore", invalid="ignore"):
        totals = _draws(asked, ratio, spans, ways, samples, seed)
    found = {
        way: _benchmarks(plants, weights,
                         points[[at for at, one in enumerate(asked.terms) if way in one.variants]].sum(axis=0), drawn)
        for way, drawn in totals.items()
    }  # fmt: skip
    return {
        "usable": True,
        "findings": gravest_first(findings),
        "study": dict(stated.study),
        "method": method,
        **found[method],
        "ways": found,
        "samples": samples,
        "seed": seed,
    }


def _without_amounts(stated: Inventory) -> Inventory:
    contracts = tuple({**one, "amount": None if one["kind"] == RESIDUAL else 0.0} for one in stated.contracts)
    return replace(stated, contracts=contracts)


def _by_market(stated: Inventory, plants: Plants) -> bool:
    bought = {line["id"] for line in stated.lines if line["electricity"]}
    rests = [one for one in stated.contracts if one["kind"] == RESIDUAL and one["line"] in bought]
    return bool(plants.contracted or rests)


def _of_contracts(stated: Inventory, plants: Plants) -> list[Found]:
    """Return what the table leaves open of certificates and contracts."""
    told = [
        finding("TRL071", f"contract {one['id']}", found=str(one["id"]))
        for one in stated.contracts if one["kind"] != RESIDUAL and one["id"] not in plants.contracted
    ]  # fmt: skip
    if not _by_market(stated, plants):
        return [*told, finding("TRL072", "study")] if stated.study["electricity"] == MARKET else told
    for line in (one for one in stated.lines if one["electricity"]):
        mine = [one for one in stated.contracts if one["line"] == line["id"]]
        rests = any(one["kind"] == RESIDUAL for one in mine)
        if mine and not rests and not _all_covered(stated, line, plants).all():
            told.append(finding(REMAINS, f"line {line['id']}"))
    return told


def _used_by(stated: Inventory, line: Cells, plants: Plants) -> Array:
    """Return the activity of each plant, shape (n,); of a line without a column as much as the inventory says."""
    output = stated.study["reference_amount"] or stated.study["amount"]
    amounts = plants.amounts.get(line["id"])
    return line["amount"] / output * plants.production if amounts is None else amounts


def _covered(stated: Inventory, line: Cells, plants: Plants) -> Array:
    """Return what each contract covers of a line in each plant, in its unit, shape (contracts, n)."""
    mine = [one["id"] for one in stated.contracts if one["line"] == line["id"]]
    none = np.zeros(len(plants.names))
    return np.array([plants.contracted.get(name, none) for name in mine] or [none])


def _all_covered(stated: Inventory, line: Cells, plants: Plants) -> NDArray[np.bool_]:
    """Return whether certificates and contracts cover all that a plant uses, shape (n,).

    Raises:
        UsageError: they cover more.
    """
    covered, used = _covered(stated, line, plants).sum(axis=0), _used_by(stated, line, plants)
    beyond = (covered > 0) & (covered > used * (1 + ALIKE))
    if beyond.any():
        names = [name for name, more in zip(plants.names, beyond, strict=True) if more]
        raise fault(f"{', '.join(names)}: certificates and contracts exceed the electricity used ({line['id']})",
                    "correct the amounts, or count fewer certificates",
                    f"{'、'.join(names)} 的证书与合同电量超过用电量（{line['id']}）",
                    "请更正电量，或减少所计入的证书")  # fmt: skip
    return np.asarray((covered > 0) & (covered >= used * (1 - ALIKE)), np.bool_)


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
            raise fault(f"line {term.line} is 0 in the inventory", "give a typical amount: spreads are relative to it",
                        f"清单行 {term.line} 的数值为 0", "请填写典型值：离散度以其为基准")  # fmt: skip
        found[at] = (amounts / plants.production) / (base[term.line] / output)
    return found


def _spans(stated: Inventory, plants: Plants, asked: Problem) -> list[tuple[Array, Array] | None]:
    """Return from where to where of its activity a term counts in each plant, for the output of the inventory.

    None: all of it. A plant's last contract follows its use where nothing remains, as in a single trial.
    """
    scaled = (stated.study["reference_amount"] or stated.study["amount"]) / plants.production
    lines = {line["id"]: line for line in stated.lines}
    found: list[tuple[Array, Array] | None] = []
    for term in asked.terms:
        if term.kind == ALL:
            found.append(None)
            continue
        line = lines[term.line]
        names = [one["id"] for one in stated.contracts if one["line"] == term.line and one["kind"] != RESIDUAL]
        ends = np.cumsum([0 * scaled, *(plants.contracted.get(name, 0 * scaled) for name in names)], axis=0)
        full, whole = _all_covered(stated, line, plants), ends[-1]
        if term.part not in names:
            found.append((whole * scaled, np.where(full, whole * scaled, np.inf)))
            continue
        at = names.index(term.part)
        low, high = ends[at], ends[at + 1]
        last = full & (high > low) & (high == whole)
        found.append((low * scaled, np.where(last, np.inf, high * scaled)))
    return found


def _used(activity: Array, span: tuple[Array, Array] | None) -> Array:
    """Return what of an activity falls into a span: plants along the first axis of both."""
    if span is None:
        return activity
    low, high = (end if activity.ndim == 1 else end[:, None] for end in span)
    return np.asarray(np.clip(activity, low, high) - low)


def _draws(
    asked: Problem,
    ratio: Array,
    spans: Sequence[tuple[Array, Array] | None],
    ways: Sequence[str],
    samples: int,
    seed: int,
) -> Mapping[str, Array]:
    """Return way -> the draws of every plant, shape (plants, samples)."""
    streams, marginal = Streams(seed), asked.spreads.marginal()
    shared = realised(asked.inputs, marginal, streams, 0, samples)
    totals = {way: np.zeros((ratio.shape[1], samples)) for way in ways}
    drawn, own = -1, np.empty(0)
    for at, (one, other) in enumerate(zip(asked.activity.tolist(), asked.factor.tolist(), strict=True)):
        if one != drawn:  # the parts of a line follow each other, and are parts of one draw
            drawn, own = one, _activities(asked, marginal, streams, one, (ratio.shape[1], samples))
            own *= ratio[at][:, None]
        part = _used(own, spans[at]) * (asked.scale[at] * shared[other])
        for way in set(asked.terms[at].variants) & set(ways):
            totals[way] += part
    return totals


def _activities(asked: Problem, marginal: Marginal, streams: Streams, at: int, shape: tuple[int, int]) -> Array:
    """Return draws of an activity, every plant its own, shape (plants, samples)."""
    kind = int(marginal.kind[at])
    if kind == CONSTANT:
        return np.full(shape, marginal.a[at])
    scores = kind in BY_NORMALS
    fill = streams.normals if scores else streams.uniforms
    flat = fill(f"plants:{asked.inputs[at].name}", shape[0] * shape[1])
    return np.asarray(marginal.realise(at, flat, scores=scores, out=flat)).reshape(shape)


def _benchmarks(plants: Plants, weights: Array, points: Array, totals: Array) -> dict[str, Any]:
    """Return plants, weighted mean and quantiles of one way of counting electricity."""
    finite(points, totals)
    coverage, probabilities = float(rules()["coverage"]), rules()["batch"]["quantiles"]
    low, high = shortest_interval(np.sort(totals, axis=1), coverage)
    values = weighted_quantiles(points[:, None], weights, probabilities)[:, 0]
    ends = shortest_interval(np.sort(weighted_quantiles(totals, weights, probabilities), axis=1), coverage)
    return {
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
    }  # fmt: skip


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
