"""What trial tests share: the shipped release, a tiny made one, and inventories to change."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factordb import open_release
from factordb.searching import ReleasedFactors
from factordb.trial.inventory import Inventory, inventory_of
from factordb.trial.resolving import Lookup

NOTHING = Lookup(lambda *_words, **_named: {}, lambda _name: {})
"""A release nobody asks: inventories of own factors alone."""


@pytest.fixture(scope="session")
def trial_release(main_job: Path, tmp_path_factory: pytest.TempPathFactory) -> ReleasedFactors:
    """Return the release of the main job."""
    return open_release(main_job / "releases" / "2026.1", tmp_path_factory.mktemp("trial_models"))


BASE: dict[str, Any] = {
    "study": {"name": "测试品", "amount": 1, "unit": "t", "end_product": False, "boundary": "cradle_to_gate",
              "year": 2024, "gwp_set": "AR6", "samples": 4000},
    "line": [
        {"id": "ore", "stage": "raw_materials", "name": "矿石", "amount": 2, "unit": "t", "tier": "primary",
         "source_kind": "measured", "source": "台账", "uncertainty": "cv_percent", "cv_percent": 5, "own_value": 0.1,
         "own_unit": "kgCO2e/kg", "own_gwp_set": "AR6", "own_source": "虚构 A", "own_cv_percent": 10},
        {"id": "power", "stage": "energy", "name": "电", "amount": 1000, "unit": "kWh", "tier": "primary",
         "source_kind": "measured", "source": "电表", "uncertainty": "none", "own_value": 0.5,
         "own_unit": "kgCO2e/kWh", "own_gwp_set": "AR6", "own_source": "虚构 B", "own_cv_percent": 10,
         "electricity": True, "grid_losses": 0},
        {"id": "truck", "stage": "transport", "name": "运输", "amount": 100, "unit": "t*km", "tier": "secondary",
         "source_kind": "statistics", "source": "统计", "uncertainty": "range", "low": 80, "high": 120,
         "own_value": 0.1, "own_unit": "kgCO2e/(t*km)", "own_gwp_set": "AR6", "own_source": "虚构 C",
         "own_cv_percent": 20},
        {"id": "kiln", "stage": "manufacture", "name": "窑", "amount": 1, "unit": "t", "tier": "primary",
         "source_kind": "measured", "source": "台账", "uncertainty": "none", "own_value": 50,
         "own_unit": "kgCO2e/t", "own_gwp_set": "AR6", "own_source": "虚构 D", "own_cv_percent": 5},
        {"id": "waste", "stage": "manufacture", "emission_class": "waste", "name": "废渣", "amount": 10, "unit": "kg",
         "tier": "primary", "source_kind": "measured", "source": "台账", "uncertainty": "none", "own_value": 0.2,
         "own_unit": "kgCO2e/kg", "own_gwp_set": "AR6", "own_source": "虚构 E", "own_cv_percent": 5},
    ],
}  # fmt: skip
"""Invented; no rule is broken: 200 + 500 + 10 + 50 + 2 = 762 kg CO2e per t."""

Change = Callable[[dict[str, Any]], object]


def stated(*changes: Change) -> Inventory:
    """Return the base inventory after changes to its plain data."""
    told = copy.deepcopy(BASE)
    for change in changes:
        change(told)
    return inventory_of(told)


def on(line: str, **cells: Any) -> Change:
    """Return a change of one line; None takes the key away."""

    def change(told: dict[str, Any]) -> None:
        row = next(one for one in told["line"] if one["id"] == line)
        row.update(cells)
        for key in [key for key, value in row.items() if value is None]:
            del row[key]

    return change


def of_study(**cells: Any) -> Change:
    """Return a change of the study."""
    return lambda told: told["study"].update(cells)


def more(sheet: str, *rows: dict[str, Any]) -> Change:
    """Return a change that adds rows to a sheet."""
    return lambda told: told.setdefault(sheet, []).extend(rows)
