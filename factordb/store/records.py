"""What people did, in a transactional database: batches, appraisals, decisions, releases, events.

SQLite (WAL, synchronous=FULL) by default, PostgreSQL by URL; the schema moves by Alembic. Rows are inserted,
never updated: the present state is a view over the newest event.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy import event as sa_event
from sqlmodel import Field, Session, SQLModel

from factordb.errors import BusyError, IntegrityError

__all__ = [
    "AppraisalRow",
    "BatchRow",
    "DecisionRow",
    "Engine",
    "EventRow",
    "ReleaseRow",
    "Session",
    "after_each_session",
    "engine",
    "in_words",
    "migrate",
    "now",
    "session",
    "url_of",
]

HEAD = "0002"
"""Newest revision under `migrations/versions`; a database at this revision needs no migration."""


def now() -> datetime:
    """Return the time of an event, UTC, whole seconds."""
    return datetime.now(tz=UTC).replace(microsecond=0)


class BatchRow(SQLModel, table=True):
    """An intake. It is visible in the library only once its `merged` event stands in `event`."""

    __tablename__ = "batch"
    batch_id: str = Field(primary_key=True)
    pipeline: str
    source_id: str
    inputs: str = Field(description="JSON: file, sha256, size of every raw file")
    rows_in: int
    rows_staged: int
    rows_refused: int
    records: int
    candidates: int
    refused: int
    content_hash: str = Field(description="order-independent hash of candidates and refused records")
    received_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class AppraisalRow(SQLModel, table=True):
    """One run of checks, uncertainty and rating over some batches, on one day under one rule set."""

    __tablename__ = "appraisal"
    appraisal_id: str = Field(primary_key=True)
    as_of: date
    rule_set: str
    scheme: str
    policy: str
    seed: int
    candidates: int
    findings: int
    eligible: int
    content_hash: str
    finished_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class DecisionRow(SQLModel, table=True):
    """A decision on one candidate or on a set, bound to what was seen."""

    __tablename__ = "decision"
    decision_id: str = Field(primary_key=True)
    action: str
    appraisal_id: str
    items_sha256: str = Field(description="object that lists candidate and version ids decided on")
    items: int
    rule_set: str
    base_release: str | None = None
    actor: str
    mode: str = Field(description="single-operator, or the reviewers' route")
    reason: str
    decided_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class ReleaseRow(SQLModel, table=True):
    """A release that was built: its manifest's hash pins every byte of it."""

    __tablename__ = "release"
    release_id: str = Field(primary_key=True)
    base_release: str | None = None
    as_of: date
    decision_id: str
    rule_set: str
    manifest_sha256: str
    content_hash: str
    factors: int
    built_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class EventRow(SQLModel, table=True):
    """Something that happened, in order. Nothing here is ever changed or removed."""

    __tablename__ = "event"
    event_id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    subject: str = Field(index=True)
    actor: str
    facts: str = Field(description="JSON")
    happened_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


TABLES = (BatchRow, AppraisalRow, DecisionRow, ReleaseRow, EventRow)


def _pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def engine(url: str) -> Engine:
    """Return an engine for the records database at `url`."""
    made = sa.create_engine(url)
    if made.dialect.name == "sqlite":
        sa_event.listen(made, "connect", _pragmas)
    return made


def url_of(path: Path) -> str:
    """Return the SQLite URL of a records file."""
    return f"sqlite:///{path}"


def migrate(made: Engine) -> None:
    """Bring the schema to `HEAD`; does nothing when it is there already.

    Raises:
        BusyError: another process writes to the records for longer than five seconds.
        IntegrityError: the file is no database.
    """
    with in_words():
        _migrate(made)


def _migrate(made: Engine) -> None:
    with made.connect() as connection:
        if sa.inspect(connection).has_table("alembic_version"):
            current = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            if current == HEAD:
                return
    from alembic import command  # noqa: PLC0415 - 0.2 s, needed once a library's life
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with _whole(made) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _whole(made: Engine) -> Iterator[sa.Connection]:
    """Yield a connection on which everything, tables too, happens as a whole or not at all.

    Python's sqlite3 begins no transaction before CREATE TABLE: a migration cut short would leave some tables and no
    revision, and the library could never be opened again.
    """
    if made.dialect.name != "sqlite":
        with made.begin() as connection:
            yield connection
        return
    with made.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        usual, driver.isolation_level = driver.isolation_level, None
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            driver.isolation_level = usual


@contextmanager
def session(made: Engine) -> Iterator[Session]:
    """Yield a session in one transaction: committed at the end, rolled back on any error.

    Raises:
        BusyError: another process writes to the records for longer than five seconds.
        IntegrityError: the file is no database.
    """
    with in_words(), Session(made, expire_on_commit=False) as opened, opened.begin():
        yield opened
    follow = made.get_execution_options().get(_AFTER)
    if follow is not None:
        follow()


def after_each_session(made: Engine, follow: Callable[[], None]) -> None:
    """Let `follow` be called after every session of this engine that ends well, its transaction committed."""
    made.update_execution_options(**{_AFTER: follow})


_AFTER = "factordb_after_session"


@contextmanager
def in_words() -> Iterator[None]:
    """Turn the database's faults into sentences."""
    try:
        yield
    except sa.exc.OperationalError as error:
        if "locked" in str(error):
            raise BusyError(
                problem="the library's records are being written by another process",
                remedy="run the command again in a moment",
                problem_zh="库的记录正由另一进程写入",
                remedy_zh="请稍后重新运行本命令",
            ) from error
        if "disk I/O error" in str(error):
            raise IntegrityError(
                problem="the library's records cannot be read or written: the disk reports an error",
                remedy="check the disk, and that records.sqlite-wal was not removed; then run the same command",
                problem_zh="库的记录无法读写：磁盘报告错误",
                remedy_zh="请检查磁盘，以及 records.sqlite-wal 是否被删除，然后重新运行本命令",
            ) from error
        raise
    except sa.exc.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        raise IntegrityError(
            problem="the library's records file is damaged or not a database",
            remedy="restore records.sqlite from a backup; `factordb doctor` shows what can be rebuilt",
            problem_zh="库的记录文件已损坏或并非数据库",
            remedy_zh="请由备份恢复 records.sqlite；`factordb doctor` 会显示哪些可以重建",
        ) from error
