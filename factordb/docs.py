"""Writes the generated pages of `docs/`: `python -m factordb.docs`; with `--check` compares them, changing nothing.

`docs/sources.md` comes from a run of the shipped sources. A bigger source, whose file is not shipped, is run once with
`--record PIPELINE FILE…`; its counts are kept as `docs/recorded/PIPELINE.json` and shown beside the shipped ones.
"""

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from factordb.errors import FactorDBError, UsageError
from factordb.library import Library
from factordb.paths import PACKAGE
from factordb.stages.reports import run_report

AS_OF = date(2026, 11, 26)
"""Day of the appraisal whose counts the pages show; fixed, so that the pages change only with data and rules."""

ROOT = PACKAGE.parent
Facts = dict[str, Any]

_COUNTS = (
    ("rows", "读入行", "rows in"),
    ("staged", "入库行", "rows staged"),
    ("refused", "退回行", "rows refused"),
    ("candidates", "候选", "candidates"),
    ("pass", "通过", "pass"),
    ("needs_person", "需人工确认", "needs a person"),
    ("insufficient", "信息不足", "insufficient"),
    ("fail", "不通过", "fail"),
    ("promoted", "纳入", "promoted"),
    ("held_back", "未纳入", "held back"),
)
_INTRODUCTION = f"""\
评估日期 {AS_OF}。读入行 = 入库行 + 退回行；候选 = 纳入 + 未纳入。一行可含多条候选（如因子与低位发热量）。
一条候选可因多个代码未纳入，故各代码之和可大于未纳入数。

Appraised as of {AS_OF}. Rows in = staged + refused; candidates = promoted + held back. A row may hold several
candidates (a factor and a calorific value). A candidate may be held back by several codes, so their sum may exceed
the number held back. What a code asks: `docs/checks.md`, or `factordb checks CODE`."""
_EXAMPLES = 5
_LONGEST = 60


def shipped_facts(as_of: date = AS_OF) -> list[Facts]:
    """Return what a run of the shipped sources came to, one entry a pipeline, by name."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library", create=True)
        report = library.run(as_of=as_of, actor="docs")
        return _facts(library, report.sources, report.refused, report.held_back, as_of)


def recorded_facts(pipeline: str, files: Sequence[Path], as_of: date = AS_OF) -> Facts:
    """Return what a source whose file is not shipped comes to, run in a library of its own."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(Path(folder) / "library", create=True)
        library.intake(pipeline, files, actor="docs")
        library.appraise(as_of=as_of, actor="docs", gate=False)
        report = run_report(
            batches=library.batches(),
            summary=library.summary(),
            held_back=library.held_back(),
            refused=library.refused(),
            released=None,
            policy="clause5",
            actor="docs",
            gate=None,
        )
        return _facts(library, report.sources, report.refused, report.held_back, as_of)[0]


def _facts(
    library: Library, sources: Iterable[Facts], refused: Iterable[Facts], held_back: Iterable[Facts], as_of: date
) -> list[Facts]:
    known = library.pipelines()
    inputs = {row["batch_id"]: json.loads(row["inputs"])["files"] for row in library.batches()}
    found: dict[str, Facts] = {}
    for row in sources:
        one = known[row["pipeline"]]
        found[one.name] = {
            "pipeline": one.name,
            "title_zh": one.title_zh,
            "title_en": one.title_en,
            "as_of": as_of.isoformat(),
            "files": inputs[row["batch_id"]],
            **{name: row[name] for name, _, _ in _COUNTS if name != "held_back"},
            "held_back": row["candidates"] - row["promoted"],
            "refused_by_code": [],
            "held_back_by_code": [],
        }
    for row in refused:
        _add_refused(found[row["pipeline"]]["refused_by_code"], row)
    for row in held_back:
        names = ("code", "candidates", "zh", "en", "example", "place")
        found[row["pipeline"]]["held_back_by_code"].append({name: row[name] for name in names})
    return [found[name] for name in sorted(found)]


def _add_refused(codes: list[Facts], row: Mapping[str, Any]) -> None:
    """Add refused records of one code and string to the entry of the code; the most frequent string comes first."""
    entry = next((one for one in codes if one["code"] == row["code"]), None)
    if entry is None:
        entry = {"code": row["code"], "records": 0, "strings": 0, "found": [], "place": row["place"]}
        codes.append(entry)
    entry["records"] += row["records"]
    entry["strings"] += 1
    if len(entry["found"]) < _EXAMPLES:
        entry["found"].append([row["found"], row["records"]])


def sources_page(root: Path) -> str:
    """Return docs/sources.md: the shipped sources, run now, and the recorded ones."""
    recorded = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((root / "docs" / "recorded").glob("*.json"))
    ]
    shipped = shipped_facts()
    parts = [
        "# 各来源的去向 · Where the rows of each source went",
        "<!-- Generated by `python -m factordb.docs`; a test compares it. Do not edit. -->",
        _INTRODUCTION,
        "## 随附来源 · Shipped sources",
        _overview(shipped),
    ]
    if recorded:
        parts += ["## 另行运行的来源 · Sources run on files that are not shipped", _overview(recorded)]
    parts += [_section(one) for one in (*shipped, *recorded)]
    return "\n\n".join(parts) + "\n"


def _overview(found: Sequence[Facts]) -> str:
    head = ["管线 · pipeline", *(f"{zh} · {en}" for _, zh, en in _COUNTS)]
    rows = [[f"`{one['pipeline']}`", *(f"{one[name]:,}" for name, _, _ in _COUNTS)] for one in found]
    return _table(head, rows, numbers=range(1, len(head)))


def _section(one: Facts) -> str:
    files = "\n".join(
        f"- `{file['file']}`，sha256 `{file['sha256'][:16]}…`，{file['bytes']:,} bytes" for file in one["files"]
    )
    refused = [
        [f"`{row['code']}`", f"{row['records']:,}", _strings(row), _cell(row["place"])]
        for row in one["refused_by_code"]
    ]
    held = [
        [f"`{row['code']}`", f"{row['candidates']:,}", _cell(row["zh"]), _cell(row["en"]), _cell(row["example"])]
        for row in one["held_back_by_code"]
    ]
    return "\n\n".join(
        [
            f"## {one['pipeline']}",
            f"{one['title_zh']}\n{one['title_en']}",
            files,
            "### 录入时退回 · Refused at intake",
            _table(["代码 · code", "记录 · records", "读到 · found", "位置 · place"], refused, numbers=(1,)),
            "### 未纳入 · Held back",
            _table(["代码 · code", "候选 · candidates", "原因", "reason", "示例 · example"], held, numbers=(1,)),
        ]
    )


def _strings(row: Mapping[str, Any]) -> str:
    shown = ", ".join(f"`{_cell(text or '—').replace('`', ' ')}` ×{count}" for text, count in row["found"])
    more = row["strings"] - len(row["found"])
    return f"{shown}, … +{more}" if more else shown


def _cell(text: object) -> str:
    plain = " ".join(str(text or "—").split()).replace("|", "\\|")
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Iterable[int]) -> str:
    if not rows:
        return "无 · none"
    right = set(numbers)
    marks = ["---:" if place in right else "---" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def _checks_page(_root: Path) -> str:
    text: str = importlib.import_module("factordb.checks.docs").page()
    return text


def _mapping_page(_root: Path) -> str:
    text: str = importlib.import_module("factordb.formats.mapping_page").page()
    return text


def _package_checks_page(_root: Path) -> str:
    text: str = importlib.import_module("factordb.checks.package.page").page()
    return text


def _uncertainty_page(root: Path) -> str:
    text: str = importlib.import_module("factordb.uncertainty.proof").page(root)
    return text


PAGES: dict[str, Callable[[Path], str]] = {
    "checks.md": _checks_page,
    "package-checks.md": _package_checks_page,
    "mapping.md": _mapping_page,
    "uncertainty.md": _uncertainty_page,
    "sources.md": sources_page,
}
"""Generated pages of `docs/` and what makes them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare the pages; return 0, or 1 where a compared page differs."""
    parser = argparse.ArgumentParser(prog="python -m factordb.docs", description="Generated pages of docs/.")
    parser.add_argument("pages", nargs="*", help=f"pages to make; default: all of {', '.join(PAGES)}")
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    parser.add_argument("--record", nargs="+", metavar=("PIPELINE", "FILE"), help="run a source and keep its counts")
    told = parser.parse_args(arguments)
    try:
        if told.record:
            return _record(told.record[0], [Path(one) for one in told.record[1:]])
        return _pages(told.pages or list(PAGES), check=told.check)
    except FactorDBError as fault:
        print(f"error: {fault.problem}\nmend: {fault.remedy}", file=sys.stderr)  # noqa: T201 - a command speaks
        return int(fault.exit_code)


def _pages(names: Sequence[str], *, check: bool) -> int:
    docs, different = _folder(), []
    for name in names:
        if name not in PAGES:
            raise UsageError(
                problem=f"there is no generated page {name}",
                remedy=f"choose one of: {', '.join(PAGES)}",
                problem_zh=f"没有自动生成的页面 {name}",
                remedy_zh=f"请从以下选择：{', '.join(PAGES)}",
            )
        text, path = PAGES[name](ROOT), docs / name
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            different.append(name)
        elif not check:
            path.write_text(text, encoding="utf-8", newline="\n")
    for name in different:
        print(f"docs/{name} is not what the generator writes: run python -m factordb.docs")  # noqa: T201 - as main
    return 1 if different else 0


def _record(pipeline: str, files: Sequence[Path]) -> int:
    folder = _folder() / "recorded"
    folder.mkdir(exist_ok=True)
    facts = recorded_facts(pipeline, files)
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / f"{pipeline}.json").write_text(text, encoding="utf-8", newline="\n")
    return 0


def _folder() -> Path:
    docs = ROOT / "docs"
    if not docs.is_dir():
        raise UsageError(
            problem="there is no docs folder beside the package",
            remedy="run this in a checkout of the project",
            problem_zh="程序包旁没有 docs 目录",
            remedy_zh="请在项目源码目录中运行",
        )
    return docs


if __name__ == "__main__":
    sys.exit(main())
