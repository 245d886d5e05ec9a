"""Canonical JSON: one text has one form, so that its hash and its signature mean one thing.

The form is that of RFC 8785 (no blanks, members in order of UTF-16 code units, numbers as ECMAScript writes them), with
all text in Unicode NFC. What has no single meaning is refused: double members, NaN, integers above 2⁵³, lone
surrogates.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any
from unicodedata import is_normalized, normalize

__all__ = ["canonical", "parsed", "recanonical"]

LARGEST = 2**53
"""Largest integer that every JSON reader keeps exactly (RFC 8785, 3.2.2.3; IEEE 754 double)."""
_DECIMALS_BELOW, _DECIMALS_FROM = 21, -6
"""ECMAScript writes exponents of ten outside −7 < e < 21 with "e" (ECMA-262, Number::toString)."""
_OTHER_ORDER = re.compile("[\ue000-\U0010ffff]").search
"""Without these characters the order of UTF-16 code units is the order of code points."""


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value as UTF-8.

    Raises:
        ValueError: the value has no canonical form.
    """
    return _text(value).encode("utf-8")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _ENCODE(normalize("NFC", value))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(_text(one) for one in value)}]"
    raise ValueError(f"{type(value).__name__} has no JSON form")


def _object(value: dict[Any, Any]) -> str:
    named = {normalize("NFC", name): one for name, one in value.items() if isinstance(name, str)}
    if len(named) != len(value):
        raise ValueError("names of members must be different texts")
    ordered = sorted(named, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{_ENCODE(name)}:{_text(named[name])}" for name in ordered) + "}"


_ENCODE = json.JSONEncoder(ensure_ascii=False).encode
_FAST = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _integer(value: int) -> str:
    if abs(value) > LARGEST:
        raise ValueError(f"{value} is above 2^53")
    return str(value)


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it: the shortest digits that give the same double."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = (whole + part).lstrip("0")
    point -= len(whole + part) - len(digits)
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= _DECIMALS_BELOW:
        return sign + digits + "0" * (point - count)
    if 0 < point <= _DECIMALS_BELOW:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if _DECIMALS_FROM < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def parsed(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: it is no JSON, or a member stands twice, or a number is not finite.
    """
    return _read(text)[0]


def _read(text: str | bytes) -> tuple[Any, bool]:
    """Return the value, and whether it holds only texts and small integers."""
    plain = True

    def number(digits: str) -> float:
        nonlocal plain
        plain = False
        value = float(digits)
        if not math.isfinite(value):
            raise ValueError(f"{digits} is too large")
        return value

    def integer(digits: str) -> float:
        nonlocal plain
        value = int(digits)
        if abs(value) <= LARGEST:
            return value
        plain = False  # the way ECMAScript writes a large double, or no number that every reader keeps
        if _number(float(digits)) != digits:
            raise ValueError(f"{digits} is above 2^53")
        return float(digits)

    try:
        value = json.loads(text, object_pairs_hook=_members, parse_float=number, parse_int=integer, parse_constant=_no)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error
    return value, plain


def recanonical(text: str) -> str:
    """Return the canonical form of a JSON text: as `canonical(parsed(text))`, by C code where that gives the same.

    Raises:
        ValueError: as `canonical` and `parsed`.
    """
    value, plain = _read(text)
    if plain:
        fast = str(_FAST(value))
        if fast.isascii() or (not _OTHER_ORDER(fast) and is_normalized("NFC", fast)):
            return fast
    return _text(value)


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
