"""From an inventory to terms: amounts per functional unit, allocation, electricity counted in both ways."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from factordb.errors import UsageError
from factordb.trial.finding import Found, finding
from factordb.trial.inventory import Cells, Inventory
from factordb.trial.resolving import Lookup, Resolved, resolve
from factordb.trial.terms import BOTH, LOCATION, MARKET, Term, activity_input
from factordb.units import convert
from factordb.values.refusal import Refused

RESIDUAL = "residual_mix"
REST = "rest"
"""What no contract covers and no residual mix is given for: it is counted at the line's own factor."""
ALIKE = 1e-9
"""Relative difference below which two amounts of electricity are the same."""


@dataclass
class Assembled:
    """Terms of an inventory, and what was found on the way."""

    terms: list[Term] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)


def assemble(stated: Inventory, lookup: Lookup) -> Assembled:
    """Return the terms of every line; a line that cannot be used is a finding.

    Raises:
        UsageError: the functional unit is no positive amount.
    """
    made = Assembled()
    per_unit = _per_functional_unit(stated.study)
    for line in stated.lines:
        place = f"line {line['id']}"
        found = resolve(line, stated.study, lookup, place, line["unit"])
        made.findings += found.findings
        if found.factor is None:
            _contracts(stated, line, lookup, made, 0.0)
            continue
        share = share_of(stated, line["allocation"])
        scale = per_unit * found.scale * share
        term = Term(line["id"], "", BOTH, scale, activity_input(line), found.factor, trail_of(stated, line, found))
        if line["electricity"]:
            _electricity(stated, line, term, lookup, made, per_unit * share)
        else:
            made.terms.append(term)
    return made


def trail_of(stated: Inventory, line: Cells, found: Resolved, *said: str) -> tuple[str, ...]:
    """Return how one unit of a line becomes kg CO2e per functional unit: factor, losses, allocation, output.

    Args:
        stated: the inventory.
        line: the line.
        found: the factor of the line, or of a contract of it.
        said: steps of the amount itself.
    """
    study, steps = stated.study, [*found.trail, *said]
    if line["electricity"] and line["grid_losses"]:
        steps.append(f"÷ (1 − {line['grid_losses']:g})")
    if line["allocation"]:
        steps.append(f"× {share_of(stated, line['allocation']):.6g} ({line['allocation']})")
    output = study["reference_amount"] or study["amount"]
    if output != study["amount"]:
        steps.append(f"× {study['amount']:g} {study['unit']} ÷ {output:g} {study['unit']}")
    return tuple(steps)


def _per_functional_unit(study: Cells) -> float:
    """Return the functional unit over the output the lines belong to."""
    amount, output = study["amount"], study["reference_amount"] or study["amount"]
    if amount <= 0 or output <= 0:
        raise UsageError(
            problem="functional unit and output must be positive",
            remedy="correct study.amount and study.reference_amount",
            problem_zh="功能单位数量与产量须为正数",
            remedy_zh="请更正 study.amount 与 study.reference_amount",
        )
    return float(amount / output)


def shares_of(stated: Inventory, name: str) -> dict[str, float]:
    """Return product -> share of an allocation, stated or worked out from its quantities."""
    rows = [row for row in stated.allocations if row["id"] == name]
    whole = sum(row["quantity"] or 0.0 for row in rows)
    return {
        row["product"]: row["share"] if row["share"] is not None else (row["quantity"] or 0.0) / whole if whole else 0.0
        for row in rows
    }


def share_of(stated: Inventory, name: str | None) -> float:
    """Return the share of the product studied, 1 without allocation."""
    if name is None:
        return 1.0
    studied = next((row["product"] for row in stated.allocations if row["id"] == name and row["studied"]), None)
    return shares_of(stated, name).get(studied, 0.0) if studied is not None else 0.0


def _electricity(stated: Inventory, line: Cells, term: Term, lookup: Lookup, made: Assembled, per_unit: float) -> None:
    """Add a line of purchased electricity: at its own factor by place; by market, what was contracted and the rest.

    Losses raise what is generated for what is used: 1/(1 − losses), in both ways alike.
    """
    lost = 1.0 / (1.0 - (line["grid_losses"] or 0.0))
    term = replace(term, scale=term.scale * lost)
    covered, rest = _contracts(stated, line, lookup, made, per_unit * lost)
    mine = [one for one in stated.contracts if one["line"] == line["id"]]
    if not mine:
        made.terms.append(term)
        return
    made.terms.append(replace(term, variants=(LOCATION,)))
    if all_covered(line, covered):
        return
    # what a draw uses less than the contracts cover earns no credit
    market = replace(term, variants=(MARKET,), span=(covered, math.inf) if covered else None, kind=REST)
    if rest is not None and rest.factor is not None:
        name = next(one["id"] for one in mine if one["kind"] == RESIDUAL)
        market = replace(market, scale=per_unit * lost * rest.scale, factor=rest.factor, part=name, kind=RESIDUAL,
                         trail=trail_of(stated, line, rest))  # fmt: skip
    made.terms.append(market)


def _contracts(
    stated: Inventory, line: Cells, lookup: Lookup, made: Assembled, per_unit: float
) -> tuple[float, Resolved | None]:
    """Add the contracted parts of a line; return what they cover, in its unit, and the residual mix if there is one."""
    covered, rest = 0.0, None
    for contract in (one for one in stated.contracts if one["line"] == line["id"]):
        place = f"contract {contract['id']}"
        residual = contract["kind"] == RESIDUAL
        unit = line["unit"] if residual else contract["unit"] or line["unit"]
        found = resolve(contract, stated.study, lookup, place, line["unit"])
        made.findings += found.findings
        if residual:
            rest = found
            continue
        amount = in_unit_of(line, contract)
        if isinstance(amount, Refused):
            made.findings.append(
                finding("TRL034", place, found=unit, words_zh=amount.problem_zh, words_en=amount.problem_en)
            )
            continue
        # a contract counts what is used of it; where contracts cover all that is used, the last follows the use
        follows = amount[0] > 0 and all_covered(line, covered + amount[0])
        span = (covered, math.inf if follows else covered + amount[0])
        covered += amount[0]
        if found.factor is not None:
            said = (
                (f"{contract['amount'] or 0:g} {unit} = {amount[0]:g} {line['unit']}",) if unit != line["unit"] else ()
            )
            made.terms.append(
                Term(line["id"], contract["id"], (MARKET,), per_unit * found.scale, activity_input(line),
                     found.factor, trail_of(stated, line, found, *said), span, contract["kind"])
            )  # fmt: skip
    if line["electricity"] and covered > line["amount"] * (1 + ALIKE):
        made.findings.append(finding("TRL021", f"line {line['id']}", found=f"{covered:g} {line['unit']}",
                                     expected=f"{line['amount']:g} {line['unit']}"))  # fmt: skip
    return covered, rest


def in_unit_of(line: Cells, contract: Cells) -> tuple[float, str] | Refused:
    """Return the amount of a contract in the unit of its line, and the steps; or why it cannot be converted."""
    return convert(contract["amount"] or 0.0, contract["unit"] or line["unit"], line["unit"])


def covered_by_contracts(stated: Inventory, line: Cells) -> float:
    """Return what certificates and contracts cover of a line, in its unit; what cannot be converted covers nothing."""
    mine = [one for one in stated.contracts if one["line"] == line["id"] and one["kind"] != RESIDUAL]
    amounts = [in_unit_of(line, one) for one in mine]
    return sum(one[0] for one in amounts if not isinstance(one, Refused))


def all_covered(line: Cells, covered: float) -> bool:
    """Return whether `covered`, in the unit of a line, is all that the line uses."""
    return covered > 0 and covered >= line["amount"] * (1 - ALIKE)


def stages_of(stated: Inventory) -> dict[str, str]:
    """Return line -> stage."""
    return {line["id"]: line["stage"] for line in stated.lines}


def names_of(lines: Sequence[Cells]) -> dict[str, str]:
    """Return line -> name."""
    return {line["id"]: line["name"] for line in lines}
