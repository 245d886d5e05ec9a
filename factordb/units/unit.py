"""What a unit string says: an amount of something, per a declared amount of something else."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction


class Quantity(StrEnum):
    """What kind of number carries the unit."""

    EMISSION_FACTOR = "emission_factor"
    """CO2e per something."""
    GAS_FACTOR = "gas_factor"
    """One gas, or CO2 only, per something."""
    PARAMETER = "parameter"
    """Any other ratio: calorific value, carbon content, share, density."""
    AMOUNT = "amount"
    """A quantity per nothing: a declared unit such as kWh, or a mass of gas."""
    COUNT = "count"
    """A counted thing per nothing: piece, head."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A published unit string that was read.

    Attributes:
        unit_text: the string exactly as published.
        unit: the same unit in one spelling: "tCO2/10^4 t", "kgCO2e/kWh(NCV)".
        quantity: kind of number that carries it.
        gas: CO2e or the one gas the numerator counts; C for carbon as an element; None for anything else.
        constituent: the gas of which the CO2e is the share ("kg CO2e of CH4").
        numerator_unit: canonical unit above the line, with its substance: "kgCO2e".
        numerator_dimension: mass, energy …
        denominator_unit: canonical declared unit; None where nothing stands below the line.
        denominator_dimension: dimension of the declared unit.
        basis: NCV, GCV, normal, dry …; several in order, separated by spaces; empty where none is stated.
        to_canonical: value × to_canonical is in canonical_unit.
        canonical_unit: numerator_unit/denominator_unit.
        trail: the conversion in one readable line.
        exact: to_canonical without rounding.
    """

    unit_text: str
    unit: str
    quantity: Quantity
    gas: str | None
    constituent: str | None
    numerator_unit: str
    numerator_dimension: str
    denominator_unit: str | None
    denominator_dimension: str | None
    basis: str
    to_canonical: float
    canonical_unit: str
    trail: str
    exact: Fraction = field(repr=False)
