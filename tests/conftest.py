"""What every room's tests may ask for: the shared folder, the result of the main job, a small library."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from factordb import Library, read_mapping

ROOT = Path(__file__).parents[1]
AS_OF = date(2026, 11, 26)

SMALL_TABLE = """\
名称,地区,年份,数值,单位,变异系数,位置
甲产品,全国,2024,1.25,kgCO2e/kg,8,表1第1行
乙产品,全国,2024,0.80,kgCO2e/kg,5,表1第2行
丙产品,全国,2024,大约半吨,kgCO2e/kg,5,表1第3行
丁产品,全国,2024,3.1,tCO2e/gj,5,表1第4行
"""
"""Invented, four rows: two candidates, a value nobody can read, a unit the grammar refuses."""

SMALL_MAPPING = """\
[pipeline]
name = "small-table"
title_zh = "测试用小表"
title_en = "Small table for tests"

[source]
title_zh = "测试用小表(虚构)"
title_en = "Small table for tests (invented)"
publisher = "factordb tests"
tier = "industry"
published_on = 2025-06-01
licence = "invented"
obtain = "tests/conftest.py"
region = "CN"
gwp_set = "AR6"
te = 1

[[record]]
name = "factor"
key = ["名称"]

[record.columns]
name_zh = "名称"
name_en = "名称"
flow = "名称"
region_text = "地区"
reference_year = "年份"
value = "数值"
unit = "单位"
cv_percent = "变异系数"
source_place = "位置"
source_value = "数值"

[record.constants]
boundary = "cradle_to_gate"
"""


LONGEST = (
    "test_tutorial_curate",
    "test_dashboards_browser",
    "test_pipelines_bus",
    "test_tutorial_submit",
    "test_readme",
)
"""Files whose tests take minutes. A file stays with one worker: begun last, it would keep the other waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first; all others keep their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: min((place for name, place in places.items() if name in item.nodeid), default=99))


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared input, or skip."""
    folder = ROOT / ".." / "shared"
    if not folder.is_dir():
        pytest.skip("the shared folder (../shared) is not here")
    return folder.resolve()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def main_job(once: Path) -> Path:
    """Return a library in which the main job has run. Look, do not touch: it is shared; `main_job_copy` may be written.

    Beside it stands `main_job.json`, the report of the run.
    """
    library, report = once / "main_job", once / "main_job.json"
    with FileLock(once / "main_job.lock"):
        if not report.exists():
            shutil.rmtree(library, ignore_errors=True)
            done = Library.open(library, create=True).run(as_of=AS_OF, actor="tester")
            report.write_text(json.dumps(done.as_dict(), ensure_ascii=False), encoding="utf-8")
    return library


@pytest.fixture
def main_job_copy(main_job: Path, tmp_path: Path) -> Path:
    """Return a copy of the main job's library that a test may break."""
    return Path(shutil.copytree(main_job, tmp_path / "library"))


@pytest.fixture
def small_table(tmp_path: Path) -> tuple[Path, Path]:
    """Return a mapping file and the table it maps."""
    mapping, table = tmp_path / "small.toml", tmp_path / "small.csv"
    mapping.write_text(SMALL_MAPPING, encoding="utf-8")
    table.write_text(SMALL_TABLE, encoding="utf-8")
    return mapping, table


@pytest.fixture(scope="session")
def small_library(once: Path) -> Path:
    """Return a library that holds the small table, appraised, adopted and released. Look, do not touch."""
    folder = once / "small_library"
    library = folder / "library"
    with FileLock(once / "small_library.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            mapping, table = folder / "small.toml", folder / "small.csv"
            mapping.write_text(SMALL_MAPPING, encoding="utf-8")
            table.write_text(SMALL_TABLE, encoding="utf-8")
            opened = Library.open(library, create=True)
            pipeline, sources = read_mapping(mapping)
            opened.intake(pipeline, [table], sources=sources, actor="tester")
            opened.appraise(as_of=AS_OF, actor="tester")
            opened.adopt(actor="tester", reason="test")
            opened.release(actor="tester")
            (folder / "done").touch()
    return library


@pytest.fixture
def small_library_copy(small_library: Path, tmp_path: Path) -> Path:
    """Return a copy of the small library that a test may break."""
    return Path(shutil.copytree(small_library, tmp_path / "library"))
