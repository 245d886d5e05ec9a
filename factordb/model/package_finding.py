"""What the checklist said of a submission package: findings with their cells and words, outcomes, and the verdict.

A finding quotes what stands in the package, with the sha256 of the file it stands in where there is one, and says what
was expected. Its words are data, by code, in Chinese and English.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from factordb.model.vocabulary import Outcome, Severity, Verdict
from factordb.reference import tables

__all__ = ["Asked", "PackageFinding", "PreparedView", "Quoted", "package_words", "verdict_of"]


@cache
def package_words() -> Mapping[str, Mapping[str, str]]:
    """Return code -> title, message, why and remedy, each zh and en."""
    return MappingProxyType(tables.toml("words/package_checks"))


@dataclass(frozen=True)
class PackageFinding:
    """A rule of the checklist that a package breaks.

    Attributes:
        code: of the rule.
        severity: what it means for the package.
        core: whether a gap makes the verdict 信息不足.
        sheet: sheet of the form, `files` for a file, `recipe` for the calculation.
        place: cell or file.
        found: what stands there, as it was written.
        expected: what should.
        facts: further facts for the words.
        sha256: of the file that is quoted; empty where a cell is.
        basis: clause the rule rests on.
    """

    code: str
    severity: Severity
    core: bool
    sheet: str
    place: str
    found: str = ""
    expected: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sha256: str = ""
    basis: str = ""

    def words(self, lang: str) -> Mapping[str, str]:
        """Return what is said in `lang`, "zh" or "en": title, said, why, fix. A missing fact stands as an em dash."""
        told = package_words()[self.code]
        facts = {**self.facts, "place": self.place, "found": self.found, "expected": self.expected}
        if lang not in facts:
            facts["words"] = facts.get(f"words_{lang}", "")
        return {
            "title": told[f"title_{lang}"],
            "said": _filled(told[lang], facts),
            "why": told[f"why_{lang}"],
            "fix": _filled(told[f"fix_{lang}"], facts),
        }

    def row(self) -> dict[str, Any]:
        """Return the finding as plain facts, words of both languages among them: for JSON, tables and comments."""
        zh, en = self.words("zh"), self.words("en")
        return {
            "code": self.code,
            "severity": self.severity.value,
            "sheet": self.sheet,
            "place": self.place,
            "found": self.found,
            "expected": self.expected,
            "sha256": self.sha256,
            "basis": self.basis,
            **{f"{name}_{lang}": words[name]
               for lang, words in (("zh", zh), ("en", en)) for name in ("title", "said", "why", "fix")},
        }  # fmt: skip


_FACT: Final = re.compile(r"\{(\w+)\}")


def _filled(template: str, facts: Mapping[str, str]) -> str:
    return _FACT.sub(lambda hit: facts.get(hit[1]) or "—", template)


@dataclass(frozen=True)
class Asked:
    """What came of one rule: kept, broken, or not asked and why (a key of `[not_asked]` in the words)."""

    code: str
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True)
class Quoted:
    """A cell or file a person should look at: what it is called, what stands there, and where."""

    label: str
    text: str
    place: str


@dataclass(frozen=True)
class PreparedView:
    """What a person should look at for one rule of the checklist that no program can decide."""

    code: str
    quotes: tuple[Quoted, ...]


def verdict_of(findings: Iterable[PackageFinding]) -> Verdict:
    """Return the verdict: any block fails, else a core gap is insufficient, else a review needs a person, else pass."""
    found = {(one.severity, one.core) for one in findings}
    severities = {severity for severity, _ in found}
    if Severity.BLOCK in severities:
        return Verdict.FAIL
    if (Severity.GAP, True) in found:
        return Verdict.INSUFFICIENT
    return Verdict.NEEDS_PERSON if Severity.REVIEW in severities else Verdict.PASS
