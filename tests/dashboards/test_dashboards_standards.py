"""The page of standards: filters in the URL, targets, findings, one standard, and the check of an uploaded form."""

import csv
import io
from pathlib import Path

import pytest

from factordb import Library
from factordb.dashboard.standards import check_uploaded, form_bytes
from factordb.errors import FactorDBError
from tests.dashboards.conftest import Open
from tests.dashboards.test_dashboards_pages import sound, texts


@pytest.mark.parametrize(("lang", "level"), [("zh", "国家标准"), ("en", "national")])
def test_filters_come_from_the_url_and_the_list_is_what_the_door_says(
    small_library: Path, page: Open, lang: str, level: str
) -> None:
    app = page(small_library, "standards", lang, level="national", subject="product")
    sound(app)
    wanted = Library.open(small_library).standards(level="national", subject="product")
    shown = app.dataframe[0].value
    assert list(shown.iloc[:, 0]) == [one["number"] for one in wanted]
    assert set(shown.iloc[:, 2]) == {level}


def test_one_standard_shows_its_findings_and_the_conditions_of_clause_15(small_library: Path, page: Open) -> None:
    app = page(small_library, "standards", "zh", number="T/GDCPA 013-2023")
    sound(app)
    said = " ".join(texts(app))
    assert "实施满两年 (3)" in said.replace("\\", "")
    codes = {one["code"] for one in Library.open(small_library).standard("T/GDCPA 013-2023")["findings"]}
    assert codes == {"STD006", "STD010", "STD014"}
    assert codes == set(app.dataframe[1].value.iloc[:, 0])


def test_a_filter_that_nothing_meets_says_so(small_library: Path, page: Open) -> None:
    app = page(small_library, "standards", "en", text="nothing is called like this")
    sound(app)
    assert any("No standard meets this" in one.value for one in app.info)


def test_the_targets_are_those_of_the_door(small_library: Path, page: Open) -> None:
    app = page(small_library, "standards", "en")
    targets = Library.open(small_library).standards_coverage()["targets"]
    shown = [one.proto.text for one in app.get("progress")]
    assert [f"{one['missing']} missing" in text for one, text in zip(targets, shown, strict=True)] == [True, True]


def test_an_uploaded_table_is_checked_and_not_recorded(small_library: Path) -> None:
    library = Library.open(small_library)
    before = library.standards()
    out = io.StringIO()
    rows = [
        {"number": "T/TEST 1-2026", "level": "group", "status": "in_force", "subject": "product",
         "title_zh": "测试", "source": "本测试", "retrieved_on": "2026-11-27"},
        {"number": "T/TEST 2-2026"},
    ]  # fmt: skip
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    done = check_uploaded(library, "mine.CSV", out.getvalue().encode())
    assert (done["rows"], done["entered"], done["refused"]) == (2, ["T/TEST 1-2026"], 1)
    assert library.standards() == before


def test_the_empty_form_reads_as_no_row_and_rubbish_is_a_sentence(small_library: Path) -> None:
    library = Library.open(small_library)
    assert check_uploaded(library, "standards.xlsx", form_bytes())["rows"] == 0
    with pytest.raises(FactorDBError) as caught:
        check_uploaded(library, "standards.xlsx", b"rubbish")
    assert all(caught.value.words("zh"))
