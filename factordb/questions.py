"""The questions a library answers. They read what is published, change nothing and wait for nobody."""

import json
from datetime import UTC, datetime
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

from factordb.checks import all_checks
from factordb.checks.base import Registry, outcomes_of
from factordb.errors import NotFoundError, UsageError
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.stages import anchor, compare
from factordb.stages import appraise as appraising
from factordb.stages import sources as register
from factordb.stages.explain import explained
from factordb.store import board, doctor, history, library_file, reading, related
from factordb.store import records as record_store
from factordb.store.library_file import Published

VERSION = metadata.version("factordb")


class Questions:
    """What can be asked of the library below one folder."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root)
        self._anchored = True
        self._seen: anchor.Seen | None = None

    @cached_property
    def _engine(self) -> Any:
        made = record_store.engine(record_store.url_of(self.workspace.records))
        record_store.after_each_session(made, self._anchor)
        return made

    @property
    def records(self) -> Any:
        """The engine of the transactional records, after their ledger was compared with its anchor."""
        self._anchor()
        return self._engine

    def _anchor(self) -> None:
        """Compare the ledger with its anchor, and move the anchor after the newest event."""
        if self._anchored:
            self._seen = anchor.guard(self.workspace, self._engine, self._seen)

    @cached_property
    def checks(self) -> Registry:
        """The checks of this program and of installed packages."""
        return all_checks()

    @property
    def rule_set(self) -> str:
        """Version of checks, reference tables and engine together."""
        return appraising.rule_set_of(self.checks, VERSION)

    def sources(self) -> dict[str, Source]:
        """Return the source register: the workshop's, and what mapping files declared at intake."""
        with record_store.session(self.records) as opened:
            declared = [json.loads(row.inputs)["sources"] for row in history.batches(opened)]
        return register.register(Source.model_validate(facts) for batch in declared for facts in batch)

    def pipelines(self) -> dict[str, Pipeline]:
        """Return the known pipelines by name."""
        return register.pipelines()

    def batches(self) -> list[dict[str, Any]]:
        """Return recorded batches, oldest first."""
        with record_store.session(self.records) as opened:
            return [row.model_dump(mode="json") for row in history.batches(opened)]

    def releases(self) -> list[dict[str, Any]]:
        """Return recorded releases, oldest first."""
        with record_store.session(self.records) as opened:
            return [row.model_dump(mode="json") for row in history.releases(opened)]

    def diff_releases(self, old: str, new: str) -> compare.Difference:
        """Return what differs between two releases: values in physical units, ratings, intervals, status, reasons.

        Raises:
            NotFoundError: one of them is not recorded here.
            IntegrityError: one of them cannot be read.
        """
        return compare.diff_releases(*(self._release_folder(name) for name in (old, new)))

    def cite_factor(self, name: str, release: str = "") -> dict[str, str]:
        """Return how to cite a released factor, zh (GB/T 7714) and en, by release, factor and version id.

        Args:
            name: factor or version id, or its beginning.
            release: the release it is cited from; the newest that holds it where none is named.

        Raises:
            NotFoundError: no release holds it, or more than one factor has it.
        """
        named = [release] if release else [row["release_id"] for row in reversed(self.releases())]
        cited = (compare.cite(self._release_folder(one), name) for one in named)
        found = next((one for one in cited if one is not None), None)
        if found is None:
            raise NotFoundError("factor", name, known=", ".join(named) or "—")
        return found

    def _release_folder(self, release_id: str) -> Path:
        known = [row["release_id"] for row in self.releases()]
        if release_id not in known:
            raise NotFoundError("release", release_id, known=", ".join(known) or "—")
        return self.workspace.releases / release_id

    def events(self, limit: int = 200) -> list[dict[str, Any]]:
        """Return the newest events, newest first."""
        with record_store.session(self.records) as opened:
            return [row.model_dump(mode="json") for row in history.events(opened, limit)]

    def version(self) -> str:
        """Return the name of the published read model: changes whenever anything visible changes."""
        published = library_file.current(self.workspace.published)
        return published.folder.name if published else ""

    def queue(self, **filters: Any) -> pa.Table:
        """Return candidates with verdict, rating and reasons; filters as in `store.reading.queue`."""
        return reading.queue(self._published(), **filters)

    def queue_facets(self) -> dict[str, Any]:
        """Return what the queue can be narrowed by, with counts by verdict."""
        return board.queue_facets(self._published())

    def summary(self) -> pa.Table:
        """Return one row a batch: candidates by verdict, eligible ones, refused records."""
        return reading.summary_by_batch(self._published(), self._pipeline_names())

    def held_back(self) -> pa.Table:
        """Return what holds candidates back, by pipeline and code."""
        return reading.held_back(self._published())

    def refused(self) -> pa.Table:
        """Return refused records by pipeline, code and what was found."""
        return reading.refused_by_code(self._published(), self._pipeline_names())

    def _pipeline_names(self) -> dict[str, str]:
        with record_store.session(self.records) as opened:
            return {row.batch_id: row.pipeline for row in history.batches(opened)}

    def versions(self, factor_id: str) -> pa.Table:
        """Return every candidate that carries a factor: its versions, one row each."""
        return related.versions(self._published(), factor_id)

    def similar(self, candidate_id: str, limit: int = 20) -> pa.Table:
        """Return factors like a candidate: same gas, unit and product; nearest place and year first."""
        return related.similar(self._published(), candidate_id, limit)

    def findings_at_cells(self, limit: int = 20_000) -> tuple[pa.Table, pa.Table]:
        """Return refused records and findings with their places; at most `limit` of each."""
        return board.at_cells(self._published(), limit)

    def rule_counts(self) -> pa.Table:
        """Return how often each rule was kept, broken, not asked."""
        return board.rule_counts(self._published())

    def quality(self, year: int) -> dict[str, pa.Table]:
        """Return the tables of the quality board: coverage, ages at `year`, sureness, bands, broken rules."""
        shown = self._published()
        return {
            "coverage": board.coverage(shown),
            "ages": board.ages(shown, year),
            "sureness": board.sureness(shown),
            "bands": board.bands(shown),
            "broken_rules": board.broken_rules(shown),
        }

    def factor(self, name: str) -> dict[str, list[dict[str, Any]]]:
        """Return everything about one factor: row, gases, inputs, findings, uncertainty, assessment, outcomes.

        Args:
            name: candidate, factor or version id, or its beginning.

        Raises:
            NotFoundError: no candidate, or more than one, has it.
        """
        published = self._published()
        hits = reading.resolve(published, name)
        if len(hits) != 1:
            raise NotFoundError("factor", name, known=", ".join(hits[:5]) if hits else "`factordb factor search`")
        parts = {key: table.to_pylist() for key, table in reading.one(published, hits[0]).items()}
        asked = library_file.read(published, self._outcomes_sql(hits[0], published))
        return {**parts, "outcome": asked.to_pylist()}

    def _outcomes_sql(self, candidate_id: str, published: Published) -> str:
        del published  # the relations the grounds name are views of the read model
        return outcomes_of(self.checks, f"'{candidate_id}'")

    def explain(self, name: str) -> dict[str, Any]:
        """Return in words how a factor's number, interval, rating and verdict came about; zh and en."""
        return explained(self.factor(name), self.checks, self.sources())

    def pace(self) -> list[dict[str, Any]]:
        """Return how long candidates of each verdict have waited, and what for (clause (五): 及时纳入)."""
        with record_store.session(self.records) as opened:
            received = history.times(opened)
        return reading.pace(self._published(), received, datetime.now(tz=UTC))

    def strict_exit_code(self) -> int:
        """Return 3 where some candidate has a broken `block`, 4 where there are only input gaps, else 0."""
        verdicts = set(self.summary_of_verdicts())
        return 3 if "fail" in verdicts else 4 if "insufficient" in verdicts else 0

    def summary_of_verdicts(self) -> dict[str, int]:
        """Return verdict -> candidates."""
        rows = library_file.read(self._published(), "SELECT verdict, count(*) AS n FROM assessment GROUP BY verdict")
        return {row["verdict"]: row["n"] for row in rows.to_pylist()}

    def health(self, *, deep: bool = False) -> list[doctor.Symptom]:
        """Return what is wrong with the stores; empty: nothing."""
        with record_store.session(self.records) as opened:
            recorded = {row.batch_id: row.content_hash for row in history.batches(opened)}
            appraised = {row.appraisal_id: row.candidates for row in history.newest_appraisals(opened)}
        return doctor.examine(self.workspace, recorded, appraised, deep=deep)

    def _published(self) -> Published:
        published = library_file.current(self.workspace.published)
        if published is None:
            raise UsageError(
                problem="the library is empty",
                remedy="take something in with `factordb intake` or `factordb run`",
                problem_zh="库中尚无内容",
                remedy_zh="请先用 `factordb intake` 或 `factordb run` 录入",
            )
        return published
