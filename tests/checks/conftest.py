"""The fixture `ask`: a test's docstring is its data."""

from pathlib import Path

import pytest

from factordb.paths import Workspace
from factordb.stages.intake import take_in
from factordb.stages.sources import as_table, default_files, pipeline, register
from factordb.store.library_file import Published, merge_batch, publish

pytest.register_assert_rewrite("tests.checks.asking_checks")

from tests.checks.asking_checks import Ask  # noqa: E402 - its asserts are rewritten


@pytest.fixture
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    return Ask(request.function.__doc__, tmp_path)


OFFICIAL = ("cn-national-db", "ipcc-2006-v2", "mee-footprint", "mee-grid-co2")
"""Pipelines of the official tables that data/ ships."""


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> tuple[Published, list[str]]:
    """Return the official tables, taken in and published, and their batches."""
    workspace = Workspace(tmp_path_factory.mktemp("official"))
    for folder in (workspace.objects, workspace.staging, workspace.published):
        folder.mkdir(parents=True, exist_ok=True)
    sources, batches = as_table(register().values()), []
    for name in OFFICIAL:
        declared = pipeline(name)
        taken = take_in(workspace, declared, default_files(declared), sources, lambda _step: None)
        merge_batch(workspace.factors, taken.staged, taken.batch_id)
        batches.append(taken.batch_id)
    return publish(workspace.factors, workspace.published, "v1", dict.fromkeys(batches)), batches
