"""Reads hostile files under limits, many in one process: `python hostile_reading.py MEGABYTES SECONDS < list`.

A line of input is `reader<TAB>path`; a line of output is JSON: outcome `refused`, `accepted` or `failed`, with facts.
The limit on memory is counted from what the program holds before each file.
"""

import gc
import json
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

from factordb.errors import FactorDBError
from factordb.exchanging import fault_words
from factordb.formats import tabular
from factordb.formats.exchange_registry import exchange_format, names
from factordb.formats.interchange import FormatFault

TABLES = {"csv", "xlsx"}


def _virtual() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _table(path: Path) -> dict[str, Any]:
    raw = tabular.read_many([path])
    rows = sum(batch.num_rows for batch in raw.reader())
    raw.raise_failure()
    return {"outcome": "accepted", "datasets": rows + len(raw.damaged), "rows": rows, "refused": len(raw.damaged)}


def _placed(fault: FormatFault) -> bool:
    return bool(fault.code and fault.place and fault_words(fault)["zh"] and fault_words(fault)["en"])


def _exchange(reader: str, path: Path) -> dict[str, Any]:
    room = exchange_format(reader)
    room.sniff(path)
    back = room.read(path)
    blocked = sum(fault.severity == "block" for fault in back.faults)
    facts = {"datasets": back.datasets, "rows": back.rows.num_rows, "refused": back.refused, "blocked": blocked}
    facts["codes"] = sorted({fault.code for fault in back.faults})
    balanced = back.datasets == back.rows.num_rows + back.refused and (blocked > 0) >= (back.refused > 0)
    if not balanced or not all(map(_placed, back.faults[:200])):
        return {"outcome": "failed", "why": "not balanced, or a fault without code, place or words", **facts}
    if not back.datasets and not back.faults:
        return {"outcome": "empty", **facts}
    return {"outcome": "accepted" if back.rows.num_rows else "refused", **facts}


def judged(reader: str, path: Path) -> dict[str, Any]:
    """Return what became of one file."""
    try:
        return _table(path) if reader in TABLES else _exchange(reader.removesuffix("_file"), path)
    except FactorDBError as refused:
        return {"outcome": "refused", "why": refused.problem[:200]}
    except BaseException as fault:  # noqa: BLE001 - whatever comes here is what the test looks for
        told = traceback.format_exception(fault)[-3:]
        return {"outcome": "failed", "why": f"{type(fault).__name__}: {fault}"[:300], "trace": "".join(told)[-1500:]}


def _late(*_: object) -> None:
    raise TimeoutError("too slow")


def main(megabytes: int, seconds: int) -> None:
    """Read the list from stdin and print a line for each file."""
    warnings.simplefilter("ignore")
    for name in names():
        exchange_format(name)
    fault_words(FormatFault("FMT050", "block", "warm"))
    signal.signal(signal.SIGALRM, _late)
    for line in sys.stdin:
        reader, path = line.rstrip("\n").split("\t")
        gc.collect()
        gc.freeze()  # what stays is not looked through again before each file
        limit = _virtual() + (megabytes << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        begun = time.monotonic()
        signal.alarm(seconds)
        found = judged(reader, Path(path))
        signal.alarm(0)
        print(json.dumps({**found, "seconds": round(time.monotonic() - begun, 2)}), flush=True)  # noqa: T201 - the result


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
