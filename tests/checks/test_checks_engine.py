"""The engine: requirements, grounds, counts and outcomes."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from factordb.checks.base import FAMILIES, RELATIONS, Registry, check, counting, fill, outcomes_of, rows_that
from factordb.checks.catalogue import digest
from factordb.errors import UsageError
from factordb.model.vocabulary import Severity
from factordb.reference import toml
from tests.checks.asking_checks import REGISTRY, appraisal, ask_all, candidate, subset


def made(code: str, *, requires: tuple[str, ...] = (), broken: str = "false", when: str = "true") -> Any:
    """Return a check over the value."""

    def rule() -> Any:
        """A rule made for a test."""
        return rows_that(broken, field="value")

    return check(code, clause="test", severity=Severity.REVIEW, requires=requires, when=when)(rule)


def test_a_second_check_of_one_code_is_refused() -> None:
    with pytest.raises(UsageError, match="two checks are called VAL001"):
        Registry([made("VAL001"), made("VAL001")])


def test_an_unknown_requirement_is_refused() -> None:
    with pytest.raises(UsageError, match="VAL001 requires VAL777"):
        Registry([made("VAL001", requires=("VAL777",))])


def test_a_circle_is_refused() -> None:
    circle = Registry([made("VAL001", requires=("VAL002",)), made("VAL002", requires=("VAL001",)), made("VAL003")])
    with pytest.raises(UsageError, match="circle: VAL001, VAL002"):
        circle.in_asking_order()


@pytest.mark.parametrize("code", ["VAL-01", "V001", "val001", "VAL0001", ""])
def test_a_code_is_three_or_four_capitals_and_three_digits(code: str) -> None:
    with pytest.raises(ValueError, match="is no code"):
        made(code)


def test_a_check_without_its_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="has no docstring"):
        check("VAL001", clause="test", severity=Severity.BLOCK)(lambda: "SELECT 1")


def test_closure_reaches_through_requirements() -> None:
    chain = Registry([made("VAL001"), made("VAL002", requires=("VAL001",)), made("VAL003", requires=("VAL002",))])

    assert chain.closure("VAL003") == ("VAL002", "VAL001")
    assert [one.code for one in chain.in_asking_order()] == ["VAL001", "VAL002", "VAL003"]


def test_ground_holds_the_evidence_of_all_it_requires() -> None:
    chain = Registry([made("VAL001", when="c.value > 0"), made("VAL002", requires=("VAL001",), when="c.gas = 'CO2'")])

    assert chain.ground("VAL001") == "coalesce((c.value > 0), false)"
    assert chain.ground("VAL002") == "coalesce((c.gas = 'CO2'), false) AND coalesce((c.value > 0), false)"


def test_what_rests_on_broken_ground_is_not_asked(tmp_path: Path) -> None:
    rows = [candidate(number, {"value_text": text}) for number, text in enumerate(("1", "-1", "5"))]
    chain = Registry([
        made("VAL001", broken="c.value < 0"),
        made("VAL002", requires=("VAL001",), broken="c.value <> 1"),
        made("VAL003", requires=("VAL002",), when="c.value < 4"),
    ])  # fmt: skip
    with appraisal(tmp_path, rows) as work:
        ask_all(work, chain)
        outcomes = {
            name: dict(work.connection.execute(outcomes_of(chain, f"'{name}'")).fetchall())
            for name in ("c0", "c1", "c2")
        }
        counts = work.connection.execute(
            "SELECT code, kept, broken, not_asked FROM rule_count ORDER BY code"
        ).fetchall()

    assert outcomes == {
        "c0": {"VAL001": "kept", "VAL002": "kept", "VAL003": "kept"},
        "c1": {"VAL001": "broken", "VAL002": "not_asked", "VAL003": "not_asked"},
        "c2": {"VAL001": "kept", "VAL002": "broken", "VAL003": "not_asked"},
    }
    assert counts == [("VAL001", 2, 1, 0), ("VAL002", 1, 1, 1), ("VAL003", 1, 0, 2)]


def test_counts_of_no_candidates_are_zero(tmp_path: Path) -> None:
    with appraisal(tmp_path, []) as work:
        ask_all(work, REGISTRY)
        assert work.connection.execute(
            "SELECT DISTINCT candidates, kept, broken, not_asked FROM rule_count"
        ).fetchall() == [(0, 0, 0, 0)]


def dirty_rows(seed: int, size: int = 60) -> list[dict[str, Any]]:
    """Return rows of which many break something."""
    draw = random.Random(seed)  # noqa: S311 - rows for a test
    rows = []
    for number in range(size):
        facts: dict[str, Any] = {
            "value_text": draw.choice(["3.1", "-1", "0", "186.319682732636", "31", "<0.1"]),
            "unit_text": draw.choice(["kgCO2e/kg", "kgCO2/kg", "gNOx/km", "%", "kgCO2e/GJ"]),
            "source_place": draw.choice([None, "p. 1", "p. 2"]),
            "region": draw.choice([None, "CN"]),
            "tier": draw.choice(["official", "literature", "measured_unverified"]),
            "reference_year": draw.choice([None, 1950, 2020, 2024, 2099]),
            "gwp_set": draw.choice([None, "AR5", "AR99"]),
            "factor_id": draw.choice(["f1", f"f{number}"]),
            "cv_percent": draw.choice([None, 0.0, 0.2, 12.0]),
            "bound_low": draw.choice([None, 3.0]),
            "bound_high": draw.choice([None, 2.0, 3.2]),
            "read_from": draw.choice([None, "a website"]),
            "name_en": draw.choice([None, "diesel", "柴油"]),
        }
        if facts["value_text"] == "<0.1":
            facts |= {"value": None, "value_form": "below"}
        rows.append(candidate(number, facts))
    return rows


@pytest.mark.parametrize("offline", [False, True])
def test_kept_broken_and_not_asked_add_up_and_agree_with_outcomes(tmp_path: Path, *, offline: bool) -> None:
    rows = dirty_rows(7)
    with appraisal(tmp_path, rows) as work:
        ask_all(work, REGISTRY, offline=offline)
        counts = {
            code: tally
            for code, *tally in work.connection.execute(
                "SELECT code, kept, broken, not_asked FROM rule_count"
            ).fetchall()
        }
        outcomes = [
            dict(work.connection.execute(outcomes_of(REGISTRY, f"'{row['candidate_id']}'", offline=offline)).fetchall())
            for row in rows
        ]

    assert set(counts) == set(REGISTRY.codes)
    for code, tally in counts.items():
        told = [outcome[code] for outcome in outcomes]
        assert tally == [told.count(word) for word in ("kept", "broken", "not_asked")], code
        assert sum(tally) == len(rows)
    library_rules = [one.code for one in REGISTRY if one.needs_library]
    assert all((counts[code] == [0, 0, len(rows)]) is offline for code in library_rules)


def test_a_finding_says_where_and_carries_the_severity_of_its_rule(tmp_path: Path) -> None:
    rows = [candidate(0, {"value_text": "-1", "place": "t.csv!B7"})]
    with appraisal(tmp_path, rows) as work:
        ask_all(work, subset(["VAL013"]))
        found = work.connection.execute("SELECT batch_id, severity, field, place, found FROM finding").fetchall()

    assert found == [("batch-1", "block", "value", "t.csv!B7", "-1")]


def test_more_rules_than_one_word_of_bits(tmp_path: Path) -> None:
    many = Registry([made(f"VAL{number:03}", broken=f"c.value = {number}") for number in range(130)])
    rows = [candidate(number, {"value_text": str(number)}) for number in range(130)]
    with appraisal(tmp_path, rows) as work:
        ask_all(work, many)
        assert work.connection.execute("SELECT DISTINCT kept, broken, not_asked FROM rule_count").fetchall() == [
            (129, 1, 0)
        ]


def test_every_check_names_known_families_limits_and_relations() -> None:
    limits = toml("thresholds/checks")
    for one in REGISTRY:
        assert one.family in FAMILIES, one.code
        assert set(re.findall(r"threshold WHERE name = '(\w+)'", one.sql)) <= {
            n for n in limits if "value" in limits[n]
        }
        ctes = set(re.findall(r"(\w+) AS (?:MATERIALIZED )?\(", one.sql))
        read = set(re.findall(r"(?:(?<!DISTINCT )FROM|JOIN) (\w+)", one.sql))
        assert read - ctes <= {*RELATIONS, "contract_violation"}, one.code


def test_grounds_need_nothing_but_what_is_published() -> None:
    """`factor explain` asks for outcomes of one candidate in the read model, where reference relations do not stand."""
    for one in REGISTRY:
        assert set(re.findall(r"(?:FROM|JOIN) (\w+)", one.when)) <= {"gas_amount", "candidate"}, one.code


def test_every_threshold_is_used_or_another_room_uses_it() -> None:
    elsewhere = {"recipe_tolerance", "copies_differ_tolerance", "gsd_min", "gsd2_review", "year_change_review",
                 "mass_balance_tolerance", "expression_share_tolerance"}  # fmt: skip
    used = {name for one in REGISTRY for name in re.findall(r"threshold WHERE name = '(\w+)'", one.sql)}
    named = {name for name, entry in toml("thresholds/checks").items() if "value" in entry}

    assert named - used == elsewhere | {"jump_tolerance", "jump_tolerance_ten"}


def test_the_rule_set_changes_with_any_rule() -> None:
    one, other = (Registry([made("VAL001", broken=broken)]) for broken in ("c.value < 0", "c.value <= 0"))

    assert digest(one) != digest(other)
    assert digest(one) == digest(Registry([made("VAL001", broken="c.value < 0")]))


def test_facts_fill_a_message() -> None:
    assert fill("{found} / {expected!r} / {detail}", {"found": 0, "expected": "", "detail": "x"}) == "0 / — / x"


def test_at_least_forty_checks_of_ten_families() -> None:
    assert len(REGISTRY) >= 40
    assert {one.family for one in REGISTRY} == set(FAMILIES)
    assert counting(REGISTRY).startswith("INSERT INTO rule_count")


def test_every_check_is_shown_kept_broken_and_not_asked() -> None:
    """The tables of this folder; a rule without ground and requirement is asked of everybody."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_checks_*.py")))
    tables = re.findall(r'"""((?:(?!""").)*?)"""\s+ask\("(\w+)"\)', text, flags=re.DOTALL)
    shown = {code: "".join(table for table, asked in tables if asked == code) for _, code in tables}

    assert set(REGISTRY.codes) - set(shown) == {"PLA006"}, "its family of series has a test of its own"
    for code, table in shown.items():
        if REGISTRY[code].when != "true" or REGISTRY.closure(code):
            assert "not asked" in table, code
