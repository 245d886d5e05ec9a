"""Made rows and counts; what is tested is that the report says them, safely and in both languages."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from factordb.formats.changes import release_changes
from factordb.formats.report import HeldBack, PipelineCount, ReportContent, WaitingTime, report_html, write_report
from factordb.formats.rows import release_batches, split_by_table
from factordb.formats.words import table_of_words
from tests.formats.made_release import FACTS, FORMULA, HOSTILE, made_others, made_rows, made_table, row, table_of


class Page(HTMLParser):
    """Tags, attributes and the text of each language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.words: dict[str, str] = {"zh": "", "en": "", "": ""}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in {"meta", "input", "br"}:
            self._open.append(
                next((lang for lang in ("zh", "en") if lang in (dict(attrs).get("class") or "").split()), "")
            )

    def handle_endtag(self, tag: str) -> None:
        assert tag not in {"meta", "input", "br"}
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.words[next((lang for lang in self._open if lang), "")] += data + "\n"

    def shown(self, lang: str) -> str:
        return self.words[""] + self.words[lang]


def content(rows: pa.Table | None = None, **changed: object) -> ReportContent:
    table = made_table() if rows is None else rows
    heads = {
        name: pa.Table.from_batches([part]) for batch in release_batches(table) for name, part in split_by_table(batch)
    }
    base = ReportContent(
        facts=FACTS,
        pipelines=[
            PipelineCount("made-grid", "示例电网", "made grid", 120, 119, 1, 96, 23),
            PipelineCount("made-db", HOSTILE, "made database", 499, 870, 35, 612, 258),
        ],
        held_back=[
            HeldBack(
                "PLA003",
                "block",
                12,
                "数值相差约 10 倍",
                "ten times off",
                "核对单位",
                "check the unit",
                (HOSTILE, FORMULA),
            ),
            HeldBack("UNC001", "gap", 246, "没有不确定度", "no uncertainty stated"),
        ],
        counts={name: head.num_rows for name, head in heads.items()},
        heads=heads,
        changes=release_changes(None, table),
        sources=made_others()["sources"],
    )
    return replace(base, **changed)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(report_html(content()))


def test_it_says_what_came_in_and_what_was_held_back(page: Page) -> None:
    zh, en = page.shown("zh"), page.shown("en")
    for words, text in (
        (zh, "收到了什么"), (zh, "数值相差约 10 倍"), (zh, "核对单位"), (zh, "阻断"), (zh, "未经独立复核"),
        (zh, "外购电力 (CN, 2024)"),
        (en, "What came in"), (en, "ten times off"), (en, "blocking"), (en, "purchased electricity (CN, 2024)"),
    ):  # fmt: skip
        assert text in words
    for number in ("120", "870", "989", "281", "246", "708"):
        assert f"\n{number}\n" in page.words[""]
    assert "What came in" not in zh
    assert "收到了什么" not in en


def test_reported_derived_and_default_are_marked(page: Page) -> None:
    for lang in ("zh", "en"):
        for basis in ("reported", "derived", "default", "none"):
            assert table_of_words(lang)["report"][f"legend_{basis}"] in page.shown(lang)


def test_it_needs_nothing_from_outside_and_runs_nothing(page: Page) -> None:
    assert not {"script", "link", "iframe", "img", "object", "form", "a"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in {"src", "href", "action"}}
    assert "xmlns" in names
    outside = [value for name, value in page.attributes if value and "://" in value and name != "xmlns"]
    assert outside == []
    assert any("default-src 'none'" in (value or "") for _, value in page.attributes)
    assert len(page.ids) == len(set(page.ids))


def test_hostile_text_is_shown_as_text(page: Page) -> None:
    assert page.shown("zh").count(HOSTILE) >= 2
    assert page.shown("en").count(FORMULA) >= 1


def test_one_of_two_languages_is_hidden_by_style_alone() -> None:
    html = report_html(content())
    assert "#lang-zh:checked~* .en,#lang-en:checked~* .zh{display:none}" in html
    assert html.index('id="lang-zh"') < html.index("<main>")
    assert html.count(" checked>") == 1


def test_a_first_release_and_a_later_one_tell_their_changes() -> None:
    assert "首次发布" in Page(report_html(content())).shown("zh")
    old = table_of([made_rows()[0] | {"value_text": "0.5", "version_id": "older"}, row("gone", name_zh="旧因子")])
    later = content(facts=replace(FACTS, base_release="2025.2"), changes=release_changes(old, made_table()))
    shown = Page(report_html(later)).shown("zh")
    assert "与上一发布 2025.2 相比：新增 7，变更 1，撤回 1，被接替 0，到期 0，降级 0。" in shown
    assert "旧因子" in shown
    assert "来源所发布的事实不同" in shown


def test_sections_without_data_are_left_out_or_say_so() -> None:
    empty = content(held_back=[], sources=None)
    shown = Page(report_html(empty)).shown("zh")
    assert "没有暂缓发布的候选" in shown
    assert "办理时间" not in shown
    waiting = content(waiting=[WaitingTime("评估", "appraisal", 3, 2.5, 11.0)])
    assert "办理时间" in Page(report_html(waiting)).shown("zh")


def test_a_large_release_shows_its_first_rows_and_totals() -> None:
    rows = table_of([row(f"f{number}", name_zh=f"因子{number:04d}", name_en=None) for number in range(500)])
    large = content(rows, counts={"factors": 1_000_000})
    html = report_html(large, top=10)
    assert "显示 10 条，共 1,000,000 条；全部见 data/factors.csv。" in Page(html).shown("zh")
    assert "因子0009" in html
    assert "因子0010" not in html
    assert len(html) < 200_000


def test_same_content_same_bytes(tmp_path: Path) -> None:
    write_report(tmp_path / "a.html", content())
    write_report(tmp_path / "b.html", content())
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
