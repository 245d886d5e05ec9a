"""The doctor sees what is lost, changed or orphaned, and rebuilds to the same hashes; schema; damaged files."""

import shutil
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from factordb import FactorDBError, Library
from factordb.store import records


def _codes(library: Path, *, deep: bool = False) -> list[str]:
    return [one.code for one in Library.open(library).health(deep=deep)]


def _do(library: Path, statement: str) -> None:
    with duckdb.connect(str(library / "factors.duckdb")) as connection:
        connection.execute(statement)


def test_a_sound_library_has_no_symptoms(small_library: Path) -> None:
    assert _codes(small_library, deep=True) == []


def test_a_lost_batch_is_seen_and_rebuilt(small_library_copy: Path) -> None:
    _do(small_library_copy, "DELETE FROM candidate; DELETE FROM refused;")
    assert "LOST" in _codes(small_library_copy)
    opened = Library.open(small_library_copy)
    assert opened.rebuild() == [opened.batches()[0]["batch_id"]]
    assert "LOST" not in _codes(small_library_copy)


def test_a_changed_batch_is_seen_and_rebuilt(small_library_copy: Path) -> None:
    _do(small_library_copy, "UPDATE candidate SET version_id = md5(version_id)")
    assert "CHANGED" in _codes(small_library_copy)
    Library.open(small_library_copy).rebuild()
    assert "CHANGED" not in _codes(small_library_copy)


def test_an_orphan_is_seen_and_the_next_write_removes_it(small_library_copy: Path) -> None:
    _do(small_library_copy, "INSERT INTO candidate SELECT * REPLACE ('nobody' AS batch_id) FROM candidate")
    assert _codes(small_library_copy) == ["ORPHAN"]
    opened = Library.open(small_library_copy)
    assert len(opened.queue()) == 2  # nobody sees it
    opened.adopt(actor="tester", reason="a write")
    assert _codes(small_library_copy) == []


def test_a_missing_data_file_is_rebuilt_to_the_recorded_hashes(small_library_copy: Path) -> None:
    (small_library_copy / "factors.duckdb").unlink()
    assert "LOST" in _codes(small_library_copy)
    opened = Library.open(small_library_copy)
    opened.rebuild()
    with duckdb.connect(str(small_library_copy / "factors.duckdb"), read_only=True) as connection:
        rows = connection.execute("SELECT count(*) FROM candidate").fetchall()
    assert rows == [(2,)]
    assert "CHANGED" not in _codes(small_library_copy)


def test_a_missing_raw_file_stops_the_rebuild_with_a_sentence(small_library_copy: Path) -> None:
    shutil.rmtree(small_library_copy / "objects")
    with pytest.raises(FactorDBError) as told:
        Library.open(small_library_copy).rebuild()
    assert told.value.exit_code == 7
    assert "objects" in told.value.remedy


@pytest.mark.parametrize("content", [b"", b"this is no database" * 400, b"\0" * 20_000])
def test_a_damaged_data_file_is_a_symptom_with_its_remedy(small_library_copy: Path, content: bytes) -> None:
    (small_library_copy / "factors.duckdb").write_bytes(content)
    symptoms = Library.open(small_library_copy).health()
    assert symptoms
    assert all("--rebuild" in one.remedy_en and "--rebuild" in one.remedy_zh for one in symptoms)


def test_a_flipped_block_is_found_by_the_deep_look(small_library_copy: Path) -> None:
    file = small_library_copy / "factors.duckdb"
    content = bytearray(file.read_bytes())
    for place in range(12_388, len(content), 4096):
        content[place] ^= 0xFF
    file.write_bytes(content)
    assert _codes(small_library_copy, deep=True) != []


@pytest.mark.parametrize("content", [b"this is no database" * 400, b"SQLite format 3\0" + b"\xff" * 8000])
def test_damaged_records_end_in_a_sentence(small_library_copy: Path, content: bytes) -> None:
    for name in ("records.sqlite", "records.sqlite-wal", "records.sqlite-shm"):
        (small_library_copy / name).unlink(missing_ok=True)
    (small_library_copy / "records.sqlite").write_bytes(content)
    with pytest.raises(FactorDBError) as told:
        Library.open(small_library_copy).batches()
    assert told.value.exit_code == 7
    assert told.value.remedy_zh


def test_the_schema_is_made_on_an_empty_and_left_on_a_present_file(tmp_path: Path) -> None:
    made = records.engine(records.url_of(tmp_path / "records.sqlite"))
    records.migrate(made)
    tables = set(sa.inspect(made).get_table_names())
    assert {row.__tablename__ for row in records.TABLES} <= tables
    records.migrate(made)
    with made.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == records.HEAD
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2
    made.dispose()


def test_the_migrations_come_to_the_tables_that_the_program_declares(tmp_path: Path) -> None:
    made = records.engine(records.url_of(tmp_path / "records.sqlite"))
    records.migrate(made)
    looked = sa.inspect(made)
    for row in records.TABLES:
        declared = set(row.__table__.columns.keys())  # type: ignore[attr-defined] # SQLModel adds it at run time
        assert {one["name"] for one in looked.get_columns(str(row.__tablename__))} == declared
    made.dispose()
