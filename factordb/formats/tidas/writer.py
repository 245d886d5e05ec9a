"""Writing the national package: TIDAS JSON, one file a data set, in a folder or a zip archive."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.safe_zip import FolderTarget, ZipTarget, package_target
from factordb.formats.tidas.package import Package

SIDECAR: Final = "factordb/parameters.json"
"""Rows that are no processes (parameters), as one list of objects; columns as in a release."""


def write_tidas(content: Content, target: Path) -> WrittenOut:
    """Write the national package of `content` to `target`, an archive where it ends in .zip.

    Raises:
        FileProblemError: the target cannot be written.
    """
    made = Package(content)
    with package_target(target) as files:
        for one in made.data_sets():
            files.add(one.name("json"), as_json(one.tree))
        write_beside(files, "", made)
    return WrittenOut(target, made.tally.factors, made.tally.losses())


def as_json(tree: Any) -> bytes:
    """Return a tree as JSON, one line, keys in the order of the schema."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def write_beside(files: FolderTarget | ZipTarget, root: str, made: Package) -> None:
    """Write what is no data set of the format: the parameters."""
    if made.tally.beside:
        text = json.dumps(made.tally.beside, ensure_ascii=False, indent=1, default=_plain)
        files.add(root + SIDECAR, text.encode() + b"\n")


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
