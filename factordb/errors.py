"""One tree of exceptions: faults of use and of the machine, each a sentence and a remedy.

Faults of *data* are not exceptions: they are findings (`factordb.model.finding`). A face prints
`error:` and `mend:` and ends with the class's exit code; a traceback never reaches a user.
"""

from enum import IntEnum
from pathlib import Path
from typing import Final


class ExitCode(IntEnum):
    """Exit codes of every command (contracts.md, "exit codes")."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    BLOCKING = 3
    GAPS = 4
    NOT_PERMITTED = 5
    CONFLICT = 6
    INTEGRITY = 7
    BUSY = 75


class FactorDBError(Exception):
    """A fault of use or of the machine, with what happened and how to mend it."""

    exit_code = ExitCode.USAGE

    def __init__(self, *, problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
        self.problem_zh = problem_zh
        self.remedy_zh = remedy_zh

    def __str__(self) -> str:
        return f"{self.problem}; {self.remedy}"

    def words(self, lang: str) -> tuple[str, str]:
        """Return (what happened, how to mend it) in `lang`, "zh" or "en"."""
        return (self.problem_zh, self.remedy_zh) if lang == "zh" else (self.problem, self.remedy)


class UsageError(FactorDBError):
    """The command or call asks for something that cannot be given."""


class StatementError(FactorDBError):
    """An uncertainty statement is degenerate or impossible; names the rows and the reason."""


_KINDS_ZH: Final = {
    "API client": "API 客户端", "GWP set": "GWP 版本", "batch": "批次", "boundary": "系统边界", "case": "审核案件",
    "check": "检查项", "conclusion": "结论", "criterion": "准则", "event": "事件", "factor": "因子", "file": "文件",
    "file of the release": "发布文件", "flag": "标记", "format": "格式", "gas": "气体", "judgement": "判断",
    "key": "密钥", "kind of exchange": "交换类别", "kind of review": "审核类别", "ledger size": "账本长度",
    "mode": "模式", "object": "对象", "pedigree edition": "谱系版本", "person": "人员", "pipeline": "流水线",
    "pipeline file": "流水线文件", "promotion policy": "晋级策略", "rating scheme": "评分方案",
    "reference file": "参考文件", "region": "地区", "release": "发布版本", "release folder": "发布目录",
    "released factor": "已发布因子", "role": "角色", "scope": "权限范围", "standard": "标准", "table": "表",
    "version": "版本", "vocabulary": "词表",
}  # fmt: skip
"""Kinds of things that are looked up by name, in Chinese; one that is not here is called as in English."""


class NotFoundError(FactorDBError):
    """A named thing does not exist."""

    def __init__(self, kind: str, name: str, *, known: str) -> None:
        super().__init__(
            problem=f"there is no {kind} called {name!r}",
            remedy=f"choose one of: {known}",
            problem_zh=f"没有名为 {name!r} 的{_KINDS_ZH.get(kind, f' {kind}')}",
            remedy_zh=f"请从以下选择：{known}",
        )


class SeveralFoundError(NotFoundError):
    """The beginning of a name fits several things: none is taken."""

    def __init__(self, kind: str, name: str, *, known: str) -> None:
        super().__init__(kind, name, known=known)
        self.problem = f"{name!r} matches several things of the kind {kind}"
        self.remedy = f"write more of the name: {known}"
        self.problem_zh = f"{name!r} 对应多个{_KINDS_ZH.get(kind, f' {kind}')}"
        self.remedy_zh = f"请多写几位：{known}"


class FileProblemError(FactorDBError):
    """A file cannot be read as what it claims to be."""

    def __init__(self, path: Path | str, *, problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> None:
        super().__init__(
            problem=f"{path}: {problem}",
            remedy=remedy,
            problem_zh=f"{path}：{problem_zh}",
            remedy_zh=remedy_zh,
        )


class SnapshotChangedError(FactorDBError):
    """A raw file no longer has the hash that its side-car states."""

    exit_code = ExitCode.INTEGRITY

    def __init__(self, path: Path, *, expected: str, found: str) -> None:
        super().__init__(
            problem=f"{path} has sha256 {found[:12]}…, its side-car says {expected[:12]}…",
            remedy="restore the file, or add it as a new edition with its own side-car",
            problem_zh=f"{path} 的 sha256 为 {found[:12]}…，而其附属说明记为 {expected[:12]}…",
            remedy_zh="请恢复原文件，或作为新版本连同其附属说明另行加入",
        )


class DiskError(FactorDBError):
    """The disk takes no more; what was being written is not there, what was there still is."""


class IntegrityError(FactorDBError):
    """Stored bytes or rows differ from the hash that was recorded for them."""

    exit_code = ExitCode.INTEGRITY


class ConflictError(FactorDBError):
    """What a decision was bound to has changed meanwhile."""

    exit_code = ExitCode.CONFLICT


class NotPermittedError(FactorDBError):
    """The acting person may not do this."""

    exit_code = ExitCode.NOT_PERMITTED


class BusyError(FactorDBError):
    """Another process holds the library."""

    exit_code = ExitCode.BUSY
