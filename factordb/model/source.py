"""A source: who published what, when, under which rights, and how to get the original."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import ValidationError
from sqlmodel import Field, SQLModel

from factordb.errors import UsageError
from factordb.model.vocabulary import Tier

_NO_SET = {"not_applicable", "not_stated", ""}
_UNVERIFIED = {"measured": Tier.MEASURED_UNVERIFIED}
"""A measured source ranks as unverified until a verification stands beside its records (clause (五))."""


class LicenceClass(StrEnum):
    """What the words of a licence allow, as this register reads them; `reference/licence/export.toml` acts on it."""

    OPEN = "open"
    """Facts in which no rights are claimed, public domain, CC0, or a permissive licence."""
    ATTRIBUTION = "attribution"
    """Free to pass on with the source named, alike or not: OGL, CC BY, CC BY-SA."""
    RESTRICTED = "restricted"
    """Its words forbid passing the values on."""
    UNKNOWN = "unknown"
    """No words were found, or they say nothing about passing on."""


class Access(StrEnum):
    """Who may see what a source supplied (分类分级, notice 468 (六))."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    """Its values may be published; where and by whom they were measured may not."""
    CONFIDENTIAL = "confidential"
    """Nothing of it leaves the library, not even its name."""


class Source(SQLModel):
    """One row of the source register. Publisher and copy are recorded apart."""

    source_id: str = Field(min_length=1)
    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    publisher_zh: str | None = None
    publisher_en: str | None = None
    tier: Tier
    edition: str | None = None
    document_no: str | None = None
    published_on: date | None = None
    licence: str | None = Field(default=None, description="rights, zh / en")
    licence_class: LicenceClass = Field(default=LicenceClass.UNKNOWN, description="what the licence's words allow")
    access: Access = Field(default=Access.PUBLIC, description="public, restricted or confidential")
    obtain: str | None = Field(default=None, description="how to get the original, zh / en")
    read_from: str | None = Field(default=None, description="the copy the values were read from")
    confidence: str | None = None
    gwp_set: str | None = Field(default=None, description="GWP set of its CO2e values, if it states one")
    region: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    status: str | None = Field(default=None, description="in_force, superseded or not_applicable")
    in_force: str | None = Field(default=None, description="basis of the status, zh / en")
    te: int | None = Field(default=None, ge=1, le=5, description="technology representativeness, source-wide")
    te_why: str | None = None
    demonstration: bool = Field(default=False, description="invented for teaching: never released as real")

    @classmethod
    def from_register(cls, source_id: str, facts: Mapping[str, Any]) -> Self:
        """Return the validated source of one table of the register.

        Raises:
            UsageError: a fact is missing or impossible; names the source and the fact.
        """
        known = {name: facts[name] for name in cls.model_fields if name in facts}
        known |= {"source_id": source_id, "tier": _UNVERIFIED.get(facts.get("tier", ""), facts.get("tier"))}
        if known.get("gwp_set") in _NO_SET:
            known["gwp_set"] = None
        try:
            return cls.model_validate(known)
        except ValidationError as error:
            first = error.errors()[0]
            fact = ".".join(str(part) for part in first["loc"])
            raise UsageError(
                problem=f"source {source_id!r}: {fact}: {first['msg']}",
                remedy="correct this fact in the source register or the mapping file",
                problem_zh=f"来源 {source_id!r} 的 {fact} 有误：{first['msg']}",
                remedy_zh="请在来源登记表或映射文件中更正",
            ) from error
