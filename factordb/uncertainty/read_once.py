"""Formulas in which every input enters once, as nested products and sums of independent parts."""

import math
from dataclasses import dataclass, replace
from typing import TypeAlias

from factordb.expression import Expression
from factordb.expression.structure import constant_of
from factordb.expression.tree import Call, Name, Node, Number, Power, Product, Sum, children


@dataclass(frozen=True)
class Plan:
    """constant·Π part^factor if `log`, else constant + Σ factor·part; a part is an input or a plan of its own."""

    log: bool
    constant: float
    parts: tuple[tuple["str | Plan", float], ...]

    @property
    def nested(self) -> bool:
        """Whether some part is a plan."""
        return any(isinstance(part, Plan) for part, _ in self.parts)


Part: TypeAlias = str | float | Plan


def plan_of(expression: Expression) -> Plan | None:
    """Return the plan of a formula: a monomial, a linear sum, or one that names every input once; else None."""
    monomial, linear = expression.monomial(), expression.linear()
    if monomial is not None:
        return Plan(log=True, constant=monomial[0], parts=tuple(monomial[1].items()))
    if linear is not None:
        return Plan(log=False, constant=linear[0], parts=tuple(linear[1].items()))
    if _leaves(expression.root) > len(expression.names):
        return None
    found = _part(expression.root)
    return found if isinstance(found, Plan) else None


def _leaves(node: Node) -> int:
    return 1 if isinstance(node, Name) else sum(_leaves(child) for child in children(node))


def _part(node: Node) -> Part | None:  # noqa: PLR0911 - one return per kind of node
    match node:
        case Number(value):
            return value
        case Name(name):
            return name
        case Sum(terms):
            return _sum(terms)
        case Product(factors):
            return _product(factors)
        case Power(base, exponent):
            power = constant_of(exponent, ())
            return None if power is None or exponent.names else _raised(_part(base), power)
        case Call("sqrt", argument):
            return _raised(_part(argument), 0.5)
        case _:
            return None


def _sum(terms: tuple[tuple[int, Node], ...]) -> Plan | None:
    constant = 0.0
    parts: list[tuple[str | Plan, float]] = []
    for sign, term in terms:
        part = _part(term)
        if part is None:
            return None
        if isinstance(part, float):
            constant += sign * part
        elif isinstance(part, Plan) and part.log:
            alone = len(part.parts) == 1 and part.parts[0][1] == 1
            parts.append((part.parts[0][0] if alone else replace(part, constant=1.0), sign * part.constant))
        else:
            parts.append((part, float(sign)))
    return Plan(log=False, constant=constant, parts=tuple(parts))


def _product(factors: tuple[tuple[int, Node], ...]) -> Plan | None:
    constant = 1.0
    parts: list[tuple[str | Plan, float]] = []
    for sign, factor in factors:
        part = _part(factor)
        raised = None if part is None else _raised(part, float(sign))
        if raised is None:
            return None
        constant *= raised.constant
        parts.extend(raised.parts)
    return Plan(log=True, constant=constant, parts=tuple(parts))


def _raised(part: Part | None, power: float) -> Plan | None:
    """Return part^power; None where the constant would not be real."""
    if part is None:
        return None
    if isinstance(part, str) or (isinstance(part, Plan) and not part.log):
        return Plan(log=True, constant=1.0, parts=((part, power),))
    constant = part.constant if isinstance(part, Plan) else float(part)
    if constant == 0 or (constant < 0 and not power.is_integer()):
        return None
    below = part.parts if isinstance(part, Plan) else ()
    return Plan(log=True, constant=math.pow(constant, power), parts=tuple((one, inner * power) for one, inner in below))
