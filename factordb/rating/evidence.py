"""What is known of each candidate, as columns: the one evidence from which every scheme derives its scores.

Missing is explicit in every column (NaN, UNKNOWN, -1) and is never read as the best.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum, IntEnum
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from factordb.errors import StatementError
from factordb.model.vocabulary import Basis, Tier

FloatArray: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int8]

TIERS: Final = tuple(Tier)
"""The code of a tier is its position here; -1 is unknown."""
BASES: Final = tuple(Basis)
"""The code of a basis is its position here."""


class Technology(IntEnum):
    """How far the data describe the technology meant; from a judgement with its reason."""

    UNKNOWN = 0
    SAME = 1
    MIX = 2
    PART = 3
    SIMILAR = 4
    DIFFERENT = 5
    NOT_APPLICABLE = 6


class Place(IntEnum):
    """Relation of the place of the data to the place of use in the region tree."""

    UNKNOWN = 0
    SAME = 1
    CONTAINS = 2
    WORLD = 3
    INSIDE = 4
    SIMILAR = 5
    OTHER = 6
    NOT_APPLICABLE = 7


class Known(IntEnum):
    """Answer to a question that may not have been put."""

    UNKNOWN = -1
    NO = 0
    YES = 1


class Found(IntEnum):
    """Whether the source contains the value at the stated place; ambiguous or unavailable is UNKNOWN."""

    UNKNOWN = 0
    MATCHED = 1
    CONFLICT = 2
    NOT_FOUND = 3


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Evidence on n candidates; every column has shape (n,) and is read-only. Made by `gathered`."""

    age_years: FloatArray
    """Year of use minus reference (collection) year; negative is a future date, NaN unknown."""
    past_validity_years: FloatArray
    """Begun years after the last day of validity, 0 or less within it; NaN where no last day is stated."""
    in_force: Codes
    """`Known`: the source register says, with its basis, that the values are the current ones."""
    technology: Codes
    """`Technology`."""
    place: Codes
    """`Place`."""
    place_steps: NDArray[np.int16]
    """Steps between the places in the region tree, -1 unknown."""
    tier: Codes
    """Position in `TIERS`, -1 unknown."""
    verified: Codes
    """`Known`: traceability verified by a third party."""
    plausible: Codes
    """`Known`: the plausibility checks were asked and none that asks for review is broken."""
    relative_sd: FloatArray
    """Standard deviation / |mean| as a fraction (0.183, not 18.3); NaN without a result."""
    basis: Codes
    """Position in `BASES`: where `relative_sd` comes from."""
    completeness: FloatArray
    """Share of production or flows covered, 0 … 1, NaN unknown."""
    method: FloatArray
    """Conformity with the method asked for, judged 1 … 5, NaN not judged."""
    stated_te: FloatArray
    """Technology score as typed by the submitter, 1 … 5, NaN not stated."""
    stated_geo: FloatArray
    """Geography score as typed by the submitter, 1 … 5, NaN not stated."""
    source_found: Codes
    """`Found`."""
    documented: Codes
    """`Known`: source, place and method are stated."""

    def __len__(self) -> int:
        return int(self.age_years.shape[0])

    def rows(self, which: ArrayLike) -> "Evidence":
        """Return the evidence of some rows, chosen by positions or by a mask of shape (n,)."""
        chosen = np.atleast_1d(np.asarray(which))
        return Evidence(**{one.name: _closed(getattr(self, one.name)[chosen]) for one in fields(self)})


_MISSING: Final[Mapping[str, tuple[type[np.generic], float, int, int]]] = {
    # column: (type, value when missing, lowest and highest code); floats are judged row by row when scored
    "age_years": (np.float64, np.nan, 0, 0),
    "past_validity_years": (np.float64, np.nan, 0, 0),
    "in_force": (np.int8, Known.UNKNOWN, Known.UNKNOWN, Known.YES),
    "technology": (np.int8, Technology.UNKNOWN, Technology.UNKNOWN, Technology.NOT_APPLICABLE),
    "place": (np.int8, Place.UNKNOWN, Place.UNKNOWN, Place.NOT_APPLICABLE),
    "place_steps": (np.int16, -1, -1, 99),
    "tier": (np.int8, -1, -1, len(TIERS) - 1),
    "verified": (np.int8, Known.UNKNOWN, Known.UNKNOWN, Known.YES),
    "plausible": (np.int8, Known.UNKNOWN, Known.UNKNOWN, Known.YES),
    "relative_sd": (np.float64, np.nan, 0, 0),
    "basis": (np.int8, BASES.index(Basis.NONE), 0, len(BASES) - 1),
    "completeness": (np.float64, np.nan, 0, 0),
    "method": (np.float64, np.nan, 0, 0),
    "stated_te": (np.float64, np.nan, 0, 0),
    "stated_geo": (np.float64, np.nan, 0, 0),
    "source_found": (np.int8, Found.UNKNOWN, Found.UNKNOWN, Found.NOT_FOUND),
    "documented": (np.int8, Known.UNKNOWN, Known.UNKNOWN, Known.YES),
}


def gathered(count: int, **columns: ArrayLike) -> Evidence:
    """Return evidence on `count` candidates; a column that is not given is missing in every row.

    Args:
        count: n, at least 0.
        **columns: columns of `Evidence` by name, shape (n,) or one value for all; masked entries are missing.
            Copied, never changed.

    Raises:
        StatementError: a column has no such name, another length, or a code outside its vocabulary; names the rows.
    """
    strange = set(columns) - set(_MISSING)
    if strange:
        raise StatementError(
            problem=f"there is no evidence called {', '.join(sorted(strange))}",
            remedy=f"use: {', '.join(_MISSING)}",
            problem_zh=f"没有名为 {'、'.join(sorted(strange))} 的证据项",
            remedy_zh=f"可用的证据项：{'、'.join(_MISSING)}",
        )
    return Evidence(**{name: _column(name, columns.get(name), count) for name in _MISSING})


def codes_of(vocabulary: type[Enum], words: Iterable[str | None]) -> Codes:
    """Return the code of each word, shape (n,); a word that is null or unknown has the code of *unknown*.

    For an `IntEnum` the words are its names in lower case ("not_found"); for `Tier` and `Basis` they are its values
    and the codes their positions. A basis that is not known is NONE.
    """
    if issubclass(vocabulary, IntEnum):
        known = {one.name.lower(): one.value for one in vocabulary}
    else:
        known = {str(one.value): position for position, one in enumerate(vocabulary)}
    missing = BASES.index(Basis.NONE) if vocabulary is Basis else known.get("unknown", -1)
    column = words if isinstance(words, (pa.Array, pa.ChunkedArray)) else pa.array(words, pa.string())
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    table = np.array([known.get(str(word), missing) for word in coded.dictionary.to_pylist()] + [missing], np.int8)
    found: Codes = table[coded.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)]
    return found


def begun_years_after(last_day: ArrayLike, as_of: date) -> FloatArray:
    """Return how many years have begun since each last day, by the calendar; 0 or less up to that day, NaN for NaT.

    The day after counts as the first year, the second anniversary still as the second.

    Args:
        last_day: last days of validity, datetime64[D], shape (n,).
        as_of: day of use.
    """
    days = np.asarray(last_day, dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    in_year = (months - years).astype(np.int64) * 31 + (days - months).astype(np.int64)  # orders the days of a year
    passed = (as_of.month - 1) * 31 + (as_of.day - 1) > in_year
    whole = as_of.year - (years.astype(np.int64) + 1970)
    found: FloatArray = np.where(np.isnat(days), np.nan, (whole + passed).astype(np.float64))
    return found


def _column(name: str, given: Any, count: int) -> NDArray[Any]:
    dtype, missing, low, high = _MISSING[name]
    if given is None:
        return _closed(np.full(count, missing, dtype=dtype))
    plain = np.ma.filled(np.ma.asarray(given).astype(np.float64), missing)
    if plain.ndim > 1 or (plain.ndim == 1 and plain.shape[0] != count):
        raise StatementError(
            problem=f"{name} has shape {plain.shape}, there are {count} candidates",
            remedy="give one value a candidate",
            problem_zh=f"{name} 的形状为 {plain.shape}，而候选因子有 {count} 个",
            remedy_zh="请为每个候选因子给出一个值",
        )
    if dtype is not np.float64:
        bad = np.flatnonzero(~np.isin(np.atleast_1d(plain), np.arange(low, high + 1)))
        if bad.size:
            rows = ", ".join(str(row + 1) for row in bad[:5])
            raise StatementError(
                problem=f"{name} of row {rows} is no code from {low} to {high}",
                remedy="use the codes of factordb.rating, or leave it missing",
                problem_zh=f"第 {rows} 行的 {name} 不是 {low} 至 {high} 之间的代码",
                remedy_zh="请使用 factordb.rating 的代码，或留空",
            )
    return _closed(np.array(np.broadcast_to(plain, (count,)), dtype=dtype))


def _closed(values: NDArray[Any]) -> NDArray[Any]:
    values.flags.writeable = False
    return values
