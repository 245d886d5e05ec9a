import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.choosing import table_key
from dashboards.places import SECTIONS
from factordb import Library
from tests.dashboards.conftest import HOSTILE, Open
from tests.dashboards.test_dashboards_words import words

# pandas is asked by Streamlit how to show a column of mixed content
pytestmark = pytest.mark.filterwarnings("error")

PAGES = tuple(name for names in SECTIONS.values() for name in names)
LANGUAGES = ("zh", "en")
SECTIONS_OF_WORDS = "|".join(words("en"))
RAW_KEY = re.compile(rf"\b({SECTIONS_OF_WORDS})\.[a-z_]+\b")
OF_A_FACTOR = ("factor", "uncertainty", "trace")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUERY_COLUMNS = {"zh": ("名称", "数值"), "en": ("Name", "Value")}


def texts(app: AppTest) -> list[str]:
    """Return every text that the page shows outside tables."""
    shown = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption, *app.text, *app.info, *app.success]
    return [str(one.value) for one in (*shown, *app.error)]


def sound(app: AppTest) -> None:
    """Say that the page was drawn: no exception, no fault in words, no raw key."""
    assert [one.value for one in app.exception] == []
    assert [one.value for one in app.error] == []
    assert [text for text in texts(app) if RAW_KEY.search(text)] == []


def a_derived_one(library: Path) -> dict[str, Any]:
    rows = Library.open(library).queue(limit=2000, pipeline="cn-national-db").to_pylist()
    return next(row for row in rows if row["basis"] == "derived")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_drawn_in_either_language(desk: Path, page: Open, name: str, lang: str) -> None:
    query = {"id": a_derived_one(desk)["candidate_id"]} if name in OF_A_FACTOR else {}
    app = page(desk, name, lang, **query)
    sound(app)
    assert app.title[0].value == words(lang)["page"][name]
    assert any({"zh": "只读", "en": "Read only"}[lang] in text for text in texts(app))


@pytest.mark.parametrize("name", PAGES)
def test_labels_are_in_the_readers_language_alone(desk: Path, page: Open, name: str) -> None:
    app = page(desk, name, "en")
    labels = [one.label for kind in ("selectbox", "text_input", "metric", "button") for one in app.get(kind)]
    assert [label for label in labels if CHINESE.search(label)] == []
    assert [one.value for one in app.caption if CHINESE.search(one.value)] == []


def test_the_language_of_the_url_wins_and_stays(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en")
    assert app.query_params["lang"] == ["en"] or app.query_params["lang"] == "en"
    app.button_group(key="lang").set_value("zh").run()
    assert app.title[0].value == "待办"
    app.switch_page("views/release.py").run()
    assert app.title[0].value == "发布"


def test_the_language_the_server_was_started_with_counts_before_a_choice(
    desk: Path, page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORDB_LANG", "en")
    assert page(desk, "todo").title[0].value == "To do"


def test_a_language_nobody_speaks_here_is_not_taken(desk: Path, page: Open) -> None:
    assert page(desk, "todo", "fr").title[0].value == "待办"


def test_filters_come_from_the_url_and_narrow_the_queue(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en", verdict="insufficient", pipeline="cn-national-db")
    sound(app)
    assert app.selectbox(key="verdict").value == "insufficient"
    expected = Library.open(desk).waiting(verdict="insufficient", pipeline="cn-national-db").to_pylist()
    shown = app.dataframe[-1].value
    assert len(shown) == len(expected) > 0
    assert list(shown["Name"]) == [row["name_en"] or row["name_zh"] for row in expected]


def test_a_filter_that_names_nothing_known_is_no_filter(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en", verdict="<script>")
    sound(app)
    assert app.selectbox(key="verdict").value == ""


def test_a_filter_that_nothing_meets_says_so(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en", text="no such name at all")
    sound(app)
    assert [one.value for one in app.info] == ["No candidate meets these filters. Loosen one."]
    nothing = [one for one in app.caption if one.value == "There is none."]
    assert len(app.dataframe) + len(nothing) == 2, "waiting times and what is due"


def test_pages_of_the_queue_are_cut_by_the_library(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en", page="2")
    sound(app)
    rows = Library.open(desk).waiting(limit=100, offset=100).to_pylist()
    assert list(app.dataframe[-1].value["Value"]) == [row["value_text"] for row in rows]
    beyond = page(desk, "todo", "en", page="9999")
    sound(beyond)
    assert len(beyond.dataframe[-1].value) > 0


@pytest.mark.parametrize("order", ["impact", "deadline", "verdict"])
def test_the_to_do_list_stands_as_its_url_says(desk: Path, page: Open, order: str) -> None:
    app = page(desk, "todo", "en", order=order)
    sound(app)
    rows = Library.open(desk).waiting(order=order).to_pylist()
    assert list(app.dataframe[-1].value["Name"]) == [row["name_en"] or row["name_zh"] for row in rows]
    if order == "impact":
        assert [row["impact"] for row in rows] == sorted((row["impact"] for row in rows), reverse=True)
    if order == "deadline":
        due = [row["due_on"] for row in rows if row["due_on"]]
        assert due == sorted(due)


def test_waiting_times_count_every_candidate(desk: Path, page: Open) -> None:
    app = page(desk, "todo", "en")
    waiting = app.dataframe[0].value
    assert waiting["Candidates"].sum() == Library.open(desk).queue(limit=1)["total"][0].as_py()
    assert "a decision to adopt" in set(waiting["Waits for"])


def chosen_key(library: Path, **query: str) -> str:
    filters = {"order": "impact", "verdict": "", "pipeline": "", "code": "", "text": "", **query}
    version = Library.open(library).version()
    return table_key("queue", edition=(str(library), version), page=1, query=filters)


def choose(app: AppTest, key: str, place: int) -> None:
    app.session_state[key] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chosen_candidate_is_shown_with_its_findings(desk: Path, page: Open, lang: str) -> None:
    app = page(desk, "todo", lang, verdict="needs_person")
    choose(app, chosen_key(desk, verdict="needs_person"), 0)
    sound(app)
    row = Library.open(desk).waiting(verdict="needs_person", limit=1).to_pylist()[0]
    finding = Library.open(desk).factor(row["candidate_id"])["finding"][0]
    assert any(finding["code"] in text for text in texts(app))
    words = {"zh": ("为什么查", "如何处理"), "en": ("Why it is asked", "How to mend it")}[lang]
    assert all(any(word in text for text in texts(app)) for word in words)


def test_a_kept_position_never_chooses_another_candidate(desk: Path, page: Open) -> None:
    """The trap: a browser keeps row 2 chosen while a filter puts another candidate there."""
    place, door = 2, Library.open(desk)
    before = door.waiting(limit=100).to_pylist()[place]
    after = door.waiting(limit=100, verdict="pass").to_pylist()[place]
    assert before["candidate_id"] != after["candidate_id"]
    app = page(desk, "todo", "en")
    choose(app, chosen_key(desk), place)
    assert len(app.subheader) == 1
    app.selectbox(key="verdict").set_value("pass").run()
    sound(app)
    assert len(app.subheader) == 0
    app.selectbox(key="verdict").set_value("").run()
    assert len(app.subheader) == 0 or app.subheader[0].value.replace("\\", "") == before["name_en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_factor_shows_value_interval_rating_trail_and_every_check(desk: Path, page: Open, lang: str) -> None:
    row = a_derived_one(desk)
    app = page(desk, "factor", lang, id=row["candidate_id"])
    sound(app)
    shown = "\n".join(texts(app)).replace("\\", "")
    parts = Library.open(desk).factor(row["candidate_id"])
    assert row["value_text"] in shown
    assert all(one["value_text"] in shown and one["place"] in shown for one in parts["recipe_input"])
    assert len(app.get("image")) == 3
    outcomes = app.dataframe[0].value
    assert len(outcomes) == len(parts["outcome"])
    not_asked = {"zh": "未检查", "en": "not asked"}[lang]
    assert (outcomes.iloc[:, 1] == not_asked).sum() == sum(one["outcome"] == "not_asked" for one in parts["outcome"])


def test_a_factor_nobody_knows_is_a_sentence_and_a_remedy(desk: Path, page: Open) -> None:
    app = page(desk, "factor", "en", id="nothing-like-it")
    assert [one.value for one in app.exception] == []
    assert len(app.error) == 1
    assert "How to mend it" in app.error[0].value


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_release_names_its_approval_its_rows_and_its_files(desk: Path, page: Open, lang: str) -> None:
    app = page(desk, "release", lang)
    sound(app)
    statement = {"zh": "单人批准", "en": "declared by one person"}[lang]
    assert statement in app.info[0].value.replace("\\", "")
    promoted, changes, files = (one.value for one in app.dataframe)
    assert len(promoted) > 0
    assert len(changes) > 0
    assert set(files.iloc[:, 0]) >= {"changes.csv", "data/factors.parquet", "people/release.xlsx"}
    app.button[0].click().run()
    sound(app)
    assert len(app.success) == 1


def test_a_changed_file_is_seen_when_a_release_is_verified(desk_copy: Path, page: Open) -> None:
    app = page(desk_copy, "release", "en")
    release = Library.open(desk_copy).releases()[-1]["release_id"]
    (desk_copy / "releases" / release / "changes.csv").write_text("altered", encoding="utf-8")
    app.button[0].click().run()
    assert app.exception == []
    assert any("changes" in one.value for one in app.error)
    assert len(app.success) == 0


def test_another_table_of_the_release_starts_at_its_first_page(desk: Path, page: Open) -> None:
    app = page(desk, "release", "en", table="gas_factors", page="3")
    sound(app)
    app.button_group(key="table").set_value("parameters").run()
    sound(app)
    assert "page" not in app.query_params


def test_rows_in_are_rows_staged_and_refused(desk: Path, page: Open) -> None:
    app = page(desk, "batches", "en")
    sound(app)
    batches = Library.open(desk).batches()
    shown = app.dataframe[0].value
    assert list(shown["Rows in"]) == list(shown["Rows staged"] + shown["Rows refused"])
    assert list(shown["Rows in"]) == [one["rows_in"] for one in batches]
    refused = app.dataframe[1].value
    assert set(refused["Code of rule"]) == {row["code"] for row in Library.open(desk).refused().to_pylist()}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["todo", "batches", "release"])
def test_an_empty_library_says_what_to_do(tmp_path: Path, page: Open, name: str, lang: str) -> None:
    Library.open(tmp_path / "empty", create=True)
    app = page(tmp_path / "empty", name, lang)
    assert [one.value for one in app.exception] == []
    assert any("factordb run" in text.replace("\\", "") for text in texts(app))


def unescaped(text: str) -> str:
    """Return `text` without its escaped marks: what is left may mean something to Markdown."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", text)


@pytest.mark.parametrize("name", PAGES)
def test_submitted_text_means_nothing_to_markdown(hostile_library: Path, page: Open, name: str) -> None:
    rows = Library.open(hostile_library).waiting().to_pylist()
    assert sorted(row["name_en"] for row in rows) == sorted(HOSTILE)
    for row in rows:
        app = page(hostile_library, name, "en", **({"id": row["candidate_id"]} if name == "factor" else {}))
        if name == "todo":
            choose(app, chosen_key(hostile_library), rows.index(row))
        sound(app)
        markdown = [*app.markdown, *app.caption, *app.subheader, *app.info]
        left = "\n".join(unescaped(str(one.value)) for one in markdown)
        assert not re.search(r"<|!\[|\]\(|\$|https?:|www\.|\u202e", left), left
        if name in {"todo", "factor"}:
            assert any(re.search("script|evil|bold", str(one.value)) for one in markdown)
        assert "\u202e" not in "\n".join(str(one.value) for one in app.text)
