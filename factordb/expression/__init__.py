"""Declared expressions: a safe grammar for recipes and measurement models, and what can be told of them."""

from factordb.expression.formula import Expression
from factordb.expression.grammar import ExpressionError
from factordb.expression.tree import FUNCTIONS, Visitor

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "Visitor"]
