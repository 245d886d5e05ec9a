"""LAB and SMP: who tested, and what was tested."""

from collections.abc import Iterable, Iterator
from typing import Final

from factordb.checks.package.base import Broken, PackageCheck, broken, check, filled, quotes
from factordb.checks.package.context import Context
from factordb.checks.package.method import standard_and_year
from factordb.checks.package.reading import day, first, group, limit, number, period_of, said, text, yes
from factordb.model.package_finding import Quoted
from factordb.model.submission import Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS"]


def _with_lab(package: Package) -> Iterator[tuple[Row, Row]]:
    """Yield each test with its laboratory, tests of unknown laboratories left out: PKG007 tells of them."""
    labs = group(package.table("labs"), "lab_id")
    for row in package.table("tests"):
        found = labs.get((text(row, "lab_id"),))
        if found:
            yield row, found[0]


def _testing(package: Package) -> list[Row]:
    used = {text(row, "lab_id") for row in package.table("tests")}
    return [one for one in package.table("labs") if text(one, "lab_id") in used]


@check(
    "LAB001", basis="MEE notice 2022-03: CMA or CNAS", status="law", severity=Severity.BLOCK, sheets=["tests", "labs"]
)
def laboratories_are_qualified(package: Package, context: Context) -> Iterator[Broken]:
    """A testing laboratory has CMA or CNAS, with its number; one in house shows equivalence for LAB004."""
    del context
    for lab in _testing(package):
        kind = text(lab, "accreditation")
        if kind == "legal_metrology" or (kind != "in_house" and not said(lab, "accreditation_no")):
            yield broken(first(lab, "accreditation_no", "accreditation", "lab_id"), "CMA / CNAS", sheet="labs")


@check(
    "LAB002",
    basis="MEE notice 2022-03; 检验检测机构资质认定管理办法",
    status="law",
    severity=Severity.BLOCK,
    sheets=["tests", "labs"],
)
def licences_were_valid(package: Package, context: Context) -> Iterator[Broken]:
    """The laboratory's licence was valid on the day of each test."""
    del context
    for row, lab in _with_lab(package):
        done, start, end = day(row, "tested_on"), day(lab, "valid_from"), day(lab, "valid_to")
        if done and start and end and not start <= done <= end:
            yield broken(row["tested_on"], f"{start}/{end}", lab=text(lab, "lab_id"))


def _scope(lab: Row) -> set[str]:
    parts = text(lab, "scope").replace("；", ";").split(";")
    found = {" ".join(one.split()) for one in parts}
    return found | {family[0] for one in found if (family := standard_and_year(one))}


@check(
    "LAB003",
    basis="ISO/IEC 17025: accredited for the method; MEE notice 2022-03",
    status="law",
    severity=Severity.BLOCK,
    sheets=["tests", "labs"],
)
def methods_are_in_scope(package: Package, context: Context) -> Iterator[Broken]:
    """The method of each test is in the laboratory's accredited scope."""
    del context
    for (written, _), rows in group(package.table("tests"), "standard_no", "lab_id").items():
        lab = next((lab for row, lab in _with_lab(package) if row is rows[0]), None)
        found = standard_and_year(written)
        if lab is None or found is None or text(lab, "accreditation") == "in_house":
            continue
        if not _scope(lab) & {written, found[0]}:
            yield broken(rows[0]["standard_no"], text(lab, "scope"), lab=text(lab, "lab_id"))


def _own(package: Package, lab: Row) -> bool:
    owner = text(package.cover, "organisation")
    return text(lab, "accreditation") == "in_house" or (bool(owner) and text(lab, "name_zh") == owner)


def _laboratories(package: Package, context: Context) -> Iterable[Quoted]:
    del context
    own = [lab for lab in _testing(package) if _own(package, lab)]
    return quotes(own, "name_zh", "accreditation", "scope", "file")


@check(
    "LAB004",
    basis="EU MRR 2018/2066, article 34: equivalence shown; ISO/IEC 17043",
    status="standard",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["tests", "labs"],
    view=_laboratories,
)
def own_laboratories_show_equivalence(package: Package, context: Context) -> Iterator[Broken]:
    """A laboratory of the owner shows equivalence to an accredited one; a person judges.

    Staff, rooms, methods, quality assurance, and proficiency tests with |En| of at most 1.
    """
    del context
    for lab in _testing(package):
        if _own(package, lab):
            yield broken(first(lab, "name_zh", "lab_id"), f"|En| ≤ {limit('proficiency_en'):g}", sheet="labs")


@check(
    "SMP001",
    basis="GB/T 475, GB/T 19494.1: lot, increments, mass",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["samples"],
)
def sampling_follows_a_standard(package: Package, context: Context) -> Iterator[Broken]:
    """Each sample names its lot, the lot's mass, the number of increments and the standard it was taken by."""
    del context
    for row in package.table("samples"):
        for name in ("increments", "lot_mass"):
            value = number(row, name)
            if value is None or value <= 0:
                yield broken(first(row, name, "sample_id"), f"{name} > 0")
        if not said(row, "lot_id"):
            yield broken(first(row, "sample_id"), "lot_id")


@check(
    "SMP002",
    basis="GB/T 475: every planned sample counts",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["samples"],
)
def no_sample_was_picked(package: Package, context: Context) -> Iterator[Broken]:
    """All samples were planned, none was selected afterwards, and each was tested."""
    del context
    tested = {text(row, "sample_id") for row in package.table("tests")}
    for row in package.table("samples"):
        if yes(row, "selected_later"):
            yield broken(row["selected_later"], "no")
        if yes(row, "planned") is False:
            yield broken(row["planned"], "yes")
        if tested and text(row, "sample_id") not in tested:
            yield broken(first(row, "sample_id"), "tests")


@check(
    "SMP003",
    basis="GB/T 474, GB/T 475: daily samples mixed by mass",
    status="standard",
    severity=Severity.REVIEW,
    sheets=["samples"],
)
def composites_are_mixed_by_mass(package: Package, context: Context) -> Iterator[Broken]:
    """A composite is mixed in proportion to mass, or there is a single sample."""
    del context
    for row in package.table("samples"):
        if text(row, "composite_rule") not in {"mass_weighted", "single"}:
            yield broken(first(row, "composite_rule", "sample_id"), "mass_weighted / single")


@check(
    "SMP004",
    basis="MEE notice 2022-03: samples kept a year; from memory, to be confirmed",
    status="law",
    severity=Severity.GAP,
    core=False,
    sheets=["samples"],
)
def samples_are_retained(package: Package, context: Context) -> Iterator[Broken]:
    """A part of each sample is retained for a year after sampling, so that it can be tested again."""
    del context
    for row in package.table("samples"):
        taken, kept = day(row, "sampled_on"), day(row, "retained_until")
        least = int(limit("sample_retention_days"))
        if kept is None or (taken and (kept - taken).days < least):
            yield broken(first(row, "retained_until", "sample_id"), f"{least} d")


@check(
    "SMP005",
    basis="MEE notice 2022-03; chain of custody of ISO/IEC 17025, 7.4",
    status="standard",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["samples"],
    view=lambda package, _: quotes(package.table("samples"), "sampler", "witness", "seal_no"),
)
def custody_is_shown(package: Package, context: Context) -> Iterator[Broken]:
    """Each sample has a sampler, a witness who is another person, and a seal number of its own."""
    del context
    seals: set[str] = set()
    for row in package.table("samples"):
        for name in ("sampler", "witness", "seal_no"):
            if not said(row, name):
                yield broken(first(row, "sample_id"), name)
        if said(row, "witness") and text(row, "sampler") == text(row, "witness"):
            yield broken(row["witness"], "≠ sampler")
        seal = text(row, "seal_no")
        if seal and seal in seals:
            yield broken(row["seal_no"], "×1")
        seals.add(seal)


@check(
    "SMP006",
    basis="EFDB: applicability; EuroFIR: sampling plan",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["samples"],
    when=[filled("samples", "sampled_on")],
    view=lambda package, _: quotes(package.table("samples"), "sampled_on", "load_percent", "lot_mass"),
)
def samples_represent_the_period(package: Package, context: Context) -> Iterator[Broken]:
    """Every quarter of the period has samples, and their lots' masses add up to what was used."""
    del context
    period = period_of(package)
    days = [found for row in package.table("samples") if (found := day(row, "sampled_on"))]
    if period is None or not days:
        return
    quarters = {(one.year, (one.month - 1) // 3) for one in days}
    year, quarter = period[0].year, (period[0].month - 1) // 3
    while (year, quarter) <= (period[1].year, (period[1].month - 1) // 3):
        if (year, quarter) not in quarters:
            yield broken(first(package.table("samples")[0], "sampled_on"), f"{year} Q{quarter + 1}")
        year, quarter = (year, quarter + 1) if quarter < 3 else (year + 1, 0)  # noqa: PLR2004 - four quarters a year
    masses = [number(row, "lot_mass") or 0.0 for row in package.table("samples")]
    used = [number(row, "value") or 0.0 for row in package.table("activity") if text(row, "quantity") == "use"]
    if used and abs(sum(masses) - sum(used)) > limit("daily_sum_tolerance") * sum(used):
        yield broken(first(package.table("samples")[0], "lot_mass"), f"Σ = {sum(used):g} (Σ {sum(masses):g})")


CHECKS: Final[tuple[PackageCheck, ...]] = (
    laboratories_are_qualified, licences_were_valid, methods_are_in_scope, own_laboratories_show_equivalence,
    sampling_follows_a_standard, no_sample_was_picked, composites_are_mixed_by_mass, samples_are_retained,
    custody_is_shown, samples_represent_the_period,
)  # fmt: skip
