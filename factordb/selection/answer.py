"""The amount in an answer: factor × amount with its interval, and every conversion on the way."""

from typing import Any

from factordb.selection.judging import Judged
from factordb.selection.question import Question
from factordb.units import Unit


def emission_of(chosen: Judged, asked: Question, unit: Unit | None) -> tuple[dict[str, Any], list[str]]:
    """Return the emission and the trail of its making.

    The emission holds value, low95, high95 (None without an interval) in `unit`, a mass of `gas` in its canonical unit;
    the factor per asked unit; amount and its unit. The interval is the probabilistically symmetric one, of the factor
    alone: the amount is taken as exact. A factor made anew from its gases keeps its relative interval.
    """
    row = chosen.row
    numerator, _, declared = str(row["canonical_unit"]).partition("/")
    scale = unit.to_canonical if unit else 1.0
    amount = asked.amount * scale
    low, high = (_canonical(chosen, row[name]) for name in ("low95", "high95"))
    ends = [None if one is None else one * amount for one in (low, high)]
    if amount < 0:
        ends.reverse()
    trail = [f"{row['value_text']} {row['unit_text']}: {row['conversion'] or row['canonical_unit']}"]
    if "recharacterised" in chosen.flags:
        trail.append(f"Σ gas × GWP100 ({asked.gwp_set}) = {chosen.per_unit:.6g} {row['canonical_unit']}")
    if unit:
        trail.append(unit.trail)
    trail.append(
        f"{asked.amount:.12g} {unit.unit if unit else declared} × {chosen.per_unit * scale:.6g} {numerator}/"
        f"{unit.unit if unit else declared} = {chosen.per_unit * amount:.6g} {numerator}"
    )
    emission = {
        "value": chosen.per_unit * amount,
        "low95": ends[0],
        "high95": ends[1],
        "unit": numerator,
        "gas": row["gas"],
        "gwp_set": asked.gwp_set if "recharacterised" in chosen.flags else row["gwp_set"],
        "amount": asked.amount,
        "amount_unit": unit.unit if unit else declared,
        "per_amount_unit": chosen.per_unit * scale,
        "basis": row["basis"],
    }
    return emission, trail


def _canonical(chosen: Judged, end: float | None) -> float | None:
    """Return an end of the interval in canonical units, with the ratio of the value that is used."""
    row = chosen.row
    if end is None or not row["value"]:
        return None
    return float(end) * chosen.per_unit / float(row["value"])
