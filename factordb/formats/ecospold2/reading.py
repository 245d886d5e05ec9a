"""Reads EcoSpold 2 as it is found: activities and child activities, schema errors noted, nothing dropped silently."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from lxml import etree

from factordb.formats.ecospold2.shape import NO_YEAR, shape
from factordb.formats.ecospold2.writing import NAMESPACE
from factordb.formats.interchange import ReadBack
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
from factordb.formats.inventories.packages import documents, take_sidecar
from factordb.formats.inventories.stated_spread import unfit
from factordb.formats.inventories.xml_read import Node, children, first, local_name, text_of
from factordb.formats.safe_xml import xml_tree
from factordb.formats.safe_zip import RefusedDocumentError
from factordb.model.vocabulary import Boundary

DATASETS: Final = ("activityDataset", "childActivityDataset")
OUTPUTS: Final = {"0": REFERENCE, "1": PRODUCT, "2": PRODUCT, "3": TECHNOSPHERE, "4": EMISSION, "5": PRODUCT}
BOUNDARIES: Final = frozenset(one.value for one in Boundary)
_NEVER_NEGATIVE: Final = (
    *("variance", "varianceWithPedigreeUncertainty", "standardDeviation95"),
    *("shape", "scale", "n", "p"),
)
"""Parameters of lognormal, normal, undefined, gamma and binomial (EcoSpold02.xsd, TUncertainty)."""

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def read_ecospold2(path: Path) -> ReadBack:
    """Return what the file, folder or archive at `path` holds."""
    found = Gathering("ecospold2", shape)
    for place, data in documents(path, (".spold", ".xml"), found):
        try:
            root = xml_tree(data, place)
        except RefusedDocumentError as refused:
            found.refuse(refused.fault)
            continue
        if etree.QName(root).namespace != NAMESPACE:
            found.fault("FMT053", place, str(etree.QName(root).namespace), NAMESPACE)
        nodes = [node for name in DATASETS for node in children(root, name)]
        if not nodes:
            found.refuse_by("FMT050", place, f"<{local_name(root)}>", "<activityDataset>")
        for position, node in enumerate(nodes, start=1):
            mark = place if len(nodes) == 1 else f"{place}#{position}"
            if node.find("{*}flowData") is None:
                found.refuse_by("FMT050", mark, f"<{local_name(node)}>", "<flowData>")
                continue
            found.add(_sheet(node, mark, found), mark)
    take_sidecar(path, found)
    return found.done()


def _sheet(node: Node, place: str, found: Gathering) -> Datasheet:
    described = first(node, "activityDescription")
    activity, period = first(described, "activity"), first(described, "timePeriod")
    comment, annex = split_annex(_texts(first(activity, "generalComment")))
    ours = annex is not None
    tags = dict(_tag(one.text or "") for one in children(activity, "tag")) if ours else {}
    name = text_of(activity, "activityName", lang="en") or text_of(activity, "activityName")
    identity = activity.get("id") or ""
    if not _UUID.fullmatch(identity):
        found.fault("FMT053", f"{place}/activity@id", identity, "UUID")
    lines = tuple(_exchanges(node, place, found))
    source = first(node, "administrativeInformation", "dataGeneratorAndPublication")
    product = next((one.flow for one in lines if one.role == REFERENCE), None)
    return Datasheet(
        key=annex["row"]["factor_id"] if annex else "\x1f".join((identity, product or "")),
        uuid=identity,
        name=name or product or place,
        local_name=text_of(activity, "activityName", lang="zh") or None,
        exchanges=lines,
        gwp_set=tags.get("gwp", ""),
        region=text_of(described, "geography", "shortname") or None,
        region_text=None if ours else _texts(first(described, "geography", "comment")) or None,
        reference_year=_year(period, place, found),
        product=product,
        category=_category(described, ours=ours),
        technology=_texts(first(described, "technology", "comment")) or None,
        boundary=tags["boundary"] if tags.get("boundary") in BOUNDARIES else "",
        source_title=source.get("publishedSourceFirstAuthor"),
        publisher=None if ours else source.get("publishedSourceFirstAuthor") or source.get("personName"),
        comment=comment,
        annex=annex,
        leftovers={} if ours else _leftovers(node, described, comment),
    )


def _texts(node: Node) -> str:
    """Return the texts of a comment, in order of their index; English before other languages."""
    texts = list(children(node, "text"))
    texts.sort(key=lambda one: (one.get(_LANGUAGE, "") != "en", number(one.get("index")) or 0.0))
    return "\n".join((one.text or "").strip() for one in texts)


def _tag(text: str) -> tuple[str, str]:
    head, _, tail = text.partition(":")
    return head, tail


def _category(described: Node, *, ours: bool) -> str | None:
    values = [text_of(one, "classificationValue") for one in children(described, "classification")]
    return (values[0] if ours and values else " | ".join(filter(None, values))) or None


def _year(period: Node, place: str, found: Gathering) -> int | None:
    if _texts(first(period, "comment")) == NO_YEAR:
        return None
    start, end = period.get("startDate", ""), period.get("endDate", "")
    if start[:10] > end[:10] and end:
        found.fault("FMT058", place, f"{start} … {end}", "startDate ≤ endDate")
    return int(start[:4]) if re.match(r"\d{4}", start) else None


def _exchanges(node: Node, place: str, found: Gathering) -> Iterator[Exchange]:
    """Yield the exchanges, the reference product first.

    A multi-output activity has several outputs of group 0; those of amount 0 are by-products whose own data set this
    is not, as ecoinvent writes allocated activities.
    """
    lines = [_exchange(one, place, found) for one in first(node, "flowData") if _is_exchange(one)]
    references = [one for one in lines if one.role == REFERENCE]
    chosen = next((one for one in references if one.amount), references[0] if references else None)
    for one in sorted(lines, key=lambda one: one is not chosen):
        if one.role == REFERENCE and one is not chosen:
            if one.amount:
                yield replace(one, role=PRODUCT)
        elif one.role != PRODUCT or one.amount:
            yield one


def _is_exchange(node: Node) -> bool:
    return isinstance(node.tag, str) and local_name(node) in {"intermediateExchange", "elementaryExchange"}


def _exchange(one: Node, place: str, found: Gathering) -> Exchange:
    elementary = local_name(one) == "elementaryExchange"
    group = text_of(one, "outputGroup")
    role = OUTPUTS.get(group, PRODUCT) if group else RESOURCE if elementary else TECHNOSPHERE
    if not group and not text_of(one, "inputGroup"):
        found.fault("FMT053", place, text_of(one, "name"), "inputGroup, outputGroup")
    text = one.get("amount", "")
    name = text_of(one, "name", lang="en") or text_of(one, "name")
    cas = (one.get("casNumber") or "").lstrip("0")
    parts = (text_of(one, "compartment", "compartment"), text_of(one, "compartment", "subcompartment"))
    uncertainty = first(one, "uncertainty")
    spread, spread_text = _spread(uncertainty)
    return Exchange(
        role=role,
        flow=name,
        unit=text_of(one, "unitName", lang="en") or text_of(one, "unitName"),
        amount=number(text),
        amount_text=text,
        gas=gas_of(name, cas) if role == EMISSION else "",
        number=one.get("id", ""),
        flow_id=one.get("intermediateExchangeId") or one.get("elementaryExchangeId") or "",
        compartment="/".join(filter(None, parts)),
        provider=one.get("activityLinkId") or "",
        cas=cas,
        comment=text_of(one, "comment"),
        spread=spread,
        spread_text=spread_text,
        spread_fault=_spread_fault(uncertainty),
    )


def _spread(node: Node) -> tuple[Spread | None, str]:
    """Return the distribution with everything that is in it, the pedigree's addition too, and its text."""
    for one in node:
        if not isinstance(one.tag, str):
            continue
        family = local_name(one)
        told = "; ".join(f"{name} {text}" for name, text in one.attrib.items())
        cells = {str(name): number(text) for name, text in one.attrib.items()}
        variance = cells.get("varianceWithPedigreeUncertainty", cells.get("variance"))
        mean, mu = cells.get("meanValue"), cells.get("mu")
        if family == "lognormal" and variance is not None and variance >= 0 and (mu is not None or (mean or 0) > 0):
            centre = mean if mean is not None and mean > 0 else math.exp(min(mu or 0.0, 700.0))
            return Spread("lognormal", centre, math.sqrt(variance)), told
        if family == "normal" and variance is not None and variance >= 0 and mean is not None:
            return Spread("normal", mean, math.sqrt(variance)), told
        low, high = cells.get("minValue"), cells.get("maxValue")
        if family in {"triangular", "uniform"} and low is not None and high is not None:
            return Spread(family, cells.get("mostLikelyValue"), None, low, high), told
        if family in {"lognormal", "normal", "beta", "gamma", "binomial", "undefined"}:
            return None, f"{family}: {told}"
    return None, ""


def _spread_fault(node: Node) -> str:
    """Return what the numbers of a distribution had to be and are not, whatever its family."""
    cells = {name: text for one in node if isinstance(one.tag, str) for name, text in one.attrib.items()}
    least = {name: (cells.get(name), 0.0) for name in _NEVER_NEGATIVE}
    return unfit(least, {name: cells.get(name) for name in ("minValue", "mostLikelyValue", "maxValue")})


def _leftovers(node: Node, described: Node, comment: str) -> dict[str, Any]:
    """Return what no column holds: comments, parameters, impact indicators, properties, as read."""
    kept: dict[str, Any] = {"generalComment": comment} if comment else {}
    period = first(described, "timePeriod")
    kept["timePeriod"] = {str(name): str(text) for name, text in period.attrib.items()}
    for name in ("parameter", "impactIndicator"):
        cells = [
            {**one.attrib, "name": text_of(one, "name"), "unitName": text_of(one, "unitName")}
            for one in children(first(node, "flowData"), name)
        ]
        if cells:
            kept[name] = cells
    activity = first(described, "activity")
    for name in ("includedActivitiesStart", "includedActivitiesEnd"):
        if text_of(activity, name):
            kept[name] = text_of(activity, name)
    return kept
