"""The README and the tutorials do what they say: their blocks are run in order, in an empty folder."""

import os
import re
from pathlib import Path

import pytest

from tests import documents

ROOT = Path(__file__).parents[1]
LANGS = ["zh", "en"] if os.environ.get("FACTORDB_TEST_WHOLE") else ["zh"]
"""The same blocks in the other language take two minutes more: by hand, before a release."""
PAGES = ["README.md", "docs/tutorial.md", "docs/tutorial.en.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_of_a_known_kind(page: str) -> None:
    kinds = {block.kind for block in documents.blocks(ROOT / page)}
    assert kinds
    assert kinds <= documents.KINDS


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGS)
def test_the_readme_does_what_it_says(tmp_path: Path, lang: str) -> None:
    said = "\n".join(documents.do(ROOT / "README.md", tmp_path, lang).values())
    rows, refused = (
        ("读入 5 行 = 入库 3 + 退回 2", "PLA002") if lang == "zh" else ("5 rows in = 3 staged + 2 refused", "PLA002")
    )
    assert rows in said
    assert refused in said
    assert (tmp_path / "library" / "releases" / "2026.2" / "people" / "release.xlsx").exists()
    assert "2026.1" in said
    assert (tmp_path / "mapping.toml").read_text(encoding="utf-8").startswith("#")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "lang"), [("docs/tutorial.md", "zh"), ("docs/tutorial.en.md", "en")])
def test_the_tutorial_does_what_it_says(tmp_path: Path, page: str, lang: str) -> None:
    said = documents.do(ROOT / page, tmp_path, lang)
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in documents.blocks(ROOT / page):
        if block.kind == "text":  # what the page says the block before it prints
            before = max(line for line in said if line < block.line)
            for line in block.text.splitlines():
                assert " ".join(line.split()) in " ".join(said[before].split()), f"{page}:{block.line}: {line}"
    assert text.count("```text") >= 3


def test_the_windows_lines_name_what_exists() -> None:
    lines = next(block.text for block in documents.blocks(ROOT / "README.md") if block.kind == "bat")
    assert (ROOT / "requirements" / "run.txt").exists()
    assert "requirements\\run.txt" in lines
    assert len(lines.strip().splitlines()) == 2


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/naming.md"])
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert not missing


def test_the_readme_says_what_a_newcomer_must_know() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for fact in ("factordb-pycli", "single-operator", "Apache-2.0", "make run", "make test"):
        assert fact in text
