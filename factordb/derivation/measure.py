"""Units of recipes with the substance they count: kg of carbon and kg of CO2 are two dimensions.

`kgCO2/kgC` times `kgC/kg` is `kgCO2/kg`; leaving out the 44/12 leaves carbon where CO2 is asked for and is seen.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Final

from factordb.derivation.recipe_error import RecipeError
from factordb.expression import Expression
from factordb.units.canonical import registry

__all__ = ["CELSIUS", "NONE", "Measure", "dimensions_of", "measure", "product", "words_of"]

SUBSTANCES: Final = ("CO2e", "CO2", "CH4", "N2O", "SF6", "NF3", "C", "N", "S")
"""Substances that a unit may count, the longest first."""
CELSIUS: Final = ("°C", "℃", "degC")
"""Spellings of degrees Celsius, which a column alone may have."""
ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {"%": "percent", "‰": "permille", "Nm3": "m**3", "m3": "m**3", "m2": "m**2", "t": "metric_ton", "l": "liter",
     "L": "liter", "ppm": "ppm", "1": "dimensionless", "kWh": "kilowatt_hour", "MWh": "megawatt_hour", "h": "hour"}
)  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A unit: what one of it is in base units, and its dimensions (substances among them)."""

    size: float
    dimensions: tuple[tuple[str, Fraction], ...]


NONE: Final = Measure(1.0, ())


def measure(text: str) -> Measure:
    """Return the unit written in `text`, such as `kgCO2/kgC`, `t/h`, `%` or `mg/(m2·h)`.

    Raises:
        RecipeError: a word in it is no unit (kind `unit`).
    """
    return _measure(text.strip())


@cache
def _measure(text: str) -> Measure:
    above, slash, below = text.partition("/")
    if not above or (slash and not below.strip()):
        raise RecipeError("unit", text, found=text)
    size, found = 1.0, dict[str, Fraction]()
    for part, sign in ((above, 1), (below, -1)):
        for word, power in _words(part.strip().strip("()"), text):
            one, dimensions = _word(word, text)
            size *= one ** (sign * power)
            for name, exponent in dimensions.items():
                found[name] = found.get(name, Fraction(0)) + sign * power * exponent
    return Measure(size, _tidy(found))


def _words(part: str, whole: str) -> list[tuple[str, int]]:
    if "/" in part:
        raise RecipeError("unit", whole, found=part)
    words = []
    for piece in re.split(r"[*·×.\s]+", part):
        if not piece:
            continue
        power = re.fullmatch(r"(.+?)\^(-?[0-9]+)", piece)
        words.append((power[1], int(power[2])) if power else (piece, 1))
    return words


@cache
def _word(word: str, whole: str) -> tuple[float, Mapping[str, Fraction]]:
    if word in CELSIUS:  # degrees with an offset cannot be multiplied: only columns may be in °C, read as kelvin
        raise RecipeError("unit", whole, found=word)
    for substance in ("", *SUBSTANCES):
        unit = word.removesuffix(substance)
        if (substance and unit == word) or not unit:
            continue
        known = _pint(ALIASES.get(unit, unit))
        if known is None:
            continue
        size, dimensions = known
        return size, {**dimensions, **({f"[{substance}]": Fraction(1)} if substance else {})}
    raise RecipeError("unit", whole, found=word)


@cache
def _pint(word: str) -> tuple[float, Mapping[str, Fraction]] | None:
    import pint  # noqa: PLC0415 - half a second, on use

    if word in {"percent", "permille", "ppm"}:
        return {"percent": 1e-2, "permille": 1e-3, "ppm": 1e-6}[word], {}
    try:
        quantity = registry().Quantity(1, word).to_root_units()
        dimensions = {str(name): Fraction(power) for name, power in quantity.dimensionality.items()}
        return float(quantity.magnitude), dimensions
    except (pint.PintError, AttributeError, TypeError, ValueError, AssertionError):
        return None


def _tidy(found: Mapping[str, Fraction]) -> tuple[tuple[str, Fraction], ...]:
    return tuple(sorted((name, power) for name, power in found.items() if power))


def product(*units: Measure) -> Measure:
    """Return the unit that is the product of `units`."""
    size, found = 1.0, dict[str, Fraction]()
    for unit in units:
        size *= unit.size
        for name, power in unit.dimensions:
            found[name] = found.get(name, Fraction(0)) + power
    return Measure(size, _tidy(found))


def words_of(dimensions: tuple[tuple[str, Fraction], ...]) -> str:
    """Return dimensions as text, such as `[CO2]·[mass]·[length]^-3`; `1` for none."""
    return "·".join(name if power == 1 else f"{name}^{power}" for name, power in dimensions) or "1"


Tidy = tuple[tuple[str, Fraction], ...]


class _Algebra:
    """The dimensions of an expression, from its leaves up."""

    def __init__(self, step: str, names: Mapping[str, Tidy]) -> None:
        self._step, self._names = step, names

    def number(self, value: float) -> Tidy:
        del value
        return ()

    def name(self, name: str) -> Tidy:
        return self._names[name]

    def sum(self, terms: list[tuple[int, Tidy]]) -> Tidy:
        first = terms[0][1]
        for _, other in terms[1:]:
            if other != first:
                raise RecipeError("dimensions", self._step, found=words_of(other), expected=words_of(first))
        return first

    def product(self, factors: list[tuple[int, Tidy]]) -> Tidy:
        found: dict[str, Fraction] = {}
        for sign, dimensions in factors:
            for name, power in dimensions:
                found[name] = found.get(name, Fraction(0)) + sign * power
        return _tidy(found)

    def power(self, base: Tidy, exponent: Tidy, constant: float | None) -> Tidy:
        if exponent or (base and constant is None):
            raise RecipeError("exponent", self._step, found=words_of(exponent or base), expected="1")
        return _tidy({name: power * Fraction(constant or 0).limit_denominator(1000) for name, power in base})

    def call(self, function: str, argument: Tidy) -> Tidy:
        if function == "abs":
            return argument
        if function == "sqrt":
            return _tidy({name: power / 2 for name, power in argument})
        if argument:
            raise RecipeError("argument", self._step, found=words_of(argument), expected="1")
        return ()


def dimensions_of(expression: Expression, names: Mapping[str, Tidy], step: str) -> Tidy:
    """Return the dimensions of `expression` where each name has those of `names`.

    Raises:
        RecipeError: kilograms are added to seconds, or the like; names the step.
    """
    return expression.fold(_Algebra(step, names))
