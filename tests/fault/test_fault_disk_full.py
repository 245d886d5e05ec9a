"""A disk that takes no more, at every height: one sentence, an exit code, the old state; with room again, it works."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from factordb import Library
from factordb.errors import DiskError
from tests.fault.conftest import AS_OF

PROGRAM = Path(sys.executable).parent / "factordb"
COMMANDS = {
    "intake": ("intake", "many.csv", "--mapping", "many.toml"),
    "appraise": ("appraise", "--again", "--as-of", AS_OF.isoformat()),
    "release": ("release", "build"),
}
MOUNT, UNMOUNT = shutil.which("mount") or "mount", shutil.which("umount") or "umount"
WHOLE = bool(os.environ.get("FACTORDB_FAULT_RUNS"))
"""The full programme, by hand: every rung and every write; `make test` takes a part of them."""
LADDER_KB = (4, 48, 128, 512) if WHOLE else (4, 128)
"""Limits on the size of a file: from nothing can be written to only the largest file cannot."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE and tmpfs are of POSIX")


def _run(folder: Path, what: str, library: Path, limit_kb: int = 0) -> subprocess.CompletedProcess[str]:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1024, limit_kb * 1024))

    return subprocess.run(
        [PROGRAM, *COMMANDS[what], "--library", library], cwd=folder, capture_output=True, encoding="utf-8",
        check=False, env={**os.environ, "FACTORDB_LANG": "en"}, preexec_fn=small_files if limit_kb else None,
    )  # fmt: skip


def _state(library: Path) -> tuple[Any, ...]:
    if not (library / "records.sqlite").exists():
        return ()
    opened = Library.open(library)
    try:
        return opened.batches(), opened.releases(), opened.version()
    finally:
        opened.records.dispose()


def _said_clearly(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode in {2, 7}, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith(("error:", "mend:"))]
    assert [line.partition(":")[0] for line in lines] == ["error", "mend"], done.stderr
    assert any(
        word in lines[0] for word in ("no more room", "the disk reports an error", "the disk is full", "too large")
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("what", COMMANDS)
def test_a_limit_on_files_ends_in_a_sentence_and_the_second_run_succeeds(appraised: Path, what: str) -> None:
    folder, refused = appraised.parent, 0
    for limit in LADDER_KB:
        library = folder / f"at{limit}"
        if what != "intake":
            shutil.copytree(appraised, library)
        before = _state(library)
        done = _run(folder, what, library, limit)
        if done.returncode:
            refused += 1
            _said_clearly(done)
            assert _state(library) == before or (not before and _state(library)[:2] == ([], []))
            again = _run(folder, what, library)
            assert again.returncode == 0, again.stderr
        opened = Library.open(library)
        assert opened.health(deep=True) == []
        assert not [path for path in (library / "releases").iterdir() if path.name.startswith(".")]
        assert list((library / "staging").iterdir()) == []
        assert all(opened.verify_release(row["release_id"]) == [] for row in opened.releases())
        opened.records.dispose()
    assert refused >= len(LADDER_KB) // 2


@contextmanager
def _mounted(folder: Path, size_kb: int) -> Iterator[Path]:
    folder.mkdir()
    made = subprocess.run([MOUNT, "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", folder], check=False)
    if made.returncode:
        pytest.skip("no tmpfs can be mounted here (not root)")
    try:
        yield folder
    finally:
        subprocess.run([UNMOUNT, "-l", folder], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["appraise", "release"])
def test_a_full_disk_ends_in_a_sentence_and_with_room_it_goes_on(appraised: Path, what: str) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("a tmpfs is mounted by root only")
    size = sum(path.stat().st_size for path in appraised.rglob("*") if path.is_file()) // 1024
    with _mounted(appraised.parent / "disk", size + 900) as disk:
        library = shutil.copytree(appraised, disk / "library")
        ballast = disk / "ballast"
        _fill(ballast)
        os.truncate(ballast, ballast.stat().st_size - 120 * 1024)  # a little is left: it breaks off half way
        before = _state(library)
        _said_clearly(_run(appraised.parent, what, library))
        assert _state(library) == before
        ballast.unlink()
        subprocess.run([MOUNT, "-o", f"remount,size={size + 40_000}k", disk], check=True)
        again = _run(appraised.parent, what, library)
        assert again.returncode == 0, again.stderr
        opened = Library.open(library)
        assert opened.health(deep=True) == []
        opened.records.dispose()


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                return


STEP = 5 if WHOLE else 11
"""Every fifth, or eleventh, write fails once: a release makes some hundred."""


class _NthWrite:
    """Fails the n-th time that something is opened for writing, replaced or written whole."""

    def __init__(self, patch: pytest.MonkeyPatch, below: Path, number: int) -> None:
        self.calls, self._number, self._below = 0, number, below
        for name in ("write_bytes", "write_text", "replace", "open", "mkdir"):
            patch.setattr(Path, name, self._failing(getattr(Path, name), name))

    def _failing(self, real: Callable[..., Any], name: str) -> Callable[..., Any]:
        def instead(path: Path, *words: Any, **named: Any) -> Any:
            mode = str(named.get("mode", words[0] if words else "r"))
            if path.is_relative_to(self._below) and not (name == "open" and mode in {"r", "rb"}):
                self.calls += 1
                if self.calls == self._number:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            return real(path, *words, **named)

        return instead


@pytest.mark.slow
def test_whichever_file_of_a_release_cannot_be_written_nothing_half_is_left(appraised: Path) -> None:
    opened = Library.open(appraised)
    opened.adopt(actor="tester", reason="test")
    opened.records.dispose()
    untouched = appraised.with_name("untouched")
    appraised.rename(untouched)
    number, failures = 1 - STEP, 0
    while number < 200:
        number += STEP
        shutil.rmtree(appraised, ignore_errors=True)
        shutil.copytree(untouched, appraised)
        opened = Library.open(appraised)
        with pytest.MonkeyPatch.context() as patch:
            disk = _NthWrite(patch, appraised / "releases", number)
            try:
                opened.release(actor="tester")
            except DiskError:
                failures += 1
            else:
                opened.records.dispose()
                break
        recorded = [row["release_id"] for row in opened.releases()]
        visible = [path.name for path in (appraised / "releases").iterdir()]
        assert visible == recorded or (recorded == [] and visible in ([], ["2026.1"])), (number, visible)
        assert opened.release(actor="tester").release_id == "2026.1"
        assert opened.verify_release("2026.1") == []
        opened.records.dispose()
    assert disk.calls < number  # the last run came through: no write was left to fail
    assert failures > 3
