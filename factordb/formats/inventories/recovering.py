"""From a data sheet that was read to a release row: the annex where it still holds, else what the data set says.

The annex is composed into a data sheet again, in the form the format holds; where a fact of the data set differs from
that, somebody changed it since, and the columns that rest on it come from the data set.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from factordb.formats.inventories.composing import SCORES, compose
from factordb.formats.inventories.datasheet import EMISSION, Datasheet, Exchange, Spread
from factordb.formats.inventories.plain_row import NoFactor, PlainRow, plain_row

Shape: TypeAlias = Callable[[Datasheet], Datasheet]
"""What a format holds of a data sheet: texts cut to its lengths, facts without a place emptied."""

UNCERTAINTY: Final = [
    "basis",
    "family",
    "mean",
    "sd",
    "median",
    "cv",
    "low95",
    "high95",
    "shortest_low95",
    "shortest_high95",
    "method",
    "draws",
    "seed",
    "precision",
    "cv_percent",
    "statement",
    "statement_text",
]
VALUE: Final = [
    "kind",
    "value_text",
    "value",
    "unit_text",
    "unit",
    "gas",
    "unit_basis",
    "canonical_value",
    "canonical_unit",
    "conversion",
    "direction",
    "expression",
]
RESTS_ON: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "name": ("name_en",),
        "local_name": ("name_zh",),
        "product": ("flow",),
        "category": ("category",),
        "technology": ("technology",),
        "boundary": ("boundary",),
        "region": ("region", "region_text"),
        "reference_year": ("reference_year",),
        "valid_from": ("valid_from",),
        "valid_until": ("valid_until",),
        "published_on": ("published_on",),
        "scores": (*SCORES, "scheme", "dqr", "band"),
        "gwp_set": ("gwp_set",),
        "amounts": (*VALUE, *UNCERTAINTY),
        "spread": tuple(UNCERTAINTY),
    }
)
"""Fact of a data sheet -> columns of the row that rest on it."""

CLOSE: Final = 1e-9
"""Relative difference of two numbers that a text between them may cause: `repr` is exact, single precision is not."""


@dataclass(frozen=True)
class Recovered:
    """A row, its gases, and what is doubtful about it.

    Attributes:
        row: cells of a release row.
        gases: rows of gases, without factor_id.
        doubts: (rule, fact).
    """

    row: dict[str, Any]
    gases: tuple[Mapping[str, Any], ...]
    doubts: tuple[tuple[str, str], ...]


def recover(sheet: Datasheet, shape: Shape, source: str, place: str) -> Recovered | NoFactor:
    """Return the release row of `sheet`, or why it is none."""
    native = plain_row(sheet, source, place)
    annex = sheet.annex
    if annex is None:
        return native if isinstance(native, NoFactor) else Recovered(native.row, native.gases, native.doubts)
    composed = compose(annex["row"], annex["gases"])
    if composed is None:
        return native if isinstance(native, NoFactor) else _changed(native, "annex")
    if isinstance(native, NoFactor):
        return native
    expected = shape(composed)
    changed = [fact for fact in RESTS_ON if not _same(fact, sheet, expected)]
    row = dict(annex["row"])
    for fact in changed:
        for column in RESTS_ON[fact]:
            row[column] = native.row[column]
    gases = native.gases if "amounts" in changed else tuple(annex["gases"])
    if changed:
        row["version_id"] = native.row["version_id"]
    doubts = (("FMT056", ", ".join(changed)),) if changed else ()
    return Recovered(row, gases, doubts)


def _changed(native: PlainRow, what: str) -> Recovered:
    return Recovered(native.row, native.gases, (*native.doubts, ("FMT056", what)))


def _same(fact: str, read: Datasheet, expected: Datasheet) -> bool:
    if fact == "amounts":
        return _amounts(read) == _amounts(expected) or _near(_amounts(read), _amounts(expected))
    if fact == "spread":
        return _spreads_agree(_carrier(read), _carrier(expected))
    return bool((getattr(read, fact) or None) == (getattr(expected, fact) or None))


def _amounts(sheet: Datasheet) -> list[tuple[str, float]]:
    """Return declared unit and amounts by flow, per unit of the reference product."""
    reference = sheet.reference
    per = (reference.amount if reference else None) or 1.0
    flows = [(one.flow, (one.amount or 0.0) / per) for one in sheet.exchanges if one.role == EMISSION]
    return [(reference.unit if reference else "", 0.0), *sorted(flows)]


def _near(read: list[tuple[str, float]], expected: list[tuple[str, float]]) -> bool:
    return [name for name, _ in read] == [name for name, _ in expected] and all(
        math.isclose(one, other, rel_tol=CLOSE, abs_tol=0.0)
        for (_, one), (_, other) in zip(read, expected, strict=True)
    )


def _carrier(sheet: Datasheet) -> Exchange | None:
    return next((one for one in sheet.exchanges if one.spread is not None), None)


def _spreads_agree(read: Exchange | None, expected: Exchange | None) -> bool:
    if read is None or expected is None:
        return read is expected
    one, other = read.spread, expected.spread
    if not isinstance(one, Spread) or not isinstance(other, Spread) or one.family != other.family:
        return False
    pairs = ((one.centre, other.centre), (one.width, other.width), (one.low, other.low), (one.high, other.high))
    size = max((abs(number) for pair in pairs for number in pair if number is not None), default=0.0)
    return all(
        left is right or (left is not None and right is not None and abs(left - right) <= CLOSE * size)
        for left, right in pairs
    )
