"""The order of sources of clause (五), and the choice between candidates for one thing."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.model.vocabulary import Tier
from factordb.rating.evidence import TIERS, Codes, Known
from factordb.reference import table

UNKNOWN_RANK: Final = 99
"""Rank of a source of unknown kind: after every known one."""
_VERIFIED, _UNVERIFIED = TIERS.index(Tier.MEASURED_VERIFIED), TIERS.index(Tier.MEASURED_UNVERIFIED)


class Preferred(NamedTuple):
    """The winner of each key."""

    winner: NDArray[np.int64]
    """Row of the winner of each key, shape (keys,), keys in order of first appearance."""
    of_row: NDArray[np.int64]
    """Row of the winner of each row's key, shape (n,): a row that is its own winner is preferred."""


def proven_tier(tier: ArrayLike, verified: ArrayLike) -> Codes:
    """Return the tier that the evidence bears out, shape (n,): "measured, verified" without verification is not.

    Args:
        tier: positions in `TIERS`, -1 unknown, shape (n,).
        verified: `Known`, shape (n,).
    """
    label = np.asarray(tier, dtype=np.int8)
    claimed = (label == _VERIFIED) & (np.asarray(verified) != Known.YES)
    return np.where(claimed, _UNVERIFIED, label).astype(np.int8)


def tier_rank(tier: ArrayLike, verified: ArrayLike, trace_level: Iterable[str | None] | None = None) -> Codes:
    """Return the rank of each source in the order of clause (五), 1 first, shape (n,).

    Measured data come first only where verified; otherwise they rank where their level of traceability puts them, and
    as the lowest level without one.

    Args:
        tier: positions in `TIERS`, -1 unknown, shape (n,).
        verified: `Known`, shape (n,).
        trace_level: computed levels of traceability, "T0" … "T4", null where not computed, shape (n,).

    Source: clause (五); `tiers/source_tiers`, `tiers/trace_levels`.
    """
    rows = {str(row["tier"]): int(row["rank"]) for row in table("tiers/source_tiers").to_pylist()}
    ranks = np.array([*(rows[one] for one in TIERS), UNKNOWN_RANK], np.int8)
    proven = proven_tier(tier, verified)
    found: Codes = ranks[proven]
    if trace_level is None:
        return found
    levels = pa.array(trace_level, pa.string()).dictionary_encode()
    by_level = {str(row["level"]): int(row["rank"]) for row in table("tiers/trace_levels").to_pylist()}
    best = ranks[_VERIFIED]
    known = np.array([*(by_level.get(str(one), UNKNOWN_RANK) for one in levels.dictionary.to_pylist()), UNKNOWN_RANK])
    level = known[levels.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
    level = np.where((level == best) & (np.asarray(verified) != Known.YES), found, level)
    measured = (proven == _VERIFIED) | (proven == _UNVERIFIED)
    return np.where(measured & (level != UNKNOWN_RANK), level, found).astype(np.int8)


def with_signatures(rank: ArrayLike, signed_share: ArrayLike) -> NDArray[np.float64]:
    """Return ranks where, of equal ones, those stand higher whose results the laboratories themselves signed.

    A whole rank is never crossed: the order of clause (五) stays as it is.

    Args:
        rank: `tier_rank`, shape (n,).
        signed_share: share of the test results that their laboratory signed, 0 … 1, NaN without any, shape (n,).

    Source: ours; a consistent edit of a report is caught by the laboratory's own signature alone.
    """
    return np.asarray(rank, np.float64) - 0.5 * np.nan_to_num(np.asarray(signed_share, np.float64))


def prefer(
    keys: ArrayLike,
    rank: ArrayLike,
    dqr: ArrayLike,
    interval_width: ArrayLike,
    year: ArrayLike,
    name: ArrayLike | None = None,
) -> Preferred:
    """Return the preferred row of each key: lowest rank, then better rating, narrower interval, newer year.

    What is missing (NaN) comes after everything known, in every column. Rows equal in all are decided by `name`,
    then by position.

    Args:
        keys: what the candidates compete for, numbers or strings, shape (n,).
        rank: rank of the source, `tier_rank`, shape (n,).
        dqr: data quality rating, NaN without one, shape (n,).
        interval_width: relative width of the 95 % interval, NaN without one, shape (n,).
        year: reference year, NaN without one, shape (n,).
        name: identifiers; with them the choice does not depend on the order of the rows.

    Raises:
        StatementError: the columns differ in length.
    """
    given = np.asarray(keys)
    columns = [np.asarray(one, dtype=np.float64) for one in (rank, dqr, interval_width, year)]
    if any(one.shape != given.shape for one in columns) or given.ndim != 1:
        raise StatementError(
            problem="the columns of the candidates differ in length",
            remedy="give one key, rank, rating, width and year a candidate",
            problem_zh="候选因子各列长度不一致",
            remedy_zh="请为每个候选因子各给出一个键、次序、评级、区间宽度和年份",
        )
    group = pa.array(given).dictionary_encode(null_encoding="encode").indices.to_numpy().astype(np.int64)
    ranked, rated, width, dated = columns
    order = order_of_preference(ranked, rated, width, dated, name, group)
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    winner = order[first].astype(np.int64)
    return Preferred(winner, winner[group])


def order_of_preference(
    rank: ArrayLike,
    dqr: ArrayLike,
    interval_width: ArrayLike,
    year: ArrayLike,
    name: ArrayLike | None = None,
    group: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """Return the rows from the most to the least preferred, shape (n,); columns as in `prefer`.

    Args:
        rank: rank of the source, shape (n,).
        dqr: data quality rating.
        interval_width: relative width of the 95 % interval.
        year: reference year.
        name: identifiers that decide between equals; without them the position does.
        group: rows are ordered within each group, groups in ascending order.
    """
    ranked, rated, width, dated = (np.asarray(one, dtype=np.float64) for one in (rank, dqr, interval_width, year))
    last = np.arange(ranked.shape[0]) if name is None else _order_of(np.asarray(name))
    whole = np.zeros(ranked.shape[0], np.int64) if group is None else np.asarray(group)
    found: NDArray[np.int64] = np.lexsort((last, -dated, width, rated, ranked, whole))
    return found


def _order_of(names: NDArray[np.generic]) -> NDArray[np.int64]:
    coded = pa.array(names).dictionary_encode()
    place = np.argsort(np.argsort(np.array([str(one) for one in coded.dictionary.to_pylist()]), kind="stable"))
    found: NDArray[np.int64] = place[coded.indices.to_numpy()]
    return found
