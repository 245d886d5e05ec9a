"""The value grammar: every form a value cell takes in published tables, read or refused, never guessed."""

import re
from collections.abc import Callable
from decimal import Decimal

from factordb.values.marks import empty_meaning, normalise
from factordb.values.number import SIGNED, UNSIGNED, DecimalMark, Notation, Number, read_number
from factordb.values.refusal import Refused, refuse
from factordb.values.value import Form, Value

LONGEST_CELL = 120
"""Characters; the longest value cell of the shared real input has 16, the longest with its unit 21."""

_SEPARATOR = r"(?: *[~∼〜–—] *| +- +|-| *\.{3} *| +to +| *[至到] *)"
_WITHIN = rf"(?:{_SEPARATOR}| *; *|, +)"
_PM = r"(?:±|\+ ?/ ?-|\+-)"
_COVERAGE = r"(?P<cover>(?:(?:95|90|99) ?%(?: ?(?:CI|C\.I\.|confidence interval|置信区间))?|CI|range|范围)[:,]? *)?"
_LABEL = r"[^\W\d][^()0-9]{0,40}"
_BELOW = r"<=|≤|⩽|<|less than|up to|at most|小于等于|小于|低于|少于|不大于|不超过|不高于"
_ABOVE = r">=|≥|⩾|>|more than|at least|greater than|大于等于|大于|高于|超过|不小于|不低于"
_ROUGHLY = r"大约|约为|约|[~≈≅∼]|ca\.?|circa|c\.|approx\.?|approximately|about"

_PLUS_MINUS = re.compile(rf"(?P<a>{SIGNED}) *{_PM} *(?P<b>{UNSIGNED}) *(?P<pct>%)?")
_HALF_WIDTH = re.compile(rf"{_PM} *(?P<a>{UNSIGNED}) *(?P<pct>%)?")
_RANGE = re.compile(rf"(?P<a>{SIGNED}) *(?P<pa>%)?{_SEPARATOR}(?P<b>{SIGNED}) *(?P<pct>%)?")
_BRACKETED = re.compile(rf"[(\[] *(?P<a>{SIGNED}){_WITHIN}(?P<b>{SIGNED}) *[)\]] *(?P<pct>%)?")
_INTERVAL = re.compile(
    rf"(?P<c>{SIGNED}) *(?P<pct>%)? *[(\[] *{_COVERAGE}"
    rf"(?P<a>{SIGNED}) *(?P<pa>%)?{_WITHIN}(?P<b>{SIGNED}) *(?P<pb>%)? *[)\]]"
)
_LIMIT = re.compile(rf"(?P<word>{_BELOW}|{_ABOVE}) *(?P<a>{SIGNED}) *(?P<pct>%)?", re.IGNORECASE)
_ROUGH = re.compile(
    rf"(?:{_ROUGHLY}) *(?P<a>{SIGNED}) *(?P<pct>%)?|(?P<a2>{SIGNED}) *(?P<pct2>%)? *左右", re.IGNORECASE
)
_ONE_LABELLED = re.compile(rf"(?P<a>{SIGNED}) *[(\[] *(?P<label>{_LABEL}?) *[)\]] *[,;/]? *")
_SINGLE = re.compile(rf"(?P<a>{SIGNED}) *(?P<pct>%)?")
_IS_BELOW = re.compile(_BELOW, re.IGNORECASE)
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity|∞|无穷大?)", re.IGNORECASE)
_SHEET_ERROR = re.compile(r"=.*|#(?:DIV/0|VALUE|REF|NAME|NUM|NULL|SPILL|CALC)[!?]?", re.IGNORECASE)
_ANY_NUMBER = re.compile(UNSIGNED)

_Reader = Callable[[str, str, DecimalMark], Value | str | None]


def parse(text: str, *, decimal: DecimalMark = ".") -> Value | Refused:
    """Return what the value cell `text` says, or why it is refused. The published string is kept either way.

    Args:
        text: the cell as published.
        decimal: decimal mark the source declares. A comma is read under "." where it can mean one thing only
            ("0,85", "1,234.5"); "1,234" and "1.234,5" are refused unless "," is declared.
    """
    if len(text) > LONGEST_CELL:
        return refuse(text, "VAL105", str(len(text)))
    plain = normalise(text)
    meaning = empty_meaning(plain)
    if meaning is not None:
        return Value(text, None, None, None, Form.EMPTY, qualifier=meaning)
    for reader in _READERS:
        read = reader(text, plain, decimal)
        if isinstance(read, str):
            return refuse(text, read, plain)
        if read is not None:
            return read
    return refuse(text, _why(plain), plain)


def _why(plain: str) -> str:
    if _SHEET_ERROR.fullmatch(plain):
        return "VAL109"
    if _NOT_FINITE.fullmatch(plain):
        return "VAL104"
    numbers = _ANY_NUMBER.findall(plain)
    if not numbers:
        return "VAL101"
    rest = _ANY_NUMBER.sub("", plain)
    if len(numbers) > 1:
        return "VAL103"
    return "VAL107" if rest.strip() else "VAL108"


def _numbers(decimal: DecimalMark, *tokens: str) -> list[Number] | str:
    """Return the numbers of all tokens, or the first code that refuses one.

    All carry a power of ten or none does: in "9 ± 1 x 10-5" and "1-3E2" it is open what the power belongs to.
    """
    numbers = []
    for token in tokens:
        number = read_number(token, decimal)
        if isinstance(number, str):
            return number
        numbers.append(number)
    powers = {number.notation is Notation.SCIENTIFIC for number in numbers}
    return "VAL103" if len(powers) > 1 else numbers


def _single(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _SINGLE.fullmatch(plain)
    if match is None:
        return None
    number = read_number(match["a"], decimal)
    if isinstance(number, str):
        return number
    form = Form.PERCENT if match["pct"] else Form(number.notation.value)
    return _around(text, number, form, match["pct"] or "")


def _around(text: str, number: Number, form: Form, qualifier: str = "") -> Value:
    return Value(text, number.value, None, None, form, number.half_digit, qualifier, number.decimals)


def _plus_minus(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _PLUS_MINUS.fullmatch(plain)
    if match is None:
        return None
    numbers = _numbers(decimal, match["a"], match["b"])
    if isinstance(numbers, str):
        return numbers
    centre, width = numbers
    half = abs(centre.exact) * width.exact / 100 if match["pct"] else width.exact
    form = Form.PLUS_MINUS_PERCENT if match["pct"] else Form.PLUS_MINUS
    low, high = float(centre.exact - half), float(centre.exact + half)
    return Value(text, centre.value, low, high, form, centre.half_digit, "±", centre.decimals)


def _half_width(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _HALF_WIDTH.fullmatch(plain)
    if match is None:
        return None
    number = read_number(match["a"], decimal)
    if isinstance(number, str):
        return number
    return _around(text, number, Form.HALF_WIDTH_PERCENT if match["pct"] else Form.HALF_WIDTH, "±")


def _range(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _RANGE.fullmatch(plain) or _BRACKETED.fullmatch(plain)
    if match is None:
        return None
    if match.groupdict().get("pa") and not match["pct"]:
        return "VAL103"
    numbers = _numbers(decimal, match["a"], match["b"])
    if isinstance(numbers, str):
        return numbers
    low, high = numbers
    if low.exact > high.exact:
        return "VAL106"
    finest = max(low, high, key=lambda number: number.decimals)
    middle = float((low.exact + high.exact) / Decimal(2))
    return Value(
        text, middle, low.value, high.value, Form.RANGE, finest.half_digit, match["pct"] or "", finest.decimals
    )


def _interval(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _INTERVAL.fullmatch(plain)
    if match is None:
        return None
    if (match["pa"] or match["pb"]) and not match["pct"]:
        return "VAL103"  # "12 (5%–10%)": ends in percent of what?
    numbers = _numbers(decimal, match["c"], match["a"], match["b"])
    if isinstance(numbers, str):
        return numbers
    centre, low, high = numbers
    if low.exact > high.exact:
        return "VAL106"
    qualifier = " ".join(part for part in (match["pct"], (match["cover"] or "").strip(" :,")) if part)
    return Value(
        text, centre.value, low.value, high.value, Form.INTERVAL, centre.half_digit, qualifier, centre.decimals
    )


def _limit(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _LIMIT.fullmatch(plain)
    if match is None:
        return None
    number = read_number(match["a"], decimal)
    if isinstance(number, str):
        return number
    below = _IS_BELOW.fullmatch(match["word"]) is not None
    low, high = (None, number.value) if below else (number.value, None)
    qualifier = f"{match['word']} {match['pct'] or ''}".strip()
    return Value(
        text, None, low, high, Form.BELOW if below else Form.ABOVE, number.half_digit, qualifier, number.decimals
    )


def _rough(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    match = _ROUGH.fullmatch(plain)
    if match is None:
        return None
    number = read_number(match["a"] or match["a2"], decimal)
    if isinstance(number, str):
        return number
    return _around(text, number, Form.APPROXIMATE, match["pct"] or match["pct2"] or "")


def _labelled(text: str, plain: str, decimal: DecimalMark) -> Value | str | None:
    parts, place = [], 0
    while match := _ONE_LABELLED.match(plain, place):
        parts.append((match["label"].strip(), match["a"]))
        place = match.end()
    if not parts or place != len(plain):
        return None
    numbers = _numbers(decimal, *(token for _, token in parts))
    if isinstance(numbers, str):
        return numbers
    labels = [label for label, _ in parts]
    if len(parts) == 1:
        return _around(text, numbers[0], Form.LABELLED, labels[0])
    if len({label.casefold() for label in labels}) < len(labels):
        return "VAL103"
    pairs = tuple(zip(labels, (number.value for number in numbers), strict=True))
    return Value(text, None, None, None, Form.LISTED, qualifier="; ".join(labels), parts=pairs)


_READERS: tuple[_Reader, ...] = (
    _single,
    _plus_minus,
    _half_width,
    _limit,
    _range,
    _rough,
    _interval,
    _labelled,
)
