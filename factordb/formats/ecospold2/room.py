"""The room of EcoSpold 2."""

from pathlib import Path

from factordb.formats.ecospold2.reading import read_ecospold2
from factordb.formats.ecospold2.writing import NAMESPACE, write_ecospold2
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.inventories.sniffing import starts_with_namespace


class EcoSpold2:
    """EcoSpold 2 as `ExchangeFormat`."""

    name = "ecospold2"
    suffixes = (".zip", ".spold")
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the file, or the first XML file inside, is EcoSpold 2."""
        return starts_with_namespace(path, NAMESPACE)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write one file a factor: in an archive where the name ends in .zip, else in a folder."""
        return write_ecospold2(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a file, folder or archive."""
        return read_ecospold2(path)


FORMAT = EcoSpold2()
