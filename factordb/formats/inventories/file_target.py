"""A single text file that is written piece by piece, with a sidecar beside it where there is something for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from factordb.errors import FileProblemError
from factordb.formats.inventories.sidecar import NAME


class FileTarget:
    """Takes text for the file and lines for its sidecar."""

    def __init__(self, stream: BinaryIO, aside: Path) -> None:
        self._stream, self._path = stream, aside
        self._aside: BinaryIO | None = None

    def write(self, text: str) -> None:
        """Write text to the file, as UTF-8."""
        self._stream.write(text.encode())

    def aside(self, line: bytes) -> None:
        """Write a line to the sidecar."""
        if self._aside is None:
            self._aside = self._path.open("wb")
        self._aside.write(line)

    def close(self) -> None:
        """Close the sidecar."""
        if self._aside is not None:
            self._aside.close()


def sidecar_path(target: Path) -> Path:
    """Return where the sidecar of the file `target` stands."""
    return target.with_name(f"{target.name}.{NAME}")


@contextmanager
def file_target(path: Path) -> Iterator[FileTarget]:
    """Yield the file `path` to write to; an older sidecar of it is removed.

    Raises:
        FileProblemError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = sidecar_path(path)
        aside.unlink(missing_ok=True)
        with path.open("wb") as stream:
            target = FileTarget(stream, aside)
            try:
                yield target
            finally:
                target.close()
    except OSError as fault:
        raise FileProblemError(
            path,
            problem=f"cannot be written ({fault.strerror})",
            remedy="choose a folder that exists and may be written to",
            problem_zh=f"无法写入（{fault.strerror}）",
            remedy_zh="请选择存在且可写的文件夹",
        ) from fault
