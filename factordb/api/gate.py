"""The gate before the application: sizes, rates, headers, and the short way for look-ups by identifier."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from factordb.api.answers import JSON_HEADER, encoded, etag_of, same_tag
from factordb.api.factors import looked_up
from factordb.api.problems import ApiProblem, language_of, of_fault, of_problem
from factordb.errors import FactorDBError
from factordb.publishing import PublishedReleases

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOOKUP: Final = "/v1/factors/"
_PACKAGES: Final = "/v1/submissions"
_KEPT: Final = 4096
"""Rendered look-ups that a process keeps."""
_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


@dataclass(frozen=True)
class Limits:
    """What one caller may ask for.

    Attributes:
        body: largest body of a request in bytes.
        package: largest package of measured data in bytes.
        address: longest address in bytes.
        requests: requests of one caller in a window, per process of the server; 0: any number.
        logins: requests for a token in a window.
        seconds: length of the window.
    """

    body: int = 1_000_000
    package: int = 50_000_000
    address: int = 16_384
    requests: int = 2_000
    logins: int = 60
    seconds: int = 10


class _Window:
    """Counts callers in windows of fixed length; forgets all of them with each new window, so that it stays small."""

    def __init__(self, most: int, seconds: int, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._number = -1
        self._counts: dict[str, int] = {}

    def wait(self, caller: str) -> int:
        """Count a request; return the seconds to wait where it is one too many, else 0."""
        if not self._most:
            return 0
        now = self._clock()
        number = int(now // self._seconds)
        if number != self._number:
            self._number, self._counts = number, {}
        count = self._counts[caller] = self._counts.get(caller, 0) + 1
        return max(1, round((number + 1) * self._seconds - now)) if count > self._most else 0


class Gate:
    """ASGI: what passes reaches the application."""

    def __init__(
        self,
        app: App,
        *,
        limits: Limits,
        releases: PublishedReleases | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._limits = limits
        self._releases = releases
        self._requests = _Window(limits.requests, limits.seconds, clock)
        self._logins = _Window(limits.logins, limits.seconds, clock)
        self._kept: dict[tuple[str, str], tuple[bytes, str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, answer by the short way, or hand on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # as GET, and the server leaves the body out
            scope = {**scope, "method": "GET"}
        refused = self._refused(scope)
        if refused is not None:
            await self._problem(refused, scope, receive, send)
            return
        path = scope["path"]
        if path.startswith(_LOOKUP) and scope["method"] == "GET" and not scope["query_string"] and self._releases:
            name = path[len(_LOOKUP) :]
            if name and "/" not in name:
                await self._look_up(name, scope, receive, send)
                return
        await self._app(scope, self._counted(scope, receive), _with_headers(send))

    def _refused(self, scope: Scope) -> ApiProblem | None:
        limits = self._limits
        caller = scope["client"][0] if scope.get("client") else ""
        window, most = (self._logins, limits.logins) if scope["path"] == "/auth/token" else (
            self._requests, limits.requests)  # fmt: skip
        wait = window.wait(caller)
        if wait:
            return ApiProblem(429, "too_many", "too_many", headers={"Retry-After": str(wait)}, limit=most,
                              seconds=limits.seconds, wait=wait)  # fmt: skip
        if len(scope["query_string"]) + len(scope.get("raw_path") or b"") > limits.address:
            return ApiProblem(413, "too_large", "too_large", limit=limits.address)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length[:20]) > self._largest(scope):
            return ApiProblem(413, "too_large", "too_large", limit=self._largest(scope))
        return None

    def _largest(self, scope: Scope) -> int:
        return self._limits.package if scope["path"] == _PACKAGES else self._limits.body

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """Return a `receive` that ends the request where its body grows beyond the limit without saying so before."""
        if scope["method"] == "GET":
            return receive
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest(scope):
                raise ApiProblem(413, "too_large", "too_large", limit=self._largest(scope))
            return message

        return counted

    async def _look_up(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a look-up of the newest release: the row is read and rendered once, then kept as bytes."""
        assert self._releases is not None  # noqa: S101 - for the type checker; the caller has looked
        try:
            key = (self._releases.newest, name)
            kept = self._kept.get(key)
            if kept is None:
                content = encoded(looked_up(self._releases, name))
                kept = content, etag_of(content)
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[key] = kept
        except FactorDBError as fault:
            await self._problem(fault, scope, receive, send)
            return
        content, tag = kept
        known = next((value for header, value in scope["headers"] if header == b"if-none-match"), b"")
        fresh = bool(known) and same_tag(known.decode("latin-1"), tag)
        headers = [(b"etag", tag.encode()), (b"vary", b"Accept-Language"), (b"cache-control", b"no-cache"), *_HEADERS]
        if not fresh:
            headers += [(b"content-type", JSON_HEADER.encode()), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 304 if fresh else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if fresh else content})

    async def _problem(self, found: ApiProblem | FactorDBError, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        lang, path = language_of(request.headers.get("accept-language", "")), scope["path"]
        made: Response
        made = of_problem(found, lang=lang, path=path) if isinstance(found, ApiProblem) else of_fault(
            found, lang=lang, path=path)  # fmt: skip
        await made(scope, receive, _with_headers(send))


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sent
