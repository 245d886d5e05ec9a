"""The catalogue as a document: `python -m factordb.checks.docs` prints docs/checks.md, zh and en side by side."""

import sys
from collections.abc import Iterable, Mapping

from factordb.checks.base import FAMILIES, Check, Registry
from factordb.checks.catalogue import all_checks, worded_codes, words_of
from factordb.model.vocabulary import Severity

_SEVERITIES = {
    Severity.BLOCK: "**block** 必须修正",
    Severity.GAP: "**gap** 信息缺失",
    Severity.REVIEW: "**review** 人工确认",
    Severity.ADVISE: "advise 提示",
}

_HEAD = """# 检查规则 / Checks

<!-- Generated: python -m factordb.checks.docs > docs/checks.md -->

每条规则有三种结果：满足（kept）、不满足（broken）、未询问（not asked：前提规则不满足，或缺少所需信息）。
未询问从不计为满足。
级别：`block` 由提交者修正；`gap` 信息缺失（标 ° 者不影响结论）；`review` 由人确认；`advise` 提示。

A rule is kept, broken or not asked (what it requires is broken, or its evidence is absent); not asked never counts as
kept. Severity: `block` the submitter must repair it; `gap` information is missing (° marks those that do not make the
verdict 信息不足); `review` a person must judge; `advise`. Verdict: a broken block → 不通过; a broken gap → 信息不足; a
broken review → 需人工确认; else 通过.

Limits are named in `factordb/reference/thresholds/checks.toml`, each with its basis; words in
`factordb/reference/words/checks.toml`. ⌂ marks rules that need the library and are not asked in an offline check,
② rules on results of the uncertainty analysis.
"""


def page() -> str:
    """Return docs/checks.md of the checks of this program and of installed packages."""
    return document(all_checks())


def document(registry: Registry) -> str:
    """Return docs/checks.md: a section a family of checks, then the refusals of intake and of the grammars."""
    parts = [_HEAD, _summary(registry)]
    for family, (en, zh) in FAMILIES.items():
        members = [one for one in registry if one.family == family]
        if members:
            parts.append(f"## {family} {zh} / {en}\n\n" + "\n".join(_section(registry, one) for one in members))
    parts.append(_refusals(registry))
    return "\n".join(parts)


def _summary(registry: Registry) -> str:
    counts = {severity: sum(one.severity is severity for one in registry) for severity in Severity}
    told = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    rows = "\n".join(
        f"| {one.code} | {_SEVERITIES[one.severity]}{_marks(one)} | {_cell(words_of(one.code)['title_zh'])} | "
        f"{_cell(one.rule)} |"
        for one in registry
    )
    return f"{len(registry)} rules: {told}.\n\n| 代码 code | 级别 severity | 规则 | rule |\n|---|---|---|---|\n{rows}\n"


def _marks(one: Check) -> str:
    gap = "°" if one.severity is Severity.GAP and not one.core else ""
    return gap + ("⌂" if one.needs_library else "") + ("②" if one.phase > 1 else "")


def _section(registry: Registry, one: Check) -> str:
    words = words_of(one.code)
    facts = [
        ("级别 severity", _SEVERITIES[one.severity] + _marks(one)),
        ("依据 clause", _cell(one.clause)),
        ("前提 requires", ", ".join(registry.closure(one.code)) or "—"),
        ("询问条件 asked when", "always 总是" if one.when == "true" else f"`{_cell(' '.join(one.when.split()))}`"),
        *_told(words),
    ]
    notes = f"\n{' '.join(one.notes.split())}\n" if one.notes else ""
    table = "\n".join(f"| {name} | {text} |" for name, text in facts)
    return f"### {one.code} {words['title_zh']}\n\n{one.rule}\n{notes}\n| | |\n|---|---|\n{table}\n"


def _told(words: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name, key in (("提示 message", ""), ("理由 why", "why_"), ("处理 remedy", "fix_")):
        yield name, f"{_cell(words[f'{key}zh'])}<br>{_cell(words[f'{key}en'])}"


def _refusals(registry: Registry) -> str:
    rows = []
    for code in worded_codes():
        if code not in registry.codes:
            words = words_of(code)
            told = (f"{_cell(words[f'{key}zh'])}<br>{_cell(words[f'{key}en'])}" for key in ("", "fix_"))
            rows.append(f"| {code} | {' | '.join(told)} |")
    return (
        "## 拒收 / Refusals\n\n"
        "读入时无法成为候选的行在此拒收，整行原样保留：读入行数 = 入库行数 + 拒收行数。\n"
        "VAL1xx、UNI1xx 来自数值与单位文法。\n\n"
        "Rows that cannot become candidates are refused at intake and kept whole: rows in = staged + refused.\n"
        "VAL1xx and UNI1xx come from the grammars of values and units.\n\n"
        "| 代码 code | 提示 message | 处理 remedy |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("!r}", "}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a real stream when run as a program
    sys.stdout.write(page())
