"""The closed vocabularies of the house; each member's value is what is stored and published.

Words for people (zh, en) stand in `reference/words`. Source: contracts.md; guideline (五), order of sources.
"""

from enum import StrEnum


class Kind(StrEnum):
    """Kind of number: each has its own checks and its own place in a release."""

    FACTOR = "factor"
    """kg CO2e per declared unit."""
    GAS_FACTOR = "gas_factor"
    """One gas, or CO2 only, per declared unit. Never relabelled as CO2e."""
    PARAMETER = "parameter"
    """Net calorific value, carbon content, oxidation, density, share."""


class Tier(StrEnum):
    """Kind of source in the order of clause (五); *measured* wins only where it is verified."""

    MEASURED_VERIFIED = "measured_verified"
    OFFICIAL = "official"
    INDUSTRY = "industry"
    LITERATURE = "literature"
    MEASURED_UNVERIFIED = "measured_unverified"
    ESTIMATED = "estimated"


class Severity(StrEnum):
    """What a broken rule means for its candidate, gravest first."""

    BLOCK = "block"
    GAP = "gap"
    REVIEW = "review"
    ADVISE = "advise"


class Outcome(StrEnum):
    """What came of asking a rule. Not asked is never counted as kept."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_ASKED = "not_asked"


class Verdict(StrEnum):
    """Conclusion on a candidate: 通过, 需人工确认, 信息不足, 不通过."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NEEDS_PERSON = "needs_person"
    INSUFFICIENT = "insufficient"
    FAIL = "fail"


class Direction(StrEnum):
    """Sign convention: only declared removals and credits may be negative."""

    EMISSION = "emission"
    REMOVAL = "removal"
    CREDIT = "credit"


class Boundary(StrEnum):
    """Which life-cycle stages a factor covers (clause (三))."""

    DIRECT = "direct"
    """Combustion, process or field emissions at the point of use; for electricity, at the power plants."""
    UPSTREAM = "upstream"
    """Well-to-tank or other supply chain without use."""
    CRADLE_TO_GATE = "cradle_to_gate"
    CRADLE_TO_GRAVE = "cradle_to_grave"
    GATE_TO_GATE = "gate_to_gate"
    UNSPECIFIED = "unspecified"


class StatementKind(StrEnum):
    """Form in which a source states the uncertainty of its value."""

    NONE = "none"
    CV_PERCENT = "cv_percent"
    SD = "sd"
    GSD2 = "gsd2"
    BOUNDS95 = "bounds95"
    RANGE = "range"
    PLUS_MINUS = "plus_minus"


class Basis(StrEnum):
    """Where a distribution comes from; always shown beside the interval."""

    REPORTED = "reported"
    DERIVED = "derived"
    DEFAULT = "default"
    NONE = "none"
