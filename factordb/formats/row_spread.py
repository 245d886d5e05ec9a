"""Uncertainty cells of release rows that were read: what cannot be is told and emptied, so that nothing is made of it.

Every format whose file carries whole rows (a data package, an extension, a sidecar, a table read by a mapping) comes
by here once, whatever its own reader has seen.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.interchange import FormatFault, ReadBack
from factordb.formats.inventories.recovering import UNCERTAINTY

NEVER_NEGATIVE: Final = ("cv", "cv_percent", "sd")
INTERVALS: Final = (("low95", "high95"), ("shortest_low95", "shortest_high95"))
_NUMBERS: Final = (*NEVER_NEGATIVE, *(name for pair in INTERVALS for name in pair), "mean", "median")
_KEPT: Final = frozenset({"statement", "statement_text"})
"""Cells that stay: what the source said of its uncertainty, in words."""


def without_impossible(read: ReadBack) -> ReadBack:
    """Return `read` with a fault for every row whose uncertainty cannot be, and those cells emptied."""
    broken = _broken(read.rows)
    bad = pa.array([False] * read.rows.num_rows, pa.bool_())
    for mask in broken.values():
        bad = pc.or_(bad, mask)
    if not pc.any(bad).as_py():
        return read
    rows = read.rows
    for name in UNCERTAINTY:
        if name not in _KEPT:
            at = rows.schema.get_field_index(name)
            cells = pc.if_else(bad, pa.scalar(None, rows.schema.field(at).type), rows[name])
            rows = rows.set_column(at, rows.schema.field(at), cells)
    return replace(read, rows=rows, faults=(*read.faults, *_faults(read.rows, broken, bad)))


def _broken(rows: pa.Table) -> dict[str, pa.Array]:
    """Return what had to hold -> whether it does not, row by row."""
    found = {f"{name} ≥ 0": pc.less(rows[name], 0) for name in NEVER_NEGATIVE}
    found |= {f"{low} ≤ {high}": pc.greater(rows[low], rows[high]) for low, high in INTERVALS}
    found |= {f"−∞ < {name} < ∞": pc.invert(pc.is_finite(rows[name])) for name in _NUMBERS}
    return {rule: pc.fill_null(mask, pa.scalar(value=False)).combine_chunks() for rule, mask in found.items()}


def _faults(rows: pa.Table, broken: dict[str, pa.Array], bad: pa.Array) -> Iterator[FormatFault]:
    """Yield a fault of each row that has one; only these become Python objects."""
    listed = rows.select([*_NUMBERS, "place", "factor_id"]).filter(bad).to_pylist()
    masks = {rule: mask.filter(bad).to_pylist() for rule, mask in broken.items()}
    for at, row in enumerate(listed):
        expected = [rule for rule, mask in masks.items() if mask[at]]
        named = {word for rule in expected for word in rule.split()}
        told = [f"{name} {row[name]:g}" for name in _NUMBERS if name in named]
        place = row["place"] or row["factor_id"]
        yield FormatFault("FMT060", "review", place, "; ".join(told), "; ".join(expected))
