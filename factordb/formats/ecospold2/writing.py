"""Writes factors as EcoSpold 2, one file a factor."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from factordb.formats.ecospold2.shape import AUTHOR, NO_YEAR, TAG, TEXT, partly, shape
from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.inventories.annex import annex_line
from factordb.formats.inventories.composing import sheets
from factordb.formats.inventories.datasheet import Datasheet, Exchange, Spread, stable_uuid
from factordb.formats.inventories.losses import Losses
from factordb.formats.inventories.people_comment import people_comment
from factordb.formats.inventories.shaping import cut
from factordb.formats.inventories.sidecar import NAME, sidecar_line
from factordb.formats.inventories.xml_text import attributes, element, in_language
from factordb.formats.safe_zip import package_target
from factordb.model.release import ReleaseFacts

NAMESPACE: Final = "http://www.EcoInvent.org/EcoSpold02"
SCENARIO: Final = "d9f57f0a-a01f-42eb-a57b-8f18d6635801"
"""Identifier of the scenario "Business-as-Usual" in ecoinvent's master data."""

SCHEMA_VERSION: Final = "2.0.10"
EMAIL: Final = "not stated"


def write_ecospold2(content: Content, target: Path) -> WrittenOut:
    """Write the factors of `content` as files in the archive or folder `target`.

    Raises:
        FileProblemError: it cannot be written.
    """
    losses, written, aside = Losses("ecospold2"), 0, list[bytes]()
    with package_target(target) as out:
        for row, gases, sheet in sheets(content):
            if sheet is None or len(annex_line(row, gases)) > TEXT:
                aside.append(sidecar_line(row, gases))
                losses.aside()
                continue
            held = shape(sheet)
            written += 1
            losses.written(row, partly(sheet, held), gases=bool(gases) and len(sheet.emissions) == 1)
            out.add(f"datasets/{sheet.uuid}.spold", _document(row, gases, held, content.facts).encode())
        if aside:
            out.add(NAME, b"".join(aside))
    return WrittenOut(target, written, losses.list())


def _document(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet, facts: ReleaseFacts) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ecoSpold xmlns="{NAMESPACE}">\n<activityDataset>\n'
        f"{_description(row, gases, sheet)}{_flows(sheet)}{_administration(row, sheet, facts)}"
        "</activityDataset>\n</ecoSpold>\n"
    )


def _description(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet) -> str:
    lines = ["<activityDescription>", _activity(row, gases, sheet)]
    if sheet.category:
        lines.append(
            f"<classification{attributes(classificationId=stable_uuid('classification', sheet.category))}>"
            + in_language("classificationSystem", "source's own classification")
            + in_language("classificationValue", sheet.category)
            + "</classification>"
        )
    place = stable_uuid("location", sheet.region or "")
    told = cut(row["region_text"], TEXT)
    lines.append(
        f"<geography{attributes(geographyId=place)}>{in_language('shortname', sheet.region or '')}"
        f"{_comment(told)}</geography>"
    )
    lines.append(f'<technology technologyLevel="0">{_comment(sheet.technology)}</technology>')
    lines.append(_period(row, sheet))
    lines.append(
        f"<macroEconomicScenario{attributes(macroEconomicScenarioId=SCENARIO)}>"
        f"{in_language('name', 'Business-as-Usual')}</macroEconomicScenario>"
    )
    return "\n".join((*lines, "</activityDescription>\n"))


def _activity(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet) -> str:
    head = attributes(
        id=sheet.uuid, activityNameId=stable_uuid("activity name", sheet.name), type=2, specialActivityType=0
    )
    names = in_language("activityName", sheet.name)
    if sheet.local_name:
        names += in_language("activityName", sheet.local_name, "zh")
    texts = (
        in_language("text", people_comment(row, "en")[:TEXT], "en", index=1),
        in_language("text", people_comment(row, "zh")[:TEXT], "zh", index=2),
        in_language("text", annex_line(row, gases), "en", index=3),
    )
    tags = [f"gwp:{sheet.gwp_set}"] if sheet.gwp_set else []
    tags += [f"boundary:{sheet.boundary}"] if sheet.boundary else []
    marks = "".join(element("tag", tag[:TAG]) for tag in tags)
    return f"<activity{head}>\n{names}\n<generalComment>{''.join(texts)}</generalComment>{marks}\n</activity>"


def _comment(text: str | None) -> str:
    return f"<comment>{in_language('text', text, 'en', index=1)}</comment>" if text else ""


def _period(row: Mapping[str, Any], sheet: Datasheet) -> str:
    published = row["published_on"] or row["valid_from"]
    year = sheet.reference_year or (published.year if published else 1900)
    stated = sheet.reference_year is not None
    head = attributes(startDate=f"{year:04d}-01-01", endDate=f"{year:04d}-12-31", isDataValidForEntirePeriod=stated)
    return f"<timePeriod{head}>{'' if stated else _comment(NO_YEAR)}</timePeriod>"


def _flows(sheet: Datasheet) -> str:
    reference = sheet.exchanges[0]
    head = attributes(
        id=stable_uuid("reference", sheet.key),
        unitId=stable_uuid("unit", reference.unit),
        amount=1.0,
        intermediateExchangeId=reference.flow_id,
        productionVolumeAmount=0.0,
    )
    product = (
        f"<intermediateExchange{head}>{in_language('name', reference.flow)}{in_language('unitName', reference.unit)}"
        "<outputGroup>0</outputGroup></intermediateExchange>"
    )
    return "\n".join(("<flowData>", product, *(_emission(one, sheet.key) for one in sheet.emissions), "</flowData>\n"))


def _emission(one: Exchange, key: str) -> str:
    head = attributes(
        id=stable_uuid("emission", key, one.flow),
        unitId=stable_uuid("unit", one.unit),
        casNumber=one.cas or None,
        amount=one.amount,
        elementaryExchangeId=one.flow_id,
    )
    air = (
        f"<compartment{attributes(subcompartmentId=stable_uuid('compartment', 'air', 'unspecified'))}>"
        f"{in_language('compartment', 'air')}{in_language('subcompartment', 'unspecified')}</compartment>"
    )
    return (
        f"<elementaryExchange{head}>{in_language('name', one.flow)}{in_language('unitName', one.unit)}"
        f"{_uncertainty(one.spread)}{air}<outputGroup>4</outputGroup></elementaryExchange>"
    )


def _uncertainty(spread: Spread | None) -> str:
    """Return the distribution: `variance` is of ln X for a log-normal; no pedigree is claimed, so both are the same."""
    if spread is None:
        return ""
    cells: dict[str, Any] = {"minValue": spread.low, "mostLikelyValue": spread.centre, "maxValue": spread.high}
    if spread.width is not None and spread.centre is not None:
        both = {"variance": spread.width**2, "varianceWithPedigreeUncertainty": spread.width**2}
        mu = {"mu": math.log(spread.centre)} if spread.family == "lognormal" else {}
        cells = {"meanValue": spread.centre, **mu, **both}
    return f"<uncertainty>{element(spread.family, **cells)}</uncertainty>"


def _administration(row: Mapping[str, Any], sheet: Datasheet, facts: ReleaseFacts) -> str:
    publisher = cut(facts.publisher, AUTHOR) or "factordb"
    person = {"personId": stable_uuid("actor", facts.publisher), "personName": publisher, "personEmail": EMAIL}
    published = row["published_on"] or facts.as_of
    stamp = f"{facts.as_of.isoformat()}T00:00:00"
    source = element(
        "dataGeneratorAndPublication",
        **person,
        dataPublishedIn=2,
        publishedSourceId=stable_uuid("source", row["source_id"]),
        publishedSourceYear=f"{published.year:04d}",
        publishedSourceFirstAuthor=cut(sheet.publisher, AUTHOR) or "not stated",
        isCopyrightProtected=True,
        accessRestrictedTo=0,
    )
    file = element(
        "fileAttributes",
        majorRelease=1,
        minorRelease=0,
        majorRevision=1,
        minorRevision=0,
        internalSchemaVersion=SCHEMA_VERSION,
        defaultLanguage="en",
        creationTimestamp=stamp,
        lastEditTimestamp=stamp,
        fileGenerator=f"factordb {facts.engine_version}"[:255],
        fileTimestamp=stamp,
    )
    return (
        "<modellingAndValidation>\n"
        f"<representativeness{attributes(systemModelId=stable_uuid('system model', 'undefined'))}>"
        f"{in_language('systemModelName', 'undefined')}</representativeness>\n</modellingAndValidation>\n"
        f"<administrativeInformation>\n{element('dataEntryBy', isActiveAuthor=False, **person)}\n{source}\n{file}\n"
        "</administrativeInformation>\n"
    )
