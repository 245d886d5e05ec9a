"""Cells of a package as numbers, days and words; groups of rows; thresholds by name.

A cell that cannot be read is None here: the rule PKG006 tells of it, and other rules pass it over.
"""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from factordb.model.submission import NO, YES, Cell, FieldType, Package, Row, Sheet, sheets
from factordb.reference import tables

__all__ = [
    "EMPTY",
    "Interval",
    "day",
    "first",
    "group",
    "holes",
    "last_digit",
    "limit",
    "number",
    "overlap",
    "period_of",
    "readable",
    "said",
    "sheet_of",
    "text",
    "threshold",
    "yes",
]

EMPTY: Final = frozenset({"", "-", "—", "–", "/", "无", "none", "n/a", "na", "nil", "不详", "未知"})
"""Words that fill a cell without saying anything."""
NOWHERE: Final = Cell("", "")
Interval = tuple[date, date]
"""First and last day, both of it."""
_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=65_536)
def _number(written: str) -> float | None:
    if not _PLAIN.fullmatch(written):
        return None
    value = float(written)
    return value if math.isfinite(value) else None


@lru_cache(maxsize=16_384)
def _day(written: str) -> date | None:
    if not _ISO.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def text(row: Row, name: str) -> str:
    """Return the text of a field; empty where nobody filled it in."""
    cell = row.get(name)
    return cell.text if cell else ""


def said(row: Row, name: str) -> bool:
    """Return whether a field says something: neither empty nor a dash."""
    return text(row, name).lower() not in EMPTY


def first(row: Row, *names: str) -> Cell:
    """Return the first filled cell of these fields, else any cell of the row: a place to point at."""
    for name in names:
        if name in row:
            return row[name]
    return Cell("", next(iter(row.values())).place) if row else NOWHERE


def number(row: Row, name: str) -> float | None:
    """Return a field as a plain finite number; None where it is none."""
    cell = row.get(name)
    return _number(cell.text) if cell else None


def day(row: Row, name: str) -> date | None:
    """Return a field as a day; None where it is none."""
    cell = row.get(name)
    return _day(cell.text) if cell else None


def yes(row: Row, name: str) -> bool | None:
    """Return a field as yes or no; None where it says neither."""
    word = text(row, name).lower()
    return True if word in YES else False if word in NO else None


def last_digit(written: str) -> float:
    """Return one unit of the last digit of a number as it is written: 0.01 for 57.32, 1 for 21000, 0.1 for 1.2e0."""
    mantissa, _, power = written.lower().partition("e")
    _, point, decimals = mantissa.partition(".")
    exponent = int(power) if power else 0
    return float(10.0 ** (exponent - (len(decimals) if point else 0)))


def readable(type_: FieldType, written: str, choices: tuple[str, ...]) -> bool:
    """Return whether a cell's text is of its field's type."""
    if type_ is FieldType.NUMBER:
        return _number(written) is not None
    if type_ is FieldType.DATE:
        return _day(written) is not None
    if type_ is FieldType.YES_NO:
        return written.lower() in YES | NO
    if type_ is FieldType.CHOICE:
        return written in choices
    if type_ is FieldType.ID:
        return _ID.fullmatch(written) is not None
    return True


_ID: Final = re.compile(r"[\w.\-]+")


def sheet_of(name: str) -> Sheet:
    """Return a sheet of the schema."""
    return sheets()[name]


def period_of(package: Package) -> Interval | None:
    """Return the first and last day of the data; None where the cover does not say, or says it the wrong way round."""
    start, end = day(package.cover, "period_from"), day(package.cover, "period_to")
    return (start, end) if start and end and start <= end else None


def group(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], list[Row]]:
    """Return rows by the texts of these fields, in order of appearance."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(text(row, name) for name in names), []).append(row)
    return found


def holes(wanted: Interval, covered: Iterable[Interval]) -> list[Interval]:
    """Return the parts of `wanted` that no interval covers, in order."""
    start, end = wanted
    missing = []
    for low, high in sorted(covered):
        if high < start:
            continue
        if low > end:
            break
        if low > start:
            missing.append((start, low - timedelta(days=1)))
        start = max(start, high + timedelta(days=1))
    if start <= end:
        missing.append((start, end))
    return missing


def overlap(one: Interval, other: Interval) -> bool:
    """Return whether two intervals share a day."""
    return one[0] <= other[1] and other[0] <= one[1]


@cache
def _thresholds() -> Mapping[str, Mapping[str, Any]]:
    return tables.toml("thresholds/package")


def threshold(name: str) -> Any:
    """Return a threshold of `reference/thresholds/package`: its value, or its table of words or numbers."""
    facts = _thresholds()[name]
    return facts["value"] if "value" in facts else facts["values"]


def limit(name: str) -> float:
    """Return a numeric threshold."""
    return float(threshold(name))
