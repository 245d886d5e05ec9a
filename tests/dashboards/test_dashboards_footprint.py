"""The page of trial footprints: templates, findings, result and report of an uploaded inventory, in both languages."""

from pathlib import Path

import pytest

from factordb import Library
from factordb.dashboard.footprints import report_bytes, template_bytes, trial_uploaded
from factordb.errors import FactorDBError
from tests.dashboards.conftest import HOSTILE, Open
from tests.dashboards.test_dashboards_pages import sound, texts


@pytest.mark.parametrize(
    ("lang", "ending", "words"), [("zh", "toml", "每 1 t"), ("en", "xlsx", "carbon footprint of 1 t")]
)
def test_an_uploaded_inventory_shows_findings_result_and_reports(
    desk: Path, page: Open, lang: str, ending: str, words: str
) -> None:
    app = page(desk, "footprint", lang)
    sound(app)
    assert len(app.get("download_button")) == 2
    content = template_bytes(ending, lang)
    app.get("file_uploader")[0].set_value((f"mine.{ending}", content, "application/octet-stream")).run()
    sound(app)
    found = trial_uploaded(Library.open(desk), f"mine.{ending}", content)
    assert words in " ".join(texts(app))
    assert [one.value for one in app.metric] == [f"{one['value']:,.5g} kgCO2e" for one in found["results"].values()]
    assert list(app.dataframe[0].value.iloc[:, 0]) == [one["code"] for one in found["findings"]]
    assert len(app.dataframe[-1].value) == len(found["factors"])
    assert len(app.get("download_button")) == 4
    assert report_bytes(found, "docx", lang)[:2] == b"PK"


def test_a_blocked_inventory_shows_why_and_no_result(desk: Path, page: Open) -> None:
    app = page(desk, "footprint", "en")
    content = template_bytes("toml", "en").replace(b"GEC-2024-000002", b"GEC-2024-000001")
    app.get("file_uploader")[0].set_value(("mine.toml", content, "text/plain")).run()
    sound(app)
    assert "TRL020" in set(app.dataframe[0].value.iloc[:, 0])
    assert any("must be repaired" in one.value for one in app.warning)
    assert not app.metric


def test_hostile_words_stay_words_and_rubbish_is_a_sentence(desk: Path, page: Open) -> None:
    library = Library.open(desk)
    for content in (b"\xff\xfe\x00", b"[study", b"[study]\nname = 1\nunkown = 2\n"):
        with pytest.raises(FactorDBError) as fault:
            trial_uploaded(library, "mine.toml", content)
        assert all(fault.value.words("zh"))
    app = page(desk, "footprint", "zh")
    told = template_bytes("toml", "zh").decode().replace('name = "电解铝"', f"name = '{HOSTILE[1]}'")
    app.get("file_uploader")[0].set_value(("mine.toml", told.encode(), "text/plain")).run()
    sound(app)
    assert not any("![pixel]" in one.value for one in app.markdown)
