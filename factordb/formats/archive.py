"""Where bytes come from: a file, or a member of a zip archive that passed inspection.

Archives are never unpacked by name; members are streamed. What is refused and why: trust.md 2.4.
"""

import fnmatch
import io
import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from factordb.errors import FileProblemError

MAX_MEMBERS = 2_000
MAX_MEMBER_BYTES = 1 << 30
MAX_TOTAL_BYTES = 2 << 30
MAX_RATIO = 200
RATIO_FROM_BYTES = 10 << 20
"""Small members may be repetitive; a bomb is large."""

MAX_DEPTH = 8
MAX_IN_MEMORY = 256 << 20


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold.

    Attributes:
        members: members at most.
        total: bytes of all members, unpacked.
    """

    members: int = MAX_MEMBERS
    total: int = MAX_TOTAL_BYTES


TABLES = Limits()
"""What an archive of tables may hold; one of data sets has its own limits (`formats/safe_zip.py`)."""

BROKEN = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    LookupError,
    OverflowError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    pa.ArrowException,
)
"""What readers of damaged bytes raise."""


@contextmanager
def told_plainly(file: str) -> Iterator[None]:
    """Turn what a reader of damaged bytes raises into one sentence about `file`."""
    try:
        yield
    except BROKEN as fault:
        reason = " ".join(str(fault).split())[:200] or type(fault).__name__
        raise FileProblemError(
            file,
            problem=f"is damaged or cut short ({reason})",
            remedy="fetch or export the file again",
            problem_zh=f"文件已损坏或不完整（{reason}）",
            remedy_zh="请重新下载或重新导出该文件",
        ) from fault


@dataclass(frozen=True)
class ByteSource:
    """Bytes that can be opened again and again.

    Attributes:
        name: what `_file` shows.
        path: the file on disk.
        member: member of the archive `path`; empty for the file itself.
        size: bytes, uncompressed.
    """

    name: str
    path: Path
    member: str = ""
    size: int = 0

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Yield the bytes as a stream; damage met while reading becomes one sentence."""
        with told_plainly(self.name):
            if not self.member:
                with self.path.open("rb") as stream:
                    yield stream
                return
            with zip_opened(self.path) as archive, archive.open(self.member) as stream:
                yield cast("BinaryIO", stream)

    def head(self, size: int = 4096) -> bytes:
        """Return the first bytes."""
        with self.open() as stream:
            return stream.read(size)

    def seekable(self) -> BinaryIO | Path:
        """Return the path, or for a member its bytes in memory.

        Raises:
            FileProblemError: the member is too large to hold in memory.
        """
        if not self.member:
            return self.path
        if self.size > MAX_IN_MEMORY:
            raise _refused(self.name, "size", f"{self.size:,} > {MAX_IN_MEMORY:,} bytes", "成员过大")
        with self.open() as stream:
            return io.BytesIO(stream.read())


def file_source(path: Path, name: str = "") -> ByteSource:
    """Return the source of a file.

    Raises:
        FileProblemError: it is absent, unreadable, empty or no file.
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as fault:
        raise FileProblemError(
            path,
            problem="cannot be found or opened",
            remedy="check the path and the rights on it",
            problem_zh="找不到或无法打开",
            remedy_zh="请检查路径与访问权限",
        ) from fault
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        empty = stat.S_ISREG(found.st_mode)
        raise FileProblemError(
            path,
            problem="is empty (0 bytes)" if empty else "is no regular file",
            remedy="export or fetch the file again" if empty else "name a table file",
            problem_zh="是空文件（0 字节）" if empty else "不是普通文件",
            remedy_zh="请重新导出或下载该文件" if empty else "请指定表格文件",
        )
    return ByteSource(name or path.name, path, size=found.st_size)


@contextmanager
def zip_opened(file: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Yield the archive; names without the UTF-8 mark are read as GB18030 where they can be."""
    try:
        archive = zipfile.ZipFile(file, metadata_encoding="gb18030")
    except UnicodeDecodeError:
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive


class RefusedArchiveError(FileProblemError):
    """An archive that is not read, with the code of the rule it breaks and the fact."""

    def __init__(self, file: str, code: str, fact: str, fact_zh: str) -> None:
        super().__init__(
            file,
            problem=f"the archive is refused ({code}: {fact})",
            remedy="unpack it yourself, look at what is inside, and give the table file",
            problem_zh=f"压缩包被拒绝（{code}:{fact_zh},{fact}）",
            remedy_zh="请自行解压并查看内容，再提供其中的表格文件",
        )
        self.code = code
        self.fact = fact


def inspect(archive: zipfile.ZipFile, file: str, limits: Limits = TABLES) -> list[zipfile.ZipInfo]:
    """Return the members of an archive that is safe to read.

    Raises:
        RefusedArchiveError: a name leaves the archive, a link, a twin, encryption, overlapping or oversized members.
    """
    infos = archive.infolist()
    if len(infos) > limits.members:
        raise _refused(file, "ZIP-TOTAL", f"{len(infos)} members > {limits.members}", "成员过多")
    if sum(info.file_size for info in infos) > limits.total:
        raise _refused(file, "ZIP-TOTAL", f"more than {limits.total:,} bytes unpacked", "解压后过大")
    seen: set[str] = set()
    for info in infos:
        reason = _reason_against(info)
        twin = unicodedata.normalize("NFKC", info.filename).casefold()
        if not reason and twin in seen:
            reason = ("ZIP-DUP", "成员重名")
        if reason:
            raise _refused(file, reason[0], repr(info.filename), reason[1])
        seen.add(twin)
    _refuse_overlap(infos, file)
    return [info for info in infos if not info.is_dir()]


def _reason_against(info: zipfile.ZipInfo) -> tuple[str, str] | None:
    name = info.filename
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":" or len(parts) > MAX_DEPTH:
        return "ZIP-PATH", "成员路径越界或过深"
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in info.orig_filename):
        return "ZIP-NAME", "成员名含控制字符"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "ZIP-LINK", "成员是链接"
    if info.flag_bits & 0x1:
        return "ZIP-ENCRYPTED", "成员已加密"
    large = info.file_size > RATIO_FROM_BYTES
    if info.file_size > MAX_MEMBER_BYTES or (large and info.file_size > MAX_RATIO * info.compress_size):
        return "ZIP-BOMB", "成员解压后过大或压缩比异常"
    return None


def _refuse_overlap(infos: Sequence[zipfile.ZipInfo], file: str) -> None:
    end = 0
    for info in sorted(infos, key=lambda member: member.header_offset):
        if info.header_offset < end:
            raise _refused(file, "ZIP-OVERLAP", repr(info.filename), "成员互相重叠")
        end = info.header_offset + info.compress_size


def _refused(file: str, code: str, fact: str, fact_zh: str) -> RefusedArchiveError:
    return RefusedArchiveError(file, code, fact, fact_zh)


def members(path: Path, pattern: str, endings: Sequence[str]) -> list[ByteSource]:
    """Return the members to read, sorted by name: those that match the glob, or the only table inside.

    Raises:
        FileProblemError: the archive is damaged or refused, or nothing, or more than one table, was meant.
    """
    with told_plainly(path.name), zip_opened(path) as archive:
        infos = inspect(archive, path.name)
    tables = [info for info in infos if info.filename.lower().endswith(tuple(endings))]
    chosen = [info for info in infos if fnmatch.fnmatchcase(info.filename, pattern)] if pattern else tables
    if chosen and (pattern or len(chosen) == 1):
        chosen.sort(key=lambda info: info.filename)
        return [ByteSource(info.filename, path, info.filename, info.file_size) for info in chosen]
    inside = ", ".join(info.filename for info in tables[:20]) or "no table"
    raise FileProblemError(
        path,
        problem=f"no member is called {pattern!r}" if pattern else f"holds {len(tables)} tables",
        remedy=f"say which to read (member = …); inside: {inside}",
        problem_zh=f"没有名为 {pattern!r} 的成员" if pattern else f"内含 {len(tables)} 个表格",
        remedy_zh=f"请用 member 指明要读取的成员；现有：{inside}",
    )
