"""The reckoning against closed forms: sum, variance, correlated shared factors, shares, electricity in both ways."""

import json

import numpy as np
import pytest

from factordb.errors import StatementError, UsageError
from factordb.trial.assembling import assemble
from factordb.trial.benchmark import batch, weighted_quantiles
from factordb.trial.footprint import trial
from factordb.trial.plants import plants_of
from factordb.trial.reckoning import draw, finite, problem_of, shares, swings
from factordb.trial.scenarios import compare
from factordb.trial.terms import of_variant
from tests.trial.conftest import NOTHING, more, of_study, on, stated
from tests.trial.test_trial_rules import CERTIFICATE, RESIDUAL, SHARES


def test_the_sum_is_the_sum() -> None:
    found = trial(stated(), NOTHING)
    assert found["result"]["value"] == pytest.approx(762, rel=1e-12)
    assert {one["name"]: round(one["value"], 9) for one in found["contributions"]} == {
        "ore": 200, "power": 500, "truck": 10, "kiln": 50, "waste": 2,
    }  # fmt: skip
    assert sum(one["share"] for one in found["stages"]) == pytest.approx(1)
    assert sum(one["variance_share"] for one in found["contributions"]) == pytest.approx(1)
    assert found["result"]["low95"] < 762 < found["result"]["high95"]


def test_the_variance_is_the_closed_form() -> None:
    """Var of a sum of independent products: Σ μa²σf² + μf²σa² + σa²σf²; rectangle of half-width 20: σ² = 400/3."""
    ore = 200**2 * (0.05**2 + 0.1**2 + 0.05**2 * 0.1**2)
    truck = (400 / 3) * 0.1**2 + (100**2 + 400 / 3) * 0.02**2
    exact = ore + 50**2 + truck + 2.5**2 + 0.1**2
    asked = problem_of(of_variant(assemble(stated(), NOTHING).terms, "location"))
    first, total, variance = shares(asked)
    assert variance == pytest.approx(exact, rel=1e-9)
    assert first.sum() <= 1 <= total.sum() + 1e-12
    drawn = draw(asked, samples=200_000, seed=5)
    assert drawn.totals.var() == pytest.approx(exact, rel=0.02)
    assert drawn.covariances.sum() == pytest.approx(drawn.totals.var(), rel=1e-6)
    assert drawn.means == pytest.approx([term.point for term in asked.terms], rel=2e-3)


def test_a_factor_of_two_lines_is_drawn_once() -> None:
    """Two lines of one factor: CV of the sum is that of the factor; of two factors it is smaller by √2."""
    same = {"own_value": 0.5, "own_unit": "kgCO2e/kWh", "own_gwp_set": "AR6", "own_cv_percent": 10,
            "amount": 1000, "unit": "kWh", "uncertainty": "none"}  # fmt: skip
    alone = [on(name, amount=0) for name in ("truck", "kiln", "waste")]
    shared = trial(stated(*alone, on("ore", **same, own_source="一"), on("power", own_source="一")), NOTHING)
    apart = trial(stated(*alone, on("ore", **same, own_source="一"), on("power", own_source="二")), NOTHING)
    assert shared["result"]["value"] == apart["result"]["value"] == 1000
    assert shared["result"]["cv"] == pytest.approx(0.1, rel=0.05)
    assert apart["result"]["cv"] == pytest.approx(0.1 / np.sqrt(2), rel=0.05)
    assert len(shared["factors"]) == len(apart["factors"]) - 1
    assert len([one for one in shared["sensitivity"] if one["kind"] == "factor"]) == 1


def test_the_same_seed_gives_the_same_numbers_and_another_line_changes_no_draw() -> None:
    first, again = (trial(stated(), NOTHING) for _ in range(2))
    assert first == again
    asked = [problem_of(assemble(stated(*changes), NOTHING).terms) for changes in ((), (on("waste", amount=0),))]
    whole, less = (draw(one, samples=500, seed=1).totals for one in asked)
    waste = whole - less
    assert waste.mean() == pytest.approx(2, rel=0.02)
    assert waste.std() == pytest.approx(0.1, rel=0.2)
    assert trial(stated(of_study(seed=2)), NOTHING)["result"]["low95"] != first["result"]["low95"]


def test_more_samples_than_a_block_are_one_run() -> None:
    asked = problem_of(assemble(stated(), NOTHING).terms)
    long, short = (draw(asked, samples=samples, seed=3) for samples in (25_000, 10_000))
    assert np.array_equal(long.totals[:10_000], short.totals)
    assert long.covariances.sum() == pytest.approx(long.totals.var(), rel=1e-6)


def test_electricity_counts_certificates_once_and_the_rest_at_the_residual_mix() -> None:
    """1000 kWh: by place 0.5; by market 400 × 0.05 + 600 × 0.7 = 440 instead of 500."""
    found = trial(stated(more("contract", CERTIFICATE, RESIDUAL)), NOTHING)
    assert found["results"]["location"]["value"] == pytest.approx(762)
    assert found["results"]["market"]["value"] == pytest.approx(702)
    market = trial(stated(more("contract", CERTIFICATE, RESIDUAL), of_study(electricity="market")), NOTHING)
    assert market["result"] == found["results"]["market"]
    assert trial(stated(more("contract", CERTIFICATE)), NOTHING)["results"]["market"]["value"] == pytest.approx(
        762 - 500 + 400 * 0.05 + 600 * 0.5
    )


def test_certificates_in_another_unit_are_converted() -> None:
    mwh = {**CERTIFICATE, "amount": 0.4, "unit": "MWh"}
    assert trial(stated(more("contract", mwh, RESIDUAL)), NOTHING)["results"]["market"]["value"] == pytest.approx(702)


def test_grid_losses_raise_what_is_generated() -> None:
    found = trial(stated(on("power", grid_losses=0.05), more("contract", CERTIFICATE, RESIDUAL)), NOTHING)
    assert found["results"]["location"]["value"] == pytest.approx(262 + 500 / 0.95)
    assert found["results"]["market"]["value"] == pytest.approx(262 + 440 / 0.95)


def test_allocation_takes_the_share_of_the_product_studied() -> None:
    found = trial(stated(more("allocation", *SHARES), on("ore", allocation="a")), NOTHING)
    assert found["result"]["value"] == pytest.approx(762 - 200 * 0.2)
    masses = [{**one, "share": None, "quantity": quantity} for one, quantity in zip(SHARES, (3, 1), strict=True)]
    found = trial(stated(more("allocation", *masses), on("ore", allocation="a")), NOTHING)
    assert found["result"]["value"] == pytest.approx(762 - 200 * 0.25)
    assert [one["share"] for one in found["allocations"]] == [0.75, 0.25]


def test_amounts_belong_to_the_reference_output() -> None:
    found = trial(stated(of_study(reference_amount=500, amount=2)), NOTHING)
    assert found["result"]["value"] == pytest.approx(762 * 2 / 500)


@pytest.mark.parametrize(
    ("unit", "value"), [("kgCH4/t", 27.9), ("kgN2O/t", 273), ("kgSF6/t", 25200), ("kgCO2/t", 1), ("kgCO2e/t", 1)]
)
def test_a_gas_is_weighed_by_the_gwp_of_the_study(unit: str, value: float) -> None:
    found = trial(stated(on("kiln", own_value=1, own_unit=unit)), NOTHING)
    assert found["result"]["value"] == pytest.approx(712 + value)


def test_one_input_alone_at_its_ends_moves_the_result_by_its_own_interval() -> None:
    asked = problem_of(assemble(stated(on("power", own_cv_percent=None)), NOTHING).terms)
    low, high = swings(asked)
    truck = next(at for at, one in enumerate(asked.inputs) if one.name.startswith("activity:truck"))
    assert (low[truck], high[truck]) == pytest.approx((762 - 19 * 0.1, 762 + 19 * 0.1))
    power = next(at for at, one in enumerate(asked.inputs) if one.name.startswith("own:0.5"))
    assert low[power] == pytest.approx(762)
    assert high[power] == pytest.approx(762)


def test_quality_is_weighted_by_contribution_and_what_is_missing_is_the_worst() -> None:
    rated = {"te": 1, "gr": 2, "ti": 3, "p": 1}
    names = ("ore", "power", "truck", "kiln", "waste")
    found = trial(stated(*(on(name, **rated) for name in names)), NOTHING)["quality"]
    # P is the worse of factor (1) and activity: measured, not checked 3; statistics 3
    assert [found[name] for name in ("te", "gr", "ti", "p")] == pytest.approx([1, 2, 3, 3])
    assert found["dqr"] == pytest.approx(9 / 4)
    assert found["primary_activity"] == pytest.approx(1 - 10 / 762)
    one = trial(stated(*(on(name, **rated) for name in names[1:])), NOTHING)["quality"]
    assert one["unrated"] == ["ore"]
    assert one["te"] == pytest.approx(1 + 4 * 200 / 762)


def test_scenarios_share_their_factors() -> None:
    less = stated(on("power", amount=900))
    found = compare({"a": stated(), "b": less}, NOTHING)
    [one] = found["comparisons"]
    assert found["comparable"]
    assert one["difference"]["value"] == pytest.approx(-50)
    # the difference is 100 kWh × the shared factor: its CV is the factor's, its sign certain
    assert one["difference"]["cv"] == pytest.approx(0.1, rel=0.05)
    assert one["first_below"] == 0
    assert one["correlation"] > 0.99
    twin = compare({"a": stated(), "b": stated()}, NOTHING)["comparisons"][0]
    assert (twin["equal"], twin["first_below"], twin["correlation"]) == (1, 0, pytest.approx(1))


def test_independent_scenarios_are_a_toss_up() -> None:
    other = stated(on("power", own_source="另一来源"), on("ore", own_source="再一来源"), on("kiln", own_source="再再"))
    [one] = compare({"a": stated(), "b": other}, NOTHING)["comparisons"]
    assert one["first_below"] == pytest.approx(0.5, abs=0.03)
    assert abs(one["correlation"]) < 0.1


def test_scenarios_of_another_basis_are_not_compared() -> None:
    found = compare({"a": stated(), "b": stated(of_study(amount=2))}, NOTHING)
    assert not found["comparable"]
    assert "TRL070" in [one["code"] for one in found["findings"]]
    assert found["comparisons"] == []


PLANTS = [
    {"plant": "甲", "production": "100", "power": "100000"},
    {"plant": "乙", "production": "300", "power": "270000"},
    {"plant": "丙", "production": "50", "power": "60000"},
]


def test_a_batch_gives_each_plant_and_production_weighted_benchmarks() -> None:
    one = stated()
    found = batch(one, plants_of(PLANTS, one), NOTHING)
    assert {row["plant"]: row["value"] for row in found["plants"]} == pytest.approx(
        {"甲": 762, "乙": 762 - 50, "丙": 762 + 100}
    )
    assert found["mean"]["value"] == pytest.approx((762 * 100 + 712 * 300 + 862 * 50) / 450)
    quantiles = {row["quantile"]: row["value"] for row in found["quantiles"]}
    assert quantiles == pytest.approx({0.1: 712, 0.25: 712, 0.5: 712, 0.75: 762, 0.9: 862})
    assert all(row["low95"] < row["value"] < row["high95"] for row in found["plants"])
    # the order of the rows is no matter
    assert batch(one, plants_of(PLANTS[::-1], one), NOTHING) == found


def test_a_batch_says_what_a_trial_says() -> None:
    lesser = [on(one, tier="secondary", source_kind="statistics") for one in ("ore", "power", "kiln")]
    one = stated(*lesser, on("ore", own_boundary="direct"))
    told = [{row["code"] for row in found["findings"]} for found in (
        trial(one, NOTHING), batch(one, plants_of(PLANTS, one), NOTHING))]  # fmt: skip
    assert told[0] == told[1] == {"TRL015", "TRL042"}


@pytest.mark.parametrize("cell", ["1e300", "inf", "1e-30", "-5"])
def test_a_cell_no_result_can_stand_on_is_refused(cell: str) -> None:
    with pytest.raises(UsageError) as fault:
        plants_of([{"plant": "甲", "production": "100", "power": cell}], stated())
    assert "power" in str(fault.value)
    assert fault.value.problem_zh


def test_results_at_the_limits_are_numbers_and_what_is_none_is_refused() -> None:
    huge = {"amount": 1e18, "own_value": 1e18, "uncertainty": "pedigree", "sigma": 12, "own_cv_percent": 1000}
    vast = stated(on("ore", cv_percent=None), on("ore", **huge), of_study(amount=1e18, reference_amount=1e-18))
    assert json.dumps(trial(vast, NOTHING), allow_nan=False)
    plants = plants_of([{"plant": "甲", "production": "1e-18", "ore": "1e18"}], vast)
    assert json.dumps(batch(vast, plants, NOTHING), allow_nan=False)
    with pytest.raises(UsageError, match="beyond"):
        finite(np.array([1.0, np.inf]))


def test_weighted_quantiles_are_the_least_value_with_the_weight_below() -> None:
    values = np.array([[3.0], [1.0], [2.0]])
    assert weighted_quantiles(values, np.array([0.2, 0.5, 0.3]), [0.5, 0.51, 0.8, 0.81]).ravel().tolist() == [
        1,
        2,
        2,
        3,
    ]


@pytest.mark.parametrize(
    ("kind", "cells", "cv"),
    [
        ("cv_percent", {"cv_percent": 10}, 0.1),
        ("sd", {"sd": 0.2}, 0.1),
        ("gsd2", {"gsd2": 1.44}, float(np.sqrt(np.expm1(np.log(1.2) ** 2)))),
        ("gsd", {"gsd": 1.2}, float(np.sqrt(np.expm1(np.log(1.2) ** 2)))),
        ("pedigree", {"sigma": 0.2}, float(np.sqrt(np.expm1(0.04)))),
        ("plus_minus", {"low": 1.8, "high": 2.2}, 0.1 / 1.96),
        ("bounds95", {"low": 1.8, "high": 2.2}, 0.1 / 1.96),
        ("range", {"low": 1, "high": 3}, 0.5 / np.sqrt(3)),
        ("min_mode_max", {"low": 1, "high": 3}, 0.5 / np.sqrt(6)),
        ("pert", {"low": 1, "high": 3}, 0.5 / np.sqrt(7)),
        ("readings", {"sd": 0.2, "n": 30}, 0.1 / np.sqrt(30) * np.sqrt(29 / 27)),
    ],
)
def test_every_form_of_statement_is_drawn_as_it_says(kind: str, cells: dict[str, float], cv: float) -> None:
    line = stated(on("ore", cv_percent=None), on("ore", uncertainty=kind, **cells))
    asked = problem_of(assemble(line, NOTHING).terms)
    at = next(at for at, one in enumerate(asked.inputs) if one.name.startswith("activity:ore"))
    assert asked.spreads.sd()[at] / 2 == pytest.approx(cv, rel=0.02)
    assert asked.spreads.mean()[at] == pytest.approx(2, rel=0.02)


def test_an_impossible_statement_names_its_line() -> None:
    with pytest.raises(StatementError, match="ore"):
        trial(stated(on("ore", uncertainty="range", low=3, high=1)), NOTHING)


VARIES = on("power", uncertainty="cv_percent", cv_percent=10)


def test_draws_below_the_certificates_earn_no_credit() -> None:
    """All 1000 kWh certified at 0.05: 262 + 50, and no draw at the grid rate, whatever the meter may be off by."""
    full = {**CERTIFICATE, "amount": 1000}
    for rest in ((), (RESIDUAL,)):
        found = trial(stated(VARIES, more("contract", full, *rest), of_study(electricity="market")), NOTHING)
        assert found["result"]["value"] == pytest.approx(312)
        assert found["result"]["mean"] == pytest.approx(312, rel=0.01)
        assert 250 < found["result"]["low95"] < 312 < found["result"]["high95"] < 370
    nearly = stated(VARIES, more("contract", {**CERTIFICATE, "amount": 990}, RESIDUAL))
    terms = of_variant(assemble(nearly, NOTHING).terms, "market")
    asked = problem_of([one for one in terms if one.line == "power"])
    drawn = draw(asked, samples=20_000, seed=7)
    assert drawn.totals.min() > 0
    # E max(0, a − 990) = σ φ(z) + 10 Φ(−z), z = −0.1, σ = 100; the certificates take the rest of the mean 1000
    rest = next(at for at, one in enumerate(asked.terms) if one.kind == "residual_mix")
    assert drawn.means[rest] / 0.7 == pytest.approx(45.1, rel=0.03)
    assert drawn.means.sum() == pytest.approx(45.1 * 0.7 + (1000 - 45.1) * 0.05, rel=0.02)
    first, total, variance = shares(asked)
    assert variance == pytest.approx(drawn.totals.var(), rel=0.35)
    assert first.sum() <= 1 <= total.sum() + 1e-12
    assert swings(asked)[0].min() > 0
