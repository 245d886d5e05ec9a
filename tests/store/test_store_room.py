import errno
from pathlib import Path

import pytest

from factordb.paths import Workspace
from factordb.store.room import give_back, no_room


@pytest.mark.parametrize("fault", [
    OSError(errno.ENOSPC, "no room"), OSError(errno.EFBIG, "x"), OSError("[Errno 28] No space left on device"),
    RuntimeError('TransactionContext Error: Failed to commit: Could not write file "a.wal": File too large'),
    RuntimeError("(sqlite3.OperationalError) database or disk is full"),
], ids=lambda fault: str(fault)[:30])  # fmt: skip
def test_a_full_disk_is_known_in_the_words_of_every_library(fault: Exception, tmp_path: Path) -> None:
    said = no_room(fault, Workspace(tmp_path))
    assert said is not None
    assert str(tmp_path) in said.problem
    assert said.exit_code == 2


def test_it_is_known_through_what_it_caused(tmp_path: Path) -> None:
    outer = ValueError("could not write the workbook")
    outer.__cause__ = KeyError("inner")
    outer.__cause__.__context__ = OSError(errno.ENOSPC, "full")
    assert no_room(outer, Workspace(tmp_path)) is not None


def test_other_faults_stay_what_they_are(tmp_path: Path) -> None:
    assert no_room(ValueError("file"), Workspace(tmp_path)) is None
    assert no_room(OSError(errno.EACCES, "rights"), Workspace(tmp_path)) is None


def test_what_was_begun_gives_its_room_back(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    for path in (workspace.staging, workspace.releases / ".2026.1.building" / "data", workspace.releases / "2026.1"):
        path.mkdir(parents=True)
    (workspace.staging / "batch-1.duckdb").write_bytes(b"x")
    give_back(workspace)
    assert [path.name for path in sorted(workspace.releases.iterdir())] == ["2026.1"]
    assert list(workspace.staging.iterdir()) == []
