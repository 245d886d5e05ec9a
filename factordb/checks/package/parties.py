"""IND, VRF, RGT, RET: who verified, who may publish, and who keeps the originals."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from factordb.checks.package.base import Broken, PackageCheck, broken, check, quotes
from factordb.checks.package.context import Context
from factordb.checks.package.reading import day, first, limit, number, period_of, said, text, yes
from factordb.model.package_finding import Quoted
from factordb.model.submission import Cell, Package
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "access_of"]


@check(
    "IND001",
    basis="ISO 14065; ISO 17029: impartiality; ISO 14064-3",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["verification", "people"],
)
def verifiers_are_independent(package: Package, context: Context) -> Iterator[Broken]:
    """The verifier took no other part, and belongs neither to owner, laboratory nor consultant.

    The body of the statement is the verifier's own.
    """
    del context
    people = package.table("people")
    labs = {text(one, "name_zh") for one in package.table("labs")}
    others = {text(package.cover, "organisation")} | {text(one, "authorised_by") for one in package.table("rights")}
    taking_part = [one for one in people if text(one, "role") != "verifier"]
    others |= {text(one, "organisation") for one in taking_part} | labs
    for row in package.table("verification"):
        key, body = text(row, "verifier"), text(row, "organisation")
        mine = [one for one in people if text(one, "person") == key]
        names = {text(one, "name") for one in mine} - {""}
        for one in taking_part:
            if text(one, "person") == key or text(one, "name") in names:
                yield broken(first(row, "verifier"), text(one, "role"))
        if not any(text(one, "role") == "verifier" for one in mine):
            yield broken(first(row, "verifier"), "role = verifier")
        for organisation in sorted(({body} | {text(one, "organisation") for one in mine}) & (others - {""})):
            yield broken(Cell(organisation, first(row, "organisation").place), "≠")


@check(
    "VRF001",
    basis="ISO 14065, ISO 17029, ISO 14064-3",
    status="standard",
    severity=Severity.BLOCK,
    sheets=["verification"],
)
def statements_are_complete(package: Package, context: Context) -> Iterator[Broken]:
    """A verifier is accredited on the day of the statement, which is dated after all it covers, and states its level.

    Materiality is stated and at most 5 %; the statement is a file of the package.
    """
    period = period_of(package)
    newest = max((found for row in package.table("tests") if (found := day(row, "issued_on"))), default=None)
    for row in package.table("verification"):
        signed, start, end = (day(row, name) for name in ("statement_on", "valid_from", "valid_to"))
        for name in ("accreditation_no", "scope", "level"):
            if not said(row, name):
                yield broken(first(row, name, "verifier"), name)
        if signed and start and end and not start <= signed <= end:
            yield broken(row["statement_on"], f"{start}/{end}")
        bounds = [one for one in (newest, period[1] if period else None) if one]
        if signed and bounds and signed < max(bounds):
            yield broken(row["statement_on"], f"≥ {max(bounds)}")
        if signed and signed > context.today:
            yield broken(row["statement_on"], f"≤ {context.today}")
        material = number(row, "materiality_percent")
        if material is None or not 0 < material <= limit("assurance_materiality"):
            yield broken(first(row, "materiality_percent", "verifier"), f"≤ {limit('assurance_materiality'):g} %")
        file = package.files.get(text(row, "file"))
        if file is None or not file.size:
            yield broken(first(row, "file", "verifier"), "file")


def _work(package: Package, context: Context) -> Iterable[Quoted]:
    del context
    return quotes(package.table("verification"), "verifier", "site_days", "samples_checked", "level", "file")


@check(
    "VRF002",
    basis="ISO 14064-3: evidence by site visit and sampling; the case of 14 March 2022",
    status="standard",
    who="AH",
    severity=Severity.REVIEW,
    sheets=["verification"],
    view=_work,
)
def verification_was_done(package: Package, context: Context) -> Iterator[Broken]:
    """The verifier was on site or checked samples, and did not sign several statements on one day."""
    for row in package.table("verification"):
        site, checked = number(row, "site_days"), number(row, "samples_checked")
        if not site and not checked:
            yield broken(first(row, "site_days", "samples_checked", "verifier"), "> 0")
        samples = len(package.table("samples"))
        if checked is not None and samples and checked > samples:
            yield broken(row["samples_checked"], f"≤ {samples}")
        signed = day(row, "statement_on")
        others = context.library.statements.count(signed) if context.library and signed else 0
        if others >= limit("statements_per_day"):
            yield broken(first(row, "statement_on"), f"≤ {limit('statements_per_day'):g} / d")


@check(
    "RGT001",
    basis="guideline 468 (四): scope of authorisation",
    status="law",
    who="AH",
    severity=Severity.BLOCK,
    sheets=["submission"],
    view=lambda package, _: quotes(package.table("rights"), "authorised_by", "authorisation", "licence", "publication"),
)
def publication_is_authorised(package: Package, context: Context) -> Iterator[Broken]:
    """The owner of the data allows the factor to be published, by a document or a licence."""
    del context
    rows = package.table("rights")
    if not rows:
        yield broken(first(package.cover, "organisation"), "rights", sheet="rights")
    for row in rows:
        if yes(row, "publication") is not True:
            yield broken(first(row, "publication", "file"), "yes", sheet="rights")
    if rows and not any(said(row, "authorisation") or said(row, "licence") for row in rows):
        yield broken(first(rows[0], "authorised_by", "file"), "authorisation", sheet="rights")


def access_of(package: Package, path: str) -> str:
    """Return the access level of a file: that of the narrowest pattern that fits; empty where none does."""
    fits = [
        row
        for row in package.table("rights")
        if (pattern := text(row, "file")) in {"*", path} or fnmatchcase(path, pattern)
    ]
    return text(max(fits, key=lambda row: len(text(row, "file"))), "access") if fits else ""


@check(
    "RGT002",
    basis="guideline 468 (六): classified and graded data",
    status="law",
    severity=Severity.GAP,
    sheets=["submission"],
)
def every_file_has_its_access(package: Package, context: Context) -> Iterator[Broken]:
    """Every file has an access level."""
    del context
    for path in package.files:
        if not access_of(package, path):
            yield Broken(path, "—", "public / restricted / confidential", sheet="rights", file=path)


@check(
    "RET001",
    basis="碳排放权交易管理办法（试行）2021: at least five years; EU MRR: ten",
    status="law",
    severity=Severity.GAP,
    sheets=["submission"],
)
def originals_are_kept(package: Package, context: Context) -> Iterator[Broken]:
    """Originals are kept for five years or more, and somebody is named who keeps them."""
    del context
    years = number(package.cover, "retention_years")
    if years is None or years < limit("retention_years"):
        yield broken(first(package.cover, "retention_years"), f"≥ {limit('retention_years'):g}")
    if not said(package.cover, "custodian"):
        yield broken(Cell("—", first(package.cover, "custodian").place), "custodian")


CHECKS: Final[tuple[PackageCheck, ...]] = (
    verifiers_are_independent, statements_are_complete, verification_was_done, publication_is_authorised,
    every_file_has_its_access, originals_are_kept,
)  # fmt: skip
