"""A first look at a file: the names inside it, and the head of its first document."""

import zipfile
from pathlib import Path
from typing import Final

from factordb.formats.archive import BROKEN
from factordb.formats.safe_zip import RefusedDocumentError, package

HEAD: Final = 4096


def starts_with_namespace(path: Path, namespace: str) -> bool:
    """Return whether the file at `path`, or the first XML document of the archive or folder, names `namespace`."""
    return namespace.casefold().encode() in head_of(path, (".xml", ".spold")).replace(b"\0", b"").lower()


def head_of(path: Path, suffixes: tuple[str, ...], most: int = 1) -> bytes:
    """Return the first bytes of the file at `path`, or of the first documents inside; none where it is refused.

    Args:
        path: a file, an archive or a folder.
        suffixes: endings of the documents inside.
        most: documents inside that are looked at.
    """
    try:
        return _head(path, suffixes, most)
    except (*BROKEN, RefusedDocumentError):
        return b""


def names_inside(path: Path, suffix: str) -> tuple[str, ...]:
    """Return the names inside an archive or folder that end in `suffix`; none where it is refused or is neither."""
    try:
        if not path.is_dir() and not zipfile.is_zipfile(path):
            return ()
        with package(path, (suffix,)) as inside:
            return inside.names
    except BROKEN:
        return ()


def _head(path: Path, suffixes: tuple[str, ...], most: int) -> bytes:
    if path.is_file() and not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            return stream.read(HEAD)
    with package(path, suffixes) as inside:
        return b"\n".join(inside.read(name)[:HEAD] for name in inside.names[:most])
