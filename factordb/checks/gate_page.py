"""The page of a gate: one self-contained HTML file, zh or en, that opens offline and fetches nothing."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from factordb.checks.base import fill
from factordb.checks.catalogue import words_of

_WORDS = {
    "zh": {
        "title": "批次关口：Great Expectations 结果",
        "passed": "通过：没有必须修正的问题",
        "failed": "未通过：有必须由提交者修正的问题",
        "count": "候选 {candidates} 条；期望 {all} 项，满足 {kept} 项，未满足 {broken} 项",
        "head": ("代码", "级别", "要求", "不符合的行", "结果"),
        "critical": "必须修正",
        "warning": "须补充或确认",
        "info": "提示",
        "kept": "满足",
        "broken": "未满足",
        "examples": "举例（共 {rows} 行，列出 {shown} 行）",
        "fix": "如何处理：",
        "TABLE_ROWS": "候选表不为空",
        "TABLE_COLUMNS": "候选表具备统一格式的全部列",
        "TABLE_BALANCE": "读入行数 = 入库行数 + 拒收行数",
    },
    "en": {
        "title": "Gate of a batch: result of Great Expectations",
        "passed": "Passed: nothing that must be repaired",
        "failed": "Not passed: the submitter must repair something",
        "count": "{candidates} candidates; {all} expectations, {kept} met, {broken} not met",
        "head": ("Code", "Grade", "Requirement", "Failing rows", "Result"),
        "critical": "must be repaired",
        "warning": "to be completed or confirmed",
        "info": "advice",
        "kept": "met",
        "broken": "not met",
        "examples": "examples ({shown} of {rows} rows)",
        "fix": "How to mend it: ",
        "TABLE_ROWS": "There are candidates",
        "TABLE_COLUMNS": "The table has every column of the unified format",
        "TABLE_BALANCE": "Rows in = rows staged + rows refused",
    },
}
_EXAMPLES = 5

_STYLE = """
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:72rem;margin:2rem auto;
padding:0 1rem;color:#1b1f24;background:#fff}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
padding:.35rem .6rem;border-bottom:1px solid #d8dee4}th{background:#f3f5f7}.n{text-align:right}
.broken{color:#a40e26;font-weight:600}.kept{color:#1a6b32}details{margin-top:.3rem}code{font-family:ui-monospace,monospace}
@media print{details{display:none}}
"""


def gate_page(result_json: str, lang: str) -> str:
    """Return the page of a stored gate result.

    Args:
        result_json: what `GateResult.to_json` wrote.
        lang: "zh" or "en".
    """
    words: Mapping[str, Any] = _WORDS[lang]
    result = json.loads(result_json)
    lines = result["lines"]
    broken = sum(not line["success"] for line in lines)
    count = words["count"].format(
        candidates=result["candidates"], all=len(lines), kept=len(lines) - broken, broken=broken
    )
    head = "".join(f"<th>{escape(word)}</th>" for word in words["head"])
    ordered = sorted(lines, key=lambda line: (line["success"], ("critical", "warning", "info").index(line["severity"])))
    rows = "\n".join(_row(line, words, lang) for line in ordered)
    verdict = ("kept", words["passed"]) if result["passed"] else ("broken", words["failed"])
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(words["title"])}</title>'
        f"<style>{_STYLE}</style></head>\n<body><h1>{escape(words['title'])}</h1>\n"
        f'<p class="{verdict[0]}">{escape(verdict[1])}</p>\n<p>{escape(count)}</p>\n'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></body></html>\n"
    )


def _row(line: Mapping[str, Any], words: Mapping[str, Any], lang: str) -> str:
    code, outcome = line["code"], "kept" if line["success"] else "broken"
    title = words[code] if code in words else words_of(code)[f"title_{lang}"]
    more = "" if line["success"] or code in words else _more(line, words, lang)
    return (
        f"<tr><td><code>{escape(code)}</code></td><td>{escape(words[line['severity']])}</td>"
        f'<td>{escape(title)}{more}</td><td class="n">{line["rows"]:,}</td>'
        f'<td class="{outcome}">{escape(words[outcome])}</td></tr>'
    )


def _more(line: Mapping[str, Any], words: Mapping[str, Any], lang: str) -> str:
    told = words_of(line["code"])
    shown = line["examples"][:_EXAMPLES]
    items = "".join(f"<li>{escape(str(row['place']))}: {escape(fill(told[lang], row))}</li>" for row in shown)
    summary = words["examples"].format(rows=f"{line['rows']:,}", shown=len(shown))
    return (
        f"<details><summary>{escape(summary)}</summary><ul>{items}</ul>"
        f"<p>{escape(words['fix'])}{escape(told[f'fix_{lang}'])}</p></details>"
    )
