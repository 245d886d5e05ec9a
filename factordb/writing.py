"""What every verb that writes stands on: one writer at a time, orphans removed first, the read model published last."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from factordb.errors import BusyError, NotPermittedError
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.questions import Questions
from factordb.stages import intake as taking_in
from factordb.stages import route
from factordb.stages.reports import IntakeReport
from factordb.store import doctor, history, library_file, listing, people, room
from factordb.store import records as record_store

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done, and how much there is."""


def silent(_step: str, _done: int, _total: int) -> None:
    """Report progress to nobody."""


class Writing(Questions):
    """A library that may be written by one process at a time."""

    @contextmanager
    def _writing(self, *, orphans: bool = True) -> Iterator[None]:
        lock = FileLock(self.workspace.lock, timeout=2)
        holder = self.workspace.lock.with_suffix(".holder")
        try:
            with lock:
                with self._told_of_a_full_disk():
                    holder.write_text(
                        json.dumps({"pid": os.getpid(), "since": datetime.now(tz=UTC).isoformat()}), encoding="utf-8"
                    )
                    if orphans:
                        self._remove_orphans()
                    yield
                holder.unlink(missing_ok=True)
        except Timeout as error:
            who = doctor.holder_words(holder)
            raise BusyError(
                problem=f"the library is being written by {who}",
                remedy="wait until it has finished, then run the command again",
                problem_zh=f"库正由 {who} 写入",
                remedy_zh="请等待其结束后重新运行本命令",
            ) from error

    @contextmanager
    def _told_of_a_full_disk(self) -> Iterator[None]:
        """Turn a full disk, in whoever's words, into one sentence, and give back the room of what was begun."""
        try:
            yield
        except Exception as fault:
            full = room.no_room(fault, self.workspace)
            if full is None:
                raise
            room.give_back(self.workspace)
            raise full from fault

    def _may_submit(self, actor: str) -> None:
        """Refuse who may not bring data: on the reviewers' route a submitter does, as the stored rows say.

        Raises:
            NotPermittedError: `actor` is nobody of this library, or no submitter of it.
        """
        with record_store.session(self.records) as opened:
            if people.mode(opened) == people.REVIEWED and "submitter" not in route.person(opened, actor).roles:
                raise NotPermittedError(
                    problem=f"{actor} is no submitter of this library",
                    remedy="name a submitter with --actor; the administrator gives roles with `factordb review person`",
                    problem_zh=f"{actor} 不是本库的报送人",
                    remedy_zh="请以 --actor 指明报送人；角色由管理员用 `factordb review person` 授予",
                )

    def _take_in(
        self,
        pipeline: Pipeline,
        files: Sequence[Path],
        known: pa.Table,
        sources: Sequence[Source],
        *,
        actor: str,
        progress: Progress,
    ) -> IntakeReport:
        """Stage, merge, record and publish a batch; the same files through the same pipeline add nothing.

        Args:
            pipeline: what the columns mean.
            files: raw files.
            known: the source register as rows, `sources` among them.
            sources: those that this batch declares itself: kept with its record.
            actor: who submits.
            progress: told of each step.

        Raises:
            NotPermittedError: on the reviewers' route `actor` is no submitter.
        """
        self._may_submit(actor)
        with self._writing():
            taken = taking_in.take_in(self.workspace, pipeline, files, known, lambda step: progress(step, 0, 1))
            with record_store.session(self.records) as opened:
                already = history.batch(opened, taken.batch_id) is not None
            if not already:
                progress("merge", 0, 1)
                library_file.merge_batch(self.workspace.factors, taken.staged, taken.batch_id)
                with record_store.session(self.records) as opened:
                    history.add_batch(opened, taking_in.batch_row(taken, sources), actor=actor)
                self._publish()
            taken.staged.unlink(missing_ok=True)
        notes = tuple((note.zh, note.en) for note in taken.notes)
        return IntakeReport(taken.batch_id, pipeline.name, already, **asdict(taken.counts), notes=notes)

    def _remove_orphans(self) -> None:
        """Remove what an interrupted run left: batches nobody recorded, staging files of finished appraisals."""
        with record_store.session(self.records) as opened:
            visible = set(history.visible(opened))
            recorded = {row.batch_id: (row.candidates, row.refused) for row in history.batches(opened)}
            appraised = {row.appraisal_id: row.candidates for row in history.newest_appraisals(opened)}
        if self.workspace.factors.exists():
            doctor.remove_orphans(self.workspace.factors, visible)
        doctor.refuse_lost(self.workspace.factors, recorded, appraised)
        for path in self.workspace.staging.glob("appraisal-*"):
            path.unlink(missing_ok=True)
        for folder in (*self.workspace.published.glob(".*.building"), *self.workspace.releases.glob(".*.building")):
            shutil.rmtree(folder, ignore_errors=True)
        with record_store.session(self.records) as opened:
            newest = history.newest_change(opened)
        if self.workspace.factors.exists() and newest > int(self.version().removeprefix("v") or 0):
            self._publish()  # a run was interrupted between its record and the read model

    def _publish(self) -> None:
        with record_store.session(self.records) as opened:
            visible = history.visible(opened)
            newest = history.events(opened, 1)[0].event_id
        version = f"v{newest:08d}"
        library_file.publish(self.workspace.factors, self.workspace.published, version, visible, listing.write)
        doctor.drop_old_versions(self.workspace.published, keep=3)
