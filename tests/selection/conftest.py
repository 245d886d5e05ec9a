"""Releases to ask: the shipped one, and one made of invented rows where sources compete."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factordb import open_release
from factordb.formats import manifest
from factordb.formats.rows import release_schema
from factordb.model.release import ReleaseFacts
from factordb.searching import ReleasedFactors
from factordb.units import Unit, parse

BASE: dict[str, Any] = {
    "name_zh": "测试钢", "name_en": "Test steel", "kind": "factor", "flow": "粗钢", "boundary": "cradle_to_gate",
    "direction": "emission", "value": 2.0, "unit": "kgCO2e/kg", "gas": "CO2e", "gwp_set": "AR6", "region": "CN",
    "reference_year": 2024, "source_id": "made_a", "tier": "official", "verified": False, "place": "x!A1",
    "statement": "none", "basis": "reported", "dqr": 2.0, "verdict": "pass", "scheme": "cifa-ef 1", "band": "good",
}  # fmt: skip
"""A row of a release, invented; tests name what differs."""


@pytest.fixture(scope="session")
def shipped(main_job: Path, tmp_path_factory: pytest.TempPathFactory) -> ReleasedFactors:
    """Return the release of the main job."""
    return open_release(main_job / "releases" / "2026.1", tmp_path_factory.mktemp("models"))


Made = Callable[..., ReleasedFactors]


def row(name: str, **facts: Any) -> dict[str, Any]:
    """Return an invented row; intervals are 10 % each side unless stated."""
    made = {**BASE, "factor_id": f"f-{name}", "version_id": f"v-{name}-{facts.get('value', 2.0)}", **facts}
    read = parse(made["unit"])
    made["unit_text"] = made["unit"]
    made["value_text"] = str(made["value"])
    assert isinstance(read, Unit)
    made["canonical_value"] = made["value"] * read.to_canonical
    made["canonical_unit"] = read.canonical_unit
    made.setdefault("mean", made["value"])
    for end, share in (("low95", 0.9), ("high95", 1.1)):
        made.setdefault(end, made["value"] * share)
        made.setdefault(f"shortest_{end}", made[end])
    return made


def write_release(folder: Path, rows: list[dict[str, Any]], gases: list[dict[str, Any]] | None = None) -> Path:
    """Write what of a release folder a read model is made of."""
    (folder / "data").mkdir(parents=True)
    facts = ReleaseFacts(
        release_id=folder.name, title_zh="测试发布", title_en="Test release", as_of=date(2026, 11, 26), rule_set="0",
        engine_version="0", seed=1, approved_by="tester",
    )  # fmt: skip
    schema = release_schema()
    for name, kind in (("factors", "factor"), ("gas_factors", "gas_factor"), ("parameters", "parameter")):
        cells = [{field.name: one.get(field.name) for field in schema} for one in rows if one["kind"] == kind]
        pq.write_table(pa.Table.from_pylist(cells, schema=schema), folder / "data" / f"{name}.parquet")
    if gases:
        pq.write_table(pa.Table.from_pylist(gases), folder / "data" / "gas_amounts.parquet")
    (folder / "sources.csv").write_text('"source_id","title_zh"\n"made_a","虚构甲"\n', encoding="utf-8")
    manifest.write_manifest(folder, facts, counts={}, changes={})
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["release"] == folder.name
    return folder


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Return a maker of releases of invented rows."""

    def make(*rows: dict[str, Any], gases: list[dict[str, Any]] | None = None, name: str = "2026.1") -> ReleasedFactors:
        return open_release(write_release(tmp_path / "releases" / name, list(rows), gases), tmp_path / "models")

    return make
