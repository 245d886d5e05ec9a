"""A real browser: every page in both languages, nothing asked of another machine, no error on the console."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.places import SECTIONS
from factordb import Library, read_mapping
from factordb.dashboard import case_page, route_words
from tests.conftest import AS_OF, SMALL_MAPPING, SMALL_TABLE
from tests.dashboards.test_dashboards_review import PEOPLE
from tests.dashboards.test_dashboards_words import words

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIRK = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit looks for itself below the page's own address first, and is told 404 there."""
PAGES = tuple(name for names in SECTIONS.values() for name in names)
OF_A_FACTOR = ("factor", "uncertainty", "trace", "aggregate")


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

    def choose_all_rows(self) -> None:
        """Click the box of the header."""
        table = self.page.locator("[data-testid=stDataFrame]:visible").first
        table.wait_for()
        self.page.wait_for_timeout(500)
        box = table.bounding_box()
        self.page.mouse.click(box["x"] + 20, box["y"] + 17)
        self.settled()

    def whole_page(self, path: Path) -> None:
        """Take a picture of all of the page: it scrolls inside itself, so the window is made as high as it is."""
        inside = "Math.max(...[...document.querySelectorAll('[data-testid=stMain]')].map(one => one.scrollHeight))"
        self.page.set_viewport_size({"width": 1280, "height": min(int(self.page.evaluate(inside)) + 80, 5000)})
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def choose(self, label: str, option: str, place: int = 0) -> None:
        """Choose in the select box that carries `label` the option that holds these words."""
        box = self.page.locator("[data-testid=stSelectbox]").filter(has_text=label).nth(place) if label else None
        (box or self.page.locator("[data-testid=stSelectbox]").first).locator("input, [role=combobox]").first.click()
        self.page.get_by_role("option").filter(has_text=option).first.click()
        self.settled()

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=False).last.click()
        self.settled()

    def settled(self) -> None:
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_timeout(200)

    def sound(self) -> None:
        assert self.strangers == []
        assert self.errors == []
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert self.page.locator("[data-testid=stAlertContentError]").count() == 0


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Return where screenshots go: a folder that FACTORDB_SCREENSHOTS names, to be kept and looked at."""
    folder = Path(os.environ.get("FACTORDB_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_either_language(
    browser: Any, serve: Callable[..., str], desk: Path, shots: Path, lang: str
) -> None:
    watched = Watched(browser, serve(desk))
    rows = Library.open(desk).queue(limit=2000).to_pylist()
    chosen = next(row for row in rows if row["basis"] == "derived")["candidate_id"]
    for view in PAGES:
        query = f"id={chosen}&" if view in OF_A_FACTOR else ""
        shown = watched.open(f"{'' if view == 'todo' else view}?{query}lang={lang}")
        assert shown.locator("h1").inner_text() == words(lang)["page"][view]
        shown.wait_for_timeout(500)
        assert shown.locator("[data-testid=stSpinner]:visible").count() == 0
        wide = shown.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{view} does not fit 1280 px"
        watched.whole_page(shots / f"{view}_{lang}.png")
        watched.sound()


def test_a_chosen_row_leads_to_its_factor_and_back_to_the_filters(
    browser: Any, serve: Callable[[Path], str], desk: Path
) -> None:
    watched = Watched(browser, serve(desk))
    shown = watched.open("?verdict=needs_person&lang=en")
    watched.choose_first_row()
    name = shown.locator("h3").first.inner_text()
    row = Library.open(desk).waiting(verdict="needs_person", limit=1).to_pylist()[0]
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


REPAIRED = SMALL_TABLE.replace("大约半吨", "0.52").replace("tCO2e/gj", "tCO2e/GJ")


class Journey:
    """The whole way of a table in the browser, in one language, each step in the name of whoever does it."""

    def __init__(self, watched: Watched, shots: Path, lang: str) -> None:
        self.watched, self.page, self.shots, self.lang = watched, watched.page, shots, lang
        self.said = words(lang)
        self.actions = {name: one[lang] for name, one in route_words("actions").items()}
        self.kinds = {name: one[lang] for name, one in route_words("kinds").items()}

    def go(self, view: str, who: str) -> None:
        """Open a page and sit down as somebody."""
        self.page.goto(f"{self.watched.address}/{view}{'&' if '?' in view else '?'}lang={self.lang}")
        self.page.wait_for_selector("h1")
        self.watched.settled()
        self.watched.choose("", who)

    def keep(self, name: str) -> None:
        self.watched.whole_page(self.shots / f"journey_{name}_{self.lang}.png")

    def succeeded(self) -> None:
        try:
            self.page.wait_for_selector("[data-testid=stAlertContentSuccess]")
        except Exception:
            self.keep("failed")
            raise
        self.watched.settled()

    def upload(self, place: int, name: str, text: str) -> None:
        files = self.page.locator("input[type=file]").nth(place)
        files.set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
        self.page.get_by_text(name, exact=True).first.wait_for()
        self.watched.settled()

    def check(self, text: str, name: str) -> None:
        """Check a table by the mapping, and keep what was told."""
        self.go("check", "zhao")
        self.upload(0, f"{name}.csv", text)
        self.upload(1, "mapping.toml", SMALL_MAPPING)
        self.watched.press(self.said["check"]["run"])
        self.page.get_by_text(self.said["check"]["result"]).first.wait_for()
        self.keep(f"check_{name}")

    def act(self, action: str, reason: str = "", **facts: str) -> None:
        """Do something to the chosen cases."""
        self.page.get_by_role("radio", name=self.actions[action], exact=True).first.click()
        self.watched.settled()
        for label, option in facts.items():
            section, _, name = label.partition("_")
            self.watched.choose(self.said[section][name], option)
        if reason:
            self.page.get_by_label(self.said["review"]["reason"]).fill(reason)
            self.page.keyboard.press("Tab")
            self.watched.settled()
        self.watched.press(self.actions[action])
        self.succeeded()

    def open_and_assign(self) -> None:
        self.go("review", "qian")
        self.page.get_by_text(self.said["review"]["open"]).click()
        self.watched.press(self.said["review"]["open_now"])
        self.succeeded()
        for reviewer, kind in (("sun", "subject"), ("li", "uncertainty")):
            self.watched.choose_all_rows()
            self.act("assign", column_kinds=self.kinds[kind], review_reviewer=reviewer)

    def release(self, name: str) -> None:
        self.go("release", "zhou")
        self.page.get_by_text(self.said["release"]["build"]).click()
        self.watched.press(self.said["release"]["build_now"])
        self.succeeded()
        self.keep(name)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_whole_way_in_the_browser(
    browser: Any, serve: Callable[..., str], tmp_path: Path, shots: Path, lang: str
) -> None:
    """A broken table is checked, repaired and submitted; one case is returned, the others approved and released."""
    door = Library.open(tmp_path / "library", create=True)
    door.add_person("root", organisation="甲院", roles=["administrator"])
    for name, organisation, roles, kinds in PEOPLE:
        door.add_person(name, organisation=organisation, roles=roles, kinds=kinds, actor="root")
    door.declare_mode("reviewed", actor="root")
    way = Journey(Watched(browser, serve(tmp_path / "library", "dev")), shots, lang)

    way.check(SMALL_TABLE, "broken")
    way.check(REPAIRED, "repaired")
    way.watched.press(way.said["check"]["submit_now"])
    way.succeeded()
    way.open_and_assign()

    way.go("review", "sun")
    way.watched.choose_first_row()
    way.watched.settled()
    way.keep("case")
    way.act("return", "please name the page / 请写明页码")
    for who, action in (("sun", "approve"), ("li", "approve"), ("zhou", "adopt")):
        way.go("review", who)
        way.watched.choose_all_rows()
        way.act(action, "two kinds approve" if action == "adopt" else "")
    way.release("released")

    assert [row["state"] for row in case_page(door, standing="returned", limit=9, offset=0)["rows"]] == ["returned"]
    assert len(case_page(door, standing="published", limit=9, offset=0)["rows"]) == 3
    assert door.verify_ledger()["breaches"] == []
    assert way.watched.strangers == []
    assert way.watched.errors == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_two_releases_are_compared_in_the_browser(
    browser: Any, serve: Callable[..., str], tmp_path: Path, shots: Path, lang: str
) -> None:
    door = Library.open(tmp_path / "library", create=True)
    mapping, table = tmp_path / "small.toml", tmp_path / "small.csv"
    mapping.write_text(SMALL_MAPPING, encoding="utf-8")
    for text in (SMALL_TABLE, SMALL_TABLE.replace("1.25", "1.95")):
        table.write_text(text, encoding="utf-8")
        pipeline, sources = read_mapping(mapping)
        door.intake(pipeline, [table], sources=sources, actor="tester")
        door.appraise(as_of=AS_OF, actor="tester")
        door.adopt(actor="tester", reason="test")
        door.release(actor="tester")
    watched = Watched(browser, serve(tmp_path / "library"))
    shown = watched.open(f"diff?lang={lang}")
    shown.wait_for_selector("img")
    assert shown.get_by_text(words(lang)["diff"]["beyond"]).count() >= 1
    watched.whole_page(shots / f"two_releases_{lang}.png")
    watched.sound()
