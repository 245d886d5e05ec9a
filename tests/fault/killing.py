"""Kills a library's run at random moments, many times; started by test_fault_killed.py in a process of its own.

One process that has imported everything and opened nothing forks a child for each run, so that a kill costs seconds
and not a start of Python. Prints one JSON object.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from factordb import Library
from factordb.formats import manifest
from factordb.stages import release as _warm  # noqa: F401 - what a run imports late is imported before the fork

LATEST = 1.3
"""Latest moment of a kill, in runs: some come when all is done, as they do in life."""


def _child(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as fault:  # noqa: BLE001 - the child says what went wrong and ends
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            sys.stderr.flush()
        finally:
            os._exit(code)
    return pid


def _promote_and_release(library: Path) -> None:
    opened = Library.open(library)
    opened.adopt(actor="tester", reason="test")
    opened.release(actor="tester")


def _state(library: Path) -> str:
    """Return how far the killed run had come; raises where a half release can be seen."""
    opened = Library.open(library)
    recorded = [row["release_id"] for row in opened.releases()]
    there = [path.name for path in (library / "releases").iterdir() if not path.name.startswith(".")]
    assert set(recorded) <= set(there), (recorded, there)
    for name in there:
        assert manifest.verify(library / "releases" / name) == [], name
    if recorded:
        assert opened.verify_release("2026.1") == []
        return "recorded"
    if there:
        return "whole, not recorded"
    kinds = {row["kind"] for row in opened.events()}
    return "decided" if "decided" in kinds else "untouched"


def _completed(library: Path, expected: str) -> None:
    """Run again and see the one release, byte for byte the one of an undisturbed run."""
    _promote_and_release(library)
    opened = Library.open(library)
    assert [row["release_id"] for row in opened.releases()] == ["2026.1"]
    assert opened.health(deep=True) == []
    assert opened.verify_release("2026.1") == []
    left = [path.name for path in (library / "releases").iterdir()]
    assert left == ["2026.1"], left
    assert _digest(library) == expected


def _digest(library: Path) -> str:
    return hashlib.sha256((library / "releases" / "2026.1" / "manifest.json").read_bytes()).hexdigest()


def _waited(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    prepared, runs, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    work = prepared.with_name("work")
    draw = random.Random(seed)  # noqa: S311 - moments, no secrets

    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(prepared, work)

    fresh()
    begun = time.monotonic()
    assert _waited(_child(lambda: _promote_and_release(work))) == 0
    whole = time.monotonic() - begun
    expected = _digest(work)
    states: Counter[str] = Counter()
    killed, failed = 0, []
    for run in range(runs):
        fresh()
        pid = _child(lambda: _promote_and_release(work))
        time.sleep(draw.uniform(0, LATEST * whole))
        os.kill(pid, signal.SIGKILL)
        killed += _waited(pid) == -signal.SIGKILL
        report = work.with_name("state")

        def examine(report: Path = report) -> None:
            report.write_text(_state(work), encoding="utf-8")

        if _waited(_child(examine)) == 0:
            states[report.read_text(encoding="utf-8")] += 1
        else:
            failed.append(f"run {run}: state")
        if _waited(_child(lambda: _completed(work, expected))) != 0:
            failed.append(f"run {run}: completion")
    sys.stdout.write(json.dumps({"runs": runs, "killed": killed, "seconds": whole, "states": states, "failed": failed}))


if __name__ == "__main__":
    main()
