"""A process of openLCA as a data sheet."""

import json
import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from factordb.formats.inventories.annex import split_annex
from factordb.formats.inventories.datasheet import (
    EMISSION,
    PRODUCT,
    REFERENCE,
    RESOURCE,
    TECHNOSPHERE,
    Datasheet,
    Exchange,
    Spread,
)
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.ghg import gas_of
from factordb.formats.inventories.numbers import number
from factordb.formats.inventories.stated_spread import unfit
from factordb.formats.openlca.writing import TAG, YEAR
from factordb.model.vocabulary import Boundary

Package: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Folder -> identifier -> what is remembered of the object."""

READ: Final = frozenset(
    [
        "@type",
        "@id",
        "@context",
        "name",
        "category",
        "description",
        "exchanges",
        "location",
        "processDocumentation",
        "tags",
        "dqEntry",
        "version",
        "lastChange",
        "processType",
        "lastInternalId",
    ]
)
"""Keys of a process that are read; the others are leftovers."""

BOUNDARIES: Final = frozenset(one.value for one in Boundary)
NONE: Final[Mapping[str, Any]] = {}
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_YEAR: Final = re.compile(rf"^{YEAR}(-?\d{{1,4}})$")
_ENTRY: Final = re.compile(r"^\(([^()]*)\)$")


def process_sheet(one: Mapping[str, Any], place: str, known: Package, found: Gathering) -> Datasheet:
    """Return the data sheet of a process."""
    comment, annex = split_annex(str(one.get("description") or ""))
    documentation = one.get("processDocumentation") or NONE
    tags = _tags(one.get("tags"))
    ours = TAG in tags
    where = {**known["locations"].get(identity(one.get("location")), NONE), **(one.get("location") or NONE)}
    first, last = _day(documentation.get("validFrom")), _day(documentation.get("validUntil"))
    year = _YEAR.match(str(documentation.get("timeDescription") or ""))
    if not identity(one):
        found.fault("FMT053", place, "@id")
    exchanges = sorted(
        (_exchange(line, place, known, found) for line in one.get("exchanges") or ()),
        key=lambda line: line.role != REFERENCE,
    )
    source = documentation.get("publication") or next(iter(documentation.get("sources") or ()), NONE)
    return Datasheet(
        key=annex["row"]["factor_id"] if annex else identity(one),
        uuid=identity(one),
        name=str(one.get("name") or "") or place,
        exchanges=tuple(exchanges),
        gwp_set=tags.get("gwp", ""),
        region=where.get("code") or None,
        region_text=documentation.get("geographyDescription") or (None if ours else where.get("name")),
        reference_year=int(year[1]) if year else (first.year if first and not ours else None),
        valid_from=first,
        valid_until=last,
        product=next((line.flow for line in exchanges if line.role == REFERENCE), None),
        category=_category(one.get("category")) or None,
        technology=documentation.get("technologyDescription"),
        boundary=tags["boundary"] if tags.get("boundary") in BOUNDARIES else "",
        scores=_scores(one.get("dqEntry")) if ours else (),
        source_title=source.get("name"),
        publisher=(documentation.get("dataSetOwner") or NONE).get("name"),
        comment=comment,
        annex=annex,
        leftovers={} if annex else _leftovers(one),
    )


def identity(one: Any) -> str:
    """Return the identifier of an object or reference."""
    return str(one.get("@id") or "") if isinstance(one, Mapping) else ""


def _exchange(line: Mapping[str, Any], place: str, known: Package, found: Gathering) -> Exchange:
    flow = line.get("flow") or NONE
    told = known["flows"].get(identity(flow), NONE)
    if not told and known["flows"]:
        found.fault("FMT057", place, f"flow {identity(flow)} {flow.get('name', '')}".strip())
    flow = {**told, **flow}
    kind = str(flow.get("flowType") or "")
    # 1.x says input and quantitativeReference, 2 says isInput and isQuantitativeReference
    is_input = bool(line.get("isInput", line.get("input", False)))
    role = _role(line, kind, is_input=is_input)
    category = _category(flow.get("category") or flow.get("categoryPath"))
    cas = str(flow.get("cas") or "").lstrip("0")
    name = str(flow.get("name") or identity(flow))
    uncertainty = line.get("uncertainty")
    elementary = role in {EMISSION, RESOURCE}
    _check_unit(line, name, place, known, found)
    where = line.get("location") or flow.get("location") or NONE
    return Exchange(
        role=role,
        flow=name,
        unit=str((line.get("unit") or NONE).get("name") or flow.get("refUnit") or ""),
        amount=number(line.get("amount")),
        amount_text="" if line.get("amount") is None else repr(line["amount"]),
        gas=gas_of(name, cas) if role == EMISSION else "",
        number=str(line.get("internalId") or ""),
        flow_id=identity(flow),
        compartment=category if elementary else "",
        location=str(where.get("name") or "") if isinstance(where, Mapping) else str(where),
        provider=identity(line.get("defaultProvider")),
        cas=cas,
        comment=str(line.get("description") or line.get("comment") or ""),
        spread=spread_read(uncertainty),
        spread_text=json.dumps(uncertainty, ensure_ascii=False, sort_keys=True) if _stated(uncertainty) else "",
        spread_fault=spread_fault(uncertainty),
    )


def _check_unit(line: Mapping[str, Any], flow: str, place: str, known: Package, found: Gathering) -> None:
    """Tell a unit that is none of the group of its flow property, where the package holds both."""
    property_ = known["flow_properties"].get(identity(line.get("flowProperty")), NONE)
    units = known["unit_groups"].get(identity(property_.get("unitGroup")), NONE).get("units")
    unit = line.get("unit") or NONE
    if not units or not unit:
        return
    if identity(unit) in {identity(one) for one in units} or unit.get("name") in {one.get("name") for one in units}:
        return
    named = ", ".join(str(one.get("name")) for one in units[:8])
    found.fault("FMT040", place, f"{unit.get('name')} ({flow})", f"{property_.get('name')}: {named}")


def _role(line: Mapping[str, Any], kind: str, *, is_input: bool) -> str:
    if line.get("isQuantitativeReference", line.get("quantitativeReference")):
        return REFERENCE
    if kind == "ELEMENTARY_FLOW":
        return RESOURCE if is_input else EMISSION
    if kind == "WASTE_FLOW":
        # a waste that leaves is treated by another process: a service taken in
        return PRODUCT if is_input else TECHNOSPHERE
    return TECHNOSPHERE if is_input or line.get("isAvoidedProduct", line.get("avoidedProduct")) else PRODUCT


def _stated(uncertainty: Any) -> Mapping[str, Any]:
    """Return the cells of a distribution; parameters of 1.x may be objects with a `value`."""
    if not isinstance(uncertainty, Mapping):
        return NONE
    cells = {name: cell.get("value") if isinstance(cell, Mapping) else cell for name, cell in uncertainty.items()}
    kind = str(cells.get("distributionType") or "").removesuffix("_DISTRIBUTION")
    return NONE if kind in {"", "NO"} else {**cells, "distributionType": kind}


def spread_fault(uncertainty: Any) -> str:
    """Return what the numbers of a distribution had to be and are not."""
    cells = _stated(uncertainty)
    least = {"geomSd": (cells.get("geomSd"), 1.0), "sd": (cells.get("sd"), 0.0)}
    return unfit(least, {name: cells.get(name) for name in ("minimum", "mode", "maximum")})


def spread_read(uncertainty: Any) -> Spread | None:
    """Return the distribution of an exchange."""
    cells = _stated(uncertainty)

    def cell(name: str) -> float | None:
        return number(cells.get(name))

    kind = cells.get("distributionType")
    centre, width = cell("geomMean"), cell("geomSd")
    if kind == "LOG_NORMAL" and centre is not None and width is not None and width > 0:
        return Spread("lognormal", centre, math.log(width))
    if kind == "NORMAL" and cell("mean") is not None and cell("sd") is not None:
        return Spread("normal", cell("mean"), cell("sd"))
    low, high = cell("minimum"), cell("maximum")
    if kind == "TRIANGLE" and None not in {low, high, cell("mode")}:
        return Spread("triangular", cell("mode"), None, low, high)
    if kind == "UNIFORM" and None not in {low, high}:
        return Spread("uniform", None, None, low, high)
    return None


def _tags(tags: Any) -> dict[str, str]:
    """Return our tags: "gwp:AR5" as gwp -> AR5, plain ones as themselves."""
    listed = [str(one) for one in tags] if isinstance(tags, list) else []
    return {one.partition(":")[0]: one.partition(":")[2] for one in listed} if TAG in listed else {}


def _category(category: Any) -> str:
    if isinstance(category, list):
        return "/".join(str(one) for one in category)
    return str(category.get("name") or "") if isinstance(category, Mapping) else str(category or "")


def _day(text: Any) -> date | None:
    """Return the day; 1.x packages give time and zone behind it, and some only a year."""
    found = _DATE.match(str(text or ""))
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def _scores(entry: Any) -> tuple[int | None, ...]:
    found = _ENTRY.match(str(entry or ""))
    if not found:
        return ()
    return tuple(int(score) if score.strip().isdecimal() else None for score in found[1].split(";"))


def _leftovers(one: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: cell for name, cell in one.items() if name not in READ and cell not in (None, "", [], {})}
    documentation = one.get("processDocumentation")
    return (
        kept
        | {name: one[name] for name in ("description", "dqEntry", "tags") if one.get(name)}
        | ({"processDocumentation": documentation} if documentation else {})
    )
