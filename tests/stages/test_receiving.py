"""A package from the submitter's folder to a candidate: checked alike on both sides, kept, and refused when forged."""

import csv
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from factordb import Library, make_key, sign_results, submit_check, submit_init, submit_pack
from factordb.errors import NotPermittedError, UsageError
from factordb.evidence import ocfl
from factordb.evidence.keys import read_key_list
from factordb.model.submission import Kind
from tests.package.clean_packages import made as made_package

TODAY = date(2026, 11, 26)


@pytest.fixture
def fuel(tmp_path: Path) -> Path:
    folder: Path = made_package(Kind.FUEL, 3).write(tmp_path / "fuel")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library.open(tmp_path / "library", create=True)


def test_a_whole_package_becomes_a_candidate_of_the_tier_its_level_earns(
    fuel: Path, library: Library, tmp_path: Path
) -> None:
    desk = submit_check(fuel, today=TODAY)
    assert (desk.level["name"], desk.level["tier"]) == ("T4", "measured_verified")
    make_key(tmp_path / "zhang.pem", "correct horse battery")
    submit_pack(fuel, tmp_path / "fuel.zip", tmp_path / "zhang.pem", "correct horse battery")
    received = library.receive(tmp_path / "fuel.zip", actor="zhang-san", today=TODAY)
    assert received.batch is not None
    assert (received.batch.rows, received.batch.candidates, received.batch.refused) == (1, 1, 0)
    assert [(row["level"], row["version"]) for row in library.packages()] == [("T4", "v1")]
    library.appraise(as_of=TODAY)
    row = library.queue(limit=1).to_pylist()[0]
    factor = library.factor(row["candidate_id"])["candidate"][0]
    assert factor["tier"] == "measured_verified"
    said = json.loads(json.loads(factor["attributes"])["traceability"])
    assert said["level"] == "T4"
    assert said["recomputed"] == pytest.approx(factor["value"], rel=1e-3)
    assert not row["eligible"], "demonstration evidence is never promoted as real"


def test_the_same_package_again_adds_nothing(fuel: Path, library: Library) -> None:
    first = library.receive(fuel, today=TODAY)
    again = library.receive(fuel, today=TODAY)
    assert again.batch is not None
    assert first.batch is not None
    assert again.batch.already
    assert again.batch.batch_id == first.batch.batch_id
    assert len(library.packages()) == 1


def test_a_claim_that_its_records_do_not_yield_is_refused_with_both_numbers(library: Library, tmp_path: Path) -> None:
    one = made_package(Kind.CHAMBER, 4)
    true = one.sheets["factors"][0]["value"]
    one.sheets["factors"][0]["value"] = f"{float(true) * 0.8:.3f}"
    folder = one.write(tmp_path / "forged")
    received = library.receive(folder, today=TODAY)
    assert received.batch is None
    assert received.report.exit_code == 3
    finding = next(row for row in received.report.findings if row["code"] == "CALC001")
    assert one.sheets["factors"][0]["value"] in finding["said_zh"] + finding["found"]
    assert float(finding["expected"]) == pytest.approx(float(true), rel=1e-3)
    assert finding["expected"] in finding["said_en"]
    assert library.packages() == []
    assert ocfl.object_ids(library.workspace.evidence) == []
    assert library.batches() == []


def test_a_missing_certificate_caps_the_level_and_refuses_nothing(library: Library, tmp_path: Path) -> None:
    one = made_package(Kind.FUEL, 6)
    one.sheets["certificates"] = []
    received = library.receive(one.write(tmp_path / "bare"), today=TODAY)
    assert received.report.exit_code == 4
    assert {row["highest"] for row in received.report.findings if row["severity"] == "block"} == {"T2"}
    assert received.batch is not None
    assert [(row["level"], row["verdict"]) for row in library.packages()] == [("T2", "insufficient")]
    library.appraise(as_of=TODAY)
    factor = library.factor(library.queue(limit=1).to_pylist()[0]["candidate_id"])["candidate"][0]
    assert factor["tier"] == "measured_unverified"


def test_a_serial_number_of_another_instrument_refuses(library: Library, tmp_path: Path) -> None:
    one = made_package(Kind.FUEL, 6)
    one.sheets["certificates"][0]["serial"] = "SWAPPED-1"
    received = library.receive(one.write(tmp_path / "swapped"), today=TODAY)
    assert received.batch is None
    assert {(row["code"], row["highest"]) for row in received.report.findings} == {("CAL006", "")}


def _laboratory(one: Any) -> str:
    tester = one.sheets["tests"][0]["lab_id"]
    return str(next(row["name_zh"] for row in one.sheets["labs"] if row["lab_id"] == tester))


def _signed(one: Any, folder: Path, key: Path, *, change: float = 0.0, leave_out: int = 0) -> None:
    """Let the laboratory of a package sign its results; `change` is added to the first value."""
    rows = [dict(row) for row in one.sheets["tests"][leave_out:]]
    rows[0]["value"] = f"{float(rows[0]['value']) + change:g}" if change else rows[0]["value"]
    table = folder.parent / f"{folder.name}.csv"
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["sample_id", "report_no", "quantity", "basis", "value", "unit"], restval="",
                                extrasaction="ignore")  # fmt: skip
        writer.writeheader()
        writer.writerows(rows)
    (folder / "tests" / "lab_results").mkdir(parents=True, exist_ok=True)
    sign_results(
        table, _laboratory(one), folder / "tests" / "lab_results" / "r.dsse.json", key, "correct horse battery"
    )


def test_results_signed_by_their_laboratory_count_and_an_edit_of_them_is_refused(
    library: Library, tmp_path: Path
) -> None:
    one = made_package(Kind.FUEL, 8)
    make_key(tmp_path / "lab.pem", "correct horse battery")
    laboratory = _laboratory(one)
    for person, organisation, roles in (("root", "office", ["administrator"]), ("lab", laboratory, ["reader"])):
        library.add_person(person, organisation=organisation, roles=roles, actor="root")
    library.add_key("lab", (tmp_path / "lab.pem.pub").read_text(), actor="root")
    today = datetime.now(tz=UTC).date()  # a key holds from the day it is put on record

    good = one.write(tmp_path / "good")
    _signed(one, good, tmp_path / "lab.pem", leave_out=1)
    library.export_keys(tmp_path / "keys.json")
    keys = read_key_list(tmp_path / "keys.json").values()
    report = submit_check(good, today=today, keys=keys)
    assert report.signed_share == pytest.approx(1 - 1 / len(one.sheets["tests"]))
    assert not {"LAB005", "LAB006"} & {row["code"] for row in report.findings}

    edited = one.write(tmp_path / "edited")
    _signed(one, edited, tmp_path / "lab.pem", change=1.5)
    report = submit_check(edited, today=today, keys=keys)
    found = [row for row in report.findings if row["code"] == "LAB006"]
    assert [row["severity"] for row in found] == ["block"]
    assert one.sheets["tests"][0]["value"] in found[0]["said_zh"]
    assert report.exit_code == 3

    make_key(tmp_path / "stranger.pem", "correct horse battery")
    strange = one.write(tmp_path / "strange")
    _signed(one, strange, tmp_path / "stranger.pem")
    report = submit_check(strange, today=today, keys=keys)
    assert [(row["code"], row["severity"]) for row in report.findings if row["code"] == "LAB005"] == [
        ("LAB005", "review")
    ]
    assert report.signed_share == 0

    received = library.receive(good, actor="zhang", today=today)
    assert received.batch is not None
    library.appraise(as_of=today)
    factor = library.factor(library.queue(limit=1).to_pylist()[0]["candidate_id"])["candidate"][0]
    assert (factor["trace_level"], factor["signed_share"]) == ("T4", pytest.approx(report_share(one), abs=1e-3))


def report_share(one: Any) -> float:
    """Return the share of results that are signed where one is left out."""
    return 1 - 1 / len(one.sheets["tests"])


def test_on_the_reviewers_route_only_a_submitter_sends(fuel: Path, library: Library) -> None:
    library.add_person("root", organisation="office", roles=["administrator"])
    library.add_person("rui", organisation="office", roles=["reviewer"], kinds=["subject"], actor="root")
    library.add_person("zhang", organisation="plant", roles=["submitter"], actor="root")
    library.declare_mode("reviewed", actor="root")
    for actor in ("rui", "nobody"):
        with pytest.raises(NotPermittedError):
            library.receive(fuel, actor=actor, today=TODAY)
    assert library.packages() == []
    assert library.receive(fuel, actor="zhang", today=TODAY).batch is not None


def test_a_changed_file_of_a_packed_bag_is_refused_and_told(fuel: Path, library: Library, tmp_path: Path) -> None:
    make_key(tmp_path / "zhang.pem", "correct horse battery")
    submit_pack(fuel, tmp_path / "fuel.zip", tmp_path / "zhang.pem", "correct horse battery")
    shutil.unpack_archive(tmp_path / "fuel.zip", tmp_path / "open")
    bag = next((tmp_path / "open").iterdir())
    victim = next((bag / "data").rglob("*.pdf"))
    victim.write_bytes(victim.read_bytes() + b" ")
    received = library.receive(bag, today=TODAY)
    assert received.batch is None
    assert {"PKG001"} <= {row["code"] for row in received.report.findings}


def test_findings_are_written_as_page_table_and_comments(tmp_path: Path) -> None:
    one = made_package(Kind.FUEL, 5)
    one.sheets["certificates"][0]["serial"] = "SWAPPED-1"
    folder = one.write(tmp_path / "fuel")
    report = submit_check(folder, today=TODAY)
    assert "CAL006" in {row["code"] for row in report.findings}
    page = report.page()
    assert "CAL006" in page
    assert "<script" not in page
    assert report.table("zh").startswith("\ufeffcode,")
    import openpyxl  # noqa: PLC0415 - only here

    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(report.annotated((folder / "submission.xlsx").read_bytes(), "zh"))
    cells = [cell for row in openpyxl.load_workbook(copy)["证书"].iter_rows() for cell in row]
    comments = [cell.comment.text for cell in cells if cell.comment]
    assert any("CAL006" in text for text in comments)


def test_a_withdrawn_package_leaves_a_tombstone(fuel: Path, library: Library) -> None:
    library.receive(fuel, today=TODAY)
    number = library.packages()[0]["submission"]
    assert library.withdraw_submission(number, reason="授权撤回", actor="curator") == "v2"
    assert ocfl.stored(library.workspace.evidence, number).withdrawn
    assert library.evidence_faults() == []


def test_an_unknown_kind_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose one of"):
        submit_init(tmp_path / "x", "nuclear")
