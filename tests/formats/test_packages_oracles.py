"""What others say of our packages: tidas-validate, Xerces on the schemas, the JRC's documentation check, ilcdlib.

A validator that is not here is a visible skip; in CI its absence is an error. `tidas-tools` and `ilcdlib` are
development dependencies; Xerces comes with any JDK; schemas of ILCD come with tidas-tools, of EPDs from ../shared.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from factordb.exchanging import content_of_release
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.ilcd.epd import no_epd
from factordb.formats.interchange import Content
from factordb.formats.tidas.process import process_uuid
from tests.formats.made_factors import hand_made
from tests.formats.test_inventories_oracles import needed

SCHEMAS = {
    "processes": "Process",
    "flows": "Flow",
    "flowproperties": "FlowProperty",
    "unitgroups": "UnitGroup",
    "lciamethods": "LCIAMethod",
    "sources": "Source",
    "contacts": "Contact",
    "lifecyclemodels": "LifeCycleModel",
}
KILOGRAMS = {"t": 1000.0, "kg": 1.0, "g": 0.001}
XERCES = """
import java.io.File;
import java.nio.file.*;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.*;
public class Judge {
  public static void main(String[] names) throws Exception {
    SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
    Validator validator = null;
    for (String line : Files.readAllLines(Path.of(names[0]))) {
      if (line.startsWith("schema ")) validator = factory.newSchema(new File(line.substring(7))).newValidator();
      else try { validator.validate(new StreamSource(new File(line))); }
      catch (org.xml.sax.SAXException fault) { System.out.println(line + ": " + fault.getMessage()); }
    }
    System.out.println("judged");
  }
}
"""
"""Reads a list: a line `schema FILE`, then the documents it judges. One start of Java judges all schemas."""


def absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not here")
    pytest.skip(f"{what} is not here")


def tidas_tools() -> Path:
    return Path(needed("tidas_tools").__file__).parent


@pytest.fixture(scope="module", params=["hand made", "shipped"])
def content(request: pytest.FixtureRequest) -> Content:
    if request.param == "hand made":
        return hand_made()
    return content_of_release(request.getfixturevalue("main_job") / "releases" / "2026.1")


def unpacked(name: str, content: Content, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    exchange_format(name).write(content, folder / f"{name}.zip")
    with zipfile.ZipFile(folder / f"{name}.zip") as archive:
        archive.extractall(folder / name)
    return folder / name


@pytest.mark.slow
@pytest.mark.parametrize(("name", "below"), [("tidas", ""), ("ilcd", "ILCD")])
def test_tidas_validate_finds_no_issue(name: str, below: str, content: Content, tmp_path: Path) -> None:
    tidas_tools()
    folder = unpacked(name, content, tmp_path) / below
    program = Path(sys.executable).with_name("tidas-validate")
    command = [program, "-i", folder, "--data-format", name, "--report-format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    found = json.loads(done.stdout)
    assert [issue for one in found["categories"] for issue in one["issues"]] == []
    assert (found["summary"]["issue_count"], done.returncode) == (0, 0)
    assert found["summary"]["category_count"] >= 8


def judged(by_schema: dict[Path, list[Path]], folder: Path) -> list[str]:
    """Return what Xerces finds wrong with documents, by the schema that judges them."""
    java = shutil.which("java")
    if java is None:
        absent("a JDK (java)")
    assert all(by_schema.values())
    (folder / "Judge.java").write_text(XERCES, encoding="utf-8")
    lines = [line for schema, documents in by_schema.items() for line in (f"schema {schema}", *map(str, documents))]
    (folder / "list.txt").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [str(java), "-XX:TieredStopAtLevel=1", folder / "Judge.java", folder / "list.txt"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *faults, last = done.stdout.splitlines()
    assert last == "judged"
    return faults


def test_xerces_finds_every_module_valid(tmp_path: Path) -> None:
    """The second engine: libxml2 is behind tidas-validate."""
    schemas = tidas_tools() / "eilcd" / "schemas"
    package = unpacked("ilcd", hand_made(), tmp_path) / "ILCD"
    wanted = {
        schemas / f"ILCD_{name}DataSet.xsd": sorted((package / folder).glob("*.xml"))
        for folder, name in SCHEMAS.items()
    }
    assert judged(wanted, tmp_path) == []


def test_xerces_sees_a_document_that_is_not_valid(tmp_path: Path) -> None:
    package = unpacked("ilcd", hand_made(), tmp_path) / "ILCD"
    path = next((package / "contacts").glob("*.xml"))
    path.write_text(path.read_text(encoding="utf-8").replace("shortName", "shorterName"), encoding="utf-8")
    [fault] = judged({tidas_tools() / "eilcd" / "schemas" / "ILCD_ContactDataSet.xsd": [path]}, tmp_path)
    assert "shorterName" in fault


@pytest.mark.slow
def test_xerces_finds_every_process_of_the_shipped_release_valid(main_job: Path, tmp_path: Path) -> None:
    schema = tidas_tools() / "eilcd" / "schemas" / "ILCD_ProcessDataSet.xsd"
    content = content_of_release(main_job / "releases" / "2026.1")
    documents = sorted((unpacked("ilcd", content, tmp_path) / "ILCD" / "processes").glob("*.xml"))
    assert len(documents) > 300
    assert judged({schema: documents}, tmp_path) == []


def test_xerces_finds_every_epd_valid(shared: Path, main_job: Path, tmp_path: Path) -> None:
    """By the schemas of InData, whose import of xml.xsd is turned to the local file; made and shipped factors."""
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    for path in (shared / "formats" / "schemas" / "ilcd_epd").glob("*.xsd"):
        text = path.read_text(encoding="utf-8-sig")
        text = re.sub(r'schemaLocation="https?:[^"]*/xml\.xsd"', 'schemaLocation="xml.xsd"', text)
        (schemas / path.name).write_text(text, encoding="utf-8")
    shutil.copy(tidas_tools() / "eilcd" / "schemas" / "xml.xsd", schemas)
    made = unpacked("ilcd_epd", cradle_to_gate(), tmp_path / "made") / "ILCD"
    shipped = unpacked("ilcd_epd", content_of_release(main_job / "releases" / "2026.1"), tmp_path / "shipped") / "ILCD"
    wanted = {}
    for folder, name in SCHEMAS.items():
        documents = [*sorted((made / folder).glob("*.xml")), *sorted((shipped / folder).glob("*.xml"))]
        if folder not in {"lciamethods", "lifecyclemodels"}:
            wanted[schemas / ("EPD_DataSet.xsd" if folder == "processes" else f"ILCD_{name}DataSet.xsd")] = documents
    assert judged(wanted, tmp_path) == []


def test_the_documentation_score_of_the_jrc_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """compliance_1.1.xsl, entry level: elements it misses in each process of the hand-made factors."""
    kept = tidas_tools() / "eilcd"
    folder = unpacked("ilcd", hand_made(), tmp_path) / "ILCD"
    for path in (kept / "stylesheets").glob("ILCD*_Reference.xml"):
        shutil.copy(path, folder / path.name.replace("_Reference", ""))
    shutil.copytree(kept / "schemas", folder.parent / "schemas")
    check = etree.XSLT(etree.parse(kept / "stylesheets" / "compliance_1.1.xsl"))
    worst = 0
    told: list[str] = []
    for path in sorted((folder / "processes").glob("*.xml")):
        check(etree.parse(path), disableCheckForeignCategories="true()")
        said = [entry.message for entry in check.error_log]
        lines = [" ".join(line.split()) for one in said for line in one.splitlines() if line.strip()]
        told += [line for line in lines if line not in told]
        worst = max(worst, len(lines))
    with capsys.disabled():
        sys.stdout.write(f"\ncompliance_1.1.xsl: at most {worst} lines a process; {len(told)} different ones\n")
        sys.stdout.writelines(f"    {line[:160]}\n" for line in told[:30])
    assert worst <= 40


@pytest.mark.parametrize("which", ["hand made", "shipped"])
def test_ilcdlib_reads_the_footprint_of_every_epd(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Value and declared unit, in kg CO2e per reference units: 0.544 per kWh is 0.544 per 3.6 MJ."""
    archive: Any = needed("ilcdlib.medium.archive")
    reader: Any = needed("ilcdlib.epd.reader")
    wanted = cradle_to_gate()
    if which == "shipped":
        wanted = content_of_release(request.getfixturevalue("main_job") / "releases" / "2026.1")
    exchange_format("ilcd_epd").write(wanted, tmp_path / "epd.zip")
    medium = archive.ZipIlcdReader(tmp_path / "epd.zip")
    found = {}
    for entity in medium.list_entities("processes"):
        epd = reader.IlcdEpdReader(entity.entity_id, entity.entity_version, medium)
        assert epd.is_epd()
        gwp = epd.get_lcia_results({}).gwp.A1A2A3
        found[entity.entity_id] = (gwp.mean, gwp.unit, epd.get_declared_unit().qty, epd.get_declared_unit().unit)
    rows = {process_uuid(row["factor_id"]): row for row in wanted.rows.to_pylist() if not no_epd(row)}
    assert found
    assert set(found) == set(rows)
    values = {process: row["value"] * KILOGRAMS[row["unit"].partition("CO2e")[0]] for process, row in rows.items()}
    assert {process: one[0] for process, one in found.items()} == pytest.approx(values, rel=1e-12)
    assert {one[1] for one in found.values()} == {"kgCO2e"}
    if which == "hand made":
        assert {one[2:] for one in found.values()} >= {(3.6, "MJ"), (1e7, "kg")}


def cradle_to_gate() -> Content:
    """Return the hand-made factors, all from cradle to gate: the only boundary that is the module A1-A3."""
    made = hand_made()
    rows = [row | {"boundary": "cradle_to_gate"} for row in made.rows.to_pylist()]
    return Content(made.rows.from_pylist(rows, schema=made.rows.schema), made.gases, made.facts, made.sources)
