"""Speed of intake over the 1,052,970 real bus factors, against what DuckDB needs to read and write the same table.

    python benchmarks/intake.py            # once
    python benchmarks/intake.py --rounds 3 # the fastest of three, for a noisy machine
    python benchmarks/intake.py --steps    # seconds of each statement of intake as well

Two tables are the same table: the raw one, as DuckDB reads it from Parquet and writes it into a file of its own; and
the candidates that intake makes of it, as DuckDB reads them from Parquet and writes them likewise. Intake reads the
first and writes the second, with its identities and hashes. Wall and CPU seconds; the ratios are of one run. Aim: at
most four times.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from factordb.paths import Workspace
from factordb.stages import intake
from factordb.stages.sources import as_table, pipeline, register
from factordb.store.duck import opened, quote
from factordb.store.staging import Staging

TABLE = Path(__file__).parents[1] / ".." / "shared" / "data" / "scale" / "scale_1m_real_bus_factors.parquet"
AIM = 4.0
SHOWN_S = 0.1


@dataclass(frozen=True)
class Cost:
    """Seconds of one thing."""

    wall_s: float
    cpu_s: float


def cost(work: Callable[[], Any]) -> Cost:
    """Return what a piece of work costs."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def read_and_write(source: Path, target: Path) -> Cost:
    """Return what DuckDB needs to read a Parquet file and to write it as a table, checkpointed."""
    target.unlink(missing_ok=True)
    with opened(target) as connection:

        def work() -> None:
            connection.execute(f"CREATE TABLE copy AS SELECT * FROM read_parquet({quote(str(source))})")  # noqa: S608 - our own path
            connection.execute("CHECKPOINT")

        return cost(work)


def take_in(folder: Path) -> tuple[Cost, Path]:
    """Return what intake costs, and the staged file."""
    workspace = Workspace(folder)
    for part in (workspace.objects, workspace.staging):
        part.mkdir(parents=True, exist_ok=True)
    sources = as_table(register().values())
    made: list[intake.Intake] = []
    declared = pipeline("bus-factors")
    spent = cost(lambda: made.append(intake.take_in(workspace, declared, [TABLE], sources, lambda _step: None)))
    return spent, made[0].staged


class Told(Staging):
    """A staging file that tells what its statements cost."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *rest: Any) -> None:
        super().__init__(_Telling(connection), *rest)  # type: ignore[arg-type] # stands in for a connection


class _Telling:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: str, *rest: Any) -> duckdb.DuckDBPyConnection:
        begun = time.perf_counter()
        done = self._connection.execute(query, *rest)
        spent = time.perf_counter() - begun
        if spent > SHOWN_S:
            print(f"{spent:8.2f} s  {' '.join(query.split())[:90]}")
        return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the costs and their ratios; return 0."""
    parser = argparse.ArgumentParser(description="Speed of intake against DuckDB's own reading and writing.")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--steps", action="store_true", help="tell what each statement costs")
    told = parser.parse_args(arguments)
    if told.steps:
        from factordb.store import staging as room  # noqa: PLC0415 - changed only for this

        room.Staging = Told  # type: ignore[misc, assignment] # the steps are told by a stand-in
    found: dict[str, list[Cost]] = {"raw": [], "candidates": [], "intake": []}
    for _ in range(told.rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            found["raw"].append(read_and_write(TABLE, folder / "raw.duckdb"))
            spent, staged = take_in(folder / "library")
            found["intake"].append(spent)
            with opened(staged, read_only=True) as connection:
                connection.execute(f"COPY candidate TO {quote(str(folder / 'candidate.parquet'))} (FORMAT parquet)")
            found["candidates"].append(read_and_write(folder / "candidate.parquet", folder / "candidates.duckdb"))
    best = {name: min(costs, key=lambda one: one.cpu_s) for name, costs in found.items()}
    print("| what | wall s | CPU s | intake / this, wall | CPU |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, one in best.items():
        wall, cpu = best["intake"].wall_s / one.wall_s, best["intake"].cpu_s / one.cpu_s
        print(f"| {name} | {one.wall_s:.2f} | {one.cpu_s:.2f} | {wall:.1f} | {cpu:.1f} |")
    print(f"aim: at most {AIM:.0f} times")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
