"""Release (发布): what a decision adopts becomes a data package on disk that nobody can change unnoticed.

Every date inside comes from the appraisal's day, rows have a fixed order, nothing reads the clock: the same inputs,
seed and versions give the same bytes.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.errors import ConflictError, UsageError
from factordb.evidence import objects
from factordb.formats import manifest
from factordb.formats.changes import change_counts, release_changes
from factordb.formats.release_folder import finish_release
from factordb.formats.report import HeldBack, PipelineCount, ReportContent, write_report
from factordb.formats.tables import write_tables
from factordb.model.release import RELEASE_COLUMNS, TABLES, ApprovalMode, ReleaseFacts
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.stages.sources import as_table
from factordb.stages.words import reason_text
from factordb.store import history, reading
from factordb.store.library_file import Published
from factordb.store.records import AppraisalRow, DecisionRow, Engine, ReleaseRow, now, session

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""

HELD_BACK_LIMIT = 100_000
"""Rows of held_back.csv; the report always counts all of them."""
JSON_LIMIT = 200_000
"""Rows up to which JSON documents are written: a million would be 1.6 GB."""
XLSX_LIMIT = 200_000
"""Rows of a table in the workbook; its read-me sheet names where the rest is."""

Titles = Mapping[str, tuple[str, str]]
"""Pipeline -> its title in Chinese and in English."""


@dataclass(frozen=True)
class ReleaseReport:
    """A release on disk. `already`: its content had been released before, and nothing was built."""

    release_id: str
    path: Path
    counts: Mapping[str, int]
    changes: Mapping[str, int]
    already: bool


def build(
    workspace: Workspace,
    records: Engine,
    published: Published,
    *,
    sources: Mapping[str, Source],
    titles: Titles,
    engine_version: str,
    actor: str,
    progress: Progress,
) -> ReleaseReport:
    """Build the release of what the newest decision adopts.

    Raises:
        UsageError: nothing has been decided yet.
        ConflictError: the appraisals the decision was taken on are not the newest any more.
    """
    with session(records) as opened:
        decisions, releases = history.decisions(opened), history.releases(opened)
        newest = history.newest_appraisals(opened)
    if not decisions:
        raise UsageError(
            problem="nothing has been adopted yet",
            remedy="appraise, then adopt: `factordb run`, or `factordb release build`",
            problem_zh="尚未采纳任何因子",
            remedy_zh="请先评估再采纳：`factordb run`，或 `factordb release build`",
        )
    decision = decisions[-1]
    if decision.appraisal_id != ",".join(row.appraisal_id for row in newest):
        raise ConflictError(
            problem="candidates were appraised anew after the decision was taken",
            remedy="decide again on what is there now: `factordb release build`",
            problem_zh="作出决定之后，候选又被重新评估",
            remedy_zh="请就现状重新决定：`factordb release build`",
        )
    base = releases[-1] if releases else None
    digest = _content_hash(decision, newest)
    if base and base.content_hash == digest:
        return _existing(workspace, base)
    facts = _facts(decision, newest, releases, engine_version)
    made = _write(workspace, published, decision, facts, base, sources, titles, newest[-1].policy, progress)
    digest_of_manifest = manifest.sha256_of(made.path / manifest.MANIFEST)
    with session(records) as opened:
        opened.add(
            ReleaseRow(
                release_id=facts.release_id,
                base_release=facts.base_release,
                as_of=facts.as_of,
                decision_id=decision.decision_id,
                rule_set=decision.rule_set,
                manifest_sha256=digest_of_manifest,
                content_hash=digest,
                factors=sum(made.counts.values()),
                built_on=now(),
            )
        )
        said = {
            "counts": dict(made.counts),
            "decision_id": decision.decision_id,
            "manifest_sha256": digest_of_manifest,
        }
        history.record(opened, "released", facts.release_id, actor=actor, facts=said)
    return made


def _content_hash(decision: DecisionRow, newest: list[AppraisalRow]) -> str:
    parts = (decision.items_sha256, decision.rule_set, *sorted(row.content_hash for row in newest),
             *sorted(str(row.as_of) for row in newest))  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _existing(workspace: Workspace, row: ReleaseRow) -> ReleaseReport:
    path = workspace.releases / row.release_id
    return ReleaseReport(row.release_id, path, _counts(path), MappingProxyType({}), already=True)


def _counts(path: Path) -> dict[str, int]:
    files = {name: path / "data" / f"{name}.parquet" for name in TABLES}
    return {name: pq.read_metadata(file).num_rows if file.exists() else 0 for name, file in files.items()}


def _facts(
    decision: DecisionRow, newest: list[AppraisalRow], releases: list[ReleaseRow], engine_version: str
) -> ReleaseFacts:
    as_of = max(row.as_of for row in newest)
    number = 1 + sum(1 for row in releases if row.release_id.startswith(f"{as_of.year}."))
    return ReleaseFacts(
        release_id=f"{as_of.year}.{number}",
        title_zh="排放因子库发布版本",
        title_en="Emission factor library release",
        as_of=as_of,
        rule_set=decision.rule_set,
        engine_version=engine_version,
        seed=newest[-1].seed,
        approved_by=decision.actor,
        approval_mode=ApprovalMode(decision.mode),
        base_release=releases[-1].release_id if releases else None,
        counts=MappingProxyType({"candidates": sum(row.candidates for row in newest), "adopted": decision.items}),
    )


def _write(
    workspace: Workspace,
    published: Published,
    decision: DecisionRow,
    facts: ReleaseFacts,
    base: ReleaseRow | None,
    sources: Mapping[str, Source],
    titles: Titles,
    policy: str,
    progress: Progress,
) -> ReleaseReport:
    building = workspace.releases / f".{facts.release_id}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    items = objects.path_of(workspace.objects, decision.items_sha256)
    objects.fetch(workspace.objects, decision.items_sha256)
    progress("release", 0, 3)
    with reading.release_rows(published, items, [column.name for column in RELEASE_COLUMNS]) as rows:
        new = rows.read_all()
    changes = release_changes(_old_rows(workspace, base), new)
    progress("release", 1, 3)
    others = {
        "changes": changes,
        "sources": _source_table(new, sources),
        "held_back": reading.held_back_rows(published, HELD_BACK_LIMIT),
    }
    written = write_tables(
        new, building, facts, others=others, with_json=new.num_rows <= JSON_LIMIT, xlsx_rows=XLSX_LIMIT
    )
    content = ReportContent(
        facts=facts,
        pipelines=_pipeline_counts(published, items, titles),
        held_back=_held_back(published, policy),
        counts=written.counts,
        heads=written.heads,
        changes=changes,
        sources=others["sources"],
    )
    write_report(building / "report.html", content)
    finish_release(building, facts, counts=written.counts, others=others)
    progress("release", 2, 3)
    final = workspace.releases / facts.release_id
    shutil.rmtree(final, ignore_errors=True)  # unrecorded: left by a run that was interrupted before its record
    building.replace(final)
    progress("release", 3, 3)
    return ReleaseReport(facts.release_id, final, written.counts, change_counts(changes), already=False)


def _source_table(rows: pa.Table, sources: Mapping[str, Source]) -> pa.Table:
    used = pc.value_counts(rows.column("source_id")).to_pylist()
    counts = {entry["values"]: entry["counts"] for entry in used}
    chosen = [source for name, source in sorted(sources.items()) if name in counts]
    table = as_table(chosen).drop_columns(["demonstration"])
    return table.append_column("used_by", pa.array([counts[one.source_id] for one in chosen], pa.int64()))


def _pipeline_counts(published: Published, items: Path, titles: Titles) -> list[PipelineCount]:
    promoted = reading.promoted_by_pipeline(published, items)
    found: dict[str, PipelineCount] = {}
    for row in reading.summary_by_batch(published).to_pylist():
        name = row["pipeline"]
        rows, staged, refused = (row[key] for key in ("rows_seen", "candidates", "refused"))
        title_zh, title_en = titles.get(name, (name, name))
        old = found.get(name)
        found[name] = PipelineCount(
            pipeline=name,
            title_zh=title_zh,
            title_en=title_en,
            rows=rows + (old.rows if old else 0),
            staged=staged + (old.staged if old else 0),
            refused=refused + (old.refused if old else 0),
            promoted=promoted.get(name, 0),
            held_back=staged + (old.staged if old else 0) - promoted.get(name, 0),
        )
    return list(found.values())


def _held_back(published: Published, policy: str) -> list[HeldBack]:
    return [
        HeldBack(code=row["code"], severity=row["severity"], count=row["candidates"],
                 examples=tuple(f"{name} ({place})" for name, place in zip(row["names"], row["places"], strict=True)),
                 **reason_text(row["code"], policy=policy))
        for row in reading.held_back_by_code(published).to_pylist()
    ]  # fmt: skip


def _old_rows(workspace: Workspace, base: ReleaseRow | None) -> pa.Table | None:
    if base is None:
        return None
    files = [workspace.releases / base.release_id / "data" / f"{name}.parquet" for name in TABLES]
    return pa.concat_tables([pq.read_table(file) for file in files if file.exists()])
