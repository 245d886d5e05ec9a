"""The report of a trial footprint over HTTP, the same trial by the client, and inventories that are none."""

import json
from typing import Any

import pytest

from factordb.client import Client
from factordb.reference import toml


@pytest.fixture
def inventory() -> dict[str, Any]:
    found = json.loads(json.dumps(toml("trial/example_zh")))
    found["study"]["samples"] = 1000
    return dict(found)


def test_the_client_gets_what_the_server_answers(
    api: Any, inventory: dict[str, Any], served_address: tuple[str, Any]
) -> None:
    got = api.http.post("/v1/footprint", json=inventory)
    assert got.status_code == 200, got.text
    with Client(served_address[0]) as client:
        assert client.trial_footprint(inventory) == got.json()


@pytest.mark.parametrize(("lang", "word"), [("zh", "电解铝"), ("en", "95 %")])
def test_the_report_is_a_page_in_the_language_of_its_reader(
    api: Any, inventory: dict[str, Any], lang: str, word: str
) -> None:
    got = api.http.post("/v1/footprint/report", json=inventory, headers={"Accept-Language": lang})
    assert got.status_code == 200, got.text
    assert got.headers["content-type"].startswith("text/html")
    assert got.headers["content-security-policy"] == "sandbox"
    assert got.headers["content-language"] == lang
    assert word in got.text
    assert "2026.1" in got.text


@pytest.mark.parametrize(
    "change",
    [
        {"study": None}, {"line": []}, {"line": [{}]}, {"line": "x"}, {"colour": []}, {"study": []}, {"line": [1]},
        {"line": [{"id": "a"}] * 1001}, {"contract": [{"id": 1}]}, {"study": {"name": "x", "samples": 10**9}},
        {"allocation": {"a": {}}}, {"cut_off": [None]},
    ],
    ids=lambda change: str(change)[:30],
)  # fmt: skip
def test_an_inventory_that_is_none_is_refused(api: Any, inventory: dict[str, Any], change: dict[str, Any]) -> None:
    got = api.http.post("/v1/footprint", json={**inventory, **change})
    assert got.status_code in {400, 422}
    assert got.json()["remedy"]


def test_numbers_beyond_reason_are_told_or_refused(api: Any, inventory: dict[str, Any]) -> None:
    line = next(one for one in inventory["line"] if one["id"] == "alumina")
    for name, value in (("amount", 1e308), ("amount", -1), ("unit", "furlong"), ("amount", "x"), ("unit", "kWh")):
        changed = {**inventory, "line": [{**line, name: value}, *inventory["line"][1:]]}
        assert api.http.post("/v1/footprint", json=changed).status_code in {200, 400, 422}, (name, value)
    inventory["study"]["samples"] = 10**9
    assert api.http.post("/v1/footprint", json=inventory).status_code == 422
