"""Factors over HTTP: search with its possible filters, look-up by identifier, choice, comparison, citation."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.answers import address, answer, next_link
from factordb.api.bodies import json_object
from factordb.api.describing import described
from factordb.api.parameters import CHOOSE, RELEASE, SEARCH, Parameter, asked, checked_body
from factordb.api.problems import language_of
from factordb.model.release import RELEASE_COLUMNS, ColumnType
from factordb.publishing import PublishedReleases
from factordb.searching import ReleasedFactors

router = APIRouter(prefix="/v1", tags=["factors"])
TRUTHS: Final = tuple(one.name for one in RELEASE_COLUMNS if one.type is ColumnType.BOOLEAN)
_NO_PAGE: Final = tuple(one for one in SEARCH if one.name not in {"limit", "cursor", "facets"})
_COMPARE: Final = (
    Parameter("with", default="", aka="second", en="another factor; empty: its like of other countries and regions"),
    Parameter("gwp_set", default="", en="the set to compare under"),
    RELEASE,
)


def released(request: Request) -> PublishedReleases:
    """Return the releases that this server serves."""
    served: PublishedReleases = request.app.state.releases
    return served


@router.get("/factors", openapi_extra=described("search", SEARCH, "FactorPage"))
async def search(request: Request) -> Response:
    """Return one page of released factors."""
    given = asked(request, SEARCH)
    factors, given = _narrowed(released(request), given)
    request.state.in_question = True
    page = factors.search(**given)
    fixed = page["release"]["release_id"]
    further = address(request, cursor=page["next"], release=fixed) if page["next"] else ""
    links = {"self": address(request, release=fixed), "next": further}
    body = {
        "release": page["release"],
        "meta": {"total": page["total"], "corrected": page["corrected"], "possible_filters": page["facets"]},
        "data": [plain(row) for row in page["hits"]],
        "next": page["next"],
        "links": links,
    }
    return answer(request, body, headers=next_link(further) if further else None)


@router.get("/filters", openapi_extra=described("filters", _NO_PAGE, "Filters"))
async def filters(request: Request) -> Response:
    """Return the filters that would still find something."""
    factors, given = _narrowed(released(request), asked(request, _NO_PAGE))
    request.state.in_question = True
    return answer(request, {"release": factors.release, "possible_filters": factors.possible_filters(**given)})


@router.get("/factors/{factor_id}/history", openapi_extra=described("factor_history", (), "History", missing=True))
async def history(request: Request, factor_id: str) -> Response:
    """Return the versions of a factor in all releases."""
    asked(request, ())
    return answer(request, {"data": released(request).history(factor_id)})


@router.get(
    "/factors/{factor_id}/citation", openapi_extra=described("factor_citation", (RELEASE,), "Citation", missing=True)
)
async def citation(request: Request, factor_id: str) -> Response:
    """Return how to cite a factor, in both languages."""
    given = asked(request, (RELEASE,))
    found = released(request).factors(given["release"]).released(factor_id)
    cited = found["citation"]
    return answer(request, {"release": found["release"], "citation": cited, "message": _in(request, cited)})


@router.get("/factors/{factor_id}/compare", openapi_extra=described("compare", _COMPARE, "Comparison", missing=True))
async def compare(request: Request, factor_id: str) -> Response:
    """Return the comparison of a factor with another, or with its like abroad."""
    given = asked(request, _COMPARE)
    factors = released(request).factors(given.pop("release"))
    found = factors.compare(factor_id, **given)
    return answer(request, {**found, "factor": plain(found["factor"])})


@router.get("/choose", openapi_extra=described("choose", CHOOSE, "Choice"))
async def choose(request: Request) -> Response:
    """Return the best factor for a question by clause (五), or candidates, or why there is none."""
    return await _chosen(request, asked(request, CHOOSE))


@router.post("/estimate", openapi_extra=described("estimate", (), "Choice", body=CHOOSE))
async def estimate(request: Request) -> Response:
    """Return the same choice for a question sent as JSON; nothing is kept."""
    asked(request, ())
    return await _chosen(request, checked_body(request, await json_object(request), CHOOSE))


async def _chosen(request: Request, given: dict[str, Any]) -> Response:
    factors = released(request).factors(given.pop("release"))
    request.state.in_question = True
    found = await run_in_threadpool(lambda: factors.choose(**given))
    row = plain(found["factor"]) if found["factor"] else None
    return answer(request, {**found, "factor": row, "message": _in(request, found)})


def _narrowed(releases: PublishedReleases, given: dict[str, Any]) -> tuple[ReleasedFactors, dict[str, Any]]:
    """Return (the factors of the release asked, the question in the library's own criteria)."""
    release = given.pop("release")
    pact = {name: given.pop(name) for name in ("productId", "status", "updated_after") if name in given}
    if pact:
        given |= releases.narrowed(
            release,
            products=pact.get("productId", ()),
            status=[one.capitalize() for one in pact.get("status", ())],
            updated_after=pact.get("updated_after", "")[:10],
        )
    return releases.factors(release), given


def looked_up(releases: PublishedReleases, factor_id: str, release: str = "") -> dict[str, Any]:
    """Return one released factor as it is sent.

    Raises:
        NotFoundError: there is no such release or factor.
    """
    found = releases.factors(release).released(factor_id)
    return {**found, "factor": plain(found["factor"])}


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a released row as it is sent: truth values as JSON has them, not as SQLite keeps them."""
    return {**row, **{name: bool(row[name]) for name in TRUTHS if row.get(name) is not None}}


def _in(request: Request, words: dict[str, Any]) -> str:
    return str(words[language_of(request.headers.get("accept-language", ""))])
