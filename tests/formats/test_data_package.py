import json
from dataclasses import replace
from pathlib import Path

import frictionless
import pytest
import yaml

from factordb.formats.citation import citation_cff, cite_factor, cite_release
from factordb.formats.data_package import write_data_package
from factordb.formats.manifest import file_entries
from factordb.formats.read_me import read_me
from factordb.formats.tables import write_tables
from tests.formats.made_release import FACTS, build, made_rows, table_of


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package")
    build(directory)
    return directory


def test_frictionless_accepts_the_release(release: Path) -> None:
    report = frictionless.validate(str(release / "datapackage.json"))
    assert report.valid, report.flatten(["title", "message"])
    tables = {task.name: task.stats["rows"] for task in report.tasks if task.type == "table"}
    assert tables["data-factors-csv"] == 6
    assert set(tables) == {
        "data-factors-csv", "data-gas_factors-csv", "data-parameters-csv", "changes-csv", "sources-csv",
        "held_back-csv",
    }  # fmt: skip


def test_frictionless_refuses_a_changed_file(tmp_path: Path) -> None:
    build(tmp_path)
    with (tmp_path / "data" / "factors.csv").open("ab") as file:
        file.write(b"x\n")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert {"hash-count", "byte-count"} & {error.type for task in report.tasks for error in task.errors}


@pytest.mark.parametrize("spoiled", [{"te": 6}, {"cv": -0.1}, {"tier": "hearsay"}])
def test_the_constraints_of_the_schema_can_refuse(tmp_path: Path, spoiled: dict[str, object]) -> None:
    write_tables(table_of([made_rows()[0] | spoiled]), tmp_path, FACTS, with_json=False)
    write_data_package(tmp_path, FACTS, file_entries(tmp_path))
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    errors = [(error.type, getattr(error, "field_name", "")) for task in report.tasks for error in task.errors]
    assert errors == [("constraint-error", next(iter(spoiled)))]


def test_the_descriptor_tells_units_rights_and_sources(release: Path) -> None:
    package = json.loads((release / "datapackage.json").read_bytes())
    resource = next(found for found in package["resources"] if found["path"] == "data/factors.csv")
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    assert fields["cv_percent"]["unit"] == "%"
    assert fields["value"]["title"] == "数值 / value"
    assert fields["tier"]["constraints"]["required"] is True
    assert package["licenses"] == [{"name": "CC-BY-4.0", "title": "CC-BY-4.0"}]
    assert package["sources"] == [{"title": "示例公告 / Made notice"}]
    assert package["created"] == "2026-11-01T00:00:00Z"


def test_the_citation_file_is_yaml_with_the_facts() -> None:
    found = yaml.safe_load(citation_cff(FACTS))
    assert found["cff-version"] == "1.2.0"
    assert found["version"] == "2026.1"
    assert found["title"] == "示例因子库 / Made-up factor library"
    assert found["date-released"].isoformat() == "2026-11-01"
    assert found["license"] == "CC-BY-4.0"
    assert "license" not in yaml.safe_load(citation_cff(replace(FACTS, licence="see sources.csv")))


def test_how_to_cite() -> None:
    assert cite_release(FACTS, "zh") == "示例机构. 示例因子库:2026.1[DS]. 2026-11-01."
    assert cite_release(FACTS, "en").startswith("示例机构 (2026). Made-up factor library, release 2026.1 [data set].")
    cited = cite_factor(FACTS, name="外购电力{x}", factor_id="plain", version_id="v1", lang="zh")
    assert cited == (
        "示例机构. 外购电力{x}[DS]//示例因子库:2026.1. 2026-11-01. 因子标识：plain，版本：v1. "
        "获取方式：factordb 发布 2026.1，因子 plain."
    )


def test_the_read_me_stands_in_both_languages_and_names_the_files(release: Path) -> None:
    text = (release / "README.md").read_text(encoding="utf-8")
    for there in ("# 示例因子库", "# Made-up factor library", "`data/*.json`", "未经独立复核", "| `cv_percent` "):
        assert there in text
    assert "report.html" not in text
    assert "report.html" in read_me(FACTS, {"factors": 1})
