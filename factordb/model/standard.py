"""Standards for the carbon footprint of products: what one is, and what may be recorded of it."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final

from factordb.model.submission import Field, FieldType, Sheet
from factordb.model.vocabulary import Boundary, Severity
from factordb.reference import tables

__all__ = [
    "CODES",
    "ISSUED",
    "Conclusion",
    "Criterion",
    "Judgement",
    "Level",
    "Standard",
    "StandardFinding",
    "Status",
    "Subject",
    "form_sheet",
    "rules",
    "words",
]


class Level(StrEnum):
    """Who issued a standard, the highest first: clauses (七)–(十一)."""

    NATIONAL = "national"
    INDUSTRY = "industry"
    LOCAL = "local"
    GROUP = "group"
    ENTERPRISE = "enterprise"


class Status(StrEnum):
    """Where a standard stands in its life."""

    DRAFTING = "drafting"
    PUBLISHED = "published"
    """Issued, its day of entry into force not yet reached."""
    IN_FORCE = "in_force"
    TO_BE_REVISED = "to_be_revised"
    """In force; a review decided on its revision."""
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


ISSUED: Final = (Status.PUBLISHED, Status.IN_FORCE, Status.TO_BE_REVISED)
"""States of a standard that was issued and not taken back."""


class Subject(StrEnum):
    """What a standard is about: footprints in general, or the footprint of one product."""

    GENERAL = "general"
    PRODUCT = "product"


class Criterion(StrEnum):
    """What clause (十五) asks of a group standard that is to become a recommended national one."""

    URGENCY = "urgency"
    REASONABLENESS = "reasonableness"
    SOURCES = "sources"
    TESTS = "tests"


class Judgement(StrEnum):
    """Verdict on a criterion."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"


class Conclusion(StrEnum):
    """What a post-evaluation by clause (十二) concludes."""

    KEEP = "keep"
    REVISE = "revise"
    MERGE = "merge"
    WITHDRAW = "withdraw"


CODES: Final = ("gbt4754", "nbs", "cpc", "isic", "hs")
"""Classifications a standard may carry codes of, as in the form."""


@dataclass(frozen=True)
class Standard:
    """One standard as it was recorded last; the fields of `standards/form`.

    Attributes:
        number: its number with the year, or the number of its plan while it is drafted; its key.
        level: who issues it.
        status: where it stands.
        subject: general, or of one product.
        title_zh: full title, Chinese.
        title_en: the same, English; "" unknown.
        product_zh: the product as its title names it; "" for a general one.
        product_en: the same, English.
        gbt4754: codes of GB/T 4754.
        nbs: codes of the NBS product catalogue.
        cpc: codes of the CPC.
        isic: codes of the ISIC.
        hs: codes of the Harmonised System.
        end_product: whether consumers use it as it is; None unknown.
        boundary: boundary it prescribes; None unknown.
        issued_on: day of issue.
        in_force_on: first day in force.
        ended_on: day of withdrawal or replacement.
        issuer: who issued it.
        region: place of a local standard.
        conforms_to: standards it says it is consistent with.
        replaces: standards it replaced.
        replaced_by: the one that replaced it.
        source: where the record was read: key of `data/standards/sources.toml`, an address or a document.
        source_place: place in it.
        retrieved_on: day it was read.
        confidence: high, medium_high or medium.
    """

    number: str
    level: Level
    status: Status
    subject: Subject
    title_zh: str
    title_en: str = ""
    product_zh: str = ""
    product_en: str = ""
    gbt4754: tuple[str, ...] = ()
    nbs: tuple[str, ...] = ()
    cpc: tuple[str, ...] = ()
    isic: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    end_product: bool | None = None
    boundary: Boundary | None = None
    issued_on: date | None = None
    in_force_on: date | None = None
    ended_on: date | None = None
    issuer: str = ""
    region: str = ""
    conforms_to: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    replaced_by: str = ""
    source: str = ""
    source_place: str = ""
    retrieved_on: date | None = None
    confidence: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain data: lists, ISO days, words of the vocabularies."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    def codes(self) -> dict[str, tuple[str, ...]]:
        """Return classification -> codes it carries."""
        return {name: getattr(self, name) for name in CODES if getattr(self, name)}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, StrEnum) else value


@dataclass(frozen=True)
class StandardFinding:
    """A broken rule of the registry.

    Attributes:
        code: code of the rule, such as STD001.
        severity: how grave.
        standard: number of the standard; "" where a row has none.
        place: cell of the file, or the field of the record.
        found: what stands there.
        expected: what should.
        other: the other standard concerned, or "".
        clause: clause of the guideline the rule stands on.
    """

    code: str
    severity: Severity
    standard: str
    place: str
    found: str
    expected: str
    other: str = ""
    clause: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding with its words: why and what to do, zh and en."""
        facts = {"standard": self.standard, "found": self.found, "expected": self.expected, "other": self.other}
        said = tables.toml("words/standard_checks")[self.code]
        told = {name: str(said[name]).format(**facts) for name in ("zh", "fix_zh", "en", "fix_en")}
        return {**{name: str(value) for name, value in asdict(self).items()}, **told}


@cache
def rules() -> dict[str, Any]:
    """Return `standards/rules`."""
    return tables.toml("standards/rules")


@cache
def words(section: str) -> dict[str, dict[str, str]]:
    """Return value -> {"zh", "en"} of a vocabulary of the registry: level, status, subject, criterion and others."""
    both = {lang: tables.toml(f"words/standard_{lang}")[section] for lang in ("zh", "en")}
    return {name: {lang: both[lang][name] for lang in both} for name in both["zh"]}


@cache
def form_sheet() -> Sheet:
    """Return the one sheet of the import form: the schema of a record, from which form and reader are made."""
    facts = tables.toml("standards/form")
    choices = {"level": Level, "status": Status, "subject": Subject, "boundary": Boundary}
    fields = tuple(
        Field(
            name=name,
            zh=one["zh"],
            en=one["en"],
            type=FieldType(one.get("type", "text")),
            must=one.get("must", False),
            kinds=(),
            choices=tuple(member.value for member in choices[name])
            if name in choices
            else tuple(one.get("choices", ())),
            good=one["good"],
            bad=one["bad"],
            rule_zh=one["rule_zh"],
            rule_en=one["rule_en"],
        )
        for name, one in facts["fields"].items()
    )
    return Sheet("standards", facts["name"]["zh"], facts["name"]["en"], "table", fields)
