"""The room of EcoSpold 1."""

from pathlib import Path

from factordb.formats.ecospold1.reading import read_ecospold1
from factordb.formats.ecospold1.writing import NAMESPACE, write_ecospold1
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.inventories.sniffing import starts_with_namespace


class EcoSpold1:
    """EcoSpold 1 as `ExchangeFormat`."""

    name = "ecospold1"
    suffixes = (".xml", ".zip")
    can_write = True
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the file, or the first XML file inside, is EcoSpold 1."""
        return starts_with_namespace(path, NAMESPACE)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write one XML file, or an archive of files of 2,000 data sets each where the name ends in .zip."""
        return write_ecospold1(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a file, folder or archive."""
        return read_ecospold1(path)


FORMAT = EcoSpold1()
