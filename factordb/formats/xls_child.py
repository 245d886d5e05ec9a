"""Reads one sheet of an .xls in a process of its own; run as a script, it needs nothing else of this package.

The reader of that old format panics, or asks for all memory, on some damaged files. Here it may:
this process has its own limits, and its parent tells what happened in one sentence.
In: the file on standard input, the sheet's name as argument. Out: a line of JSON about the book, then one a row.
"""

import datetime as dt
import importlib
import io
import json
import sys
from decimal import Decimal

MEMORY_LIMIT = 2 << 30
SECONDS_LIMIT = 60
WHOLE_UP_TO = 1e15
"""Whole numbers below are written without exponent; a double holds them exactly."""


def cell_text(value: str | bool | float | dt.date | dt.time | dt.timedelta, *, percent: bool = False) -> str:
    """Return a cell as text: numbers by their shortest digits, dates, times and durations in ISO 8601."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        if percent:
            return f"{(Decimal(repr(value)) * 100).normalize():f}%"
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < WHOLE_UP_TO)
        return str(int(value)) if whole else repr(value)
    return value.isoformat() if isinstance(value, dt.date | dt.time) else f"PT{value.total_seconds():.15g}S"


def _limit() -> None:
    """Bound memory and time, where the system can."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # Windows has no such limits; the parent's time-out stands
        return
    for which, most in ((resource.RLIMIT_AS, MEMORY_LIMIT), (resource.RLIMIT_CPU, SECONDS_LIMIT)):
        stricter = min(one for one in (*resource.getrlimit(which), most) if one >= 0)  # a limited parent's own stands
        resource.setrlimit(which, (stricter, stricter))


def main(wanted: str) -> None:
    """Write the book's sheets and the rows of the sheet `wanted`, or of the first visible one."""
    _limit()
    calamine = importlib.import_module("python_calamine")
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=False)
    try:
        book = calamine.load_workbook(io.BytesIO(sys.stdin.buffer.read()))
    except calamine.CalamineError as fault:
        out.write(json.dumps({"locked": isinstance(fault, calamine.PasswordError), "sheets": None}))
        out.flush()
        return
    tables = [meta for meta in book.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    sheets = [(meta.name, meta.visible == calamine.SheetVisibleEnum.Visible) for meta in tables]
    chosen = wanted or next((name for name, shown in sheets if shown), "")
    out.write(json.dumps({"sheets": sheets}) + "\n")
    if chosen in {name for name, _ in sheets}:
        sheet = book.get_sheet_by_name(chosen)
        lead = [""] * (sheet.start or (0, 0))[1]
        for values in sheet.iter_rows():
            out.write(json.dumps(lead + [cell_text(value) for value in values]) + "\n")
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
