"""`factordb lineage` as a user meets it: both languages, a GBK console, JSON, and the exit codes."""

import json
from pathlib import Path

import pytest

from factordb import Library
from tests.cli.test_cli_commands import call
from tests.stages.test_stages_aggregate import THREE, VALUES, _decide, _define, _ids, _table, _take_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a library, and a definition of an aggregate that has been proposed and adopted in it."""
    opened = Library.open(tmp_path / "library", create=True)
    _take_in(opened, _table(tmp_path / "plants.csv", VALUES), tmp_path)
    _define(tmp_path / "a.toml", _ids(opened), THREE)
    opened.propose_aggregate(tmp_path / "a.toml")
    _decide(opened)
    return tmp_path


@pytest.mark.parametrize(("lang", "encoding"), [("zh", "gbk"), ("en", "utf-8"), ("en", "gbk")])
def test_every_command_answers(folder: Path, lang: str, encoding: str) -> None:
    place = ("--library", folder / "library")
    opened = Library.open(folder / "library")
    sample, made = _ids(opened)["甲厂"], opened.queue(pipeline="aggregate").to_pylist()[0]["factor_id"]
    for words in (
        ("check", folder / "a.toml"), ("propose", folder / "a.toml"), ("show", made), ("show", sample),
        ("impact", sample, "2.5"), ("stale",), ("repropose", made, "--dry-run"),
    ):  # fmt: skip
        said = call("lineage", *words, *place, lang=lang, encoding=encoding)
        assert (said.code, said.err) == (0, ""), words
        assert said.out.strip()
        parsed = call("lineage", *words, *place, "--json", lang=lang)
        assert parsed.code == 0
        json.loads(parsed.out)
    moved = json.loads(call("lineage", "impact", sample, "2.5", *place, "--json").out)
    assert (moved["moved"], moved["rows"][0]["factor_id"]) == (1, made)
    assert moved["rows"][0]["new"] - moved["rows"][0]["old"] == pytest.approx(0.5 * (2.5 - 1.7071))


def test_wrong_calls_end_in_a_sentence_and_their_code(folder: Path) -> None:
    place = ("--library", folder / "library")
    (folder / "bad.toml").write_text("[aggregate]\nname = 1\n", encoding="utf-8")
    restricted = _define(folder / "r.toml", _ids(Library.open(folder / "library")), {"甲厂": 1, "乙厂": 1},
                         access="restricted")  # fmt: skip
    for code, words in (
        (2, ("check", folder / "none.toml")), (2, ("check", folder / "bad.toml")), (2, ("show", "nobody")),
        (2, ("impact", "nobody", "1")), (2, ("impact", "nobody", "many")), (2, ("repropose", "nobody")),
        (5, ("check", restricted)), (5, ("propose", restricted)),
    ):  # fmt: skip
        said = call("lineage", *words, *place)
        assert said.code == code, words
        assert said.err.startswith("error: ")
        assert "Traceback" not in said.err
