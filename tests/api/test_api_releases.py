"""Releases, their files and differences; vocabularies; health."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from factordb.publishing import PublishedReleases


def test_the_releases_are_listed_with_their_covers(api: Any) -> None:
    body = api.http.get("/v1/releases").json()
    assert body["latest"] == "2026.1"
    assert [one["release"] for one in body["data"]] == ["2026.1"]
    assert body["data"][0]["approval"]["mode"] == "single-operator"


def test_every_file_that_the_manifest_lists_is_handed_out_as_it_is(api: Any) -> None:
    cover = api.http.get("/v1/releases/2026.1").json()
    for one in cover["files"]:
        got = api.http.get(f"/v1/releases/2026.1/files/{one['path']}")
        assert hashlib.sha256(got.content).hexdigest() == one["sha256"], one["path"]
    manifest = api.http.get("/v1/releases/2026.1/files/manifest.json")
    assert hashlib.sha256(manifest.content).hexdigest() == cover["manifest_sha256"]


@pytest.mark.parametrize(
    "path",
    ["../../records.sqlite", "..%2f..%2frecords.sqlite", "%2e%2e/%2e%2e/records.sqlite", "data", "", "./manifest.json",
     "data/../manifest.json", "/etc/passwd", "data%00.csv", "manifest.json%0d%0aX-A: b", "..\\..\\records.sqlite"],
)  # fmt: skip
def test_nothing_else_of_the_machine_is_handed_out(api: Any, path: str) -> None:
    got = api.http.get(f"http://testserver/v1/releases/2026.1/files/{path}")
    assert got.status_code == 404 or got.content == (api.releases.folder() / "manifest.json").read_bytes()
    assert "X-A" not in got.headers


def test_a_release_differs_from_itself_in_nothing(api: Any) -> None:
    body = api.http.get("/v1/releases/2026.1/diff/2026.1").json()
    assert (body["old"], body["new"], body["rows"]) == ("2026.1", "2026.1", [])


@pytest.mark.parametrize("name", ["tiers", "flags", "gwp-sets", "units", "regions", "criteria"])
def test_vocabularies_are_told(api: Any, name: str) -> None:
    assert name in api.http.get("/v1/vocab").json()["data"]
    assert api.http.get(f"/v1/vocab/{name}").json()["data"]


def test_health_names_the_release_that_is_served(api: Any) -> None:
    assert api.http.get("/health").json() == {"status": "ok", "release": "2026.1"}


def test_a_server_without_a_release_says_so(make: Any, tmp_path: Path) -> None:
    empty = make(PublishedReleases(tmp_path / "releases", tmp_path / "models")).http
    assert empty.get("/health").json() == {"status": "empty", "release": None}
    answer = empty.get("/v1/factors", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "nothing has been released yet"


def test_a_downloaded_release_is_served_without_a_library(make: Any, main_job: Path, tmp_path: Path) -> None:
    alone = make(PublishedReleases.of_folder(main_job / "releases" / "2026.1", tmp_path / "models"))
    assert alone.http.get("/v1/factors?query=电力").json()["meta"]["total"] > 0
    assert alone.http.get("/v1/releases").json()["latest"] == "2026.1"


def test_the_changes_of_a_release_are_cloud_events(api: Any) -> None:
    got = api.http.get("/v1/releases/2026.1/changes")
    assert got.headers["content-type"] == "application/cloudevents-batch+json"
    events = got.json()
    assert len(events) == len({one["id"] for one in events}) == 488
    assert {one["type"] for one in events} == {"cn.factordb.factor.published.v1"}
    for one in events:
        assert {"specversion", "type", "source", "id", "time", "data"} <= set(one)


def test_a_new_release_is_served_without_a_restart(
    make: Any, main_job: Path, small_library: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "releases"
    shutil.copytree(small_library / "releases" / "2026.1", folder / "2025.9")
    manifest = json.loads((folder / "2025.9" / "manifest.json").read_text(encoding="utf-8"))
    (folder / "2025.9" / "manifest.json").write_text(json.dumps({**manifest, "release": "2025.9"}), encoding="utf-8")
    api = make(PublishedReleases(folder, tmp_path / "models"))
    first = api.http.get("/v1/factors?limit=1").json()
    assert first["release"]["release_id"] == "2025.9"
    one = first["data"][0]["factor_id"]
    assert api.http.get(f"/v1/factors/{one}").status_code == 200
    shutil.copytree(main_job / "releases" / "2026.1", folder / "2026.1")
    assert api.http.get("/health").json()["release"] == "2026.1"
    assert api.http.get(f"/v1/factors/{one}").status_code == 404
    assert api.http.get(f"/v1/factors/{one}?release=2025.9").json()["release"]["release_id"] == "2025.9"
    assert [each["release_id"] for each in api.http.get(f"/v1/factors/{one}/history").json()["data"]] == ["2025.9"]
    page = api.http.get(first["links"]["next"]).json()
    assert page["release"]["release_id"] == "2025.9"
