"""Characteristic functions of one term of a sum, p·ln|x| or c·x, on the equal frequencies of a cosine series.

Normal terms (log-normal factors, normal summands) are closed forms, densities made of straight lines have closed
Mellin and Fourier transforms, every other family is summed over its quadrature nodes. Powers of e^(iθ) are built
by doubling and combined in two digits, k = a·B + b: K frequencies cost 2√K multiplications a node and one small
matrix product.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.uncertainty.accelerated import compiled
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.moments import WRONG_SIDE
from factordb.uncertainty.nodes import nodes_of

Complex: TypeAlias = NDArray[np.complex128]
Rows: TypeAlias = NDArray[np.intp]
Resolved: TypeAlias = tuple[float, float]

REACH = 7.2
"""Standard deviations of a normal term inside the range: 6e-13 lie outside."""
_WEIGHTLESS = 1e-12
_NEAR_ZERO = 0.02
"""Values below this share of the mean are drawn together at it: they lie below every quantile of interest."""
_NARROW = 0.05
"""Straight-line densities narrower than this lose digits in their transforms and are summed over nodes."""
BELLS = (Family.NORMAL, Family.LOGNORMAL, Family.STUDENT_T, Family.GAMMA, Family.WEIBULL)
"""Families summed in equal steps over the whole of a bell."""
BELL, _PANEL = (1e-5, 1.1 * np.pi), (1e-7, 0.8 * np.pi)
"""Least weight of a node that counts, and the phase between neighbours up to which a rule still sees the wave. In
equal steps over a bell the wave is mistaken for one of the frequency 2π/step less, which has decayed by then."""
EXACT = (Family.DISCRETE, Family.EMPIRICAL, Family.CONSTANT)


@dataclass(frozen=True)
class Term:
    """One term t for n rows: where it lies, and how its characteristic function is found.

    `low` and `high` hold all but a negligible part of it; `finest` is the highest frequency its nodes resolve;
    `lost` the probability of the wrong sign that was cut off. Columns of shape (n,).
    """

    mean: Array
    variance: Array
    low: Array
    high: Array
    finest: Array
    lost: Array
    transform: Callable[[Rows, Array, int], Complex]
    """(rows, range length (m,), K) → E exp(iω_k(t − mean)), ω_k = kπ/length, shape (m, K)."""


def powers(angle: Array, count: int) -> Complex:
    """Return exp(i k angle) for k = 0 … count−1, shape (n, q) to (n, count, q), by doubling."""
    loops = compiled()
    if loops is not None:
        return loops.powers(np.ascontiguousarray(angle), count)
    out = np.empty((angle.shape[0], count, angle.shape[1]), dtype=np.complex128)
    out[:, 0] = 1.0
    if count > 1:
        out[:, 1].real, out[:, 1].imag = np.cos(angle), np.sin(angle)
    done = 2
    while done < count:
        more = min(done, count - done)
        step = out[:, done - 1] * out[:, 1]
        np.multiply(out[:, :more], step[:, None], out=out[:, done : done + more])
        done += more
    return out


def digits(count: int) -> tuple[int, int]:
    """Return (A, B) with A·B = count, a power of two, and A ≤ B ≤ 2A."""
    low = 1 << ((count.bit_length() - 1) // 2)
    return low, count // low


def summed(angle: Array, weight: Array, count: int) -> Complex:
    """Return Σ_q w_q exp(i k angle_q), angles and weights (n, q), for k = 0 … count−1, shape (n, count)."""
    loops = compiled()
    if loops is not None:
        return loops.summed(np.ascontiguousarray(angle), np.ascontiguousarray(weight), count)
    high, low = digits(count)
    coarse = powers(low * angle, high)
    coarse *= weight[:, None]
    fine = powers(angle, low)
    return np.asarray((coarse @ fine.transpose(0, 2, 1)).reshape(len(angle), count))


def term_of(family: Family, given: Distributions, factor: float, *, log: bool, finer: int = 1) -> Term:
    """Return the term factor·ln|x|, or factor·x, of n distributions of one family.

    Columns are NaN where there is no such term: inputs of both signs under a logarithm, no variance. `finer`
    multiplies the number of nodes.
    """
    if log and family is Family.LOGNORMAL and not given.parameters[:, 2].any():
        return _gaussian(factor * given.parameters[:, 0], np.abs(factor) * given.parameters[:, 1])
    if not log and family is Family.NORMAL:
        return _gaussian(factor * given.parameters[:, 0], np.abs(factor) * given.parameters[:, 1])
    return _by_nodes(family, given, factor, log=log, finer=finer)


def _gaussian(mean: Array, sd: Array) -> Term:
    def transform(rows: Rows, length: Array, count: int) -> Complex:
        frequency = (np.pi * sd[rows] / length)[:, None] * np.arange(count)
        return np.exp(np.square(frequency) * -0.5).astype(np.complex128)

    nothing = np.zeros_like(mean)
    return Term(
        mean, np.square(sd), mean - REACH * sd, mean + REACH * sd, np.full_like(mean, np.inf), nothing, transform
    )


def _by_nodes(family: Family, given: Distributions, factor: float, *, log: bool, finer: int) -> Term:
    x, w = (np.ascontiguousarray(part.T) for part in nodes_of(family, given, finer))
    resolved = None if family in EXACT else BELL if family in BELLS else _PANEL
    term = term_of_values(x, w, factor, given.support(), resolved, log=log)
    return term if family not in LINES else _with_lines(term, LINES[family](given), factor, log=log)


def term_of_values(
    x: Array, w: Array, factor: float, support: tuple[Array, Array], resolved: Resolved | None = BELL, *, log: bool
) -> Term:
    """Return the term factor·ln|x|, or factor·x, of n rows of values and probabilities, shape (n, q) each.

    Args:
        x: values.
        w: probabilities, each row's sum is one.
        factor: power under a logarithm, else coefficient.
        support: least and greatest value, shape (n,) each; where infinite the range ends with the last node of
            any weight.
        resolved: how far the rule resolves a wave; None if the values are all there are.
        log: whether the term is a logarithm.
    """
    low, high = support
    lost = np.zeros(len(x))
    if log:
        x, w, lost, side = _one_side(x, w)
        with np.errstate(divide="ignore"):
            low, high = np.sort(np.log(np.maximum([side * low, side * high], 0.0)), axis=0)
        x = np.log(x)
    t = factor * x
    ends = np.minimum(factor * low, factor * high), np.maximum(factor * low, factor * high)
    mean = (w * t).sum(axis=1)
    variance = (w * np.square(t - mean[:, None])).sum(axis=1)
    seen = w > _WEIGHTLESS
    first, last = np.where(seen, t, np.inf).min(axis=1), np.where(seen, t, -np.inf).max(axis=1)
    finest = np.full(len(t), np.inf)
    if resolved is not None:
        least, phase = resolved
        gap = np.abs(np.diff(t, axis=1)) * (np.minimum(w[:, 1:], w[:, :-1]) > least)
        finest = phase / np.maximum(gap.max(axis=1), 1e-300)

    def transform(rows: Rows, length: Array, count: int) -> Complex:
        return summed((np.pi / length)[:, None] * (t[rows] - mean[rows, None]), w[rows], count)

    return Term(
        mean, variance, np.where(np.isfinite(ends[0]), ends[0], first), np.where(np.isfinite(ends[1]), ends[1], last),
        finest, lost, transform,
    )  # fmt: skip


def _with_lines(term: Term, lines: "Lines", factor: float, *, log: bool) -> Term:
    """Return the term with the closed transform of straight lines where that keeps its digits."""
    corners, jump, kink = lines
    straight = np.ones(len(corners), dtype=bool)
    if log:
        wide = (corners[:, -1] - corners[:, 0]) > _NARROW * np.abs(corners).max(axis=1)
        straight, corners = wide & (term.lost == 0), np.abs(corners)
    closed = _mellin if log else _fourier

    def transform(rows: Rows, length: Array, count: int) -> Complex:
        chosen = straight[rows]
        if not log:
            chosen = chosen & (np.pi * (term.high - term.low)[rows] > 2 * _NARROW * length)
        out = np.empty((len(rows), count), dtype=np.complex128)
        rest, some = rows[~chosen], rows[chosen]
        out[~chosen] = term.transform(rest, length[~chosen], count)
        out[chosen] = closed(corners[some], jump[some], kink[some], factor, term.mean[some], length[chosen], count)
        return out

    return replace(term, finest=np.where(straight, np.inf, term.finest), transform=transform)


def _one_side(x: Array, w: Array) -> tuple[Array, Array, Array, Array]:
    """Return |x| and weights of nodes on the side of the mean, the probability lost, and the side; NaN if too much."""
    centre = (w * x).sum(axis=1)
    side = np.sign(centre)
    size = x * side[:, None]
    wrong = size <= 0
    lost = (w * wrong).sum(axis=1)
    kept = np.where(wrong, 0.0, w)
    kept = kept / np.where(lost <= WRONG_SIDE, kept.sum(axis=1), np.nan)[:, None]
    least = np.where(lost > 0, _NEAR_ZERO, 0.0) * np.abs(centre)
    return np.where(wrong, np.abs(centre)[:, None], np.maximum(size, least[:, None])), kept, lost, side


Lines: TypeAlias = tuple[Array, Array, Array]
"""Corners of a density of straight lines, its jumps there and the changes of its slope, each (n, corners)."""


def _uniform(given: Distributions) -> Lines:
    corners = given.parameters[:, :2]
    top = 1 / (corners[:, 1] - corners[:, 0])
    return corners, np.stack([top, -top], axis=1), np.zeros_like(corners)


def _triangular(given: Distributions) -> Lines:
    low, mode, high = given.parameters[:, :3].T
    top = 2 / (high - low)
    with np.errstate(divide="ignore"):
        rise, fall = (np.where(side > 0, top / side, 0.0) for side in (mode - low, high - mode))
    at_low, at_high = np.where(mode > low, 0.0, top), np.where(high > mode, 0.0, -top)
    kink = np.stack([rise, -rise - fall, fall], axis=1)
    return given.parameters[:, :3], np.stack([at_low, np.zeros_like(top), at_high], axis=1), kink


def _trapezoid(given: Distributions) -> Lines:
    a, b, c, d = given.parameters.T
    top = 2 / (d + c - b - a)
    with np.errstate(divide="ignore"):
        rise, fall = (np.where(side > 0, top / side, 0.0) for side in (b - a, d - c))
    nothing = np.zeros_like(top)
    jump = np.stack([np.where(b > a, 0.0, top), nothing, nothing, np.where(d > c, 0.0, -top)], axis=1)
    return given.parameters, jump, np.stack([rise, -rise, -fall, fall], axis=1)


LINES: dict[Family, Callable[[Distributions], Lines]] = {
    Family.UNIFORM: _uniform,
    Family.TRIANGULAR: _triangular,
    Family.TRAPEZOID: _trapezoid,
}


def _of_corners(at: Array, weight: Array, mean: Array, length: Array, count: int) -> Complex | float:
    """Return Σ_j weight_j exp(iω_k(t_j − mean)) of corners t_j, shape (n, count); 0 where no weight is left."""
    return summed((np.pi / length)[:, None] * (at - mean[:, None]), weight, count) if weight.any() else 0.0


def _mellin(corners: Array, jump: Array, kink: Array, power: float, mean: Array, length: Array, count: int) -> Complex:
    """Return E|x|^(ipω) e^(−iω mean): ∫ f x^s dx by parts, with s = ipω.

    For a density of a mirrored input the corners come in reverse order; the integral is the same sum of its
    jumps and kinks, with the sign of the jumps turned.
    """
    mirrored = corners[:, 0] > corners[:, -1]
    turned = np.where(mirrored[:, None], -jump, jump)
    at = power * np.log(np.maximum(corners, 1e-300))
    by_kink = _of_corners(at, kink * np.square(corners), mean, length, count)
    by_jump = _of_corners(at, turned * corners, mean, length, count)
    s = 1j * power * (np.pi / length)[:, None] * np.arange(count)
    return np.asarray((by_kink / (2 + s) - by_jump) / (1 + s))


def _fourier(corners: Array, jump: Array, kink: Array, slope: float, mean: Array, length: Array, count: int) -> Complex:
    """Return E exp(iω(c·x − mean)): ∫ f exp(iκx) dx by parts, κ = cω."""
    by_kink = _of_corners(slope * corners, kink, mean, length, count)
    by_jump = _of_corners(slope * corners, jump, mean, length, count)
    kappa = slope * (np.pi / length)[:, None] * np.arange(count)
    kappa[:, 0] = 1.0
    found = (1j * by_jump - by_kink / kappa) / kappa
    found[:, 0] = 1.0
    return np.asarray(found)
