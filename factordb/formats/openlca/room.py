"""The room of openLCA JSON-LD."""

import zipfile
from pathlib import Path

from factordb.formats.archive import BROKEN
from factordb.formats.interchange import Content, ReadBack, WrittenOut
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
        try:
            if path.is_dir():
                return (path / MARK_OF_VERSION).is_file() or any(path.glob("processes/*.json"))
            if not zipfile.is_zipfile(path):
                return False
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
        except BROKEN:
            return False
        ours = {MARK_OF_VERSION, "context.json"}
        return any(name in ours or (name.startswith("processes/") and name.endswith(".json")) for name in names)

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write a package: an archive where the name ends in .zip, else a folder."""
        return write_openlca(content, target)

    def read(self, path: Path) -> ReadBack:
        """Read a package of either schema version."""
        return read_openlca(path)


FORMAT = OpenLca()
