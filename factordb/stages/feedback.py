"""Feedback (反馈): what differs between two versions in physical units, and the numbered letter of a return."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from factordb.checks import words_of
from factordb.checks.base import fill
from factordb.reference import tables
from factordb.stages.words import reason_text

Row = Mapping[str, Any]

TEXTS = (
    "name_zh", "name_en", "flow", "technology", "boundary", "region", "reference_year", "gas", "gwp_set", "unit",
    "tier", "verified", "source_id", "publisher", "source_place", "statement_text", "product_code", "valid_from",
    "valid_until", "published_on", "verdict", "dqr", "band",
)  # fmt: skip
"""Fields that are compared as they read; value, interval and coefficient of variation are compared as amounts."""

_CIRCLED = 20
"""Numbers that Unicode has in circles: ① to ⑳."""


@dataclass(frozen=True)
class Difference:
    """One field that differs: both sides in one unit, and by how much of the old one (fraction); None: no amount."""

    field: str
    old: float | str | None
    new: float | str | None
    unit: str
    relative: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the facts, with the field's name in zh and en."""
        return {**asdict(self), **{lang: field_word(self.field, lang) for lang in ("zh", "en")}}


def field_word(field: str, lang: str) -> str:
    """Return what a field is called; an unknown one as it is."""
    return str(tables.toml(f"words/feedback_{lang}")["field"].get(field, field))


def difference(old: Row, new: Row) -> list[Difference]:
    """Return what differs between two versions of a factor, amounts in their canonical unit, in which both are given.

    Versions whose units have other dimensions are set side by side as published, without a relative change.
    """
    return [*_amounts(old, new), *_texts(old, new)]


def _amounts(old: Row, new: Row) -> Iterable[Difference]:
    unit = new["canonical_unit"] or ""
    if old["canonical_unit"] == new["canonical_unit"] and None not in (old["canonical_value"], new["canonical_value"]):
        yield from _amount("value", old["canonical_value"], new["canonical_value"], unit)
        for end in ("low", "high"):
            yield from _amount(f"interval_{end}", old[f"canonical_{end}95"], new[f"canonical_{end}95"], unit)
    elif _published(old) != _published(new):
        yield Difference("value", _published(old), _published(new), "", None)
    yield from _amount("cv", old["cv"], new["cv"], "")


def _amount(field: str, old: float | None, new: float | None, unit: str) -> Iterable[Difference]:
    if old == new:
        return
    relative = (new - old) / abs(old) if old not in (None, 0) and new is not None and old is not None else None
    # the same amount through two conversions differs in its last binary digits
    if relative is None or abs(relative) > 1e-12:  # noqa: PLR2004 - below rounding
        yield Difference(field, old, new, unit, relative)


def _texts(old: Row, new: Row) -> Iterable[Difference]:
    for field in TEXTS:
        if old[field] != new[field]:
            was, now = (None if row[field] is None else str(row[field]) for row in (old, new))
            yield Difference(field, was, now, "", None)


def _published(row: Row) -> str:
    return f"{row['value_text']} {row['unit_text'] or ''}".strip()


def letter(
    row: Row,
    findings: Sequence[Row],
    comments: Sequence[Row],
    *,
    case_id: str,
    codes: Iterable[str],
    reason: str,
    due_on: date | None,
    lang: str,
) -> str:
    """Return the numbered 退回意见 of a case, ready to send.

    Args:
        row: the candidate.
        findings: what the checks found of it.
        comments: field and comment of the remarks made.
        case_id: the case.
        codes: codes to settle, those of the policy among them.
        reason: why it was returned.
        due_on: until when it is to be submitted again.
        lang: "zh" or "en".
    """
    words = tables.toml(f"words/feedback_{lang}")["letter"]
    found: dict[str, list[Row]] = {}
    for finding in findings:
        found.setdefault(finding["code"], []).append(finding)
    points = [point for code in sorted(set(codes)) for point in _points(code, found.get(code, ()), words, lang)]
    points += [
        words["comment"].format(
            field=field_word(one["field"], lang) if one["field"] else words["whole"], comment=one["comment"]
        )
        for one in comments
    ]
    name = row[f"name_{lang}"] or row["name_zh"] or row["name_en"] or row["factor_id"]
    lines = [words["head"].format(name=name, case=case_id)]
    lines += [words["reason"].format(reason=reason)] if reason else []
    lines += [f"{_number(at)} {text}" for at, text in enumerate(points, 1)] or [words["nothing"]]
    lines.append(words["deadline"].format(due=due_on.isoformat()) if due_on else words["no_deadline"])
    return "\n".join([*lines, words["foot"]])


def _points(code: str, findings: Sequence[Row], words: Mapping[str, str], lang: str) -> Iterable[str]:
    if not findings:
        told = reason_text(code)
        yield words["policy"].format(code=code, said=_plain(told[lang]), fix=told[f"fix_{lang}"])
        return
    texts = words_of(code)
    for one in findings:
        said, fix = fill(texts[lang], one), fill(texts[f"fix_{lang}"], one)
        yield words["finding"].format(code=code, place=one["place"], said=_plain(said), fix=fix)


def _plain(text: str) -> str:
    return text.rstrip("。.")


def _number(at: int) -> str:
    return chr(ord("①") + at - 1) if at <= _CIRCLED else f"({at})"
