"""What happens to the records behind the program's back is seen at the next open and at the next question."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from factordb import Library
from factordb.errors import ExitCode, IntegrityError, UsageError
from factordb.evidence import anchor as anchoring
from factordb.evidence.anchor import Anchor, Rows
from factordb.evidence.ledger import StoredEvent, event_bytes
from factordb.evidence.merkle import Tree, leaf_hash
from factordb.stages import anchor
from factordb.store import history
from factordb.store import records as record_store

MANY = 10_000


def _deed(library: Library, subject: str = "x") -> None:
    with record_store.session(library.records) as opened:
        history.record(opened, "noted", subject, actor="tester", facts={"值": "一", "n": 1})


def _tampered(path: Path, *statements: str) -> None:
    with sqlite3.connect(path / "records.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


@pytest.fixture
def library(small_library_copy: Path) -> Path:
    Library.open(small_library_copy)._engine.dispose()
    return small_library_copy


def test_every_committed_deed_moves_the_anchor(library: Path) -> None:
    opened = Library.open(library)
    sizes = []
    for number in range(3):
        _deed(opened, str(number))
        sizes.append(json.loads((library / "anchor.json").read_text())["size"])
    assert sizes == [sizes[0], sizes[0] + 1, sizes[0] + 2]
    head = opened.checkpoint()
    assert json.loads((library / "anchor.json").read_text())["root"] == head["root"]
    assert opened.verify_ledger()["breaches"] == []


TAMPERINGS = {
    "edited fact": "UPDATE event SET facts = '{\"candidates\": 3}' WHERE event_id = 1",
    "edited actor": "UPDATE event SET actor = 'somebody' WHERE event_id = 2",
    "edited time": "UPDATE event SET happened_on = '2026-01-01 00:00:00.000000' WHERE event_id = 2",
    "edited blank": "UPDATE event SET facts = facts || ' ' WHERE event_id = 2",
    "deleted first": "DELETE FROM event WHERE event_id = 1",
    "deleted last": "DELETE FROM event WHERE event_id = (SELECT max(event_id) FROM event)",
    "all deleted": "DELETE FROM event",
    "inserted": "INSERT INTO event VALUES (0, 'noted', 's', 'a', '{}', '2026-01-01 00:00:00.000000')",
    "reordered": "UPDATE event SET event_id = -event_id",
    "renumbered": "UPDATE event SET event_id = event_id + 100",
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_changed_row_is_seen_at_open(library: Path, name: str) -> None:
    _tampered(library, TAMPERINGS[name])
    with pytest.raises(IntegrityError) as fault:
        Library.open(library)
    assert fault.value.exit_code == ExitCode.INTEGRITY == 7
    assert fault.value.words("zh")[0] != fault.value.words("en")[0]
    with pytest.raises(IntegrityError):
        Library.open(library, anchored=False).verify_ledger()


def test_a_change_under_an_open_library_is_seen_at_the_next_question(library: Path) -> None:
    opened = Library.open(library)
    assert opened.batches()
    _tampered(library, TAMPERINGS["edited actor"])
    with pytest.raises(IntegrityError):
        opened.batches()


def test_an_old_copy_of_the_records_is_refused(library: Path, tmp_path: Path) -> None:
    shutil.copy(library / "records.sqlite", tmp_path / "old.sqlite")
    opened = Library.open(library)
    _deed(opened)
    opened._engine.dispose()
    shutil.copy(tmp_path / "old.sqlite", library / "records.sqlite")
    with pytest.raises(IntegrityError, match="later ones are lost"):
        Library.open(library)


KILLED = """
import os, sys
from pathlib import Path
from factordb import Library
from factordb.store import history, records
library = Library.open(Path(sys.argv[1]))
with records.session(library.records) as opened:
    history.record(opened, "noted", "x", actor="tester", facts={})
os._exit(0)  # as a killed process: the write-ahead file stays behind
"""


def test_a_deleted_write_ahead_file_is_seen(library: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, library], check=True)
    wal = library / "records.sqlite-wal"
    assert wal.stat().st_size > 0
    saved = Path(shutil.copytree(library, library.with_name("saved")))
    wal.unlink()
    # a new process, as any user's: within this one SQLite still remembers the file
    told = subprocess.run(
        [Path(sys.executable).parent / "factordb", "--lang", "en", "ledger", "checkpoint", "--library", library],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 7
    assert "later ones are lost" in told.stderr
    assert Library.open(saved).events(1)[0]["kind"] == "noted"


@pytest.mark.parametrize("create", [False, True])
def test_deleted_records_are_no_new_library(library: Path, create: bool) -> None:
    for path in library.glob("records.sqlite*"):
        path.unlink()
    with pytest.raises(IntegrityError):
        Library.open(library, create=create)
    assert not (library / "records.sqlite").exists()


def test_a_crash_between_commit_and_anchor_heals(library: Path) -> None:
    before = (library / "anchor.json").read_bytes()
    _deed(Library.open(library))
    after = (library / "anchor.json").read_bytes()
    (library / "anchor.json").write_bytes(before)
    Library.open(library)
    assert (library / "anchor.json").read_bytes() == after != before


def test_a_crash_while_the_anchor_is_written_leaves_the_old_one(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (library / "anchor.json").read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device", "anchor.json")

    opened = Library.open(library)
    with monkeypatch.context() as patched:
        patched.setattr("factordb.evidence.anchor.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            _deed(opened)
    assert (library / "anchor.json").read_bytes() == before
    assert list(library.glob(".anchor*")) == []
    assert Library.open(library).events(1)[0]["kind"] == "noted"
    assert json.loads((library / "anchor.json").read_text())["size"] == json.loads(before)["size"] + 1


def test_a_missing_or_damaged_anchor_is_a_sentence(library: Path) -> None:
    whole = (library / "anchor.json").read_bytes()
    for content in (b"", b"{}", whole[:-20], whole.replace(b'"size":', b'"Size":')):
        (library / "anchor.json").write_bytes(content)
        with pytest.raises(IntegrityError, match="damaged"):
            Library.open(library)
    Library.open(library, anchored=False).anchor_anew(actor="root", reason="the file was damaged")
    Library.open(library).verify_ledger()
    (library / "anchor.json").unlink()
    with pytest.raises(IntegrityError, match="missing"):
        Library.open(library)
    Library.open(library, anchored=False).anchor_anew(actor="root", reason="the file was lost")
    assert [row["kind"] for row in Library.open(library).ledger()[-2:]] == ["anchored_anew", "anchored_anew"]


def test_an_anchor_forged_for_the_open_check_does_not_pass_the_full_one(library: Path) -> None:
    """The digest of the rows answers fast; the root is what releases and outsiders hold."""
    _tampered(library, TAMPERINGS["edited actor"])
    rows = Rows()
    for batch in anchor.stored_events(Library.open(library, anchored=False)._engine):
        rows.take(batch)
    document = json.loads((library / "anchor.json").read_text())
    (library / "anchor.json").write_text(json.dumps({**document, "rows_sha256": rows.digest}))
    with pytest.raises(IntegrityError, match="does not continue"):
        Library.open(library).verify_ledger()


def test_an_anchor_made_anew_is_recorded_with_its_reason(library: Path) -> None:
    _deed(Library.open(library))
    _tampered(library, TAMPERINGS["deleted last"])
    with pytest.raises(UsageError):
        Library.open(library, anchored=False).anchor_anew(actor="root", reason=" ")
    Library.open(library, anchored=False).anchor_anew(actor="root", reason="restored from the tape of Monday")
    newest = Library.open(library).ledger()[-1]
    assert newest["kind"] == "anchored_anew"
    assert newest["actor"] == "root"
    assert newest["facts"]["reason"] == "restored from the tape of Monday"
    assert newest["facts"]["lost"][0]["size"] == newest["index"] + 1


def test_two_forks_cannot_both_verify_against_one_anchor(library: Path, tmp_path: Path) -> None:
    fork = Path(shutil.copytree(library, tmp_path / "fork"))
    _deed(Library.open(library), "here")
    _deed(Library.open(fork), "there")
    heads = [Library.open(place).checkpoint() for place in (library, fork)]
    assert heads[0]["size"] == heads[1]["size"]
    assert heads[0]["root"] != heads[1]["root"]
    shutil.copy(library / "anchor.json", fork / "anchor.json")
    Library.open(library)
    with pytest.raises(IntegrityError):
        Library.open(fork)


def test_of_many_who_write_at_once_the_anchor_keeps_the_newest(library: Path) -> None:
    def write() -> None:
        opened = Library.open(library)
        for _ in range(5):
            _deed(opened)

    before = Library.open(library).checkpoint()["size"]
    threads = [threading.Thread(target=write) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert json.loads((library / "anchor.json").read_text())["size"] == before + 20
    Library.open(library).verify_ledger()


# ── ten thousand tamperings of a ledger in memory ────────────────────────────────────────────────────────────


def _row(number: int) -> StoredEvent:
    facts = json.dumps({"n": number, "名": "数" * (number % 5), "list": [1, "b", None]}, ensure_ascii=False)
    return (
        number,
        f"kind{number % 4}",
        f"s{number % 7}",
        f"p{number % 3}",
        facts,
        f"2026-11-26 09:{number:02d}:00.000000",
    )


Draw = random.Random


def _edit(rows: list[StoredEvent], draw: Draw) -> None:
    place, field = draw.randrange(len(rows)), draw.randrange(1, 6)
    row = list(rows[place])
    text = str(row[field])
    at = draw.randrange(len(text))
    row[field] = text[:at] + chr((ord(text[at]) ^ (1 << draw.randrange(5))) or 1) + text[at + 1 :]
    rows[place] = (row[0], *row[1:])  # type: ignore[assignment]  # five texts


def _delete(rows: list[StoredEvent], draw: Draw) -> None:
    del rows[draw.randrange(len(rows))]


def _insert(rows: list[StoredEvent], draw: Draw) -> None:
    rows.insert(draw.randrange(len(rows)), _row(draw.randrange(60)))


def _reorder(rows: list[StoredEvent], draw: Draw) -> None:
    one, two = draw.sample(range(len(rows)), 2)
    rows[one], rows[two] = (rows[one][0], *rows[two][1:]), (rows[two][0], *rows[one][1:])


@pytest.mark.parametrize("tamper", [_edit, _delete, _insert, _reorder])
def test_ten_thousand_random_tamperings_are_all_detected(tamper: Callable[[list[StoredEvent], Draw], None]) -> None:
    """A quarter of them each; by the digest at open, and independently of it by the root of the tree."""
    honest = [_row(number) for number in range(1, 25)]
    rows = Rows()
    rows.take(honest)
    known = anchoring.advanced(anchoring.EMPTY, honest, rows)
    draw, missed = random.Random(tamper.__name__), []  # noqa: S311 - which byte is changed is no secret
    for number in range(MANY // 4):
        forged = list(honest)
        tamper(forged, draw)
        if _passes_open(known, forged) or _passes_root(known, forged):
            missed.append((number, forged))
    assert missed == []
    assert _passes_open(known, [*honest, _row(30)])
    assert _passes_root(known, [*honest, _row(30)])


def _passes_open(known: Anchor, rows: list[StoredEvent]) -> bool:
    try:
        anchor._followed(known, [rows[:7], rows[7:]])
    except IntegrityError:
        return False
    return True


def _passes_root(known: Anchor, rows: list[StoredEvent]) -> bool:
    try:
        tree = Tree(leaf_hash(event_bytes(one)) for one in rows)
        return tree.root(known.size) == known.root
    except ValueError:
        return False
