"""Release (发布): what a decision adopts becomes a data package on disk that nobody can change unnoticed.

Every date inside comes from the appraisal's day, rows have a fixed order, nothing reads the clock: the same inputs,
seed and versions give the same bytes.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.errors import ConflictError, UsageError
from factordb.evidence import objects
from factordb.formats import manifest
from factordb.formats.changes import change_counts
from factordb.formats.departed import GONE
from factordb.formats.release_folder import finish_release
from factordb.formats.report import ReportContent, write_report
from factordb.formats.tables import write_tables
from factordb.model.release import TABLES, ApprovalMode, ReleaseFacts
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.reference import tables as reference
from factordb.stages.release_report import Titles, held_back, pipeline_counts, withheld
from factordb.stages.release_tables import Spoken, Tables, gather, old_rows
from factordb.stages.sources import as_table
from factordb.store import cases, history, reading
from factordb.store.departures import departures
from factordb.store.library_file import Published
from factordb.store.records import AppraisalRow, DecisionRow, Engine, ReleaseRow, Session, now, session

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""

JSON_LIMIT = 200_000
"""Rows up to which JSON documents are written: a million would be 1.6 GB."""
XLSX_LIMIT = 200_000
"""Rows of a table in the workbook; its read-me sheet names where the rest is."""


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
    erratum: str = "",
) -> ReleaseReport:
    """Build the release of what the newest decision adopts; with `erratum`, as a correction of the release before.

    Raises:
        UsageError: nothing has been decided yet, or an erratum has nothing to correct.
        ConflictError: the appraisals the decision was taken on are not the newest any more.
    """
    with session(records) as opened:
        decisions, releases = history.decisions(opened), history.releases(opened)
        newest, batches = history.newest_appraisals(opened), history.batches(opened)
        spoken = _spoken(opened, decisions, releases)
        before = opened.get(DecisionRow, releases[-1].decision_id) if releases else None
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
    items = objects.path_of(workspace.objects, decision.items_sha256)
    objects.fetch(workspace.objects, decision.items_sha256)
    digest = _content_hash(decision, newest, [sources[one] for one in reading.adopted_sources(published, items)
                                              if one in sources])  # fmt: skip
    same = base is not None and base.content_hash == digest
    if erratum and (base is None or same):
        raise _nothing_to_correct(base)
    # what a single operator released and people reviewed since is another release, though no value differs
    if base and same and before is not None and before.mode == decision.mode:
        return _existing(workspace, base)
    facts = _facts(decision, newest, releases, engine_version, erratum)
    old = old_rows(workspace.releases / base.release_id) if base else None
    progress("release", 0, 3)
    tables = gather(published, items, facts, old=old, sources=sources, spoken=spoken)
    progress("release", 1, 3)

    def report(heads: Mapping[str, pa.Table], counts: Mapping[str, int]) -> ReportContent:
        return ReportContent(
            facts=facts,
            pipelines=pipeline_counts(published, items, batches, titles, sources),
            held_back=held_back(published, newest[-1].policy, sources),
            counts=counts,
            heads=heads,
            changes=tables.others["changes"],
            sources=tables.others["sources"],
            withheld=withheld(tables.others["withheld"]),
            overrides=tables.others["overrides"].num_rows if "overrides" in tables.others else 0,
        )

    made = _write(workspace, facts, tables, report, progress)
    _record(records, facts, decision, made, digest, actor)
    return made


def _record(
    records: Engine, facts: ReleaseFacts, decision: DecisionRow, made: ReleaseReport, digest: str, actor: str
) -> None:
    """Record that a release was built: its row and its event in one transaction."""
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
        said: dict[str, object] = {
            "counts": dict(made.counts),
            "decision_id": decision.decision_id,
            "manifest_sha256": digest_of_manifest,
            **({"corrects": facts.corrects, "erratum": facts.erratum} if facts.corrects else {}),
        }
        history.record(opened, "released", facts.release_id, actor=actor, facts=said)


def _spoken(opened: Session, decisions: list[DecisionRow], releases: list[ReleaseRow]) -> Spoken:
    base = releases[-1].release_id if releases else None
    decision = decisions[-1].decision_id if decisions else ""
    return Spoken(cases.reasons(opened, base), departures(opened, GONE), cases.overrides_table(opened, decision))


def _nothing_to_correct(base: ReleaseRow | None) -> UsageError:
    named = base.release_id if base else "—"
    return UsageError(
        problem=f"nothing differs from release {named}: an erratum corrects something",
        remedy="take the corrected values in, appraise and adopt, then build the erratum",
        problem_zh=f"与发布 {named} 没有任何不同：更正版本须有所更正",
        remedy_zh="请先录入更正后的数值，评估并采纳，再构建更正版本",
    )


def _content_hash(decision: DecisionRow, newest: list[AppraisalRow], sources: list[Source]) -> str:
    """Return the hash of all that a release is made of: what was decided on, and what its sources allow."""
    facts = as_table(sources).to_pylist() if sources else []
    parts = (decision.items_sha256, decision.rule_set, *sorted(row.content_hash for row in newest),
             *sorted(str(row.as_of) for row in newest), json.dumps(facts, sort_keys=True, default=str),
             json.dumps(reference.toml("licence/export"), sort_keys=True, default=str))  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _existing(workspace: Workspace, row: ReleaseRow) -> ReleaseReport:
    path = workspace.releases / row.release_id
    return ReleaseReport(row.release_id, path, _counts(path), MappingProxyType({}), already=True)


def _counts(path: Path) -> dict[str, int]:
    files = {name: path / "data" / f"{name}.parquet" for name in TABLES}
    return {name: pq.read_metadata(file).num_rows if file.exists() else 0 for name, file in files.items()}


def _facts(
    decision: DecisionRow, newest: list[AppraisalRow], releases: list[ReleaseRow], engine_version: str, erratum: str
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
        corrects=releases[-1].release_id if erratum else None,
        erratum=erratum,
        counts=MappingProxyType({"candidates": sum(row.candidates for row in newest), "adopted": decision.items}),
    )


def _write(
    workspace: Workspace,
    facts: ReleaseFacts,
    tables: Tables,
    report: Callable[[Mapping[str, pa.Table], Mapping[str, int]], ReportContent],
    progress: Progress,
) -> ReleaseReport:
    building = workspace.releases / f".{facts.release_id}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    written = write_tables(
        tables.rows,
        building,
        facts,
        others=tables.others,
        with_json=tables.rows.num_rows <= JSON_LIMIT,
        xlsx_rows=XLSX_LIMIT,
    )
    write_report(building / "report.html", report(written.heads, written.counts))
    finish_release(building, facts, counts=written.counts, others=tables.others)
    progress("release", 2, 3)
    final = workspace.releases / facts.release_id
    shutil.rmtree(final, ignore_errors=True)  # unrecorded: left by a run that was interrupted before its record
    building.replace(final)
    progress("release", 3, 3)
    changed = change_counts(tables.others["changes"])
    return ReleaseReport(facts.release_id, final, written.counts, changed, already=False)
