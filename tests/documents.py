"""Reads the fenced blocks of a page and does what they say, in order, in one folder."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(r"^```(?P<kind>[a-z]+)?(?: (?P<file>[\w.\-]+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

KINDS = {"sh", "python", "csv", "toml", "bat", "text"}
"""`csv` and `toml` with a file name are written; `sh` and `python` are run; `bat` and `text` are for reading."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, the file it is to be saved as, its text and the line it begins at."""

    kind: str
    file: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(hit["kind"] or "", hit["file"] or "", hit["text"], text[: hit.start()].count("\n") + 1)
        for hit in _FENCE.finditer(text)
    ]


def _environment(lang: str) -> dict[str, str]:
    programs = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "FACTORDB_LANG": lang,
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "error",
    }


def do(page: Path, folder: Path, lang: str) -> dict[int, str]:
    """Do what a page says, in `folder`; return line -> what the block there printed.

    A line that begins with `make ` is not run again here, CI runs it: its target must exist.
    """
    said = {}
    for block in blocks(page):
        if block.file:
            (folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.kind == "sh":
            said[block.line] = _shell(block, folder, lang)
        elif block.kind == "python":
            said[block.line] = _run([sys.executable, "-c", block.text], folder, lang, block.line)
    return said


def _shell(block: Block, folder: Path, lang: str) -> str:
    said = ""
    for line in block.text.splitlines():
        if line.startswith("make "):
            target = shlex.split(line, comments=True)[1]
            _run(["make", "--dry-run", "--always-make", target], ROOT, lang, block.line)
        elif line.strip():
            said += _run(["bash", "-euo", "pipefail", "-c", line], folder, lang, block.line)
    return said


def _run(words: list[str], folder: Path, lang: str, line: int) -> str:
    done = subprocess.run(
        words, cwd=folder, env=_environment(lang), capture_output=True, encoding="utf-8", check=False, timeout=300
    )
    assert done.returncode == 0, f"line {line}: {words[-1]}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr
    return done.stdout
