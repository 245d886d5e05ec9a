"""Rebuilding the data file: DuckDB holds nothing that raw files and records could not make again."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from factordb.errors import IntegrityError
from factordb.evidence import objects
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.stages.intake import take_in
from factordb.stages.sources import as_table
from factordb.store import history, library_file
from factordb.store.records import Engine, session

Progress = Callable[[str, int, int], None]


def rebuild(
    workspace: Workspace,
    records: Engine,
    sources: Mapping[str, Source],
    publish: Callable[[], None],
    actor: str,
    progress: Progress,
) -> list[str]:
    """Read every recorded batch again into a new data file, put it in place, and return the batches.

    Raises:
        IntegrityError: a raw file is missing or changed, or a batch comes to another hash than recorded.
    """
    with session(records) as opened:
        rows = [(row.batch_id, json.loads(row.inputs), row.content_hash) for row in history.batches(opened)]
    fresh = workspace.staging / "rebuilt.duckdb"
    fresh.unlink(missing_ok=True)
    known = as_table(sources.values())
    for done, (batch_id, inputs, recorded) in enumerate(rows):
        progress("rebuild", done, len(rows))
        pipeline = Pipeline.from_declared(objects.fetch(workspace.objects, inputs["pipeline"]).decode())
        with tempfile.TemporaryDirectory(dir=workspace.staging) as folder:
            files = []
            for one in inputs["files"]:
                path = Path(folder) / one["file"]
                path.write_bytes(objects.fetch(workspace.objects, one["sha256"]))
                files.append(path)
            taken = take_in(workspace, pipeline, files, known, lambda _step: None)
        if (taken.batch_id, taken.content_hash) != (batch_id, recorded):
            raise IntegrityError(
                problem=f"batch {batch_id} comes to another content than recorded",
                remedy="rebuild with the version of factordb that took it in, or take the files in anew",
                problem_zh=f"批次 {batch_id} 重建后的内容与记录不符",
                remedy_zh="请用当初录入时的 factordb 版本重建，或重新录入该文件",
            )
        library_file.merge_batch(fresh, taken.staged, batch_id)
        taken.staged.unlink(missing_ok=True)
    if rows:
        workspace.factors.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        fresh.replace(workspace.factors)
        with session(records) as opened:
            facts = {"batches": [batch_id for batch_id, _, _ in rows]}
            history.record(opened, "rebuilt", "factors", actor=actor, facts=facts)
        publish()
    progress("rebuild", len(rows), len(rows))
    return [batch_id for batch_id, _, _ in rows]
