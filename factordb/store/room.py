"""A disk that takes no more: the same fault in the words of five libraries, told as one."""

import errno
import re
import shutil
from collections.abc import Iterator
from typing import Final

from factordb.errors import DiskError
from factordb.paths import Workspace

_NUMBERS: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_WORDS: Final = re.compile(
    r"no space left on device|file too large|disk quota exceeded|database or disk is full", re.IGNORECASE
)
"""What Python, DuckDB, Arrow, SQLite and xlsxwriter say of it."""


def no_room(fault: BaseException, workspace: Workspace) -> DiskError | None:
    """Return the fault of a full disk, if that is what `fault` comes down to, else None."""
    if not any(_says_so(one) for one in _chain(fault)):
        return None
    return DiskError(
        problem=f"there is no more room to write below {workspace.root} (disk full, quota, or limit on file size)",
        remedy="make room, then run the same command again: the library is as it was",
        problem_zh=f"{workspace.root} 下已无空间可写（磁盘已满、配额用尽或文件大小受限）",
        remedy_zh="请腾出空间后重新运行同一命令；库保持原样",
    )


def _chain(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [fault]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def _says_so(fault: BaseException) -> bool:
    return (isinstance(fault, OSError) and fault.errno in _NUMBERS) or bool(_WORDS.search(str(fault)))


def give_back(workspace: Workspace) -> None:
    """Remove what a failed run had begun to write and nobody sees, so that it holds no room."""
    for path in workspace.staging.glob("*"):
        if path.is_file():
            path.unlink(missing_ok=True)
    for folder in (*workspace.published.glob(".*.building"), *workspace.releases.glob(".*.building")):
        shutil.rmtree(folder, ignore_errors=True)
