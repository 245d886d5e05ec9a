"""Writing the national package: TIDAS JSON, one file a data set, in a folder or a zip archive."""

import json
from pathlib import Path
from typing import Any

from factordb.formats.interchange import Content, WrittenOut
from factordb.formats.safe_zip import package_target
from factordb.formats.tidas.package import Package


def write_tidas(content: Content, target: Path) -> WrittenOut:
    """Write the national package of `content` to `target`, an archive where it ends in .zip.

    Raises:
        FileProblemError: the target cannot be written.
    """
    with Package(content) as made, package_target(target) as files:
        for one in made.data_sets():
            files.add(one.name("json"), as_json(one.tree))
        made.write_beside(files, "")
        return WrittenOut(target, made.tally.factors, made.losses())


def as_json(tree: Any) -> bytes:
    """Return a tree as JSON, one line, keys in the order of the schema."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
