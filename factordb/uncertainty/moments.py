"""Exact moments of a sum of products of powers of independent inputs, and each input's first-order share."""

from collections.abc import Mapping
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from factordb.expression import Expression
from factordb.uncertainty.distributions import Distributions
from factordb.uncertainty.families import Array, Family
from factordb.uncertainty.nodes import nodes_of, summed_over

WRONG_SIDE = 1e-5
"""Probability of zero or the wrong sign that is cut off where an input is divided by or raised to a power:
normals of CV up to 0.23. Beyond it the moments of the power do not exist in any useful sense."""

Bools = NDArray[np.bool_]


class PowerMoments:
    """Moments of powers of one input, n rows; each is computed when first asked for."""

    def __init__(self, given: Distributions) -> None:
        self.given = given
        self._means: dict[float, Array] = {}
        self._covariances: dict[tuple[float, float], Array] = {}

    def mean(self, power: float) -> Array:
        """Return E[X^power], shape (n,); NaN where the power is not defined."""
        if power not in self._means:
            self._means[power] = self.given.mean() if power == 1 else self._over_rows(power, None)
        return self._means[power]

    def covariance(self, one: float, other: float) -> Array:
        """Return cov(X^one, X^other), shape (n,), without a difference of large numbers."""
        key = (min(one, other), max(one, other))
        if key not in self._covariances:
            found = np.square(self.given.sd()) if key == (1, 1) else self._over_rows(*key)
            self._covariances[key] = found
        return self._covariances[key]

    def _over_rows(self, one: float, other: float | None) -> Array:
        out = np.empty(len(self.given))
        for family, rows in self.given.groups():
            part = self.given.take(rows)
            if family is Family.LOGNORMAL:
                out[rows] = _lognormal(part, one, other)
            else:
                found = _by_nodes(family, part, one, other)
                out[rows] = np.where(exists(family, part, one + (other or 0.0)), found, np.nan)
        return out


def _lognormal(part: Distributions, one: float, other: float | None) -> Array:
    mu, sigma, shift, sign = part.parameters.T
    with np.errstate(all="ignore"):
        signs = np.power(sign, one if other is None else one + other)
        square = np.square(sigma)
        if other is None:
            found = signs * np.exp(one * mu + one * one * square / 2)
        else:
            both = np.exp((one + other) * mu + (one * one + other * other) * square / 2)
            found = signs * both * np.expm1(one * other * square)
    shifted = shift != 0
    if shifted.any():
        found[shifted] = _by_nodes(Family.LOGNORMAL, part.take(shifted), one, other)
    return np.asarray(found)


def _by_nodes(family: Family, part: Distributions, one: float, other: float | None) -> Array:
    x, w = nodes_of(family, part)
    if not (float(one).is_integer() and one >= 0):
        x, w = same_side(x, w)
    with np.errstate(all="ignore"):
        first = np.power(x, one)
        mean = summed_over(w * first)
        if other is None:
            return mean
        second = first if other == one else np.power(x, other)
        return summed_over(w * (first - mean) * (second - summed_over(w * second)))


def exists(family: Family, given: Distributions, power: float) -> Bools:
    """Return whether E|X|^power is finite where the density reaches zero, shape (n,).

    A density that rises as x^(k−1) from zero needs power > −k.
    """
    p = given.parameters
    low, high = given.support()
    rise = np.full(len(given), np.inf)
    if family in (Family.GAMMA, Family.WEIBULL):
        rise = np.where(low == 0, p[:, 0], rise)
    elif family is Family.BETA:
        rise = np.where(low == 0, p[:, 2], np.where(high == 0, p[:, 3], rise))
    elif family is Family.UNIFORM:
        rise = np.where((low <= 0) & (high >= 0), 1.0, rise)
    elif family is Family.TRIANGULAR:
        rise = np.where((low == 0) | (high == 0), np.where(p[:, 1] == 0, 1.0, 2.0), rise)
    return np.asarray(power > -rise)


def same_side(x: Array, w: Array) -> tuple[Array, Array]:
    """Return nodes without the few on the other side of zero; all NaN where these are too many.

    Nodes of no probability and those cut off get the value of a node that stays, and weight zero.
    """
    side = np.sign(summed_over(w * x))
    wrong = x * side <= 0
    lost = summed_over(w * wrong)
    keep = np.where(wrong, 0.0, w)
    centre = summed_over(w * x)
    kept = keep / np.where(lost <= WRONG_SIDE, summed_over(keep), np.nan)
    return np.where(wrong, centre, x), kept


def exact_moments(expression: Expression, inputs: Mapping[str, Distributions]) -> tuple[Array, Array, Array] | None:
    """Return (mean, sd, shares) of n results, shapes (n,), (n,) and (n, k), or None for other formulas.

    The shares are first-order Sobol indices, in the order of `expression.names`. cov(Π X^p, Π X^q) is built
    up input by input, so that no digit is lost to a large mean. Rows without moments are NaN.
    """
    terms = expression.terms()
    if terms is None:
        return None
    names = expression.names
    powers = {name: PowerMoments(inputs[name]) for name in names}
    rows = len(inputs[names[0]])
    mean, variance = np.zeros(rows), np.zeros(rows)
    shares = np.zeros((rows, len(names)))
    with np.errstate(all="ignore"):
        for coefficient, inside in terms:
            mean = mean + coefficient * _product(powers, inside, rows)
        for (c, one), (d, other) in combinations_with_replacement(terms, 2):
            if not one.keys() & other.keys():
                continue
            twice = 1.0 if (c, one) == (d, other) else 2.0
            variance = variance + twice * c * d * _covariance(powers, one, other, rows)
            for name in one.keys() & other.keys():
                alone = [{key: power for key, power in term.items() if key != name} for term in (one, other)]
                slope = c * d * _product(powers, alone[0], rows) * _product(powers, alone[1], rows)
                shares[:, names.index(name)] += twice * slope * powers[name].covariance(one[name], other[name])
        sd = np.sqrt(np.maximum(variance, 0.0))
        shares = np.where(variance[:, None] > 0, shares / variance[:, None], 0.0)
    return mean, sd, np.clip(shares, 0.0, 1.0)


def _product(powers: Mapping[str, PowerMoments], inside: Mapping[str, float], rows: int) -> Array:
    total = np.ones(rows)
    for name, power in inside.items():
        total = total * powers[name].mean(power)
    return total


def _covariance(
    powers: Mapping[str, PowerMoments], one: Mapping[str, float], other: Mapping[str, float], rows: int
) -> Array:
    both, apart = np.ones(rows), np.zeros(rows)  # Π E E' and Π(E E' + cov) − Π E E'
    for name in (*one, *(name for name in other if name not in one)):
        if name in one and name in other:
            flat = powers[name].mean(one[name]) * powers[name].mean(other[name])
            shared = powers[name].covariance(one[name], other[name])
            apart, both = apart * (flat + shared) + both * shared, both * flat
        else:
            alone = powers[name].mean(one[name] if name in one else other[name])
            apart, both = apart * alone, both * alone
    return apart
