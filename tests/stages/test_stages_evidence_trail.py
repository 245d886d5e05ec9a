"""A measured factor is told back to its raw records and certificates, in words, as provenance and as a picture."""

import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from factordb import Library
from factordb.errors import IntegrityError, UsageError
from factordb.evidence import ocfl
from factordb.formats.gantt import Bar, Row, coverage_plot
from factordb.formats.prov import document
from factordb.model.submission import Kind
from factordb.stages.evidence_prov import provenance_of
from factordb.stages.evidence_trail import base_unit, trail_of
from factordb.stages.evidence_words import evidence_sections
from factordb.stages.submission import load
from factordb.tracing import picture_of
from tests.package.clean_packages import made as made_package

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = made_package(Kind.FUEL, 7).write(tmp_path_factory.mktemp("trail") / "fuel")
    return made


@pytest.fixture(scope="module")
def library(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    opened = Library.open(tmp_path_factory.mktemp("trail") / "library", create=True)
    assert opened.receive(folder, actor="zhang-san", today=TODAY).batch is not None
    opened.appraise(as_of=TODAY)
    return opened


@pytest.fixture(scope="module")
def name(library: Library) -> str:
    return str(library.queue(limit=1).to_pylist()[0]["candidate_id"])


def _told(sections: list[dict[str, Any]], lang: str) -> str:
    return "\n".join(f"{one[f'title_{lang}']}\n" + "\n".join(line[lang] for line in one["lines"]) for one in sections)


def test_the_trail_leads_from_the_number_to_every_hash(library: Library, name: str, folder: Path) -> None:
    trail = library.evidence(name)
    assert (trail.version, trail.level, trail.demonstration) == ("v1", "T4", True)
    assert trail.claim.recomputed == pytest.approx(float(trail.claim.value), rel=1e-3)
    for path, sha256 in [(one.file, one.sha256) for one in (*trail.raws, *trail.reports, *trail.verifications)] + [
        (one.file, one.sha256) for each in trail.instruments for one in each.certificates
    ]:
        assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == sha256, path
    assert len(trail.reports) == 12
    assert [one.name for one in trail.figures if one.kind == "step"][-1] == "factor"
    assert trail.figures[-1].low == pytest.approx(trail.claim.recomputed)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_words_name_file_certificate_laboratory_and_verifier(library: Library, name: str, lang: str) -> None:
    said = _told(library.explain_evidence(name)["sections"], lang)
    trail = library.evidence(name)
    for part in (trail.submission, trail.raws[0].sha256, trail.instruments[0].serial, trail.reports[0].number,
                 trail.instruments[0].certificates[0].number, trail.verifications[0].verifier,
                 trail.verifications[0].organisation):  # fmt: skip
        assert part in said
    assert ("【演示】" if lang == "zh" else "DEMONSTRATION") in said
    assert ("法定计量机构" if lang == "zh" else "legal metrology") in said
    assert not re.search(r"\{\w+\}", said)


def test_the_chain_is_a_prov_document_in_which_every_end_exists(library: Library, name: str) -> None:
    said = json.loads(library.provenance(name))
    raw = library.evidence(name).raws[0]
    assert f"fdb:file/{raw.sha256}" in said["entity"]
    assert said["entity"][f"fdb:factor/{name}"]["fdb:demonstration"] is True
    measured = [
        one["prov:activity"] for one in said["wasGeneratedBy"].values() if one["prov:entity"].endswith(raw.sha256)
    ]
    assert measured == ["fdb:measuring/daily"]
    assert {one["prov:agent"] for one in said["wasAssociatedWith"].values() if one["prov:activity"] == measured[0]} == {
        "fdb:instrument/scale1"
    }
    things = {one for kind in ("entity", "activity", "agent") for one in said[kind]}
    for relation in ("used", "wasGeneratedBy", "wasDerivedFrom", "wasInformedBy", "hadMember", "actedOnBehalfOf"):
        for edge in said[relation].values():
            assert {end for role, end in edge.items() if role != "prov:type"} <= things


def test_one_document_that_serves_twice_is_one_node(folder: Path) -> None:
    trail = trail_of(load(folder), "f1")
    twice = trail.instruments[0].certificates
    shared = tuple(type(one)(**{**vars(one), "sha256": twice[0].sha256}) for one in twice)
    instrument = type(trail.instruments[0])(**{**vars(trail.instruments[0]), "certificates": shared})
    nodes, edges = provenance_of(
        type(trail)(**{**vars(trail), "instruments": (instrument,)}), candidate_id="c", version="1"
    )
    assert document(nodes, edges)["entity"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_prints_every_date_and_says_what_is_covered(library: Library, name: str, lang: str) -> None:
    drawn = library.evidence_picture(name, lang)
    ET.fromstring(drawn)  # noqa: S314 - our own
    for one in library.evidence(name).instruments[0].certificates:
        assert f"{one.calibrated_on} – {one.due_on}" in drawn
        assert one.number in drawn
    assert ("已覆盖" if lang == "zh" else "covered") in drawn
    assert ("演示证据" if lang == "zh" else "demonstration evidence") in drawn
    assert drawn.count('d="M') >= 12  # a mark for every sampling day


def test_a_hole_between_certificates_is_hatched_and_counted() -> None:
    start = date(2025, 1, 1)
    row = Row("scale", (Bar("A", start, date(2025, 6, 30)), Bar("B", date(2025, 7, 11), date(2026, 1, 1))),
              ((date(2025, 7, 1), date(2025, 7, 10)),))  # fmt: skip
    drawn = coverage_plot([row], period=(start, date(2025, 12, 31)), lang="en")
    assert "not covered 2025-07-01 – 2025-07-10 (10 d)" in drawn
    assert drawn.count('fill="url(#hole)"') == 2  # the hole, and the legend
    bare = coverage_plot([Row("x", (), ((start, start),))], period=(start, start), lang="zh")
    assert "没有证书（1 天）" in bare


def test_a_label_from_data_cannot_break_the_picture() -> None:
    day = date(2025, 1, 1)
    row = Row("<script>&\u202e" + "称" * 80, (Bar("]]>", day, day),), ())
    drawn = coverage_plot([row], period=(day, day), lang="zh", title="a<b")
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert "<script>" not in drawn
    assert "\u202e" not in drawn


def test_days_of_decades_get_few_ticks() -> None:
    start = date(1995, 3, 1)
    drawn = coverage_plot([], period=(start, start + timedelta(days=9000)), lang="en")
    assert 2 <= len(re.findall(r">\d{4}-\d{2}<", drawn)) <= 10


def test_the_step_s_unit_is_written_from_its_dimensions() -> None:
    assert base_unit("[CH4]·[mass]·[length]^-2·[time]^-1") == "CH4·g·m^-2·s^-1"
    assert base_unit("1") == "1"


def test_what_the_recipe_cannot_compute_is_said_instead_of_a_number(tmp_path: Path) -> None:
    made = made_package(Kind.CHAMBER, 3)
    made.raw["readings"]["ch4_ppm"][0] = "n/a"
    trail = trail_of(load(made.write(tmp_path / "broken")), "f1")
    assert trail.claim.recomputed is None
    said = _told(evidence_sections(trail), "en")
    assert "not recomputed: " in said
    assert "readings:1:ch4_ppm" in said
    assert picture_of(trail, "zh")


def test_a_changed_file_in_the_store_is_told_not_shown(folder: Path, tmp_path: Path) -> None:
    opened = Library.open(tmp_path / "library", create=True)
    opened.receive(folder, actor="zhang-san", today=TODAY)
    opened.appraise(as_of=TODAY)
    row = opened.queue(limit=1).to_pylist()[0]["candidate_id"]
    number = opened.evidence(row).submission
    kept = ocfl.fetch(opened.workspace.evidence, number, "raw/daily.csv")
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(IntegrityError):
        opened.explain_evidence(row)


def test_a_withdrawn_submission_shows_its_tombstone(folder: Path, tmp_path: Path) -> None:
    opened = Library.open(tmp_path / "library", create=True)
    opened.receive(folder, actor="zhang-san", today=TODAY)
    opened.appraise(as_of=TODAY)
    row = opened.queue(limit=1).to_pylist()[0]["candidate_id"]
    opened.withdraw_submission(opened.evidence(row).submission, reason="实验室更正", actor="zhang-san")
    told = opened.explain_evidence(row)
    assert told["withdrawn"]
    assert "实验室更正" in _told(told["sections"], "zh")


def test_a_factor_that_was_not_measured_has_no_evidence(main_job: Path) -> None:
    opened = Library.open(main_job)
    row = opened.queue(limit=1).to_pylist()[0]["candidate_id"]
    with pytest.raises(UsageError) as told:
        opened.explain_evidence(row)
    assert "--evidence" in str(told.value.remedy)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_the_chain_and_writes_both_files(
    library: Library, name: str, tmp_path: Path, lang: str
) -> None:
    environment = {**os.environ, "FACTORDB_LANG": lang, "PYTHONIOENCODING": "gbk:strict"}
    command = [str(Path(sys.executable).with_name("factordb")), "factor", "explain", name, "--library",
               str(library.workspace.root), "--evidence", "--prov", str(tmp_path / "p.json"),
               "--timeline", str(tmp_path / "t.svg")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr.decode("gbk")
    said = done.stdout.decode("gbk")
    assert ("原始记录" if lang == "zh" else "Raw records") in said
    assert json.loads((tmp_path / "p.json").read_bytes())["entity"]
    assert (tmp_path / "t.svg").read_text(encoding="utf-8").startswith("<svg")
