"""What files of evidence say of themselves: a PDF, a digital calibration certificate; read by `evidence`."""

from dataclasses import dataclass
from datetime import date

__all__ = ["CalibrationResult", "CertificateFacts", "PdfFacts", "SignedResult", "SignedResults"]


@dataclass(frozen=True)
class CalibrationResult:
    """One result of a digital certificate: its name, value, unit, expanded uncertainty and coverage factor."""

    name: str
    value: float
    unit: str
    expanded_u: float | None = None
    coverage_k: float | None = None


@dataclass(frozen=True)
class PdfFacts:
    """What a PDF says of itself.

    Attributes:
        pages: how many; 0: it cannot be read.
        producer: program that wrote it.
        created_on: day it says it was made.
        modified_on: day it says it was last changed.
        ends: how many `%%EOF` it has; two and more after a later change.
        text: text of its pages; empty for a scan.
        scripts: JavaScript, launch actions and embedded files, named.
        signed: whether it carries a signature field.
        codes: QR and bar codes of its images, decoded; None where no reader is installed.
    """

    pages: int
    producer: str = ""
    created_on: date | None = None
    modified_on: date | None = None
    ends: int = 1
    text: str = ""
    scripts: tuple[str, ...] = ()
    signed: bool = False
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class CertificateFacts:
    """What a digital calibration certificate (DCC) says.

    Attributes:
        schema: version of the DCC schema, such as 3.3.0.
        certificate_no: its unique identifier.
        began_on: first day of the work.
        ended_on: last day of the work.
        laboratory: name of the calibration laboratory.
        identifications: serial and other numbers of the items.
        statements: what it declares: basic_conformity, basic_recalibration, basic_validityRange and the like.
        results: with their expanded uncertainties.
        signed: whether it carries an XML signature.
        signature_holds: whether that holds; None where nothing verifies it here.
        fault: why it cannot be read; empty: it can.
    """

    schema: str = ""
    certificate_no: str = ""
    began_on: date | None = None
    ended_on: date | None = None
    laboratory: str = ""
    identifications: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    results: tuple[CalibrationResult, ...] = ()
    signed: bool = False
    signature_holds: bool | None = None
    fault: str = ""


@dataclass(frozen=True)
class SignedResult:
    """One test result as its laboratory signed it: the texts of the report, nothing read into numbers."""

    sample_id: str
    report_no: str
    quantity: str
    basis: str
    value: str
    unit: str


@dataclass(frozen=True)
class SignedResults:
    """Results that a laboratory signed, from one file.

    Attributes:
        path: of the file in the package.
        laboratory: as the signed content names it.
        results: what was signed.
        organisation: whose key the signature is by; empty: no key on record.
        key_valid: whether the key was valid on the day of the check.
        looked_at: whether keys were there to verify with; offline they are not.
        fault: why the file cannot be read; empty: it can.
    """

    path: str
    laboratory: str = ""
    results: tuple[SignedResult, ...] = ()
    organisation: str = ""
    key_valid: bool = False
    looked_at: bool = False
    fault: str = ""

    @property
    def supported(self) -> bool:
        """Return whether the signature is by a valid key of the laboratory that is named."""
        return bool(self.organisation) and self.key_valid and self.organisation == self.laboratory
