"""A pipeline's real file, taken in and asked by every rule of the first phase; looked at by SQL."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from factordb.checks import all_checks
from factordb.checks.base import asking
from factordb.model.pipeline import Pipeline
from factordb.paths import Workspace
from factordb.stages.intake import Intake, take_in
from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.sources import as_table, pipeline, register
from factordb.store.appraisal import AppraisalFile
from factordb.store.duck import opened
from factordb.store.library_file import merge_batch, publish

AS_OF = date(2026, 11, 26)


@dataclass
class Asked:
    """What intake made of a file, and what the rules found."""

    intake: Intake
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the answer of a query over candidate, gas_amount, refused and finding."""
        return self.connection.execute(query).fetchall()

    def refused(self) -> Counter[str]:
        """Return refused records by code."""
        return Counter(dict(self.rows("SELECT code, count(*) FROM refused GROUP BY code")))

    def kinds(self) -> Counter[str]:
        """Return candidates by kind of number."""
        return Counter(dict(self.rows("SELECT kind, count(*) FROM candidate GROUP BY kind")))

    def found(self, severity: str = "block") -> Counter[str]:
        """Return findings of one severity by code."""
        return Counter(
            dict(self.rows(f"SELECT code, count(*) FROM finding WHERE severity = '{severity}' GROUP BY code"))  # noqa: S608 - a word of the test
        )

    def balanced(self) -> bool:
        """Return whether every row is staged or refused."""
        counts = self.intake.counts
        return counts.rows == counts.rows_staged + counts.rows_refused


def workspace_at(folder: Path) -> Workspace:
    """Return an empty workspace."""
    workspace = Workspace(folder)
    for below in (workspace.objects, workspace.staging, workspace.published):
        below.mkdir(parents=True, exist_ok=True)
    return workspace


def take(folder: Path, declared: Pipeline | str, files: Sequence[Path]) -> Intake:
    """Return the intake of some files; the staged file stays."""
    one = pipeline(declared) if isinstance(declared, str) else declared
    return take_in(workspace_at(folder), one, files, as_table(register().values()), lambda _step: None)


def ask_rules(stack: ExitStack, folder: Path, declared: Pipeline | str, files: Sequence[Path]) -> Asked:
    """Return a file taken in and asked by every rule that needs no simulation."""
    taken = take(folder, declared, files)
    workspace = Workspace(folder)
    merge_batch(workspace.factors, taken.staged, taken.batch_id)
    published = publish(workspace.factors, workspace.published, "v1", {taken.batch_id: None})
    connection = stack.enter_context(opened(":memory:"))
    work = AppraisalFile(connection)
    work.load(published, [taken.batch_id])
    flows = work.table(FLOWS)["flow"].to_pylist()
    work.load_reference(reference_relations(as_table(register().values()), AS_OF, flows))
    registry = all_checks()
    work.execute([asking(registry, one) for one in registry.in_asking_order() if one.phase == 1])
    return Asked(taken, connection)
