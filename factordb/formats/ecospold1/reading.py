"""Reads EcoSpold 1 as it is found: every data set of every file, schema errors noted, nothing dropped silently."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lxml import etree

from factordb.formats.ecospold1.shape import NO_YEAR, shape
from factordb.formats.ecospold1.writing import CATEGORY, TYPES
from factordb.formats.ecospold1.writing import NAMESPACE as WRITTEN
from factordb.formats.interchange import ReadBack
from factordb.formats.inventories.annex import split_annex
from factordb.formats.inventories.datasheet import EMISSION, Datasheet, Exchange, Spread
from factordb.formats.inventories.gathering import Gathering
from factordb.formats.inventories.ghg import gas_of
from factordb.formats.inventories.numbers import number
from factordb.formats.inventories.packages import documents, take_sidecar
from factordb.formats.inventories.stated_spread import unfit
from factordb.formats.inventories.xml_read import Node, children, first, local_name
from factordb.formats.safe_xml import xml_tree
from factordb.formats.safe_zip import RefusedDocumentError

INPUT_ROLES: Final = {
    "1": "technosphere",
    "2": "technosphere",
    "3": "technosphere",
    "4": "resource",
    "5": "technosphere",
}
OUTPUT_ROLES: Final = {"0": "reference", "1": "product", "2": "product", "3": "technosphere", "4": EMISSION}
"""ID 3503 and 3504. Output group 3 is waste to treatment: a service that another process gives, so an input."""

LENGTHS: Final = {
    "name": 255, "localName": 255, "unit": 20, "firstAuthor": 40, "companyCode": 7, "location": 7, "CASNumber": 12,
    "formula": 40, "generalComment": 32_000, "address": 255, "placeOfPublications": 40, "publisher": 40,
}  # fmt: skip
SPREAD: Final = ("standardDeviation95", "minValue", "mostLikelyValue", "maxValue")
_CAS: Final = re.compile(r"\d{1,7}-\d\d-\d")
_TWIN: Final = re.compile(r" \[([0-9a-f]{8})\]$")
_KINDS: Final = {str(code): family for family, code in TYPES.items()}


def read_ecospold1(path: Path) -> ReadBack:
    """Return what the file, folder or archive at `path` holds."""
    found = Gathering("ecospold1", shape)
    for place, data in documents(path, (".xml", ".spold"), found):
        try:
            root = xml_tree(data, place)
        except RefusedDocumentError as refused:
            found.refuse(refused.fault)
            continue
        if local_name(root).casefold() != "ecospold":
            found.refuse_by("FMT050", place, f"<{local_name(root)}>", "<ecoSpold>")
            continue
        if etree.QName(root).namespace != WRITTEN:
            found.fault("FMT053", place, str(etree.QName(root).namespace), WRITTEN)
        for position, node in enumerate(children(root, "dataset"), start=1):
            mark = f"{place}#{node.get('number') or position}"
            if node.find("{*}flowData") is None:
                found.refuse_by("FMT050", mark, "<dataset>", "<flowData>")
                continue
            found.add(_sheet(node, mark, found), mark)
    take_sidecar(path, found)
    return found.done()


def _sheet(node: Node, place: str, found: Gathering) -> Datasheet:
    _check_lengths(node, place, found)
    _check_references(node, place, found)
    information = first(node, "metaInformation", "processInformation")
    function = first(information, "referenceFunction")
    geography, technology = first(information, "geography"), first(information, "technology")
    comment, annex = split_annex(function.get("generalComment", ""))
    name = _name(function.get("name", ""), annex)
    source = first(node, "metaInformation", "modellingAndValidation", "source")
    category = function.get("subCategory") or None
    if annex is None and function.get("category", CATEGORY) != CATEGORY:
        category = "/".join(filter(None, (function.get("category"), category)))
    ours = annex is not None
    return Datasheet(
        key=annex["row"]["factor_id"] if annex else _key(node, function, geography),
        uuid="",
        name=name or place,
        local_name=function.get("localName") or None,
        exchanges=tuple(_exchanges(node, place, found)),
        region=geography.get("location") or None,
        region_text=None if ours else geography.get("text"),
        reference_year=_year(first(information, "timePeriod"), place, found),
        product=None if ours else name or None,
        category=category,
        technology=technology.get("text") or None,
        source_title=source.get("title") or None,
        publisher=None if ours else source.get("publisher") or source.get("firstAuthor"),
        comment=comment,
        annex=annex,
        leftovers={} if ours else _leftovers(node, comment),
    )


def _key(node: Node, function: Node, geography: Node) -> str:
    """Return the identity of a foreign data set: the format has no identifier but these together."""
    cells = [function.get(name, "") for name in ("name", "unit", "category", "subCategory")]
    return "\x1f".join((*cells, geography.get("location", ""), node.get("number", "")))


def _name(name: str, annex: dict[str, Any] | None) -> str:
    """Return the name without the mark that a twin of the same name got when it was written."""
    twin = _TWIN.search(name)
    if twin and annex and str(annex["row"]["factor_id"]).startswith(twin[1]):
        plain = name[: twin.start()]
        whole = str(
            annex["row"]["name_en"] or annex["row"]["name_zh"] or annex["row"]["flow"] or annex["row"]["factor_id"]
        )
        return " ".join(whole.split())[:255].strip() if " ".join(whole.split()).startswith(plain) else plain
    return name


def _exchanges(node: Node, place: str, found: Gathering) -> Iterator[Exchange]:
    lines = [_exchange(one, place, found) for one in node.iterfind("{*}flowData/{*}exchange")]
    lines.sort(key=lambda one: one.role != "reference")
    references = [one for one in lines if one.role == "reference"]
    if not references:
        function = first(node, "metaInformation", "processInformation", "referenceFunction")
        text = function.get("amount", "")
        found.fault("FMT058", place, f"{function.get('name', '')}: 0 × outputGroup 0", "outputGroup 0")
        yield Exchange("reference", function.get("name", ""), function.get("unit", ""), number(text), text)
    for one in lines:
        extra = one.role == "reference" and one is not references[0]
        yield Exchange(**{**vars(one), "role": "product"}) if extra else one


def _exchange(one: Node, place: str, found: Gathering) -> Exchange:
    group_in, group_out = first(one, "inputGroup").text, first(one, "outputGroup").text
    role = OUTPUT_ROLES.get((group_out or "").strip()) or INPUT_ROLES.get((group_in or "").strip())
    if role is None:
        found.fault("FMT053", place, f"{one.get('name')}: {group_in or group_out!r}", "inputGroup 1-5, outputGroup 0-4")
        role = "technosphere"
    text = one.get("meanValue", "")
    compartment = "/".join(filter(None, (one.get("category"), one.get("subCategory"))))
    elementary = role in {EMISSION, "resource"}
    cas = (one.get("CASNumber") or "").lstrip("0") if _CAS.fullmatch(one.get("CASNumber") or "") else ""
    fault = _spread_fault(one)
    spread, spread_text = (None, _told(one)) if fault else _spread(one, number(text))
    return Exchange(
        role=role,
        flow=one.get("name", ""),
        unit=one.get("unit", ""),
        amount=number(text),
        amount_text=text,
        gas=gas_of(one.get("name", ""), cas) if role == EMISSION else "",
        number=one.get("number", ""),
        compartment=compartment if elementary else "",
        location=one.get("location") or "",
        cas=cas,
        comment=one.get("generalComment", ""),
        spread=spread,
        spread_text=spread_text,
        spread_fault=fault,
    )


def _spread(one: Node, mean: float | None) -> tuple[Spread | None, str]:
    """Return the distribution (ID 3708 …) and its text.

    `standardDeviation95` is GSD² of a log-normal and 2 SD of a normal. Of a log-normal, `meanValue` is the geometric
    mean in ecoinvent's use; where both quantiles stand, the median is what lies between them.
    """
    family = _KINDS.get(one.get("uncertaintyType") or "", "")
    cells = {name: number(one.get(name, "")) for name in SPREAD}
    told = _told(one)
    low, high, sd95 = cells["minValue"], cells["maxValue"], cells["standardDeviation95"]
    if family == "lognormal" and sd95 is not None and sd95 > 0 and mean is not None and mean > 0:
        between = math.sqrt(low) * math.sqrt(high) if low is not None and high is not None and low > 0 < high else mean
        return Spread("lognormal", between, math.log(sd95) / 2), f"GSD² {one.get('standardDeviation95')}"
    if family == "normal" and sd95 is not None and mean is not None:
        between = (low + high) / 2 if low is not None and high is not None else mean
        return Spread("normal", between, sd95 / 2), told
    if family == "triangular" and low is not None and high is not None:
        mode = cells["mostLikelyValue"]
        return Spread("triangular", mean if mode is None else mode, None, low, high), told
    if family == "uniform" and low is not None and high is not None:
        return Spread("uniform", None, None, low, high), told
    return None, told


def _told(one: Node) -> str:
    return "; ".join(f"{name} {one.get(name)}" for name in SPREAD if one.get(name))


def _spread_fault(one: Node) -> str:
    """Return what the numbers of a distribution had to be and are not."""
    least = 1.0 if _KINDS.get(one.get("uncertaintyType") or "") == "lognormal" else 0.0
    spread, *bounds = SPREAD
    return unfit({spread: (one.get(spread), least)}, {name: one.get(name) for name in bounds})


def _year(period: Node, place: str, found: Gathering) -> int | None:
    if (period.get("text") or "") == NO_YEAR:
        return None
    texts = [(one.text or "").strip() for one in period if isinstance(one.tag, str)]
    years = [int(text[:4]) for text in texts if re.match(r"\d{4}", text)]
    if len(years) > 1 and years[1] < years[0]:
        found.fault("FMT058", place, f"{texts[0]} … {texts[1]}", "startYear ≤ endYear")
    year = min(years, default=None)
    return year if year is not None and date.min.year <= year else None


def _check_lengths(node: Node, place: str, found: Gathering) -> None:
    """Report what the schema forbids and real files do: texts too long, CAS numbers that are none, empty numbers."""
    for one in node.iter(etree.Element):
        for name, length in LENGTHS.items():
            text = one.get(name)
            if text is None:
                continue
            if len(text) > length:
                found.fault("FMT053", f"{place}/{local_name(one)}@{name}", f"{len(text)} > {length}: {text[:60]}")
            elif name == "CASNumber" and text and not _CAS.fullmatch(text):
                found.fault("FMT053", f"{place}/{local_name(one)}@{name}", text, "123456-78-9")


_REFERENCES: Final[Mapping[str, str]] = MappingProxyType(
    {"person": "person", "referenceToPublishedSource": "source", "referenceToSource": "source",
     "referenceToCoSource": "source", "validator": "person", "proofReadingValidator": "person"}
)  # fmt: skip
"""Attribute -> the element whose number it names."""


def _check_references(node: Node, place: str, found: Gathering) -> None:
    """Report numbers of persons and sources that no element of the data set has."""
    numbers = {kind: {one.get("number") for one in node.iterfind(f".//{{*}}{kind}")} for kind in ("person", "source")}
    for one in node.iter(etree.Element):
        for name, kind in _REFERENCES.items():
            wanted = one.get(name)
            if wanted and wanted != "0" and wanted not in numbers[kind]:
                found.fault("FMT057", f"{place}/{local_name(one)}@{name}", f"{kind} {wanted}")


def _leftovers(node: Node, comment: str) -> dict[str, Any]:
    """Return attributes that no column holds, by element: kept as read."""
    kept: dict[str, Any] = {"generalComment": comment} if comment else {}
    meta = first(node, "metaInformation")
    for one in meta.iter(etree.Element):
        cells = {str(name): str(text) for name, text in one.attrib.items() if name != "generalComment" and text}
        if cells or (one.text or "").strip():
            kept.setdefault(local_name(one), []).append(
                cells | ({"text": one.text.strip()} if (one.text or "").strip() else {})
            )
    allocations = [dict(one.attrib) for one in node.iterfind("{*}flowData/{*}allocation")]
    return kept | ({"allocation": allocations} if allocations else {})
