"""The review desk: what was seen is what is decided on, many at once without conflicts, and nobody waits for a lock."""

import re
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from dashboards.choosing import table_key
from factordb import Library, read_mapping
from factordb.dashboard import case_page
from tests.conftest import AS_OF, SMALL_MAPPING, SMALL_TABLE
from tests.dashboards.conftest import Open
from tests.dashboards.test_dashboards_words import words

PEOPLE = (
    ("zhao", "丙公司", ["submitter"], []),
    ("qian", "甲院", ["assigner"], []),
    ("sun", "乙院", ["reviewer"], ["subject", "metadata"]),
    ("li", "丁院", ["reviewer"], ["uncertainty"]),
    ("zhou", "戊院", ["curator"], []),
)
HOSTILE = "<script>alert(1)</script> ![x](http://evil.example/p.png) \u202e9.0"


@pytest.fixture(scope="session")
def cases(once: Path) -> Path:
    """Return a reviewed library with two cases: both wait for sun, one for li too. Look, do not touch."""
    folder = once / "cases"
    with FileLock(once / "cases.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            mapping, table = folder / "small.toml", folder / "small.csv"
            mapping.write_text(SMALL_MAPPING, encoding="utf-8")
            table.write_text(SMALL_TABLE, encoding="utf-8")
            door = Library.open(folder / "library", create=True)
            door.add_person("root", organisation="甲院", roles=["administrator"])
            for name, organisation, roles, kinds in PEOPLE:
                door.add_person(name, organisation=organisation, roles=roles, kinds=kinds, actor="root")
            door.declare_mode("reviewed", actor="root")
            pipeline, sources = read_mapping(mapping)
            batch = door.intake(pipeline, [table], sources=sources, actor="zhao").batch_id
            door.appraise(as_of=AS_OF, actor="zhao")
            opened = door.open_cases(batch, actor="qian").cases
            door.assign(opened, "sun", "subject", actor="qian", due_on=date(2026, 12, 31))
            door.assign(opened[:1], "li", "uncertainty", actor="qian", due_on=date(2026, 12, 1))
            (folder / "done").touch()
    return folder / "library"


@pytest.fixture
def desk(cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the cases' library, the dashboard in development mode."""
    monkeypatch.setenv("FACTORDB_AUTH", "dev")
    return Path(shutil.copytree(cases, tmp_path / "library"))


def rows(library: Path, **query: str) -> list[dict[str, Any]]:
    found = case_page(Library.open(library), limit=100, offset=0, **query)["rows"]
    assert isinstance(found, list)
    return found


def table(library: Path, **query: str) -> str:
    asked = {"standing": "", "order": "impact", "person": "", "text": "", **query}
    version = Library.open(library).version() + "".join(row["seen"] for row in rows(library, **asked))
    return table_key("cases", edition=(str(library), version), page=1, query=asked)


def seated(page: Open, library: Path, person: str, lang: str = "en", **query: str) -> AppTest:
    app = page(library, "review", lang, **query)
    return app.selectbox(key="desk.choice").set_value(person).run()


def choose(app: AppTest, library: Path, *places: int, **query: str) -> None:
    app.session_state[table(library, **query)] = {"selection": {"rows": list(places), "columns": [], "cells": []}}
    app.run()


def pressed(app: AppTest, action: str, reason: str = "") -> AppTest:
    group = next(one for one in app.button_group if one.key and one.key.endswith(".action"))
    group.set_value(action).run()
    if reason:
        next(one for one in app.text_area if one.key and one.key.endswith(".reason")).set_value(reason)
    next(one for one in app.button if one.key and one.key.endswith(".do")).click().run()
    return app


def acts(library: Path, case_id: str) -> list[tuple[str, str]]:
    return [(one["action"], one["person_id"]) for one in Library.open(library).case(case_id)["log"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("person", ["", "zhao", "qian", "sun", "zhou", "root"])
def test_the_desk_is_drawn_for_everybody_in_either_language(desk: Path, page: Open, person: str, lang: str) -> None:
    app = seated(page, desk, person, lang)
    choose(app, desk, 0)
    assert [one.message for one in app.exception] == []
    assert [one.value for one in app.error] == []
    assert len(app.subheader) == 1
    offered = {one.key.rpartition(".")[2] for one in app.button_group if one.key}
    assert ("action" in offered) is (person not in {"", "root"})


def test_cases_stand_by_impact_or_by_deadline_and_by_person(desk: Path) -> None:
    by_deadline = rows(desk, order="deadline")
    assert [str(one["deadline"]) for one in by_deadline] == ["2026-12-01", "2026-12-31"]
    assert [one["case_id"] for one in rows(desk, person="li")] == [by_deadline[0]["case_id"]]
    assert len(rows(desk, person="sun")) == 2
    impacts = [one["impact"] for one in rows(desk)]
    assert impacts == sorted(impacts, reverse=True)
    assert [one["name_zh"] for one in rows(desk, text="乙产")] == ["乙产品"]


def test_an_approval_is_recorded_in_the_name_of_who_sits_there(desk: Path, page: Open) -> None:
    case = rows(desk)[0]["case_id"]
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    pressed(app, "approve")
    assert [one.value for one in app.error] == []
    assert acts(desk, case)[-1] == ("approve", "sun")
    assert any("approve: 1 done" in one.value for one in app.success)


def test_a_kept_position_never_approves_another_case(desk: Path, page: Open) -> None:
    """The trap: a browser keeps row 0 chosen while a filter puts another case there."""
    first, second = (row["case_id"] for row in rows(desk))
    other = next(row for row in rows(desk) if row["case_id"] == second)["name_zh"]
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    assert len(app.subheader) == 1
    app.text_input(key="text").set_value(other).run()
    assert [row["case_id"] for row in rows(desk, text=other)] == [second]
    assert len(app.subheader) == 0
    assert not [one for one in app.button if one.key and one.key.endswith(".do")]
    assert all(("approve", "sun") not in acts(desk, one) for one in (first, second))


def test_what_moved_meanwhile_is_not_decided_on(desk: Path, page: Open) -> None:
    row = rows(desk)[0]
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    next(one for one in app.button_group if one.key and one.key.endswith(".action")).set_value("approve").run()
    door = Library.open(desk)
    door.return_case([row["case_id"]], seen={row["case_id"]: row["seen"]}, reason="page is missing", actor="zhou")
    next(one for one in app.button if one.key and one.key.endswith(".do")).click().run()
    assert app.exception == []
    assert acts(desk, row["case_id"])[-1] == ("return", "zhou")


def test_many_are_approved_at_once_and_conflicts_are_left_out(desk: Path, page: Open) -> None:
    app = seated(page, desk, "li")
    choose(app, desk, 0, 1)
    pressed(app, "approve")
    approved = [row["case_id"] for row in rows(desk) if ("approve", "li") in acts(desk, row["case_id"])]
    assert approved == [row["case_id"] for row in rows(desk, order="deadline")][:1]
    assert len(app.warning) == 1, "the case that is not assigned to li is named"


def test_a_return_needs_words_and_the_letter_gives_them(desk: Path, page: Open) -> None:
    case = rows(desk)[0]["case_id"]
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    pressed(app, "return")
    assert len(app.error) == 1
    assert acts(desk, case)[-1][0] == "assign"
    door = Library.open(desk)
    door.comment(case, "补充出处页码", actor="sun", field="source_place")
    for lang in ("zh", "en"):
        letter = door.letter(case)[lang]
        assert "①" in letter
        assert "补充出处页码" in letter


def test_comments_are_kept_at_once_and_shown_as_text(desk: Path, page: Open) -> None:
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    app.text_area[-1].set_value(HOSTILE)
    next(one for one in app.button if one.label == "Add the comment").click().run()
    choose(app, desk, 0)
    shown = [str(one.value) for one in app.text]
    assert any("<script>" in one for one in shown), "the comment is shown"
    assert "\u202e" not in "".join(shown)
    left = "\n".join(re.sub(r"\\[!-/:-@\[-`{-~]", "", str(one.value)) for one in (*app.markdown, *app.caption))
    assert not re.search(r"<script|!\[|https?:|\u202e", left)


def test_a_case_goes_to_a_release_by_two_kinds_and_a_third_person(desk: Path, page: Open) -> None:
    case = rows(desk, order="deadline")[0]["case_id"]
    place = [row["case_id"] for row in rows(desk)].index(case)
    for person in ("sun", "li"):
        app = seated(page, desk, person)
        choose(app, desk, place)
        pressed(app, "approve")
        assert [one.value for one in app.error] == []
    app = seated(page, desk, "zhou")
    choose(app, desk, place)
    pressed(app, "adopt", reason="two kinds approve")
    assert [one.value for one in app.error] == []
    app = page(desk, "release", "en")
    app.selectbox(key="desk.choice").set_value("zhou").run()
    next(one for one in app.button if one.label == "Build").click().run()
    assert [one.value for one in app.error] == []
    assert len(Library.open(desk).releases()) == 1
    assert Library.open(desk).case(case)["state"] == "published"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_single_operator_adopted_is_handed_over_and_holds_the_release_back(
    small_library_copy: Path, page: Open, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("FACTORDB_AUTH", "dev")
    door = Library.open(small_library_copy)
    door.declare_mode("reviewed", actor="root")
    door.add_person("root", organisation="甲院", roles=["administrator"])
    for name, organisation, roles, kinds in (*PEOPLE, ("tester", "己院", ["submitter"], [])):
        door.add_person(name, organisation=organisation, roles=roles, kinds=kinds, actor="root")
    app = seated(page, small_library_copy, "qian", lang)
    next(one for one in app.button if one.label == words(lang)["review"]["carried_now"]).click().run()
    assert [one.value for one in app.error] == []
    opened = rows(small_library_copy)
    assert len(opened) > 1
    case = opened[0]["case_id"]
    for person, kind in (("sun", "subject"), ("li", "uncertainty")):
        door.assign([case], person, kind, actor="qian")
        seen = {row["case_id"]: row["seen"] for row in rows(small_library_copy)}
        door.approve([case], kind, seen=seen, actor=person)
    app = seated(page, small_library_copy, "zhou", lang)
    choose(app, small_library_copy, [one["case_id"] for one in rows(small_library_copy)].index(case))
    pressed(app, "adopt", reason="two kinds approve")
    said = words(lang)["review"]["waiting"].format(count=len(opened) - 1, release="2026.1")
    assert said in [one.value for one in app.warning]


def test_a_reviewer_does_not_decide(desk: Path, page: Open) -> None:
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    group = next(one for one in app.button_group if one.key and one.key.endswith(".action"))
    assert "adopt" not in "\n".join(map(str, group.options))


HOLDER = """
import sys, time, duckdb
from pathlib import Path
from factordb import Library
door = Library.open(Path(sys.argv[1]))
with door._writing(), duckdb.connect(str(door.workspace.factors)) as held:
    held.execute("BEGIN"); held.execute("CREATE TABLE of_a_running_pipeline(x INT)")
    print("holding", flush=True)
    sys.stdin.readline()
    held.execute("ROLLBACK")
"""


def test_a_running_pipeline_blocks_no_reviewer(desk: Path, page: Open) -> None:
    """Another process holds the writer's lock and an open write transaction on the data file."""
    case = rows(desk)[0]["case_id"]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(desk)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline().strip() == "holding"
        begun = time.monotonic()
        app = seated(page, desk, "sun")
        choose(app, desk, 0)
        pressed(app, "approve")
        took = time.monotonic() - begun
        assert [one.value for one in (*app.error, *app.exception)] == []
        assert acts(desk, case)[-1] == ("approve", "sun")
        assert took < 20, "five runs of the page, and no wait for a lock among them"
    finally:
        holder.communicate("\n", timeout=30)


def test_a_reviewer_at_the_desk_blocks_no_pipeline(desk: Path, page: Open, tmp_path: Path) -> None:
    app = seated(page, desk, "sun")
    choose(app, desk, 0)
    mapping, other = tmp_path / "m.toml", tmp_path / "other.csv"
    mapping.write_text(SMALL_MAPPING, encoding="utf-8")
    other.write_text(SMALL_TABLE.replace("1.25", "1.27"), encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    door = Library.open(desk)
    assert not door.intake(pipeline, [other], sources=sources, actor="zhao").already
    assert door.appraise(as_of=AS_OF, actor="zhao") is not None
    app.run()
    assert [one.value for one in (*app.error, *app.exception)] == []
