"""Aggregates on their whole way: definition, candidate, appraisal, adoption, a changed sample, a new proposal."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from factordb import Library, read_mapping
from factordb.errors import NotFoundError, NotPermittedError, UsageError
from factordb.model.aggregate_definition import read_definition
from factordb.model.mistakes import DeclarationError

AS_OF = date(2026, 11, 26)
VALUES = {"甲厂": "1.7071", "乙厂": "2.3131", "丙厂": "1.9191", "丁厂": "2.1212"}

MAPPING = """\
[pipeline]
name = "plants"
title_zh = "测试用工厂样本"
title_en = "Plants for tests"

[source]
title_zh = "测试用工厂样本（虚构）"
title_en = "Plants for tests (invented)"
publisher = "factordb tests"
tier = "industry"
published_on = 2025-06-01
licence = "invented"
obtain = "tests/stages/test_stages_aggregate.py"
region = "CN"
gwp_set = "AR6"
te = 1

[[record]]
name = "factor"
key = ["名称"]

[record.columns]
name_zh = "名称"
name_en = "名称"
flow = "产品"
technology = "名称"
region_text = "地区"
reference_year = "年份"
value = "数值"
unit = "单位"
cv_percent = "变异系数"
source_place = "位置"
source_value = "数值"
lineage = "谱系"

[record.constants]
boundary = "cradle_to_gate"
"""

DEFINITION = """\
[aggregate]
name = "clinker-cn-2024"
name_zh = "2024年全国熟料因子"
name_en = "Clinker, China, 2024"
region = "全国"
year = 2024
method = "production"
technology = "national mix"
access = "{access}"

[weights]
unit = "kt"
source = "产量年报（虚构）"

[population]
total = 100
unit = "kt"
source = "统计年鉴（虚构）"
"""


def _table(path: Path, values: dict[str, str], lineage: str = "") -> Path:
    head = "名称,产品,地区,年份,数值,单位,变异系数,位置,谱系\n"
    quoted = '"' + lineage.replace('"', '""') + '"' if lineage else ""
    rows = [f"{name},熟料,全国,2024,{value},kgCO2e/kg,5,表1,{quoted}" for name, value in values.items()]
    path.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def _take_in(library: Library, path: Path, folder: Path) -> None:
    mapping = folder / "plants.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [path], sources=sources, actor="tester")
    library.appraise(as_of=AS_OF, actor="tester")
    library.adopt(actor="tester", reason="test")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library", create=True)
    _take_in(opened, _table(tmp_path / "plants.csv", VALUES), tmp_path)
    return opened


def _ids(library: Library) -> dict[str, str]:
    return {row["name_zh"]: row["factor_id"] for row in library.queue(pipeline="plants").to_pylist()}


def _define(
    path: Path, ids: dict[str, str], weights: dict[str, float], *, access: str = "public", name: str = ""
) -> Path:
    text = DEFINITION.format(access=access)
    text = text.replace("clinker-cn-2024", name).replace("national mix", name) if name else text
    for plant, weight in weights.items():
        text += f'\n[[sample]]\nfactor = "{ids[plant]}"\nweight = {weight}\nplant = "{plant}号线"\n'
    path.write_text(text, encoding="utf-8")
    return path


def _decide(library: Library) -> None:
    library.appraise(as_of=AS_OF, actor="tester")
    library.adopt(actor="tester", reason="test")


THREE = {"甲厂": 40.0, "乙厂": 20.0, "丙厂": 20.0}
MEAN = (40 * 1.7071 + 20 * 2.3131 + 20 * 1.9191) / 80


def test_an_aggregate_travels_like_any_other_factor(library: Library, tmp_path: Path) -> None:
    definition = _define(tmp_path / "a.toml", _ids(library), THREE)
    before = library.batches()
    checked = library.check_aggregate(definition)
    assert library.batches() == before
    assert checked.value == pytest.approx(MEAN)
    assert (checked.coverage, checked.provisional, checked.tier) == (pytest.approx(0.8), False, "industry")
    made = library.propose_aggregate(definition, actor="tester")
    assert not made.already
    assert library.propose_aggregate(definition, actor="tester").already
    _decide(library)
    found = library.factor(made.factor_id)
    row, spread = found["candidate"][0], found["uncertainty"][0]
    assert float(row["value_text"]) == pytest.approx(MEAN, rel=1e-5)
    assert (row["unit_text"], row["tier"], row["region"], row["reference_year"]) == (
        "kgCO2e/kg",
        "industry",
        "CN",
        2024,
    )
    assert (row["te"], row["geo"], row["flags"]) == (1, 1, None)
    assert spread["basis"] == "derived"
    assert spread["shortest_low95"] == pytest.approx(checked.low, rel=0.02)
    assert spread["shortest_high95"] == pytest.approx(checked.high, rel=0.02)
    assert found["assessment"][0]["eligible"], found["assessment"][0]["reasons"]
    assert sorted(one["amount"] for one in found["factor_input"]) == pytest.approx([0.25, 0.25, 0.5])
    text = json.dumps(library.explain(made.factor_id), ensure_ascii=False)
    for words in ("甲厂：1.7071 kgCO2e/kg，权重 40 kt，占比 50.0%", "样本间标准差", "covers 80 % of the production",
                  "产量年报（虚构）"):  # fmt: skip
        assert words in text
    assert library.stale(as_of=AS_OF) == []


def test_a_rebuilt_library_holds_the_aggregate_and_its_lineage(library: Library, tmp_path: Path) -> None:
    made = library.propose_aggregate(_define(tmp_path / "a.toml", _ids(library), THREE))
    before = library.factor(made.factor_id)["factor_input"]
    library.rebuild(actor="tester")
    assert library.factor(made.factor_id)["factor_input"] == before
    assert len(before) == 3
    assert library.health(deep=True) == []


def test_a_new_version_of_a_sample_makes_the_aggregate_stale(library: Library, tmp_path: Path) -> None:
    ids = _ids(library)
    made = library.propose_aggregate(_define(tmp_path / "a.toml", ids, THREE))
    _decide(library)
    _take_in(library, _table(tmp_path / "later.csv", {"甲厂": "3.5"}), tmp_path)
    (found,) = library.stale(as_of=AS_OF)
    assert found["factor_id"] == made.factor_id
    assert [one["code"] for one in found["reasons"]] == ["new_version"]
    assert "甲厂" in found["reasons"][0]["zh"]
    batches = library.batches()
    told = library.repropose(made.factor_id, dry_run=True)
    assert library.batches() == batches
    assert told.old is not None
    assert told.old["value"] == pytest.approx(MEAN, rel=1e-5)
    assert told.value == pytest.approx(MEAN + 0.5 * (3.5 - 1.7071))
    assert told.old["change_percent"] == pytest.approx(100 * (told.value / MEAN - 1), rel=1e-4)
    assert told.old["beyond"]
    assert library.repropose(made.factor_id).batch_id
    _decide(library)
    assert library.stale(as_of=AS_OF) == []
    assert float(library.factor(library.queue(pipeline="aggregate").to_pylist()[0]["candidate_id"])["candidate"][0]
                 ["value_text"]) > 0  # fmt: skip


def test_a_sample_that_is_adopted_no_more_is_named(library: Library, tmp_path: Path) -> None:
    made = library.propose_aggregate(_define(tmp_path / "a.toml", _ids(library), THREE))
    _decide(library)
    library.appraise(as_of=date(2040, 1, 1), actor="tester")  # too old by then: nothing is eligible
    library.adopt(actor="tester", reason="test")
    (found,) = library.stale(as_of=AS_OF)
    assert found["factor_id"] == made.factor_id
    assert {one["code"] for one in found["reasons"]} == {"withdrawn"}
    with pytest.raises(UsageError, match="not adopted"):
        library.repropose(made.factor_id)


def test_a_definition_that_would_be_built_on_itself_is_refused_with_its_members(
    library: Library, tmp_path: Path
) -> None:
    ids = _ids(library)
    first = library.propose_aggregate(_define(tmp_path / "a.toml", ids, {"甲厂": 20, "丙厂": 20, "丁厂": 20}))
    _decide(library)
    ids["合"] = first.factor_id
    second = library.propose_aggregate(
        _define(tmp_path / "b.toml", ids, {"合": 60, "乙厂": 5, "丁厂": 20}, name="wider")
    )
    _decide(library)
    ids["广"] = second.factor_id
    with pytest.raises(UsageError, match="built on itself") as fault:
        library.check_aggregate(_define(tmp_path / "c.toml", ids, {"广": 60, "丙厂": 20}))
    for member in (first.factor_id, second.factor_id):
        assert member[:10] in fault.value.problem
        assert member[:10] in fault.value.problem_zh
    assert ids["丙厂"][:10] not in fault.value.problem
    assert {row["child"] for row in library.lineage(ids["甲厂"])["used_by"]} == {first.factor_id, second.factor_id}


def test_restricted_plants_that_break_the_rule_leave_no_trace(library: Library, tmp_path: Path) -> None:
    """Canary: values, weights and plants of an aggregate that may not be given stand in no output and no record."""
    ids = _ids(library)
    canaries = ("1.7071", "2.3131", "41.17", "23.13", "甲厂", "乙厂", "号线")
    definition = _define(tmp_path / "a.toml", ids, {"甲厂": 41.17, "乙厂": 23.13}, access="restricted")
    for verb in (library.check_aggregate, library.propose_aggregate):
        with pytest.raises(NotPermittedError):
            verb(definition)
    program = Path(sys.executable).parent / "factordb"
    before = library.batches()
    for verb in ("check", "propose"):
        for lang, form in (("zh", []), ("en", []), ("en", ["--json"])):
            done = subprocess.run(
                [program, "lineage", verb, definition, "--library", library.workspace.root, "--lang", lang, *form],
                check=False, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"},
            )  # fmt: skip
            assert done.returncode == 5
            assert done.stderr
            assert [one for one in canaries if one in done.stdout + done.stderr] == []
    assert library.batches() == before


def test_restricted_plants_that_keep_the_rule_are_counted_but_not_shown(library: Library, tmp_path: Path) -> None:
    ids = _ids(library)
    weights = {"甲厂": 41.17, "乙厂": 23.13, "丙厂": 19.23}
    made = library.propose_aggregate(_define(tmp_path / "a.toml", ids, weights, access="restricted"))
    _decide(library)
    parts = library.factor(made.factor_id)
    shown = json.dumps(
        [vars(made), parts["candidate"], library.explain(made.factor_id), library.lineage(made.factor_id)],
        ensure_ascii=False, default=str,
    )  # fmt: skip
    hidden = (*VALUES.values(), "41.17", "23.13", "19.23", "甲厂", "乙厂", "丙厂", "号线")
    assert [one for one in hidden if one in shown] == []
    assert len(made.samples) == 3
    assert sum(one["restricted"] for one in parts["factor_input"]) == 3


def test_one_plant_may_not_dominate(library: Library, tmp_path: Path) -> None:
    weights = {"甲厂": 71.0, "乙厂": 15.0, "丙厂": 14.0}
    with pytest.raises(NotPermittedError, match="70 %"):
        library.check_aggregate(_define(tmp_path / "a.toml", _ids(library), weights, access="restricted"))


@pytest.mark.parametrize("weight", [0.0, -3.0, float("nan")])
def test_a_weight_that_is_none_refuses_the_aggregate(library: Library, tmp_path: Path, weight: float) -> None:
    with pytest.raises(UsageError, match="weight"):
        library.check_aggregate(_define(tmp_path / "a.toml", _ids(library), {"甲厂": 5.0, "乙厂": weight}))


def test_little_coverage_is_provisional(library: Library, tmp_path: Path) -> None:
    made = library.propose_aggregate(_define(tmp_path / "a.toml", _ids(library), {"甲厂": 20, "乙厂": 20}))
    assert made.provisional
    assert "coverage_low" in [one["code"] for one in made.cautions]
    assert library.factor(made.factor_id)["candidate"][0]["flags"] == "provisional"


def test_what_is_not_adopted_or_not_there_is_no_sample(library: Library, tmp_path: Path) -> None:
    ids = {**_ids(library), "无": "0" * 32}
    with pytest.raises(NotFoundError):
        library.check_aggregate(_define(tmp_path / "a.toml", ids, {"甲厂": 1, "无": 1}))
    mapping = tmp_path / "plants.toml"
    pipeline, sources = read_mapping(mapping)
    library.intake(pipeline, [_table(tmp_path / "more.csv", {"戊厂": "2.0"})], sources=sources)
    with pytest.raises(UsageError, match="not adopted"):
        library.check_aggregate(_define(tmp_path / "b.toml", _ids(library), {"甲厂": 1, "戊厂": 1}))


def test_samples_may_be_selected_and_weighted_by_factor_or_region(library: Library, tmp_path: Path) -> None:
    text = DEFINITION.format(access="public").split("[weights]")[0]
    path = tmp_path / "a.toml"
    path.write_text(text.replace("production", "hierarchical") + '[select]\nflow = "熟料"\n', encoding="utf-8")
    made = library.check_aggregate(path)
    assert (len(made.samples), made.coverage) == (4, None)
    assert min(map(float, VALUES.values())) < made.value < max(map(float, VALUES.values()))
    ids = _ids(library)
    amounts = "".join(f'"{ids[name]}" = {n}\n' for n, name in enumerate(VALUES, 1))
    weights = f'[weights]\nunit = "kt"\nsource = "年报（虚构）"\n[weights.of]\n{amounts}'
    path.write_text(f'{text}[select]\nflow = "熟料"\nregion = "全国"\n{weights}', encoding="utf-8")
    expected = sum(n * float(value) for n, value in enumerate(VALUES.values(), 1)) / 10
    assert library.check_aggregate(path).value == pytest.approx(expected)
    short = weights.replace(f'"{ids["丁厂"]}" = 4\n', "")
    path.write_text(f'{text}[select]\nflow = "熟料"\n{short}', encoding="utf-8")
    with pytest.raises(UsageError, match="no weight"):
        library.check_aggregate(path)
    path.write_text(f'{text}[select]\nflow = "熟料"\n[weights.of]\n"全国" = 1\n', encoding="utf-8")
    with pytest.raises(DeclarationError, match="source"):
        library.check_aggregate(path)


def test_equal_weights_are_a_demonstration_that_no_release_takes(library: Library, tmp_path: Path) -> None:
    text = DEFINITION.format(access="public").split("[weights]")[0]
    path = tmp_path / "a.toml"
    path.write_text(f'{text}[select]\nflow = "熟料"\n[weights]\nequal = true\n', encoding="utf-8")
    made = library.propose_aggregate(path)
    assert (made.demonstration, made.provisional) == (True, True)
    _decide(library)
    (assessed,) = library.factor(made.factor_id)["assessment"]
    assert not assessed["eligible"]
    assert "DEMONSTRATION" in assessed["reasons"]


def test_the_shipped_definition_is_the_mean_of_six_provinces(main_job: Path, root: Path) -> None:
    made = Library.open(main_job).check_aggregate(root / "data" / "aggregates" / "north_china_grid_2023.toml")
    values = [0.5554, 0.6796, 0.6516, 0.6634, 0.6191, 0.6479]  # notice 2025 no. 47, table 3
    assert made.value == pytest.approx(sum(values) / 6)
    assert [len(made.samples), made.demonstration, made.unit] == [6, True, "kgCO2/kWh"]
    assert made.low < 0.6361 < made.high  # the published factor of the region, weighted by generation


def test_the_definition_s_mistakes_are_all_told() -> None:
    text = (
        '[aggregate]\nname = "X y"\nname_zh = "甲"\nregion = "CN"\nyear = 12\nmethod = "mode"\n[[sample]]\nwieght = 1\n'
    )
    with pytest.raises(DeclarationError) as fault:
        read_definition(text, "a.toml")
    places = {one.path for one in fault.value.mistakes}
    assert places >= {
        "aggregate.name", "aggregate.name_en", "aggregate.year", "aggregate.method", "sample[1].wieght",
        "sample[1].factor",
    }  # fmt: skip
    with pytest.raises(DeclarationError):
        read_definition("[aggregate", "a.toml")
    whole = (
        '[aggregate]\nname = "a"\nname_zh = "甲"\nname_en = "a"\nregion = "CN"\nyear = 2024\nmethod = "production"\n'
    )
    with pytest.raises(DeclarationError, match="sample"):
        read_definition(whole, "a.toml")
    weights, total = '[weights]\nunit = "kt"\nsource = "s"\n', '[population]\ntotal = 1\nunit = "t"\nsource = "s"'
    units = f'{whole}[select]\nflow = "x"\n{weights}{total}'
    with pytest.raises(DeclarationError, match=r"population\.unit"):
        read_definition(units, "a.toml")
