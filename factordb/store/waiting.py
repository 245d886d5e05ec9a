"""The named question of the to-do list: candidates by what they would change, by deadline, or by verdict."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import UsageError
from factordb.store.library_file import Published
from factordb.store.listing import SHOWN, Listing, listing

__all__ = ["ORDERS", "Base", "waiting"]

ORDERS: Final = ("impact", "deadline", "verdict")
"""By impact: the greatest change first. By deadline: the earliest first, then by impact. Else as they are listed."""
_NEVER: Final = np.iinfo(np.int32).max
"""Day of what is never due: after every other."""


_NOTHING: Final = {name: pa.array([], pa.string()) for name in ("candidate_id", "factor_id")}


@dataclass(frozen=True)
class Base:
    """What is released: its name, and its candidate_id and factor_id, read only where the name is a new one.

    Attributes:
        name: names the rows: the hash of their content; empty: nothing is released.
        rows: returns the table.
        batches: as they were received, the earliest first.
    """

    name: str = ""
    rows: Callable[[], pa.Table] = field(default=lambda: pa.table(_NOTHING), compare=False)
    batches: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Impact:
    """The impact of every candidate of a list against one base, shape (n,), and their positions, greatest first."""

    of: np.ndarray
    order: np.ndarray


_known: dict[tuple[int, Base], tuple[Listing, _Impact]] = {}
"""The impacts that were worked out last; the list stands beside them so that its number is not given anew."""
_KEPT: Final = 4


def waiting(
    published: Published,
    base: Base,
    deadlines: Mapping[str, date],
    *,
    order: str = "impact",
    verdict: str = "",
    code: str = "",
    pipeline: str = "",
    text: str = "",
    limit: int = 100,
    offset: int = 0,
) -> pa.Table:
    """Return one page of candidates with verdict, rating, reasons, impact (a fraction), due_on and the total.

    The impact is the relative change of the value against the released version of the same factor: 1 where there is
    none, 0 for the released one itself and for what was received before it. Due is the deadline of its review, or the
    end of its validity where that is earlier.

    Args:
        published: the read model.
        base: what the newest release holds.
        deadlines: candidate id -> deadline of its review.
        order: one of `ORDERS`.
        verdict: only this verdict.
        code: only those held back by this code.
        pipeline: only those of this pipeline.
        text: a part of name, product or identifier.
        limit: rows of the page.
        offset: rows before it.

    Raises:
        UsageError: there is no such order.
    """
    if order not in ORDERS:
        raise UsageError(
            problem=f"there is no order {order!r}",
            remedy=f"choose one of {', '.join(ORDERS)}",
            problem_zh=f"没有名为 {order} 的排序方式",
            remedy_zh=f"请从 {'、'.join(ORDERS)} 中选择",
        )
    rows = listing(published)
    hits = rows.hits(verdict=verdict, code=code, pipeline=pipeline, text=text)
    total = len(rows) if hits is None else len(hits)
    impact = _impact(rows, base)
    due = _due(rows, deadlines)
    places = _ordered(order, len(rows), hits, impact, due)[offset : offset + limit]
    page = rows.take(places, list(SHOWN))
    days = np.ma.masked_equal(due[places], _NEVER)
    added = {
        "impact": pa.array(impact.of[places], pa.float64()),
        "due_on": pa.array(days.filled(0), mask=np.ma.getmaskarray(days)).cast(pa.int32()).cast(pa.date32()),
        "total": pa.array(np.full(len(places), total), pa.int64()),
    }
    for name, column in added.items():
        page = page.append_column(name, column)
    return page


def _ordered(order: str, count: int, hits: np.ndarray | None, impact: _Impact, due: np.ndarray) -> np.ndarray:
    """Return the positions of the rows that answer, in the order that was asked for."""
    if order == "verdict":
        return np.arange(count) if hits is None else hits
    found = impact.order
    if hits is not None:
        answers = np.zeros(count, bool)
        answers[hits] = True
        found = found[answers[found]]
    return found if order == "impact" else found[np.argsort(due[found], kind="stable")]


def _due(rows: Listing, deadlines: Mapping[str, date]) -> np.ndarray:
    """Return the day each candidate falls due, days since 1970, `_NEVER` without one, shape (n,)."""
    ends: np.ndarray = pc.fill_null(rows.rows["valid_until"].cast(pa.int32()), _NEVER).to_numpy()
    if not deadlines:
        return ends
    known = pa.array(deadlines, pa.string())
    at = pc.fill_null(pc.index_in(rows.rows["candidate_id"], value_set=known), len(deadlines)).to_numpy()
    days = np.append(pa.array(deadlines.values(), pa.date32()).cast(pa.int32()).to_numpy(), _NEVER)
    due: np.ndarray = np.minimum(ends, days[at])
    return due


def _impact(rows: Listing, base: Base) -> _Impact:
    key = (id(rows), base)
    if key not in _known:
        of = _worked_out(rows, base)
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)), None)
        _known[key] = (rows, _Impact(of, np.argsort(-of, kind="stable").astype(np.int32)))
    return _known[key][1]


def _worked_out(rows: Listing, base: Base) -> np.ndarray:
    """Return the impact of every candidate: what is new, or was without a number, changes all of it, shape (n,)."""
    released = base.rows()
    of = np.ones(len(rows))
    found = pc.index_in(rows.rows["factor_id"], value_set=released["factor_id"].combine_chunks())
    known = np.flatnonzero(pc.is_valid(found).to_numpy())
    if not len(known):
        return of
    at = pc.drop_null(found).to_numpy()
    mine = rows.rows["candidate_id"].combine_chunks().take(pa.array(known))
    same = pc.equal(mine, released["candidate_id"].combine_chunks().take(pa.array(at))).to_numpy(zero_copy_only=False)
    values = pc.fill_null(rows.rows["canonical_value"], np.nan).to_numpy()
    numbers, names = rows.codes("batch_id")
    turn = {name: place for place, name in enumerate(base.batches)}
    received = np.array([turn.get(name, np.nan) for name in names] + [np.nan])[numbers]
    was, then = np.full((2, released.num_rows), np.nan)
    was[at[same]], then[at[same]] = values[known[same]], received[known[same]]
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.abs(values[known] / was[at] - 1)
    of[known] = np.where(np.isnan(change) | (was[at] == 0), 1.0, change)
    # what is released, or was received before it, changes nothing
    of[known[same | (received[known] < then[at])]] = 0.0
    return of
