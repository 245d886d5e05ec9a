"""Submit and self-check: the findings by cell, the annotated copy, and that nothing of a check is kept."""

import io
from pathlib import Path

import openpyxl
import pytest

from factordb import Library
from factordb.dashboard import Sent, self_check, send
from factordb.errors import FactorDBError, UsageError
from factordb.formats.annotated_copy import CellNote, annotated, cell_of
from tests.conftest import AS_OF, SMALL_MAPPING, SMALL_TABLE
from tests.dashboards.conftest import HOSTILE_TABLE, Open


def checked(text: str = SMALL_TABLE, name: str = "small.csv"):  # noqa: ANN201 - of the dashboard's own
    return self_check(Sent(name, text.encode(), mapping=SMALL_MAPPING), as_of=AS_OF)


def comments(book: bytes) -> dict[str, str]:
    page = openpyxl.load_workbook(io.BytesIO(book)).active
    return {cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment}


def test_refused_cells_come_first_and_name_their_rule() -> None:
    found = checked()
    assert [(one.cell, one.code, one.severity) for one in found.lines[:2]] == [
        ("D4", "VAL101", "refused"),
        ("D5", "UNI108", "refused"),
    ]
    assert found.report.rows == found.report.rows_staged + found.report.rows_refused == 4
    assert all(one.message[lang] and one.fix[lang] for one in found.lines for lang in ("zh", "en"))


def test_rules_that_need_the_whole_library_are_told_as_not_asked() -> None:
    assert "CMP001" in checked().not_asked


def test_the_copy_says_each_finding_at_its_cell_in_the_readers_language() -> None:
    found = checked()
    zh, en = comments(found.copy("zh")), comments(found.copy("en"))
    assert set(zh) == set(en) == {one.cell for one in found.lines}
    assert "VAL101" in zh["D4"]
    assert "没有可读的数值" in zh["D4"]
    assert zh["D4"] != en["D4"]


def test_a_workbook_keeps_its_other_sheets_and_its_looks() -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.create_sheet("second")["B2"] = "kept"
    out = io.BytesIO()
    book.save(out)
    copy = openpyxl.load_workbook(io.BytesIO(annotated("t.xlsx", out.getvalue(), [CellNote("B1", "wrong")])))
    assert copy["second"]["B2"].value == "kept"
    assert copy.worksheets[0]["B1"].comment.text == "wrong"


def test_a_repaired_copy_can_be_checked_again() -> None:
    book = openpyxl.load_workbook(io.BytesIO(checked().copy("en")))
    book.active["D4"], book.active["E5"] = "0.9", "tCO2e/GJ"
    out = io.BytesIO()
    book.save(out)
    again = self_check(Sent("small.checked.xlsx", out.getvalue(), mapping=SMALL_MAPPING), as_of=AS_OF)
    assert again.report.rows_refused == 0
    assert again.report.candidates == 4


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    copy = annotated("t.csv", b"a,b\n=1+1,2\n", [CellNote("A2", "=cmd")])
    cell = openpyxl.load_workbook(io.BytesIO(copy)).active["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_hostile_text_reaches_copy_and_list_without_turning_a_line() -> None:
    found = checked(HOSTILE_TABLE)
    assert "\u202e" not in found.table("en") + "".join(comments(found.copy("zh")).values())
    assert not [line for line in found.table("en").splitlines() if line[:1] in set("=+-@")]


def test_places_name_cells() -> None:
    places = ("a.csv!D4", "a.xlsx!17", "a.zip/b.csv!AA9", "a.csv", "a.csv!0")
    assert [cell_of(place) for place in places] == ["D4", "A17", "AA9", "", ""]


def test_neither_pipeline_nor_mapping_is_a_sentence() -> None:
    with pytest.raises(UsageError) as caught:
        self_check(Sent("t.csv", b"a\n1\n"), as_of=AS_OF)
    assert all(caught.value.words(lang) for lang in ("zh", "en"))


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/passwd", "..\\..\\evil.csv", "", "..", "x" * 400 + ".csv"])
def test_a_name_is_never_a_path(name: str, tmp_path: Path) -> None:
    try:
        found = self_check(Sent(name, SMALL_TABLE.encode(), mapping=SMALL_MAPPING), as_of=AS_OF)
    except FactorDBError:
        return
    assert all("/" not in one.cell for one in found.lines)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_lies_about_its_kind_is_a_sentence() -> None:
    with pytest.raises(FactorDBError):
        self_check(Sent("t.xlsx", b"not a workbook", mapping=SMALL_MAPPING), as_of=AS_OF)


def test_a_check_leaves_no_trace_in_the_library_and_sending_does(small_library_copy: Path) -> None:
    door = Library.open(small_library_copy)
    before = len(door.batches())
    text = SMALL_TABLE.replace("1.25", "1.26")
    checked(text)
    assert len(door.batches()) == before
    report = send(door, Sent("small.csv", text.encode(), mapping=SMALL_MAPPING), actor="li.si", as_of=AS_OF)
    assert len(door.batches()) == before + 1
    assert next(one for one in door.events() if one["subject"] == report.batch_id)["actor"] == "li.si"


MIME = {"csv": "text/csv", "toml": "application/toml"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_checks_what_was_uploaded(small_library: Path, page: Open, lang: str) -> None:
    app = page(small_library, "check", lang)
    app.file_uploader(key="check.table").set_value(("small.csv", SMALL_TABLE.encode(), MIME["csv"]))
    app.file_uploader(key="check.mapping").set_value(("m.toml", SMALL_MAPPING.encode(), MIME["toml"])).run()
    run = {"zh": "开始自检", "en": "Check it"}[lang]
    next(one for one in app.button if one.label == run).click().run()
    assert app.exception == []
    shown = app.dataframe[0].value
    assert list(shown.iloc[:2, 0]) == ["D4", "D5"]
    assert {one.label for one in app.button} == {run}, "nobody is at the desk: nothing can be submitted"


def test_a_changed_table_is_not_told_the_old_result(small_library: Path, page: Open) -> None:
    app = page(small_library, "check", "en")
    app.file_uploader(key="check.table").set_value(("small.csv", SMALL_TABLE.encode(), MIME["csv"]))
    app.file_uploader(key="check.mapping").set_value(("m.toml", SMALL_MAPPING.encode(), MIME["toml"])).run()
    app.button[0].click().run()
    assert len(app.dataframe) == 1
    app.file_uploader(key="check.table").set_value(("other.csv", SMALL_TABLE.encode(), MIME["csv"])).run()
    assert len(app.dataframe) == 0
    assert any("has changed" in one.value for one in app.caption)


def test_a_mapping_with_a_mistake_is_a_sentence(small_library: Path, page: Open) -> None:
    app = page(small_library, "check", "zh")
    app.file_uploader(key="check.table").set_value(("small.csv", SMALL_TABLE.encode(), MIME["csv"]))
    app.file_uploader(key="check.mapping").set_value(("m.toml", b"[pipeline\n<script>", MIME["toml"])).run()
    app.button[0].click().run()
    assert app.exception == []
    assert len(app.error) == 1
    assert "处理办法" in app.error[0].value
