"""CO2e made anew from amounts of gas under a named GWP set."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from factordb.reference import table


def recharacterised(gases: Sequence[Mapping[str, Any]], gwp_set: str) -> float | None:
    """Return kg CO2e per declared unit from amounts of gas in kg, or None where a gas has no value in the set.

    Source of the values: `gwp/gwp100`.
    """
    potentials = _potentials()
    found = [potentials.get((gwp_set, row["gas"])) for row in gases]
    if not gases or any(one is None or row["amount_kg"] is None for one, row in zip(found, gases, strict=True)):
        return None
    return float(sum(one * row["amount_kg"] for one, row in zip(found, gases, strict=True) if one is not None))


@cache
def _potentials() -> dict[tuple[str, str], float]:
    return {(row["gas_set"], row["gas"]): float(row["gwp100"]) for row in table("gwp/gwp100").to_pylist()}
