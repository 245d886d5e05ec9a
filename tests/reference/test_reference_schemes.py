"""Rating schemes, promotion policies, order of sources: complete, monotone, numbers with a basis."""

from typing import Any

import pytest

from factordb.model.vocabulary import Kind, Tier, Verdict
from factordb.reference import names, table, toml

SCHEMES = [name for name in names(".toml") if name.startswith("rating/")]
POLICIES = [name for name in names(".toml") if name.startswith("policy/")]
Classes = list[dict[str, Any]]


def _lists(scheme: dict[str, Any]) -> list[tuple[str, Classes]]:
    return [
        (f"{criterion}.{key}", value)
        for criterion, body in scheme["criterion"].items()
        for key, value in body.items()
        if isinstance(value, list)
    ]


def _limit_problems(classes: Classes) -> list[str]:
    """Return what is wrong with the limits of classes listed from best to worst."""
    problems = []
    for key, rising in (("max", True), ("below", True), ("min", False)):
        limits = [one[key] for one in classes if key in one]
        if limits != sorted(set(limits), reverse=not rising):
            problems.append(f"{key} {limits} is not monotone")
        if limits and len(limits) != len(classes) - 1:
            problems.append(f"{key} stands in {len(limits)} of {len(classes)} classes")
        if limits and key in classes[-1]:
            problems.append(f"the worst class has a {key}")
    return problems


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_scores_every_criterion_from_best_to_worst(name: str) -> None:
    scheme = toml(name)
    head = scheme["scheme"]
    scores = list(range(head["best"], head["worst"] + 1))

    assert head["criteria"] == list(scheme["criterion"])
    assert head["version"]
    assert head["basis"]
    assert head["title_zh"]
    assert head["title_en"]
    lists = _lists(scheme)
    assert {label.partition(".")[0] for label, _ in lists} == set(head["criteria"])
    for label, classes in lists:
        assert [one["score"] for one in classes] == scores, label
        assert _limit_problems(classes) == [], label
        for one in classes:
            assert ("zh" in one) == ("en" in one), label


@pytest.mark.parametrize("name", SCHEMES)
def test_bands_rise_and_the_last_is_open(name: str) -> None:
    bands = toml(name).get("band", [])
    limits = [band["max"] for band in bands[:-1]]

    assert limits == sorted(set(limits))
    assert not bands or "max" not in bands[-1]
    assert all(band["zh"] and band["en"] for band in bands)


def test_missing_is_never_best() -> None:
    for name in SCHEMES:
        head = toml(name)["scheme"]
        assert head["unknown"] in {"refuse", head["worst"]}, name


def test_ilcd_formula_gives_the_published_vector() -> None:
    """TeR 1, GR not applicable, TiR 3, C 2, P 3, M 2 -> 2.5556 (ILCD Handbook, annex A; domain notes)."""
    head = toml("rating/ilcd")["scheme"]
    scores = [1, 3, 2, 3, 2]
    weight = head["worst_weight"]

    assert head["not_applicable"] == "not_counted"
    assert (sum(scores) + weight * max(scores)) / (len(scores) + weight) == pytest.approx(2.5556, abs=5e-5)


@pytest.mark.parametrize(
    ("cv", "score"), [(2.98, 1), (8.9, 2), (12.2258225324028, 3), (18.6, 4), (376.9, 5)]
)  # clinker, primary aluminium, BOF steel, power coal, valve CH4: CVs of the national database
@pytest.mark.parametrize("place", [("rating/cifa_ef", "secondary"), ("rating/ilcd", "classes")])
def test_official_cvs_fall_on_the_precision_scale(cv: float, score: int, place: tuple[str, str]) -> None:
    name, key = place
    classes = toml(name)["criterion"]["p"][key]

    assert next(one["score"] for one in classes if cv <= one.get("max", float("inf"))) == score


def test_default_time_classes_are_those_of_secondary_data() -> None:
    classes = toml("rating/cifa_ef")["criterion"]["ti"]["secondary"]

    assert [one.get("max") for one in classes] == [0, 2, 3, 4, None]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_has_a_floor_on_every_dimension_and_a_basis_for_every_number(name: str) -> None:
    policy = toml(name)
    scheme = toml("rating/" + policy["policy"]["scheme"].replace("-", "_"))

    assert {"dqr", *scheme["scheme"]["criteria"]} <= set(policy["limit"])
    for dimension, limit in policy["limit"].items():
        assert scheme["scheme"]["best"] <= limit["max"] < scheme["scheme"]["worst"], dimension
        assert limit["basis"]
        assert limit["zh"]
        assert limit["en"]
        assert limit["date"]
    assert {Verdict(one) for one in policy["require"]["verdict"]} == {Verdict.PASS}
    assert {Kind(one) for one in policy["require"]["kinds"]}
    assert policy["require"]["demonstration"] is False


def test_the_stricter_policy_is_stricter_everywhere() -> None:
    plain, strict = (toml(f"policy/{name}")["limit"] for name in ("clause5", "guideline468"))

    assert all(strict[dimension]["max"] < plain[dimension]["max"] for dimension in plain)


def test_order_of_sources_is_that_of_clause_5() -> None:
    rank = {row["tier"]: int(row["rank"]) for row in table("tiers/source_tiers").to_pylist()}

    assert set(rank) == set(Tier)
    assert rank[Tier.MEASURED_VERIFIED] < rank[Tier.OFFICIAL] < rank[Tier.INDUSTRY] < rank[Tier.LITERATURE]
    assert rank[Tier.LITERATURE] < rank[Tier.ESTIMATED]
    assert rank[Tier.MEASURED_UNVERIFIED] == rank[Tier.INDUSTRY], "unverified measurement does not win by its label"


@pytest.mark.parametrize("name", POLICIES)
def test_policies_allow_the_tiers_in_that_order(name: str) -> None:
    rows = {row["tier"]: row for row in table("tiers/source_tiers").to_pylist()}
    tiers = toml(name)["order"]["tiers"]
    ranks = [int(rows[tier]["rank"]) for tier in tiers]

    assert ranks == sorted(ranks)
    assert {tier for tier, row in rows.items() if row["allowed"] == "yes"} == set(tiers)


def test_trace_levels_end_at_the_first_place() -> None:
    levels = table("tiers/trace_levels").to_pylist()

    assert [level["level"] for level in levels] == ["T0", "T1", "T2", "T3", "T4"]
    assert [int(level["rank"]) for level in levels] == [4, 4, 4, 3, 1]
    assert {Tier(level["counts_as"]) for level in levels} == {Tier.MEASURED_UNVERIFIED, Tier.MEASURED_VERIFIED}
