"""A run that is killed leaves the library as it was; the next run completes, to the same release."""

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from factordb import Library, read_mapping

AS_OF = date(2026, 11, 26)

KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from factordb import Library, read_mapping
from factordb.stages import appraise, intake, release
from factordb.store import history, library_file

def die(*_arguments, **_facts):
    os.kill(os.getpid(), signal.SIGKILL)

places = {
    "during intake": (intake, "content_hash"),
    "before the merge": (library_file, "merge_batch"),
    "between merge and record": (history, "add_batch"),
    "before the read model": (library_file, "publish"),
    "during appraisal": (appraise, "rate_candidates"),
    "between appraisal and record": (history, "add_appraisal"),
    "during release": (release, "finish_release"),
    "between release and record": (release, "ReleaseRow"),
}
room, name = places[sys.argv[1]]
setattr(room, name, die)
folder = Path(sys.argv[2])
opened = Library.open(folder / "library")
pipeline, sources = read_mapping(folder / "small.toml")
opened.intake(pipeline, [folder / "small.csv"], sources=sources)
opened.appraise(as_of=date(2026, 11, 26))
opened.adopt(actor="tester", reason="test")
opened.release(actor="tester")
"""

PLACES = [
    "during intake", "before the merge", "between merge and record", "before the read model", "during appraisal",
    "between appraisal and record", "during release", "between release and record",
]  # fmt: skip


def _complete(folder: Path) -> Library:
    opened = Library.open(folder / "library")
    pipeline, sources = read_mapping(folder / "small.toml")
    opened.intake(pipeline, [folder / "small.csv"], sources=sources, actor="tester")
    opened.appraise(as_of=AS_OF, actor="tester")
    opened.adopt(actor="tester", reason="test")
    opened.release(actor="tester")
    return opened


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_the_next_run_completes(
    small_table: tuple[Path, Path], small_library: Path, place: str
) -> None:
    folder = small_table[0].parent
    Library.open(folder / "library", create=True)
    done = subprocess.run([sys.executable, "-c", KILLED, place, folder], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, (done.returncode, done.stderr[-1500:])

    after = Library.open(folder / "library")
    recorded = [row["batch_id"] for row in after.batches()]
    assert len(recorded) == (0 if place in PLACES[:3] else 1)
    assert after.releases() == []

    opened = _complete(folder)
    assert [row["release_id"] for row in opened.releases()] == ["2026.1"]
    assert opened.health(deep=True) == []
    assert opened.verify_release("2026.1") == []
    assert list((folder / "library" / "releases").iterdir()) == [folder / "library" / "releases" / "2026.1"]
    whole = Library.open(small_library)
    assert opened.batches()[0]["content_hash"] == whole.batches()[0]["content_hash"]
    assert opened.releases()[0]["content_hash"] == whole.releases()[0]["content_hash"]


def test_who_holds_the_lock_is_named_and_the_code_is_75(small_library_copy: Path) -> None:
    holding = (
        "import sys, time; from pathlib import Path; from factordb import Library\n"
        "with Library.open(Path(sys.argv[1]))._writing():\n    print('held', flush=True); time.sleep(60)"
    )
    program = Path(sys.executable).parent / "factordb"
    holder = subprocess.Popen([sys.executable, "-c", holding, small_library_copy], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        for lang, mark in (("en", f"process {holder.pid}"), ("zh", str(holder.pid))):
            done = subprocess.run(
                [program, "appraise", "--again", "--library", small_library_copy],
                capture_output=True, encoding="utf-8", check=False, env={**os.environ, "FACTORDB_LANG": lang},
            )  # fmt: skip
            assert done.returncode == 75, done.stderr
            assert mark in done.stderr
        readers = subprocess.run(
            [program, "factor", "search", "产品", "--library", small_library_copy, "--json"],
            capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert readers.returncode == 0
        assert len(json.loads(readers.stdout)) == 2
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()
