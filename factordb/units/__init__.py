"""The unit grammar: published unit strings become dimensions, bases, gases and factors, or are refused."""

from factordb.units.bulk import SCHEMA, UnknownWord, parse_many, unknown_words
from factordb.units.conversion import convert, element_to_gas
from factordb.units.grammar import parse
from factordb.units.tables import Dimension, dimensions
from factordb.units.unit import Quantity, Unit

__all__ = [
    "SCHEMA",
    "Dimension",
    "Quantity",
    "Unit",
    "UnknownWord",
    "convert",
    "dimensions",
    "element_to_gas",
    "parse",
    "parse_many",
    "unknown_words",
]
