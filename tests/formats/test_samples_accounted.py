"""Every file of ../shared/formats: known for one format, read, and each of its data sets a row, refused, or counted."""

import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from factordb.exchanging import _sniffed
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import ReadBack
from tests.formats.test_inventories_foreign import _old_package

FILES = {
    "samples/tiangong_ilcd": "ilcd",
    "samples/ecospold1": "ecospold1",
    "samples/ecospold2": "ecospold2",
    "samples/olca_schema": "openlca",
    "samples/olca_schema/process.json": "openlca",
    "examples/tidas": "tidas",
    "examples/ilcd_minimal": "ilcd",
    "examples/ilcd_ef.zip": "ilcd",
    "examples/ilcd_epd": "ilcd_epd",
    "examples/olca_ef.zip": "openlca",
    "examples/ecospold1_ef.xml": "ecospold1",
    "examples/ecospold2_ef.spold": "ecospold2",
    "examples/pact_v2.json": "pact2",
    "examples/pact_v3.json": "pact3",
    "examples/catenax_pcf_9.json": "catenax",
    "examples/datapackage": "datapackage",
}
WRITE_ONLY = {"examples/datacite.json", "examples/prov.json"}


def back(name: str, path: Path) -> ReadBack:
    read = exchange_format(name).read(path)
    assert read.datasets == read.rows.num_rows + read.refused > 0
    assert sum(fault.severity == "block" for fault in read.faults) == read.refused
    return read


@pytest.mark.parametrize("file", FILES)
def test_a_file_of_others_is_known_and_its_data_sets_are_counted(file: str, shared: Path) -> None:
    path = shared / "formats" / file
    assert _sniffed(path).name == FILES[file]
    back(FILES[file], path)


def test_no_file_of_the_shared_samples_is_left_out(shared: Path) -> None:
    folder = shared / "formats"
    known = {folder / file for file in (*FILES, *WRITE_ONLY)}
    files = [path for part in ("samples", "examples") for path in (folder / part).rglob("*") if path.is_file()]
    assert [path for path in files if not known & {path, *path.parents}] == []


def test_every_document_of_the_public_chinese_set_is_counted_by_its_module(shared: Path) -> None:
    folder = shared / "formats" / "samples" / "tiangong_ilcd"
    counted = {row["module"]: row["documents"] for row in back("ilcd", folder).extra["modules"].to_pylist()}
    assert sum(counted.values()) == len(list(folder.rglob("*.xml")))
    for module in ("processes", "flows", "flowproperties", "unitgroups", "sources", "contacts"):
        assert counted[module] == len(list((folder / module).iterdir()))
    assert "—" not in counted


def test_every_object_of_the_samples_of_openlca_is_counted_by_its_type(shared: Path) -> None:
    folder = shared / "formats" / "samples" / "olca_schema"
    objects = back("openlca", folder).extra["objects"].to_pylist()
    assert len(objects) == len(list(folder.glob("*.json")))
    assert all(one["type"] for one in objects)
    assert Counter(one["type"] for one in objects)["Process"] == 1


def test_a_loose_document_that_cannot_be_read_is_refused_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"@type": "Process", "@id": "x", "name": "made", "exchanges": []}')
    (tmp_path / "b.json").write_text("{")
    assert exchange_format("openlca").sniff(tmp_path)
    read = back("openlca", tmp_path)
    assert (read.datasets, read.refused) == (2, 2)


# ── our own rules in the formats of inventories ──────────────────────────────────────────────────────────


def codes(read: ReadBack) -> Counter[str]:
    return Counter(fault.code for fault in read.faults)


def _lines(**reference: Any) -> list[dict[str, Any]]:
    flow = {"@id": "co2", "name": "Carbon dioxide, fossil"}
    product = {"isQuantitativeReference": True, "amount": 1, "unit": {"name": "kg"}, "flow": {"@id": "steel"}}
    return [{"amount": -2, "unit": {"name": "kg"}, "flow": flow}, product | reference]


def test_a_negative_value_of_a_stranger_is_told(tmp_path: Path) -> None:
    read = back("openlca", _old_package(tmp_path / "a.zip", exchanges=_lines()))
    assert codes(read) == {"FMT039": 1}
    assert read.rows["direction"].to_pylist() == ["removal"]


def test_a_unit_that_is_none_of_the_flow_property_is_told(tmp_path: Path) -> None:
    package = _old_package(tmp_path / "a", exchanges=_lines(flowProperty={"@id": "mass"}, unit={"name": "kWh"}))
    folder = tmp_path / "open"
    _unpack(package, folder)
    (folder / "flow_properties").mkdir()
    (folder / "unit_groups").mkdir()
    (folder / "flow_properties" / "mass.json").write_text('{"@id": "mass", "name": "Mass", "unitGroup": {"@id": "g"}}')
    (folder / "unit_groups" / "g.json").write_text('{"@id": "g", "units": [{"@id": "u", "name": "kg"}]}')
    read = back("openlca", folder)
    assert codes(read) == {"FMT039": 1, "FMT040": 1}
    told = next(fault for fault in read.faults if fault.code == "FMT040")
    assert (told.found, told.expected) == ("kWh (steel)", "Mass: kg")


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


SPOLD = """<?xml version="1.0" encoding="UTF-8"?>
<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"><dataset number="1"><metaInformation><processInformation>
<referenceFunction name="made heat" unit="MJ" amount="10" category="heat" subCategory="made"/>
<geography location="CH"/><technology/></processInformation>
<modellingAndValidation><source number="1" title="made"/></modellingAndValidation>
<administrativeInformation><dataEntryBy person="7"/><dataGeneratorAndPublication person="8"
 referenceToPublishedSource="2"/><person number="8" name="made"/></administrativeInformation></metaInformation>
<flowData>
<exchange number="2" name="Carbon dioxide, fossil" category="air" unit="kg" meanValue="0.5">
<outputGroup>4</outputGroup></exchange></flowData></dataset></ecoSpold>
"""


def test_numbers_that_lead_nowhere_and_a_missing_reference_flow_are_told(tmp_path: Path) -> None:
    path = tmp_path / "made.xml"
    path.write_text(SPOLD, encoding="utf-8")
    read = back("ecospold1", path)
    assert codes(read) == {"FMT057": 2, "FMT058": 1}
    assert {fault.found for fault in read.faults if fault.code == "FMT057"} == {"person 7", "source 2"}
