"""BagIt 1.0 bags (RFC 8493): a folder with its payload under `data/` and the sha256 of every file in manifests.

A bag shows that nothing changed on the way by accident. It is no evidence against a forger, who rewrites the manifests
too: the submitter's signature covers the tag manifest (`signed_bytes`), and only both together count.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from factordb.evidence.objects import sha256_of
from factordb.reference import tables

__all__ = ["BAG_FILES", "BagFault", "close_bag", "is_bag", "read_manifest", "signed_bytes", "verify_bag"]

DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST: Final = "manifest-sha256.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
SIGNATURES: Final = "signatures"
"""Folder beside the payload that no manifest lists: signatures are made over the tag manifest, after it."""
BAG_FILES: Final = ("bagit.txt", "bag-info.txt", MANIFEST)
_HEX: Final = 64


@dataclass(frozen=True)
class BagFault:
    """One fault of a bag: `kind` is missing, changed, extra, unsafe, unreadable or malformed."""

    kind: str
    path: str
    expected: str = ""
    found: str = ""


def is_bag(folder: Path) -> bool:
    """Return whether the folder says that it is a bag."""
    return (folder / "bagit.txt").is_file()


def close_bag(folder: Path, info: Mapping[str, str]) -> str:
    """Write the tag files of a folder whose payload stands under `data/`; return the tag manifest's sha256.

    Nothing reads the clock: the same payload and info give the same bytes.

    Args:
        folder: the bag to be.
        info: lines of bag-info.txt; the payload's size is added.
    """
    entries = {path: sha256_of(folder / path) for path in sorted(_below(folder, "data"))}
    size = sum((folder / path).stat().st_size for path in entries)
    lines = {**info, "Payload-Oxum": f"{size}.{len(entries)}"}
    _write(folder / "bagit.txt", DECLARATION)
    _write(folder / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in lines.items()))
    _write(folder / MANIFEST, _listed(entries))
    tags = {name: sha256_of(folder / name) for name in BAG_FILES}
    _write(folder / TAG_MANIFEST, _listed(tags))
    return sha256_of(folder / TAG_MANIFEST)


def signed_bytes(folder: Path) -> bytes:
    """Return what a submitter signs: the tag manifest, which pins every other file."""
    return (folder / TAG_MANIFEST).read_bytes()


def verify_bag(folder: Path) -> list[BagFault]:
    """Return every fault of the bag at `folder`; empty: complete and unchanged."""
    faults = [BagFault("missing", name) for name in (*BAG_FILES, TAG_MANIFEST) if not (folder / name).is_file()]
    payload, tags = (read_manifest(folder / name, faults) for name in (MANIFEST, TAG_MANIFEST))
    for path, expected in {**payload, **tags}.items():
        faults += _compare(folder, path, expected)
    listed = {*payload, *tags, TAG_MANIFEST}
    faults += [
        BagFault("extra", path)
        for path in sorted(_below(folder, ""))
        if path not in listed and not path.startswith(f"{SIGNATURES}/")
    ]
    return faults


def read_manifest(path: Path, faults: list[BagFault]) -> dict[str, str]:
    """Return path -> sha256 of a manifest; lines that are none are added to `faults`."""
    try:
        if path.stat().st_size > tables.toml("submission/parsing")["manifest_mb"] << 20:
            faults.append(BagFault("unreadable", path.name, found=f"{path.stat().st_size:,} bytes"))
            return {}
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        if path.exists():
            faults.append(BagFault("unreadable", path.name, found=type(error).__name__))
        return {}
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        digest, _, name = line.partition(" ")
        name = name.lstrip(" *").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        if len(digest) != _HEX or not name or name in found:
            faults.append(BagFault("malformed", f"{path.name}:{number}", found=line[:80]))
        else:
            found[name] = digest.lower()
    return found


def _compare(folder: Path, path: str, expected: str) -> list[BagFault]:
    if not _inside(path):
        return [BagFault("unsafe", path)]
    file = folder / path
    if file.is_symlink() or not file.resolve().is_relative_to(folder.resolve()):
        return [BagFault("unsafe", path)]
    if not file.is_file():
        return [BagFault("missing", path)]
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return [] if found == expected else [BagFault("changed", path, expected, found)]


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not (pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path or "\0" in path)


def _below(folder: Path, part: str) -> Iterator[str]:
    for where, _, names in os.walk(folder / part):
        for name in names:
            yield (Path(where) / name).relative_to(folder).as_posix()


def _listed(entries: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {_written(path)}\n" for path, digest in entries.items())


def _written(path: str) -> str:
    return path.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
