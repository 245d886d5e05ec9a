"""What a measured factor stands on, as plain facts: claim, recipe, raw records, instruments, reports, verifier."""

from dataclasses import dataclass
from datetime import date

__all__ = [
    "Calibrated",
    "Certified",
    "Claim",
    "Days",
    "EvidenceTrail",
    "Figure",
    "RawRead",
    "Reported",
    "Verified",
]

Days = tuple[date, date]
"""First and last day, both of it."""


@dataclass(frozen=True)
class Claim:
    """The claimed factor: its row of the form, and what the records came to; or the fault that kept them from it."""

    key: str
    name_zh: str
    name_en: str
    value: str
    unit: str
    expanded_u: str
    coverage_k: str
    place: str
    recomputed: float | None
    u: float | None
    fault: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Figure:
    """A value of the recipe: a constant, a column or a step, with what it was made by.

    Attributes:
        name: in the recipe.
        kind: constant, column or step.
        made_by: the constant's number, the column's place, or the step's operation.
        source: of a constant.
        rows: how many values; 1 for a single number.
        low: smallest of them.
        high: largest.
        unit: of both.
    """

    name: str
    kind: str
    made_by: str
    source: str
    rows: int
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class RawRead:
    """A raw record: the file, its hash, and the rows and columns that the recipe read."""

    table: str
    file: str
    sha256: str
    size: int
    outside: bool
    rows: int
    columns: tuple[str, ...]
    instruments: tuple[str, ...]


@dataclass(frozen=True)
class Certified:
    """A certificate of an instrument."""

    number: str
    laboratory: str
    accreditation: str
    calibrated_on: date | None
    due_on: date | None
    expanded_u: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Calibrated:
    """An instrument, the days it was used, its certificates, and the days no certificate covers."""

    key: str
    type_name: str
    model: str
    serial: str
    place: str
    quantity: str
    used: Days | None
    certificates: tuple[Certified, ...]
    holes: tuple[Days, ...]


@dataclass(frozen=True)
class Reported:
    """A test report of a laboratory."""

    number: str
    laboratory: str
    accreditation: str
    sampled_on: date | None
    received_on: date | None
    issued_on: date | None
    quantities: tuple[str, ...]
    file: str
    sha256: str


@dataclass(frozen=True)
class Verified:
    """A verifier's statement."""

    verifier: str
    organisation: str
    accreditation: str
    level: str
    statement_on: date | None
    site_days: str
    samples_checked: str
    file: str
    sha256: str


@dataclass(frozen=True)
class EvidenceTrail:
    """Everything the number stands on.

    Attributes:
        submission: number of the package.
        version: of the evidence store; empty outside a library.
        package_sha256: hash that was signed, or over names and hashes.
        level: T0 to T4; empty where it was not computed.
        why: what is missing for the next level, (zh, en).
        demonstration: whether the evidence was invented for teaching.
        submitter: who handed it in.
        organisation: whose measurement it is.
        time_zone: offset of all days.
        period: first and last day of the data.
        claim: the factor.
        figures: constants, columns and steps in the order they are taken.
        recipe_sha256: hash of the recipe; empty where there is none.
        raws: raw records the recipe reads.
        instruments: with their certificates.
        reports: of laboratories, by day of issue.
        verifications: statements.
    """

    submission: str
    claim: Claim
    version: str = ""
    package_sha256: str = ""
    level: str = ""
    why: tuple[tuple[str, str], ...] = ()
    demonstration: bool = False
    submitter: str = ""
    organisation: str = ""
    time_zone: str = ""
    period: Days | None = None
    figures: tuple[Figure, ...] = ()
    recipe_sha256: str = ""
    raws: tuple[RawRead, ...] = ()
    instruments: tuple[Calibrated, ...] = ()
    reports: tuple[Reported, ...] = ()
    verifications: tuple[Verified, ...] = ()
