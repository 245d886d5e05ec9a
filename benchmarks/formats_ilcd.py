"""Speed and memory of ILCD: reading beside `tidas-import` on the same files in one run; writing 10,000 factors.

    python benchmarks/formats_ilcd.py [FOLDER_OF_ILCD]

Seconds are of the clock; those of the CPU stand beside them where other programs may be running.
Without a folder the public Chinese sample in ../shared is read; where that is absent too, a package of our own.
`tidas-import` (tidas-tools, a development dependency) turns the folder into a TIDAS package, without bundles; so does
our conversion beside it, which reads and tells every fault, and keeps exchanges and flows as tables.
"""

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pyarrow as pa

from factordb.formats.exchange_registry import exchange_format
from factordb.formats.interchange import GAS_SCHEMA, Content
from factordb.formats.rows import release_schema
from factordb.model.release import ReleaseFacts
from factordb.model.source import Source
from factordb.model.vocabulary import Tier

FACTORS = 10_000
SAMPLES = Path(__file__).parents[2] / "shared" / "formats" / "samples" / "tiangong_ilcd"
MEGABYTE = 1024


def made_content(count: int) -> Content:
    """Return `count` made-up factors, each with a flow of its own and two gases."""
    ids = [f"{number:032x}" for number in range(count)]
    blank = dict.fromkeys(release_schema().names)
    row = blank | {
        "kind": "factor", "boundary": "cradle_to_gate", "direction": "emission", "value": 0.5, "value_text": "0.5",
        "unit_text": "kgCO2e/kg", "unit": "kgCO2e/kg", "gas": "CO2e", "gwp_set": "AR6", "canonical_value": 0.5,
        "canonical_unit": "kgCO2e/kg", "region": "CN", "reference_year": 2024, "source_id": "made", "tier": "official",
        "verified": False, "place": "made.csv!A1", "statement": "none", "family": "lognormal", "cv": 0.1, "sd": 0.05,
        "mean": 0.5, "low95": 0.4, "high95": 0.6, "basis": "default", "te": 1, "gr": 1, "ti": 2, "p": 3,
    }  # fmt: skip
    named = [
        row | {"factor_id": one, "version_id": one, "name_zh": f"产品{one}", "name_en": f"product {one}", "flow": one}
        for one in ids
    ]
    gases = [
        {"factor_id": one, "gas": gas, "amount_kg": amount, "is_co2e": False}
        for one in ids
        for gas, amount in (("CO2", 0.4), ("CH4", 0.003))
    ]
    made = Source(source_id="made", title_zh="示例", title_en="made up", publisher="示例机构", tier=Tier.OFFICIAL)
    facts = ReleaseFacts("2026.1", "示例", "made up", date(2026, 11, 26), "", "", 1, "nobody")
    return Content(
        pa.Table.from_pylist(named, schema=release_schema()),
        pa.Table.from_pylist(gases, schema=GAS_SCHEMA),
        facts,
        {"made": made},
    )


def peak() -> int:
    """Return the most memory this process has used so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE


def writing(folder: Path) -> None:
    """Print seconds and memory of writing, and of reading that back."""
    content = made_content(FACTORS)
    for name in ("ilcd", "tidas", "ilcd_epd"):
        room = exchange_format(name)
        before, start, busy = peak(), time.perf_counter(), time.process_time()
        room.write(content, folder / f"{name}.zip")
        wrote, worked, after = time.perf_counter() - start, time.process_time() - busy, peak()
        start = time.perf_counter()
        rows = room.read(folder / f"{name}.zip").rows.num_rows
        read = time.perf_counter() - start
        size = (folder / f"{name}.zip").stat().st_size / 1e6
        print(
            f"{name:9} {FACTORS:,} factors: written in {wrote:.1f} s ({worked:.1f} s of CPU), {size:.1f} MB, "
            f"+{after - before} MB of memory; {rows:,} rows read in {read:.1f} s"
        )


def reading(source: Path, folder: Path) -> None:
    """Print seconds of reading a foreign package, ours and that of tidas-tools."""
    count = sum(1 for _ in source.rglob("*.xml"))
    start = time.perf_counter()
    back = exchange_format("ilcd").read(source)
    ours = time.perf_counter() - start
    print(f"ours          {count} files: {ours:.2f} s, {back.datasets} processes, {len(back.faults)} faults told")
    start = time.perf_counter()
    command = [Path(sys.executable).with_name("factordb"), "formats", "--json"]
    subprocess.run(command, capture_output=True, check=False)
    print(f"              (a start of our program alone: {time.perf_counter() - start:.2f} s)")
    program = Path(sys.executable).with_name("tidas-import")
    if not program.exists():
        print("tidas-import  is not installed: uv sync --group dev")
        return
    start = time.perf_counter()
    done = subprocess.run(
        [program, "--input", source, "--output-dir", folder / "theirs", "--from-format", "ilcd", "--target", "tidas",
         "--no-process-bundles"], capture_output=True, check=False, cwd=folder,
    )  # fmt: skip
    theirs = time.perf_counter() - start
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // MEGABYTE
    print(f"tidas-import  {count} files: {theirs:.2f} s, {children} MB, exit {done.returncode}")
    print(f"ratio         {theirs / ours:.1f}")


def main() -> None:
    """Run both."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        writing(folder)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES
        if not source.is_dir():
            exchange_format("ilcd").write(made_content(200), folder / "made")
            source = folder / "made"
        reading(source, folder)


if __name__ == "__main__":
    main()
