"""Packages of measured data over HTTP: handed in, listed, withdrawn. Only where the server takes writes in."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.access import require, require_writable
from factordb.api.answers import answer, require_match
from factordb.api.bodies import json_object, require_media
from factordb.api.describing import described
from factordb.api.parameters import asked
from factordb.api.problems import ApiProblem
from factordb.api.writes import KEY, once
from factordb.library import Library
from factordb.model.vocabulary import Verdict

router = APIRouter(prefix="/v1/submissions", tags=["submissions"])
ZIP: Final = "application/zip"
_LONGEST_REASON: Final = 500
_ZIP_SCHEMA: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_REASON_SCHEMA: Final[dict[str, Any]] = {
    "schema": {
        "type": "object",
        "required": ["reason"],
        "properties": {"reason": {"type": "string", "minLength": 1, "maxLength": _LONGEST_REASON}},
        "additionalProperties": False,
    },
    "example": {"reason": "化验报告编号有误。The number of the test report is wrong."},
}
_MORE: Final = {412: "precondition", 428: "precondition_needed"}


def _library(request: Request) -> Library:
    """Return the library that takes submissions in.

    Raises:
        ApiProblem: 403; a release is served alone.
    """
    root: Path | None = request.app.state.library
    if root is None:
        raise ApiProblem(403, "read_only", "read_only")
    return Library.open(root)


@router.get("", openapi_extra=described("submissions", (), "Submissions", scope="submission:read"))
async def submissions(request: Request) -> Response:
    """Return the submissions received."""
    require(request, "submission:read")
    asked(request, ())
    rows = await run_in_threadpool(lambda: _library(request).packages())
    return answer(request, {"data": rows})


@router.get("/{number}", openapi_extra=described("submission", (), "Submission", missing=True,
                                                 scope="submission:read"))  # fmt: skip
async def submission(request: Request, number: str) -> Response:
    """Return one submission; its ETag binds what is done with it next."""
    require(request, "submission:read")
    asked(request, ())
    return answer(request, await run_in_threadpool(_one, request, number))


def _one(request: Request, number: str) -> dict[str, Any]:
    found = [row for row in _library(request).packages() if row["submission"] == number]
    if not found:
        raise ApiProblem(404, "not_found", "no_route", path=number)
    return found[-1]


@router.post("", openapi_extra=described(
    "submit", (), "SubmissionReport", scope="submission:write", body_schema=_ZIP_SCHEMA, media=ZIP, more=_MORE,
    headers=((KEY, True),), statuses=(202,)))  # fmt: skip
async def submit(request: Request) -> Response:
    """Take a package in: 202 with the report where it was taken, 422 with the same report where it was not."""
    client = require(request, "submission:write")
    require_writable(request)
    asked(request, ())
    require_media(request, ZIP)

    async def do() -> Response:
        content = await request.body()
        body, taken = await run_in_threadpool(_receive, request, content, client.name)
        return answer(request, body, status=202 if taken else 422)

    return await once(request, client, do)


def _receive(request: Request, content: bytes, actor: str) -> tuple[dict[str, Any], bool]:
    library = _library(request)
    today = datetime.fromtimestamp(request.app.state.clock(), tz=UTC).date()
    with tempfile.TemporaryDirectory(prefix="factordb-api-") as folder:
        path = Path(folder) / "package.zip"
        path.write_bytes(content)
        received = library.receive(path, actor=actor, today=today)
    batch = received.batch
    report = received.report.as_dict()
    taken = batch is not None and received.report.verdict != Verdict.FAIL.value
    mine = [row["submission"] for row in library.packages() if batch and row["batch_id"] == batch.batch_id]
    number = mine[-1] if mine else ""
    told = {"submission": number, "version": received.version, "taken": taken, "message": report["verdict"]}
    return {**told, "code": "" if taken else "BadRequest", "report": report}, taken


@router.post("/{number}/withdraw", openapi_extra=described(
    "withdraw", (), "Withdrawn", missing=True, scope="submission:write", body_schema=_REASON_SCHEMA, more=_MORE,
    headers=((KEY, True), ("If-Match", True))))  # fmt: skip
async def withdraw(request: Request, number: str) -> Response:
    """Withdraw a submission as it was seen: If-Match holds the ETag that reading it gave."""
    client = require(request, "submission:write")
    require_writable(request)
    asked(request, ())
    given = await json_object(request)
    reason = given.get("reason")
    if set(given) != {"reason"} or not isinstance(reason, str) or not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise ApiProblem(400, "bad_request", "bad_value", name="reason", found=given.get("reason", "—"), why="other")

    async def do() -> Response:
        require_match(request, await run_in_threadpool(_one, request, number))
        library = _library(request)
        version = await run_in_threadpool(lambda: library.withdraw_submission(number, reason=reason, actor=client.name))
        return answer(request, {"submission": number, "version": version, "reason": reason})

    return await once(request, client, do)
