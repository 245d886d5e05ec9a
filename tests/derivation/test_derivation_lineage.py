"""Lineage: closed forms, Leontief's cycle, cycles without a solution, and random graphs against dense algebra."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factordb.derivation.lineage import Lineage, cycles, evaluated, lineage_of, moved
from factordb.errors import StatementError, UsageError


def _graph(*edges: tuple[str, str, float], curved: tuple[int, ...] = ()) -> Lineage:
    child, parent, amount = zip(*edges, strict=True)
    return lineage_of(pa.array(child), pa.array(parent), amount, [n not in curved for n in range(len(edges))])


def _by_name(graph: Lineage, name: str, change: float) -> dict[str, float]:
    found = moved(graph, graph.place(name), change)
    return dict(zip(graph.names.take(pa.array(found.places)).to_pylist(), found.changes.tolist(), strict=True))


def test_a_change_runs_down_a_diamond() -> None:
    """d = 2b + 3c, b = 0.5a, c = 0.1a: ∂d/∂a = 1.3."""
    graph = _graph(("b", "a", 0.5), ("c", "a", 0.1), ("d", "b", 2), ("d", "c", 3), ("e", "x", 1))
    assert _by_name(graph, "a", 10.0) == pytest.approx({"b": 5.0, "c": 1.0, "d": 13.0})
    assert _by_name(graph, "d", 1.0) == {}
    assert graph.place("nobody") == -1
    assert set(graph.names.take(pa.array(graph.upstream(graph.place("d")))).to_pylist()) == {"a", "b", "c", "d"}


def test_values_come_from_roots_and_rests() -> None:
    graph = _graph(("b", "a", 0.5), ("c", "b", 2.0), ("c", "a", 1.0))
    rest = np.zeros(3)
    rest[[graph.place("a"), graph.place("b")]] = 4.0, 1.0
    found = evaluated(graph, rest)
    assert [found[graph.place(name)] for name in "abc"] == pytest.approx([4.0, 3.0, 10.0])


def test_a_linear_cycle_is_solved() -> None:
    """Electricity takes coal, coal takes electricity: e = 0.4c + 1, c = 0.1e + 2 gives e = 1.8/0.96, c = 2.1/0.96."""
    graph = _graph(("e", "c", 0.4), ("c", "e", 0.1), ("e", "w", 1.0), ("p", "e", 3.0))
    rest = np.zeros(4)
    rest[[graph.place("w"), graph.place("c")]] = 1.0, 2.0
    found = evaluated(graph, rest)
    assert found[graph.place("e")] == pytest.approx(1.8 / 0.96)
    assert found[graph.place("c")] == pytest.approx(2.1 / 0.96)
    assert _by_name(graph, "w", 1.0) == pytest.approx({"e": 1 / 0.96, "c": 0.1 / 0.96, "p": 3 / 0.96})
    assert cycles(graph) == [("c", "e")]


def test_a_changed_factor_is_held_also_inside_its_cycle() -> None:
    graph = _graph(("e", "c", 0.4), ("c", "e", 0.1))
    assert _by_name(graph, "e", 1.0) == pytest.approx({"c": 0.1})


def test_a_factor_that_takes_of_itself_is_solved_below_one_and_refused_from_one() -> None:
    graph = _graph(("e", "e", 0.05), ("e", "w", 1.0))
    assert _by_name(graph, "w", 0.95) == pytest.approx({"e": 1.0})
    assert cycles(graph) == [("e",)]
    with pytest.raises(UsageError, match="e"):
        _by_name(_graph(("e", "e", 1.0), ("e", "w", 1.0)), "w", 1.0)


def test_a_cycle_without_a_solution_names_its_members() -> None:
    graph = _graph(("b", "a", 1.0), ("c", "b", 2.0), ("b", "c", 0.5), ("d", "c", 1.0), ("g", "h", 1.0))
    with pytest.raises(UsageError) as fault:
        _by_name(graph, "a", 1.0)
    assert "b, c" in fault.value.problem
    assert "b、c" in fault.value.problem_zh
    assert "d" not in fault.value.problem.split("end:")[1]
    assert _by_name(graph, "h", 1.0) == {"g": 1.0}  # the cycle lies elsewhere


def test_a_cycle_of_alternating_signs_is_judged_by_sizes() -> None:
    """ρ(|A|) = 1.2: the Neumann series of |A| does not converge, so nobody can say what the chain means."""
    with pytest.raises(UsageError):
        _by_name(_graph(("b", "c", -1.2), ("c", "b", 1.2), ("b", "a", 1.0)), "a", 1.0)


def test_first_order_is_told_from_exact() -> None:
    graph = _graph(("b", "a", 0.5), ("c", "a", 0.1), ("d", "b", 2), ("e", "c", 3), curved=(0,))
    found = moved(graph, graph.place("a"), 1.0)
    told = dict(zip(graph.names.take(pa.array(found.places)).to_pylist(), found.exact.tolist(), strict=True))
    assert told == {"b": False, "c": True, "d": False, "e": True}


def test_an_amount_that_is_no_number_is_refused() -> None:
    with pytest.raises(StatementError, match="edge 2"):
        _graph(("b", "a", 0.5), ("c", "a", float("nan")))


@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_random_graphs_agree_with_dense_algebra(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((count, count)) < 0.3, rng.uniform(-1, 1, (count, count)), 0.0)
    dense *= 0.9 / max(1.0, np.abs(dense).sum(axis=1).max())
    dense[0, count - 1] = 0.5  # at least one edge
    child, parent = np.nonzero(dense)
    graph = lineage_of(child.astype(str), parent.astype(str), dense[child, parent], np.ones(len(child)))
    start = str(parent[0])
    held = dense.copy()
    held[int(start)] = 0.0
    given_change = np.zeros(count)
    given_change[int(start)] = 1.0
    expected = np.linalg.solve(np.eye(count) - held, given_change)
    found = _by_name(graph, start, 1.0)
    for name, change in found.items():
        assert change == pytest.approx(expected[int(name)], abs=1e-12)
    assert {str(n) for n in np.flatnonzero(np.abs(expected) > 1e-15)} - {start} <= set(found)


def test_a_chain_of_ten_thousand_is_followed_to_its_end() -> None:
    numbers = np.arange(10_000)
    whole = lineage_of(numbers[1:].astype(str), numbers[:-1].astype(str), np.ones(9_999), np.ones(9_999))
    assert _by_name(whole, "0", 2.5)["9999"] == 2.5
