"""Packages of measured data at the desk: broken, repaired, sent; what the review desk and the trail show of them."""

import io
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from filelock import FileLock

from factordb import Library
from factordb.dashboard import SentPackage, begun, check_package, held_report, package_kinds, send_package
from factordb.errors import NotPermittedError, UsageError
from tests.conftest import AS_OF, ROOT
from tests.dashboards.conftest import Open
from tests.dashboards.test_dashboards_review import choose, seated
from tests.dashboards.test_dashboards_words import words

COAL = ROOT / "data" / "examples" / "coal"
FACTORS = "因子"
ROW = 5
"""Row of the form's sheet of factors that holds the coal plant's."""
HOSTILE = "<script>alert(1)</script> ![x](http://evil.example/p.png) **b** $x$"


def form(**cells: str) -> bytes:
    """Return the coal plant's form with some cells of the factor's row changed, by machine name."""
    book = openpyxl.load_workbook(COAL / "submission.xlsx")
    sheet = book[FACTORS]
    names = {str(cell.value): cell.column for cell in sheet[2]}
    for name, text in cells.items():
        sheet.cell(ROW, names[name], text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def packed(**cells: str) -> SentPackage:
    """Return the coal plant's package as a zip, with some cells changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in COAL.rglob("*") if one.is_file()):
            name = path.relative_to(COAL).as_posix()
            archive.writestr(name, form(**cells) if name == "submission.xlsx" and cells else path.read_bytes())
    return SentPackage("coal.zip", out.getvalue())


@pytest.fixture(scope="session")
def measured(once: Path) -> Path:
    """Return a reviewed library that received the coal package; its one case waits for sun. Look, do not touch."""
    folder = once / "measured"
    with FileLock(once / "measured.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            door = Library.open(folder / "library", create=True)
            door.add_person("root", organisation="甲院", roles=["administrator"])
            for name, organisation, roles, kinds in (
                ("zhao", "丙公司", ["submitter"], []),
                ("qian", "甲院", ["assigner"], []),
                ("sun", "乙院", ["reviewer"], ["subject"]),
            ):
                door.add_person(name, organisation=organisation, roles=roles, kinds=kinds, actor="root")
            door.declare_mode("reviewed", actor="root")
            received = send_package(door, packed(), actor="zhao", as_of=AS_OF)
            assert received.batch is not None
            door.assign(door.open_cases(received.batch.batch_id, actor="qian").cases, "sun", "subject", actor="qian")
            (folder / "done").touch()
    return folder / "library"


def test_a_broken_cell_is_named_and_the_copy_says_so_there() -> None:
    broken = SentPackage("submission.xlsx", form(value="约2"))
    report = check_package(broken, as_of=AS_OF)
    assert report.verdict == "fail"
    places = {one["place"] for one in report.findings if one["severity"] == "block"}
    assert any(place.startswith(f"{FACTORS}!") and place.endswith(str(ROW)) for place in places), places
    copy = openpyxl.load_workbook(io.BytesIO(report.annotated(broken.form or b"", "zh")))
    said = [cell.comment.text for cell in copy[FACTORS][ROW] if cell.comment]
    assert any(one["code"] in text for one in report.findings for text in said)


def test_what_may_not_be_sent_leaves_no_evidence(measured: Path, tmp_path: Path) -> None:
    library = Path(shutil.copytree(measured, tmp_path / "library"))
    door = Library.open(library)
    before = sorted(path for path in library.rglob("*") if path.is_file() and "evidence" in path.parts)
    with pytest.raises(NotPermittedError):
        send_package(door, packed(technology="another"), actor="sun", as_of=AS_OF)
    assert send_package(door, packed(value="约2"), actor="zhao", as_of=AS_OF).batch is None
    assert sorted(path for path in library.rglob("*") if path.is_file() and "evidence" in path.parts) == before
    assert len(door.packages()) == 1


def test_the_kept_package_is_checked_once_more(measured: Path, small_library: Path) -> None:
    door = Library.open(measured)
    row = door.factor(door.queue().to_pylist()[0]["candidate_id"])["candidate"][0]
    held = held_report(door, row, as_of=AS_OF)
    assert held is not None
    assert held.level["name"] == door.packages()[0]["level"]
    other = Library.open(small_library)
    plain = other.factor(other.queue().to_pylist()[0]["candidate_id"])["candidate"][0]
    assert held_report(other, plain, as_of=AS_OF) is None


def test_an_empty_package_can_be_begun_and_neither_passes_for_a_claim_nor_for_a_table() -> None:
    for kind in package_kinds():
        assert begun(kind) == begun(kind)
    report = check_package(SentPackage("fuel.zip", begun("fuel")), as_of=AS_OF)
    assert (report.level["name"], report.factors) == ("T0", ())
    with pytest.raises(UsageError):
        check_package(SentPackage("fuel.csv", b"a,b"), as_of=AS_OF)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_checks_a_package_and_sends_it(
    measured: Path, tmp_path: Path, page: Open, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("FACTORDB_AUTH", "dev")
    library = Path(shutil.copytree(measured, tmp_path / "library"))
    said = words(lang)
    app = page(library, "check", lang, what="package")
    app.selectbox(key="desk.choice").set_value("zhao").run()
    sent = packed(**({"technology": "another technology"} if lang == "en" else {"value": "约2"}))
    app.file_uploader(key="check.package").set_value((sent.name, sent.data, "application/zip")).run()
    next(one for one in app.button if one.label == said["check"]["run"]).click().run()
    assert app.exception == []
    submit = next(one for one in app.button if one.label == said["check"]["submit_now"])
    if lang == "zh":
        assert submit.disabled
        assert any("T" in one.value for one in app.error)
        assert any(str(ROW) in cell for cell in app.dataframe[-2].value.iloc[:, 0])
        return
    submit.click().run()
    assert [one.value for one in (*app.exception, *app.error)] == []
    assert len(Library.open(library).packages()) == 2


def test_the_desk_shows_the_level_and_the_findings_of_the_package(
    measured: Path, page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORDB_AUTH", "dev")
    app = seated(page, measured, "sun", "en")
    choose(app, measured, 0)
    assert [one.value for one in (*app.exception, *app.error)] == []
    told = "\n".join(str(one.value) for one in (*app.success, *app.warning))
    assert f"traceability {Library.open(measured).packages()[0]['level']}" in told


def test_the_trail_shows_certificates_against_the_days_of_measurement(measured: Path, page: Open) -> None:
    name = Library.open(measured).queue().to_pylist()[0]["candidate_id"]
    trail = page(measured, "trace", "zh", id=name)
    assert [one.value for one in (*trail.exception, *trail.error)] == []
    assert len(trail.get("image")) == 1
    assert any(one.value == words("zh")["trace"]["evidence"] for one in trail.subheader)


def test_hostile_text_of_a_form_is_shown_as_text(small_library: Path, page: Open) -> None:
    app = page(small_library, "check", "en", what="package")
    hostile = form(name_zh=HOSTILE, name_en=HOSTILE, flow=HOSTILE, plant=HOSTILE, technology=HOSTILE, value=HOSTILE)
    app.file_uploader(key="check.package").set_value(("submission.xlsx", hostile, "application/zip")).run()
    next(one for one in app.button if one.label == "Check it").click().run()
    assert app.exception == []
    marked = "\n".join(str(one.value) for one in (*app.markdown, *app.caption, *app.error, *app.warning, *app.info))
    assert "evil" not in marked
    cells = "\n".join(str(cell) for one in app.dataframe for row in one.value.to_numpy() for cell in row)
    assert "evil" in cells
