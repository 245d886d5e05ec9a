"""Putting scores together: the published vectors, weights by contribution, bands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.rating import Why, gathered, scheme, weighted

SCORE = st.integers(1, 5)


def test_ilcd_vector() -> None:
    """TeR 1, GR n/a, TiR 3, C 2, P 3, M 2 -> 2.5556 (ILCD Handbook, General guide, annex A)."""
    ilcd = scheme("ilcd")
    rating = ilcd.combine(ilcd.given([1, np.nan, 3, 2, 3, 2]))

    assert rating.dqr[0] == pytest.approx(2.5556, abs=5e-5)
    assert ilcd.band_ids(rating.band).tolist() == ["basic_quality"]


def test_ilcd_limits_of_its_bands() -> None:
    """≤ 1.6 high quality, ≤ 3 basic quality, ≤ 4 data estimate."""
    ilcd = scheme("ilcd")
    rating = ilcd.combine(ilcd.given([[1] * 6, [2, 1, 1, 1, 1, 1], [3] * 6, [4] * 6, [5] * 6, [np.nan] * 6]))

    assert rating.dqr[:5].tolist() == [1, 1.5, 3, 4, 5]
    assert np.isnan(rating.dqr[5])
    assert ilcd.band_ids(rating.band).tolist() == [
        "high_quality", "high_quality", "basic_quality", "data_estimate", "below_estimate", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "dqr", "band"),
    [
        ([1, 1, 1, 1], 1.0, "excellent"),
        ([1, 1, 2, 3], 1.75, "very_good"),
        ([2, 2, 2, 2], 2.0, "very_good"),
        ([1, 1, 5, 5], 3.0, "good"),
        ([4, 4, 4, 4], 4.0, "fair"),
        ([5, 5, 4, 4], 4.5, "poor"),
    ],
)
def test_cifa_ef_mean_and_bands(scores: list[int], dqr: float, band: str) -> None:
    cifa = scheme()
    rating = cifa.combine(cifa.given(scores))

    assert rating.dqr.tolist() == [dqr]
    assert cifa.band_ids(rating.band).tolist() == [band]


def test_a_missing_score_leaves_no_mean() -> None:
    cifa = scheme()
    rating = cifa.combine(cifa.given([[1, 1, np.nan, 1]]))

    assert np.isnan(rating.dqr).all()
    assert rating.band.tolist() == [-1]


@pytest.mark.parametrize("name", ["pedigree", "epa", "pact", "ghg-protocol"])
def test_schemes_that_do_not_average_give_no_rating(name: str) -> None:
    one = scheme(name)
    rating = one.combine(one.given([1] * len(one.criteria)))

    assert np.isnan(rating.dqr).all()
    assert one.band_ids(rating.band).tolist() == [None]


def test_a_derived_factor_is_rated_by_contribution() -> None:
    """Two factors: inputs of 9 and 1 kg; inputs of 1 and 1 kg."""
    cifa = scheme()
    inputs = cifa.given([[1, 1, 1, 1], [5, 5, 5, 5], [1, 2, 3, 4], [3, 2, 1, 2]])
    rating = cifa.combine(inputs, weights=[9, 1, 1, 1], owner=[0, 0, 1, 1])

    assert rating.dqr.tolist() == pytest.approx([1.4, 2.25])
    assert weighted(inputs, [9, 1, 1, 1], [0, 0, 1, 1]).values[1].tolist() == [2, 2, 2, 3]


def test_an_input_that_contributes_and_has_no_score_leaves_none() -> None:
    cifa = scheme()
    inputs = cifa.given([[1, 1, 1, 1], [1, 1, 1, np.nan]])

    assert np.isnan(cifa.combine(inputs, weights=[1000, 1]).dqr).all()
    assert cifa.combine(inputs, weights=[1, 0]).dqr.tolist() == [1]


def test_what_does_not_apply_to_an_input_is_left_out_of_its_mean() -> None:
    ilcd = scheme("ilcd")
    inputs = ilcd.given([[1, np.nan, 3, 2, 3, 2], [1, 5, 3, 2, 3, 2]])

    both = weighted(inputs, [3, 1])
    none = weighted(ilcd.given([[1, np.nan, 3, 2, 3, 2]] * 2), [3, 1])
    assert both.of("gr").tolist() == [5]
    assert none.why[0, 1] == Why.NOT_APPLICABLE
    assert ilcd.combine(none).dqr[0] == pytest.approx(2.5556, abs=5e-5)


@pytest.mark.parametrize("weights", [[1, -1], [1, np.nan], [np.inf, 1], [0, 0], [1], [[1, 1]]])
def test_weights_are_absolute_amounts(weights: list[float]) -> None:
    cifa = scheme()

    with pytest.raises(StatementError) as caught:
        cifa.combine(cifa.given([[1] * 4, [2] * 4]), weights=weights)
    assert "absolute amount" in caught.value.remedy
    assert caught.value.problem_zh


@pytest.mark.parametrize("owner", [[0], [0, -1], [0, 2]])
def test_owners_are_whole_and_leave_no_factor_without_inputs(owner: list[int]) -> None:
    cifa = scheme()

    with pytest.raises(StatementError):
        cifa.combine(cifa.given([[1] * 4, [2] * 4]), weights=[1, 1], owner=owner)


def test_no_rows_give_no_ratings() -> None:
    for name in ("cifa-ef", "ilcd", "pedigree"):
        one = scheme(name)
        rating = one.combine(one.score(gathered(0)))
        assert rating.dqr.shape == rating.band.shape == (0,)


@settings(max_examples=60)
@given(st.lists(SCORE, min_size=6, max_size=6), st.integers(0, 5), st.sampled_from(["cifa-ef", "ilcd"]))
def test_a_worse_score_never_improves_the_rating(scores: list[int], which: int, name: str) -> None:
    one = scheme(name)
    before = scores[: len(one.criteria)]
    after = list(before)
    after[which % len(after)] = min(5, after[which % len(after)] + 1)
    rating = one.combine(one.given([before, after]))

    assert rating.dqr[0] <= rating.dqr[1]
    assert rating.band[0] <= rating.band[1]
