"""Data package, Croissant, DataCite, PROV-JSON and the workbook, as their own readers judge them."""

import json
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from factordb.errors import UsageError
from factordb.formats.catalogued.datacite import FORMAT as DATACITE
from factordb.formats.catalogued.prov import release_chain
from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content
from factordb.formats.prov import Edge, Node, NodeKind, Relation, document, document_bytes, qualified
from factordb.formats.release_content import content_of_release
from tests.formats.made_factors import by_key, contents, gas_lines, hand_made
from tests.formats.test_inventories_oracles import needed

NAMES = ("datapackage", "croissant", "datacite", "prov", "xlsx")
SUFFIX = {"datacite": ".json", "prov": ".json", "xlsx": ".xlsx"}


@pytest.fixture(params=["made", "shipped"])
def content(request: pytest.FixtureRequest) -> Content:
    if request.param == "made":
        return hand_made()
    return content_of_release(next((request.getfixturevalue("main_job") / "releases").iterdir()))


def written(name: str, content: Content, folder: Path) -> Path:
    target = folder / f"made{SUFFIX.get(name, '')}"
    done = exchange_format(name).write(content, target)
    assert (done.path, done.datasets) == (target, content.rows.num_rows)
    return target


def quietly(call: Any, *args: Any, **facts: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **facts)


def loaded(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_frictionless_accepts_the_package_and_every_row_comes_back(content: Content, tmp_path: Path) -> None:
    frictionless = needed("frictionless")
    folder = written("datapackage", content, tmp_path)
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    room = exchange_format("datapackage")
    assert room.sniff(folder)
    back = room.read(folder)
    assert (back.faults, back.refused, back.datasets) == ((), 0, content.rows.num_rows)
    assert by_key(back.rows) == by_key(content.rows)
    assert gas_lines(back.gases) == gas_lines(content.gases)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=contents())
def test_any_factors_come_back_from_a_package_equal(content: Content) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = exchange_format("datapackage").read(written("datapackage", content, Path(folder)))
    assert (back.faults, back.refused, back.datasets) == ((), 0, content.rows.num_rows)
    assert by_key(back.rows) == by_key(content.rows)
    assert gas_lines(back.gases) == gas_lines(content.gases)


def test_a_changed_table_of_a_package_is_told(tmp_path: Path) -> None:
    folder = written("datapackage", hand_made(), tmp_path)
    table = folder / "data" / "factors.csv"
    table.write_bytes(table.read_bytes().replace(b"0.544", b"0.545"))
    back = exchange_format("datapackage").read(folder)
    assert [(fault.code, fault.severity, fault.found) for fault in back.faults] == [("FMT053", "review", "sha256")]
    table.write_bytes(table.read_bytes() + table.read_bytes().split(b"\n", 1)[1])
    back = exchange_format("datapackage").read(folder)
    assert (back.datasets, back.rows.num_rows, back.refused) == (14, 8, 6)  # six of the eight stand in this table
    table.write_bytes(table.read_bytes().replace(b"2024", b"soon"))
    codes = {fault.code for fault in exchange_format("datapackage").read(folder).faults}
    assert codes == {"FMT050", "FMT053"}


def test_croissant_loads_every_record(content: Content, tmp_path: Path) -> None:
    mlcroissant = needed("mlcroissant")
    folder = written("croissant", content, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
        assert not found.metadata.issues.errors
        assert not found.metadata.issues.warnings
        records = [row for one in found.metadata.record_sets for row in found.records(one.name)]
    read = [{name.partition("/")[2]: cell for name, cell in row.items()} for row in records]
    rows = content.rows.to_pylist()
    assert sorted(row["value"] for row in read) == sorted(row["value"] for row in rows)
    assert {row["kind"] for row in read} == {row["kind"].encode() for row in rows}


def test_croissant_sees_a_file_that_is_another(tmp_path: Path) -> None:
    mlcroissant = needed("mlcroissant")
    folder = written("croissant", hand_made(), tmp_path)
    found = loaded(folder / "croissant.json")
    found["distribution"][0].pop("sha256")
    (folder / "croissant.json").write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(mlcroissant.ValidationError, match="sha256"):
        quietly(mlcroissant.Dataset, jsonld=str(folder / "croissant.json"))


def test_datacite_accepts_the_metadata(content: Content, tmp_path: Path) -> None:
    schema = needed("datacite.schema45")
    found = loaded(written("datacite", content, tmp_path))
    registered = found | {"doi": "10.1234/x", "prefix": "10.1234", "suffix": "x", "url": "https://example.org/x"}
    assert [error.message for error in schema.validator.iter_errors(registered)] == []
    assert "doi" not in found
    assert list(schema.validator.iter_errors(registered | {"types": {}}))


def test_prov_reads_the_chain_and_writes_it_again(content: Content, tmp_path: Path) -> None:
    model = needed("prov.model")
    path = written("prov", content, tmp_path)
    read = model.ProvDocument.deserialize(str(path), format="json")
    assert model.ProvDocument.deserialize(content=read.serialize(format="json"), format="json") == read
    values = [one for one in read.get_records(model.ProvEntity) if "factor/" in str(one.identifier)]
    assert len(values) == content.rows.num_rows
    derived = {str(one.args[0]) for one in read.get_records(model.ProvDerivation)}
    assert {str(one.identifier) for one in values} <= derived


def test_every_value_leads_to_its_source_through_its_file() -> None:
    nodes, edges = release_chain(hand_made())
    kinds = {node.name: node.kind for node in nodes}
    earlier: dict[str, set[str]] = {}
    for edge in edges:
        if edge.relation is Relation.DERIVED_FROM:
            earlier.setdefault(edge.later, set()).add(edge.earlier)
    values = [name for name in kinds if name.startswith("factor/")]
    assert len(values) == 8
    for name in values:
        assert earlier[name] == {"file/made_source/made.csv"}
    assert earlier["file/made_source/made.csv"] == {"source/made_source"}
    steps = {"intake", "appraisal", "decision", "release"}
    assert {name.split("/")[1] for name, kind in kinds.items() if kind is NodeKind.ACTIVITY} == steps


def test_a_document_of_nodes_and_edges_is_sorted_and_refuses_loose_ends() -> None:
    raw = Node(NodeKind.ENTITY, "file/ab c", "RawFile", attributes={"sha256": "ab", "pages": None})
    value = Node(NodeKind.ENTITY, "factor/1", "Value", "one")
    measured = Node(NodeKind.ACTIVITY, "measuring", "Measuring", start="2025-01-01T00:00:00Z")
    edges = [
        Edge(Relation.DERIVED_FROM, "factor/1", "file/ab c"),
        Edge(Relation.GENERATED_BY, "file/ab c", "measuring"),
    ]
    found = document([value, raw, measured], edges)
    assert found == document([measured, raw, value], edges[::-1])
    assert found["entity"][qualified("file/ab c")] == {
        "prov:type": {"$": "fdb:RawFile", "type": "prov:QUALIFIED_NAME"}, "fdb:sha256": "ab",
    }  # fmt: skip
    assert qualified("file/ab c") == "fdb:file/ab%20c"
    needed("prov.model").ProvDocument.deserialize(content=document_bytes([value, raw, measured], edges).decode())
    for wrong in (Edge(Relation.USED, "factor/1", "file/ab c"), Edge(Relation.DERIVED_FROM, "factor/1", "nothing")):
        with pytest.raises(UsageError, match="needs a node"):
            document([value, raw], [wrong])
    with pytest.raises(UsageError, match="two nodes"):
        document([value, Node(NodeKind.ENTITY, "factor/1", "Other")], [])


def test_the_workbook_holds_every_row_its_sources_and_gases(tmp_path: Path) -> None:
    path = written("xlsx", hand_made(), tmp_path)
    book = openpyxl.load_workbook(path, read_only=True)
    ids = [str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    book.close()
    for row in hand_made().rows.to_pylist():
        assert row["factor_id"] in ids
    assert "Made notice" in ids
    assert "N2O" in ids


@pytest.mark.parametrize("name", NAMES)
def test_the_same_content_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    found = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        target = written(name, hand_made(), tmp_path / folder)
        files = [target] if target.is_file() else sorted(path for path in target.rglob("*") if path.is_file())
        found.append([(path.relative_to(tmp_path / folder), path.read_bytes()) for path in files])
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["croissant", "datacite", "prov", "xlsx"])
def test_what_is_only_written_says_so(name: str, tmp_path: Path) -> None:
    path = written(name, hand_made(), tmp_path)
    room = exchange_format(name)
    assert (room.can_write, room.can_read, room.sniff(path)) == (True, False, False)
    with pytest.raises(UsageError, match="written, not read"):
        room.read(path)


def test_a_place_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Exception, match="cannot be written") as told:
        DATACITE.write(hand_made(), tmp_path / "file" / "x.json")
    assert told.value.words("zh")[1]


def test_a_zipped_package_is_read_as_its_folder(tmp_path: Path) -> None:
    folder = written("datapackage", hand_made(), tmp_path)
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"outer/{path.relative_to(folder)}")
    back = exchange_format("datapackage").read(tmp_path / "made.zip")
    assert by_key(back.rows) == by_key(hand_made().rows)
