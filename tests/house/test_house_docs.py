"""Generated pages are what their generators write; the hand-written ones hold what they promise."""

import re
from pathlib import Path

import pytest

from factordb import docs

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_page_of_sources_is_what_a_run_comes_to() -> None:
    written = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert docs.sources_page(ROOT) == written, "write it again: python -m factordb.docs"


def test_rows_of_the_page_of_sources_add_up() -> None:
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \|((?: [\d,]+ \|){10})$", text, re.MULTILINE)
    assert len(rows) >= 4
    for name, cells in rows:
        numbers = [int(cell.replace(",", "")) for cell in cells.split("|")[:-1]]
        came, staged, refused, candidates, passed, person, gaps, failed, promoted, held = numbers
        assert came == staged + refused, name
        assert candidates == passed + person + gaps + failed == promoted + held, name


def test_an_unknown_page_ends_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["nothing.md"]) == 2
    assert "choose one of" in capsys.readouterr().err


def test_check_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "PAGES", {"one.md": lambda _root: "new"})
    assert docs.main(["--check"]) == 1
    assert list((tmp_path / "docs").iterdir()) == []
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0


def test_the_glossary_has_eighty_terms_in_both_languages() -> None:
    text = (ROOT / "docs" / "naming.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text.split("词汇表")[1], re.MULTILINE)[2:]
    assert len(rows) >= 80
    assert all(re.search("[\u4e00-\u9fff]", zh) and not re.search("[\u4e00-\u9fff]", en) for zh, en, _ in rows)
    assert len({zh for zh, _, _ in rows}) == len(rows)


def test_every_test_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(test_\w+\.py)", text))
    assert named
    known = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named <= known
