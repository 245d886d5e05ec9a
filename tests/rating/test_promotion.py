"""Who is promoted, and every reason why another is not: gates first, floors, then the rating."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis, Kind, Tier, Verdict
from factordb.rating import (
    BASES,
    KINDS,
    TIERS,
    VERDICTS,
    Found,
    Known,
    Place,
    Technology,
    gathered,
    judge,
    load_policy,
    reason_words,
    scheme,
    tier_rank,
)
from factordb.rating.policy import EVIDENCE
from factordb.reference import table

OFFICIAL: dict[str, Any] = {
    # an official national value with everything in order
    "age_years": 2.0,
    "in_force": Known.YES,
    "technology": Technology.SAME,
    "place": Place.SAME,
    "tier": TIERS.index(Tier.OFFICIAL),
    "plausible": Known.YES,
    "relative_sd": 0.05,
    "basis": BASES.index(Basis.REPORTED),
    "completeness": 0.97,
    "source_found": Found.MATCHED,
    "documented": Known.YES,
}
PASS, FACTOR = VERDICTS.index(Verdict.PASS), KINDS.index(Kind.FACTOR)
ALL_THERE = dict.fromkeys(EVIDENCE, True)


def _reasons(name: str = "clause5", **changed: Any) -> list[str]:
    keys = ("verdict", "kind", "demonstration", "submitted")
    terms = {"verdict": PASS, "kind": FACTOR, **{key: changed.pop(key) for key in keys if key in changed}}
    evidence = gathered(1, **{**OFFICIAL, **changed})
    scores = scheme().score(evidence)
    found = judge(load_policy(name), evidence, scores, scheme().combine(scores).dqr, **terms)
    text = found.texts()[0]
    assert bool(found.eligible[0]) == (text is None)
    return text.split() if text else []


def test_a_value_with_everything_in_order_is_eligible() -> None:
    assert _reasons() == []
    assert _reasons("guideline468", submitted=ALL_THERE) == []


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"verdict": VERDICTS.index(Verdict.FAIL)}, ["VERDICT_FAIL"]),
        ({"verdict": VERDICTS.index(Verdict.INSUFFICIENT)}, ["VERDICT_INSUFFICIENT"]),
        ({"verdict": VERDICTS.index(Verdict.NEEDS_PERSON)}, ["VERDICT_NEEDS_PERSON"]),
        ({"verdict": -1}, ["VERDICT_MISSING"]),
        ({"kind": -1}, ["KIND_NOT_TAKEN"]),
        ({"source_found": Found.CONFLICT}, ["SOURCE_CONFLICT"]),
        ({"source_found": Found.NOT_FOUND}, ["SOURCE_NOT_FOUND"]),
        ({"source_found": Found.UNKNOWN}, []),
        ({"documented": Known.UNKNOWN}, ["NO_SOURCE", "FLOOR_P"]),
        ({"tier": TIERS.index(Tier.ESTIMATED)}, ["TIER_NOT_ALLOWED"]),
        ({"tier": -1}, ["TIER_UNKNOWN", "NO_SCORE_P"]),
        ({"relative_sd": np.nan}, ["NO_UNCERTAINTY", "NO_SCORE_P"]),
        ({"relative_sd": 0.0}, ["NO_UNCERTAINTY", "NO_SCORE_P"]),
        ({"basis": BASES.index(Basis.NONE)}, ["UNCERTAINTY_UNLABELLED", "NO_SCORE_P"]),
        ({"age_years": -1.0}, ["FUTURE_DATE", "NO_SCORE_TI"]),
        ({"stated_te": 9.0}, ["SCORE_OFF_SCALE", "NO_SCORE_TE"]),
        ({"technology": Technology.UNKNOWN}, ["NO_SCORE_TE"]),
        ({"place": Place.UNKNOWN}, ["NO_SCORE_GR"]),
        ({"age_years": np.nan, "in_force": Known.UNKNOWN}, ["NO_SCORE_TI"]),
        ({"technology": Technology.DIFFERENT}, ["FLOOR_TE"]),
        ({"place": Place.OTHER}, ["FLOOR_GR"]),
        ({"past_validity_years": 5.0}, ["FLOOR_TI"]),
        ({"relative_sd": 0.26}, ["FLOOR_P"]),
        ({"relative_sd": 0.25}, []),
        ({"demonstration": True}, ["DEMONSTRATION"]),
        (
            {"technology": Technology.SIMILAR, "place": Place.SIMILAR, "relative_sd": 0.2},
            ["DQR_ABOVE"],  # (4 + 4 + 2 + 4) / 4 = 3.5, every floor kept
        ),
    ],
)
def test_each_reason_of_clause5(changed: dict[str, Any], reasons: list[str]) -> None:
    assert _reasons(**changed) == reasons


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        *(({"submitted": {**ALL_THERE, name: False}}, [code]) for name, code in EVIDENCE.items()),
        ({"submitted": {key: True for key in EVIDENCE if key != "unit_process"}}, ["NO_UNIT_PROCESS"]),
        ({"submitted": {**ALL_THERE, "life_cycle_model": Known.UNKNOWN}}, ["NO_MODEL"]),
        ({"source_found": Found.UNKNOWN}, ["SOURCE_NOT_CHECKED"]),
        ({"completeness": np.nan}, ["NO_COMPLETENESS"]),
        ({"completeness": 0.6}, ["FLOOR_COMPLETENESS"]),
        ({"kind": KINDS.index(Kind.PARAMETER)}, ["KIND_NOT_TAKEN"]),
        ({"relative_sd": 0.2}, ["FLOOR_P"]),  # (1 + 1 + 2 + 4) / 4 = 2: the mean is kept
    ],
)
def test_each_reason_of_guideline_468(changed: dict[str, Any], reasons: list[str]) -> None:
    assert _reasons("guideline468", **{"submitted": ALL_THERE, **changed}) == reasons


def test_nothing_submitted_gives_every_reason_at_once() -> None:
    """A submission carries unit-process data and its model (468 (二)): no unit process, no adoption."""
    assert _reasons("guideline468") == list(EVIDENCE.values())


@settings(max_examples=80)
@given(st.permutations([1, 1, 1, 5]))
def test_a_five_is_not_bought_off(scores: list[int]) -> None:
    """Mean 2.0, very good; held back all the same."""
    cifa = scheme()
    given_scores = cifa.given(scores)
    found = judge(
        load_policy(), gathered(1, **OFFICIAL), given_scores, cifa.combine(given_scores).dqr, verdict=PASS, kind=FACTOR
    )

    assert cifa.combine(given_scores).dqr.tolist() == [2.0]
    assert found.eligible.tolist() == [False]
    assert found.texts()[0] == f"FLOOR_{cifa.criteria[scores.index(5)].upper()}"


@pytest.mark.parametrize(
    ("changed", "scores", "dqr", "band", "reasons"),
    [
        # the table in the head of factordb/rating/policy.py, as of 2026-11-26
        (
            {"age_years": 3.0, "relative_sd": 0.0459, "basis": BASES.index(Basis.DEFAULT)},
            [1, 1, 2, 3], 1.75, "very_good", [],
        ),  # grid CO2 2023
        (
            {"technology": Technology.MIX, "relative_sd": 0.0459, "basis": BASES.index(Basis.DEFAULT)},
            [2, 1, 2, 3], 2.0, "very_good", [],
        ),  # electricity footprint 2024
        (
            {"technology": Technology.MIX, "age_years": np.nan, "relative_sd": 0.034},
            [2, 1, 3, 2], 2.0, "very_good", [],
        ),  # power coal, national database v2
        (
            {"technology": Technology.PART, "place": Place.WORLD, "age_years": 20.0, "relative_sd": 0.015},
            [3, 3, 3, 2], 2.75, "good", [],
        ),  # crude oil, IPCC 2006 Vol. 2 Table 2.2
        (
            {"technology": Technology.MIX, "age_years": np.nan, "relative_sd": 3.769},
            [2, 1, 3, 5], 2.75, "good", ["FLOOR_P"],
        ),  # valve CH4, national database v2
        (
            {
                "age_years": 1.0, "in_force": Known.UNKNOWN, "relative_sd": 0.05, "verified": Known.NO,
                "tier": TIERS.index(Tier.MEASURED_VERIFIED),
            },
            [1, 1, 2, 2], 1.5, "excellent", [],
        ),  # measured 2025, not verified
    ],
)  # fmt: skip
def test_worked_examples(changed: dict[str, Any], scores: list[int], dqr: float, band: str, reasons: list[str]) -> None:
    cifa = scheme()
    evidence = gathered(1, **{**OFFICIAL, **changed})
    found = cifa.score(evidence)
    rating = cifa.combine(found)

    assert found.values[0].tolist() == scores
    assert rating.dqr.tolist() == [dqr]
    assert cifa.band_ids(rating.band).tolist() == [band]
    assert _reasons(**changed) == reasons
    official = tier_rank([TIERS.index(Tier.OFFICIAL)], [Known.NO])
    assert (tier_rank(evidence.tier, evidence.verified) > official).all() == ("verified" in changed)


def test_many_candidates_at_once_count_their_reasons() -> None:
    evidence = gathered(4, **{**OFFICIAL, "technology": [1, 5, 5, 0], "place": [1, 6, 1, 1]})
    cifa = scheme()
    scores = cifa.score(evidence)
    found = judge(
        load_policy(), evidence, scores, cifa.combine(scores).dqr,
        verdict=[PASS, PASS, VERDICTS.index(Verdict.FAIL), PASS], kind=FACTOR,
    )  # fmt: skip

    assert found.eligible.tolist() == [True, False, False, False]
    assert found.texts().tolist() == [None, "FLOOR_TE FLOOR_GR DQR_ABOVE", "VERDICT_FAIL FLOOR_TE", "NO_SCORE_TE"]
    assert found.counts() == {"VERDICT_FAIL": 1, "NO_SCORE_TE": 1, "FLOOR_TE": 2, "FLOOR_GR": 1, "DQR_ABOVE": 1}


def test_a_rating_that_is_missing_though_its_scores_are_there_is_said() -> None:
    evidence = gathered(1, **OFFICIAL)
    found = judge(load_policy(), evidence, scheme().score(evidence), np.array([np.nan]), verdict=PASS, kind=FACTOR)

    assert found.texts().tolist() == ["NO_DQR"]


@pytest.mark.parametrize(
    "terms",
    [
        {"scores": scheme("ilcd").given([1] * 6)},
        {"scores": scheme().given([[1] * 4] * 2)},
        {"dqr": np.array([1.0, 1.0])},
        {"verdict": [PASS, PASS]},
        {"submitted": {"unit_procces": True}},
    ],
)
def test_what_does_not_belong_together_is_refused(terms: dict[str, Any]) -> None:
    evidence = gathered(1, **OFFICIAL)
    whole = {"scores": scheme().score(evidence), "dqr": np.array([1.0]), "verdict": PASS, "kind": FACTOR, **terms}

    with pytest.raises(StatementError) as caught:
        judge(load_policy(), evidence, **whole)
    assert caught.value.problem_zh


def test_every_reason_has_its_sentences_in_both_languages() -> None:
    rows = table("policy/reasons").to_pylist()
    codes = [row["code"] for row in rows]
    evidence = gathered(1)
    possible = {"PREFERRED_OTHER", "NO_SCORE_C", "FLOOR_C", "NO_SCORE_M", "FLOOR_M"}
    for name in ("clause5", "guideline468"):
        policy = load_policy(name)
        possible |= set(
            judge(policy, evidence, scheme().score(evidence), np.array([np.nan]), verdict=-1, kind=-1).codes
        )

    assert len(codes) == len(set(codes))
    assert set(codes) == possible
    assert all(row[column] for row in rows for column in ("zh", "en", "fix_zh", "fix_en"))


def test_a_reason_names_the_limit_of_the_policy() -> None:
    strict = load_policy("guideline468")

    assert reason_words("FLOOR_P", "en", strict)[0] == "The precision score is worse than the floor, 3."
    assert reason_words("DQR_ABOVE", "zh", strict)[0] == "数据质量等级差于上限 2。"
    assert reason_words("NO_UNIT_PROCESS", "zh")[1] == "随因子提交完整的单元过程数据。"
    with pytest.raises(StatementError, match="no reason"):
        reason_words("BECAUSE", "en")
