"""What a format has no place for, as one line of JSON inside its comment field, and the whole row behind it.

The line travels with the data set through every program that keeps comments. When it comes back, each group of its
cells stands only as long as the fact beside it in the data set still says the same (`recovering.py`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from factordb.model.release import RELEASE_COLUMNS, ColumnType

MARK: Final = "factordb-annex/1 "
_LINE: Final = re.compile(r"^factordb-annex/1 (\{.*\})[ \t]*$", re.MULTILINE)
_NO_XML: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_DATES: Final = frozenset(column.name for column in RELEASE_COLUMNS if column.type is ColumnType.DATE)
_TYPES: Final[dict[ColumnType, type | tuple[type, ...]]] = {
    ColumnType.STRING: str,
    ColumnType.NUMBER: (int, float),
    ColumnType.INTEGER: int,
    ColumnType.BOOLEAN: bool,
    ColumnType.DATE: str,
}
_CHECKED: Final = {column.name: column.type for column in RELEASE_COLUMNS}


def encoded(value: Any) -> str:
    """Return `value` as JSON on one line in which no character is forbidden in XML."""
    text = json.dumps(value, ensure_ascii=False, default=_plain, separators=(",", ":"), allow_nan=False)
    return _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def annex_line(row: Mapping[str, Any], gases: Sequence[Mapping[str, Any]]) -> str:
    """Return the line: the row's cells that are not empty, and its gases."""
    cells = {name: value for name, value in row.items() if value is not None}
    found: dict[str, Any] = {"row": cells}
    if gases:
        found["gases"] = [[one["gas"], one["amount_kg"], one["is_co2e"]] for one in gases]
    return MARK + encoded(found)


def split_annex(comment: str) -> tuple[str, dict[str, Any] | None]:
    """Return the comment for people, and the annex in it; None where there is none, or it is not ours to read."""
    found = _LINE.search(comment)
    if found is None:
        return comment, None
    people = (comment[: found.start()] + comment[found.end() :]).strip()
    try:
        return people, _read(json.loads(found[1]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return comment, None


def row_read(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return a release row from its JSON cells.

    Raises:
        ValueError: a cell is of another type than its column.
    """
    row: dict[str, Any] = {}
    for name, kind in _CHECKED.items():
        value = cells.get(name)
        if value is not None and (
            not isinstance(value, _TYPES[kind]) or (kind is not ColumnType.BOOLEAN and value is True)
        ):
            raise ValueError(name)
        row[name] = date.fromisoformat(str(value)) if value is not None and name in _DATES else value
    return row


def _read(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict) or not isinstance(found["row"], dict):
        raise TypeError
    gases = [
        {"gas": str(gas), "amount_kg": None if amount is None else float(amount), "is_co2e": bool(co2e)}
        for gas, amount, co2e in found.get("gases", ())
    ]
    row = row_read(found["row"])
    if not row["factor_id"] or not row["kind"]:
        raise ValueError
    return {"row": row, "gases": gases}


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
