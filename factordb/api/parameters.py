"""Query parameters as data: read, checked and described from one table; what is not in the table is refused."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from starlette.requests import Request

from factordb.api.problems import ApiProblem, language_of, said, shown
from factordb.model.vocabulary import Boundary, Direction, Kind, Tier
from factordb.selection.asking import CRITERIA
from factordb.selection.search import LARGEST_PAGE

LONGEST_TEXT: Final = 500
MOST_VALUES: Final = 100
"""Values of one parameter."""
YEARS: Final = (1900, 2200)
LARGEST_NUMBER: Final = 1e300
"""Beyond it a float overflows as soon as it is multiplied."""


class Form(StrEnum):
    """What a parameter's text stands for."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True)
class Parameter:
    """A query parameter.

    Attributes:
        name: its name.
        form: what its text stands for.
        many: may be given several times; the values are alternatives.
        default: value where it is not given; None: absent.
        low: smallest number.
        high: largest number.
        choices: closed list of values.
        any_case: values and name match in any case.
        aka: name in the library's verbs, where another.
        en: description.
        example: a value.
    """

    name: str
    form: Form = Form.TEXT
    many: bool = False
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    any_case: bool = False
    aka: str = ""
    en: str = ""
    example: Any = None
    required: bool = False

    def described(self) -> dict[str, Any]:
        """Return the parameter in the words of OpenAPI 3.1."""
        plain = self._schema()
        schema = {"type": "array", "items": plain, "minItems": 1, "maxItems": MOST_VALUES} if self.many else plain
        if self.default is not None:
            schema["default"] = self.default
        found: dict[str, Any] = {"name": self.name, "in": "query", "required": self.required, "schema": schema}
        if self.many:
            found |= {"style": "form", "explode": True}
        if self.en:
            found["description"] = self.en
        if self.example is not None:
            found["example"] = [self.example] if self.many else self.example
        return found

    def _schema(self) -> dict[str, Any]:
        if self.form is Form.INTEGER:
            return {"type": "integer", "minimum": self.low, "maximum": self.high}
        if self.form is Form.NUMBER:
            ends = {"minimum": self.low, "maximum": self.high}
            return {"type": "number", **{name: end for name, end in ends.items() if end is not None}}
        if self.form is Form.BOOLEAN:
            return {"type": "boolean"}
        if self.form is not Form.TEXT:
            return {"type": "string", "format": "date" if self.form is Form.DATE else "date-time"}
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        return {"type": "string", "minLength": 0 if self.default == "" else 1, "maxLength": LONGEST_TEXT}

    def value(self, text: str) -> Any:
        """Return what a text stands for.

        Raises:
            ValueError: it cannot be one; its argument is the key of the reason.
        """
        if "\x00" in text:
            raise ValueError("nul")
        if len(text) > LONGEST_TEXT:
            raise ValueError("length")
        if text == "" and self.default != "":
            raise ValueError("missing")
        made = _READ[self.form](text)
        if self.choices and (made.lower() if self.any_case else made) not in self._known():
            raise ValueError("choice")
        if self.form in {Form.INTEGER, Form.NUMBER} and not self.within(made):
            raise ValueError("range")
        return made

    def _known(self) -> set[str]:
        return {one.lower() for one in self.choices} if self.any_case else set(self.choices)

    def within(self, number: float) -> bool:
        """Return whether a number lies between the limits."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,12}", text):
        raise ValueError("integer")
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError("number")
    made = float(text)
    if not math.isfinite(made):
        raise ValueError("range")
    return made


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("boolean")
    return text.lower() == "true"


def _date(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError("date")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("date") from None


def _moment(text: str) -> str:
    """Return a point in time as UTC to the second, as footprints state theirs; without a zone it is UTC."""
    if not re.match(r"\d{4}-\d{2}-\d{2}([Tt ]|$)", text, re.ASCII):
        raise ValueError("moment")
    try:
        read = datetime.fromisoformat(
            re.sub(r" (?=\d\d:?\d\d$)", "+", text.upper())
        )  # a + of an address reads as a blank
        made = read if read.tzinfo else read.replace(tzinfo=UTC)
        return made.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ValueError("moment") from None


_READ: Final[Mapping[Form, Any]] = {
    Form.TEXT: str, Form.INTEGER: _integer, Form.NUMBER: _number, Form.BOOLEAN: _boolean, Form.DATE: _date,
    Form.MOMENT: _moment,
}  # fmt: skip


def asked(request: Request, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return name (as the library calls it) -> value of what was given, defaults filled in.

    Raises:
        ApiProblem: 400; a parameter is not known, cannot be what it should, or is given twice where one is meant.
    """
    lang = language_of(request.headers.get("accept-language", ""))
    known = {one.name.lower() if one.any_case else one.name: one for one in parameters}
    folds = {one.name.lower(): one for one in parameters if one.any_case}
    found: dict[str, Any] = {}
    for name, text in request.query_params.multi_items():
        parameter = known.get(name) or folds.get(name.lower())
        if parameter is None:
            listed = ", ".join(one.name for one in parameters) or "—"
            raise ApiProblem(400, "bad_request", "unknown_parameter", name=name, known=listed)
        key = parameter.aka or parameter.name
        try:
            made = parameter.value(text)
        except ValueError as fault:
            raise _refused(parameter.name, text, str(fault), lang) from None
        if not parameter.many and key in found:
            raise _refused(parameter.name, text, "other", lang)
        if parameter.many:
            found.setdefault(key, []).append(made)
            if len(found[key]) > MOST_VALUES:
                raise _refused(parameter.name, text, "length", lang)
        else:
            found[key] = made
    for one in parameters:
        if one.required and (one.aka or one.name) not in found:
            raise _refused(one.name, "", "missing", lang)
        if one.default is not None:
            found.setdefault(one.aka or one.name, one.default)
    return found


def _refused(name: str, text: str, why: str, lang: str) -> ApiProblem:
    error = {"parameter": name, "found": shown(text), "why": said(lang, "bad_value", name=name, found=text, why=why)}
    return ApiProblem(400, "bad_request", "bad_value", errors=[error], name=name, found=text or "—", why=why)


_CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": tuple(Kind), "tier": tuple(Tier), "boundary": (*Boundary,), "direction": (*Direction,),
}  # fmt: skip
_FORMS: Final[Mapping[str, Parameter]] = {
    "year_from": Parameter("year_from", Form.INTEGER, low=YEARS[0], high=YEARS[1], example=2020),
    "year_to": Parameter("year_to", Form.INTEGER, low=YEARS[0], high=YEARS[1], example=2024),
    "dqr_max": Parameter("dqr_max", Form.NUMBER, low=1, high=5, example=3),
    "valid_on": Parameter("valid_on", Form.DATE, example="2026-11-26"),
    **{name: Parameter(name, Form.DATE) for name in ("valid_after", "valid_before")},
}
_EXAMPLES: Final[Mapping[str, str]] = {
    "code": "HS 271600",
    "region": "CN",
    "gas": "CO2e",
    "tier": "official",
    "convertible_to": "kWh",
}
STATUS: Final = ("Active", "Deprecated")
RELEASE: Final = Parameter("release", default="", en="id of a release, or latest; the answer names the fixed one")
SEARCH: Final[tuple[Parameter, ...]] = (
    Parameter("query", default="", aka="text", example="电力",
              en="name, synonym, pinyin, code or identifier, Chinese or English; empty: everything"),
    *(_FORMS.get(name) or Parameter(name, many=True, choices=tuple(str(one) for one in _CLOSED.get(name, ())),
                                    example=_EXAMPLES.get(name), en="values are alternatives") for name in CRITERIA),
    Parameter("geography", many=True, aka="region_within", en="as region_within: the place and what lies in it"),
    Parameter("classification", many=True, aka="code",
              en="as code; also as a URN of PACT, urn:pact:productclassification:un-cpc:17100"),
    Parameter("validOn", Form.DATE, aka="valid_on", en="as valid_on"),
    Parameter("validAfter", Form.DATE, aka="valid_after", en="validity begins after that day"),
    Parameter("validBefore", Form.DATE, aka="valid_before", en="validity ends before that day"),
    Parameter("productId", many=True, en="product of a footprint (urn:uuid:…), or identifier of a factor or version"),
    Parameter("status", many=True, any_case=True, choices=STATUS,
              en="Active: the newest release holds this version; Deprecated: only the release asked does"),
    Parameter("rating_min", Form.NUMBER, low=1, high=5, aka="dqr_max",
              en="as dqr_max: rated so well or better; 1 is the best rating"),
    Parameter("updated_after", Form.MOMENT, example="2020-01-01",
              en="versions that came with a release after that day"),
    RELEASE,
    Parameter("limit", Form.INTEGER, default=20, low=1, high=LARGEST_PAGE, en="hits of a page"),
    Parameter("cursor", default="", en="of the page before, unchanged; bound to its release"),
    Parameter("facets", Form.BOOLEAN, default=True, en="count the filters that would still find something"),
)  # fmt: skip
CHOOSE: Final[tuple[Parameter, ...]] = (
    Parameter("product", default="", example="电力", en="words for the product or activity; or give factor"),
    Parameter("factor", default="", en="identifier of a factor or version, or its beginning"),
    Parameter("amount", Form.NUMBER, default=1.0, example=1000, en="how much of it, in unit"),
    Parameter("unit", default="", example="kWh", en="unit of the amount"),
    Parameter("region", default="", example="CN", en="place of use"),
    Parameter("year", Form.INTEGER, low=YEARS[0], high=YEARS[1], example=2024, en="year of use"),
    Parameter("boundary", default="", en="system boundary asked for"),
    Parameter("gwp_set", default="", en="GWP set asked for"),
    Parameter("technology", default="", en="technology asked for"),
    Parameter("gas", default="CO2e", en="CO2e, or one gas"),
    Parameter("allow_flags", many=True, en="flags that are accepted"),
    RELEASE,
)


def checked_body(request: Request, body: Mapping[str, Any], parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return a JSON object as `asked` returns a query: the same names, limits and refusals.

    Raises:
        ApiProblem: 400.
    """
    lang = language_of(request.headers.get("accept-language", ""))
    known = {one.name: one for one in parameters}
    found = {one.aka or one.name: one.default for one in parameters if one.default is not None}
    for name, given in body.items():
        parameter = known.get(name)
        if parameter is None:
            raise ApiProblem(400, "bad_request", "unknown_parameter", name=name, known=", ".join(known))
        if parameter.many != isinstance(given, list):
            raise _refused(name, shown(given), "other", lang)
        values = [_checked(parameter, one, lang) for one in (given if parameter.many else [given])[:MOST_VALUES]]
        found[parameter.aka or name] = values if parameter.many else values[0]
    return found


def _checked(parameter: Parameter, given: Any, lang: str) -> Any:
    """Return a value of a JSON object as the parameter's own; a number is a number there, not its text."""
    reason = _misfit(parameter, given)
    if not reason:
        try:
            return float(given) if parameter.form is Form.NUMBER else parameter.value(str(given))
        except ValueError as fault:
            reason = str(fault)
    raise _refused(parameter.name, shown(given), reason, lang)


def _misfit(parameter: Parameter, given: Any) -> str:
    """Return why a value of a JSON object is of no use, as a key of [why]; empty where its kind is right."""
    if parameter.form in {Form.INTEGER, Form.NUMBER}:
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            return "number"
        if parameter.form is Form.NUMBER:
            return "" if abs(given) <= LARGEST_NUMBER and parameter.within(given) else "range"
        return ""
    right = bool if parameter.form is Form.BOOLEAN else str
    return "" if isinstance(given, right) else "other"
