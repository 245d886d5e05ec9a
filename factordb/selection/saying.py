"""Sentences of choice and comparison, each in Chinese and English."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from factordb.reference import table, toml
from factordb.selection import places
from factordb.selection.flags import known_flags

LANGUAGES: Final = ("zh", "en")


def said(key: str, **facts: object) -> dict[str, str]:
    """Return {"zh", "en"}: the words of `key` ("section.name"); a fact that is a pair is taken per language."""
    section, _, name = key.partition(".")
    return {
        lang: str(toml_words(lang)[section][name]).format(**{one: _in(lang, fact) for one, fact in facts.items()})
        for lang in LANGUAGES
    }


@cache
def toml_words(lang: str, name: str = "search") -> Mapping[str, Any]:
    """Return the words of one language."""
    return toml(f"words/{name}_{lang}")


@cache
def _tiers() -> Mapping[str, Mapping[str, str]]:
    return {row["tier"]: row for row in table("tiers/source_tiers").to_pylist()}


def place(code: str | None) -> dict[str, str]:
    """Return a region in words with its code; "not stated" without one."""
    names = places.names(code)
    if not code or not names:
        return {lang: code or toml_words(lang)["missing"]["none"] for lang in LANGUAGES}
    return {lang: f"{name} ({code})" for lang, name in zip(LANGUAGES, names, strict=True)}


def tier(name: str) -> dict[str, str]:
    """Return a kind of source in words."""
    row = _tiers()[name]
    return {lang: row[f"title_{lang}"] for lang in LANGUAGES}


def flag(name: str) -> dict[str, str]:
    """Return what a flag means."""
    row = known_flags()[name]
    return {lang: row[lang] for lang in LANGUAGES}


def or_missing(value: object) -> object:
    """Return the value, or "not stated" in both languages."""
    if value is None or value == "":
        return {lang: toml_words(lang)["missing"]["none"] for lang in LANGUAGES}
    return value


def title(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of a factor in both languages, with the beginning of its identifier."""
    own = {lang: row[f"name_{lang}"] or row["name_zh"] or row["name_en"] or row["factor_id"] for lang in LANGUAGES}
    return {lang: f"{name} [{row['factor_id'][:10]}]" for lang, name in own.items()}


def word(section: str, value: str | None) -> object:
    """Return a vocabulary value in words where there are some."""
    found = {lang: toml_words(lang, "ui").get(section, {}).get(value, value) for lang in LANGUAGES}
    return or_missing(None) if value is None else found


def _in(lang: str, fact: object) -> object:
    return fact[lang] if isinstance(fact, dict) else fact
