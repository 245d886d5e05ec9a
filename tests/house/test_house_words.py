"""Every word a user reads exists in both languages, and Chinese is set as Chinese."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "factordb" / "reference"
CHINESE = "\u4e00-\u9fff"

PAIRS = sorted(path for path in REFERENCE.rglob("*_zh.toml"))
TABLES = sorted(REFERENCE.rglob("*.toml"))


def _leaves(table: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(table, dict):
        for key, value in table.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(table, list):
        for place, value in enumerate(table):
            yield from _leaves(value, (*path, str(place)))
    else:
        yield path, table


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _facts(text: str) -> list[str]:
    return sorted(set(re.findall(r"\{(\w+)", text)))


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name)
def test_both_languages_have_the_same_keys_and_facts(path: Path) -> None:
    zh = dict(_leaves(_read(path)))
    en = dict(_leaves(_read(path.with_name(path.name.replace("_zh.", "_en.")))))
    assert set(zh) == set(en)
    # a citation by GB/T 7714 and one in the English manner name different facts
    words = {key: text for key, text in zh.items() if isinstance(text, str) and key[0] != "cite"}
    assert [key for key, text in words.items() if _facts(text) != _facts(en[key])] == []
    assert [key for key, text in zh.items() if not str(text).strip() and str(en[key]).strip()] == []


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.relative_to(REFERENCE).as_posix())
def test_a_word_in_one_language_has_its_fellow(path: Path) -> None:
    keys = {key for key, _ in _leaves(_read(path))}
    for mine, other in (("zh", "en"), ("en", "zh")):
        alone = [
            key
            for key in keys
            if (key[-1] == mine or key[-1].endswith(f"_{mine}"))
            and (*key[:-1], key[-1][: -len(mine)] + other) not in keys
        ]
        assert alone == []


HALF = re.compile(
    f"[{CHINESE}][,;:?!][{CHINESE}]|[{CHINESE}][,;:?!]$|[{CHINESE}][,;:?!] ?[{{“]|[}}”][,;:?!] ?[{CHINESE}]"
    rf"|[{CHINESE}]\([{CHINESE}]|[{CHINESE}]\)[{CHINESE}]|[，。；：（）][ ][{CHINESE}]"
)
"""Half-width marks between Chinese characters, or between one and a fact filled in; blanks after full-width marks."""


def _chinese_words() -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every Chinese word table and of the Chinese sentences of errors."""
    for path in TABLES:
        for key, text in _leaves(_read(path)):
            chinese = path.name.endswith("_zh.toml") or key[-1] == "zh" or key[-1].endswith("_zh")
            if chinese and isinstance(text, str):
                yield f"{path.name}:{'.'.join(key)}", text
    for path in sorted((ROOT / "factordb").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg and (node.arg == "zh" or node.arg.endswith("_zh")):
                yield f"{path.name}:{node.value.lineno}", _text(node.value)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_chinese_has_full_width_punctuation() -> None:
    words = list(_chinese_words())
    assert len(words) > 1000
    unquoted = ((place, re.sub(r"`[^`]*`", "x", text)) for place, text in words)
    assert [f"{place}: {text}" for place, text in unquoted if HALF.search(text)] == []


def test_the_pattern_sees_what_it_must() -> None:
    for wrong in ("读入,退回", "原因:", "批次{n},退回", "换算:{n}", "（甲） 乙", "条款(五)"):
        assert HALF.search(wrong), wrong
    for right in ("读入，退回", "比例 3:1", "`a: 中`", "CO2(气体)", "2,000 行"):
        assert not HALF.search(re.sub(r"`[^`]*`", "x", right)), right


def test_an_error_says_it_in_both_languages() -> None:
    """Every call that makes an error with `problem=` gives all four sentences."""
    needed = {"problem", "remedy", "problem_zh", "remedy_zh"}
    partial = []
    for path in sorted((ROOT / "factordb").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = {one.arg for one in node.keywords}
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if "problem" in given and name[:1].isupper() and not needed <= given and None not in given:
                    partial.append(f"{path.name}:{node.lineno}")
    assert partial == []
