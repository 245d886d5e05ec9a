"""The families of distribution an uncertain number may have, and what each must be able to answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Parameters: TypeAlias = Sequence[Array]
"""Columns of parameters in the order of `Form.parameters`; each broadcasts against the argument."""


class Family(StrEnum):
    """Name of a family; its place in the list is its code in a column and never changes."""

    CONSTANT = "constant"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    BETA = "beta"
    TRAPEZOID = "trapezoid"
    CURVILINEAR_TRAPEZOID = "curvilinear_trapezoid"
    STUDENT_T = "student_t"
    TRUNCATED_NORMAL = "truncated_normal"
    GAMMA = "gamma"
    WEIBULL = "weibull"
    DISCRETE = "discrete"
    EMPIRICAL = "empirical"

    @property
    def code(self) -> int:
        """The number that stands for the family in a column of codes."""
        return CODES[self]


FAMILIES = tuple(Family)
CODES = {family: place for place, family in enumerate(FAMILIES)}


@dataclass(frozen=True)
class Form:
    """Mathematics of one family, each function vectorised over rows and arguments.

    `valid` says which rows of parameters describe a distribution. Means and standard deviations that do not
    exist are NaN or infinite. Densities are zero, and cumulative probabilities 0 or 1, outside the support.
    """

    parameters: tuple[str, ...]
    valid: Callable[[Parameters], NDArray[np.bool_]]
    mean: Callable[[Parameters], Array]
    sd: Callable[[Parameters], Array]
    ppf: Callable[[Parameters, Array], Array]
    cdf: Callable[[Parameters, Array], Array]
    pdf: Callable[[Parameters, Array], Array]
    support: Callable[[Parameters], tuple[Array, Array]]
