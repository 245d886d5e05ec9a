"""Reports on tables as people bring them."""

import json
import string
from math import sqrt
from typing import Any

import pytest

from factordb.errors import StatementError, UsageError
from factordb.reference import toml
from factordb.uncertainty.report import LANGUAGES, Note, said, word
from factordb.uncertainty.reports import combine_report, trend_report
from factordb.uncertainty.sample_report import sample_report
from factordb.uncertainty.worksheets import read_columns

THREE = "实验室,结果,标准不确定度\n甲,1,1\n乙,2,1\n丙,6,1\n"
LABS = "lab,value\na,1\na,3\nb,4\nb,6\nc,7\nc,9\n"
INVENTORY = "category,base,year,activity_u,factor_u\ncoal,1000,900,2,5\ngas,400,600,3,2\n"


def marks(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def every_report() -> list[Any]:
    return [
        combine_report(THREE),
        sample_report("value\n1\n2\n4\n3\n2\n1\n2\n9\n"),
        sample_report(LABS),
        sample_report("value\n<1\n2\n3\n4\n<1\n5\n7\n"),
        trend_report(INVENTORY),
    ]


def test_both_languages_have_the_same_words() -> None:
    zh, en = toml("words/uncertainty_zh"), toml("words/uncertainty_en")
    assert {group: set(words) for group, words in zh.items()} == {group: set(words) for group, words in en.items()}
    for key, text in zh["note"].items():
        marks = [
            {field for _, field, _, _ in string.Formatter().parse(one) if field} for one in (text, en["note"][key])
        ]
        assert marks[0] == marks[1]


def test_every_key_of_every_report_has_words() -> None:
    words = toml("words/uncertainty_en")
    for report in every_report():
        assert report.command in words["title"]
        assert set(report.facts) <= set(words["name"])
        for block, rows in report.tables.items():
            assert block in words["block"]
            assert all(set(row) <= set(words["name"]) for row in rows)
        assert all("{" not in note.words(lang) for note in report.notes for lang in LANGUAGES)


def test_every_report_is_plain_json_and_has_a_plot() -> None:
    for report in every_report():
        assert json.loads(json.dumps(report.as_json(), allow_nan=False))["command"] == report.command
        for lang in LANGUAGES:
            assert report.plots[lang].startswith("<svg ")


def test_combine_three_laboratories() -> None:
    """As in test_consensus: Q = 14, mean 3, Birge u = √(7/3)."""
    report = combine_report(THREE)
    assert report.facts["q"] == pytest.approx(14)
    rows = {row["method"]: row for row in report.tables["consensus"]}
    assert rows["birge"]["u"] == pytest.approx(sqrt(7 / 3))
    assert rows["mandel-paule"]["between_sd"] == pytest.approx(sqrt(6))
    assert [row["laboratory"] for row in report.tables["equivalence"]] == ["甲", "乙", "丙"]
    assert report.notes[0].key == "heterogeneous"


def test_expanded_uncertainties_are_divided_by_their_k() -> None:
    expanded = combine_report("value,U,k\n1,2,2\n2,2,2\n6,3,3\n")
    assert expanded.facts["q"] == pytest.approx(14)
    with pytest.raises(UsageError, match="no column k"):
        combine_report("value,U\n1,2\n2,2\n")
    with pytest.raises(StatementError, match=r"no\. 2 lack"):
        combine_report("value,U,k\n1,2,2\n2,2,0\n")


def test_outliers_stay_and_are_said() -> None:
    report = sample_report("value\n10.1\n10.0\n9.9\n10.05\n9.95\n12.0\n")
    assert report.facts["n"] == 6
    assert report.facts["mean"] == pytest.approx(62 / 6)
    assert [(row["test"], row["suspects"]) for row in report.tables["tests"]] == [("Grubbs", "6")]
    assert [note.key for note in report.notes] == ["outliers"]


def test_three_readings_are_told_what_they_lack() -> None:
    report = sample_report("读数\n0.512\n0.498\n0.505\n")
    assert report.facts["distribution_sd"] is None
    assert report.notes[0].words("zh").startswith("只有 3 个读数")


def test_a_chained_series_is_noticed() -> None:
    rising = "value\n" + "\n".join(str(1 + n / 10) for n in range(30))
    report = sample_report(rising)
    assert report.facts["u_series"] > 1.5 * report.facts["u"]
    assert report.notes[-1].key == "series"


def test_laboratories_ask_for_iso_5725() -> None:
    report = sample_report(LABS)
    assert report.facts["reproducibility_sd"] == pytest.approx(sqrt(10))
    assert {row["laboratory"] for row in report.tables["laboratories"]} == {"a", "b", "c"}


def test_nondetects_name_every_method_and_every_refusal() -> None:
    report = sample_report("value\n<1\n2\n3\n4\n<1\n5\n7\n")
    rows = {row["method"]: row for row in report.tables["nondetects"]}
    assert rows["substitution"]["mean"] is None
    assert rows["ros"]["mean"] == pytest.approx(3.3, abs=0.1)
    assert "未检出比例为 29%" in report.notes[0].words("zh")
    assert "29%" in report.notes[0].words("en")


def test_trend_has_both_approaches() -> None:
    report = trend_report(INVENTORY)
    rows = {(row["quantity"], row["approach"]): row for row in report.tables["approaches"]}
    assert rows["trend", "approach_1"]["value"] == pytest.approx(100 * 100 / 1400)
    assert rows["trend", "approach_2"]["value"] == pytest.approx(100 * 100 / 1400, abs=0.05)
    assert report.facts["settled"]
    apart = trend_report(
        "类别,基年,当年,活动数据不确定度,因子不确定度,因子年际相关\ncoal,1000,900,2,5,否\ngas,400,600,3,2,no\n"
    )
    assert apart.tables["approaches"][3]["high"] > rows["trend", "approach_1"]["high"]


@pytest.mark.parametrize(
    ("text", "said_so"),
    [
        ("value\n1\n1,5\n", "line 3 has 2 cells"),
        ('value\n1\n"1,5"\n', "line 3, column value"),
        ("value\n1\n约0.8\n", "line 3, column value"),
        ("# card\nvalue\n1\n\n1_000\n", "line 5, column value"),
        ("foo,bar\n1,2\n", "no known column"),
        ("value,result\n1,2\n", "one of them twice"),
        ("u\n1\n", "no column value"),
        ("", "no known column"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(text: str, said_so: str) -> None:
    with pytest.raises(UsageError, match=said_so):
        sample_report(text)


def test_flags_must_be_yes_or_no() -> None:
    with pytest.raises(UsageError, match="factor_correlated"):
        trend_report("category,base,year,activity_u,factor_u,factor_correlated\na,1,1,1,1,maybe\n")


def test_full_width_digits_and_comments_are_read() -> None:
    columns = read_columns("# a remark, with a comma\n实验室,数值\n甲,１．５\n")
    assert columns == {"laboratory": ["甲"], "value": ["1.5"], "line": ["3"]}


def test_u_and_big_u_are_not_the_same_column() -> None:
    assert set(read_columns("value,u,U,k\n1,1,2,2\n")) == {"value", "u", "expanded", "k", "line"}


def test_words() -> None:
    assert word("name", "no such key", "zh") == "no such key"
    assert said(1 / 3, "en") == "0.333333"
    assert said(None, "zh") == ""
    assert said(True, "zh") == "是"  # noqa: FBT003 - the flag is the cell
    assert Note("few", {"n": 3}).words("en").startswith("3 readings")
