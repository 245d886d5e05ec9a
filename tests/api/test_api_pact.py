"""What PACT v3's public conformance cases ask of a host: tokens, footprints, each filter and its negative, events."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from factordb.formats.footprint.serving import footprints_of
from factordb.formats.release_content import content_of_release
from factordb.publishing import PublishedReleases
from factordb.store.api_access import SCOPES, ApiAccess
from factordb.store.footprint_shelf import criteria_of, validity_of

URL = "/3/footprints"
GRANT = {"grant_type": "client_credentials"}
TYPE = "org.wbcsd.pact.ProductFootprint."
EVENT = {"Content-Type": "application/cloudevents+json; charset=UTF-8"}


def listed(api: Any, pact: Any, query: str = "") -> list[dict[str, Any]]:
    answer = api.http.get(f"{URL}?{query}", headers=pact)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_right_credentials_get_a_token(api: Any) -> None:
    client, secret = api.access.add("pact")
    got = api.http.post("/auth/token", auth=(client.client_id, secret), data=GRANT)
    body = got.json()
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 3600, "footprint:list footprint:read")
    assert api.http.get(URL, headers={"Authorization": f"Bearer {body['access_token']}"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "form", "status", "error"),
    [
        ({"Authorization": "Basic " + base64.b64encode(b"c-none:wrong").decode()}, GRANT, 401, "invalid_client"),
        ({"Authorization": "Basic !!!"}, GRANT, 401, "invalid_client"),
        ({"Authorization": "Basic " + base64.b64encode(b"\xff\xfe:x").decode()}, GRANT, 401, "invalid_client"),
        ({}, GRANT, 401, "invalid_client"),
        ({}, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, {}, 400, "invalid_request"),
    ],
)
def test_wrong_credentials_get_none(api: Any, headers: Any, form: Any, status: int, error: str) -> None:
    got = api.http.post("/auth/token", headers=headers, data=form)
    assert (got.status_code, got.json()["error"]) == (status, error)
    assert "access_token" not in got.json()


def test_a_client_asks_for_some_of_its_rights_and_for_no_others(api: Any) -> None:
    client, secret = api.access.add("some")
    auth = (client.client_id, secret)
    some = api.http.post("/auth/token", auth=auth, data={**GRANT, "scope": "footprint:list"}).json()
    header = {"Authorization": f"Bearer {some['access_token']}"}
    one = listed(api, header)[0]["id"]
    assert api.http.get(f"{URL}/{one}", headers=header).status_code == 403
    more = api.http.post("/auth/token", auth=auth, data={**GRANT, "scope": "event:write"})
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


def test_a_program_that_knows_only_the_address_finds_where_tokens_are_had(api: Any) -> None:
    told = api.http.get("/.well-known/openid-configuration", headers={"Host": "api.example.org"}).json()
    where = told["token_endpoint"]
    assert where == f"{told['issuer']}/auth/token" == "http://api.example.org/auth/token"
    client, secret = api.access.add("discovering")
    assert api.http.post(where, auth=(client.client_id, secret), data=GRANT).status_code == 200


def test_the_secret_may_stand_in_the_form(api: Any) -> None:
    client, secret = api.access.add("form")
    form = {**GRANT, "client_id": client.client_id, "client_secret": secret}
    assert api.http.post("/auth/token", data=form).status_code == 200


def test_the_stored_row_decides_not_the_token(api: Any) -> None:
    client, secret = api.access.add("leaving")
    made = api.http.post("/auth/token", auth=(client.client_id, secret), data=GRANT).json()
    header = {"Authorization": f"Bearer {made['access_token']}"}
    assert api.http.get(URL, headers=header).status_code == 200
    api.access.revoke(client.client_id)
    assert api.http.get(URL, headers=header).status_code == 400
    assert api.http.post("/auth/token", auth=(client.client_id, secret), data=GRANT).status_code == 401


def test_no_secret_stands_in_the_file(tmp_path: Path) -> None:
    access = ApiAccess(tmp_path / "api.sqlite", create=True)
    _, secret = access.add("one")
    assert secret.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert access.path.stat().st_mode & 0o077 == 0


PATHS = [("GET", URL), ("GET", f"{URL}/91715e5e-fd0b-4d1c-8fab-76290c46e6ed"), ("POST", "/3/events"),
         ("GET", "/v1/submissions"), ("POST", "/v1/submissions")]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_nobody_is_let_in_without_a_good_token(api: Any, method: str, path: str) -> None:
    def ask(header: bytes | None) -> tuple[int, str]:
        got = api.http.request(method, path, headers={"Authorization": header} if header else {})
        assert "data" not in got.json()
        return got.status_code, got.json()["code"]

    assert ask(None) == (401, "AccessDenied")
    for bad in (
        "Bearer invalid-access-token",
        "Bearer ",
        "Bearer a.b.c",
        "Bearer é.é",
        "Basic abc",
        "Bearer " + "x" * 9000,
    ):
        assert ask(bad.encode("latin-1")) == (400, "BadRequest"), bad[:30]


def test_an_expired_token_says_that_it_is(make: Any) -> None:
    api = make()
    header = api.login("footprint:list", "footprint:read")
    api.clock.now += 3599
    assert api.http.get(URL, headers=header).status_code == 200
    api.clock.now += 1
    got = api.http.get(URL, headers=header)
    assert (got.status_code, got.json()["code"]) == (401, "TokenExpired")


def test_a_token_of_another_server_and_one_that_was_altered_are_none(api: Any, make: Any) -> None:
    theirs = make().login(*SCOPES)
    assert api.http.get(URL, headers=theirs).status_code == 400
    mine = api.login("footprint:list")["Authorization"].removeprefix("Bearer ")
    body, _, signature = mine.partition(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    said["s"] = list(SCOPES)
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    assert api.http.get(URL, headers={"Authorization": f"Bearer {forged}.{signature}"}).status_code == 400


# ── footprints ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def schema(shared: Path) -> Any:
    yaml = pytest.importorskip("yaml")
    document = yaml.safe_load((shared / "formats/schemas/pact/openapi_v3_0.yaml").read_text(encoding="utf-8"))
    registry = Registry().with_resource("urn:pact", Resource.opaque(document))

    def of(name: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"urn:pact#/components/schemas/{name}"}, registry=registry)

    return of


def test_every_footprint_is_one_by_pacts_own_schema(api: Any, pact: Any, schema: Any) -> None:
    found = listed(api, pact)
    assert len(found) == 11
    for one in found:
        assert [fault.message for fault in schema("ProductFootprint").iter_errors(one)] == []


def test_a_footprint_is_had_by_its_id_in_any_case(api: Any, pact: Any) -> None:
    one = listed(api, pact)[0]
    for name in (one["id"], one["id"].upper()):
        got = api.http.get(f"{URL}/{name}", headers=pact)
        assert (got.status_code, got.json()) == (200, {"data": one})


@pytest.mark.parametrize("name", ["non-existent-id", "91715e5e-fd0b-4d1c-8fab-76290c46e6ed", "' OR 1=1 --", "%00"])
def test_an_id_that_is_not_there_is_not_found(api: Any, pact: Any, schema: Any, name: str) -> None:
    got = api.http.get(f"{URL}/{name}", headers=pact)
    assert (got.status_code, got.json()["code"]) == (404, "NotFound")
    assert got.headers["content-type"] == "application/json"
    assert list(schema("Error").iter_errors(got.json())) == []


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 11, 12])
def test_pages_are_linked_and_none_is_larger_than_asked(api: Any, pact: Any, limit: int) -> None:
    url, seen = f"{URL}?limit={limit}&status=active", []
    while url:
        got = api.http.get(url, headers={**pact, "Host": "api.example.org"})
        page = got.json()["data"]
        assert len(page) <= limit
        seen += [one["id"] for one in page]
        url = got.links["next"]["url"] if "next" in got.links else ""
        if url:
            assert url.startswith(f"http://api.example.org{URL}?")
            again = api.http.get(url, headers={**pact, "Host": "api.example.org"})
            assert again.content == api.http.get(url, headers={**pact, "Host": "api.example.org"}).content
    assert sorted(seen) == sorted(one["id"] for one in listed(api, pact))


@pytest.mark.parametrize("cursor", ["abc", "é", "W10", "WyJ4IiwgMV0", "=" * 50])
def test_a_page_link_that_is_none_is_refused(api: Any, pact: Any, cursor: str) -> None:
    got = api.http.get(URL, params={"x-factordb-cursor": cursor}, headers=pact)
    assert got.status_code == (409 if cursor == "WyJ4IiwgMV0" else 400)


def test_each_criterion_finds_its_own_and_its_negative_finds_nothing(api: Any, pact: Any) -> None:
    every = listed(api, pact)
    for one in every[:3]:
        for name, value in criteria_of(one):
            expected = [each["id"] for each in every if (name, value) in criteria_of(each)]
            for spelt in (value, value.upper()):
                got = api.http.get(URL, params={name: spelt}, headers=pact).json()["data"]
                assert [each["id"] for each in got] == expected, (name, spelt)
    for name in ("productId", "companyId", "classification"):
        assert listed(api, pact, f"{name}=urn:none:of:this") == []
    assert listed(api, pact, "geography=XX") == []
    assert listed(api, pact, "geography=Asia") == every
    assert listed(api, pact, "status=Deprecated") == []


def test_a_place_is_within_its_country() -> None:
    footprint = {
        "productIds": [],
        "companyIds": [],
        "status": "Active",
        "pcf": {"geographyCountrySubdivision": "CN-GD"},
    }
    assert {value for name, value in criteria_of(footprint, ["Asia"]) if name == "geography"} == {"cn", "cn-gd", "asia"}


HOLDS = {
    "validOn": lambda start, end, at: start <= at <= end,
    "validAfter": lambda start, _end, at: start > at,
    "validBefore": lambda _start, end, at: end < at,
}


def test_times_of_validity_are_compared_as_the_specification_says(api: Any, pact: Any) -> None:
    every = listed(api, pact)
    for one in every[:2]:
        start, end = validity_of(one)
        for at in (start, end, "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"):
            for name, holds in HOLDS.items():
                expected = [each["id"] for each in every if holds(*validity_of(each), at)]
                assert [each["id"] for each in listed(api, pact, f"{name}={at}")] == expected, (name, at)


def test_criteria_join_as_specified_and_names_are_read_in_any_case(api: Any, pact: Any) -> None:
    one, other = listed(api, pact)[:2]
    products = f"productId={one['productIds'][0]}&productid={other['productIds'][0]}"
    assert {each["id"] for each in listed(api, pact, products)} == {one["id"], other["id"]}
    assert len(listed(api, pact, f"{products}&geography=DE&geography=CN&status=Active")) == 2
    assert listed(api, pact, f"{products}&geography=DE&geography=FR") == []


@pytest.mark.parametrize(
    "query",
    ["productid2=x", "$filter=id eq 1", "limit=-1", "limit=x", "validOn=yesterday", "validOn=2026-13-01T00:00:00Z",
     "status=Gone", "offset=1", "productId="],
)  # fmt: skip
def test_a_criterion_that_is_none_is_refused(api: Any, pact: Any, schema: Any, query: str) -> None:
    got = api.http.get(f"{URL}?{query}", headers=pact)
    assert (got.status_code, got.json()["code"]) == (400, "BadRequest")
    assert list(schema("Error").iter_errors(got.json())) == []


@pytest.mark.parametrize("moment", ["2026-01-01T00:00Z", "2026-01-01T08:00:00%2B08:00", "2026-01-01T08:00:00+08:00",
                                    "2026-01-01"])  # fmt: skip
def test_a_time_is_read_as_rfc_3339_writes_it(api: Any, pact: Any, moment: str) -> None:
    assert listed(api, pact, f"validOn={moment}") == listed(api, pact, "validOn=2026-01-01T00:00:00Z")


def test_a_limit_of_nothing_gives_nothing_and_no_link_that_leads_to_itself(api: Any, pact: Any) -> None:
    got = api.http.get(f"{URL}?limit=0", headers=pact)
    assert got.json() == {"data": []}
    assert "next" not in got.links


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────


def event(kind: str, told: Any, **changed: Any) -> str:
    said = {"type": f"{TYPE}{kind}.3", "specversion": "1.0", "id": "e-1", "source": "//client.example/3/events",
            "time": "2026-11-26T10:30:00Z", "data": told, **changed}  # fmt: skip
    return json.dumps({name: value for name, value in said.items() if value is not None}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("RequestCreatedEvent", {"geography": ["CN"], "comment": "请提供"}),
        ("RequestCreatedEvent", {"pf": {"productIds": ["urn:gtin:1234567890123"]}, "comment": "please"}),
        ("RequestFulfilledEvent", {"requestEventId": "e-0", "pfs": [{"id": "x"}]}),
        ("RequestRejectedEvent", {"requestEventId": "e-0", "error": {"code": "NotFound", "message": "none"}}),
        ("PublishedEvent", {"pfIds": ["urn:gtin:4712345060507"]}),
    ],
)
def test_each_kind_of_event_is_taken_in(api: Any, pact: Any, kind: str, data: Any) -> None:
    got = api.http.post("/3/events", content=event(kind, data).encode(), headers={**pact, **EVENT})
    assert (got.status_code, got.content) == (200, b"")


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"type": "org.example.Other"}, "type"), ({"specversion": "0.3"}, "specversion"), ({"id": ""}, "id"),
        ({"id": None}, "id"), ({"source": None}, "source"), ({"time": "noon"}, "time"), ({"data": None}, "data"),
        ({"data": []}, "data"), ({"data": {"geography": [1]}}, "data.geography"),
        ({"data": {"validOn": "noon"}}, "data.validOn"),
        ({"type": f"{TYPE}PublishedEvent.3"}, "data.pfIds"),
        ({"type": f"{TYPE}RequestFulfilledEvent.3", "data": {"requestEventId": "1", "pfs": []}}, "data.pfs"),
        ({"type": f"{TYPE}RequestRejectedEvent.3", "data": {"error": {}}}, "data.requestEventId"),
    ],
)  # fmt: skip
def test_an_event_that_is_none_is_refused_at_its_place(api: Any, pact: Any, changed: Any, place: str) -> None:
    content = event("RequestCreatedEvent", {"geography": ["CN"]}, **changed)
    got = api.http.post("/3/events", content=content.encode(), headers={**pact, **EVENT})
    assert (got.status_code, got.json()["code"]) == (400, "BadRequest")
    assert f" {place} " in got.json()["detail"]


def test_a_request_for_footprints_is_answered_by_an_event(api: Any, pact: Any, schema: Any) -> None:
    wanted = listed(api, pact)[0]
    for name, data, kind in (
        ("found", {"productId": wanted["productIds"]}, "RequestFulfilledEvent"),
        ("none", {"productId": ["urn:none:of:this"]}, "RequestRejectedEvent"),
    ):
        content = event("RequestCreatedEvent", data, id=name).encode()
        assert list(schema("RequestCreatedEvent").iter_errors(json.loads(content))) == []
        api.http.post("/3/events", content=content, headers={**pact, **EVENT})
        answer = api.http.get(f"/v1/events/{name}", headers=pact).json()["answer"]
        assert answer["type"] == f"{TYPE}{kind}.3"
        assert answer["data"]["requestEventId"] == name
        assert list(schema(kind).iter_errors(answer)) == []
        assert answer["data"].get("pfs", [wanted]) == [wanted]


def test_an_event_of_another_client_is_not_told(api: Any, pact: Any) -> None:
    api.http.post(
        "/3/events", content=event("PublishedEvent", {"pfIds": []}, id="mine").encode(), headers={**pact, **EVENT}
    )
    assert api.http.get("/v1/events/mine", headers=pact).status_code == 200
    assert api.http.get("/v1/events/mine", headers=api.login(*SCOPES)).status_code == 404


def test_a_server_that_takes_nothing_in_says_so(make: Any) -> None:
    closed = make()
    headers = {**closed.login(*SCOPES), **EVENT, "Accept-Language": "en"}
    got = closed.http.post("/3/events", content=event("PublishedEvent", {"pfIds": []}).encode(), headers=headers)
    assert (got.status_code, got.json()["code"]) == (403, "AccessDenied")
    assert "--write" in got.json()["message"]


def test_footprints_of_older_releases_are_deprecated_and_named_by_their_successors(
    main_job: Path, small_library: Path
) -> None:
    newest, older = (content_of_release(path / "releases" / "2026.1") for path in (small_library, main_job))
    found = [one for one, _ in footprints_of([newest, older])]
    standing = [one["status"] for one in found]
    assert standing == ["Active"] * 2 + ["Deprecated"] * 11
    assert PublishedReleases.of_library(small_library).names == ["2026.1"]
