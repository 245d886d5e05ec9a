"""Key files and the list of public keys."""

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from factordb.errors import ConflictError, FileProblemError, UsageError
from factordb.evidence.keys import (
    KeyFact,
    key_id_of,
    key_list,
    make_key,
    read_key_file,
    read_key_list,
    read_passphrase,
    read_public_key,
)

PHRASE = "correct horse battery"
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def test_a_key_file_is_encrypted_closed_to_others_and_reads_back(tmp_path: Path) -> None:
    made = make_key(tmp_path / "ann.key", PHRASE)
    text = (tmp_path / "ann.key").read_text()
    assert text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE((tmp_path / "ann.key").stat().st_mode) == 0o600
    read = read_key_file(tmp_path / "ann.key", PHRASE)
    assert read.key_id == made.key_id == key_id_of(made.public_key)
    assert read_public_key(str(tmp_path / "ann.key.pub")) == made.public_key == read_public_key(made.public_key.hex())
    assert repr(read) == f"PrivateKey({made.key_id})"


def test_wrong_passphrases_and_files_are_sentences(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key", PHRASE)
    with pytest.raises(FileProblemError, match="passphrase is wrong"):
        read_key_file(tmp_path / "a.key", "another one")
    with pytest.raises(FileProblemError, match="cannot be read"):
        read_key_file(tmp_path / "none.key", PHRASE)
    (tmp_path / "junk.key").write_bytes(b"junk")
    (tmp_path / "junk.key").chmod(0o600)
    with pytest.raises(FileProblemError, match="no encrypted Ed25519 key"):
        read_key_file(tmp_path / "junk.key", PHRASE)
    (tmp_path / "a.key").chmod(0o644)
    with pytest.raises(FileProblemError, match="others may read"):
        read_key_file(tmp_path / "a.key", PHRASE)


def test_a_key_is_never_overwritten_and_never_weakly_locked(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key", PHRASE)
    with pytest.raises(ConflictError):
        make_key(tmp_path / "a.key", PHRASE)
    with pytest.raises(UsageError):
        make_key(tmp_path / "b.key", "short")
    assert not (tmp_path / "b.key").exists()


def test_a_passphrase_file_loses_the_end_of_its_line_only(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("  口令 with blanks \n", encoding="utf-8")
    assert read_passphrase(tmp_path / "p") == "  口令 with blanks "
    (tmp_path / "p").write_bytes(b"\xff\xfe")
    with pytest.raises(FileProblemError):
        read_passphrase(tmp_path / "p")


def test_the_list_of_keys_reads_back(tmp_path: Path) -> None:
    raw = make_key(tmp_path / "a.key", PHRASE).public_key
    fact = KeyFact(key_id_of(raw), raw, "ann", "研究院", frozenset({"curator"}), BEGIN, END, "安")
    (tmp_path / "keys.json").write_bytes(key_list([fact]))
    assert read_key_list(tmp_path / "keys.json") == {fact.key_id: fact}
    assert [fact.holds(moment) for moment in (datetime(2025, 1, 1, tzinfo=UTC), BEGIN, END)] == [False, True, True]
    assert not fact.holds(datetime(2026, 6, 2, tzinfo=UTC))
    assert replace(fact, revoked=None).holds(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("member", ["key_id", "public_key", "valid_from", "format", "person_id"])
def test_a_list_that_contradicts_itself_is_refused(tmp_path: Path, member: str) -> None:
    raw = make_key(tmp_path / "a.key", PHRASE).public_key
    fact = KeyFact(key_id_of(raw), raw, "ann", "org", frozenset({"curator"}), BEGIN)
    document = json.loads(key_list([fact]))
    wrong = {"key_id": "0" * 16, "public_key": "00", "valid_from": "2026-01-01T00:00:00"}
    if member == "format":
        document["format"] = "another"
    elif member in wrong:
        document["keys"][0][member] = wrong[member]
    else:
        del document["keys"][0][member]
    (tmp_path / "keys.json").write_text(json.dumps(document))
    with pytest.raises(FileProblemError):
        read_key_list(tmp_path / "keys.json")
