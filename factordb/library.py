"""The front door. `Library` holds the verbs and the questions, in the order a factor travels.

    library = Library.open(Path("library"), create=True)
    library.intake("mee-grid-co2")
    library.appraise()
    library.adopt(actor="curator", reason="single-operator run")
    library.release()

Verbs write and are made by one process at a time; questions read what is published and wait for nobody.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from factordb.deriving import Deriving
from factordb.errors import UsageError
from factordb.footprinting import Footprinting
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.questions import VERSION
from factordb.receiving import Receiving
from factordb.registering import Registering
from factordb.reviewing import Reviewing
from factordb.stages import anchor, review
from factordb.stages import appraise as appraising
from factordb.stages import rebuild as rebuilding
from factordb.stages import release as releasing
from factordb.stages import sources as register
from factordb.stages.gate import counts_of
from factordb.stages.reports import AppraisalReport, IntakeReport, RunReport, run_report
from factordb.store import history, library_file, reading
from factordb.store import records as record_store
from factordb.tracing import Tracing
from factordb.writing import Progress, silent


class Library(Reviewing, Deriving, Receiving, Tracing, Registering, Footprinting):
    """A library of factors below one folder: the verbs, and the questions asked of it and of its releases."""

    @classmethod
    def open(cls, root: Path | str, *, create: bool = False, anchored: bool = True) -> Self:
        """Return the library at `root`.

        Args:
            root: its folder.
            create: make an empty one where there is none.
            anchored: compare the ledger with its anchor; only what examines a broken ledger goes without.

        Raises:
            UsageError: there is none there and `create` is false.
            IntegrityError: the ledger is not the one that was anchored.
        """
        root = Path(root)
        library = cls(root.resolve())
        if not library.workspace.records.exists():
            anchor.refuse_lost(library.workspace)
            if not create:
                raise UsageError(
                    problem=f"there is no library at {root}",
                    remedy="make one with `factordb init`, or name another folder with --library",
                    problem_zh=f"{root} 处没有库",
                    remedy_zh="请用 `factordb init` 新建，或以 --library 指定其他目录",
                )
            library._create()
        library._anchored = anchored
        library._bring_up()
        return library

    def _create(self) -> None:
        for folder in (
            self.workspace.objects,
            self.workspace.staging,
            self.workspace.published,
            self.workspace.releases,
        ):
            folder.mkdir(parents=True, exist_ok=True)

    def _bring_up(self) -> None:
        """Bring the records' schema up, then compare the ledger in them with its anchor."""
        record_store.migrate(self._engine)
        self._anchor()

    # ── 报送 intake ──────────────────────────────────────────────────────────────────────────────────────

    def intake(
        self,
        pipeline: str | Pipeline,
        files: Sequence[Path] = (),
        *,
        actor: str = "operator",
        sources: Sequence[Source] = (),
        progress: Progress = silent,
    ) -> IntakeReport:
        """Take a source's files in; every row is staged or refused. The same files twice add nothing.

        Args:
            pipeline: a known pipeline's name, or a declaration.
            files: raw files; empty: those the pipeline names.
            actor: who submits.
            sources: further sources that a mapping file declares.
            progress: told of each step.

        Raises:
            FileProblemError: a file is missing or is not what it claims to be.
            BusyError: another process writes to the library.
        """
        declared = register.pipeline(pipeline) if isinstance(pipeline, str) else pipeline
        paths = list(files) or register.default_files(declared)
        if not paths:
            raise UsageError(
                problem=f"the pipeline {declared.name} has no file of its own",
                remedy="name the file: `factordb intake --pipeline NAME FILE`",
                problem_zh=f"管线 {declared.name} 没有自带文件",
                remedy_zh="请指定文件：`factordb intake --pipeline 名称 文件`",
            )
        known = register.as_table({**self.sources(), **{one.source_id: one for one in sources}}.values())
        return self._take_in(declared, paths, known, sources, actor=actor, progress=progress)

    # ── 评估 appraise ────────────────────────────────────────────────────────────────────────────────────

    def appraise(
        self,
        *,
        as_of: date | None = None,
        scheme: str = "cifa-ef",
        policy: str = "clause5",
        seed: int = 20260101,
        again: bool = False,
        dry_run: bool = False,
        gate: bool = False,
        actor: str = "operator",
        progress: Progress = silent,
    ) -> AppraisalReport | None:
        """Appraise the batches that wait for it; with `again`, all of them. None: nothing waits.

        Batches are also appraised anew when the rule set, the terms or the day of the last appraisal differ. With
        `gate`, Great Expectations reads the batches a second time by a suite of the same rules, and must agree.
        """
        terms = appraising.Terms(as_of or datetime.now(tz=UTC).date(), scheme, policy, seed)
        with self._writing():
            with record_store.session(self.records) as opened:
                visible = history.visible(opened)
                rows = history.batches(opened)
                hashes = {row.batch_id: row.content_hash for row in rows}
                stale = {
                    batch
                    for batch, appraisal in visible.items()
                    if again or appraisal is None or self._is_stale(history.appraisal(opened, appraisal), terms)
                }
            if not stale:
                return None
            done = appraising.appraise(
                self.workspace,
                batches=sorted(stale),
                published=self._published(),
                hashes={batch: hashes[batch] for batch in stale},
                terms=terms,
                registry=self.checks,
                sources=register.as_table(self.sources().values()),
                engine_version=VERSION,
                gate_counts=counts_of(row for row in rows if row.batch_id in stale) if gate else None,
                progress=progress,
            )
            overview = reading.overview(done.file, {row.batch_id: row.pipeline for row in rows})
            if not dry_run:
                progress("merge", 0, 1)
                library_file.merge_appraisal(self.workspace.factors, done.file, done.appraisal_id)
                with record_store.session(self.records) as opened:
                    if history.appraisal(opened, done.appraisal_id) is None:
                        history.add_appraisal(opened, appraising.appraisal_row(done), done.batches, actor=actor)
                self._publish()
            done.file.unlink(missing_ok=True)
        return AppraisalReport(
            done.appraisal_id,
            done.batches,
            done.candidates,
            done.findings,
            done.eligible,
            done.rule_set,
            dry_run,
            overview,
            done.gate,
        )

    def _is_stale(self, row: record_store.AppraisalRow | None, terms: appraising.Terms) -> bool:
        return row is None or (row.rule_set, row.as_of, row.scheme, row.policy, row.seed) != (
            self.rule_set, terms.as_of, terms.scheme, terms.policy, terms.seed,
        )  # fmt: skip

    # ── 采纳 adopt ───────────────────────────────────────────────────────────────────────────────────────

    def adopt(self, *, actor: str, reason: str) -> review.Adoption:
        """Adopt everything eligible by one declared single-operator decision.

        Raises:
            ConflictError: the rule set has changed since the appraisal.
            NotPermittedError: the library is on the reviewers' route.
        """
        self._single_operator_only()
        with self._writing():
            return review.adopt_eligible(
                self.workspace, self.records, self._published(), actor=actor, reason=reason, rule_set=self.rule_set
            )

    # ── 发布 release ─────────────────────────────────────────────────────────────────────────────────────

    def release(
        self, *, actor: str = "operator", erratum: str = "", progress: Progress = silent
    ) -> releasing.ReleaseReport:
        """Build the release of what the newest decision adopts; the same content is not released twice.

        With `erratum` the release says on its cover that it corrects the one before, and why.
        """
        with self._writing():
            self._decide_for_release(actor)
            made = releasing.build(
                self.workspace,
                self.records,
                self._published(),
                sources=self.sources(),
                titles={name: (one.title_zh, one.title_en) for name, one in self.pipelines().items()},
                engine_version=VERSION,
                actor=actor,
                progress=progress,
                erratum=erratum,
            )
            self._publish_cases()
            self.attest_release(made.release_id)
            self.publish_release(made.release_id, progress)
        return made

    # ── the whole path ───────────────────────────────────────────────────────────────────────────────────

    def run(
        self,
        *,
        as_of: date | None = None,
        scheme: str = "cifa-ef",
        policy: str = "clause5",
        seed: int = 20260101,
        dry_run: bool = False,
        gate: bool = True,
        actor: str = "operator",
        reason: str = "main job, declared single operator",
        progress: Progress = silent,
    ) -> RunReport:
        """Do the main job on every pipeline that brings its files: intake, appraisal, adoption, release."""
        self._single_operator_only()
        for name, one in self.pipelines().items():
            if one.files:
                self.intake(name, actor=actor, progress=progress)
        appraised = self.appraise(
            as_of=as_of,
            scheme=scheme,
            policy=policy,
            seed=seed,
            dry_run=dry_run,
            gate=gate,
            actor=actor,
            progress=progress,
        )
        released = None
        if not dry_run:
            self.adopt(actor=actor, reason=reason)
            released = self.release(actor=actor, progress=progress)
        return run_report(
            batches=self.batches(),
            summary=appraised.overview.summary if dry_run and appraised else self.summary(),
            held_back=appraised.overview.held_back if dry_run and appraised else self.held_back(),
            refused=self.refused(),
            released=released,
            gate=appraised.gate if appraised else None,
            policy=policy,
            actor=actor,
        )

    def rebuild(self, *, actor: str = "operator", progress: Progress = silent) -> list[str]:
        """Make the data file again from raw files and records; return the batches made again.

        Each batch is read from its own raw files through its own declaration and must come to its recorded hash.
        The appraisals are not restored: the next `appraise` makes them anew.

        Raises:
            IntegrityError: a raw file is missing or changed, or a batch comes to another hash than recorded.
        """
        with self._writing(orphans=False):
            return rebuilding.rebuild(self.workspace, self.records, self.sources(), self._publish, actor, progress)
