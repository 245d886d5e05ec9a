"""The pages of the registry say every rule with its clause and severity, and name only commands and verbs there are."""

import re

import pytest

from factordb import Library
from factordb.cli.standard import app
from factordb.model.standard import rules
from factordb.reference import tables
from tests.conftest import ROOT


@pytest.mark.parametrize(("name", "lang"), [("standards.md", "zh"), ("standards.en.md", "en")])
def test_every_rule_stands_on_the_page_with_its_clause_and_severity(name: str, lang: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (STD0\d\d) \| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    severities = tables.toml(f"words/ui_{lang}")["severity"] if lang == "zh" else {}
    wanted = [(code, one["clause"], severities.get(one["severity"], one["severity"]))
              for code, one in rules()["rule"].items() if one["clause"]]  # fmt: skip
    assert rows == wanted


@pytest.mark.parametrize("name", ["standards.md", "standards.en.md"])
def test_every_command_and_verb_on_the_page_exists(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"factordb standard (\w+)", text)) == known
    verbs = set(re.findall(r"`(?:library\.)?(\w+)\(\)`", text))
    assert len(verbs) == 9
    assert all(callable(getattr(Library, verb)) for verb in verbs)
