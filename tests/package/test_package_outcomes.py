"""Every rule of the checklist has a kept, a broken and a not-asked case; the table is generated from cases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from factordb.checks.package import all_package_checks, check_package
from factordb.checks.package.base import PackageCheck, PackageRegistry, check
from factordb.checks.package.context import Context, LibraryFacts, PdfFacts, ReportSeen, SignatureFacts
from factordb.checks.package.form import ALPHABET, credit_code_holds
from factordb.checks.package.reading import holes, last_digit
from factordb.errors import UsageError
from factordb.model.package_finding import PackageFinding, package_words, verdict_of
from factordb.model.submission import Kind, Package, sheets
from factordb.model.vocabulary import Outcome, Severity, Verdict
from factordb.reference import tables
from tests.package.clean_packages import TODAY, Made, clean
from tests.package.forgeries import FORGERIES, digital, forged, published, signed_by_the_laboratory, with_coal

PEOPLE = {one.code for one in all_package_checks() if one.who == "H"}


def _received(one: Made) -> None:
    """As the receiving side sees it: a signed bag, and a library that knows others."""
    one.bagged = True
    one.signature = SignatureFacts("zhang-san", holds=True, key_valid=True)
    value = float(one.sheets["factors"][0]["value"])
    seen = ReportSeen("示范检测公司", "MJ240110", date(2024, 2, 1), "SUB-OTHER")
    one.library = LibraryFacts(factors=(published(one, value * 1.1, plant="other"),), reports=(seen,))


def _cases() -> Iterator[Made]:
    for kind in Kind:
        yield clean(kind, 0)
        received = clean(kind, 0).copy()
        _received(received)
        yield received
    signed = clean(Kind.CHAMBER, 1).copy()
    digital(signed)
    yield signed
    supported = clean(Kind.FUEL, 1).copy()
    signed_by_the_laboratory(supported)
    yield supported
    coal = clean(Kind.CEMS, 1).copy()
    with_coal(coal, 1.0)
    yield coal
    coded = clean(Kind.FUEL, 1).copy()
    for row in coded.sheets["tests"]:
        coded.pdfs[row["file"]] = replace(coded.pdfs[row["file"]], codes=(f"demonstration?no={row['report_no']}",))
    yield coded
    changed = clean(Kind.FUEL, 2).copy()
    old = changed.sheets["instruments"][0]
    new = dict(old, instrument_id="scale9", serial="DEMO-99999-new", used_from="2025-07-01")
    old["used_to"] = "2025-06-30"
    changed.sheets["instruments"].append(new)
    second = changed.sheets["certificates"][1]
    second.update(instrument_id="scale9", serial=new["serial"])
    changed.pdfs[second["file"]] = PdfFacts(1, text=f"{second['certificate_no']} {new['serial']}")
    yield changed


@cache
def _outcomes() -> dict[str, set[Outcome]]:
    found: dict[str, set[Outcome]] = {one.code: set() for one in all_package_checks()}
    checked = [check_package(one.package(), one.context()) for one in _cases()]
    checked.append(check_package(Package("", {}, {}), Context(today=TODAY)))
    for one in checked:
        for answer in one.outcomes:
            found[answer.code].add(answer.outcome)
    return found


@pytest.mark.parametrize("one", list(all_package_checks()), ids=lambda one: one.code)
def test_a_rule_is_kept_broken_and_not_asked(one: PackageCheck) -> None:
    outcomes = _outcomes()[one.code]
    assert Outcome.NOT_ASKED in outcomes
    if one.code not in PEOPLE:
        assert Outcome.KEPT in outcomes
        assert any(each.code == one.code for each in FORGERIES), "the corpus breaks it"


def test_no_clean_case_breaks_a_rule() -> None:
    for one in _cases():
        findings = check_package(one.package(), one.context()).findings
        if one.kind is Kind.FUEL and len(one.sheets["instruments"]) > 1:
            findings = tuple(each for each in findings if each.code != "CAL002")  # one certificate each: a hole
        assert [each.row() for each in findings] == []


def test_most_rules_are_automatic() -> None:
    assert sum(one.who in {"A", "AH"} for one in all_package_checks()) >= 65
    assert {"ACT004", "DOC004"} == PEOPLE


def test_rules_for_people_come_with_what_to_look_at() -> None:
    one = clean(Kind.FUEL, 0)
    views = {each.code: each.quotes for each in check_package(one.package(), one.context()).views}
    assert {"ACT004", "DOC004", "SMP005", "ACT001"} <= set(views)
    assert all(quote.place for quotes in views.values() for quote in quotes)


def test_offline_rules_that_need_the_library_are_listed_as_not_asked() -> None:
    one = clean(Kind.FUEL, 0)
    why = {each.code: each.why for each in check_package(one.package(), one.context()).outcomes}
    assert {code for code, word in why.items() if word == "library"} == {"IDN002", "CMP101"}
    assert why["PKG001"] == "bag"
    assert why["PKG002"] == "signature"


def test_every_reason_for_not_asking_has_its_words() -> None:
    words = tables.toml("words/package_checklist")["not_asked"]
    given = {ground.why for one in all_package_checks() for ground in one.grounds} | {"person", "kind", "sheet"}
    assert given <= set(words)


def test_words_are_those_of_the_rules() -> None:
    words = package_words()
    assert list(words) == [one.code for one in all_package_checks()]
    for one in all_package_checks():
        assert words[one.code]["title_en"] == one.rule


def test_thresholds_have_value_unit_basis_status_and_date() -> None:
    for name, facts in tables.toml("thresholds/package").items():
        assert {"unit", "zh", "en", "basis", "status", "date"} <= set(facts), name
        assert ("value" in facts) != ("values" in facts), name
        assert facts["status"] in {"law", "standard", "practice", "ours"}, name


def test_a_second_rule_of_one_code_is_refused() -> None:
    first = next(iter(all_package_checks()))
    with pytest.raises(UsageError):
        PackageRegistry([first, first])
    with pytest.raises(ValueError, match="no code"):
        check("ABC1", basis="ours", severity=Severity.BLOCK)


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ([], Verdict.PASS),
        ([("advise", True)], Verdict.PASS),
        ([("review", True)], Verdict.NEEDS_PERSON),
        ([("gap", False), ("review", True)], Verdict.NEEDS_PERSON),
        ([("gap", True), ("review", True)], Verdict.INSUFFICIENT),
        ([("gap", True), ("block", True)], Verdict.FAIL),
    ],
)
def test_the_gravest_finding_makes_the_verdict(severities: list[tuple[str, bool]], verdict: Verdict) -> None:
    findings = [PackageFinding("PKG003", Severity(word), core, "", "") for word, core in severities]
    assert verdict_of(findings) is verdict


def test_holes_are_what_the_union_of_intervals_leaves() -> None:
    """The second interval lies within the first, the third overlaps it, a day is missing before the fourth."""
    days = [date(2025, 1, one) for one in range(1, 32)]
    covered = [(days[0], days[9]), (days[2], days[4]), (days[8], days[14]), (days[16], days[20])]
    assert holes((days[0], days[30]), covered) == [(days[15], days[15]), (days[21], days[30])]
    assert holes((days[0], days[30]), []) == [(days[0], days[30])]
    assert holes((days[3], days[8]), covered) == []


@pytest.mark.parametrize(
    ("written", "unit"), [("57.32", 0.01), ("21000", 1.0), ("1.20e3", 10.0), ("0.5", 0.1), ("1e-3", 0.001)]
)
def test_the_last_digit_has_its_unit(written: str, unit: float) -> None:
    assert last_digit(written) == pytest.approx(unit)


def test_the_form_says_a_good_credit_code() -> None:
    """The example of the form has the check character of GB 32100-2015; any other last character has not."""
    good = next(one.good for one in sheets()["submission"].fields if one.name == "credit_code")
    assert credit_code_holds(good)
    assert [letter for letter in ALPHABET if credit_code_holds(good[:-1] + letter)] == [good[-1]]
    assert not credit_code_holds(good[:-1])
    assert not credit_code_holds("I" + good[1:])


def test_late_calibration_is_for_a_person_once_it_was_treated() -> None:
    one = forged(next(each for each in FORGERIES if each.name == "late_and_not_treated"), 0)
    one.sheets["certificates"][1]["late_days_treated"] = "yes"
    codes = {each.code: each.severity for each in check_package(one.package(), one.context()).findings}
    assert codes == {"CAL009": Severity.REVIEW}
