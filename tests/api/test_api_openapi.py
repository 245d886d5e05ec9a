"""The OpenAPI document: valid, true, in both languages; whatever it allows is answered, and never with a 5xx."""

import json
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from factordb.api import describe_api
from factordb.api.describing import TOKEN_URL
from factordb.store.api_access import SCOPES

METHODS = {"get", "post", "put", "delete", "patch"}
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
OPERATIONS = 32
EVERY_DAY, THOROUGH = 5, 40
"""Examples of each operation and mode (allowed, not allowed)."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe_api()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, item in document["paths"].items() for method, one in item.items()]


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named == named & set(document["components"]["schemas"])
    unused = set(document["components"]["schemas"]) - named
    assert unused <= {"TokenError"}


def test_every_operation_says_in_both_languages_what_it_does(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) == OPERATIONS
    assert len({one["operationId"] for _, _, one in found}) == len(found)
    for path, _, one in found:
        english, _, chinese = one["summary"].partition(" / ")
        assert not re.search("[\u4e00-\u9fff]", english), path
        assert re.search("[\u4e00-\u9fff]", chinese), path
        for status, answer in one["responses"].items():
            assert re.search("[\u4e00-\u9fff]", answer["description"]), (path, status)


def test_what_needs_a_token_says_which_right(document: dict[str, Any]) -> None:
    scopes = document["components"]["securitySchemes"]["BearerAuth"]["flows"]["clientCredentials"]["scopes"]
    assert set(scopes) == set(SCOPES)
    guarded = {path for path, _, one in operations(document) if "security" in one and path != TOKEN_URL}
    assert guarded == {path for path in document["paths"] if path.startswith(("/3/", "/v1/events", "/v1/submissions"))}
    for path, _, one in operations(document):
        if path in guarded:
            assert {"401", "403"} <= set(one["responses"])


def test_the_server_hands_out_the_same_document(api: Any, document: dict[str, Any]) -> None:
    assert api.http.get("/openapi.json").json() == json.loads(json.dumps(document))


def test_every_example_of_a_parameter_is_answered(api: Any, document: dict[str, Any]) -> None:
    for path, method, one in operations(document):
        if method != "get" or "{" in path or "security" in one:
            continue
        examples = {each["name"]: each["example"] for each in one["parameters"] if "example" in each}
        got = api.http.get(path, params=examples)
        assert got.status_code == 200, (path, got.text)


def test_every_example_of_a_body_is_answered(api: Any, pact: Any, document: dict[str, Any]) -> None:
    body = document["paths"]["/v1/estimate"]["post"]["requestBody"]["content"]["application/json"]
    assert api.http.post("/v1/estimate", json=body["example"]).json()["outcome"] == "chosen"
    ((media, event),) = document["paths"]["/3/events"]["post"]["requestBody"]["content"].items()
    headers = {**pact, "Content-Type": media}
    assert api.http.post("/3/events", content=json.dumps(event["example"]), headers=headers).status_code == 200


@schemathesis.serializer("application/zip")
def _as_bytes(_context: Any, value: Any) -> bytes:
    """Return what schemathesis made up for a package as bytes: hardly ever an archive."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def every(api: Any) -> list[Any]:
    """Return every operation as schemathesis reads it from the document."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", api.app)
    return sorted((one.ok() for one in schema.get_all_operations()), key=lambda one: (one.path, one.method))


@pytest.mark.parametrize("examples", [EVERY_DAY, pytest.param(THOROUGH, marks=pytest.mark.slow)])
@pytest.mark.parametrize("place", range(OPERATIONS))
def test_whatever_is_allowed_or_not_is_answered_as_described(every: Any, pact: Any, place: int, examples: int) -> None:
    operation = every[place]
    assert len(every) == OPERATIONS
    modes = [schemathesis.GenerationMode.POSITIVE]
    if len(operation.query) or len(operation.body):  # else there is nothing that could be wrong
        modes.append(schemathesis.GenerationMode.NEGATIVE)
    for mode in modes:

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Any) -> None:
            case.call_and_validate(headers=pact, checks=CHECKS)

        answered()


@settings(max_examples=60, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    name=st.sampled_from(["query", "region", "unit", "year", "code", "cursor", "dqr_max"]), text=st.text(max_size=40)
)
def test_any_text_in_any_parameter_is_answered(api: Any, name: str, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert api.http.get("/v1/factors", params={name: text}).status_code < 500
