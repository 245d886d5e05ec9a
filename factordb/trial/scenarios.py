"""Scenarios side by side: one factor, or one datum, is one set of draws, so that their difference is their own."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from factordb.errors import UsageError
from factordb.trial.assembling import assemble
from factordb.trial.finding import Found, blocking, finding, gravest_first
from factordb.trial.footprint import trial
from factordb.trial.inventory import Inventory
from factordb.trial.reckoning import draw, problem_of, summary
from factordb.trial.resolving import Lookup
from factordb.trial.terms import of_variant

ALIKE: Final = ("amount", "unit", "boundary", "gwp_set", "electricity")
"""What scenarios must have in common to be compared."""


def compare(scenarios: Mapping[str, Inventory], lookup: Lookup) -> dict[str, Any]:
    """Return the scenarios and each of them beside the first: difference, its interval, P(first < other).

    `comparable` is false, with its findings, where unit, boundary, GWP set or way of counting electricity differ.

    Raises:
        UsageError: there are fewer than two.
    """
    names = list(scenarios)
    if len(names) < 2:  # noqa: PLR2004 - a pair
        raise UsageError(
            problem="a comparison needs two scenarios of different names",
            remedy="give two or more inventories",
            problem_zh="比较至少需要两种名称不同的情景",
            remedy_zh="请给出两份或多份清单",
        )
    first = scenarios[names[0]]
    # one seed and one number of samples, or the draws would not be common
    alike = {name: _drawn_as(one, first) for name, one in scenarios.items()}
    found = {name: trial(one, lookup) for name, one in alike.items()}
    findings = [_of_scenario(name, one) for name, each in found.items() for one in each["findings"]]
    for name, one in scenarios.items():
        differs = [key for key in ALIKE if one.study[key] != first.study[key]]
        if differs:
            expected, stated = (", ".join(f"{key}={of.study[key]}" for key in differs) for of in (first, one))
            findings.append(finding("TRL070", name, found=stated, expected=expected))
    told = {"scenarios": {name: _brief(one) for name, one in found.items()}}
    if blocking(findings):
        return {**told, "comparable": False, "findings": gravest_first(findings), "comparisons": []}
    terms = {name: of_variant(assemble(one, lookup).terms, one.study["electricity"]) for name, one in alike.items()}
    problems = {name: problem_of(some) for name, some in terms.items()}
    samples, seed = first.study["samples"], first.study["seed"]
    totals = {name: draw(one, samples=samples, seed=seed).totals for name, one in problems.items()}
    inputs = {name: {one.name for one in problem.inputs} for name, problem in problems.items()}
    comparisons = []
    for name in names[1:]:
        difference = totals[name] - totals[names[0]]
        comparisons.append(
            {
                "first": names[0],
                "second": name,
                "difference": summary(
                    difference, found[name]["result"]["value"] - found[names[0]]["result"]["value"]
                ),
                "first_below": float(np.mean(difference > 0)),
                "equal": float(np.mean(difference == 0)),
                "shared": len(inputs[names[0]] & inputs[name]),
                "correlation": _correlation(totals[names[0]], totals[name]),
            }
        )  # fmt: skip
    return {**told, "comparable": True, "findings": gravest_first(findings), "comparisons": comparisons,
            "samples": samples, "seed": seed}  # fmt: skip


def _of_scenario(name: str, one: Found) -> Found:
    """Return a finding that names the scenario it is of, in its place and in its words."""
    said = {f"said_{lang}": f"{name}{colon}{one[f'said_{lang}']}" for lang, colon in (("zh", "："), ("en", ": "))}
    return {**one, **said, "place": f"{name}: {one['place']}"}


def _drawn_as(one: Inventory, first: Inventory) -> Inventory:
    study = {**one.study, "samples": first.study["samples"], "seed": first.study["seed"]}
    return Inventory(study, one.lines, one.contracts, one.allocations, one.cut_offs)


def _brief(found: Mapping[str, Any]) -> dict[str, Any]:
    if not found["usable"]:
        return {"usable": False}
    return {"usable": True, "result": found["result"], "stages": found["stages"], "quality": found["quality"],
            "unit": found["unit"], "method": found["method"]}  # fmt: skip


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Return the correlation of two results, None where one of them does not vary."""
    if one.std() == 0 or other.std() == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
