"""The fixture `ask`: a test's docstring is its data."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.checks.asking_checks")

from tests.checks.asking_checks import Ask  # noqa: E402 - its asserts are rewritten


@pytest.fixture
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    return Ask(request.function.__doc__, tmp_path)
