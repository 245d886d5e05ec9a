"""Catena-X PCF 9: a factor in the nested lists of the aspect model and back. Our row travels in the comment."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from factordb.formats.footprint import terms
from factordb.formats.footprint.reading import Field, whole_scores
from factordb.formats.footprint.shape import LONGEST_VALIDITY, exchanges_of, report
from factordb.formats.footprint.statement import COMPANY, GEOGRAPHY, PERIOD, Statement, day_of, last_day, moment
from factordb.formats.inventories.annex import annex_line, split_annex
from factordb.formats.inventories.datasheet import Datasheet

VERSION: Final = "urn:io.catenax.pcf:datamodel:version:9.0.0"
NAME: Final = "catenax"
WORLD: Final = "Global"
UNSPECIFIED: Final = "unspecified"
VALIDITY: Final = "validityPeriodEnd"
_ABSENT: Final = "not stated: "
_SCORES: Final = ("technologicalDQR", "geographicalDQR", "temporalDQR")


def document(said: Statement) -> dict[str, Any]:
    """Return the footprint."""
    absent = said.not_stated(
        "allocationWasteIncineration",
        "ccsTechnologicalCO2CaptureIncluded",
        "crossSectoralStandards",
        "distributionStageIncluded",
        "exemptedEmissionsPercent",
        "massBalancingUsed",
        "packagingEmissionsIncluded",
        "pcfIncludingBiogenicUptake",
        "productOrSectorSpecificRules",
        *(() if said.sheet.valid_until else (VALIDITY,)),
    )
    # the line of the absent fields is read back: it is ours, in one language, below what people are told
    comment = "\n".join((said.comment(absent), _ABSENT + ", ".join(absent), annex_line(said.row, said.gases)))
    value = said.held.value
    return {
        "scopeOfPcfForm": [{"specVersion": VERSION, "partialFullPcf": terms.scope_of(said.sheet.boundary)}],
        "companyAndProductInformation": [_product(said)],
        "pcfAssessmentAndMethodology": [
            {
                "dataSourcesAndQuality": [_quality(said)],
                "pcfAssessmentInformation": [_assessment(said)],
                "pcfMethodology": [_method(said)],
            }
        ],
        "general": [{"comment": comment}],
        "carbonContent": [{}],
        "productLifeCycleStagesAndEmissions": [
            {
                "productionStage": [{"pcfIncludingBiogenicUptake": value, "pcfExcludingBiogenicUptake": value}],
                "distributionStage": [{"distributionStageIncluded": False}],
                "packagingStage": [{"packagingEmissionsIncluded": False}],
            }
        ],
    }


def _product(said: Statement) -> dict[str, Any]:
    unit = said.held.unit
    return {
        "companyInformation": [{"companyName": said.facts.publisher, "companyIds": [COMPANY]}],
        "productInformation": [
            {
                "productNameCompany": said.sheet.name,
                "productIds": [said.product],
                "declaredUnitOfMeasurement": unit.name,
                "declaredUnitAmount": 1.0,
                "productMassPerDeclaredUnit": float(unit.mass or 0),
                "productClassifications": [f"urn:pact:productclassification:un-cpc:{said.cpc}"],
                "productDescription": said.description,
            }
        ],
    }


def _quality(said: Statement) -> dict[str, Any]:
    scores = dict(zip(_SCORES, said.sheet.scores, strict=False))
    return {
        "primaryDataShare": 0.0,
        "secondaryEmissionFactorSources": [f"{name}, {edition}" for name, edition in said.sources],
        **{name: score for name, score in scores.items() if score is not None},
    }


def _assessment(said: Statement) -> dict[str, Any]:
    boundary = terms.boundary_text(said.sheet.boundary)
    return {
        "technology": [{"ccsTechnologicalCO2CaptureIncluded": False, "boundaryProcessesDescription": boundary}],
        "idAndVersion": [
            {"id": said.uuid, "version": 1, "status": "Active", "retroOrProspectivePcfType": "Retrospective PCF"}
        ],
        "boundarySpecifications": [{"exemptedEmissionsPercent": 0.0}],
        "geography": [_geography(said.row["region"])],
        "time": [_time(said)],
    }


def _geography(region: str | None) -> dict[str, str]:
    place = terms.place_of(region)
    found = {terms.REGION: terms.continent_of(region) or WORLD}
    return found | (dict([place]) if place and place[0] != terms.REGION else {})


def _time(said: Statement) -> dict[str, str]:
    (start, end), sheet = said.period, said.sheet
    default = moment(date(said.year + 1 + LONGEST_VALIDITY, 1, 1))
    return {
        "referencePeriodStart": start,
        "referencePeriodEnd": end,
        "created": said.created,
        **({"validityPeriodStart": moment(sheet.valid_from)} if sheet.valid_from else {}),
        VALIDITY: moment(sheet.valid_until, 1) if sheet.valid_until else default,
    }


def _method(said: Statement) -> dict[str, Any]:
    listed = report(said.row["gwp_set"], NAME) or UNSPECIFIED
    return {
        "massBalancingInformation": [
            {
                "massBalancingUsed": False,
                "freeAttributionInMassBalancing": "not applicable",
                "massBalancingCertificateScheme": "none",
            }
        ],
        "standards": [{"crossSectoralStandards": ["not stated"], "productOrSectorSpecificRules": ["not stated"]}],
        "gwpCharacterizationFactorDetails": [{"ipccCharacterizationFactors": listed}],
        "allocationInForeground": [{"allocationWasteIncineration": "cut-off"}],
    }


def sheet_of(document: Mapping[str, Any], field: Field) -> Datasheet:
    """Return the data sheet of a footprint.

    Args:
        document: the footprint.
        field: takes what is said from it, with its faults.
    """
    told, annex = split_annex(field.inner("general", needed=False).text("comment"))
    absent = _absent(told) if annex is not None else frozenset[str]()
    about = field.inner("companyAndProductInformation")
    product, company = about.inner("productInformation"), about.inner("companyInformation", needed=False)
    method = field.inner("pcfAssessmentAndMethodology")
    assessed = method.inner("pcfAssessmentInformation")
    time, key = assessed.inner("time"), assessed.inner("idAndVersion").text("id")
    stage = field.inner("productLifeCycleStagesAndEmissions").inner("productionStage")
    value, amount = stage.number("pcfExcludingBiogenicUptake"), product.number("declaredUnitAmount")
    unit = terms.unit_named(product.text("declaredUnitOfMeasurement"))
    if unit is None:
        field.fault("FMT053", field.place, f"declared unit: {product.text('declaredUnitOfMeasurement')!r}", "")
    name, text = product.text("productNameCompany"), product.text("productDescription")
    start = day_of(time.found.get("referencePeriodStart"))
    scope = field.inner("scopeOfPcfForm", needed=False).text("partialFullPcf")
    gwp = method.inner("pcfMethodology", needed=False).inner("gwpCharacterizationFactorDetails", needed=False)
    scored = method.inner("dataSourcesAndQuality", needed=False)
    return Datasheet(
        key=key.removeprefix("urn:uuid:"),
        uuid=key.removeprefix("urn:uuid:"),
        name=name,
        exchanges=exchanges_of(
            unit.ours if unit else "?", value / amount if value is not None and amount and amount > 0 else None
        ),
        gwp_set=terms.set_of(gwp.text("ipccCharacterizationFactors")),
        region=_region(assessed.inner("geography"), absent),
        reference_year=start.year if start and PERIOD not in absent else None,
        valid_from=day_of(time.found.get("validityPeriodStart")),
        valid_until=last_day(time.found.get(VALIDITY)) if VALIDITY not in absent else None,
        published_on=day_of(time.found.get("created")) if annex is None else None,
        product=name if annex is None else None,
        technology=text if text and text != name else None,
        boundary=terms.boundary_of(scope),
        scores=whole_scores(tuple(scored.number(one) for one in _SCORES), field),
        publisher=company.text("companyName") or None,
        comment=told,
        annex=annex,
        leftovers=dict(document) if annex is None else {},
    )


def _absent(told: str) -> frozenset[str]:
    line = next((one for one in told.splitlines() if one.startswith(_ABSENT)), "")
    return frozenset(line.removeprefix(_ABSENT).split(", ")) if line else frozenset()


def _region(place: Field, absent: frozenset[str]) -> str | None:
    for name in (terms.SUBDIVISION, terms.COUNTRY):
        if place.text(name):
            return terms.region_in(name, place.text(name))
    region = place.text(terms.REGION)
    if region == WORLD:
        return None if GEOGRAPHY in absent else terms.WORLD
    return terms.region_in(terms.REGION, region)
