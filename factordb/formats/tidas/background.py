"""The modules that factors refer to: flows, flow properties, unit groups, sources, contacts, climate-change methods."""

from typing import Final

from factordb.formats.tidas.cover import ENTRY_LEVEL, ILCD_FORMAT, Cover
from factordb.formats.tidas.dataset import (
    FIRST_VERSION,
    SHORT_TEXT,
    STRING,
    DataSet,
    Tree,
    clean,
    identifier,
    root,
    said,
)
from factordb.formats.tidas.elementary import elementary_reference, elementary_uuid, gas_title
from factordb.formats.tidas.words import FlowProperty, flow_property, gwp_of
from factordb.model.source import Source

UNKNOWN_SET: Final = "not stated"
_AIR: Final = (
    ("1", "Emissions"),
    ("1.3", "Emissions to air"),
    ("1.3.4", "Emissions to air, unspecified"),
)
_CLIMATE: Final = (("2", "Midpoint level LCIA methods"), ("2.2", "Climate change"))


def _one_class(class_id: str, name: str) -> Tree:
    return {"common:classification": {"common:class": {"@level": "0", "@classId": class_id, "#text": name}}}


def flow_property_set(cover: Cover, one: FlowProperty) -> DataSet:
    """Return the data set of a flow property."""
    names = {"1": "Technical flow properties", "3": "Economic flow properties", "4": "Other flow properties"}
    group = {
        "@type": "unit group data set",
        "@refObjectId": one.unit_group,
        "@version": one.version,
        "@uri": f"../unitgroups/{one.unit_group}_{one.version}.json",
        "common:shortDescription": said(one.group_zh, one.group_en),
    }
    tree = {
        "flowPropertiesInformation": {
            "dataSetInformation": {
                "common:UUID": one.uuid,
                "common:name": said(one.name_zh, one.name_en),
                "classificationInformation": _one_class(one.level, names[one.level]),
            },
            "quantitativeReference": {"referenceToReferenceUnitGroup": group},
        },
        "modellingAndValidation": {"complianceDeclarations": cover.compliance(brief=True)},
    }
    return cover.background("flowproperties", one.uuid, tree, one.version)


def unit_group_set(cover: Cover, one: FlowProperty) -> DataSet:
    """Return the data set of a unit group: its reference unit, and kWh beside MJ."""
    names = {"1": "Technical unit groups", "3": "Economic unit groups", "4": "Other unit groups"}
    units = [_unit(0, one.unit, "1.0")] + ([_unit(1, "kWh", "3.6")] if one.unit == "MJ" else [])
    tree = {
        "unitGroupInformation": {
            "dataSetInformation": {
                "common:UUID": one.unit_group,
                "common:name": said(one.group_zh, one.group_en),
                "classificationInformation": _one_class(one.level, names[one.level]),
            },
            "quantitativeReference": {"referenceToReferenceUnit": "0"},
        },
        "modellingAndValidation": {"complianceDeclarations": cover.compliance(brief=True)},
        "units": {"unit": units},
    }
    return cover.background("unitgroups", one.unit_group, tree, one.version)


def _unit(number: int, name: str, value: str) -> Tree:
    shown = clean(name)[:STRING] or "1"
    return {"@dataSetInternalID": str(number), "name": shown, "meanValue": value, "generalComment": said(shown, shown)}


def _flow(cover: Cover, uuid: str, names: list[Tree], kind: str, classes: Tree, of: FlowProperty) -> DataSet:
    tree = {
        "flowInformation": {
            "dataSetInformation": {
                "common:UUID": uuid,
                "name": {
                    "baseName": names,
                    "treatmentStandardsRoutes": said("未区分", "not distinguished"),
                    "mixAndLocationTypes": said("未区分", "not distinguished"),
                },
                "classificationInformation": classes,
            },
            "quantitativeReference": {"referenceToReferenceFlowProperty": "0"},
        },
        "modellingAndValidation": {
            "LCIMethod": {"typeOfDataSet": kind},
            "complianceDeclarations": cover.compliance(brief=True),
        },
        "flowProperties": {
            "flowProperty": {
                "@dataSetInternalID": "0",
                "referenceToFlowPropertyDataSet": of.reference(),
                "meanValue": "1.0",
            }
        },
    }
    return cover.background("flows", uuid, tree)


def product_flow(cover: Cover, uuid: str, names: list[Tree], cpc: list[Tree], of: FlowProperty) -> DataSet:
    """Return the flow of a product that factors are per unit of."""
    classes = {"common:classification": {"@name": "CPC Ver. 3.0", "common:class": cpc}}
    return _flow(cover, uuid, names, "Product flow", classes, of)


def elementary_flow(cover: Cover, gas: str, *, is_co2e: bool, of: FlowProperty) -> DataSet:
    """Return the flow of a gas to air, or of its CO2 equivalents."""
    path = [{"@level": str(level), "@catId": code, "#text": name} for level, (code, name) in enumerate(_AIR)]
    classes = {"common:elementaryFlowCategorization": {"common:category": path}}
    uuid = elementary_uuid(gas, is_co2e=is_co2e, unit=of.unit)
    return _flow(cover, uuid, gas_title(gas, is_co2e=is_co2e), "Elementary flow", classes, of)


def source_set(cover: Cover, source: Source) -> DataSet:
    """Return the data set of a source, with its publisher."""
    about = said(
        f"编号 {source.source_id}。{source.edition or ''}{source.document_no or ''}。"
        f"获取方式：{source.obtain or '未说明'}",
        f"Identifier {source.source_id}. How to get it: {(source.obtain or 'not stated').split(' / ')[-1]}",
        SHORT_TEXT * 4,
    )
    citation = clean(f"{source.title_en}. {source.publisher_en or source.publisher}. {source.published_on or ''}")
    return _source(
        cover,
        identifier("source", source.source_id),
        said(source.title_zh, source.title_en),
        ("5", "Publications and communications"),
        citation[:STRING],
        about,
        cover.contact(source.publisher_zh or source.publisher, source.publisher_en or source.publisher),
        cover.version,
    )


def _source(
    cover: Cover, uuid: str, names: list[Tree], kind: tuple[str, str], citation: str, about: list[Tree], contact: Tree,
    version: str,
) -> DataSet:  # fmt: skip
    tree = {
        "sourceInformation": {
            "dataSetInformation": {
                "common:UUID": uuid,
                "common:shortName": names,
                "classificationInformation": _one_class(*kind),
                "sourceCitation": citation or "not stated",
                "publicationType": "Undefined",
                "sourceDescriptionOrComment": about,
                "referenceToContact": contact,
            }
        }
    }
    return cover.background("sources", uuid, tree, version)


def fixed_sources(cover: Cover) -> list[DataSet]:
    """Return the two sources every data set refers to: the format and the compliance system."""
    about = said(
        "欧盟委员会的参考数据集，在此仅列其名称", "Reference data set of the European Commission, named here only"
    )
    made = []
    for uuid, names, kind in (
        (ILCD_FORMAT, said("ILCD 格式 1.1", "ILCD format 1.1"), ("1", "Data set formats")),
        (ENTRY_LEVEL, said("ILCD 数据网络入门级", "ILCD Data Network - Entry-level"), ("3", "Compliance systems")),
    ):
        made.append(_source(cover, uuid, names, kind, names[0]["#text"], about, cover.owner, FIRST_VERSION))
    return made


def contact_set(cover: Cover, zh: str | None, en: str | None) -> DataSet:
    """Return the data set of a contact."""
    uuid = str(cover.contact(zh, en)["@refObjectId"])
    tree = {
        "contactInformation": {
            "dataSetInformation": {
                "common:UUID": uuid,
                "common:shortName": said(zh, en),
                "common:name": said(zh, en),
                "classificationInformation": _one_class("2", "Organisations"),
            }
        }
    }
    return cover.background("contacts", uuid, tree)


def method_names(gwp_set: str | None) -> tuple[str, str]:
    """Return the names of the climate-change method of a GWP set, Chinese and English."""
    if gwp_set is None:
        return "全球变暖潜势 GWP100（GWP 版本未说明）", f"GWP100 (set {UNKNOWN_SET})"
    return f"全球变暖潜势 GWP100（{gwp_set}）", f"GWP100 ({gwp_set})"


def method_uuid(gwp_set: str | None) -> str:
    """Return the UUID of the climate-change method of a GWP set."""
    return identifier("climate-change method", gwp_set or "")


def method_set(cover: Cover, gwp_set: str | None, gases: list[str]) -> DataSet:
    """Return the climate-change method of a GWP set: GWP100 of those of `gases` the set knows, and of CO2e."""
    return climate_method(cover, method_uuid(gwp_set), said(*method_names(gwp_set)), gwp_set, gases)


def climate_method(cover: Cover, uuid: str, names: list[Tree], gwp_set: str | None, gases: list[str]) -> DataSet:
    """Return a climate-change method of this UUID and name."""
    mass = flow_property("mass", "kg")
    known = {gas: gwp for gas, gwp in gwp_of(gwp_set or "").items() if gas in gases}
    factors = [_characterised("CO2e", "1.0")] + [_characterised(gas, gwp) for gas, gwp in sorted(known.items())]
    year = {"AR4": "2007", "AR5": "2013", "AR5_with_feedbacks": "2013", "AR6": "2021"}.get(gwp_set or "", UNKNOWN_SET)
    path = [{"@level": str(level), "@classId": code, "#text": name} for level, (code, name) in enumerate(_CLIMATE)]
    tree = {
        "LCIAMethodInformation": {
            "dataSetInformation": {
                "common:UUID": uuid,
                "common:name": names,
                "methodology": f"IPCC {gwp_set}" if gwp_set else "IPCC",
                "classificationInformation": {"common:classification": {"common:class": path}},
                "impactCategory": "Climate change",
                "areaOfProtection": "Natural environment",
                "impactIndicator": "GWP100",
            },
            "quantitativeReference": {"referenceQuantity": mass.reference()},
            "time": {
                "referenceYear": said(year, year),
                "duration": said("100 年", "100 years"),
                "timeRepresentativenessDescription": names,
            },
            "geography": {
                "interventionLocation": {"#text": "GLO"},
                "impactLocation": {"#text": "GLO"},
                "geographicalRepresentativenessDescription": said("全球", "global"),
            },
            "impactModel": {"modelName": names[0]["#text"], "modelDescription": names},
        },
        "modellingAndValidation": {
            "LCIAMethodNormalisationAndWeighting": {
                "typeOfDataSet": "Mid-point indicator",
                "LCIAMethodPrinciple": "other",
                "normalisation": False,
                "weighting": False,
            },
            "dataSources": {"referenceToDataSource": cover.ilcd_format},
            "validation": {"review": {"@type": "Not reviewed"}},
            "complianceDeclarations": cover.compliance(),
        },
        "administrativeInformation": _method_administration(cover, uuid),
        "characterisationFactors": {"factor": factors},
    }
    return DataSet("lciamethods", uuid, FIRST_VERSION, root("lciamethods", tree))


def _characterised(gas: str, gwp: str) -> Tree:
    return {
        "referenceToFlowDataSet": elementary_reference(gas, is_co2e=False, unit="kg"),
        "exchangeDirection": "Output",
        "meanValue": gwp,
        "deviatingRecommendation": "Not recommended",
    }


def _method_administration(cover: Cover, uuid: str) -> Tree:
    shared = cover.administration(uuid, FIRST_VERSION)
    meaning = said("未评级", "not graded")
    recommended = {"referenceToEntity": cover.owner, "level": "Not recommended", "meaning": meaning}
    return {
        "dataGenerator": {"common:referenceToPersonOrEntityGeneratingTheDataSet": cover.owner},
        "dataEntryBy": {**shared["dataEntryBy"], "recommendationBy": recommended},
        "publicationAndOwnership": {"common:dateOfLastRevision": cover.time, **shared["publicationAndOwnership"]},
    }
