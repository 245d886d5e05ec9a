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


class RatingEvidence(SQLModel):
    """What is known of a candidate that ratings are derived from; every scheme reads the same evidence."""

    batch_id: str
    candidate_id: str
    age_years: float | None = Field(default=None, description="year of use minus reference year")
    past_validity_years: float | None = Field(default=None, description="begun years after the last day of validity")
    in_force: int = Field(description="1 the register says so, -1 unknown")
    technology: int = Field(description="1 same … 5 different, 0 unknown")
    place: int = Field(description="relation of the place of the data to the place of use, 0 unknown")
    place_steps: int = Field(description="steps in the region tree, -1 unknown")
    tier: int
    verified: int
    plausible: int = Field(description="1 asked and kept, 0 broken, -1 nothing to compare with")
    relative_sd: float | None = None
    basis: int
    stated_geo: float | None = None
    source_found: int
    documented: int


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
