"""A first look at a file: does the head of the first XML document carry a name space."""

import zipfile
from pathlib import Path
from typing import Final

from factordb.formats.archive import BROKEN

HEAD: Final = 4096


def starts_with_namespace(path: Path, namespace: str) -> bool:
    """Return whether the file at `path`, or the first XML member of the archive, names `namespace` in its head."""
    try:
        return namespace.casefold().encode() in _head(path).replace(b"\0", b"").lower()
    except BROKEN:
        return False


def _head(path: Path) -> bytes:
    if path.is_dir():
        first = next(iter(sorted((*path.glob("*.xml"), *path.glob("*.spold")))), None)
        return first.open("rb").read(HEAD) if first else b""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            return stream.read(HEAD)
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith((".xml", ".spold")))
        if not names:
            return b""
        with archive.open(names[0]) as member:
            return member.read(HEAD)
