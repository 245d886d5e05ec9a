"""Speed of search and choice over a made release of 100,000 factors, and of building its read model.

    python benchmarks/search.py               # 100,000 rows
    python benchmarks/search.py --rows N      # more or fewer

Aims (for 1,000,000): search p50 ≤ 10 ms in process, choice ≤ 10 ms. Every factor is invented: products of the synonym
table × technologies × regions × years, six kinds of source, three units.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from factordb import open_release
from factordb.formats import manifest
from factordb.formats.rows import release_schema
from factordb.model.release import ReleaseFacts
from factordb.reference import table
from factordb.selection.words import synonyms

FACTS = ReleaseFacts("2026.1", "测速", "benchmark", date(2026, 11, 26), "0" * 64, "0", 1, "benchmark")
TECHNOLOGIES = ("market average", "new plant", "old plant", "coal based", "gas based", "electric")
UNITS = (("kgCO2e/kg", 1.0, "kgCO2e/kg"), ("kgCO2e/kWh", 1 / 3.6, "kgCO2e/MJ"), ("kgCO2e/m3", 1.0, "kgCO2e/m3"))
TIERS = ("official", "industry", "literature", "measured_unverified", "measured_verified", "estimated")
SEARCHES = (
    "电力",
    "水泥",
    "铝",
    "natural gas",
    "grid electricity 2024",
    "dl",
    "trq",
    "alumnium",
    "钢 江苏 2020",
    "steel CN",
)
CHOICES = ("电力", "水泥", "铝", "natural gas", "steel", "甲醇")
ROUNDS = 30


def made_rows(count: int) -> pa.Table:
    """Return invented factors in the columns of a release."""
    rng = np.random.default_rng(20260101)
    products = list(synonyms().words.values())
    regions = [row["code"] for row in table("regions/regions").to_pylist()]
    product, place, way, year, tier, unit = (
        rng.integers(0, size, count) for size in (len(products), len(regions), len(TECHNOLOGIES), 20, len(TIERS), 3)
    )
    zh = np.array([words[0] for words in products])[product]
    en = np.array([next(one for one in words if one.isascii()) for words in products])[product]
    code, technology = np.array(regions)[place], np.array(TECHNOLOGIES)[way]
    value = rng.lognormal(0, 1, count)
    scale = np.array([one[1] for one in UNITS])[unit]
    text = np.array([f"{one:.4g}" for one in value])
    ids = np.array([f"{one:032x}" for one in range(count)])
    spread = rng.uniform(0.02, 0.3, count)
    cells = {
        "factor_id": ids, "version_id": np.char.add(ids, "00"), "name_zh": np.char.add(np.char.add(zh, ":"), text),
        "name_en": np.char.add(np.char.add(en, ", "), text), "kind": ["factor"] * count, "flow": zh,
        "technology": technology, "boundary": ["cradle_to_gate"] * count, "direction": ["emission"] * count,
        "value_text": text, "value": value, "unit": np.array([one[0] for one in UNITS])[unit],
        "gas": ["CO2e"] * count, "gwp_set": ["AR6"] * count, "canonical_value": value * scale,
        "canonical_unit": np.array([one[2] for one in UNITS])[unit], "region": code, "reference_year": 2005 + year,
        "source_id": ["made"] * count,
        "tier": np.array(TIERS)[tier], "verified": tier == TIERS.index("measured_verified"),
        "place": ["made"] * count, "statement": ["none"] * count, "basis": ["reported"] * count, "mean": value,
        "low95": value * (1 - spread), "high95": value * (1 + spread), "shortest_low95": value * (1 - spread),
        "shortest_high95": value * (1 + spread), "dqr": np.round(rng.uniform(1, 4, count), 2),
    }  # fmt: skip
    cells["unit_text"] = cells["unit"]
    empty = pa.nulls(count)
    return pa.table(
        [pa.array(cells[field.name], field.type) if field.name in cells else empty.cast(field.type)
         for field in release_schema()], schema=release_schema(),
    )  # fmt: skip


def quantiles(ask: Callable[[str], object], questions: tuple[str, ...]) -> tuple[float, float]:
    """Return the median and the 95th percentile of a question's time, ms; every question is asked many times."""
    taken = []
    for _ in range(ROUNDS):
        for one in questions:
            begun = time.perf_counter()
            ask(one)
            taken.append(1e3 * (time.perf_counter() - begun))
    return float(np.quantile(taken, 0.5)), float(np.quantile(taken, 0.95))


def main() -> None:
    """Make a release, publish it, ask it, print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as place:
        release = Path(place) / "releases" / "2026.1"
        (release / "data").mkdir(parents=True)
        pq.write_table(made_rows(count), release / "data" / "factors.parquet")
        manifest.write_manifest(release, FACTS, counts={})
        begun = time.perf_counter()
        asked = open_release(release, Path(place) / "models")
        print(f"rows {count}; read model built in {time.perf_counter() - begun:.1f} s")
        size = sum(path.stat().st_size for path in (Path(place) / "models").rglob("*") if path.is_file())
        print(f"its size {size / 1e6:.0f} MB")
        asked.search("电力")
        questions: tuple[tuple[str, Callable[[str], object], tuple[str, ...]], ...] = (
            ("search, 20 hits, with facets", asked.search, SEARCHES),
            ("search, 20 hits, without facets", lambda text: asked.search(text, facets=False), SEARCHES),
            ("search within 江苏 and above", lambda text: asked.search(text, region_covering="江苏"), SEARCHES),
            ("choice", lambda text: asked.choose(text, region="江苏", year=2020), CHOICES),
            ("look-up by id", lambda text: asked._model.rows.one(f"{len(text) * 777:032x}"), SEARCHES),  # noqa: SLF001 - the bare look-up is timed
        )  # fmt: skip
        for name, ask, words in questions:
            median, high = quantiles(ask, words)
            print(f"{name:<34} p50 {median:7.2f} ms   p95 {high:7.2f} ms")


if __name__ == "__main__":
    main()
