"""Two values of one thing side by side: what changed between releases, and the domestic beside the foreign."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.dumbbell import Pair, Side, dumbbell_plot
from factordb.pictures import named

__all__ = ["abroad_plot", "changes_plot"]

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
            end=_percent(row["relative_change"]) + (f" · {beyond}" if row["beyond_old_interval"] else ""),
        )
        for row in chosen
    ]
    return dumbbell_plot(pairs, unit=str(unit), title=title).replace('style="', 'style="background:#FFFFFF;', 1)


def _percent(share: float) -> str:
    """Return a difference in per cent with its sign; what rounds to nothing has none."""
    text = f"{share:+.1%}"
    return "0.0%" if text in {"+0.0%", "-0.0%"} else text


def _in_old_unit(row: Row) -> tuple[float | None, float | None]:
    """Return the new interval in the old unit: the same factor as the value's."""
    ends = row["new_shortest_low95"], row["new_shortest_high95"]
    if not row["new_value"] or ends[0] is None or ends[1] is None:
        return None, None
    factor = row["new_in_old_unit"] / row["new_value"]
    return ends[0] * factor, ends[1] * factor


def abroad_plot(rows: Sequence[Row], *, lang: str, title: str, words: Mapping[str, str]) -> str:
    """Return national beside foreign factors in the most frequent unit, comparable ones first, as SVG.

    Args:
        rows: of `Library.home_and_abroad`, as dictionaries.
        lang: "zh" or "en".
        title: of the picture.
        words: what keeps a pair from being compared -> its words.
    """
    units = Counter(str(row["unit"]) for row in rows)
    if not units:
        return ""
    unit = units.most_common(1)[0][0]
    pairs = [
        Pair(
            label=f"{row[f'name_{lang}'] or row['name_zh'] or row['name_en']} · {row['gas'] or row['kind']}",
            home=Side(str(row["home_region"]), row["home_value"], row["home_low"], row["home_high"]),
            abroad=Side(str(row["abroad_region"]), row["abroad_value"], row["abroad_low"], row["abroad_high"]),
            end=f"{row['abroad_region']} {_percent(row['relative'])}"
            if row["relative"] is not None
            else " · ".join(words[one] for one in row["differs"]),
            comparable=row["relative"] is not None,
        )
        for row in rows
        if str(row["unit"]) == unit and "unit" not in row["differs"]
    ][:DRAWN]
    return dumbbell_plot(pairs, unit=unit, title=title).replace('style="', 'style="background:#FFFFFF;', 1)
