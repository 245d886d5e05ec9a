"""Symbolic derivatives, lightly simplified: zeros and ones vanish, constants are gathered."""

import math

from factordb.expression.tree import (
    ONE,
    ZERO,
    Call,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    add,
    multiply,
)


def derivative(node: Node, name: str) -> Node:  # noqa: PLR0911 - one return per kind of node
    """Return ∂node/∂name. At a kink (abs at 0) the result evaluates to NaN."""
    if name not in node.names:
        return ZERO
    match node:
        case Name():
            return ONE
        case Sum(terms):
            return plus([(sign, derivative(term, name)) for sign, term in terms if name in term.names])
        case Product(factors):
            holding = [i for i, (_, factor) in enumerate(factors) if name in factor.names]
            return plus([_one_factor(factors, i, name) for i in holding])
        case Power(base, exponent):
            return _power(base, exponent, name)
        case Call(function, argument):
            return times([(1, derivative(argument, name)), *_outer(function, argument)])
        case _:
            return ZERO


def _one_factor(factors: tuple[tuple[int, Node], ...], i: int, name: str) -> tuple[int, Node]:
    """Return the term of the product rule that differentiates factor i: sign and product."""
    sign, factor = factors[i]
    inner = derivative(factor, name)
    if inner == ZERO:
        return 1, ZERO
    others = [*factors[:i], *factors[i + 1 :]]
    if sign > 0:
        return 1, times([(1, inner), *others])
    return -1, times([(1, inner), *others, (-1, Power(factor, Number(2.0)))])


def _power(base: Node, exponent: Node, name: str) -> Node:
    if isinstance(exponent, Number):
        below = raised(base, exponent.value - 1)
        return times([(1, exponent), (1, below), (1, derivative(base, name))])
    by_exponent = times([(1, derivative(exponent, name)), (1, Call("log", base))])
    by_base = times([(1, exponent), (1, derivative(base, name)), (-1, base)])
    return times([(1, Power(base, exponent)), (1, plus([(1, by_exponent), (1, by_base)]))])


def _outer(function: str, argument: Node) -> list[tuple[int, Node]]:
    """Return the factors of the derivative of `function` at `argument`."""
    here = Call(function, argument)
    square = Power(argument, Number(2.0))
    rules: dict[str, list[tuple[int, Node]]] = {
        "exp": [(1, here)],
        "log": [(-1, argument)],
        "sqrt": [(-1, Number(2.0)), (-1, here)],
        "abs": [(1, argument), (-1, here)],
        "sin": [(1, Call("cos", argument))],
        "cos": [(1, Number(-1.0)), (1, Call("sin", argument))],
        "tan": [(-1, Power(Call("cos", argument), Number(2.0)))],
        "atan": [(-1, add([(1, ONE), (1, square)]))],
    }
    return rules[function]


def raised(base: Node, exponent: float) -> Node:
    """Return base ^ exponent, without the power where it is 0 or 1."""
    if exponent == 0:
        return ONE
    return base if exponent == 1 else Power(base, Number(exponent))


def plus(terms: list[tuple[int, Node]]) -> Node:
    """Return the sum without zeros, its constants gathered in the last term."""
    flat = add([(sign, term) for sign, term in terms if term != ZERO])
    if not isinstance(flat, Sum):
        return flat
    constants = [sign * term.value for sign, term in flat.terms if isinstance(term, Number)]
    rest = [(sign, term) for sign, term in flat.terms if not isinstance(term, Number)]
    total = math.fsum(constants)
    return add([*rest, (1, Number(total))] if total else rest)


def times(factors: list[tuple[int, Node]]) -> Node:
    """Return the product with its constants gathered in the first factor, zero if one factor is zero."""
    flat = multiply(factors)
    if not isinstance(flat, Product):
        return flat
    constant = 1.0
    rest: list[tuple[int, Node]] = []
    for sign, factor in flat.factors:
        if not isinstance(factor, Number):
            rest.append((sign, factor))
        elif sign > 0:
            constant *= factor.value
        elif factor.value == 0:  # a division by zero is kept: evaluating it says so
            rest.append((sign, factor))
        else:
            constant /= factor.value
    if constant == 0:
        return ZERO
    if constant in {1.0, -1.0}:
        return add([(int(constant), multiply(rest))])
    return multiply([(1, Number(constant)), *rest])
