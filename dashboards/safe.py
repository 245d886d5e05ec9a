"""Submitted text made safe to show: nothing in it is taken as Markdown, and nothing turns the direction of a line."""

import re
from typing import Any

import pyarrow as pa

_UNSEEN = {
    **dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF), "\ufffd"),
    # direction marks, overrides and isolates: they could make a number read backwards
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"),
}
_MARK = re.compile(r"([!-/:-@\[-`{-~])")
_LINK = re.compile(r"(?<=https)(?=:)|(?<=http)(?=:)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
JOINER = "\u2060"
"""Word joiner: not seen; it keeps an address from becoming a link, which Markdown makes of escaped ones too."""


def seen(text: object) -> str:
    """Return `text` for places that show text as it is; control and direction characters become U+FFFD."""
    return "" if text is None else str(text).translate(_UNSEEN)


def escaped(text: object) -> str:
    """Return `text` on one line for places that read Markdown: every mark is escaped, and no address becomes a link."""
    return _MARK.sub(r"\\\1", _LINK.sub(JOINER, " ".join(seen(text).split())))


def shown_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table with every text made safe to show as it is."""
    return [
        {name: seen(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
