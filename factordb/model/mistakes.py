"""Gathers the mistakes of a file that a person wrote: all in one go, each with its place and its remedy."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from factordb.errors import UsageError


def at(path: str, key: str) -> str:
    """Return the path of a key below `path`."""
    return f"{path}.{key}" if path else key


@dataclass(frozen=True)
class Mistake:
    """One mistake of a mapping file: where it stands, what it is, how to mend it."""

    path: str
    problem: str
    remedy: str
    problem_zh: str
    remedy_zh: str


class DeclarationError(UsageError):
    """A mapping file has mistakes; its sentence tells the first, `mistakes` holds all."""

    def __init__(self, name: str, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        first, *others = self.mistakes
        more = f" (then also: {', '.join(other.path for other in others)})" if others else ""
        more_zh = f"（此外还有：{'、'.join(other.path for other in others)}）" if others else ""
        super().__init__(
            problem=f"{name}: {first.path}: {first.problem}",
            remedy=first.remedy + more,
            problem_zh=f"{name}:{first.path}:{first.problem_zh}",
            remedy_zh=first.remedy_zh + more_zh,
        )


@dataclass
class Desk:
    """Where mistakes are gathered while a file is read."""

    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, path: str, problem: str, remedy: str, problem_zh: str, remedy_zh: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(path, problem, remedy, problem_zh, remedy_zh))

    def table(self, path: str, value: Any, known: Collection[str], required: Collection[str] = ()) -> dict[str, Any]:
        """Return a TOML table whose keys are known; unknown and missing keys are mistakes."""
        if not isinstance(value, dict):
            self.wrong(
                path,
                "must be a table",
                "write it as [section] or { key = … }",
                "应为一组键值",
                "请写成 [节] 或 { 键 = … }",
            )
            return {}
        for key in value:
            if key not in known:
                near = get_close_matches(key, known, 1) or [", ".join(known)]
                self.wrong(at(path, key), "is unknown", f"use: {near[0]}", "是未知的键", f"请使用：{near[0]}")
        for key in required:
            if key not in value:
                self.wrong(at(path, key), "is missing", f"add {key} = …", "缺失", f"请补充 {key} = …")
        return {key: value[key] for key in value if key in known}

    def text(self, path: str, value: Any, *, empty: bool = False) -> str:
        """Return a text."""
        if isinstance(value, str) and (empty or value.strip()):
            return value
        self.wrong(path, "must be a text in quotes", 'write it as "…"', "应为带引号的非空文字", '请写成 "…"')
        return ""

    def cell(self, path: str, value: Any) -> str:
        """Return a constant as text; a number with a point must be quoted, for its digits are part of it."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | date):
            return str(value)
        return self.text(path, value)

    def texts(self, path: str, value: Any) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one."""
        whole = [value] if isinstance(value, str) else value
        if not isinstance(whole, list) or not whole:
            self.wrong(path, "must be a list of texts", 'write it as ["…", "…"]', "应为文字列表", '请写成 ["…", "…"]')
            return ()
        return tuple(self.cell(f"{path}[{number}]", one) for number, one in enumerate(whole, 1))

    def tables(self, path: str, value: Any) -> list[tuple[str, Any]]:
        """Return the tables of a list with their paths."""
        if not isinstance(value, list):
            self.wrong(
                path, "must be a list of tables", f"write it as [[{path}]]", "应为表的列表", f"请写成 [[{path}]]"
            )
            return []
        return [(f"{path}[{number}]", one) for number, one in enumerate(value, 1)]

    def choice(self, path: str, value: Any, known: Collection[str]) -> str:
        """Return one of the known words."""
        if value in known:
            return str(value)
        words = ", ".join(known)
        self.wrong(path, f"is {value!r}", f"choose one of: {words}", f"为 {value!r}", f"请从以下选择：{words}")
        return ""

    def flag(self, path: str, value: Any) -> bool:
        """Return a truth value."""
        if not isinstance(value, bool):
            self.wrong(path, "must be true or false", "write true or false", "应为 true 或 false", "请写 true 或 false")
        return value is True

    def whole(self, path: str, value: Any, *, least: int, most: int) -> int:
        """Return a whole number within its limits."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        limits = f"{least} … {most}"
        self.wrong(path, f"is {value!r}", f"write a whole number {limits}", f"为 {value!r}", f"请写整数 {limits}")
        return least
