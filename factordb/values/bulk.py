"""A column of value cells at once: distinct strings only, ordinary decimals without a Python loop."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from factordb.values.grammar import parse
from factordb.values.number import DecimalMark
from factordb.values.refusal import Refused
from factordb.values.value import Form

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("half_digit", pa.float64()),
        ("form", pa.string()),
        ("code", pa.string()),
        ("detail", pa.string()),
        ("qualifier", pa.string()),
    ]
)
"""Columns of `parse_many`. `form` is null where refused; `code` and `detail` are null where read."""

# Few enough digits and a small enough exponent that no ordinary string overflows or underflows a double.
_ORDINARY = r"^(-?[0-9]{1,20}(?:\.[0-9]{1,20})?)(?:[eE]([+-]?[0-9]{1,2}))?$"
_FINEST = 160
_HALF_DIGITS = tuple(float(f"5e{-(place + 1)}") for place in range(-_FINEST, _FINEST + 1))


def distinct(texts: Iterable[str | None] | pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the distinct strings of `texts` in order of first appearance; a null stays one null."""
    column = texts if isinstance(texts, pa.Array | pa.ChunkedArray) else pa.array(list(texts), pa.string())
    column = pc.unique(column.cast(pa.string()))
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def parse_many(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray, *, decimal: DecimalMark = ".") -> pa.Table:
    """Return one row per distinct string of `texts`, with the columns of `SCHEMA`.

    Args:
        texts: value cells as published, any length, repeats welcome; a null is read as an empty cell.
        decimal: decimal mark the source declares, as in `parse`.
    """
    column = distinct(texts)
    dotted = column if decimal == "." else pc.replace_substring(column, ",", ".")
    ordinary = pc.fill_null(pc.match_substring_regex(dotted, _ORDINARY), False)  # noqa: FBT003 - pyarrow's signature
    if decimal == ",":
        ordinary = pc.and_(ordinary, pc.invert(pc.match_substring(column, ".")))
    fast = _ordinary(column.filter(ordinary), dotted.filter(ordinary), decimal)
    slow = _others(column.filter(pc.invert(ordinary)).to_pylist(), decimal)
    return pa.concat_tables([fast, slow])


def _ordinary(column: pa.Array, dotted: pa.Array, decimal: DecimalMark) -> pa.Table:
    parts = pc.extract_regex(dotted, _ORDINARY.replace("(-?", "(?P<digits>-?").replace("([+-]", "(?P<power>[+-]"))
    digits, power = parts.field("digits"), parts.field("power")
    has_power = pc.not_equal(power, "")
    exponent = pc.if_else(has_power, pc.replace_substring_regex(power, r"^\+", ""), "0").cast(pa.int64())
    point = pc.find_substring(digits, ".")
    after = pc.subtract(pc.subtract(pc.binary_length(digits), point), 1)
    places = pc.subtract(pc.if_else(pc.less(point, 0), 0, after).cast(pa.int64()), exponent)
    comma = Form.DECIMAL_COMMA if decimal == "," else Form.PLAIN
    written = pc.if_else(pc.less(point, 0), Form.PLAIN.value, comma.value)
    nothing = pa.nulls(len(column), pa.string())
    return pa.table(
        {
            "text": column,
            "value": dotted.cast(pa.float64()),
            "low": pa.nulls(len(column), pa.float64()),
            "high": pa.nulls(len(column), pa.float64()),
            "half_digit": pa.array(_half_digits(places.to_numpy(zero_copy_only=False))),
            "form": pc.if_else(has_power, Form.SCIENTIFIC.value, written),
            "code": nothing,
            "detail": nothing,
            "qualifier": nothing,
        },
        schema=SCHEMA,
    )


def _half_digits(places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return half a unit of the last digit for each place, the doubles nearest 5·10^-(place+1)."""
    return np.asarray(_HALF_DIGITS)[places + _FINEST]


def _others(texts: list[str | None], decimal: DecimalMark) -> pa.Table:
    rows: list[dict[str, str | float | None]] = []
    for text in texts:
        read = parse(text or "", decimal=decimal)
        if isinstance(read, Refused):
            rows.append({"text": text, "code": read.code, "detail": read.found})
        else:
            rows.append(
                {
                    "text": text,
                    "value": read.value,
                    "low": read.low,
                    "high": read.high,
                    "half_digit": read.half_digit,
                    "form": read.form.value,
                    "qualifier": read.qualifier or None,
                }
            )
    return pa.Table.from_pylist(rows, schema=SCHEMA)
