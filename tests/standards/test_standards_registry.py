"""The registry through the door: what ships, forms and tables in, citations, assessments, rights, ledger."""

import csv
import hashlib
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from factordb import Library
from factordb.errors import NotFoundError, NotPermittedError, UsageError
from factordb.formats.submission_form import DATA_ROW, LISTS, NAME_ROW
from factordb.model.standard import CODES, form_sheet, words
from factordb.reference import tables
from tests.conftest import ROOT

DAY = date(2026, 11, 27)
NAMES = [one.name for one in form_sheet().fields]
ROW = {
    "number": "T/TEST 1-2024", "level": "团体标准", "status": "in_force", "subject": "product",
    "title_zh": "温室气体 产品碳足迹量化方法与要求 测试钢", "product_zh": "测试钢",
    "hs": "7206.10; 7206.90", "end_product": "否", "boundary": "cradle_to_gate", "issued_on": "2024/05/10",
    "in_force_on": "2024-06-01", "conforms_to": "gb／t 24067—2024",
    "source": "本测试（虚构）", "retrieved_on": "2026-11-27",
}  # fmt: skip
"""Invented, written as people write: full width, slashes in a date, dots in codes, words for values."""


def table(path: Path, *rows: dict[str, str]) -> Path:
    """Write rows as a CSV with the form's machine names."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, NAMES)
        writer.writeheader()
        writer.writerows(rows)
    return path


def form(path: Path, *rows: dict[str, str]) -> Path:
    """Write rows into the form, as a person does in a spreadsheet program."""
    Library.standard_form(path)
    book = openpyxl.load_workbook(path)
    page = book["标准"]
    columns = {page.cell(NAME_ROW, at).value: at for at in range(1, page.max_column + 1)}
    for place, row in enumerate(rows, DATA_ROW):
        for name, text in row.items():
            page.cell(place, columns[name]).value = text
    book.save(path)
    return path


# ── what ships ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_shipped_row_is_taken_and_names_a_source_that_was_read(small_library: Path) -> None:
    file = ROOT / "data" / "standards" / "standards.csv"
    with file.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    sources = tomllib.loads((file.parent / "sources.toml").read_text(encoding="utf-8"))
    shipped = {one["number"] for one in Library.open(small_library).standards()}
    assert len(rows) == len({row["number"] for row in rows}) == 23
    assert {row["number"] for row in rows} <= shipped
    assert {row["source"] for row in rows} <= set(sources)
    assert all(row["source_place"] and row["retrieved_on"] and row["confidence"] for row in rows)
    assert all({"what_zh", "what_en", "read_from", "read_on", "says"} <= set(one) for one in sources.values())


def test_the_general_standard_is_as_the_ministry_announced_it(small_library: Path) -> None:
    found = Library.open(small_library).standard("gb/t24067-2024", as_of=DAY)["standard"]
    assert (found["issued_on"], found["in_force_on"], found["level"]) == ("2024-08-23", "2024-10-01", "national")


def test_filters_narrow_and_unknown_ones_are_refused(small_library: Path) -> None:
    library = Library.open(small_library)
    assert {one["level"] for one in library.standards(level="group")} == {"group"}
    assert [one["number"] for one in library.standards("电解铝")] == ["GB/T 44905-2024"]
    assert [one["number"] for one in library.standards("glass fibre", gbt4754="C30")] == ["T/CBMF 318-2025"]
    with pytest.raises(UsageError, match="no filter called 'kind'"):
        library.standards(kind="group")
    with pytest.raises(NotFoundError):
        library.standards(level="provincial")
    with pytest.raises(NotFoundError, match="no standard called"):
        library.standard("GB/T 1-1900")


# ── forms and tables ─────────────────────────────────────────────────────────────────────────────────────


def test_the_form_is_made_of_the_schema_and_always_the_same(tmp_path: Path) -> None:
    one, two = (Library.standard_form(tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(two.read_bytes()).digest()
    book = openpyxl.load_workbook(one)
    page = book["标准"]
    assert [page.cell(NAME_ROW, at).value for at in range(2, page.max_column + 1)] == NAMES
    assert book[LISTS].sheet_state == "veryHidden"
    choices = [column for column in book[LISTS].iter_cols(values_only=True) if "national" in column]
    assert [one for one in choices[0] if one] == ["national", "industry", "local", "group", "enterprise"]
    assert "factordb_schema" in book.defined_names


def test_good_examples_are_read_and_bad_ones_refused_where_a_cell_has_a_form(
    tmp_path: Path, small_library: Path
) -> None:
    library = Library.open(small_library)
    good = {one.name: one.good for one in form_sheet().fields}
    assert library.check_standards(table(tmp_path / "good.csv", good), as_of=DAY).refused == 0
    formed = {"id", "choice", "date", "yes_no"}
    judged = [one for one in form_sheet().fields if one.type.value in formed or one.name in CODES]
    for one in judged:
        report = library.check_standards(table(tmp_path / "bad.csv", {**good, one.name: one.bad}), as_of=DAY)
        assert report.refused == 1, one.name


@pytest.mark.parametrize("make", [form, table], ids=["xlsx", "csv"])
def test_rows_in_are_taken_unchanged_or_refused_each_with_its_place(
    registry: Library, tmp_path: Path, make: Any
) -> None:
    ending = "xlsx" if make is form else "csv"
    bad = {
        **ROW,
        "number": f"T/TEST 2-2024-{ending}".upper(),
        "status": "有效",
        "in_force_on": "2024年6月",
        "source": "",
    }
    twice = {**ROW, "number": f"T/{ending.upper()} 3-2024"}
    path = make(tmp_path / f"mine.{ending}", {**ROW, "number": f"T/{ending.upper()} 1-2024"}, bad, twice, twice)
    before = len(registry.standards())
    tried = registry.import_standards(path, as_of=DAY, dry_run=True)
    assert (len(registry.standards()), tried.rows) == (before, 4)
    done = registry.import_standards(path, actor="tester", as_of=DAY)
    assert done.rows == len(done.entered) + len(done.unchanged) + done.refused == 4
    assert done.refused == 2
    assert len(registry.standards()) == before + 2
    refused = [one for one in done.findings if one.code.startswith("STD1")]
    assert [one.code for one in refused] == ["STD102", "STD103", "STD101", "STD104"]
    places = [one.place for one in refused]
    assert all(places)
    assert len(set(places[:2])) == 2
    if make is form:
        assert places[0] == f"标准!D{DATA_ROW + 1}"
    again = registry.import_standards(path, actor="tester", as_of=DAY)
    assert (again.entered, len(again.unchanged)) == ((), 2)


def test_what_is_entered_is_read_as_it_was_meant(registry: Library, tmp_path: Path) -> None:
    registry.import_standards(table(tmp_path / "a.csv", ROW), actor="tester", as_of=DAY)
    one = registry.standard("T/TEST 1-2024", as_of=DAY)["standard"]
    assert (one["level"], one["hs"], one["end_product"]) == ("group", ["720610", "720690"], False)
    assert (one["issued_on"], one["conforms_to"]) == ("2024-05-10", ["GB/T 24067-2024"])


def test_the_filled_form_comes_back_as_it_was(registry: Library, tmp_path: Path) -> None:
    path = registry.standard_form(tmp_path / "filled.xlsx", registry.standards())
    again = registry.import_standards(path, as_of=DAY, dry_run=True)
    assert (again.entered, again.refused, len(again.unchanged)) == ((), 0, len(registry.standards()))


def test_a_column_nobody_asked_for_is_told_and_a_formula_is_refused(registry: Library, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("number,price\nT/ODD 1-2024,3\n", encoding="utf-8")
    assert "STD106" in [one.code for one in registry.check_standards(path, as_of=DAY).findings]
    book = form(tmp_path / "formula.xlsx", {**ROW, "number": '="T/X 1-2024"'})
    report = registry.check_standards(book, as_of=DAY)
    assert report.rows == report.refused == 1


def test_a_new_record_stands_over_the_old_and_the_old_stays_in_the_history(registry: Library, tmp_path: Path) -> None:
    registry.import_standards(table(tmp_path / "a.csv", ROW), actor="tester", as_of=DAY)
    gone = {**ROW, "status": "废止", "ended_on": "2026-01-01"}
    done = registry.import_standards(table(tmp_path / "b.csv", gone), actor="tester", as_of=DAY)
    assert done.entered == ("T/TEST 1-2024",)
    found = registry.standard("T/TEST 1-2024", as_of=DAY)
    assert found["standard"]["status"] == "withdrawn"
    assert [one["status"] for one in found["history"]] == ["in_force", "withdrawn"]
    registry.import_standards(table(tmp_path / "a.csv", ROW), actor="tester", as_of=DAY)


# ── citations, assessments, evaluations ──────────────────────────────────────────────────────────────────


def test_a_factor_is_cited_with_its_release_and_an_unknown_one_is_refused(registry: Library) -> None:
    factor = registry.search("甲产品")["hits"][0]
    done = registry.cite_in_standard("T/TEST 1-2024", factor=factor["factor_id"][:12], place="附录 A", actor="tester")
    assert (done["factor_id"], done["version_id"]) == (factor["factor_id"], factor["version_id"])
    assert done["release"] == "2026.1"
    assert len(done["manifest_sha256"]) == 64
    with pytest.raises(NotFoundError):
        registry.cite_in_standard("T/TEST 1-2024", factor="0" * 32)
    with pytest.raises(UsageError):
        registry.cite_in_standard("T/TEST 1-2024", factor=factor["factor_id"], database="甲库")
    with pytest.raises(UsageError):
        registry.cite_in_standard("T/TEST 1-2024", database="甲库")


def test_a_group_standard_becomes_eligible_when_every_condition_holds(registry: Library, tmp_path: Path) -> None:
    number = "T/TEST 1-2024"
    assert registry.standard(number, as_of=DAY)["eligibility"]["eligible"] is False
    evidence = tmp_path / "report.pdf"
    evidence.write_bytes(b"invented evidence")
    for edition in ("2025", "2026"):
        registry.cite_in_standard(number, database="国家库（虚构）", edition=edition, place="表 3", actor="tester")
    for criterion in ("urgency", "reasonableness", "sources", "tests"):
        done = registry.assess_standard(
            number, criterion, "met", evidence="调研报告第 3 页", evidence_file=evidence, actor="tester"
        )
        assert done["evidence_sha256"] == hashlib.sha256(b"invented evidence").hexdigest()
    assert registry.standard(number, as_of=DAY)["eligibility"]["eligible"] is True
    assert registry.post_evaluation(as_of=DAY)["eligible"] == [number]
    registry.assess_standard(number, "tests", "not_met", evidence="复核未通过", actor="tester")
    found = registry.standard(number, as_of=DAY)
    assert found["eligibility"]["eligible"] is False
    assert [one["judgement"] for one in found["assessments"] if one["criterion"] == "tests"] == ["met", "not_met"]


def test_an_assessment_without_evidence_or_of_nothing_known_is_refused(registry: Library) -> None:
    with pytest.raises(UsageError, match="evidence"):
        registry.assess_standard("T/TEST 1-2024", "tests", "met", evidence=" ")
    with pytest.raises(NotFoundError):
        registry.assess_standard("T/TEST 1-2024", "beauty", "met", evidence="x")
    with pytest.raises(NotFoundError):
        registry.assess_standard("T/TEST 1-2024", "tests", "maybe", evidence="x")
    with pytest.raises(NotFoundError):
        registry.assess_standard("T/TEST 1-2024", "tests", "met", evidence="x", evidence_file=Path("nothing.pdf"))


def test_a_post_evaluation_is_kept_and_ends_the_remark_that_it_is_overdue(registry: Library) -> None:
    number = "GB/T 24040-2008"
    assert "STD012" in [one["code"] for one in registry.standard(number)["findings"]]
    registry.evaluate_standard(number, "keep", reason="仍为生命周期评价的基础", actor="tester")
    found = registry.standard(number)
    assert "STD012" not in [one["code"] for one in found["findings"]]
    assert found["evaluations"][0]["conclusion"] == "keep"
    assert registry.post_evaluation()["concluded"][0]["number"] == number
    with pytest.raises(UsageError):
        registry.evaluate_standard(number, "merge", reason="重复")
    with pytest.raises(UsageError):
        registry.evaluate_standard(number, "keep", reason="")


def test_everything_recorded_stands_in_the_ledger_and_the_ledger_is_whole(registry: Library) -> None:
    kinds = {event["kind"] for event in registry.events(1000)}
    assert {"standard_entered", "standard_cited", "standard_assessed", "standard_evaluated"} <= kinds
    assert registry.verify_ledger()["breaches"] == []
    said = tables.toml("words/dashboard_ledger_zh")["event"]
    assert {"standard_entered", "standard_cited", "standard_assessed", "standard_evaluated"} <= set(said)


def test_in_a_library_with_people_only_those_with_the_role_write(tmp_path: Path, small_library_copy: Path) -> None:
    library = Library.open(small_library_copy)
    library.add_person("root", organisation="甲", roles=["administrator"])
    library.add_person("cai", organisation="甲", roles=["curator"], actor="root")
    library.add_person("ren", organisation="乙", roles=["reader"], actor="root")
    path = table(tmp_path / "a.csv", ROW)
    for nobody in ("root", "ren", "stranger"):
        with pytest.raises(NotPermittedError):
            library.import_standards(path, actor=nobody)
    assert library.import_standards(path, actor="cai").entered == ("T/TEST 1-2024",)
    with pytest.raises(NotPermittedError):
        library.evaluate_standard("T/TEST 1-2024", "keep", reason="x", actor="ren")


def test_every_vocabulary_has_words_in_both_languages() -> None:
    for section in ("level", "status", "subject", "criterion", "judgement", "conclusion", "condition", "read_as"):
        assert all(one["zh"] and one["en"] for one in words(section).values())
