"""Finding and comparing: search with facets, China and abroad, two releases, and the board of quality."""

from pathlib import Path
from typing import Any

import pytest

from factordb import Library, read_mapping
from factordb.dashboard import find, shares_of, standard_targets, tornado_of
from factordb.errors import ConflictError, NotFoundError
from tests.conftest import AS_OF, SMALL_MAPPING, SMALL_TABLE
from tests.dashboards.conftest import Open
from tests.dashboards.test_dashboards_words import words


def both(library: Path, place: str, abroad: str, **changed: str) -> dict[str, Any]:
    """Return the one pair of a library that holds a product in China and, as another source says, abroad."""
    door = Library.open(library, create=True)
    mapping, table = library.parent / "m.toml", library.parent / "t.csv"
    for number, (region, value) in enumerate((("全国", "1.25"), (place, abroad))):
        text = SMALL_MAPPING.replace('"small-table"', f'"table-{number}"')
        for old, new in changed.items() if number else ():
            text = text.replace(old, new)
        mapping.write_text(text, encoding="utf-8")
        row = f"甲产品,{region},2024,{value},kgCO2e/kg,8,表1第1行\n"
        table.write_text(SMALL_TABLE.splitlines()[0] + "\n" + row, encoding="utf-8")
        pipeline, sources = read_mapping(mapping)
        door.intake(pipeline, [table], sources=sources, actor="tester")
    door.appraise(as_of=AS_OF, actor="tester")
    found = door.home_and_abroad().to_pylist()
    assert len(found) == 1
    return dict(found[0])


def test_the_same_thing_at_home_and_abroad_is_compared_in_one_unit(tmp_path: Path) -> None:
    found = both(tmp_path / "library", "GLO", "1.5")
    assert (found["home_region"], found["abroad_region"], found["differs"]) == ("CN", "GLO", [])
    assert found["relative"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('boundary = "cradle_to_gate"', 'boundary = "direct"', "boundary"),
        ('gwp_set = "AR6"', 'gwp_set = "AR5"', "gwp_set"),
    ],
)
def test_what_cannot_be_compared_says_why_and_has_no_difference(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    found = both(tmp_path / "library", "GLO", "1.5", **{old: new})
    assert found["differs"] == [reason]
    assert found["relative"] is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pairs_are_shown_with_their_reasons(desk: Path, page: Open, lang: str) -> None:
    app = page(desk, "compare", lang)
    assert [one.value for one in (*app.exception, *app.error)] == []
    assert app.title[0].value == words(lang)["page"]["compare"]


@pytest.mark.parametrize("text", ["电力", "dianli", "electricity"])
def test_words_pinyin_and_english_find_the_same(desk: Path, text: str) -> None:
    door = Library.open(desk)
    found = find(door, text, {}, limit=5)
    assert found["total"] > 0
    assert any("电力" in (row["name_zh"] or "") for row in found["hits"])


def test_facets_narrow_and_their_counts_are_what_is_left(desk: Path, page: Open) -> None:
    door = Library.open(desk)
    counts = find(door, "", {}, limit=1)["facets"]["region"]
    region, count = next(iter(counts.items()))
    app = page(desk, "search", "en", region=region)
    assert [one.value for one in (*app.exception, *app.error)] == []
    assert any(f"{count} found" in one.value for one in app.caption)
    assert set(app.dataframe[0].value["Region"]) == {region}
    app.multiselect(key="facet.region").set_value([]).run()
    assert "region" not in app.query_params
    assert any(f"{find(door, '', {}, limit=1)['total']} found" in one.value for one in app.caption)


def test_pages_of_a_search_hold_for_their_release(desk: Path, page: Open) -> None:
    door = Library.open(desk)
    first = find(door, "", {}, limit=50)
    second = find(door, "", {}, limit=50, cursor=first["next"])
    assert not {row["factor_id"] for row in first["hits"]} & {row["factor_id"] for row in second["hits"]}
    app = page(desk, "search", "en")
    next(one for one in app.button if one.label == "Next page").click().run()
    assert list(app.dataframe[0].value["Factor id"]) == [row["factor_id"] for row in second["hits"]]
    with pytest.raises(ConflictError):
        find(door, "", {}, cursor="WyJvdGhlciIsIDAsIC0xXQ")
    app = page(desk, "search", "en", cursor="WyJvdGhlciIsIDAsIC0xXQ")
    assert [one.value for one in (*app.exception, *app.error)] == []


def test_a_release_nobody_built_is_a_sentence(desk: Path) -> None:
    with pytest.raises(NotFoundError):
        find(Library.open(desk), "", {}, release="1999.1")


@pytest.mark.parametrize("hostile", ["<script>", "![](http://x)", "\u202e", "a OR b:*", '"', "\\", "(" * 400])
def test_hostile_questions_are_only_words(desk: Path, page: Open, hostile: str) -> None:
    app = page(desk, "search", "en", text=hostile, region="<b>nowhere</b>")
    assert app.exception == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_releases_are_told_apart(tmp_path: Path, page: Open, lang: str) -> None:
    door = Library.open(tmp_path / "library", create=True)
    mapping, table = tmp_path / "m.toml", tmp_path / "t.csv"
    mapping.write_text(SMALL_MAPPING, encoding="utf-8")
    for text in (SMALL_TABLE, SMALL_TABLE.replace("1.25", "1.95")):
        table.write_text(text, encoding="utf-8")
        pipeline, sources = read_mapping(mapping)
        door.intake(pipeline, [table], sources=sources, actor="tester")
        door.appraise(as_of=AS_OF, actor="tester")
        door.adopt(actor="tester", reason="test")
        door.release(actor="tester")
    app = page(tmp_path / "library", "diff", lang)
    assert [one.value for one in (*app.exception, *app.error)] == []
    shown = app.dataframe[0].value
    cells = {str(cell) for row in shown.to_numpy() for cell in row}
    assert {"+56.00%", words(lang)["diff"]["beyond"]} <= cells


def test_shares_of_the_board_count_every_candidate(desk: Path) -> None:
    door = Library.open(desk)
    everything = door.queue(limit=1)["total"][0].as_py()
    board = {name: table.to_pylist() for name, table in door.quality(2026).items()}
    for name in ("coverage", "ages", "sureness", "bands"):
        assert sum(row["candidates"] for row in board[name]) == everything, name
    eligible = {name: sum(row["eligible"] for row in board[name]) for name in ("coverage", "ages", "sureness", "bands")}
    assert len(set(eligible.values())) == 1


def test_targets_have_their_ground_in_both_languages() -> None:
    assert [(one["year"], one["standards"]) for one in standard_targets()] == [(2027, 100), (2030, 200)]
    assert all(one[f"basis_{lang}"] for one in standard_targets() for lang in ("zh", "en"))


def test_a_tornado_is_drawn_of_derived_values_alone(desk: Path) -> None:
    door = Library.open(desk)
    rows = door.queue(limit=2000).to_pylist()
    derived = next(row for row in rows if row["basis"] == "derived")
    read = next(row for row in rows if row["basis"] == "reported")
    picture = tornado_of(door.factor(derived["candidate_id"]), "zh")
    inputs = door.factor(derived["candidate_id"])["recipe_input"]
    assert all(one["name"] in picture for one in inputs)
    assert tornado_of(door.factor(read["candidate_id"]), "zh") == ""


def test_bars_print_their_numbers() -> None:
    assert "31.1 %" in shares_of({"来源给出": 0.311, "无": 0.689}, "占比")
    assert shares_of({}, "占比") == ""
