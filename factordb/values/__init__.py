"""The value grammar: published value strings become numbers with bounds, or are refused with a reason."""

from factordb.values.bulk import SCHEMA, distinct, parse_many
from factordb.values.glued import SPLIT_SCHEMA, split_many, split_value_unit
from factordb.values.grammar import parse
from factordb.values.refusal import Refused, refusal_words, refuse
from factordb.values.value import Form, Value

__all__ = [
    "SCHEMA",
    "SPLIT_SCHEMA",
    "Form",
    "Refused",
    "Value",
    "distinct",
    "parse",
    "parse_many",
    "refusal_words",
    "refuse",
    "split_many",
    "split_value_unit",
]
