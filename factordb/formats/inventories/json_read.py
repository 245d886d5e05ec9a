"""JSON from strangers: bounded in size, signs and depth; anything else is one fault with a place."""

import json
import math
import re
from typing import Any, Final

from factordb.formats.interchange import FormatFault
from factordb.formats.safe_zip import RefusedDocumentError

MAX_SIGNS: Final = 4_000_000
"""Commas, colons and brackets of a document: bounds the objects in memory to about 400 MB."""

_HALF: Final = re.compile(rb"\\u[dD][89a-fA-F]")
"""Where half a surrogate pair may stand."""

MAX_DEPTH: Final = 64
"""Deepest nesting; the deepest known in openLCA is 8."""


def json_object(data: bytes, place: str, *, strict: bool = False) -> Any:
    """Return what the document `data` holds; NaN and infinities are None.

    Args:
        data: bytes of the document.
        place: where it stands, for the fault.
        strict: a number without end, NaN, and a key that an object names twice refuse the document.

    Raises:
        RefusedDocumentError: it is no JSON, or larger or deeper than any known document.
    """
    signs = sum(data.count(sign) for sign in (b",", b":", b"[", b"{"))
    if signs > MAX_SIGNS:
        raise _refused(place, f"{signs:,} > {MAX_SIGNS:,}")
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
        found = json.loads(text, **_STRICT) if strict else json.loads(text, parse_constant=lambda _: None)
        if _HALF.search(data):
            json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text: refused here
    except (ValueError, RecursionError) as fault:
        raise _refused(place, " ".join(str(fault).split())[:200] or type(fault).__name__) from fault
    if _deeper(found, MAX_DEPTH):
        raise _refused(place, f"> {MAX_DEPTH}")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"no finite number: {text[:40]}")
    return number


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
        raise ValueError(f"a key twice: {twice[:80]}")
    return found


_STRICT: Final[dict[str, Any]] = {"parse_constant": _finite, "parse_float": _finite, "object_pairs_hook": _single}


def _deeper(found: Any, depth: int) -> bool:
    """Return whether `found` is nested deeper than `depth`, level by level: no recursion."""
    level = [found]
    for _ in range(depth):
        level = [
            part
            for one in level
            if isinstance(one, dict | list)
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def _refused(place: str, found: str) -> RefusedDocumentError:
    return RefusedDocumentError(FormatFault("FMT050", "block", place, found, "JSON"))
