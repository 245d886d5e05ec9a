"""Recipes: dimensions, keys, gaps, faults with their places; by hand, by the law of propagation, on a real run."""

import csv
from pathlib import Path

import numpy as np
import pytest

from factordb.derivation.measure import measure
from factordb.derivation.methods import captured
from factordb.derivation.recipe import read_recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome, Tables, run_recipe
from factordb.model.submission import Kind
from factordb.reference import tables as reference

HEAD = 'schema = "factordb-recipe/1"\nresult = "factor"\n'

COAL = (
    HEAD
    + """
unit = "tCO2/t"
[constants.co2_per_c]
value = "44/12"
unit = "kgCO2/kgC"
source = "IPCC 2006, volume 2, chapter 1"
[constants.oxidation]
value = "0.99"
unit = "1"
source = "monitoring plan"
[columns.carbon_ad]
table = "tests"
column = "value"
unit = "% kgC/kg"
key = "sample_id"
where = {quantity = "carbon", basis = "ad"}
u = {column = "expanded_u", k = "coverage_k"}
[columns.mt]
table = "tests"
column = "value"
unit = "%"
key = "sample_id"
where = {quantity = "moisture_total"}
[columns.mad]
table = "tests"
column = "value"
unit = "%"
key = "sample_id"
where = {quantity = "moisture_ad"}
[columns.mass]
table = "samples"
column = "lot_mass"
unit = "t"
key = "sample_id"
u = {shared = 0.005}
[steps.carbon_ar]
expression = "carbon_ad * (1 - mt) / (1 - mad)"
[steps.carbon]
weighted_mean = "carbon_ar"
weight = "mass"
[steps.factor]
expression = "carbon * oxidation * co2_per_c"
"""
)


def _tests() -> list[dict[str, str]]:
    rows = []
    for sample, carbon, mt, mad in (("a", "57.3", "10.0", "3.0"), ("b", "55.1", "12.5", "2.0")):
        rows.append({"sample_id": sample, "quantity": "carbon", "basis": "ad", "value": carbon, "expanded_u": "0.5"})
        rows.append({"sample_id": sample, "quantity": "moisture_total", "basis": "ar", "value": mt, "expanded_u": ""})
        rows.append({"sample_id": sample, "quantity": "moisture_ad", "basis": "ad", "value": mad, "expanded_u": ""})
    return [{**row, "coverage_k": "2"} for row in rows]


def _columns(rows: list[dict[str, str]]) -> dict[str, list[str | None]]:
    return {name: [row[name] or None for row in rows] for name in rows[0]}


def _coal_tables() -> Tables:
    # samples stand in the other order: values are joined by key, never by place
    samples = [{"sample_id": "b", "lot_mass": "3000"}, {"sample_id": "a", "lot_mass": "1000"}]
    return {"tests": _columns(_tests()), "samples": _columns(samples)}


def _run(text: str, tables: Tables, draws: int = 0) -> Outcome:
    return run_recipe(read_recipe(text), tables, draws=draws)


BY_HAND = (0.573 * 0.90 / 0.97 * 1000 + 0.551 * 0.875 / 0.98 * 3000) / 4000 * 0.99 * 44 / 12


def test_a_coal_factor_agrees_with_the_calculation_by_hand() -> None:
    found = _run(COAL, _coal_tables())
    assert found.value == pytest.approx(BY_HAND, rel=1e-12)
    assert found.units["factor"] == "[CO2]"
    assert found.rows == {"carbon_ad": 2, "mt": 2, "mad": 2, "mass": 2}


def test_uncertainty_agrees_with_the_law_of_propagation() -> None:
    found = _run(COAL, _coal_tables(), draws=200_000)
    weights = np.array([0.25 * 0.90 / 0.97, 0.75 * 0.875 / 0.98]) * 0.99 * 44 / 12
    # the shared part of the masses cancels in a weighted mean: only the carbon's own 0.25 % is left
    assert found.u == pytest.approx(np.hypot(*(weights * 0.0025)), rel=0.01)
    assert found.value == pytest.approx(BY_HAND, rel=1e-12)


def test_the_same_seed_gives_the_same_draws_and_another_does_not() -> None:
    recipe, tables = read_recipe(COAL), _coal_tables()
    first, again = (run_recipe(recipe, tables, draws=500, seed=1) for _ in range(2))
    other = run_recipe(recipe, tables, draws=500, seed=2)
    assert (first.u, first.low95) == (again.u, again.low95)
    assert first.u != other.u


def test_carbon_without_its_44_by_12_is_not_co2() -> None:
    with pytest.raises(RecipeError) as fault:
        _run(COAL.replace(" * co2_per_c", ""), _coal_tables())
    assert fault.value.kind == "result_unit"
    assert "[C]" in fault.value.words("zh")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("carbon_ad * (1 - mt)", "(carbon_ad + mass) * (1 - mt)", "dimensions"),
        ('unit = "tCO2/t"', 'unit = "tCO2/TJ"', "result_unit"),
        ('source = "monitoring plan"', 'source = " "', "source"),
        ('table = "samples"', 'table = "lots"', "table"),
        ('column = "lot_mass"', 'column = "weight"', "column"),
        ('where = {quantity = "moisture_ad"}', 'where = {quantity = "ash"}', "empty"),
        ('weight = "mass"', 'weight = "masses"', "unknown_name"),
        ('expression = "carbon * oxidation * co2_per_c"', 'expression = "factor * 2"', "circle"),
        ('unit = "kgCO2/kgC"', 'unit = "kgCO2/xyzzy"', "unit"),
        ('schema = "factordb-recipe/1"', 'schema = "mine/1"', "schema"),
        ("[steps.factor]", '[steps.factor]\nsum = "mass"', "form"),
        ("oxidation * co2_per_c", "__import__('os')", "form"),
        ("carbon * oxidation", "exp(mass) * oxidation", "argument"),
        ("u = {shared = 0.005}", "u = {shared = -0.005}", "negative_u"),
    ],
)
def test_a_fault_of_the_recipe_has_its_kind_and_words(old: str, new: str, kind: str) -> None:
    assert old in COAL
    with pytest.raises(RecipeError) as fault:
        _run(COAL.replace(old, new), _coal_tables())
    assert fault.value.kind == kind
    for lang in ("zh", "en"):
        assert "{" not in fault.value.words(lang)


def test_a_sample_without_its_mass_is_a_fault_and_never_a_zero() -> None:
    tables = {**_coal_tables(), "samples": {"sample_id": ["a", "c"], "lot_mass": ["1000", "2000"]}}
    with pytest.raises(RecipeError) as fault:
        _run(COAL, tables)
    assert (fault.value.kind, fault.value.found) == ("missing_key", "b")


def test_a_sample_measured_but_not_weighed_is_not_dropped_silently() -> None:
    tables = {**_coal_tables(), "samples": {"sample_id": ["a", "b", "c"], "lot_mass": ["1000", "3000", "5"]}}
    with pytest.raises(RecipeError) as fault:
        _run(COAL, tables)
    assert fault.value.kind == "missing_key"


def test_one_sample_twice_is_a_fault() -> None:
    tables = {**_coal_tables(), "samples": {"sample_id": ["a", "a"], "lot_mass": ["1000", "3000"]}}
    with pytest.raises(RecipeError) as fault:
        _run(COAL, tables)
    assert (fault.value.kind, fault.value.found) == ("key", "a")


@pytest.mark.parametrize("cell", ["about 50", "nan", "inf", "1,5", "５５．１ %"])
def test_a_cell_that_is_no_number_is_told_by_its_place(cell: str) -> None:
    rows = _tests()
    rows[3]["value"] = cell
    with pytest.raises(RecipeError) as fault:
        _run(COAL, {**_coal_tables(), "tests": _columns(rows)})
    assert fault.value.kind == "number"
    assert fault.value.found.startswith("tests:4:value")


def test_an_empty_cell_is_a_gap_of_the_result() -> None:
    rows = _tests()
    rows[0]["value"] = ""
    with pytest.raises(RecipeError) as fault:
        _run(COAL, {**_coal_tables(), "tests": _columns(rows)})
    assert fault.value.kind == "gap"


@pytest.mark.parametrize("text", ["kg/", "degC", "kgXX", "t/h/d", "parsec^banana"])
def test_what_is_no_unit_is_refused(text: str) -> None:
    with pytest.raises(RecipeError, match="unit"):
        measure(text)


SUMS = (
    HEAD
    + """
unit = "t"
[columns.day]
table = "log"
column = "month"
text = true
[columns.mass]
table = "log"
column = "mass"
unit = "t"
[steps.monthly]
sum = "mass"
by = "day"
[steps.factor]
{operation} = "monthly"
"""
)


@pytest.mark.parametrize(("operation", "expected"), [("sum", 10.0), ("mean", 5.0), ("min", 3.0), ("max", 7.0)])
def test_groups_are_summed_and_then_aggregated(operation: str, expected: float) -> None:
    tables = {"log": {"month": ["1", "1", "2", "2"], "mass": ["1", "2", "3", "4"]}}
    assert _run(SUMS.replace("{operation}", operation), tables).value == pytest.approx(expected)


SLOPE = (
    HEAD
    + """
unit = "g/s"
[columns.t]
table = "log"
column = "t"
unit = "min"
[columns.m]
table = "log"
column = "m"
unit = "g"
[steps.factor]
slope = "m"
against = "t"
"""
)


def test_a_slope_has_the_quotient_of_dimensions() -> None:
    tables = {"log": {"t": ["0", "1", "2"], "m": ["1", "61", "121"]}}
    assert _run(SLOPE, tables).value == pytest.approx(1.0)


CEMS = (
    HEAD
    + """
unit = "tCO2"
[constants.step]
value = "1"
unit = "h"
source = "hourly records"
[columns.flow]
table = "hourly"
column = "flow"
unit = "tCO2/h"
key = "time"
[steps.filled]
method = "substitute"
arguments = {values = "flow"}
[steps.factor]
sum = "filled * step"
"""
)


def _year(gaps: dict[int, int], hours: int = 2160) -> Tables:
    times = np.datetime64("2025-01-01T00:00:00") + np.arange(hours).astype("timedelta64[h]")
    values: list[str | None] = [str(100 + (place % 24)) for place in range(hours)]
    for start, length in gaps.items():
        values[start : start + length] = [None] * length
    return {"hourly": {"time": [str(one) for one in times], "flow": values}}


def test_a_short_gap_takes_the_greatest_of_the_last_180_valid_hours() -> None:
    whole, holed = _run(CEMS, _year({})).value, _run(CEMS, _year({1000: 5})).value
    lost = sum(100 + place % 24 for place in range(1000, 1005))
    assert holed == pytest.approx(whole - lost + 5 * 123)


def test_below_three_quarters_the_ladder_has_no_rule() -> None:
    with pytest.raises(RecipeError) as fault:
        _run(CEMS, _year({500: 600}))
    assert fault.value.kind == "ladder"


def test_the_capture_rate_is_counted_by_calendar_quarter() -> None:
    times = np.datetime64("2025-03-31T22:00:00") + np.arange(4).astype("timedelta64[h]")
    quarter, share = captured(times, np.array([True, False, True, True]))
    assert quarter.tolist() == [0, 0, 1, 1]
    assert share.tolist() == [0.5, 1.0]


PEMS = (
    HEAD
    + """
unit = "g/km"
[constants.step]
value = "1"
unit = "s"
source = "1 Hz log"
[constants.density]
value = "1.964"
unit = "kgCO2/m3"
source = "44.01 g/mol over 22.414 L/mol, ideal gas at 0 °C and 101.325 kPa"
[columns.co2]
table = "run"
column = "conc.co2"
unit = "%"
[columns.flow]
table = "run"
column = "exh.flow.rate"
unit = "l/min"
[columns.speed]
table = "run"
column = "velocity"
unit = "km/h"
[steps.mass]
sum = "co2 * flow * density * step"
[steps.distance]
sum = "speed * step"
[steps.factor]
expression = "mass / distance"
"""
)


def test_a_real_on_road_run_gives_its_distance_specific_co2(shared: Path) -> None:
    path = shared / "data" / "pems_utils" / "pems.1.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    columns = {name: [row[name] if row[name] != "NA" else None for row in rows] for name in rows[0]}
    found = _run(PEMS.replace('unit = "g/km"', 'unit = "gCO2/km"'), {"run": columns})
    co2, flow, speed = (
        np.array([float(row[name]) for row in rows]) for name in ("conc.co2", "exh.flow.rate", "velocity")
    )
    by_hand = (co2 / 100 * flow / 60 * 1.964).sum() / (speed / 3.6 / 1000).sum()
    assert found.value == pytest.approx(by_hand, rel=1e-9)
    assert len(rows) == 1000


def _ready(kind: str) -> str:
    return reference.text(f"submission/recipe_{kind}")


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_recipe_to_begin_with(kind: Kind) -> None:
    assert read_recipe(_ready(kind)).result == "factor"


def test_an_inventory_multiplies_amounts_and_factors_row_by_row_with_their_own_units() -> None:
    rows = [
        ("power", "in", "energy", "1000", "kWh", "0.5777", "kgCO2e/kWh", ""),
        ("coal", "in", "energy", "2", "t", "2.1", "tCO2e/t", ""),
        ("stack", "out", "emission", "300", "kg", "", "", ""),
        ("steel", "out", "product", "5", "t", "", "", "0.8"),
    ]
    names = ("flow_id", "direction", "flow_class", "amount", "unit", "library_value", "library_unit", "share")
    table = {name: [row[place] or None for row in rows] for place, name in enumerate(names)}
    found = _run(_ready("process"), {"unit_process": table})
    assert found.value == pytest.approx((1000 * 0.5777 + 4200 + 300) * 0.8 / 5000)


def test_an_inventory_whose_rows_come_to_two_dimensions_is_refused() -> None:
    table = {
        "flow_id": ["a", "b", "c", "d"], "direction": ["in", "in", "out", "out"],
        "flow_class": ["energy", "energy", "emission", "product"], "amount": ["1", "2", "3", "4"],
        "unit": ["kWh", "t", "kg", "t"], "library_value": ["0.5", "0.5", None, None],
        "library_unit": ["kgCO2e/kWh", "kgCO2e/kWh", None, None], "share": [None, None, None, "1"],
    }  # fmt: skip
    with pytest.raises(RecipeError) as fault:
        _run(_ready("process"), {"unit_process": table})
    assert fault.value.kind == "dimensions"


def test_chambers_of_a_recipe_agree_with_the_formula() -> None:
    readings = {"chamber": ["a"] * 4 + ["b"] * 4, "seconds": ["0", "60", "120", "180"] * 2,
                "ch4_ppm": ["2", "3", "4", "5", "2", "2.5", "3", "3.5"]}  # fmt: skip
    chambers = {"chamber": ["b", "a"], "volume_l": ["20", "40"], "area_m2": ["0.1", "0.2"],
                "temperature_c": ["25", "15"], "pressure_pa": ["101325", "100000"]}  # fmt: skip
    found = _run(_ready("chamber"), {"readings": readings, "chambers": chambers}, draws=50)
    slopes = np.array([1e-6 / 60, 0.5e-6 / 60])
    density = np.array([100000 / (8.31446261815324 * 288.15), 101325 / (8.31446261815324 * 298.15)])
    expected = (slopes * density * np.array([0.04 / 0.2, 0.02 / 0.1])).mean() * 16.043 * 1000 * 3600
    assert found.value == pytest.approx(expected, rel=1e-9)


def test_an_hourly_year_of_a_stack_comes_to_the_sum_over_the_electricity() -> None:
    tables = {**_year({}, 240), "activity": {"quantity": ["electricity_out"], "value": ["500"], "unit": ["MWh"]}}
    hourly = {**tables["hourly"], "co2_percent": ["12"] * 240, "flow_nm3_h": ["100000"] * 240}
    found = _run(_ready("cems"), {**tables, "hourly": hourly})
    assert found.value == pytest.approx(0.12 * 100000 * 44.01 / 22.414 * 240 / 500e3)
