"""Speed of a release of 1,000,000 made factors: rows, hashes and Parquet; then the whole shipped set of formats.

    python benchmarks/release.py              # a million rows
    python benchmarks/release.py --rows N     # fewer
    python benchmarks/release.py --keep DIR   # keeps the releases there

Aim: Parquet with hashes within 60 s on two cores. Every factor is invented; half of its columns are filled, as in the
shipped sources. Verification is timed beside the bare sha256 of the same files.
"""

import argparse
import hashlib
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factordb.formats import manifest
from factordb.formats.changes import release_changes
from factordb.formats.citation import cite_table
from factordb.formats.parquet_table import ParquetTable
from factordb.formats.release_diff import release_diff
from factordb.formats.release_folder import finish_release
from factordb.formats.rows import release_blocks, release_schema
from factordb.formats.tables import write_tables
from factordb.model.release import ReleaseFacts
from factordb.model.source import Access, LicenceClass, Source
from factordb.model.vocabulary import Tier
from factordb.stages.licence import ExportPolicy

AIM_S = 60.0
JSON_LIMIT = XLSX_LIMIT = 200_000
FACTS = ReleaseFacts("2026.1", "测速", "benchmark", date(2026, 11, 26), "0" * 64, "0", 1, "benchmark")
WORDS = {
    "kind": "factor", "boundary": "cradle_to_gate", "direction": "emission", "unit_text": "kgCO2e/kg",
    "unit": "kgCO2e/kg", "canonical_unit": "kgCO2e/kg", "gas": "CO2e", "gwp_set": "AR6", "region": "CN",
    "tier": "industry", "statement": "cv_percent", "basis": "reported", "family": "lognormal", "method": "closed",
    "scheme": "cifa-ef", "band": "good", "verdict": "pass", "publisher": "made",
}  # fmt: skip


def made_rows(rows: int, seed: int = 20260101) -> pa.Table:
    """Return invented release rows: names, ids and numbers differ in each, the rest repeats."""
    draw = np.random.default_rng(seed)
    value = np.round(draw.lognormal(0, 1, rows), 4) + 0.0001
    number = pa.array(np.arange(rows)).cast(pa.string())
    ids = [hashlib.sha256(b"%d" % at).hexdigest() for at in range(rows)]
    texts = pa.array(np.char.mod("%.4f", value))
    cells: dict[str, pa.Array] = {
        "factor_id": pa.array(ids),
        "version_id": pa.array([one[::-1] for one in ids]),
        "value_text": texts,
        "place": pc.binary_join_element_wise("made.csv!B", number, ""),
        "source_id": pa.array(np.array(["made_a", "made_b"])[np.arange(rows) % 2]),
        "reference_year": pa.array(2015 + np.arange(rows) % 10),
        "verified": pa.array(np.zeros(rows, dtype=bool)),
    }
    for name, start in (("name_zh", "产品"), ("name_en", "product "), ("flow", "flow ")):
        cells[name] = pc.binary_join_element_wise(start, number, "")
    for name, factor in (("value", 1.0), ("canonical_value", 1.0), ("mean", 1.0), ("median", 0.99), ("sd", 0.1),
                         ("low95", 0.8), ("high95", 1.2), ("shortest_low95", 0.8),
                         ("shortest_high95", 1.2)):  # fmt: skip
        cells[name] = pa.array(value * factor)
    for name in ("te", "gr", "ti", "p", "precision"):
        cells[name] = pa.array(1 + np.arange(rows) % 4)
    same = pa.array(np.zeros(rows, dtype=np.int64))
    for field in release_schema():
        if field.name in WORDS:
            cells[field.name] = pa.array([WORDS[field.name]]).take(same)
        cells.setdefault(field.name, pa.nulls(rows, field.type))
    schema = release_schema()
    return pa.table([cells[field.name].cast(field.type) for field in schema], schema=schema)


def stopped(what: str, begun: float, rows: int) -> float:
    """Print one line of the table and return the seconds."""
    seconds = time.perf_counter() - begun
    print(f"{what:<58}{seconds:8.1f} s {rows / seconds:12,.0f} rows/s")
    return seconds


def small_release(rows: pa.Table, folder: Path, policy: ExportPolicy) -> float:
    """Write rows as Parquet with licence check, changes, manifest and every hash; return the seconds."""
    begun = time.perf_counter()
    allowed = policy.leave(rows, table="factors", key="factor_id").rows
    (folder / "data").mkdir(parents=True)
    with ParquetTable(folder / "data" / "factors.parquet", FACTS) as table:
        for block in release_blocks(allowed):
            table.write(block)
    finish_release(folder, FACTS, counts={"factors": rows.num_rows})
    return stopped("Parquet, licence per row, hashes, manifest", begun, rows.num_rows)


def whole_release(rows: pa.Table, folder: Path, policy: ExportPolicy) -> float:
    """Write the whole shipped set of formats; return the seconds."""
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    allowed = policy.leave(rows, table="factors", key="factor_id")
    others = {"changes": release_changes(None, allowed.rows), "withheld": allowed.withheld}
    if rows.num_rows <= JSON_LIMIT:
        others["cite"] = cite_table(FACTS, allowed.rows)
    written = write_tables(
        allowed.rows, folder, FACTS, others=others, with_json=rows.num_rows <= JSON_LIMIT, xlsx_rows=XLSX_LIMIT
    )
    finish_release(folder, FACTS, counts=written.counts, others=others)
    return stopped("the whole set: CSV twice, Parquet, xlsx, changes", begun, rows.num_rows)


def verified(folder: Path, rows: int) -> float:
    """Verify a release and print its speed beside bare sha256 of the same files; return the ratio."""
    digest = manifest.sha256_of(folder / manifest.MANIFEST)
    files = list(_files(folder))
    for path in files:
        manifest.sha256_of(path)  # both are timed from the same warm cache
    begun = time.perf_counter()
    for path in files:
        manifest.sha256_of(path)
    bare = time.perf_counter() - begun
    begun = time.perf_counter()
    assert manifest.verify(folder, manifest_sha256=digest) == []  # noqa: S101 - a benchmark of a wrong result is none
    seconds = stopped("verify", begun, rows)
    print(f"{'':<58}{bare / seconds:8.0%} of bare sha256")
    return bare / seconds


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--keep", type=Path)
    words = asked.parse_args()
    folder = words.keep or Path(tempfile.mkdtemp(prefix="factordb-release-"))
    facts = {"title_zh": "m", "title_en": "m", "publisher": "m", "tier": Tier.INDUSTRY}
    policy = ExportPolicy({
        "made_a": Source(source_id="made_a", licence_class=LicenceClass.OPEN, **facts),
        "made_b": Source(source_id="made_b", licence_class=LicenceClass.OPEN, access=Access.RESTRICTED, **facts),
    })  # fmt: skip
    try:
        rows = made_rows(words.rows)
        seconds = small_release(rows, folder / "small", policy)
        print(f"{'':<58}{AIM_S / seconds:8.1f} × the aim of {AIM_S:.0f} s")
        verified(folder / "small", words.rows)
        begun = time.perf_counter()
        other = rows.set_column(rows.schema.get_field_index("value"), rows.schema.field("value"),
                                pc.multiply(rows.column("value"), 1.01))  # fmt: skip
        found = release_diff(rows, other)
        stopped(f"diff of two releases, {found.num_rows:,} factors changed", begun, words.rows)
        del other, found
        whole_release(rows, folder / "whole", policy)
        verified(folder / "whole", words.rows)
        print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    finally:
        if not words.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
