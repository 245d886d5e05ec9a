"""XML as text, written one data set at a time: attributes and elements in a fixed order, no character XML forbids."""

import re
from typing import Any, Final
from xml.sax.saxutils import escape

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_ATTRIBUTE: Final = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_IN_TEXT: Final = {"\r": "&#13;"}


def clean(text: str) -> str:
    """Return `text` with characters that XML 1.0 cannot hold replaced by U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)


def attributes(**cells: Any) -> str:
    """Return ` name="value"` for every cell that is not None; booleans and numbers in the words of XML Schema."""
    return "".join(
        f' {name}="{escape(clean(lexical(cell)), _IN_ATTRIBUTE)}"' for name, cell in cells.items() if cell is not None
    )


def element(name: str, text: Any = None, /, **cells: Any) -> str:
    """Return an element with attributes and text; empty where the text is None."""
    body = "" if text is None else escape(clean(lexical(text)), _IN_TEXT)
    tail = f">{body}</{name}>" if body else "/>"
    return f"<{name}{attributes(**cells)}{tail}"


def in_language(name: str, text: str, lang: str = "en", /, **cells: Any) -> str:
    """Return an element with text in `lang`."""
    head = f'<{name} xml:lang="{lang}"{attributes(**cells)}'
    return f"{head}>{escape(clean(text), _IN_TEXT)}</{name}>"


def lexical(cell: Any) -> str:
    """Return `cell` as XML Schema writes it: shortest decimal that reads back as the same double."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell) if isinstance(cell, float) else str(cell)
