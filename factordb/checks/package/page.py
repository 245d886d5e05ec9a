"""The checklist as a document: docs/package-checks.md, zh and en side by side, with the thresholds and their bases."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from factordb.checks.package.base import FAMILIES, PackageCheck, PackageRegistry
from factordb.checks.package.catalogue import all_package_checks
from factordb.model.package_finding import package_words
from factordb.model.submission import sheets
from factordb.model.vocabulary import Severity
from factordb.reference import tables

__all__ = ["document", "page"]

_SEVERITIES: Final = {
    Severity.BLOCK: "**block** 必须修正",
    Severity.GAP: "**gap** 信息缺失",
    Severity.REVIEW: "**review** 人工确认",
    Severity.ADVISE: "advise 提示",
}
_WHO: Final = {"A": "A 自动 automatic", "AH": "AH 自动并由人 automatic, then a person", "H": "H 由人 a person"}
_STATUS: Final = {"law": "law 法规", "standard": "standard 标准", "practice": "practice 惯例", "ours": "ours 本库"}
_HEAD: Final = """# 报送包核查清单 / The checklist for submission packages

<!-- Generated: python -m factordb.docs package-checks.md -->

每条规则有三种结果：满足（kept）、不满足（broken）、未询问（not asked：不适用、缺少依据，或离线）。未询问从不计为满足。
级别：`block` 由报送人修正，否则拒收（标 ≤ 者不拒收，而是限制溯源级别，见“溯源级别”一节）；
`gap` 信息缺失（标 ° 者不影响结论）；`review` 由人确认；`advise` 提示。
结论：有拒收的 block 即不通过；否则有限级的 block 或核心 gap 即信息不足；否则有 review 即需人工确认；否则通过。
自检（`factordb submit check`）与接收方用同一套规则；标 ⌂ 者需要库内数据，离线时不问。

A rule is kept, broken or not asked (it does not apply, its ground is absent, or the library is not there); not asked
never counts as kept. Severity: `block` the submitter must repair it or the package is refused (one marked ≤ caps the
level of traceability instead, see the section on levels); `gap` information is missing (° marks those that
do not make the verdict 信息不足); `review` a person must judge; `advise`. `factordb submit check` asks the same rules
as the receiving side; ⌂ marks those that need the library and are not asked offline.

The code is that of the checklist in the design, without its hyphen; CMP and UNC begin at 101, since lower numbers
belong to rules over candidates (`docs/checks.md`), and a code is never reused. What these rules cannot see: an edit
that agrees with itself everywhere, such as carbon lowered a little on both bases with the report rewritten. Against it
stand results signed by the laboratory (LAB005, LAB006), the series' own heating values (PHY005), and tests of
retained samples.
"""


def page() -> str:
    """Return docs/package-checks.md of the rules of this program."""
    return document(all_package_checks())


def document(registry: PackageRegistry) -> str:
    """Return the page: a table of all rules, a section a family, then levels and thresholds."""
    parts = [_HEAD, _summary(registry)]
    for family, (en, zh) in FAMILIES.items():
        members = [one for one in registry if one.family == family]
        if members:
            parts.append(f"## {family} {zh} / {en}\n\n" + "\n".join(_section(one) for one in members))
    parts += [_levels(), _thresholds()]
    return "\n".join(parts)


def _summary(registry: PackageRegistry) -> str:
    told = ", ".join(f"{sum(one.who == who for one in registry)} {words}" for who, words in _WHO.items())
    words = package_words()
    rows = (
        (one.code, one.who, _SEVERITIES[one.severity] + _marks(one), words[one.code]["title_zh"], one.rule)
        for one in registry
    )
    head = ("代码 code", "判断 by", "级别 severity", "规则", "rule")
    return f"{len(registry)} rules: {told}.\n\n{_table(head, rows)}\n"


def _marks(one: PackageCheck) -> str:
    gap = "°" if one.severity is Severity.GAP and not one.core else ""
    limits = {row["code"]: f" ≤ {row['highest']}" for row in tables.table("tiers/level_limits").to_pylist()}
    home = "⌂" if any(ground.why == "library" for ground in one.grounds) else ""
    return f"{gap}{limits.get(one.code, '')}{home}"


def _section(one: PackageCheck) -> str:
    words = package_words()[one.code]
    facts = [
        ("级别 severity", _SEVERITIES[one.severity] + _marks(one)),
        ("判断 by", _WHO[one.who]),
        ("依据 basis", f"{one.basis}（{_STATUS[one.status]}）"),
        ("适用 applies to", ", ".join(one.kinds) or "全部 all kinds"),
        ("询问条件 asked when", "; ".join(_grounds(one)) or "always 总是"),
        *((name, f"{words[f'{key}zh']}<br>{words[f'{key}en']}")
          for name, key in (("提示 message", ""), ("理由 why", "why_"), ("处理 remedy", "fix_"))),
    ]  # fmt: skip
    notes = f"\n{one.notes}\n" if one.notes else ""
    return f"### {one.code} {words['title_zh']}\n\n{one.rule}\n{notes}\n{_table(('', ''), facts)}\n"


def _grounds(one: PackageCheck) -> Iterable[str]:
    if one.sheets:
        yield "、".join(f"“{sheets()[name].zh}” {name}" for name in one.sheets)
    told = tables.toml("words/package_checklist")["not_asked"]
    for ground in dict.fromkeys(ground.why for ground in one.grounds):
        yield f"not: {told[ground]['zh']} {told[ground]['en']}"


def _levels() -> str:
    rows = (
        (row["level"], row["title_zh"], row["title_en"], row["requires_zh"], row["requires_en"], row["rank"])
        for row in tables.table("tiers/trace_levels").to_pylist()
    )
    head = ("级别 level", "名称", "title", "要求", "requires", "次序 rank")
    note = "由上述结果算出，从不填写。Computed from the outcomes, never typed."
    capped = (
        (row["code"], row["highest"], row["why_zh"], row["why_en"])
        for row in tables.table("tiers/level_limits").to_pylist()
    )
    caps = _table(("代码 code", "至多 at most", "缺什么", "what is missing"), capped)
    told = "以下规则不满足时不拒收，只限制级别。A breach of these rules caps the level and refuses nothing."
    return f"## 溯源级别 / Levels of traceability\n\n{note}\n\n{_table(head, rows)}\n\n{told}\n\n{caps}\n"


def _thresholds() -> str:
    facts = tables.toml("thresholds/package")
    rows = ((f"`{name}`", _value(one), one["unit"], f"{one['zh']}<br>{one['en']}", one["basis"], _STATUS[one["status"]])
            for name, one in facts.items())  # fmt: skip
    head = ("名称 name", "值 value", "单位 unit", "含义 meaning", "依据 basis", "性质 status")
    return f"## 阈值 / Thresholds\n\n`factordb/reference/thresholds/package.toml`\n\n{_table(head, rows)}\n"


def _value(one: Mapping[str, Any]) -> str:
    if "value" in one:
        return f"{one['value']:.6g}" if isinstance(one["value"], float) else str(one["value"])
    values = one["values"]
    return ", ".join(str(each) for each in values) if isinstance(values, list) else ", ".join(
        f"{key}: {value}" for key, value in values.items()
    )  # fmt: skip


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")
