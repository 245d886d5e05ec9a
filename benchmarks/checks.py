"""Speed of the checks over the 1,052,970 real bus factors of the shared folder, with every failing key kept.

    python benchmarks/checks.py                # stages the table, asks every check, prints a table
    python benchmarks/checks.py --keep FOLDER  # keeps the staged table there and uses it again
    python benchmarks/checks.py --gate         # the Great Expectations gate as well

Wall and CPU seconds of each check in a working file on disk, as an appraisal makes it. Aim: forty checks within 5 s on
two cores. Staging is not part of it.
"""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

from factordb.checks import all_checks
from factordb.checks.base import Check, Registry, asking, counting
from factordb.checks.expectations import run_gate
from factordb.paths import Workspace
from factordb.stages.intake import take_in
from factordb.stages.relations import FLOWS, reference_relations
from factordb.stages.sources import as_table, pipeline, register
from factordb.store.appraisal import AppraisalFile, appraisal_file
from factordb.store.library_file import Published, current, merge_batch, publish

TABLE = Path(__file__).parents[1] / ".." / "shared" / "data" / "scale" / "scale_1m_real_bus_factors.parquet"
DAY = date(2026, 11, 26)
AIM_CHECKS, AIM_S = 40, 5.0


def staged(folder: Path) -> Published:
    """Return the published table of bus factors below `folder`, staged there if it is not yet."""
    workspace = Workspace(folder)
    published = current(workspace.published)
    if published is None:
        for part in (workspace.objects, workspace.staging, workspace.published):
            part.mkdir(parents=True, exist_ok=True)
        sources = as_table(register().values())
        taken = take_in(workspace, pipeline("bus-factors"), [TABLE], sources, lambda _step: None)
        print(f"staged: {taken.counts}")
        merge_batch(workspace.factors, taken.staged, taken.batch_id)
        published = publish(workspace.factors, workspace.published, "v1", {taken.batch_id: None})
    return published


def loaded(work: AppraisalFile, published: Published) -> None:
    """Load the candidates and the reference relations, as an appraisal does."""
    batches = work.connection.execute(f"SELECT DISTINCT batch_id FROM '{published.table('candidate')}'").fetchall()  # noqa: S608 - our own path
    work.load(published, [batch for (batch,) in batches])
    flows = work.table(FLOWS)["flow"].to_pylist()
    work.load_reference(reference_relations(as_table(register().values()), DAY, flows))


def timed(work: AppraisalFile, statement: str) -> tuple[float, float]:
    """Return wall and CPU seconds of one statement."""
    wall, cpu = time.perf_counter(), time.process_time()
    work.execute([statement])
    return time.perf_counter() - wall, time.process_time() - cpu


def asked(work: AppraisalFile, registry: Registry) -> dict[str, tuple[Check, float, float, int]]:
    """Ask every check; return code -> check, wall s, CPU s, findings."""
    found = {}
    for one in sorted(registry.in_asking_order(), key=lambda one: one.phase):
        wall, cpu = timed(work, asking(registry, one))
        found[one.code] = (one, wall, cpu, work.count("finding", f"code = '{one.code}'"))
    return found


def told(found: dict[str, tuple[Check, float, float, int]], count: tuple[float, float]) -> None:
    """Print the table: slowest first, then the sums."""
    print(f"\n{'code':8}{'severity':10}{'wall s':>8}{'CPU s':>8}{'findings':>12}  rule")
    slowest = sorted(found.values(), key=lambda facts: -facts[1])
    for one, wall, cpu, findings in slowest:
        print(f"{one.code:8}{one.severity.value:10}{wall:8.2f}{cpu:8.2f}{findings:12,}  {one.rule}")
    some = slowest[:AIM_CHECKS]
    for name, rows in ((f"the {AIM_CHECKS} slowest", some), (f"all {len(slowest)}", slowest)):
        wall, cpu, findings = (sum(facts[place] for facts in rows) for place in (1, 2, 3))
        print(f"{name:>18}{wall:8.2f}{cpu:8.2f}{findings:12,}")
    print(f"{'counting outcomes':>18}{count[0]:8.2f}{count[1]:8.2f}")
    print(f"aim: {AIM_CHECKS} checks in {AIM_S:.0f} s")


def main() -> None:
    """Stage, ask, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", type=Path)
    options.add_argument("--gate", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        published = staged(folder)
        registry = all_checks()
        with appraisal_file(folder / "staging" / "benchmark.duckdb") as work:
            wall = time.perf_counter()
            loaded(work, published)
            print(f"{work.count('candidate'):,} candidates loaded in {time.perf_counter() - wall:.1f} s")
            told(asked(work, registry), timed(work, counting(registry)))
            repeated = work.connection.execute(
                "SELECT count(*) FROM (SELECT c.factor_id FROM candidate c JOIN finding f USING (candidate_id) "
                "WHERE f.code IN ('DUP001', 'DUP002') GROUP BY c.factor_id)"
            ).fetchall()
            print(f"keys that repeat, found by DUP001 or DUP002: {repeated[0][0]:,}")
            if given.gate:
                wall = time.perf_counter()
                run_gate(work.connection, registry)
                print(f"gate, the same rows found: {time.perf_counter() - wall:.1f} s")


if __name__ == "__main__":
    main()
