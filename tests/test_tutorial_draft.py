"""The tutorial for drafters does what it says: its blocks are run in order on the shipped library."""

import os
import shlex
import shutil
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest

from factordb.cli.app import run
from factordb.cli.console import speech
from tests import documents

ROOT = Path(__file__).parents[1]
PAGES = [("docs/tutorial-draft.md", "zh"), ("docs/tutorial-draft.en.md", "en")]


@pytest.mark.parametrize(("page", "_lang"), PAGES)
def test_every_block_is_of_a_known_kind_and_both_pages_run_the_same(page: str, _lang: str) -> None:
    blocks = documents.blocks(ROOT / page)
    assert {block.kind for block in blocks} <= documents.KINDS
    run = [block.text for block in blocks if block.kind != "text"]
    assert run == [block.text for block in documents.blocks(ROOT / PAGES[0][0]) if block.kind != "text"]
    assert "make run\n" in run


def _stop(folder: Path) -> None:
    """End the server of the page, should the page have stopped before it did."""
    told = folder / "serve.pid"
    if told.exists():
        try:
            os.kill(int(told.read_text()), signal.SIGTERM)
        except ProcessLookupError:
            return


def _quoted(page: str) -> list[tuple[Any, Any]]:
    """Return (block that prints, block that quotes it) of a page, in order."""
    found, last = [], None
    for block in documents.blocks(ROOT / page):
        if block.kind == "text":
            found.append((last, block))
        else:
            last = block
    return found


def _holds(page: str, said: dict[int, str]) -> None:
    """Say that what a page quotes was printed, of the blocks that were run."""
    for before, quote in _quoted(page):
        for line in quote.text.splitlines() if before.line in said else ():
            assert " ".join(line.split()) in " ".join(said[before.line].split()), f"{page}:{quote.line}: {line}"


@pytest.mark.slow
def test_the_tutorial_leads_from_search_to_a_cited_report(
    main_job: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(main_job, tmp_path / "library")  # what `make run` gives
    try:
        _holds(PAGES[0][0], documents.do(ROOT / PAGES[0][0], tmp_path, "zh"))
    finally:
        _stop(tmp_path)
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "892458eb1c" in report
    assert "11527" in report
    for name in ("report.docx", "python.docx"):
        with zipfile.ZipFile(tmp_path / name) as package:
            assert "892458eb1c" in package.read("word/document.xml").decode()
    # the other page runs the same blocks (tested above): here only the commands whose words it quotes, in its language
    page = PAGES[1][0]
    spoken = {before.line: before for before, _ in _quoted(page) if before.kind == "sh"}
    assert len(spoken) == 6
    monkeypatch.chdir(tmp_path)
    _holds(page, {line: _in_process(block.text, capsys, monkeypatch) for line, block in spoken.items()})


def _in_process(text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what the commands of a block print in English; starting a process for each would take a minute."""
    monkeypatch.setattr(speech, "lang", "en")
    capsys.readouterr()
    for line in text.splitlines():
        command, _, allowed = line.partition(" || test $? -eq ")
        if command.startswith("factordb "):
            assert run(shlex.split(command)[1:]) == int(allowed or 0), line
    return capsys.readouterr().out
