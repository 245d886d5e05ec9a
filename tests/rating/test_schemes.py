"""Each scheme reads the one evidence on its own scale; missing is never best, worse evidence never improves."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import NotFoundError, StatementError
from factordb.model.vocabulary import Basis, Tier
from factordb.rating import (
    BASES,
    TIERS,
    ForeignRating,
    Known,
    Place,
    Technology,
    Why,
    gathered,
    scheme,
    scheme_names,
    variance_of_ln,
)
from factordb.uncertainty.pedigree import pedigree_table, pedigree_variance

BEST: dict[str, Any] = {
    "age_years": 0.0,
    "past_validity_years": 0.0,
    "in_force": Known.YES,
    "technology": Technology.SAME,
    "place": Place.SAME,
    "place_steps": 0,
    "tier": TIERS.index(Tier.MEASURED_VERIFIED),
    "verified": Known.YES,
    "plausible": Known.YES,
    "relative_sd": 0.02,
    "basis": BASES.index(Basis.REPORTED),
    "completeness": 1.0,
    "method": 1.0,
    "documented": Known.YES,
}
EVERY = [(name, None) for name in scheme_names()] + [("cifa-ef", "activity")]


def _scores(name: str, variant: str | None = None, **changed: Any) -> list[float]:
    return scheme(name, variant).score(gathered(1, **{**BEST, **changed})).values[0].tolist()


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_the_best_evidence_scores_best(name: str, variant: str | None) -> None:
    assert set(_scores(name, variant)) == {1.0}


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_no_evidence_is_refused_or_counts_worst(name: str, variant: str | None) -> None:
    one = scheme(name, variant)
    scores = one.score(gathered(1))

    assert all(np.isnan(score) or score == one.worst for score in scores.values[0])
    expected = Why.MISSING if one.unknown is None else Why.ASSUMED_WORST
    assert set(scores.why[0].tolist()) == {expected}


@pytest.mark.parametrize(("name", "variant"), EVERY)
@pytest.mark.parametrize("column", sorted(set(BEST) - {"in_force", "place_steps", "age_years", "past_validity_years"}))
def test_losing_one_piece_of_evidence_is_felt_or_unused(name: str, variant: str | None, column: str) -> None:
    one = scheme(name, variant)
    without = one.score(gathered(1, **{key: value for key, value in BEST.items() if key != column})).values[0]
    felt = {
        "technology": {"te", "technological"},
        "place": {"gr", "geographical"},
        "tier": {"p", "reliability"} if name != "ilcd" else set(),
        "verified": {"p", "reliability"} if name != "ilcd" else set(),
        "relative_sd": {"p"} if variant != "activity" else set(),
        "basis": {"p"} if variant != "activity" else set(),
        "completeness": {"c", "completeness", "collection"},
        "method": {"m"},
    }.get(column, set())  # a verified value needs no plausibility check and no documents beside it
    changed = {criterion for criterion, score in zip(one.criteria, without, strict=True) if score != 1}

    assert changed == felt & set(one.criteria)


def test_a_five_year_old_datum_is_rated_by_scheme() -> None:
    """Domain notes, section 4: 5 in CIFA/EF, 2 in ecoinvent, "good" in the GHG Protocol."""
    old = {"age_years": 5.0, "past_validity_years": np.nan, "in_force": Known.UNKNOWN}

    assert _scores("cifa-ef", **old)[2] == 5
    assert _scores("cifa-ef", "activity", **old)[2] == 5
    assert _scores("pedigree", **old)[2] == 2
    assert _scores("ghg-protocol", **old)[1] == 2


@pytest.mark.parametrize(
    ("name", "variant", "column", "ages", "scores"),
    [
        ("cifa-ef", "activity", 2, [0, 1, 2, 3, 4, 5], [1, 1, 2, 3, 4, 5]),
        ("cifa-ef", "secondary", 2, [0, 1, 2, 3, 4, 5], [2, 2, 2, 3, 4, 5]),  # no validity stated: never the best
        ("pedigree", None, 2, [2, 3, 5, 6, 9, 10, 14, 15], [1, 2, 2, 3, 3, 4, 4, 5]),
        ("epa", None, 2, [2, 3, 5, 6, 9, 10, 14, 15], [1, 2, 2, 3, 3, 4, 4, 5]),
        ("ghg-protocol", None, 1, [2, 3, 6, 10], [1, 2, 3, 4]),
    ],
)
def test_time_classes(name: str, variant: str | None, column: int, ages: list[int], scores: list[int]) -> None:
    lapsed = {**BEST, "past_validity_years": np.nan, "in_force": Known.UNKNOWN, "age_years": ages}
    found = scheme(name, variant).score(gathered(len(ages), **lapsed))

    assert found.values[:, column].tolist() == scores


@pytest.mark.parametrize(
    ("past", "in_force", "age", "score"),
    [
        (-3, Known.UNKNOWN, 9, 1),  # within a stated validity
        (0, Known.UNKNOWN, np.nan, 1),
        (1, Known.UNKNOWN, 1, 2),
        (2, Known.YES, 1, 2),  # a stated end counts, whatever the register says
        (3, Known.UNKNOWN, 1, 3),
        (4, Known.UNKNOWN, 1, 4),
        (5, Known.UNKNOWN, 1, 5),
        (np.nan, Known.YES, 0, 2),  # in force without an end: never the best
        (np.nan, Known.YES, 10, 2),
        (np.nan, Known.YES, 20, 3),
        (np.nan, Known.YES, np.nan, 3),
        (np.nan, Known.NO, 4, 4),
        (np.nan, Known.UNKNOWN, np.nan, np.nan),
    ],
)
def test_time_of_secondary_data(past: float, in_force: int, age: float, score: float) -> None:
    found = _scores("cifa-ef", past_validity_years=past, in_force=in_force, age_years=age)[2]

    np.testing.assert_equal(found, score)


@pytest.mark.parametrize(("name", "variant"), EVERY)
def test_a_future_date_is_an_error_not_recent(name: str, variant: str | None) -> None:
    one = scheme(name, variant)
    scores = one.score(gathered(1, **{**BEST, "age_years": -1.0}))
    refused = scores.why[0] == Why.FUTURE

    assert refused.sum() == 1
    assert np.isnan(scores.values[0][refused]).all()
    assert np.isnan(one.combine(scores).dqr).all()


@pytest.mark.parametrize(
    ("changed", "score"),
    [
        ({}, 1),
        ({"relative_sd": 0.12}, 3),  # the worse of the two
        ({"verified": Known.NO}, 2),
        ({"verified": Known.UNKNOWN, "plausible": Known.UNKNOWN}, 3),
        ({"verified": Known.NO, "plausible": Known.NO}, 3),
        ({"verified": Known.NO, "relative_sd": 0.3}, 5),
        ({"basis": BASES.index(Basis.DEFAULT)}, 3),  # a declared default is never better, however narrow
        ({"basis": BASES.index(Basis.DEFAULT), "relative_sd": 0.2}, 4),
        ({"basis": BASES.index(Basis.DERIVED)}, 1),
        ({"basis": BASES.index(Basis.NONE)}, np.nan),
        ({"relative_sd": np.nan}, np.nan),
        ({"tier": TIERS.index(Tier.ESTIMATED)}, 3),
        ({"tier": TIERS.index(Tier.ESTIMATED), "plausible": Known.NO}, 4),
        ({"tier": TIERS.index(Tier.ESTIMATED), "documented": Known.UNKNOWN}, 5),
        ({"verified": Known.NO, "documented": Known.NO}, 5),
        ({"tier": -1}, np.nan),
    ],
)
def test_precision_is_the_worse_of_standing_and_spread(changed: dict[str, Any], score: float) -> None:
    np.testing.assert_equal(_scores("cifa-ef", **changed)[3], score)


def test_a_degenerate_spread_is_refused_with_its_reason() -> None:
    for name in ("cifa-ef", "ilcd"):
        scores = scheme(name).score(gathered(2, **{**BEST, "relative_sd": [0.0, np.inf]}))
        assert np.isnan(scores.of("p")).all()
        assert scores.why[:, scores.criteria.index("p")].tolist() == [Why.DEGENERATE] * 2


@pytest.mark.parametrize(
    ("level", "typed", "score", "why"),
    [
        (Technology.MIX, 1, 2, Why.SCORED),  # typing a better score changes nothing
        (Technology.MIX, 4, 4, Why.SCORED),
        (Technology.UNKNOWN, 1, 2, Why.SCORED),  # a statement alone is never the best
        (Technology.UNKNOWN, 3, 3, Why.SCORED),
        (Technology.UNKNOWN, np.nan, np.nan, Why.MISSING),
        (Technology.SAME, 0, np.nan, Why.OUT_OF_SCALE),
        (Technology.SAME, 6, np.nan, Why.OUT_OF_SCALE),
        (Technology.SAME, 2.5, np.nan, Why.OUT_OF_SCALE),
        (Technology.NOT_APPLICABLE, 1, np.nan, Why.NOT_APPLICABLE),
    ],
)
def test_a_typed_score_never_beats_the_evidence(level: int, typed: float, score: float, why: Why) -> None:
    scores = scheme().score(gathered(1, **{**BEST, "technology": level, "stated_te": typed}))

    np.testing.assert_equal(scores.values[0, 0], score)
    assert scores.why[0, 0] == why


@pytest.mark.parametrize("name", ["pedigree", "epa", "ghg-protocol"])
def test_a_typed_score_is_not_carried_to_another_scale(name: str) -> None:
    assert _scores(name, stated_te=5.0, stated_geo=5.0) == _scores(name)


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        # same, contains, world, inside, similar, other; two steps apart
        ("cifa-ef", [1, 2, 3, 3, 4, 5]),
        ("ilcd", [1, 2, 3, 3, 4, 5]),
        ("pedigree", [1, 2, 2, 3, 3, 5]),
        ("epa", [1, 3, 3, 3, 4, 5]),
        ("ghg-protocol", [1, 2, 2, 2, 2, 3]),
    ],
)
def test_geography_by_scheme(name: str, scores: list[int]) -> None:
    one = scheme(name)
    found = one.score(gathered(6, **{**BEST, "place": np.arange(1, 7), "place_steps": 2}))
    column = next(i for i, criterion in enumerate(one.criteria) if criterion in ("gr", "geographical"))

    assert found.values[:, column].tolist() == scores


def test_epa_counts_steps_and_unknown_steps_as_most() -> None:
    """US EPA 2016 guidance: one level apart 2, two levels 3."""
    found = scheme("epa").score(gathered(3, **{**BEST, "place": Place.CONTAINS, "place_steps": [1, 2, -1]}))

    assert found.of("geographical").tolist() == [2, 3, 3]


@pytest.mark.parametrize(
    ("changed", "pedigree", "epa"),
    [
        ({}, 1, 1),
        ({"tier": TIERS.index(Tier.OFFICIAL)}, 2, 2),  # verified, calculated
        ({"tier": TIERS.index(Tier.OFFICIAL), "verified": Known.NO}, 2, 3),
        ({"verified": Known.NO}, 2, 2),  # measured, the label "verified" alone
        ({"tier": TIERS.index(Tier.LITERATURE), "verified": Known.UNKNOWN}, 3, 3),
        ({"tier": TIERS.index(Tier.ESTIMATED)}, 4, 4),
        ({"tier": TIERS.index(Tier.ESTIMATED), "documented": Known.NO}, 5, 5),
        ({"tier": -1}, 5, 5),
    ],
)
def test_reliability(changed: dict[str, Any], pedigree: int, epa: int) -> None:
    assert [_scores("pedigree", **changed)[0], _scores("epa", **changed)[0]] == [pedigree, epa]


def test_completeness_by_scheme() -> None:
    share = {**BEST, "completeness": [1.0, 0.82, 0.7, 0.45, 0.1, np.nan]}
    evidence = gathered(6, **share)

    assert scheme("ilcd").score(evidence).of("c").tolist() == [1, 3, 4, 5, 5, 5]
    assert scheme("epa").score(evidence).of("collection").tolist() == [1, 1, 2, 3, 4, 5]
    assert scheme("pedigree").score(evidence).of("completeness").tolist() == [1, 2, 2, 3, 4, 5]


def test_off_scale_evidence_is_refused_even_where_unknown_counts_worst() -> None:
    scores = scheme("ilcd").score(gathered(1, **{**BEST, "completeness": 95.0, "method": 7.0}))

    assert np.isnan([scores.of("c")[0], scores.of("m")[0]]).all()
    assert scores.why[0].tolist() == [0, 0, 0, Why.OUT_OF_SCALE, 0, Why.OUT_OF_SCALE]


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("cifa-ef", [1, 2, np.nan, 3], Why.MISSING),
        ("cifa-ef", [1, 2, 0, 3], Why.OUT_OF_SCALE),
        ("cifa-ef", [1, 2, 5.5, 3], Why.OUT_OF_SCALE),
        ("cifa-ef", [1, 2, np.inf, 3], Why.OUT_OF_SCALE),
        ("ilcd", [1, 2, np.nan, 3, 3, 3], Why.NOT_APPLICABLE),
        ("pact", [1, 2, 5.1], Why.OUT_OF_SCALE),
        ("ghg-protocol", [1, 2, 5], Why.OUT_OF_SCALE),
    ],
)
def test_scores_given_as_numbers_are_held_to_the_scale(name: str, values: list[float], why: Why) -> None:
    scores = scheme(name).given(values)

    assert np.isnan(scores.values[0, 2])
    assert scores.why[0].tolist() == [0, 0, why, *[0] * (len(values) - 3)]


def test_pact_keeps_decimals() -> None:
    """PACT v3 `dqi`: decimals 1 … 5."""
    assert scheme("pact").given([1.5, 2.25, 5]).values.tolist() == [[1.5, 2.25, 5]]
    assert scheme("pact").version == "3"


def test_ratings_are_not_converted() -> None:
    cifa, ilcd = scheme(), scheme("ilcd")

    with pytest.raises(StatementError, match="not converted"):
        cifa.combine(ilcd.given([1] * 6))
    with pytest.raises(StatementError, match="not converted"):
        cifa.combine(scheme("cifa-ef", "activity").given([1] * 4))
    with pytest.raises(StatementError):
        variance_of_ln(cifa.given([1] * 4))
    assert ForeignRating("EPA", "2016", "(3,1,5,1,1)").text == "(3,1,5,1,1)"


def test_names_and_shapes_that_do_not_exist_are_refused() -> None:
    with pytest.raises(NotFoundError, match="rating scheme"):
        scheme("stars")
    with pytest.raises(NotFoundError, match="variant"):
        scheme("ilcd", "activity")
    with pytest.raises(StatementError, match="criteria"):
        scheme().given([1, 2, 3])


def test_pedigree_scores_become_the_published_variances() -> None:
    """ecoinvent v3: Rel .04, Com .0001, Tem .002, Geo .0006, Tec .12."""
    pedigree = scheme("pedigree")
    rows = [[5, 2, 3, 4, 5], [1, 1, 1, 1, 1], [1, 2, 3, 4, 5]]
    found = variance_of_ln(pedigree.given(rows))

    assert found.tolist() == pytest.approx([0.04 + 0.0001 + 0.002 + 0.0006 + 0.12, 0, 0.1227])
    assert pedigree.criteria == pedigree_table("ecoinvent_v3").criteria
    np.testing.assert_allclose(found, pedigree_variance(rows).variance_ln)
    assert np.isnan(variance_of_ln(pedigree.given([1, 2, 3, 4, 9]))).all()


WORSE = {
    "age_years": [0, 1, 2, 3, 4, 5, 7, 12, 20],
    "past_validity_years": [-1, 0, 1, 2, 3, 4, 5],
    "technology": [1, 2, 3, 4, 5],
    "verified": [Known.YES, Known.NO],
    "plausible": [Known.YES, Known.NO],
    "relative_sd": [0.01, 0.08, 0.12, 0.2, 0.9],
    "basis": [BASES.index(Basis.REPORTED), BASES.index(Basis.DEFAULT)],
    "completeness": [1.0, 0.9, 0.8, 0.6, 0.3, 0.0],
    "method": [1, 2, 3, 4, 5],
    "stated_te": [1, 2, 3, 4, 5],
    "documented": [Known.YES, Known.NO],
    "in_force": [Known.YES, Known.NO],
    "place": [Place.SAME, Place.CONTAINS, Place.WORLD, Place.INSIDE, Place.SIMILAR, Place.OTHER],
}


@settings(max_examples=80)
@given(st.data())
def test_worse_evidence_never_improves(data: st.DataObject) -> None:
    name, variant = data.draw(st.sampled_from(EVERY))
    start = {column: data.draw(st.sampled_from(levels)) for column, levels in WORSE.items()}
    start["tier"] = data.draw(st.sampled_from(range(len(TIERS))))
    start["place_steps"] = 1
    if data.draw(st.booleans()):
        del start["past_validity_years"]
    column = data.draw(st.sampled_from([one for one in WORSE if one in start]))
    levels = WORSE[column]
    worse = levels[min(levels.index(start[column]) + 1, len(levels) - 1)]
    one = scheme(name, variant)
    before, after = (one.score(gathered(1, **start)), one.score(gathered(1, **{**start, column: worse})))

    assert (before.values <= after.values).all()
    if one.formula != "none":
        assert one.combine(before).dqr <= one.combine(after).dqr


def test_rows_do_not_depend_on_their_neighbours() -> None:
    rng = np.random.default_rng(5)
    many = {column: rng.choice(np.array(levels, float), 200) for column, levels in WORSE.items()}
    evidence = gathered(200, **many, tier=rng.integers(0, 6, 200))
    for name, variant in EVERY:
        one = scheme(name, variant)
        whole = one.score(evidence)
        part = one.score(evidence.rows(np.arange(199, -1, -1)))
        np.testing.assert_array_equal(whole.values, part.values[::-1])
        np.testing.assert_array_equal(whole.why, part.why[::-1])
