"""Whatever stands in the rows, no check raises and no count is lost."""

from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factordb.model.factor import Factor
from factordb.store.ddl import columns
from tests.checks.asking_checks import REGISTRY, appraisal, ask_all, candidate

REQUIRED = {name for name, info in Factor.model_fields.items() if info.is_required()}
KEPT = {"candidate_id", "batch_id", "row_no"}
TEXTS = [
    *("", " ", "0", "1e400", "-", "%", "'", '"', "\\", "{x}", "%s", "柴油", "\ufffd", "\x00\x07", "=1+1", "kgCO2e/kg"),
    *("AR5", "official", "removal", "direct", "natural gas", "a\nb", "x" * 3000, "𝟛", "10^999999999999 kgCO2e/kg"),
]
NUMBERS = [0.0, -0.0, 1e-320, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 3.1]
INTEGERS = [0, -1, 2024, 9999, 2**62]
DATES = [date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)]


def _cell(name: str, kind: type) -> st.SearchStrategy[Any]:
    cells: st.SearchStrategy[Any]
    if kind is bool:
        cells = st.booleans()
    elif kind is float:
        cells = st.one_of(st.sampled_from(NUMBERS), st.floats())
    elif kind is int:
        cells = st.sampled_from(INTEGERS)
    elif kind is date:
        cells = st.sampled_from(DATES)
    else:
        cells = st.one_of(st.sampled_from(TEXTS), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
    return cells if name in REQUIRED else st.one_of(st.none(), cells)


DIRT = st.fixed_dictionaries(
    {}, optional={name: _cell(name, kind) for name, kind in columns(Factor).items() if name not in KEPT}
)
GAS = st.fixed_dictionaries(
    {
        "gas": st.sampled_from(["CO2", "CH4", "", "XYZ"]),
        "amount_text": st.sampled_from(TEXTS),
        "amount": st.one_of(st.none(), st.sampled_from(NUMBERS)),
        "unit_text": st.sampled_from(["kgCO2", "kgCH4/kWh", ""]),
        "is_co2e": st.booleans(),
        "amount_kg": st.one_of(st.none(), st.sampled_from(NUMBERS)),
    }
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(DIRT, st.booleans(), st.lists(GAS, max_size=2)), min_size=1, max_size=6))
def test_no_dirt_makes_a_check_raise(
    tmp_path: Path, dirt: list[tuple[dict[str, Any], bool, list[dict[str, Any]]]]
) -> None:
    rows, gases = [], []
    for number, (facts, held, amounts) in enumerate(dirt):
        sound = candidate(number, {})
        sound |= {**facts, "batch_id": "pool" if held else sound["batch_id"]}
        rows.append(sound)
        gases += [{**one, "candidate_id": sound["candidate_id"], "batch_id": sound["batch_id"]} for one in amounts]
    mine = sum(row["batch_id"] != "pool" for row in rows)
    with appraisal(tmp_path, rows, gases) as work:
        ask_all(work, REGISTRY)
        counts = work.connection.execute(
            "SELECT candidates, kept + broken + not_asked, kept, not_asked FROM rule_count"
        )
        assert all(row[:2] == (mine, mine) and row[2] >= 0 and row[3] >= 0 for row in counts.fetchall())
