"""Forgeries are told by their code; clean packages raise nothing; what cannot be caught is written down."""

import time

import numpy as np
import pytest

from factordb.checks.package import all_package_checks, check_package
from factordb.checks.package.levels import level_of
from factordb.model.submission import Kind
from factordb.model.vocabulary import Outcome, Verdict
from tests.package.clean_packages import clean, made
from tests.package.forgeries import FORGERIES, Forgery, forged, lower_consistently

SEEDS = 3


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("block", range(4))
def test_forty_clean_packages_of_each_kind_raise_nothing(kind: Kind, block: int) -> None:
    for seed in range(block * 10, block * 10 + 10):
        one = made(kind, seed)
        checked = check_package(one.package(), one.context())
        assert [finding.row() for finding in checked.findings] == [], seed
        assert checked.verdict is Verdict.PASS
        assert level_of(one.package(), checked).name == "T4"


def test_the_corpus_has_more_than_forty_kinds_and_names_each_once() -> None:
    assert len(FORGERIES) >= 40
    assert len({one.name for one in FORGERIES}) == len(FORGERIES)


@pytest.mark.parametrize("one", FORGERIES, ids=lambda one: f"{one.code}-{one.name}")
def test_a_forgery_is_told_by_its_code(one: Forgery) -> None:
    for seed in range(SEEDS):
        package = forged(one, seed)
        checked = check_package(package.package(), package.context())
        codes = {finding.code for finding in checked.findings}
        assert one.code in codes, (seed, sorted(codes))
        for finding in checked.findings:
            words = finding.words("zh"), finding.words("en")
            assert all(text.strip() for told in words for text in told.values())
            assert finding.place


def test_every_rule_but_those_for_people_has_its_forgery() -> None:
    rules = {one.code for one in all_package_checks() if one.who != "H"}
    assert rules - {one.code for one in FORGERIES} == set()


def test_a_forgery_of_the_calculation_shows_both_numbers() -> None:
    one = next(each for each in FORGERIES if each.name == "the_claim_is_off_by_44_12")
    package = forged(one, 1)
    found = next(
        each for each in check_package(package.package(), package.context()).findings if each.code == "CALC001"
    )
    assert package.outcome is not None
    assert found.found == package.sheets["factors"][0]["value"]
    assert float(found.expected) == pytest.approx(package.outcome.value, rel=1e-5)
    assert found.found in found.words("zh")["said"]
    assert found.expected in found.words("en")["said"]


@pytest.mark.parametrize("points", [0.5, 1.0])
def test_a_small_consistent_edit_of_both_bases_is_not_caught(points: float) -> None:
    """Documents alone cannot prove truth: the limit is known, and its defence is a result the laboratory signed.

    Carbon lowered on both bases, the report rewritten with it and the claim made anew contradict nothing. From about
    two points on, the heating value does not follow (PHY005).
    """
    one = clean(Kind.FUEL, 2).copy()
    lower_consistently(one, points, np.random.default_rng(5))
    assert [each.code for each in check_package(one.package(), one.context()).findings] == []


def test_a_larger_consistent_edit_shows_in_the_heating_value() -> None:
    caught = 0
    for seed in range(8):
        one = clean(Kind.FUEL, seed).copy()
        lower_consistently(one, 4.0, np.random.default_rng(seed))
        caught += "PHY005" in {each.code for each in check_package(one.package(), one.context()).findings}
    assert caught >= 7


def test_a_package_is_checked_in_milliseconds() -> None:
    spent = []
    for kind in Kind:
        one = clean(kind, 0)
        package, context = one.package(), one.context()
        check_package(package, context)
        for _ in range(3):
            context = one.context()
            begun = time.process_time()
            check_package(package, context)
            spent.append(time.process_time() - begun)
    assert float(np.median(spent)) < 0.03, "3 ms on a quiet machine; ten times that is a fault"


def test_outcomes_are_told_of_every_rule() -> None:
    one = clean(Kind.FUEL, 0)
    checked = check_package(one.package(), one.context())
    assert [each.code for each in checked.outcomes] == [each.code for each in all_package_checks()]
    assert {each.outcome for each in checked.outcomes} == {Outcome.KEPT, Outcome.NOT_ASKED}
    assert all(bool(each.why) == (each.outcome is Outcome.NOT_ASKED) for each in checked.outcomes)
