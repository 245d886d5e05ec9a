"""Samples of a release as columns, packed once and drawn again by factor version and seed.

Draw number i of every factor of a release was made with the same draws of the inputs they share, so adding
stored rows keeps the correlation of the factors.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factordb.errors import NotFoundError, UsageError

Array: TypeAlias = NDArray[np.float64]


def pack(versions: Sequence[str], samples: Array, seed: int) -> pa.Table:
    """Return the samples of n factor versions as a table: version_id, seed, draws (fixed-size list).

    Args:
        versions: factor versions, n distinct strings.
        samples: model values in the factors' declared units, shape (n, M).
        seed: the seed they were drawn with.

    Raises:
        UsageError: versions repeat, or do not match the rows.
    """
    if samples.ndim != 2 or len(versions) != len(samples) or len(set(versions)) < len(versions):  # noqa: PLR2004 - a table
        raise UsageError(
            problem=f"{len(versions)} versions do not name the {len(samples)} rows of samples one by one",
            remedy="give one distinct version for each row",
            problem_zh=f"{len(versions)} 个版本与 {len(samples)} 行样本不能一一对应",
            remedy_zh="请为每行样本给出一个互不相同的版本",
        )
    flat = pa.array(np.ascontiguousarray(samples, dtype=np.float64).reshape(-1))
    return pa.table(
        {
            "version_id": pa.array(versions, pa.string()),
            "seed": pa.array(np.full(len(versions), seed, dtype=np.uint64)),
            "draws": pa.FixedSizeListArray.from_arrays(flat, samples.shape[1]),
        }
    )


def draw_again(packed: pa.Table, versions: Sequence[str], seed: int) -> Array:
    """Return the stored model values of the versions in their order, shape (k, M).

    Raises:
        NotFoundError: a version was not stored with this seed.
    """
    stored_seeds = packed.column("seed").to_numpy()
    names = packed.column("version_id").to_pylist()
    place = {name: i for i, name in enumerate(names) if stored_seeds[i] == seed}
    missing = [version for version in versions if version not in place]
    if missing:
        known = ", ".join(sorted(place)[:5]) or "-"
        raise NotFoundError(f"sample with seed {seed}", missing[0], known=known)
    column = packed.column("draws").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    table = column.flatten().to_numpy(zero_copy_only=True).reshape(len(names), -1)
    return np.asarray(table[[place[version] for version in versions]])


def weighted_sum(packed: pa.Table, amounts: Mapping[str, float], seed: int) -> Array:
    """Return the draws of a footprint, Σ amount × factor, shape (M,); correlations are kept.

    Args:
        packed: stored samples.
        amounts: activity amount by factor version.
        seed: the seed the samples were drawn with.

    Raises:
        NotFoundError: a version was not stored with this seed.
    """
    versions = list(amounts)
    return np.asarray(np.array([amounts[v] for v in versions]) @ draw_again(packed, versions, seed))
