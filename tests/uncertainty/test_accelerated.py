"""The loops that numba may compile give numpy's sums; they are used only where they are asked for."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from factordb.uncertainty.accelerated import ASKED_BY, _powers, _series, _summed
from factordb.uncertainty.characteristic import powers, summed

RNG = np.random.default_rng(4)
ANGLE, WEIGHT = RNG.uniform(-3.0, 3.0, (3, 5)), RNG.random((3, 5))


def test_loops_are_the_same_sums() -> None:
    assert _summed(ANGLE, WEIGHT, 64) == pytest.approx(summed(ANGLE, WEIGHT, 64), abs=1e-12)
    assert _powers(ANGLE, 37) == pytest.approx(powers(ANGLE, 37), abs=1e-12)
    coefficients = RNG.random((3, 2, 16))
    k = np.arange(16)[:, None]
    sines, cosines = _series(ANGLE, coefficients)
    assert sines == pytest.approx((coefficients[:, 0, :, None] * np.sin(k * ANGLE[:, None])).sum(axis=1), abs=1e-12)
    assert cosines == pytest.approx((coefficients[:, 1, :, None] * np.cos(k * ANGLE[:, None])).sum(axis=1), abs=1e-12)


CODE = """
import sys
from factordb.uncertainty import accelerated, making
from factordb.uncertainty.batch import evaluate_batch
found = evaluate_batch("a * b", {"a": making.lognormal(0.0, 0.3), "b": making.uniform(1.0, 2.0)})
print(accelerated.engine_name(), found.methods[0], repr(float(found.low[0])), "numba" in sys.modules)
"""


def run(asked: str | None) -> list[str]:
    """Return engine, method, lower end and whether numba was imported, in a process of its own."""
    here = {name: value for name, value in os.environ.items() if name != ASKED_BY}
    given = here if asked is None else here | {ASKED_BY: asked}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=given)
    return done.stdout.split()


def test_numpy_runs_unless_numba_is_asked_for() -> None:
    engine, method, low, imported = run(None)
    assert (engine, method, imported) == ("numpy", "fourier", "False")
    other = run("1")
    installed = importlib.util.find_spec("numba") is not None
    assert other[0] == ("numba" if installed else "numpy")
    assert float(other[2]) == pytest.approx(float(low), rel=1e-9)
