"""A measured-data submission as it was handed in: its sheets, its files, and the schema both follow.

Nothing here reads a file. A package is what `stages` loaded of a folder, a bag or a form; the checks of the checklist
look at it and nothing else, so that the submitter's desk and the receiving side judge the same thing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from factordb.reference import tables

__all__ = ["Cell", "Field", "FieldType", "FileFact", "Kind", "Package", "Row", "Sheet", "schema_name", "sheets"]


class Kind(StrEnum):
    """What was measured, and how: it decides which sheets a submission needs."""

    FUEL = "fuel"
    CEMS = "cems"
    CHAMBER = "chamber"
    PROCESS = "process"
    PEMS = "pems"


class FieldType(StrEnum):
    """Type of a field; cells are kept as the string that was written, and read by `stages/submission`."""

    TEXT = "text"
    ID = "id"
    NUMBER = "number"
    UNIT = "unit"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    FILE = "file"
    USCC = "uscc"


@dataclass(frozen=True)
class Field:
    """One field of a sheet.

    Attributes:
        name: machine name.
        zh: title, Chinese.
        en: title, English.
        type: type of its cells.
        must: every row must have it.
        kinds: kinds of submission that need it; empty: all.
        choices: the words of a `choice`.
        good: an example that is accepted.
        bad: an example that is refused.
        rule_zh: the convention, Chinese.
        rule_en: the convention, English.
    """

    name: str
    zh: str
    en: str
    type: FieldType
    must: bool
    kinds: tuple[Kind, ...]
    choices: tuple[str, ...]
    good: str
    bad: str
    rule_zh: str
    rule_en: str


@dataclass(frozen=True)
class Sheet:
    """One sheet of the form; `shape` is `table`, or `key_value` for the cover."""

    name: str
    zh: str
    en: str
    shape: str
    fields: tuple[Field, ...]

    def needed_by(self, kind: Kind) -> bool:
        """Return whether a submission of `kind` has this sheet at all."""
        return any(not one.kinds or kind in one.kinds for one in self.fields)


@cache
def sheets() -> Mapping[str, Sheet]:
    """Return the sheets of the form by name, in the order of the form."""
    found = {}
    for name, facts in tables.toml("submission/schema")["sheets"].items():
        fields = tuple(
            Field(
                name=key,
                zh=one["zh"],
                en=one["en"],
                type=FieldType(one["type"]),
                must=one["must"],
                kinds=tuple(Kind(kind) for kind in one["kinds"]),
                choices=tuple(one.get("choices", ())),
                good=one["good"],
                bad=one["bad"],
                rule_zh=one["rule_zh"],
                rule_en=one["rule_en"],
            )
            for key, one in facts["fields"].items()
        )
        found[name] = Sheet(name, facts["zh"], facts["en"], facts["shape"], fields)
    return MappingProxyType(found)


@cache
def schema_name() -> str:
    """Return the name and version of the form's schema."""
    return str(tables.toml("submission/schema")["form"]["schema"])


@dataclass(frozen=True)
class Cell:
    """A cell as it was written, and where: `仪器!F4` in the form, `labs.csv:3:scope` in a table."""

    text: str
    place: str


Row = Mapping[str, Cell]
"""One row of a sheet: field -> cell. A field nobody filled in is absent."""


@dataclass(frozen=True)
class FileFact:
    """One file of a package: path inside it, sha256, size in bytes."""

    path: str
    sha256: str
    size: int


NO_ROWS: Final[tuple[Row, ...]] = ()


@dataclass(frozen=True)
class Package:
    """A submission as it was loaded.

    Attributes:
        root: what the package is called on disk.
        rows: sheet -> its rows in order; the cover is one row.
        files: path inside the package -> facts of the file.
        unknown: columns, sheets and files nobody asked for, as places: kept, shown, never dropped.
    """

    root: str
    rows: Mapping[str, tuple[Row, ...]]
    files: Mapping[str, FileFact]
    unknown: tuple[str, ...] = field(default=())

    def table(self, sheet: str) -> tuple[Row, ...]:
        """Return the rows of a sheet; none where the package lacks it."""
        return self.rows.get(sheet, NO_ROWS)

    @property
    def cover(self) -> Row:
        """The one row of the cover; empty where it is missing."""
        rows = self.table("submission")
        return rows[0] if rows else MappingProxyType({})

    @property
    def kind(self) -> Kind | None:
        """What was measured, or None where the cover does not say."""
        said = self.cover.get("kind")
        return Kind(said.text) if said and said.text in set(Kind) else None

    @property
    def demonstration(self) -> bool:
        """Whether the package says that its evidence was invented for teaching."""
        said = self.cover.get("demonstration")
        return said is not None and said.text.strip().lower() in YES

    def cells(self, sheet: str, name: str) -> Iterator[Cell]:
        """Yield the filled cells of one field."""
        return (row[name] for row in self.table(sheet) if name in row)


YES: Final = frozenset({"yes", "y", "true", "1", "是"})
NO: Final = frozenset({"no", "n", "false", "0", "否"})
