"""Pedigree matrices against pedigree.json and the traps seen in other programs."""

import json
from math import exp, isnan, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factordb.errors import NotFoundError, StatementError
from factordb.uncertainty.pedigree import (
    EDITIONS,
    Refusal,
    basic_kinds,
    basic_variance,
    pedigree_sigma,
    pedigree_table,
    pedigree_variance,
)

TRUTH = Path(__file__).parents[2] / ".." / "shared" / "truth" / "pedigree.json"
GAP = float("nan")


@pytest.fixture(scope="module")
def truth() -> Any:
    if not TRUTH.exists():
        pytest.skip("pedigree.json is not at hand: the shared folder does not stand beside the project")
    return json.loads(TRUTH.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("edition", "key"),
    [
        ("ecoinvent_v3", "ecoinvent_v3_variance_ln"),
        ("ecoinvent_v2", "ecoinvent_v2_GSD2"),
        ("ciroth_2016", "ciroth_GSD"),
    ],
)
def test_every_cell_is_the_published_one(truth: Any, edition: Any, key: str) -> None:
    table = pedigree_table(edition)
    published = truth["factors"][key]
    assert table.criteria == tuple(published)
    back = {
        "ecoinvent_v3": lambda v: v,
        "ecoinvent_v2": lambda v: exp(2 * sqrt(v)),
        "ciroth_2016": lambda v: exp(sqrt(v)),
    }
    for row, cells in zip(table.variance_ln, published.values(), strict=True):
        for found, cell in zip(row, cells, strict=True):
            assert isnan(found) if cell is None else back[edition](found) == pytest.approx(cell, rel=1e-14)
    assert "Source:" in table.card


def test_openlca_holds_the_same_version_3(truth: Any) -> None:
    published = np.array(list(truth["factors"]["openlca_GSD"].values()))
    assert np.exp(np.sqrt(pedigree_table("ecoinvent_v3").variance_ln)) == pytest.approx(published, abs=1e-9)


def test_cases(truth: Any) -> None:
    assert len(truth["cases"]) >= 6
    for case in truth["cases"]:
        expected = case["ecoinvent3"]
        sigma = float(pedigree_sigma(case["scores"], case["basic_variance"])[0])
        assert sigma == pytest.approx(expected["sigma"], rel=1e-13)
        assert exp(sigma) == pytest.approx(expected["GSD"], rel=1e-13)
        assert exp(2 * sigma) == pytest.approx(expected["GSD2"], rel=1e-13)
        assert exp(1.959963984540054 * sigma) == pytest.approx(expected["p975"], rel=1e-12)
        empirical = pedigree_variance(case["scores"], "ciroth_2016")
        if case["ciroth2016_no_basic"]["sigma"] is None:
            assert empirical.refusal.tolist() == [Refusal.NO_VALUE]
            assert isnan(empirical.variance_ln[0])
        else:
            found = sqrt(empirical.variance_ln[0])
            assert found == pytest.approx(case["ciroth2016_no_basic"]["sigma"], rel=1e-12, abs=1e-15)


def test_gsd_is_not_read_as_gsd2() -> None:
    """The trap: two programs halve ln of the 2016 factors. Reliability 2 alone: GSD 1.54, σ = ln 1.54."""
    sigma = float(pedigree_sigma([2, 1, 1, 1, 1], 0.0, "ciroth_2016")[0])
    assert sigma == pytest.approx(log(1.54))
    assert sigma != pytest.approx(log(1.54) / 2)


def test_version_2_adds_in_gsd2() -> None:
    """GSD² = exp √(ln²1.05 + ln²1.10 + ln²1.05): reliability 2, temporal 3, basic 1.05."""
    sigma = float(
        pedigree_sigma([2, 1, 3, 1, 1, 1], basic_variance("co2_combustion", "ecoinvent_v2"), "ecoinvent_v2")[0]
    )
    assert exp(2 * sigma) == pytest.approx(exp(sqrt(2 * log(1.05) ** 2 + log(1.10) ** 2)))


def test_plus_minus_two_gsd_is_no_95_percent_interval() -> None:
    """GSD² spans ±2σ of ln x, 95.45 %; the 97.5 % quantile is GSD^1.96."""
    sigma = float(pedigree_sigma([4, 5, 3, 2, 4], 0.0006)[0])
    assert exp(1.959963984540054 * sigma) < exp(2 * sigma)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_missing_score_is_never_the_best(edition: Any) -> None:
    width = len(pedigree_table(edition).criteria)
    for place in range(width):
        scores = [1.0] * width
        scores[place] = GAP
        refused = pedigree_variance(scores, edition)
        assert refused.refusal.tolist() == [Refusal.MISSING]
        assert isnan(refused.variance_ln[0])
        worst = pedigree_variance(scores, edition, missing="worst")
        if worst.refusal[0] == Refusal.NONE:
            assert worst.variance_ln[0] == np.nanmax(pedigree_table(edition).variance_ln[place])
            assert worst.variance_ln[0] > 0
            assert worst.assumed_worst.tolist() == [1]
        else:
            assert worst.refusal[0] == Refusal.NO_VALUE
    with pytest.raises(StatementError, match="missing"):
        pedigree_sigma([GAP] * width, 0.0006, edition)


@pytest.mark.parametrize("score", [0, 6, -1, 2.5, float("inf"), 1e300])
def test_a_score_outside_its_scale_is_refused(score: float) -> None:
    found = pedigree_variance([[1, 2, 3, 4, score], [1, 2, 3, 4, 5]])
    assert found.refusal.tolist() == [Refusal.OUT_OF_SCALE, Refusal.NONE]
    assert found.variance_ln[1] == pytest.approx(0.0001 + 0.002 + 0.0006 + 0.12)
    with pytest.raises(StatementError, match="row 1"):
        pedigree_sigma([1, 2, 3, 4, score], 0.0006)


def test_empty_cells_are_not_filled() -> None:
    assert pedigree_variance([1, 1, 1, 4, 1, 1], "ecoinvent_v2").refusal.tolist() == [Refusal.NO_VALUE]
    assert pedigree_variance([1, 1, 1, 1, 2, 1], "ecoinvent_v2").refusal.tolist() == [Refusal.NO_VALUE]
    assert pedigree_variance([5, 1, 1, 1, 1], "ciroth_2016").refusal.tolist() == [Refusal.NO_VALUE]


def test_a_batch_keeps_its_order_and_the_callers_array() -> None:
    scores = np.array([[1, 1, 1, 1, 1], [5, 5, 5, 5, 5], [GAP, 1, 1, 1, 1]], dtype=float)
    before = scores.copy()
    found = pedigree_variance(scores)
    assert np.array_equal(scores, before, equal_nan=True)
    assert found.variance_ln[:2].tolist() == pytest.approx([0.0, 0.21])
    assert found.refusal.tolist() == [0, 0, 1]


def test_worse_scores_never_narrow() -> None:
    for edition in EDITIONS:
        steps = np.diff(pedigree_table(edition).variance_ln, axis=1)
        assert np.all(steps[~np.isnan(steps)] > 0)


def test_basic_uncertainties(truth: Any) -> None:
    published = truth["basic_uncertainty_ecoinvent_v2_GSD2_examples"]
    found = sorted(exp(2 * sqrt(basic_variance(kind, "ecoinvent_v2"))) for kind in basic_kinds())
    assert found == pytest.approx(sorted(published.values()))
    for kind in basic_kinds():
        version_2, version_3 = basic_variance(kind, "ecoinvent_v2"), basic_variance(kind)
        assert version_3 == pytest.approx(version_2, rel=0.07)  # version 3 rounds version 2
    assert basic_variance("transport", "ciroth_2016") == 0.12
    with pytest.raises(NotFoundError):
        basic_variance("magic")


def test_wrong_use_is_refused() -> None:
    with pytest.raises(StatementError, match="criteria"):
        pedigree_variance([1, 2, 3])
    with pytest.raises(StatementError, match="basic variance"):
        pedigree_sigma([1, 1, 1, 1, 1], -0.1)
    with pytest.raises(NotFoundError):
        pedigree_table("ecoinvent_v9")  # type: ignore[arg-type]  # what a user may type
    assert Refusal.MISSING.words("zh") == "缺少评分"


def test_the_table_handed_out_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        pedigree_table("ecoinvent_v3").variance_ln[0, 0] = 1
