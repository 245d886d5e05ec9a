"""Columns of raw tables as arrays, and which instrument read them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from factordb.checks.package.context import Context
from factordb.checks.package.reading import text
from factordb.model.submission import Package, Row

__all__ = ["ZONE", "cells_of", "column_named", "numbers_of", "readings_of", "times_of"]

Array = NDArray[np.float64]
ZONE: Final = r"(?:Z|[+-]\d{2}:?\d{2})$"
"""How a time stamp ends that names its zone."""
_PLAIN: Final = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"


def readings_of(package: Package) -> Iterator[tuple[str, str, str]]:
    """Yield (table, column, instrument) of every column of raw tables that names the instrument which read it."""
    for row in package.table("raw"):
        for pair in text(row, "instrument_ids").replace("；", ";").split(";"):
            column, _, instrument = (part.strip() for part in pair.partition("="))
            # `co2` alone is a column called as its instrument
            if column:
                yield text(row, "table_id"), column, instrument or column


def cells_of(context: Context, table: str, column: str) -> pa.Array | None:
    """Return a column as strings, null where empty; None where the table lacks it."""
    columns = context.table(table)
    if column not in columns:
        return None
    cells = columns[column]
    if isinstance(cells, pa.Array):
        return cells
    return context.once(f"{table}/{column}", lambda: pa.array(cells, pa.string()))


def numbers_of(context: Context, table: str, column: str, *, aligned: bool = False) -> Array | None:
    """Return the readings of a column; None where the table lacks it or a cell is no number.

    Args:
        context: of the package.
        table: raw table.
        column: its column.
        aligned: keep empty cells, as nan.
    """
    found = context.once(f"{table}/{column} read", lambda: _read(cells_of(context, table, column)))
    return found if aligned or found is None else found[np.isfinite(found)]


def _read(cells: pa.Array | None) -> Array | None:
    if cells is None:
        return None
    if not pc.all(pc.match_substring_regex(cells, _PLAIN), min_count=0).as_py():
        return None
    found = pc.cast(cells, pa.float64())
    return np.asarray(pc.fill_null(found, float("nan")).to_numpy(zero_copy_only=False), float)


def times_of(context: Context, row: Row) -> NDArray[np.datetime64] | None:
    """Return the time stamps of a raw table without their zone; None where it has none or one cannot be read."""
    table, column = text(row, "table_id"), text(row, "time_column")
    return context.once(f"{table}/{column} times", lambda: _times(cells_of(context, table, column)))


def _times(cells: pa.Array | None) -> NDArray[np.datetime64] | None:
    if cells is None or cells.null_count:
        return None
    try:
        return np.asarray(pc.replace_substring_regex(cells, ZONE, "").to_numpy(zero_copy_only=False), "datetime64[s]")
    except ValueError:
        return None


def column_named(context: Context, table: str, names: list[str]) -> str:
    """Return the first of these columns that a raw table has; empty: none."""
    columns = context.table(table)
    return next((name for name in names if name in columns), "")
