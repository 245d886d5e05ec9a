"""Intake (报送): a source's table becomes candidates in a staging file; every row is staged or refused.

Raw files go into the object store first and are never changed. The batch's name is the hash of what went in, so the
same file through the same pipeline is the same batch, and nothing is added twice.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from factordb import units, values
from factordb.evidence import objects
from factordb.expression import Expression
from factordb.formats import tabular
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.reference import tables
from factordb.store.library_file import content_hash
from factordb.store.records import BatchRow, now
from factordb.store.staging import BatchCounts, Staging, staging

Progress: TypeAlias = Callable[[str], None]
"""Called with the name of each step as it begins."""


@dataclass(frozen=True)
class Intake:
    """What an intake brought, and where it is staged."""

    batch_id: str
    pipeline: str
    source_id: str
    inputs: tuple[dict[str, object], ...]
    declared: str
    """sha256 of the pipeline's declaration, kept as an object: the batch can be read again as it was read."""
    counts: BatchCounts
    content_hash: str
    staged: Path
    notes: tuple[tabular.Note, ...]


def batch_id_of(pipeline: Pipeline, hashes: Sequence[str]) -> str:
    """Return the batch's name: hash of the pipeline's declaration and of the files, in order."""
    return hashlib.sha256("\n".join((pipeline.declared(), *hashes)).encode()).hexdigest()[:16]


def take_in(
    workspace: Workspace, pipeline: Pipeline, files: Sequence[Path], sources: pa.Table, progress: Progress
) -> Intake:
    """Stage the records of some files and return the counts.

    Args:
        workspace: the library's files; the staging file is written there, the library itself is not touched.
        pipeline: what the columns mean.
        files: raw files, in order.
        sources: the source register, one row a source.
        progress: told of each step.

    Raises:
        FileProblemError: a file is missing or is not what it claims to be.
    """
    inputs = []
    for path in files:
        sha256 = objects.keep(workspace.objects, path)
        inputs.append({"file": path.name, "sha256": sha256, "bytes": path.stat().st_size})
    batch_id = batch_id_of(pipeline, [str(one["sha256"]) for one in inputs])
    staged = workspace.staging / f"batch-{batch_id}.duckdb"
    progress("read")
    raw = tabular.read_many(
        files,
        sheet=pipeline.sheet,
        header_row=pipeline.header_row,
        member=pipeline.member,
        expect_columns=pipeline.expect_columns,
    )
    with staging(staged, pipeline, batch_id) as stage:
        try:
            stage.load_raw(raw.reader())
        finally:
            raw.raise_failure()
        stage.load_damaged(raw.damaged_table())
        stage.correct()
        layout = raw.layout or {raw.file: raw.columns}
        stage.tidy(raw.columns, layout, raw.header_row)
        stage.inputs(layout, raw.header_row)
        progress("grammars")
        _read_grammars(stage, pipeline, sources)
        progress("candidates")
        counts = stage.fill()
        digest = content_hash(stage.connection)
    return Intake(
        batch_id=batch_id,
        pipeline=pipeline.name,
        source_id=pipeline.source,
        inputs=tuple(inputs),
        declared=objects.keep_bytes(workspace.objects, pipeline.declared().encode()),
        counts=counts,
        content_hash=digest,
        staged=staged,
        notes=tuple(raw.notes),
    )


def batch_row(taken: Intake, sources: Sequence[Source]) -> BatchRow:
    """Return the record of an intake: what makes its batch visible."""
    counts = taken.counts
    inputs = {
        "files": list(taken.inputs),
        "pipeline": taken.declared,
        "sources": [one.model_dump(mode="json") for one in sources],
    }
    return BatchRow(
        batch_id=taken.batch_id,
        pipeline=taken.pipeline,
        source_id=taken.source_id,
        inputs=json.dumps(inputs, sort_keys=True, ensure_ascii=False),
        rows_in=counts.rows,
        rows_staged=counts.rows_staged,
        rows_refused=counts.rows_refused,
        records=counts.records,
        candidates=counts.candidates,
        refused=counts.refused,
        content_hash=taken.content_hash,
        received_on=now(),
    )


def _read_grammars(stage: Staging, pipeline: Pipeline, sources: pa.Table) -> None:
    glued = stage.glued()
    if glued:
        stage.unglue(values.split_many(glued))
    stage.load_numbers(values.parse_many(stage.number_texts(), decimal="," if pipeline.decimal == "," else "."))
    pairs = stage.unit_texts()
    gas_units = sorted({gas.unit for record in pipeline.records for gas in record.gases})
    stage.load_grammar(
        units=units.parse_many([text for text, _ in pairs], gases=[gas for _, gas in pairs]),
        gas_units=units.parse_many(gas_units),
        derived=_derived(stage),
        tables={"source": sources, "region": tables.region_aliases()},
    )


def _derived(stage: Staging) -> pa.Table:
    parts = [_derived_of(stage, expression) for expression in stage.expressions()]
    empty = pa.table(
        {
            "_file": pa.array([], pa.string()),
            "_row": pa.array([], pa.int64()),
            "record": pa.array([], pa.string()),
            "value": pa.array([], pa.float64()),
        }
    )
    return pa.concat_tables([empty, *parts])


def _derived_of(stage: Staging, expression: str) -> pa.Table:
    formula = Expression.parse(expression)
    wide = stage.recipe_table(expression)
    inputs: Mapping[str, np.ndarray] = {name: wide[name].to_numpy() for name in formula.names}
    value = np.asarray(formula.evaluate(inputs), dtype=float)
    number = pa.array(value, pa.float64(), mask=~np.isfinite(value))
    return wide.select(["_file", "_row", "record"]).append_column("value", number)
