"""Search over the shipped release, in both languages, and its pages, filters and refusals."""

from pathlib import Path

import pytest

from factordb import Library
from factordb.errors import ConflictError, NotFoundError, UsageError
from factordb.searching import ReleasedFactors
from tests.selection.conftest import Made, row

QUESTIONS = """
question,                            holds,                     name found
电力,                                 全国电力平均,              2024年全国电力平均碳足迹因子
electricity,                         national average,          2024年全国电力平均碳足迹因子
electric power,                      synonym,                   2024年全国电力平均碳足迹因子
grid electricity 2024,               words and year,            2024年全国电力平均碳足迹因子
电力 江苏,                            product and place,         2023年江苏电力平均二氧化碳排放因子
Jiangsu electricity,                 place in English,          2023年江苏电力平均二氧化碳排放因子
dl,                                  initials,                  2024年全国电力平均碳足迹因子
dianli,                              full pinyin,               2024年全国电力平均碳足迹因子
天然气,                               product,                   天然气:天然气
natural gas,                         English,                   天然气:天然气
trq,                                 initials,                  天然气:天然气
tianranqi,                           full pinyin,               天然气:天然气
天燃气,                               written by its sound,      天然气:天然气
natral gas,                          misspelt,                  天然气:天然气
水泥,                                 two characters,            熟料生产过程:硅酸盐水泥熟料
cement clinker,                      English,                   熟料生产过程:硅酸盐水泥熟料
shuini,                              full pinyin,               熟料生产过程:硅酸盐水泥熟料
clinkr,                              misspelt,                  熟料生产过程:硅酸盐水泥熟料
铝,                                   one character,             铝:未锻轧铝(原铝)
aluminium,                           English,                   铝:未锻轧铝(原铝)
aluminum,                            American,                  铝:未锻轧铝(原铝)
alumnium,                            misspelt,                  铝:未锻轧铝(原铝)
电解铝,                               synonym of 原铝,           铝:未锻轧铝(原铝)
光伏,                                 part of a name,            2024年光伏发电碳足迹因子
solar pv,                            synonym,                   2024年光伏发电碳足迹因子
ＣＯＡＬ power,                        full width,                2024年燃煤发电碳足迹因子
柴油,                                 product,                   柴油
diesel,                              English,                   柴油
"""


def _rows() -> list[tuple[str, str]]:
    lines = [line.split(",") for line in QUESTIONS.strip().splitlines()[1:]]
    return [(line[0].strip(), line[2].strip()) for line in lines]


@pytest.mark.parametrize(("question", "name"), _rows())
def test_a_question_finds_what_it_means(shipped: ReleasedFactors, question: str, name: str) -> None:
    hits = shipped.search(question, limit=100)["hits"]
    assert any(name in hit["name_zh"] for hit in hits[:20]), [hit["name_zh"] for hit in hits[:20]]


def test_the_exact_name_comes_first(shipped: ReleasedFactors) -> None:
    for name in ("2024年全国电力平均碳足迹因子", "铝:未锻轧铝(原铝)"):
        first = shipped.search(name)["hits"][0]
        assert (first["name_zh"], first["match"]) == (name, "exact")


def test_a_corrected_question_is_said(shipped: ReleasedFactors) -> None:
    assert shipped.search("alumnium")["corrected"] == "aluminium"
    assert shipped.search("aluminium")["corrected"] == ""
    assert shipped.search("qqqqqqqq")["total"] == 0


def test_pinyin_does_not_disturb_words(shipped: ReleasedFactors) -> None:
    assert {hit["match"] for hit in shipped.search("gas", limit=200)["hits"]} <= {"exact", "phrase", "name", "text"}


@pytest.mark.parametrize("text", ["", "电力", "natural gas", "dl"])
def test_the_values_of_every_facet_sum_to_the_hits(shipped: ReleasedFactors, text: str) -> None:
    page = shipped.search(text, limit=1)
    assert page["total"] > 0
    single = {name: values for name, values in page["facets"].items() if name not in {"code_system", "code"}}
    assert {name: sum(values.values()) for name, values in single.items()} == dict.fromkeys(single, page["total"])


def test_a_factor_without_a_code_is_counted_once_and_others_once_a_classification(shipped: ReleasedFactors) -> None:
    page = shipped.search("", limit=1)
    systems = page["facets"]["code_system"]
    assert set(systems) == {"HS", "CPC", "GB/T 4754", "ISIC", "none"}
    assert all(count <= page["total"] - systems["none"] for system, count in systems.items() if system != "none")
    for name in ("code_system", "code"):
        for value, count in page["facets"][name].items():
            assert shipped.search("", limit=1, facets=False, **{name: value})["total"] == count, (name, value)


def test_a_possible_filter_finds_as_many_as_it_promises(shipped: ReleasedFactors) -> None:
    for name, values in shipped.possible_filters("天然气").items():
        for value, count in values.items():
            assert shipped.search("天然气", limit=1, **{name: value})["total"] == count, (name, value)


def test_values_of_one_criterion_are_alternatives_and_criteria_add_up(shipped: ReleasedFactors) -> None:
    def count(**criteria: object) -> int:
        return int(shipped.search("", limit=1, **criteria)["total"])

    assert count(gas=["CO2", "CH4"]) == count(gas="CO2") + count(gas="CH4")
    assert 0 < count(gas="CO2", region="CN") < count(gas="CO2")


def test_regions_reach_down_and_up(shipped: ReleasedFactors) -> None:
    within = shipped.search("电力", region_within="华东", limit=100)["hits"]
    assert {hit["region"] for hit in within} == {"CN-GRID-EC", "310000", "320000", "330000", "340000", "350000"}
    above = shipped.search("电力", region_covering="Jiangsu", limit=100)["hits"]
    assert {hit["region"] for hit in above} == {"320000", "CN-GRID-EC", "CN"}


def test_a_unit_finds_what_converts_to_it(shipped: ReleasedFactors) -> None:
    per_energy = shipped.search("天然气", convertible_to="kWh", limit=100)["hits"]
    assert {hit["declared_unit"] for hit in per_energy} == {"MJ"}
    whole = shipped.search("天然气", convertible_to="kgCO2/Nm3", limit=100)["hits"]
    assert {hit["unit"] for hit in whole} == {"tCO2/10^8 Nm3"}


def test_limits_on_year_rating_day_and_flags(shipped: ReleasedFactors) -> None:
    assert {hit["reference_year"] for hit in shipped.search("", year_from=2024, limit=100)["hits"]} == {2024}
    assert all(hit["dqr"] <= 1.75 for hit in shipped.search("", dqr_max=1.75, limit=500)["hits"])
    assert shipped.search("", valid_on="1990-01-01")["total"] < shipped.search("", valid_on="2026-11-26")["total"]
    flagged, whole = shipped.search("", flag="co2_only")["total"], shipped.search("")["total"]
    assert flagged + shipped.search("", not_flag="co2_only")["total"] == whole


def test_what_is_not_known_is_refused(shipped: ReleasedFactors) -> None:
    with pytest.raises(UsageError, match="no criterion called 'regoin'"):
        shipped.search("电力", regoin="CN")
    with pytest.raises(NotFoundError, match="no region called"):
        shipped.search("电力", region="Atlantis")
    with pytest.raises(UsageError, match="no value of year"):
        shipped.search("电力", year_from="last year")
    with pytest.raises(UsageError, match="no value of flag"):
        shipped.search("电力", flag="bad")
    with pytest.raises(UsageError):
        shipped.search("电力", convertible_to="furlong")
    with pytest.raises(UsageError, match="no cursor"):
        shipped.search("电力", cursor="zzz")
    with pytest.raises(UsageError, match="a page has"):
        shipped.search("电力", limit=0)


def test_hostile_words_are_only_words(shipped: ReleasedFactors) -> None:
    for text in ("'; DROP TABLE factors; --", '"', "(((", "a:b AND NOT *", "\x00", "%_", "🙂", "x" * 5000):
        assert shipped.search(text)["total"] >= 0


def test_pages_are_whole_without_repetition_and_always_the_same(shipped: ReleasedFactors) -> None:
    seen: list[int] = []
    cursor = ""
    while True:
        page = shipped.search("天然气", limit=3, cursor=cursor)
        seen += [hit["n"] for hit in page["hits"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == page["total"]
    assert seen == [hit["n"] for hit in shipped.search("天然气", limit=1000)["hits"]]


def test_a_cursor_of_another_release_is_refused(shipped: ReleasedFactors, small_library: Path) -> None:
    page = shipped.search("", limit=2)
    other = Library.open(small_library).released_factors()
    with pytest.raises(ConflictError, match="belongs to"):
        other.search("", cursor=page["next"])


@pytest.mark.parametrize(
    ("name", "value", "near"),
    [("tier", "offical", "official"), ("kind", "factors", "factor"), ("boundary", "foo", ""), ("gas", "Xe", ""),
     ("gas", "co2E", "CO2e"), ("band", "verygood", "very_good"), ("gwp_set", "AR9", "AR"), ("unit", "banana", "banana"),
     ("direction", "emissions", "emission"), ("dqr_max", "nan", "")],
)  # fmt: skip
def test_a_value_that_no_factor_can_have_is_refused_with_the_nearest(
    made: Made, name: str, value: str, near: str
) -> None:
    with pytest.raises(UsageError) as caught:
        made(row("a")).search(**{name: value})
    assert value in caught.value.problem
    assert near in caught.value.problem + caught.value.remedy
    assert caught.value.problem_zh


def test_a_value_that_could_be_but_is_not_finds_nothing(made: Made) -> None:
    asked = made(row("a"))
    for name, value in (("gas", "SF6"), ("unit", "kgCO2e/kWh"), ("tier", "industry"), ("region", "none")):
        assert asked.search(**{name: value})["total"] == 0
    assert asked.search(unit="kg CO2e/kg")["total"] == 1


def test_what_a_caller_does_with_an_answer_changes_no_later_one(shipped: ReleasedFactors) -> None:
    first = shipped.search("电力", limit=3, kind="factor")
    kept = {name: dict(values) for name, values in first["facets"].items()}
    first["facets"]["tier"].clear()
    first["facets"].pop("kind")
    again = shipped.search("电力", limit=3, kind=["factor"])
    assert (again["facets"], again["total"]) == (kept, first["total"])
    assert shipped.possible_filters("电力", kind="factor") == kept
    assert shipped.search("电力", limit=3, kind="factor", facets=False)["total"] == first["total"]


def test_more_values_than_are_kept_are_counted_all_the_same(shipped: ReleasedFactors) -> None:
    one = shipped.search("电力", limit=1)["hits"][0]["version_id"]
    assert shipped.search("", version=[one, *(f"x{n}" for n in range(2000))])["total"] == 1
