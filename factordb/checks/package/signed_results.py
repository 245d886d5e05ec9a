"""LAB005 and LAB006: results that a laboratory signed itself, beside what the form says."""

from collections.abc import Iterator
from typing import Final

from factordb.checks.package.base import Broken, Ground, PackageCheck, broken, check
from factordb.checks.package.context import Context
from factordb.checks.package.reading import first, group, number, text
from factordb.model.evidence_facts import SignedResult
from factordb.model.submission import Package, Row
from factordb.model.vocabulary import Severity

__all__ = ["CHECKS", "signed_share"]

NAMED: Final = ("sample_id", "report_no", "quantity", "basis")
THERE: Final = Ground("reader", lambda _package, context: bool(context.signed_results))
LOOKED_AT: Final = Ground("signature", lambda _package, context: any(one.looked_at for one in context.signed_results))


def _names(package: Package) -> dict[str, str]:
    """Return laboratory id -> its name."""
    return {text(row, "lab_id"): text(row, "name_zh") for row in package.table("labs")}


def _name(one: SignedResult) -> tuple[str, ...]:
    return tuple(getattr(one, name) for name in NAMED)


@check("LAB005", basis="RFC 8032; DSSE 1.0; traceability.md 3.6", status="standard", severity=Severity.BLOCK,
       when=[THERE, LOOKED_AT])  # fmt: skip
def laboratories_signed_with_their_keys(package: Package, context: Context) -> Iterator[Broken]:
    """Results signed by a laboratory verify with its key on record; an unknown key is for a person to ask about."""
    labs = _names(package)
    used = {labs.get(text(row, "lab_id"), "") for row in package.table("tests")}
    for one in context.signed_results:
        if one.fault:
            yield Broken(one.path, one.fault, "DSSE", file=one.path)
        elif not one.organisation:
            yield Broken(one.path, one.laboratory, "key", Severity.REVIEW, file=one.path)
        elif not one.supported or one.laboratory not in used:
            found = one.organisation if one.key_valid else f"{one.organisation} (expired)"
            yield Broken(one.path, found, one.laboratory, file=one.path)


@check("LAB006", basis="ours: a report and its signed results are one", status="ours", severity=Severity.BLOCK,
       sheets=["tests"], when=[THERE])  # fmt: skip
def the_form_says_what_was_signed(package: Package, context: Context) -> Iterator[Broken]:
    """Each signed result stands in the form with the same value and unit; one that the form lacks is for a person."""
    rows = group(package.table("tests"), *NAMED)
    for one in context.signed_results:
        for result in one.results:
            there = rows.get(_name(result), [])
            if not there:
                yield Broken(one.path, "—", " ".join(_name(result)), Severity.REVIEW, file=one.path)
            for row in there:
                if not _same(row, result):
                    yield broken(first(row, "value"), f"{result.value} {result.unit}", sheet="tests", file=one.path)


def _same(row: Row, result: SignedResult) -> bool:
    claimed = number(row, "value")
    try:
        signed = float(result.value)
    except ValueError:
        return False
    return claimed == signed and text(row, "unit") == result.unit


def signed_share(package: Package, context: Context) -> float | None:
    """Return the share of the test results that their laboratory signed and the form repeats; None without tests."""
    tests = package.table("tests")
    if not tests:
        return None
    labs = _names(package)
    signed = {(one.laboratory, *_name(result)): result
              for one in context.signed_results if one.supported for result in one.results}  # fmt: skip
    named = ((row, (labs.get(text(row, "lab_id"), ""), *(text(row, name) for name in NAMED))) for row in tests)
    rows = ((row, signed.get(name)) for row, name in named)
    return sum(result is not None and _same(row, result) for row, result in rows) / len(tests)


CHECKS: Final[tuple[PackageCheck, ...]] = (laboratories_signed_with_their_keys, the_form_says_what_was_signed)
