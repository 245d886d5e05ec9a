"""PACT's words for a search beside our own, across releases; one factor as a version, a view or a file."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from factordb.api.datasets import FORMATS
from factordb.publishing import PublishedReleases
from tests.selection.conftest import row, write_release


@pytest.fixture(scope="module")
def two(make: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the API of two releases: of a, b, c the second keeps a, has a new version of b, lacks c and adds d."""
    root = tmp_path_factory.mktemp("two")
    held = {"2026.1": ("2026-05-01", [row("a"), row("b"), row("c")]),
            "2026.2": ("2026-11-01", [row("a"), row("b", value=3.0), row("d")])}  # fmt: skip
    for name, (as_of, rows) in held.items():
        cover = write_release(root / "releases" / name, rows) / "manifest.json"
        told = {**json.loads(cover.read_text(encoding="utf-8")), "as_of": as_of}
        cover.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return make(PublishedReleases(root / "releases", root / "models"))


def versions(api: Any, **asked: Any) -> set[str]:
    got = api.http.get("/v1/factors", params=asked)
    assert got.status_code == 200, got.text
    counted = api.http.get("/v1/filters", params=asked).json()["possible_filters"].get("kind", {})
    assert sum(counted.values()) == got.json()["meta"]["total"] == len(got.json()["data"])
    return {one["version_id"] for one in got.json()["data"]}


def test_active_is_what_the_newest_release_holds_and_deprecated_what_it_does_not(two: Any) -> None:
    everything = {"v-a-2.0", "v-b-2.0", "v-c-2.0"}
    assert versions(two, release="2026.1") == everything
    assert versions(two, release="2026.1", status="Active") == {"v-a-2.0"}
    assert versions(two, release="2026.1", status="deprecated") == {"v-b-2.0", "v-c-2.0"}
    assert versions(two, release="2026.1", status=["Active", "Deprecated"]) == everything
    assert versions(two, status="Active") == {"v-a-2.0", "v-b-3.0", "v-d-2.0"}
    assert versions(two, status="Deprecated") == set()


def test_updated_after_a_day_are_versions_that_a_later_release_brought(two: Any) -> None:
    assert versions(two, updated_after="2026-05-01") == {"v-b-3.0", "v-d-2.0"}
    assert versions(two, updated_after="2026-05-01T12:00:00Z") == {"v-b-3.0", "v-d-2.0"}
    assert len(versions(two, updated_after="2026-04-30")) == 3
    assert versions(two, updated_after="2026-11-01") == set()
    assert versions(two, updated_after="2026-06-01", release="2026.1") == set()
    assert versions(two, updated_after="2026-05-01", status="Active", productId="f-d") == {"v-d-2.0"}


def test_a_product_is_named_as_footprints_name_it_or_by_our_identifiers(api: Any, pact: dict[str, str]) -> None:
    one = api.http.get("/3/footprints?limit=1", headers=pact).json()["data"][0]
    (urn,) = one["productIds"]
    (hit,) = api.http.get("/v1/factors", params={"productId": urn}).json()["data"]
    assert one["productNameCompany"] in {hit["name_zh"], hit["name_en"]}
    for name in ("factor_id", "version_id"):
        assert versions(api, productId=hit[name]) == {hit["version_id"]}
    assert versions(api, productId=["urn:uuid:00000000-0000-0000-0000-000000000000", "x"]) == set()


def test_the_least_rating_is_the_largest_number(api: Any) -> None:
    def total(**asked: Any) -> Any:
        return api.http.get("/v1/factors", params={**asked, "limit": 1}).json()["meta"]["total"]

    assert 0 < total(rating_min=2) == total(dqr_max=2) < total(rating_min=3)
    both = api.http.get("/v1/factors?rating_min=2&dqr_max=3")
    assert both.status_code == 400
    for wrong in ("rating_min=0", "status=active2", "updated_after=yesterday", "productid=x"):
        assert api.http.get(f"/v1/factors?{wrong}").status_code == 400, wrong


def test_a_version_is_found_in_the_release_that_holds_it(two: Any) -> None:
    old = two.http.get("/v1/factors/f-b?version=v-b-2.0").json()
    assert (old["release"]["release_id"], old["factor"]["value"]) == ("2026.1", 2.0)
    assert two.http.get("/v1/factors/f-b").json()["factor"]["version_id"] == "v-b-3.0"
    assert two.http.get("/v1/factors/f-b?version=v-b-2.0&release=2026.2").status_code == 404
    assert two.http.get("/v1/factors/f-b?version=v-a-2.0").status_code == 404


def test_a_view_holds_less_and_no_view_is_made_up(api: Any) -> None:
    name = api.http.get("/v1/factors?query=电力&limit=1").json()["data"][0]["factor_id"]
    full, overview, metadata = (
        api.http.get(f"/v1/factors/{name}?view={one}").json() for one in ("full", "overview", "metadata")
    )
    assert full == api.http.get(f"/v1/factors/{name}").json()
    assert overview["factor"].items() < full["factor"].items()
    assert metadata["factor"].items() < full["factor"].items()
    assert {"value", "dqr", "low95"} <= set(overview["factor"]) - set(metadata["factor"])
    assert metadata["source"] == full["source"]
    assert api.http.get(f"/v1/factors/{name}?view=all").status_code == 400


@pytest.mark.parametrize("name", [one for one in FORMATS if one != "json"])
def test_one_factor_comes_as_a_file_of_its_own(api: Any, name: str, tmp_path: Path) -> None:
    hit = api.http.get("/v1/factors?query=电力&kind=factor&limit=1").json()["data"][0]
    got = api.http.get(f"/v1/factors/{hit['factor_id']}?format={name}", headers={"Accept-Language": "en"})
    assert got.status_code == 200, got.text
    assert got.headers["content-type"] == FORMATS[name]
    again = api.http.get(
        f"/v1/factors/{hit['factor_id']}?format={name}", headers={"If-None-Match": got.headers["etag"]}
    )
    assert again.status_code == 304
    assert f'filename="{hit["version_id"]}.' in got.headers["content-disposition"]
    if name == "csv":
        (line,) = csv.DictReader(io.StringIO(got.text))
        assert (line["version_id"], line["value_text"]) == (hit["version_id"], hit["value_text"])
    elif name == "ecospold1":
        assert hit["value_text"] in got.text
    else:
        (tmp_path / "file").write_bytes(got.content)
        with zipfile.ZipFile(tmp_path / "file") as whole:
            assert whole.testzip() is None


def test_a_format_without_a_place_for_a_factor_says_so(api: Any) -> None:
    hit = api.http.get("/v1/factors?kind=parameter&limit=1").json()["data"][0]
    got = api.http.get(f"/v1/factors/{hit['factor_id']}?format=ecospold1", headers={"Accept-Language": "en"})
    assert (got.status_code, "no place" in got.json()["detail"]) == (422, True)
    assert api.http.get(f"/v1/factors/{hit['factor_id']}?format=csv").status_code == 200
