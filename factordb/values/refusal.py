"""Why a string was refused: a code, the fragment that stopped the reading, and the words for people."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refused:
    """A published string that was not read, because reading it would have meant guessing."""

    text: str
    """The string exactly as published."""
    code: str
    """Code of the rule that refused it: VAL or UNI and three digits."""
    found: str
    """The fragment that stopped the reading."""
    expected: str
    """An example, or the alternatives, that would be read."""
    problem_zh: str
    problem_en: str


@cache
def refusal_words() -> Mapping[str, Mapping[str, str]]:
    """Return code -> {zh, fix_zh, en, fix_en, expected}, read once from `reference/units/refusals.toml`."""
    table = resources.files("factordb").joinpath("reference", "units", "refusals.toml")
    words = tomllib.loads(table.read_text(encoding="utf-8"))
    return MappingProxyType({code: MappingProxyType(entry) for code, entry in words.items()})


def refuse(text: str, code: str, found: str, expected: str = "") -> Refused:
    """Return the refusal of `text` under `code`, worded in both languages with its remedy."""
    words = refusal_words()[code]
    facts = {"found": found, "expected": expected or words["expected"]}
    return Refused(
        text=text,
        code=code,
        found=found,
        expected=facts["expected"],
        problem_zh=f"{words['zh']};{words['fix_zh']}".format_map(facts),
        problem_en=f"{words['en']}; {words['fix_en']}".format_map(facts),
    )
