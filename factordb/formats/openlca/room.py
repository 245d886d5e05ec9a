"""The room of openLCA JSON-LD."""

from pathlib import Path

from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.inventories.sniffing import names_inside
from factordb.formats.openlca.reading import read_openlca
from factordb.formats.openlca.writing import MARK_OF_VERSION, write_openlca


class OpenLca:
    """openLCA JSON-LD as `ExchangeFormat`."""

    name = "openlca"
    suffixes = (".zip",)
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the archive or folder holds the mark of the format, or processes as JSON."""
        names = names_inside(path, ".json")
        ours = {MARK_OF_VERSION, "context.json"}
        return any(name in ours or name.startswith("processes/") for name in names)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write a package: an archive where the name ends in .zip, else a folder."""
        return write_openlca(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a package of either schema version."""
        return read_openlca(path)


FORMAT = OpenLca()
