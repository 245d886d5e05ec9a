"""Speed of the checklist: a package with a year of hourly monitoring (8,760 rows, 20 columns) and 60 documents.

    python benchmarks/package.py [--draws N] [--repeat N]

The package is synthetic, every evidence in it named demonstration. It lies on disk as a submitter's folder does;
loading and judging are what `factordb submit check` does: every file hashed, form, tables and PDFs parsed in a child
under limits, the factor recomputed with its uncertainty, every rule asked. Aim: 3 s on two cores, told by the clock;
seconds of the CPU stand beside it for a machine that others use too.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factordb.checks.package import check_package
from factordb.model.submission import Kind
from factordb.stages.submission import guarded
from factordb.stages.submission_check import DRAWS, examine
from tests.package.clean_packages import TODAY, clean, pdf, year_of_monitoring

DOCUMENTS, ROWS, COLUMNS, AIM_S = 60, 8_760, 20, 3.0


def written(folder: Path, draws: int) -> None:
    """Write the package to `folder`."""
    one = year_of_monitoring(1, draws=draws)
    while len(one.pdfs) < DOCUMENTS:
        pdf(
            one, f"activity/invoices/{len(one.pdfs):03d}.pdf", *(f"line {line} {line * 1.37:.2f}" for line in range(40))
        )
    one.write(folder)
    table = one.raw["hourly"]
    assert (len(table), len(table["time"]), len(one.pdfs)) == (COLUMNS, ROWS, DOCUMENTS)  # noqa: S101 - what is timed


def spent_so_far() -> float:
    """Return seconds of the CPU of this process and of its children that ended."""
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system


def main() -> int:
    """Print the table; return 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description="Speed of the checklist.")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--repeat", type=int, default=3)
    told = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "SUB-DEMO"
        folder.mkdir()
        written(folder, told.draws)
        for _ in range(told.repeat):
            begun, cpu = time.perf_counter(), spent_so_far()
            with guarded(folder) as (loaded, there):
                read = time.perf_counter()
                examined = examine(loaded, there, today=TODAY, draws=told.draws)
            ended, used = time.perf_counter(), spent_so_far() - cpu
            check_package(examined.package, examined.context)
            again = time.perf_counter()
            rows.append((ended - begun, read - begun, ended - read, again - ended, used))
    print("whole s | load s | recompute and check s | check alone, facts known s | CPU s")
    for row in rows:
        print(" | ".join(f"{one:.3f}" for one in row))
    findings = sorted({one.code for one in examined.checked.findings})
    print(f"verdict {examined.checked.verdict}, findings {findings or 'none'}, {told.draws} draws")
    spent = []
    for kind in Kind:
        one = clean(kind, 0)
        package = one.package()
        for _ in range(5):
            context = one.context()
            cpu = time.process_time()
            check_package(package, context)
            spent.append((time.process_time() - cpu, kind.value))
    for kind in Kind:
        fastest = min(seconds for seconds, name in spent if name == kind.value)
        print(f"{kind.value}: {1e3 * fastest:.1f} ms CPU for all rules of a small clean package")
    best, cpu = min(row[0] for row in rows), min(row[-1] for row in rows)
    print(f"best {best:.2f} s by the clock, {cpu:.2f} s of the CPU, aim {AIM_S:g} s")
    return int(min(best, cpu) > AIM_S)


if __name__ == "__main__":
    sys.exit(main())
