"""What the report of a release tells beside its tables: what came in, what was held back, what was withheld.

A source whose name may not leave the library is counted under no name; of one whose fields stay behind no example
is given.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from factordb.formats.report import HeldBack, PipelineCount, Withheld
from factordb.formats.words import word
from factordb.model.source import Source
from factordb.stages.licence import ROW, ExportPolicy, reason_words
from factordb.stages.words import reason_text
from factordb.store import reading
from factordb.store.library_file import Published
from factordb.store.records import BatchRow

Titles = Mapping[str, tuple[str, str]]
"""Pipeline -> its title in Chinese and in English."""
HIDDEN: Final = "—"


def pipeline_counts(
    published: Published, items: Path, batches: Sequence[BatchRow], titles: Titles, sources: Mapping[str, Source]
) -> list[PipelineCount]:
    """Return what each pipeline brought, in the order of their names; those of confidential sources under one dash.

    Args:
        published: the read model the decision was taken on.
        items: Parquet file that lists what was adopted.
        batches: recorded batches; they know the pipeline also where every record was refused.
        titles: pipeline -> its titles.
        sources: the source register.
    """
    nameless = set(ExportPolicy(sources).nameless())
    named = reading.sources_of_batches(published)
    secret = {row.pipeline for row in batches if nameless & {row.source_id, *named.get(row.batch_id, ())}}
    promoted = reading.promoted_by_pipeline(published, items)
    found: dict[str, PipelineCount] = {}
    summary = reading.summary_by_batch(published, {row.batch_id: row.pipeline for row in batches})
    for name in sorted({row.pipeline for row in batches}):
        of = [row for row in summary.to_pylist() if row["pipeline"] == name]
        rows, staged, refused = (sum(row[key] for row in of) for key in ("rows_seen", "candidates", "refused"))
        shown = HIDDEN if name in secret else name
        old = found.get(shown, PipelineCount(shown, *_title(shown, titles), 0, 0, 0, 0, 0))
        found[shown] = PipelineCount(
            pipeline=shown,
            title_zh=old.title_zh,
            title_en=old.title_en,
            rows=old.rows + rows,
            staged=old.staged + staged,
            refused=old.refused + refused,
            promoted=old.promoted + promoted.get(name, 0),
            held_back=old.held_back + staged - promoted.get(name, 0),
        )
    return list(found.values())


def _title(name: str, titles: Titles) -> tuple[str, str]:
    if name == HIDDEN:
        return word("zh", "report", "hidden_source"), word("en", "report", "hidden_source")
    return titles.get(name, (name, name))


def held_back(published: Published, policy: str, sources: Mapping[str, Source]) -> list[HeldBack]:
    """Return what held candidates back, by rule; examples only of sources that may be quoted."""
    counted = reading.held_back_by_code(published, ExportPolicy(sources).not_quoted())
    return [
        HeldBack(code=row["code"], severity=row["severity"], count=row["candidates"],
                 examples=tuple(f"{name} ({place})" for name, place in zip(row["names"], row["places"], strict=True)),
                 **reason_text(row["code"], policy=policy))
        for row in counted.to_pylist()
    ]  # fmt: skip


def withheld(lines: pa.Table) -> list[Withheld]:
    """Return how much stayed behind, by table and reason, from the lines of `ExportPolicy.leave`."""
    whole: dict[tuple[str, str], list[int]] = {}
    grouped = lines.group_by(["table", "reason", "withheld"]).aggregate([("id", "count_distinct")])
    for row in grouped.to_pylist():
        counts = whole.setdefault((row["table"], row["reason"]), [0, 0])
        counts[row["withheld"] != ROW] += row["id_count_distinct"]
    return [
        Withheld(table=table, code=code, rows=rows, emptied=emptied, **reason_words(code))
        for (table, code), (rows, emptied) in sorted(whole.items())
    ]
