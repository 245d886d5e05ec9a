"""Search, look-up, choice, comparison and conversion over HTTP."""

from typing import Any

import pytest

ENGLISH = {"Accept-Language": "en"}
POWER = "2024年全国电力平均碳足迹因子"


def first(api: Any, query: str = "电力") -> dict[str, Any]:
    return dict(api.http.get("/v1/factors", params={"query": query, "limit": 1}).json()["data"][0])


def test_search_returns_what_the_library_returns(api: Any) -> None:
    got = api.http.get("/v1/factors", params={"query": "电力", "tier": "official", "limit": 5}).json()
    own = api.releases.factors().search("电力", tier=["official"], limit=5)
    assert [row["version_id"] for row in got["data"]] == [row["version_id"] for row in own["hits"]]
    assert got["meta"] == {"total": own["total"], "corrected": "", "possible_filters": own["facets"]}
    assert got["release"]["release_id"] == "2026.1"


@pytest.mark.parametrize("query", ["electricity", "dianli", "dl", "电里"])
def test_it_is_searched_in_english_by_pinyin_and_with_typing_errors(api: Any, query: str) -> None:
    assert api.http.get("/v1/factors", params={"query": query}).json()["meta"]["total"] > 0


def test_values_of_one_criterion_are_alternatives_and_criteria_must_all_hold(api: Any) -> None:
    def total(*pairs: tuple[str, str]) -> int:
        return int(api.http.get("/v1/factors", params=list(pairs)).json()["meta"]["total"])

    factors, parameters = total(("kind", "factor")), total(("kind", "parameter"))
    assert total(("kind", "factor"), ("kind", "parameter")) == factors + parameters
    assert 0 < total(("kind", "factor"), ("year", "2024")) <= factors


def test_pages_follow_the_link_and_hold_every_hit_once(api: Any) -> None:
    url, seen, pages = "/v1/factors?kind=parameter&limit=40&facets=false", [], 0
    while url:
        answer = api.http.get(url)
        body = answer.json()
        seen += [row["version_id"] for row in body["data"]]
        assert body["links"]["next"] == (answer.links["next"]["url"] if "next" in answer.links else "")
        url, pages = body["links"]["next"], pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 110


def test_a_page_link_is_bound_to_its_release(api: Any) -> None:
    link = api.http.get("/v1/factors?limit=1").json()["links"]["next"]
    assert "release=2026.1" in link
    strange = api.http.get("/v1/factors?cursor=WyIyMDI1LjEtYWFhIiwgMSwgMV0", headers=ENGLISH)
    assert strange.status_code == 409
    assert "belongs to 2025.1-aaa" in strange.json()["detail"]


def test_an_unknown_parameter_is_refused_with_those_that_are_known(api: Any) -> None:
    answer = api.http.get("/v1/factors?regoin=CN", headers=ENGLISH)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["detail"] == "there is no parameter called regoin"
    assert "region" in body["remedy"]
    assert "query" in body["remedy"]
    assert (body["code"], body["status"]) == ("BadRequest", 400)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"), ("limit=abc", "limit"), ("limit=1001", "limit"), ("year_from=0", "year_from"),
        ("tier=offical", "tier"), ("valid_on=2026-02-30", "valid_on"), ("dqr_max=nan", "dqr_max"),
        ("facets=yes", "facets"), ("limit=1&limit=2", "limit"), ("region=", "region"), ("query=%00", "query"),
        ("query=" + "a" * 501, "query"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused_by_name(api: Any, query: str, name: str) -> None:
    for lang, words in (("zh", "不能为"), ("en", "cannot be")):
        answer = api.http.get(f"/v1/factors?{query}", headers={"Accept-Language": lang})
        assert answer.status_code == 400
        assert words in answer.json()["detail"]
        assert answer.json()["errors"][0]["parameter"] == name


@pytest.mark.parametrize("query", ["region=Atlantis", "flag=no_flag", "convertible_to=furlong"])
def test_what_nobody_knows_is_a_bad_request_and_no_empty_page(api: Any, query: str) -> None:
    answer = api.http.get(f"/v1/factors?{query}")
    assert answer.status_code == 400


def test_a_factor_comes_with_source_gases_and_citation(api: Any) -> None:
    hit = first(api)
    body = api.http.get(f"/v1/factors/{hit['factor_id']}").json()
    assert body["factor"]["name_zh"] == POWER
    assert body["factor"]["value_text"] == "0.5777"
    assert body["factor"]["verified"] in {True, False}
    assert body["source"]["title_zh"]
    assert hit["factor_id"] in body["citation"]["zh"]
    assert "2026.1" in body["citation"]["en"]


def test_the_short_way_and_the_long_way_answer_the_same_bytes(api: Any) -> None:
    url = f"/v1/factors/{first(api)['factor_id']}"
    short, long = api.http.get(url), api.http.get(f"{url}?release=2026.1")
    assert short.content == long.content
    assert short.headers["etag"] == long.headers["etag"]
    assert short.headers["content-type"] == long.headers["content-type"]


@pytest.mark.parametrize("query", ["", "?release=latest"])
def test_what_the_reader_has_is_not_sent_again(api: Any, query: str) -> None:
    url = f"/v1/factors/{first(api)['factor_id']}{query}"
    tag = api.http.get(url).headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = api.http.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert api.http.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/factors/nothing", "/v1/factors/nothing?release=2026.1", "/v1/releases/1999.1",
                                  "/v1/factors/nothing/history", "/v1/vocab/nothing", "/v1/nothing",
                                  "/v1/factors?release=1999.1"])  # fmt: skip
def test_what_is_not_there_is_not_found(api: Any, path: str) -> None:
    answer = api.http.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"


def test_words_come_in_the_language_that_is_preferred(api: Any) -> None:
    def of(header: str) -> str:
        return str(api.http.get("/v1/factors?x=1", headers={"Accept-Language": header}).headers["content-language"])

    assert of("en-GB,zh;q=0.5") == "en"
    assert of("en;q=0.2, zh-CN;q=0.9") == "zh"
    assert of("fr") == "zh"
    assert of("de, en;q=0.1") == "en"
    assert of(";;;q=x,,en;q=9") == "zh"


def test_a_choice_is_the_librarys_choice_with_its_reasons(api: Any) -> None:
    asked = {"product": "电力", "unit": "kWh", "amount": 1000, "year": 2024}
    got = api.http.get("/v1/choose", params=asked, headers=ENGLISH).json()
    assert got["outcome"] == "chosen"
    assert got["emission"]["value"] == pytest.approx(577.7)
    assert got["message"] == got["en"]
    assert got["why"]
    assert got["alternatives"]
    assert got["citation"]["zh"]
    posted = api.http.post("/v1/estimate", json=asked, headers=ENGLISH).json()
    assert posted == got


def test_an_ambiguous_product_returns_candidates_and_no_factor(api: Any) -> None:
    got = api.http.get("/v1/choose", params={"product": "发电", "unit": "kWh"}).json()
    assert got["outcome"] == "ambiguous"
    assert got["factor"] is None
    assert got["emission"] is None
    assert len(got["candidates"]) > 1


def test_a_unit_that_does_not_fit_names_what_it_measures(api: Any) -> None:
    got = api.http.get("/v1/convert", params={"value": "1", "from": "kg", "to": "kWh"}, headers=ENGLISH)
    assert got.status_code == 422
    assert "kg: mass" in got.json()["detail"]
    assert "kWh: energy" in got.json()["detail"]
    chosen = api.http.get("/v1/choose", params={"product": "电力", "unit": "kg"}).json()
    assert chosen["outcome"] == "none"
    assert chosen["rejected_by_reason"]


def test_a_value_is_converted_with_its_trail(api: Any) -> None:
    got = api.http.get("/v1/convert", params={"value": "3.6", "from": "MJ", "to": "kWh"}).json()
    assert got["value"] == pytest.approx(1)
    assert "MJ → kWh" in got["trail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"product": "电力", "colour": "red"}, 400), ({"product": 3}, 400), ({"amount": "3"}, 400),
        ({"product": "电力", "amount": True}, 400), ({"product": "电力", "allow_flags": "x"}, 400),
        ({"product": "电力", "unit": "furlong"}, 400), ({"product": "电力", "allow_flags": ["x"]}, 400),
        ({"product": "电力", "unit": "kWh", "allow_flags": []}, 200), ({"product": "电力", "factor": "a"}, 400),
    ],
)  # fmt: skip
def test_a_question_sent_as_json_is_checked_as_an_address_is(api: Any, body: dict[str, Any], status: int) -> None:
    assert api.http.post("/v1/estimate", json=body).status_code == status


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff\xfe", b'{"amount":NaN}', b"[" * 100_000, b'{"amount":1e999}']
)
def test_a_body_that_is_no_object_is_refused(api: Any, content: bytes) -> None:
    answer = api.http.post("/v1/estimate", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


def test_a_body_of_another_type_is_refused(api: Any) -> None:
    answer = api.http.post("/v1/estimate", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["remedy"]


def test_factors_are_compared_as_the_library_compares_them(api: Any) -> None:
    one, other = (row["factor_id"] for row in api.http.get("/v1/factors?kind=factor&limit=2").json()["data"])
    got = api.http.get(f"/v1/factors/{one}/compare", params={"with": other}).json()
    own = api.releases.factors().compare(one, other)
    assert got["comparisons"][0]["comparable"] == own["comparisons"][0]["comparable"]
    assert got["comparisons"][0]["difference"] == own["comparisons"][0]["difference"]


def test_the_filters_that_are_possible_are_counted(api: Any) -> None:
    got = api.http.get("/v1/filters", params={"query": "电力"}).json()
    assert got["possible_filters"] == api.releases.factors().possible_filters("电力")


def test_the_history_and_citation_of_a_factor(api: Any) -> None:
    hit = first(api)
    versions = api.http.get(f"/v1/factors/{hit['factor_id']}/history").json()["data"]
    assert [(one["release_id"], one["version_id"]) for one in versions] == [("2026.1", hit["version_id"])]
    cited = api.http.get(f"/v1/factors/{hit['factor_id']}/citation", headers=ENGLISH).json()
    assert cited["message"] == cited["citation"]["en"]
