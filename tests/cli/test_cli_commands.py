"""Every command as people call it: both languages, a Chinese Windows console, JSON, exit codes, bad input, Ctrl+C."""

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from factordb.cli.app import run
from factordb.cli.console import speech

PROGRAM = Path(sys.executable).parent / "factordb"

COMMANDS = [
    (), ("init",), ("intake",), ("appraise",), ("run",), ("doctor",), ("checks",), ("pipelines",), ("dashboard",),
    ("release",), ("release", "build"), ("release", "sign"), ("release", "verify"), ("release", "list"),
    ("key",), ("key", "new"), ("key", "add"), ("key", "revoke"), ("key", "list"),
    ("ledger",), ("ledger", "verify"), ("ledger", "show"), ("ledger", "proof"), ("ledger", "export"),
    ("ledger", "checkpoint"), ("ledger", "anchor"),
    ("factor",), ("factor", "search"), ("factor", "show"), ("factor", "explain"),
    ("uncertainty",), ("uncertainty", "evaluate"), ("uncertainty", "combine"), ("uncertainty", "sample"),
    ("uncertainty", "trend"),
    ("lineage",), ("lineage", "propose"), ("lineage", "check"), ("lineage", "show"), ("lineage", "impact"),
    ("lineage", "stale"), ("lineage", "repropose"),
    ("formats",), ("convert",), ("release", "diff"), ("release", "export"), ("factor", "cite"),
    ("submit",), ("submit", "init"), ("submit", "check"), ("submit", "pack"), ("submit", "send"), ("submit", "list"),
    ("submit", "withdraw"), ("submit", "sign-results"),
    ("review",), ("review", "queue"), ("review", "show"), ("review", "letter"), ("review", "adopt"),
    ("review", "person"),
    ("standard",), ("api",), ("footprint",),
]  # fmt: skip


class Said(NamedTuple):
    """How a call ended."""

    code: int
    out: str
    err: str


def call(*words: object, lang: str = "en", encoding: str = "utf-8") -> Said:
    """Call the program within this process; a console's encoding is strict, as Windows' is."""
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", write_through=True)
        for name in ("stdout", "stderr")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACTORDB_LANG", lang)
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        speech.json = speech.quiet = False
        code = run(speech.use([str(one) for one in words]))
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams.values())  # type: ignore[attr-defined] # BytesIO's
    return Said(code, out, err)


def program(*words: object, lang: str = "en", encoding: str = "utf-8", **extra: str) -> Said:
    """Call the program as a process of its own."""
    environment = {**os.environ, "FACTORDB_LANG": lang, "PYTHONIOENCODING": f"{encoding}:strict", **extra}
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, check=False, env=environment, timeout=120)
    return Said(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))


def _identifier(library: Path) -> str:
    rows = json.loads(call("factor", "search", "产品", "--library", library, "--json").out)
    return str(rows[0]["candidate_id"])


def _questions(library: Path) -> list[tuple[object, ...]]:
    name = _identifier(library)
    return [
        ("checks",), ("checks", "GAS003"), ("pipelines",), ("pipelines", "--fields"), ("doctor", "--library", library),
        ("doctor", "--pace", "--library", library), ("release", "list", "--library", library),
        ("release", "verify", "2026.1", "--library", library), ("factor", "search", "产品", "--library", library),
        ("factor", "show", name, "--library", library), ("factor", "explain", name, "--library", library),
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_every_question_in_every_console(small_library: Path, lang: str, encoding: str) -> None:
    for words in _questions(small_library):
        said = call(*words, lang=lang, encoding=encoding)
        assert (said.code, said.err) == (0, ""), words
        assert said.out.strip(), words
        assert bool(re.search("[\u4e00-\u9fff]", said.out)) or lang == "en", words
        assert "Traceback" not in said.out


def test_every_question_as_json(small_library: Path) -> None:
    for words in _questions(small_library):
        said = call(*words, "--json")
        assert said.code == 0, said.err
        assert isinstance(json.loads(said.out), dict | list), words


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_the_verbs_in_every_console(small_table: tuple[Path, Path], tmp_path: Path, lang: str, encoding: str) -> None:
    mapping, table = small_table
    library = tmp_path / "library"
    rows = {"zh": "读入 4 行 = 入库 2 + 退回 2", "en": "4 rows in = 2 staged + 2 refused"}[lang]
    place = ("--library", library)
    assert call("init", *place, lang=lang, encoding=encoding).code == 0
    taken = call("intake", table, "--mapping", mapping, *place, lang=lang, encoding=encoding)
    assert taken.code == 0, taken.err
    assert rows in taken.out
    again = call("intake", table, "--mapping", mapping, *place, lang=lang, encoding=encoding)
    assert {"zh": "未重复添加", "en": "nothing was added"}[lang] in again.out
    dry = call("appraise", *place, "--as-of", "2026-11-26", "--dry-run", "--no-gate", lang=lang, encoding=encoding)
    assert dry.code == 0, dry.err
    for verb in (("appraise", "--as-of", "2026-11-26", "--no-gate"), ("release", "build", "--actor", "张三")):
        said = call(*verb, *place, lang=lang, encoding=encoding)
        assert said.code == 0, said.err
        assert said.out
    assert call("release", "verify", "2026.1", *place, lang=lang, encoding=encoding).code == 0


def test_verbs_as_json(small_table: tuple[Path, Path], tmp_path: Path) -> None:
    mapping, table = small_table
    place = ("--library", tmp_path / "library", "--json")
    assert "library" in json.loads(call("init", *place).out)
    taken = json.loads(call("intake", table, "--mapping", mapping, *place).out)
    assert (taken["rows"], taken["rows_staged"], taken["rows_refused"]) == (4, 2, 2)
    appraised = json.loads(call("appraise", "--as-of", "2026-11-26", "--no-gate", *place).out)
    assert appraised["candidates"] == 2
    assert json.loads(call("appraise", "--as-of", "2026-11-26", "--no-gate", *place).out) == {"appraised": 0}
    assert json.loads(call("release", "build", *place).out)["release"] == "2026.1"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_of_every_command_has_no_missing_word(lang: str) -> None:
    for words in COMMANDS:
        said = program(*words, "--help", lang=lang)
        assert (said.code, said.err) == (0, ""), words
        assert not re.search(r"\bhelp\.\w+|\{\w+\}|None", said.out.split("\n", 1)[1]), words
        if lang == "zh":
            assert re.search("[\u4e00-\u9fff]", said.out.split("\n", 2)[2]), words


def test_help_names_every_command_tested_here() -> None:
    listed = set(re.findall(r"^  ([a-z]+)  ", program("--help").out.split("Commands:")[1], re.MULTILINE))
    assert listed <= {words[0] for words in COMMANDS if words}


def _bad(folder: Path, library: Path) -> list[tuple[int, tuple[object, ...]]]:
    """Return (exit code, words) of wrong calls; each must end in one sentence and a remedy."""
    mapping, table = folder / "small.toml", folder / "small.csv"
    binary = folder / "binary.csv"
    binary.write_bytes(bytes(range(256)) * 40)
    empty = folder / "empty.csv"
    empty.write_bytes(b"")
    broken = folder / "broken.toml"
    broken.write_text("[pipeline\nname = ", encoding="utf-8")
    half = folder / "half.toml"
    half.write_text(
        '[pipeline]\nname = "half"\ntitle_zh = "半"\ntitle_en = "half"\nsource = "nobody"\n', encoding="utf-8"
    )
    taken = folder / "a_file"
    taken.write_text("I am a file", encoding="utf-8")
    into = ("--library", folder / "new")
    return [
        (2, ("intake", folder / "missing.csv", "--mapping", mapping, *into)),
        (2, ("intake", folder, "--mapping", mapping, *into)),
        (2, ("intake", binary, "--mapping", mapping, *into)),
        (2, ("intake", empty, "--mapping", mapping, *into)),
        (2, ("intake", table, "--mapping", broken, *into)),
        (2, ("intake", table, "--mapping", half, *into)),
        (2, ("intake", table, "--mapping", folder / "missing.toml", *into)),
        (2, ("intake", table, "--mapping", binary, *into)),
        (2, ("intake", table, "--pipeline", "mee-grid-co2", *into)),
        (2, ("intake", table, "--pipeline", "no-such-pipeline", *into)),
        (2, ("intake", table, *into)),
        (2, ("intake", table, "--mapping", mapping, "--pipeline", "mee-grid-co2", *into)),
        (2, ("intake", table, "--mapping", mapping, "--library", taken)),
        (2, ("init", "--library", taken)),
        (2, ("appraise", "--library", folder / "nowhere")),
        (2, ("appraise", "--library", taken)),
        (2, ("appraise", "--library", library, "--as-of", "yesterday")),
        (2, ("appraise", "--library", library, "--policy", "no-such-policy", "--as-of", "2026-11-27")),
        (2, ("appraise", "--library", library, "--scheme", "no-such-scheme", "--as-of", "2026-11-27")),
        (2, ("release", "list", "--library", folder / "nowhere")),
        (2, ("release", "verify", "1999.1", "--library", library)),
        (2, ("release", "build", "--library", folder / "nowhere")),
        (2, ("factor", "show", "zzzz", "--library", library)),
        (2, ("factor", "explain", "", "--library", library)),
        (2, ("checks", "NOPE999")),
        (2, ("checks", "--unknown-option")),
        (2, ("no-such-command",)),
        (2, ("doctor", "--library", folder / "nowhere")),
        (2, ("--lang", "fr", "checks")),
        (2, ("uncertainty", "combine", folder / "missing.csv")),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bad_input_ends_in_a_sentence_and_a_remedy(
    small_table: tuple[Path, Path], small_library_copy: Path, lang: str
) -> None:
    folder = small_table[0].parent
    for code, words in _bad(folder, small_library_copy):
        said = call(*words, lang=lang)
        assert said.code == code, (words, said)
        assert "Traceback" not in said.err, words
        marks = {"zh": ("错误", "补救"), "en": ("error", "mend")}[lang]
        assert all(re.search(rf"^{mark}[:：]", said.err, re.MULTILINE) for mark in marks), (words, said.err)
        assert not said.out.strip(), words


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    assert call("init", "--library", tmp_path / "library").code == 0
    for words in (("release", "build"), ("factor", "search", "x")):
        said = call(*words, "--library", tmp_path / "library")
        assert said.code == 2
        assert "factordb intake" in said.err or "factordb run" in said.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere: rights cannot be tested")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    said = call("init", "--library", closed / "library")
    assert said.code == 2
    assert "Traceback" not in said.err


def test_a_library_where_nothing_can_be_made() -> None:
    """Also root cannot make a folder below /proc: the read-only case that any user can test."""
    if not Path("/proc/self").exists():
        pytest.skip("needs /proc")
    said = call("init", "--library", "/proc/self/library")
    assert said.code == 2, said
    assert "error" in said.err
    assert "mend" in said.err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_process_in_a_chinese_windows_console(small_library: Path, lang: str) -> None:
    said = program("factor", "search", "产品", "--library", small_library, lang=lang, encoding="gbk", NO_COLOR="1")
    assert (said.code, said.err) == (0, "")
    assert "甲产品" in said.out
    assert "\x1b" not in said.out


def test_codes_stay_whole_in_a_terminal() -> None:
    """A terminal: rule codes must not be torn by colours, and NO_COLOR leaves no escape at all."""
    pty = pytest.importorskip("pty")
    for extra, escapes in (({"NO_COLOR": "1"}, False), ({}, True)):
        leader, follower = pty.openpty()
        environment = {**os.environ, "FACTORDB_LANG": "en", "TERM": "xterm-256color", **extra}
        process = subprocess.Popen([PROGRAM, "checks"], stdout=follower, stderr=follower, env=environment)
        os.close(follower)
        seen = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        assert process.wait(60) == 0
        os.close(leader)
        assert b"GAS003" in seen
        assert escapes or b"\x1b" not in seen


def _content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name.split("-")[-1] not in {"shm", "wal"} and path.suffix not in {".lock", ".holder"}
        and not path.is_relative_to(folder / "objects") and not path.is_relative_to(folder / "staging")
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_ctrl_c_leaves_the_library_as_it_was(small_library_copy: Path, lang: str) -> None:
    before = _content(small_library_copy)
    process = subprocess.Popen(
        [PROGRAM, "run", "--library", str(small_library_copy), "--as-of", "2026-11-26"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "FACTORDB_LANG": lang}, text=True,
        encoding="utf-8",
    )  # fmt: skip
    holder = small_library_copy / "writer.holder"
    deadline = time.monotonic() + 30
    while not holder.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert {"zh": "已中断", "en": "interrupted"}[lang] in err
    assert "Traceback" not in err
    assert _content(small_library_copy) == before


def test_the_version_is_told() -> None:
    said = call("--version")
    assert said.code == 0
    assert said.out.strip() == f"factordb {metadata.version('factordb')}"
