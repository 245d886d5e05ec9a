"""Numbers as life-cycle formats write them."""

import math
import re
from typing import Final

_PLAIN: Final = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


def number(text: object) -> float | None:
    """Return the finite number that `text` is; None for anything else ("NaN", "1,5", an overflow)."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int | float):
        return float(text) if math.isfinite(text) else None
    found = float(str(text)) if _PLAIN.fullmatch(str(text)) else math.inf
    return found if math.isfinite(found) else None
