"""The published read model: same bytes, read without locks, replaced atomically, made again when missing."""

import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factordb import Library, open_release
from factordb.cli.app import run
from factordb.errors import IntegrityError, NotFoundError, UsageError
from factordb.stages import publish
from tests.selection import conftest as made_here


def test_a_release_brings_its_read_model(main_job: Path) -> None:
    root = main_job / "read_models"
    name = publish.current(root)
    assert name == publish.model_name(main_job / "releases" / "2026.1")
    assert {path.name for path in (root / name).iterdir()} == {"factors.parquet", "factors.sqlite", "search"}
    assert not list(root.glob(".*building"))


def test_it_holds_every_row_of_the_release(main_job: Path) -> None:
    model = publish.opened(main_job / "read_models" / publish.current(main_job / "read_models"))
    rows = sum(pq.read_metadata(main_job / "releases/2026.1/data" / f"{name}.parquet").num_rows
               for name in ("factors", "gas_factors", "parameters"))  # fmt: skip
    assert pq.read_metadata(model.parquet).num_rows == model.index.searcher.num_docs == rows


def test_the_same_release_gives_the_same_bytes(main_job: Path, tmp_path: Path) -> None:
    first, second = (publish.publish(main_job / "releases/2026.1", tmp_path / name) for name in "ab")
    for name in ("factors.parquet", "factors.sqlite", "search/words.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_it_is_made_again_where_it_is_missing(main_job_copy: Path) -> None:
    shutil.rmtree(main_job_copy / "read_models")
    assert Library.open(main_job_copy).search("电力")["total"] > 0
    assert publish.current(main_job_copy / "read_models")


def test_nobody_can_write_to_it_and_nobody_waits(main_job: Path) -> None:
    model = publish.opened(main_job / "read_models" / publish.current(main_job / "read_models"))
    with pytest.raises(sqlite3.OperationalError, match=r"readonly|query_only"):
        model.rows._connection.execute("DELETE FROM factors")


def test_questions_do_not_take_the_writers_lock(main_job_copy: Path) -> None:
    library = Library.open(main_job_copy)
    with library._writing():
        assert library.search("电力")["total"] > 0
        assert library.choose("电力", unit="kWh")["outcome"] == "chosen"


def test_old_versions_stay_readable_beside_new_ones(tmp_path: Path, main_job: Path, small_library: Path) -> None:
    root = tmp_path / "read_models"
    old = publish.publish(main_job / "releases" / "2026.1", root)
    new = publish.publish(small_library / "releases" / "2026.1", root)
    assert publish.current(root) == new.name != old.name
    assert publish.opened(old).rows.facts()["manifest_sha256"].startswith(old.name.partition("-")[2].partition(".")[0])
    assert publish.opened(old).index.searcher.num_docs > publish.opened(new).index.searcher.num_docs


def test_an_outsider_asks_a_downloaded_release_without_a_library(main_job: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(main_job / "releases" / "2026.1", tmp_path / "download" / "2026.1"))
    asked = open_release(folder)
    assert asked.choose("电力", unit="kWh")["factor"]["value_text"] == "0.5777"
    assert asked.released(asked.search("电力")["hits"][0]["factor_id"])["source"]["title_zh"]


def test_an_altered_release_is_not_published(main_job: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(main_job / "releases" / "2026.1", tmp_path / "2026.1"))
    with (folder / "sources.csv").open("a", encoding="utf-8") as file:
        file.write("x\n")
    with pytest.raises(IntegrityError, match="differs from its manifest"):
        open_release(folder, tmp_path / "models")
    assert list(tmp_path.glob("models/*")) == []


def test_a_named_release_must_exist(main_job: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no release called '1999\.1'"):
        Library.open(main_job).search("x", release="1999.1")
    with pytest.raises(NotFoundError, match="release folder"):
        open_release(tmp_path)
    empty = Library.open(tmp_path / "empty", create=True)
    with pytest.raises(UsageError, match="nothing has been released"):
        empty.search("x")


def test_releases_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("2026.10", "2026.2", "2025.3"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    assert publish.releases(tmp_path) == ["2025.3", "2026.2", "2026.10"]


def test_the_command_line_asks_the_release(main_job: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library = ["--library", str(main_job)]
    assert run(["factor", "search", "trq", "--released", "--where", "gas=CO2", *library]) == 0
    assert "天然气" in capsys.readouterr().out
    assert run(["factor", "choose", "电力", "--amount", "1000", "--unit", "kWh", *library]) == 0
    assert "577.7" in capsys.readouterr().out
    assert run(["factor", "choose", "天然气", "--unit", "Nm3", *library]) == 4
    capsys.readouterr()
    ids = [hit["factor_id"] for hit in Library.open(main_job).search("天然气", gas="CO2")["hits"]]
    assert run(["factor", "compare", ids[0], *library]) == 0
    assert run(["factor", "search", "x", "--where", "colour=red", *library]) == 2


def test_a_release_of_an_older_program_lacks_columns_and_is_asked_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {"trace_level", "signed_share"}
    whole = made_here.release_schema()
    shorter = pa.schema([field for field in whole if field.name not in newer])
    assert len(shorter) == len(whole) - len(newer)
    monkeypatch.setattr(made_here, "release_schema", lambda: shorter)
    folder = made_here.write_release(tmp_path / "releases" / "2025.1", [made_here.row("old")])
    asked = open_release(folder, tmp_path / "models")
    assert [hit["factor_id"] for hit in asked.search("粗钢")["hits"]] == ["f-old"]
    assert asked.choose("粗钢", unit="kg")["outcome"] == "chosen"


def test_folders_are_named_by_text_as_well(tmp_path: Path) -> None:
    folder = made_here.write_release(tmp_path / "releases" / "2026.1", [made_here.row("a")])
    assert open_release(str(folder), str(tmp_path / "models")).search()["total"] == 1
    assert Library.open(str(tmp_path / "made"), create=True).workspace.root == (tmp_path / "made").resolve()
