"""A first look at a file: does the head of the first XML document carry a name space."""

import zipfile
from pathlib import Path
from typing import Final

from factordb.formats.archive import BROKEN
from factordb.formats.safe_zip import RefusedDocumentError, package

HEAD: Final = 4096


def starts_with_namespace(path: Path, namespace: str) -> bool:
    """Return whether the file at `path`, or the first XML document of the archive or folder, names `namespace`."""
    try:
        return namespace.casefold().encode() in _head(path).replace(b"\0", b"").lower()
    except (*BROKEN, RefusedDocumentError):
        return False


def names_inside(path: Path, suffix: str) -> tuple[str, ...]:
    """Return the names inside an archive or folder that end in `suffix`; none where it is refused or is neither."""
    try:
        if not path.is_dir() and not zipfile.is_zipfile(path):
            return ()
        with package(path, (suffix,)) as inside:
            return inside.names
    except BROKEN:
        return ()


def _head(path: Path) -> bytes:
    if path.is_file() and not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            return stream.read(HEAD)
    with package(path, (".xml", ".spold")) as inside:
        return inside.read(inside.names[0])[:HEAD] if inside.names else b""
