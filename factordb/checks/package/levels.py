"""Levels of traceability, T0 to T4: computed from what the rules found, with what is missing for the next one.

T0 declared only; T1 documented; T2 recomputed from hashed raw records; T3 every instrument and laboratory covered over
the whole period, uncertainty stated, nothing blocking open; T4 besides an independent verifier's statement with a site
or sample check. Nobody types a level (traceability.md 3.3).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Final

from factordb.checks.package.catalogue import Checked
from factordb.checks.package.reading import number, yes
from factordb.model.package_finding import package_words
from factordb.model.submission import Package
from factordb.model.vocabulary import Outcome, Severity, Tier
from factordb.reference import tables

__all__ = ["Level", "Missing", "level_of", "rank_of", "tier_of"]

DOCUMENTED: Final = ("PKG003", "IDN001", "MTH001", "PKG008")
REPRODUCIBLE: Final = ("RAW001", "CALC001", "CALC002", "CALC004")
METROLOGICAL: Final = ("CAL001", "CAL002", "CAL003", "CAL004", "CAL006", "CAL007", "LAB001", "LAB002", "LAB003",
                       "UNC101", "UNC102")  # fmt: skip
VERIFIED: Final = ("VRF001", "IND001")
UNASKED_KEEPS: Final = frozenset({"CAL007", "LAB001", "LAB002", "LAB003"})
"""Rules that may go unasked for a level: no laboratory tested, or no error was stated on a certificate."""


@dataclass(frozen=True)
class Missing:
    """One thing that is missing for the next level: a rule's code, or empty, and what it is, zh and en."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Level:
    """A level of traceability and what is missing for the next; nothing at T4."""

    name: str
    missing: tuple[Missing, ...]

    @property
    def title(self) -> Mapping[str, str]:
        """Its title, zh and en."""
        row = _levels()[self.name]
        return {"zh": row["title_zh"], "en": row["title_en"]}


@cache
def _levels() -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType({row["level"]: row for row in tables.table("tiers/trace_levels").to_pylist()})


def tier_of(level: str) -> Tier:
    """Return the kind of source a measured value of this level counts as: first place of clause (五) at T4 alone."""
    return Tier(_levels()[level]["counts_as"])


def rank_of(level: str) -> int:
    """Return the place among the kinds of source, 1 first: T4 before official data, T3 after it, below as industry."""
    return int(_levels()[level]["rank"])


def level_of(package: Package, checked: Checked) -> Level:
    """Return the level that a checked package earns, with what is missing for the next."""
    outcomes = {one.code: one.outcome for one in checked.outcomes}
    steps: tuple[tuple[str, Callable[[], Iterator[Missing]]], ...] = (
        ("T0", partial(_documented, package, outcomes)),
        ("T1", partial(_rules, REPRODUCIBLE, outcomes)),
        ("T2", partial(_metrological, package, checked, outcomes)),
        ("T3", partial(_verified, package, outcomes)),
    )
    for name, asked in steps:
        missing = tuple(asked())
        if missing:
            return Level(name, missing)
    return Level("T4", ())


def _rules(codes: tuple[str, ...], outcomes: Mapping[str, Outcome]) -> Iterator[Missing]:
    for code in codes:
        outcome = outcomes.get(code, Outcome.NOT_ASKED)
        if outcome is Outcome.BROKEN or (outcome is Outcome.NOT_ASKED and code not in UNASKED_KEEPS):
            words = package_words()[code]
            yield Missing(code, words["title_zh"], words["title_en"])


def _said(name: str) -> Missing:
    words = tables.toml("words/package_checklist")["missing"][name]
    return Missing("", words["zh"], words["en"])


def _documented(package: Package, outcomes: Mapping[str, Outcome]) -> Iterator[Missing]:
    yield from _rules(DOCUMENTED, outcomes)
    sheets = ("certificates", "tests", "raw", "plan")
    named = {cell.text for sheet in sheets for name in ("file", "document") for cell in package.cells(sheet, name)}
    if not named & set(package.files):
        yield _said("evidence")


def _metrological(package: Package, checked: Checked, outcomes: Mapping[str, Outcome]) -> Iterator[Missing]:
    wanted = {*METROLOGICAL}
    yield from _rules(METROLOGICAL, outcomes)
    if any(yes(row, "outside") for row in package.table("raw")):
        yield _said("outside")
    told = {*wanted, *DOCUMENTED, *REPRODUCIBLE, *VERIFIED}
    open_ = {one.code for one in checked.findings if one.severity is Severity.BLOCK} - told
    for code in sorted(open_):
        words = package_words()[code]
        yield Missing(code, words["title_zh"], words["title_en"])


def _verified(package: Package, outcomes: Mapping[str, Outcome]) -> Iterator[Missing]:
    rows = package.table("verification")
    if not rows:
        yield _said("verification")
        return
    yield from _rules(VERIFIED, outcomes)
    if not any(number(row, "site_days") or number(row, "samples_checked") for row in rows):
        yield _said("site")
