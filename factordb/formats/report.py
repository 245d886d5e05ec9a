"""`report.html`: what came in, what was held back and why, what is released and how sure it is. Opens offline.

The report gets its facts from the caller and asks nobody. Large releases are shown by their first rows and their
totals; the files hold the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from factordb.formats import report_page as html
from factordb.formats.changes import change_counts
from factordb.formats.citation import cite_release
from factordb.formats.plots import BASIS_COLOURS, Interval, RatingRow, basis_legend, interval_plot, rating_strip
from factordb.formats.read_me import release_facts
from factordb.formats.svg import escaped
from factordb.formats.words import LANGUAGES
from factordb.model.release import SCORE_COLUMNS, ReleaseFacts

TOP: Final = 40
"""Rows of a plot or a list; beyond it a reader wants the files."""
ALWAYS_TOLD: Final = frozenset({"added", "changed", "withdrawn"})
"""Changes whose count stands on the cover also where it is 0."""
MOST_PICTURES: Final = 8
MOST_EXAMPLES: Final = 3


@dataclass(frozen=True)
class PipelineCount:
    """What one pipeline brought; `staged` + `refused` are the records of its `rows` raw rows."""

    pipeline: str
    title_zh: str
    title_en: str
    rows: int
    staged: int
    refused: int
    promoted: int
    held_back: int


@dataclass(frozen=True)
class HeldBack:
    """One rule that held candidates back: how many, in whose words, and a few of them by name and place."""

    code: str
    severity: str
    count: int
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class WaitingTime:
    """How long cases stayed in one stage of the work."""

    stage_zh: str
    stage_en: str
    count: int
    median_days: float
    longest_days: float


@dataclass(frozen=True)
class Withheld:
    """How many rows of a table stayed behind as a whole, or with emptied fields, for one reason."""

    table: str
    code: str
    zh: str
    en: str
    rows: int
    emptied: int


@dataclass(frozen=True)
class ReportContent:
    """Everything a report tells.

    Attributes:
        facts: cover of the release.
        pipelines: what came in.
        held_back: why candidates were held back, the gravest or most frequent first.
        counts: table -> rows released.
        heads: table -> its first release rows (`Written.heads`); pictures are drawn of these.
        changes: table of `release_changes`.
        sources: rows of the source register; a column `used_by` (count of factors) is shown where given.
        waiting: waiting times; the section is left out where empty.
        withheld: what may not leave the library, by table and reason; left out where empty.
        overrides: findings that were overridden by two persons.
    """

    facts: ReleaseFacts
    pipelines: Sequence[PipelineCount]
    held_back: Sequence[HeldBack]
    counts: Mapping[str, int]
    heads: Mapping[str, pa.Table]
    changes: pa.Table
    sources: pa.Table | None = None
    waiting: Sequence[WaitingTime] = ()
    withheld: Sequence[Withheld] = ()
    overrides: int = 0


def report_html(content: ReportContent, *, top: int = TOP) -> str:
    """Return the report as one HTML document, at most `top` rows in each plot and list."""
    facts = content.facts
    sections = (
        _cover(content),
        _came_in(content.pipelines),
        _held_back(content.held_back, top),
        _intervals(content, top),
        _ratings(content, top),
        _changes(content, top),
        _withheld(content),
        _sources(content.sources, top),
        _waiting(content.waiting),
        _cite(facts),
    )
    body = "\n".join(part for section in sections for part in section)
    return html.page(f"{facts.title_zh} {facts.release_id}", f"{facts.title_en} {facts.release_id}", body)


def write_report(path: Path, content: ReportContent, *, top: int = TOP) -> None:
    """Write the report to `path`."""
    path.write_bytes(report_html(content, top=top).encode())


def _cover(content: ReportContent) -> Iterator[str]:
    facts, changed = content.facts, change_counts(content.changes)
    yield f"<p class='note'>{html.both('report', 'title')}</p>"
    yield f"<h1>{html.two(facts.title_zh, facts.title_en)} {escaped(facts.release_id)}</h1>"
    if facts.corrects:
        said = html.both("report", "erratum", corrects=facts.corrects, erratum=facts.erratum)
        yield html.paragraph(f"<b>{said}</b>")
    tiles = [
        (html.both("report", "staged"), sum(count.staged for count in content.pipelines)),
        (html.both("report", "refused"), sum(count.refused for count in content.pipelines)),
        (html.both("report", "held_back"), sum(count.held_back for count in content.pipelines)),
        *((html.both("tables", name), count) for name, count in content.counts.items()),
        *((html.both("changes", name), count) for name, count in changed.items() if count or name in ALWAYS_TOLD),
    ]
    shown = "".join(
        f'<div class="tile"><b>{html.number(count)}</b><span>{label}</span></div>' for label, count in tiles
    )
    yield f'<div class="tiles">{shown}</div>'
    pairs = zip(*(release_facts(facts, lang) for lang in LANGUAGES), strict=True)
    lines = "".join(f"<dt>{html.two(zh[0], en[0])}</dt><dd>{html.two(zh[1], en[1])}</dd>" for zh, en in pairs)
    yield f"<dl>{lines}</dl>"


def _came_in(pipelines: Sequence[PipelineCount]) -> Iterator[str]:
    yield html.heading("came_in")
    yield html.paragraph(html.both("report", "came_in_text"), "note")
    names = ("rows", "staged", "refused", "promoted", "held_back")
    rows = [
        [
            f"<code>{escaped(count.pipeline)}</code> {html.two(count.title_zh, count.title_en)}",
            *(html.number(getattr(count, name)) for name in names),
        ]
        for count in pipelines
    ]
    sums = [html.number(sum(getattr(count, name) for count in pipelines)) for name in names]
    rows.append([html.both("report", "total"), *sums])
    yield html.table([html.both("report", key) for key in ("pipeline", *names)], rows, numbers=range(1, 6), total=True)


def _held_back(held: Sequence[HeldBack], top: int) -> Iterator[str]:
    yield html.heading("why_held")
    if not held:
        yield html.paragraph(html.both("report", "nothing_held"))
        return
    yield html.paragraph(html.both("report", "why_held_text"), "note")
    rows = [
        [
            f"<code>{escaped(reason.code)}</code>",
            html.both("severity", reason.severity),
            html.number(reason.count),
            html.two(reason.zh, reason.en) + _remedy(reason),
            "".join(f'<span class="short">{escaped(name)}</span>' for name in reason.examples[:MOST_EXAMPLES]),
        ]
        for reason in held[:top]
    ]
    yield html.table(
        [html.both("report", key) for key in ("code", "severity", "count", "meaning", "examples")], rows, numbers=(2,)
    )
    yield from _shown(len(rows), len(held), "held_back.csv")


def _remedy(reason: HeldBack) -> str:
    return f'<br><span class="note">{html.two(reason.fix_zh, reason.fix_en)}</span>' if reason.fix_zh else ""


def _shown(shown: int, total: int, file: str) -> Iterator[str]:
    if shown < total:
        yield html.paragraph(
            html.both("report", "shown", shown=html.number(shown), total=html.number(total), file=file), "note"
        )


def _intervals(content: ReportContent, top: int) -> Iterator[str]:
    yield html.heading("intervals")
    yield html.paragraph(html.both("report", "intervals_text"), "note")
    yield _legend()
    for table, head in content.heads.items():
        groups = _by_unit([row for row in head.to_pylist() if row["value"] is not None])[:MOST_PICTURES]
        if groups:
            yield f"<h3>{html.both('tables', table)}</h3>"
        for unit, members in groups:
            drawn = ([_interval(row, lang) for row in members[:top]] for lang in LANGUAGES)
            yield html.pictures(
                [interval_plot(rows, lang=lang, unit=unit) for rows, lang in zip(drawn, LANGUAGES, strict=True)]
            )
        yield from _shown(sum(min(top, len(rows)) for _, rows in groups), content.counts[table], f"data/{table}.csv")


def _legend() -> str:
    lines = (
        f"<li>{basis_legend(basis)}<span>{html.both('report', f'legend_{basis}')}</span></li>"
        for basis in BASIS_COLOURS
    )
    return f'<h3>{html.both("report", "legend")}</h3><ul class="legend">{"".join(lines)}</ul>'


def _by_unit(rows: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rows by unit, the unit with most rows first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["unit"] or row["unit_text"] or "–", []).append(row)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _name(row: Mapping[str, Any], lang: str) -> str:
    first, second = ("name_zh", "name_en") if lang == "zh" else ("name_en", "name_zh")
    name = row[first] or row[second] or row["factor_id"]
    place = row["region_text"] if lang == "zh" else row["region"]
    marks = [str(mark) for mark in (place or row["region"], row["reference_year"]) if mark is not None]
    return f"{name} ({', '.join(marks)})" if marks else str(name)


def _interval(row: Mapping[str, Any], lang: str) -> Interval:
    return Interval(
        label=_name(row, lang),
        point=row["value"],
        low=row["shortest_low95"],
        high=row["shortest_high95"],
        basis=row["basis"] or "none",
        printed=row["value_text"],
    )


def _ratings(content: ReportContent, top: int) -> Iterator[str]:
    yield html.heading("ratings")
    for table, head in content.heads.items():
        rows = [row for row in head.slice(0, top).to_pylist() if row["scheme"] is not None]
        if not rows:
            continue
        schemes = ", ".join(sorted({row["scheme"] for row in rows}))
        yield f"<h3>{html.both('tables', table)}</h3>"
        yield html.paragraph(html.both("report", "ratings_text", scheme=schemes), "note")
        strips = [
            [RatingRow(_name(row, lang), tuple(row[name] for name in SCORE_COLUMNS)) for row in rows]
            for lang in LANGUAGES
        ]
        yield html.pictures([rating_strip(strip, lang=lang) for strip, lang in zip(strips, LANGUAGES, strict=True)])
        yield from _shown(len(rows), content.counts[table], f"data/{table}.csv")


def _changes(content: ReportContent, top: int) -> Iterator[str]:
    yield html.heading("changed")
    if content.facts.base_release is None:
        yield html.paragraph(html.both("report", "first_release"))
        return
    counts = change_counts(content.changes)
    yield html.paragraph(html.both("report", "changed_text", base=content.facts.base_release, **counts))
    rows = [
        [
            html.both("changes", line["change"]),
            f'<span class="short">{html.two(*(_name(line, lang) for lang in LANGUAGES))}</span>',
            f"<code>{escaped(line['field'] or '')}</code>",
            f'<span class="short">{escaped(line["old"] or "–")}</span>',
            f'<span class="short">{escaped(line["new"] or "–")}</span>',
            f'<span class="short">{html.both("reasons", line["reason"])} {escaped(line["note"] or "")}</span>',
        ]
        for line in content.changes.slice(0, top).to_pylist()
    ]
    if rows:
        yield html.table(
            [html.both("report", key) for key in ("change", "factor", "field", "old", "new", "reason")], rows
        )
    yield from _shown(len(rows), content.changes.num_rows, "changes.csv")


def _sources(sources: pa.Table | None, top: int) -> Iterator[str]:
    if sources is None or not sources.num_rows:
        return
    yield html.heading("sources")
    shown = [name for name in ("tier", "edition", "licence", "used_by") if name in sources.schema.names]
    rows = [
        [
            f"{html.two(line['title_zh'], line['title_en'])} <code>{escaped(line['source_id'])}</code>",
            *(_source_cell(name, line[name]) for name in shown),
        ]
        for line in sources.slice(0, top).to_pylist()
    ]
    numbers = [1 + at for at, name in enumerate(shown) if name == "used_by"]
    yield html.table([html.both("report", key) for key in ("source", *shown)], rows, numbers=numbers)
    yield from _shown(len(rows), sources.num_rows, "sources.csv")


def _source_cell(name: str, value: Any) -> str:
    if name == "tier":
        return html.both("tier", value or "–")
    return html.number(value) if name == "used_by" else escaped(value or "–")


def _withheld(content: ReportContent) -> Iterator[str]:
    if content.overrides:
        yield html.heading("overrides")
        facts = {"count": html.number(content.overrides), "file": "overrides.csv"}
        yield html.paragraph(html.both("report", "overrides_text", **facts))
    if not content.withheld:
        return
    yield html.heading("withheld")
    yield html.paragraph(html.both("report", "withheld_text"), "note")
    heads = [html.both("report", key) for key in ("code", "meaning", "withheld_rows", "withheld_fields")]
    rows = [
        [
            f"<code>{escaped(one.table)} {escaped(one.code)}</code>",
            html.two(one.zh, one.en),
            html.number(one.rows),
            html.number(one.emptied),
        ]
        for one in content.withheld
    ]
    yield html.table(heads, rows, numbers=(2, 3))


def _waiting(waiting: Sequence[WaitingTime]) -> Iterator[str]:
    if not waiting:
        return
    yield html.heading("waiting")
    heads = [html.both("report", key) for key in ("stage", "waiting_count", "median_days", "longest_days")]
    rows = (
        [
            html.two(time.stage_zh, time.stage_en),
            *(html.number(n) for n in (time.count, time.median_days, time.longest_days)),
        ]
        for time in waiting
    )
    yield html.table(heads, rows, numbers=(1, 2, 3))


def _cite(facts: ReleaseFacts) -> Iterator[str]:
    yield html.heading("cite")
    for lang in LANGUAGES:
        yield html.paragraph(f'<span lang="{html.TAGS[lang]}">{escaped(cite_release(facts, lang))}</span>')
    made = {"engine": facts.engine_version, "rule_set": facts.rule_set[:12], "as_of": facts.as_of.isoformat()}
    yield html.paragraph(html.both("report", "made_by", **made), "note")
