"""Rows of the import form as records: every cell judged anew, each row taken or refused with its faults."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from factordb.model.standard import CODES, Level, Standard, StandardFinding, Status, Subject, form_sheet, rules, words
from factordb.model.submission import Cell, Field, FieldType
from factordb.model.vocabulary import Boundary, Severity

__all__ = ["Records", "from_plain", "number_of", "records_of", "severity_of"]

_YES: Final = {"yes": True, "是": True, "no": False, "否": False}
_SEVERAL: Final = ("conforms_to", "replaces")
_PARTED: Final = re.compile(r"[;；、\n]+")
_NUMBER: Final = re.compile(r"(?:[A-Z]{1,6}[0-9]{0,6}(?:/[A-Z]+)?(?: [A-Z]+)* ?|[0-9]{8}-)[0-9A-Z][0-9A-Z./-]*")
"""Prefix such as GB/T, DB4403/T, T/CPCIF or Q/ABC, then the serial number and the year; or the number of a plan."""
_VOCABULARY: Final = {"level": Level, "status": Status, "subject": Subject, "boundary": Boundary}


@dataclass(frozen=True)
class Records:
    """What a file came to.

    Attributes:
        standards: the rows taken, in their order.
        findings: why the others were refused, and columns that were not read.
        rows: rows in the file; = taken + refused.
    """

    standards: tuple[Standard, ...]
    findings: tuple[StandardFinding, ...]
    rows: int

    @property
    def refused(self) -> int:
        """Return how many rows were not taken."""
        return self.rows - len(self.standards)


def records_of(rows: Sequence[Mapping[str, Cell]], damaged: Iterable[str] = (), unknown: Iterable[str] = ()) -> Records:
    """Return the records of a file's rows.

    Args:
        rows: field -> cell with its place.
        damaged: places of rows that cannot be read; counted as refused.
        unknown: places of columns that are none of the form.
    """
    broken = [_finding("STD105", "", place, place, "") for place in damaged]
    findings = [*broken, *(_finding("STD106", "", place, place, "") for place in unknown)]
    taken: dict[str, Standard] = {}
    first: dict[str, str] = {}
    for row in rows:
        made, faults = _record(row)
        number = made.number if made else ""
        if made and number in first:
            cell = row["number"]
            faults = [_finding("STD104", number, cell.place, cell.text, first[number])]
        elif made:
            first[number] = row["number"].place
        findings += faults
        if made and not faults:
            taken[number] = made
    return Records(tuple(taken.values()), tuple(findings), len(rows) + len(broken))


def _record(row: Mapping[str, Cell]) -> tuple[Standard | None, list[StandardFinding]]:
    faults: list[StandardFinding] = []
    facts: dict[str, Any] = {}
    number = row["number"].text if "number" in row else ""
    line = next(iter(row.values())).place if row else ""
    for field in form_sheet().fields:
        cell = row.get(field.name)
        if cell is None:
            if field.must:
                faults.append(_finding("STD101", number, line, "", f"{field.zh} / {field.en}"))
            continue
        try:
            facts[field.name] = _value(field, cell.text)
        except _UnreadableError as fault:
            faults.append(_finding(fault.code, number, cell.place, cell.text, fault.expected))
    return (None, faults) if faults else (Standard(**facts), [])


class _UnreadableError(Exception):
    def __init__(self, code: str, expected: str) -> None:
        super().__init__(code)
        self.code = code
        self.expected = expected


def _value(field: Field, text: str) -> object:
    if field.name in CODES:
        return tuple(_code(field.name, one) for one in _PARTED.split(text) if one.strip())
    if field.name in _SEVERAL:
        return tuple(number_of(one) for one in _PARTED.split(text) if one.strip())
    readers: dict[FieldType, Callable[[Field, str], object]] = {
        FieldType.CHOICE: _chosen,
        FieldType.DATE: _day,
        FieldType.YES_NO: _yes_no,
        FieldType.ID: _identifier,
    }
    return readers[field.type](field, text) if field.type in readers else " ".join(text.split())


def _chosen(field: Field, text: str) -> object:
    said = _plain(text)
    value = next((one for one in field.choices if said in {one, *_names(field.name, one)}), None)
    if value is None:
        raise _UnreadableError("STD102", ", ".join(field.choices))
    return _VOCABULARY[field.name](value) if field.name in _VOCABULARY else value


def _names(section: str, value: str) -> set[str]:
    """Return the words for a value, which may stand in its place."""
    known = words(section) if section in {"level", "status", "subject"} else {}
    return {_plain(word) for word in known.get(value, {}).values()}


def _day(_field: Field, text: str) -> date:
    try:
        return date.fromisoformat(unicodedata.normalize("NFKC", text)[:10].replace("/", "-"))
    except ValueError:
        raise _UnreadableError("STD103", _read_as("date")) from None


def _yes_no(_field: Field, text: str) -> bool:
    found = _YES.get(_plain(text))
    if found is None:
        raise _UnreadableError("STD103", _read_as("yes_no"))
    return found


def _identifier(_field: Field, text: str) -> str:
    number = number_of(text)
    if not _NUMBER.fullmatch(number):
        raise _UnreadableError("STD103", _read_as("id"))
    return number


def number_of(text: str) -> str:
    """Return the number of a standard in one spelling: half width, capitals, one blank, a plain hyphen before the year.

    `gb／t 24067—2024` and `GB/T24067-2024` are both `GB/T 24067-2024`.
    """
    wide = unicodedata.normalize("NFKC", text).upper()
    plain = " ".join(re.sub(r"[‐-―−─]+", "-", wide).split())
    return re.sub(r"^((?:[A-Z]+[0-9]*)(?:/[A-Z]+)?) ?(?=[0-9])", r"\1 ", plain)


def _code(system: str, text: str) -> str:
    code = _plain(text).upper().replace(".", "").replace(" ", "")
    if not _pattern(system).fullmatch(code):
        raise _UnreadableError("STD103", _read_as("codes"))
    return code


@cache
def _pattern(system: str) -> re.Pattern[str]:
    return re.compile(rules()["codes"][system])


def _read_as(name: str) -> str:
    said = words("read_as")[name]
    return f"{said['zh']} / {said['en']}"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def from_plain(facts: Mapping[str, Any]) -> Standard:
    """Return the record that `Standard.as_dict` was made of; fields that a later program added are passed over."""
    made: dict[str, Any] = {}
    for field in form_sheet().fields:
        value = facts.get(field.name)
        if value is None or value == "":
            continue
        if isinstance(value, list):
            made[field.name] = tuple(value)
        elif field.type is FieldType.DATE:
            made[field.name] = date.fromisoformat(value)
        else:
            made[field.name] = _VOCABULARY[field.name](value) if field.name in _VOCABULARY else value
    return Standard(**made)


def severity_of(code: str) -> Severity:
    """Return how grave a rule is."""
    return Severity(rules()["rule"][code]["severity"])


def _finding(code: str, standard: str, place: str, found: str, expected: str) -> StandardFinding:
    return StandardFinding(
        code, severity_of(code), standard, place, found, expected, clause=rules()["rule"][code]["clause"]
    )
