"""Factors made of factors as verbs of the library: aggregation, lineage, impact of a change."""

import hashlib
import json
import math
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from factordb.derivation.sample_rules import Remark
from factordb.errors import FileProblemError, NotFoundError, UsageError
from factordb.evidence import objects
from factordb.model.aggregate_definition import AggregateDefinition, read_definition
from factordb.stages import aggregate as aggregating
from factordb.stages import impact as impacts
from factordb.stages import sources as register
from factordb.stages.aggregate_table import PIPELINE, PIPELINE_NAME, Proposal
from factordb.store import history, library_file
from factordb.store import records as record_store
from factordb.store.library_file import Published
from factordb.writing import Progress, Writing, silent

MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class AggregateReport:
    """What an aggregate comes to, and what became of it. No number of a single restricted sample is in it."""

    name: str
    name_zh: str
    name_en: str
    value: float
    unit: str
    low: float
    high: float
    u_within: float
    u_between: float
    tau: float
    """Standard deviation between samples, in the unit of the value."""
    effective: float
    coverage: float | None
    provisional: bool
    demonstration: bool
    tier: str
    scores: dict[str, float]
    samples: list[dict[str, Any]]
    """factor_id, version_id, name_zh, name_en, restricted; value, weight and share of those that are not restricted."""
    cautions: list[dict[str, str]]
    """code, severity, zh, en."""
    batch_id: str = ""
    """Empty where nothing was written."""
    factor_id: str = ""
    already: bool = False
    old: dict[str, Any] | None = None
    """value, low95, high95, version_id of the version before; change_percent and beyond of the new one against it."""


class Deriving(Writing):
    """The verbs and questions of aggregation and lineage."""

    def check_aggregate(self, definition: Path) -> AggregateReport:
        """Return what a definition comes to now, without writing anything.

        Raises:
            FileProblemError: the file cannot be read.
            UsageError: the definition has mistakes, a sample is not accepted, or samples do not fit together.
            NotPermittedError: the rule of confidentiality is broken.
        """
        content = _content(definition)
        return self._report(self._proposal(content, definition.name))

    def propose_aggregate(
        self, definition: Path, *, actor: str = "operator", progress: Progress = silent
    ) -> AggregateReport:
        """Take the aggregate of a definition in as a candidate; it is appraised and decided on like any other.

        Raises:
            FileProblemError, UsageError, NotPermittedError: as `check_aggregate`.
            BusyError: another process writes to the library.
        """
        return self._propose(_content(definition), definition.name, actor, progress)

    def repropose(
        self, factor: str, *, dry_run: bool = False, actor: str = "operator", progress: Progress = silent
    ) -> AggregateReport:
        """Make an aggregate anew from the samples that are accepted now, and return it with its difference.

        Args:
            factor: an aggregate, by any start of its identifiers.
            dry_run: only tell the difference.
            actor: who submits.
            progress: told of each step.

        Raises:
            NotFoundError: there is no such factor.
            UsageError: it is no aggregate; or as `check_aggregate`.
            NotPermittedError: as `check_aggregate`.
        """
        row = self._version(factor)
        if row["pipeline"] != PIPELINE_NAME:
            raise UsageError(
                problem=f"{factor} is no aggregate",
                remedy="`factordb lineage stale` lists what can be proposed anew",
                problem_zh=f"{factor} 不是由样本合并的因子",
                remedy_zh="`factordb lineage stale` 列出可重新提出者",
            )
        sha256 = json.loads(json.loads(row["attributes"])["aggregation"])["definition"]
        content = objects.fetch(self.workspace.objects, sha256)
        name = f"{row['source_id']}.toml"
        if dry_run:
            return self._report(self._proposal(content, name))
        return self._propose(content, name, actor, progress)

    def lineage(self, factor: str, *, limit: int = 1000) -> dict[str, list[dict[str, Any]]]:
        """Return what a factor is built on (`inputs`) and what is built on it (`used_by`), over all steps.

        Args:
            factor: by any start of its identifiers.
            limit: most edges each way; the nearest come first.

        Raises:
            NotFoundError: there is no such factor.
        """
        row = self._version(factor)
        return impacts.lineage(self._published(), self._versions(linked=True), row["factor_id"], limit)

    def impact(self, factor: str, new_value: float) -> pa.Table:
        """Return what would move if a factor took a new value: one row a moved factor, the largest move first.

        Args:
            factor: the factor that changes, by any start of its identifiers.
            new_value: its new value in its own unit.

        Raises:
            NotFoundError: there is no such factor.
            UsageError: a cycle downstream has no finite solution; names its members.
        """
        row = self._version(factor)
        return impacts.impact(self._published(), self._versions(linked=True), row, new_value)

    def stale(self, *, as_of: date | None = None) -> list[dict[str, Any]]:
        """Return the factors whose inputs have changed since they were made, with the reasons in zh and en."""
        items, batches = self._accepted()
        return impacts.stale(
            self._published(), items=items, newest_first=batches, as_of=as_of or datetime.now(tz=UTC).date()
        )

    # ── how ──────────────────────────────────────────────────────────────────────────────────────────────

    def _accepted(self) -> tuple[Path | None, list[str]]:
        """Return the list of the newest decision to adopt, and the batches, the last received first."""
        with record_store.session(self.records) as opened:
            decisions = history.decisions(opened)
            batches = [row.batch_id for row in reversed(history.batches(opened))]
        if not decisions:
            return None, batches
        objects.fetch(self.workspace.objects, decisions[-1].items_sha256)
        return objects.path_of(self.workspace.objects, decisions[-1].items_sha256), batches

    def _versions(self, *, linked: bool = False) -> str:
        return impacts.current(*self._accepted(), linked=linked)

    def _version(self, factor: str) -> dict[str, Any]:
        """Return the version of a factor that counts: by any start of an identifier of any of its versions.

        Raises:
            NotFoundError: none, or more than one factor, has it.
        """
        rows = impacts.versions_of(self._published(), self._versions(), factor)
        if len(rows) != 1:
            known = ", ".join(row["factor_id"][:10] for row in rows) or "`factordb factor search`"
            raise NotFoundError("factor", factor, known=known)
        return rows[0]

    def _proposal(self, content: bytes, name: str) -> Proposal:
        definition = _definition(content, name)
        sha256 = hashlib.sha256(content).hexdigest()
        return aggregating.propose(self._published(), self._accepted()[0], definition, sha256)

    def _propose(self, content: bytes, name: str, actor: str, progress: Progress) -> AggregateReport:
        made = self._proposal(content, name)
        before = self._report(made)
        objects.keep_bytes(self.workspace.objects, content)
        known = register.as_table({**self.sources(), made.source.source_id: made.source}.values())
        with tempfile.TemporaryDirectory(dir=self.workspace.staging) as folder:
            path = Path(folder) / f"{made.definition.source_id}.csv"
            path.write_bytes(made.table)
            taken = self._take_in(PIPELINE, [path], known, [made.source], actor=actor, progress=progress)
        if not taken.candidates:
            raise UsageError(
                problem=f"the aggregate {made.definition.name} was refused at intake",
                remedy="`factordb appraise` and the list of refused records say why",
                problem_zh=f"合并因子 {made.definition.name} 在录入时被退回",
                remedy_zh="`factordb appraise` 与退回记录会说明原因",
            )
        found = self._of(made.definition)
        return AggregateReport(
            **{**vars(before), "batch_id": taken.batch_id, "already": taken.already, "factor_id": found or ""}
        )

    def _of(self, definition: AggregateDefinition) -> str | None:
        rows = library_file.read(
            self._published(), "SELECT DISTINCT factor_id FROM candidate WHERE source_id = ?", [definition.source_id]
        )["factor_id"].to_pylist()  # fmt: skip
        return str(rows[0]) if rows else None

    def _report(self, made: Proposal) -> AggregateReport:
        found = self._of(made.definition)
        return AggregateReport(
            name=made.definition.name,
            name_zh=made.definition.name_zh,
            name_en=made.definition.name_en,
            value=made.value,
            unit=made.unit,
            low=made.low,
            high=made.high,
            u_within=made.made.u_within * made.factor,
            u_between=made.made.u_between * made.factor,
            tau=made.made.tau2**0.5 * made.factor,
            effective=made.made.effective,
            coverage=None if math.isnan(made.made.coverage) else made.made.coverage,
            provisional=made.provisional,
            demonstration=made.source.demonstration,
            tier=made.source.tier.value,
            scores=dict(made.scores),
            samples=_samples(made),
            cautions=[_words(one) for one in made.cautions],
            factor_id=found or "",
            old=self._difference(self._published(), found, made.value) if found else None,
        )

    def _difference(self, published: Published, factor_id: str, value: float) -> dict[str, Any] | None:
        rows = impacts.interval_of(published, self._versions(), factor_id)
        if not rows:
            return None
        old = rows[0]
        known = old["low95"] is not None
        old["change_percent"] = 100 * (value - old["value"]) / abs(old["value"]) if old["value"] else None
        old["beyond"] = not old["low95"] <= value <= old["high95"] if known else None
        return old


def _samples(made: Proposal) -> list[dict[str, Any]]:
    """Return the samples; of restricted ones only what names them."""
    found = []
    for one, weight in zip(made.samples, made.made.weights, strict=True):
        told: dict[str, Any] = {
            "factor_id": one.factor_id, "version_id": one.version_id, "restricted": one.restricted,
            "name_zh": "", "name_en": "", "value": None, "weight": None, "share": None,
        }  # fmt: skip
        if not one.restricted:
            told |= {
                "name_zh": one.name_zh, "name_en": one.name_en, "value": one.value * made.factor,
                "weight": None if math.isnan(one.weight) else one.weight, "share": float(weight),
            }  # fmt: skip
        found.append(told)
    return found


def _words(one: Remark) -> dict[str, str]:
    return {"code": one.code, "severity": one.severity, "zh": one.words("zh"), "en": one.words("en")}


def _content(path: Path) -> bytes:
    """Return the bytes of a definition file.

    Raises:
        FileProblemError: it is missing, unreadable or too large to be a definition.
    """
    try:
        if path.stat().st_size <= MAX_BYTES:
            return path.read_bytes()
    except OSError as fault:
        raise FileProblemError(
            path,
            problem="there is no such file that can be read",
            remedy="check the path; data/aggregates holds an example",
            problem_zh="没有可读的此文件",
            remedy_zh="请检查路径；data/aggregates 中有示例",
        ) from fault
    raise FileProblemError(
        path,
        problem="is larger than a definition can be (1 MiB)",
        remedy="name the definition file, not the data",
        problem_zh="超过定义文件的上限（1 MiB）",
        remedy_zh="请指定定义文件，而非数据文件",
    )


def _definition(content: bytes, name: str) -> AggregateDefinition:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise FileProblemError(
            name,
            problem="is not UTF-8 text",
            remedy="save it as UTF-8",
            problem_zh="不是 UTF-8 文本",
            remedy_zh="请另存为 UTF-8",
        ) from fault
    return read_definition(text, name)
