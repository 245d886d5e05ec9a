"""Finding and comparing: search with facets, China and abroad, two releases, and the board of quality."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from factordb import Library, read_mapping
from factordb.api import make_api
from factordb.dashboard import home_beside_abroad, in_the_way, region_name, shares_of, standard_targets, tornado_of
from factordb.errors import ConflictError, NotFoundError
from factordb.publishing import PublishedReleases
from tests.conftest import AS_OF, SMALL_MAPPING, SMALL_TABLE
from tests.dashboards.conftest import Open
from tests.dashboards.test_dashboards_words import words


@pytest.fixture(scope="module")
def two_places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a library that released two products in China and, as other sources say, abroad; one pair compares."""
    folder = tmp_path_factory.mktemp("two_places")
    door = Library.open(folder / "library", create=True)
    mapping, table = folder / "m.toml", folder / "t.csv"
    for place, region, rows, boundary in (
        (0, "全国", "甲产品,{0},2024,1.25,kgCO2e/kg,8,a\n乙产品,{0},2024,2,kgCO2e/kg,8,b\n", "cradle_to_gate"),
        (1, "GLO", "甲产品,{0},2024,1.5,kgCO2e/kg,8,c\n", "cradle_to_gate"),
        (2, "GLO", "乙产品,{0},2024,3,kgCO2e/kg,8,d\n", "direct"),
    ):
        text = SMALL_MAPPING.replace('"small-table"', f'"table-{place}"').replace("cradle_to_gate", boundary)
        mapping.write_text(text, encoding="utf-8")
        table.write_text(SMALL_TABLE.splitlines()[0] + "\n" + rows.format(region), encoding="utf-8")
        pipeline, sources = read_mapping(mapping)
        door.intake(pipeline, [table], sources=sources, actor="tester")
    door.appraise(as_of=AS_OF, actor="tester")
    door.adopt(actor="tester", reason="test")
    door.release(actor="tester")
    return folder / "library"


def test_the_same_thing_at_home_and_abroad_is_compared_by_the_search(two_places: Path) -> None:
    found = home_beside_abroad(Library.open(two_places))
    pairs = {pair["factor"]["name_zh"]: pair["comparisons"][0] for pair in found["pairs"]}
    assert found["total"] == len(pairs) == 2
    assert (pairs["甲产品"]["second"]["region"], in_the_way(pairs["甲产品"])) == ("GLO", [])
    assert pairs["甲产品"]["difference"]["ratio"] == pytest.approx(1.25 / 1.5)
    assert in_the_way(pairs["乙产品"]) == ["boundary"]
    assert pairs["乙产品"]["difference"] is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pairs_are_shown_with_their_reasons(two_places: Path, page: Open, lang: str) -> None:
    app = page(two_places, "compare", lang)
    assert [one.value for one in (*app.exception, *app.error)] == []
    said = words(lang)
    cells = {str(cell) for row in app.dataframe[0].value.to_numpy() for cell in row}
    assert {"+20.0 %", said["comparewhy"]["boundary"], said["compare"]["comparable"]} <= cells
    name = home_beside_abroad(Library.open(two_places), "甲产品")["pairs"][0]["factor"]["factor_id"]
    one = page(two_places, "compare", lang, id=name)
    assert [each.value for each in (*one.exception, *one.error)] == []
    assert len(one.get("image")) == 1


def test_an_unpublished_candidate_is_found_where_candidates_are_asked(desk: Path, page: Open) -> None:
    door = Library.open(desk)
    row = next(one for one in door.waiting(limit=1000).to_pylist() if one["impact"] == 1)
    app = page(desk, "search", "en", scope="candidates", text=row["factor_id"])
    assert [one.value for one in (*app.exception, *app.error)] == []
    assert list(app.dataframe[0].value["Candidate id"]) == [row["candidate_id"]]
    assert door.search(row["factor_id"])["total"] == 0


@pytest.mark.parametrize("text", ["电力", "dianli", "electricity"])
def test_words_pinyin_and_english_find_the_same(desk: Path, text: str) -> None:
    door = Library.open(desk)
    found = door.search(text, limit=5)
    assert found["total"] > 0
    assert any("电力" in (row["name_zh"] or "") for row in found["hits"])


def test_facets_narrow_and_their_counts_are_what_is_left(desk: Path, page: Open) -> None:
    door = Library.open(desk)
    counts = door.search(limit=1)["facets"]["region"]
    region, count = next(iter(counts.items()))
    app = page(desk, "search", "en", region=region)
    assert [one.value for one in (*app.exception, *app.error)] == []
    assert any(f"{count} found" in one.value for one in app.caption)
    assert set(app.dataframe[0].value["Region"]) == {region_name(region, "en")}
    app.multiselect(key="facet.region").set_value([]).run()
    assert "region" not in app.query_params
    assert any(f"{door.search(limit=1)['total']} found" in one.value for one in app.caption)


def test_the_copied_calls_are_answered_by_the_api(desk: Path, page: Open) -> None:
    """Link, command, Python and API name one question: the API's answer is the page's."""
    app = page(desk, "search", "en", text="electricity", region="CN")
    calls = [one.value.removeprefix("GET ") for one in app.code if one.value.startswith("GET ")]
    assert len(calls) == 1
    with TestClient(make_api(PublishedReleases(desk / "releases", desk / "read_models"))) as api:
        told = api.get(calls[0]).json()
        shown = list(app.dataframe[0].value["Factor id"])
        assert [row["factor_id"] for row in told["data"]] == shown
        one = page(desk, "compare", "en", id=shown[0])
        call = next(each.value for each in one.code if each.value.startswith("GET "))
        assert api.get(call.removeprefix("GET ")).status_code == 200


def test_pages_of_a_search_hold_for_their_release(desk: Path, page: Open) -> None:
    door = Library.open(desk)
    first = door.search(limit=50)
    second = door.search(limit=50, cursor=first["next"])
    assert not {row["factor_id"] for row in first["hits"]} & {row["factor_id"] for row in second["hits"]}
    app = page(desk, "search", "en")
    next(one for one in app.button if one.label == "Next page").click().run()
    assert list(app.dataframe[0].value["Factor id"]) == [row["factor_id"] for row in second["hits"]]
    with pytest.raises(ConflictError):
        door.search(cursor="WyJvdGhlciIsIDAsIC0xXQ")
    app = page(desk, "search", "en", cursor="WyJvdGhlciIsIDAsIC0xXQ")
    assert [one.value for one in (*app.exception, *app.error)] == []


def test_a_release_nobody_built_is_a_sentence(desk: Path) -> None:
    with pytest.raises(NotFoundError):
        Library.open(desk).search(release="1999.1")


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
    assert {"+56.00 %", words(lang)["diff"]["beyond"]} <= cells


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
