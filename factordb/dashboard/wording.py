"""What the rules said of a candidate, in words: what is wrong, why it is asked, how to mend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from factordb.checks import words_of
from factordb.checks.base import fill
from factordb.library import Library
from factordb.model.vocabulary import Severity
from factordb.selection import places
from factordb.stages.explain import explained
from factordb.stages.words import reason_text
from factordb.store import history
from factordb.store import records as record_store

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

_GRAVITY = {one.value: place for place, one in enumerate(Severity)}


@dataclass(frozen=True)
class Said:
    """One finding, or one reason of the policy, in one language. `severity` is empty for a policy's reason."""

    code: str
    severity: str
    message: str
    why: str
    fix: str
    place: str = ""
    field: str = ""


def findings_said(parts: Rows, lang: str, *, policy: str = "") -> list[Said]:
    """Return what holds a candidate back, gravest first, then the reasons of the policy, then remarks.

    Args:
        parts: everything about it, as `Library.factor` gives it.
        lang: "zh" or "en".
        policy: name of the promotion policy whose limits are quoted.
    """
    found = [_finding(row, lang) for row in parts["finding"]]
    broken = {one.code for one in found}
    reasons = " ".join(row["reasons"] or "" for row in parts["assessment"]).split()
    policy_said = [reason_said(code, lang, policy=policy) for code in reasons if code not in broken]
    order = {"": _GRAVITY[Severity.ADVISE] - 0.5}
    return sorted([*found, *policy_said], key=lambda one: (order.get(one.severity, _GRAVITY.get(one.severity, 0)),))


def _finding(row: Mapping[str, Any], lang: str) -> Said:
    words = words_of(row["code"])
    return Said(
        code=row["code"],
        severity=str(row["severity"]),
        message=fill(words[lang], row),
        why=words.get(f"why_{lang}", ""),
        fix=fill(words[f"fix_{lang}"], row),
        place=row["place"],
        field=row["field"],
    )


def reason_said(code: str, lang: str, *, policy: str = "", found: object = None) -> Said:
    """Return the words of any code: of a rule or a refusal its requirement, of a policy its reason.

    Args:
        code: of a rule, a refusal at intake, or a policy's reason.
        lang: "zh" or "en".
        policy: name of the promotion policy whose limit is quoted.
        found: what was read, for refusals that quote it.
    """
    words = reason_text(code, found=found, policy=policy)
    try:
        why = words_of(code).get(f"why_{lang}", "")
    except KeyError:  # a policy's reason
        why = ""
    return Said(code, "", words[lang], why, words[f"fix_{lang}"])


def region_name(code: str, lang: str) -> str:
    """Return the name of a region in `lang`, "zh" or "en", by its code; a code that is not known as it is."""
    found = places.names(code)
    return found[lang != "zh"] if found else code


def trail_said(library: Library, parts: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return sections of lines, zh and en: value, source and trail, uncertainty, rating of one candidate.

    The same words as `Library.explain`, from parts that are at hand already; the rules are left out.
    """
    told = explained(parts, library.checks, library.sources())
    sections: list[dict[str, Any]] = told["sections"]
    return sections[:-1]


def policy_in_force(library: Library) -> str:
    """Return the promotion policy of the newest appraisal; empty before the first."""
    with record_store.session(library.records) as opened:
        newest = history.newest_appraisals(opened)
    return newest[-1].policy if newest else ""
