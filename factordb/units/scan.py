"""From a unit string to words: normalise, then the longest known spelling at each place."""

import re
from dataclasses import dataclass
from typing import Literal

from factordb.units.tables import Ambiguous, Entry, Phrase, Substance, UnitWord, lexicon
from factordb.values.marks import normalise

LONGEST_UNIT = 120
"""Characters; the longest unit string of the shared real input has 29 (DEFRA 2022)."""

HOLDERS = frozenset(
    {"mass", "amount_of_substance", "volume", "normal_volume", "standard_volume_15c", "standard_volume_60f"}
)
"""Dimensions that can be an amount of a substance."""

Kind = Literal["word", "number", "slash", "dot", "open", "close", "of"]

_NUMBER = re.compile(r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\^(?P<power>[+-]?[0-9]+)|[eE](?P<e>[+-]?[0-9]+))?")
_POWER_OF_TEN = re.compile(r"10*")
_EXPONENT = re.compile(
    r"\^?(?P<minus>-[0-9]+)(?![.0-9])|\^\+?(?P<plus>[0-9]+)(?![.0-9])|\^\{(?P<braced>-?[0-9]+)\}|\^\((?P<round>-?[0-9]+)\)"
)
_CONNECTIVE = re.compile(r"(?P<per>per|每)(?![a-z])|(?P<of>of)(?![a-z])", re.IGNORECASE)
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_EFDB_ID = re.compile(r"\s*\([0-9]{2,4}\)$")
_RUN = re.compile(r"[^\s/·()*^]+")
_DOTS = str.maketrans({"*": "·", "×": "·", "・": "·", "。": ".", "﹒": "·", "∕": "/", "⁄": "/", "÷": "/"})
_SIGNS: dict[str, Kind] = {"/": "slash", "·": "dot", "(": "open", ")": "close", "[": "open", "]": "close"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, figure or sign of a unit string."""

    kind: Kind
    text: str
    entry: Entry | None = None
    power: int = 1
    """Exponent of a word; power of ten of a number."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stopped the reading."""

    code: str
    found: str
    expected: str = ""


def tidy(text: str) -> str:
    """Return the unit string in one spelling of signs, without the unit id the IPCC EFDB appends."""
    return _EFDB_ID.sub("", normalise(text).translate(_DOTS)).strip().rstrip(".").strip()


def scan(plain: str) -> list[Token] | Trouble:
    """Return the tokens of a tidied unit string, or what stopped the reading."""
    if len(plain) > LONGEST_UNIT:
        return Trouble("UNI107", plain[:40])
    if _UNREADABLE.search(plain):
        return Trouble("UNI107", plain)
    if plain.count("(") != plain.count(")") or plain[:1] == "/" or plain[-1:] in ("/", "·", "^", "-"):
        return Trouble("UNI103", plain)
    tokens: list[Token] = []
    place = 0
    while place < len(plain):
        if plain[place] == " ":
            place += 1
            continue
        step = _next(plain, place)
        if isinstance(step, Trouble):
            return step
        read, place = step
        tokens.extend(read)
    if tokens and tokens[-1].kind in ("slash", "dot", "of"):
        return Trouble("UNI103", plain)
    return tokens


def _next(plain: str, place: int) -> tuple[list[Token], int] | Trouble:
    """Return the tokens at `place` and where the next begin."""
    character = plain[place]
    if character in _SIGNS:
        return _sign(plain, place)
    if character.isdigit() and character.isascii():
        return _number(plain, place)
    found = _word(plain, place) or _connective(plain, place)
    if found is not None:
        return found
    if character in "-." and _joins(plain, place):
        return [Token("dot", character)], place + 1
    return Trouble("UNI105", plain) if character in "-.,;:+" else _unknown(plain, place)


def _sign(plain: str, place: int) -> tuple[list[Token], int] | Trouble:
    """Read a sign; a closing bracket takes the exponent that follows it, as in "(kg N)-1"."""
    kind = _SIGNS[plain[place]]
    if kind != "close":
        return [Token(kind, plain[place])], place + 1
    power, end = _exponent(plain, place + 1)
    return [Token(kind, plain[place:end], power=power)], end


def _connective(plain: str, place: int) -> tuple[list[Token], int] | None:
    match = _CONNECTIVE.match(plain, place)
    if match is None:
        return None
    return [Token("slash" if match["per"] else "of", match[0])], match.end()


def _joins(plain: str, place: int) -> bool:
    """Whether the hyphen or full stop at `place` stands between two words, as in tonne-km, passenger.km."""
    return place > 0 and place + 1 < len(plain) and plain[place - 1] != " " and plain[place + 1].isalpha()


def _unknown(plain: str, place: int) -> Trouble:
    run = _RUN.match(plain, place)
    found = run[0] if run else plain[place:]
    alternatives = sorted({spelling for spelling in lexicon().exact if spelling.casefold() == found.casefold()})
    if alternatives:
        return Trouble("UNI108", found, " / ".join(alternatives))
    return Trouble("UNI102", found)


def _number(plain: str, place: int) -> tuple[list[Token], int] | Trouble:
    match = _NUMBER.match(plain, place)
    if match is None:
        return Trouble("UNI105", plain[place:])
    digits = match["digits"].replace(",", "")
    raised = match["power"]
    if (
        not _POWER_OF_TEN.fullmatch(digits)
        or (raised and digits != "10")
        or plain[match.end() : match.end() + 1] == "."
    ):
        return Trouble("UNI105", match[0])
    power = int(raised) if raised else len(digits) - 1 + int(match["e"] or 0)
    return [Token("number", match[0], power=power)], match.end()


def _word(plain: str, place: int) -> tuple[list[Token], int] | Trouble | None:
    """Return the longest known word at `place`, with its exponent; None when none begins there."""
    found = longest(plain, place)
    if found is None:
        return None
    entry, end = found
    text = plain[place:end]
    if isinstance(entry, Ambiguous):
        return Trouble(entry.code, text, entry.alternatives)
    if isinstance(entry, Phrase):
        meaning = scan(entry.meaning)
        return meaning if isinstance(meaning, Trouble) else (meaning, end)
    power, end = _exponent(plain, end)
    return [Token("word", text, entry, power)], end


def _exponent(plain: str, place: int) -> tuple[int, int]:
    """Return (exponent written at `place`, its end); (1, place) where there is none.

    A fraction ("year0.5") is no exponent here: what follows it then stops the reading.
    """
    match = _EXPONENT.match(plain, place)
    if match is None:
        return 1, place
    return int(next(part for part in match.groups() if part)), match.end()


def longest(plain: str, place: int) -> tuple[Entry, int] | None:
    """Return the longest spelling that begins at `place` and ends at the end of a word, with its end."""
    words = lexicon()
    for end in range(min(len(plain), place + words.longest), place, -1):
        entry = words.find(plain[place:end])
        if entry is not None and _ends_a_word(plain, end, entry):
            return entry, end
    return None


def _ends_a_word(plain: str, end: int, entry: Entry) -> bool:
    """Whether a word may end at `end`: no letter or figure goes on, unless a substance is glued to its unit."""
    if end == len(plain):
        return True
    last, following = plain[end - 1], plain[end]
    if not following.isalnum() or not last.isalnum():
        return True
    if _is_han(last) or _is_han(following):
        return True
    if not isinstance(entry, UnitWord) or entry.dimension not in HOLDERS or not following.isalpha():
        return False
    glued = longest(plain, end)
    return glued is not None and isinstance(glued[0], Substance)


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
