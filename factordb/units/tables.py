"""The words units are made of, read once from `reference/units`."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from types import MappingProxyType

from factordb.values.marks import normalise

_FOLDED_FROM = 4


@dataclass(frozen=True, slots=True)
class UnitWord:
    """A unit: its symbol, dimension, size in pint's words (or a plain factor), and the basis it implies."""

    symbol: str
    dimension: str
    pint: str
    basis: str


@dataclass(frozen=True, slots=True)
class Substance:
    """What a mass is a mass of; `ratio` is the declared conversion of an element basis to `of_gas`."""

    name: str
    role: str
    of_gas: str
    ratio: Fraction | None


@dataclass(frozen=True, slots=True)
class Scale:
    """A power of ten before a unit."""

    power: int


@dataclass(frozen=True, slots=True)
class BasisWord:
    """A basis such as NCV, or a note of the publisher on the number ("note:…")."""

    basis: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A word with several meanings, refused under `code`."""

    word: str
    code: str
    alternatives: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase that stands for other unit text."""

    meaning: str


Entry = UnitWord | Substance | Scale | BasisWord | Ambiguous | Phrase


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension and its one canonical unit; `canonical` is empty where each unit is its own."""

    name: str
    canonical: str
    pint: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every spelling we read: exact, and without regard to case for whole words."""

    exact: Mapping[str, Entry]
    folded: Mapping[str, Entry]
    longest: int

    def find(self, text: str) -> Entry | None:
        """Return what `text` means as a whole, or None."""
        return self.exact.get(text) or self.folded.get(text.casefold())


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = resources.files("factordb").joinpath("reference", "units", name)
    lines = table.read_text(encoding="utf-8").splitlines()
    yield from csv.DictReader(line for line in lines if not line.startswith("# "))


def _spelled() -> Iterator[tuple[str, Entry]]:
    """Yield every (spelling, meaning) of the tables."""
    for row in _rows("units.csv"):
        unit = UnitWord(row["symbol"], row["dimension"], row["pint"], row["basis"])
        yield from ((spelling, unit) for spelling in row["spellings"].split("|"))
        yield row["symbol"], unit
    for row in _rows("substances.csv"):
        ratio = Fraction(row["ratio"]) if row["ratio"] else None
        substance = Substance(row["substance"], row["role"], row["of_gas"], ratio)
        yield from ((spelling, substance) for spelling in row["spellings"].split("|"))
    yield from ((row["word"], Scale(int(row["power"]))) for row in _rows("scales.csv"))
    yield from ((row["word"], BasisWord(row["basis"])) for row in _rows("bases.csv"))
    yield from ((row["phrase"], Phrase(row["meaning"])) for row in _rows("phrases.csv"))
    for row in _rows("ambiguous.csv"):
        yield row["word"], Ambiguous(row["word"], row["code"], row["alternatives"])


@cache
def lexicon() -> Lexicon:
    """Return every spelling of `reference/units`; exact case wins over folded."""
    exact: dict[str, Entry] = {}
    folded: dict[str, Entry] = {}
    for spelling, entry in _spelled():
        if spelling == "1":
            continue  # the pure number is a figure to the grammar, not a word
        plain = normalise(spelling)
        exact.setdefault(plain, entry)
        letters = sum(character.isalpha() for character in plain)
        is_word = plain == plain.lower() and letters >= _FOLDED_FROM
        if is_word or isinstance(entry, Phrase):
            folded.setdefault(plain.casefold(), entry)
    return Lexicon(MappingProxyType(exact), MappingProxyType(folded), max(map(len, exact)))


@cache
def dimensions() -> Mapping[str, Dimension]:
    """Return name -> dimension."""
    return MappingProxyType(
        {
            row["dimension"]: Dimension(row["dimension"], row["canonical"], row["pint"], row["zh"], row["en"])
            for row in _rows("dimensions.csv")
        }
    )


@cache
def composites() -> Mapping[frozenset[str], tuple[str, Fraction]]:
    """Return {first, second} -> (dimension of the product, canonical composite per canonical parts)."""
    return MappingProxyType(
        {
            frozenset((row["first"], row["second"])): (row["dimension"], Fraction(row["factor"]))
            for row in _rows("composites.csv")
        }
    )


@cache
def gases() -> Mapping[str, Substance]:
    """Return name -> substance for every gas, element and gas counted as an element."""
    found = (entry for _, entry in _spelled() if isinstance(entry, Substance) and entry.role != "qualifier")
    return MappingProxyType({substance.name: substance for substance in found})
