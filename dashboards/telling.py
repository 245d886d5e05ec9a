"""Numbers, intervals, times and names as the reader expects them."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards.safe import seen
from dashboards.words import language, maybe

PLAIN = (1e-4, 1e7)
"""Numbers between these are written without an exponent."""


def number(value: float | None, digits: int = 4) -> str:
    """Return `value` with some significant digits, without an exponent where a reader can do without; "" for none."""
    if value is None:
        return ""
    short = f"{value:.{digits}g}"
    return f"{Decimal(short):f}" if value == 0 or PLAIN[0] <= abs(value) < PLAIN[1] else short


def interval(row: Mapping[str, Any]) -> str:
    """Return the shortest 95 % interval of a row as text; "" for none."""
    low, high = row.get("shortest_low95"), row.get("shortest_high95")
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def either(row: Mapping[str, Any], stem: str) -> str:
    """Return `stem_zh` or `stem_en` of a row by the reader's language, the other where that is empty."""
    first, second = (f"{stem}_zh", f"{stem}_en") if language() == "zh" else (f"{stem}_en", f"{stem}_zh")
    return seen(row.get(first) or row.get(second) or "")


def half(text: object) -> str:
    """Return the reader's half of a fact written as "zh / en"."""
    parts = str(text or "—").split(" / ")
    return seen(parts[0] if language() == "zh" else parts[-1])


def moment(text: object) -> str:
    """Return a time of the records (ISO, UTC) to the minute, as the reader's own clock shows it where that is known."""
    if not text:
        return ""
    then = datetime.fromisoformat(str(text))
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    with suppress(Exception):  # a browser may name a zone that this machine does not know
        return f"{then.astimezone(ZoneInfo(st.context.timezone or 'UTC')):%Y-%m-%d %H:%M %Z}"
    return f"{then:%Y-%m-%d %H:%M} UTC"


def change(share: float | None) -> str:
    """Return a relative difference in per cent with its sign; "—" for none, and no sign where it rounds to nothing."""
    if share is None:
        return "—"
    text = f"{share:+.1%}"
    return "0.0%" if text in {"+0.0%", "-0.0%"} else text


def clause(text: str) -> str:
    """Return where a rule rests, for a Chinese reader without the English gloss behind each reference."""
    if language() != "zh":
        return text
    found = []
    for part in text.split(";"):
        head, gloss, rest = part.strip().partition(": ")
        told = head if gloss and rest.isascii() else part.strip()
        first, space, more = told.partition(" ")
        found.append(maybe("clausefrom", first) + space + more)
    return "；".join(found)
