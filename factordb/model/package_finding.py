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


@cache
def _limits() -> Mapping[str, str]:
    """Return rules whose breach caps the level instead of refusing the package, with the highest level."""
    return MappingProxyType({row["code"]: row["highest"] for row in tables.table("tiers/level_limits").to_pylist()})


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

    @property
    def highest(self) -> str:
        """Return the level of traceability that cannot be passed while this is so; empty: no cap, a block refuses."""
        return _limits().get(self.code, "") if self.severity is Severity.BLOCK else ""

    @property
    def refuses(self) -> bool:
        """Return whether a package with this finding is refused rather than kept at a lower level."""
        return self.severity is Severity.BLOCK and not self.highest

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
            "highest": self.highest,
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
    """Return the verdict: what refuses fails, a cap or core gap is insufficient, a review needs a person."""
    found = tuple(findings)
    if any(one.refuses for one in found):
        return Verdict.FAIL
    if any(one.highest or (one.severity is Severity.GAP and one.core) for one in found):
        return Verdict.INSUFFICIENT
    return Verdict.NEEDS_PERSON if any(one.severity is Severity.REVIEW for one in found) else Verdict.PASS
