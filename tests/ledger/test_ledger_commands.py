"""`factordb key`, `factordb ledger`, `factordb release sign` and `verify`, as a user types them."""

import io
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from factordb import Library
from factordb.cli.app import run
from factordb.cli.console import speech
from factordb.store import history
from factordb.store import records as record_store

PROGRAM = Path(sys.executable).parent / "factordb"


def _typed(*words: str | Path, lang: str = "en") -> tuple[int, str, str]:
    """Call the program within this process and return exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("FACTORDB_LANG", lang)
        speech.json = speech.quiet = False
        code = run(speech.use([str(one) for one in words]))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def library(small_library_copy: Path) -> Path:
    opened = Library.open(small_library_copy)
    facts = {"name": "安", "organisation": "研究院", "roles": ["curator"], "kinds": []}
    with record_store.session(opened.records) as session:
        history.record(session, "person_added", "ann", actor="root", facts=facts)
    return small_library_copy


def test_from_a_key_to_a_release_that_an_outsider_verifies(library: Path, tmp_path: Path) -> None:
    phrase, key, keys = tmp_path / "phrase", tmp_path / "ann.key", tmp_path / "keys.json"
    phrase.write_text("a phrase for tests\n")
    code, said, _ = _typed("key", "new", key, "--passphrase-file", phrase)
    assert code == 0
    key_id = said.split()[1].rstrip(":")
    assert _typed("key", "add", "ann", f"{key}.pub", "--library", library)[0] == 0
    assert key_id in _typed("key", "list", "--library", library)[1]
    name = Library.open(library).releases()[-1]["release_id"]
    code, said, _ = _typed("release", "sign", name, "--key", key, "--passphrase-file", phrase, "--library", library)
    assert (code, key_id in said) == (0, True)
    assert _typed("release", "verify", name, "--library", library)[0] == 0
    assert _typed("key", "list", "--export", keys, "--library", library)[0] == 0
    folder = Path(shutil.copytree(library / "releases" / name, tmp_path / "downloaded"))
    code, said, _ = _typed("release", "verify", folder, "--keys", keys)
    assert (code, "安" in said) == (0, True)
    code, said, _ = _typed("release", "verify", folder, lang="zh")
    assert (code, "未核对签名" in said) == (0, True)
    assert _typed("release", "verify", folder, "--keys", keys, "--signatures", "2")[0] != 0
    with (folder / "README.md").open("ab") as stream:
        stream.write(b"!")
    code, said, _ = _typed("release", "verify", folder, "--keys", keys, lang="zh")
    assert (code, "README.md" in said) == (7, True)
    code, said, _ = _typed("release", "verify", folder, "--keys", keys, "--json")
    assert (code, json.loads(said)["problems"][0]["path"]) == (7, "README.md")
    assert _typed("key", "revoke", key_id, "--reason", "lost", "--library", library)[0] == 0
    code, _, fault = _typed("release", "sign", name, "--key", key, "--passphrase-file", phrase, "--library", library)
    assert (code, "revoked" in fault) == (5, True)


def test_a_passphrase_is_asked_for_and_never_shown(tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAM, "--lang", "en", "key", "new", tmp_path / "a.key"],
        capture_output=True, text=True, check=True, input="a phrase for tests\na phrase for tests\n",
    )  # fmt: skip
    assert "phrase for tests" not in done.stdout + done.stderr
    assert (tmp_path / "a.key.pub").exists()


@pytest.mark.parametrize("words", [["key", "new"], ["release", "sign"]])
def test_no_option_takes_a_passphrase(words: list[str]) -> None:
    said = _typed(*words, "--help")[1]
    assert "--passphrase-file" in said
    assert "--passphrase " not in said


def test_the_ledger_as_commands(library: Path, tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    code, said, _ = _typed("ledger", "verify", "--library", library)
    assert (code, "anchor.json" in said, "no breach" in said) == (0, True, True)
    assert _typed("ledger", "export", book, "--library", library)[0] == 0
    head = json.loads(_typed("ledger", "checkpoint", "--json", "--library", library)[1])
    code, said, _ = _typed("ledger", "verify", book, "--json")
    assert (code, json.loads(said)["checkpoint"]) == (0, head)
    assert "released" in _typed("ledger", "show", "--library", library, lang="zh")[1]
    for words in (["1"], ["--since", "2"], ["2", "--size", "3"], ["--since", "0", "--size", "2"]):
        code, said, _ = _typed("ledger", "proof", *words, "--library", library)
        assert code == 0
        (tmp_path / "proof.json").write_text(said)
        assert _typed("ledger", "verify", tmp_path / "proof.json")[0] == 0
        (tmp_path / "proof.json").write_text(said.replace('"root": "', '"root": "0', 1))
        assert _typed("ledger", "verify", tmp_path / "proof.json")[0] == 7
    assert _typed("ledger", "proof", "--library", library)[0] == 2
    assert _typed("ledger", "proof", "99", "--library", library)[0] == 2
    book.write_bytes(book.read_bytes().replace(b"tester", b"fester", 1))
    other = json.loads(_typed("ledger", "verify", book, "--json")[1])
    assert other["checkpoint"]["root"] != head["root"]
    book.write_bytes(book.read_bytes()[:-1])
    assert _typed("ledger", "verify", book)[0] == 7


def test_a_rolled_back_library_ends_with_seven_until_it_is_anchored_anew(library: Path) -> None:
    with sqlite3.connect(library / "records.sqlite") as connection:
        connection.execute("DELETE FROM event WHERE kind IN ('released', 'person_added')")
    connection.close()
    for words in (["ledger", "checkpoint"], ["release", "list"], ["ledger", "verify"]):
        code, _, fault = _typed(*words, "--library", library)
        assert code == 7
        assert fault.startswith("error: ")
    assert _typed("ledger", "anchor", "--reason", "restored on purpose", "--library", library)[0] == 0
    assert _typed("ledger", "verify", "--library", library)[0] == 0
    # the release stands on events that are gone: the library goes on, the release does not agree with it any more
    name = Library.open(library).releases()[-1]["release_id"]
    assert _typed("release", "verify", name, "--library", library)[0] == 7
