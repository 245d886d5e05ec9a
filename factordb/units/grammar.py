"""The unit grammar: a published unit string becomes a gas, two sides of a line and a factor, or is refused."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from factordb.units.canonical import Side, compose, figures
from factordb.units.scan import HOLDERS, Trouble, scan, tidy
from factordb.units.structure import Fraction10, Term, read_structure
from factordb.units.tables import Substance, lexicon
from factordb.units.unit import Quantity, Unit
from factordb.values.marks import empty_meaning
from factordb.values.refusal import Refused, refuse

_SMALLEST, _LARGEST = Fraction(1, 10**300), Fraction(10**300)


def parse(text: str, *, gas: str | None = None) -> Unit | Refused:
    """Return what the unit string `text` says, or why it is refused.

    Args:
        text: the unit as published.
        gas: the gas named in another column, for units that name none ("kg/TJ"). It fills a bare mass or volume
            above the line; where the unit names a gas of its own the two must agree.
    """
    plain = tidy(text)
    if not plain or empty_meaning(plain) is not None:
        return refuse(text, "UNI101", plain)
    tokens = scan(plain)
    read = tokens if isinstance(tokens, Trouble) else read_structure(tokens, plain)
    if not isinstance(read, Trouble):
        read = _name_gas(read, gas)
    if isinstance(read, Trouble):
        return refuse(text, read.code, read.found, read.expected)
    unit = _unit(text, plain, read)
    return refuse(text, unit.code, unit.found, unit.expected) if isinstance(unit, Trouble) else unit


def _name_gas(fraction: Fraction10, gas: str | None) -> Fraction10 | Trouble:
    """Fill in the gas of another column, or say how the two disagree."""
    if not gas:
        return fraction
    named = lexicon().find(tidy(gas))
    if not isinstance(named, Substance) or named.role == "qualifier":
        return Trouble("UNI106", gas)
    above = [place for place, term in enumerate(fraction.terms) if term.power > 0]
    if len(above) != 1 or fraction.terms[above[0]].unit.dimension not in HOLDERS:
        return fraction
    term = fraction.terms[above[0]]
    if term.substance is None:
        terms = [*fraction.terms]
        terms[above[0]] = replace(term, substance=named)
        return Fraction10(terms, fraction.above, fraction.below, fraction.notes)
    own = {term.substance.name, term.substance.of_gas, term.constituent.name if term.constituent else ""}
    if term.substance.role == "qualifier" or named.name in own or named.of_gas in own - {""}:
        return fraction
    return Trouble("UNI106", f"{term.substance.name} / {named.name}")


def _unit(text: str, plain: str, fraction: Fraction10) -> Unit | Trouble:
    upper = [term for term in fraction.terms if term.power > 0]
    lower = [term for term in fraction.terms if term.power < 0]
    above = compose(upper, fraction.above)
    below = compose(lower, fraction.below) if lower or fraction.below else None
    if above.composite and (below is not None or any(term.substance for term in upper)):
        return Trouble("UNI105", plain)
    substance = upper[0].substance if len(upper) == 1 else None
    constituent = upper[0].constituent if len(upper) == 1 else None
    exact = above.factor / (below.factor if below else Fraction(1))
    if not _SMALLEST < exact < _LARGEST:  # a power of ten that no float holds
        return Trouble("UNI105", plain[:40])
    written, canonical = (
        _over(above.written, below.written if below else None),
        _over(above.canonical, below.canonical if below else None),
    )
    return Unit(
        unit_text=text,
        unit=written,
        quantity=_quantity(above, below, substance),
        gas=substance.name if substance and substance.role != "qualifier" and substance.name != "N" else None,
        constituent=constituent.name if constituent else None,
        numerator_unit=above.canonical,
        numerator_dimension=above.dimension,
        denominator_unit=below.canonical if below else None,
        denominator_dimension=below.dimension if below else None,
        basis=_basis(fraction.terms),
        to_canonical=float(exact),
        canonical_unit=canonical,
        trail=_trail(written, canonical, above, below, exact, fraction),
        exact=exact,
    )


def _over(above: str, below: str | None) -> str:
    if below is None:
        return above
    upper = f"({above})" if "·" in above else above
    return f"{upper}/({below})" if "·" in below else f"{upper}/{below}"


def _quantity(above: Side, below: Side | None, substance: Substance | None) -> Quantity:
    if below is None:
        if above.dimension == "dimensionless":
            return Quantity.PARAMETER
        return Quantity.COUNT if above.dimension == "item" else Quantity.AMOUNT
    if substance is not None and substance.name == "CO2e":
        return Quantity.EMISSION_FACTOR
    if substance is not None and substance.role in ("gas", "gas_as_element"):
        return Quantity.GAS_FACTOR
    return Quantity.PARAMETER


def _basis(terms: Sequence[Term]) -> str:
    stated = [term.basis for term in terms if term.basis]
    stated += ["dry_matter" for term in terms if term.substance and term.substance.name == "dm"]
    return " ".join(dict.fromkeys(stated))


def _trail(written: str, canonical: str, above: Side, below: Side | None, exact: Fraction, fraction: Fraction10) -> str:
    """Return "tCO2/TJ → kgCO2/MJ: ×1000 (t→kg) ÷1000000 (TJ→MJ) = ×0.001"."""
    steps = [f"×10^{fraction.above}"] if fraction.above else []
    steps += [f"×{figures(one)} ({unit}→{target})" for unit, one, target in above.steps]
    steps += [f"÷10^{fraction.below}"] if fraction.below else []
    steps += [f"÷{figures(one)} ({unit}→{target})" for unit, one, target in (below.steps if below else ())]
    notes = "".join(f"; {note}" for note in fraction.notes)
    if written == canonical:
        return f"{canonical}{notes}"
    how = f": {' '.join(steps)}" if steps else ""
    if steps != [f"×{figures(exact)}"]:
        how += f" = ×{figures(exact)}"
    return f"{written} → {canonical}{how}{notes}"
