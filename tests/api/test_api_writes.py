"""Writes are done once, by whom has the right, bound to what was seen; packages of measured data over HTTP."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from factordb import Library
from factordb.model.submission import Kind
from factordb.store.api_access import SCOPES
from tests.package.clean_packages import made as made_package

EVENT = {"Content-Type": "application/cloudevents+json"}
ZIP = {"Content-Type": "application/zip"}


def published(name: str) -> bytes:
    said = {"type": "org.wbcsd.pact.ProductFootprint.PublishedEvent.3", "specversion": "1.0", "id": name,
            "source": "//client.example", "time": "2026-11-26T10:30:00Z", "data": {"pfIds": []}}  # fmt: skip
    return json.dumps(said).encode()


def test_the_same_key_does_the_same_request_once(api: Any, pact: Any) -> None:
    headers = {**pact, **EVENT, "Idempotency-Key": "k-1"}
    first = api.http.post("/3/events", content=published("once"), headers=headers)
    again = api.http.post("/3/events", content=published("once"), headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    other = api.http.post("/3/events", content=published("other"), headers=headers)
    assert other.status_code == 422
    assert api.http.get("/v1/events/other", headers=pact).status_code == 404


def test_the_key_of_another_client_is_another_key(api: Any, pact: Any) -> None:
    mine = {**pact, **EVENT, "Idempotency-Key": "k-2"}
    theirs = {**api.login(*SCOPES), **EVENT, "Idempotency-Key": "k-2"}
    assert api.http.post("/3/events", content=published("a"), headers=mine).status_code == 200
    assert api.http.post("/3/events", content=published("b"), headers=theirs).status_code == 200


@pytest.mark.parametrize("key", ["a b", "x" * 201, b"\xc3\xa9"])
def test_a_key_that_cannot_be_is_refused(api: Any, pact: Any, key: Any) -> None:
    headers = {**pact, **EVENT, "Idempotency-Key": key}
    assert api.http.post("/3/events", content=published("c"), headers=headers).status_code == 400


def test_a_refused_write_may_be_mended_under_its_key(api: Any, pact: Any) -> None:
    headers = {**pact, **EVENT, "Idempotency-Key": "k-3"}
    assert api.http.post("/3/events", content=b"{}", headers=headers).status_code == 400
    assert api.http.post("/3/events", content=published("mended"), headers=headers).status_code == 200


# ── packages ─────────────────────────────────────────────────────────────────────────────────────────────────


def packed(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return out.getvalue()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a clean synthetic package; all of its evidence is demonstration."""
    return packed(made_package(Kind.FUEL, 3).write(tmp_path_factory.mktemp("package") / "fuel"))


@pytest.fixture(scope="module")
def desk(make: Any, small_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return an API that takes packages in, and the header of who may hand them in."""
    library = Path(shutil.copytree(small_library, tmp_path_factory.mktemp("desk") / "library"))
    made = make(write=True, library=library)
    return made, made.login("submission:read", "submission:write"), library


@pytest.mark.slow
def test_a_package_is_handed_in_once_seen_and_withdrawn_as_seen(desk: Any, package: bytes) -> None:
    api, header, library = desk
    headers = {**header, **ZIP, "Idempotency-Key": "p-1"}
    first = api.http.post("/v1/submissions", content=package, headers=headers)
    assert first.status_code == 202, first.text[:500]
    assert first.json()["report"]["level"]["name"]
    again = api.http.post("/v1/submissions", content=package, headers=headers)
    assert (again.status_code, again.content) == (202, first.content)
    assert len(Library.open(library).packages()) == 1
    number = first.json()["submission"]
    assert [one["submission"] for one in api.http.get("/v1/submissions", headers=header).json()["data"]] == [number]
    seen = api.http.get(f"/v1/submissions/{number}", headers=header)

    def withdraw(**more: str) -> Any:
        asked = {**header, "Idempotency-Key": "p-2", **more}
        return api.http.post(f"/v1/submissions/{number}/withdraw", json={"reason": "报告编号有误"}, headers=asked)

    assert withdraw().status_code == 428
    assert withdraw(**{"If-Match": '"other"'}).status_code == 412
    assert withdraw(**{"If-Match": seen.headers["etag"]}).json()["reason"] == "报告编号有误"
    assert Library.open(library).events(1)[0]["kind"] == "submission_withdrawn"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", packed(Path(__file__).parent)])
def test_what_is_no_package_is_refused_and_changes_nothing(desk: Any, content: bytes) -> None:
    api, header, library = desk
    before = len(Library.open(library).packages())
    got = api.http.post("/v1/submissions", content=content, headers={**header, **ZIP, "Idempotency-Key": "bad"})
    assert 400 <= got.status_code < 500
    assert got.json()["code"]
    assert len(Library.open(library).packages()) == before


def test_a_package_needs_a_key_a_type_and_a_right(desk: Any) -> None:
    api, header, _ = desk
    post = api.http.post
    assert post("/v1/submissions", content=b"x", headers={**header, **ZIP}).status_code == 428
    assert post("/v1/submissions", content=b"x", headers={**header, "Idempotency-Key": "t"}).status_code == 415
    reader = {**api.login("submission:read"), **ZIP, "Idempotency-Key": "r"}
    assert post("/v1/submissions", content=b"x", headers=reader).status_code == 403


def test_a_server_without_a_library_takes_no_package(api: Any, pact: Any) -> None:
    got = api.http.post("/v1/submissions", content=b"x", headers={**pact, **ZIP, "Idempotency-Key": "n"})
    assert got.status_code == 403
