"""The format `ilcd`: ILCD 1.1 with eILCD life cycle models, written and read; ILCD+EPD data sets are read as well."""

from pathlib import Path
from typing import Final

from factordb.formats.ilcd.reader import read_package
from factordb.formats.ilcd.writer import write_ilcd
from factordb.formats.ilcd.xml_text import document
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.safe_xml import xml_tree
from factordb.formats.safe_zip import RefusedDocumentError, package
from factordb.formats.tidas.dataset import ROOTS, Tree

_HEAD_BYTES: Final = 4096


def ilcd_tree(data: bytes, place: str) -> Tree:
    """Return the tree of an ILCD document.

    Raises:
        RefusedDocumentError: it is not read; the fault says why.
    """
    return document(xml_tree(data, place))


def looks_like_ilcd(path: Path) -> bool:
    """Return whether a document at `path` has the root of an ILCD data set; reads the heads of a few."""
    with package(path, (".xml",)) as files:
        for name in files.names[:8]:
            try:
                data = files.read(name)[:_HEAD_BYTES]
            except RefusedDocumentError:
                continue
            if b"http://lca.jrc.it/ILCD" in data and any(f"<{root}".encode() in data for root in ROOTS.values()):
                return True
    return False


class Ilcd:
    """ILCD XML in a folder or a zip archive."""

    name = "ilcd"
    suffixes = (".zip", ".xml")
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the file looks like ILCD."""
        return looks_like_ilcd(path)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write an ILCD package."""
        return write_ilcd(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read an ILCD package, also one of EPDs."""
        return read_package(path, ilcd_tree, ".xml")


FORMAT: Final = Ilcd()
