"""Brightway, which knows nothing of this project, recomputes trial footprints to 1e-6."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factordb.footprinting import trial_of
from factordb.reference import table, toml
from factordb.searching import ReleasedFactors
from factordb.trial.footprint import trial
from tests.trial.conftest import BASE, NOTHING, more, of_study, on, stated
from tests.trial.test_trial_rules import CERTIFICATE, RESIDUAL, SHARES

BRIGHTWAY = Path(__file__).parent / "oracles" / "brightway_footprint.py"
GASES = ("CO2", "CH4", "N2O", "SF6", "CF4", "C2F6")
UNITS = {"kg": 1.0, "t": 1000.0, "g": 0.001}
"""Kilograms, written here again: a conversion that is wrong in the house must not be right here."""


def gwp(gwp_set: str) -> dict[str, float]:
    rows = {row["gas"]: row["gwp100"] for row in table("gwp/gwp100").to_pylist() if row["gas_set"] == gwp_set}
    return {"CO2e": 1.0, **{gas: float(rows[gas]) for gas in GASES}}


def example(release: ReleasedFactors) -> tuple[list[float], list[dict[str, Any]]]:
    """Return what the house makes of its example, by place and by market, and the same by hand from value strings."""
    told = toml("trial/example_zh")
    found = trial_of(release, told)
    value = {line: float(one["value_text"]) for one in found["factors"] for line in one["lines"] if not one["own"]}
    sun = next(float(one["value_text"]) for one in found["factors"] if "光伏" in str(one["name_zh"]))
    grid = next(float(one["value_text"]) for one in found["factors"] if "全国电力平均" in str(one["name_zh"]))
    factors = {
        "alumina": {"CO2e": 0.95}, "grid": {"CO2e": grid}, "sun": {"CO2e": sun}, "rail": {"CO2e": 0.008},
        "anode": {"CO2": value["anode"] * 1000}, "cf4": {"CF4": value["cf4"]}, "c2f6": {"C2F6": value["c2f6"]},
    }  # fmt: skip
    common = [["alumina", 1920], ["rail", 1920], ["anode", 1], ["cf4", 1], ["c2f6", 1]]
    by_way = {
        "location": [*common, ["grid", 13500 / 0.96]],
        "market": [*common, ["grid", (13500 - 3000) / 0.96], ["sun", 3000 / 0.96]],
    }
    told_to = [{"gwp": gwp("AR6"), "factors": factors, "uses": uses} for uses in by_way.values()]
    return [found["results"][way]["value"] for way in by_way], told_to


def made(seed: int) -> tuple[float, dict[str, Any]]:
    """Return an inventory of 60 lines of random gases, units and sets, and the same by hand."""
    rng = np.random.default_rng(seed)
    gwp_set, output = ("AR4", "AR5", "AR6")[seed % 3], float(rng.uniform(10, 1000))
    lines, factors, uses = [], {}, []
    for at in range(60):
        gas, unit = str(rng.choice(["CO2e", *GASES])), str(rng.choice(list(UNITS)))
        per = str(rng.choice(list(UNITS)))
        value, amount = float(rng.uniform(0.01, 5)), float(rng.uniform(-1, 9))
        lines.append(
            {**BASE["line"][0], "id": f"l{at}", "amount": amount, "unit": unit, "own_value": value,
             "own_unit": f"kg{gas}/{per}", "own_source": f"s{at}", "uncertainty": "none"}
        )  # fmt: skip
        factors[f"f{at}"] = {gas: value / UNITS[per]}
        uses.append([f"f{at}", amount * UNITS[unit] / output])
    study = {**BASE["study"], "gwp_set": gwp_set, "reference_amount": output}
    found = trial(stated(lambda told: told.update(study=study, line=lines)), NOTHING)
    return found["result"]["value"], {"gwp": gwp(gwp_set), "factors": factors, "uses": uses}


def electric() -> tuple[float, dict[str, Any]]:
    """Return allocation, losses, certificates and residual mix at once, and the same by hand."""
    changes = (more("contract", CERTIFICATE, RESIDUAL), more("allocation", *SHARES), on("ore", allocation="a"),
               on("power", grid_losses=0.06, allocation="a"), of_study(electricity="market"))  # fmt: skip
    uses = [["ore", 2000 * 0.8], ["sun", 400 / 0.94 * 0.8], ["rest", 600 / 0.94 * 0.8], ["truck", 100],
            ["kiln", 1], ["waste", 10]]  # fmt: skip
    factors = {"ore": 0.1, "sun": 0.05, "rest": 0.7, "truck": 0.1, "kiln": 50, "waste": 0.2}
    told = {"gwp": gwp("AR6"), "factors": {name: {"CO2e": value} for name, value in factors.items()}, "uses": uses}
    return trial(stated(*changes), NOTHING)["result"]["value"], told


@pytest.mark.slow
def test_brightway_recomputes_every_footprint(trial_release: ReleasedFactors, tmp_path: Path) -> None:
    pytest.importorskip("bw2calc") if not os.environ.get("CI") else None
    ours, told = example(trial_release)
    for value, facts in (*map(made, range(3)), electric()):
        ours.append(value)
        told.append(facts)
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(BRIGHTWAY), str(tmp_path / "told.json")],
        capture_output=True, encoding="utf-8", check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = json.loads(done.stdout.splitlines()[-1])
    assert len(theirs) == len(ours) == 6
    assert theirs == pytest.approx(ours, rel=1e-6)
