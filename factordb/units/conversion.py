"""Conversion with its trail: within one dimension, one gas and one basis, or not at all."""

from fractions import Fraction

from factordb.units.canonical import figures
from factordb.units.grammar import parse
from factordb.units.tables import gases
from factordb.units.unit import Unit
from factordb.values.refusal import Refused, refuse


def convert(value: float, from_unit: str | Unit, to_unit: str | Unit) -> tuple[float, str] | Refused:
    """Return (value in `to_unit`, the conversion in words), or why there is none.

    Refused across dimensions (kg to m3), bases (NCV to GCV, m3 to Nm3) and gases: a mass of CH4 is not turned into
    CO2e here, because that needs a named GWP set; an element basis is not turned into its gas silently.
    """
    source = parse(from_unit) if isinstance(from_unit, str) else from_unit
    target = parse(to_unit) if isinstance(to_unit, str) else to_unit
    if isinstance(source, Refused):
        return source
    if isinstance(target, Refused):
        return target
    differs = _difference(source, target)
    if differs:
        return refuse(source.unit_text, "UNI109", f"{source.unit} → {target.unit}", differs)
    ratio = source.exact / target.exact
    return float(Fraction(repr(float(value))) * ratio), f"{source.unit} → {target.unit}: ×{figures(ratio)}"


def _difference(source: Unit, target: Unit) -> str:
    """Return what keeps the two apart, "a ≠ b", or "" when they may be converted."""
    pairs = ((source.canonical_unit, target.canonical_unit), (source.basis or "–", target.basis or "–"))
    return "; ".join(f"{one} ≠ {other}" for one, other in pairs if one != other)


def element_to_gas(gas: str) -> tuple[str, float, str] | None:
    """Return (gas, ratio, trail) of an element basis, such as N2O-N → ("N2O", 44/28, "N2O-N → N2O: ×44/28").

    None where `gas` is no element basis or no conversion is declared. The ratios, and how far each is confirmed,
    stand in reference/units/substances.csv; whoever applies one records the trail.
    """
    substance = gases().get(gas)
    if substance is None or substance.ratio is None:
        return None
    written = {Fraction(44, 28): "44/28", Fraction(44, 12): "44/12", Fraction(16, 12): "16/12"}
    ratio = written.get(substance.ratio, str(substance.ratio))
    return substance.of_gas, float(substance.ratio), f"{gas} → {substance.of_gas}: ×{ratio}"
