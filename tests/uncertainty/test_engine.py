"""The engine as a whole: which method it takes, forcing one, two that agree, refusals as values, blocks and threads."""

import subprocess
import sys

import numpy as np
import pytest

from factordb.uncertainty import making
from factordb.uncertainty.assumptions import Reason
from factordb.uncertainty.batch import evaluate_batch
from factordb.uncertainty.distributions import Distributions, concatenate, unchecked
from factordb.uncertainty.families import Family
from factordb.uncertainty.results import SUMMARY, Method, Results


def mixed(count: int, seed: int = 3) -> dict[str, Distributions]:
    """Return inputs of several families in each column."""
    draw = np.random.default_rng(seed)
    third = count // 3
    return {
        "a": making.lognormal(draw.normal(size=count), draw.uniform(0.05, 0.6, count)),
        "b": concatenate(
            [
                making.normal(5.0, draw.uniform(0.1, 0.8, third)),
                making.lognormal(0.1, draw.uniform(0.1, 0.5, third)),
                making.triangular(1.0, draw.uniform(1.0, 2.0, count - 2 * third), 2.0),
            ]
        ),
    }


def same(one: Results, other: Results) -> bool:
    """Return whether two results are equal bit for bit."""
    columns = [(getattr(one.summary, name), getattr(other.summary, name)) for name in SUMMARY]
    columns += [
        (getattr(one, name), getattr(other, name)) for name in ("method", "tolerance", "draws", "contributions")
    ]
    return all(np.array_equal(left, right, equal_nan=True) for left, right in columns)


def test_golden_power_coal() -> None:
    """96.2 tCO2/TJ (CV 3.4 %) × 176.4 TJ/10⁴t (CV 18.3 %): CV 18.62 %."""
    inputs = {"a": making.lognormal_from_cv(96.2, 0.034), "b": making.lognormal_from_cv(176.4, 0.183)}
    for method in ("closed", "fourier", "conditional", "sampling", "adaptive"):
        found = evaluate_batch("a * b", inputs, method=method, seed=1)
        assert found.methods.tolist() == [method]
        within = {"closed": 2e-4, "fourier": 2e-4, "conditional": 5e-4}.get(method, 5e-3)
        assert found.cv[0] == pytest.approx(0.1862, abs=within)
        assert found.mean[0] == pytest.approx(96.2 * 176.4, rel=5e-3)
        assert found.contributions[0] == pytest.approx([0.0333, 0.9656], abs=2e-4)


@pytest.mark.parametrize("formula", ["a * b", "a + b", "a / b", "b - 2 * a", "3 * a ^ 2 * b"])
def test_two_independent_methods_agree(formula: str) -> None:
    inputs = mixed(9)
    chosen = evaluate_batch(formula, inputs, tolerance=1e-3, seed=1)
    other = evaluate_batch(
        formula, inputs, tolerance=2e-3, method="sampling" if "^" in formula else "conditional", seed=2
    )
    assert not chosen.reason.any()
    half = (chosen.high - chosen.low) / 2
    for name in ("low", "median", "high"):
        within = 2 * other.tolerance + 0.003
        assert np.all(np.abs(getattr(chosen, name) - getattr(other, name)) < within * half), name


@pytest.mark.parametrize(
    ("formula", "inputs", "method"),
    [
        ("x", {"x": making.triangular(0.0, 1.0, 3.0)}, Method.CLOSED),
        ("2 * x - 1", {"x": making.gamma(2.0, 1.0)}, Method.CLOSED),
        ("a / b", {"a": making.lognormal(0.0, 0.3), "b": making.lognormal(0.0, 0.3)}, Method.CLOSED),
        ("a + b", {"a": making.normal(0.0, 0.3), "b": making.normal(0.0, 0.3)}, Method.CLOSED),
        ("a * b", {"a": making.lognormal(0.0, 0.3), "b": making.uniform(1.0, 2.0)}, Method.FOURIER),
        ("a * b", {"a": making.lognormal(0.0, 0.3), "b": making.normal(1.0, 0.5)}, Method.CONDITIONAL),
        ("a * b + b", {"a": making.lognormal(0.0, 0.3), "b": making.uniform(1.0, 2.0)}, Method.CONDITIONAL),
        ("a * b + b", {"a": making.student_t(0.0, 1.0, 2.0), "b": making.uniform(1.0, 2.0)}, Method.SAMPLING),
        ("sin(a) * exp(b)", {"a": making.lognormal(0.0, 0.3), "b": making.uniform(1.0, 2.0)}, Method.SAMPLING),
    ],
)
def test_the_cheapest_method_that_will_do(formula: str, inputs: dict[str, Distributions], method: Method) -> None:
    found = evaluate_batch(formula, inputs, tolerance=0.01)
    assert found.methods.tolist() == [method.value]
    assert found.tolerance[0] <= 0.01 or method is Method.SAMPLING


@pytest.mark.parametrize("formula", ["a * b", "a * b + b"])
def test_blocks_threads_and_order_change_no_bit(formula: str) -> None:
    inputs = mixed(61)
    whole = evaluate_batch(formula, inputs, tolerance=0.02, seed=5)
    assert same(whole, evaluate_batch(formula, inputs, tolerance=0.02, seed=5, block=7, threads=2))
    order = np.random.default_rng(1).permutation(61)
    mixed_up = evaluate_batch(formula, {name: one.take(order) for name, one in inputs.items()}, tolerance=0.02, seed=5)
    for name in SUMMARY:
        assert np.array_equal(getattr(whole.summary, name)[order], getattr(mixed_up.summary, name)), name


def test_a_row_that_cannot_be_propagated_stops_nothing() -> None:
    bad = unchecked(Family.NORMAL, [1.0, np.nan, 3.0], [0.1, 0.1, -1.0])
    steps: list[tuple[int, int]] = []
    found = evaluate_batch(
        "log(a) * b", {"a": making.normal([5.0, 5.0, 5.0], 0.1), "b": bad}, block=2,
        progress=lambda done, of: steps.append((done, of)),
    )  # fmt: skip
    assert found.reasons.tolist() == ["none", Reason.INPUT_REFUSED.value, Reason.INPUT_REFUSED.value]
    assert np.isfinite(found.mean[0])
    assert np.isnan(found.mean[1:]).all()
    assert steps == [(2, 3), (3, 3)]
    undefined = evaluate_batch("log(a) * a", {"a": making.normal([5.0, 0.1], 0.2)})
    assert undefined.reasons.tolist() == ["none", Reason.UNDEFINED.value]


def test_inputs_and_global_state_are_left_alone() -> None:
    mean, sd = np.array([2.0, 3.0]), np.array([0.3, 0.2])
    kept = mean.copy(), sd.copy()
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is this state that must not change
    inputs = {"a": making.normal(mean, sd), "b": making.uniform(1.0, mean)}
    parameters = {name: one.parameters.copy() for name, one in inputs.items()}
    for method in Method:
        if method is not Method.NONE:
            evaluate_batch("a * b", inputs, method=method, tolerance=0.05)
    assert np.array_equal(mean, kept[0])
    assert np.array_equal(sd, kept[1])
    assert all(np.array_equal(inputs[name].parameters, parameters[name]) for name in inputs)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002 - as above


def test_importing_the_engine_loads_no_statistics_package() -> None:
    code = (
        "import sys, factordb.uncertainty.batch as b; "
        "print([name for name in ('scipy.stats', 'numba', 'scipy.interpolate') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_scale_and_monotone_transforms() -> None:
    inputs = mixed(12)
    plain = evaluate_batch("a * b", inputs)
    scaled = evaluate_batch("1000 * a * b", inputs)
    squared = evaluate_batch("(a * b) ^ 2", inputs)
    assert scaled.shortest_high == pytest.approx(1000 * plain.shortest_high, rel=1e-6)
    assert squared.low == pytest.approx(plain.low**2, rel=1e-5)
    assert squared.high == pytest.approx(plain.high**2, rel=1e-5)
    assert np.all(plain.shortest_high - plain.shortest_low <= (plain.high - plain.low) * (1 + 1e-9))


def test_intervals_cover_what_they_say() -> None:
    """The 90 % interval holds 90 % of 200,000 draws of the inputs, within four standard errors."""
    inputs = {"a": making.lognormal(0.0, 0.5), "b": making.triangular(1.0, 1.5, 4.0)}
    found = evaluate_batch("a * b", inputs, probability=0.9)
    draw = np.random.default_rng(8)
    y = draw.lognormal(0.0, 0.5, 200_000) * draw.triangular(1.0, 1.5, 4.0, 200_000)
    for low, high in ((found.low, found.high), (found.shortest_low, found.shortest_high)):
        share = np.mean((y >= low) & (y <= high))
        assert share == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 200_000))


def test_a_quotient_without_a_mean_is_not_given_one() -> None:
    """E[1/X] of a gamma of shape 0.3 is infinite; of shape 3 it is 1/2."""
    found = evaluate_batch(
        "a / b", {"a": making.lognormal([0.0, 0.0], 0.3), "b": making.gamma([0.3, 3.0], 1.0)}, method="fourier"
    )
    assert found.reasons.tolist() == [Reason.UNDEFINED.value, "none"]
    assert found.mean[1] == pytest.approx(np.exp(0.045) / 2, rel=1e-9)
