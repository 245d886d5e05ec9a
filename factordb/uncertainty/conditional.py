"""Conditional quasi-Monte Carlo: one input is integrated in closed form, the others over scrambled Sobol nets.

Given the other inputs, a formula affine in v is A·v + B, so that F(y) is the mean of F_v((y − B)/A): smooth in y,
where plain sampling has steps. Eight nets scrambled independently of each other give the numerical error. The
points are the same for all factors: the factors must not be added up by them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from factordb.expression import Expression
from factordb.uncertainty.assumptions import Reason, code_of
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.kernels import Kernel, kernel_of
from factordb.uncertainty.results import Outcome, Rows, Summary
from factordb.uncertainty.smooth_ends import Ends, solve_ends
from factordb.uncertainty.streams import sobol_nets

if TYPE_CHECKING:
    from factordb.uncertainty.engine import Asked, Block

REPLICATES = 8
"""Independent scrambles: their scatter is the error bar."""
EXPONENTS = (5, 7, 9, 11)
"""Points of one net, as powers of two, from the first attempt to the last."""
AT_ONCE = 1 << 18
"""Values of one input held at once: arrays that stay in the cache."""
STEPPED = (Family.CONSTANT, Family.DISCRETE, Family.EMPIRICAL)
"""Families without a density, over which no smooth integral can be taken."""
SHARE_KEPT = 2.0
"""Twice the standard error is reported as the tolerance."""

Points = tuple[Array, Array]
"""Uniform coordinates and their normal scores, each of shape (k, m)."""


def conditional_tier(block: "Block", asked: "Asked") -> tuple[Rows, Outcome]:
    """Answer rows whose formula is affine in an input with a density; points are added until the tolerance is met."""
    chosen = integrated_input(block)
    places = np.flatnonzero(chosen >= 0)
    outcome = _nothing(block.count)
    left = places
    for exponent in EXPONENTS:
        for place in np.unique(chosen[left]):
            rows = left[chosen[left] == place]
            _integrate(block, rows, block.names[place], exponent, asked, outcome)
        left = left[(outcome.tolerance[left] > asked.tolerance) & (outcome.reason[left] == 0)]
        if not left.size:
            break
    if asked.method is None:  # what has no mean or is undefined at a point is left to sampling, which counts it
        places = places[outcome.reason[places] == 0]
    return places, Outcome(
        outcome.summary.take(places), outcome.tolerance[places], outcome.draws[places], outcome.reason[places]
    )


def integrated_input(block: "Block") -> NDArray[np.intp]:
    """Return, of each row, the place of the affine input that explains most of the variance; −1 if there is none.

    Integrating a minor input instead of the major one costs three to five times as many points.
    """
    share = np.full((len(block.names), block.count), -1.0)
    with np.errstate(all="ignore"):
        means = {name: one.mean() for name, one in block.inputs.items()}
        for place, name in enumerate(block.names):
            if block.expression.affine_in(name):
                slope = block.expression.affine_parts(name, means)[0]
                spread = np.abs(slope * block.inputs[name].sd())
                # a spread that is infinite or unknown is the greatest there is
                found = np.broadcast_to(np.where(np.isfinite(spread), spread, np.inf), block.count)
                smooth = ~np.isin(block.inputs[name].codes, [family.code for family in STEPPED])
                share[place] = np.where(smooth & (found > 0), found, -1.0)
    best = np.argmax(share, axis=0)
    return np.where(share[best, np.arange(block.count)] > 0, best, -1)


def _nothing(rows: int) -> Outcome:
    return Outcome(
        Summary.empty(rows), np.full(rows, np.inf), np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int8)
    )


def _integrate(block: "Block", rows: Rows, v: str, exponent: int, asked: "Asked", outcome: Outcome) -> None:
    """Write the results of rows that integrate the same input."""
    parts = block.expression.affine_split(v)
    others = tuple(name for name in block.names if name != v)
    if parts is None or not others:  # a single input has a closed form
        return
    points = _points(others, asked.seed, exponent)
    count = points[0].shape[1]
    for some in _pieces(rows, max(1, AT_ONCE // count)):
        for family, inside in block.inputs[v].take(some).groups():
            here = some[inside]
            inputs = {name: block.inputs[name].take(here) for name in block.names}
            known = outcome.summary.take(here) if outcome.draws[here].all() else None
            _record(here, _solved(parts, inputs, v, family, (others, points), asked, known), count, outcome)


def _pieces(rows: Rows, size: int) -> Iterator[Rows]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _points(names: tuple[str, ...], seed: int, exponent: int) -> Points:
    """Return the nets one after another; a net's coordinates belong to the names, not to their order."""
    net = sobol_nets(names, seed, exponent)
    u = np.ascontiguousarray(np.concatenate([net(replicate) for replicate in range(REPLICATES)]).T)
    return u, np.asarray(ndtri(u))


def _solved(
    parts: tuple[Expression, Expression],
    inputs: Mapping[str, Distributions],
    v: str,
    family: Family,
    others: tuple[tuple[str, ...], Points],
    asked: "Asked",
    known: Summary | None,
) -> Ends:
    names, (u, z) = others
    values = {name: realised(inputs[name], u[place], z[place]) for place, name in enumerate(names)}
    shape = (len(inputs[v]), u.shape[1])
    slope, offset = (np.broadcast_to(_value(part, values), shape) for part in parts)
    kernel: Kernel = kernel_of(family, inputs[v], slope, offset)
    with np.errstate(all="ignore"):
        moments = _moments(inputs[v], slope, offset)
        return solve_ends(kernel, moments, REPLICATES, asked.probability, asked.tolerance, known)


def _value(part: Expression, values: Mapping[str, Array]) -> Array:
    return part.evaluate({name: values[name] for name in part.names})


def realised(given: Distributions, u: Array, z: Array) -> Array:
    """Return the values of n rows at shared points, shape (n, m): uniform coordinates u and normal scores z (m,)."""
    out = np.empty((len(given), len(u)))
    for family, rows in given.groups():
        p = given.parameters[rows].T[..., None]
        if family is Family.NORMAL:
            out[rows] = p[0] + p[1] * z
        elif family is Family.LOGNORMAL:
            # mirrored where negative, so that a larger coordinate is a larger value
            out[rows] = p[2] + p[3] * np.exp(p[0] + p[1] * p[3] * z)
        elif family is Family.UNIFORM:
            out[rows] = p[0] + (p[1] - p[0]) * u
        elif family is Family.TRIANGULAR:
            out[rows] = _triangular(p, u)
        else:
            out[rows] = given.take(rows).ppf(u[None, :])
    return out


def _triangular(p: Array, u: Array) -> Array:
    """Return quantiles of triangulars without a choice: the two branches meet at the mode."""
    low, mode, high = p[:3]
    width = high - low
    top = (mode - low) / width
    rising = np.minimum(u, top) * (top * width * width)
    falling = (1 - np.maximum(u, top)) * ((1 - top) * width * width)
    return np.asarray(np.sqrt(rising) - np.sqrt(falling) + (low + width * (1 - top)))


def _moments(v: Distributions, slope: Array, offset: Array) -> tuple[Array, Array]:
    """Return mean and sd by the law of total variance, shape (n,)."""
    inner_mean, inner_sd = v.mean()[:, None], v.sd()[:, None]
    given = slope * inner_mean + offset
    mean = given.mean(axis=1)
    between = np.square(given - mean[:, None]).mean(axis=1)
    within = np.square(slope * inner_sd).mean(axis=1)
    return mean, np.sqrt(between + within)


def _record(rows: Rows, found: Ends, points: int, outcome: Outcome) -> None:
    outcome.summary.place(rows, found.summary)
    outcome.tolerance[rows] = SHARE_KEPT * found.error
    outcome.draws[rows] = points
    outcome.reason[rows] = np.where(found.summary.usable, 0, code_of(Reason.UNDEFINED)).astype(np.int8)
