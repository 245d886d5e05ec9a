"""The format `tidas`: the national package, written and read."""

import json
from pathlib import Path
from typing import Any, Final

from factordb.formats.ilcd.reader import read_package
from factordb.formats.interchange import Content, FormatFault, ReadBack, WrittenOut
from factordb.formats.safe_xml import MAX_MARKS
from factordb.formats.safe_zip import RefusedDocumentError, package
from factordb.formats.tidas.dataset import ROOTS, Tree
from factordb.formats.tidas.writer import write_tidas


def json_tree(data: bytes, place: str) -> Tree:
    """Return the tree of a JSON document.

    Raises:
        RefusedDocumentError: it is no JSON object, too large, or nested too deep (JSON-BROKEN, JSON-NODES).
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_MARKS:
        raise RefusedDocumentError(FormatFault("JSON-NODES", "block", place, f"> {MAX_MARKS:,}"))
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError) as fault:
        raise RefusedDocumentError(FormatFault("JSON-BROKEN", "block", place, str(fault)[:200])) from fault
    if not isinstance(found, dict):
        raise RefusedDocumentError(FormatFault("JSON-BROKEN", "block", place, type(found).__name__))
    return found


class Tidas:
    """TIDAS JSON in a folder or a zip archive."""

    name = "tidas"
    suffixes = (".zip",)
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether a JSON document at `path` has the root of a data set."""
        with package(path, (".json",)) as files:
            first = next(iter(files.names), None)
            try:
                return first is not None and next(iter(json_tree(files.read(first), first)), "") in ROOTS.values()
            except RefusedDocumentError:
                return False

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write the national package."""
        return write_tidas(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a national package."""
        return read_package(path, json_tree, ".json")


FORMAT: Final = Tidas()
