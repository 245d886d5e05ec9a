"""The anchor: what the ledger was when it was last written, kept in a file outside the database.

It holds size and root of the tree, its frontier, so that the next events cost only themselves, and the sha256 of the
stored rows, so that every open can see a changed, lost, added or reordered row without parsing it.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from factordb.errors import IntegrityError
from factordb.evidence import merkle
from factordb.evidence.canonical import canonical, parsed
from factordb.evidence.ledger import StoredEvent, event_bytes

__all__ = ["EMPTY", "Anchor", "Rows", "advanced", "read", "write", "write_file"]

FORMAT = "factordb-anchor/1"
_HEX = 64


@dataclass(frozen=True)
class Anchor:
    """Head of a ledger.

    Attributes:
        size: number of events.
        last: id of the newest event, 0 before the first.
        frontier: roots of the complete subtrees.
        rows: digest of the stored rows.
        given_up: releases whose checkpoint was declared lost when the ledger was anchored anew.
    """

    size: int
    last: int
    frontier: tuple[bytes, ...]
    rows: str
    given_up: tuple[str, ...] = ()

    @property
    def root(self) -> bytes:
        """Root of the tree."""
        return merkle.frontier_root(self.frontier)


EMPTY = Anchor(0, 0, (), hashlib.sha256().hexdigest())


class Rows:
    """A running digest of stored events, exactly as the database gives them."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.size = 0
        self.last = 0

    def take(self, stored: Sequence[StoredEvent]) -> None:
        """Take the next events in.

        Raises:
            ValueError: a text holds the character 0, which ends every field here.
        """
        if stored:
            text = "\0".join(map(str, chain.from_iterable(stored))) + "\0"
            if text.count("\0") != sum(map(len, stored)):
                raise ValueError("a text of an event holds the character 0")
            self._digest.update(text.encode("utf-8", errors="surrogatepass"))
            self.size += len(stored)
            self.last = stored[-1][0]

    @property
    def digest(self) -> str:
        """The sha256 of everything taken in, hex."""
        return self._digest.hexdigest()


def advanced(anchor: Anchor, newer: Iterable[StoredEvent], rows: Rows) -> Anchor:
    """Return the anchor after newer events; `rows` has taken in all of them.

    Raises:
        ValueError: an event has no canonical form.
    """
    leaves = [merkle.leaf_hash(event_bytes(one)) for one in newer]
    peaks = merkle.grown(anchor.frontier, anchor.size, leaves)
    return replace(anchor, size=rows.size, last=rows.last, frontier=tuple(peaks), rows=rows.digest)


def read(path: Path) -> Anchor | None:
    """Return the anchor in a file; None: there is no file.

    Raises:
        IntegrityError: the file is no anchor.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _anchor(parsed(content))
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            problem=f"{path.name} of the library is damaged",
            remedy="restore it from a backup; `factordb ledger anchor` makes it anew and records that",
            problem_zh=f"库中的 {path.name} 已损坏",
            remedy_zh="请由备份恢复；`factordb ledger anchor` 可重新建立并予以记录",
        ) from error


def _anchor(document: dict[str, Any]) -> Anchor:
    peaks = tuple(bytes.fromhex(one) for one in document["frontier"])
    found = Anchor(document["size"], document["last"], peaks, document["rows_sha256"], tuple(document["given_up"]))
    sound = document["format"] == FORMAT and len(found.rows) == _HEX
    sound = sound and len(peaks) == found.size.bit_count() and found.root.hex() == document["root"]
    if not sound:
        raise ValueError(document["root"])
    return found


def write(path: Path, anchor: Anchor) -> None:
    """Write the anchor: the file is the old one or the new one, never half of it."""
    document = {
        "format": FORMAT,
        "size": anchor.size,
        "last": anchor.last,
        "root": anchor.root.hex(),
        "frontier": [one.hex() for one in anchor.frontier],
        "rows_sha256": anchor.rows,
        "given_up": list(anchor.given_up),
    }
    write_file(path, canonical(document) + b"\n")


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside it, synced, renamed, the folder synced."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
