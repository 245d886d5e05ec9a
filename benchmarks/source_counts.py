"""Runs every pipeline whose file is not shipped on its real file and keeps the counts for docs/sources.md.

    python benchmarks/source_counts.py                     # all that are here
    python benchmarks/source_counts.py defra-uk cpcd       # these

The files stand in the shared folder beside the project; the wheel of bonsai_ipcc in the folder that
FACTORDB_BONSAI_WHEEL names. What is not there is told and left as it was. Each source is taken in and appraised in a
library of its own; the counts go to docs/recorded/, from where `python -m factordb.docs sources.md` shows them.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from factordb.docs import main as docs

ROOT = Path(__file__).parents[1]
SHARED = ROOT / ".." / "shared" / "data"
FILES: dict[str, tuple[Path, str]] = {
    "defra-uk": (SHARED / "defra_uk_2022", "*.csv"),
    "cpcd": (SHARED / "cpcd", "*.csv"),
    "oefdb": (SHARED / "oefdb", "*.csv"),
    "efdb-bulk-form": (SHARED / "forc_efdb" / "approved", "*.csv"),
    "efdb-export": (ROOT / "data", "efdb_export_example.csv"),
    "bonsai-ipcc": (Path(os.environ.get("FACTORDB_BONSAI_WHEEL", "wheel")), "bonsai_ipcc-0.5.3-*.whl"),
    "bus-factors": (SHARED / "scale", "*.parquet"),
}
"""Pipeline -> folder and names of its files."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Record the counts of the named sources, or of all; return 0."""
    parser = argparse.ArgumentParser(description="Counts of the sources whose files are not shipped.")
    parser.add_argument("names", nargs="*", choices=[*FILES, []], help="pipelines; default: all")
    for name in parser.parse_args(arguments).names or FILES:
        folder, pattern = FILES[name]
        files = sorted(folder.resolve().glob(pattern))
        if not files:
            print(f"{name}: no {pattern} in {folder.name}; left as it was")
            continue
        begun = time.perf_counter()
        docs(["--record", name, *map(str, files)])
        print(f"{name}: {len(files)} file(s), {time.perf_counter() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
