"""What the client returns of the registry of standards: typed records, pages as tables, how far targets are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from factordb.client.records import Row, Table

_TEXTS = ("number", "level", "status", "subject", "title_zh", "title_en", "product_zh", "product_en", "issuer")
_CODES = ("gbt4754", "nbs", "cpc", "isic", "hs")


@dataclass(frozen=True)
class Standard:
    """A standard as it was recorded last.

    Attributes:
        number: its number with the year; its key.
        level: national, industry, local, group or enterprise.
        status: where it stands in its life.
        subject: general or product.
        title_zh: title, Chinese.
        title_en: title, English.
        product_zh: the product, Chinese; "" for a general one.
        product_en: the product, English.
        issuer: who issued it.
        in_force_on: first day in force, ISO; None unknown.
        codes: classification -> codes it carries.
        row: every field of the registry.
    """

    number: str
    level: str
    status: str
    subject: str
    title_zh: str
    title_en: str
    product_zh: str
    product_en: str
    issuer: str
    in_force_on: str | None
    codes: Mapping[str, tuple[str, ...]]
    row: Row = field(repr=False)

    @classmethod
    def of(cls, row: Row) -> "Standard":
        """Return the standard of a row."""
        texts: dict[str, Any] = {name: row[name] or "" for name in _TEXTS}
        codes = {name: tuple(row[name]) for name in _CODES if row[name]}
        return cls(**texts, in_force_on=row["in_force_on"], codes=codes, row=row)


@dataclass(frozen=True)
class StandardPage(Table):
    """One page of the registry, by level and number.

    Attributes:
        standards: the standards of the page.
        total: standards on all pages.
        possible_filters: filter -> value -> standards.
        next: cursor of the next page; "" at the end.
    """

    standards: tuple[Standard, ...]
    total: int
    possible_filters: Mapping[str, Mapping[str, int]] = field(repr=False)
    next: str = ""

    def rows(self) -> Sequence[Row]:
        """Return every field of every standard."""
        return [one.row for one in self.standards]

    def __iter__(self) -> Iterator[Standard]:
        return iter(self.standards)

    def __len__(self) -> int:
        return len(self.standards)

    def __getitem__(self, place: int) -> Standard:
        return self.standards[place]


@dataclass(frozen=True)
class StandardRecord:
    """One standard with what stands around it.

    Attributes:
        standard: the record.
        source: where it was read.
        citations: factors it uses, databases that cite it.
        findings: rules it breaks, zh and en each.
        eligible: whether it meets all conditions of clause (十五).
        as_of: day of the findings.
        answer: everything the server told.
    """

    standard: Standard
    source: Row
    citations: tuple[Row, ...]
    findings: tuple[Row, ...]
    eligible: bool
    as_of: str
    answer: Row = field(repr=False)

    @classmethod
    def of(cls, told: Row) -> "StandardRecord":
        """Return the record that an answer tells."""
        return cls(
            Standard.of(told["standard"]), told["source"], tuple(told["citations"]), tuple(told["findings"]),
            told["eligibility"]["eligible"], told["as_of"], told,
        )  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A target of the guideline: standards by a year; counted so far, missing, share (0…1)."""

    year: int
    standards: int
    counted: int
    missing: int
    share: float


@dataclass(frozen=True)
class StandardsCoverage:
    """How many standards of products were issued, by level, and how far each target is, earliest first."""

    as_of: str
    counted: int
    by_level: Mapping[str, int]
    targets: tuple[Target, ...]
    answer: Row = field(repr=False)

    @classmethod
    def of(cls, told: Row) -> "StandardsCoverage":
        """Return the coverage that an answer tells."""
        targets = tuple(Target(*(one[name] for name in Target.__dataclass_fields__)) for one in told["targets"])
        return cls(told["as_of"], told["counted"], told["by_level"], targets, told)
