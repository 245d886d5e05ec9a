"""Speed of the ledger, and of `release verify` against the raw sha256 of the same bytes.

    python benchmarks/ledger.py               # 100,000 events, a release folder of 1 GiB
    python benchmarks/ledger.py --mib 256     # a smaller folder
    python benchmarks/ledger.py --release DIR # an attested release of a real library instead

Goals: 100,000 events cost at most 0.3 s at every open, and the tree over them well under a second; `release verify`
runs at 70 % of raw sha256 speed or more. Wall and CPU seconds, the best of three.
"""

import argparse
import hashlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from factordb import Library
from factordb.evidence import ledger
from factordb.evidence.anchor import EMPTY, Rows, advanced
from factordb.evidence.merkle import Tree, leaf_hash
from factordb.formats.manifest import ATTESTATION, write_manifest
from factordb.model.release import ReleaseFacts
from factordb.stages import anchor, attest, outsider
from factordb.store import records as record_store
from factordb.store.ledger_rows import stored_events

EVENTS = 100_000
ROUNDS = 3
AIM_OPEN_S, AIM_TREE_S, AIM_RATIO = 0.3, 1.0, 0.7
FILE_MIB = 64


@dataclass(frozen=True)
class Cost:
    """Seconds of one thing, the best of some rounds."""

    wall_s: float
    cpu_s: float


def cost(work: Callable[[], object], rounds: int = ROUNDS) -> Cost:
    """Return what a piece of work costs."""
    found = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))
    return min(found, key=lambda one: one.wall_s)


def say(name: str, one: Cost, aim: str = "") -> None:
    """Print one line of the table."""
    print(f"{name:<52}{one.wall_s:>9.3f} s{one.cpu_s:>9.3f} s  {aim}")


PEOPLE = {"asa": ["assigner"], "rea": ["reviewer"], "reb": ["reviewer"], "cur": ["curator"]}
ACTS = (("asa", "assign", "subject", "rea"), ("asa", "assign", "language", "reb"), ("rea", "approve", "subject", ""),
        ("reb", "approve", "language", ""), ("cur", "adopt", "", ""))  # fmt: skip
DAY = "2026-11-26 09:00:00.000000"
Row = tuple[str, str, str, str, str]


def people() -> list[Row]:
    """Return the events that add the people, each of a house of their own."""
    kinds = ["subject", "language"]
    facts = [{"name": one, "organisation": one, "roles": roles, "kinds": kinds} for one, roles in PEOPLE.items()]
    return [("person_added", str(fact["name"]), "root", json.dumps(fact), DAY) for fact in facts]


def case(number: int) -> list[Row]:
    """Return the events of one case: opened, and adopted after two approvals."""
    name, seen = f"case-{number:08d}", {"rule_set": "r" * 64, "base_release": None}
    one = {"case_id": name, "candidate_id": "c" * 36, "version_id": "v" * 36, "factor_id": "f" * 36,
           "content_hash": "h" * 64, "findings": []}  # fmt: skip
    opened = {"cases": [one], "submitter": "sub", "organisation": "factory", "seen": seen}
    rows = [("case_opened", name, "sub", json.dumps(opened), DAY)]
    for place, (actor, action, kind, assignee) in enumerate(ACTS, 1):
        facts = {**seen, "action": action, "cases": [[name, place, "h" * 64]], "reason": "符合要求", "kind": kind,
                 "finding": "", "assignee": assignee}  # fmt: skip
        rows.append(("case_acted", name, actor, json.dumps(facts, ensure_ascii=False, sort_keys=True), DAY))
    return rows


def filled(folder: Path, count: int) -> Library:
    """Return a library with a ledger of `count` events, anchored."""
    library = Library.open(folder, create=True)
    rows = [row for number in range(count // len(ACTS) + 1) for row in case(number)]
    rows = [*people(), *rows][:count]
    with library.records.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO event (kind, subject, actor, facts, happened_on) VALUES (?, ?, ?, ?, ?)", rows
        )
    Library.open(folder)
    return library


def of_ledger(folder: Path, count: int) -> None:
    """Print what a ledger of `count` events costs."""
    library = filled(folder, count)
    print(f"\nledger of {count:,} events ({(folder / 'records.sqlite').stat().st_size / 2**20:.0f} MiB)")
    records = record_store.engine(record_store.url_of(library.workspace.records))
    stored = [row for batch in stored_events(records) for row in batch]
    lines = [ledger.event_bytes(row) for row in stored]
    leaves = [leaf_hash(line) for line in lines]
    say(
        "check at open (all rows against the anchor)", cost(lambda: anchor.guard(library.workspace, records)), "≤ 0.3 s"
    )
    seen = anchor.guard(library.workspace, records)
    say("check at a question (files unchanged)", cost(lambda: anchor.guard(library.workspace, records, seen)))
    say("canonical bytes", cost(lambda: [ledger.event_bytes(row) for row in stored]))
    say("leaf hashes", cost(lambda: [leaf_hash(line) for line in lines]))
    say("tree and root", cost(lambda: Tree(leaves).root()), "< 1 s")
    tree = Tree(leaves)
    say("inclusion and consistency proof", cost(lambda: (tree.inclusion(count // 3), tree.consistency(count // 3))))
    rows = Rows()
    rows.take(stored)
    say("anchor made from nothing", cost(lambda: advanced(EMPTY, stored, rows)))
    say("`ledger verify` (everything recomputed, four eyes)", cost(library.verify_ledger, 1))
    print(f"breaches of four eyes: {len(library.verify_ledger()['breaches'])}")


def made_release(folder: Path, mib: int) -> Path:
    """Return an attested folder of `mib` MiB of random files, as a release is made of."""
    (folder / "data").mkdir(parents=True)
    for number in range(max(mib // FILE_MIB, 1)):
        (folder / "data" / f"part{number}.bin").write_bytes(os.urandom(min(mib, FILE_MIB) << 20))
    facts = ReleaseFacts("2026.1", "演示", "demonstration", date(2026, 11, 26), "r", "0", 1, "benchmark")
    digest = write_manifest(folder, facts, counts={})
    decided = {"items": 0, "mode": "single-operator", "items_sha256": "", "action": "adopt"}
    released = {"counts": {}, "decision_id": "d", "manifest_sha256": digest}
    stored = [
        (1, "decided", "d", "benchmark", json.dumps(decided), "2026-11-26 09:00:00"),
        (2, "released", "2026.1", "benchmark", json.dumps(released), "2026-11-26 09:00:01"),
    ]
    lines = [ledger.event_bytes(row) for row in stored]
    attest.attest(folder, None, attest.Live(lines, Tree(leaf_hash(line) for line in lines)))
    return folder


def of_release(folder: Path) -> None:
    """Print what `release verify` costs against hashing the same files."""
    files = [path for path in folder.rglob("*") if path.is_file() and ATTESTATION not in path.parts]
    size = sum(path.stat().st_size for path in files)

    def raw() -> None:
        for path in files:
            with path.open("rb") as stream:
                hashlib.file_digest(stream, "sha256").hexdigest()

    found = outsider.verify_release(folder)
    print(f"\nrelease of {size / 2**20:.0f} MiB in {len(files)} files; problems: {len(found.problems)}")
    plain, whole = cost(raw), cost(lambda: outsider.verify_release(folder))
    say("raw sha256", plain, f"{size / plain.wall_s / 2**20:.0f} MiB/s")
    say("release verify", whole, f"{size / whole.wall_s / 2**20:.0f} MiB/s")
    print(f"ratio: {plain.wall_s / whole.wall_s:.2f} of raw sha256 speed (goal {AIM_RATIO})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return 0."""
    parser = argparse.ArgumentParser(description="Speed of ledger and release verification.")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--release", type=Path)
    asked = parser.parse_args(arguments)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        of_ledger(Path(name) / "library", asked.events)
        of_release(asked.release or made_release(Path(name) / "release", asked.mib))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
