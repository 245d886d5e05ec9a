"""The reference relations that checks name (stages/relations)."""

from datetime import date

import pyarrow as pa
import pytest

from factordb.checks.base import RELATIONS
from factordb.reference import table, toml
from factordb.stages.relations import flow_families, plausible_ranges, reference_relations, tier_ranks

FAMILY = {row["flow"]: row["family"] for row in table("plausibility/families").to_pylist()}


@pytest.mark.parametrize(
    ("flow", "family"),
    [
        ("天然气", "natural_gas"),
        ("natural gas", "natural_gas"),
        ("natural  gas ", "natural_gas"),
        ("ｎａｔｕｒａｌ ｇａｓ", "natural_gas"),
        ("natural gas (100% mineral blend)", "natural_gas"),
        ("天然气（管道）", "natural_gas"),
        ("electricity: uk", "electricity"),
        ("wood/wood waste", "solid_biomass"),
        ("natural gas boiler", None),
        ("(natural gas)", None),
        ("", None),
    ],
)
def test_a_flow_finds_its_family(flow: str, family: str | None) -> None:
    found = {row["flow"]: row["family"] for row in flow_families([flow]).to_pylist()}

    assert found.get(flow) == family
    assert {name: found[name] for name in FAMILY} == FAMILY


def test_a_flow_stands_once() -> None:
    flows = flow_families(["natural gas (uk)", "natural gas (uk)", "天然气"])["flow"].to_pylist()

    assert len(flows) == len(set(flows)) == len(FAMILY) + 1


def test_relations_are_those_that_checks_name() -> None:
    sources = pa.table({"source_id": ["one"]})
    made = reference_relations(sources, date(2026, 1, 1), ["natural gas (uk)"])
    stored = {"candidate", "gas_amount", "recipe_input", "pool", "comparable", "uncertainty"}

    assert set(made) == set(RELATIONS) - stored
    assert made["day"].to_pylist() == [{"as_of": date(2026, 1, 1)}]
    assert made["source"] is sources


def test_numbers_are_numbers() -> None:
    made = reference_relations(pa.table({"source_id": ["one"]}), date(2026, 1, 1))

    assert made["gwp"].schema.field("gwp100").type == pa.float64()
    assert made["threshold"].schema.field("value").type == pa.float64()
    assert plausible_ranges().schema.field("low").type == plausible_ranges().schema.field("high").type == pa.float64()
    limits = {row["name"]: row["value"] for row in made["threshold"].to_pylist()}
    assert limits["outlier_modified_z"] == toml("thresholds/checks")["outlier_modified_z"]["value"]


def test_powers_of_ten_are_met_at_nine_and_a_half_others_only_nearly() -> None:
    jumps = {
        row["name"]: row for row in reference_relations(pa.table({"x": [1]}), date(2026, 1, 1))["jump"].to_pylist()
    }

    assert {name: row["tolerance"] for name, row in jumps.items()} == {
        "ten": 0.1, "hundred": 0.1, "thousand": 0.1, "kWh_MJ": 0.03, "C_CO2": 0.03,
    }  # fmt: skip
    assert 1 + jumps["ten"]["tolerance"] > 10 / (20.37 / 2.162)
    apart = jumps["C_CO2"]["ratio"] / jumps["kWh_MJ"]["ratio"]
    assert apart == pytest.approx(1.0185, abs=1e-4), "nearer than the tolerance: the nearest one is named"


def test_sources_rank_by_clause_five() -> None:
    ranks = {row["tier"]: row["rank"] for row in tier_ranks().to_pylist()}

    assert ranks["measured_verified"] < ranks["official"] < ranks["industry"] < ranks["literature"]
    assert ranks["measured_unverified"] > ranks["official"]
