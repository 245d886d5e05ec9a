"""Rates, sizes and hostile strings: every answer is a sentence, none is a fault of the server."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from factordb.api.gate import Gate, Limits
from factordb.publishing import PublishedReleases
from factordb.store.api_access import ApiAccess

HOSTILE = [
    "'; DROP TABLE factors; --", "' OR '1'='1", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "<script>1</script>",
    "{{7*7}}", "${jndi:ldap://x}", "\u202e\u2066evil", "\ufeff\u200b\u0000", "NULL", "NaN", "-0", "1e309", "1e-400",
    "٣", "电" * 499, "a" * 499, "\U0001f600" * 100, "(" * 400, '"' * 400, "AND OR NOT *",
    "a:b^9~2", "\\x00", "%", "%%", "_", "\r\nX-A: b",
    "kg·m⁻³", "ｋｇ", "\ud7ff", "𠮷野家", "\x1b[31m", "factor_id:*", "[a TO b]", "/.*/", "-" * 300, "\t \n",
    "ß" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_a_hostile_text_is_a_text(api: Any, pact: Any, text: str) -> None:
    quoted = api.http.build_request("GET", "http://testserver/", params={"q": text}).url.query.decode()[2:]
    asked = [
        ("/v1/factors", {"query": text}), ("/v1/factors", {"region": text}), ("/v1/factors", {"code": text}),
        ("/v1/factors", {"convertible_to": text}), ("/v1/factors", {"cursor": text}), ("/v1/factors", {text: "x"}),
        ("/v1/factors", {"release": text}), ("/v1/filters", {"query": text}), ("/v1/choose", {"product": text}),
        ("/v1/choose", {"product": "电力", "unit": text}), ("/v1/choose", {"factor": text}),
        ("/v1/choose", {"product": "电力", "region": text, "technology": text, "gas": text}),
        ("/v1/convert", {"value": "1", "from": text, "to": "kg"}),
        ("/v1/convert", {"value": text, "from": "kg", "to": "t"}),
        (f"/v1/factors/{quoted}", {}), (f"/v1/factors/{quoted}/compare", {"with": text}),
        (f"/v1/releases/{quoted}", {}), (f"/v1/releases/2026.1/files/{quoted}", {}), (f"/v1/vocab/{quoted}", {}),
        (f"/3/footprints/{quoted}", {}), ("/3/footprints", {"productId": text}), ("/3/footprints", {"geography": text}),
        ("/3/footprints", {"validOn": text}), ("/3/footprints", {"x-factordb-cursor": text}),
    ]  # fmt: skip
    for path, params in asked:
        got = api.http.get(path, params=params, headers={**pact, "Accept-Language": "en"})
        assert got.status_code < 500, (path, params)
        assert "x-a" not in got.headers
        if got.status_code >= 400:
            assert got.json()["message"], (path, params)
            assert "Traceback" not in got.text


@pytest.mark.parametrize("text", HOSTILE[:12], ids=lambda text: ascii(text[:12]))
def test_a_hostile_header_is_a_header(api: Any, text: str) -> None:
    raw = text.replace("\r", "").replace("\n", "").replace("\x00", "").encode()
    for name in (b"Accept-Language", b"If-None-Match", b"Authorization", b"Idempotency-Key"):
        headers = [(name, raw)]
        assert api.http.get("/v1/factors?limit=1", headers=headers).status_code in {200, 304}
        assert api.http.get("/3/footprints", headers=headers).status_code in {400, 401}
        assert api.http.post("/auth/token", headers=headers).status_code in {400, 401}


def test_a_caller_who_asks_too_often_waits(make: Any) -> None:
    api = make(limits=Limits(requests=3, logins=2, seconds=3600))
    answers = [api.http.get("/v1/factors?limit=1", headers={"Accept-Language": "en"}) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 3600
    assert "more than 3 requests" in answers[3].json()["detail"]
    assert [api.http.post("/auth/token").status_code for _ in range(3)] == [400, 400, 429]
    other = TestClient(api.app, client=("other", 1))
    assert other.get("/health").status_code == 200


def test_the_window_opens_again(served: PublishedReleases) -> None:
    now = [0.0]
    gate = Gate(lambda *_: None, limits=Limits(requests=1), releases=served, clock=lambda: now[0])
    window = gate._requests
    assert [window.wait("a"), window.wait("a"), window.wait("b")] == [0, 10, 0]
    now[0] = 10.0
    assert window.wait("a") == 0


def test_what_is_too_large_is_refused_before_it_is_read(api: Any) -> None:
    json_type = {"Content-Type": "application/json"}
    for content in (b" " * 1_000_001, iter([b" " * 600_000] * 2)):
        got = api.http.post("/v1/estimate", content=content, headers=json_type)
        assert (got.status_code, got.json()["code"]) == (413, "BadRequest")
    assert api.http.get("/v1/factors?query=" + "a" * 20_000).status_code == 413
    strange = api.http.post("/v1/estimate", content=b"{}", headers={**json_type, "Content-Length": "-5"})
    assert strange.status_code == 413


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_is_read_cannot_be_written(api: Any, method: str) -> None:
    for path in ("/v1/factors", "/v1/factors/x", "/v1/releases", "/3/footprints", "/health"):
        got = api.http.request(method, path)
        assert got.status_code == 405
        assert got.headers["allow"] == "GET"


def test_answers_carry_headers_that_browsers_heed(api: Any) -> None:
    for path in ("/health", "/v1/factors?limit=1", "/v1/nothing", "/v1/factors/nothing"):
        assert api.http.get(path).headers["x-content-type-options"] == "nosniff"


def test_a_file_of_clients_that_is_none_is_told_in_words(make: Any, tmp_path: Path) -> None:
    api = make()
    broken = tmp_path / "api.sqlite"
    broken.write_bytes(b"this is no database at all, but it is long enough to be read as one" * 20)
    api.app.state.access = ApiAccess(broken)
    got = api.http.post("/auth/token", auth=("a", "b"), data={"grant_type": "client_credentials"})
    assert got.status_code == 422
    assert api.http.get("/3/footprints", headers={"Authorization": "Bearer a.b"}).status_code in {400, 422}


@pytest.mark.parametrize("host", ["[", "a b", "evil.example/x", "[::1]:80", "a" * 300, "xn--fiq228c.example:443", ""])
def test_a_page_link_names_the_host_that_was_asked_where_it_can_be_one(api: Any, host: str) -> None:
    got = api.http.get("/v1/factors?limit=1", headers={"Host": host})
    assert got.status_code == 200
    named = got.links["next"]["url"].split("/")[2]
    assert named == (host if host in {"[::1]:80", "xn--fiq228c.example:443"} else "testserver:80")
    assert api.http.get("/v1/nothing", headers={"Host": host}).status_code == 404


def test_the_head_of_an_answer_is_told_without_its_body(served_address: tuple[str, Any]) -> None:
    url, api = served_address
    one = api.releases.factors().search("电力", limit=1)["hits"][0]["factor_id"]
    for path in ("/v1/factors?limit=1", f"/v1/factors/{one}", "/v1/releases/2026.1/files/manifest.json"):
        head, whole = httpx.head(url + path), httpx.get(url + path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == whole.headers["etag"]
        assert head.headers["content-length"] == str(len(whole.content))
