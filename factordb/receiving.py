"""Submissions of measured data as a verb of the library: checked as the submitter checked, kept, and taken in."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from factordb.checks.package.context import LibraryFacts, ReportSeen
from factordb.evidence import ocfl
from factordb.evidence.objects import sha256_of
from factordb.ledgering import Ledgering
from factordb.model.submission import Package
from factordb.model.vocabulary import Verdict
from factordb.stages import sources as register
from factordb.stages.reports import IntakeReport
from factordb.stages.submission import guarded
from factordb.stages.submission_check import examine
from factordb.stages.submission_table import PIPELINE, source_of, table_of
from factordb.store import history
from factordb.store import records as record_store
from factordb.submitting import SubmissionReport, judged_factors, report_of
from factordb.writing import Progress, silent

__all__ = ["Received", "Receiving"]

EVENT: Final = "submission_received"
DOCUMENTS: Final = (".pdf", ".ofd", ".jpg", ".png", ".tif")
"""Endings of scans and documents: the same one in two submissions is looked at (DOC003)."""
_SHOWN: Final = ("version", "batch_id", "level", "verdict", "demonstration")


@dataclass(frozen=True)
class Received:
    """What came of a submission: the report of its check, and the batch it became; None where it was refused."""

    report: SubmissionReport
    batch: IntakeReport | None
    version: str = ""


class Receiving(Ledgering):
    """The verbs and questions of measured data."""

    def receive(
        self, path: Path, *, actor: str = "operator", today: date | None = None, progress: Progress = silent
    ) -> Received:
        """Check a package by the whole checklist and take it in; a package that fails changes nothing.

        What passes, or waits for a person, is kept file by file in the evidence store and becomes a batch of candidates
        whose kind of source is the one its computed level of traceability earns. It is appraised and decided on like
        any other.

        Args:
            path: a folder, a bag or a zip.
            actor: who sends it.
            today: day of the check; today where it is not given.
            progress: told of each step.

        Raises:
            FileProblemError: there is no package there, or the archive is damaged or hostile.
            NotPermittedError: on the reviewers' route `actor` is no submitter.
            BusyError: another process writes to the library.
        """
        self._may_submit(actor)
        day = today or datetime.now(tz=UTC).date()
        progress("check", 0, 1)
        with guarded(path) as (loaded, folder):
            keys = self._roster().keys().values()
            examined = examine(
                loaded, folder, today=day, keys=keys or None, library=self._library_facts(loaded.package)
            )
            report = report_of(examined)
            if report.verdict == Verdict.FAIL.value:
                return Received(report, None)
            number = _number(loaded.package)
            judged = judged_factors(examined)
            sha256 = sha256_of(folder / "tagmanifest-sha256.txt") if loaded.bagged else _digest(loaded.package)
            source = source_of(loaded.package, sha256, judged)
            table = table_of(loaded.package, sha256, source, judged)
            progress("evidence", 0, 1)
            with self._writing():
                kept = ocfl.keep_package(
                    self.workspace.evidence, number, folder, message=f"received, {report.level['name']}", user=actor,
                    created=record_store.now(),
                )  # fmt: skip
            with TemporaryDirectory(prefix="factordb-table-") as temporary:
                file = Path(temporary) / f"{number}.csv"
                file.write_bytes(table)
                known = register.as_table({**self.sources(), source.source_id: source}.values())
                batch = self._take_in(PIPELINE, [file], known, [source], actor=actor, progress=progress)
        if not batch.already:
            self._record_received(number, kept.version, batch.batch_id, loaded.package, report, actor)
        return Received(report, batch, kept.version)

    def packages(self) -> list[dict[str, Any]]:
        """Return the submissions received, oldest first: number, version, batch, level, verdict, when and by whom."""
        with record_store.session(self.records) as opened:
            found = [one for one in reversed(history.events(opened, 1_000_000)) if one.kind == EVENT]
        return [
            {"submission": one.subject, "received_on": one.happened_on.isoformat(), "by": one.actor,
             **{name: json.loads(one.facts)[name] for name in _SHOWN}}
            for one in found
        ]  # fmt: skip

    def withdraw_submission(self, number: str, *, reason: str, actor: str = "operator") -> str:
        """Leave a tombstone in place of a submission's evidence; return the version that holds it.

        The bytes stay for whoever may ask for them; factors that stand on it are withdrawn by their own decision.

        Raises:
            NotFoundError: there is no such submission.
        """
        with self._writing():
            gone = ocfl.withdraw(self.workspace.evidence, number, reason=reason, user=actor, created=record_store.now())
            with record_store.session(self.records) as opened:
                facts = {"version": gone.version, "reason": reason}
                history.record(opened, "submission_withdrawn", number, actor=actor, facts=facts)
        return gone.version

    def evidence_faults(self) -> list[str]:
        """Return every fault of the evidence store as a place and its kind; empty: it is whole."""
        return [f"{one.path}: {one.kind}" for one in ocfl.examine(self.workspace.evidence)]

    def _record_received(
        self, number: str, version: str, batch_id: str, package: Package, report: SubmissionReport, actor: str
    ) -> None:
        facts = {
            "version": version,
            "batch_id": batch_id,
            "level": report.level["name"],
            "verdict": report.verdict,
            "demonstration": report.demonstration,
            "files": sorted({one.sha256 for one in package.files.values() if one.path.lower().endswith(DOCUMENTS)}),
            "reports": _reports(package),
            "statements": [list(one) for one in _filled(package, "verification", "verifier", "statement_on")],
        }
        with record_store.session(self.records) as opened:
            history.record(opened, EVENT, number, actor=actor, facts=facts)

    def _library_facts(self, package: Package) -> LibraryFacts:
        """Return what earlier submissions tell: files seen before, report numbers, statements of the same verifiers."""
        number = _number(package)
        with record_store.session(self.records) as opened:
            events = [one for one in history.events(opened, 1_000_000) if one.kind == EVENT]
        earlier = [(one.subject, json.loads(one.facts)) for one in events]
        others = [(subject, facts) for subject, facts in earlier if subject != number]
        verifiers = {cell.text for cell in package.cells("verification", "verifier")}
        files: dict[str, str] = {}
        reports: list[ReportSeen] = []
        statements: list[date] = []
        for subject, facts in others:
            files.update(dict.fromkeys(facts["files"], subject))
            reports += [ReportSeen(lab, number_, when, subject) for lab, number_, said in facts["reports"]
                        if (when := _day(said))]  # fmt: skip
            statements += [when for who, said in facts["statements"] if who in verifiers and (when := _day(said))]
        return LibraryFacts(files=files, reports=tuple(reports), statements=tuple(statements))


def _filled(package: Package, sheet: str, *names: str) -> list[tuple[str, ...]]:
    """Return the texts of these fields, of the rows that fill all of them."""
    rows = package.table(sheet)
    return [tuple(row[name].text for name in names) for row in rows if set(names) <= set(row)]


def _reports(package: Package) -> list[list[str]]:
    """Return the laboratory's name, number and day of every test report."""
    named = {one[0]: one[1] for one in _filled(package, "labs", "lab_id", "name_zh")}
    return [[named.get(lab, lab), number, day] for lab, number, day in
            _filled(package, "tests", "lab_id", "report_no", "issued_on")]  # fmt: skip


def _number(package: Package) -> str:
    said = package.cover.get("submission_id")
    return said.text if said else package.root


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _digest(package: Package) -> str:
    """Return the sha256 over the names and hashes of a package that is no bag."""
    lines = "".join(f"{one.sha256}  {path}\n" for path, one in sorted(package.files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
