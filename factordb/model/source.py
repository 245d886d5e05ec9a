"""A source: who published what, when, under which rights, and how to get the original."""

from datetime import date

from sqlmodel import Field, SQLModel

from factordb.model.vocabulary import Tier


class Source(SQLModel):
    """One row of the source register. Publisher and copy are recorded apart."""

    source_id: str = Field(min_length=1)
    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    tier: Tier
    edition: str | None = None
    document_no: str | None = None
    published_on: date | None = None
    licence: str | None = None
    obtain: str | None = Field(default=None, description="how to get the original")
    read_from: str | None = Field(default=None, description="the copy the values were read from")
    confidence: str | None = None
    gwp_set: str | None = None
    region: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    in_force: str | None = Field(default=None, description="basis on which the source is still in force")
    te: int | None = Field(default=None, ge=1, le=5, description="technology representativeness, with te_why")
    te_why: str | None = None
    demonstration: bool = Field(default=False, description="invented for teaching: never released as real")
