"""Hostile files of every format that is read: refused with code and place, or counted; no traceback.

Each within 20 s and 512 MB beyond the program itself, many in one process under limits. `FACTORDB_HOSTILE_RUNS` says
how many files are damaged by chance in a full run (10,000 before a release).
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.hostile_archives import ARCHIVES
from tests.hostile.hostile_bases import READERS, Base, base, packed
from tests.hostile.hostile_documents import CHANCE, for_document

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("hostile_reading.py")
MEGABYTES, SECONDS = 512, 20
SOME = 60
"""Files damaged by chance in an everyday run, over all formats; they are read with the named ones."""
MORE = 600
"""The same in a full run, other files."""
AT_ONCE = 40
"""Files of each format that are read by one process."""
GROUPS = [READERS[at::2] for at in range(2)]
"""Readers that share a process: starting one and loading the tables of a format takes longer than most files."""
EMPTY_IS_FINE = {
    "empty", "one byte", "zeros", "no members", "500 empty members", "blank lines", "only separators", "chance",
    "a number", "only returns", "no root", "archives in archives", "a list", "links", "cut", "lines of nothing",
    "two archives", "elements of another name space", "UTF-16 without a mark", "UTF-32", "NUL bytes", "no UTF-8",
}  # fmt: skip
"""What holds no data set of the format, so that nothing was read and nothing is to be said of a data set."""


def _written(found: Base, documents: list[tuple[str, bytes]], folder: Path, label: str) -> Path:
    path = folder / f"{label}{found.suffix}"
    path.write_bytes(packed(documents) if found.is_archive else documents[0][1])
    return path


def named_cases(reader: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name, file) of every kind of hostility that fits the format."""
    found = base(reader, folder)
    chance = random.Random(reader)  # noqa: S311 - a fixed seed, no secret
    members = list(found.members)
    at = next((n for n, (name, _) in enumerate(members) if _is_data_set(name)), 0)
    for number, (label, mutate) in enumerate(for_document(*members[at])):
        documents = [*members[:at], (members[at][0], mutate(members[at][1], chance)), *members[at + 1 :]]
        yield label, _written(found, documents, folder, f"doc-{number}")
    if found.is_archive:
        for number, (label, change) in enumerate(ARCHIVES.items()):
            path = folder / f"zip-{number}{found.suffix}"
            path.write_bytes(change(members, chance))
            yield label, path


def _is_data_set(name: str) -> bool:
    return (
        name.startswith(("processes/", "footprints/", "xl/worksheets/sheet2"))
        or "/processes/" in name
        or name.endswith("factors.csv")
    )


def chance_cases(reader: str, folder: Path, number: int, start: int = 0) -> Iterator[tuple[str, Path]]:
    """Yield files damaged by chance, each by its own seed."""
    found = base(reader, folder)
    for seed in range(start, start + number):
        chance = random.Random(f"{reader}{seed}")  # noqa: S311 - a fixed seed, no secret
        mutate, members = chance.choice(CHANCE), list(found.members)
        if found.is_archive and chance.random() < 0.3:
            data = mutate(packed(members), chance)
            path = folder / f"seed-{seed}{found.suffix}"
            path.write_bytes(data)
        else:
            at = chance.randrange(len(members))
            members[at] = (members[at][0], mutate(members[at][1] or b"x", chance))
            path = _written(found, members, folder, f"seed-{seed}")
        yield f"seed {seed}", path


def outcomes(cases: list[tuple[str, str, Path]]) -> list[tuple[str, dict[str, Any]]]:
    """Return (reader and name, outcome) of each case; a process that dies is the fault of the case it died of."""
    told: list[tuple[str, dict[str, Any]]] = []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    while len(told) < len(cases):
        rest = cases[len(told) :]
        listed = "".join(f"{reader}\t{path}\n" for reader, _, path in rest)
        done = subprocess.run(
            [sys.executable, str(PROGRAM), str(MEGABYTES), str(SECONDS)],
            input=listed, capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if len(lines) < len(rest):
            lines.append({"outcome": "failed", "why": f"the process ended: {done.returncode} {done.stderr[-800:]}"})
        told += [(f"{reader}: {name}", line) for (reader, name, _), line in zip(rest, lines, strict=False)]
    return told


def faulty(told: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    empty = [one for one in told if one[1]["outcome"] == "empty" and one[0].partition(": ")[2] not in EMPTY_IS_FINE]
    return [one for one in told if one[1]["outcome"] == "failed" or one[1].get("seconds", 0) > SECONDS] + empty


@pytest.mark.parametrize("number", range(len(GROUPS)))
def test_a_hostile_file_is_refused_or_counted(number: int, tmp_path: Path) -> None:
    """Every kind of hostility and some chance; a file that is fine and an unknown reader show that the judge sees."""
    cases: list[tuple[str, str, Path]] = []
    for reader in GROUPS[number]:
        folder = tmp_path / reader
        folder.mkdir()
        cases += [(reader, label, path) for label, path in named_cases(reader, folder)]
        cases += [(reader, label, path) for label, path in chance_cases(reader, folder, SOME // len(READERS))]
    found = base("pact3", tmp_path)
    path = _written(found, list(found.members), tmp_path, "fine")
    *told, (_, fine), (_, nobody) = outcomes([*cases, ("pact3", "fine", path), ("nobody", "no reader", path)])
    assert len(told) == len(cases) >= 20 * len(GROUPS[number])
    assert faulty([one for one in told if not _is_chance(one[0])]) == []
    assert [one for one in told if one[1]["outcome"] == "failed"] == []
    assert (fine["outcome"], fine["rows"], fine["refused"]) == ("accepted", 8, 0)
    assert nobody["outcome"] == "refused"
    shutil.rmtree(tmp_path)


def _is_chance(name: str) -> bool:
    return ": seed " in name


@pytest.mark.slow
def test_files_damaged_by_chance_are_refused_or_counted(tmp_path: Path) -> None:
    each = max(1, int(os.environ.get("FACTORDB_HOSTILE_RUNS", MORE)) // len(READERS))
    told: list[tuple[str, dict[str, Any]]] = []
    first = SOME // len(READERS)
    for start in range(first, first + each, AT_ONCE):
        cases: list[tuple[str, str, Path]] = []
        for reader in READERS:
            folder = tmp_path / reader
            folder.mkdir()
            number = min(AT_ONCE, first + each - start)
            cases += [(reader, label, path) for label, path in chance_cases(reader, folder, number, start)]
        told += outcomes(cases)
        for reader in READERS:
            shutil.rmtree(tmp_path / reader)
    assert len(told) == each * len(READERS)
    assert [one for one in told if one[1]["outcome"] == "failed"] == []


@pytest.mark.slow
def test_a_gigabyte_is_refused_or_counted_in_time(tmp_path: Path) -> None:
    """Of every reader: a single document above 64 MB is refused with its place, and nothing of it is held."""
    if shutil.disk_usage(tmp_path).free < 2 << 30:
        pytest.skip("less than 2 GB of disk are free")
    cases: list[tuple[str, str, Path]] = []
    for reader in READERS:
        found = base(reader, tmp_path)
        suffix = ".xml" if reader.startswith(("eco", "ilcd")) else found.suffix
        path = tmp_path / f"{reader}-large{'.json' if suffix == '.zip' else suffix}"
        with path.open("wb") as stream:
            stream.write(found.members[0][1])
            stream.truncate(1 << 30)  # a sparse file: a gigabyte of zeros that takes no room
        cases.append((reader, "a gigabyte", path))
    told = outcomes(cases)
    assert len(told) == len(READERS)
    assert faulty([one for one in told if one[1]["outcome"] != "empty"]) == []
