"""CO2e made anew from amounts of gas under a named GWP set."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from factordb.reference import table
from factordb.units import parse
from factordb.values.refusal import Refused


def recharacterised(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]], gwp_set: str) -> float | None:
    """Return kg CO2e per canonical declared unit from a factor's amounts of gas; None where some cannot be weighed.

    Args:
        row: the released factor.
        gases: gas, amount_kg (kg per declared unit as published), is_co2e (already weighed with the factor's own set).
        gwp_set: the set to weigh with.

    Source of the values: `gwp/gwp100`.
    """
    per_canonical = _to_canonical(row)
    parts = [_weighed(one, row["gwp_set"], gwp_set) for one in gases]
    known = [one for one in parts if one is not None]
    if per_canonical is None or not parts or len(known) < len(parts):
        return None
    return sum(known) * per_canonical


def _weighed(gas: Mapping[str, Any], own_set: str | None, gwp_set: str) -> float | None:
    potentials = _potentials()
    wanted, own = potentials.get((gwp_set, gas["gas"])), potentials.get((own_set or "", gas["gas"]))
    if gas["amount_kg"] is None or wanted is None or (gas["is_co2e"] and not own):
        return None
    amount = float(gas["amount_kg"])
    return amount / own * wanted if gas["is_co2e"] and own else amount * wanted


def _to_canonical(row: Mapping[str, Any]) -> float | None:
    """Return what turns kg per published declared unit into the canonical unit of the factor."""
    read = parse(str(row["unit"] or "").partition("/")[0])
    if isinstance(read, Refused) or not row["value"] or row["canonical_value"] is None:
        return None
    return float(row["canonical_value"]) / float(row["value"]) / read.to_canonical


@cache
def _potentials() -> dict[tuple[str, str], float]:
    return {(row["gas_set"], row["gas"]): float(row["gwp100"]) for row in table("gwp/gwp100").to_pylist()}
