"""The process data set of a factor: what is emitted, and its CO2 equivalents, per so much of a product.

Kind *factor* becomes a climate-change result (LCIAResult) and the gases behind it, or, where none are known, one flow
of CO2 equivalents, so that tools that skip results get the number. Kind *gas factor* becomes an exchange of that gas.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from factordb.formats.tidas.amounts import CO2E, Scale, number, scale_of, spread
from factordb.formats.tidas.background import method_names, method_uuid
from factordb.formats.tidas.cover import Cover
from factordb.formats.tidas.dataset import FIRST_VERSION, STRING, Shared, Tree, clean, identifier, reference, said
from factordb.formats.tidas.elementary import elementary_reference
from factordb.formats.tidas.words import classes_of, location_of, word_table
from factordb.model.source import Source

Row = Mapping[str, Any]

YEAR_NOT_STATED: Final = "reference year not stated by the source; the year of publication stands in its place"
_YEAR_NOT_STATED_ZH: Final = "来源未说明数据年份，此处为发布年份"
NOT_STATED: Final = ("未说明", "not stated")
INDICATORS: Final = {
    "te": "Technological representativeness",
    "ti": "Time representativeness",
    "gr": "Geographical representativeness",
    "p": "Precision",
}
"""Score of ours -> data quality indicator of ILCD, in the order they are written."""

REFERENCE_EXCHANGE: Final = "0"
VALUE_EXCHANGE: Final = "1"
"""Internal numbers of the exchange of the product, and of the gas the value counts."""
OTHER_SYSTEM: Final = "factordb: category of the source"


def flow_uuid(row: Row, scale: Scale) -> str:
    """Return the UUID of the product a factor is per unit of."""
    return identifier("product", f"{product_name(row)}:{scale.product.uuid}")


def product_name(row: Row) -> str:
    """Return the name of the product: the flow, else the factor's own name."""
    return clean(row["flow"] or row["name_en"] or row["name_zh"] or "") or NOT_STATED[1]


def process_uuid(factor_id: str) -> str:
    """Return the UUID of a factor's data set."""
    return identifier("factor", factor_id)


def process_tree(row: Row, gases: Sequence[Row], cover: Cover, source: Source) -> Tree:
    """Return the tree of a factor's process data set, in the order of the ILCD schema.

    Args:
        row: factor or gas factor, in the columns of a release.
        gases: its gas amounts, rows of `GAS_SCHEMA`.
        cover: what the data sets of the package share.
        source: where it comes from.
    """
    scale = scale_of(row["unit"] or row["unit_text"])
    cited = cover.source(source)
    exchanges = _exchanges(row, gases, scale, cited)
    tree: Tree = {
        "processInformation": {
            "dataSetInformation": _identity(row, scale),
            "quantitativeReference": {
                "@type": "Reference flow(s)",
                "referenceToReferenceFlow": REFERENCE_EXCHANGE,
                "functionalUnitOrOther": said(None, f"1 {scale.declared}"),
            },
            "time": _time(row, cover.facts.as_of),
            "geography": {"locationOfOperationSupplyOrProduction": _place(row)},
            "technology": {"technologyDescriptionAndIncludedProcesses": _scope(row)},
        },
        "modellingAndValidation": _modelling(row, scale, cover, cited),
        "administrativeInformation": _administration(row, cover),
        "exchanges": {"exchange": exchanges},
    }
    if row["kind"] == "factor":
        tree["LCIAResults"] = {"LCIAResult": [_result(row, scale)]}
    return tree


def _identity(row: Row, scale: Scale) -> Tree:
    boundary = word_table("boundary")[row["boundary"]]
    classes: list[Tree] = [_isic(class_words(row))]
    if row["category"]:
        label = clean(row["category"])[:STRING] or "-"
        classes.append({"@name": OTHER_SYSTEM, "common:class": [{"@level": "0", "@classId": "0", "#text": label}]})
    about = said(
        f"类别由 factordb 按名称归入，非来源所述。数值按来源发布：{row['value_text']} {row['unit_text'] or ''}。",
        f"Class chosen by factordb from the name, not stated by the source. Value as published: "
        f"{row['value_text']} {row['unit_text'] or ''}.",
    )
    return {
        "common:UUID": process_uuid(row["factor_id"]),
        "name": {
            "baseName": said(row["name_zh"], row["name_en"]),
            "treatmentStandardsRoutes": either(row["technology"]),
            "mixAndLocationTypes": said(*boundary),
            "functionalUnitFlowProperties": said(None, f"1 {scale.declared}"),
        },
        "identifierOfSubDataSet": clean(row["factor_id"])[:STRING],
        "classificationInformation": {"common:classification": classes},
        "common:generalComment": about,
    }


def either(text: str | None) -> list[Tree]:
    """Return a text under the language it is in; an absent one is said to be not stated."""
    return said(text, None) if text else said(*NOT_STATED)


def class_words(row: Row) -> str:
    """Return the words by which a factor is classified."""
    return " ".join(filter(None, (row["flow"], row["name_en"], row["name_zh"], row["category"])))


def _time(row: Row, as_of: date) -> Tree:
    year, until = row["reference_year"], row["valid_until"]
    told: Tree = {}
    if year is None:
        dated = row["published_on"] or row["valid_from"] or as_of
        told["common:referenceYear"] = dated.year
    else:
        told["common:referenceYear"] = year
    if until is not None:
        told["common:dataSetValidUntil"] = until.year
    told["common:timeRepresentativenessDescription"] = (
        said(_YEAR_NOT_STATED_ZH, YEAR_NOT_STATED) if year is None else said(f"{year} 年数据", f"data of {year}")
    )
    return told


def _place(row: Row) -> Tree:
    return {"@location": location_of(row["region"]), "descriptionOfRestrictions": either(row["region_text"])}


def _scope(row: Row) -> list[Tree]:
    zh, en = word_table("boundary")[row["boundary"]]
    return said(f"{row['technology'] or '技术未说明'}；边界：{zh}", f"system boundary: {en}")


def _modelling(row: Row, scale: Scale, cover: Cover, cited: Tree) -> Tree:
    interval = _interval(row)
    declared = clean(f"1 {scale.declared} (declared unit; the source states no annual volume)")[:STRING]
    sources: Tree = {
        "dataCutOffAndCompletenessPrinciples": said("按来源发布", "as published by the source"),
        "referenceToDataSource": cited,
        "annualSupplyOrProductionVolume": said(None, declared),
        "uncertaintyAdjustments": interval,
        "useAdviceForDataSet": said(*word_table("tier")[row["tier"]]),
    }
    told: Tree = {
        "LCIMethodAndAllocation": {
            "typeOfDataSet": "LCI result",
            "LCIMethodPrinciple": "Not applicable",
            "LCIMethodApproaches": "Not applicable",
        },
        "dataSourcesTreatmentAndRepresentativeness": sources,
    }
    if row["kind"] == "factor":
        told["completeness"] = {
            "completenessProductModel": "No statement",
            "referenceToSupportedImpactAssessmentMethods": method_reference(row["gwp_set"]),
            "completenessElementaryFlows": {"@type": "Climate change", "@value": "No statement"},
        }
    told["validation"] = {"review": _review(row, cover)}
    told["complianceDeclarations"] = cover.compliance()
    return told


def _interval(row: Row) -> list[Tree]:
    if row["low95"] is None or row["high95"] is None:
        return said("无不确定性区间", "no uncertainty interval")
    pair = f"{row['low95']:.6g} – {row['high95']:.6g} {row['unit_text'] or ''}"
    zh, en = word_table("basis").get(row["basis"] or "none", NOT_STATED)
    return said(f"95 % 区间 {pair}（依据：{zh}）", f"95 % interval {pair} (basis: {en})")


def _review(row: Row, cover: Cover) -> Tree:
    """Return the state of review: ratings of ours; an approval by one operator is no review."""
    words = word_table("score")
    scores = [
        {"@name": name, "@value": words[str(row[score])][1]}
        for score, name in INDICATORS.items()
        if row[score] is not None
    ]
    told: Tree = {"@type": "Not reviewed"}
    if scores:
        told["common:dataQualityIndicators"] = {"common:dataQualityIndicator": scores}
    by, (zh, en) = cover.facts.approved_by, word_table("approval")[cover.facts.approval_mode]
    told["common:reviewDetails"] = said(f"由 {by} 批准发布（{zh}）", f"approved for release by {by} ({en})")
    return told


def _administration(row: Row, cover: Cover) -> Tree:
    uuid = process_uuid(row["factor_id"])
    generator = cover.contact(row["publisher"], None) if row["publisher"] else cover.owner
    return {
        "common:commissionerAndGoal": cover.commissioner,
        "dataGenerator": {"common:referenceToPersonOrEntityGeneratingTheDataSet": generator},
        "dataEntryBy": cover.entry_by_owner,
        "publicationAndOwnership": {
            "common:dateOfLastRevision": cover.time,
            "common:dataSetVersion": cover.version,
            "common:permanentDataSetURI": f"urn:uuid:{uuid}",
            "common:workflowAndPublicationStatus": "Data set finalised; entirely published",
            "common:referenceToOwnershipOfDataSet": cover.owner,
            **cover.licence,
        },
    }


def _exchanges(row: Row, gases: Sequence[Row], scale: Scale, cited: Tree) -> list[Tree]:
    product = reference("flows", flow_uuid(row, scale), FIRST_VERSION, either(product_name(row)))
    made = [_exchange(REFERENCE_EXCHANGE, product, scale.amount, {}, cited)]
    value = row["value"]
    of_gases = row["kind"] == "factor" and len(gases) > 0
    if value is not None and not of_gases:
        counted = CO2E if row["kind"] == "factor" else clean(row["gas"] or "") or NOT_STATED[1]
        flow = elementary_reference(counted, is_co2e=False, unit=scale.gas.unit)
        made.append(_exchange(VALUE_EXCHANGE, flow, value * scale.times, spread(dict(row), scale.times), cited))
    for place, gas in enumerate(gases, start=2):
        flow = elementary_reference(clean(gas["gas"]), is_co2e=bool(gas["is_co2e"]), unit="kg")
        made.append(_exchange(str(place), flow, gas["amount_kg"], {}, cited))
    return made


def _exchange(internal: str, flow: Tree, amount: float, uncertain: Mapping[str, str], cited: Tree) -> Tree:
    shown = number(amount)
    return {
        "@dataSetInternalID": internal,
        "referenceToFlowDataSet": flow,
        "exchangeDirection": "Output",
        "meanAmount": shown,
        "resultingAmount": shown,
        **uncertain,
        "dataSourceType": "Secondary",
        "dataDerivationTypeStatus": "Unknown derivation",
        "referencesToDataSource": {"referenceToDataSource": cited},
    }


@lru_cache(maxsize=256)
def method_reference(gwp_set: str | None) -> Tree:
    """Return the reference to the climate-change method of a GWP set."""
    return Shared(reference("lciamethods", method_uuid(gwp_set), FIRST_VERSION, said(*method_names(gwp_set))))


@lru_cache(maxsize=4096)
def _isic(words: str) -> Tree:
    return Shared({"@name": "ISIC Rev. 5", "common:class": classes_of(words)[0]})


def _result(row: Row, scale: Scale) -> Tree:
    return {
        "referenceToLCIAMethodDataSet": method_reference(row["gwp_set"]),
        "meanAmount": number((row["value"] or 0.0) * scale.times),
        **spread(dict(row), scale.times),
        "generalComment": _interval(row),
    }
