"""docs/uncertainty.md is what the generator writes, and every published figure is met."""

from pathlib import Path

import pytest

from factordb.uncertainty import proof
from factordb.uncertainty.evaluation_report import evaluation_report
from factordb.uncertainty.model_file import Reference, read_model
from factordb.uncertainty.proof import Line, lines, page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found() -> list[Line]:
    return lines(ROOT)


def test_every_published_figure_is_met(found: list[Line]) -> None:
    assert len(found) > 140
    assert [line for line in found if not line.agrees] == []


def test_the_page_is_the_generators(found: list[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "lines", lambda _root: found)
    written = (ROOT / "docs" / "uncertainty.md").read_text(encoding="utf-8")
    assert page(ROOT) == written, "write it again: python -m factordb.uncertainty.proof"


def test_the_asked_publications_are_there(found: list[Line]) -> None:
    sources = " ".join(line.reference.source for line in found)
    for asked in ("9.2", "9.3", "9.4", "9.5", "H.1", "H.2", "NumAcc4", "Ishigami", "g-function", "E691", "BCG"):
        assert asked in sources


def test_the_model_shown_in_the_page_is_one() -> None:
    text = (ROOT / "docs" / "uncertainty.md").read_text(encoding="utf-8")
    shown = text.split("```toml\n")[1].split("```")[0]
    report = evaluation_report(shown)
    assert report.facts["value"] == pytest.approx(102.334 * 0.53, rel=0.01)
    assert read_model(shown).references[0].value == "0.0754"


def test_a_wrong_figure_would_be_seen() -> None:
    reference = Reference("source", "gum", "u", "0.0754")
    assert Line("c", "u", "gum", reference, 0.07544).agrees
    assert not Line("c", "u", "gum", reference, 0.07547).agrees
    row = proof._table([Line("c", "u", "gum", reference, 0.0761)]).splitlines()[-1]
    assert "**✗**" in row
    assert "| 0.0754 | 0.07610 | 0.0007 |" in row
