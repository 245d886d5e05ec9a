"""The room of openLCA JSON-LD."""

import re
from pathlib import Path
from typing import Final

from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.inventories.sniffing import head_of, names_inside
from factordb.formats.openlca.reading import FOLDERS, read_openlca
from factordb.formats.openlca.writing import MARK_OF_VERSION, write_openlca

FIRST: Final = 8
"""Documents that are looked at where no file bears the mark of the format."""
_TYPED: Final = re.compile(rb'"@type"\s*:\s*"(%s)"' % "|".join(FOLDERS).encode())


class OpenLca:
    """openLCA JSON-LD as `ExchangeFormat`."""

    name = "openlca"
    suffixes = (".zip",)
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the archive or folder holds the mark of the format, or first documents are of its types."""
        marked = {name.rpartition("/")[2] for name in names_inside(path, ".json")} & {MARK_OF_VERSION, "context.json"}
        return bool(marked) or _TYPED.search(head_of(path, (".json",), FIRST)) is not None

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write a package: an archive where the name ends in .zip, else a folder."""
        return write_openlca(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a package of either schema version."""
        return read_openlca(path)


FORMAT = OpenLca()
