"""Every score comes with its evidence in words, Chinese and English."""

from string import Formatter
from typing import Any

import numpy as np
import pytest

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis, Tier
from factordb.rating import BASES, TIERS, Known, Place, Technology, explain, gathered, scheme, scheme_names
from factordb.rating.readings import Reliability, Standing
from factordb.reference import table, toml

GRID: dict[str, Any] = {
    "age_years": 3.0,
    "in_force": Known.YES,
    "technology": Technology.SAME,
    "place": Place.CONTAINS,
    "place_steps": 1,
    "tier": TIERS.index(Tier.OFFICIAL),
    "plausible": Known.YES,
    "relative_sd": 0.0459,
    "basis": BASES.index(Basis.DEFAULT),
    "documented": Known.YES,
}


def test_a_grid_factor_explained() -> None:
    told = explain(gathered(1, **GRID), scheme())

    assert [(one.criterion, one.score) for one in told] == [("te", 1), ("gr", 2), ("ti", 2), ("p", 3)]
    assert [one.reason_en for one in told] == [
        "technology: same technology",
        "place: a region around the place of use",
        "in force with no last day stated, the data are 3 years old: never the best",
        "relative standard deviation 4.59 %, a declared default, which is never better than 3; plausibility checked",
    ]
    assert told[2].reason_zh == "现行有效但未标明截止日，数据距使用年 3 年，故不评为最优"


@pytest.mark.parametrize(
    ("changed", "criterion", "words"),
    [
        ({"stated_te": 3.0}, "te", "technology: same technology; the submitter states 3"),
        ({"technology": 0}, "te", "no score: the technology was not judged"),
        ({"past_validity_years": 2.0}, "ti", "2 years begun since the last day of validity"),
        ({"past_validity_years": 0.0}, "ti", "within the stated validity"),
        ({"age_years": -1.0}, "ti", "refused: the data are dated after the year of use (-1 years between"),
        ({"in_force": 0}, "ti", "no validity stated, so that the age counts: 3 years"),
        ({"age_years": np.nan}, "ti", "in force with no last day stated, the year of the data is not known"),
        ({"age_years": np.nan, "in_force": -1}, "ti", "no score: the year of the data is not known"),
        ({"basis": 3}, "p", "no score: there is no labelled uncertainty result"),
        ({"relative_sd": 0.0, "basis": 0}, "p", "refused: a spread that is zero"),
        (
            {"tier": -1, "basis": 0},
            "p",
            "no score: relative standard deviation 4.59 %, as reported; the kind of source is",
        ),
    ],
)
def test_reasons_follow_the_evidence(changed: dict[str, Any], criterion: str, words: str) -> None:
    told = {one.criterion: one for one in explain(gathered(1, **{**GRID, **changed}), scheme())}

    assert told[criterion].reason_en.startswith(words)
    assert told[criterion].reason_zh


def test_what_is_assumed_worst_says_so() -> None:
    told = {one.criterion: one for one in explain(gathered(1), scheme("ilcd"))}

    assert told["c"].reason_en == "the share covered is not known; counted as the worst score, 5"
    assert told["c"].reason_zh == "覆盖比例不明；按最差分 5 计"


@pytest.mark.parametrize(("name", "variant"), [*((name, None) for name in scheme_names()), ("cifa-ef", "activity")])
@pytest.mark.parametrize("changed", [{}, {"place": 7, "technology": 6}, {"completeness": 0.9, "method": 2.0}])
def test_every_scheme_explains_every_criterion_with_the_score_it_gives(
    name: str, variant: str | None, changed: dict[str, Any]
) -> None:
    one = scheme(name, variant)
    for evidence in (gathered(1, **{**GRID, **changed}), gathered(1)):
        told = explain(evidence, one)
        assert tuple(part.criterion for part in told) == one.criteria
        np.testing.assert_array_equal([part.score for part in told], one.score(evidence).values[0])
        for part in told:
            assert part.reason_zh != part.reason_en
            assert "{" not in part.reason_zh + part.reason_en


def test_one_candidate_at_a_time() -> None:
    with pytest.raises(StatementError, match="2 candidates"):
        explain(gathered(2), scheme())


def test_words_have_the_same_keys_and_marks_in_both_languages() -> None:
    zh, en = toml("words/rating_zh"), toml("words/rating_en")

    assert {key: set(part) for key, part in zh.items()} == {key: set(part) for key, part in en.items()}
    for group in zh:
        for key, text in zh[group].items():
            marks = [{mark for _, mark, _, _ in Formatter().parse(one) if mark} for one in (text, en[group][key])]
            assert marks[0] == marks[1], key


@pytest.mark.parametrize(
    ("axis", "levels"),
    [("technology", Technology), ("place", Place), ("standing", Standing), ("reliability", Reliability)],
)
def test_every_level_stands_in_the_table_and_no_other(axis: str, levels: Any) -> None:
    named = {row["level"] for row in table("evidence/levels").to_pylist() if row["axis"] == axis}

    assert named == {one.name.lower() for one in levels} - {"unknown", "not_applicable"}
