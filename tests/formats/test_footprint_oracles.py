"""PACT and Catena-X as their own JSON schemas judge them: the examples, made factors and the shipped release."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content
from factordb.formats.release_content import content_of_release
from tests.formats.made_factors import content_of, hand_made
from tests.formats.test_inventories_oracles import needed

NAMES = ("pact3", "pact2", "catenax")
EXAMPLES = {"pact3": "pact_v3.json", "pact2": "pact_v2.json", "catenax": "catenax_pcf_9.json"}
Judge = Callable[[Any], list[str]]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def judge(name: str, shared: Path) -> Judge:
    """Return what says everything that is wrong with a footprint by the format's schema, times checked as times."""
    jsonschema, referencing = needed("jsonschema"), needed("referencing")
    needed("rfc3339_validator")
    folder = shared / "formats" / "schemas"
    if name == "catenax":
        schema = json.loads((folder / "catenax" / "Pcf-schema.json").read_text(encoding="utf-8"))
        validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    else:
        file = {"pact3": "openapi_v3_0.yaml", "pact2": "openapi_v2_3.yaml"}[name]
        whole = yaml.safe_load((folder / "pact" / file).read_text(encoding="utf-8"))
        draft = needed("referencing.jsonschema").DRAFT202012
        registry = referencing.Registry().with_resource(
            "urn:pact", referencing.Resource(contents=whole, specification=draft)
        )
        validator = jsonschema.Draft202012Validator(
            {"$ref": "urn:pact#/components/schemas/ProductFootprint"},
            registry=registry,
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
    return lambda found: [f"{error.json_path}: {error.message}" for error in validator.iter_errors(found)]


def footprints(name: str, content: Content, folder: Path) -> Iterator[Any]:
    target = folder / "made.ndjson"
    exchange_format(name).write(content, target)
    for line in target.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def test_made_factors_keep_to_the_schema(name: str, judge: Judge, tmp_path: Path) -> None:
    rows = hand_made().rows.to_pylist()
    content = content_of([row | {"boundary": "cradle_to_gate"} for row in rows], hand_made().gases.to_pylist())
    found = list(footprints(name, content, tmp_path))
    assert len(found) == 5
    assert [said for one in found for said in judge(one)] == []


def test_the_shipped_release_keeps_to_the_schema(name: str, judge: Judge, main_job: Path, tmp_path: Path) -> None:
    content = content_of_release(next((main_job / "releases").iterdir()))
    found = list(footprints(name, content, tmp_path))
    assert len(found) >= 9
    assert [said for one in found for said in judge(one)] == []


def test_the_schema_judges_at_all(name: str, judge: Judge, shared: Path) -> None:
    found = json.loads((shared / "formats" / "examples" / EXAMPLES[name]).read_text(encoding="utf-8"))
    assert judge(found) == []
    part = (
        found["pcfAssessmentAndMethodology"][0]["pcfAssessmentInformation"][0]["time"][0]
        if name == "catenax"
        else found
    )
    part["created"] = "yesterday"
    assert any("yesterday" in said for said in judge(found))


def test_the_example_is_read_as_a_factor(name: str, shared: Path) -> None:
    path = shared / "formats" / "examples" / EXAMPLES[name]
    room = exchange_format(name)
    assert [other for other in NAMES if exchange_format(other).sniff(path)] == [name]
    back = room.read(path)
    assert (back.datasets, back.refused, back.faults) == (1, 0, ())
    row = back.rows.to_pylist()[0]
    assert (row["value"], row["unit"], row["gwp_set"], row["region"]) == (0.6205, "kgCO2e/kWh", "AR6", "CN")
    assert (row["reference_year"], str(row["valid_until"]), row["publisher"]) == (
        2023, "2025-12-31", "Example Factor Library",
    )  # fmt: skip
    assert back.leftovers


def test_the_shipped_release_comes_back(name: str, main_job: Path, tmp_path: Path) -> None:
    content = content_of_release(next((main_job / "releases").iterdir()))
    target = tmp_path / "shipped.json"
    exchange_format(name).write(content, target)
    back = exchange_format(name).read(target)
    key = "factor_id"
    assert sorted(back.rows.to_pylist(), key=lambda row: row[key]) == sorted(
        content.rows.to_pylist(), key=lambda row: row[key]
    )
