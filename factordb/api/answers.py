"""Answers as bytes: JSON with an ETag of its content, links to further pages, and no number that JSON does not know."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from factordb.api.problems import JSON, ApiProblem

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?")
_OPTIONS: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
JSON_HEADER: Final = f"{JSON}; charset=utf-8"


def encoded(body: Any) -> bytes:
    """Return `body` as JSON; numbers that JSON does not know (an overflow) become null."""
    try:
        return orjson.dumps(body, str, _OPTIONS)
    except TypeError:  # an integer beyond 64 bits, half a character: rare, and sent all the same
        text = json.dumps(_finite(body), ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=str)
        return text.encode()


def _finite(body: Any) -> Any:
    if isinstance(body, Mapping):
        return {str(name): _finite(one) for name, one in body.items()}
    if isinstance(body, (list, tuple)):
        return [_finite(one) for one in body]
    return None if isinstance(body, float) and not math.isfinite(body) else body


def etag_of(content: bytes) -> str:
    """Return the strong entity tag of some bytes: half of their SHA-256."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def same_tag(header: str, tag: str) -> bool:
    """Return whether a list of entity tags (If-None-Match, If-Match) names `tag`; weak marks are not looked at.

    Source: RFC 9110, 8.8.3.2.
    """
    if header.strip() == "*":
        return True
    return any(one.strip().removeprefix("W/") == tag for one in header.split(","))


def answer(
    request: Request, body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, media: str = JSON
) -> Response:
    """Return `body` as JSON with its ETag, or 304 where the reader has it already."""
    return answer_bytes(request, encoded(body), status=status, headers=headers, media=media)


def answer_bytes(
    request: Request, content: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None, media: str = JSON
) -> Response:
    """Return some bytes with their ETag, or 304 where the reader has them already."""
    told = {"ETag": etag_of(content), "Vary": "Accept-Language", "Cache-Control": "no-cache", **(headers or {})}
    known = request.headers.get("if-none-match")
    if known and request.method in {"GET", "HEAD"} and same_tag(known, told["ETag"]):
        return Response(status_code=304, headers=told)
    return Response(content, status, told, JSON_HEADER if media == JSON else media)


def require_match(request: Request, body: Any) -> None:
    """Refuse a write that was not bound to what is there.

    Raises:
        ApiProblem: 428 without If-Match, 412 where it names something else than `body`.
    """
    given = request.headers.get("if-match")
    if not given:
        raise ApiProblem(428, "precondition_needed", "match_missing")
    if not same_tag(given, etag_of(encoded(body))):
        raise ApiProblem(412, "precondition", "match_failed")


def address(request: Request, path: str = "", **changed: str) -> str:
    """Return the absolute address of this request, or of `path` on this host, with some parameters changed.

    The host is that of the request, as PACT asks of page links; names are compared in any case.
    """
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or ("localhost", None)
        host = f"{name}:{port}" if port else str(name)
    base = f"{request.scope['scheme']}://{host}{quote(path or request.scope['path'])}"
    folded = {name.lower() for name in changed}
    given = [] if path else request.query_params.multi_items()
    kept = [(name, one) for name, one in given if name.lower() not in folded]
    query = urlencode([*kept, *((name, one) for name, one in changed.items() if one)])
    return f"{base}?{query}" if query else base


def next_link(url: str) -> dict[str, str]:
    """Return the header of a next page. Source: RFC 8288."""
    return {"Link": f'<{url}>; rel="next"'}
