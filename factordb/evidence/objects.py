"""A write-once store of files by their sha256: raw stays raw."""

import hashlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from factordb.errors import FileProblemError, IntegrityError

_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, hex.

    Raises:
        FileProblemError: the file is missing or unreadable.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise FileProblemError(
            path,
            problem=f"the file cannot be read ({error.strerror})",
            remedy="check the path and the rights",
            problem_zh=f"无法读取该文件（{error.strerror}）",
            remedy_zh="请检查路径与权限",
        ) from error
    return digest.hexdigest()


def path_of(root: Path, sha256: str) -> Path:
    """Return where the object with this hash stands below `root`, whether or not it exists."""
    return root / "sha256" / sha256[:2] / sha256


def keep(root: Path, path: Path) -> str:
    """Copy a file into the store and return its sha256; a file kept before is not written again."""
    sha256 = sha256_of(path)
    with path.open("rb") as source:
        _place(root, sha256, source)
    return sha256


def keep_bytes(root: Path, content: bytes) -> str:
    """Write bytes into the store and return their sha256."""
    sha256 = hashlib.sha256(content).hexdigest()
    _place(root, sha256, io.BytesIO(content))
    return sha256


def _place(root: Path, sha256: str, source: BinaryIO) -> None:
    target = path_of(root, sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        shutil.copyfileobj(source, stream, _BLOCK)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).chmod(0o444)
    Path(name).replace(target)


def fetch(root: Path, sha256: str) -> bytes:
    """Return the bytes of an object after checking them against its name.

    Raises:
        IntegrityError: the object is missing or its bytes have changed.
    """
    target = path_of(root, sha256)
    content = target.read_bytes() if target.exists() else b""
    if not target.exists() or hashlib.sha256(content).hexdigest() != sha256:
        state = "missing" if not target.exists() else "changed"
        raise IntegrityError(
            problem=f"the evidence object {sha256[:12]}… is {state}",
            remedy="restore the library's objects folder from a backup",
            problem_zh=f"证据对象 {sha256[:12]}… {'缺失' if state == 'missing' else '内容已变'}",
            remedy_zh="请由备份恢复库的 objects 目录",
        )
    return content
