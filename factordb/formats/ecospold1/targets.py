"""Where EcoSpold 1 is written: one file, or an archive of files small enough for every reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from factordb.formats.inventories.file_target import FileTarget, file_target
from factordb.formats.inventories.sidecar import NAME
from factordb.formats.safe_zip import ZipTarget

PART: Final = 2_000
"""Data sets of one file in an archive: about 10 MB, which programs that build a tree can hold."""


class Target(Protocol):
    """Takes data sets and lines of the sidecar."""

    def dataset(self, text: str) -> None:
        """Write one data set."""
        ...

    def aside(self, line: bytes) -> None:
        """Write a line of the sidecar."""
        ...


class _OneFile:
    def __init__(self, out: FileTarget) -> None:
        self._out = out

    def dataset(self, text: str) -> None:
        self._out.write(text)

    def aside(self, line: bytes) -> None:
        self._out.aside(line)


class _Parts:
    """Gathers data sets into parts, and the sidecar to the end."""

    def __init__(self, out: ZipTarget, head: str, tail: str) -> None:
        self._out, self._head, self._tail = out, head, tail
        self._held: list[str] = []
        self._aside: list[bytes] = []
        self._parts = 0

    def dataset(self, text: str) -> None:
        self._held.append(text)
        if len(self._held) == PART:
            self.part()

    def aside(self, line: bytes) -> None:
        self._aside.append(line)

    def part(self) -> None:
        self._parts += 1
        text = "".join((self._head, *self._held, self._tail))
        self._out.add(f"ecospold1_{self._parts:05d}.xml", text.encode())
        self._held = []

    def finish(self) -> None:
        if self._held or not self._parts:
            self.part()
        if self._aside:
            self._out.add(NAME, b"".join(self._aside))


@contextmanager
def opened_target(path: Path, head: str, tail: str) -> Iterator[Target]:
    """Yield the file or archive `path`; `head` and `tail` stand around the data sets of every file.

    Raises:
        FileProblemError: it cannot be written.
    """
    if path.suffix.lower() == ".zip":
        with ZipTarget(path) as archive:
            parts = _Parts(archive, head, tail)
            yield parts
            parts.finish()
        return
    with file_target(path) as out:
        out.write(head)
        yield _OneFile(out)
        out.write(tail)
