"""Chapter on electricity of a trial report: what covers each line, what the rest is counted at, both results."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from factordb.formats.trial_block import Block, Telling, measure, percent

CONTRACTED: Final = ("green_certificate", "power_contract")
WAYS: Final = ("location", "market")


def electricity_blocks(told: Telling) -> Iterator[Block]:
    """Yield the table of both results, then the items of each line; one sentence where no electricity is bought."""
    found = told.found["electricity"]
    if found is None:
        yield Block("text", told.word("no_electricity"))
        return
    rows = [_summed(told, str(line["name"]), line) for line in found["lines"]]
    if found["total"] is not None:
        rows.append(_summed(told, told.word("total"), found["total"]))
    yield Block("text", told.word("both_ways", unit=told.unit))
    heads = ("line", "energy", "covered", "residual", "at_own", "losses", *map(told.value, WAYS))
    yield told.table(heads, rows, (1, 2, 3, 4, 5, 6, 7))
    for line in found["lines"]:
        yield from _itemised(told, line)
    yield Block("note", told.word("counted_once", count=found["numbers"]))


def _summed(told: Telling, name: str, line: Mapping[str, Any]) -> tuple[str, ...]:
    """Return amount, what is covered, what remains, and both results of a line or of all lines."""
    unit = measure(line["unit"])
    by_kind: dict[str, float] = {}
    for one in line["items"]["market"]:
        by_kind[one["kind"]] = by_kind.get(one["kind"], 0.0) + one["amount"]
    amounts = (
        line["amount"], line["covered"], by_kind.get("residual_mix", 0.0),
        sum(by_kind.get(kind, 0.0) for kind in ("rest", "all")),
    )  # fmt: skip
    return (
        name, *(f"{one:.6g} {unit}" for one in amounts),
        losses(told, line) if "grid_losses" in line else "—", *(f"{line['results'][way]:.6g}" for way in WAYS),
    )  # fmt: skip


def losses(told: Telling, line: Mapping[str, Any]) -> str:
    """Return the grid losses of a line as they were stated."""
    return told.word("not_stated") if line["grid_losses"] is None else f"{100 * line['grid_losses']:g} %"


def _itemised(told: Telling, line: Mapping[str, Any]) -> Iterator[Block]:
    unit = measure(line["unit"])
    yield Block("text", told.word("items_of", name=line["name"], amount=f"{line['amount']:.6g}", unit=unit))
    rows = []
    for way in WAYS:
        items = line["items"][way]
        rows += [_item(told, way, one) for one in items]
        if len(items) > 1:
            amount, share = (sum(one[key] for one in items) for key in ("amount", "share"))
            rows.append((told.value(way), told.word("total"), "—", f"{amount:.6g}", percent(share), "—",
                         f"{line['results'][way]:.6g}"))  # fmt: skip
    heads = ("way", "item", "numbers", told.with_unit("energy", unit), "share", "factor",
             told.with_unit("result", told.unit))  # fmt: skip
    yield told.table(heads, rows, (3, 4, 6))


def _item(told: Telling, way: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = ("、" if told.lang == "zh" else ", ").join(one["numbers"]) or "—"
    year = f"（{one['year']}）" if told.lang == "zh" else f" ({one['year']})"
    return (
        told.value(way), item_name(told, one), numbers + (year if one["year"] else ""), f"{one['amount']:.6g}",
        percent(one["share"]), factor_text(told, one["factor"]), f"{one['value']:.6g}",
    )  # fmt: skip


def item_name(told: Telling, one: Mapping[str, Any]) -> str:
    """Return what an item is: certificate, contract, or the rest and what it is counted at."""
    kind = told.value(one["kind"], "items")
    return f"{kind} {one['part']}" if one["kind"] in CONTRACTED else kind


def factor_text(told: Telling, number: int) -> str:
    """Return the place of a factor among the references, and its value as published."""
    factor = told.found["factors"][number - 1]
    return f"[{number}] {factor['value_text']} {factor['unit']}"


def calculated(told: Telling) -> Iterator[tuple[str, str, str]]:
    """Yield line and part, result and steps of everything that was counted; of electricity in both ways."""
    bought = {line["line"]: line for line in (told.found["electricity"] or {"lines": []})["lines"]}
    for line in told.found["lines"]:
        name = str(line["name"])
        if line["id"] not in bought:
            for part in line["parts"]:
                yield name, f"{part['value']:.6g}", _steps(part["activity"], line["unit"], part["trail"])
            continue
        for way in WAYS:
            for one in bought[line["id"]]["items"][way]:
                label = f"{name} / {told.value(way)} / {item_name(told, one)}"
                yield label, f"{one['value']:.6g}", _steps(one["amount"], line["unit"], one["steps"])


def _steps(amount: float, unit: str, trail: list[str]) -> str:
    return "; ".join((f"{amount:.6g} {measure(unit)}", *map(measure, trail)))
