"""A real browser: every page in both languages, nothing asked of another machine, no error on the console."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from factordb import Library

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIRK = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit looks for itself below the page's own address first, and is told 404 there."""
TITLES = {
    "": ("待办", "To do"),
    "factor": ("因子详情", "Factor"),
    "release": ("发布", "Release"),
    "batches": ("来源与批次", "Sources and batches"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed: apt-get install chromium fonts-wqy-microhei")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


class Watched:
    """A browser page that keeps what went wrong in it."""

    def __init__(self, browser: Any, address: str) -> None:
        self.address = address
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        self.strangers: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.strangers.append(request.url)

    def _said(self, message: Any) -> None:
        if message.type == "error" and not QUIRK.search(message.location.get("url", "")):
            self.errors.append(message.text)

    def open(self, path: str) -> Any:
        self.page.goto(f"{self.address}/{path}")
        self.page.wait_for_selector("h1")
        self.page.wait_for_selector("[data-testid=stExpander]")
        return self.page

    def choose_first_row(self) -> None:
        """Click the first row's box: a table is a canvas, its rows are 35 px high."""
        table = self.page.locator("[data-testid=stDataFrame]:visible").first
        table.wait_for()
        self.page.wait_for_timeout(500)
        box = table.bounding_box()
        self.page.mouse.click(box["x"] + 20, box["y"] + 35 * 1.5)

    def sound(self) -> None:
        assert self.strangers == []
        assert self.errors == []
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert self.page.locator("[data-testid=stAlertContentError]").count() == 0


def test_every_page_in_both_languages(browser: Any, serve: Callable[[Path], str], desk: Path, tmp_path: Path) -> None:
    watched = Watched(browser, serve(desk))
    row = Library.open(desk).queue(limit=1).to_pylist()[0]
    for place, lang in enumerate(("zh", "en")):
        for view, titles in TITLES.items():
            query = f"id={row['candidate_id']}&" if view == "factor" else ""
            shown = watched.open(f"{view}?{query}lang={lang}")
            assert shown.locator("h1").inner_text() == titles[place]
            shown.screenshot(path=tmp_path / f"{view or 'todo'}_{lang}.png", full_page=True)
            watched.sound()


def test_a_chosen_row_leads_to_its_factor_and_back_to_the_filters(
    browser: Any, serve: Callable[[Path], str], desk: Path
) -> None:
    watched = Watched(browser, serve(desk))
    shown = watched.open("?verdict=needs_person&lang=en")
    watched.choose_first_row()
    name = shown.locator("h3").first.inner_text()
    row = Library.open(desk).queue(verdict="needs_person", limit=1).to_pylist()[0]
    assert name == (row["name_en"] or row["name_zh"])
    shown.get_by_text("Open the factor").click()
    shown.wait_for_url(re.compile(rf"/factor\?.*id={row['candidate_id']}"))
    shown.get_by_text("Back to the queue").click()
    shown.wait_for_url(re.compile(r"verdict=needs_person"))
    watched.sound()


def test_hostile_text_is_shown_as_text(browser: Any, serve: Callable[[Path], str], hostile_library: Path) -> None:
    watched = Watched(browser, serve(hostile_library))
    for row in Library.open(hostile_library).queue().to_pylist():
        shown = watched.open(f"factor?id={row['candidate_id']}&lang=en")
        shown.wait_for_selector("img")
        heading = shown.locator("h3").first.inner_text().replace("\u2060", "")
        assert heading == row["name_en"].replace("\u202e", "\ufffd")
        assert shown.locator("[src*=evil], [href*=evil], [href^=javascript]").count() == 0
    shown = watched.open("?lang=en")
    watched.choose_first_row()
    shown.wait_for_selector("h3")
    for view in ("release", "batches"):
        watched.open(f"{view}?lang=en")
    watched.sound()
