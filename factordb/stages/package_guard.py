"""Parses the files of a package in a child process under limits; a file that breaks one is a fault, never a crash.

One child reads all files of a package, one after the other. Where it dies, the file it died of is named and a new child
reads the rest, a few times; the child sees nothing of the environment but what Python needs.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from factordb.errors import FileProblemError
from factordb.stages import package_child
from factordb.stages.package_parsing import BrokenLimitError, Plain, limits

__all__ = ["PackageGuard", "guarded_parser"]

_KEPT: Final = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL")
"""Variables a child keeps; keys, tokens and addresses of databases are not among them."""
_QUIET: Final = {"OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "PYTHONIOENCODING": "utf-8"}
"""One thread, and memory taken as it is needed: what is taken in advance would count against a file."""
_STARTS: Final = 60.0
"""Seconds a child may take to start on a busy machine."""


class _Gone(Exception):  # noqa: N818 - not a fault: the child ended or said nothing in time
    def __init__(self, limit: str, told: str = "") -> None:
        super().__init__(limit)
        self.limit, self.told = limit, told


@dataclass(frozen=True)
class _Child:
    """A running child and the lines it says."""

    process: subprocess.Popen[bytes]
    lines: "queue.Queue[bytes]"
    most: int

    def said(self, seconds: float, late: str) -> dict[str, Any]:
        """Return the next line; raises `_Gone` where there is none, or none in time."""
        try:
            line = self.lines.get(timeout=max(0.0, seconds))
        except queue.Empty:
            raise _Gone(late) from None
        if not line:
            raise _Gone(*_ended(self.process.wait()))
        if not line.endswith(b"\n"):
            raise _Gone(*(("answer", "") if len(line) >= self.most else _ended(self.process.wait())))
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, *request: str) -> None:
        with contextlib.suppress(OSError):  # a child that is gone is told of when its answer is awaited
            stream = self.process.stdin
            assert stream is not None  # noqa: S101 - opened as a pipe
            stream.write(json.dumps(request).encode() + b"\n")
            stream.flush()

    def end(self) -> None:
        """End the child and whatever it started."""
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


def _ended(code: int) -> tuple[str, str]:
    """Return the limit a child broke, from how it ended."""
    cpu = getattr(signal, "SIGXCPU", None)
    if cpu is not None and code == -cpu:
        return "cpu", ""
    return "crash", signal.Signals(-code).name if code < 0 else f"exit {code}"


def _listen(stream: IO[bytes], lines: "queue.Queue[bytes]", most: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        while line := stream.readline(most):
            lines.put(line)
            if not line.endswith(b"\n"):
                return
    lines.put(b"")


class PackageGuard:
    """Runs tasks in a child under limits; a `Parser`.

    Attributes:
        limited: whether the system limits memory and time of the processor; where not, only the clock does.
    """

    def __init__(self, stated: Mapping[str, int] | None = None) -> None:
        self._stated = dict(stated or limits())
        self._ends = time.monotonic() + self._stated["package_seconds"]
        self._child: _Child | None = None
        self._broken = 0
        self._greeted = False
        self.limited = True

    def __enter__(self) -> Self:
        self._child = self._started()  # it loads its parsers while this process hashes files
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def __call__(self, task: str, path: Path, said: str = "") -> Plain:
        """Return what the task made of the file.

        Raises:
            FileProblemError: the file is not what it should be.
            BrokenLimitError: the file broke a limit.
        """
        left = self._ends - time.monotonic()
        if self._broken >= self._stated["breaks"]:
            raise self._broke(path, "breaks")
        if left <= 0:
            raise self._broke(path, "package")
        try:
            answer = self._asked(task, path, said, left)
        except _Gone as gone:
            self._broken += 1
            self.close()
            raise self._broke(path, gone.limit, gone.told) from None
        if "problem" in answer:
            raise _as_fault(*answer["problem"])
        if "limit" in answer:
            raise self._broke(path, answer["limit"], answer.get("told", ""))
        made: Plain = answer["made"]
        return made

    def _asked(self, task: str, path: Path, said: str, left: float) -> dict[str, Any]:
        child = self._child or self._started()
        self._child = child
        if not self._greeted:
            self.limited = bool(child.said(_STARTS, "clock")["limited"])
            self._greeted = True
        child.ask(task, str(path), said)
        clock = self._stated["clock_seconds"]
        return child.said(min(left, clock), "clock" if clock <= left else "package")

    def _started(self) -> _Child:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", package_child.__name__, json.dumps(self._stated)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ} | _QUIET,
            start_new_session=True,
        )
        stream = process.stdout
        assert stream is not None  # noqa: S101 - opened as a pipe
        lines: queue.Queue[bytes] = queue.Queue()
        most = self._stated["answer_mb"] << 20
        threading.Thread(target=_listen, args=(stream, lines, most), daemon=True).start()
        self._greeted = False
        return _Child(process, lines, most)

    def _broke(self, path: Path, limit: str, told: str = "") -> BrokenLimitError:
        return BrokenLimitError(path, limit, told)


def _as_fault(problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> FileProblemError:
    """Return the child's fault as it was raised there."""
    path, _, en = problem.partition(": ")
    return FileProblemError(
        path, problem=en, remedy=remedy, problem_zh=problem_zh.removeprefix(f"{path}："), remedy_zh=remedy_zh
    )


@contextmanager
def guarded_parser() -> Iterator[PackageGuard]:
    """Yield a parser under the limits of `reference/submission/parsing.toml`; its child ends with the block."""
    with PackageGuard() as guard:
        yield guard
