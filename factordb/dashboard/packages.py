"""Packages of measured data at the desk: begun, checked as the receiving side checks, sent, and looked at once more."""

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Final

from factordb.errors import UsageError
from factordb.evidence import ocfl
from factordb.library import Library
from factordb.model.submission import Kind
from factordb.receiving import Received
from factordb.reference import tables
from factordb.stages.submission import FORM, guarded, unpacked
from factordb.stages.submission_check import examine
from factordb.submitting import SubmissionReport, report_of, submit_check, submit_init

__all__ = ["SentPackage", "begun", "check_package", "held_report", "package_kinds", "send_package"]

FORM_ENDING: Final = ".xlsx"
_STAMP: Final = (2000, 1, 1, 0, 0, 0)
"""Time of every member of a begun package: the same kind makes the same bytes."""


@dataclass(frozen=True)
class SentPackage:
    """What a submitter sends: a package as a zip, or its form alone."""

    name: str
    data: bytes

    @property
    def form(self) -> bytes | None:
        """The form, to write comments into; None where there is none."""
        if self.name.lower().endswith(FORM_ENDING):
            return self.data
        with _laid_down(self) as path, unpacked(path) as folder:
            found = (one for one in (folder / FORM, folder / "data" / FORM) if one.is_file())
            form = next(found, None)
            return form.read_bytes() if form else None


def package_kinds() -> dict[str, dict[str, str]]:
    """Return kind of measured data -> its words, zh and en."""
    words = tables.toml("words/submission_page")["kind"]
    return {kind.value: dict(words[kind.value]) for kind in Kind}


def begun(kind: str) -> bytes:
    """Return the zip of a new submission of a kind: the form, a recipe to edit, and folders for the evidence.

    Raises:
        UsageError: there is no such kind of data.
    """
    with tempfile.TemporaryDirectory(prefix="factordb-begun-") as temporary:
        folder = Path(temporary) / "submission"
        submit_init(folder, kind)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix() + ("/" if path.is_dir() else "")
                archive.writestr(zipfile.ZipInfo(name, _STAMP), b"" if path.is_dir() else path.read_bytes())
        return out.getvalue()


def check_package(sent: SentPackage, *, as_of: date) -> SubmissionReport:
    """Return what the checklist says of a package on the day `as_of`; nothing is kept.

    Raises:
        FileProblemError: the archive is damaged or hostile.
        UsageError: it is neither a zip nor a form.
    """
    with _laid_down(sent) as path:
        return submit_check(path, today=as_of)


def send_package(library: Library, sent: SentPackage, *, actor: str, as_of: date) -> Received:
    """Hand a package to the library in the name of `actor`, and appraise what it became.

    Raises:
        FileProblemError: the archive is damaged or hostile.
        BusyError: another process writes to the library.
        NotPermittedError: the person may not submit.
    """
    with _laid_down(sent) as path:
        received = library.receive(path, actor=actor, today=as_of)
    if received.batch is not None and not received.batch.already:
        library.appraise(as_of=as_of, actor=actor)
    return received


def held_report(library: Library, row: Mapping[str, Any], *, as_of: date) -> SubmissionReport | None:
    """Return the checklist asked once more of the kept package a candidate came in; None where it came in none.

    Rules that need other submissions were asked when it was received; here they are told as not asked.

    Args:
        library: the library.
        row: the candidate.
        as_of: day of the check.

    Raises:
        IntegrityError: a kept file is not what was kept.
    """
    attributes = json.loads(row["attributes"]) if row["attributes"] else {}
    if "traceability" not in attributes:
        return None
    number = str(json.loads(attributes["traceability"])["submission"])
    versions = {one["batch_id"]: one["version"] for one in library.packages() if one["submission"] == number}
    shown = ocfl.stored(library.workspace.evidence, number, versions.get(row["batch_id"], ""))
    if shown.withdrawn:
        return None
    with tempfile.TemporaryDirectory(prefix="factordb-held-") as temporary:
        folder = Path(temporary) / number
        for path in shown.files:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ocfl.fetch(library.workspace.evidence, number, path, shown.version), target)
        with guarded(folder) as (loaded, there):
            return report_of(examine(loaded, there, today=as_of))


@contextmanager
def _laid_down(sent: SentPackage) -> Iterator[Path]:
    """Yield a zip, or a folder with the form alone, for the time being; a name is only ever a name, never a path."""
    last = PurePath(sent.name.replace("\\", "/")).name
    ending = PurePath(last).suffix.lower()
    stem = "".join(letter for letter in last.removesuffix(PurePath(last).suffix) if letter.isprintable()).strip(". ")
    if ending not in {".zip", FORM_ENDING}:
        raise UsageError(
            problem=f"{last} is neither a package nor its form",
            remedy="send the zip that `factordb submit pack` makes, or the form submission.xlsx",
            problem_zh=f"{last} 既不是报送包，也不是报送表格",
            remedy_zh="请上传 `factordb submit pack` 生成的 zip，或报送表格 submission.xlsx",
        )
    with tempfile.TemporaryDirectory(prefix="factordb-sent-") as temporary:
        if ending == ".zip":
            path = Path(temporary) / f"{stem[-80:] or 'package'}.zip"
            path.write_bytes(sent.data)
        else:
            path = Path(temporary) / "package"
            path.mkdir()
            (path / FORM).write_bytes(sent.data)
        yield path
