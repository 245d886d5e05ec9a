"""PACT v3: a factor as a `ProductFootprint` and back. Numbers are decimal texts; an extension holds the rest."""

from collections.abc import Mapping
from typing import Any, Final

from factordb.formats.footprint import terms
from factordb.formats.footprint.extension import annex_in, extension
from factordb.formats.footprint.reading import Field, footprint_sheet
from factordb.formats.footprint.statement import COMPANY, MASS, Statement, moment
from factordb.formats.inventories.datasheet import Datasheet

VERSION: Final = "3.0.3"
NAME: Final = "pact3"


def document(said: Statement) -> dict[str, Any]:
    """Return the footprint."""
    gwp = terms.report_of(said.row["gwp_set"] or "")
    absent = said.not_stated(
        "crossSectoralStandards",
        "exemptedEmissionsPercent",
        "fossilCarbonContent",
        "fossilGhgEmissions",
        "pcfIncludingBiogenicUptake",
        *(() if gwp else ("ipccCharacterizationFactors",)),
    )
    sheet = said.sheet
    found: dict[str, Any] = {
        "id": said.uuid,
        "specVersion": VERSION,
        "created": said.created,
        "status": "Active",
        **validity(sheet),
        "companyName": said.facts.publisher,
        "companyIds": [COMPANY],
        "productDescription": said.description,
        "productIds": [said.product],
        "productClassifications": [f"urn:pact:productclassification:un-cpc:{said.cpc}"],
        "productNameCompany": sheet.name,
        "comment": said.comment(absent),
        "pcf": _carbon(said, gwp),
        "extensions": [extension(said, absent)],
    }
    return found


def validity(sheet: Datasheet) -> dict[str, str]:
    """Return the period of validity: both ends or none, the end excluded."""
    if sheet.valid_from is None or sheet.valid_until is None:
        return {}
    return {"validityPeriodStart": moment(sheet.valid_from), "validityPeriodEnd": moment(sheet.valid_until, 1)}


def _carbon(said: Statement, gwp: str | None) -> dict[str, Any]:
    sheet, value = said.sheet, terms.decimal_text(said.held.value)
    start, end = said.period
    place = terms.place_of(said.row["region"])
    found: dict[str, Any] = {
        "declaredUnitOfMeasurement": said.held.unit.name,
        "declaredUnitAmount": "1",
        MASS: said.held.unit.mass or "0",
        "referencePeriodStart": start,
        "referencePeriodEnd": end,
        **(dict([place]) if place else {}),
        "boundaryProcessesDescription": terms.boundary_text(sheet.boundary),
        "pcfExcludingBiogenicUptake": value,
        "pcfIncludingBiogenicUptake": value,
        "fossilCarbonContent": "0",
        "fossilGhgEmissions": value,
        "ipccCharacterizationFactors": [gwp or terms.NO_REPORT],
        "crossSectoralStandards": ["not stated"],
        "exemptedEmissionsPercent": "0",
        "secondaryEmissionFactorSources": [{"name": name, "version": edition} for name, edition in said.sources],
        "primaryDataShare": "0",
    }
    if sheet.scores:
        names = ("technologicalDQR", "geographicalDQR", "temporalDQR")
        found["dqi"] = {name: str(score) for name, score in zip(names, sheet.scores, strict=False)}
    return found


def sheet_of(document: Mapping[str, Any], field: Field) -> Datasheet:
    """Return the data sheet of a footprint.

    Args:
        document: the footprint.
        field: takes what is said from it, with its faults.
    """
    annex, absent = annex_in(document)
    pcf = field.inner("pcf")
    amount = pcf.number("declaredUnitAmount")
    value = pcf.number("pcfExcludingBiogenicUptake")
    return footprint_sheet(
        field,
        pcf,
        unit=pcf.text("declaredUnitOfMeasurement"),
        value=value / amount if value is not None and amount and amount > 0 else None,
        value_text=pcf.text("pcfExcludingBiogenicUptake") if amount == 1 else "",
        report=pcf.first("ipccCharacterizationFactors"),
        scores=_scores(pcf.inner("dqi", needed=False)),
        annex=annex,
        absent=absent,
    )


def _scores(dqi: Field) -> tuple[float | None, ...]:
    return tuple(dqi.number(name) for name in ("technologicalDQR", "geographicalDQR", "temporalDQR"))
