"""Writing ILCD+EPD: the process of a factor as an EPD whose one indicator is GWP-total, in the format of InData.

Only factors from cradle to gate, or of the gate, are of modules an EPD names (EN 15804: A1-A3, A3). The others stand
beside the data sets.
"""

from pathlib import Path
from typing import Any, Final

from factordb.formats.ilcd.writer import ROOT, locations
from factordb.formats.ilcd.xml_text import EPD_2013, as_xml
from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.safe_zip import package_target
from factordb.formats.tidas.background import climate_method, unit_group_set
from factordb.formats.tidas.dataset import FIRST_VERSION, DataSet, Tree, reference, said
from factordb.formats.tidas.package import Package, no_process
from factordb.formats.tidas.standard import GWP_TOTAL
from factordb.formats.tidas.words import FlowProperty, flow_property, word_table

CO2E_UNITS: Final = "1ebf3012-d0db-4de2-aefd-ef30cedb0be1"
"""Unit group "kg CO2 eqv." that EPD programmes refer to (formats.md 2.2)."""
_NAMES: Final = ("全球变暖潜势，总量（GWP-total）", "Global Warming Potential - total (GWP-total)")
_UNIT_NAMES: Final = ("二氧化碳当量单位", "kg CO2 eqv.")
_NOT_IN_EPD: Final = (
    "processInformation/dataSetInformation/name/treatmentStandardsRoutes",
    "processInformation/dataSetInformation/name/mixAndLocationTypes",
    "processInformation/dataSetInformation/identifierOfSubDataSet",
    "modellingAndValidation/LCIMethodAndAllocation/LCIMethodPrinciple",
    "modellingAndValidation/LCIMethodAndAllocation/LCIMethodApproaches",
    "modellingAndValidation/dataSourcesTreatmentAndRepresentativeness/dataCutOffAndCompletenessPrinciples",
    "modellingAndValidation/dataSourcesTreatmentAndRepresentativeness/annualSupplyOrProductionVolume",
    "modellingAndValidation/dataSourcesTreatmentAndRepresentativeness/uncertaintyAdjustments",
    "modellingAndValidation/completeness",
    "modellingAndValidation/validation/review/common:dataQualityIndicators",
    "administrativeInformation/publicationAndOwnership/common:dateOfLastRevision",
    "administrativeInformation/publicationAndOwnership/common:workflowAndPublicationStatus",
)
"""What the schema of EPDs leaves out of ILCD (EPD_DataSet.xsd of InData)."""

_MODULES: Final = {"cradle_to_gate": "A1-A3", "gate_to_gate": "A3"}


def no_epd(row: dict[str, Any]) -> str:
    """Return the column that keeps a row from being an EPD, or ""."""
    if row["kind"] != "factor":
        return "kind"
    return no_process(row) or ("" if row["boundary"] in _MODULES else "boundary")


def as_epd(process: Tree) -> None:
    """Change the process of a factor into an EPD."""
    method = process["modellingAndValidation"]["LCIMethodAndAllocation"]
    method["typeOfDataSet"] = "EPD"
    method["common:other"] = {"epd:subType": {"@xmlns:epd": EPD_2013, "#text": "average dataset"}}
    result = process["LCIAResults"]["LCIAResult"][0]
    named = reference("lciamethods", GWP_TOTAL[0], FIRST_VERSION, said(*_NAMES))
    units = reference("unitgroups", CO2E_UNITS, FIRST_VERSION, said(*_UNIT_NAMES))
    words = process["processInformation"]["dataSetInformation"]["name"]["mixAndLocationTypes"]
    module = next(_MODULES[word] for word, (_, en) in word_table("boundary").items() if en == words[0]["#text"])
    amount = {"@xmlns:epd": EPD_2013, "@epd:module": module, "#text": result["meanAmount"]}
    other = {"epd:amount": amount, "epd:referenceToUnitGroupDataSet": {"@xmlns:epd": EPD_2013, **units}}
    process["LCIAResults"]["LCIAResult"] = [
        {
            "referenceToLCIAMethodDataSet": named,
            "generalComment": result["generalComment"],
            "common:other": other,
        }
    ]
    for path in _NOT_IN_EPD:
        _remove(process, path)


def _remove(node: Tree, path: str) -> None:
    *parents, last = path.split("/")
    for name in parents:
        node = node.get(name, {})
    node.pop(last, None)


def write_epd(content: Content, target: Path) -> WrittenOut:
    """Write the factors of `content` as EPDs, an archive where `target` ends in .zip.

    Raises:
        FileProblemError: the target cannot be written.
    """
    made = Package(content, beside=no_epd, shaped=as_epd, inside=False)
    with made, package_target(target) as files:
        files.add(ROOT + "ILCDLocations.xml", as_xml(locations()))
        for one in _indicator(made):
            files.add(ROOT + one.name("xml"), as_xml(one.tree))
        for one in made.data_sets(models=False):
            files.add(ROOT + one.name("xml"), as_xml(one.tree))
        made.write_beside(files, ROOT)
        return WrittenOut(target, made.tally.factors, made.losses())


def _indicator(made: Package) -> list[DataSet]:
    """Return the indicator GWP-total and its unit group, by the UUIDs that programmes use."""
    mass = flow_property("mass", "kg")
    units = FlowProperty(mass.uuid, CO2E_UNITS, "kg CO2 eqv.", FIRST_VERSION, "1", "", "", *_UNIT_NAMES)
    return [
        unit_group_set(made.cover, units),
        climate_method(made.cover, GWP_TOTAL[0], said(*_NAMES), None, []),
    ]
