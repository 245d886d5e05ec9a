"""What a recipe draws: the scatter about a chamber's fit too, whatever the readings' own uncertainty."""

import numpy as np
import pytest
from scipy import stats

from factordb.derivation.recipe import read_recipe
from factordb.derivation.recipe_run import Tables, run_recipe
from factordb.reference import tables

READINGS = 12


def _chambers(noise: float) -> Tables:
    rng = np.random.default_rng(4)
    seconds = np.arange(READINGS) * 50.0
    ppm = 2.0 + 0.004 * seconds + rng.normal(0, noise, READINGS)
    return {
        "readings": {
            "chamber": ["C1"] * READINGS,
            "seconds": [f"{one:.0f}" for one in seconds],
            "ch4_ppm": [f"{one:.6f}" for one in ppm],
        },
        "chambers": {
            "chamber": ["C1"], "volume_l": ["40"], "area_m2": ["0.2"], "temperature_c": ["20"],
            "pressure_pa": ["101325"],
        },
    }  # fmt: skip


def test_a_chamber_without_uncertain_readings_is_drawn_from_the_scatter_about_its_line() -> None:
    """The standard uncertainty of the flux is that of the slope, a Student t with ten degrees of freedom."""
    given = _chambers(0.02)
    recipe = read_recipe(tables.text("submission/recipe_chamber"))
    made = run_recipe(recipe, given, draws=20_000)
    seconds, ppm = (np.array(given["readings"][name], float) for name in ("seconds", "ch4_ppm"))
    line = stats.linregress(seconds, ppm)
    dof = READINGS - 2
    expected = made.value * line.stderr / line.slope * np.sqrt(dof / (dof - 2))
    assert made.u == pytest.approx(expected, rel=0.03)
    half = made.value * line.stderr / line.slope * stats.t.ppf(0.975, dof)
    assert made.high95 - made.low95 == pytest.approx(2 * half, rel=0.04)
    assert (made.low95 + made.high95) / 2 == pytest.approx(made.value, rel=0.01)


def test_hours_with_a_zone_are_substituted_like_hours_without() -> None:
    def series(zone: str) -> Tables:
        times = [f"2025-04-01T{hour:02d}:00:00{zone}" for hour in range(24)]
        co2 = [None if hour == 20 else f"{10 + hour / 10:.1f}" for hour in range(24)]
        return {
            "hourly": {"time": times, "co2_percent": co2, "flow_nm3_h": ["1000"] * 24},
            "activity": {"value": ["24"], "quantity": ["electricity_out"]},
        }

    recipe = read_recipe(tables.text("submission/recipe_cems"))
    assert run_recipe(recipe, series("+08:00")).value == run_recipe(recipe, series("")).value > 0
