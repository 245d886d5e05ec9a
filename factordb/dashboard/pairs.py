"""Two values of one thing side by side: what changed between releases, and the domestic beside the foreign."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from factordb.dashboard.wording import region_name
from factordb.formats.dumbbell import Pair, Side, dumbbell_plot
from factordb.library import Library
from factordb.pictures import labelled, named
from factordb.selection import places

__all__ = ["abroad_plot", "changes_plot", "home_beside_abroad", "in_the_way"]

DRAWN: Final = 20
"""Pairs of one picture; the table beside it holds all of them."""
HOME: Final = "CN"
REFUSED: Final = ("differs", "unknown")
"""Verdicts on an axis that forbid a comparison; those of `selection.comparison`."""

Row = Mapping[str, Any]


def home_beside_abroad(
    library: Library, text: str = "", *, release: str = "", limit: int = 20, cursor: str = "", **criteria: Any
) -> dict[str, Any]:
    """Return one page of released national factors whose product has a foreign factor, each with its comparisons.

    Both sides are found by the search of the release and compared by its comparison; nothing is judged here.

    Args:
        library: the library.
        text: words, as in the search.
        release: a release; empty: the newest.
        limit: national factors of a page.
        cursor: `next` of the page before.
        **criteria: as in the search, such as kind and gas.

    Returns:
        release, total, next, and pairs: factor, comparisons.
    """
    asked = library.released_factors(release)
    national = set(places.children([HOME]))
    abroad = [one for one in asked.possible_filters(text, **criteria).get("region", {}) if one not in national]
    foreign = asked.possible_filters(text, **criteria, region=abroad)["concept"] if abroad else {}
    products = [one for one in foreign if one != "none"]
    if not products:
        return {"release": asked.release, "total": 0, "next": "", "pairs": []}
    found = asked.search(
        text, limit=limit, cursor=cursor, facets=False, **criteria, region_within=HOME, concept=products
    )
    pairs = [{"factor": row, **_picked(asked.compare(row["version_id"]))} for row in found["hits"]]
    return {"release": asked.release, "total": found["total"], "next": found["next"], "pairs": pairs}


def _picked(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the comparisons of an answer, those that may be made first."""
    return {"comparisons": sorted(answer["comparisons"], key=lambda one: not one["comparable"])}


def in_the_way(comparison: Row) -> list[str]:
    """Return the axes on which a comparison is refused."""
    return [axis["axis"] for axis in comparison["axes"] if axis["verdict"] in REFUSED]


def abroad_plot(pairs: Sequence[Row], *, lang: str, title: str, words: Mapping[str, str]) -> str:
    """Return national beside foreign factors in the most frequent unit, comparable ones first, as SVG.

    Args:
        pairs: of `home_beside_abroad`.
        lang: "zh" or "en".
        title: of the picture.
        words: axis that keeps a pair from being compared -> its words.
    """
    drawn = [(pair["factor"], pair["comparisons"][0]) for pair in pairs if pair["comparisons"]]
    units = Counter(str(one["unit"]) for _, one in drawn)
    if not units:
        return ""
    unit = units.most_common(1)[0][0]
    chosen = sorted(
        ((row, one) for row, one in drawn if str(one["unit"]) == unit and "unit" not in in_the_way(one)),
        key=lambda pair: not pair[1]["comparable"],
    )
    lines = [
        Pair(
            label=" · ".join(str(part) for part in (named(row, lang), row["gas"], row["reference_year"]) if part),
            home=_side(one["first"]),
            abroad=_side(one["second"]),
            end=_end(one, lang, words),
            comparable=one["comparable"],
        )
        for row, one in chosen
        if all(one[side]["value"] == one[side]["value"] for side in ("first", "second"))  # no number, nothing to draw
    ][:DRAWN]
    return dumbbell_plot(lines, unit=unit, title=title).replace('style="', 'style="background:#FFFFFF;', 1)


def _side(one: Row) -> Side:
    return Side(str(one["region"] or "—"), one["value"], one["low95"], one["high95"])


def _end(one: Row, lang: str, words: Mapping[str, str]) -> str:
    """Return what stands at the end of a line: abroad against home in per cent, or why there is no such number."""
    ratio = one["difference"]["ratio"] if one["comparable"] else None
    where = region_name(str(one["second"]["region"] or "—"), lang)
    if ratio:
        return f"{where} {_percent(1 / ratio - 1)}"
    return " · ".join(words[axis] for axis in in_the_way(one)) or where


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
            label=labelled(row, lang),
            home=Side("old", row["old_value"], row["old_shortest_low95"], row["old_shortest_high95"]),
            abroad=Side("new", row["new_in_old_unit"], *_in_old_unit(row)),
            end=_percent(row["relative_change"]) + (f" · {beyond}" if row["beyond_old_interval"] else ""),
        )
        for row in chosen
    ]
    return dumbbell_plot(pairs, unit=str(unit), title=title).replace('style="', 'style="background:#FFFFFF;', 1)


def _percent(share: float) -> str:
    """Return a difference in per cent with its sign; what rounds to nothing has none."""
    text = f"{100 * share:+.1f}"
    return f"{text if float(text) else '0.0'} %"


def _in_old_unit(row: Row) -> tuple[float | None, float | None]:
    """Return the new interval in the old unit: the same factor as the value's."""
    ends = row["new_shortest_low95"], row["new_shortest_high95"]
    if not row["new_value"] or ends[0] is None or ends[1] is None:
        return None, None
    factor = row["new_in_old_unit"] / row["new_value"]
    return ends[0] * factor, ends[1] * factor
