"""Our own rules for data sets of ILCD and TIDAS, where schemas are silent or where real files break them.

Every rule gives faults and refuses nothing: what a row can be made of is read. Words: reference/words/exchange_*.toml.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from factordb.formats.interchange import FormatFault
from factordb.formats.inventories.numbers import number
from factordb.formats.inventories.stated_spread import unfit
from factordb.formats.tidas.dataset import Tree, many
from factordb.reference import tables

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SHOWN: Final = 80


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], str]]:
    """Return name of an element or attribute -> (pattern of its text, the type's name)."""
    rules = tables.toml("mapping/ilcd_types")
    types = {name: re.compile(pattern, re.DOTALL) for name, pattern in rules["types"].items()}
    return {element: (types[kind], kind) for kind, elements in rules["elements"].items() for element in elements}


@cache
def _orders() -> dict[str, dict[str, int]]:
    listed: dict[str, list[str]] = tables.toml("mapping/ilcd_types")["order"]
    return {parent: {child: place for place, child in enumerate(names)} for parent, names in listed.items()}


def shape_faults(tree: Any, place: str) -> Iterator[FormatFault]:
    """Yield where a data set is not what the ILCD schema asks for: texts of simple types, order of elements."""
    stack: list[tuple[str, Any]] = [("", tree)]
    patterns, orders = _patterns(), _orders()
    while stack:
        name, node = stack.pop()
        for one in many(node):
            if not isinstance(one, dict):
                text = one
            else:
                text = one.get("#text")
                order = orders.get(name)
                if order:
                    yield from _order_fault(one, order, f"{place}#{name}")
                for key, child in one.items():
                    if isinstance(child, dict | list):
                        stack.append((key, child))
                    elif key in patterns and not _is_exempt(key, child, one):
                        yield from _type_fault(key, str(child), patterns, place)
            if name in patterns and isinstance(text, str) and not isinstance(one, str):
                yield from _type_fault(name, text, patterns, place)
            elif name in patterns and isinstance(one, str) and isinstance(node, list):
                yield from _type_fault(name, one, patterns, place)


def _is_exempt(key: str, text: Any, node: Tree) -> bool:
    """Return whether a text is none of the type: absent, a boolean of JSON, or the version of the format itself."""
    return text is None or isinstance(text, bool) or (key == "@version" and "@refObjectId" not in node)


def _type_fault(
    name: str, text: str, patterns: Mapping[str, tuple[re.Pattern[str], str]], place: str
) -> Iterator[FormatFault]:
    pattern, kind = patterns[name]
    if not pattern.fullmatch(text):
        yield FormatFault("FMT032", "advise", f"{place}#{name}", text[:_SHOWN], kind)


def _order_fault(node: Tree, order: Mapping[str, int], place: str) -> Iterator[FormatFault]:
    last = ""
    for key in node:
        if key not in order:
            continue
        if last and order[key] < order[last]:
            yield FormatFault("FMT033", "advise", place, f"{last}, {key}", f"{key}, {last}")
            return
        last = key


def process_faults(process: Mapping[str, Any], place: str) -> Iterator[FormatFault]:
    """Yield what a schema cannot see in a process: reference flow, years, spread, signs."""
    information = process.get("processInformation") or {}
    exchanges = [one for one in many((process.get("exchanges") or {}).get("exchange")) if isinstance(one, dict)]
    wanted = many((information.get("quantitativeReference") or {}).get("referenceToReferenceFlow"))
    numbers = {str(one.get("@dataSetInternalID")) for one in exchanges}
    for one in wanted or [""]:
        if str(one) not in numbers:
            yield FormatFault("FMT035", "review", f"{place}#referenceToReferenceFlow", str(one))
    time = information.get("time") or {}
    year, until = _whole(time.get("common:referenceYear")), _whole(time.get("common:dataSetValidUntil"))
    if year is not None and until is not None and until < year:
        yield FormatFault("FMT037", "review", f"{place}#dataSetValidUntil", str(until), f">= {year}")
    for one in exchanges:
        yield from amount_faults(one, f"{place}#exchange {one.get('@dataSetInternalID')}")
    for one in many((process.get("LCIAResults") or {}).get("LCIAResult")):
        yield from amount_faults(one, f"{place}#LCIAResult")


def amount_faults(one: Mapping[str, Any], place: str) -> Iterator[FormatFault]:
    """Yield what is wrong with an amount and its spread."""
    text, low, high = (one.get(name) for name in ("relativeStandardDeviation95In", "minimumAmount", "maximumAmount"))
    spread = number(text)
    lognormal = one.get("uncertaintyDistributionType") == "log-normal"
    if lognormal and spread is not None and spread < 1:
        yield FormatFault("FMT038", "review", place, str(text), ">= 1")
    least = {} if lognormal and spread is not None else {"relativeStandardDeviation95In": (text, 0.0)}
    expected = unfit(least, {"minimumAmount": low, "maximumAmount": high})
    if expected:
        found = "; ".join(str(cell)[:_SHOWN] for cell in (text, low, high) if cell is not None)
        yield FormatFault("FMT060", "review", place, found, expected)
    for name in ("meanAmount", "resultingAmount"):
        text = one.get(name)
        if text is not None and _real(text) is None:
            yield FormatFault("FMT042", "review", f"{place}/{name}", str(text)[:_SHOWN])


def _whole(text: Any) -> int | None:
    try:
        return int(str(text).strip())
    except ValueError:
        return None


def _real(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
