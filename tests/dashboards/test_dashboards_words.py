import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache

import pytest

from tests.conftest import ROOT

WORDS = ROOT / "factordb" / "reference" / "words"
PAGES = sorted((ROOT / "dashboards").rglob("*.py"))
ASKED = re.compile(r"""\bt\(\s*["']([a-z]+\.[a-z_0-9]+)["']""")
MADE = re.compile(r"""\b(?:t\(\s*f["']([a-z]+)\.\{|maybe\(\s*["']([a-z]+)["'])""")


@cache
def words(lang: str) -> Mapping[str, Mapping[str, str]]:
    merged: dict[str, dict[str, str]] = {}
    for file in sorted(WORDS.glob(f"dashboard*_{lang}.toml")):
        for section, names in tomllib.loads(file.read_text(encoding="utf-8")).items():
            assert not set(names) & set(merged.get(section, {})), f"{file.name} says [{section}] anew"
            merged.setdefault(section, {}).update(names)
    return merged


def keys(lang: str) -> set[str]:
    return {f"{section}.{name}" for section, names in words(lang).items() for name in names}


def marks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_marks() -> None:
    assert keys("zh") == keys("en")
    zh, en = words("zh"), words("en")
    assert [f"{s}.{n}" for s in zh for n in zh[s] if marks(zh[s][n]) != marks(en[s][n])] == []


def test_no_word_is_empty_and_chinese_is_chinese() -> None:
    same = {"desk.dev", "column.sha256", "column.kgco2e"}
    for section, names in words("zh").items():
        for name, text in names.items():
            assert text.strip()
            assert words("en")[section][name].strip()
            assert f"{section}.{name}" in same or text != words("en")[section][name]


def test_chinese_words_use_chinese_punctuation() -> None:
    """A comma or colon between Chinese words is full-width."""
    half = re.compile(r"[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]")
    assert [text for names in words("zh").values() for text in names.values() if half.search(text)] == []


def test_every_word_that_a_page_asks_for_is_there() -> None:
    asked = {key for path in PAGES for key in ASKED.findall(path.read_text(encoding="utf-8"))}
    assert len(asked) > 40
    assert asked - keys("zh") == set()


def test_every_word_is_asked_for() -> None:
    """Sections whose keys are made from values (`t(f"column.{name}")`) are left out."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    made = {section for found in MADE.findall(source) for section in found if section}
    idle = {
        key
        for key in keys("zh")
        if key.partition(".")[0] not in made and not re.search(f"""["']{re.escape(key)}["']""", source)
    }
    assert idle == set()


@pytest.mark.parametrize("section", ["column", "page", "change"])
def test_keys_made_from_values_name_something_of_the_pages(section: str) -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    known = source + "added changed withdrawn superseded expired demoted"
    assert [name for name in words("zh")[section] if not re.search(rf"\b{name}\b", known)] == []


def test_every_event_of_the_records_has_its_word() -> None:
    """What the ledger page lists is said in words; a kind of event without one would stand there as a raw key."""
    kinds = set()
    for path in (ROOT / "factordb").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        kinds |= set(re.findall(r'history\.record\(\s*opened,\s*"([a-z_]+)"', text))
        kinds |= set(re.findall(r'^EVENT: Final = "([a-z_]+)"', text, re.MULTILINE))
    assert len(kinds) > 8
    assert kinds - set(words("zh")["event"]) == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_headings_of_a_table_are_one(lang: str) -> None:
    """A table is keyed by its headings: a second one of the same words would take the first one's place."""
    names = re.compile(r"COLUMNS = \(([^)]*)\)")
    head = words(lang)["column"]
    for path in PAGES:
        for listed in names.findall(path.read_text(encoding="utf-8")):
            shown = [head[one] for one in re.findall(r'"([a-z_0-9]+)"', listed)]
            assert len(shown) == len(set(shown)), f"{path.name}: {shown}"
