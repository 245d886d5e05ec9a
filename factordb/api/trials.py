"""Trial footprints (试算) over HTTP: an inventory as JSON in; findings, result and report out; nothing is kept."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.answers import answer
from factordb.api.bodies import json_object
from factordb.api.describing import described
from factordb.api.factors import released
from factordb.api.parameters import RELEASE, asked
from factordb.api.problems import language_of
from factordb.errors import UsageError
from factordb.footprinting import read_inventory, trial_of, trial_report
from factordb.reference import toml
from factordb.trial.inventory import schema

router = APIRouter(prefix="/v1/footprint", tags=["footprint"])
MOST_SAMPLES: Final = 20_000
MOST_LINES: Final = 300
"""What one request may ask of the server; larger inventories are reckoned by the library."""
HTML: Final = "text/html"
_TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string"}, "number": {"type": "number"}, "whole": {"type": "integer"},
    "flag": {"type": "boolean"}, "list": {"type": "array", "items": {"type": "string"}},
}  # fmt: skip


def _keys(sheet: dict[str, Any]) -> dict[str, Any]:
    keys = sheet["keys"]
    properties = {
        name: {**(_TYPES.get(facts["kind"]) or {"type": "string", "enum": list(facts["among"])}),
               "description": facts["en"]}
        for name, facts in keys.items()
    }  # fmt: skip
    required = [name for name, facts in keys.items() if facts.get("must")]
    one = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"type": "array", "items": one, "maxItems": MOST_LINES} if sheet["many"] else one


def body_schema() -> dict[str, Any]:
    """Return what OpenAPI says of an inventory, made of the one schema that TOML and XLSX follow, with both examples.

    The examples are those that `factordb footprint init` writes.
    """
    sheets = {name: _keys(sheet) for name, sheet in schema().items()}
    inventory = {"type": "object", "properties": sheets, "required": ["study", "line"], "additionalProperties": False}
    examples = {lang: {"value": json.loads(json.dumps(toml(f"trial/example_{lang}")))} for lang in ("zh", "en")}
    return {"schema": inventory, "examples": examples}


@router.post("", openapi_extra=described("trial_footprint", (RELEASE,), "Trial", body_schema=body_schema()))
async def footprint(request: Request) -> Response:
    """Return the trial footprint of an inventory."""
    return answer(request, await _reckoned(request))


@router.post(
    "/report",
    openapi_extra=described("trial_report", (RELEASE,), "Page", body_schema=body_schema(), answer_media=HTML),
)
async def report(request: Request) -> Response:
    """Return the report of a trial as one page, in the language that is preferred, every factor cited."""
    found = await _reckoned(request)
    lang = language_of(request.headers.get("accept-language", ""))
    page = await run_in_threadpool(_page, found, lang)
    headers = {"Content-Language": lang, "Vary": "Accept-Language", "Content-Security-Policy": "sandbox"}
    return Response(page, headers=headers, media_type=HTML)


async def _reckoned(request: Request) -> dict[str, Any]:
    given = asked(request, (RELEASE,))
    body = await json_object(request)
    stated = read_inventory(body)
    longest = max(map(len, (stated.lines, stated.contracts, stated.allocations, stated.cut_offs)))
    if stated.study["samples"] > MOST_SAMPLES or longest > MOST_LINES:
        raise UsageError(
            problem=f"one request may ask for {MOST_SAMPLES} samples and {MOST_LINES} rows a sheet",
            remedy="ask for less, or use the library itself",
            problem_zh=f"一次请求至多 {MOST_SAMPLES} 次抽样、每张表 {MOST_LINES} 行",
            remedy_zh="请减少，或直接使用库",
        )
    factors = released(request).factors(given["release"] or str(stated.study["release"] or ""))
    request.state.in_question = True
    return await run_in_threadpool(trial_of, factors, stated)


def _page(found: dict[str, Any], lang: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="factordb-trial-") as folder:
        return trial_report(found, Path(folder) / "report.html", lang).read_bytes()
