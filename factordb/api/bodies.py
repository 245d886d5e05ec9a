"""Bodies of requests: their media type, their size, their JSON."""

import json
from typing import Any

from starlette.requests import Request

from factordb.api.problems import JSON, ApiProblem


def media_type(request: Request) -> str:
    """Return the media type of the body without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media(request: Request, *expected: str) -> None:
    """Refuse a body of another media type.

    Raises:
        ApiProblem: 415.
    """
    found = media_type(request)
    if found not in expected:
        raise ApiProblem(415, "media_type", "media_type", found=found or "—", expected=expected[0])


async def json_object(request: Request, *media: str) -> dict[str, Any]:
    """Return the body as a JSON object without duplicate names, numbers finite.

    Raises:
        ApiProblem: 415 or 400.
    """
    require_media(request, *(media or (JSON,)))
    body = await request.body()
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise ApiProblem(400, "bad_request", "bad_body") from fault
    if not isinstance(found, dict):
        raise ApiProblem(400, "bad_request", "bad_body")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate name")
    return found


def _no_number(text: str) -> float:
    raise ValueError(text)
