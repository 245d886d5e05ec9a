"""Comparison of two factors: like with like or a plain no; the difference beside its joint interval."""

import math
from collections.abc import Mapping
from typing import Any, Final

from factordb.model.vocabulary import Boundary
from factordb.selection import saying
from factordb.selection.flags import CO2E
from factordb.selection.gwp import recharacterised
from factordb.selection.judging import Gases
from factordb.selection.released import is_average, settings
from factordb.selection.words import plain

SAME: Final = "same"
REMARK: Final = "remark"
DIFFERS: Final = "differs"
UNKNOWN: Final = "unknown"
"""Verdicts on an axis; the last two forbid the comparison."""
_REFUSE: Final = (DIFFERS, UNKNOWN)


def compare(
    first: Mapping[str, Any], second: Mapping[str, Any], gases: Gases, *, gwp_set: str = "", product: bool = True
) -> dict[str, Any]:
    """Return whether two released factors may be compared, why, and the difference if so.

    Args:
        first: released row; the difference is first − second.
        second: released row.
        gases: amounts of gas by version, for re-characterisation.
        gwp_set: the set to compare under; "" = that of the factors, or of the first where they differ.
        product: refuse different products; False where the caller chose both by name.

    Returns:
        comparable, axes (each with verdict and words), first and second (value, low95, high95 in `unit`), difference
        (value, low95, high95, ratio, distinct) or None, and words.
    """
    wanted = gwp_set or first["gwp_set"] or second["gwp_set"] or ""
    values = [_value(row, wanted, gases) for row in (first, second)]
    axes = [*_axes(first, second, product=product), _gwp_axis(first, second, [each[1] for each in values], wanted)]
    comparable = not any(axis["verdict"] in _REFUSE for axis in axes)
    sides = [_side(row, value) for row, (value, _) in zip((first, second), values, strict=True)]
    notes = [{**saying.said("compare.recharacterised", set=wanted)}] if all(each[1] for each in values) else []
    if first["unit"] != second["unit"] and comparable:
        units = {"first": first["unit"], "second": second["unit"], "unit": first["canonical_unit"]}
        notes.append(saying.said("compare.converted", **units))
    return {
        "comparable": comparable,
        "axes": axes,
        "notes": notes,
        "first": sides[0],
        "second": sides[1],
        "unit": first["canonical_unit"],
        **_difference(sides, first, second, comparable=comparable),
    }


def _axes(first: Mapping[str, Any], second: Mapping[str, Any], *, product: bool) -> list[dict[str, Any]]:
    pair = [first, second]
    boundaries = [row["boundary"] for row in pair]
    stated = Boundary.UNSPECIFIED not in boundaries
    axes = [
        _axis("gas", [row["gas"] for row in pair], _equal(first["gas"], second["gas"])),
        _axis("unit", [_declared(row) for row in pair], _equal(*(_declared(row) for row in pair))),
        _axis("boundary", [saying.word("boundary", one) for one in boundaries],
              _equal(*boundaries) if stated else UNKNOWN),
        _axis("direction", [saying.word("direction", row["direction"]) for row in pair],
              _equal(first["direction"], second["direction"])),
        _axis("year", [row["reference_year"] for row in pair], _years(*(row["reference_year"] for row in pair))),
        _axis("technology", [row["technology"] for row in pair], _technology(first, second)),
        _axis("region", [saying.place(row["region"]) for row in pair],
              SAME if first["region"] == second["region"] else REMARK),
    ]  # fmt: skip
    if product:
        axes.insert(0, _axis("product", [row["flow"] for row in pair], _equal(first["concept"], second["concept"])))
    return axes


def _declared(row: Mapping[str, Any]) -> str | None:
    if row["declared_unit"] is None:
        return None
    return " ".join(filter(None, (row["declared_unit"], row["declared_basis"])))


def _equal(one: object, other: object) -> str:
    return UNKNOWN if one is None or other is None else SAME if one == other else DIFFERS


def _years(one: int | None, other: int | None) -> str:
    if one is None or other is None:
        return REMARK
    limits = settings()["years_apart"]
    apart = abs(one - other)
    return SAME if apart <= limits["same"] else REMARK if apart <= limits["comparable"] else DIFFERS


def _technology(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    one, other = first["technology"], second["technology"]
    if plain(one or "") == plain(other or "") or (is_average(one) and is_average(other)):
        return SAME
    return REMARK if not one or not other else DIFFERS


def _gwp_axis(first: Mapping[str, Any], second: Mapping[str, Any], anew: list[bool], wanted: str) -> dict[str, Any]:
    """Return the axis of GWP sets: one that is made anew stands under the set asked for. One gas alone needs none."""
    if first["gas"] != CO2E and second["gas"] != CO2E:
        return _axis("gwp_set", ["—", "—"], SAME)
    sets = [wanted if made else row["gwp_set"] for row, made in zip((first, second), anew, strict=True)]
    if None in sets or not wanted or wanted in sets:
        return _axis("gwp_set", list(sets), _equal(*sets))
    axis = _axis("gwp_set", list(sets), DIFFERS)
    facts = {"first": sets[0], "second": sets[1], "set": wanted}
    return {**axis, **saying.said("compare.not_remade", axis=_axis_words("gwp_set"), **facts)}


def _axis(name: str, found: list[Any], verdict: str) -> dict[str, Any]:
    words = _axis_words(name)
    first, second = (saying.or_missing(one) for one in found)
    return {"axis": name, "verdict": verdict,
            **saying.said(f"compare.{verdict}", axis=words, first=first, second=second)}  # fmt: skip


def _axis_words(name: str) -> dict[str, str]:
    return {lang: saying.toml_words(lang)["axis"][name] for lang in saying.LANGUAGES}


def _value(row: Mapping[str, Any], wanted: str, gases: Gases) -> tuple[float, bool]:
    """Return the value in canonical units, and whether it was made anew from its gases under the set asked for."""
    own = float("nan") if row["canonical_value"] is None else float(row["canonical_value"])
    if row["gas"] != CO2E or not wanted:
        return own, False
    anew = recharacterised(row, gases(row["version_id"]), wanted)
    return (own, False) if anew is None else (anew, True)


def _side(row: Mapping[str, Any], value: float) -> dict[str, Any]:
    scale = value / row["value"] if row["value"] else float("nan")
    ends = [None if row[name] is None or math.isnan(scale) else row[name] * scale for name in ("low95", "high95")]
    names = ("factor_id", "version_id", "name_zh", "name_en", "region", "reference_year", "source_id", "tier", "flags")
    return {**{name: row[name] for name in names}, "value": value, "low95": ends[0], "high95": ends[1]}


def _difference(
    sides: list[dict[str, Any]], first: Mapping[str, Any], second: Mapping[str, Any], *, comparable: bool
) -> dict[str, Any]:
    if not comparable:
        return {"difference": None, "words": [saying.said("compare.may_not")]}
    one, other = sides
    value = one["value"] - other["value"]
    low, high = joint_interval(one, other)
    ratio = one["value"] / other["value"] if other["value"] else None
    facts = {"first": saying.title(first), "second": saying.title(second), "unit": first["canonical_unit"],
             "ratio": saying.or_missing(None if ratio is None else f"{ratio:.4g}"),
             "difference": f"{value:.4g}"}  # fmt: skip
    words = [saying.said("compare.may", **facts)]
    distinct = None if low is None or high is None else not low <= 0 <= high
    if distinct is None or low is None or high is None:
        words.append(saying.said("compare.no_interval"))
    else:
        name = "distinct" if distinct else "indistinct"
        words.append(saying.said(f"compare.{name}", low=f"{low:.4g}", high=f"{high:.4g}"))
    return {
        "difference": {"value": value, "low95": low, "high95": high, "ratio": ratio, "distinct": distinct},
        "words": words,
    }


def joint_interval(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the 95 % interval of one − other, both independent, from their own intervals; None without one.

    The distances of the ends from the values are added in squares, each side for itself, so that skew is kept.

    Source: Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702 (MOVER).
    """
    if any(side[name] is None for side in (one, other) for name in ("low95", "high95")):
        return None, None
    value = one["value"] - other["value"]
    down = math.hypot(one["value"] - one["low95"], other["high95"] - other["value"])
    up = math.hypot(one["high95"] - one["value"], other["value"] - other["low95"])
    return value - down, value + up
