"""Batches for an audit: plain ones continue one another, nets are independent and keep correlation."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from factordb.errors import UsageError
from factordb.expression import Expression
from factordb.uncertainty import marginals
from factordb.uncertainty.copula import from_normal_scores
from factordb.uncertainty.sampling import sample
from factordb.uncertainty.trials import plain_batches, quasi_batches, values_at

parse = Expression.parse


def test_plain_batches_are_the_blocks_of_one_sample() -> None:
    expression = parse("a * b")
    inputs = {"a": marginals.lognormal([0.0, 1.0], 0.2), "b": marginals.uniform([1.0, 2.0], 3.0)}
    batch = plain_batches(expression, inputs, seed=3, trials=700, row=1)
    whole = sample(expression, inputs, seed=3, draws=1400)[1]
    first = batch(0)
    np.testing.assert_array_equal(np.concatenate([first, batch(1)]), whole)
    np.testing.assert_array_equal(first, batch(0))


def test_nets_do_not_depend_on_the_order_of_inputs() -> None:
    inputs = {"a": marginals.lognormal(0, 0.2), "b": marginals.uniform(1, 3)}
    one = quasi_batches(parse("a * b"), inputs, seed=3, exponent=8)(2)
    other = quasi_batches(parse("b * a"), inputs, seed=3, exponent=8)(2)
    np.testing.assert_array_equal(one, other)


def test_nets_beat_plain_draws_for_a_mean_by_far() -> None:
    inputs = {"a": marginals.lognormal(0, 0.2), "b": marginals.uniform(1, 3), "c": marginals.constant(2.0)}
    batch = quasi_batches(parse("a * b * c"), inputs, seed=1, exponent=12)
    means = np.array([batch(h).mean() for h in range(8)])
    exact = np.exp(0.02) * 4
    plain_error = 2 * exact * 0.36 / np.sqrt(4096)
    assert np.abs(means - exact).max() < plain_error / 10
    assert np.unique(means).size == 8


def test_correlated_nets() -> None:
    copula = from_normal_scores(["a", "b"], [[1, -0.6], [-0.6, 1]])
    inputs = {"a": marginals.normal(0, 1), "b": marginals.normal(0, 2)}
    values = quasi_batches(parse("a + b"), inputs, seed=1, exponent=14, correlation=copula)(0)
    assert values.var() == pytest.approx(1 + 4 - 2 * 0.6 * 2, rel=2e-3)


def test_a_partner_that_is_constant_or_absent_takes_no_variance_from_the_others() -> None:
    copula = from_normal_scores(["a", "b"], [[1, 0.9], [0.9, 1]])
    constant = {"a": marginals.constant(1.0), "b": marginals.normal(0, 1)}
    assert quasi_batches(parse("a + b"), constant, seed=1, correlation=copula)(0).std() == pytest.approx(1, abs=2e-3)
    alone = quasi_batches(parse("b + 0"), constant, seed=1, correlation=copula)(0)
    assert alone.std() == pytest.approx(1, abs=2e-3)
    with pytest.raises(UsageError, match="no column"):
        values_at(np.full((4, 1), 0.5), ["b"], constant, correlation=copula)


def test_importing_costs_no_scipy_stats() -> None:
    """scipy.stats takes most of a second to import: only a net asks for it, when it is made."""
    rooms = ["gum", "audit", "intervals", "sensitivity", "streams", "copula", "marginals", "trials", "replay"]
    code = f"import sys; {'; '.join(f'import factordb.uncertainty.{room}' for room in rooms)};"
    code += "print('scipy.stats' in sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_missing_input_is_refused() -> None:
    with pytest.raises(UsageError, match="no distribution"):
        quasi_batches(parse("a + b"), {"a": marginals.normal(0, 1)}, seed=1)
