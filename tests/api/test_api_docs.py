"""The page of the API: every request on it is made, every answer on it is what comes, both languages ask the same."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from factordb.cli.app import run

ROOT = Path(__file__).parents[2]
PAGES = {
    lang: (ROOT / "docs" / name).read_text(encoding="utf-8") for lang, name in (("zh", "api.md"), ("en", "api.en.md"))
}
HOST = "http://127.0.0.1:8468"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def requests(page: str) -> Iterator[tuple[str, str]]:
    """Yield (curl line, what is said of its answer)."""
    for block in blocks(page, "console"):
        lines = block.strip().splitlines()
        assert len(lines) % 2 == 0, block
        yield from zip(lines[::2], lines[1::2], strict=True)


def at(body: Any, path: str) -> Any:
    for step in path.split("."):
        body = body[int(step)] if isinstance(body, list) else body[step]
    return body


def asked(line: str, names: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    """Return (method, path, what goes with it) of a curl command."""
    for name, value in names.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line.removeprefix("$ curl "))
    url, get, more = "", False, {"headers": {}}
    pairs: list[tuple[str, str]] = []
    while words:
        word = words.pop(0)
        if word in {"-s", "-sG"}:
            get = word == "-sG"
        elif word in {"-d", "--data-urlencode"}:
            name, _, value = words.pop(0).partition("=")
            pairs.append((name, value))
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            more["headers"][name] = value
        elif word == "-u":
            more["auth"] = tuple(words.pop(0).split(":"))
        elif word == "--json":
            more["json"] = json.loads(words.pop(0))
        else:
            assert word.startswith(HOST), word
            url = word.removeprefix(HOST)
    if get:
        return "GET", url, {**more, "params": pairs}
    if pairs or "json" in more:
        return "POST", url, {**more, **({"data": dict(pairs)} if pairs else {})}
    return "GET", url, more


@pytest.fixture(scope="module")
def names(api: Any) -> dict[str, str]:
    client, secret = api.access.add("docs")
    auth = (client.client_id, secret)
    token = api.http.post("/auth/token", auth=auth, data={"grant_type": "client_credentials"}).json()["access_token"]
    factor = api.http.get("/v1/factors?query=电力&limit=1").json()["data"][0]["factor_id"]
    return {"ID": client.client_id, "SECRET": secret, "TOKEN": token, "FACTOR": factor}


@pytest.mark.parametrize(("line", "told"), list(requests(PAGES["zh"])))
def test_what_the_page_asks_is_answered_as_it_says(api: Any, names: dict[str, str], line: str, told: str) -> None:
    method, path, more = asked(line, names)
    answer = api.http.request(method, path, **more)
    status, *facts = told.removeprefix("# ").split("; ")
    assert answer.status_code == int(status), answer.text
    for fact in facts:
        place, _, expected = fact.partition(" = ")
        wanted = json.loads(expected)
        found = at(answer.json(), place)
        assert found == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), fact


def test_both_pages_ask_the_same_and_tell_the_same() -> None:
    assert list(requests(PAGES["zh"])) == list(requests(PAGES["en"]))
    assert len(list(requests(PAGES["zh"]))) > 15
    assert blocks(PAGES["zh"], "python") == blocks(PAGES["en"], "python")
    assert PAGES["zh"].count("\n## ") == PAGES["en"].count("\n## ")


def test_the_code_of_the_page_runs(served_address: tuple[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    url, api = served_address
    client, secret = api.access.add("docs")
    (code,) = blocks(PAGES["zh"], "python")
    exec(compile(code, "docs/api.md", "exec"), {"ADDRESS": url, "ID": client.client_id, "SECRET": secret})  # noqa: S102 - the page's own code
    told = capsys.readouterr().out.splitlines()
    assert told[0].endswith("577.7 kgCO2e")
    assert "2026.1" in told[1]
    assert told[2:] == ["110", "11"]


def test_every_command_of_the_page_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    lines = "".join(blocks(PAGES["zh"], "shell") + blocks(PAGES["en"], "shell")).splitlines()
    assert len(lines) == 12
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        options = [word for word in words if word.startswith("--")]
        verbs = words[: 3 if words[1:2] == ["client"] else 2 if words[0] == "api" else 1]
        assert run([*verbs, "--help"]) == 0
        told = capsys.readouterr().out
        assert all(option in told for option in options), line
