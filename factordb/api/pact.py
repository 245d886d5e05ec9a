"""PACT v3: footprints by criteria and by id, pages by `Link`, events taken in as CloudEvents.

Source: PACT Technical Specifications v3 (actions ListFootprints, GetFootprint, Events).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.access import require, require_writable
from factordb.api.answers import JSON_HEADER, address, answer, next_link
from factordb.api.bodies import json_object
from factordb.api.describing import described
from factordb.api.factors import released
from factordb.api.parameters import Form, Parameter, asked
from factordb.api.problems import ApiProblem
from factordb.api.writes import KEY, once
from factordb.store.api_access import ApiAccess
from factordb.store.footprint_shelf import MANY, FootprintShelf

router = APIRouter(tags=["PACT v3"])
CLOUD_EVENTS: Final = "application/cloudevents+json"
_PAGE: Final = 100
_LARGEST: Final = 1000
_DATES: Final = ("validOn", "validAfter", "validBefore")
_STATUS: Final = ("Active", "Deprecated")
_CURSOR: Final = "x-factordb-cursor"
_EN: Final = {
    "productId": "URN among productIds", "companyId": "URN among companyIds",
    "geography": "country, subdivision or region; what lies in it answers too",
    "classification": "URN among productClassifications", "validOn": "valid at that time",
    "validAfter": "validity begins after it", "validBefore": "validity ends before it",
}  # fmt: skip
CRITERIA: Final = (
    *(Parameter(name, many=True, any_case=True, choices=_STATUS if name == "status" else (), en=_EN.get(name, ""))
      for name in MANY),
    *(Parameter(name, Form.MOMENT, any_case=True, en=_EN[name]) for name in _DATES),
)  # fmt: skip
LIST: Final = (
    *CRITERIA,
    Parameter("limit", Form.INTEGER, default=_PAGE, low=0, high=2**31, any_case=True, en="most footprints of a page"),
    Parameter(_CURSOR, en="of a page link, unchanged"),
)
_PREFIX: Final = "org.wbcsd.pact.ProductFootprint."
CREATED, FULFILLED, REJECTED, PUBLISHED = (
    f"{_PREFIX}{one}.3"
    for one in ("RequestCreatedEvent", "RequestFulfilledEvent", "RequestRejectedEvent", "PublishedEvent")
)
_NEEDED: Final[Mapping[str, Mapping[str, type]]] = {
    CREATED: {}, FULFILLED: {"requestEventId": str, "pfs": list}, REJECTED: {"requestEventId": str, "error": dict},
    PUBLISHED: {"pfIds": list},
}  # fmt: skip
_EVENT_SCHEMA: Final[dict[str, Any]] = {
    "schema": {"$ref": "#/components/schemas/CloudEvent"},
    "example": {
        "type": CREATED, "specversion": "1.0", "id": "1934405d-4f9b-4b3b", "source": "//client.example/3/events",
        "time": "2026-11-26T00:00:00Z", "data": {"geography": ["CN"], "comment": "请提供。Please send."},
    },
}  # fmt: skip


@router.get("/3/footprints", openapi_extra=described("footprints", LIST, "Footprints", plain=True,
                                                     scope="footprint:list"))  # fmt: skip
async def footprints(request: Request) -> Response:
    """Return one page of footprints that meet all criteria."""
    require(request, "footprint:list")
    given = asked(request, LIST)
    shelf = await run_in_threadpool(released(request).footprints)
    after = _read_cursor(given.pop(_CURSOR, ""), shelf)
    limit = min(given.pop("limit"), _LARGEST)
    found, last = _page(shelf, given, limit, after)
    headers = {}
    if last is not None and limit:  # a page of nothing leads nowhere: its link would lead to itself
        headers = next_link(address(request, **{_CURSOR: _cursor(last, shelf)}))
    return Response(f'{{"data":[{",".join(found)}]}}'.encode(), headers=headers, media_type=JSON_HEADER)


@router.get("/3/footprints/{footprint_id}", openapi_extra=described("footprint", (), "Footprint", missing=True,
                                                                    plain=True, scope="footprint:read"))  # fmt: skip
async def footprint(request: Request, footprint_id: str) -> Response:
    """Return one footprint, deprecated ones too."""
    require(request, "footprint:read")
    asked(request, ())
    shelf = await run_in_threadpool(released(request).footprints)
    found = shelf.one(footprint_id)
    if found is None:
        raise ApiProblem(404, "not_found", "no_route", path=footprint_id)
    return Response(f'{{"data":{found}}}'.encode(), media_type=JSON_HEADER)


@router.post("/3/events", openapi_extra=described(
    "events", (), "", plain=True, scope="event:write", media=CLOUD_EVENTS, body_schema=_EVENT_SCHEMA,
    headers=((KEY, False),)))  # fmt: skip
async def events(request: Request) -> Response:
    """Take an event in: 200 and an empty body. A request for footprints gets its answer ready at once."""
    client = require(request, "event:write")
    require_writable(request)
    asked(request, ())
    event = await json_object(request, CLOUD_EVENTS)
    _check(event)

    async def do() -> Response:
        made = None
        if event["type"] == CREATED:
            shelf = await run_in_threadpool(released(request).footprints)
            made = _answered(event, shelf, request)
        access: ApiAccess = request.app.state.access
        await run_in_threadpool(access.take_event, client.client_id, event, made)
        return Response(status_code=200)

    return await once(request, client, do, needed=False)  # CloudEvents have an identity of their own: source and id


@router.get("/v1/events/{event_id}", openapi_extra=described("event", (), "EventAnswer", missing=True,
                                                             scope="event:read"))  # fmt: skip
async def one_event(request: Request, event_id: str) -> Response:
    """Return an event that this client sent, with the event that answers it."""
    client = require(request, "event:read")
    asked(request, ())
    access: ApiAccess = request.app.state.access
    found = await run_in_threadpool(access.event, client.client_id, event_id)
    if found is None:
        raise ApiProblem(404, "not_found", "no_route", path=event_id)
    return answer(request, found)


def _page(shelf: FootprintShelf, given: Mapping[str, Any], limit: int, after: int) -> tuple[list[str], int | None]:
    criteria = {name: given[name] for name in MANY if name in given}
    dates = {name: given[name] for name in _DATES if name in given}
    return shelf.page(criteria, dates, limit=limit, after=after)


def _cursor(last: int, shelf: FootprintShelf) -> str:
    return base64.urlsafe_b64encode(json.dumps([shelf.name, last]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, shelf: FootprintShelf) -> int:
    """Return the number to go on behind; a link of another release is refused rather than answered with gaps."""
    if not cursor:
        return -1
    try:
        bound, number = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        after = int(number)
    except (ValueError, TypeError, binascii.Error):
        raise ApiProblem(400, "bad_request", "bad_value", name=_CURSOR, found=cursor, why="other") from None
    if bound != shelf.name:
        raise ApiProblem(409, "conflict", "bad_value", name=_CURSOR, found=bound, why="other")
    return max(-1, min(after, 2**62))


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────


def _check(event: Mapping[str, Any]) -> None:
    """Refuse what is no CloudEvent of PACT v3. Members that are not known are let through, as CloudEvents 1.0 asks.

    Raises:
        ApiProblem: 400 with the place of the first fault.
    """
    _check_envelope(event)
    data = event.get("data")
    if not isinstance(data, dict):
        raise _bad("data", "missing" if data is None else "other")
    for name, kind in _NEEDED[event["type"]].items():
        if not isinstance(data.get(name), kind):
            raise _bad(f"data.{name}", "missing" if name not in data else "other")
    if event["type"] == FULFILLED and not data["pfs"]:
        raise _bad("data.pfs", "missing")
    if event["type"] == CREATED:
        _criteria(data)


def _check_envelope(event: Mapping[str, Any]) -> None:
    for name in ("type", "specversion", "id", "source", "time"):
        if not isinstance(event.get(name), str) or not event[name]:
            raise _bad(name, "missing" if name not in event else "other")
    if event["specversion"] != "1.0":
        raise _bad("specversion", "choice")
    if event["type"] not in _NEEDED:
        raise _bad("type", "choice")
    try:
        Parameter("time", Form.MOMENT).value(event["time"])
    except ValueError as fault:
        raise _bad("time", str(fault)) from None


def _criteria(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the criteria of a request for footprints, checked as those of an address are."""
    known = {one.name: one for one in CRITERIA}
    found: dict[str, Any] = {}
    for name, given in data.items():
        if name not in known:
            continue
        parameter = known[name]
        values = given if isinstance(given, list) else [given]
        try:
            made = [parameter.value(one) if isinstance(one, str) else _not_text() for one in values]
        except ValueError as fault:
            raise _bad(f"data.{name}", str(fault)) from None
        if made:
            found[name] = made if parameter.many else made[0]
    return found


def _not_text() -> str:
    raise ValueError("other")


def _bad(place: str, why: str) -> ApiProblem:
    return ApiProblem(400, "bad_request", "bad_event", place=place, why=why)


def _answered(event: Mapping[str, Any], shelf: FootprintShelf, request: Request) -> dict[str, Any]:
    """Return the event that answers a request: fulfilled with what was found, else rejected."""
    wanted = _criteria(event["data"])
    found, _ = _page(shelf, wanted, _LARGEST, -1) if wanted else ([], None)
    data: dict[str, Any] = {"requestEventId": event["id"]}
    if found:
        data["pfs"] = [json.loads(one) for one in found]
    else:
        data["error"] = {"code": "NotFound", "message": "no footprint meets the criteria; 没有符合条件的产品碳足迹"}
    when = datetime.fromtimestamp(request.app.state.clock(), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "type": FULFILLED if found else REJECTED, "specversion": "1.0", "id": f"answer-{event['id']}",
        "source": address(request, "/3/events"), "time": when, "data": data,
    }  # fmt: skip
