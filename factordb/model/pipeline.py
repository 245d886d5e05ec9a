"""The declaration of a pipeline: where a source's table comes from and what its columns mean.

A pipeline is data. One raw row may hold several records (an emission factor and a calorific value); each record
says which columns feed which canonical fields. Intake turns the declaration into set-based SQL.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import MappingProxyType
from typing import Any

from factordb.errors import UsageError

TEXT_FIELDS = (
    "name_zh", "name_en", "flow", "category", "quantity", "technology", "boundary", "direction", "code_system",
    "product_code", "gwp_set", "region_text", "reference_year", "valid_from", "valid_until", "published_on",
    "source_id", "source_place", "source_value", "publisher", "read_from", "tier", "verified", "statement",
    "statement_text", "bound_basis", "te", "geo", "foreign_rating", "flags", "unit_basis", "gas",
    "lineage", "trace_level", "signed_share",
)  # fmt: skip
"""Canonical fields a record may feed as text; intake casts and checks them. `lineage` is a JSON list of objects with
the fields of `FactorInput`; its column stays among the attributes, so that another lineage is another version."""

NUMBER_FIELDS = ("value", "cv_percent", "sd", "gsd2", "bound_low", "bound_high")
"""Canonical fields a record feeds with published number strings, read by the value grammar."""

UNIT_FIELDS = ("unit", "value_and_unit")
"""`unit`: the unit string. `value_and_unit`: value and unit glued in one cell, split by the value grammar."""

COMPUTED_FIELDS = frozenset({"trace_level", "signed_share"})
"""Fields that are worked out from a submission package; no mapping may type them."""

FIELDS = frozenset((*TEXT_FIELDS, *NUMBER_FIELDS, *UNIT_FIELDS)) - COMPUTED_FIELDS


@dataclass(frozen=True)
class GasColumn:
    """A raw column that holds the amount of one gas per declared unit."""

    gas: str
    column: str
    unit: str
    """Unit string of the amounts, such as "kgCH4"; the denominator is the record's own declared unit."""
    is_co2e: bool = False


@dataclass(frozen=True)
class InputColumn:
    """A named input of a derived record's expression; `unit` is a constant, `unit_column` wins over it."""

    name: str
    column: str
    unit: str = ""
    unit_column: str = ""
    cv_column: str = ""


@dataclass(frozen=True)
class Record:
    """One record that a raw row may hold.

    Attributes:
        name: short name; part of the record's identity.
        where: SQL condition over the raw columns; the row holds this record where it is true. Empty: always.
        columns: canonical field -> raw column.
        constants: canonical field -> text.
        maps: canonical field -> (raw column, {published word: canonical word}); unlisted words are refused.
        sql: canonical field -> SQL expression over the raw columns (Python pipelines only).
        key: raw columns that carry the source's own identity of the record.
        expression: recipe over `inputs`; the value is then derived by us, not published.
        carried: raw columns whose content `sql` puts into canonical fields: they are not repeated in `attributes`.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    maps: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=lambda: MappingProxyType({}))
    sql: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    where: str = ""
    gases: tuple[GasColumn, ...] = ()
    inputs: tuple[InputColumn, ...] = ()
    expression: str = ""
    carried: tuple[str, ...] = ()

    def fed_fields(self) -> frozenset[str]:
        """Return the canonical fields this record feeds."""
        return frozenset((*self.columns, *self.constants, *self.maps, *self.sql))

    def __post_init__(self) -> None:
        unknown = self.fed_fields() - FIELDS - COMPUTED_FIELDS
        if unknown:
            raise UsageError(
                problem=f"record {self.name!r} feeds unknown field(s) {', '.join(sorted(unknown))}",
                remedy="use the canonical fields listed by `factordb pipelines --fields`",
                problem_zh=f"记录 {self.name!r} 使用了未知字段 {', '.join(sorted(unknown))}",
                remedy_zh="请使用 `factordb pipelines --fields` 列出的标准字段",
            )
        if not self.expression and not self.fed_fields() & {"value", "value_and_unit"}:
            raise UsageError(
                problem=f"record {self.name!r} has no value",
                remedy="feed `value` (and `unit`), `value_and_unit`, or declare an expression over inputs",
                problem_zh=f"记录 {self.name!r} 没有数值",
                remedy_zh="请指定 value（及 unit）、value_and_unit，或以 expression 声明其计算式",
            )


@dataclass(frozen=True)
class Setting:
    """A raw row that is known to hold no record: it is refused under this code, never dropped.

    Attributes:
        where: SQL condition over the raw columns.
        code: the rule that such a row breaks.
        detail: what is known about it.
        column: the raw column at fault; the refusal then names its cell and what stands there.
    """

    where: str
    code: str
    detail: str = ""
    column: str = ""


@dataclass(frozen=True)
class Correction:
    """A repair of one raw cell, as data. It fails loudly once the source itself is repaired."""

    match: Mapping[str, str]
    column: str
    expect: str
    replace: str
    reason: str


@dataclass(frozen=True)
class Pipeline:
    """Where a source's table comes from and what its records are.

    Attributes:
        name: command-line name.
        title_zh: one line, Chinese.
        title_en: one line, English.
        source: row of the source register that applies unless a record feeds `source_id`.
        records: the records a raw row may hold.
        files: default input, paths or globs below the workshop (`data/…`); empty when the user brings the file.
        sheet: worksheet name for spreadsheets; empty: the first.
        header_row: 1-based row of the header.
        decimal: decimal mark of number strings, "." or ",".
        prepare: SQL that makes the table `prepared` out of `raw`; must keep the columns `_file` and `_row`. Where
            several raw rows become one, `_rows` lists the numbers of all of them. A raw row it leaves out is refused.
        settings: rows known to hold no record.
        corrections: repairs as data.
        member: inside a zip or wheel, glob of the members to read.
        expect_columns: header words that must be present: a guard against wrong files and wrong encodings.
    """

    name: str
    title_zh: str
    title_en: str
    source: str
    records: tuple[Record, ...]
    files: tuple[str, ...] = ()
    sheet: str = ""
    header_row: int = 1
    decimal: str = "."
    prepare: str = ""
    settings: tuple[Setting, ...] = ()
    corrections: tuple[Correction, ...] = ()
    member: str = ""
    expect_columns: tuple[str, ...] = ()

    def declared(self) -> str:
        """Return the whole declaration as canonical JSON: what a batch's name is bound to."""
        return json.dumps(_plain(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_declared(cls, text: str) -> "Pipeline":
        """Return the pipeline that `declared` wrote down: a batch can be read again as it was read first."""
        facts = json.loads(text)
        records = [
            Record(
                **{
                    **one,
                    "key": tuple(one["key"]),
                    "carried": tuple(one.get("carried", ())),
                    "maps": {name: (column, words) for name, (column, words) in one["maps"].items()},
                    "gases": tuple(GasColumn(**gas) for gas in one["gases"]),
                    "inputs": tuple(InputColumn(**part) for part in one["inputs"]),
                }
            )
            for one in facts["records"]
        ]
        return cls(
            **{
                **facts,
                "records": tuple(records),
                "settings": tuple(Setting(**one) for one in facts["settings"]),
                "corrections": tuple(Correction(**one) for one in facts["corrections"]),
                "files": tuple(facts["files"]),
                "expect_columns": tuple(facts["expect_columns"]),
            }
        )


def _plain(part: Any) -> Any:
    if is_dataclass(part):
        return {one.name: _plain(getattr(part, one.name)) for one in fields(part)}
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, tuple):
        return [_plain(one) for one in part]
    return part
