"""Packages as a submitter's folder: form, tables, PDFs and recipe on disk say what they said in memory."""

from datetime import date
from pathlib import Path

import pytest

from factordb import submit_check, submit_init
from factordb.checks.package import check_package
from factordb.checks.package.levels import level_of, rank_of, tier_of
from factordb.model.submission import Kind
from factordb.model.vocabulary import Outcome, Verdict
from factordb.stages.submission import load
from factordb.stages.submission_check import DRAWS, Examined, examine
from tests.package.clean_packages import TODAY, Made, made
from tests.package.small_pdf import edited, small_pdf


def _examined(one: Made, tmp_path: Path) -> Examined:
    folder = tmp_path / "SUB-DEMO"
    folder.mkdir()
    one.write(folder)
    return examine(load(folder), folder, today=TODAY, draws=one.draws)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_clean_package_on_disk_raises_nothing_and_earns_the_highest_level(kind: Kind, tmp_path: Path) -> None:
    found = _examined(made(kind, 3), tmp_path)
    assert [one.row() for one in found.checked.findings] == []
    assert found.checked.verdict is Verdict.PASS
    level = level_of(found.package, found.checked)
    assert (level.name, level.missing) == ("T4", ())
    assert found.package.demonstration


def test_a_report_edited_on_disk_is_told_by_its_ends_and_day(tmp_path: Path) -> None:
    one = made(Kind.FUEL, 4)
    path = one.sheets["tests"][0]["file"]
    plain = small_pdf(one.pdfs[path].text, produced=date(2025, 2, 6))
    one.files[path] = edited(plain, date(2026, 1, 28))
    found = _examined(one, tmp_path)
    assert {each.code for each in found.checked.findings} == {"DOC001"}
    assert all(each.sha256 == found.package.files[path].sha256 for each in found.checked.findings)


def test_a_flux_that_its_raw_log_does_not_yield_is_refused_with_both_numbers(tmp_path: Path) -> None:
    one = made(Kind.CHAMBER, 4)
    claimed = f"{float(one.sheets['factors'][0]['value']) * 1.3:.4g}"
    one.sheets["factors"][0]["value"] = claimed
    found = _examined(one, tmp_path)
    assert found.checked.verdict is Verdict.FAIL
    told = next(each for each in found.checked.findings if each.code == "CALC001")
    assert told.found == claimed
    assert one.outcome is not None
    assert float(told.expected) == pytest.approx(one.outcome.value, rel=1e-5)
    assert level_of(found.package, found.checked).name == "T1"


def _without(sheet: str) -> Made:
    one = made(Kind.FUEL, 5)
    one.sheets[sheet] = []
    return one


@pytest.mark.parametrize(
    ("change", "level", "rank", "missing"),
    [
        ("verification", "T3", 3, ""),
        ("certificates", "T2", 4, "CAL002"),
        ("budget", "T2", 4, "UNC101"),
        ("raw", "T1", 4, "RAW001"),
        ("standards", "T0", 4, "MTH001"),
    ],
)
def test_the_level_falls_with_what_is_missing_and_says_so(change: str, level: str, rank: int, missing: str) -> None:
    """T4 alone takes the first place of clause (五); T3 ranks below official data, less as industry experience."""
    one = _without(change)
    found = level_of(one.package(), check_package(one.package(), one.context()))
    assert found.name == level
    assert missing in {each.code for each in found.missing}
    assert all(each.zh and each.en for each in found.missing)
    assert rank_of(found.name) == rank
    assert tier_of(found.name).value == "measured_unverified"


def test_the_highest_level_counts_as_verified_and_stands_first() -> None:
    assert (tier_of("T4").value, rank_of("T4")) == ("measured_verified", 1)


def test_raw_records_kept_outside_hold_the_level_at_reproducible(tmp_path: Path) -> None:
    """A fuel package is recomputed from its sheets; a raw table outside holds it at T2."""
    one = made(Kind.FUEL, 6)
    one.sheets["raw"][0].update(outside="yes", sha256="a" * 64)
    found = _examined(one, tmp_path)
    level = level_of(found.package, found.checked)
    assert level.name == "T2"
    assert [each.code for each in level.missing] == [""]


def test_draws_of_a_shipped_check_are_enough_for_its_tolerance() -> None:
    """The relative error of a standard uncertainty from n draws is 1 over the root of 2 n."""
    assert 2 / (2 * DRAWS) ** 0.5 < 0.05


def test_nothing_is_asked_of_an_empty_folder_that_cannot_be(tmp_path: Path) -> None:
    found = examine(load(tmp_path), tmp_path, today=TODAY, draws=0)
    assert {one.code for one in found.checked.outcomes if one.outcome is Outcome.BROKEN} == {"PKG003"}
    assert level_of(found.package, found.checked).name == "T0"


def test_a_form_as_it_was_begun_is_no_pass(tmp_path: Path) -> None:
    submit_init(tmp_path / "begun", "fuel")
    report = submit_check(tmp_path / "begun", today=TODAY)
    assert report.exit_code == 3
    assert [(row["code"], row["sheet"]) for row in report.findings] == [("PKG009", "submission"), ("PKG009", "factors")]
