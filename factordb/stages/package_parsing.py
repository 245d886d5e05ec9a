"""The parsers of a package's files as tasks: a file in, plain data out; the same in this process and in a child.

What parses a stranger's file may crash, hang or ask for all memory. Plain data can cross from a process that is allowed
to (`package_child`) to one that is not (`package_guard`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from factordb.errors import FileProblemError
from factordb.formats.raw_table import DamagedRow
from factordb.model.evidence_facts import CalibrationResult, CertificateFacts, PdfFacts
from factordb.model.submission import Cell, Row, sheets
from factordb.reference import tables

__all__ = [
    "TASKS",
    "BrokenLimitError",
    "Parser",
    "ReadSheets",
    "certificate_facts",
    "limits",
    "parse_here",
    "pdf_facts",
    "read_sheets",
]

HEADER_ROWS: Final = 1_000
"""Most lines an instrument writes before the header of its log."""

Plain = dict[str, Any]
"""What JSON can hold."""


class Parser(Protocol):
    """Runs a task of `TASKS` on a file."""

    def __call__(self, task: str, path: Path, said: str = "") -> Plain:
        """Return what the task made of the file.

        Raises:
            FileProblemError: the file is not what it should be.
            BrokenLimitError: the file broke a limit.
        """
        ...


class BrokenLimitError(FileProblemError):
    """A file broke a limit while it was parsed; `limit` names which: a key of `reference/words/submission_parsing`."""

    def __init__(self, path: Path, limit: str, told: str = "") -> None:
        words = tables.toml("words/submission_parsing")
        stated = told or str(limits()[_STATED[limit]])
        self.path, self.limit = path, limit
        self.zh, self.en = (words[limit][lang].format(limit=stated) for lang in ("zh", "en"))
        super().__init__(
            path,
            problem=self.en,
            remedy=words["remedy"]["en"],
            problem_zh=self.zh,
            remedy_zh=words["remedy"]["zh"],
        )


_STATED: Final[Mapping[str, str]] = MappingProxyType(
    {"memory": "memory_mb", "cpu": "cpu_seconds", "clock": "clock_seconds", "package": "package_seconds",
     "answer": "answer_mb", "breaks": "breaks", "crash": "breaks", "size": "small_file_kb"}
)  # fmt: skip


def limits() -> dict[str, int]:
    """Return the limits of `reference/submission/parsing.toml`: MB, s, KB and files."""
    return tables.toml("submission/parsing")


def parse_here(task: str, path: Path, said: str = "") -> Plain:
    """Run the task in this process: for files of one's own."""
    return TASKS[task](path, said)


@dataclass(frozen=True)
class ReadSheets:
    """Sheets of a form or of a CSV twin: rows by sheet, damaged rows, and columns nobody asked for, as places."""

    rows: Mapping[str, tuple[Row, ...]]
    damaged: tuple[DamagedRow, ...]
    unknown: tuple[str, ...]


def read_sheets(plain: Plain) -> ReadSheets:
    """Return what the tasks `form` and `twin` made, as rows of cells."""
    rows = {
        sheet: tuple(MappingProxyType({name: Cell(text, place) for name, text, place in row}) for row in found)
        for sheet, found in plain["rows"].items()
    }
    damaged = tuple(DamagedRow(**one) for one in plain["damaged"])
    return ReadSheets(MappingProxyType(rows), damaged, tuple(plain["unknown"]))


def pdf_facts(plain: Plain) -> PdfFacts:
    """Return what the task `pdf` made."""
    days = {name: _day(plain[name]) for name in ("created_on", "modified_on")}
    codes = None if plain["codes"] is None else tuple(plain["codes"])
    return PdfFacts(**{**plain, **days, "scripts": tuple(plain["scripts"]), "codes": codes})


def certificate_facts(plain: Plain) -> CertificateFacts:
    """Return what the task `certificate` made."""
    days = {name: _day(plain[name]) for name in ("began_on", "ended_on")}
    listed = {name: tuple(plain[name]) for name in ("identifications", "statements")}
    results = tuple(CalibrationResult(**one) for one in plain["results"])
    return CertificateFacts(**{**plain, **days, **listed, "results": results})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _written_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _form(path: Path, _: str) -> Plain:
    from factordb.formats.submission_form_reader import read_form  # noqa: PLC0415 - a parser is loaded when it is used

    form = read_form(path)
    return _sheets(form.rows, form.damaged, form.unknown)


def _twin(path: Path, sheet: str) -> Plain:
    from factordb.formats.submission_form_reader import read_twin  # noqa: PLC0415 - as above

    rows, damaged, unknown = read_twin(path, sheets()[sheet])
    return _sheets({sheet: rows}, damaged, unknown)


def _sheets(rows: Mapping[str, Iterable[Row]], damaged: Iterable[DamagedRow], unknown: Iterable[str]) -> Plain:
    plain = {
        sheet: [[(name, cell.text, cell.place) for name, cell in row.items()] for row in found]
        for sheet, found in rows.items()
    }
    return {"rows": plain, "damaged": [asdict(one) for one in damaged], "unknown": list(unknown)}


def _table(path: Path, header_row: str) -> Plain:
    """Return the columns of a raw table as they were written; a table with a damaged row is not read without it."""
    from factordb.formats.tabular import read  # noqa: PLC0415 - as above

    if not header_row.isdecimal() or not 1 <= int(header_row) <= HEADER_ROWS:
        raise FileProblemError(
            path,
            problem=f"its header cannot stand in row {header_row!r}",
            remedy="write the number of the header's row in the sheet `raw`, counted from 1",
            problem_zh=f"表头不可能在第 {header_row!r} 行",
            remedy_zh="请在“原始记录”表中填写表头所在行号，从 1 开始",
        )
    table = read(path, header_row=int(header_row))
    columns: dict[str, list[str | None]] = {name: [] for name in table.columns}
    for batch in table.batches:
        for name in table.columns:
            columns[name] += batch.column(name).to_pylist()
    if table.damaged:
        raise FileProblemError(
            path,
            problem=f"{len(table.damaged)} row(s) cannot be read, first: {table.damaged[0].en}",
            remedy="repair the raw table; records are never left out silently",
            problem_zh=f"有 {len(table.damaged)} 行无法读取，首处：{table.damaged[0].zh}",
            remedy_zh="请修复原始记录表；记录不得静默略去",
        )
    return {"columns": columns}


def _pdf(path: Path, _: str) -> Plain:
    from factordb.evidence.pdf_facts import read_pdf  # noqa: PLC0415 - as above

    facts = read_pdf(path)
    days = {"created_on": _written_day(facts.created_on), "modified_on": _written_day(facts.modified_on)}
    return {**asdict(facts), **days}


def _certificate(path: Path, _: str) -> Plain:
    from factordb.evidence.dcc import read_certificate  # noqa: PLC0415 - as above

    facts = read_certificate(path.read_bytes())
    return {**asdict(facts), "began_on": _written_day(facts.began_on), "ended_on": _written_day(facts.ended_on)}


TASKS: Final[Mapping[str, Callable[[Path, str], Plain]]] = MappingProxyType(
    {"form": _form, "twin": _twin, "table": _table, "pdf": _pdf, "certificate": _certificate}
)
"""Task -> its parser: the path, and a word it needs (the sheet of a twin, the header's row of a table)."""
