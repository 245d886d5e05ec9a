"""Tables that a package of ILCD or TIDAS gives besides factors, filled in pieces: exchanges, processes, modules."""

from typing import Any, Final

import pyarrow as pa

__all__ = ["EXCHANGES", "MODULES", "PROCESSES", "Columns"]

EXCHANGES: Final = pa.schema(
    [(name, pa.string()) for name in ("process", "number", "flow", "flow_name", "direction", "unit", "distribution")]
    + [("amount", pa.float64()), ("spread95", pa.float64()), ("is_reference", pa.bool_())]
)
PROCESSES: Final = pa.schema(
    [(name, pa.string()) for name in ("process", "version", "name_zh", "name_en", "type", "location", "place")]
)
MODULES: Final = pa.schema([("module", pa.string()), ("documents", pa.int64())])
"""Columns of `ReadBack.extra["modules"]`: documents by the module they are of; a dash for those nobody can read."""
_AT_ONCE: Final = 1024
"""Rows held as Python objects before they become Arrow."""


class Columns:
    """Rows that become a table in pieces, so that few of them are Python objects at one time."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        self._done: list[pa.RecordBatch] = []

    def add(self, row: dict[str, Any]) -> None:
        """Take one row."""
        self._rows.append(row)
        if len(self._rows) >= _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._done.append(pa.RecordBatch.from_pylist(self._rows, schema=self._schema))
            self._rows = []

    def table(self) -> pa.Table:
        """Return all rows."""
        self._flush()
        return pa.Table.from_batches(self._done, schema=self._schema)
