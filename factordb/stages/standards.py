"""Files of the registry of standards: the form that is written, forms and tables that are read, and what ships."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factordb.errors import NotFoundError
from factordb.evidence.objects import sha256_of
from factordb.formats.submission_form import write_sheets
from factordb.formats.submission_form_reader import read_form_sheet, read_twin
from factordb.model.standard import Standard, StandardFinding, form_sheet
from factordb.paths import workshop
from factordb.reference import tables
from factordb.standards.records import Records, records_of

__all__ = ["StandardsImport", "hash_of", "read_file", "shipped", "sources", "write_form"]


@dataclass(frozen=True)
class StandardsImport:
    """What became of a file of standards: rows = entered + unchanged + refused.

    Attributes:
        rows: rows of the file.
        entered: numbers that are new, or whose record differs from the newest.
        unchanged: numbers recorded like this already.
        refused: how many rows were not taken.
        findings: why rows were refused, and what the rules say of those taken.
        dry_run: nothing was recorded.
    """

    rows: int
    entered: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: int
    findings: tuple[StandardFinding, ...]
    dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data, findings with their words."""
        return {**vars(self), "entered": list(self.entered), "unchanged": list(self.unchanged),
                "findings": [one.as_dict() for one in self.findings]}  # fmt: skip


def shipped() -> dict[str, Standard]:
    """Return number -> the standards that ship with the program, `data/standards`."""
    folder = workshop() / "data" / "standards"
    return {one.number: one for path in sorted(folder.glob("*.csv")) for one in read_file(path).standards}


def sources() -> dict[str, dict[str, Any]]:
    """Return key -> what the sources of the shipped standards are, where they were read and what they say."""
    path = workshop() / "data" / "standards" / "sources.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_file(path: Path) -> Records:
    """Return the records of a form (xlsx), or of a table with the form's machine names.

    Raises:
        FileProblemError: it is neither.
    """
    form = path.suffix.lower() in {".xlsx", ".xlsm"}
    rows, damaged, unknown = read_form_sheet(path, form_sheet()) if form else read_twin(path, form_sheet())
    return records_of(rows, [one.place for one in damaged], unknown)


def write_form(path: Path, filled: Sequence[Mapping[str, Any]] = ()) -> None:
    """Write the import form, with these records filled in; the same records give the same bytes."""
    cells: list[Mapping[str, str]] = [
        {name: _written(value) for name, value in one.items() if value not in (None, "", [])} for one in filled
    ]
    schema = tables.toml("standards/form")
    write_sheets(path, [form_sheet()], schema, schema["schema"], filled={"standards": cells})


def _written(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def hash_of(path: Path | None) -> str:
    """Return the sha256 of a file of evidence; "" without one.

    Raises:
        NotFoundError: there is no such file.
    """
    if path is None:
        return ""
    if not path.is_file():
        raise NotFoundError("file", str(path), known="—")
    return sha256_of(path)
