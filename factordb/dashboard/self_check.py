"""Self-check of a table before it is submitted: the same intake and the same checks, in a library that is thrown away.

Nothing of it is kept: what other submitters brought is not looked at, and rules that need it are told as not asked.
"""

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Final

from factordb.catalogue import read_mapping
from factordb.checks import words_of
from factordb.checks.base import fill
from factordb.dashboard.wording import reason_said
from factordb.errors import UsageError
from factordb.formats.annotated_copy import CellNote, annotated, cell_of
from factordb.library import Library
from factordb.model.pipeline import Pipeline
from factordb.model.source import Source
from factordb.model.vocabulary import Severity, Verdict
from factordb.stages import sources as register
from factordb.stages.reports import IntakeReport

__all__ = ["Checked", "CheckedLine", "Sent", "self_check", "send"]

MOST_LINES: Final = 20_000
"""Findings kept of one table; a submitter repairs the first thousands first."""
NAME_LETTERS: Final = 80
"""Letters of a file's name that are kept: Chinese ones take three bytes, and a name may have 255."""
REFUSED: Final = "refused"


@dataclass(frozen=True)
class Sent:
    """What a submitter sends: a table, and how it is to be read: a known pipeline's name or a mapping's text."""

    name: str
    data: bytes
    pipeline: str = ""
    mapping: str = ""


@dataclass(frozen=True)
class CheckedLine:
    """One finding at one cell. `severity` is `refused` where the row could not be taken in at all."""

    cell: str
    row_no: int
    severity: str
    code: str
    field: str
    message: Mapping[str, str]
    why: Mapping[str, str]
    fix: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """What a self-check came to."""

    sent: Sent
    report: IntakeReport
    verdicts: Mapping[str, int]
    lines: tuple[CheckedLine, ...]
    not_asked: tuple[str, ...]
    rule_set: str
    sheet: str

    @property
    def blocked(self) -> bool:
        """Whether something must be repaired before it is worth submitting."""
        return bool(self.verdicts.get(Verdict.FAIL)) or not self.report.candidates

    def table(self, lang: str) -> str:
        """Return the findings as CSV in one language, with a BOM: Excel opens it right."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(("cell", "row", "severity", "code", "field", "message", "why", "fix"))
        for one in self.lines:
            words = (one.message[lang], one.why[lang], one.fix[lang])
            texts = (one.cell, one.row_no, one.severity, one.code, one.field, *words)
            writer.writerow([_harmless(text) for text in texts])
        return "\ufeff" + out.getvalue()

    def copy(self, lang: str) -> bytes:
        """Return an xlsx copy of the table with every finding as a comment at its cell."""
        notes = [CellNote(one.cell, f"{one.code} {one.message[lang]}\n{one.fix[lang]}") for one in self.lines]
        return annotated(self.sent.name, self.sent.data, notes, sheet=self.sheet)


def self_check(sent: Sent, *, as_of: date) -> Checked:
    """Return what intake and checks say of a table, on the day `as_of`; nothing is kept.

    Raises:
        FileProblemError: the table is not what it claims to be.
        UsageError: the mapping has a mistake.
    """
    with tempfile.TemporaryDirectory(prefix="factordb-check-") as folder:
        root = Path(folder)
        pipeline, sources, table = _laid_down(sent, root)
        door = Library.open(root / "library", create=True)
        report = door.intake(pipeline, [table], sources=sources, actor="self-check")
        appraised = door.appraise(as_of=as_of, actor="self-check") if report.candidates else None
        return Checked(
            sent=sent,
            report=report,
            verdicts=door.summary_of_verdicts() if appraised else {},
            lines=_lines(door) if door.version() else (),
            not_asked=_not_asked(door) if appraised else (),
            rule_set=door.rule_set,
            sheet=pipeline.sheet,
        )


def send(library: Library, sent: Sent, *, actor: str, as_of: date) -> IntakeReport:
    """Take the table into the library in the name of `actor`, and appraise it; return the intake's report.

    Raises:
        FileProblemError: the table is not what it claims to be.
        BusyError: another process writes to the library.
        NotPermittedError: the person may not submit.
    """
    with tempfile.TemporaryDirectory(prefix="factordb-send-") as folder:
        pipeline, sources, table = _laid_down(sent, Path(folder))
        report = library.intake(pipeline, [table], sources=sources, actor=actor)
        library.appraise(as_of=as_of, actor=actor)
    return report


def _harmless(text: object) -> object:
    """Return a text that a spreadsheet would run as a formula behind an apostrophe."""
    return f"'{text}" if isinstance(text, str) and text[:1] in tuple("=+-@\t\r") else text


def _laid_down(sent: Sent, root: Path) -> tuple[Pipeline, tuple[Source, ...], Path]:
    """Write what was sent below `root`; a name is only ever a name, never a path."""
    last = PurePath(sent.name.replace("\\", "/")).name
    name = "".join(letter for letter in last if letter.isprintable()).lstrip(".")[-NAME_LETTERS:] or "table"
    table = root / "sent" / name
    table.parent.mkdir()
    table.write_bytes(sent.data)
    if sent.pipeline:
        return register.pipeline(sent.pipeline), (), table
    if not sent.mapping.strip():
        raise UsageError(
            problem="neither a pipeline nor a mapping says how the table is to be read",
            remedy="choose a pipeline, or send a mapping file; the template shows its form",
            problem_zh="未指明如何读取该表：既未选管线，也未给出映射文件",
            remedy_zh="请选择管线，或上传映射文件（格式见模板）",
        )
    mapping = root / "mapping.toml"
    mapping.write_text(sent.mapping, encoding="utf-8")
    pipeline, sources = read_mapping(mapping)
    return pipeline, sources, table


def _lines(door: Library) -> tuple[CheckedLine, ...]:
    """Return refused rows first, then findings, gravest first, each at its cell."""
    refused, findings = door.findings_at_cells(MOST_LINES)
    gravity = {one.value: place for place, one in enumerate(Severity)}
    lines = [_refused_line(row) for row in refused.to_pylist()]
    rows = sorted(findings.to_pylist(), key=lambda row: (gravity.get(row["severity"], 9), row["row_no"], row["code"]))
    return (*lines, *(_finding_line(row) for row in rows))


def _refused_line(row: Mapping[str, Any]) -> CheckedLine:
    said = {lang: reason_said(row["code"], lang, found=row["found"]) for lang in ("zh", "en")}
    return CheckedLine(
        cell=cell_of(row["place"]),
        row_no=row["row_no"],
        severity=REFUSED,
        code=row["code"],
        field=row["field"],
        message={lang: one.message for lang, one in said.items()},
        why={lang: one.why for lang, one in said.items()},
        fix={lang: one.fix for lang, one in said.items()},
    )


def _finding_line(row: Mapping[str, Any]) -> CheckedLine:
    words = words_of(row["code"])
    return CheckedLine(
        cell=cell_of(row["place"]),
        row_no=row["row_no"],
        severity=str(row["severity"]),
        code=row["code"],
        field=row["field"],
        message={lang: fill(words[lang], row) for lang in ("zh", "en")},
        why={lang: words.get(f"why_{lang}", "") for lang in ("zh", "en")},
        fix={lang: fill(words[f"fix_{lang}"], row) for lang in ("zh", "en")},
    )


def _not_asked(door: Library) -> tuple[str, ...]:
    rows: Sequence[Mapping[str, Any]] = door.rule_counts().to_pylist()
    return tuple(row["code"] for row in rows if row["not_asked"] == row["candidates"] and row["candidates"])
