"""Terms of a footprint: k · (activity + offset) · factor, with factors that are drawn once wherever they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np

from factordb.errors import StatementError
from factordb.reference import table
from factordb.trial.inventory import Cells
from factordb.uncertainty.distributions import Distributions, of_family
from factordb.uncertainty.families import Family
from factordb.uncertainty.statements import distribution_of

STATED: Final = ("cv_percent", "sd", "gsd2", "gsd", "low", "high", "n")
FITS: Final = 0.02
"""Share of the sd by which the median of a rebuilt distribution may differ from the one the release states."""
LOCATION, MARKET = "location", "market"
BOTH: Final = (LOCATION, MARKET)


@dataclass(frozen=True)
class Input:
    """An uncertain number.

    Attributes:
        name: its stream: the same name is the same draws, in every line and every scenario.
        point: best estimate.
        spread: its distribution, shape (1,).
        basis: reported, default (declared) or none.
    """

    name: str
    point: float
    spread: Distributions
    basis: str


@dataclass(frozen=True)
class Factor:
    """A factor as a line uses it.

    Attributes:
        key: identity: version of a released factor, or the statement of an own one.
        value: the number drawn, in the factor's published unit.
        scores: te, gr, ti, p; None where there is none.
        measured: whether it is measured data.
        facts: what a report says of it: names, value, unit, source, citation, why, steps, flags, trail.
    """

    key: str
    value: Input
    scores: tuple[float | None, ...]
    measured: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Term:
    """One product of the sum, in kg CO2e per functional unit: scale · (activity + offset) · factor.

    Attributes:
        line: identifier of its line.
        part: certificate, contract or residual mix it stands for; "": the line itself.
        variants: location, market or both.
        scale: kg CO2e per functional unit for one unit of activity × one unit of the factor's number.
        activity: the activity, in the unit of the line.
        offset: exact amount added to it.
        factor: the factor.
        trail: how the scale was made.
    """

    line: str
    part: str
    variants: tuple[str, ...]
    scale: float
    activity: Input
    offset: float
    factor: Factor
    trail: tuple[str, ...] = ()

    @property
    def point(self) -> float:
        """Best estimate, kg CO2e per functional unit."""
        return self.scale * (self.activity.point + self.offset) * self.factor.value.point


@cache
def activity_kinds() -> Mapping[str, Mapping[str, str]]:
    """Return source_kind -> p, cv_percent, rank of activity data."""
    return {row["source_kind"]: row for row in table("trial/activity_precision").to_pylist()}


def constant(name: str, value: float) -> Input:
    """Return an exactly known number."""
    return Input(name, value, of_family(Family.CONSTANT, value), "none")


def activity_input(line: Cells) -> Input:
    """Return the activity of a line with its spread, the stated or the declared default.

    Raises:
        StatementError: the statement is impossible; names field and reason.
    """
    kind, value = line["uncertainty"], float(line["amount"])
    basis = "reported"
    stated = {name: line[name] for name in STATED if line[name] is not None}
    if kind is None:
        basis, kind = "default", "cv_percent"
        stated = {"cv_percent": float(activity_kinds()[line["source_kind"] or "unknown"]["cv_percent"])}
    # the same datum in two scenarios is the same draws; another amount or spread is another datum
    name = f"activity:{line['id']}:{value!r}:{line['unit']}:{kind}:{sorted(stated.items())}"
    if kind == "none" or value == 0:
        return Input(name, value, of_family(Family.CONSTANT, value), "none")
    return Input(name, value, _spread(kind, value, stated, line["id"]), basis)


def _spread(kind: str, value: float, stated: Mapping[str, float], place: str) -> Distributions:
    try:
        return distribution_of(kind, value, **{name: [float(one)] for name, one in stated.items()})[0]
    except StatementError as fault:
        raise StatementError(
            problem=f"{place}: {fault.problem}", remedy=fault.remedy,
            problem_zh=f"{place}：{fault.problem_zh}", remedy_zh=fault.remedy_zh,
        ) from fault  # fmt: skip


def own_spread(value: float, cv_percent: float | None) -> Distributions:
    """Return the spread of an own factor: log-normal by its coefficient of variation, exact without one."""
    if cv_percent is None or value == 0:
        return of_family(Family.CONSTANT, value)
    return _spread("cv_percent", value, {"cv_percent": cv_percent}, "own_cv_percent")


def released_spread(row: Mapping[str, Any]) -> tuple[Distributions, bool]:
    """Return the distribution of a released factor, shape (1,), and whether it is the one the release drew from.

    A release keeps moments: they fix a log-normal without shift, a normal and a rectangle. Of any other family the
    log-normal (positive values) or normal of the same mean and sd is taken, and False says so.
    """
    mean, sd, family = row["mean"], row["sd"], row["family"]
    if not sd or mean is None:
        return of_family(Family.CONSTANT, row["value"]), True
    made = {
        Family.LOGNORMAL: lambda: _lognormal(mean, sd),
        Family.NORMAL: lambda: of_family(Family.NORMAL, mean, sd),
        Family.UNIFORM: lambda: of_family(Family.UNIFORM, mean - np.sqrt(3) * sd, mean + np.sqrt(3) * sd),
    }
    if family in made and (family != Family.LOGNORMAL or mean):
        known = made[Family(family)]()
        if row["median"] is None or abs(float(known.median()[0]) - row["median"]) <= FITS * sd:
            return known, True
    return (_lognormal(mean, sd) if mean > 0 else of_family(Family.NORMAL, mean, sd)), False


def _lognormal(mean: float, sd: float) -> Distributions:
    sigma = float(np.sqrt(np.log1p((sd / mean) ** 2)))
    return of_family(Family.LOGNORMAL, np.log(abs(mean)) - sigma**2 / 2, sigma, 0.0, np.sign(mean))


def of_variant(terms: Sequence[Term], variant: str) -> tuple[Term, ...]:
    """Return the terms that count in one way of counting electricity."""
    return tuple(term for term in terms if variant in term.variants)
