"""The dashboard's rooms of the house: its server, and what its pages say and draw."""

import re
import socket
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit import config

from dashboards.asking import PAGE_ROWS
from factordb import Library, serve_dashboard
from factordb.cli.app import run
from factordb.dashboard import (
    density_of,
    findings_said,
    interval_of,
    intervals_of,
    policy_in_force,
    rating_of,
    reason_said,
    released,
    released_rows,
    trail_said,
)
from factordb.dashboard.serving import command, environment
from factordb.errors import BusyError, IntegrityError, NotFoundError, UsageError
from factordb.paths import workshop
from factordb.pictures import _distribution

SVG = "{http://www.w3.org/2000/svg}"


def words_of(svg: str) -> str:
    return " ".join("".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text"))  # noqa: S314 - our own


def parts_with(basis: str, library: Path) -> dict[str, Any]:
    door = Library.open(library)
    row = next(row for row in door.queue(limit=2000).to_pylist() if row["basis"] == basis)
    return door.factor(row["candidate_id"])


# ── server ───────────────────────────────────────────────────────────────────────────────────────────────


def test_every_setting_of_the_server_is_one_that_streamlit_knows() -> None:
    options = [one for one in command(8501) if one.startswith("--") and "." in one]
    names = {one[2:].partition("=")[0] for one in options}
    assert names <= set(config.get_config_options())
    given = dict(one[2:].split("=") for one in options)
    assert given["server.address"] == "127.0.0.1"
    assert given["browser.gatherUsageStats"] == "false"
    assert given["client.showErrorDetails"] == "none"
    assert given["server.fileWatcherType"] == "none"
    assert given["client.toolbarMode"] == "viewer"
    assert given["server.headless"] == "true"
    assert int(given["server.maxUploadSize"]) <= 50


def test_the_server_is_told_the_library_the_language_and_where_pages_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "mine")
    given = environment(Path("somewhere"), "en")
    assert (given["FACTORDB_LIBRARY"], given["FACTORDB_LANG"]) == ("somewhere", "en")
    first, second = given["PYTHONPATH"].split(":" if ":" in given["PYTHONPATH"] else ";")[:2]
    assert (first, second) == (str(workshop()), "mine")
    assert (workshop() / "dashboards" / "app.py").is_file()


def test_a_missing_library_is_a_sentence_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        serve_dashboard(tmp_path / "none")
    for lang in ("zh", "en"):
        assert all(caught.value.words(lang))
    assert not (tmp_path / "none").exists()


def test_a_port_in_use_is_a_sentence_in_both_languages(small_library: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BusyError) as caught:
            serve_dashboard(small_library, port=port)
    for lang in ("zh", "en"):
        problem, remedy = caught.value.words(lang)
        assert str(port) in problem
        assert str(port + 1) in remedy


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_finding_and_reason_has_its_words(desk: Path) -> None:
    door = Library.open(desk)
    policy, seen = policy_in_force(door), set()
    for code in {row["code"] for row in door.held_back().to_pylist()}:
        parts = door.factor(door.queue(code=code, limit=1)["candidate_id"][0].as_py())
        for one in (*findings_said(parts, "zh", policy=policy), *findings_said(parts, "en", policy=policy)):
            assert one.message
            assert one.fix
            assert not re.search(r"\{\w+\}", one.message + one.fix + one.why)
            assert not one.severity or one.why
            seen.add(one.code)
        assert code in seen
    assert len(seen) > 5


def test_findings_stand_gravest_first_and_remarks_last(desk: Path) -> None:
    order = ["block", "gap", "review", "", "advise"]
    door = Library.open(desk)
    for row in door.queue(limit=6).to_pylist():
        said = findings_said(door.factor(row["candidate_id"]), "en", policy="clause5")
        places = [order.index(one.severity) for one in said]
        assert places == sorted(places)


def test_a_reason_of_the_policy_quotes_its_limit() -> None:
    assert re.search(r"floor, \d", reason_said("FLOOR_P", "en", policy="clause5").message)
    assert reason_said("UNI103", "zh", found="head·year)").message.find("head·year") > 0


def test_the_trail_says_what_the_door_explains(desk: Path) -> None:
    door, parts = Library.open(desk), parts_with("derived", desk)
    told = door.explain(parts["candidate"][0]["candidate_id"])["sections"]
    assert trail_said(door, parts) == told[:-1]
    assert len(told) == 5


def test_before_the_first_appraisal_no_policy_is_in_force(tmp_path: Path) -> None:
    assert policy_in_force(Library.open(tmp_path / "empty", create=True)) == ""


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("basis", ["reported", "derived", "default"])
def test_a_candidate_is_drawn_with_its_number_printed(desk: Path, basis: str) -> None:
    parts = parts_with(basis, desk)
    for lang in ("zh", "en"):
        assert parts["candidate"][0]["value_text"] in words_of(interval_of(parts, lang))
        assert words_of(rating_of(parts, lang))
    assert words_of(interval_of(parts, "zh")) != words_of(interval_of(parts, "en"))


def test_a_picture_has_a_ground_of_its_own(desk: Path) -> None:
    """Dark ink must be readable where the reader has chosen a dark page."""
    parts = parts_with("derived", desk)
    for svg in (interval_of(parts, "en"), density_of(parts, "en"), rating_of(parts, "en")):
        assert "background:#FFFFFF" in ET.fromstring(svg).attrib["style"]  # noqa: S314 - our own


def test_what_is_not_known_is_not_drawn() -> None:
    nothing: dict[str, list[dict[str, Any]]] = {
        "candidate": [
            {"value": None, "value_text": "?", "unit": None, "unit_text": None, "name_zh": "甲", "name_en": None}
        ],
        "uncertainty": [],
        "assessment": [],
    }
    assert (
        interval_of(nothing, "zh")
        == density_of(nothing, "zh")
        == rating_of(nothing, "zh")
        == intervals_of([], "zh")
        == ""
    )


def row_of(family: str, mean: float, sd: float, median: float) -> dict[str, Any]:
    return {"family": family, "mean": mean, "sd": sd, "median": median}


@pytest.mark.parametrize("mean", [18.62, -18.62])
def test_a_lognormal_is_known_by_its_moments(mean: float) -> None:
    """Golden case of domain.md section 5: CV 18.62 %; median = mean / sqrt(1 + CV²), shape by closed form."""
    cv = 0.1862
    known = _distribution(row_of("lognormal", mean, abs(mean) * cv, mean / np.sqrt(1 + cv**2)))
    assert known is not None
    assert known.mean()[0] == pytest.approx(mean, rel=1e-12)
    assert known.sd()[0] == pytest.approx(abs(mean) * cv, rel=1e-12)
    low, high = known.ppf(np.array([[1e-6, 1 - 1e-6]]))[0]
    x = np.linspace(low, high, 20_001)
    assert np.trapezoid(known.pdf(x[np.newaxis, :])[0], x) == pytest.approx(1, abs=1e-5)


def test_other_families_are_known_where_moments_fix_them() -> None:
    normal = _distribution(row_of("normal", 10, 2, 10))
    uniform = _distribution(row_of("uniform", 0.44, 0.08 / np.sqrt(12), 0.44))
    assert normal is not None
    assert uniform is not None
    assert normal.sd()[0] == pytest.approx(2)
    assert uniform.support() == (pytest.approx(0.40), pytest.approx(0.48))


def test_a_shifted_or_unnamed_distribution_is_not_guessed() -> None:
    assert _distribution(row_of("lognormal", 10, 2, 10)) is None
    assert _distribution(row_of("triangular", 10, 2, 10)) is None
    assert _distribution(row_of("propagated", 10, 2, 10)) is None
    assert _distribution({}) is None


def test_release_rows_are_drawn_by_their_most_frequent_unit(desk: Path) -> None:
    door = Library.open(desk)
    rows = released_rows(door, door.releases()[-1]["release_id"], "factors", limit=25).to_pylist()
    shown = words_of(intervals_of(rows, "en"))
    assert all(row["value_text"] in shown for row in rows if row["unit"] == "kgCO2e/kWh")


# ── releases ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_release_is_read_page_by_page_without_gap_or_overlap(desk: Path) -> None:
    door = Library.open(desk)
    name = door.releases()[-1]["release_id"]
    counts = released(door, name)["counts"]
    for table in ("factors", "gas_factors", "parameters"):
        found = []
        for offset in range(0, counts[table], 37):
            found += released_rows(door, name, table, limit=37, offset=offset)["factor_id"].to_pylist()
        whole = released_rows(door, name, table, limit=counts[table])["factor_id"].to_pylist()
        assert found == whole
        assert len(found) == counts[table]
    assert released_rows(door, name, "changes", limit=5, offset=3).num_rows == 5
    assert released_rows(door, name, "factors", limit=5, offset=10**6).num_rows == 0


def test_changes_are_texts_as_written(desk: Path) -> None:
    door = Library.open(desk)
    changes = released_rows(door, door.releases()[-1]["release_id"], "changes", limit=1)
    assert {str(kind) for kind in changes.schema.types} == {"string"}


def test_an_unknown_release_or_table_is_named(desk: Path) -> None:
    door = Library.open(desk)
    with pytest.raises(NotFoundError):
        released(door, "1999.1")
    with pytest.raises(NotFoundError):
        released_rows(door, door.releases()[-1]["release_id"], "../records", limit=1)


def test_a_release_whose_files_are_gone_is_an_integrity_fault(small_library_copy: Path) -> None:
    door = Library.open(small_library_copy)
    name = door.releases()[-1]["release_id"]
    (small_library_copy / "releases" / name / "changes.csv").unlink()
    with pytest.raises(IntegrityError):
        released_rows(door, name, "changes", limit=1)
    (small_library_copy / "releases" / name / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(IntegrityError):
        released(door, name)


def test_a_page_of_the_queue_is_one_a_browser_can_carry() -> None:
    """Streamlit 1.67: 2,000 rows take 1.1-1.5 s, 100,000 take 7 s (stack.md section 4)."""
    assert PAGE_ROWS <= 2000


def test_the_dashboard_of_a_folder_without_a_library_shows_the_shipped_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`factordb dashboard` from any folder: the main job first, then the server."""
    asked: list[tuple[str, str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FACTORDB_LIBRARY", raising=False)
    monkeypatch.setattr(Library, "run", lambda self, **_: asked.append(("run", self.workspace.root.name)))
    monkeypatch.setattr("factordb.serve_dashboard", lambda library, **_: asked.append(("serve", library.name)))
    assert run(["dashboard"]) == 0
    assert run(["dashboard"]) == 0
    assert asked == [("run", "library"), ("serve", "library"), ("serve", "library")]
