"""Real measurements as submissions: what their raw logs yield is found, what they do not yield is refused."""

import hashlib
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks.chambers import AIM_S, fluxes_of
from factordb import submit_check
from factordb.derivation.recipe import read_recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome, Tables, run_recipe
from factordb.stages.submission import load, recipe_tables
from tests.package.real_cases import (
    ADA,
    ADJUSTMENTS,
    CINCINNATI,
    LOGS,
    Reading,
    chamber_recipe,
    deployments,
    keystone_lake,
    road_run,
)

TODAY = date(2026, 11, 1)
MG_PER_H = 3600 * 1000
CLAIM, U = "0.7633", "0.0062"


@pytest.fixture(scope="module")
def lake(shared: Path) -> Path:
    return shared / "data" / "epa_surge" / "CH4_148_Keystone_Lake"


@pytest.fixture(scope="module")
def package(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keystone_lake(lake, tmp_path_factory.mktemp("lake") / "SUB-KEYSTN", value=CLAIM, expanded_u=U)


@pytest.fixture(scope="module")
def logged(package: Path) -> Tables:
    return recipe_tables(load(package))


def _run(logged: Tables, reading: Reading, draws: int = 0) -> Outcome:
    return run_recipe(read_recipe(chamber_recipe(reading)), logged, draws=draws)


def _fluxes(found: Outcome, molar_mass: float = 16.043) -> dict[str, float]:
    """Return the flux of each chamber, mg CH4 m-2 h-1."""
    each = {}
    for visit in LOGS:
        node = found.steps[f"flux_{visit}"]
        assert node.labels is not None
        each |= dict(zip(node.labels.keys.tolist(), (node.values[0] * molar_mass * MG_PER_H).tolist(), strict=True))
    return each


def test_twenty_deployments_of_the_lake_have_a_methane_window_and_their_logs_go_in_unchanged(
    lake: Path, package: Path
) -> None:
    found = deployments(lake)
    assert len(found) == 20
    assert [sum(one.visit == visit for one in found) for visit in LOGS] == [9, 11]
    for name in (*LOGS.values(), ADJUSTMENTS):
        same = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in (lake, package / "raw")]
        assert same[0] == same[1]


def test_the_fluxes_of_the_survey_come_out_of_its_raw_logs(logged: Tables) -> None:
    each = _fluxes(_run(logged, ADA))
    assert len(each) == 20
    low, high = min(each, key=lambda one: each[one]), max(each, key=lambda one: each[one])
    assert (low, high) == ("v1-s15", "v1-s02")
    assert each[low] == pytest.approx(0.2339, abs=5e-5)
    assert each[high] == pytest.approx(1.8187, abs=5e-5)


def test_the_range_of_0_23_to_1_81_is_that_of_the_ada_chamber_with_a_molar_mass_of_16(logged: Tables) -> None:
    # issue 7 expects 0.23 to 1.81 and names the volume of another laboratory's chamber, 42.057 - 0.2189·depth. With it
    # every flux is 22 % higher; no choice of column, temperature, clock or dead band brings the range back. The
    # survey computes volumes by laboratory; this lake was visited by the one in Ada (its windows stand in
    # chamberAdjustmentsAda), whose chamber holds 39.26 - 5.0239 g litres. With 16 g/mol the range is the expected one
    # to the digit; with 16.043 g/mol, the accepted value, it is 0.27 % higher.
    rounded = _fluxes(_run(logged, replace(ADA, molar_mass="16")), 16.0)
    assert f"{min(rounded.values()):.2f}" == "0.23"
    assert f"{max(rounded.values()):.2f}" == "1.81"
    other = _fluxes(_run(logged, CINCINNATI))
    assert (round(min(other.values()), 3), round(max(other.values()), 3)) == (0.286, 2.223)
    ada = _fluxes(_run(logged, ADA))
    ratio = (42.057 - 0.2189) / (39.26 - 5.0239)
    assert all(other[name] / ada[name] == pytest.approx(ratio, rel=1e-9) for name in ada)


@pytest.mark.parametrize(
    ("reading", "low", "high"),
    [
        (replace(CINCINNATI, gas="[CH4]_ppm"), 0.266, 2.034),
        (replace(CINCINNATI, temperature="AmbT_C"), 0.284, 2.203),
        (replace(CINCINNATI, clock="Time"), 0.284, 2.209),
    ],
    ids=["wet mole fraction", "temperature of the air", "the other clock of the log"],
)
def test_with_the_other_laboratory_s_volume_no_reading_gives_the_expected_range(
    logged: Tables, reading: Reading, low: float, high: float
) -> None:
    each = _fluxes(_run(logged, reading))
    assert (min(each.values()), max(each.values())) == pytest.approx((low, high), abs=1e-3)
    assert min(each.values()) > 0.235
    assert max(each.values()) > 1.82


def test_windows_of_the_survey_are_moments_of_the_system_clock(lake: Path, logged: Tables) -> None:
    clocks = {name: {(cell or "").strip() for visit in LOGS for cell in logged[f"log_{visit}"][name]}
              for name in ("SysTime", "Time")}  # fmt: skip
    ends = [one.end.strftime("%m/%d/%Y %H:%M:%S.%f")[:-3] for one in deployments(lake)]
    assert all(end in clocks["SysTime"] for end in ends)
    assert not any(end in clocks["Time"] for end in ends)


def test_the_real_package_earns_t2_and_lacks_what_it_lacks(package: Path) -> None:
    report = submit_check(package, today=TODAY)
    assert report.level["name"] == "T2"
    assert not report.demonstration
    factor = report.factors[0]
    assert float(factor["recomputed"]) == pytest.approx(0.763291, abs=1e-6)
    assert float(factor["u"]) == pytest.approx(0.0031, abs=0.0001)
    codes = {one["code"] for one in report.findings}
    assert "CALC001" not in codes
    assert "CAL002" in codes  # no certificate of the analyser is among the data


def test_a_claim_that_the_logs_do_not_yield_is_refused_with_both_numbers(lake: Path, tmp_path: Path) -> None:
    report = submit_check(keystone_lake(lake, tmp_path / "SUB-FALSE", value="0.6106", expanded_u=U), today=TODAY)
    refusal = next(one for one in report.findings if one["code"] == "CALC001")
    assert refusal["severity"] == "block"
    for words in (refusal["said_zh"], refusal["said_en"]):
        assert "0.6106" in words
        assert "0.763" in words
    assert report.verdict == "fail"
    assert report.level["name"] == "T1"


def test_a_window_without_readings_is_a_fault_not_a_smaller_mean(logged: Tables) -> None:
    moved = {**logged, "chambers": {**logged["chambers"]}}
    moved["chambers"]["end"] = ["2021-08-16T03:00:00", *logged["chambers"]["end"][1:]]
    with pytest.raises(RecipeError) as told:
        _run(moved, ADA)
    assert told.value.kind == "window"
    assert "v1-s12" in told.value.words("zh")


def test_a_log_read_with_the_wrong_pattern_of_time_says_where(logged: Tables) -> None:
    recipe = chamber_recipe(ADA).replace("%m/%d/%Y %H:%M:%S.%f", "%d/%m/%Y %H:%M:%S.%f")
    with pytest.raises(RecipeError) as told:
        run_recipe(read_recipe(recipe), logged)
    assert told.value.kind == "moment"
    assert "log_1:1:SysTime" in told.value.words("en")


def test_1329_chambers_are_fitted_with_uncertainties_within_two_seconds(shared: Path) -> None:
    path = shared / "data" / "gasfluxes_n2o" / "fluxmeas.csv"
    start = time.process_time()
    found = fluxes_of(path)
    took = time.process_time() - start
    assert found.flux.size == 1329
    assert np.isfinite(found.flux).sum() >= 1300
    assert np.isfinite(found.u[found.points > found.chosen + 2]).all()
    assert took < AIM_S


def test_one_on_road_run_as_a_package_gives_grams_per_kilometre_and_refuses_another_claim(
    shared: Path, tmp_path: Path
) -> None:
    source = shared / "data" / "pems_utils"
    report = submit_check(road_run(source, tmp_path / "SUB-1", value="300", expanded_u="22"), today=TODAY)
    refused = next(one for one in report.findings if one["code"] == "CALC001")
    found = float(report.factors[0]["recomputed"])
    assert f"{found:.6g}" in refused["said_en"]
    again = submit_check(
        road_run(
            source, tmp_path / "SUB-2", value=f"{found:.4g}", expanded_u=f"{2 * float(report.factors[0]['u']):.3g}"
        ),
        today=TODAY,
    )
    assert "CALC001" not in {one["code"] for one in again.findings}
    mass, distance = (
        run_recipe_value(tmp_path / "SUB-2", step, unit) for step, unit in (("mass", "gCO2"), ("distance", "km"))
    )
    assert found == pytest.approx(mass / distance, rel=1e-5)
    assert 100 < found < 600
    assert distance == pytest.approx(6.186, abs=0.001)


def run_recipe_value(folder: Path, step: str, unit: str) -> float:
    recipe = read_recipe((folder / "calc" / "recipe.toml").read_text(encoding="utf-8"))
    return run_recipe(replace(recipe, result=step, unit=unit), recipe_tables(load(folder))).value
