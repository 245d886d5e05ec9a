"""What answers look like, as JSON Schema: the columns of a release come from the model and from nowhere else."""

from typing import Any, Final

from factordb.model.release import RELEASE_COLUMNS, ColumnType
from factordb.model.standard import CODES, form_sheet
from factordb.model.submission import FieldType

Schema = dict[str, Any]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _maybe(name: str) -> Schema:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "number"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
MAYBE_NUMBER: Final[Schema] = {"type": ["number", "null"]}
MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
TRUTH: Final[Schema] = {"type": "boolean"}
_WORDS: Final = _object("zh en", zh=TEXT, en=TEXT)
_COUNTS: Final[Schema] = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": COUNT}}
_MATCHES: Final = ("exact", "phrase", "name", "text", "pinyin", "pinyin_part", "all")
_STANDARD_CELLS: Final = {FieldType.YES_NO: {"type": ["boolean", "null"]}}
_OUTCOMES: Final = ("chosen", "ambiguous", "unclear", "none", "not_found")


def _cell(kind: ColumnType, *, required: bool) -> Schema:
    name = "string" if kind is ColumnType.DATE else kind.value
    return {"type": name if required else [name, "null"]}


def _factor() -> Schema:
    columns = {
        one.name: {
            **_cell(one.type, required=one.required),
            **({"description": one.description} if one.description else {}),
        }
        for one in RELEASE_COLUMNS
    }
    added = {
        "n": COUNT, "rank": {"type": "integer"}, "width": MAYBE_NUMBER, "flags": TEXT, "declared_unit": MAYBE_TEXT,
        "declared_dimension": MAYBE_TEXT, "declared_basis": MAYBE_TEXT, "concept": MAYBE_TEXT,
        "codes": MAYBE_TEXT, "codes_from": MAYBE_TEXT,
    }  # fmt: skip
    must = [one.name for one in RELEASE_COLUMNS if one.required]
    return {"type": "object", "required": must, "properties": {**columns, **added}}


def schemas() -> dict[str, Schema]:
    """Return name -> schema of everything that is sent or taken in outside PACT."""
    return {**_of_factors(), **_of_answers(), **_of_releases(), **_of_standards(), **_of_programs()}


def _of_factors() -> dict[str, Schema]:
    """Return the shapes of search and look-up."""
    return {
        "Factor": _factor(),
        "Words": _WORDS,
        "ReleaseRef": _object("release_id as_of manifest_sha256 read_model", release_id=TEXT, as_of=TEXT,
                              manifest_sha256=TEXT, read_model=TEXT),
        "Hit": {"allOf": [_ref("Factor"), _object("match", match={"type": "string", "enum": list(_MATCHES)})]},
        "FactorPage": _object(
            "release meta data next links", release=_ref("ReleaseRef"),
            meta=_object("total corrected possible_filters", total=COUNT, corrected=TEXT, possible_filters=_COUNTS),
            data=_list(_ref("Hit")), next=TEXT, links={"type": "object", "additionalProperties": TEXT}),
        "Filters": _object("release possible_filters", release=_ref("ReleaseRef"), possible_filters=_COUNTS),
        "LookedUp": {"anyOf": [_ref("ReleasedFactor"), _ref("FactorOverview"), _ref("FactorMetadata")]},
        "FactorOverview": _object(
            "release factor citation", release=_ref("ReleaseRef"), citation=_WORDS,
            factor=_object("factor_id version_id value_text value unit flags", factor_id=TEXT, version_id=TEXT,
                           value_text=TEXT, value=MAYBE_NUMBER, unit=TEXT, flags=TEXT)),
        "FactorMetadata": _object(
            "release factor source citation", release=_ref("ReleaseRef"), citation=_WORDS, source={"type": "object"},
            factor=_object("factor_id version_id unit", factor_id=TEXT, version_id=TEXT, unit=TEXT)),
        "ReleasedFactor": _object(
            "release factor source gases citation", release=_ref("ReleaseRef"), factor=_ref("Factor"),
            source={"type": "object"}, citation=_WORDS,
            gases=_list(_object("gas amount_kg", gas=TEXT, amount_kg=MAYBE_NUMBER))),
        "History": _object("data", data=_list(_object("release_id factor_id version_id value_text unit",
                                                      release_id=TEXT, factor_id=TEXT, version_id=TEXT,
                                                      value_text=TEXT, unit=TEXT))),
        "Citation": _object("release citation message", release=_ref("ReleaseRef"), citation=_WORDS, message=TEXT),
    }  # fmt: skip


def _of_answers() -> dict[str, Schema]:
    """Return the shapes of choice and comparison."""
    brief = _object(
        "factor_id version_id value_text unit flags", factor_id=TEXT, version_id=TEXT, name_zh=MAYBE_TEXT,
        name_en=MAYBE_TEXT, value_text=TEXT, unit=TEXT, region=MAYBE_TEXT, flags=_list(TEXT),
        reason={"type": ["object", "null"]},
    )  # fmt: skip
    side = _object("value", value=MAYBE_NUMBER, low95=MAYBE_NUMBER, high95=MAYBE_NUMBER)
    return {
        "Brief": brief,
        "Emission": _object(
            "value low95 high95 unit gas amount amount_unit", value=MAYBE_NUMBER, low95=MAYBE_NUMBER,
            high95=MAYBE_NUMBER, unit=TEXT, gas=MAYBE_TEXT, amount=NUMBER, amount_unit=MAYBE_TEXT),
        "Choice": _object(
            "release outcome message factor emission why steps flags trail alternatives candidates rejected citation",
            release=_ref("ReleaseRef"), outcome={"type": "string", "enum": list(_OUTCOMES)}, message=TEXT, zh=TEXT,
            en=TEXT, factor=_maybe("Factor"), emission=_maybe("Emission"), why=_list(_WORDS), steps=_list(_WORDS),
            flags=_list(TEXT), trail=_list(TEXT), alternatives=_list(_ref("Brief")), candidates=_list(_ref("Brief")),
            rejected=_list(_ref("Brief")), citation=_maybe("Words")),
        "Comparison": _object(
            "release factor comparisons words", release=_ref("ReleaseRef"), factor=_ref("Factor"), words=_list(_WORDS),
            comparisons=_list(_object("comparable axes difference words", comparable=TRUTH, first=side, second=side,
                                      axes=_list({"type": "object"}), difference={"type": ["object", "null"]},
                                      words=_list(_WORDS)))),
    }  # fmt: skip


def _of_releases() -> dict[str, Schema]:
    """Return the shapes of releases, conversion and vocabularies."""
    return {
        "Trial": _object("release usable findings", release=_ref("ReleaseRef"), usable=TRUTH,
                         findings=_list({"type": "object"})),
        "Page": TEXT,
        "Releases": _object("data latest", data=_list(_ref("Release")), latest=TEXT),
        "Release": _object("release as_of manifest_sha256 files", release=TEXT, as_of=TEXT, manifest_sha256=TEXT,
                           files=_list(_object("path bytes sha256", path=TEXT, bytes=COUNT, sha256=TEXT))),
        "Difference": _object("old new counts rows", old=TEXT, new=TEXT, counts={"type": "object"},
                              rows=_list({"type": "object"})),
        "Converted": _object("value unit from trail", value=MAYBE_NUMBER, unit=TEXT, trail=TEXT,
                             **{"from": _object("value unit", value=NUMBER, unit=TEXT)}),
        "Vocabularies": _object("data", data=_list(TEXT)),
        "Vocabulary": _object("name data", name=TEXT, data=_list({"type": "object"})),
        "Health": _object("status release", status=TEXT, release=MAYBE_TEXT),
    }  # fmt: skip


def _of_standards() -> dict[str, Schema]:
    """Return the shapes of the registry of standards; its fields come from the form."""
    fields = {field.name: _STANDARD_CELLS.get(field.type, MAYBE_TEXT) for field in form_sheet().fields}
    lists = dict.fromkeys(("conforms_to", "replaces", *CODES), _list(TEXT))
    rows = _list({"type": "object"})
    target = _object("year standards counted missing share years_left basis_zh basis_en", year={"type": "integer"},
                     standards=COUNT, counted=COUNT, missing=COUNT, share=NUMBER, years_left={"type": "integer"},
                     basis_zh=TEXT, basis_en=TEXT)  # fmt: skip
    return {
        "Standard": _object("number level status subject title_zh", **{**fields, **lists}),
        "StandardPage": _object(
            "meta data next links", meta=_object("total possible_filters", total=COUNT, possible_filters=_COUNTS),
            data=_list(_ref("Standard")), next=TEXT, links={"type": "object", "additionalProperties": TEXT}),
        "StandardRecord": _object(
            "standard source citations assessments evaluations findings eligibility history as_of",
            standard=_ref("Standard"), source={"type": "object"}, citations=rows, assessments=rows, evaluations=rows,
            findings=rows, history=rows, as_of=TEXT,
            eligibility=_object("eligible conditions", eligible=TRUTH, conditions=rows)),
        "StandardsCoverage": _object(
            "as_of counted levels by_level by_status targets", as_of=TEXT, counted=COUNT, levels=_list(TEXT),
            by_level={"type": "object", "additionalProperties": COUNT}, by_status=rows, targets=_list(target)),
    }  # fmt: skip


def _of_programs() -> dict[str, Schema]:
    """Return the shapes of tokens, footprints, events, packages and problems."""
    return {
        "Discovery": _object("issuer token_endpoint", issuer=TEXT, token_endpoint=TEXT, scopes_supported=_list(TEXT)),
        "Token": _object("access_token token_type expires_in scope", access_token=TEXT, token_type=TEXT,
                         expires_in={"type": "integer"}, scope=TEXT),
        "Footprints": _object("data", data=_list({"type": "object", "required": ["id", "pcf"]})),
        "Footprint": _object("data", data={"type": "object", "required": ["id", "pcf"]}),
        "CloudEvent": _object("type specversion id source", type=TEXT, specversion={"const": "1.0"},
                              id={"type": "string", "minLength": 1}, source={"type": "string", "minLength": 1},
                              time={"type": "string", "format": "date-time"}, data={"type": "object"}),
        "CloudEvents": _list(_ref("CloudEvent")),
        "EventAnswer": _object("event answer", event={"type": "object"}, answer={"type": ["object", "null"]}),
        "Submission": _object("submission received_on by verdict", submission=TEXT, received_on=TEXT, by=TEXT,
                              verdict=TEXT),
        "Submissions": _object("data", data=_list(_ref("Submission"))),
        "SubmissionReport": _object("submission taken report", submission=TEXT, version=TEXT, taken=TRUTH,
                                    report={"type": "object"}),
        "Withdrawn": _object("submission version reason", submission=TEXT, version=TEXT, reason=TEXT),
        "Problem": _object("code message", type=TEXT, title=TEXT, status={"type": "integer"}, detail=TEXT, code=TEXT,
                           message=TEXT, remedy=TEXT, instance=TEXT, errors=_list({"type": "object"})),
        "TokenError": _object("error error_description", error=TEXT, error_description=TEXT),
    }  # fmt: skip
