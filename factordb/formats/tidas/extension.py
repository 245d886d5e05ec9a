"""What the standard places of a process data set cannot hold, as typed elements in `common:other`, exact to the bit."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from factordb.formats.interchange import FormatFault
from factordb.formats.tidas.dataset import EXTENSION, Tree, clean, many
from factordb.formats.tidas.standard import standard_row
from factordb.model.release import RELEASE_COLUMNS, ColumnType

_TYPES: Final = {column.name: column.type for column in RELEASE_COLUMNS}
FACTOR: Final = "fdb:factor"
_ABSENT: Final = "@absent"
_JSON: Final = "@json"


def extension(tree: Tree, row: Mapping[str, Any], kept: Counter[str]) -> Tree:
    """Return what reading the standard places of the process `tree` of `row` does not give back; counted in `kept`."""
    standard = standard_row(tree)
    told: Tree = {"@xmlns:fdb": EXTENSION}
    absent = []
    for name in _TYPES:
        value, read = row[name], standard.get(name)
        if value == read and type(value) is type(read):
            continue
        if value is None:
            absent.append(name)
        else:
            told[f"fdb:{name}"] = _encoded(value)
        kept[name] += 1
    if absent:
        told = {"@xmlns:fdb": EXTENSION, _ABSENT: " ".join(absent), **{k: v for k, v in told.items() if k[0] != "@"}}
    return told


def _encoded(value: Any) -> Any:
    """Return a value as text; a text that XML would alter is escaped as JSON and says so."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if text and clean(text) == text:
        return text
    return {_JSON: "true", "#text": json.dumps(text)}


def extension_of(process: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return our extension of a process data set, if it has one."""
    for other in many(process.get("common:other")):
        if isinstance(other, dict) and isinstance(other.get(FACTOR), dict):
            return dict(other[FACTOR])
    return None


def extended_row(
    row: dict[str, Any], extension: Mapping[str, Any], place: str
) -> tuple[dict[str, Any], list[FormatFault]]:
    """Return the row with what the extension says, and the faults of what it says wrongly."""
    faults = []
    full = dict.fromkeys(_TYPES) | row
    for name in str(extension.get(_ABSENT, "")).split():
        if name in full:
            full[name] = None
    for key, node in extension.items():
        name = key.removeprefix("fdb:")
        if key.startswith("@") or name not in _TYPES:
            continue
        try:
            full[name] = _decoded(node, _TYPES[name])
        except (ValueError, TypeError) as fault:
            faults.append(
                FormatFault("FMT036", "block", f"{place}#{name}", str(node)[:80], _TYPES[name], {"why": str(fault)})
            )
    return full, faults


def _decoded(node: Any, kind: ColumnType) -> Any:
    if isinstance(node, dict):
        return json.loads(node["#text"]) if _JSON in node else _typed(str(node.get("#text", "")), kind)
    return _typed(str(node), kind)


def _typed(text: str, kind: ColumnType) -> Any:
    match kind:
        case ColumnType.NUMBER:
            return float(text)
        case ColumnType.INTEGER:
            return int(text)
        case ColumnType.BOOLEAN:
            return {"true": True, "false": False}[text]
        case ColumnType.DATE:
            return date.fromisoformat(text)
    return text
