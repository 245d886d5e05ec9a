"""Aggregates: published meta-analyses, closed forms, and what is refused or told instead of being averaged."""

import csv
from dataclasses import replace
from math import inf, isnan, nan, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from factordb.derivation.aggregate import aggregate, representativeness
from factordb.derivation.sample_rules import Remark, Sample, cautions, confidentiality, faults, provisional
from factordb.errors import StatementError
from factordb.rating.evidence import gathered
from factordb.rating.schemes import scheme

ROOT = Path(__file__).parents[2]


def _sample(number: int, **other: object) -> Sample:
    plain = Sample(
        factor_id=f"f{number}", version_id=f"v{number}", candidate_id=f"c{number}", name_zh=f"甲{number}",
        name_en=f"A{number}", value=1.0 + number, u=0.1, basis="reported", unit="kgCO2e/kg", kind="factor",
        gas="CO2e", gwp_set="AR6", boundary="cradle_to_gate", direction="emission", unit_basis="", technology="",
        tier="measured_verified", verified=True, year=2024, region="CN", te=1, weight=1.0, weight_unit="kt",
        plant=f"p{number}", enterprise=f"e{number}", restricted=False,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type] # words as a test names them


def _codes(found: tuple[Remark, ...]) -> list[str]:
    return [one.code for one in found]


def test_the_hierarchical_mean_is_the_published_one_of_the_bcg_trials() -> None:
    """Colditz et al. 1994 as in metafor's `dat.bcg`: DL log risk ratio −0.7141, se 0.1787, τ² 0.3088, I² 92.1 %."""
    lines = (ROOT / "data" / "uncertainty_examples" / "bcg_vaccine.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    ill, well, c_ill, c_well = (np.array([float(row[name]) for row in rows]) for name in list(rows[0])[1:])
    value = np.log(ill / (ill + well) / (c_ill / (c_ill + c_well)))
    u = np.sqrt(1 / ill - 1 / (ill + well) + 1 / c_ill - 1 / (c_ill + c_well))
    made = aggregate(value, u, None, method="hierarchical")
    assert made.value == pytest.approx(-0.7141, abs=5e-5)
    assert made.u == pytest.approx(0.1787, abs=5e-4)
    assert made.tau2 == pytest.approx(0.3088, abs=5e-4)
    assert made.agreement.i_squared == pytest.approx(0.921, abs=5e-4)
    assert made.u**2 == pytest.approx(made.u_within**2 + made.u_between**2, rel=1e-12)
    assert isnan(made.coverage)


def test_the_weighted_mean_of_two_plants_is_its_closed_form() -> None:
    """x = 1, 3; u = 0.1 each; 30 and 10 of 80 kt: w = 3/4, 1/4; τ² = (Δ² − 2u²)/2 = 1.99 for equal u (DL, k = 2)."""
    made = aggregate([1.0, 3.0], [0.1, 0.1], [30.0, 10.0], method="production", population=80.0)
    assert made.value == pytest.approx(1.5)
    assert made.tau2 == pytest.approx(1.99)
    assert made.u_within == pytest.approx(0.1 * sqrt(10) / 4)
    assert made.u_between == pytest.approx(sqrt(0.5 * 1.99 * 10 / 16))
    assert made.coverage == pytest.approx(0.5)
    assert made.effective == pytest.approx(1.6)
    assert made.contributions == pytest.approx([0.5, 0.5])
    dof = (made.u / made.u_between) ** 4
    assert made.dof == pytest.approx(dof)
    assert made.high - made.value == pytest.approx(student(dof).ppf(0.975) * made.u)
    assert made.sd_stated == pytest.approx((made.high - made.low) / 2 / 1.959963984540054)


def test_a_whole_population_has_no_uncertainty_between_plants() -> None:
    """Cochran 1977, 2.6: without unsampled units the mean has no sampling error."""
    made = aggregate([1.0, 3.0, 8.0], [0.1] * 3, [5.0, 3.0, 2.0], method="production", population=10.0)
    assert (made.coverage, made.u_between, made.dof) == (1.0, 0.0, inf)
    assert made.tau2 > 1
    assert made.u == pytest.approx(0.1 * sqrt(25 + 9 + 4) / 10)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.01, 1), st.floats(0.1, 100)), min_size=2, max_size=9))
def test_an_aggregate_lies_among_its_samples_and_scales_with_them(rows: list[tuple[float, float, float]]) -> None:
    x, u, w = map(np.array, zip(*rows, strict=True))
    for method in ("production", "hierarchical"):
        made = aggregate(x, u, w, method=method)  # type: ignore[arg-type] # words as a test names them
        assert x.min() * (1 - 1e-9) <= made.value <= x.max() * (1 + 1e-9)
        assert 1 - 1e-9 <= made.effective <= len(x) + 1e-9
        assert made.weights.sum() == pytest.approx(1)
        scaled = aggregate(1000 * x, 1000 * u, 7 * w, method=method)  # type: ignore[arg-type] # words as a test names them
        assert scaled.value == pytest.approx(1000 * made.value, rel=1e-9)
        assert scaled.u == pytest.approx(1000 * made.u, rel=1e-6)


@pytest.mark.parametrize("weights", [None, [1.0], [1.0, 0.0], [1.0, -2.0], [1.0, nan], [1.0, inf]])
def test_weights_that_are_none_are_refused(weights: list[float] | None) -> None:
    with pytest.raises(StatementError):
        aggregate([1.0, 2.0], [0.1, 0.1], weights, method="production")


@pytest.mark.parametrize("population", [1.9, 0.0, -5.0, inf])
def test_a_population_smaller_than_its_samples_is_refused(population: float) -> None:
    with pytest.raises(StatementError):
        aggregate([1.0, 2.0], [0.1, 0.1], [1.0, 1.0], method="production", population=population)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"unit": "kgCO2e/MJ"}, "units_mixed"),
        ({"gas": "CO2"}, "gases_mixed"),
        ({"kind": "gas_factor"}, "kinds_mixed"),
        ({"gwp_set": "AR5"}, "gwp_mixed"),
        ({"boundary": "direct"}, "boundaries_mixed"),
        ({"direction": "credit"}, "directions_mixed"),
        ({"unit_basis": "GCV"}, "bases_mixed"),
        ({"factor_id": "f1"}, "factor_twice"),
        ({"plant": "p1"}, "thing_twice"),
        ({"u": nan}, "uncertainty_missing"),
        ({"u": 0.0}, "uncertainty_missing"),
        ({"weight": nan}, "weight_missing"),
        ({"weight": 0.0}, "weight_zero"),
        ({"weight": -1.0}, "weight_negative"),
        ({"weight_unit": "Mt"}, "weight_units_mixed"),
    ],
)
def test_what_does_not_fit_together_is_told_and_never_averaged(other: dict[str, object], code: str) -> None:
    samples = [_sample(1), _sample(2), _sample(3, **other)]
    found = faults(samples, weighted=True, weight_unit="kt")
    assert _codes(found) == [code]
    assert found[0].blocks
    assert faults([_sample(1), _sample(2), _sample(3)], weighted=True, weight_unit="kt") == ()
    for lang in ("zh", "en"):
        assert "{" not in found[0].words(lang)


def test_one_sample_is_no_aggregate_and_a_population_bounds_its_samples() -> None:
    assert _codes(faults([_sample(1)], weighted=True, weight_unit="kt")) == ["too_few"]
    pair = [_sample(1), _sample(2)]
    assert _codes(faults(pair, weighted=True, weight_unit="kt", population=1.5)) == ["over_population"]
    assert faults([replace(one, weight=nan, weight_unit="") for one in pair], weighted=False, weight_unit="") == ()


def test_restricted_samples_need_three_plants_of_which_none_dominates() -> None:
    """trust.md T19: at least 3 plants, none above 70 %."""

    def codes(*weights: float, **other: object) -> list[str]:
        made = [_sample(n, weight=w, restricted=True, **other) for n, w in enumerate(weights)]
        return _codes(confidentiality(made))

    assert codes(1, 1) == ["too_few_plants", "too_few_enterprises"]
    assert codes(7, 1.5, 1.5) == []
    assert codes(7.01, 1.5, 1.49) == ["plant_dominates", "enterprise_dominates"]
    assert codes(1, 1, 1, enterprise="one") == ["too_few_enterprises"]
    assert codes(1, 1, 1, plant="", enterprise="") == []
    assert confidentiality([_sample(1), _sample(2)]) == ()
    mixed = [_sample(1, restricted=True), _sample(2)]
    assert _codes(confidentiality(mixed)) == ["too_few_plants", "too_few_enterprises"]


def test_coverage_years_and_disagreement_are_told() -> None:
    samples = [_sample(1, year=2018), _sample(2, value=9.0), _sample(3, basis="default", technology="new")]
    made = aggregate([one.value for one in samples], [one.u for one in samples], [1, 1, 1], method="production",
                     population=10)  # fmt: skip
    found = cautions(samples, made, outside=["f9"])
    assert _codes(found) == [
        "coverage_low", "uncertainty_default", "years_apart", "technologies_mixed", "outside_region", "samples_differ"
    ]  # fmt: skip
    assert provisional(made)
    whole = aggregate([1.0, 1.1], [0.1, 0.1], [1, 1], method="production", population=4)
    assert not provisional(whole)
    assert cautions([_sample(1), _sample(2)], whole, outside=()) == ()
    unknown = aggregate([1.0, 1.1], [0.1, 0.1], [1, 1], method="production")
    assert _codes(cautions([_sample(1), _sample(2)], unknown, outside=())) == ["coverage_unknown"]
    assert provisional(unknown)


def test_scores_of_the_aggregate_are_its_samples_weighted_by_contribution() -> None:
    evidence = gathered(2, technology=np.array([1, 3]), age_years=np.array([0.0, 3.0]), place=np.array([1, 1]))
    scores = representativeness(evidence, [0.75, 0.25], scheme("cifa-ef"))
    assert scores.of("te")[0] == pytest.approx(0.75 * 1 + 0.25 * 3)
    alone = scheme("cifa-ef").score(evidence)
    assert scores.of("ti")[0] == pytest.approx(0.75 * alone.of("ti")[0] + 0.25 * alone.of("ti")[1])
    assert isnan(scores.of("p")[0])
