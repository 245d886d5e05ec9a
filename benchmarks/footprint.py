"""How long a trial footprint takes: 200 lines × 10,000 samples. `python benchmarks/footprint.py`.

Goal: 100 ms. The factors are looked up before (a release answers a choice in milliseconds, see benchmarks/search.py).
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from factordb.trial.assembling import assemble
from factordb.trial.footprint import trial
from factordb.trial.inventory import inventory_of
from factordb.trial.reckoning import draw, problem_of, shares, swings
from factordb.trial.resolving import Lookup

LINES, SAMPLES, SHARED, TIMES = 200, 10_000, 60, 15
STAGES = ("raw_materials", "energy", "transport", "manufacture")
NOTHING = Lookup(lambda *_words, **_named: {}, lambda _name: {})


def lines() -> list[dict[str, object]]:
    """Return lines of which 60 factors are shared by several."""
    return [
        {"id": f"l{at}", "stage": STAGES[at % 4], "name": f"line {at}", "amount": 1 + at % 7, "unit": "t",
         "tier": "primary", "source_kind": "measured", "source": "made", "uncertainty": "cv_percent", "cv_percent": 5,
         "own_value": 0.1 + (at % SHARED) / 100, "own_unit": "kgCO2e/kg", "own_gwp_set": "AR6",
         "own_source": f"made {at % SHARED}", "own_cv_percent": 10}
        for at in range(LINES)
    ]  # fmt: skip


def timed(work: Callable[[], object]) -> str:
    """Return median and best of some runs by the clock, and the median of CPU time, in ms."""
    clock, used = [], []
    for _ in range(TIMES):
        start, busy = time.perf_counter(), time.process_time()
        work()
        clock.append(1000 * (time.perf_counter() - start))
        used.append(1000 * (time.process_time() - busy))
    return f"{statistics.median(clock):7.1f} ms   best {min(clock):6.1f} ms   CPU {statistics.median(used):6.1f} ms"


def main() -> None:
    """Print the table."""
    study = {"name": "made", "amount": 1, "unit": "t", "end_product": False, "boundary": "cradle_to_gate",
             "year": 2024, "gwp_set": "AR6", "samples": SAMPLES}  # fmt: skip
    stated = inventory_of({"study": study, "line": lines()})
    asked = problem_of(assemble(stated, NOTHING).terms)
    print(f"{LINES} lines, {len(asked.inputs)} inputs, {SAMPLES} samples; median of {TIMES}")
    print("draws, sum and contributions      ", timed(lambda: draw(asked, samples=SAMPLES, seed=1)))
    print("sensitivity, exact                ", timed(lambda: (shares(asked), swings(asked))))
    print("inventory checked and assembled   ", timed(lambda: assemble(stated, NOTHING)))
    print("whole trial, both ways of counting", timed(lambda: trial(stated, NOTHING)))


if __name__ == "__main__":
    main()
