"""The tutorial for submitters does what it says, on the real logs of a lake; both pages hold the same blocks."""

import json
import shutil
from pathlib import Path

import pytest

from tests import documents

ROOT = Path(__file__).parents[1]
PAGES = [("docs/tutorial-submit.md", "zh"), ("docs/tutorial-submit.en.md", "en")]


@pytest.mark.parametrize(("page", "_lang"), PAGES)
def test_every_block_of_the_submitters_tutorial_is_the_same_on_both_pages(page: str, _lang: str) -> None:
    blocks = documents.blocks(ROOT / page)
    assert {block.kind for block in blocks} <= documents.KINDS
    assert [block.text for block in blocks] == [block.text for block in documents.blocks(ROOT / PAGES[0][0])]


@pytest.mark.slow
def test_the_tutorial_leads_real_data_to_t2_demonstration_to_t4_and_a_forgery_to_its_refusal(
    shared: Path, tmp_path: Path
) -> None:
    page, lang = PAGES[1]  # both pages hold the same blocks, quotes too, as the test above says
    shutil.copytree(ROOT / "data" / "examples", tmp_path / "data" / "examples")
    (tmp_path / "surge").mkdir()
    for path in (shared / "data" / "epa_surge" / "CH4_148_Keystone_Lake").iterdir():
        shutil.copyfile(path, tmp_path / "surge" / path.name)
    said = documents.do(ROOT / page, tmp_path, lang)
    for block in documents.blocks(ROOT / page):
        if block.kind == "text":  # what the page says the block before it prints
            before = max(line for line in said if line < block.line)
            for line in block.text.splitlines():
                assert " ".join(line.split()) in " ".join(said[before].split()), f"{page}:{block.line}: {line}"
    assert json.loads((tmp_path / "trail.json").read_text(encoding="utf-8"))["entity"]
