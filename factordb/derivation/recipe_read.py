"""The columns of a recipe as read: numbers in base units with their keys, their own and their shared uncertainty."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factordb.derivation.measure import CELSIUS, NONE, Measure, measure, product, words_of
from factordb.derivation.node import Array, Labels
from factordb.derivation.recipe import Column
from factordb.derivation.recipe_error import RecipeError

__all__ = ["ReadColumn", "Tables", "stream"]

Tables = Mapping[str, Mapping[str, Sequence[str | None]]]
"""Table -> column -> cells as they were written; None for empty ones."""
ZERO_CELSIUS_K: Final = 273.15
ISO: Final = "iso"
"""Moments as ISO 8601 writes them."""


class ReadColumn:
    """The cells of one column: numbers in base units, or labels, with their keys and their own uncertainty."""

    def __init__(self, column: Column, tables: Tables) -> None:
        self.column = column
        if column.table not in tables:
            raise RecipeError("table", column.table, found=", ".join(sorted(tables)))
        self._table = tables[column.table]
        chosen = np.ones(len(self._cells(column.column)), dtype=bool)
        for name, wanted in column.where.items():
            chosen &= np.array([(cell or "").strip() == wanted for cell in self._cells(name)], dtype=bool)
        self._chosen: list[int] = np.flatnonzero(chosen).tolist()
        if not self._chosen:
            raise RecipeError("empty", column.name, found=", ".join(f"{k} = {v}" for k, v in column.where.items()))
        self.size = len(self._chosen)
        self.labels = self._keys()
        self.texts = self._text(column.column) if column.text else np.array([], dtype=np.str_)
        self.measure, self._size = (NONE, np.ones(1)) if column.text else self._units()
        self.values = np.array([]) if column.text else self._numbers(column.column) * self._size + self._offset()
        if column.times:
            self.values = self.values * self._numbers(column.times)
        self.u = np.zeros(self.size) if column.text else self._own_u()

    def _cells(self, name: str) -> Sequence[str | None]:
        if name not in self._table:
            raise RecipeError("column", self.column.name, found=name, expected=", ".join(self._table))
        return self._table[name]

    def _text(self, name: str) -> NDArray[np.str_]:
        cells = self._cells(name)
        return np.array([(cells[place] or "").strip() for place in self._chosen], dtype=np.str_)

    def _numbers(self, name: str) -> Array:
        """Return the cells as numbers; empty ones are nan: methods may fill them, a sum over them is a gap."""
        texts = self._text(name)
        empty = texts == ""
        if self.column.time and name == self.column.column:
            return self._moments(texts)
        try:
            numbers = np.where(empty, "0", texts).astype(np.float64)
        except ValueError:
            numbers = np.array([np.nan])
        if not np.isfinite(numbers).all():  # "nan" and "inf" are words, not readings
            place = next(number for number, text in zip(self._chosen, texts, strict=True) if not _is_number(text))
            raise RecipeError(
                "number", self.column.name, found=f"{self.column.table}:{place + 1}:{name} ({self._cells(name)[place]})"
            )
        return np.where(empty, np.nan, numbers)

    def _moments(self, texts: NDArray[np.str_]) -> Array:
        """Return moments as seconds since 1970; one written otherwise is a fault, never a gap."""
        pattern = self.column.time
        seconds = np.empty(texts.size)
        for at, text in enumerate(texts.tolist()):
            try:
                moment = datetime.fromisoformat(text) if pattern == ISO else datetime.strptime(text, pattern)  # noqa: DTZ007 - a bare clock is read as it stands
            except ValueError as error:
                place = f"{self.column.table}:{self._chosen[at] + 1}:{self.column.column} ({text})"
                raise RecipeError("moment", self.column.name, found=place, expected=pattern) from error
            seconds[at] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        return seconds

    def _units(self) -> tuple[Measure, Array]:
        """Return the dimensions all rows come to, and the size of each row's unit, that of `times` included."""
        if not self.column.unit_column:
            unit = measure("K") if self.column.unit in CELSIUS else measure(self.column.unit)
            return unit, np.array([unit.size])
        rows = [self._text(self.column.unit_column).tolist()]
        if self.column.times:
            rows.append(self._text(self.column.times_unit_column).tolist())
        found = {pair: product(*(measure(text) for text in pair)) for pair in set(zip(*rows, strict=True))}
        dimensions = {one.dimensions: pair for pair, one in found.items()}
        if len(dimensions) > 1:
            one, other = sorted(words_of(each) for each in dimensions)[:2]
            raise RecipeError("dimensions", self.column.name, found=one, expected=other)
        return next(iter(found.values())), np.array([found[pair].size for pair in zip(*rows, strict=True)])

    def _offset(self) -> float:
        return ZERO_CELSIUS_K if self.column.unit in CELSIUS else 0.0

    def _keys(self) -> Labels | None:
        if not self.column.key:
            if self.size == 1:
                return None
            # rows of one table under one selection belong together; those of two selections do not
            chosen = ", ".join(self.column.where.values()) or "*"
            return Labels(
                f"{self.column.table} ({chosen})", np.array([str(place) for place in self._chosen], dtype=np.str_)
            )
        keys = self._text(self.column.key)
        distinct, counts = np.unique(keys, return_counts=True)
        if (counts > 1).any():
            raise RecipeError("key", self.column.name, found=str(distinct[counts > 1][0]))
        return Labels(self.column.key, keys)

    def _own_u(self) -> Array:
        stated = self.column.u
        u = np.abs(self.values) * stated.relative
        if stated.column:
            k = self._numbers(stated.k) if stated.k else np.ones(self.size)
            found = np.nan_to_num(self._numbers(stated.column) * self._size / np.where(np.isnan(k), 1.0, k))
            if (found < 0).any():
                raise RecipeError("negative_u", self.column.name, found=str(found.min()))
            u = np.hypot(u, found)
        return np.asarray(np.nan_to_num(u), float)

    def draw(self, draws: int, start: int, seed: int) -> Array:
        """Return (draws, rows): own part independent, shared part common to the column."""
        values = self.values[None, :]
        if not draws or not (self.u.any() or self.column.u.shared):
            return values
        drawn = stream(self.column.name, start, seed)
        shared = 1.0 + self.column.u.shared * drawn.standard_normal((draws, 1))
        if not self.u.any():
            return np.asarray(values * shared, float)
        return np.asarray(values * shared + self.u * drawn.standard_normal((draws, self.size)), float)


def _is_number(text: str) -> bool:
    try:
        return not text or bool(np.isfinite(float(text)))
    except ValueError:
        return False


def stream(name: str, start: int, seed: int) -> np.random.Generator:
    """Return the stream of a name from draw `start` on: a further column leaves the others' draws as they were."""
    words = np.frombuffer(hashlib.sha256(f"{seed}|{name}|{start}".encode()).digest(), dtype=np.uint32)
    return np.random.Generator(np.random.PCG64(words.tolist()))
