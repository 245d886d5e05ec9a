"""The process in which the files of a stranger's package are parsed: `python -m factordb.stages.package_child LIMITS`.

In: a line of JSON for each file: task, path, and the word the task needs. Out: first a line that says whether this
system can limit memory and time, then a line for each file: what was made of it, or its fault. A file that asks for
more than the limits ends this process, and nothing else; the parent knows which file it was.
"""

import contextlib
import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from factordb.errors import FileProblemError
from factordb.stages.package_parsing import parse_here

__all__ = ["answered", "main", "system_limits"]


def system_limits() -> ModuleType | None:
    """Return the module that limits memory and time; None where the system has none (Windows)."""
    try:
        return importlib.import_module("resource")
    except ImportError:
        return None


def _limit(resource: ModuleType, limits: Mapping[str, int]) -> None:
    """Bound what the next file may add to what is held and was spent so far."""
    memory = _held(resource) + (limits["memory_mb"] << 20)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + limits["cpu_seconds"]
    for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(which)[1]
        with contextlib.suppress(ValueError, OSError):  # a system may know a limit and not keep it
            resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _held(resource: ModuleType) -> int:
    """Return the address space this process holds, in bytes; by the greatest resident size where nothing tells it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) << 10
    return pages * int(resource.getpagesize())


def answered(task: str, path: str, said: str) -> dict[str, Any]:
    """Return what a task made of a file, or its fault as plain data."""
    try:
        return {"made": parse_here(task, Path(path), said)}
    except FileProblemError as fault:
        return {"problem": [fault.problem, fault.remedy, fault.problem_zh, fault.remedy_zh]}
    except MemoryError:
        return {"limit": "memory"}
    except Exception as fault:  # noqa: BLE001 - whatever a hostile file makes a parser raise is told by its name
        return {"limit": "crash", "told": type(fault).__name__}


def main(limits: Mapping[str, int], requests: TextIO, out: TextIO) -> None:
    """Answer every request until there is none."""
    resource = system_limits()
    out.write(json.dumps({"limited": resource is not None}) + "\n")
    out.flush()
    for line in requests:
        if resource is not None:
            _limit(resource, limits)
        answer = answered(*json.loads(line))
        try:
            out.write(json.dumps(answer) + "\n")
        except MemoryError:
            out.write(json.dumps({"limit": "memory"}) + "\n")
        out.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.stdin, sys.stdout)
