"""The evidence store: versions share bytes, nothing is rewritten, a withdrawal leaves a tombstone, faults are found."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factordb.errors import IntegrityError, NotFoundError
from factordb.evidence.ocfl import TOMBSTONE, examine, fetch, keep_package, object_ids, stored, withdraw

WHEN = datetime(2026, 2, 10, 8, 0, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    store, folder = tmp_path / "evidence", tmp_path / "package"
    (folder / "tests").mkdir(parents=True)
    (folder / "form.csv").write_text("a\n1\n", encoding="utf-8")
    (folder / "tests" / "报告.pdf").write_bytes(b"%PDF-1.7")
    keep_package(store, "SUB-1", folder, message="received", user="zhang-san", created=WHEN)
    (folder / "form.csv").write_text("a\n2\n", encoding="utf-8")
    keep_package(store, "SUB-1", folder, message="resubmitted", user="zhang-san", created=WHEN)
    return store


def _contents(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and "content" in path.parts)


def test_a_second_version_stores_only_what_is_new(root: Path) -> None:
    assert [path.name for path in _contents(root)] == ["form.csv", "报告.pdf", "form.csv"]
    assert stored(root, "SUB-1").version == "v2"
    assert fetch(root, "SUB-1", "form.csv").read_text(encoding="utf-8") == "a\n2\n"
    assert fetch(root, "SUB-1", "form.csv", "v1").read_text(encoding="utf-8") == "a\n1\n"
    assert examine(root) == []


def test_the_same_package_again_makes_no_version(root: Path, tmp_path: Path) -> None:
    before = stored(root, "SUB-1")
    again = keep_package(root, "SUB-1", tmp_path / "package", message="again", user="zhang-san", created=WHEN)
    assert again == before


def test_a_withdrawal_shows_a_tombstone_and_keeps_the_bytes(root: Path) -> None:
    gone = withdraw(root, "SUB-1", reason="授权撤回", user="curator-1", created=WHEN)
    assert gone.withdrawn
    said = json.loads(fetch(root, "SUB-1", TOMBSTONE).read_text(encoding="utf-8"))
    assert said["reason"] == "授权撤回"
    assert set(said["files"]) == {"form.csv", "tests/报告.pdf"}
    with pytest.raises(NotFoundError):
        fetch(root, "SUB-1", "form.csv")
    assert fetch(root, "SUB-1", "form.csv", "v2").exists()
    assert examine(root) == []


@pytest.mark.parametrize("kind", ["changed", "missing", "extra"])
def test_every_kind_of_damage_is_found(root: Path, kind: str) -> None:
    victim = _contents(root)[0]
    if kind == "changed":
        victim.write_bytes(b"x")
    elif kind == "missing":
        victim.unlink()
    else:
        (victim.parent / "slipped_in.csv").write_bytes(b"x")
    assert [one.kind for one in examine(root)] == [kind]


def test_a_changed_inventory_is_no_inventory(root: Path) -> None:
    inventory = next(root.glob("*/*/*/*/inventory.json"))
    inventory.write_text(inventory.read_text(encoding="utf-8").replace("zhang-san", "li-si"), encoding="utf-8")
    with pytest.raises(IntegrityError):
        stored(root, "SUB-1")
    assert [one.kind for one in examine(root)] == ["malformed"]


def test_what_is_not_there_is_told(root: Path) -> None:
    assert object_ids(root) == ["SUB-1"]
    for ask in (lambda: stored(root, "SUB-2"), lambda: fetch(root, "SUB-1", "nothing.csv"),
                lambda: stored(root, "SUB-1", "v9")):  # fmt: skip
        with pytest.raises(NotFoundError):
            ask()


def test_a_run_killed_between_version_and_inventory_is_taken_up(root: Path, tmp_path: Path) -> None:
    where = next(root.glob("*/*/*/*"))
    for name in ("inventory.json", "inventory.json.sha256"):
        shutil.copyfile(where / "v1" / name, where / name)
    again = keep_package(root, "SUB-1", tmp_path / "package", message="again", user="zhang-san", created=WHEN)
    assert again.version == "v2"
    assert examine(root) == []


def test_a_validator_by_others_accepts_the_store(root: Path) -> None:
    tool = Path(sys.executable).parent / "ocfl-validate.py"
    if not tool.exists():
        pytest.skip("ocfl-py is not installed: it brings cloud storage clients, and is asked for by hand only")
    done = subprocess.run([sys.executable, tool, root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
