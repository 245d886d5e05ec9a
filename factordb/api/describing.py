"""The OpenAPI 3.1 document: one source for parameters and shapes, words in both languages, examples that are true."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from factordb.api.parameters import RELEASE, Form, Parameter
from factordb.api.problems import CODES, JSON, LANGUAGES, PROBLEM_JSON
from factordb.publishing import api_words
from factordb.store.api_access import SCOPES

if TYPE_CHECKING:
    from fastapi import FastAPI

_PROBLEMS: Final[Mapping[int, str]] = {
    400: "bad_request", 404: "not_found", 409: "conflict", 413: "too_large", 422: "unprocessable", 429: "too_many",
}  # fmt: skip
TOKEN_URL: Final = "/auth/token"  # noqa: S105 - an address


def described(  # noqa: D417 - the parameters say themselves
    operation: str,
    parameters: Sequence[Parameter],
    shape: str,
    *,
    missing: bool = False,
    body: Sequence[Parameter] = (),
    body_schema: Mapping[str, Any] | None = None,
    media: str = JSON,
    answer_media: str = JSON,
    also: Sequence[str] = (),
    more: Mapping[int, str] | None = None,
    plain: bool = False,
    scope: str = "",
    headers: Sequence[tuple[str, bool]] = (),
    statuses: Sequence[int] = (200,),
) -> dict[str, Any]:
    """Return what OpenAPI says of an operation.

    Args:
        operation: key of its words.
        shape: schema of its answer.
        missing: answers 404 where the resource is not there.
        answer_media: media type of its answer.
        also: further media types of its answer, files as they are.
        body: what it takes as a JSON object; `body_schema`: or its schema, by media type in `media`.
        more: further problems it answers with: status -> title.
        plain: problems are plain JSON, as PACT wants them.
        scope: right that a token must have.
        headers: request headers and whether they are needed.
        statuses: statuses of success.
    """
    words = {lang: api_words(lang) for lang in LANGUAGES}
    named = any(one.name == RELEASE.name for one in (*parameters, *body))  # a release that is named may not be there
    kinds = {400, 409, 413, 422, 429} | ({404} if missing or named else set())
    titles = {**{code: _PROBLEMS[code] for code in sorted(kinds)}, **(more or {})}
    if body or body_schema is not None:
        titles |= {415: "media_type"}
    if scope:
        titles |= {401: "unauthorized", 403: "forbidden"}
    found: dict[str, Any] = {
        "summary": f"{words['en']['operation'][operation]} / {words['zh']['operation'][operation]}",
        "operationId": operation,
        "parameters": [one.described() for one in parameters] + [_header(*one) for one in headers],
        "responses": {
            **{str(code): _success(shape, words, operation, (answer_media, *also)) for code in statuses},
            **{str(code): _problem(code, title, words, plain=plain) for code, title in sorted(titles.items())},
        },
    }
    if body:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": _body(body), "example": _example(body)}}}
    elif body_schema is not None:
        found["requestBody"] = {"required": True, "content": {media: dict(body_schema)}}
    if scope:
        found["security"] = [{"BearerAuth": [scope]}]
    return found


def _header(name: str, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"}
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _success(shape: str, words: Mapping[str, Any], operation: str, media: Sequence[str]) -> dict[str, Any]:
    told = {"description": f"{words['en']['operation'][operation]} / {words['zh']['operation'][operation]}"}
    if not shape:
        return told
    schema = {"$ref": f"#/components/schemas/{shape}"}
    files = {one: {"schema": {"type": "string", "format": "binary"}} for one in media[1:]}
    return {**told, "content": {media[0]: {"schema": schema}, **files}}


def _problem(status: int, title: str, words: Mapping[str, Any], *, plain: bool) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    examples = {
        lang: {"value": {"title": words[lang]["problem"][title], "code": CODES[status], "message": "…"}}
        for lang in LANGUAGES
    }
    return {
        "description": f"{words['en']['problem'][title]} / {words['zh']['problem'][title]}",
        "content": {JSON if plain else PROBLEM_JSON: {**schema, "examples": examples}},
    }


def _body(parameters: Sequence[Parameter]) -> dict[str, Any]:
    properties = {one.name: {**one.described()["schema"], "description": one.en} for one in parameters}
    for one in parameters:
        if one.many:
            properties[one.name] |= {"minItems": 0}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _example(parameters: Sequence[Parameter]) -> dict[str, Any]:
    return {
        one.name: one.example if one.form is not Form.NUMBER else float(one.example)
        for one in parameters
        if one.example is not None
    }


def describe_api(app: "FastAPI | None" = None) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API.

    Args:
        app: the application; one of its own kind where it is not given.
    """
    from fastapi.openapi.utils import get_openapi  # noqa: PLC0415 - a document is asked for rarely

    from factordb.api.application import make_api  # noqa: PLC0415 - the application describes itself by this function
    from factordb.api.shapes import schemas  # noqa: PLC0415 - as above

    described_app = app or make_api(None)
    document: dict[str, Any] = get_openapi(
        title="factordb",
        version=described_app.version,
        description=described_app.description,
        routes=described_app.routes,
        openapi_version="3.1.0",
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            _tidy(operation)
    document["components"] = {
        "schemas": schemas(),
        "securitySchemes": {
            "BearerAuth": {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL, "scopes": _scopes()}},
            },
            "Basic": {"type": "http", "scheme": "basic"},
        },
    }
    return document


def _scopes() -> dict[str, str]:
    words = {lang: api_words(lang)["scope"] for lang in LANGUAGES}
    return {name: f"{words['en'][name]} / {words['zh'][name]}" for name in SCOPES}


def _tidy(operation: dict[str, Any]) -> None:
    """Take out what the framework adds for checks that it does not make here; say limits of path parameters."""
    if operation["responses"].get("200", {}).get("description") == "Successful Response":
        del operation["responses"]["200"]
    for answer in operation["responses"].values():
        content = answer.get("content", {})
        schema = content.get(JSON, {}).get("schema", {})
        if schema.get("$ref", "").endswith("HTTPValidationError") or (schema == {} and JSON in content):
            del content[JSON]
        if not content:
            answer.pop("content", None)
    for one in operation.get("parameters", ()):
        one.get("schema", {}).pop("title", None)
