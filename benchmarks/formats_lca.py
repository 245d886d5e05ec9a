"""Speed of the life-cycle formats: our writers and readers beside bw2io and olca-schema, on the same files in one run.

    python benchmarks/formats_lca.py                  # 10,000 factors
    python benchmarks/formats_lca.py --factors 2000

The factors are made: one published shape, numbers counted up. Every task runs in a process of its own; seconds are of
the task without imports, memory is the peak of the process. bw2io reads into its exchange lists, before any linking;
olca-schema reads every process into its classes. Neither keeps what it does not know, and neither reports faults.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FILES = {"ecospold1": "made_es1.zip", "ecospold2": "made_spold.zip", "openlca": "made_olca.zip"}
PEERS = {"ecospold1": ("bw2io",), "ecospold2": ("bw2io",), "openlca": ("bw2io", "olca-schema")}


def content(factors: int) -> Any:
    """Return made factors as a writer takes them."""
    import pyarrow as pa  # noqa: PLC0415 - only this task needs it

    from factordb.formats.interchange import GAS_SCHEMA, Content  # noqa: PLC0415 - only this task needs it
    from factordb.formats.rows import release_schema  # noqa: PLC0415 - only this task needs it
    from tests.formats.made_factors import SOURCE, hand_made  # noqa: PLC0415 - only this task needs it
    from tests.formats.made_release import FACTS  # noqa: PLC0415 - only this task needs it

    row = hand_made().rows.to_pylist()[0]
    rows = [
        row | {"factor_id": f"{number:032x}", "name_en": f"made {number}", "value": 0.1 + number / 1e6}
        for number in range(factors)
    ]
    table = pa.Table.from_pylist(rows, schema=release_schema())
    return Content(table, pa.Table.from_pylist([], schema=GAS_SCHEMA), FACTS, {"made_source": SOURCE})


def unpacked(path: Path, work: Path) -> Path:
    """Return a folder with what is inside `path`: bw2io reads folders."""
    folder = work / f"unpacked_{path.name}"
    if path.suffix == ".zip" and not folder.exists():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    return folder if path.suffix == ".zip" else path


def task(who: str, verb: str, name: str, work: Path, factors: int) -> tuple[Callable[[], Any], str]:
    """Return the work to time, and what it counts."""
    path = work / FILES[name]
    if who == "factordb":
        from factordb.formats.exchange_registry import exchange_format  # noqa: PLC0415 - only this task needs it

        room = exchange_format(name)
        if verb == "write":
            made = content(factors)
            return lambda: room.write(made, path).datasets, "data sets"
        return lambda: room.read(path).datasets, "data sets"
    if who == "olca-schema":
        from olca_schema import Process, zipio  # noqa: PLC0415 - only this task needs it

        def read_all() -> int:
            with zipio.ZipReader(str(path)) as reader:
                return sum(reader.read(Process, one) is not None for one in reader.ids_of(Process))

        return read_all, "processes"
    return _bw2io(name, unpacked(path, work)), "processes"


def _bw2io(name: str, path: Path) -> Callable[[], int]:
    if name == "openlca":
        from bw2io.extractors.json_ld import JSONLDExtractor  # noqa: PLC0415 - only this task needs it

        return lambda: len(JSONLDExtractor.extract(path, add_filename=False)["processes"])
    if name == "ecospold1":
        from bw2io.extractors import Ecospold1DataExtractor  # noqa: PLC0415 - only this task needs it

        return lambda: len(Ecospold1DataExtractor.extract(str(path), "made", use_mp=False))
    from bw2io.extractors import Ecospold2DataExtractor  # noqa: PLC0415 - only this task needs it

    return lambda: len(Ecospold2DataExtractor.extract(str(path / "datasets"), "made", use_mp=False))


def child(arguments: argparse.Namespace) -> None:
    """Run one task and print what it cost."""
    warnings.simplefilter("ignore")
    work, count = task(arguments.who, arguments.verb, arguments.name, arguments.work, arguments.factors)
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n" + json.dumps({"seconds": seconds, "peak_mb": peak, "done": done, "what": count}))


def run(who: str, verb: str, name: str, work: Path, factors: int) -> None:
    """Start one task and print its line."""
    command = [sys.executable, __file__, "--child", who, verb, name, str(work), "--factors", str(factors)]
    places = {"BRIGHTWAY2_DIR": str(work), "BRIGHTWAY_DIR": str(work), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | places)
    if done.returncode:
        print(f"{name:10} {verb:6} {who:12} failed: {done.stderr.strip().splitlines()[-1][:90]}")
        return
    found = json.loads(done.stdout.strip().splitlines()[-1])
    line = f"{found['seconds']:8.2f} s {found['peak_mb']:8.0f} MB {found['done']:>8} {found['what']}"
    print(f"{name:10} {verb:6} {who:12} {line}", flush=True)


def main() -> None:
    """Print one line a task."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factors", type=int, default=10_000)
    parser.add_argument("--child", nargs=4, metavar=("WHO", "VERB", "FORMAT", "FOLDER"))
    arguments = parser.parse_args()
    if arguments.child:
        arguments.who, arguments.verb, arguments.name, folder = arguments.child
        arguments.work = Path(folder)
        child(arguments)
        return
    with tempfile.TemporaryDirectory() as held:
        for name in FILES:
            run("factordb", "write", name, Path(held), arguments.factors)
            run("factordb", "read", name, Path(held), arguments.factors)
            for peer in PEERS[name]:
                run(peer, "read", name, Path(held), arguments.factors)


if __name__ == "__main__":
    main()
