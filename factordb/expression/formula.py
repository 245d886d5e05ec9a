"""`Expression`: a declared formula over named inputs, read, evaluated, differentiated and recognised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from factordb.errors import UsageError
from factordb.expression.calculus import derivative
from factordb.expression.grammar import parse
from factordb.expression.structure import affine_split, terms_of
from factordb.expression.tree import (
    Call,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Visitor,
    fold,
    names_of,
    rebuilt,
    to_text,
)

Array: TypeAlias = NDArray[np.float64]
T = TypeVar("T")

_NUMPY: dict[str, Callable[..., Array]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "atan": np.arctan,
}


@dataclass(frozen=True)
class Expression:
    """A formula as a frozen tree; equal formulas are equal and hash alike, `str` is its canonical text."""

    root: Node

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Return the expression that `text` declares (grammar: `factordb.expression.grammar`).

        Raises:
            ExpressionError: the text is not in the grammar; names the character and the remedy.
        """
        return cls(parse(text))

    def __str__(self) -> str:
        return to_text(self.root)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The distinct inputs in the order of their first appearance."""
        return names_of(self.root)

    def evaluate(self, values: Mapping[str, ArrayLike]) -> Array:
        """Return the formula's value, float64, in the inputs' broadcast shape.

        Where it is not defined (0/0, log of a negative) the value is NaN or infinite, without a warning.
        The inputs are not changed.

        Raises:
            UsageError: an input has no value.
        """
        self._require(values)
        arrays = {name: np.asarray(values[name], dtype=np.float64) for name in self.names}
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
        with np.errstate(all="ignore"):
            result = _value(self.root, arrays)
        if isinstance(self.root, Name):
            result = result.copy()
        return result if result.shape == shape else np.broadcast_to(result, shape).copy()

    def fold(self, visitor: Visitor[T]) -> T:
        """Return what `visitor` makes of the tree from its leaves up: dimensions, text, counts."""
        return fold(self.root, visitor)

    def renamed(self, names: Mapping[str, str]) -> "Expression":
        """Return the formula with inputs renamed; names not in the mapping stay."""
        return Expression(rebuilt(self.root, lambda node: Name(names.get(node.name, node.name))))

    @cached_property
    def _terms(self) -> dict[tuple[tuple[str, float], ...], float] | None:
        return terms_of(self.root, self.names)

    def terms(self) -> list[tuple[float, dict[str, float]]] | None:
        """Return the formula as a sum of coefficient × product of powers, or None if it is none."""
        if self._terms is None:
            return None
        return [(coefficient, dict(powers)) for powers, coefficient in self._terms.items()]

    def monomial(self) -> tuple[float, dict[str, float]] | None:
        """Return (coefficient, {name: power}) if the formula is one product of powers, else None."""
        terms = self.terms()
        return terms[0] if terms is not None and len(terms) == 1 else None

    def linear(self) -> tuple[float, dict[str, float]] | None:
        """Return (constant, {name: coefficient}) if the formula is a linear inventory, else None."""
        terms = self.terms()
        if terms is None:
            return None
        constant, slopes = 0.0, {}
        for coefficient, powers in terms:
            if not powers:
                constant = coefficient
            elif list(powers.values()) == [1.0]:
                slopes[next(iter(powers))] = coefficient
            else:
                return None
        return constant, slopes

    def multilinear(self) -> list[tuple[float, tuple[str, ...]]] | None:
        """Return its terms (coefficient, names) if every input enters each term at most once, else None."""
        terms = self.terms()
        if terms is None or any(set(powers.values()) - {1.0} for _, powers in terms):
            return None
        return [(coefficient, tuple(powers)) for coefficient, powers in terms]

    def affine_in(self, name: str) -> bool:
        """Return whether the formula is A·name + B with A and B free of `name`."""
        return affine_split(self.root, name) is not None

    def affine_split(self, name: str) -> "tuple[Expression, Expression] | None":
        """Return the formulas (A, B) with value = A·name + B, or None."""
        parts = affine_split(self.root, name)
        return None if parts is None else (Expression(parts[0]), Expression(parts[1]))

    def affine_parts(self, name: str, values: Mapping[str, ArrayLike]) -> tuple[Array, Array]:
        """Return the values of (A, B) in value = A·name + B; `name` itself needs no value.

        Raises:
            UsageError: the formula is not affine in `name`, or another input has no value.
        """
        parts = self.affine_split(name)
        if parts is None:
            raise UsageError(
                problem=f"{self} is not affine in {name!r}",
                remedy="choose an input that enters once and to the first power, or sample the formula",
                problem_zh=f"{self} 对 {name!r} 不是线性（仿射）的",
                remedy_zh="请选择只以一次幂出现一次的输入量，或改用抽样",
            )
        return parts[0].evaluate(values), parts[1].evaluate(values)

    def derivative(self, name: str) -> "Expression":
        """Return the symbolic derivative with respect to `name`."""
        return Expression(derivative(self.root, name))

    def gradient(self, values: Mapping[str, ArrayLike]) -> dict[str, Array]:
        """Return {name: ∂f/∂name} at `values`, each in the inputs' broadcast shape."""
        shape = self._shape(values)
        return {name: _wide(self.derivative(name), values, shape) for name in self.names}

    def hessian(self, values: Mapping[str, ArrayLike]) -> dict[tuple[str, str], Array]:
        """Return {(i, j): ∂²f/∂i∂j} at `values`, both orders of each pair; pairs left out are zero."""
        shape = self._shape(values)
        out: dict[tuple[str, str], Array] = {}
        place = {name: i for i, name in enumerate(self.names)}
        for one in self.names:
            first = self.derivative(one)
            for other in first.names:
                if place[other] >= place[one]:
                    out[one, other] = _wide(first.derivative(other), values, shape)
                    out[other, one] = out[one, other]
        return out

    def _shape(self, values: Mapping[str, ArrayLike]) -> tuple[int, ...]:
        self._require(values)
        return np.broadcast_shapes(*(np.shape(values[name]) for name in self.names))

    def _require(self, values: Mapping[str, ArrayLike]) -> None:
        missing = [name for name in self.names if name not in values]
        if missing:
            raise UsageError(
                problem=f"{self} has no value for {', '.join(missing)}",
                remedy="give every input of the expression a value",
                problem_zh=f"{self} 缺少输入量 {'、'.join(missing)} 的取值",
                remedy_zh="请为表达式的每个输入量给出取值",
            )


def _wide(expression: Expression, values: Mapping[str, ArrayLike], shape: tuple[int, ...]) -> Array:
    return np.array(np.broadcast_to(expression.evaluate(values), shape))


def _value(node: Node, arrays: Mapping[str, Array]) -> Array:  # noqa: PLR0911 - one return per kind of node
    match node:
        case Number(value):
            return np.asarray(value)
        case Name(name):
            return arrays[name]
        case Sum(terms):
            return _chain(terms, arrays, np.add, np.subtract)
        case Product(factors):
            return _chain(factors, arrays, np.multiply, np.divide)
        case Power(base, Number(2.0)):
            below = _value(base, arrays)
            return np.asarray(below * below)
        case Power(base, exponent):
            return np.asarray(np.power(_value(base, arrays), _value(exponent, arrays)))
        case Call(function, argument):
            return np.asarray(_NUMPY[function](_value(argument, arrays)))


def _chain(signed: tuple[tuple[int, Node], ...], arrays: Mapping[str, Array], up: np.ufunc, down: np.ufunc) -> Array:
    """Return the chain's value from left to right, in one buffer where the shapes allow it."""
    sign, first = signed[0]
    total = _value(first, arrays)
    owned = not isinstance(first, Name)
    if sign < 0:  # a product never starts with a division, see tree.multiply
        total, owned = np.asarray(np.negative(total)), True
    for sign, node in signed[1:]:
        step = up if sign > 0 else down
        value = _value(node, arrays)
        if owned and total.ndim and np.broadcast_shapes(total.shape, value.shape) == total.shape:
            step(total, value, out=total)
        else:
            total, owned = np.asarray(step(total, value)), True
    return total
