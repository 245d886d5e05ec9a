"""The tree of a declared expression: six kinds of node, frozen, comparable, hashable.

Every node knows the names below it, so that a derivative or a split passes over what does not matter.
Subtraction and division are signs inside `Sum` and `Product`, so long chains stay flat and are evaluated
from left to right, exactly as they were written.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

FUNCTIONS = ("exp", "log", "sqrt", "abs", "sin", "cos", "tan", "atan")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Number:
    """A finite constant."""

    value: float

    @property
    def names(self) -> frozenset[str]:
        """The names below: none."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Name:
    """A named input."""

    name: str

    @property
    def names(self) -> frozenset[str]:
        """The names below: itself."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with their signs, +1 or -1; a single term with -1 is a negation."""

    terms: "tuple[tuple[int, Node], ...]"
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset().union(*(below.names for below in children(self))))


@dataclass(frozen=True, slots=True)
class Product:
    """Factors with +1 (multiply) or -1 (divide), applied from left to right."""

    factors: "tuple[tuple[int, Node], ...]"
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset().union(*(below.names for below in children(self))))


@dataclass(frozen=True, slots=True)
class Power:
    """`base` raised to `exponent`."""

    base: "Node"
    exponent: "Node"
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset().union(*(below.names for below in children(self))))


@dataclass(frozen=True, slots=True)
class Call:
    """One of `FUNCTIONS` of one argument; log is the natural logarithm, angles are in radians."""

    function: str
    argument: "Node"
    names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset().union(*(below.names for below in children(self))))


Node: TypeAlias = Number | Name | Sum | Product | Power | Call

ZERO, ONE = Number(0.0), Number(1.0)


class Visitor(Protocol[T]):
    """What a fold computes at each kind of node from the results below it (dimensions, values, text …)."""

    def number(self, value: float) -> T:
        """Return the result of a constant."""
        ...

    def name(self, name: str) -> T:
        """Return the result of a named input."""
        ...

    def sum(self, terms: list[tuple[int, T]]) -> T:
        """Return the result of a sum of signed terms."""
        ...

    def product(self, factors: list[tuple[int, T]]) -> T:
        """Return the result of a product of factors, each with +1 or -1 for its power."""
        ...

    def power(self, base: T, exponent: T, constant: float | None) -> T:
        """Return the result of a power; `constant` is the exponent's value if it has no names."""
        ...

    def call(self, function: str, argument: T) -> T:
        """Return the result of a function of one argument."""
        ...


def fold(node: Node, visitor: Visitor[T]) -> T:
    """Return what `visitor` makes of the tree, from its leaves up."""
    match node:
        case Number(value):
            return visitor.number(value)
        case Name(name):
            return visitor.name(name)
        case Sum(terms):
            return visitor.sum([(sign, fold(term, visitor)) for sign, term in terms])
        case Product(factors):
            return visitor.product([(sign, fold(factor, visitor)) for sign, factor in factors])
        case Power(base, exponent):
            constant = exponent.value if isinstance(exponent, Number) else None
            return visitor.power(fold(base, visitor), fold(exponent, visitor), constant)
        case Call(function, argument):
            return visitor.call(function, fold(argument, visitor))


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below, from left to right."""
    match node:
        case Sum(signed) | Product(signed):
            return tuple(child for _, child in signed)
        case Power(base, exponent):
            return base, exponent
        case Call(_, argument):
            return (argument,)
        case _:
            return ()


def names_of(node: Node) -> tuple[str, ...]:
    """Return the distinct names in the order of their first appearance."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Name):
            found.setdefault(here.name)
        waiting.extend(reversed(children(here)))
    return tuple(found)


def rebuilt(node: Node, change: Callable[[Name], Node]) -> Node:
    """Return the tree with every name replaced by what `change` makes of it."""
    match node:
        case Name():
            return change(node)
        case Sum(terms):
            return add((sign, rebuilt(term, change)) for sign, term in terms)
        case Product(factors):
            return multiply((sign, rebuilt(factor, change)) for sign, factor in factors)
        case Power(base, exponent):
            return Power(rebuilt(base, change), rebuilt(exponent, change))
        case Call(function, argument):
            return Call(function, rebuilt(argument, change))
        case _:
            return node


def add(terms: Iterable[tuple[int, Node]]) -> Node:
    """Return the sum of signed terms, flat: sums inside sums are opened, a lone positive term is itself."""
    flat: list[tuple[int, Node]] = []
    for sign, term in terms:
        if isinstance(term, Sum):
            flat.extend((sign * inner, below) for inner, below in term.terms)
        elif isinstance(term, Number) and term.value < 0:
            flat.append((-sign, Number(-term.value)))
        else:
            flat.append((sign, term))
    if len(flat) == 1:
        sign, only = flat[0]
        if sign > 0:
            return only
        if isinstance(only, Number):
            return Number(-only.value)
    return Sum(tuple(flat)) if flat else ZERO


def multiply(factors: Iterable[tuple[int, Node]]) -> Node:
    """Return the product of factors, flat: a product inside a product is opened, a lone factor is itself."""
    flat: list[tuple[int, Node]] = []
    for sign, factor in factors:
        if isinstance(factor, Product):
            flat.extend((sign * inner, below) for inner, below in factor.factors)
        else:
            flat.append((sign, factor))
    if len(flat) == 1 and flat[0][0] > 0:
        return flat[0][1]
    if flat and flat[0][0] < 0:
        flat.insert(0, (1, ONE))
    return Product(tuple(flat)) if flat else ONE


def to_text(node: Node) -> str:
    """Return the canonical text; parsing it gives an equal tree."""
    match node:
        case Number(value):
            return number_text(value)
        case Name(name):
            return name
        case Sum(terms):
            return _sum_text(terms)
        case Product(factors):
            first, *rest = factors
            return _tight(first[1]) + "".join(f" {'*' if sign > 0 else '/'} {_tight(factor)}" for sign, factor in rest)
        case Power(base, exponent):
            inner = f"({to_text(base)})" if isinstance(base, Power) else _tight(base)
            # a negative exponent needs no brackets, the grammar reads "x ^ -2"
            outer = to_text(exponent) if isinstance(exponent, Number) else _tight(exponent)
            return f"{inner} ^ {outer}"
        case Call(function, argument):
            return f"{function}({to_text(argument)})"


def number_text(value: float) -> str:
    """Return the shortest decimal text that reads back as the same float64."""
    text = repr(value)
    return text.removesuffix(".0")


def _sum_text(terms: tuple[tuple[int, Node], ...]) -> str:
    (sign, first), *rest = terms
    text = ("-" if sign < 0 else "") + to_text(first)
    return text + "".join(f" {'+' if sign > 0 else '-'} {to_text(term)}" for sign, term in rest)


def _tight(node: Node) -> str:
    text = to_text(node)
    loose = isinstance(node, Sum | Product) or (isinstance(node, Number) and node.value < 0)
    return f"({text})" if loose else text
