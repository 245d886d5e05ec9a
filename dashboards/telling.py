"""Numbers, intervals, times, places and names as the reader expects them."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards.safe import seen
from dashboards.words import known, language, maybe
from factordb.dashboard import column_titles, region_name

PLAIN = (1e-4, 1e7)
"""Numbers between these are written without an exponent."""
_FULL = {",": "，", ";": "；", ":": "："}
_HALF = re.compile(r"(?<=[\u4e00-\u9fff）”])([,;:]) ?|([,;:]) ?(?=[\u4e00-\u9fff“（])")
_TICKED = re.compile(r"`([a-z_0-9]+)`")
_PAIR = re.compile(r"(?<=[\u4e00-\u9fff])\(([^()]*)\)|\(((?=[\u4e00-\u9fff])[^()]*)\)|\(([^()]*)\)(?=[\u4e00-\u9fff])")
_ENGLISH = re.compile(r"[A-Za-z]{3}")
_BRACKETS = re.compile(r" ?\(([^()]*)\) ?")


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


def full_width(text: str) -> str:
    """Return the house's own Chinese with its marks in full width; marks between Latin letters stay."""
    if language() != "zh":
        return text
    bracketed = _PAIR.sub(lambda pair: f"（{pair[pair.lastindex or 0]}）", text)
    return _HALF.sub(lambda mark: _FULL[mark[1] or mark[2]], bracketed)


def unticked(text: str) -> str:
    """Return words of the rules with the names of columns in quotation marks: no page shows back-ticks as they are."""
    return _TICKED.sub(r"“\1”", text)


def half(text: object) -> str:
    """Return the reader's half of a fact written as "zh / en"."""
    parts = str(text or "—").split(" / ")
    return full_width(seen(parts[0] if language() == "zh" else parts[-1]))


def moment(text: object) -> str:
    """Return a time of the records (ISO, UTC) to the minute, by the reader's own clock where that is known.

    The clock is named by its distance from UTC: letters such as CST mean one thing in China, another elsewhere.
    """
    if not text:
        return ""
    then = datetime.fromisoformat(str(text))
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    with suppress(Exception):  # a browser may name a zone that this machine does not know
        then = then.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    minutes = round((then.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    zone = f"{'+' if minutes > 0 else '-'}{hours}{f':{rest:02}' if rest else ''}" if minutes else ""
    return f"{then:%Y-%m-%d %H:%M} UTC{zone}"


def percent(share: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Return a share (fraction) in per cent, as in 95 %; "—" for none, and no sign where it rounds to nothing."""
    if share is None:
        return "—"
    text = f"{100 * share:{'+' if signed else ''}.{digits}f}"
    return f"{text if float(text) else text.lstrip('+-')} %"


def change(share: float | None) -> str:
    """Return a relative difference in per cent with its sign; "—" for none."""
    return percent(share, signed=True)


def field(name: str) -> str:
    """Return the reader's name of a field, such as 数据年份 for reference_year; one that has none as it is."""
    told = maybe("field", name)
    return seen(column_titles(language()).get(name, name) if told == name else told)


def region(code: object) -> str:
    """Return the reader's name of a region, such as 上海 for 310000; a code that is not known as it is, "" for none."""
    return seen(region_name(str(code), language())) if code else ""


def clause(text: str) -> str:
    """Return where a rule rests in the reader's language: in Chinese without the gloss behind each reference."""
    found = [_reference(part.strip()) for part in text.split(";")]
    return ("；" if language() == "zh" else "; ").join(found)


def _reference(part: str) -> str:
    """Return one reference: known sentences in words, parts of the other language replaced or left out."""
    if part in known("clauseplain"):
        return maybe("clauseplain", part)
    head, _, gloss = part.partition(": ")
    if language() == "zh":
        part = _BRACKETS.sub(r"（\1）", head if _ENGLISH.search(gloss) else part)
    first, space, more = part.partition(" ")
    told = maybe("clausefrom", first) + space + more
    for chinese in known("clauseparts"):
        told = told.replace(chinese, maybe("clauseparts", chinese))
    return told
