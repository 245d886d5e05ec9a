"""The rules of clauses (二), (三) and (七)–(十二) over a registry: each broken rule is a finding; nothing is mended."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from factordb.model.standard import ISSUED, Level, Standard, StandardFinding, Status, Subject, rules
from factordb.model.vocabulary import Boundary
from factordb.standards.records import severity_of

__all__ = ["findings_of", "full_years", "plain", "same_product", "title_by_rule"]

_HIGHER = (Level.NATIONAL, Level.INDUSTRY)


def findings_of(
    standards: Sequence[Standard], as_of: date, evaluated: Mapping[str, date], only: Collection[str] | None = None
) -> list[StandardFinding]:
    """Return the broken rules, in the order of number and code.

    Args:
        standards: the whole registry: a rule about duplicates needs the others.
        as_of: day the registry is judged for.
        evaluated: number -> day of its newest post-evaluation.
        only: numbers to judge; of the others only what these do to them is told, such as a group standard that
            cannot stand beside a new national one.
    """
    known = {one.number for one in standards}
    found: list[StandardFinding] = []
    peers = _peers(standards)
    for one in standards:
        asked = only is None or one.number in only
        if asked:
            found += _alone(one, as_of, known, evaluated)
        if one.subject is Subject.PRODUCT and _counts(one):
            beside = _beside(one, peers.get(one.number, []), as_of)
            found += [each for each in beside if asked or (only is not None and _newly(each, only))]
    return sorted(found, key=lambda each: (each.standard, each.code, each.other))


def _newly(each: StandardFinding, only: Collection[str]) -> bool:
    """Return whether it is one of `only` that breaks a rule for another; a duplicate is told of the new one alone."""
    return each.other in only and each.code != "STD003"


def same_product(one: Standard, other: Standard) -> bool:
    """Return whether two standards are of one product: the same name, or a code fine enough to name one product."""
    return bool(_identities(one) & _identities(other))


def _identities(one: Standard) -> set[tuple[str, str]]:
    names = {("name", plain(name)) for name in (one.product_zh, one.product_en) if name}
    fine = rules()["same_product"].items()
    return names | {(system, code) for system, digits in fine for code in getattr(one, system) if len(code) >= digits}


def _peers(standards: Sequence[Standard]) -> dict[str, list[Standard]]:
    """Return number -> the other standards of its product; found by shared names and codes, not by comparing all."""
    groups: dict[tuple[str, str], list[Standard]] = {}
    for one in standards:
        if one.subject is Subject.PRODUCT and _counts(one):
            for key in _identities(one):
                groups.setdefault(key, []).append(one)
    found: dict[str, dict[str, Standard]] = {}
    for group in groups.values():
        for one in group:
            found.setdefault(one.number, {}).update({each.number: each for each in group if each.number != one.number})
    return {number: list(others.values()) for number, others in found.items()}


def _counts(one: Standard) -> bool:
    """Return whether a standard stands or is being made."""
    return one.status in ISSUED or one.status is Status.DRAFTING


def _alone(
    one: Standard, as_of: date, known: Collection[str], evaluated: Mapping[str, date]
) -> Iterator[StandardFinding]:
    yield from _dates(one, as_of)
    if one.status is Status.SUPERSEDED and one.replaced_by not in known:
        yield _broken("STD009", one, "replaced_by", one.replaced_by or "—", "")
    if _counts(one) and one.subject is Subject.PRODUCT:
        yield from _of_a_product(one)
    yield from _overdue(one, as_of, evaluated)


def _of_a_product(one: Standard) -> Iterator[StandardFinding]:
    ruled = _issued_by(one) >= rules()["guideline_on"]
    wanted = title_by_rule(one)
    if _spaced(one.title_zh) != wanted:
        yield _broken("STD005" if ruled else "STD014", one, "title_zh", one.title_zh, wanted)
    general = str(rules()["general"])
    if not any(number.rpartition("-")[0] == general or number == general for number in one.conforms_to):
        yield _broken("STD006", one, "conforms_to", "; ".join(one.conforms_to) or "—", general)
    if one.end_product is not None and one.boundary is not None:
        right = Boundary.CRADLE_TO_GRAVE if one.end_product else Boundary.CRADLE_TO_GATE
        if one.boundary is not right:
            yield _broken("STD007", one, "boundary", one.boundary.value, right.value)
    if not any(getattr(one, system) for system in rules()["same_product"]):
        yield _broken("STD010", one, "nbs", "—", "NBS / CPC / HS")


def _issued_by(one: Standard) -> date:
    """Return the day of issue, or the last it can have been: of what is drafted, the latest there is."""
    year = one.number.rpartition("-")[2]
    known = one.issued_on or one.in_force_on
    return known or (date(int(year), 12, 31) if re.fullmatch("(19|20)[0-9]{2}", year) else date.max)


def title_by_rule(one: Standard) -> str:
    """Return the title that clause (二) gives a standard of its product; the product is read from the title if unnamed.

    Where the product is not recorded it is what stands behind the prescribed words, else an ellipsis.
    """
    prefix = str(rules()["title"])
    title = _spaced(one.title_zh)
    product = _spaced(one.product_zh) or (title.removeprefix(prefix).strip() if title.startswith(prefix) else "")
    return f"{prefix} {product or '……'}"


def _dates(one: Standard, as_of: date) -> Iterator[StandardFinding]:
    """Yield what cannot be true together of status and days."""
    days = {"issued_on": one.issued_on, "in_force_on": one.in_force_on, "ended_on": one.ended_on}
    told = ", ".join([one.status.value, *(f"{name} {day}" for name, day in days.items() if day)])
    issued, begin, end = days.values()
    wrong: list[tuple[str, str]] = []
    if issued and begin and begin < issued:
        wrong.append(("in_force_on", "in_force_on ≥ issued_on"))
    if end and (begin or issued) and end < (begin or issued or end):
        wrong.append(("ended_on", "ended_on ≥ in_force_on"))
    if one.status is Status.DRAFTING and issued and issued <= as_of:
        wrong.append(("status", "published / in_force"))
    if one.status in {Status.IN_FORCE, Status.TO_BE_REVISED} and begin and begin > as_of:
        wrong.append(("status", "published"))
    if one.status is Status.PUBLISHED and begin and begin <= as_of:
        wrong.append(("status", "in_force"))
    if one.status in ISSUED and end and end <= as_of:
        wrong.append(("status", "withdrawn / superseded"))
    if one.status is not Status.DRAFTING and issued and issued > as_of:
        wrong.append(("issued_on", f"issued_on ≤ {as_of}"))
    for field, expected in wrong:
        yield _broken("STD008", one, field, told, expected)


def _overdue(one: Standard, as_of: date, evaluated: Mapping[str, date]) -> Iterator[StandardFinding]:
    years = int(rules()["evaluation"]["years"])
    since = max(filter(None, (one.in_force_on, evaluated.get(one.number))), default=None)
    if one.status in {Status.IN_FORCE, Status.TO_BE_REVISED} and since and full_years(since, as_of) >= years:
        yield _broken("STD012", one, "in_force_on", str(since), str(years))


def full_years(begin: date, end: date) -> int:
    """Return the full years between two days."""
    return end.year - begin.year - ((end.month, end.day) < (begin.month, begin.day))


def _beside(one: Standard, others: Iterable[Standard], as_of: date) -> Iterator[StandardFinding]:
    for other in sorted(others, key=lambda each: each.number):
        above = other.level in _HIGHER and (other.status in ISSUED)
        if one.level is Level.LOCAL and above:
            yield _broken("STD001", one, "level", one.status.value, "", other)
        elif one.level is Level.GROUP and above:
            yield _broken("STD002", one, "level", one.status.value, "", other)
        elif one.level is Level.ENTERPRISE and other.level is not Level.ENTERPRISE and other.status in ISSUED:
            yield _broken("STD013", one, "level", one.status.value, "", other)
        elif one.level is Level.INDUSTRY and other.level is Level.NATIONAL and one.status in ISSUED:
            yield from _to_be_withdrawn(one, other, as_of)
        elif one.level is other.level and one.level is not Level.ENTERPRISE and one.region == other.region:
            yield _broken("STD003", one, "product_zh", one.product_zh, "", other)
        yield from _inconsistent(one, other)


def _to_be_withdrawn(one: Standard, national: Standard, as_of: date) -> Iterator[StandardFinding]:
    begin = national.in_force_on
    if national.status in {Status.IN_FORCE, Status.TO_BE_REVISED} or (begin and begin <= as_of):
        yield _broken("STD004", one, "status", one.status.value, Status.WITHDRAWN.value, national)
    elif national.status is Status.PUBLISHED and begin:
        yield _broken("STD015", one, "status", one.status.value, str(begin), national)


def _inconsistent(one: Standard, other: Standard) -> Iterator[StandardFinding]:
    """Yield where both prescribe a boundary, and not the same; told once of each pair."""
    stated = one.boundary and other.boundary and Boundary.UNSPECIFIED not in {one.boundary, other.boundary}
    if stated and one.boundary is not other.boundary and one.number < other.number and one.boundary and other.boundary:
        yield _broken("STD011", one, "boundary", one.boundary.value, other.boundary.value, other)


def _broken(
    code: str, one: Standard, place: str, found: str, expected: str, other: Standard | None = None
) -> StandardFinding:
    clause = str(rules()["rule"][code]["clause"])
    return StandardFinding(
        code, severity_of(code), one.number, place, found, expected, other.number if other else "", clause
    )


def plain(text: str) -> str:
    """Return a text without blanks, width and case: what two spellings of one name share."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
