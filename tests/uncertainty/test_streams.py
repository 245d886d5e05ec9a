"""Base draws: the same whatever the block, the thread or the order; independent between inputs."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from factordb.errors import UsageError
from factordb.uncertainty.streams import CHUNK, Streams, sobol_nets


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=6), st.integers(0, 2 * CHUNK))
@settings(max_examples=25, deadline=None)
def test_any_split_into_blocks_gives_the_same_draws(widths: list[int], start: int) -> None:
    total = sum(widths)
    for kind in ("normals", "uniforms"):
        whole = getattr(Streams(5), kind)("电网因子", total, start=start)
        streams = Streams(5)
        done, parts = start, []
        for width in widths:
            parts.append(getattr(streams, kind)("电网因子", width, start=done))
            done += width
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_order_and_threads_do_not_matter() -> None:
    names = [f"input {i}" for i in range(40)]
    alone = {name: Streams(9).normals(name, 3000) for name in names}
    one = Streams(9)
    backwards = {name: one.normals(name, 3000) for name in reversed(names)}
    with ThreadPoolExecutor(2) as pool:
        threaded = dict(zip(names, pool.map(lambda n: Streams(9).normals(n, 3000), names), strict=True))
    for name in names:
        np.testing.assert_array_equal(backwards[name], alone[name])
        np.testing.assert_array_equal(threaded[name], alone[name])


def test_draws_have_their_distribution_and_no_correlation() -> None:
    streams = Streams(2026)
    z = np.array([streams.normals(f"{i}", 20_000) for i in range(12)])
    u = np.array([streams.uniforms(f"{i}", 20_000) for i in range(12)])
    assert np.abs(z.mean(axis=1)).max() < 4 / np.sqrt(20_000)
    assert np.abs(z.var(axis=1) - 1).max() < 4 * np.sqrt(2 / 20_000)
    both = np.corrcoef(np.concatenate([ndtr(z), u, np.roll(u, 1, axis=1)]))
    assert np.abs(both - np.eye(len(both))).max() < 4.5 / np.sqrt(20_000)
    assert u.min() > 0
    assert u.max() < 1
    # Kolmogorov-Smirnov at 1e-4 for each of 24 samples: D < 2.2/√n
    for sample in [*u, *ndtr(z)]:
        ordered = np.sort(sample)
        grid = np.arange(1, 20_001) / 20_000
        assert np.abs(ordered - grid).max() < 2.2 / np.sqrt(20_000)


def test_first_draws_of_many_inputs_are_random_too() -> None:
    """The state at the start of a chunk is a hash: the first draws of many streams are a fair sample."""
    streams = Streams(1)
    first = np.sort([streams.uniforms(f"factor/{i}", 1)[0] for i in range(4000)])
    assert np.abs(first - np.arange(1, 4001) / 4000).max() < 2.2 / np.sqrt(4000)
    pairs = np.array([streams.uniforms(f"factor/{i}", 2) for i in range(4000)])
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(4000)


def test_known_draws_are_pinned() -> None:
    """A stored release must be drawn again years later: a change of the streams must be seen."""
    assert Streams(1).uniforms("a", 2).tolist() == [0.936703862980379, 0.42057668556620664]
    assert Streams(1).normals("a", 2).tolist() == [-0.40699239995829833, 1.132120579703653]


def test_seed_and_name_and_kind_change_the_draws() -> None:
    base = Streams(1).uniforms("a", 8)
    assert not np.any(base == Streams(2).uniforms("a", 8))
    assert not np.any(base == Streams(1).uniforms("b", 8))
    assert not np.any(base == Streams(1).uniforms("a", 8, start=CHUNK))
    assert not np.any(base == Streams(1).generator("a").random(8))


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(UsageError, match="no seed"):
        Streams(seed)


def test_global_numpy_state_is_untouched() -> None:
    before = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]  # noqa: NPY002 - it is what we look at
    Streams(3).normals("a", 10)
    sobol_nets(["a"], 3, 4)(0)
    after = np.random.get_state()[1]  # type: ignore[index]  # noqa: NPY002 - as above
    np.testing.assert_array_equal(before, after)


def test_nets_are_even_reproducible_and_free_of_the_order_of_names() -> None:
    net = sobol_nets(["b", "a", "c"], 11, 10)
    points = net(0)
    assert points.shape == (1024, 3)
    assert points.min() > 0
    assert points.max() < 1
    # each half, quarter … of each axis holds its share exactly
    for column in points.T:
        assert np.bincount((column * 64).astype(int), minlength=64).tolist() == [16] * 64
    np.testing.assert_array_equal(points, sobol_nets(["b", "a", "c"], 11, 10)(0))
    np.testing.assert_array_equal(points[:, [1, 0, 2]], sobol_nets(["a", "b", "c"], 11, 10)(0))
    assert not np.any(points == net(1))
