"""The page of a checked submission: level, verdict, claim beside recomputation, findings by cell; zh and en."""

from collections.abc import Mapping, Sequence
from typing import Any

from factordb.formats.report_page import page, paragraph, table, two
from factordb.reference import tables

__all__ = ["package_page"]

_NUMBERS = ("value", "recomputed", "unit", "claimed_u", "u")


def package_page(report: Mapping[str, Any]) -> str:
    """Return the HTML page of a report on a submission, `SubmissionReport.as_dict`: no script, no network."""
    words = tables.toml("words/submission_page")

    def said(key: str) -> str:
        return two(words[key]["zh"], words[key]["en"])

    title = {lang: f"{words['title'][lang]} {report['name']}" for lang in ("zh", "en")}
    parts = [f"<h1>{two(title['zh'], title['en'])}</h1>"]
    if report["demonstration"]:
        parts.append(paragraph(said("demonstration"), "note"))
    verdict, level = words["verdict"][report["verdict"]], report["level"]
    parts.append(
        f"<dl><dt>{said('level')}</dt><dd><b>{level['name']}</b> {two(level['title_zh'], level['title_en'])}</dd>"
        f"<dt>{said('verdict_head')}</dt><dd><b>{two(verdict['zh'], verdict['en'])}</b></dd>"
        f"<dt>{said('day')}</dt><dd>{report['today']}</dd></dl>"
    )
    if level["missing"]:
        parts.append(f"<h2>{said('missing')}</h2>")
        parts.append(table([said("code"), said("what")],
                           [[one["code"] or "—", two(one["zh"], one["en"])] for one in level["missing"]]))  # fmt: skip
    parts.append(f"<h2>{said('claims')}</h2>{_claims(report['factors'], said)}")
    parts.append(f"<h2>{said('findings')}</h2>{_findings(report['findings'], words, said)}")
    parts.append(f"<h2>{said('not_asked')}</h2>{paragraph(said('not_asked_why'), 'note')}")
    parts.append(table([said("code"), said("rule"), said("why")],
                       [[one["code"], two(one["title_zh"], one["title_en"]), two(one["why_zh"], one["why_en"])]
                        for one in report["not_asked"]]))  # fmt: skip
    return page(title["zh"], title["en"], "\n".join(parts))


def _claims(rows: Sequence[Mapping[str, Any]], said: Any) -> str:
    heads = [said(key) for key in ("factor", "claim", "recomputed", "unit", "claimed_u", "records_u", "remark")]
    lines = [
        [two(row["name_zh"], row["name_en"]), *(two(row[name], row[name]) for name in _NUMBERS),
         two(row["fault_zh"], row["fault_en"])]
        for row in rows
    ]  # fmt: skip
    return table(heads, lines, numbers=(1, 2, 4, 5))


def _findings(rows: Sequence[Mapping[str, Any]], words: Mapping[str, Any], said: Any) -> str:
    if not rows:
        return paragraph(said("no_findings"))
    heads = [said(key) for key in ("code", "severity", "place", "what", "why", "fix")]
    lines = []
    for row in rows:
        gravity = words["capped"] if row["highest"] else words["severities"][row["severity"]]
        severity = {lang: gravity[lang].format(level=row["highest"]) for lang in ("zh", "en")}
        cells = [two(row[f"{name}_zh"], row[f"{name}_en"]) for name in ("said", "why", "fix")]
        lines.append([row["code"], two(severity["zh"], severity["en"]), two(row["place"], row["place"]), *cells])
    return table(heads, lines)
