"""What the quality board and the pages of uncertainty draw: shares, one-at-a-time influences, targets."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from factordb.expression import Expression, ExpressionError
from factordb.formats.plots import Influence, tornado_plot
from factordb.reference import tables
from factordb.uncertainty.drawing import bar_plot
from factordb.uncertainty.statements import distributions_of

__all__ = ["shares_of", "standard_targets", "tornado_of"]

ENDS = np.array([[0.025, 0.975]])
"""Each input goes to the ends of its own symmetric 95 % interval, the others stay at their means."""
MANY = 2
GROUND = 'style="background:#FFFFFF;'

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def shares_of(shares: Mapping[str, float], title: str) -> str:
    """Return bars of shares (fractions) with their per cent printed, largest first; empty text without any."""
    if not shares:
        return ""
    told = "; ".join(f"{name} {share:.1%}" for name, share in shares.items())
    return _on_paper(bar_plot(list(shares.items()), title=title, description=told))


def tornado_of(parts: Rows, lang: str) -> str:
    """Return the tornado of a derived value: the result when one input alone goes to the ends of its 95 % interval.

    Empty text where the value is not derived, or fewer than two inputs have a spread.

    Args:
        parts: everything about one candidate, as `Library.factor` gives it.
        lang: "zh" or "en".
    """
    row = parts["candidate"][0]
    given = {one["name"]: one for one in parts["recipe_input"] if one["value"] is not None}
    spread = {name: one for name, one in given.items() if one["cv_percent"]}
    try:
        formula = Expression.parse(row["expression"] or "")
    except ExpressionError:
        return ""
    if len(spread) < MANY or not set(formula.names) <= set(given) or not row["value"]:
        return ""
    means = {name: float(one["value"]) for name, one in given.items()}
    base = float(formula.evaluate(means))
    if not np.isfinite(base) or base == 0:
        return ""
    scale = float(row["value"]) / base
    bars = [
        Influence(name, *(scale * float(formula.evaluate({**means, name: end})) for end in _ends(one)))
        for name, one in spread.items()
        if name in formula.names
    ]
    drawn = tornado_plot(bars, base=float(row["value"]), lang=lang, unit=row["unit_text"] or row["unit"] or "–")
    return _on_paper(drawn)


def _ends(one: Mapping[str, Any]) -> list[float]:
    cv = np.array([float(one["cv_percent"])])
    known = distributions_of("cv_percent", np.array([float(one["value"])]), cv_percent=cv).distributions
    return [float(end) for end in known.ppf(ENDS)[0]]


def _on_paper(svg: str) -> str:
    return svg.replace('style="', GROUND, 1) if 'style="' in svg else svg.replace("<svg ", f'<svg {GROUND}" ', 1)


def standard_targets() -> list[dict[str, Any]]:
    """Return year, number of standards, and ground of the national targets, earliest first."""
    return [dict(one) for one in tables.toml("workflow/targets")["target"]]
