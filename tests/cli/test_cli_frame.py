"""The frame around the words of the house: help pages and refusals, in the language of the user."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from factordb.cli import frame
from factordb.cli.console import frame_words, speech
from tests.cli.test_cli_commands import call

WRONG = {
    "--nope": ("No such option: --nope", "没有选项 --nope。"),
    "intake --pipelin x": ("No such option: --pipelin (Possible options: --pipeline)",
                           "没有选项 --pipelin（是否要用：--pipeline）。"),
    "release build --jso": ("No such option: --jso (Possible options: --json, --reason)",
                            "没有选项 --jso（是否要用：--json、--reason）。"),
    "nope": ("No such command 'nope'.", "没有命令 nope。"),
    "footprnt": ("No such command 'footprnt'. Did you mean 'footprint'?", "没有命令 footprnt，是否要用 footprint？"),
    "factor show": ("Missing argument 'name'.", "缺少参数 name。"),
    "release export 2026.1": ("Missing option '--format'.", "缺少选项 --format。"),
    "init a b": ("Got unexpected extra argument(s) (a b)", "多出了参数：a b。"),
    "run --seed": ("Option '--seed' requires an argument.", "选项 --seed 需要一个值。"),
    "run --gate=3": ("Option '--gate' does not take a value.", "选项 --gate 不带值。"),
    "run --seed abc": (("Invalid value for '--seed': Input should be a valid integer, unable to parse string as an "
                       "integer"), "--seed 的值无效：应为整数。"),
    "run --seed 1.5": (("Invalid value for '--seed': Input should be a valid integer, unable to parse string as an "
                       "integer"), "--seed 的值无效：应为整数。"),
    "run --as-of 2026-13-45": (("Invalid value for '--as-of': Value error, '2026-13-45' does not match the formats "
                               "'%Y-%m-%d'."), "--as-of 的值无效：2026-13-45 不符合格式 YYYY-MM-DD。"),
    "api serve --port 99999": ("Invalid value for '--port': Input should be less than or equal to 65535",
                               "--port 的值无效：不应大于 65535。"),
    "api serve --port -1": ("Invalid value for '--port': Input should be greater than or equal to 1",
                            "--port 的值无效：不应小于 1。"),
}  # fmt: skip
"""A wrong command line -> what is said in English (as typer says it) and in Chinese."""


HELPED = [(), ("init",), ("intake",), ("release",), ("release", "build"), ("factor", "search"), ("review", "queue")]


@pytest.mark.parametrize("typed", WRONG)
def test_a_wrong_command_line_is_refused_in_the_language_of_the_user(typed: str) -> None:
    for lang, said in zip(("en", "zh"), WRONG[typed], strict=True):
        told = call(*typed.split(), lang=lang)
        first, *_ = told.err.splitlines()
        assert first.partition(": ")[2] == said
        assert (told.code, told.out) == (2, "")


@pytest.mark.parametrize("words", HELPED, ids=" ".join)
def test_help_has_no_english_frame_in_chinese_and_no_chinese_frame_in_english(words: tuple[str, ...]) -> None:
    zh = call(*words, "--help", lang="zh").out
    assert zh.startswith("用法：factordb")
    for said in ("usage", "options_mark", "command_mark", "help", "install"):
        assert frame_words("en")["frame"][said] not in zh
    assert not re.search(r"^(Options|Commands|Arguments):", zh, re.MULTILINE)
    assert not re.search(r"\[(default|required|env var)|; (默认值|必填)", zh)
    assert "选项：" in zh
    en = call(*words, "--help", lang="en").out
    assert en.startswith("Usage: factordb")
    assert "Options:\n" in en
    assert "Show this message and exit." in en


def test_a_noun_alone_gives_its_help_page_and_the_code_of_use() -> None:
    for lang, head in (("zh", "用法：factordb footprint"), ("en", "Usage: factordb footprint")):
        told = call("footprint", lang=lang)
        assert told.err.startswith(head)
        assert (told.code, told.out) == (2, "")


def test_the_frame_prints_on_a_chinese_windows_console() -> None:
    assert call("footprnt", lang="zh", encoding="gbk").err.startswith("错误: 没有命令")
    assert call("init", "--help", lang="zh", encoding="gbk").out.startswith("用法：")


@pytest.mark.parametrize("name", list(frame_words("en")["refused"]))
def test_every_sentence_of_typer_has_its_fellow_and_none_hides_another(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "lang", "zh")
    said = re.sub(r"\{(\w+)\}", r"\1", frame_words("en")["refused"][name])
    expected = re.sub(r"\{(\w+)\}", r"\1", frame_words("zh")["refused"][name])
    assert frame.refusal(said) == expected


def test_a_sentence_nobody_knows_is_passed_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "lang", "zh")
    assert frame.refusal("Something new.") == "Something new."
    assert frame.word("Something new.") == "Something new."


def test_importing_the_frame_changes_nothing_of_typer() -> None:
    program = (
        "import typer.core as core; before = core._, core.TyperCommand.context_class.formatter_class\n"
        "import factordb.cli.app, factordb.cli.frame\n"
        "assert before == (core._, core.TyperCommand.context_class.formatter_class)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_passphrases_that_differ_are_told_in_the_language_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for lang, said in (("zh", "两次输入的口令不一致"), ("en", "the two passphrases differ")):
        answers = iter(["one passphrase", "another passphrase"])
        monkeypatch.setattr("typer.prompt", lambda *_, answers=answers, **__: next(answers))
        told = call("key", "new", tmp_path / "a.pem", lang=lang)
        assert said in told.err
        assert told.code == 2
        assert not (tmp_path / "a.pem").exists()


def test_what_the_system_says_of_a_file_is_said_in_the_language_of_the_user(
    small_table: tuple[Path, Path], tmp_path: Path
) -> None:
    mapping, table = small_table
    table.unlink()
    words = ("intake", "--mapping", mapping, table, "--library", tmp_path / "library")
    zh, en = call(*words, lang="zh"), call(*words, lang="en")
    assert (zh.code, en.code) == (2, 2)
    assert "（没有此文件或目录）" in zh.err
    assert "(No such file or directory)" in en.err
