"""Rules of clauses (二), (三) and (四) on an inventory, asked before anything is reckoned."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from factordb.trial.assembling import RESIDUAL, all_covered, covered_by_contracts, shares_of
from factordb.trial.finding import Found, finding
from factordb.trial.inventory import Cells, Inventory, rules
from factordb.units import parse
from factordb.values.refusal import Refused

NAME = "温室气体 产品碳足迹量化方法与要求 "
UPSTREAM = frozenset({"raw_materials", "energy", "transport"})
SUM_TOLERANCE = 1e-6


def check(stated: Inventory) -> list[Found]:
    """Return what breaks the rules, in the order of the clauses."""
    return [*_boundary(stated), *_activities(stated), *_electricity(stated), *_allocation(stated), *_left_out(stated),
            *_name(stated.study)]  # fmt: skip


def _boundary(stated: Inventory) -> Iterator[Found]:
    """Clause (三): end products cradle to grave, others cradle to gate; every stage inside is accounted for."""
    study = stated.study
    wanted = "cradle_to_grave" if study["end_product"] else "cradle_to_gate"
    if study["boundary"] != wanted:
        yield finding("TRL001", "study", found=str(study["end_product"]).lower(), expected=wanted)
    inside = rules()["stages"][study["boundary"]]
    told = {row["stage"] for row in (*stated.lines, *stated.cut_offs)}
    for stage in inside:
        if stage not in told:
            yield finding("TRL002", f"stage {stage}", found=stage)
    for line in stated.lines:
        if line["stage"] not in inside:
            yield finding("TRL003", f"line {line['id']}", found=line["stage"], expected=study["boundary"])
    classes = {emission_class(row) for row in (*stated.lines, *stated.cut_offs)}
    for name in rules()["classes"]["asked"]:
        if name not in classes:
            yield finding("TRL004", "line", found=name)


def emission_class(row: Cells) -> str:
    """Return the emission class of a line or cut-off, stated or by its stage."""
    return str(row["emission_class"] or rules()["class_of_stage"][row["stage"]])


def _activities(stated: Inventory) -> Iterator[Found]:
    """Clause (四): primary before secondary, secondary in the order statistics, literature, estimate; sources."""
    for line in stated.lines:
        place = f"line {line['id']}"
        kind = line["source_kind"]
        if line["tier"] is None:
            yield finding("TRL010", place)
        if line["tier"] == "secondary" and kind not in {"statistics", "literature", "estimate"}:
            yield finding("TRL011", place, found=kind or "")
        if kind in {"literature", "estimate"} and not line["why"]:
            yield finding("TRL012", place, found=kind)
        if not line["source"]:
            yield finding("TRL013", place)
        if line["uncertainty"] is None:
            yield finding("TRL014", place, found=kind or "unknown")


def _electricity(stated: Inventory) -> Iterator[Found]:
    """Clause (四): green certificates and contracts may count, each once; losses and the residual mix are said."""
    bought = {line["id"]: line for line in stated.lines if line["electricity"]}
    for contract in stated.contracts:
        yield from _contract(contract, stated.study["year"], bought)
    used: dict[str, list[tuple[str, str]]] = {}
    for contract in stated.contracts:
        for number in contract["numbers"] or ():
            used.setdefault(plain_number(number), []).append((number, f"contract {contract['id']}"))
    for uses in used.values():
        if len(uses) > 1:
            numbers, places = (dict.fromkeys(column) for column in zip(*uses, strict=True))
            yield finding("TRL020", "; ".join(places), found=" = ".join(numbers))
    for line in bought.values():
        yield from _bought(stated, line)


def _bought(stated: Inventory, line: Cells) -> Iterator[Found]:
    place = f"line {line['id']}"
    mine = [one for one in stated.contracts if one["line"] == line["id"]]
    rests = [one["id"] for one in mine if one["kind"] == RESIDUAL]
    # where certificates and contracts cover all that is used, nothing remains to be counted at a residual mix
    if mine and not rests and not all_covered(line, covered_by_contracts(stated, line)):
        yield finding("TRL023", place)
    if len(rests) > 1:
        yield finding("TRL027", place, found=", ".join(rests))
    if line["amount"] < 0 or not is_energy(line["unit"]):
        yield finding("TRL029", place, found=f"{line['amount']:g} {line['unit']}")
    if line["grid_losses"] is None:
        yield finding("TRL024", place)


def plain_number(number: str) -> str:
    """Return a number as it is compared: however it is typed, a certificate stays the same certificate."""
    folded = unicodedata.normalize("NFKC", number).casefold()
    return "".join(one for one in folded if not one.isspace() and unicodedata.category(one) not in {"Pd", "Cf"})


def _contract(contract: Cells, year: int, bought: Mapping[str, Cells]) -> Iterator[Found]:
    place = f"contract {contract['id']}"
    if contract["line"] not in bought:
        yield finding("TRL025", place, found=contract["line"])
    if contract["kind"] == RESIDUAL:
        return
    lacking = [name for name in ("numbers", "amount") if not contract[name]]
    if lacking:
        yield finding("TRL026", place, found=", ".join(lacking))
    if contract["year"] is not None and contract["year"] != year:
        yield finding("TRL022", place, found=str(contract["year"]), expected=str(year))


def _allocation(stated: Inventory) -> Iterator[Found]:
    groups: dict[str, list[Cells]] = {}
    for row in stated.allocations:
        groups.setdefault(row["id"], []).append(row)
    for name, rows in groups.items():
        place = f"allocation {name}"
        total = sum(shares_of(stated, name).values())
        if abs(total - 1) > SUM_TOLERANCE:
            yield finding("TRL050", place, found=f"{total:.6g}")
        studied = sum(bool(row["studied"]) for row in rows)
        if studied != 1:
            yield finding("TRL051", place, found=f"studied: {studied}")
        methods = sorted({row["method"] for row in rows})
        if len(methods) > 1:
            yield finding("TRL055", place, found=", ".join(methods))
        if any(row["method"] == "economic" for row in rows) and not any(row["reason"] for row in rows):
            yield finding("TRL052", place)
    for name in sorted({line["allocation"] for line in stated.lines if line["allocation"]} - set(groups)):
        yield finding("TRL051", f"allocation {name}", found=f"{name}: 0")


def _left_out(stated: Inventory) -> Iterator[Found]:
    total = 0.0
    for row in stated.cut_offs:
        place = f"cut_off {row['name']}"
        lacking = [name for name in ("share", "reason") if row[name] is None]
        if lacking:
            yield finding("TRL053", place, found=", ".join(lacking))
        share = row["share"] or 0.0
        total += share
        if share > rules()["cut_off_each"]:
            yield finding("TRL054", place, found=f"{share:.1%}", expected=f"{rules()['cut_off_each']:.0%}")
    if total > rules()["cut_off_total"]:
        yield finding("TRL054", "cut_off", found=f"{total:.1%}", expected=f"{rules()['cut_off_total']:.0%}")


def _name(study: Cells) -> Iterator[Found]:
    """Clause (二): the name of the standard."""
    standard = study["standard"]
    plain = " ".join((standard or "").strip("《》").split())
    if standard is not None and not plain.startswith(NAME):
        yield finding("TRL060", "study", found=standard, expected=f"{NAME}{study['name']}")


def factor_of_line(line: Cells, facts: Mapping[str, Any]) -> Iterator[Found]:
    """Return what the factor of a line shows: its making is left out, or it is electricity that is not said to be."""
    place, boundary = f"line {line['id']}", facts["boundary"]
    if line["stage"] in UPSTREAM and emission_class(line) != "process" and boundary in {"direct", "gate_to_gate"}:
        yield finding("TRL042", place, found=boundary)
    if line["stage"] == "energy" and line["electricity"] is None and is_energy(line["unit"]):
        names = " ".join(str(one or "") for one in (line["name"], line["product"], facts["name_zh"], facts["name_en"]))
        if any(word in names.casefold() for word in rules()["electricity_words"]):
            yield finding("TRL028", place, found=str(facts["name_zh"] or facts["name_en"]))


def is_energy(unit: str) -> bool:
    """Return whether a unit is one of energy."""
    read = parse(unit)
    return not isinstance(read, Refused) and read.numerator_dimension == "energy" and not read.denominator_dimension
