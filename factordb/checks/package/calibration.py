"""CAL: certificates cover every instrument over the whole time it was used, and say what the form says."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check, filled
from factordb.checks.package.context import Context
from factordb.checks.package.reading import (
    Interval,
    day,
    first,
    group,
    holes,
    last_digit,
    limit,
    number,
    period_of,
    said,
    text,
    yes,
)  # fmt: skip
from factordb.model.submission import Kind, Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "covered_days", "use_of"]

MATERIAL: Final = "reference_material"


def use_of(package: Package, instrument: Row) -> Interval | None:
    """Return the days of the period in which an instrument was used; None where the period cannot be read."""
    period = period_of(package)
    if period is None:
        return None
    start, end = day(instrument, "used_from") or period[0], day(instrument, "used_to") or period[1]
    found = (max(start, period[0]), min(end, period[1]))
    return found if found[0] <= found[1] else None


def _of_instruments(package: Package) -> Iterator[tuple[Row, Interval, list[Row]]]:
    """Yield each instrument in use with its days of use and its certificates, in order of the work."""
    certificates = group(package.table("certificates"), "instrument_id")
    for instrument in package.table("instruments"):
        use = use_of(package, instrument)
        if use is None or text(instrument, "status") == "stopped":
            continue
        mine = [one for one in certificates.get((text(instrument, "instrument_id"),), [])
                if text(one, "kind") != MATERIAL]  # fmt: skip
        yield instrument, use, sorted(mine, key=lambda one: day(one, "calibrated_on") or date.min)


def _valid(certificate: Row) -> Interval | None:
    start, end = day(certificate, "calibrated_on"), day(certificate, "due_on")
    return (start, end) if start and end else None


def covered_days(certificates: Iterable[Row]) -> list[Interval]:
    """Return the intervals in which certificates hold: from the day of the work to the last valid day."""
    return [one for one in map(_valid, certificates) if one]


def _treated(hole: Interval, certificates: Iterable[Row]) -> bool | None:
    """Return whether the next certificate after a hole says that it was treated; None where none follows."""
    for one in certificates:
        done = day(one, "calibrated_on")
        if done and done > hole[1]:
            return yes(one, "late_days_treated") is True
    return None


@check("CAL001", basis="GB 17167; MEE verification guide, power, 2023", status="law", severity=Severity.BLOCK,
       sheets=["certificates"])  # fmt: skip
def certificate_files_are_there(package: Package, context: Context) -> Iterator[Broken]:
    """Every certificate is in the package as a file that can be read."""
    for row in package.table("certificates"):
        cell = first(row, "file", "certificate_no")
        path = text(row, "file")
        file = package.files.get(path)
        if file is None or not file.size:
            yield broken(cell, text(row, "certificate_no"))
            continue
        pdf, digital = context.pdf(path), context.certificate(path)
        if (pdf and not pdf.pages) or (digital and digital.fault):
            yield broken(cell, text(row, "certificate_no"), file=path)


@check("CAL002", basis="MEE verification guide, power, 2023; GB 17167", status="law", severity=Severity.BLOCK,
       sheets=["instruments"])  # fmt: skip
def certificates_cover_the_period(package: Package, context: Context) -> Iterator[Broken]:
    """Certificates of each instrument cover the whole time it was used, without a hole.

    The union of the certificates' intervals is laid over the days of use. Holes that a later certificate declares
    treated are for CAL009.
    """
    del context
    for instrument, use, certificates in _of_instruments(package):
        for hole in holes(use, covered_days(certificates)):
            if not _treated(hole, certificates):
                yield broken(
                    first(instrument, "instrument_id"), f"{use[0]}/{use[1]}", start=hole[0], end=hole[1],
                    days=(hole[1] - hole[0]).days + 1, sheet="instruments",
                )  # fmt: skip


@check("CAL003", basis="JJF 1033 practice", severity=Severity.BLOCK, sheets=["certificates"])
def certificate_dates_are_in_order(package: Package, context: Context) -> Iterator[Broken]:
    """An instrument is calibrated, then its certificate issued, then due; none of it after today.

    The issue follows the work within ninety days.
    """
    most = limit("calibration_issue_days")
    for row in package.table("certificates"):
        done, issued, due = day(row, "calibrated_on"), day(row, "issued_on"), day(row, "due_on")
        if done and issued and not 0 <= (issued - done).days <= most:
            yield broken(row["issued_on"], f"≥ {done}")
        if issued and due and due < issued:
            yield broken(row["due_on"], f"≥ {issued}")
        if issued and issued > context.today:
            yield broken(row["issued_on"], f"≤ {context.today}")


@check("CAL004", basis="ISO/IEC 17025; 计量法 (legal metrology)", status="law", severity=Severity.BLOCK,
       sheets=["certificates", "labs"])  # fmt: skip
def calibration_laboratories_are_accredited(package: Package, context: Context) -> Iterator[Broken]:
    """The laboratory of each certificate is accredited for the quantity, on the day of the work."""
    del context
    labs = group(package.table("labs"), "lab_id")
    quantity = {text(one, "instrument_id"): text(one, "quantity") for one in package.table("instruments")}
    for row in package.table("certificates"):
        found = labs.get((text(row, "lab_id"),))
        done = day(row, "calibrated_on")
        if not found:
            continue  # PKG007 tells of a laboratory that no sheet names
        lab = found[0]
        start, end = day(lab, "valid_from"), day(lab, "valid_to")
        if text(lab, "accreditation") in {"", "in_house"} or not said(lab, "accreditation_no"):
            yield broken(first(lab, "accreditation", "lab_id"), "CNAS / ILAC-MRA / 法定计量机构", sheet="labs")
        elif done and start and end and not start <= done <= end:
            yield broken(row["calibrated_on"], f"{start}/{end}")
        wanted = quantity.get(text(row, "instrument_id"), "")
        if wanted and text(row, "kind") != MATERIAL and wanted not in _scope(lab):
            yield broken(first(lab, "scope", "lab_id"), wanted, sheet="labs")


def _scope(lab: Row) -> set[str]:
    return {one.strip() for one in text(lab, "scope").replace("；", ";").split(";")}


@check("CAL005", basis="JJF 1094-2002: U95 at most a third of the permissible error", status="standard",
       severity=Severity.BLOCK, sheets=["certificates", "instruments"])  # fmt: skip
def calibration_is_fine_enough(package: Package, context: Context) -> Iterator[Broken]:
    """The uncertainty of a calibration is at most a third of the permissible error; above all of it, it proves nothing.

    Expanded uncertainties are brought to k = 2.
    """
    del context
    for row, instrument in _with_instrument(package):
        u, mpe, k = number(row, "expanded_u"), number(instrument, "mpe"), number(row, "coverage_k") or 2.0
        if u is None or not mpe or mpe <= 0 or k <= 0:
            continue
        ratio = u / k * limit("coverage_factor") / mpe
        if u <= 0 or ratio > limit("calibration_u_block"):
            yield broken(row["expanded_u"], f"≤ {mpe:g}")
        elif ratio > limit("calibration_u_review") * (1 + 1e-9):
            yield broken(row["expanded_u"], f"≤ {mpe / 3:.3g}", severity=Severity.REVIEW)


def _with_instrument(package: Package) -> Iterator[tuple[Row, Row]]:
    """Yield each certificate of an instrument of the list with that instrument, reference materials left out."""
    instruments = group(package.table("instruments"), "instrument_id")
    for row in package.table("certificates"):
        found = instruments.get((text(row, "instrument_id"),))
        if found and text(row, "kind") != MATERIAL:
            yield row, found[0]


@check("CAL006", basis="GB 17167: instruments are identified by their serial number", status="standard",
       severity=Severity.BLOCK, sheets=["certificates", "instruments"])  # fmt: skip
def serial_numbers_agree(package: Package, context: Context) -> Iterator[Broken]:
    """The serial number on the certificate is that of the instrument.

    A digital certificate is asked for its identifications, a PDF with a text layer for the number in its text.
    """
    for row, instrument in _with_instrument(package):
        serial = text(instrument, "serial")
        if text(row, "serial") != serial:
            yield broken(first(row, "serial", "certificate_no"), serial)
            continue
        path = text(row, "file")
        digital, pdf = context.certificate(path), context.pdf(path)
        if digital and not digital.fault and serial not in digital.identifications:
            yield broken(row["serial"], ", ".join(digital.identifications), file=path)
        if pdf and pdf.text.strip() and "".join(serial.split()) not in "".join(pdf.text.split()):
            yield broken(row["serial"], path, file=path)


@check("CAL007", basis="JJF 1094-2002; CCER methods: else a conservative correction", severity=Severity.BLOCK,
       sheets=["certificates", "instruments"], when=[filled("certificates", "error_found")])  # fmt: skip
def errors_are_permissible(package: Package, context: Context) -> Iterator[Broken]:
    """The error found is within the permissible error, or the readings were corrected for it."""
    del context
    for row, instrument in _with_instrument(package):
        error, mpe = number(row, "error_found"), number(instrument, "mpe")
        if error is not None and mpe is not None and abs(error) > mpe and yes(row, "corrected") is not True:
            yield broken(row["error_found"], f"≤ {mpe:g}")


@check("CAL008", basis="ISO/IEC 17025, 7.8.4.1: as-found results", status="standard", severity=Severity.REVIEW,
       sheets=["certificates", "instruments"])  # fmt: skip
def drift_is_permissible(package: Package, context: Context) -> Iterator[Broken]:
    """Between two calibrations an instrument drifts by no more than its permissible error, and as-found data say so."""
    del context
    for instrument, _, certificates in _of_instruments(package):
        mpe = number(instrument, "mpe")
        for before, after in pairwise(certificates):
            left, found = number(before, "error_found"), number(after, "as_found")
            if found is None:
                yield broken(first(after, "certificate_no"), "as_found", drift="—")
            elif left is not None and mpe is not None and abs(found - left) > mpe + last_digit(text(after, "as_found")):
                yield broken(after["as_found"], f"{left:g} ± {mpe:g}", drift=found - left)


def _again(package: Package, context: Context) -> bool:
    del context
    return any(len(certificates) > 1 for _, _, certificates in _of_instruments(package))


@check(
    "CAL009",
    basis="CCER methods: reading × (1 − |error|); MEE verification guide, power, 2023",
    status="law",
    severity=Severity.BLOCK,
    sheets=["instruments", "certificates"],
    when=[Ground("field", _again)],
)
def late_calibration_is_treated(package: Package, context: Context) -> Iterator[Broken]:
    """Days that a late calibration left uncovered were treated conservatively; a person confirms how."""
    del context
    for instrument, use, certificates in _of_instruments(package):
        for hole in holes(use, covered_days(certificates)):
            treated = _treated(hole, certificates)
            if treated is not None:
                yield broken(
                    first(instrument, "instrument_id"), "late_days_treated", start=hole[0], end=hole[1],
                    severity=Severity.REVIEW if treated else Severity.BLOCK,
                )  # fmt: skip


@check("CAL010", basis="ISO/IEC 17025, 7.8.4.3: a laboratory recommends no interval unless agreed", status="standard",
       severity=Severity.GAP, core=False, sheets=["certificates"])  # fmt: skip
def due_dates_have_a_basis(package: Package, context: Context) -> Iterator[Broken]:
    """Every due date says who set it: the verification's validity, the owner's interval, or an agreement."""
    del context
    for row in package.table("certificates"):
        if not said(row, "due_basis"):
            yield broken(first(row, "due_on", "certificate_no"), "verification / owner / agreed")


def _digital(package: Package, context: Context) -> bool:
    return any(context.certificate(text(one, "file")) for one in package.table("certificates"))


@check("CAL011", basis="PTB digital calibration certificate, schema 3", status="standard", severity=Severity.REVIEW,
       sheets=["certificates"], when=[Ground("reader", _digital)])  # fmt: skip
def digital_certificates_are_signed(package: Package, context: Context) -> Iterator[Broken]:
    """A digital certificate is of a known schema, signed, and says what the form says of number and dates."""
    for row in package.table("certificates"):
        path = text(row, "file")
        facts = context.certificate(path)
        if facts is None or facts.fault:
            continue
        cell = first(row, "file")
        if not facts.schema.startswith("3."):
            yield broken(cell, "3.x", seen=facts.schema, file=path)
        if not facts.signed or facts.signature_holds is False:
            yield broken(cell, "XMLDSig", seen="—" if not facts.signed else "✗", file=path)
        if facts.certificate_no and facts.certificate_no != text(row, "certificate_no"):
            yield broken(first(row, "certificate_no"), facts.certificate_no, seen=facts.certificate_no, file=path)
        done = day(row, "calibrated_on")
        if done and facts.began_on and facts.ended_on and not facts.began_on <= done <= facts.ended_on:
            span = f"{facts.began_on}/{facts.ended_on}"
            yield broken(row["calibrated_on"], span, seen=span, file=path)


def _materials(package: Package, context: Context) -> bool:
    del context
    return package.kind is Kind.CEMS or any(text(one, "kind") == MATERIAL for one in package.table("certificates"))


@check("CAL012", basis="HJ 75/76; JJF 1001: reference materials", status="standard", severity=Severity.BLOCK,
       sheets=["certificates"], when=[Ground("field", _materials)])  # fmt: skip
def reference_materials_are_certified(package: Package, context: Context) -> Iterator[Broken]:
    """Reference gases and materials have certificates that hold from the first to the last day of their use."""
    del context
    period = period_of(package)
    rows = [one for one in package.table("certificates") if text(one, "kind") == MATERIAL]
    if period is None:
        return
    if not rows:
        yield broken(first(package.cover, "kind"), MATERIAL, sheet="certificates")
    for mine in group(rows, "instrument_id").values():
        for hole in holes(period, covered_days(mine)):
            yield broken(first(mine[-1], "due_on"), f"{period[0]}/{period[1]}", start=hole[0], end=hole[1])


CHECKS: Final[tuple[PackageCheck, ...]] = (
    certificate_files_are_there, certificates_cover_the_period, certificate_dates_are_in_order,
    calibration_laboratories_are_accredited, calibration_is_fine_enough, serial_numbers_agree, errors_are_permissible,
    drift_is_permissible, late_calibration_is_treated, due_dates_have_a_basis, digital_certificates_are_signed,
    reference_materials_are_certified,
)  # fmt: skip
