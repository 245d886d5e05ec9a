"""Writes are done once: the answer to a request under an idempotency key is kept, and told again word by word."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from factordb.api.answers import JSON_HEADER
from factordb.api.problems import ApiProblem
from factordb.store.api_access import ApiAccess, ApiClient

KEY: Final = "Idempotency-Key"
AGAIN: Final = "Idempotency-Replayed"
_BUSY: Final[dict[tuple[str, str], asyncio.Lock]] = {}
"""Writes under way in this process; between processes the library's own lock stands."""
_GOOD: Final = re.compile(r"[\x21-\x7e]{1,200}")


async def once(
    request: Request, client: ApiClient, do: Callable[[], Awaitable[Response]], *, needed: bool = True
) -> Response:
    """Return the answer of `do`, or of the time it was done before under the same key.

    Faults are not kept: who mends what was wrong may use the key again.

    Args:
        request: the write; its method, address and body are what the key stands for.
        client: who writes; keys of others are others.
        do: the write itself.
        needed: refuse a write without a key.

    Raises:
        ApiProblem: 428 without a key, 400 with one that cannot be, 422 where it was used for another request.
    """
    key = request.headers.get(KEY, "")
    if not key and not needed:
        return await do()
    if not key:
        raise ApiProblem(428, "precondition_needed", "key_missing")
    if not _GOOD.fullmatch(key):
        raise ApiProblem(400, "bad_request", "bad_value", name=KEY, found=key, why="other")
    content = await request.body()
    asked = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode() + content).hexdigest()
    place = (client.client_id, key)
    lock = _BUSY.setdefault(place, asyncio.Lock())
    try:
        async with lock:  # the same request at the same time waits, and is then told what came of the first
            return await _first_or_again(request, place, asked, do)
    finally:
        if not lock.locked():
            _BUSY.pop(place, None)


async def _first_or_again(
    request: Request, place: tuple[str, str], asked: str, do: Callable[[], Awaitable[Response]]
) -> Response:
    access: ApiAccess = request.app.state.access
    before = await run_in_threadpool(access.done, *place)
    if before is None:
        made = await do()
        await run_in_threadpool(access.keep, *place, asked, made.status_code, bytes(made.body))
        return made
    if before[0] != asked:
        raise ApiProblem(422, "unprocessable", "key_reused")
    return Response(before[2], before[1], {AGAIN: "true"}, JSON_HEADER if before[2] else None)
