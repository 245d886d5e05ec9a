"""Releases over HTTP: covers, files, differences, changes as events; units and vocabularies; health."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from factordb.api.answers import answer, etag_of, same_tag
from factordb.api.describing import described
from factordb.api.factors import released
from factordb.api.parameters import Form, Parameter, asked
from factordb.errors import UsageError
from factordb.publishing import VOCABULARIES, converted, vocabulary

router = APIRouter(tags=["releases"])
LARGEST: Final = 1e30
EVENTS: Final = "application/cloudevents-batch+json"
_CONVERT: Final = (
    Parameter("value", Form.NUMBER, low=-LARGEST, high=LARGEST, required=True, example=3.6, en="the number"),
    Parameter("from", required=True, example="MJ", en="its unit"),
    Parameter("to", required=True, example="kWh", en="the unit wanted"),
)
_MEDIA: Final = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv; charset=utf-8",
                 "json": "application/json", "html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8",
                 "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                 "cff": "application/yaml", "jsonl": "application/x-ndjson"}  # fmt: skip


@router.get("/v1/releases", openapi_extra=described("releases", (), "Releases"))
async def list_releases(request: Request) -> Response:
    """Return the covers of all releases, oldest first."""
    asked(request, ())
    served = released(request)
    covers = [served.cover(name) for name in served.names]
    return answer(request, {"data": covers, "latest": served.newest})


@router.get("/v1/releases/{release}", openapi_extra=described("release", (), "Release", missing=True))
async def one_release(request: Request, release: str) -> Response:
    """Return the cover of a release with its files."""
    asked(request, ())
    return answer(request, released(request).cover(release))


@router.get("/v1/releases/{release}/files/{path:path}", openapi_extra=described("release_file", (), "", missing=True))
async def release_file(request: Request, release: str, path: str) -> Response:
    """Return a file that the manifest of a release lists."""
    asked(request, ())
    served = released(request)
    file = served.file(release, path)
    listed = {one["path"]: one["sha256"] for one in served.cover(release)["files"]}
    tag = f'"{listed[path][:32]}"' if path in listed else etag_of(file.read_bytes())
    headers = {"ETag": tag}
    known = request.headers.get("if-none-match")
    if known and same_tag(known, tag):
        return Response(status_code=304, headers=headers)
    media = _MEDIA.get(file.suffix.removeprefix("."), "application/octet-stream")
    return FileResponse(file, headers=headers, media_type=media, filename=file.name)


@router.get("/v1/releases/{old}/diff/{new}", openapi_extra=described("release_diff", (), "Difference", missing=True))
async def difference(request: Request, old: str, new: str) -> Response:
    """Return what differs between two releases."""
    asked(request, ())
    found = await run_in_threadpool(released(request).difference, old, new)
    return answer(request, found)


@router.get("/v1/releases/{release}/changes", openapi_extra=described(
    "changes", (), "CloudEvents", missing=True, answer_media=EVENTS))  # fmt: skip
async def changes(request: Request, release: str) -> Response:
    """Return what a release changed, as a batch of CloudEvents."""
    asked(request, ())
    return answer(request, await run_in_threadpool(released(request).changes, release), media=EVENTS)


@router.get("/v1/convert", openapi_extra=described("convert", _CONVERT, "Converted"))
async def convert(request: Request) -> Response:
    """Return a value in another unit, with the trail of the conversion."""
    given = asked(request, _CONVERT)
    done = converted(given["value"], given["from"], given["to"])
    return answer(request, {**done, "from": {"value": given["value"], "unit": given["from"]}})


@router.get("/v1/vocab", openapi_extra=described("vocabularies", (), "Vocabularies"))
async def vocabularies(request: Request) -> Response:
    """Return the names of the vocabularies."""
    asked(request, ())
    return answer(request, {"data": [*VOCABULARIES, "criteria"]})


@router.get("/v1/vocab/{name}", openapi_extra=described("vocabulary", (), "Vocabulary", missing=True))
async def one_vocabulary(request: Request, name: str) -> Response:
    """Return one vocabulary, words in both languages."""
    asked(request, ())
    return answer(request, {"name": name, "data": vocabulary(name)})


@router.get("/health", openapi_extra=described("health", (), "Health"))
async def health(request: Request) -> Response:
    """Return that the server answers, and the newest release."""
    asked(request, ())
    found: dict[str, Any] = {"status": "ok", "release": None}
    try:
        found["release"] = released(request).newest
    except UsageError:
        found["status"] = "empty"
    return answer(request, found, headers={"Cache-Control": "no-store"})
