"""Two values of one thing side by side: what changed between releases, and the domestic beside the foreign."""

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.dumbbell import Pair, Side, dumbbell_plot
from factordb.pictures import named

__all__ = ["changes_plot"]

DRAWN: Final = 20
"""Pairs of one picture; the table beside it holds all of them."""

Row = Mapping[str, Any]


def changes_plot(rows: pa.Table, *, lang: str, title: str, beyond: str) -> str:
    """Return old beside new of the changed values in the most frequent unit, largest relative change first.

    Args:
        rows: of `Library.diff_releases`.
        lang: "zh" or "en".
        title: of the picture.
        beyond: word for a change that leaves the old 95 % interval.
    """
    size = pc.abs(rows["relative_change"])
    moved = rows.filter(
        pc.and_(pc.equal(rows["status"], "changed"), pc.fill_null(pc.greater(size, 0), fill_value=False))
    )
    if not moved.num_rows:
        return ""
    units = moved["old_unit"].value_counts().to_pylist()
    unit = max(units, key=lambda one: (one["counts"], str(one["values"])))["values"]
    same = moved.filter(pc.equal(moved["old_unit"], unit))
    largest = pc.sort_indices(pc.negate(pc.abs(same["relative_change"])))[:DRAWN]
    chosen = [row for row in same.take(largest).to_pylist() if row["new_in_old_unit"] is not None]
    pairs = [
        Pair(
            label=" · ".join(str(one) for one in (named(row, lang), row["region"], row["reference_year"]) if one),
            home=Side("old", row["old_value"], row["old_shortest_low95"], row["old_shortest_high95"]),
            abroad=Side("new", row["new_in_old_unit"], *_in_old_unit(row)),
            end=f"{row['relative_change']:+.1%}" + (f" · {beyond}" if row["beyond_old_interval"] else ""),
        )
        for row in chosen
    ]
    return dumbbell_plot(pairs, unit=str(unit), title=title).replace('style="', 'style="background:#FFFFFF;', 1)


def _in_old_unit(row: Row) -> tuple[float | None, float | None]:
    """Return the new interval in the old unit: the same factor as the value's."""
    ends = row["new_shortest_low95"], row["new_shortest_high95"]
    if not row["new_value"] or ends[0] is None or ends[1] is None:
        return None, None
    factor = row["new_in_old_unit"] / row["new_value"]
    return ends[0] * factor, ends[1] * factor
