"""Purchased electricity item by item: what each certificate or contract covers, and what the rest is counted at."""

from collections.abc import Mapping, Sequence
from typing import Any

from factordb.trial.assembling import RESIDUAL, REST, share_of
from factordb.trial.checking import plain_number
from factordb.trial.inventory import Cells, Inventory
from factordb.trial.terms import ALL, LOCATION, MARKET, Term, of_variant
from factordb.units import convert
from factordb.values.refusal import Refused

CONTRACTED = ("green_certificate", "power_contract")


def electricity_of(
    stated: Inventory, terms: Sequence[Term], factors: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return how purchased electricity was counted in both ways, line by line and in total; None without any.

    `lines`: amount, grid losses and the items of each way, which add up to the amount and the result of that way; an
    item gives its kind, amount and share of the line, numbers, factor (its place in `factors`), the steps of the
    calculation and its kg CO2e per functional unit. `total`: the same by kind, in the unit of the first line.
    `numbers`: how many different certificates and contracts were counted, each of them once (TRL020).

    Args:
        stated: the inventory.
        terms: its terms, of both ways.
        factors: the factors of the result, with key and number.
    """
    numbers = {str(one["key"]): int(one["number"]) for one in factors}
    lines = [_line(stated, line, terms, numbers) for line in stated.lines if line["electricity"]]
    if not lines:
        return None
    bought = {line["line"] for line in lines}
    counted = [one for row in stated.contracts if row["line"] in bought for one in row["numbers"] or ()]
    return {"lines": lines, "total": _total(lines), "numbers": len(set(map(plain_number, counted)))}


def _line(stated: Inventory, line: Cells, terms: Sequence[Term], numbers: Mapping[str, int]) -> dict[str, Any]:
    mine = [term for term in terms if term.line == line["id"]]
    contracts = {one["id"]: one for one in stated.contracts if one["line"] == line["id"]}
    ways = {
        way: [_item(line, contracts.get(term.part, {}), term, numbers) for term in of_variant(mine, way)]
        for way in (LOCATION, MARKET)
    }
    return {
        "line": line["id"],
        "name": line["name"],
        "amount": float(line["amount"]),
        "unit": line["unit"],
        "grid_losses": line["grid_losses"],
        "allocated": share_of(stated, line["allocation"]),
        "items": ways,
        "covered": sum(one["amount"] for one in ways[MARKET] if one["kind"] in CONTRACTED),
        "results": {way: sum(one["value"] for one in items) for way, items in ways.items()},
    }


def _item(line: Cells, contract: Cells, term: Term, numbers: Mapping[str, int]) -> dict[str, Any]:
    amount, whole = float(term.used(term.activity.point)), float(line["amount"])
    return {
        "part": term.part,
        "kind": term.kind,
        "amount": amount,
        "share": amount / whole if whole else 1.0,
        "numbers": list(contract.get("numbers") or ()),
        "year": contract.get("year"),
        "factor": numbers[term.factor.key],
        "value": term.point,
        "steps": list(term.trail),
    }


def _total(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return amounts and results of all lines by way and kind, in the unit of the first; None of units of two kinds."""
    unit = str(lines[0]["unit"])
    ratios = {str(line["unit"]): convert(1.0, str(line["unit"]), unit) for line in lines}
    kinds: dict[str, dict[str, dict[str, float]]] = {LOCATION: {}, MARKET: {}}
    for line in lines:
        ratio = ratios[str(line["unit"])]
        if isinstance(ratio, Refused):
            return None
        for way, items in line["items"].items():
            for one in items:
                sums = kinds[way].setdefault(one["kind"], {"amount": 0.0, "value": 0.0})
                sums["amount"] += one["amount"] * ratio[0]
                sums["value"] += one["value"]
    amount = sum(one["amount"] for one in kinds[LOCATION].values())
    return {
        "unit": unit,
        "amount": amount,
        "covered": sum(one["amount"] for kind, one in kinds[MARKET].items() if kind in CONTRACTED),
        "items": {
            way: [
                {"kind": kind, **found[kind], "share": found[kind]["amount"] / amount if amount else 0.0}
                for kind in (*CONTRACTED, RESIDUAL, REST, ALL) if kind in found
            ]
            for way, found in kinds.items()
        },
        "results": {way: sum(line["results"][way] for line in lines) for way in (LOCATION, MARKET)},
    }  # fmt: skip
