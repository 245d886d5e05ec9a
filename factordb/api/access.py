"""Logging in (OAuth 2.0, client credentials) and what a token allows; the rights are those of the stored row."""

import base64
import binascii
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.answers import JSON_HEADER, address, answer, encoded
from factordb.api.bodies import media_type
from factordb.api.describing import TOKEN_URL, described
from factordb.api.parameters import asked
from factordb.api.problems import ApiProblem, language_of, said
from factordb.store.api_access import LIFE, SCOPES, ApiAccess, ApiClient, TokenError

router = APIRouter(tags=["access"])
FORM: Final = "application/x-www-form-urlencoded"
GRANT: Final = "client_credentials"
_MOST_FIELDS: Final = 20
_FORM_SCHEMA: Final[dict[str, Any]] = {
    "schema": {
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {"const": GRANT},
            "scope": {"type": "string", "maxLength": 500},
            "client_id": {"type": "string"},
            "client_secret": {"type": "string"},
        },
    },
    "example": {"grant_type": GRANT, "scope": "footprint:list footprint:read"},
}


@router.post(
    TOKEN_URL,
    openapi_extra={
        **described("token", (), "Token", body_schema=_FORM_SCHEMA, media=FORM, plain=True, more={401: "unauthorized"}),
        "security": [{"Basic": []}],
    },
)
async def token(request: Request) -> Response:
    """Return an access token for client id and secret, sent by Basic or in the form.

    Source: RFC 6749, 4.4 and 5.2.
    """
    asked(request, ())
    lang = language_of(request.headers.get("accept-language", ""))
    if media_type(request) != FORM:
        return _no_token("invalid_request", said(lang, "media_type", found=media_type(request) or "—"))
    form = _form(await request.body())
    if form.get("grant_type") != GRANT:
        return _no_token("unsupported_grant_type", said(lang, "bad_grant"))
    given = _credentials(request, form)
    access: ApiAccess | None = request.app.state.access
    client = await run_in_threadpool(access.login, *given) if given and access else None
    if client is None or access is None:
        headers = {"WWW-Authenticate": 'Basic realm="factordb"'}
        return _no_token("invalid_client", said(lang, "bad_client"), status=401, headers=headers)
    scopes = set(form.get("scope", "").split()) or set(client.scopes)
    if not scopes <= client.scopes:
        return _no_token("invalid_scope", said(lang, "no_scope", scope=", ".join(sorted(scopes - client.scopes))))
    made = access.token(client, scopes, now=request.app.state.clock())
    body = {"access_token": made, "token_type": "bearer", "expires_in": LIFE, "scope": " ".join(sorted(scopes))}
    return Response(encoded(body), headers={"Cache-Control": "no-store"}, media_type=JSON_HEADER)


@router.get("/.well-known/openid-configuration", openapi_extra=described("discovery", (), "Discovery"))
async def discovery(request: Request) -> Response:
    """Return where tokens are had, as programs that know only the server's address look for it.

    Source: OpenID Connect Discovery 1.0, 4; PACT Technical Specifications v3, "Authentication Flow".
    """
    asked(request, ())
    here = address(request, "/").rstrip("/")
    body = {
        "issuer": here,
        "token_endpoint": here + TOKEN_URL,
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["token"],
    }
    return answer(request, body)


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str] | None:
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, colon, secret = base64.b64decode(told.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            return None
        return (unquote_plus(name), unquote_plus(secret)) if colon else None
    found = form.get("client_id"), form.get("client_secret")
    return (found[0], found[1]) if found[0] and found[1] else None


def _no_token(error: str, words: str, *, status: int = 400, headers: dict[str, str] | None = None) -> Response:
    body = {"error": error, "error_description": words, "code": "BadRequest" if status == 400 else "AccessDenied",  # noqa: PLR2004 - the status itself
            "message": words}  # fmt: skip
    return Response(encoded(body), status, {"Cache-Control": "no-store", **(headers or {})}, JSON_HEADER)


def require(request: Request, scope: str) -> ApiClient:
    """Return the client that asks, where its token and its stored row both give it `scope`.

    Raises:
        ApiProblem: 401 without a token or with one that has expired, 400 with one that is none of ours (as PACT's
            conformance cases want it), 403 without the right.
    """
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="factordb"'}
    if not kind:
        raise ApiProblem(401, "unauthorized", "no_token", headers=challenge)
    access: ApiAccess | None = request.app.state.access
    if kind.lower() != "bearer" or access is None:
        raise ApiProblem(400, "bad_request", "bad_token")
    try:
        client = access.bearer(given.strip(), now=request.app.state.clock())
    except TokenError as fault:
        if str(fault) == "expired":
            raise ApiProblem(401, "expired", "old_token", code="TokenExpired", headers=challenge) from None
        raise ApiProblem(400, "bad_request", "bad_token") from None
    if scope not in client.scopes:
        raise ApiProblem(403, "forbidden", "no_scope", scope=scope)
    return client


def require_writable(request: Request) -> None:
    """Refuse a write on a server that is read-only.

    Raises:
        ApiProblem: 403.
    """
    if not request.app.state.write:
        raise ApiProblem(403, "read_only", "read_only")
