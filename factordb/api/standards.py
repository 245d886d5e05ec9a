"""The registry of standards over HTTP, read-only: list, one by its number, how far the targets of 2027 and 2030 are.

A server of a library tells what the library recorded over the shipped list; a server of one release tells the shipped
list alone.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.answers import address, answer, encoded, etag_of, next_link
from factordb.api.describing import described
from factordb.api.parameters import Form, Parameter, asked
from factordb.api.problems import ApiProblem
from factordb.library import Library
from factordb.model.standard import CODES, Level, Status, Subject
from factordb.registering import ShippedStandards
from factordb.selection.search import LARGEST_PAGE

router = APIRouter(prefix="/v1/standards", tags=["standards"])
_CLOSED: Final = {"level": Level, "status": Status, "subject": Subject}
_CODED: Final = {"gbt4754": "GB/T 4754", "nbs": "NBS product catalogue", "cpc": "CPC", "isic": "ISIC", "hs": "HS"}
_AS_OF: Final = Parameter("as_of", Form.DATE, en="day it is asked for; today without one")
LIST: Final = (
    Parameter("query", default="", aka="text", example="产品碳足迹",
              en="every word stands in number, title, product or issuer"),
    *(Parameter(name, choices=tuple(str(one) for one in kind)) for name, kind in _CLOSED.items()),
    *(Parameter(name, en=f"beginning of a code of {_CODED[name]}") for name in CODES),
    Parameter("limit", Form.INTEGER, default=20, low=1, high=LARGEST_PAGE, en="standards of a page"),
    Parameter("cursor", default="", en="of the page before, unchanged; bound to what it was a page of"),
)  # fmt: skip


@router.get("", openapi_extra=described("standards", LIST, "StandardPage"))
async def list_standards(request: Request) -> Response:
    """Return one page of the registry, by level and number."""
    given = asked(request, LIST)
    limit, cursor = given.pop("limit"), given.pop("cursor")
    found = await run_in_threadpool(lambda: _registry(request).standards(**given))
    state = etag_of(encoded(found))[1:17]
    begin = _read_cursor(cursor, state) if cursor else 0
    end = begin + limit
    following = _cursor(state, end) if end < len(found) else ""
    further = address(request, cursor=following) if following else ""
    body = {
        "meta": {"total": len(found), "possible_filters": _counted(found)},
        "data": found[begin:end],
        "next": following,
        "links": {"self": address(request), "next": further},
    }
    return answer(request, body, headers=next_link(further) if further else None)


@router.get("/coverage", openapi_extra=described("standards_coverage", (_AS_OF,), "StandardsCoverage"))
async def coverage(request: Request) -> Response:
    """Return how many standards of products were issued, and how far each target is."""
    day = _day(asked(request, (_AS_OF,)))
    return answer(request, await run_in_threadpool(lambda: _registry(request).standards_coverage(as_of=day)))


@router.get("/{number:path}", openapi_extra=described("standard", (_AS_OF,), "StandardRecord", missing=True))
async def one_standard(request: Request, number: str) -> Response:
    """Return one standard: record, source, citations, assessments, findings, eligibility by clause (十五)."""
    day = _day(asked(request, (_AS_OF,)))
    return answer(request, await run_in_threadpool(lambda: _registry(request).standard(number, as_of=day)))


def _registry(request: Request) -> ShippedStandards:
    """Return what is asked: the library that is served, opened once a process, or what ships."""
    state = request.app.state
    if state.registry is None:
        root: Path | None = state.library
        state.registry = ShippedStandards() if root is None else Library.open(root)
    found: ShippedStandards = state.registry
    return found


def _day(given: dict[str, Any]) -> date | None:
    return date.fromisoformat(given["as_of"]) if "as_of" in given else None


def _counted(found: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return filter -> value -> standards among those found, the most frequent first."""
    return {name: dict(Counter(one[name] for one in found).most_common()) for name in _CLOSED}


def _cursor(state: str, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([state, place]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, state: str) -> int:
    """Return the place to go on from.

    Raises:
        ApiProblem: 400, it is no cursor; 409, the registry changed or something else is asked: pages would shift.
    """
    try:
        bound, place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        begin = int(place)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise ApiProblem(400, "bad_request", "bad_value", name="cursor", found=cursor, why="other") from None
    if bound != state:
        raise ApiProblem(409, "conflict", "moved_pages")
    return max(0, min(begin, 2**31))
