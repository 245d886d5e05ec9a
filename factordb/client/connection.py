"""The connection to a server: tokens fetched when needed, waiting where the server asks for it, faults as ours."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import httpx

from factordb.errors import BusyError, ExitCode, FactorDBError, UsageError

_PATIENCE: Final = 3
"""Times a request is made again where the server is busy."""
_LONGEST_WAIT: Final = 30.0
_EARLY: Final = 30.0
"""Seconds before its end at which a token is renewed."""
_EXITS: Final[Mapping[int, ExitCode]] = {
    401: ExitCode.NOT_PERMITTED, 403: ExitCode.NOT_PERMITTED, 409: ExitCode.CONFLICT, 412: ExitCode.CONFLICT,
    429: ExitCode.BUSY,
}  # fmt: skip
_BUSY: Final = (429, 503)
Query = Mapping[str, Any]


class RemoteError(FactorDBError):
    """What the server answered instead of what was asked for.

    Attributes:
        status: status of the answer.
        code: error code of PACT v3.
        errors: places of what is wrong, where the server names them.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        detail = str(body.get("detail") or body.get("message") or body.get("error_description") or f"HTTP {status}")
        remedy = str(body.get("remedy") or "see the server's /openapi.json")
        super().__init__(problem=detail, remedy=remedy, problem_zh=detail, remedy_zh=remedy)
        self.status = status
        self.code = str(body.get("code") or body.get("error") or "")
        self.errors: Sequence[Mapping[str, Any]] = tuple(body.get("errors") or ())
        self.exit_code = _EXITS.get(status, ExitCode.USAGE)


class Connection:
    """Requests to one server."""

    def __init__(
        self,
        address: str,
        *,
        client_id: str = "",
        secret: str = "",
        lang: str = "zh",
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask the server at `address`; with id and secret, as that client."""
        self._http = httpx.Client(base_url=address, timeout=timeout, headers={"Accept-Language": lang})
        self._client_id, self._secret = client_id, secret
        self._sleep, self._clock = sleep, clock
        self._token, self._until = "", 0.0

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str, query: Query | None = None, *, login: bool = False) -> tuple[Any, httpx.Response]:
        """Return (what the server answers, the answer itself).

        Args:
            path: the resource, or the whole address of a next page.
            query: parameters; None and empty values are not sent, several values are alternatives.
            login: the resource wants a token.

        Raises:
            RemoteError: the server answers with a problem.
            BusyError: it cannot be reached, or is busy for longer than we wait.
        """
        answer = self._sent("GET", path, params=_pairs(query), headers=self._bearer() if login else {})
        return answer.json(), answer

    def download(self, path: str, query: Query | None = None) -> bytes:
        """Return the file that the server answers with.

        Raises:
            RemoteError: the server answers with a problem; BusyError: it cannot be reached.
        """
        return self._sent("GET", path, params=_pairs(query)).content

    def post(self, path: str, body: Mapping[str, Any], query: Query | None = None) -> Any:
        """Return what the server answers to a JSON object.

        Raises:
            UsageError: a value cannot be written as JSON, such as a number that is none.
            RemoteError: the server answers with a problem; BusyError: it cannot be reached.
        """
        given = {name: one for name, one in body.items() if one is not None}
        sent, kind = _as_json(given), {"Content-Type": "application/json"}
        return self._sent("POST", path, content=sent, headers=kind, params=_pairs(query)).json()

    def _bearer(self) -> dict[str, str]:
        if not self._token or self._clock() >= self._until:
            if not self._client_id:
                raise UsageError(
                    problem="this resource needs a client id and a secret",
                    remedy="make the client with client_id= and secret=; `factordb api client add NAME` gives both",
                    problem_zh="该资源需要客户端编号与密钥",
                    remedy_zh="请以 client_id= 与 secret= 建立客户端；两者由 `factordb api client add 名称` 给出",
                )
            auth = (self._client_id, self._secret)
            made = self._sent("POST", "/auth/token", auth=auth, data={"grant_type": "client_credentials"}).json()
            self._token = str(made["access_token"])
            self._until = self._clock() + float(made["expires_in"]) - _EARLY
        return {"Authorization": f"Bearer {self._token}"}

    def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        for left in reversed(range(_PATIENCE)):
            try:
                answer = self._http.request(method, path, **more)
            except httpx.HTTPError as fault:
                raise BusyError(
                    problem=f"{self._http.base_url} cannot be reached ({type(fault).__name__}: {fault})",
                    remedy="is the server running? `factordb api serve`",
                    problem_zh=f"无法连接 {self._http.base_url}（{type(fault).__name__}：{fault}）",
                    remedy_zh="请确认服务已启动：`factordb api serve`",
                ) from fault
            if answer.status_code in _BUSY and left:
                self._sleep(min(_LONGEST_WAIT, float(answer.headers.get("retry-after") or 1)))
                continue
            break
        if answer.is_error:
            raise RemoteError(answer.status_code, _problem(answer))
        return answer


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _as_json(given: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as fault:
        raise UsageError(
            problem=f"what is asked cannot be sent as JSON ({fault})",
            remedy="give finite numbers and plain text",
            problem_zh=f"所问内容无法以 JSON 发送（{fault}）",
            remedy_zh="请给出有限的数值与普通文本",
        ) from fault


def _pairs(query: Query | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, given in (query or {}).items():
        several = isinstance(given, Sequence) and not isinstance(given, str)
        told = [one for one in (given if several else [given]) if one is not None and one != ""]
        found += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in told]
    return found
