"""The checklist is told: on its page, by the program, and as facts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from factordb import describe_checks
from factordb.checks.package import all_package_checks
from factordb.checks.package.page import page
from factordb.errors import NotFoundError

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_its_generator_writes() -> None:
    written = (ROOT / "docs" / "package-checks.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: python -m factordb.docs package-checks.md"


def test_the_page_tells_every_rule_once_and_every_basis() -> None:
    text = page()
    for one in all_package_checks():
        assert text.count(f"\n### {one.code} ") == 1
        assert one.basis.split("|")[0] in text


def test_rules_are_described_like_checks() -> None:
    rules = describe_checks(package=True)
    assert [one["code"] for one in rules] == [one.code for one in all_package_checks()]
    assert set(describe_checks("GAS003")[0]) <= set(rules[0])
    assert describe_checks("CAL002")[0]["title_zh"] == "证书须无间断地覆盖整个使用期"
    with pytest.raises(NotFoundError):
        describe_checks("GAS003", package=True)


def test_codes_of_rules_and_of_checks_are_never_the_same() -> None:
    assert {one["code"] for one in describe_checks()} & {one["code"] for one in describe_checks(package=True)} == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_program_lists_the_checklist_and_shows_a_rule(lang: str) -> None:
    program = [Path(sys.executable).parent / "factordb", "--lang", lang, "checks"]
    told = subprocess.run([*program, "--package", "--json"], capture_output=True, check=True, cwd=ROOT)
    assert len(json.loads(told.stdout)) == len(all_package_checks())
    one = subprocess.run([*program, "CALC001"], capture_output=True, check=True, cwd=ROOT)
    title = describe_checks("CALC001")[0][f"title_{lang}"]
    assert title in one.stdout.decode()
