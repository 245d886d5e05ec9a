"""From release rows to data sheets: declared unit, exchanges, spread; what cannot be a process goes to the sidecar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Final

from factordb.formats.interchange import Content
from factordb.formats.inventories.datasheet import (
    EMISSION,
    REFERENCE,
    REMAINDER_FLOW,
    Datasheet,
    Exchange,
    stable_uuid,
)
from factordb.formats.inventories.ghg import CO2E, flow_of, gwp100
from factordb.formats.inventories.spread import spread_of
from factordb.formats.rows import release_batches
from factordb.model.source import Source
from factordb.model.vocabulary import Kind
from factordb.units import Unit, parse

SCORES: Final = ("te", "gr", "ti", "p")
BELOW: Final = -0.005
"""Least remainder, as a share of the total, that is still rounding: the tolerance of GAS003."""

NOTHING: Final = 1e-12
"""Share of the total below which a remainder is the rounding of a floating-point sum."""

Gases = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class DeclaredUnit:
    """The two sides of a factor's unit.

    Attributes:
        text: the declared unit as published: "kWh", "10^4 t".
        to_kg: kg per unit of the emission's mass.
        dimension: dimension of the declared unit.
        reference: canonical unit of that dimension.
        to_reference: reference units in one declared unit.
    """

    text: str
    to_kg: Fraction
    dimension: str
    reference: str
    to_reference: float


@cache
def declared_unit(unit: str | None, gas: str | None) -> DeclaredUnit | None:
    """Return the sides of the factor unit `unit`; None where it is no mass per a declared unit."""
    if not unit or "/" not in unit:
        return None
    whole = parse(unit, gas=gas)
    if not isinstance(whole, Unit) or whole.numerator_dimension != "mass" or whole.denominator_unit is None:
        return None
    above, below = (parse(side) for side in unit.split("/", 1))
    if isinstance(above, Unit) and isinstance(below, Unit) and above.exact / below.exact == whole.exact:
        text, to_kg, share = unit.split("/", 1)[1].strip(), above.exact, below.exact
    else:
        text, to_kg, share = whole.denominator_unit, whole.exact, Fraction(1)
    return DeclaredUnit(text, to_kg, whole.denominator_dimension or "item", whole.denominator_unit, float(share))


def compose(row: Mapping[str, Any], gases: Gases = (), source: Source | None = None) -> Datasheet | None:
    """Return the data sheet of a release row; None where it is no emission of a mass per a declared unit."""
    unit = declared_unit(row["unit"], row["gas"])
    if unit is None or row["value"] is None or row["kind"] == Kind.PARAMETER.value:
        return None
    name = row["name_en"] or row["name_zh"] or row["flow"] or row["factor_id"]
    product = row["flow"] or name
    reference = Exchange(REFERENCE, product, unit.text, 1.0, flow_id=stable_uuid("product", row["factor_id"]))
    return Datasheet(
        key=row["factor_id"],
        uuid=stable_uuid("factor", row["factor_id"]),
        name=name,
        local_name=row["name_zh"],
        exchanges=(reference, *_emissions(row, gases, unit)),
        gwp_set=row["gwp_set"] or "",
        region=row["region"],
        region_text=row["region_text"],
        reference_year=row["reference_year"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        published_on=row["published_on"],
        product=product,
        category=row["category"],
        technology=row["technology"],
        boundary=row["boundary"] or "",
        scores=tuple(row[name] for name in SCORES),
        source_title=source.title_en if source else row["source_id"],
        publisher=(source.publisher_en if source else None) or row["publisher"],
        annex={"row": row, "gases": list(gases)},
    )


def _emissions(row: Mapping[str, Any], gases: Gases, unit: DeclaredUnit) -> tuple[Exchange, ...]:
    total = float(Fraction(row["value"]) * unit.to_kg)
    if row["kind"] == Kind.FACTOR.value and row["gas"] in {None, CO2E}:
        itemised = _itemised(row, gases, total)
        if itemised:
            return itemised
    gas = row["gas"] or CO2E
    spread = spread_of(row, float(unit.to_kg))
    return (_emission(gas, flow_of(gas).name, total, spread=spread),)


def _itemised(row: Mapping[str, Any], gases: Gases, total: float) -> tuple[Exchange, ...]:
    """Return the gases, and what the published CO2e holds beyond them; nothing where they cannot stand for it."""
    weights = gwp100(row["gwp_set"])
    if not gases or any(one["is_co2e"] or one["amount_kg"] is None or one["gas"] not in weights for one in gases):
        return ()
    if len({one["gas"] for one in gases}) < len(gases):
        return ()
    rest = total - sum(one["amount_kg"] * weights[one["gas"]] for one in gases)
    if rest < BELOW * abs(total):
        return ()
    found = [_emission(one["gas"], flow_of(one["gas"]).name, one["amount_kg"]) for one in gases]
    if abs(rest) > NOTHING * abs(total):
        found.append(_emission(CO2E, REMAINDER_FLOW, rest))
    return tuple(found)


def _emission(gas: str, name: str, amount: float, **more: Any) -> Exchange:
    return Exchange(EMISSION, name, "kg", amount, gas=gas, flow_id=stable_uuid("gas", name), compartment="air",
                    cas=flow_of(gas).cas, **more)  # fmt: skip


def sheets(content: Content) -> Iterator[tuple[dict[str, Any], Gases, Datasheet | None]]:
    """Yield (row, its gases, its data sheet or None) for every factor of `content`, in order."""
    gases = gases_by_factor(content)
    for batch in release_batches(content.rows):
        for row in batch.to_pylist():
            mine = gases.get(row["factor_id"], ())
            yield row, mine, compose(row, mine, content.sources.get(row["source_id"]))


def gases_by_factor(content: Content) -> dict[str, list[dict[str, Any]]]:
    """Return factor_id -> rows of its gases, in order of their gas."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in content.gases.to_pylist():
        found.setdefault(one["factor_id"], []).append(one)
    for gases in found.values():
        gases.sort(key=lambda one: (one["gas"], one["is_co2e"]))
    return found
