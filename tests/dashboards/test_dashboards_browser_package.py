"""A real browser: a package of measured data is checked broken, repaired, sent, and its certificates are looked at."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from factordb import Library
from factordb.dashboard import SentPackage
from tests.dashboards.browser_journey import Journey, Watched
from tests.dashboards.test_dashboards_package import packed


def _checked(way: Journey, sent: SentPackage) -> None:
    way.page.goto("about:blank")
    way.go("check?what=package", "zhao")
    way.page.locator("input[type=file]").first.set_input_files(
        {"name": sent.name, "mimeType": "application/zip", "buffer": sent.data}
    )
    way.page.get_by_text(sent.name, exact=True).first.wait_for()
    way.watched.settled()
    way.watched.press(way.said["check"]["run"])
    way.page.get_by_text(way.said["check"]["submit_now"]).first.wait_for()
    way.watched.settled()


@pytest.mark.browser
def test_a_package_is_repaired_sent_and_its_certificates_are_seen(
    browser: Any, serve: Callable[..., str], tmp_path: Path, shots: Path
) -> None:
    door = Library.open(tmp_path / "library", create=True)
    door.add_person("root", organisation="甲院", roles=["administrator"])
    door.add_person("zhao", organisation="丙公司", roles=["submitter"], actor="root")
    door.declare_mode("reviewed", actor="root")
    way = Journey(Watched(browser, serve(tmp_path / "library", "dev")), shots, "zh", door)

    _checked(way, packed(value="约2"))
    assert way.page.get_by_role("button", name=way.said["check"]["submit_now"]).first.is_disabled()
    way.keep("package_broken")

    _checked(way, packed())
    way.page.get_by_text("T4").first.wait_for()
    way.keep("package_clean")
    way.watched.press(way.said["check"]["submit_now"])
    way.until(lambda: [row["level"] for row in door.packages()] == ["T4"])
    way.until(lambda: door.queue().num_rows == 1)

    candidate = door.queue().to_pylist()[0]["candidate_id"]
    page = way.watched.open(f"trace?id={candidate}&lang=zh")
    page.get_by_text("SUB-COAL00-20260210-01").first.wait_for()
    assert page.locator("img[src*='media'], svg").count() >= 1
    way.keep("package_trace")
    assert (way.watched.strangers, way.watched.errors) == ([], [])
