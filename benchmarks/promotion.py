"""Speed of promoting prepared candidates on the reviewers' route: set-based acts and the decision.

    python benchmarks/promotion.py               # 100,000 candidates
    python benchmarks/promotion.py --rows 10000

The candidates are invented: one table of the width of the small test table, taken in, appraised, and given to two
reviewers. Timed: opening the cases, two assignments, two approvals, and the adoption with its decision. Aim: the
adoption (judging, one act a case, one event, the list of what was decided on) within 10 s on two cores.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from factordb import Library, read_mapping

AIM_S = 10.0
T = TypeVar("T")
MAPPING = """\
[pipeline]
name = "promotion"
title_zh = "性能测试（虚构）"
title_en = "Benchmark (invented)"
[source]
title_zh = "性能测试（虚构）"
title_en = "Benchmark (invented)"
publisher = "factordb benchmarks"
tier = "industry"
published_on = 2025-06-01
licence = "invented"
obtain = "benchmarks/promotion.py"
region = "CN"
gwp_set = "AR6"
te = 1
[[record]]
name = "factor"
key = ["名称"]
[record.columns]
name_zh = "名称"
name_en = "名称"
flow = "名称"
region_text = "地区"
reference_year = "年份"
value = "数值"
unit = "单位"
cv_percent = "变异系数"
source_place = "位置"
source_value = "数值"
[record.constants]
boundary = "cradle_to_gate"
"""


def timed(name: str, act: Callable[[], T]) -> T:
    """Return what `act` returns; print how long it took."""
    start, cpu = time.perf_counter(), time.process_time()
    result = act()
    print(f"{name:32} {time.perf_counter() - start:8.2f} s wall {time.process_time() - cpu:8.2f} s CPU", flush=True)
    return result


def seen(library: Library) -> dict[str, str]:
    """Return case -> token of what waits."""
    queue = library.cases()
    return dict(zip(queue["case_id"].to_pylist(), queue["seen"].to_pylist(), strict=True))


def prepared(folder: Path, rows: int) -> tuple[Library, str]:
    """Return a reviewed library with `rows` appraised candidates, and their batch."""
    table, mapping = folder / "rows.csv", folder / "rows.toml"
    lines = (f"产品{at},全国,2024,{1 + at / rows:.6f},kgCO2e/kg,8,表1第{at}行\n" for at in range(rows))
    table.write_text("名称,地区,年份,数值,单位,变异系数,位置\n" + "".join(lines), encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    library = Library.open(folder / "library", create=True)
    library.declare_mode("reviewed", actor="root")
    library.add_person("root", organisation="office", roles=["administrator"])
    for name, organisation, roles, kinds in (
        ("sue", "plant", ["submitter"], []), ("eve", "office", ["assigner"], []), ("cat", "library", ["curator"], []),
        ("ann", "university", ["reviewer"], ["subject"]), ("bob", "institute", ["reviewer"], ["uncertainty"]),
    ):  # fmt: skip
        library.add_person(name, organisation=organisation, roles=roles, kinds=kinds, actor="root")
    pipeline, sources = read_mapping(mapping)
    taken = library.intake(pipeline, [table], sources=sources, actor="sue")
    library.appraise(as_of=date(2026, 11, 26))
    return library, taken.batch_id


def main() -> None:
    """Time the route."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, default=100_000)
    rows = arguments.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        library, batch = timed(f"prepare {rows} candidates", lambda: prepared(Path(folder), rows))
        cases = list(timed("open cases", lambda: library.open_cases(batch, actor="eve")).cases)
        for who, kind in (("ann", "subject"), ("bob", "uncertainty")):
            timed(f"assign {kind}", lambda: library.assign(cases, who, kind, actor="eve"))  # noqa: B023 - run at once
            looked = timed("queue, all of it", lambda: seen(library))
            timed(f"approve {kind}", lambda: library.approve(cases, kind, seen=looked, actor=who))  # noqa: B023 - as above
        looked = seen(library)
        start = time.perf_counter()
        _, decision = timed(
            "adopt and decide", lambda: library.adopt_cases(cases, seen=looked, reason="x", actor="cat")
        )
        took = time.perf_counter() - start
        kept = "kept" if took <= AIM_S else "missed"
        print(f"{decision.items} items decided in {took:.1f} s; aim {AIM_S:.0f} s: {kept}")


if __name__ == "__main__":
    main()
