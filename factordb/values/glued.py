"""Value and unit in one cell, as product catalogues print them: "11.746kgCO2e / 千克"."""

import re
from collections.abc import Sequence

import pyarrow as pa

from factordb.values.bulk import distinct
from factordb.values.grammar import LONGEST_CELL, parse
from factordb.values.marks import normalise
from factordb.values.number import SIGNED, UNSIGNED
from factordb.values.refusal import Refused, refuse

_JOINT = r"(?: *[~–±] *| *\+/- *| +- +|-)"
_GLUED = re.compile(
    rf"(?P<value>(?:[<>≤≥~≈约] *)?{SIGNED}(?:{_JOINT}{UNSIGNED})?) *(?P<unit>(?:[^\W\d_]|[%‰$€£¥]).*)", re.DOTALL
)

SPLIT_SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("value_text", pa.string()),
        ("unit_text", pa.string()),
        ("code", pa.string()),
        ("detail", pa.string()),
    ]
)
"""Columns of `split_many`."""


def split_value_unit(text: str) -> tuple[str, str] | Refused:
    """Return (value string, unit string) of a cell that holds both, or why it cannot be parted.

    The unit begins at the first letter, %, or currency sign after the number; a cell without a unit gives "".
    Both strings are as published after NFKC; `parse` reads the first, the unit grammar the second.
    """
    if len(text) > LONGEST_CELL:
        return refuse(text, "VAL105", str(len(text)))
    plain = normalise(text)
    whole = parse(plain)
    if not isinstance(whole, Refused) and "%" not in plain:
        return plain, ""
    match = _GLUED.fullmatch(plain)
    if match is None:
        return refuse(text, "VAL101" if not re.search(r"[0-9]", plain) else "VAL103", plain)
    value = parse(match["value"])
    if isinstance(value, Refused):
        return refuse(text, value.code, match["value"])
    return match["value"].strip(), match["unit"].strip()


def split_many(texts: Sequence[str | None] | pa.Array | pa.ChunkedArray) -> pa.Table:
    """Return one row per distinct cell of `texts`, with the columns of `SPLIT_SCHEMA`."""
    rows = []
    for text in distinct(texts).to_pylist():
        parted = split_value_unit(text or "")
        if isinstance(parted, Refused):
            rows.append({"text": text, "code": parted.code, "detail": parted.found})
        else:
            rows.append({"text": text, "value_text": parted[0], "unit_text": parted[1]})
    return pa.Table.from_pylist(rows, schema=SPLIT_SCHEMA)
