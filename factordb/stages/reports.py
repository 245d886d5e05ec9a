"""What a run of the main job tells its user: sources, what was held back and why, what was promoted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factordb.model.release import TABLES
from factordb.stages.gate import GateReport
from factordb.stages.release import ReleaseReport
from factordb.stages.words import reason_text
from factordb.store.reading import Overview

EXCERPT = 12
"""Promoted rows shown on the console; all of them are in the release."""


@dataclass(frozen=True)
class IntakeReport:
    """What an intake brought. `already` says that the same files went in before, and nothing was added."""

    batch_id: str
    pipeline: str
    already: bool
    rows: int
    rows_staged: int
    rows_refused: int
    records: int
    candidates: int
    refused: int
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class AppraisalReport:
    """What an appraisal came to."""

    appraisal_id: str
    batches: tuple[str, ...]
    candidates: int
    findings: int
    eligible: int
    rule_set: str
    dry_run: bool
    overview: Overview
    gate: GateReport | None = None


@dataclass(frozen=True)
class RunReport:
    """What the main job came to; rows are ready to be printed or turned into JSON."""

    sources: list[dict[str, Any]]
    held_back: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    promoted_head: list[dict[str, Any]]
    actor: str
    release: ReleaseReport | None
    gate: GateReport | None
    """The gate's result and pages; None where it was left out or nothing was appraised."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        made = self.release
        return {
            "sources": self.sources,
            "held_back": self.held_back,
            "refused": self.refused,
            "gate": None
            if self.gate is None
            else {
                "expectations": self.gate.expectations,
                "broken": self.gate.broken,
                "pages": {lang: str(page) for lang, page in self.gate.pages.items()},
            },
            "approval": {"mode": "single-operator", "actor": self.actor},
            "release": None
            if made is None
            else {"id": made.release_id, "path": str(made.path), "counts": dict(made.counts), "already": made.already},
        }


def run_report(
    *,
    batches: Iterable[dict[str, Any]],
    summary: pa.Table,
    held_back: pa.Table,
    refused: pa.Table,
    released: ReleaseReport | None,
    gate: GateReport | None,
    policy: str,
    actor: str,
) -> RunReport:
    """Return the report of a run.

    Args:
        batches: recorded batches.
        summary: candidates by verdict, a row a batch.
        held_back: pipeline, code, candidates, example.
        refused: refused records by pipeline, code and what was found.
        released: the release, or None after a dry run.
        gate: what the Great Expectations gate found, if it was asked.
        policy: name of the promotion policy, whose limits are quoted.
        actor: who decided.
    """
    by_batch = {row["batch_id"]: row for row in summary.to_pylist()}
    sources = []
    for batch in batches:
        found = by_batch.get(batch["batch_id"], {})
        sources.append(
            {
                "pipeline": batch["pipeline"],
                "batch_id": batch["batch_id"],
                "rows": batch["rows_in"],
                "staged": batch["rows_staged"],
                "refused": batch["rows_refused"],
                "candidates": batch["candidates"],
                **{name: found.get(name, 0) for name in ("pass", "needs_person", "insufficient", "fail")},
                "promoted": found.get("eligible", 0),
            }
        )
    return RunReport(
        sources=sorted(sources, key=lambda row: (row["pipeline"], row["batch_id"])),
        held_back=[row | reason_text(row["code"], policy=policy) for row in held_back.to_pylist()],
        refused=[row | reason_text(row["code"], found=row["found"]) for row in refused.to_pylist()],
        promoted_head=_head(released) if released else [],
        actor=actor,
        release=released,
        gate=gate,
    )


def _head(released: ReleaseReport) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    columns = ["name_zh", "name_en", "value_text", "unit", "shortest_low95", "shortest_high95", "basis", "dqr"]
    share = EXCERPT // len(TABLES)
    for name in TABLES:
        path = released.path / "data" / f"{name}.parquet"
        if path.exists():
            rows += pq.read_table(path, columns=columns).slice(0, share).to_pylist()
    for row in rows:
        row["interval"] = f"[{row['shortest_low95']:.4g}, {row['shortest_high95']:.4g}]"
        row["dqr"] = "" if row["dqr"] is None else f"{row['dqr']:.2f}"
    return rows
