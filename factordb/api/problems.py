"""Faults as answers: problem+json (RFC 9457) with PACT's members `code` and `message`, in the reader's language."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from factordb.errors import (
    BusyError,
    ConflictError,
    DiskError,
    FactorDBError,
    IntegrityError,
    NotFoundError,
    NotPermittedError,
    UsageError,
)
from factordb.publishing import api_words

LANGUAGES: Final = ("zh", "en")
PROBLEM_JSON: Final = "application/problem+json"
JSON: Final = "application/json"
_OURS: Final = ("known", "allowed", "expected")
"""Facts that are not the caller's: told whole."""
LONGEST: Final = 200
"""Characters of what was sent that are told back."""

_STATUS: Final[tuple[tuple[type[FactorDBError], int, str], ...]] = (
    (NotFoundError, 404, "not_found"),
    (ConflictError, 409, "conflict"),
    (NotPermittedError, 403, "forbidden"),
    (BusyError, 409, "busy"),
    (DiskError, 409, "busy"),
    (IntegrityError, 409, "integrity"),
)
"""Fault -> status and title; a stored file that differs from its hash is a conflict that no caller can mend."""

CODES: Final[Mapping[int, str]] = {
    400: "BadRequest", 401: "AccessDenied", 403: "AccessDenied", 404: "NotFound", 405: "BadRequest", 409: "BadRequest",
    412: "BadRequest", 413: "BadRequest", 415: "BadRequest", 422: "BadRequest", 428: "BadRequest", 429: "BadRequest",
    500: "InternalError",
}  # fmt: skip
"""Status -> error code of PACT v3 (schema `Error`)."""


class ApiProblem(Exception):  # noqa: N818 - it is a problem in the words of RFC 9457
    """What ends a request: a status, a title and a sentence with its remedy, by the keys of the API's words."""

    def __init__(
        self,
        status: int,
        title: str,
        says: str,
        *,
        code: str = "",
        headers: Mapping[str, str] | None = None,
        errors: list[dict[str, Any]] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(says)
        self.status = status
        self.title = title
        self.says = says
        self.code = code or CODES[status]
        self.headers = dict(headers or {})
        self.errors = errors or []
        self.facts = facts

    def words(self, lang: str) -> tuple[str, str]:
        """Return (what happened, how to mend it)."""
        return said(lang, self.says, **self.facts), said(lang, f"{self.says}_mend", **self.facts)


def said(lang: str, sentence: str, /, **facts: Any) -> str:
    """Return a sentence of the API's words; a fact that is a key of [why] is put into words."""
    words = api_words(lang)
    told = {key: one if key in _OURS else shown(one) for key, one in facts.items()}
    if "why" in facts:
        told["why"] = words["why"].get(str(facts["why"]), facts["why"])
    return str(words["says"].get(sentence, "")).format(**told)


def shown(value: Any) -> str:
    """Return what was sent as it may be told back: no control characters, no half characters, not too long."""
    text = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def language_of(header: str) -> str:
    """Return "zh" or "en", whichever Accept-Language prefers; Chinese without one. Malformed parts count for nothing.

    Source: RFC 9110, 12.5.4.
    """
    best, lang = 0.0, "zh"
    for part in header[:1000].split(","):
        tag, _, weight = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight) if weight else None
        quality = float(match[1]) if match else 1.0 if not weight else 0.0
        if primary in LANGUAGES and quality > best:
            best, lang = quality, primary
    return lang


def problem(
    status: int,
    *,
    lang: str,
    title: str,
    detail: str,
    remedy: str = "",
    code: str = "",
    path: str = "",
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer for a fault. PACT's resources answer as plain JSON, all others as problem+json."""
    body: dict[str, Any] = {
        "type": f"urn:factordb:problem:{title.replace('_', '-')}",
        "title": api_words(lang)["problem"][title],
        "status": status,
        "detail": detail,
        "code": code or CODES[status],
        "message": f"{detail}；{remedy}" if lang == "zh" and remedy else f"{detail}; {remedy}" if remedy else detail,
    }
    if remedy:
        body["remedy"] = remedy
    if path:
        body["instance"] = shown(path)
    if errors:
        body["errors"] = errors
    media = JSON if path.startswith("/3/") else PROBLEM_JSON
    told = {"Content-Language": lang, "Vary": "Accept-Language", **(headers or {})}
    return Response(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), status, told, media)


def of_fault(fault: FactorDBError, *, lang: str, path: str, in_question: bool = False) -> Response:
    """Return the answer for a fault of the house.

    Args:
        fault: what was raised.
        lang: language of the reader.
        path: the resource.
        in_question: what is not known was part of a question, not of the address.
    """
    fitting = ((code, name) for kind, code, name in _STATUS if isinstance(fault, kind))
    status, title = next(fitting, (422, "unprocessable"))
    if in_question and isinstance(fault, (NotFoundError, UsageError)):
        status, title = 400, "bad_request"
    detail, remedy = (shown_line(one) for one in fault.words(lang))
    headers = {"Retry-After": "5"} if isinstance(fault, BusyError) else None
    return problem(status, lang=lang, title=title, detail=detail, remedy=remedy, path=path, headers=headers)


def shown_line(text: str) -> str:
    """Return a sentence that can be sent: what the caller sent may stand in it."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)[:2000]


def of_problem(found: ApiProblem, *, lang: str, path: str) -> Response:
    """Return the answer for a problem."""
    detail, remedy = found.words(lang)
    return problem(
        found.status, lang=lang, title=found.title, detail=detail, remedy=remedy, code=found.code, path=path,
        errors=found.errors, headers=found.headers,
    )  # fmt: skip
