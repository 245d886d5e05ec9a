"""The rules of the registry: each kept and broken by invented standards; each word filled in, in both languages."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from factordb.model.standard import Level, Standard, StandardFinding, Status, Subject, rules
from factordb.model.vocabulary import Boundary, Severity
from factordb.reference import tables
from factordb.standards.judging import findings_of, same_product
from factordb.standards.progress import coverage, eligibility, post_evaluation
from factordb.standards.records import from_plain, number_of

DAY = date(2026, 11, 27)
TITLE = "温室气体 产品碳足迹量化方法与要求 "


def standard(number: str, level: str = "national", **facts: Any) -> Standard:
    """Return an invented standard for a product that keeps every rule; tests name what differs."""
    product = facts.pop("product_zh", "测试钢")
    usual = {
        "status": Status.IN_FORCE, "subject": Subject.PRODUCT, "title_zh": TITLE + product, "product_zh": product,
        "hs": ("720610",), "end_product": False, "boundary": Boundary.CRADLE_TO_GATE, "issued_on": date(2025, 1, 10),
        "in_force_on": date(2025, 6, 1), "conforms_to": ("GB/T 24067-2024",),
    }  # fmt: skip
    return Standard(number=number, level=Level(level), **{**usual, **facts})


def codes(*given: Standard, evaluated: dict[str, date] | None = None, only: Iterable[str] | None = None) -> list[str]:
    """Return the codes of the broken rules."""
    kept = None if only is None else set(only)
    return [one.code for one in findings_of(given, DAY, evaluated or {}, kept)]


def test_a_standard_that_keeps_every_rule_has_no_finding() -> None:
    assert codes(standard("GB/T 90001-2025")) == []


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("local", "STD001"),
        ("group", "STD002"),
        ("industry", "STD004"),
        ("national", "STD003"),
        ("enterprise", "STD013"),
    ],
)
def test_beside_a_national_standard_each_level_is_told_its_clause(level: str, code: str) -> None:
    assert codes(standard("GB/T 90001-2025"), standard("X/Y 1-2025", level), only=["X/Y 1-2025"]) == [code]


def test_a_group_or_local_standard_beside_an_industry_one_is_told_too() -> None:
    industry = standard("YS/T 1-2025", "industry")
    assert codes(industry, standard("DB11/T 1-2025", "local"), standard("T/A 1-2025", "group")) == ["STD001", "STD002"]


def test_an_industry_standard_is_warned_before_the_national_one_is_in_force() -> None:
    national = standard("GB/T 90001-2026", status=Status.PUBLISHED, issued_on=date(2026, 10, 1),
                        in_force_on=date(2027, 5, 1))  # fmt: skip
    assert codes(national, standard("YS/T 1-2025", "industry")) == ["STD015"]


def test_what_is_withdrawn_or_of_another_product_stands_in_nobodys_way() -> None:
    gone = standard("GB/T 90001-2025", status=Status.WITHDRAWN, ended_on=date(2026, 1, 1))
    other = standard("GB/T 90002-2025", product_zh="测试铝", hs=("760110",))
    assert codes(gone, other, standard("T/A 1-2025", "group")) == []


def test_two_local_standards_of_different_places_are_no_duplicates() -> None:
    here, there = (standard(f"DB{n}/T 1-2025", "local", region=n) for n in ("11", "31"))
    assert codes(here, there) == []
    assert codes(here, standard("DB11/T 2-2025", "local", region="11")) == ["STD003", "STD003"]


def test_one_product_is_known_by_its_name_or_by_a_fine_code_only() -> None:
    steel = standard("A 1-2025")
    assert same_product(steel, standard("A 2-2025", hs=(), product_zh="测试 钢"))
    assert same_product(steel, standard("A 2-2025", product_zh="钢材"))
    assert not same_product(standard("A 1-2025", hs=("7206",)), standard("A 2-2025", hs=("7206",), product_zh="钢材"))
    same_class = {"hs": (), "gbt4754": ("C3120",)}
    assert not same_product(standard("A 1-2025", **same_class), standard("A 2-2025", product_zh="钢材", **same_class))


def test_the_name_rule_blocks_after_the_guideline_and_advises_before() -> None:
    wrong = {"title_zh": "测试钢碳足迹核算规则"}
    assert codes(standard("T/A 1-2025", "group", **wrong)) == ["STD005"]
    before = {"issued_on": date(2024, 12, 27), "in_force_on": date(2025, 1, 1)}
    assert codes(standard("T/A 1-2024", "group", **wrong, **before)) == ["STD014"]
    by_number = {"issued_on": None, "in_force_on": None}
    assert codes(standard("T/A 1-2023", "group", **wrong, **by_number)) == ["STD014"]
    drafted = {"status": Status.DRAFTING, **by_number}
    assert codes(standard("20260001-T-610", **wrong, **drafted)) == ["STD005"]


def test_a_title_with_one_word_changed_is_seen_and_a_wide_blank_is_none() -> None:
    assert codes(standard("A 1-2025", title_zh="温室气体 产品碳足迹量化方法和要求 测试钢")) == ["STD005"]
    assert codes(standard("A 1-2025", title_zh="温室气体　产品碳足迹量化方法与要求　测试钢")) == []


def test_a_general_standard_has_no_product_to_be_named_after() -> None:
    general = standard(
        "GB/T 24067-2024", subject=Subject.GENERAL, title_zh="通则", product_zh="", hs=(), conforms_to=()
    )
    assert codes(general) == []


@pytest.mark.parametrize(
    ("end_product", "boundary", "found"),
    [
        (True, Boundary.CRADLE_TO_GATE, ["STD007"]),
        (True, Boundary.CRADLE_TO_GRAVE, []),
        (False, Boundary.CRADLE_TO_GRAVE, ["STD007"]),
        (None, Boundary.CRADLE_TO_GRAVE, []),
        (True, None, []),
    ],
)
def test_the_boundary_rule_is_asked_only_where_both_are_known(
    end_product: bool | None, boundary: Boundary | None, found: list[str]
) -> None:
    assert codes(standard("A 1-2025", end_product=end_product, boundary=boundary)) == found


@pytest.mark.parametrize(
    "facts",
    [
        {"in_force_on": date(2025, 1, 1)},
        {"in_force_on": date(2027, 1, 1)},
        {"status": Status.PUBLISHED},
        {"status": Status.DRAFTING},
        {"ended_on": date(2026, 1, 1)},
        {"status": Status.WITHDRAWN, "ended_on": date(2025, 2, 1)},
        {"issued_on": date(2026, 12, 1), "in_force_on": date(2027, 1, 1), "status": Status.PUBLISHED},
    ],
    ids=["force before issue", "future", "already in force", "issued draft", "ended", "ended first", "issued tomorrow"],
)
def test_days_and_status_that_cannot_be_true_together_are_told(facts: dict[str, Any]) -> None:
    assert codes(standard("A 1-2025", **facts)) == ["STD008"]


def test_what_is_missing_is_a_gap() -> None:
    assert codes(standard("A 1-2025", hs=())) == ["STD010"]
    assert codes(standard("A 1-2025", conforms_to=())) == ["STD006"]
    assert codes(standard("A 1-2025", conforms_to=("GB/T 24067",))) == []
    assert codes(standard("A 1-2025", conforms_to=("GB/T 240671-2024",))) == ["STD006"]
    replaced = {"status": Status.SUPERSEDED, "ended_on": date(2026, 1, 1)}
    assert codes(standard("A 1-2025", **replaced)) == ["STD009"]
    assert codes(standard("A 1-2025", **replaced, replaced_by="A 1-2026"), standard("A 1-2026")) == []


def test_two_boundaries_for_one_product_are_told_once() -> None:
    group = standard("T/A 1-2025", "group", boundary=Boundary.CRADLE_TO_GRAVE, end_product=None)
    assert sorted(codes(standard("GB/T 90001-2025"), group)) == ["STD002", "STD011"]


def test_a_post_evaluation_puts_the_next_off() -> None:
    old = standard("A 1-2020", issued_on=date(2020, 1, 1), in_force_on=date(2020, 6, 1))
    assert codes(old) == ["STD012"]
    assert codes(old, evaluated={"A 1-2020": date(2025, 1, 1)}) == []
    assert codes(old, evaluated={"A 1-2020": date(2021, 11, 27)}) == ["STD012"]


def test_targets_count_issued_national_and_industry_standards_of_products() -> None:
    many = [standard(f"GB/T 9{n:04}-2025", product_zh=f"钢{n}") for n in range(25)]
    others = [
        standard("YS/T 1-2025", "industry"),
        standard("T/A 1-2025", "group"),
        standard("GB/T 24067-2024", subject=Subject.GENERAL),
        standard("GB/T 80001-2025", status=Status.WITHDRAWN),
        standard("GB/T 80002-2026", status=Status.DRAFTING),
    ]
    found = coverage([*many, *others], DAY)
    assert found["counted"] == 26
    assert found["by_level"] == {"national": 25, "industry": 1, "local": 0, "group": 1, "enterprise": 0}
    assert [(one["year"], one["standards"], one["missing"], one["share"]) for one in found["targets"]] == [
        (2027, 100, 74, 0.26), (2030, 200, 174, 0.13),
    ]  # fmt: skip


def test_eligibility_needs_every_condition_and_the_newest_assessment_counts() -> None:
    group = standard("T/A 1-2024", "group", in_force_on=date(2024, 11, 27))
    cited = [{"database": "甲库", "edition": edition} for edition in ("1", "2")]
    met = [{"criterion": name, "judgement": "met"} for name in ("urgency", "reasonableness", "sources", "tests")]

    def eligible(one: Standard = group, by: Any = cited, assessed: Any = met, day: date = DAY) -> bool:
        return bool(eligibility(one, by, assessed, day)["eligible"])

    assert eligible()
    assert not eligible(standard("GB/T 1-2024", in_force_on=date(2024, 11, 27)))
    assert not eligible(day=date(2026, 11, 26))
    assert not eligible(by=[cited[0], cited[0]])
    assert not eligible(by=[*cited[:1], {"database": "", "edition": "factor"}])
    assert not eligible(assessed=met[:3])
    assert not eligible(assessed=[*met, {"criterion": "tests", "judgement": "partly"}])


def test_the_report_of_clause_12_puts_each_finding_under_its_head() -> None:
    found = findings_of([standard("GB/T 90001-2025"), standard("YS/T 1-2025", "industry")], DAY, {})
    report = post_evaluation(found, {"A 1-2020": [{"conclusion": "keep", "reason": "仍适用"}]})
    assert [one["standard"] for one in report["to_be_withdrawn"]] == ["YS/T 1-2025"]
    assert report["duplicate"] == []
    assert report["concluded"] == [{"number": "A 1-2020", "conclusion": "keep", "reason": "仍适用"}]


def test_every_rule_has_words_and_every_word_a_rule() -> None:
    assert set(rules()["rule"]) == set(tables.toml("words/standard_checks"))
    for code in rules()["rule"]:
        said = StandardFinding(code, Severity.BLOCK, "A 1", "x", "甲", "乙", "B 2").as_dict()
        assert not {"{", "}"} & set(said["zh"] + said["fix_zh"] + said["en"] + said["fix_en"])


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("gb／t 24067—2024", "GB/T 24067-2024"),
        ("GB/T24067-2024", "GB/T 24067-2024"),
        ("DB4403/T 1－2025", "DB4403/T 1-2025"),
        ("T/CPCIF  0391-2024", "T/CPCIF 0391-2024"),
        ("20242294-T-469", "20242294-T-469"),
    ],
)
def test_a_number_has_one_spelling(written: str, number: str) -> None:
    assert number_of(written) == number


def test_a_record_comes_back_from_plain_data() -> None:
    whole = standard("A 1-2025", replaces=("A 1-2020",), end_product=True, region="北京")
    assert from_plain({**whole.as_dict(), "later_field": 1}) == whole


def test_a_new_national_standard_tells_what_can_no_longer_stand_beside_it() -> None:
    old = [standard("YS/T 1-2025", "industry"), standard("DB32/T 1-2025", "local"), standard("T/A 1-2025", "group")]
    assert codes(*old, standard("GB/T 90001-2025"), only=["GB/T 90001-2025"]) == ["STD001", "STD002", "STD004"]


def test_one_database_written_with_a_blank_is_no_second_citation() -> None:
    one = standard("T/A 1-2020", "group", in_force_on=date(2020, 1, 1))
    cited = [{"database": name, "edition": "1"} for name in ("Db", "ｄｂ ", "d b")]
    found = eligibility(one, cited, [], date(2026, 1, 1))["conditions"]
    assert next(each["found"] for each in found if each["condition"] == "citations") == "1"
