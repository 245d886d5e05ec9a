"""A real browser, in English: the curator's tutorial from the first person to the second release, and every page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards.browser_journey import tutorial


@pytest.mark.browser
def test_the_curators_tutorial_is_done_by_who_reads_english_alone(
    browser: Any, serve: Callable[..., str], tmp_path: Path, shots: Path, request: pytest.FixtureRequest
) -> None:
    """People, a broken table repaired, a return, a dissent, an override, an aggregate, two releases, their diff."""
    tutorial(browser, serve, tmp_path, shots, "en", request)
