"""Chamber fluxes: against curves drawn exactly, against scipy's own fit, and on 1,329 real chambers."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import curve_fit

from factordb.derivation.chamber import chamber_fluxes, molar_density
from factordb.errors import UsageError


def test_a_straight_line_gives_its_slope_times_height() -> None:
    t = np.arange(5.0)
    found = chamber_fluxes(np.zeros(5), t, 2.0 + 0.5 * t, 3.0, 1.5)
    assert found.linear[0] == pytest.approx(0.5 * 2.0, rel=1e-12)
    assert found.chosen[0] == 0
    assert found.r_squared[0] == pytest.approx(1.0)


def test_a_curve_drawn_exactly_gives_its_initial_slope() -> None:
    t = np.linspace(0.0, 1.0, 12)
    noise = 1e-6 * np.cos(37.0 * t)
    found = chamber_fluxes(np.zeros(12), t, 10.0 - 8.0 * np.exp(-1.7 * t) + noise, 1.0, 1.0)
    assert found.chosen[0] == 1
    assert found.flux[0] == pytest.approx(8.0 * 1.7, rel=1e-4)
    assert found.kappa[0] == pytest.approx(1.7, rel=1e-4)
    assert found.linear[0] < found.flux[0]


def test_curve_and_its_uncertainty_agree_with_a_nonlinear_fit_by_scipy() -> None:
    rng = np.random.default_rng(7)
    t = np.linspace(0.0, 0.8, 15)
    c = 4.0 - 2.5 * np.exp(-2.0 * t) + rng.normal(0, 0.01, t.size)
    found = chamber_fluxes(np.zeros(t.size), t, c, 0.5, 1.0)
    best, covariance = curve_fit(lambda x, a, b, k: a + b * np.exp(-k * x), t, c, p0=(4.0, -2.5, 2.0))
    gradient = np.array([0.0, -best[2], -best[1]])
    assert found.curved[0] == pytest.approx(-best[1] * best[2] * 0.5, rel=1e-6)
    assert found.curved_u[0] == pytest.approx(0.5 * np.sqrt(gradient @ covariance @ gradient), rel=1e-4)


def test_order_and_origin_of_readings_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    chamber, t = np.repeat([0, 1, 2], 6), np.tile(np.arange(6.0), 3)
    c = rng.normal(0, 0.05, 18) + t * np.repeat([1.0, -0.3, 0.0], 6)
    found = chamber_fluxes(chamber, t, c, [1.0, 2.0, 3.0], 1.0)
    mixed = rng.permutation(18)
    again = chamber_fluxes(chamber[mixed], t[mixed] + 1e6, c[mixed], [1.0, 2.0, 3.0], 1.0)
    assert again.flux == pytest.approx(found.flux, rel=1e-6)


@pytest.mark.parametrize("c", [[1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 1.0, 2.0]])
def test_no_rise_and_no_shape_end_on_the_line(c: list[float]) -> None:
    found = chamber_fluxes(np.zeros(4), np.arange(4.0), c, 1.0, 1.0)
    assert found.chosen[0] == 0
    assert np.isfinite(found.flux[0])


def test_two_readings_give_no_flux() -> None:
    found = chamber_fluxes([0, 0], [0.0, 1.0], [1.0, 2.0], 1.0, 1.0)
    assert found.chosen[0] == 2
    assert np.isnan(found.flux[0])


def test_all_readings_at_one_moment_give_no_flux() -> None:
    found = chamber_fluxes(np.zeros(4), np.ones(4), np.arange(4.0), 1.0, 1.0)
    assert found.chosen[0] == 2


def test_a_chamber_without_area_is_refused() -> None:
    with pytest.raises(UsageError, match="not positive"):
        chamber_fluxes(np.zeros(3), np.arange(3.0), np.arange(3.0), 1.0, 0.0)


def test_a_reading_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="not a number"):
        chamber_fluxes(np.zeros(3), np.arange(3.0), [1.0, np.nan, 2.0], 1.0, 1.0)


def test_molar_density_of_the_ideal_gas_at_normal_conditions() -> None:
    # CODATA 2018: molar volume of ideal gas (273.15 K, 101.325 kPa) 22.41396954e-3 m3/mol
    assert 1.0 / molar_density(101_325.0, 0.0) == pytest.approx(22.41396954e-3, rel=1e-9)


def test_real_chambers_agree_with_numpy_one_by_one(shared: Path) -> None:
    path = shared / "data" / "gasfluxes_n2o" / "fluxmeas.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    names = list(dict.fromkeys(row["ID"] for row in rows))
    place = {name: number for number, name in enumerate(names)}
    chamber = np.array([place[row["ID"]] for row in rows])
    t, c = (np.array([float(row[key]) for row in rows]) for key in ("time", "C"))
    first = {row["ID"]: row for row in reversed(rows)}
    volume, area = ([float(first[name][key]) for name in names] for key in ("V", "A"))
    found = chamber_fluxes(chamber, t, c, volume, area)
    assert found.flux.size == 1329
    for number in range(0, 1329, 50):
        mine = chamber == number
        slope = np.polyfit(t[mine], c[mine], 1)[0]
        assert found.linear[number] == pytest.approx(slope * volume[number] / area[number], rel=1e-8, abs=1e-12)
    curved = found.chosen == 1
    assert 0 < curved.sum() < 1329
    assert np.all(np.abs(found.curved[curved]) >= np.abs(found.linear[curved]))
