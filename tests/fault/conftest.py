"""Libraries for the fault programme: taken in and appraised, ready to adopt and release."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from factordb import Library, read_mapping
from tests.conftest import SMALL_MAPPING, SMALL_TABLE

AS_OF = date(2026, 11, 26)
ROWS = 400


def many_rows(rows: int = ROWS) -> str:
    """Return a table of invented factors."""
    head = SMALL_TABLE.splitlines()[0]
    lines = (f"产品{n},全国,2024,{1 + n / 1000:.4f},kgCO2e/kg,5,表1第{n}行" for n in range(rows))
    return "\n".join((head, *lines)) + "\n"


def take_in(library: Library, folder: Path, name: str, text: str) -> None:
    """Take a table in through the small mapping."""
    mapping, table = folder / f"{name}.toml", folder / f"{name}.csv"
    mapping.write_text(SMALL_MAPPING, encoding="utf-8")
    table.write_text(text, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [table], sources=sources, actor="tester")


@pytest.fixture(scope="session")
def prepared(once: Path) -> Path:
    """Return a library with appraised candidates that nobody has decided on. Look, do not touch."""
    folder = once / "fault"
    with FileLock(once / "fault.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            library = Library.open(folder / "prepared", create=True)
            take_in(library, folder, "many", many_rows())
            library.appraise(as_of=AS_OF, actor="tester")
            library.records.dispose()
            (folder / "done").touch()
    return folder / "prepared"


@pytest.fixture
def appraised(prepared: Path, tmp_path: Path) -> Path:
    """Return a copy of the prepared library that a test may break; its table stands beside it."""
    for name in ("many.toml", "many.csv"):
        shutil.copy(prepared.parent / name, tmp_path / name)
    return Path(shutil.copytree(prepared, tmp_path / "library"))
