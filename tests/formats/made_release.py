"""Made release rows: invented numbers and names, no published factor. Hostile text and gaps on purpose."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from factordb.formats.changes import release_changes
from factordb.formats.release_folder import finish_release
from factordb.formats.rows import release_schema
from factordb.formats.tables import write_tables
from factordb.model.release import ReleaseFacts

FACTS = ReleaseFacts(
    release_id="2026.1",
    title_zh="示例因子库",
    title_en="Made-up factor library",
    as_of=date(2026, 11, 1),
    rule_set="ab" * 32,
    engine_version="0.1.0",
    seed=7,
    approved_by="测试员",
    publisher="示例机构",
    licence="CC-BY-4.0",
)
LONG_NAME = "很长的名称" * 60
HOSTILE = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"
BACKSLASH = 'quote " back\\slash\nsecond line\twith tab'

BASE: dict[str, Any] = {
    "kind": "factor",
    "name_zh": "外购电力",
    "name_en": "purchased electricity",
    "flow": "electricity",
    "boundary": "direct",
    "direction": "emission",
    "value_text": "0.5440",
    "value": 0.544,
    "unit_text": "kgCO₂e/kWh",
    "unit": "kgCO2e/kWh",
    "gas": "CO2e",
    "gwp_set": "AR5",
    "canonical_value": 0.1511111111111111,
    "canonical_unit": "kgCO2e/MJ",
    "conversion": "÷ 3.6",
    "region": "CN",
    "reference_year": 2024,
    "valid_from": date(2025, 1, 1),
    "published_on": date(2025, 12, 31),
    "source_id": "made_source",
    "tier": "official",
    "verified": False,
    "place": "made.csv!C2",
    "statement": "cv_percent",
    "cv_percent": 5.0,
    "basis": "reported",
    "family": "lognormal",
    "mean": 0.544,
    "sd": 0.0272,
    "median": 0.5433,
    "cv": 0.05,
    "low95": 0.4925,
    "high95": 0.5993,
    "shortest_low95": 0.4911,
    "shortest_high95": 0.5976,
    "method": "analytical",
    "scheme": "cifa-ef/1",
    "te": 1,
    "gr": 1,
    "ti": 2,
    "p": 1,
    "dqr": 1.25,
    "band": "excellent",
    "precision": 1,
    "verdict": "pass",
}
NO_UNCERTAINTY: dict[str, Any] = dict.fromkeys(
    ("basis", "family", "mean", "sd", "median", "cv", "low95", "high95", "shortest_low95", "shortest_high95",
     "method", "cv_percent", "precision")
) | {"statement": "none"}  # fmt: skip


def row(key: str, **changed: Any) -> dict[str, Any]:
    return BASE | {"factor_id": key, "version_id": f"version-{key}"} | changed


def made_rows() -> list[dict[str, Any]]:
    return [
        row("plain"),
        row("hostile", name_zh=HOSTILE, name_en=FORMULA, technology="@SUM(A1)", category="+1 or so"),
        row("long", name_zh=LONG_NAME, statement_text=BACKSLASH, value_text="1.2e-7", value=1.2e-7),
        row("unknown", **NO_UNCERTAINTY, value_text="20.370", value=20.37),
        row("sink", direction="removal", value_text="-5.3", value=-5.3, mean=-5.3, median=-5.3, sd=0.5,
            low95=-6.3, high95=-4.3, shortest_low95=-6.3, shortest_high95=-4.3, basis="default"),
        row("derived", basis="derived", draws=10_000, seed=7, method="monte carlo", expression="a * b"),
        row("grid", kind="gas_factor", gas="CO2", gwp_set=None),
        row("ncv", kind="parameter", quantity="ncv", unit="GJ/t", unit_text="GJ/t", gas=None, gwp_set=None),
    ]  # fmt: skip


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=release_schema())


def made_table() -> pa.Table:
    return table_of(made_rows())


def made_others() -> dict[str, pa.Table]:
    return {
        "sources": pa.table({"source_id": ["made_source"], "title_zh": ["示例公告"], "title_en": ["Made notice"]}),
        "held_back": pa.table({"candidate_id": ["c1"], "code": ["PLA001"], "why_zh": [HOSTILE], "why_en": [FORMULA]}),
    }


def build(directory: Path) -> str:
    others = made_others() | {"changes": release_changes(None, made_table())}
    written = write_tables(made_table(), directory, FACTS, others=others)
    return finish_release(directory, FACTS, counts=written.counts, others=others)
