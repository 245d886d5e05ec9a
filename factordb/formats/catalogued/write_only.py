"""A format that is written and not read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factordb.errors import FileProblemError, UsageError
from factordb.formats.interchange import Content, ReadBack, WrittenOut


@dataclass(frozen=True)
class WriteOnly:
    """A format of one file that is only written.

    Attributes:
        name: name on the command line.
        suffixes: endings of files.
        make: writes the file and returns how many factors it tells of.
        instead: formats that hold the rows and are read.
    """

    name: str
    suffixes: tuple[str, ...]
    make: Callable[[Content, Path], int]
    instead: str = "datapackage"
    can_write: bool = True
    can_read: bool = False

    def sniff(self, _: Path) -> bool:
        """Return False: the format is not read."""
        return False

    def write(self, content: Content, target: Path) -> WrittenOut:
        """Write the file.

        Raises:
            FileProblemError: it cannot be written.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            return WrittenOut(target, self.make(content, target))
        except OSError as fault:
            raise FileProblemError(
                target,
                problem=f"cannot be written ({fault.strerror})",
                remedy="choose a folder that exists and may be written to",
                problem_zh=f"无法写入（{fault.strerror}）",
                remedy_zh="请选择存在且可写的文件夹",
            ) from fault

    def read(self, path: Path) -> ReadBack:
        """Refuse: the format is only written.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            problem=f"{self.name} is written, not read ({path.name})",
            remedy=f"read {self.instead}",
            problem_zh=f"{self.name} 只能写出，不能读取（{path.name}）",
            remedy_zh=f"请读取 {self.instead}",
        )
