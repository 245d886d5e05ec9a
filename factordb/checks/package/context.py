"""What the checklist may know beside the package itself, as plain facts: the rooms that read files hand it in.

Everything that is None was not looked at (offline, or the reader is not installed); rules that need it are not asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar, cast

from factordb.derivation.recipe import Recipe
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome as Recomputed
from factordb.model.evidence_facts import CertificateFacts, PdfFacts, SignedResults

__all__ = [
    "CertificateFacts",
    "Columns",
    "Context",
    "LibraryFacts",
    "LoadFact",
    "PdfFacts",
    "PublishedFactor",
    "ReportSeen",
    "SignatureFacts",
]

T = TypeVar("T")
Columns = Mapping[str, Sequence[str | None]]
"""A raw table: column -> cells as they were written."""


@dataclass(frozen=True)
class LoadFact:
    """A fault met while the package was read: PKG001, PKG003 or PKG004."""

    code: str
    place: str
    found: str = ""
    expected: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class SignatureFacts:
    """The submitter's signature: by whom, whether it holds over the tag manifest, and whether the key was valid."""

    signed_by: str
    holds: bool
    key_valid: bool
    place: str = "signatures/submission.dsse.json"


@dataclass(frozen=True)
class PublishedFactor:
    """A factor of the library that a claim is compared with, in the claim's unit."""

    factor_id: str
    flow: str
    product_code: str
    region: str
    boundary: str
    gas: str
    plant: str
    unit: str
    value: float
    period_from: date | None = None
    period_to: date | None = None


@dataclass(frozen=True)
class ReportSeen:
    """A test report of an earlier submission: laboratory's name, number as printed, day of issue."""

    laboratory: str
    report_no: str
    issued_on: date
    submission: str


@dataclass(frozen=True)
class LibraryFacts:
    """What the receiving side knows of others.

    Attributes:
        factors: published and pending factors of the same flow or product code.
        files: sha256 of evidence of earlier submissions -> submission.
        reports: test reports of earlier submissions by the same laboratories.
        statements: verification statements signed by the same verifier, days.
    """

    factors: tuple[PublishedFactor, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    reports: tuple[ReportSeen, ...] = ()
    statements: tuple[date, ...] = ()


def _no_table(table: str) -> Columns:
    del table
    return MappingProxyType({})


def _no_pdf(path: str) -> PdfFacts | None:
    del path
    return None


def _no_certificate(path: str) -> CertificateFacts | None:
    del path
    return None


@dataclass(frozen=True)
class Context:
    """What stands beside a package.

    Attributes:
        today: day of the check; nothing in the rules reads a clock.
        bagged: whether the package says that it is a bag: only then can its manifests be complete.
        faults: met while it was read.
        recipe: as read; None where the package has none, a `RecipeError` where it cannot be read.
        recomputed: factor_key -> what the recipe came to, or why it did not.
        table: raw table -> its columns, read when asked for; empty where it is missing.
        pdf: path -> facts of a PDF; None where it was not looked at.
        certificate: path -> facts of a digital calibration certificate; None where it was not looked at.
        signature: of the submitter; None before packing, or offline.
        library: None offline.
        signed_results: test results that laboratories signed themselves.
    """

    today: date
    bagged: bool = False
    faults: tuple[LoadFact, ...] = ()
    recipe: Recipe | RecipeError | None = None
    recomputed: Mapping[str, Recomputed | RecipeError] = field(default_factory=lambda: MappingProxyType({}))
    table: Callable[[str], Columns] = _no_table
    pdf: Callable[[str], PdfFacts | None] = _no_pdf
    certificate: Callable[[str], CertificateFacts | None] = _no_certificate
    signature: SignatureFacts | None = None
    library: LibraryFacts | None = None
    signed_results: tuple[SignedResults, ...] = ()
    _derived: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` gives, made at the first question: facts that several rules derive of the package."""
        if name not in self._derived:
            self._derived[name] = make()
        return cast("T", self._derived[name])
