"""The trial footprint of one inventory as plain data: result, interval, contributions, sensitivity, quality."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from factordb.errors import UsageError
from factordb.trial.assembling import Assembled, assemble, names_of, shares_of, stages_of
from factordb.trial.checking import check, factor_of_line
from factordb.trial.electricity import electricity_of
from factordb.trial.finding import Found, blocking, finding, gravest_first
from factordb.trial.inventory import Inventory, rules
from factordb.trial.reckoning import Problem, by_group, draw, finite, points_of, problem_of, shares, summary, swings
from factordb.trial.resolving import SCORES, Lookup
from factordb.trial.terms import BOTH, LOCATION, MARKET, Term, activity_kinds, of_variant

PRIMARY: Final = "primary"
UNIT: Final = "kgCO2e"


def trial(stated: Inventory, lookup: Lookup) -> dict[str, Any]:
    """Return the trial footprint: study, findings, usable; results, contributions, factors where it is usable.

    `results` holds location- and market-based value, mean, sd, shortest 95 % interval in kg CO2e per functional unit,
    `electricity` what each of them counted purchased electricity at, item by item.

    Raises:
        UsageError: the numbers of the study cannot be used.
    """
    study = stated.study
    if not 100 <= study["samples"] <= rules()["most_samples"]:  # noqa: PLR2004 - fewer give no 95 % interval
        raise UsageError(
            problem=f"{study['samples']} samples cannot be used",
            remedy=f"ask for 100 to {rules()['most_samples']}",
            problem_zh=f"抽样次数 {study['samples']} 不可用",
            remedy_zh=f"请取 100 至 {rules()['most_samples']}",
        )
    made = assemble(stated, lookup)
    findings = findings_of(stated, made)
    told: dict[str, Any] = {"study": dict(study), "unit": f"{UNIT} / {study['amount']:g} {study['unit']}"}
    if blocking(findings):
        return {**told, "usable": False, "findings": gravest_first(findings)}
    ways = {LOCATION: _reckoned(stated, of_variant(made.terms, LOCATION))}
    # without certificates and contracts both ways are the same sum
    by_market = any(term.variants != BOTH for term in made.terms)
    ways[MARKET] = _reckoned(stated, of_variant(made.terms, MARKET)) if by_market else ways[LOCATION]
    main = ways[study["electricity"]]
    shown = of_variant(made.terms, study["electricity"])
    findings += primary(stated, shown, np.abs([term.point for term in shown]))
    factors = factors_of(made.terms)
    return {
        **told,
        "usable": True,
        "findings": gravest_first(findings),
        "method": study["electricity"],
        "results": {way: found["result"] for way, found in ways.items()},
        **main,
        "lines": _lines(stated, shown, main),
        "electricity": electricity_of(stated, made.terms, factors),
        "factors": factors,
        "allocations": [
            {**row, "share": shares_of(stated, row["id"])[row["product"]]} for row in stated.allocations
        ],
        "contracts": [dict(row) for row in stated.contracts],
        "cut_offs": [dict(row) for row in stated.cut_offs],
        "samples": study["samples"],
        "seed": study["seed"],
    }  # fmt: skip


def findings_of(stated: Inventory, made: Assembled) -> list[Found]:
    """Return what the rules and the factors say of an inventory, before its result is known."""
    factors = {term.line: term.factor.facts for term in made.terms if not term.part}
    told = [one for line in stated.lines if (facts := factors.get(line["id"])) for one in factor_of_line(line, facts)]
    return [*check(stated), *made.findings, *told]


def _reckoned(stated: Inventory, terms: Sequence[Term]) -> dict[str, Any]:
    """Return result, contributions by stage and line, sensitivity and quality of one way of counting electricity."""
    asked = problem_of(terms)
    points = points_of(asked)
    with np.errstate(over="ignore", invalid="ignore"):
        drawn = draw(asked, samples=stated.study["samples"], seed=stated.study["seed"])
        sensitivity = _sensitivity(stated, terms, asked)
    variance = float(drawn.covariances.sum())
    columns = {
        "value": points,
        "share": points / points.sum() if points.sum() else np.zeros(len(points)),
        "variance_share": drawn.covariances / variance if variance > 0 else np.zeros(len(points)),
    }
    stages = stages_of(stated)
    return {
        "result": summary(drawn.totals, float(points.sum())),
        "stages": by_group([stages[term.line] for term in terms], columns),
        "contributions": by_group([term.line for term in terms], columns),
        "sensitivity": sensitivity,
        "quality": _quality(stated, terms, np.abs(points)),
    }


def _sensitivity(stated: Inventory, terms: Sequence[Term], asked: Problem) -> list[dict[str, Any]]:
    """Return the inputs that matter most: shares of the variance, and the result at their 95 % ends."""
    first, total, _ = shares(asked)
    low, high = swings(asked)
    finite(total, low, high)
    names = names_of(stated.lines)
    users: dict[str, list[str]] = {}
    for term in terms:
        users.setdefault(term.factor.value.name, []).append(names[term.line])
        users.setdefault(term.activity.name, []).append(names[term.line])
    factors = {term.factor.value.name: term.factor.facts for term in terms}
    order = sorted(range(len(asked.inputs)), key=lambda at: -total[at])
    rows = []
    for at in (one for one in order if total[one] > 0):
        one = asked.inputs[at]
        facts = factors.get(one.name)
        kind = "activity" if facts is None else "factor"
        lines = list(dict.fromkeys(users[one.name]))
        rows.append(
            {"kind": kind, "lines": lines,
             "name_zh": lines[0] if facts is None else facts["name_zh"] or facts["name_en"],
             "name_en": lines[0] if facts is None else facts["name_en"] or facts["name_zh"], "first": float(first[at]),
             "total": float(total[at]), "low": float(low[at]), "high": float(high[at]), "basis": one.basis}
        )  # fmt: skip
    return rows[: int(rules()["swings"])]


def _quality(stated: Inventory, terms: Sequence[Term], weights: np.ndarray) -> dict[str, Any]:
    """Return contribution-weighted scores, DQR and primary shares of the result.

    te, gr and ti are the factor's, p the worse of factor and activity; a missing score counts as the worst.
    Source: cifa-ef, DQR = (TeR + GR + TiR + P) / 4, weighted by absolute contribution.
    """
    worst = float(rules()["unrated"])
    lines = {line["id"]: line for line in stated.lines}
    kinds = activity_kinds()
    scores, unrated = [], []
    for term in terms:
        own = [worst if one is None else float(one) for one in term.factor.scores]
        if any(one is None for one in term.factor.scores):
            unrated.append(term.line)
        activity = float(kinds[lines[term.line]["source_kind"] or "unknown"]["p"])
        scores.append([*own[:3], max(own[3], activity)])
    whole = weights.sum()
    share = weights / whole if whole else np.full(len(weights), 1 / max(len(weights), 1))
    by_criterion = share @ np.array(scores)
    primary = np.array([lines[term.line]["tier"] == PRIMARY for term in terms])
    measured = np.array([term.factor.measured for term in terms])
    return {
        **dict(zip(SCORES, map(float, by_criterion), strict=True)),
        "dqr": float(by_criterion.mean()),
        "scheme": "cifa-ef",
        "unrated": list(dict.fromkeys(unrated)),
        "primary_activity": float(share[primary].sum()),
        "primary_both": float(share[primary & measured].sum()),
    }


def primary(stated: Inventory, terms: Sequence[Term], weights: np.ndarray) -> list[Found]:
    """Return the finding of a result that rests on secondary data, by the contribution of each term."""
    share, least = _quality(stated, terms, weights)["primary_activity"], float(rules()["primary_share"])
    return [finding("TRL015", "study", found=f"{share:.0%}", expected=f"{least:.0%}")] if share < least else []


def _lines(stated: Inventory, terms: Sequence[Term], main: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each line with its amount, result and the parts it is made of."""
    found = {row["name"]: row for row in main["contributions"]}
    rows = []
    for line in stated.lines:
        parts = [
            {"part": term.part, "kind": term.kind, "activity": float(term.used(term.activity.point)),
             "value": term.point, "factor": term.factor.key, "trail": list(term.trail)}
            for term in terms if term.line == line["id"]
        ]  # fmt: skip
        own = {name: line[name] for name in ("id", "stage", "name", "amount", "unit", "tier", "source_kind", "source",
                                             "why", "allocation", "electricity", "grid_losses")}  # fmt: skip
        rows.append(
            {**own, "parts": parts, **{name: found[line["id"]][name] for name in ("value", "share", "variance_share")}}
        )
    return rows


def factors_of(terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Return every factor once, in order of first use, with the lines that use it and its citation."""
    found: dict[str, dict[str, Any]] = {}
    for term in terms:
        entry = found.setdefault(term.factor.key, {"key": term.factor.key, "lines": [], **term.factor.facts})
        if term.line not in entry["lines"]:
            entry["lines"].append(term.line)
    return [{"number": at, **one} for at, one in enumerate(found.values(), start=1)]
