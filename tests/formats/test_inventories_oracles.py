"""What others say of our life-cycle exports: Brightway's numbers, ecoinvent's schemas, olca-schema's classes.

A validator that is not installed is a visible skip here and an error in CI. All are development dependencies.
"""

import importlib
import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import Content
from factordb.formats.inventories.composing import declared_unit
from factordb.formats.inventories.datasheet import stable_uuid
from tests.formats.made_factors import hand_made
from tests.formats.test_inventories_round_trip import shipped

BRIGHTWAY = Path(__file__).parent / "oracles" / "brightway_scores.py"


def needed(name: str) -> Any:
    """Return the validator, or skip; in CI its absence is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"{name} is not installed: uv sync --group dev")


def schemas() -> Path:
    return Path(needed("pyecospold").__file__).parent / "schemas"


@pytest.fixture(params=["hand made", pytest.param("shipped", marks=pytest.mark.slow)])
def content(request: pytest.FixtureRequest) -> Content:
    return hand_made() if request.param == "hand made" else shipped(request.getfixturevalue("main_job"))


def expected_scores(content: Content) -> dict[str, float]:
    """Return identifier of the process -> published kg CO2e per declared unit."""
    found = {}
    for row in content.rows.to_pylist():
        unit = declared_unit(row["unit"], row["gas"])
        if row["kind"] == "factor" and unit is not None:
            found[stable_uuid("factor", row["factor_id"])] = row["value"] * float(unit.to_kg)
    return found


@pytest.mark.slow
def test_brightway_recomputes_every_factor(content: Content, tmp_path: Path) -> None:
    for name in ("bw2io", "bw2data", "bw2calc"):
        if importlib.util.find_spec(name) is None:
            needed(name)
    package = tmp_path / "made.zip"
    exchange_format("openlca").write(content, package)
    done = subprocess.run(
        [sys.executable, BRIGHTWAY, package], capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"code"')]
    scores = {line["code"]: line["kgco2e"] for line in lines}
    assert scores == pytest.approx(expected_scores(content), rel=1e-6)
    assert len(scores) == content.rows.to_pandas().query("kind == 'factor'").shape[0]


def _violations(schema: Path, documents: Iterator[bytes]) -> list[str]:
    judge = etree.XMLSchema(etree.parse(schema))
    found = []
    for data in documents:
        judge.validate(etree.fromstring(data).getroottree())
        found += [f"{one.line}: {one.message}" for one in judge.error_log]
    return found


def test_ecospold_1_keeps_to_the_schema(content: Content, tmp_path: Path) -> None:
    target = tmp_path / "made.xml"
    exchange_format("ecospold1").write(content, target)
    assert _violations(schemas() / "v1" / "EcoSpold01Dataset.xsd", iter([target.read_bytes()])) == []


def test_ecospold_2_keeps_to_the_schema(content: Content, tmp_path: Path) -> None:
    target = tmp_path / "made.zip"
    exchange_format("ecospold2").write(content, target)
    with zipfile.ZipFile(target) as archive:
        spolds = [archive.read(name) for name in archive.namelist() if name.endswith(".spold")]
    assert len(spolds) > 6
    assert _violations(schemas() / "v2" / "EcoSpold02.xsd", iter(spolds)) == []


def test_the_schema_judges_at_all(tmp_path: Path) -> None:
    target = tmp_path / "made.xml"
    exchange_format("ecospold1").write(hand_made(), target)
    spoiled = target.read_bytes().replace(b'companyCode="FDB"', b'companyCode="FDB12345"')
    assert _violations(schemas() / "v1" / "EcoSpold01Dataset.xsd", iter([spoiled]))


def test_pyecospold_reads_our_amounts(tmp_path: Path) -> None:
    pyecospold = needed("pyecospold")
    target = tmp_path / "made.xml"
    exchange_format("ecospold1").write(hand_made(), target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = pyecospold.parse_file_v1(str(target))
    amounts = [one.flowData.exchanges[1].meanValue for one in parsed.datasets]
    assert amounts[0] == pytest.approx(0.544)
    assert len(amounts) == 7


def test_olca_schema_reads_every_object(tmp_path: Path) -> None:
    zipio = needed("olca_schema.zipio")
    schema = needed("olca_schema")
    target = tmp_path / "made.zip"
    exchange_format("openlca").write(hand_made(), target)
    with zipio.ZipReader(str(target)) as reader:
        for kind, least in (
            (schema.Process, 7), (schema.Result, 6), (schema.Flow, 11), (schema.FlowProperty, 3), (schema.UnitGroup, 3),
            (schema.ImpactCategory, 3), (schema.ImpactMethod, 1), (schema.Source, 1), (schema.Actor, 1),
            (schema.Location, 1), (schema.DQSystem, 1),
        ):  # fmt: skip
            ids = reader.ids_of(kind)
            objects = [reader.read(kind, one) for one in ids]
            assert len(objects) >= least, kind
            assert all(one is not None and one.name for one in objects), kind
        process = reader.read(schema.Process, stable_uuid("factor", f"{8:032x}"))
    line = process.exchanges[1]
    assert line.uncertainty.distribution_type is schema.UncertaintyType.TRIANGLE_DISTRIBUTION
    assert (line.uncertainty.minimum, line.uncertainty.maximum) == pytest.approx((0.1, 0.4), rel=1e-6)
    assert line.flow.flow_type is schema.FlowType.ELEMENTARY_FLOW
    assert process.exchanges[0].is_quantitative_reference
