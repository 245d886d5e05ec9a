"""One canonical unit per dimension: sizes from pint, exactly, as fractions."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from factordb.units.structure import Term
from factordb.units.tables import Substance, UnitWord, composites, dimensions

_ORDER = {"item": 0, "time": 2, "calendar_time": 3}


@dataclass(frozen=True, slots=True)
class Side:
    """What stands on one side of the line.

    Attributes:
        written: units as published, in one spelling.
        canonical: the canonical unit, with its substance.
        dimension: dimension, parts joined by "·".
        factor: written × factor is in canonical.
        steps: readable sizes of the units that change, such as ("t", 1000, "kg").
        composite: whether several units form a dimension that is not in the tables.
    """

    written: str
    canonical: str
    dimension: str
    factor: Fraction
    steps: tuple[tuple[str, Fraction, str], ...]
    composite: bool


@cache
def registry() -> Any:
    """Return pint's registry in exact fractions. Imported on use: it takes half a second."""
    import pint  # noqa: PLC0415 - on use, so that commands without units start at once

    return pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)


@cache
def size(unit: UnitWord) -> tuple[Fraction, str]:
    """Return (how many canonical units one `unit` is, the canonical unit)."""
    dimension = dimensions()[unit.dimension]
    if not dimension.canonical:
        factor, _, own = unit.pint.partition("*")  # "1000000*USD"
        return (Fraction(factor), own) if own else (Fraction(1), unit.symbol)
    if not dimension.pint:
        return Fraction(unit.pint), dimension.canonical
    quantity = registry().Quantity(Fraction(1), dimension.pint)
    ratio = (registry()(unit.pint) / quantity).to("dimensionless").magnitude
    return Fraction(ratio), dimension.canonical


def of_substance(unit: str, term_substance: Substance | None, constituent: Substance | None = None) -> str:
    """Return "kgCO2e", "kg dm", "kgCO2e of CH4"."""
    if term_substance is None:
        return unit
    apart = term_substance.role == "qualifier" or not unit[-1].isalnum() or " " in unit
    name = f"{unit} {term_substance.name}" if apart else f"{unit}{term_substance.name}"
    return name if constituent is None else f"{name} of {constituent.name}"


def compose(terms: Sequence[Term], power: int) -> Side:
    """Return one side of the line from its terms and the power of ten before them."""
    scale = Fraction(10) ** power
    if not terms:
        return Side(f"10^{power}" if power else "1", "1", "dimensionless", scale, (), composite=False)
    ordered = sorted(terms, key=lambda term: _ORDER.get(term.unit.dimension, 1))
    prefix = f"10^{power} " if power else ""
    written = prefix + "·".join(_written(term) for term in ordered)
    factor, steps = scale, []
    canonicals = []
    for term in ordered:
        one, canonical = size(term.unit)
        factor *= one
        canonicals.append(of_substance(canonical, term.substance, term.constituent))
        if canonical != term.unit.symbol:
            steps.append((term.unit.symbol, one, canonical))
    joined = _joined(ordered, canonicals)
    return Side(written, joined[0], joined[1], factor * joined[2], tuple(steps), joined[3])


def _written(term: Term) -> str:
    name = of_substance(term.unit.symbol, term.substance, term.constituent)
    return f"{name}({term.basis})" if term.basis and term.basis != term.unit.basis else name


def _joined(terms: Sequence[Term], canonicals: list[str]) -> tuple[str, str, Fraction, bool]:
    """Return (canonical unit, dimension, extra factor, whether it is a product without a name)."""
    if len(terms) == 1:
        return canonicals[0], terms[0].unit.dimension, Fraction(1), False
    parts = frozenset(_part(term) for term in terms)
    known = composites().get(parts) if len(terms) == 2 and not any(t.substance for t in terms) else None  # noqa: PLR2004 - a pair
    if known is not None:
        name, factor = known
        return dimensions()[name].canonical, name, factor, False
    return "·".join(canonicals), "·".join(term.unit.dimension for term in terms), Fraction(1), True


def _part(term: Term) -> str:
    """Return the name by which composites know a term: its dimension, or the thing counted."""
    return term.unit.symbol if term.unit.dimension == "item" else term.unit.dimension


def figures(number: Fraction) -> str:
    """Return a factor as people read it: 1000, 0.001, 0.2777777778."""
    if number.denominator == 1 and abs(number) < 10**7:
        return str(number.numerator)
    return f"{float(number):.10g}"
