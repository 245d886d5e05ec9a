"""What stands beside the data sets of a package: JSON lines, on disk until the package's last member is written."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Self

from factordb.formats.interchange import FormatFault
from factordb.formats.safe_zip import FolderTarget, Package, RefusedDocumentError, ZipTarget

PARAMETERS: Final = "factordb/parameters.jsonl"
"""Rows that no data set can be made of (parameters); columns as in a release."""
EXTENSIONS: Final = "factordb/extensions.jsonl"
"""Process UUID and its extension, where the format allows none inside."""
_IN_MEMORY: Final = 4 << 20


class Lines:
    """JSON lines that are kept until they are written."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it lives as long as its package
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, one: Mapping[str, Any]) -> None:
        """Keep one line."""
        text = json.dumps(one, ensure_ascii=False, separators=(",", ":"), default=_plain)
        self._file.write(text.encode() + b"\n")
        self.count += 1

    def write(self, files: FolderTarget | ZipTarget, name: str) -> None:
        """Write the lines, if there are any, as the document `name`."""
        if self.count:
            self._file.seek(0)
            files.add_stream(name, self._file)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def read_lines(files: Package, name: str) -> Iterator[tuple[str, dict[str, Any] | FormatFault]]:
    """Yield (place, object) of each line of a document; a line that is none yields its fault."""
    place = files.place(name)
    try:
        for number, line in enumerate(files.lines(name), start=1):
            yield _read_line(line, f"{place}:{number}")
    except RefusedDocumentError as refused:
        yield place, refused.fault


def _read_line(line: bytes, place: str) -> tuple[str, dict[str, Any] | FormatFault]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as fault:
        return place, FormatFault("JSON-BROKEN", "block", place, str(fault)[:80])
    return place, found if isinstance(found, dict) else FormatFault("JSON-BROKEN", "block", place, str(line[:80]))
