"""One number as it is printed: its digits, its mark, its grouping, its power of ten."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

DecimalMark = Literal[".", ","]

_DIGITS = r"(?:[0-9]+(?:[.,'’][0-9]+)*(?:[ ][0-9]{3}(?![0-9]))*(?:[.,][0-9]+)?[.]?|[.][0-9]+)"
_POWER = r"(?: ?[eE] ?[+-]?[0-9]+| *[x×·*] *10 *(?:\^|\*\*)? *[+-]?[0-9]+)"
UNSIGNED = rf"{_DIGITS}{_POWER}?"
"""Anything that looks like one printed number without a sign; `read_number` is stricter."""
SIGNED = rf"[+-]?{UNSIGNED}"

_PARTS = re.compile(rf"(?P<sign>[+-]?)(?P<digits>{_DIGITS})(?P<power>{_POWER})?")
_POWER_OF_TEN = re.compile(r" *[x×·*] *10 *(?P<mark>\^|\*\*)? *(?P<exponent>[+-]?[0-9]+)")
_MAX_EXPONENT_DIGITS = 3


class Notation(StrEnum):
    """How the digits of one number are written."""

    PLAIN = "plain"
    THOUSANDS = "thousands"
    DECIMAL_COMMA = "decimal_comma"
    SCIENTIFIC = "scientific"


@dataclass(frozen=True, slots=True)
class Number:
    """One printed number.

    Attributes:
        exact: the number as printed, without rounding.
        decimals: place of the last printed digit: 4 for 0.5440, 5 for 9e-5, -2 for 1.2E3.
        notation: how it was written.
    """

    exact: Decimal
    decimals: int
    notation: Notation

    @property
    def value(self) -> float:
        """The nearest double."""
        return float(self.exact)

    @property
    def half_digit(self) -> float:
        """Half a unit of the last printed digit: 0.00005 for 0.5440."""
        return float(f"5e{-(self.decimals + 1)}")


def read_number(token: str, decimal: DecimalMark = ".") -> Number | str:
    """Return the number printed in `token`, or the VAL code that refuses it.

    Args:
        token: normalised text (NFKC, ASCII minus, superscripts written ^n), no surrounding space.
        decimal: the decimal mark the source declares. The other mark is still read where it can mean one thing
            only: "0,85" under ".", "0.85" under ","; "1,234" under "." is refused.
    """
    parts = _PARTS.fullmatch(token)
    if parts is None:
        return "VAL101"
    plain = _plain_digits(parts["digits"], decimal)
    if isinstance(plain, str):
        return plain
    digits, notation = plain
    power = _exponent(parts["power"] or "")
    if isinstance(power, str):
        return power
    exact = Decimal(f"{parts['sign']}{digits}E{power}")
    decimals = -int(exact.as_tuple().exponent)
    number = Number(exact, decimals, Notation.SCIENTIFIC if parts["power"] else notation)
    if abs(number.value) == float("inf") or (exact != 0) != (number.value != 0):
        return "VAL104"
    return number


def _plain_digits(text: str, decimal: DecimalMark) -> tuple[str, Notation] | str:
    """Return ("1234.5", notation) for digits with marks, or the code that refuses them."""
    other = "," if decimal == "." else "."
    if text.startswith("."):
        return ("0" + text, Notation.PLAIN)
    for separator in (" ", "'", "’", other):
        if separator in text and (separator != other or decimal in text or text.count(other) > 1):
            return _grouped(text, separator, decimal)
    if other in text:
        return _other_mark(text, other)
    if text.count(decimal) > 1:
        return "VAL108"
    plain = text.replace(decimal, ".").removesuffix(".")
    return (plain, Notation.DECIMAL_COMMA if decimal in text and decimal == "," else Notation.PLAIN)


def _grouped(text: str, separator: str, decimal: DecimalMark) -> tuple[str, Notation] | str:
    mark = re.escape(decimal)
    groups = rf"[0-9]{{1,3}}(?:{re.escape(separator)}[0-9]{{3}})+(?:{mark}[0-9]+)?"
    if re.fullmatch(groups, text):
        return (text.replace(separator, "").replace(decimal, "."), Notation.THOUSANDS)
    other_way = rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+{re.escape(separator)}[0-9]+"
    return "VAL102" if re.fullmatch(other_way, text) else "VAL108"


def _other_mark(text: str, other: str) -> tuple[str, Notation] | str:
    """Read the mark the source does not declare, where it cannot separate thousands."""
    whole, _, fraction = text.partition(other)
    could_group = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"  # noqa: PLR2004 - groups of three
    if could_group:
        return "VAL102"
    return (f"{whole}.{fraction}", Notation.DECIMAL_COMMA if other == "," else Notation.PLAIN)


def _exponent(text: str) -> int | str:
    if not text:
        return 0
    power = _POWER_OF_TEN.fullmatch(text)
    if power is None:
        digits = re.sub(r"[eE ]", "", text)
    elif power["mark"] is None and power["exponent"][0] not in "+-":
        return "VAL110"  # "9 x 105" may be 9 × 10⁵ that lost its superscript
    else:
        digits = power["exponent"]
    return "VAL104" if len(digits.lstrip("+-0")) > _MAX_EXPONENT_DIGITS else int(digits)
