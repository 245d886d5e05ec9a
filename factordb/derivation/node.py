"""A value of a recipe: numbers in base units over draws and rows, with the keys of its rows."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Labels", "Node"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """The keys of rows: what they are called, and the keys in order, each once."""

    name: str
    keys: NDArray[np.str_]


@dataclass(frozen=True)
class Node:
    """A column, constant or step.

    Attributes:
        values: (draws, rows) in base units; one row for a single number; empty for labels.
        labels: keys of the rows; None for a single number.
        texts: the labels themselves, where the column is one of labels.
    """

    values: Array
    labels: Labels | None
    texts: NDArray[np.str_] = field(default_factory=lambda: np.array([], dtype=str))
