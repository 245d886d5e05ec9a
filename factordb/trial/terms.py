"""Terms of a footprint: k · activity · factor, with factors that are drawn once wherever they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from factordb.errors import StatementError
from factordb.reference import table
from factordb.trial.inventory import Cells
from factordb.uncertainty.assumptions import Reason, words_of_code
from factordb.uncertainty.distributions import Distributions, concatenate, of_family, unchecked
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.statements import distributions_of

STATED: Final = ("cv_percent", "sd", "gsd2", "gsd", "sigma", "low", "high", "n")
FITS: Final = 0.02
"""Share of the sd by which the median of a rebuilt distribution may differ from the one the release states."""
LOCATION, MARKET = "location", "market"
BOTH: Final = (LOCATION, MARKET)
ALL: Final = "all"


@dataclass(frozen=True)
class Input:
    """An uncertain number.

    Attributes:
        name: its stream: the same name is the same draws, in every line and every scenario.
        point: best estimate.
        basis: reported, default (declared) or none.
        spread: its distribution, shape (1,); or
        kind: form of its statement, with
        stated: the numbers of the statement. Neither: it is known exactly.
        place: line it is stated in, for what is said of it.
    """

    name: str
    point: float
    basis: str
    spread: Distributions | None = None
    kind: str = "none"
    stated: Mapping[str, float] = field(default_factory=dict)
    place: str = ""


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
    """One product of the sum, in kg CO2e per functional unit: scale · used(activity) · factor.

    Attributes:
        line: identifier of its line.
        part: identifier of the certificate, contract or residual mix it stands for; "": none of them.
        variants: location, market or both.
        scale: kg CO2e per functional unit for one unit of activity × one unit of the factor's number.
        activity: the activity, in the unit of the line.
        factor: the factor.
        trail: how the scale was made.
        span: the part of the activity it stands for, from one amount to another; None: all of it.
        kind: all (of the line), green_certificate, power_contract, residual_mix, or rest: what is left to the line's
            own factor.
    """

    line: str
    part: str
    variants: tuple[str, ...]
    scale: float
    activity: Input
    factor: Factor
    trail: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    kind: str = ALL

    @property
    def point(self) -> float:
        """Best estimate, kg CO2e per functional unit."""
        return self.scale * float(self.used(self.activity.point)) * self.factor.value.point

    def used(self, activity: ArrayLike) -> Array:
        """Return what of an activity falls into the span, never less than none of it."""
        whole = np.asarray(activity, np.float64)
        return whole if self.span is None else np.clip(whole, *self.span) - self.span[0]


@cache
def activity_kinds() -> Mapping[str, Mapping[str, str]]:
    """Return source_kind -> p, cv_percent, rank of activity data."""
    return {row["source_kind"]: row for row in table("trial/activity_precision").to_pylist()}


def activity_input(line: Cells) -> Input:
    """Return the activity of a line with its statement of uncertainty, its own or the declared default."""
    kind, value = line["uncertainty"], float(line["amount"])
    basis = "reported"
    stated = {name: line[name] for name in STATED if line[name] is not None}
    if kind is None:
        basis, kind = "default", "cv_percent"
        stated = {"cv_percent": float(activity_kinds()[line["source_kind"] or "unknown"]["cv_percent"])}
    # the same datum in two scenarios is the same draws; another amount or spread is another datum
    name = f"activity:{line['id']}:{value!r}:{line['unit']}:{kind}:{sorted(stated.items())}"
    if kind == "none" or value == 0:
        return Input(name, value, "none", place=line["id"])
    return Input(name, value, basis, kind=kind, stated=stated, place=line["id"])


def spreads_of(inputs: Sequence[Input]) -> Distributions:
    """Return the distributions of inputs, shape (m,); all statements are converted at once.

    Raises:
        StatementError: a statement is impossible; names its line, field and reason.
    """
    exact = [at for at, one in enumerate(inputs) if one.spread is None and one.kind == "none"]
    told = [at for at, one in enumerate(inputs) if one.spread is None and one.kind != "none"]
    known = [at for at, one in enumerate(inputs) if one.spread is not None]
    columns: dict[str, Any] = {name: np.array([inputs[at].stated.get(name, np.nan) for at in told]) for name in STATED}
    kinds = np.array([inputs[at].kind for at in told], np.str_)
    made = distributions_of(kinds, np.array([inputs[at].point for at in told]), **columns)
    for row in np.flatnonzero(made.refused)[:1]:
        raise _impossible(inputs[told[row]].place, str(made.fields[row]), Reason(made.reasons[row]))
    constants = unchecked(Family.CONSTANT, np.array([inputs[at].point for at in exact]))
    parts = [constants, made.distributions, *(one.spread for one in inputs if one.spread is not None)]
    return concatenate(parts).take(np.argsort(np.array([*exact, *told, *known], np.intp)))


def _impossible(place: str, column: str, reason: Reason) -> StatementError:
    return StatementError(
        problem=f"{place}, {column}: {words_of_code(reason, 'en')}",
        remedy="correct the statement, or leave it out so that a declared default applies",
        problem_zh=f"{place} 的 {column}：{words_of_code(reason, 'zh')}",
        remedy_zh="请更正该表述，或将其留空以采用声明的默认值",
    )


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
