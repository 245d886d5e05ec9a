"""The tutorial for curators does what it says: its blocks are run in order, in an empty folder.

Both pages hold the same blocks; the second language is run by hand (FACTORDB_TEST_WHOLE), and done in the browser.
"""

import json
import os
from pathlib import Path

import pytest

from tests import documents

ROOT = Path(__file__).parents[1]
PAGES = [("docs/tutorial-curate.md", "zh"), ("docs/tutorial-curate.en.md", "en")]


@pytest.mark.parametrize(("page", "_lang"), PAGES)
def test_every_block_is_of_a_known_kind_and_both_pages_run_the_same(page: str, _lang: str) -> None:
    blocks = documents.blocks(ROOT / page)
    assert {block.kind for block in blocks} <= documents.KINDS
    run = [block.text for block in blocks if block.kind != "text"]
    assert run == [block.text for block in documents.blocks(ROOT / PAGES[0][0]) if block.kind != "text"]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "lang"), PAGES if os.environ.get("FACTORDB_TEST_WHOLE") else PAGES[:1])
def test_the_tutorial_leads_to_two_releases_that_an_outsider_verifies(tmp_path: Path, page: str, lang: str) -> None:
    said = documents.do(ROOT / page, tmp_path, lang)
    for block in documents.blocks(ROOT / page):
        if block.kind == "text":  # what the page says the block before it prints
            before = max(line for line in said if line < block.line)
            for line in block.text.splitlines():
                assert " ".join(line.split()) in " ".join(said[before].split()), f"{page}:{block.line}: {line}"
    first, second = (tmp_path / "outsider" / name for name in ("2026.1", "2026.2"))
    assert len((first / "overrides.csv").read_text(encoding="utf-8").splitlines()) == 2
    facts = json.loads((second / "attestation" / "release.dsse.json").read_text(encoding="utf-8"))
    assert len(facts["signatures"]) == 2
