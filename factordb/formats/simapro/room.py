"""The room of SimaPro CSV."""

from pathlib import Path

from factordb.errors import UsageError
from factordb.formats.archive import BROKEN
from factordb.formats.interchange import Content, ReadBack, WrittenOut
from factordb.formats.simapro.reading import read_simapro

HEAD = 256


class SimaPro:
    """SimaPro CSV as `ExchangeFormat`."""

    name = "simapro"
    suffixes = (".csv", ".txt")
    can_write = False
    can_read = True

    def sniff(self, path: Path) -> bool:
        """Return whether the file begins as SimaPro's exports do."""
        try:
            with path.open("rb") as stream:
                head = stream.read(HEAD)
        except BROKEN:
            return False
        return head.removeprefix(b"\xef\xbb\xbf").lstrip(b'"').startswith((b"{SimaPro ", b"SimaPro "))

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Refuse: the format is read only.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            problem=f"SimaPro CSV is read, not written ({content.rows.num_rows} factors, {target.name})",
            remedy="write ecospold2 or openlca; SimaPro imports both",
            problem_zh=f"SimaPro CSV 只能读取，不能写出（{content.rows.num_rows} 条因子，{target.name}）",
            remedy_zh="请写出 ecospold2 或 openlca，SimaPro 均可导入",
        )

    def read(self, path: Path) -> ReadBack:
        """Read a file, folder or archive."""
        return read_simapro(path)


FORMAT = SimaPro()
