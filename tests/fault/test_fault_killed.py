"""kill -9 at random moments of promotion and release: nothing torn, nothing half to be seen, the next run completes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("FACTORDB_FAULT_RUNS", "7"))
"""200 in the full programme: FACTORDB_FAULT_RUNS=200."""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL and fork are of POSIX")
def test_killed_at_random_moments_the_library_is_whole_and_the_next_run_completes(
    prepared: Path, tmp_path: Path
) -> None:
    library = shutil.copytree(prepared, tmp_path / "prepared")
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("killing.py"), library, str(RUNS), "20261126"],
        capture_output=True, encoding="utf-8", check=False, timeout=60 * RUNS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["failed"] == [], done.stderr[-3000:]
    assert sum(told["states"].values()) == RUNS
    assert told["killed"] >= RUNS // 2  # most were still running
