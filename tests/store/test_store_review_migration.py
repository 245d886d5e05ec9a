"""A library of the first version of this program gains the tables of review and loses nothing."""

import importlib
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from factordb import Library
from factordb.store import cases, people, records

NEW = {"person", "review_case", "case_act", "review_comment", "case_deadline"}


@pytest.fixture
def old(tmp_path: Path) -> sa.Engine:
    """Return the records of a library at revision 0001, with one event in it."""
    engine = records.engine(records.url_of(tmp_path / "records.sqlite"))
    config = Config()
    config.set_main_option("script_location", str(Path(records.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            sa.text(
                "INSERT INTO event (kind, subject, actor, facts, happened_on) "
                "VALUES ('merged', 'b1', 'sue', '{}', '2026-11-26 08:00:00')"
            )
        )
    return engine


def test_an_old_library_is_brought_up_and_keeps_its_events(old: sa.Engine) -> None:
    assert not NEW & set(sa.inspect(old).get_table_names())
    records.migrate(old)
    assert set(sa.inspect(old).get_table_names()) >= NEW
    with records.session(old) as opened:
        assert people.submitter_of(opened, "b1") == "sue"
        assert people.mode(opened) == "single-operator"
        assert cases.overrides_table(opened, "none").num_rows == 0
        assert cases.reasons(opened, None) == {}
        assert opened.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == records.HEAD
    records.migrate(old)


def test_the_tables_are_those_of_the_classes(old: sa.Engine) -> None:
    records.migrate(old)
    for row in (people.PersonRow, cases.CaseRow, cases.ActRow, cases.CommentRow, cases.DeadlineRow):
        stored = {column["name"]: column["nullable"] for column in sa.inspect(old).get_columns(row.__tablename__)}
        declared = {column.name: column.nullable for column in row.__table__.columns}
        assert stored == declared


def test_a_small_library_of_today_opens_with_the_new_tables(small_library: Path) -> None:
    library = Library.open(small_library)
    assert library.mode() == "single-operator"
    assert set(sa.inspect(library.records).get_table_names()) >= NEW
    assert importlib.import_module("factordb.store.migrations.versions.0002_review").down_revision == "0001"
