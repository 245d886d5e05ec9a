"""Optional compiled loops for the cosine series: the same sums by numba, where it is installed and asked for.

Asked for by the environment variable FACTORDB_ACCELERATE=1, read at the first use: compiling takes some seconds,
and results agree with numpy's to rounding, not bit for bit, so neither must depend on the size of a job.
Without numba, or where it does not work, numpy goes on; `engine_name` says which of them runs.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from factordb.uncertainty.families import Array

Complex: TypeAlias = NDArray[np.complex128]
ASKED_BY = "FACTORDB_ACCELERATE"


@dataclass(frozen=True)
class Loops:
    """The compiled loops."""

    summed: Callable[[Array, Array, int], Complex]
    """θ, w (n, q) → Σ_q w_q exp(i k θ_q) for k = 0 … K−1, shape (n, K)."""
    powers: Callable[[Array, int], Complex]
    """θ (n, q) → exp(i k θ_q), shape (n, K, q)."""
    series: Callable[[Array, Array], tuple[Array, Array]]
    """θ (n, q), C_k/k and C_k (n, 2, K) → Σ sin(kθ) C_k/k and Σ cos(kθ) C_k, shape (n, q) each."""


def engine_name() -> str:
    """Return "numba" if the compiled loops are in use, else "numpy"."""
    return "numba" if compiled() is not None else "numpy"


@cache
def compiled() -> Loops | None:
    """Return the compiled loops, or None if they are not asked for or cannot be had."""
    if os.environ.get(ASKED_BY) != "1":
        return None
    try:
        import numba  # type: ignore[import-not-found, unused-ignore] # noqa: PLC0415 - optional, slow to import

        decorate = numba.njit(nogil=True, fastmath={"contract", "reassoc", "nsz"}, error_model="numpy")
        loops = Loops(*(decorate(one) for one in (_summed, _powers, _series)))
        angle = np.zeros((1, 2))
        loops.summed(angle, angle, 2)
        loops.powers(angle, 2)
        loops.series(angle, np.zeros((1, 2, 2)))
    except Exception:  # noqa: BLE001 - whatever an optional compiler stumbles on, numpy does the work
        return None
    return loops


def _summed(angle: Any, weight: Any, count: int) -> Any:
    """Loop over rows, frequencies and nodes; the wave of each node is turned by its own angle at every step."""
    rows, nodes = angle.shape
    out = np.empty((rows, count), dtype=np.complex128)
    turn_re, turn_im = np.empty(nodes), np.empty(nodes)
    wave_re, wave_im = np.empty(nodes), np.empty(nodes)
    for row in range(rows):
        for q in range(nodes):
            turn_re[q], turn_im[q] = np.cos(angle[row, q]), np.sin(angle[row, q])
            wave_re[q], wave_im[q] = weight[row, q], 0.0
        for k in range(count):
            total_re, total_im = 0.0, 0.0
            for q in range(nodes):
                re, im = wave_re[q], wave_im[q]
                total_re += re
                total_im += im
                wave_re[q] = re * turn_re[q] - im * turn_im[q]
                wave_im[q] = re * turn_im[q] + im * turn_re[q]
            out[row, k] = complex(total_re, total_im)
    return out


def _powers(angle: Any, count: int) -> Any:
    """Loop over rows and frequencies; each wave is the one before, turned by the angle."""
    rows, nodes = angle.shape
    out = np.empty((rows, count, nodes), dtype=np.complex128)
    for row in range(rows):
        for q in range(nodes):
            turn = complex(np.cos(angle[row, q]), np.sin(angle[row, q]))
            wave = complex(1.0, 0.0)
            for k in range(count):
                out[row, k, q] = wave
                wave = wave * turn
    return out


def _series(angle: Any, coefficients: Any) -> Any:
    """Loop over rows, arguments and frequencies."""
    rows, count = angle.shape
    sines, cosines = np.empty((rows, count)), np.empty((rows, count))
    for row in range(rows):
        for q in range(count):
            turn_re, turn_im = np.cos(angle[row, q]), np.sin(angle[row, q])
            re, im = 1.0, 0.0
            sine, cosine = 0.0, 0.0
            for k in range(coefficients.shape[2]):
                sine += coefficients[row, 0, k] * im
                cosine += coefficients[row, 1, k] * re
                re, im = re * turn_re - im * turn_im, re * turn_im + im * turn_re
            sines[row, q], cosines[row, q] = sine, cosine
    return sines, cosines
