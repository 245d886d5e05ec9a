"""Tables of others as release rows, by a mapping: the same intake as a library's, into a file that is thrown away.

The IPCC's own forms have their mappings among the pipelines; any other table brings one.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa

from factordb.formats.interchange import GAS_SCHEMA, FormatFault, ReadBack
from factordb.formats.rows import release_schema
from factordb.model.pipeline import Pipeline
from factordb.model.release import FACT_COLUMNS
from factordb.model.source import Source
from factordb.paths import Workspace
from factordb.stages import sources as register
from factordb.stages.intake import take_in
from factordb.store.staged_reading import Staged, staged_tables

FORMS: Final[Mapping[str, str]] = MappingProxyType({"efdb_bulk": "efdb-bulk-form", "efdb_export": "efdb-export"})
"""Format -> pipeline that reads it."""

SUFFIXES: Final = (".csv", ".xlsx", ".xls", ".json", ".ndjson", ".parquet", ".zip")
_HEAD: Final = 1 << 16


def form_of(path: Path) -> str | None:
    """Return the form whose columns the head of a text file names; None where it is none of them."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD).decode("utf-8-sig", "replace")
    except OSError:
        return None
    forms = ((name, register.pipeline(pipeline).expect_columns) for name, pipeline in FORMS.items())
    return next((name for name, columns in forms if columns and all(column in head for column in columns)), None)


def read_table(pipeline: Pipeline, files: Sequence[Path], further: Sequence[Source] = ()) -> ReadBack:
    """Return the rows that a table gives by the mapping `pipeline`; every refusal is a fault.

    Args:
        pipeline: what its columns mean.
        files: the table, or its parts.
        further: sources that the mapping declares beside the register.

    Raises:
        FileProblemError: a file is missing or is no table with the columns of the mapping.
    """
    known = register.as_table(register.register(further).values())
    with tempfile.TemporaryDirectory(prefix="factordb-table-") as folder:
        taken = take_in(Workspace(Path(folder)), pipeline, files, known, lambda _: None)
        names = [name for name in release_schema().names if name in FACT_COLUMNS]
        return _read_back(staged_tables(taken.staged, names))


def _read_back(staged: Staged) -> ReadBack:
    schema, told = release_schema(), staged.rows
    cells = {
        field.name: told[field.name] if field.name in told.schema.names else pa.nulls(told.num_rows, field.type)
        for field in schema
    }
    rows = pa.table(cells).cast(schema)
    faults = [_fault(one) for one in staged.refused.to_pylist()]
    faults += [FormatFault("FMT055", "block", one["place"], one["factor_id"]) for one in staged.repeated.to_pylist()]
    refused = sum(fault.severity == "block" for fault in faults)
    return ReadBack(
        rows=rows,
        gases=staged.gases.cast(GAS_SCHEMA),
        faults=tuple(faults),
        datasets=rows.num_rows + refused,
        refused=refused,
    )


def _fault(one: Mapping[str, Any]) -> FormatFault:
    """Return a refusal as a fault; a record has one that counts, and its others for a person to read."""
    severity, found = "block" if one["first"] else "review", one["found"] or one["field"] or ""
    return FormatFault(one["code"], severity, one["place"] or "", found, one["expected"] or "")
