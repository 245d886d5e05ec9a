"""The registry of standards over HTTP and in the client: list, pages, one standard, the targets of 2027 and 2030."""

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from factordb import Library
from factordb.client import Client, RemoteError
from factordb.registering import ShippedStandards

DAY = "2026-11-27"
ENTERED = {
    "number": "T/TEST 1-2024", "level": "group", "status": "in_force", "subject": "product",
    "title_zh": "温室气体 产品碳足迹量化方法与要求 测试钢", "product_zh": "测试钢", "hs": "720610",
    "end_product": "no", "boundary": "cradle_to_gate", "issued_on": "2024-05-10", "in_force_on": "2024-06-01",
    "source": "本测试（虚构）", "retrieved_on": DAY,
}  # fmt: skip
"""Invented."""


@pytest.fixture(scope="module")
def of_library(make: Any, small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the API of a library that recorded a standard of its own."""
    folder = tmp_path_factory.mktemp("standards")
    library = Library.open(Path(shutil.copytree(small_library, folder / "library")))
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ENTERED)
        writer.writeheader()
        writer.writerow(ENTERED)
    assert library.import_standards(folder / "rows.csv", as_of=date.fromisoformat(DAY)).entered == ("T/TEST 1-2024",)
    return make(library=folder / "library")


@pytest.fixture(scope="module")
def client(served_address: tuple[str, Any]) -> Iterator[Client]:
    with Client(served_address[0], lang="en") as made:
        yield made


def test_the_list_is_that_of_the_registry_page_by_page(api: Any) -> None:
    own = ShippedStandards().standards()
    found, url = [], "/v1/standards?limit=5"
    while url:
        got = api.http.get(url)
        assert got.json()["meta"]["total"] == len(own) > 20
        found += got.json()["data"]
        assert got.json()["links"]["next"] == got.links.get("next", {}).get("url", "")
        url = got.json()["links"]["next"]
    assert found == own


def test_filters_narrow_and_are_counted(api: Any) -> None:
    body = api.http.get("/v1/standards", params={"subject": "product", "level": "national"}).json()
    assert {(one["level"], one["subject"]) for one in body["data"]} == {("national", "product")}
    assert body["meta"]["possible_filters"]["level"] == {"national": body["meta"]["total"]}
    assert api.http.get("/v1/standards", params={"query": "产品碳足迹 量化要求"}).json()["data"][0]["number"] == (
        "GB/T 24067-2024"
    )


def test_what_a_library_recorded_stands_over_what_ships(of_library: Any, api: Any) -> None:
    asked = {"hs": "7206"}
    assert [one["number"] for one in of_library.http.get("/v1/standards", params=asked).json()["data"]] == [
        "T/TEST 1-2024"
    ]
    assert api.http.get("/v1/standards", params=asked).json()["meta"]["total"] == 0
    one = of_library.http.get("/v1/standards/T%2FTEST%201-2024", params={"as_of": DAY}).json()
    assert (one["standard"]["product_zh"], one["as_of"], len(one["history"])) == ("测试钢", DAY, 1)
    assert one["eligibility"]["eligible"] is False
    assert one["findings"]
    assert api.http.get("/v1/standards/T/TEST 1-2024").status_code == 404


def test_a_cursor_holds_only_while_the_list_is_the_same(api: Any, of_library: Any) -> None:
    cursor = api.http.get("/v1/standards?limit=3").json()["next"]
    moved = of_library.http.get("/v1/standards", params={"limit": 3, "cursor": cursor})
    assert (moved.status_code, moved.headers["content-type"]) == (409, "application/problem+json")
    for broken in ("x", "W10", "WzEsIG51bGxd", "é"):
        assert api.http.get("/v1/standards", params={"cursor": broken}).status_code == 400


def test_the_targets_are_counted_on_a_day(api: Any) -> None:
    got = api.http.get("/v1/standards/coverage", params={"as_of": DAY})
    own = ShippedStandards().standards_coverage(as_of=date.fromisoformat(DAY))
    assert got.json() == own
    assert [(one["year"], one["standards"]) for one in own["targets"]] == [(2027, 100), (2030, 200)]


def test_misspellings_are_refused_and_what_is_known_is_not_sent_again(api: Any) -> None:
    for query in ("levle=group", "level=federal", "limit=0", "level=group&level=national", "limit=2&as_of=2026-11-27"):
        got = api.http.get(f"/v1/standards?{query}", headers={"Accept-Language": "en"})
        assert (got.status_code, got.json()["code"]) == (400, "BadRequest"), query
    assert api.http.get("/v1/standards/coverage?as_of=2026-13-01").status_code == 400
    missing = api.http.get("/v1/standards/GB/T 1", headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert "GB/T 24067-2024" in missing.json()["remedy"]
    for path in ("/v1/standards", "/v1/standards/coverage", "/v1/standards/GB/T 24067-2024"):
        tag = api.http.get(path).headers["etag"]
        assert api.http.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert api.http.post(path).status_code == 405


def test_the_client_has_the_same_verbs(client: Client) -> None:
    own = ShippedStandards().standards(level="national")
    page = client.standards(level="national")
    assert [one.number for one in page] == [one["number"] for one in own]
    assert (page.total, page.next, page[0].level) == (len(own), "", "national")
    assert page.to_pandas()["number"].tolist() == page.to_polars()["number"].to_list() == [one.number for one in page]
    first = client.standards(limit=2)
    assert client.standards(limit=2, cursor=first.next)[0].number == ShippedStandards().standards()[2]["number"]
    one = client.standard("gb/t 24067—2024", as_of=date.fromisoformat(DAY))
    assert (one.standard.number, one.as_of, one.eligible) == ("GB/T 24067-2024", DAY, False)
    assert one.source["what_en"]
    coverage = client.standards_coverage(as_of=date.fromisoformat(DAY))
    assert [(one.year, one.counted + one.missing) for one in coverage.targets] == [(2027, 100), (2030, 200)]
    with pytest.raises(RemoteError, match="no standard"):
        client.standard("GB/T 1")
