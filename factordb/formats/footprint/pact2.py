"""PACT v2.3: a factor as a `ProductFootprint` and back. More is required than in v3; scores run from 1 to 3."""

from collections.abc import Mapping
from typing import Any, Final

from factordb.formats.footprint import terms
from factordb.formats.footprint.extension import annex_in, extension
from factordb.formats.footprint.pact3 import validity
from factordb.formats.footprint.reading import Field, footprint_sheet
from factordb.formats.footprint.statement import COMPANY, MASS, Statement
from factordb.formats.inventories.datasheet import Datasheet

VERSION: Final = "2.3.0"
NAME: Final = "pact2"

LISTED: Final = ("AR5", "AR6")
"""Values of the deprecated field `characterizationFactors`, which v2.3 still requires."""

_WORST: Final = 3.0
_BEST: Final = 1.0


def document(said: Statement) -> dict[str, Any]:
    """Return the footprint."""
    gwp = terms.report_of(said.row["gwp_set"] or "")
    absent = said.not_stated(
        "biogenicCarbonContent",
        "crossSectoralStandardsUsed",
        "exemptedEmissionsPercent",
        "fossilCarbonContent",
        "fossilGhgEmissions",
        "packagingEmissionsIncluded",
        *(() if gwp else ("ipccCharacterizationFactorsSources",)),
        *(() if gwp in LISTED else ("characterizationFactors",)),
        *(("completenessDQR", "reliabilityDQR") if said.sheet.scores else ()),
    )
    return {
        "id": said.uuid,
        "specVersion": VERSION,
        "version": 1,
        "created": said.created,
        "status": "Active",
        **validity(said.sheet),
        "companyName": said.facts.publisher,
        "companyIds": [COMPANY],
        "productDescription": said.description,
        "productIds": [said.product],
        "productCategoryCpc": said.cpc,
        "productNameCompany": said.sheet.name,
        "comment": said.comment(absent),
        "pcf": _carbon(said, gwp),
        "extensions": [extension(said, absent)],
    }


def _carbon(said: Statement, gwp: str | None) -> dict[str, Any]:
    sheet, value = said.sheet, terms.decimal_text(said.held.value)
    start, end = said.period
    place = terms.place_of(said.row["region"])
    mass = {MASS: said.held.unit.mass} if said.held.unit.mass is not None else {}
    spread = _spread(said.row)
    found: dict[str, Any] = {
        "declaredUnit": said.held.unit.name,
        "unitaryProductAmount": "1",
        **mass,
        "pCfExcludingBiogenic": value,
        "fossilGhgEmissions": value,
        "fossilCarbonContent": "0",
        "biogenicCarbonContent": "0",
        "packagingEmissionsIncluded": False,
        "characterizationFactors": gwp if gwp in LISTED else LISTED[-1],
        "ipccCharacterizationFactorsSources": [gwp or terms.NO_REPORT],
        "crossSectoralStandardsUsed": ["ISO Standard 14067"],
        "boundaryProcessesDescription": terms.boundary_text(sheet.boundary),
        "referencePeriodStart": start,
        "referencePeriodEnd": end,
        **(dict([place]) if place else {}),
        "secondaryEmissionFactorSources": [{"name": name, "version": edition} for name, edition in said.sources],
        "exemptedEmissionsPercent": 0,
        "exemptedEmissionsDescription": "not stated",
        **({"uncertaintyAssessmentDescription": spread} if spread else {}),
        "primaryDataShare": 0,
    }
    if sheet.scores:
        names = ("technologicalDQR", "geographicalDQR", "temporalDQR")
        scores = {name: terms.narrow(score or 1) for name, score in zip(names, sheet.scores, strict=False)}
        # of one published value the scores describe the whole; what we do not rate stands at the worst and is named
        found["dqi"] = {"coveragePercent": 100, **scores, "completenessDQR": _WORST, "reliabilityDQR": _WORST}
    return found


def _spread(row: Mapping[str, Any]) -> str:
    """Return the uncertainty in words; empty where none is known."""
    if row["low95"] is None or row["high95"] is None:
        return ""
    family, unit = row["family"] or "unknown", row["unit"] or ""
    return f"{family}, 95 % interval {row['low95']:.6g} to {row['high95']:.6g} {unit}, basis: {row['basis']}".strip()


def sheet_of(document: Mapping[str, Any], field: Field) -> Datasheet:
    """Return the data sheet of a footprint.

    Args:
        document: the footprint.
        field: takes what is said from it, with its faults.
    """
    annex, absent = annex_in(document)
    pcf = field.inner("pcf")
    amount = pcf.number("unitaryProductAmount")
    if amount is not None and amount != 1:
        # the specification gives the footprint per declared unit, whatever the amount in the product
        field.fault("FMT053", field.place, f"pcf/unitaryProductAmount: {amount:g}", "1")
    return footprint_sheet(
        field,
        pcf,
        unit=pcf.text("declaredUnit"),
        value=pcf.number("pCfExcludingBiogenic"),
        value_text=pcf.text("pCfExcludingBiogenic"),
        report=_report(pcf, absent),
        scores=_scores(pcf.inner("dqi", needed=False)),
        annex=annex,
        absent=absent,
    )


def _report(pcf: Field, absent: frozenset[str]) -> str:
    named = pcf.first("ipccCharacterizationFactorsSources")
    return named if named or "characterizationFactors" in absent else pcf.text("characterizationFactors")


def _scores(dqi: Field) -> tuple[float | None, ...]:
    found: list[float | None] = []
    for name in ("technologicalDQR", "geographicalDQR", "temporalDQR"):
        score = dqi.number(name)
        inside = score is not None and _BEST <= score <= _WORST
        if score is not None and not inside:
            dqi.fault("FMT053", dqi.place, f"pcf/dqi/{name}: {score:g}", "1 … 3")
        found.append(terms.wide(score) if score is not None and inside else None)
    return tuple(found)
