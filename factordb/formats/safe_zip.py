"""Packages of data sets, read safely: a folder, a zip archive or one file, as named documents of bounded size.

An archive is inspected before anything is unpacked (`formats/archive.py`); documents are read one at a time, so that
memory is bounded by the largest document. Written archives have fixed times and the order they are written in, so that
the same content gives the same bytes.
"""

import shutil
import struct
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

from factordb.errors import FileProblemError
from factordb.formats.archive import BROKEN, Limits, RefusedArchiveError, inspect, zip_opened
from factordb.formats.interchange import FormatFault

PACKAGE_LIMITS: Final = Limits(members=400_000, total=8 << 30)
"""What a package of data sets may hold. The public Chinese set has 103,843 files and 589 MB (formats.md 2.1)."""

MAX_DOCUMENT_BYTES: Final = 64 << 20
"""Largest document that is read whole."""

MAX_LINE_BYTES: Final = 1 << 20
"""Longest line of a document of JSON lines: one row."""

MAX_DIRECTORY_BYTES: Final = 64 << 20
"""Largest central directory of an archive that is loaded: 160 bytes for each of the members allowed."""

FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Earliest time a zip archive can state; every member written here has it."""

_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_END_RECORD: Final = struct.Struct("<4s4H2LH")
_IN_ZIP64: Final = 0xFFFF
"""What the old end record states where the number stands in the zip64 record; `inspect` counts again."""
_LENGTH_IN_ZIP64: Final = 0xFFFFFFFF
_END_OF_LARGE: Final = b"PK\x06\x06"
_LARGE_RECORD: Final = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT: Final = 65_535


class RefusedDocumentError(Exception):
    """A document of a package that cannot be read; carries the fault."""

    def __init__(self, fault: FormatFault) -> None:
        super().__init__(fault.code)
        self.fault = fault


@dataclass(frozen=True)
class Package:
    """Documents of a folder, an archive or a single file.

    Attributes:
        name: name of the file or folder.
        names: names of the documents inside, sorted, with forward slashes.
        fault: why nothing is read; then `names` is empty.
    """

    name: str
    names: tuple[str, ...]
    _path: Path
    _archive: zipfile.ZipFile | None = None
    fault: FormatFault | None = None

    def place(self, name: str) -> str:
        """Return the place of the document `name` for people: the archive or folder, then the document."""
        return name if name == self.name else f"{self.name}!{name}"

    def read(self, name: str, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
        """Return the bytes of the document `name`, at most `limit`.

        Raises:
            RefusedDocumentError: it is too large (ZIP-SIZE), damaged, or larger than it says (ZIP-BROKEN).
        """
        try:
            with self._opened(name) as stream:
                data = stream.read(limit + 1)
        except BROKEN as fault:
            raise self._broken(name, fault) from fault
        if len(data) > limit:
            raise self._refused("ZIP-SIZE", name, f"> {limit:,} bytes")
        return data

    def lines(self, name: str, limit: int = MAX_LINE_BYTES) -> Iterator[bytes]:
        """Yield the lines of the document `name`, which may be of any size, each at most `limit` bytes.

        Raises:
            RefusedDocumentError: as `read`; of a line that is too long.
        """
        try:
            with self._opened(name) as stream:
                while line := stream.readline(limit + 1):
                    if len(line) > limit:
                        raise self._refused("ZIP-SIZE", name, f"> {limit:,} bytes")
                    yield line
        except BROKEN as fault:
            raise self._broken(name, fault) from fault

    def _opened(self, name: str) -> IO[bytes]:
        if self._archive is not None:
            return self._archive.open(name)
        return (self._path / name if self._path.is_dir() else self._path).open("rb")

    def _broken(self, name: str, fault: Exception) -> RefusedDocumentError:
        return self._refused("ZIP-BROKEN", name, " ".join(str(fault).split())[:200] or type(fault).__name__)

    def _refused(self, code: str, name: str, found: str) -> RefusedDocumentError:
        return RefusedDocumentError(FormatFault(code, "block", self.place(name), found))


@contextmanager
def package(path: Path, suffixes: tuple[str, ...] = (), limits: Limits = PACKAGE_LIMITS) -> Iterator[Package]:
    """Yield the documents at `path` whose names end in one of `suffixes` (all, where none is given).

    A link inside a folder is not followed out of it. An archive that is refused yields a package without documents and
    with the fault. A path that does not exist is one as well: whoever asked sees it in the report.
    """
    if path.is_dir():
        yield Package(path.name, _below(path, suffixes), path)
        return
    if not path.is_file():
        yield _closed(path, FormatFault("ZIP-BROKEN", "block", path.name, "no such file"))
        return
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            yield _closed(path, FormatFault("ZIP-BROKEN", "block", path.name, "no archive, or cut short"))
            return
        yield Package(path.name, (path.name,), path)
        return
    with ExitStack() as held:
        try:
            _inspect_directory(path, limits)
            archive = held.enter_context(zip_opened(path))
            found = _inspected(path, archive, suffixes, limits)
        except RefusedArchiveError as refused:
            found = _closed(path, FormatFault(refused.code, "block", path.name, refused.fact))
        except BROKEN as fault:
            reason = " ".join(str(fault).split())[:200] or type(fault).__name__
            found = _closed(path, FormatFault("ZIP-BROKEN", "block", path.name, reason))
        yield found


def _inspected(path: Path, archive: zipfile.ZipFile, suffixes: tuple[str, ...], limits: Limits) -> Package:
    infos = inspect(archive, path.name, limits)
    names = tuple(sorted(info.filename for info in infos if _wanted(info.filename, suffixes)))
    return Package(path.name, names, path, archive)


def _closed(path: Path, fault: FormatFault) -> Package:
    return Package(path.name, (), path, fault=fault)


def _below(folder: Path, suffixes: tuple[str, ...]) -> tuple[str, ...]:
    root = folder.resolve()
    found = (one for one in folder.rglob("*") if one.is_file() and one.resolve().is_relative_to(root))
    names = sorted(one.relative_to(folder).as_posix() for one in found)
    return tuple(name for name in names if _wanted(name, suffixes))


def _wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    return not suffixes or name.lower().endswith(suffixes)


def _inspect_directory(path: Path, limits: Limits) -> None:
    """Refuse a central directory too large to load, before zipfile loads it; zip64 states 0xFFFFFFFF here."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _END_RECORD.size - _LONGEST_COMMENT))
        tail = stream.read()
    at = tail.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return
    _, _, _, _, members, length, _, _ = _END_RECORD.unpack_from(tail, at)
    large = tail.rfind(_END_OF_LARGE)
    if length == _LENGTH_IN_ZIP64 and large >= 0 and len(tail) - large >= _LARGE_RECORD.size:
        length = _LARGE_RECORD.unpack_from(tail, large)[-2]
    if length > MAX_DIRECTORY_BYTES:
        raise RefusedArchiveError(
            path.name, "ZIP-TOTAL", f"a directory of {length:,} bytes > {MAX_DIRECTORY_BYTES:,}", "目录过大"
        )
    if members != _IN_ZIP64 and members > limits.members:
        raise RefusedArchiveError(path.name, "ZIP-TOTAL", f"{members} members > {limits.members}", "成员过多")


class ZipTarget:
    """A zip archive that is written in the order given, each member with a fixed time: same content, same bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._archive = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        except OSError as fault:
            raise _unwritable(self._path, fault) from fault
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the archive; only a whole one gets its name."""
        if self._archive is None:
            return
        self._archive.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def add(self, name: str, data: bytes) -> None:
        """Write one member."""
        if self._archive is None:
            raise RuntimeError("the archive is not open")
        info = zipfile.ZipInfo(name, FIXED_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        info.create_system = 3  # the same on every system
        self._archive.writestr(info, data, compresslevel=6)

    def add_stream(self, name: str, stream: IO[bytes]) -> None:
        """Write one member of any size, in pieces."""
        if self._archive is None:
            raise RuntimeError("the archive is not open")
        info = zipfile.ZipInfo(name, FIXED_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        info.create_system = 3
        with self._archive.open(info, "w", force_zip64=True) as member:
            shutil.copyfileobj(stream, member)


class FolderTarget:
    """A folder that documents are written to, instead of an archive."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise _unwritable(self._path, fault) from fault
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def add(self, name: str, data: bytes) -> None:
        """Write one document below the folder."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def add_stream(self, name: str, stream: IO[bytes]) -> None:
        """Write one document of any size, in pieces."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)


def package_target(path: Path) -> ZipTarget | FolderTarget:
    """Return where a package is written: an archive where `path` ends in .zip, else a folder."""
    return ZipTarget(path) if path.suffix.lower() == ".zip" else FolderTarget(path)


def _unwritable(path: Path, fault: OSError) -> FileProblemError:
    return FileProblemError(
        path,
        problem=f"cannot be written ({fault.strerror})",
        remedy="choose a folder that exists and may be written to",
        problem_zh=f"无法写入（{fault.strerror}）",
        remedy_zh="请选择存在且可写的文件夹",
    )
