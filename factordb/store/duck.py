"""DuckDB connections as the house needs them: offline, UTC, bounded memory, clear words on a held file."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from factordb.errors import BusyError, IntegrityError

CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "storage_compatibility_version": "v1.5.0",
}
MEMORY_LIMIT = "2GB"
THREADS = 2
_PATIENCE_S = 5.0
_HOLDER = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


def lock_holder(message: str) -> str | None:
    """Return "program (PID n)" from DuckDB's lock message, or None."""
    found = _HOLDER.search(message)
    return f"{found['program']} (PID {found['pid']})" if found else None


def _connect(path: Path | str, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {**CONFIG}
    if read_only:
        config.pop("storage_compatibility_version")
    connection = duckdb.connect(str(path), read_only=read_only, config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET memory_limit = '{os.environ.get('FACTORDB_MEMORY', MEMORY_LIMIT)}'")
    connection.execute(f"SET threads = {THREADS}")
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def opened(path: Path | str, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to the DuckDB file, retrying for some seconds while another process holds it.

    Raises:
        BusyError: the file is still held after five seconds; names the holder.
        IntegrityError: the file is no DuckDB database or is damaged.
    """
    deadline, pause = time.monotonic() + _PATIENCE_S, 0.02
    while True:
        try:
            connection = _connect(path, read_only=read_only)
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise damaged(path) from error
            if time.monotonic() > deadline:
                holder = lock_holder(str(error)) or "another process"
                raise BusyError(
                    problem=f"{path} is held by {holder}",
                    remedy="wait until it has finished, or end that process, then run the command again",
                    problem_zh=f"{path} 正被 {holder} 占用",
                    remedy_zh="请等待其结束，或结束该进程后重新运行本命令",
                ) from error
            time.sleep(pause)
            pause = min(pause * 1.7, 0.5)
        except (duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException) as error:
            raise damaged(path) from error
    try:
        yield connection
    finally:
        connection.close()


def damaged(path: Path | str) -> IntegrityError:
    """Return the fault of a file that DuckDB cannot read."""
    return IntegrityError(
        problem=f"{path} cannot be read as a DuckDB file: it is damaged or something else",
        remedy="run `factordb doctor --rebuild`: it is made again from the raw files and the records",
        problem_zh=f"{path} 无法作为 DuckDB 文件读取：已损坏或并非此类文件",
        remedy_zh="请运行 `factordb doctor --rebuild`，由原始文件与记录重建",
    )


def quote(text: str) -> str:
    """Return `text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
