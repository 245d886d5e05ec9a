"""The curator's tutorial and every page in a real browser; a test file a language, so that both run at once."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboards.places import SECTIONS
from factordb import Library
from factordb.dashboard import case_page, route_words
from tests.conftest import ROOT
from tests.dashboards.browser_wire import Wire
from tests.dashboards.conftest import HOSTILE
from tests.dashboards.test_dashboards_words import words
from tests.documents import blocks

QUIRK = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit looks for itself below the page's own address first, and is told 404 there."""
QUIET = """() => {
  const app = document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]');
  if (!app || document.querySelector('[data-stale=true], [data-testid=stSkeleton]')) window.quiet = performance.now();
  return performance.now() - window.quiet > 250;
}"""
PAGES = tuple(name for names in SECTIONS.values() for name in names)
OF_A_FACTOR = ("factor", "uncertainty", "trace", "aggregate")


class Watched:
    """A browser page that keeps what went wrong in it."""

    def __init__(self, browser: Any, address: str) -> None:
        self.address = address
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
        self.page.set_default_timeout(60_000)
        self.wire = Wire(self.page)
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
        self.settled()
        return self.page

    def choose_rows(self, *places: int) -> None:
        """Choose just these rows, all of them without a place: a table is a canvas, its rows are 35 px high."""
        table = self.page.locator("[data-testid=stDataFrame]:visible canvas").first
        table.wait_for()
        rows = table.locator("table[role=grid] tbody tr")  # the canvas keeps such a table for those who hear it read
        rows.first.wait_for(state="attached")
        wanted = set(places) or set(range(rows.count()))
        for _ in range(3 * len(wanted) + 3):  # a click may come while the canvas is drawn anew, and is then not heard
            chosen = {
                place for place in range(rows.count()) if rows.nth(place).get_attribute("aria-selected") == "true"
            }
            if chosen == wanted:
                return
            table.scroll_into_view_if_needed()
            box, before = table.bounding_box(), self.wire.asked
            self.page.mouse.click(box["x"] + 20, box["y"] + 35 * (min(chosen ^ wanted) + 1.5))
            self.wire.heard(before, within=2)
            self.settled()
        raise AssertionError(f"the rows {sorted(wanted)} could not be chosen")

    def whole_page(self, path: Path, width: int = 1280) -> None:
        """Take a picture of all of the page: it scrolls inside itself, so the window is made as high as it is."""
        inside = "Math.max(...[...document.querySelectorAll('[data-testid=stMain]')].map(one => one.scrollHeight))"
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.set_viewport_size({"width": width, "height": min(int(self.page.evaluate(inside)) + 80, 4000)})
        self.page.wait_for_timeout(250)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def choose(self, label: str, option: str, place: int = 0) -> None:
        """Choose in the select box that carries `label` the option that holds these words."""
        boxes = self.page.locator("[data-testid=stSelectbox]")
        box = boxes.filter(has_text=label).nth(place) if label else boxes.first
        field = box.locator("input, [role=combobox]").first
        field.click()
        field.fill(option.strip())  # a long list is drawn in part: what is typed brings the option into sight
        before = self.wire.asked
        self.page.get_by_role("option").filter(has_text=option).first.click()
        self.wire.heard(before, within=0.6)  # what was chosen already asks for nothing
        self.settled()

    def press(self, label: str) -> None:
        self.hit(self.page.get_by_role("button", name=label, exact=False).last)

    def hit(self, target: Any) -> None:
        """Click what asks the server for something, until it is heard.

        Where a table above comes in late, what is clicked moves between the press and the release of the button.
        """
        for _ in range(3):
            before = self.wire.asked
            target.click()
            if self.wire.heard(before, within=10):
                self.settled()
                return
        raise AssertionError(f"a click on {target} was not heard three times")

    def settled(self) -> None:
        """Wait until every run of the page's script has ended, and the page has shown it for a quarter of a second."""
        while True:
            assert self.wire.ended(), "the page's script runs for more than a minute"
            self.page.evaluate("window.quiet = performance.now()")
            self.page.wait_for_function(QUIET, polling=60)
            if self.wire.still:
                return

    def sound(self, view: str) -> None:
        assert self.strangers == []
        assert self.errors == []
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{view} does not fit 1280 px"
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert self.page.locator("[data-testid=stAlertContentError]").count() == 0


LIME = {block.file: block.text for block in blocks(ROOT / "docs" / "tutorial-curate.md") if block.file}
"""The mapping, tables and definition of the tutorial."""
SOUTH_BROKEN = LIME["south.csv"].replace("1.20", "一吨多")
SOUTH_AGAIN = "".join(
    line for line in LIME["south.csv"].replace("kgCO2e", "tCO2e").splitlines(keepends=True) if "丙厂" not in line
)
NORTH_AGAIN = "".join(
    line for line in LIME["north.csv"].replace("1.12", "1.21").splitlines(keepends=True) if "乙厂" not in line
)
HOSTILE_ROWS = "".join(
    f'"{name}","{name}",全国,2024,{1 + place}.5,kgCO2e/kg,9,p\n' for place, name in enumerate(HOSTILE)
)
TEAM = (
    ("zhang", "北方石灰", "submitter", ""),
    ("li", "南方石灰", "submitter", ""),
    ("wu", "主管单位", "assigner", ""),
    ("wang", "大学", "reviewer", "subject"),
    ("zhao", "检测机构", "reviewer", "uncertainty"),
    ("qian", "研究院", "reviewer", "metadata"),
    ("sun", "主管单位", "curator", ""),
    ("zhou", "主管单位", "curator", ""),
)
"""The people of the tutorial: id, organisation, role, kind of review."""


class Journey:
    """The tutorial in the browser, in one language: whoever is at the desk does the next step."""

    def __init__(self, watched: Watched, shots: Path, lang: str, door: Library) -> None:
        self.watched, self.page, self.shots, self.lang, self.door = watched, watched.page, shots, lang, door
        self.who, self.said = "", words(lang)
        self.word = {part: {name: one[lang] for name, one in route_words(part).items()} for part in PARTS}

    def go(self, view: str, who: str = "") -> None:
        """Open a page, and let somebody sit down at it."""
        if not self.page.url.startswith(f"{self.watched.address}/{view}"):
            self.watched.open(f"{view}{'&' if '?' in view else '?'}lang={self.lang}")
            self.who = ""
        if who and who != self.who:
            self.watched.choose("", f"{who} ")
            self.who = who

    def keep(self, name: str) -> None:
        self.watched.whole_page(self.shots / f"journey_{name}_{self.lang}.png")

    def told(self, kind: str = "Success") -> None:
        """Wait for the word that it was done, or refused."""
        try:
            self.page.wait_for_selector(f"[data-testid=stAlertContent{kind}]")
        except Exception:
            self.keep("failed")
            raise

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds in the library: a click may be heard after the page looks still."""
        for _ in range(300):
            if holds():
                return
            self.page.wait_for_timeout(100)
        self.keep("failed")
        raise AssertionError("what was asked for in the browser never came to the library")

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).locator("visible=true").first.fill(text)

    def unfold(self, title: str) -> None:
        """Open an expander that is folded."""
        folded = self.page.locator("[data-testid=stExpander] details:not([open]) summary").filter(has_text=title)
        for _ in range(3):
            if not folded.count():
                return
            folded.first.click()
            self.watched.settled()

    def pick(self, part: str, name: str) -> None:
        """Choose in the last box of several that carries this heading."""
        box = self.page.locator("[data-testid=stMultiSelect]").filter(has_text=self.said["column"][part]).first
        box.locator("input").fill(self.word[part][name])
        self.page.get_by_role("option", name=self.word[part][name], exact=True).click()
        self.page.keyboard.press("Escape")
        box.get_by_text(self.word[part][name], exact=True).wait_for()

    def upload(self, place: int, name: str, text: str) -> None:
        files = self.page.locator("input[type=file]").nth(place)
        files.set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
        self.page.get_by_text(name, exact=True).first.wait_for()
        self.watched.settled()

    # ── the steps ────────────────────────────────────────────────────────────────────────────────────────

    def people(self) -> None:
        self.go("people")
        column = self.said["column"]
        for name, organisation, role, kind in (("admin", "主管单位", "", ""), TEAM[0], TEAM[3]):
            self.fill(column["person"], name)
            self.fill(column["organisation"], organisation)
            for part, value in (("roles", role), ("kinds", kind)):
                if value:
                    self.pick(part, value)
            self.watched.press(self.said["people"]["add_now"])
            self.until(lambda name=name: name in {one["person_id"] for one in self.door.people()})
        for name, organisation, role, kind in (*TEAM[1:3], *TEAM[4:]):  # more of the same
            self.door.add_person(name, organisation=organisation, roles=[role], kinds=[kind] if kind else [],
                                 actor="admin")  # fmt: skip
        assert {one["person_id"] for one in self.door.people()} == {"admin", *(one[0] for one in TEAM)}
        self.unfold(self.said["people"]["declare"])
        reviewed = self.said["mode"]["reviewed"]
        self.watched.hit(self.page.locator("[data-testid=stRadio] label:visible").filter(has_text=reviewed))
        self.watched.press(self.said["people"]["declare_now"])
        self.until(lambda: self.door.mode() == "reviewed")

    def check(self, who: str, name: str, text: str) -> None:
        """Check a table by the mapping of the tutorial."""
        self.page.goto("about:blank")
        self.go("check", who)
        self.upload(0, name, text)
        self.upload(1, "lime.toml", LIME["lime.toml"])
        self.watched.press(self.said["check"]["run"])
        self.page.get_by_text(self.said["check"]["result"]).first.wait_for()

    def submit(self, who: str, name: str, text: str) -> None:
        self.check(who, name, text)
        self.watched.press(self.said["check"]["submit_now"])
        self.told()
        self.open(who)

    def open(self, who: str) -> None:
        """Open the cases of the newest batch."""
        self.go("review", who)
        self.unfold(self.said["review"]["open"])
        self.watched.press(self.said["review"]["open_now"])
        self.told()

    def select(self, *names: str) -> None:
        """Choose the cases of these plants, all without a name, on the review desk."""
        rows = case_page(self.door, limit=100, offset=0)["rows"]
        places = [place for place, row in enumerate(rows) if any(one in row["name_en"] for one in names)]
        assert len(places) == len(names)
        self.watched.choose_rows(*places)

    def act(self, who: str, action: str, *plants: str, reason: str = "", done: str = "Success", **facts: str) -> None:
        """Do something to the cases of some plants, or to all of them."""
        self.go("review", who)
        self.select(*plants)
        self.watched.hit(self.page.get_by_role("radio", name=self.word["actions"][action], exact=True).first)
        for label, option in facts.items():
            section, _, name = label.partition("_")
            self.watched.choose(self.said[section][name], option)
        if reason:
            self.page.get_by_label(self.said["review"]["reason"]).fill(reason)
            self.page.keyboard.press("Tab")
            self.watched.settled()
        self.watched.press(self.word["actions"][action])
        self.told(done)

    def assign(self, *plants: str, kinds: tuple[tuple[str, str], ...] = ()) -> None:
        for who, kind in kinds or (("wang", "subject"), ("zhao", "uncertainty")):
            self.act("wu", "assign", *plants, column_kinds=self.word["kinds"][kind], review_reviewer=f"{who} ")

    def remark(self, who: str, plant: str, field: str, text: str) -> None:
        """Write a comment on a field, and see it in the letter of return."""
        self.go("review", who)
        self.select(plant)
        self.watched.choose(self.said["review"]["about"], self.said["field"][field])
        self.fill(self.said["review"]["comment"], text)
        self.watched.press(self.said["review"]["comment_now"])
        self.unfold(self.said["review"]["letter"])
        self.page.get_by_text(f"① {self.said['field'][field]}").first.wait_for()

    def propose(self, again: str = "") -> None:
        """Propose the aggregate by its definition, or anew where a sample was corrected."""
        self.page.goto("about:blank")
        self.go("aggregate", "zhang")
        if again:
            self.watched.choose_rows(0)
            self.watched.press(again)
        else:
            self.unfold(self.said["aggregate"]["define"])
            self.upload(0, "mix.toml", LIME["mix.toml"])
            self.watched.press(self.said["aggregate"]["propose"])
        self.told()
        self.open("wu")
        self.assign("national mix")
        self.decide("national mix", reason="covers four fifths / 覆盖八成")

    def decide(self, *plants: str, reason: str) -> None:
        """Two kinds approve, a curator adopts: what waits, and nothing else."""
        for who, action in (("wang", "approve"), ("zhao", "approve"), ("sun", "adopt")):
            self.act(who, action, *plants, reason=reason if action == "adopt" else "")

    def release(self, erratum: str = "") -> None:
        self.go("release", "sun")
        self.unfold(self.said["release"]["build"])
        if erratum:
            self.fill(self.said["release"]["erratum"], erratum)
            self.page.keyboard.press("Tab")
            self.watched.settled()
        self.watched.press(self.said["release"]["build_now"])
        self.told()

    def seen_everywhere(self) -> None:
        """Look at every page: its heading, its width, what it asks of other machines; keep a picture of each."""
        mixed = next(row for row in self.door.queue().to_pylist() if "mix" in row["name_en"])
        for view in PAGES:
            query = f"id={mixed['candidate_id']}&" if view in OF_A_FACTOR else ""
            page = self.watched.open(f"{'' if view == 'todo' else view}?{query}lang={self.lang}")
            assert page.locator("h1").inner_text() == self.said["page"][view]
            assert page.locator("[data-testid=stSpinner]:visible").count() == 0
            self.watched.sound(view)
            self.watched.whole_page(self.shots / f"{view}_{self.lang}.png")
            if os.environ.get("FACTORDB_SCREENSHOTS"):
                self.watched.whole_page(self.shots / f"{view}_{self.lang}_tablet.png", width=834)
            if view == "diff":
                assert page.get_by_text(self.said["diff"]["beyond"]).count() >= 1
                assert page.get_by_text("甲厂石灰的产量有误").count() >= 1

    def hostile(self) -> None:
        """Submit names that are scripts, pixels and links, and look at them: they are shown as text."""
        self.check("zhang", "hostile.csv", LIME["north.csv"].splitlines()[0] + "\n" + HOSTILE_ROWS)
        self.watched.press(self.said["check"]["submit_now"])
        self.told()
        row = next(one for one in self.door.queue(text="evil").to_pylist())
        for path in (f"factor?id={row['candidate_id']}&", "?text=evil&", "search?scope=candidates&text=evil&"):
            page = self.watched.open(f"{path}lang={self.lang}")
            assert page.locator("[src*=evil], [href*=evil], [href^=javascript]").count() == 0
        self.watched.open(f"?text=evil&lang={self.lang}")
        self.watched.choose_rows(0)
        heading = self.page.locator("h3").first.inner_text().replace("\u2060", "")
        assert heading in {
            row["name_zh"].replace("\u202e", "\ufffd") for row in self.door.waiting(text="evil").to_pylist()
        }
        self.page.get_by_text(self.said["queue"]["open"]).click()
        self.page.wait_for_url(re.compile(r"/factor\?.*id="))
        self.page.get_by_text(self.said["factor"]["back"]).click()
        self.page.wait_for_url(re.compile(r"text=evil"))
        self.watched.settled()


PARTS = ("roles", "kinds", "actions", "standings")


def tutorial(
    browser: Any, serve: Callable[..., str], tmp_path: Path, shots: Path, lang: str, request: pytest.FixtureRequest
) -> None:
    """People, a broken table repaired, a return, a dissent, an override, an aggregate, two releases, their diff."""
    door = Library.open(tmp_path / "library", create=True)
    way = Journey(Watched(browser, serve(tmp_path / "library", "dev")), shots, lang, door)
    request.addfinalizer(lambda: way.keep("last"))
    way.people()
    way.submit("zhang", "north.csv", LIME["north.csv"])
    way.check("li", "south.csv", SOUTH_BROKEN)
    way.page.get_by_text("VAL101").first.wait_for(state="attached")
    way.keep("check_broken")
    way.submit("li", "south.csv", LIME["south.csv"])
    way.assign()

    way.remark("wang", "plant D", "unit", "tCO2e/t?")
    way.act("wang", "return", "plant D", reason="value and unit do not fit / 数值与单位不符")
    way.submit("li", "south2.csv", SOUTH_AGAIN)
    way.assign("plant D")
    way.select("plant D")
    way.keep("case_resubmitted")

    way.act("wang", "approve")
    way.act("zhao", "dissent", "plant B", reason="only two measurements / 只有两次测定")
    way.act("zhao", "approve", "plant A", "plant C", "plant D")
    way.assign("plant B", kinds=(("qian", "metadata"),))
    way.act("qian", "approve", "plant B")
    for who in ("wang", "zhou"):
        way.act(who, "override", "plant C", reason="the kilns differ / 两座窑工况差异大", review_finding="FLOOR_P")
    way.act("zhou", "adopt", "plant C", reason="all reviewed / 审核齐备", done="Error")
    way.act("sun", "adopt", reason="all reviewed / 审核齐备")
    assert len(case_page(door, standing="adopted", limit=9, offset=0)["rows"]) == 4
    way.propose()
    way.release()

    way.submit("zhang", "north2.csv", NORTH_AGAIN)
    way.assign("plant A")
    way.decide("plant A", reason="plant A corrected / 甲厂已更正")
    way.propose(again=way.said["aggregate"]["anew"].partition("{")[0])
    way.release(erratum="the output of plant A was wrong / 甲厂石灰的产量有误")
    way.watched.press(way.said["release"]["verify"])
    way.told()
    way.seen_everywhere()
    way.hostile()

    changed = door.diff_releases("2026.1", "2026.2")
    assert changed.counts["changed"] == 2
    assert door.verify_release("2026.2") == []
    assert door.verify_ledger()["breaches"] == []
    assert (way.watched.strangers, way.watched.errors) == ([], [])
