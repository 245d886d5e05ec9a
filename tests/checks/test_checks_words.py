"""Words of rules and refusals, and the page made of them."""

import re
from pathlib import Path

import pytest

from factordb.checks.catalogue import worded_codes, words_of
from factordb.checks.docs import page
from factordb.formats.raw_table import FAULTS
from factordb.reference import toml
from factordb.values import refusal_words
from tests.checks.asking_checks import REGISTRY

KEYS = ["title_zh", "title_en", "zh", "en", "why_zh", "why_en", "fix_zh", "fix_en"]
WORDS = toml("words/checks")
INTAKE = {"FMT001", "FMT002", "FMT003", "FMT004", "FMT005", "VAL001", "UNI001", "TRA001", *FAULTS}
"""Codes under which intake refuses a row (store) or a row cannot be read (formats)."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def placeholders(text: str) -> list[str]:
    return sorted(set(re.findall(r"\{(\w*)\}", text)))


def test_every_rule_and_refusal_has_words_and_nothing_else_has() -> None:
    assert set(WORDS) == {*REGISTRY.codes, *INTAKE}
    assert not set(WORDS) & set(refusal_words())


@pytest.mark.parametrize("code", list(WORDS))
def test_words_are_complete_and_alike_in_both_languages(code: str) -> None:
    words = WORDS[code]

    assert list(words) == KEYS
    assert all(words.values())
    for key in ("title_{}", "{}", "why_{}", "fix_{}"):
        zh, en = words[key.format("zh")], words[key.format("en")]
        assert placeholders(zh) == placeholders(en)
        assert set(placeholders(zh)) <= {"found", "expected", "detail"}
        assert _CHINESE.search(zh)
        assert not re.search(r"(?<=[\u4e00-\u9fff])[,;:()]|[,;:()](?=[\u4e00-\u9fff])", zh), "full-width marks"


@pytest.mark.parametrize("one", list(REGISTRY), ids=lambda one: one.code)
def test_the_english_title_is_the_rule(one: object) -> None:
    assert words_of(one.code)["title_en"] == one.rule  # type: ignore[attr-defined] # a Check


@pytest.mark.parametrize("code", list(FAULTS))
def test_unreadable_rows_are_told_as_by_their_reader(code: str) -> None:
    assert placeholders(WORDS[code]["en"]) == placeholders(FAULTS[code].en)


def test_words_of_the_grammars_are_found_too() -> None:
    assert words_of("UNI102")["fix_en"] == refusal_words()["UNI102"]["fix_en"]
    assert {"UNI102", "VAL102", "GAS003", "FMT003"} <= set(worded_codes())


def test_the_page_in_docs_is_the_one_that_is_generated() -> None:
    written = Path(__file__).parents[2] / "docs" / "checks.md"
    assert written.read_text(encoding="utf-8") == page(), "run python -m factordb.checks.docs > docs/checks.md"


def test_the_page_tells_of_every_code() -> None:
    text = page()
    assert [code for code in worded_codes() if f"| {code} |" not in text] == []
    assert "{found!r}" not in text
