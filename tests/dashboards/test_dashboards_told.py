"""Numbers, references, times, places and recorded facts as the pages tell them, in either language."""

import json
from types import SimpleNamespace

import pytest

from dashboards import recorded, telling, words


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    _read(monkeypatch, "zh")


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    _read(monkeypatch, "en")


def _read(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    for module in (telling, words, recorded):
        monkeypatch.setattr(module, "language", lambda: lang)


@pytest.mark.parametrize(
    ("share", "signed", "told"),
    [(0.2, True, "+20.0 %"), (-0.0004, True, "0.0 %"), (-0.019, True, "-1.9 %"), (1.0, False, "100.0 %"),
     (None, False, "—")],
)  # fmt: skip
def test_shares_are_told_in_per_cent(share: float | None, *, signed: bool, told: str) -> None:
    assert telling.percent(share, signed=signed) == told


@pytest.mark.usefixtures("chinese")
def test_references_are_told_in_chinese_without_their_gloss() -> None:
    assert telling.clause("指引 (五) 来源; domain 3") == "指引（五）来源；领域说明 3"
    assert telling.clause("468 附录 6: factor = Σ gas × GWP") == "468 附录 6"
    assert telling.clause("a part cannot exceed the whole") == "部分不能大于整体"
    assert telling.clause("GB/T 2260; domain 7: 省 for autonomous regions") == "GB/T 2260；领域说明 7"


@pytest.mark.usefixtures("english")
def test_references_are_told_in_english() -> None:
    assert telling.clause("468 附录 6: factor = Σ gas × GWP") == "468 annex 6: factor = Σ gas × GWP"
    assert telling.clause("指引 (五) 有效性") == "Guideline (五) validity"


@pytest.mark.usefixtures("chinese")
def test_the_registers_own_chinese_has_marks_in_full_width() -> None:
    told = "在网站(www.mee.gov.cn)按标题检索,附件为 PDF;见表 1 (b), c: d / in English"
    assert telling.half(told) == "在网站（www.mee.gov.cn）按标题检索，附件为 PDF；见表 1 (b), c: d"
    assert telling.full_width("IPCC 报告 第一工作组:表 2.14(摘录)") == "IPCC 报告 第一工作组：表 2.14（摘录）"


def test_names_of_columns_stand_in_quotation_marks() -> None:
    assert telling.unticked("fill `gwp_set`; `Not this`") == "fill “gwp_set”; `Not this`"


@pytest.mark.usefixtures("chinese")
def test_a_place_has_a_name_and_an_unknown_code_stays_as_it_is() -> None:
    assert [telling.region(one) for one in ("310000", "CN", "X-1", None, "")] == ["上海", "中国", "X-1", "", ""]


@pytest.mark.parametrize(
    ("zone", "told"),
    [("Asia/Shanghai", "2026-11-27 13:54 UTC+8"), ("Asia/Kolkata", "2026-11-27 11:24 UTC+5:30"),
     ("UTC", "2026-11-27 05:54 UTC"), ("No/Such", "2026-11-27 05:54 UTC")],
)  # fmt: skip
def test_a_moment_names_its_distance_from_utc(monkeypatch: pytest.MonkeyPatch, zone: str, told: str) -> None:
    monkeypatch.setattr(telling, "st", SimpleNamespace(context=SimpleNamespace(timezone=zone)))
    assert telling.moment("2026-11-27T05:54:10") == told


@pytest.mark.usefixtures("chinese")
def test_facts_of_an_event_are_words_and_no_machine_text() -> None:
    facts = {"action": "adopt", "assignee": "", "base_release": None, "cases": [["a", 1], ["b", 2]],
             "counts": {"factors": 11}, "manifest_sha256": "ab" * 32, "reason": "审核齐备", "x": "\u202e1"}  # fmt: skip
    told = recorded.told(json.dumps(facts))
    assert told == "行为：采纳；任务：2 项；排放因子：11；清单哈希：abababababab…；理由：审核齐备；x：\ufffd1"
    assert recorded.told(facts) == told
    assert [recorded.subject(one) for one in ("2 cases", "b641e9f4", "2026.1")] == ["2 项任务", "b641e9f4", "2026.1"]
