"""Every rule of the checklist, and the question to all of them at once."""

from dataclasses import dataclass
from functools import cache

from factordb.checks.package import (
    calculation,
    calibration,
    comparison,
    documents,
    form,
    laboratory,
    method,
    monitoring,
    parties,
    physics,
    records,
    reports,
    signed_results,
)
from factordb.checks.package.base import PackageRegistry, asked, prepared
from factordb.checks.package.context import Context
from factordb.model.package_finding import Asked, PackageFinding, PreparedView, verdict_of
from factordb.model.submission import Package
from factordb.model.vocabulary import Verdict

__all__ = ["Checked", "all_package_checks", "check_package"]

FAMILIES = (
    form, method, calibration, laboratory, signed_results, reports, documents, records, monitoring, calculation,
    physics, comparison, parties,
)  # fmt: skip
"""Rooms of rules: a plain tuple."""


@cache
def all_package_checks() -> PackageRegistry:
    """Return the rules of the checklist in order of family and number."""
    return PackageRegistry(one for family in FAMILIES for one in family.CHECKS)


@dataclass(frozen=True)
class Checked:
    """What the checklist said of a package.

    Attributes:
        outcomes: of every rule, in order of family and number; not asked is never counted as kept.
        findings: gravest first, then in order of code.
        views: what people should look at.
        verdict: on the package.
    """

    outcomes: tuple[Asked, ...]
    findings: tuple[PackageFinding, ...]
    views: tuple[PreparedView, ...]
    verdict: Verdict


def check_package(package: Package, context: Context) -> Checked:
    """Return the outcome of every rule of the checklist for one package."""
    registry = all_package_checks()
    answers = [asked(one, package, context) for one in registry]
    findings = [one for _, found in answers for one in found]
    views = (prepared(one, package, context) for one in registry)
    grave = ("block", "gap", "review", "advise")
    return Checked(
        outcomes=tuple(outcome for outcome, _ in answers),
        findings=tuple(sorted(findings, key=lambda one: grave.index(one.severity.value))),
        views=tuple(one for one in views if one),
        verdict=verdict_of(findings),
    )
