"""What kind of formula an expression is: a monomial, a linear inventory, multilinear, affine in one input."""

from typing import TypeAlias

from factordb.expression.calculus import plus, times
from factordb.expression.tree import ONE, ZERO, Call, Name, Node, Number, Power, Product, Sum

# A product of sums is opened only so far: beyond it a formula is treated as having no simple structure.
MAX_TERMS = 512

Powers: TypeAlias = tuple[tuple[str, float], ...]
Terms: TypeAlias = dict[Powers, float]


def terms_of(node: Node, names: tuple[str, ...]) -> Terms | None:  # noqa: PLR0911 - one return per kind of node
    """Return the expression as a sum of monomials, {((name, power), …): coefficient}, or None.

    Powers are real numbers; names stand in the order of `names`. Where a fractional power covers a product,
    the form holds for positive inputs; a fractional power of an even one, such as sqrt(a^2), gives None.
    """
    match node:
        case Number(value):
            return {(): value}
        case Name(name):
            return {((name, 1.0),): 1.0}
        case Sum(terms):
            return _sum(terms, names)
        case Product(factors):
            return _product(factors, names)
        case Power(base, exponent):
            power = constant_of(exponent, names)
            below = terms_of(base, names)
            return None if power is None or below is None else _raise(below, power, names)
        case Call("sqrt", argument):
            below = terms_of(argument, names)
            return None if below is None else _raise(below, 0.5, names)
        case _:
            return None


def constant_of(node: Node, names: tuple[str, ...]) -> float | None:
    """Return the value of an exponent without names, or None."""
    terms = terms_of(node, names)
    if terms is None or any(terms.keys() - {()}):
        return None
    return terms.get((), 0.0)


def _sum(terms: tuple[tuple[int, Node], ...], names: tuple[str, ...]) -> Terms | None:
    total: Terms = {}
    for sign, term in terms:
        below = terms_of(term, names)
        if below is None:
            return None
        for powers, coefficient in below.items():
            total[powers] = total.get(powers, 0.0) + sign * coefficient
    return {powers: coefficient for powers, coefficient in total.items() if coefficient}


def _product(factors: tuple[tuple[int, Node], ...], names: tuple[str, ...]) -> Terms | None:
    total: Terms | None = {(): 1.0}
    for sign, factor in factors:
        below = terms_of(factor, names)
        if below is not None and sign < 0:
            below = _raise(below, -1.0, names)
        if below is None or total is None:
            return None
        total = _times(total, below, names)
    return total


def _times(left: Terms, right: Terms, names: tuple[str, ...]) -> Terms | None:
    if len(left) * len(right) > MAX_TERMS and min(len(left), len(right)) > 1:
        return None
    total: Terms = {}
    for one, by_one in left.items():
        for other, by_other in right.items():
            merged = dict(one)
            for name, power in other:
                merged[name] = merged.get(name, 0.0) + power
            powers = tuple((name, merged[name]) for name in names if merged.get(name))
            total[powers] = total.get(powers, 0.0) + by_one * by_other
    return {powers: coefficient for powers, coefficient in total.items() if coefficient}


def _raise(terms: Terms, power: float, names: tuple[str, ...]) -> Terms | None:
    if power == 0:
        return {(): 1.0}
    if len(terms) != 1:
        return _repeat(terms, power, names)
    ((powers, coefficient),) = terms.items()
    whole = float(power).is_integer()
    if not whole and (coefficient < 0 or any(inner % 2 == 0 for _, inner in powers)):
        return None
    try:
        return {tuple((name, inner * power) for name, inner in powers): coefficient**power}
    except OverflowError:
        return None


def _repeat(terms: Terms, power: float, names: tuple[str, ...]) -> Terms | None:
    """Return a sum raised to a small whole power, opened."""
    if not float(power).is_integer() or not 0 < power <= 8:  # noqa: PLR2004 - beyond it no factor formula goes
        return None
    total: Terms | None = terms
    for _ in range(int(power) - 1):
        total = None if total is None else _times(total, terms, names)
    return total


def affine_split(node: Node, name: str) -> tuple[Node, Node] | None:
    """Return (A, B), free of `name`, with node = A·name + B; None if the node is not of that form."""
    if name not in node.names:
        return ZERO, node
    match node:
        case Name():
            return ONE, ZERO
        case Sum(terms):
            return _affine_sum(terms, name)
        case Product(factors):
            return _affine_product(factors, name)
        case Power(base, Number(1.0)):
            return affine_split(base, name)
        case _:
            return None


def _affine_sum(terms: tuple[tuple[int, Node], ...], name: str) -> tuple[Node, Node] | None:
    slopes: list[tuple[int, Node]] = []
    rests: list[tuple[int, Node]] = []
    for sign, term in terms:
        parts = affine_split(term, name)
        if parts is None:
            return None
        slopes.append((sign, parts[0]))
        rests.append((sign, parts[1]))
    return plus(slopes), plus(rests)


def _affine_product(factors: tuple[tuple[int, Node], ...], name: str) -> tuple[Node, Node] | None:
    holding = [i for i, (_, factor) in enumerate(factors) if name in factor.names]
    if len(holding) > 1 or factors[holding[0]][0] < 0:
        return None
    parts = affine_split(factors[holding[0]][1], name)
    if parts is None:
        return None
    others = [signed for i, signed in enumerate(factors) if i != holding[0]]
    return times([(1, parts[0]), *others]), times([(1, parts[1]), *others])
