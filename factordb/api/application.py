"""The application: its resources, and how every fault becomes an answer."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from factordb.api import access as logging_in
from factordb.api import datasets, factors, pact, releases, standards, submissions, trials
from factordb.api.describing import describe_api
from factordb.api.gate import Gate, Limits
from factordb.api.problems import ApiProblem, language_of, of_fault, of_problem
from factordb.errors import FactorDBError
from factordb.publishing import PublishedReleases
from factordb.questions import VERSION
from factordb.store.api_access import ApiAccess

log = logging.getLogger("factordb.api")
DESCRIPTION = (
    "Released emission factors: search, choice by clause (五), comparison, citation; PACT v3. "
    "已发布的温室气体排放因子：检索、按第（五）条选用、同口径比较、引用；PACT v3。"
)


def make_api(
    releases_served: PublishedReleases | None,
    *,
    access: ApiAccess | None = None,
    limits: Limits | None = None,
    write: bool = False,
    library: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Return the application that serves some releases.

    Args:
        releases_served: what is served; None for an application that only describes itself.
        access: who may log in; nobody where it is not given.
        limits: sizes and rates.
        write: take events and submissions in.
        library: the library that takes submissions in and whose registry of standards is told; without it none are
            taken, and the standards are those that ship.
        clock: seconds since the epoch, by which tokens end.
    """
    app = FastAPI(title="factordb", version=VERSION, description=DESCRIPTION, docs_url=None, redoc_url=None,
                  openapi_url="/openapi.json", redirect_slashes=False)  # fmt: skip
    app.state.releases, app.state.access, app.state.clock = releases_served, access, clock
    app.state.write, app.state.library, app.state.registry = write, library, None
    for room in (factors, datasets, trials, releases, standards, logging_in, pact, submissions):
        app.include_router(room.router)
    _answer_faults(app)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign] # the framework's own way to replace it
    app.add_middleware(Gate, limits=limits or Limits(), releases=releases_served)
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe_api(app)
    return app.openapi_schema


def _answer_faults(app: FastAPI) -> None:
    async def problem(request: Request, fault: Exception) -> Response:
        return answer_of(request, fault)

    for kind in (ApiProblem, FactorDBError, HTTPException, Exception):
        app.add_exception_handler(kind, problem)


def answer_of(request: Request, fault: Exception) -> Response:
    """Return the answer for whatever was raised; what nobody foresaw is logged and told as an internal fault."""
    lang = language_of(request.headers.get("accept-language", ""))
    path = request.scope["path"]
    if isinstance(fault, FactorDBError):
        return of_fault(fault, lang=lang, path=path, in_question=getattr(request.state, "in_question", False))
    if isinstance(fault, ApiProblem):
        return of_problem(fault, lang=lang, path=path)
    if isinstance(fault, HTTPException):
        return of_problem(_of_framework(fault, request), lang=lang, path=path)
    log.error("internal fault at %s %s", request.method, path, exc_info=fault)
    return of_problem(ApiProblem(500, "internal", "internal"), lang=lang, path=path)


def _of_framework(fault: HTTPException, request: Request) -> ApiProblem:
    if fault.status_code == 405:  # noqa: PLR2004 - the status itself
        allowed = (fault.headers or {}).get("Allow", "")
        return ApiProblem(405, "method", "wrong_method", headers=fault.headers, method=request.method, allowed=allowed)
    if fault.status_code == 404:  # noqa: PLR2004 - the status itself
        return ApiProblem(404, "not_found", "no_route", path=request.scope["path"])
    return ApiProblem(400, "bad_request", "bad_body")
