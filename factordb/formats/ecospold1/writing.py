"""Writes factors as EcoSpold 1, one data set at a time."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from factordb.formats.ecospold1.shape import AUTHOR, NAME, NO_YEAR, TEXT, partly, shape
from factordb.formats.ecospold1.targets import opened_target
from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.inventories.annex import annex_line
from factordb.formats.inventories.composing import sheets
from factordb.formats.inventories.datasheet import EMISSION, Datasheet, Exchange, Spread
from factordb.formats.inventories.losses import Losses
from factordb.formats.inventories.people_comment import comment_of
from factordb.formats.inventories.shaping import cut
from factordb.formats.inventories.sidecar import sidecar_line
from factordb.formats.inventories.spread import Z975
from factordb.formats.inventories.xml_text import attributes, element
from factordb.model.release import ReleaseFacts

NAMESPACE: Final = "http://www.EcoInvent.org/EcoSpold01"
CATEGORY: Final = "emission factors"
COMPANY: Final = "FDB"
COUNTRY: Final = "CN"
"""Of the publisher; the schema demands one, and the cover of a release names none: the national library is Chinese."""
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<ecoSpold xmlns="{NAMESPACE}" validationId="0" validationStatus="not validated">\n'
)
_TAIL: Final = "</ecoSpold>\n"
TYPES: Final = {"undefined": 0, "lognormal": 1, "normal": 2, "triangular": 3, "uniform": 4}
"""ID 3708: kind of uncertainty distribution."""


def write_ecospold1(content: Content, target: Path) -> WrittenOut:
    """Write the factors of `content` to the file `target`.

    Raises:
        FileProblemError: the file cannot be written.
    """
    losses, written, names = Losses("ecospold1"), 0, set[tuple[str, ...]]()
    with opened_target(target, _HEAD, _TAIL) as out:
        for row, gases, sheet in sheets(content):
            if sheet is None or len(annex_line(row, gases)) > TEXT:
                out.aside(sidecar_line(row, gases))
                losses.aside()
                continue
            held = shape(sheet)
            written += 1
            losses.written(row, partly(sheet, held), gases=bool(gases) and len(sheet.emissions) == 1)
            out.dataset(_dataset(written, row, gases, held, _twin(held, names), content.facts))
    return WrittenOut(target, written, losses.list())


def _twin(sheet: Datasheet, names: set[tuple[str, ...]]) -> str:
    """Return the name; where one data set has this name, place, unit and category already, with the key's beginning.

    The format has no identifier: programs tell data sets apart by these four.
    """
    reference = sheet.exchanges[0]
    mark = (sheet.name, sheet.region or "", reference.unit, sheet.category or "")
    if mark not in names:
        names.add(mark)
        return sheet.name
    return f"{sheet.name[: NAME - 11]} [{sheet.key[:8]}]"


def _dataset(
    number: int,
    row: Mapping[str, Any],
    gases: Sequence[Mapping[str, Any]],
    sheet: Datasheet,
    name: str,
    facts: ReleaseFacts,
) -> str:
    stamp = f"{facts.as_of.isoformat()}T00:00:00"
    head = attributes(
        number=number, timestamp=stamp, generator=f"factordb {facts.engine_version}"[:NAME], internalSchemaVersion="1.0"
    )
    return (
        f"<dataset{head}>\n<metaInformation>\n"
        f"{_process_information(row, gases, sheet, name, stamp)}"
        f"{_modelling(row, sheet, facts)}{_administration(facts)}"
        f"</metaInformation>\n<flowData>\n{_flows(sheet, name)}</flowData>\n</dataset>\n"
    )


def _process_information(
    row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], sheet: Datasheet, name: str, stamp: str
) -> str:
    reference = sheet.exchanges[0]
    function = element(
        "referenceFunction",
        datasetRelatesToProduct=True,
        name=name,
        localName=sheet.local_name,
        infrastructureProcess=False,
        amount=1.0,
        unit=reference.unit,
        category=CATEGORY,
        subCategory=sheet.category or "",
        localCategory=CATEGORY,
        localSubCategory=sheet.category or "",
        includedProcesses=cut(row["boundary"], TEXT),
        generalComment=comment_of(row, gases, TEXT),
        infrastructureIncluded=False,
    )
    place = " ".join(str(cell) for cell in (row["region"], row["region_text"]) if cell)
    return (
        f"<processInformation>\n{function}\n"
        f"{element('geography', location=sheet.region, text=cut(place, TEXT) or None)}\n"
        f"{element('technology', text=sheet.technology)}\n{_period(row, sheet)}\n"
        + element(
            "dataSetInformation",
            type=2,
            impactAssessmentResult=len(sheet.emissions) == 1 and sheet.emissions[0].gas == "CO2e",
            timestamp=stamp,
            version="1.0",
            internalVersion="1.0",
            energyValues=0,
            languageCode="en",
            localLanguageCode="zh",
        )
        + "\n</processInformation>\n"
    )


def _period(row: Mapping[str, Any], sheet: Datasheet) -> str:
    year = sheet.reference_year
    published = row["published_on"] or row["valid_from"]
    shown = year or (published.year if published else 1900)
    head = attributes(dataValidForEntirePeriod=year is not None, text=str(year) if year else NO_YEAR)
    return f"<timePeriod{head}><startYear>{shown:04d}</startYear><endYear>{shown:04d}</endYear></timePeriod>"


def _modelling(row: Mapping[str, Any], sheet: Datasheet, facts: ReleaseFacts) -> str:
    published = row["published_on"] or facts.as_of
    source = element(
        "source",
        number=1,
        sourceType=0,
        firstAuthor=cut(sheet.publisher, AUTHOR) or "not stated",
        year=f"{published.year:04d}",
        title=sheet.source_title or row["source_id"],
        placeOfPublications="not stated",
        text=cut(row["source_place"], TEXT),
    )
    check = element("validation", proofReadingDetails=row["verdict"] or "not stated", proofReadingValidator=1)
    return f"<modellingAndValidation>\n{source}\n{check}\n</modellingAndValidation>\n"


def _administration(facts: ReleaseFacts) -> str:
    person = element(
        "person",
        number=1,
        name=cut(facts.publisher, AUTHOR) or "factordb",
        address="not stated",
        companyCode=COMPANY,
        countryCode=COUNTRY,
    )
    published = element(
        "dataGeneratorAndPublication", person=1, dataPublishedIn=2, referenceToPublishedSource=1, copyright=True
    )
    return (
        f"<administrativeInformation>\n{element('dataEntryBy', person=1, qualityNetwork=1)}\n{published}\n{person}\n"
        "</administrativeInformation>\n"
    )


def _flows(sheet: Datasheet, name: str) -> str:
    reference = sheet.exchanges[0]
    head = attributes(
        number=1,
        category=CATEGORY,
        subCategory=sheet.category or "",
        name=name,
        location=sheet.region,
        unit=reference.unit,
        meanValue=1.0,
        infrastructureProcess=False,
    )
    lines = [f"<exchange{head}><outputGroup>0</outputGroup></exchange>"]
    emissions = (one for one in sheet.exchanges if one.role == EMISSION)
    lines += [_emission(number, one) for number, one in enumerate(emissions, start=2)]
    return "\n".join(lines) + "\n"


def _emission(number: int, one: Exchange) -> str:
    head = attributes(
        number=number,
        category="air",
        subCategory="unspecified",
        CASNumber=one.cas.zfill(12) if one.cas else None,
        name=one.flow,
        unit=one.unit,
        meanValue=one.amount,
        **_uncertainty(one.spread),
    )
    return f"<exchange{head}><outputGroup>4</outputGroup></exchange>"


def _uncertainty(spread: Spread | None) -> dict[str, Any]:
    """Return the attributes of ID 3708, 3709 (GSD² of a log-normal, 2 SD of a normal) and 3795 to 3797.

    The format has no place for the median: `standardDeviation95` is the ratio of the 97.5 % quantile to it, so both
    quantiles are given, from which the median follows. (Their ratio is GSD to the power 2 · 1.96, not 4: the format
    rounds 1.96 to 2.)
    """
    if spread is None:
        return {}
    found: dict[str, Any] = {"uncertaintyType": TYPES[spread.family]}
    if spread.family == "lognormal" and spread.centre is not None and spread.width is not None:
        reach = math.exp(Z975 * spread.width)
        found |= {"standardDeviation95": math.exp(2 * spread.width), "minValue": spread.centre / reach,
                  "maxValue": spread.centre * reach}  # fmt: skip
    elif spread.family == "normal" and spread.centre is not None and spread.width is not None:
        reach = Z975 * spread.width
        found |= {"standardDeviation95": 2 * spread.width, "minValue": spread.centre - reach,
                  "maxValue": spread.centre + reach}  # fmt: skip
    else:
        found |= {"minValue": spread.low, "maxValue": spread.high, "mostLikelyValue": spread.centre}
    return found
