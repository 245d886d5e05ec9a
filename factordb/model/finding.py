"""Findings and assessments: what the rules said of a candidate, as rows."""

from sqlmodel import Field, SQLModel

from factordb.model.vocabulary import Severity, Verdict


class Finding(SQLModel):
    """A broken rule: where, what was found, what was expected. The words come from the rule's own table."""

    batch_id: str
    candidate_id: str | None = None
    code: str
    severity: Severity
    field: str
    place: str
    found: str | None = None
    expected: str | None = None
    detail: str | None = None


class RuleCount(SQLModel):
    """How often a rule was kept, broken or not asked in one appraisal."""

    code: str
    candidates: int
    kept: int
    broken: int
    not_asked: int


class Uncertainty(SQLModel):
    """The uncertainty of one value, in its published unit; never without its basis and method."""

    batch_id: str
    candidate_id: str
    basis: str
    family: str | None = None
    sigma: float | None = Field(default=None, description="sigma of ln for log-normal, else sd / |mean|")
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    cv: float | None = Field(default=None, description="sd / |mean| as a fraction")
    low95: float | None = Field(default=None, description="probabilistically symmetric 95 % interval")
    high95: float | None = None
    shortest_low95: float | None = None
    shortest_high95: float | None = None
    method: str | None = None
    draws: int | None = None
    seed: int | None = None
    tolerance: float | None = Field(default=None, description="numerical error bound, in half-widths")
    assumption: str | None = Field(default=None, description="what the conversion assumed, as a code")
    precision: int | None = Field(default=None, description="precision score 1-5 from the relative sd")
    reason: str | None = Field(default=None, description="why it could not be simulated")


class Assessment(SQLModel):
    """Rating and verdict on one candidate under one rule set and one day."""

    batch_id: str
    candidate_id: str
    version_id: str
    verdict: Verdict
    scheme: str
    te: int | None = None
    gr: int | None = None
    ti: int | None = None
    p: int | None = None
    dqr: float | None = None
    band: str | None = None
    eligible: bool = Field(default=False, description="verdict, policy and order of sources allow it")
    reasons: str | None = Field(default=None, description="codes of what holds it back, separated by spaces")
    beaten_by: str | None = Field(default=None, description="the candidate preferred by clause (五)")


class Contribution(SQLModel):
    """Share of the variance of a value that one input carries."""

    batch_id: str
    candidate_id: str
    input: str
    share: float = Field(ge=0, le=1)
