"""How far the targets are, which group standards may become national (十五), and the post-evaluation (十二)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from factordb.model.standard import (
    ISSUED,
    Criterion,
    Judgement,
    Level,
    Standard,
    StandardFinding,
    Subject,
    rules,
    words,
)
from factordb.reference import tables
from factordb.standards.judging import full_years, plain

__all__ = ["coverage", "eligibility", "post_evaluation"]


def coverage(standards: Sequence[Standard], as_of: date) -> dict[str, Any]:
    """Return how many standards of products were issued, by level and status, and how far each target is.

    `counted` are issued standards of one product on the levels of `standards/rules`; a product counts each time it has
    one. `targets` holds year, standards, counted, missing, share (0…1) and years_left, earliest first.
    """
    products = [one for one in standards if one.subject is Subject.PRODUCT]
    levels = set(rules()["coverage"]["levels"])
    counted = sum(one.status in ISSUED and one.level.value in levels for one in products)
    by = Counter((one.level.value, one.status.value) for one in products)
    targets = [
        {
            **{name: one[name] for name in ("year", "standards", "basis_zh", "basis_en")},
            "counted": counted,
            "missing": max(0, one["standards"] - counted),
            "share": counted / one["standards"],
            "years_left": one["year"] - as_of.year,
        }
        for one in sorted(tables.toml("workflow/targets")["target"], key=lambda each: each["year"])
    ]
    return {
        "as_of": as_of.isoformat(),
        "counted": counted,
        "levels": sorted(levels),
        "by_level": {
            level.value: sum(one.status in ISSUED and one.level is level for one in products) for level in Level
        },
        "by_status": [{"level": level, "status": status, "standards": n} for (level, status), n in sorted(by.items())],
        "targets": targets,
    }


def eligibility(
    one: Standard, citations: Sequence[Mapping[str, Any]], assessments: Sequence[Mapping[str, Any]], as_of: date
) -> dict[str, Any]:
    """Return whether a group standard may become a recommended national one by clause (十五), condition by condition.

    Args:
        one: the standard.
        citations: those recorded of it; each citing database and edition counts once.
        assessments: those recorded of it, oldest first; the newest of a criterion counts.
        as_of: day it is asked for.
    """
    limits = rules()["eligible"]
    years = full_years(one.in_force_on, as_of) if one.in_force_on and one.status in ISSUED else None
    cited = {(plain(each["database"]), plain(each["edition"])) for each in citations if plain(each["database"])}
    newest = {each["criterion"]: each["judgement"] for each in assessments}
    held: dict[str, tuple[bool, str]] = {
        "level": (one.level.value == limits["level"], one.level.value),
        "years": (years is not None and years >= limits["years_in_force"], "—" if years is None else str(years)),
        "citations": (len(cited) >= limits["citations"], str(len(cited))),
    }
    for criterion in Criterion:
        verdict = newest.get(criterion.value, "")
        held[criterion.value] = verdict == Judgement.MET.value, verdict or "—"
    conditions = [
        {"condition": name, "held": ok, "found": found, **words("condition")[name]}
        for name, (ok, found) in held.items()
    ]
    return {"eligible": all(each["held"] for each in conditions), "conditions": conditions}


def post_evaluation(
    findings: Sequence[StandardFinding], evaluations: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """Return the report of clause (十二): duplicates, inconsistencies, what must go, what is overdue and concluded."""
    heads = {
        "duplicate": ("STD003",),
        "not_to_stand_beside": ("STD001", "STD002", "STD013"),
        "to_be_withdrawn": ("STD004", "STD015"),
        "inconsistent": ("STD007", "STD011"),
        "not_consistent_with_general": ("STD006",),
        "overdue": ("STD012",),
    }
    return {
        **{name: [one.as_dict() for one in findings if one.code in codes] for name, codes in heads.items()},
        "concluded": [{"number": number, **each} for number, every in sorted(evaluations.items()) for each in every],
    }
