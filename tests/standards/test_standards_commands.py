"""`factordb standard …`: exit codes, both languages, a Chinese Windows console, JSON, and every word of its help."""

import json
from pathlib import Path

import pytest

from factordb import Library
from tests.cli.test_cli_commands import call
from tests.standards.test_standards_registry import ROW, table

VERBS = ("list", "show", "check", "import", "form", "cite", "assess", "evaluate", "coverage")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verb", ["", *VERBS])
def test_every_command_helps_in_either_language_under_gbk(verb: str, lang: str) -> None:
    said = call("standard", *filter(None, [verb]), "--help", lang=lang, encoding="gbk")
    assert said.code == 0
    assert said.out


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_questions_are_answered_on_any_console(small_library: Path, lang: str, encoding: str) -> None:
    for words, code in (
        (("list", "--level", "national"), 0), (("show", "GB/T 44905-2024"), 0), (("show", "T/GDCPA 013-2023"), 0),
        (("coverage",), 0), (("evaluate",), 0), (("check",), 3), (("list", "--code", "hs"), 2), (("show", "X 1"), 2),
        (("list", "--level", "none"), 2),
    ):  # fmt: skip
        said = call("standard", *words, "--library", small_library, lang=lang, encoding=encoding)
        assert said.code == code, (words, said.err)
        assert said.out or said.err
        assert "Traceback" not in said.err


def test_answers_are_one_json_object_each(small_library: Path) -> None:
    library = Library.open(small_library)
    listed = json.loads(call("standard", "list", "--library", small_library, "--json").out)
    assert listed == library.standards()
    shown = json.loads(call("standard", "show", "GB/T 44905-2024", "--library", small_library, "--json").out)
    assert shown["standard"]["boundary"] == "cradle_to_gate"
    report = json.loads(call("standard", "check", "--library", small_library, "--json").out)
    assert {"STD005", "STD006", "STD010"} <= {one["code"] for one in report["findings"]}
    covered = json.loads(call("standard", "coverage", "--library", small_library, "--json").out)
    assert [one["year"] for one in covered["targets"]] == [2027, 2030]


def test_a_standard_goes_from_form_to_eligibility_by_commands(registry: Library, tmp_path: Path) -> None:
    at = ("--library", registry.workspace.root)
    number = "T/CMD 1-2024"
    path = table(tmp_path / "a.csv", {**ROW, "number": number}, {**ROW, "number": "T/CMD 2-2024", "source": ""})
    assert call("standard", "form", tmp_path / "form.xlsx", "--filled", *at).code == 0
    assert (tmp_path / "form.xlsx").stat().st_size > 5000
    assert call("standard", "import", path, "--dry-run", *at).code == 3
    done = call("standard", "import", path, "--as", "tester", "--json", *at)
    assert (done.code, json.loads(done.out)["entered"]) == (3, [number])
    factor = registry.search("乙产品")["hits"][0]["factor_id"]
    assert call("standard", "cite", number, "--factor", factor, "--place", "附录 A", *at).code == 0
    assert call("standard", "cite", number, *at).code == 2
    for edition in ("2025", "2026"):
        words = ("--database", "国家库（虚构）", "--edition", edition, "--place", "表 3")
        assert call("standard", "cite", number, *words, *at).code == 0
    for criterion in ("urgency", "reasonableness", "sources", "tests"):
        words = ("--criterion", criterion, "--judgement", "met", "--evidence", "第 3 页")
        assert call("standard", "assess", number, *words, *at).code == 0
    said = call("standard", "show", number, "--as-of", "2026-11-27", *at, lang="zh")
    assert "符合第（十五）条全部条件" in said.out
    words = ("--conclusion", "keep", "--reason", "仍适用")
    assert call("standard", "evaluate", number, *words, *at).code == 0
    assert number in call("standard", "evaluate", *at).out
