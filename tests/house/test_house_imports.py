"""Importing has no side effect, and `factordb --help` answers at once."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]

WATCH = """
import json, logging, os, pkgutil, socket, sys, warnings
seen = {"opened": [], "written": [], "connected": [], "started": []}
homes = tuple(os.path.realpath(one) for one in (sys.prefix, sys.base_prefix, os.path.dirname(ROOT_PACKAGE)))

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        mode, flags = str(arguments[1] or "r"), arguments[2] or 0
        # bytecode may be written where a package is imported for the first time
        if (set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR)) and "__pycache__" not in path:
            seen["written"].append(path)
        elif not path.startswith(homes) and not path.startswith(("/proc/", "/sys/", "/etc/", "/dev/", "/usr/")):
            seen["opened"].append(path)
    elif event in ("socket.connect", "socket.bind"):
        seen["connected"].append(repr(arguments[1:]))
    elif event in ("subprocess.Popen", "os.system", "os.exec"):
        seen["started"].append(repr(arguments[0]))

import numpy
def numpy_state():
    return repr(numpy.get_printoptions()), numpy.geterr(), numpy.random.get_state()[1].tolist()

before = numpy_state()
filters, cwd, environment = list(warnings.filters), os.getcwd(), dict(os.environ)
sys.addaudithook(watch)
import factordb
modules = [one.name for one in pkgutil.walk_packages(factordb.__path__, "factordb.") if SKIP not in one.name]
for name in modules:
    __import__(name)
after = numpy_state()
ours = [name for name in logging.root.manager.loggerDict if name.startswith("factordb")]
print(json.dumps({
    **seen,
    "modules": len(modules),
    "numpy_unchanged": before == after,
    "root_handlers": len(logging.root.handlers),
    "our_handlers": sum(len(logging.getLogger(name).handlers) for name in ours),
    "cwd_unchanged": cwd == os.getcwd(),
    "environment_changed": sorted(
        key for key in {*environment, *os.environ} if environment.get(key) != os.environ.get(key)
    ),
}))
"""


def test_importing_every_room_has_no_side_effect() -> None:
    program = WATCH.replace("ROOT_PACKAGE", repr(str(ROOT / "factordb"))).replace("SKIP", repr("._workshop"))
    done = subprocess.run([sys.executable, "-c", program], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    seen = json.loads(done.stdout)
    assert seen["modules"] > 100
    assert seen["written"] == []
    assert seen["opened"] == []
    assert seen["connected"] == []
    assert seen["started"] == []
    assert seen["numpy_unchanged"]
    assert (seen["root_handlers"], seen["our_handlers"]) == (0, 0)
    assert seen["cwd_unchanged"]
    assert seen["environment_changed"] == []


HEAVY = ("sqlmodel", "sqlalchemy", "duckdb", "pyarrow", "scipy", "numpy", "pandas", "pydantic", "streamlit", "altair")


def test_help_starts_without_the_heavy_rooms() -> None:
    program = (
        "import sys; sys.argv = ['factordb', '--help']\n"
        "from factordb.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_answers_within_the_promised_time() -> None:
    """Promise: 0.4 s (issue 2, "Speed"). Processor time is judged: other work of the machine is not ours."""
    program = Path(sys.executable).parent / "factordb"
    times = []
    for _ in range(3):
        before, begin = os.times(), time.perf_counter()
        subprocess.run([program, "--help"], capture_output=True, check=True, env={**os.environ, "FACTORDB_LANG": "en"})
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        times.append((used, time.perf_counter() - begin))
    used, passed = min(times)
    print(f"factordb --help: {used:.3f} s of the processor, {passed:.3f} s on the clock")  # noqa: T201 - the figure
    assert used < 0.4
