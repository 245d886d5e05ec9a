"""One released factor over HTTP as it is asked for: a version, a view of it, or a file in an exchange format."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from factordb.api.answers import answer, answer_bytes
from factordb.api.describing import described
from factordb.api.factors import looked_up, released
from factordb.api.parameters import RELEASE, Parameter, asked
from factordb.api.problems import JSON, language_of
from factordb.errors import NotFoundError
from factordb.exchanging import export_version
from factordb.model.finding import Assessment, Uncertainty
from factordb.model.release import PUBLISHED
from factordb.publishing import PublishedReleases

router = APIRouter(prefix="/v1", tags=["factors"])
ZIP: Final = "application/zip"
FORMATS: Final[Mapping[str, str]] = {
    "json": JSON, "jsonld": ZIP, "ilcd": ZIP, "tidas": ZIP, "ecospold1": "application/xml", "ecospold2": ZIP,
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
"""Format -> media type of its file."""
_OURS: Final = {"jsonld": "openlca"}
"""Name of a format in the library, where another."""
VIEWS: Final = ("full", "overview", "metadata")
_OVERVIEW: Final = ("factor_id", "version_id", "name_zh", "name_en", "value_text", "value", "unit", "low95", "high95",
                    "gas", "gwp_set", "boundary", "region", "reference_year", "tier", "dqr", "band",
                    "flags")  # fmt: skip
_NUMBERS: Final = frozenset(
    {"value_text", "value", "canonical_value", "conversion", "expression", "cv_percent", "statement_text", "width"}
).union(*(names.split() for model, names in PUBLISHED if model in {Uncertainty, Assessment}))
_LOOK_UP: Final = (
    RELEASE,
    Parameter("version", default="", en="identifier of a version; of any release where none is named"),
    Parameter("format", default="json", choices=tuple(FORMATS), en="json, or a file in that format"),
    Parameter("view", default="full", choices=VIEWS,
              en="of json: full; overview: the columns read first; metadata: everything but the numbers"),
)  # fmt: skip
_FILES: Final = tuple(dict.fromkeys(one.partition(";")[0] for one in FORMATS.values() if one != JSON))


@router.get("/factors/{factor_id}", openapi_extra=described(
    "factor", _LOOK_UP, "LookedUp", missing=True, also=_FILES))  # fmt: skip
async def factor(request: Request, factor_id: str) -> Response:
    """Return one released factor with its source, gases and citation; or a view of it, or a file."""
    given = asked(request, _LOOK_UP)
    releases = released(request)
    release = _holding(releases, factor_id, given["version"], given["release"])
    found = looked_up(releases, given["version"] or factor_id, release)
    if given["format"] == "json":
        return answer(request, seen(found, given["view"]))
    lang = language_of(request.headers.get("accept-language", ""))
    version, folder = found["factor"]["version_id"], releases.folder(release)
    name, content = await run_in_threadpool(_file, folder, version, given["format"], lang)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return answer_bytes(request, content, headers=headers, media=FORMATS[given["format"]])


def _holding(releases: PublishedReleases, factor_id: str, version: str, release: str) -> str:
    """Return the release to look in: the one that is named, else the newest that holds the version.

    Raises:
        NotFoundError: no release holds that version of that factor.
    """
    if not version:
        return release
    versions = releases.history(factor_id)
    holding = [one["release_id"] for one in versions if one["version_id"] == version]
    if release:
        holding = [one for one in holding if one == releases.fixed(release)]
    if not holding:
        raise NotFoundError("version", version, known=", ".join(dict.fromkeys(one["version_id"] for one in versions)))
    return str(holding[-1])


def seen(found: Mapping[str, Any], view: str) -> dict[str, Any]:
    """Return a view of a released factor: full, overview or metadata."""
    row = found["factor"]
    if view == "overview":
        columns = {name: row[name] for name in _OVERVIEW}
        return {"release": found["release"], "factor": columns, "citation": found["citation"]}
    if view == "metadata":
        columns = {name: cell for name, cell in row.items() if name not in _NUMBERS}
        return {**{name: part for name, part in found.items() if name != "gases"}, "factor": columns}
    return dict(found)


def _file(folder: Path, version: str, format_: str, lang: str) -> tuple[str, bytes]:
    """Return (name, content) of the file that holds one version."""
    with tempfile.TemporaryDirectory(prefix="factordb-dataset-") as made:
        file = export_version(folder, version, _OURS.get(format_, format_), Path(made), lang)
        return file.name, file.read_bytes()
