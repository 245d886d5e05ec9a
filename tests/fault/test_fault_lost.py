"""Lost and old files of the stores: a data file older than the records, a cut log of the records."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from factordb import Library
from factordb.errors import IntegrityError
from tests.fault.conftest import AS_OF, take_in

SECOND = "名称,地区,年份,数值,单位,变异系数,位置\n另一产品,全国,2024,1.5,kgCO2e/kg,5,表2\n"


@pytest.fixture
def two_batches(appraised: Path) -> tuple[Path, Path]:
    """Return a library with two batches, and its data file as it was before the second."""
    old = appraised.with_name("old.duckdb")
    shutil.copy(appraised / "factors.duckdb", old)
    library = Library.open(appraised)
    take_in(library, appraised.parent, "second", SECOND)
    library.appraise(as_of=AS_OF, actor="tester")
    library.records.dispose()
    return appraised, old


def test_a_restored_old_data_file_is_seen_by_doctor_and_refused_by_every_write(two_batches: tuple[Path, Path]) -> None:
    folder, old = two_batches
    shutil.copy(old, folder / "factors.duckdb")  # what a lost write-ahead file leaves, too: the state before
    library = Library.open(folder)
    codes = {symptom.code for symptom in library.health()}
    assert "LOST" in codes
    before = library.batches(), library.version()
    for write in (
        lambda: library.appraise(as_of=AS_OF, again=True, actor="tester"),
        lambda: library.adopt(actor="tester", reason="test"),
        lambda: library.release(actor="tester"),
    ):
        with pytest.raises(IntegrityError, match="older than the records"):
            write()
    assert (library.batches(), library.version()) == before
    assert len(library.rebuild(actor="tester")) == 2
    library.appraise(as_of=AS_OF, actor="tester")
    library.adopt(actor="tester", reason="test")
    assert library.release(actor="tester").counts["factors"] > 100
    assert library.health(deep=True) == []


def test_an_old_data_file_that_lacks_only_an_appraisal_is_refused_too(appraised: Path) -> None:
    library = Library.open(appraised)
    library.records.dispose()
    old = appraised.with_name("old.duckdb")
    shutil.copy(appraised / "factors.duckdb", old)
    library.appraise(as_of=AS_OF, seed=7, actor="tester")
    shutil.copy(old, appraised / "factors.duckdb")
    assert "UNASSESSED" in {symptom.code for symptom in library.health()}
    with pytest.raises(IntegrityError, match="older than the records"):
        library.adopt(actor="tester", reason="test")


def test_a_missing_data_file_is_refused(appraised: Path) -> None:
    (appraised / "factors.duckdb").unlink()
    library = Library.open(appraised)
    with pytest.raises(IntegrityError, match="older than the records"):
        library.adopt(actor="tester", reason="test")
    assert {symptom.code for symptom in library.health()} == {"LOST"}


LEFT_OPEN = """
import os, signal, sys
from datetime import date
from pathlib import Path
from factordb import Library
opened = Library.open(Path(sys.argv[1]))
opened.adopt(actor="tester", reason="test")
opened.release(actor="tester")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_a_cut_log_of_the_records_is_refused_or_is_what_was_anchored(appraised: Path) -> None:
    """Power loss cuts what was not yet on the disk; the anchor says how many events there were."""
    done = subprocess.run([sys.executable, "-c", LEFT_OPEN, appraised], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (appraised / "records.sqlite-shm").unlink()  # memory, lost with the power
    whole = (appraised / "records.sqlite-wal").read_bytes()
    assert len(whole) > 4096
    came_out = {percent: _opened_cut(appraised, percent, whole) for percent in (*range(0, 100, 5), 100)}
    assert came_out[100] == "2026.1"
    assert came_out[0] == came_out[50] == "refused"
    assert set(came_out.values()) == {"refused", "2026.1"}, came_out  # nothing committed was lost in silence


def _opened_cut(library: Path, percent: int, whole: bytes) -> str:
    """Return what a library says when only a part of the records' log had reached the disk."""
    folder = shutil.copytree(library, library.with_name(f"cut{percent}"))
    (folder / "records.sqlite-wal").write_bytes(whole[: len(whole) * percent // 100])
    try:
        return ",".join(row["release_id"] for row in Library.open(folder).releases()) or "nothing"
    except IntegrityError:
        return "refused"
