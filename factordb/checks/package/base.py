"""The label of a rule of the checklist, the grounds on which it is asked, and the engine that asks.

A rule is a function of a package and its context that yields what breaks it. It is not asked where its ground is
absent: the kind of data is another, a sheet is empty, or facts were not looked at (offline, or no reader).
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from factordb.checks.package.context import Context
from factordb.checks.package.reading import number, text
from factordb.errors import UsageError
from factordb.model.package_finding import Asked, PackageFinding, PreparedView, Quoted
from factordb.model.submission import Cell, Kind, Package, Row
from factordb.model.vocabulary import Outcome, Severity

__all__ = ["FAMILIES", "Broken", "Ground", "PackageCheck", "PackageRegistry", "asked", "broken", "check", "filled"]

FAMILIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "PKG": ("package", "报送包"),
        "IDN": ("identity", "标识"),
        "MTH": ("method", "方法"),
        "PLN": ("monitoring plan", "监测计划"),
        "INS": ("instruments", "仪器"),
        "CAL": ("calibration", "检定与校准"),
        "LAB": ("laboratories", "实验室"),
        "SMP": ("sampling", "采样"),
        "DAT": ("dates and numbers of reports", "报告日期与编号"),
        "DOC": ("documents", "文件"),
        "RAW": ("raw records", "原始记录"),
        "CEM": ("continuous monitoring", "连续监测"),
        "ACT": ("activity data", "活动数据"),
        "CALC": ("calculation", "计算"),
        "PHY": ("physics", "物理关系"),
        "BAL": ("balances", "平衡"),
        "CMP": ("comparison", "比对"),
        "STA": ("statistics", "统计"),
        "UNC": ("uncertainty", "不确定性"),
        "IND": ("independence", "独立性"),
        "VRF": ("verification", "核验"),
        "RGT": ("rights", "权利"),
        "RET": ("retention", "保存"),
    }
)
"""Families of the checklist. CMP and UNC begin at 101: lower numbers belong to rules over candidates."""

_CODE: Final = re.compile(r"[A-Z]{3,4}\d{3}")


@dataclass(frozen=True)
class Broken:
    """What breaks a rule; `severity` where it is another than the rule's own."""

    place: str
    found: str = ""
    expected: str = ""
    severity: Severity | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sheet: str = ""
    file: str = ""


def broken(cell: Cell, expected: object = "", *, severity: Severity | None = None, sheet: str = "", file: str = "",
           **facts: object) -> Broken:  # fmt: skip
    """Return what breaks a rule at a cell, which is quoted."""
    told = MappingProxyType({name: _told(fact) for name, fact in facts.items()})
    return Broken(cell.place, cell.text, _told(expected), severity, told, sheet, file)


def _told(fact: object) -> str:
    return f"{fact:.6g}" if isinstance(fact, float) else str(fact)


@dataclass(frozen=True)
class Ground:
    """A condition under which a rule is asked; `why` is the key of its sentence in `[not_asked]`."""

    why: str
    holds: Callable[[Package, Context], bool]


Question = Callable[[Package, Context], Iterable[Broken]]
View = Callable[[Package, Context], Iterable[Quoted]]


@dataclass(frozen=True)
class PackageCheck:
    """A labelled rule of the checklist.

    Attributes:
        code: code of the checklist without its hyphen.
        rule: what it requires, English: first line of the function's docstring.
        notes: the rest of the docstring.
        basis: standard or clause, or "ours".
        status: law, standard, practice or ours.
        who: A automatic, AH automatic with a person, H a person with a prepared view.
        severity: what a broken rule means.
        core: whether a broken gap makes the verdict 信息不足.
        kinds: kinds of submission it applies to; empty: all.
        sheets: sheets that must have rows.
        grounds: further conditions.
        ask: yields what breaks it.
        view: what a person should look at; None for automatic rules.
    """

    code: str
    rule: str
    notes: str
    basis: str
    status: str
    who: str
    severity: Severity
    core: bool
    kinds: tuple[Kind, ...]
    sheets: tuple[str, ...]
    grounds: tuple[Ground, ...]
    ask: Question
    view: View | None = None

    @property
    def family(self) -> str:
        """Return the family's letters."""
        return self.code.rstrip("0123456789")

    def absent(self, package: Package, context: Context) -> str:
        """Return why the rule cannot be asked, as a key of `[not_asked]`; empty: it can."""
        if self.who == "H":
            return "person"
        if self.kinds and package.kind not in self.kinds:
            return "kind"
        if not all(package.table(sheet) for sheet in self.sheets):
            return "sheet"
        return next((ground.why for ground in self.grounds if not ground.holds(package, context)), "")


def check(
    code: str,
    *,
    basis: str,
    severity: Severity,
    status: str = "practice",
    who: str = "A",
    core: bool = True,
    kinds: Iterable[Kind] = (),
    sheets: Iterable[str] = (),
    when: Iterable[Ground] = (),
    view: View | None = None,
) -> Callable[[Question], PackageCheck]:
    """Return a decorator that labels a function over (package, context) as a rule of the checklist."""
    if not _CODE.fullmatch(code) or code.rstrip("0123456789") not in FAMILIES:
        raise ValueError(f"{code} is no code of the checklist")

    def label(question: Question) -> PackageCheck:
        rule, _, notes = (inspect.getdoc(question) or "").partition("\n")
        if not rule:
            raise ValueError(f"{code} has no docstring: its first line is the rule")
        return PackageCheck(
            code, rule, " ".join(notes.split()), basis, status, who, severity, core, tuple(kinds), tuple(sheets),
            tuple(when), question, view,
        )  # fmt: skip

    return label


class PackageRegistry:
    """Rules of the checklist by code, in order of family and number. Refuses a second rule of one code."""

    def __init__(self, checks: Iterable[PackageCheck]) -> None:
        self._checks: dict[str, PackageCheck] = {}
        order = list(FAMILIES)
        for one in sorted(checks, key=lambda each: (order.index(each.family), each.code)):
            if one.code in self._checks:
                raise UsageError(
                    problem=f"two rules of the checklist are called {one.code}",
                    remedy="give the newer one a code of its own",
                    problem_zh=f"核查清单中有两条规则同名 {one.code}",
                    remedy_zh="请为新规则另取代码",
                )
            self._checks[one.code] = one

    def __iter__(self) -> Iterator[PackageCheck]:
        return iter(self._checks.values())

    def __getitem__(self, code: str) -> PackageCheck:
        return self._checks[code]

    def __len__(self) -> int:
        return len(self._checks)


def asked(one: PackageCheck, package: Package, context: Context) -> tuple[Asked, tuple[PackageFinding, ...]]:
    """Return the outcome of one rule and its findings."""
    why = one.absent(package, context)
    if why:
        return Asked(one.code, Outcome.NOT_ASKED, why), ()
    found = tuple(_finding(one, each, package) for each in one.ask(package, context))
    return Asked(one.code, Outcome.BROKEN if found else Outcome.KEPT), found


def prepared(one: PackageCheck, package: Package, context: Context) -> PreparedView | None:
    """Return what a person should look at for a rule; None where there is nothing to see."""
    if one.view is None or (one.kinds and package.kind not in one.kinds):
        return None
    quotes = tuple(one.view(package, context))
    return PreparedView(one.code, quotes) if quotes else None


def _finding(one: PackageCheck, each: Broken, package: Package) -> PackageFinding:
    file = package.files.get(each.file)
    return PackageFinding(
        one.code, each.severity or one.severity, one.core, each.sheet or (one.sheets[0] if one.sheets else "files"),
        each.place, each.found, each.expected, each.facts, file.sha256 if file else "", one.basis,
    )  # fmt: skip


# ── grounds many rules share ─────────────────────────────────────────────────────────────────────────────────


def filled(sheet: str, *names: str, **where: str) -> Ground:
    """Return the ground that some row of a sheet fills these fields, of the rows with these texts."""

    def holds(package: Package, context: Context) -> bool:
        del context
        return any(
            all(name in row for name in names) and all(text(row, name) == wanted for name, wanted in where.items())
            for row in package.table(sheet)
        )

    return Ground("field", holds)


LIBRARY: Final = Ground("library", lambda _package, context: context.library is not None)
"""The library, or other submitters: never there in an offline check."""
RECIPE: Final = Ground("recipe", lambda _package, context: context.recipe is not None)
BAGGED: Final = Ground("bag", lambda _package, context: context.bagged)


def quotes(rows: Iterable[Row], *names: str) -> Iterator[Quoted]:
    """Yield the filled cells of these fields, for a person to look at."""
    for row in rows:
        for name in names:
            if name in row:
                yield Quoted(name, row[name].text, row[name].place)


def values_of(rows: Iterable[Row], name: str) -> list[tuple[Cell, float]]:
    """Return the cells of one field that are numbers, with their values."""
    return [(row[name], value) for row in rows if (value := number(row, name)) is not None]
