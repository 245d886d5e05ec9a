"""Findings on an inventory: a code, its place, the evidence, and the words of both languages."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from factordb.model.vocabulary import Severity
from factordb.reference import toml

Found = dict[str, Any]
"""code, severity, clause, place, found, expected, candidates; said, why, fix each with _zh and _en."""


@cache
def finding_words() -> Mapping[str, Mapping[str, str]]:
    """Return code -> severity, clause, title, message, why and remedy, each zh and en."""
    return toml("words/trial_checks")


def finding(
    code: str,
    place: str,
    *,
    found: str = "",
    expected: str = "",
    words_zh: str = "",
    words_en: str = "",
    candidates: list[str] | None = None,
    named: Mapping[str, str] | None = None,
) -> Found:
    """Return the finding of a broken rule.

    Args:
        code: of the rule.
        place: line, key or sheet.
        found: what stands there.
        expected: what should.
        words_zh: what another room said of it, Chinese.
        words_en: the same, English.
        candidates: identifiers to choose from.
        named: how `found` is called, language -> words, where it is a key.
    """
    told = finding_words()[code]
    spoken = {
        lang: {"place": place_in(place, lang), "found": (named or {}).get(lang) or found or "—",
               "expected": expected or "—", "words": words or "—"}
        for lang, words in (("zh", words_zh), ("en", words_en))
    }  # fmt: skip
    return {
        "code": code,
        "severity": told["severity"],
        "clause": told["clause"],
        "place": place,
        "found": found,
        "expected": expected,
        "candidates": candidates or [],
        **{f"title_{lang}": told[f"title_{lang}"] for lang in spoken},
        **{f"said_{lang}": told[lang].format(**facts) for lang, facts in spoken.items()},
        **{f"why_{lang}": told[f"why_{lang}"] for lang in spoken},
        **{f"fix_{lang}": told[f"fix_{lang}"].format(**facts) for lang, facts in spoken.items()},
    }


def place_in(place: str, lang: str) -> str:
    """Return a place, such as "line ore; contract gec", in the words of a language."""
    words = toml("trial/rules")["places"]
    parts = [one.partition(" ") for one in place.split("; ")]
    told = [f"{words.get(kind, {}).get(lang, kind)}{gap}{name}" for kind, gap, name in parts]
    return ("、" if lang == "zh" else "; ").join(told)


def blocking(findings: list[Found]) -> bool:
    """Return whether something must be repaired before there is a result."""
    return any(one["severity"] == Severity.BLOCK.value for one in findings)


def gravest_first(findings: list[Found]) -> list[Found]:
    """Return the findings by severity, then place and code; each once."""
    order = [one.value for one in (Severity.BLOCK, Severity.GAP, Severity.REVIEW, Severity.ADVISE)]
    once = {(one["code"], one["place"], one["said_en"]): one for one in findings}
    return sorted(once.values(), key=lambda one: (order.index(one["severity"]), one["code"]))
