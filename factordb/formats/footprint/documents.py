"""Footprints in files: JSON with a list, one object a line, an archive or a folder of documents; one at a time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from factordb.formats.interchange import FormatFault
from factordb.formats.inventories.file_target import FileTarget, file_target
from factordb.formats.inventories.json_read import json_object
from factordb.formats.inventories.sidecar import NAME
from factordb.formats.safe_zip import FolderTarget, RefusedDocumentError, ZipTarget, package, package_target

LINES: Final = (".ndjson", ".jsonl")
MAX_LINE: Final = 4 << 20
"""Longest line of a file with one footprint a line."""

Found = tuple[str, Any]
"""Place, and the document or the fault that stands for it."""


class Target(Protocol):
    """Takes footprints and lines of the sidecar."""

    def footprint(self, name: str, found: dict[str, Any]) -> None:
        """Write one footprint."""
        ...

    def aside(self, line: bytes) -> None:
        """Write a line of the sidecar."""
        ...


def _encoded(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _OneFile:
    """A file: one object a line, or a document with the list `data`, as PACT's API answers."""

    def __init__(self, out: FileTarget, *, lines: bool) -> None:
        self._out, self._lines, self._before = out, lines, False
        if not lines:
            out.write('{"data":[')

    def footprint(self, _: str, found: dict[str, Any]) -> None:
        text = _encoded(found)
        self._out.write(f"{text}\n" if self._lines else f"{',' if self._before else ''}\n{text}")
        self._before = True

    def aside(self, line: bytes) -> None:
        self._out.aside(line)

    def finish(self) -> None:
        if not self._lines:
            self._out.write("\n]}\n")


class _Parts:
    """A document for each footprint, and the sidecar at the end."""

    def __init__(self, out: ZipTarget | FolderTarget) -> None:
        self._out = out
        self._aside: list[bytes] = []

    def footprint(self, name: str, found: dict[str, Any]) -> None:
        self._out.add(f"footprints/{name}.json", _encoded(found).encode())

    def aside(self, line: bytes) -> None:
        self._aside.append(line)

    def finish(self) -> None:
        if self._aside:
            self._out.add(NAME, b"".join(self._aside))


@contextmanager
def opened_target(path: Path) -> Iterator[Target]:
    """Yield where footprints go: a file where `path` ends in .json, .ndjson or .jsonl, an archive, else a folder.

    Raises:
        FileProblemError: it cannot be written.
    """
    ending = path.suffix.lower()
    if ending in {".json", *LINES}:
        with file_target(path) as out:
            one = _OneFile(out, lines=ending in LINES)
            yield one
            one.finish()
        return
    with package_target(path) as archive:
        parts = _Parts(archive)
        yield parts
        parts.finish()


def documents(path: Path) -> Iterator[Found]:
    """Yield every footprint at `path`, or the fault that stands for it."""
    with package(path, (".json", *LINES)) as inside:
        if inside.fault is not None:
            yield inside.fault.place, inside.fault
        if path.is_file() and path.suffix.lower() in LINES and inside.names:
            yield from _lines(path)
            return
        for name in inside.names:
            place = inside.place(name)
            if name.endswith(NAME):
                continue
            try:
                data = inside.read(name)
            except RefusedDocumentError as refused:
                yield place, refused.fault
                continue
            if name.lower().endswith(LINES):
                lines = data.split(b"\n")
                yield from (_line(one, f"{place}:{number}") for number, one in enumerate(lines, 1) if one.strip())
            else:
                yield from _whole(data, place)


def _lines(path: Path) -> Iterator[Found]:
    """Yield the footprints of a file of any size, a line at a time; a line that is too long is skipped as one."""
    with path.open("rb") as stream:
        number = 0
        while data := stream.readline(MAX_LINE + 1):
            number += 1
            place = f"{path.name}:{number}"
            if len(data) > MAX_LINE:
                while data and not data.endswith(b"\n"):
                    data = stream.readline(MAX_LINE)
                yield place, FormatFault("ZIP-SIZE", "block", place, f"> {MAX_LINE:,} bytes")
            elif data.strip():
                yield _line(data, place)


def _line(data: bytes, place: str) -> Found:
    try:
        return place, json_object(data, place, strict=True)
    except RefusedDocumentError as refused:
        return place, refused.fault


def _whole(data: bytes, place: str) -> Iterator[Found]:
    found = _line(data, place)[1]
    inner = found.get("data") if isinstance(found, dict) else None
    if isinstance(inner, list) or (isinstance(inner, dict) and "pcf" in inner):
        found = inner  # as PACT's API answers
    if not isinstance(found, list):
        yield place, found
        return
    for number, one in enumerate(found):
        yield f"{place}#{number}", one
