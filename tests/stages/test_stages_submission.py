"""Packages are read from folder, bag and zip alike; what is wrong is told with its place and nothing is dropped."""

import shutil
import zipfile
from pathlib import Path

import pytest

from factordb.errors import FileProblemError
from factordb.evidence.bag import close_bag
from factordb.formats.submission_form import write_form
from factordb.model.submission import Kind
from factordb.stages.submission import FORM, Loaded, load, recipe_tables, unpacked

FILLED = {
    "submission": [{"kind": "cems", "demonstration": "是"}],
    "raw": [{"table_id": "hourly", "file": "cems/hourly.csv", "time_column": "time"}],
    "labs": [{"lab_id": "lab1", "name_zh": "某院"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "SUB-1"
    (made / "data" / "cems").mkdir(parents=True)
    write_form(made / "data" / FORM, Kind.CEMS, FILLED)
    (made / "data" / "cems" / "hourly.csv").write_text("time,flow\n2025-01-01T00:00,1.50\n2025-01-01T01:00,\n")
    return made


def _loaded(path: Path) -> Loaded:
    with unpacked(path) as found:
        loaded = load(found, path.stem)
        recipe_tables(loaded)
        return loaded


def test_folder_bag_and_zip_give_the_same_package(folder: Path, tmp_path: Path) -> None:
    plain = _loaded(folder)
    bagged = tmp_path / "bagged" / "SUB-1"
    shutil.copytree(folder, bagged)
    close_bag(bagged, {"Bagging-Date": "2026-02-10"})
    packed = tmp_path / "SUB-1.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(bagged.rglob("*")):
            archive.write(path, path.relative_to(bagged.parent))
    for other in (_loaded(bagged), _loaded(packed)):
        assert other.bagged
        assert other.faults == ()
        assert other.package.files == plain.package.files
        assert other.package.rows == plain.package.rows
    assert plain.package.kind is Kind.CEMS
    assert plain.package.demonstration


def test_a_recipe_sees_sheets_and_raw_tables_as_written(folder: Path) -> None:
    tables = recipe_tables(load(folder))
    assert tables["hourly"] == {"time": ["2025-01-01T00:00", "2025-01-01T01:00"], "flow": ["1.50", None]}
    assert tables["labs"]["name_zh"] == ["某院"]


def test_a_twin_that_says_something_else_than_the_form_is_told(folder: Path) -> None:
    (folder / "data" / "labs").mkdir()
    (folder / "data" / "labs" / "labs.csv").write_text("lab_id,name_zh\nlab1,另一院\n", encoding="utf-8")
    assert [(one.code, one.place) for one in load(folder).faults] == [("PKG003", "labs/labs.csv")]


def test_sheets_may_come_as_tables_without_a_form(folder: Path) -> None:
    (folder / "data" / FORM).unlink()
    (folder / "submission.csv").write_text("kind\nfuel\n", encoding="utf-8")
    assert load(folder).package.kind is Kind.FUEL


def test_a_folder_with_nothing_in_it_is_told(tmp_path: Path) -> None:
    assert [one.code for one in load(tmp_path).faults] == ["PKG003"]


def test_a_changed_payload_of_a_bag_is_told_by_its_path(folder: Path) -> None:
    close_bag(folder, {})
    (folder / "data" / "cems" / "hourly.csv").write_text("time,flow\n2025-01-01T00:00,9.50\n")
    assert [(one.code, one.place) for one in load(folder).faults] == [("PKG001", "data/cems/hourly.csv")]


@pytest.mark.parametrize("name", ["../evil.csv", "/abs.csv", "a\\..\\b.csv"])
def test_a_hostile_archive_is_refused_before_anything_is_unpacked(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "x")
    with pytest.raises(FileProblemError), unpacked(path):
        pass
    assert sorted(one.name for one in tmp_path.iterdir()) == ["evil.zip"]


def test_a_raw_table_with_a_damaged_row_is_not_read_without_it(folder: Path) -> None:
    (folder / "data" / "cems" / "hourly.csv").write_text("time,flow\n2025-01-01T00:00,1,2\n")
    with pytest.raises(FileProblemError, match="cannot be read"):
        recipe_tables(load(folder))
