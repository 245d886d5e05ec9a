"""The format `ilcd_epd`: ILCD+EPD, written with GWP-total as the indicator, and read."""

from pathlib import Path
from typing import Final

from factordb.formats.ilcd.epd import write_epd
from factordb.formats.ilcd.exchange import ilcd_tree
from factordb.formats.ilcd.reader import read_package
from factordb.formats.ilcd.xml_text import EPD_2013
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.safe_zip import RefusedDocumentError, package


class IlcdEpd:
    """ILCD+EPD in a folder or a zip archive."""

    name = "ilcd_epd"
    suffixes = (".zip", ".xml")
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether a process at `path` speaks of EPD."""
        with package(path, (".xml",)) as files:
            named = [name for name in files.names if "processes/" in name] or list(files.names)
            try:
                return bool(named) and EPD_2013.encode() in files.read(named[0])
            except RefusedDocumentError:
                return False

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write the factors as EPDs."""
        return write_epd(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a package of EPDs."""
        return read_package(path, ilcd_tree, ".xml")


FORMAT: Final = IlcdEpd()
