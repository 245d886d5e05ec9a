"""JSON: one document a table, one record a line; published strings as strings, numbers as numbers.

Lines are made column by column in Arrow, so a million records need no Python loop. An empty cell is written as
`null`: a reader sees that it is unknown, and every record has the same keys.
"""

import json
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats.csv_table import fill
from factordb.formats.rows import Rows
from factordb.formats.words import column_words
from factordb.model.release import RELEASE_COLUMNS, TABLES, ColumnType, ReleaseColumn, ReleaseFacts

CONTROL_CHARACTERS: Final = r"[\x00-\x1f]"
SLICE_ROWS: Final = 8_192
"""Rows joined at once: keeps the text of a slice at some ten megabytes."""


class JsonTable:
    """A JSON document of one table, written block by block."""

    def __init__(self, path: Path, table: str, facts: ReleaseFacts) -> None:
        self._file = path.open("wb")
        self._rows_before = False
        head = {"release": facts.release_id, "as_of": facts.as_of.isoformat(), "table": table}
        self._file.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "rows": [')

    def write(self, block: pa.RecordBatch) -> None:
        """Append the rows of `block`."""
        for start in range(0, block.num_rows, SLICE_ROWS):
            self._file.write(b",\n" if self._rows_before else b"\n")
            self._file.write(_joined(json_lines(block.slice(start, SLICE_ROWS))))
            self._rows_before = True

    def close(self) -> None:
        """Finish the document."""
        self._file.write(b"\n]}\n")
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _joined(lines: pa.Array) -> bytes:
    whole = pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines)
    return bytes(pc.binary_join(whole, ",\n")[0].as_buffer())


def json_lines(block: pa.RecordBatch) -> pa.Array:
    """Return one JSON object a row of `block`, as strings, keys in the order of the columns."""
    cells = [
        pc.binary_join_element_wise(f'"{name}": ', _json_cells(column), "")
        for name, column in zip(block.schema.names, block.columns, strict=True)
    ]
    return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*cells, ", "), "}", "")


def _json_cells(cells: pa.Array) -> pa.Array:
    if pa.types.is_string(cells.type):
        texts = _json_strings(cells)
    elif pa.types.is_date(cells.type):
        texts = pc.binary_join_element_wise('"', pc.cast(cells, pa.string()), '"', "")
    else:
        texts = pc.cast(cells, pa.string())
    return pc.fill_null(texts, "null")


def _json_strings(cells: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(cells, CONTROL_CHARACTERS)).as_py():
        # rare: line breaks and the like need Python's encoder, once a distinct string
        coded = cells.dictionary_encode()
        words = [json.dumps(text, ensure_ascii=False) for text in coded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(coded.indices)
    escaped = pc.replace_substring(pc.replace_substring(cells, "\\", "\\\\"), '"', '\\"')
    return pc.binary_join_element_wise('"', escaped, '"', "")


def write_json(rows: Rows, path: Path, table: str, facts: ReleaseFacts) -> int:
    """Write release `rows` of `table` to `path` and return their number."""
    with JsonTable(path, table, facts) as document:
        return fill(document, rows)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a table document, made from the model."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "factordb release table",
        "type": "object",
        "properties": {
            "release": {"type": "string"},
            "as_of": {"type": "string", "format": "date"},
            "table": {"enum": list(TABLES)},
            "rows": {"type": "array", "items": {"$ref": "#/$defs/row"}},
        },
        "required": ["release", "as_of", "table", "rows"],
        "additionalProperties": False,
        "$defs": {
            "row": {
                "type": "object",
                "properties": {column.name: _property(column) for column in RELEASE_COLUMNS},
                "required": [column.name for column in RELEASE_COLUMNS],
                "additionalProperties": False,
            }
        },
    }


def _property(column: ReleaseColumn) -> dict[str, Any]:
    words = column_words("en", column.name)
    found: dict[str, Any] = {
        "title": f"{column_words('zh', column.name).title} / {words.title}",
        "description": column.description or words.description,
    }
    plain = "string" if column.type is ColumnType.DATE else column.type.value
    if column.choices:
        found["enum"] = [*column.choices] if column.required else [*column.choices, None]
    else:
        found["type"] = plain if column.required else [plain, "null"]
    if column.type is ColumnType.DATE:
        found["format"] = "date"
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    return found | {name: limit for name, limit in limits.items() if limit is not None}


def write_json_schema(path: Path) -> None:
    """Write the JSON Schema of the table documents to `path`."""
    path.write_bytes(json.dumps(json_schema(), ensure_ascii=False, indent=2).encode() + b"\n")
