"""The trail of a measured factor as questions of the library: in words, as a picture and as provenance."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from factordb.errors import UsageError
from factordb.evidence import ocfl
from factordb.formats.gantt import Bar, Row, coverage_plot
from factordb.formats.prov import document_bytes
from factordb.model.evidence_trail import EvidenceTrail
from factordb.questions import VERSION, Questions
from factordb.stages.evidence_prov import provenance_of
from factordb.stages.evidence_trail import trail_of
from factordb.stages.evidence_words import evidence_sections, withdrawn_section
from factordb.stages.submission import load
from factordb.store import history
from factordb.store import records as record_store

__all__ = ["Tracing"]

RECEIVED: Final = "submission_received"


class Tracing(Questions):
    """Questions about the evidence a measured factor stands on, answered from the evidence store."""

    def evidence(self, name: str) -> EvidenceTrail:
        """Return what a measured factor stands on, its value computed once more from the kept raw records.

        Args:
            name: of the factor, as `factor` takes it.

        Raises:
            NotFoundError: there is no such factor, or its package is not in the evidence store.
            UsageError: the factor did not come in a submission of measured data, or the submission was withdrawn.
            IntegrityError: a kept file is not what was kept.
        """
        row, said, key = self._submitted(name)
        version = self._kept_version(str(said["submission"]), row["batch_id"])
        shown = ocfl.stored(self.workspace.evidence, said["submission"], version)
        with self._laid_out(shown) as folder:
            trail = trail_of(load(folder, said["submission"]), key)
        return _told(trail, said, shown.version)

    def explain_evidence(self, name: str) -> dict[str, Any]:
        """Return the trail in sections of lines, zh and en; of a withdrawn submission, what its tombstone says.

        Raises:
            NotFoundError: as `evidence`.
            UsageError: the factor did not come in a submission of measured data.
            IntegrityError: as `evidence`.
        """
        row, said, _ = self._submitted(name)
        facts = {"candidate_id": row["candidate_id"], "factor_id": row["factor_id"], "submission": said["submission"]}
        newest = ocfl.stored(self.workspace.evidence, said["submission"])
        if newest.withdrawn:
            where = ocfl.fetch(self.workspace.evidence, newest.object_id, ocfl.TOMBSTONE)
            tomb = json.loads(where.read_text(encoding="utf-8"))
            told = f"{tomb['on'][:10]} · {tomb['by']} · {tomb['reason']}"
            return {**facts, "withdrawn": True, "sections": [withdrawn_section([{"zh": told, "en": told}])]}
        return {**facts, "withdrawn": False, "sections": evidence_sections(self.evidence(name))}

    def evidence_picture(self, name: str, lang: str) -> str:
        """Return certificates against the days of measurement as SVG; empty text where no period is stated.

        Raises:
            NotFoundError: as `evidence`.
            UsageError: as `evidence`.
            IntegrityError: as `evidence`.
        """
        return picture_of(self.evidence(name), lang)

    def provenance(self, name: str) -> bytes:
        """Return the trail as W3C PROV-JSON.

        Raises:
            NotFoundError: as `evidence`.
            UsageError: as `evidence`.
            IntegrityError: as `evidence`.
        """
        row, _, _ = self._submitted(name)
        return document_bytes(*provenance_of(self.evidence(name), candidate_id=row["candidate_id"], version=VERSION))

    def _submitted(self, name: str) -> tuple[dict[str, Any], dict[str, Any], str]:
        """Return the candidate, what its package said of it, and its key in the package."""
        row = self.factor(name)["candidate"][0]
        attributes = json.loads(row["attributes"]) if row["attributes"] else {}
        if "traceability" not in attributes or "submission_factor" not in attributes:
            raise UsageError(
                problem=f"{name} did not come in a submission of measured data",
                remedy="leave out --evidence; `factordb factor explain` tells where its number comes from",
                problem_zh=f"{name} 不是以实测数据报送包提交的",
                remedy_zh="请去掉 --evidence；`factordb factor explain` 会说明数值的来处",
            )
        return row, json.loads(attributes["traceability"]), str(attributes["submission_factor"]).rpartition("/")[2]

    def _kept_version(self, number: str, batch_id: str) -> str:
        """Return the version of the evidence store that a batch was made of; empty: the newest."""
        with record_store.session(self.records) as opened:
            found = [one for one in history.events(opened, 1_000_000) if one.kind == RECEIVED and one.subject == number]
        told = (json.loads(one.facts) for one in found)
        return next((str(facts["version"]) for facts in told if facts["batch_id"] == batch_id), "")

    @contextmanager
    def _laid_out(self, shown: ocfl.Stored) -> Iterator[Path]:
        """Yield the files of a version in a folder for the time being; every hash is compared."""
        if shown.withdrawn:
            raise UsageError(
                problem=f"submission {shown.object_id} was withdrawn",
                remedy="`factordb factor explain --evidence` shows the reason",
                problem_zh=f"报送 {shown.object_id} 已撤回",
                remedy_zh="`factordb factor explain --evidence` 会显示撤回理由",
            )
        with TemporaryDirectory(prefix="factordb-evidence-") as temporary:
            folder = Path(temporary) / "package"
            for path in shown.files:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ocfl.fetch(self.workspace.evidence, shown.object_id, path, shown.version), target)
            yield folder


def _told(trail: EvidenceTrail, said: dict[str, Any], version: str) -> EvidenceTrail:
    why = tuple((one["zh"], one["en"]) for one in said.get("why", []))
    return replace(trail, version=version, package_sha256=said["package"], level=said["level"], why=why)


def picture_of(trail: EvidenceTrail, lang: str) -> str:
    """Return certificates against the days of measurement as SVG; empty text where no period is stated."""
    if trail.period is None:
        return ""
    rows = [
        Row(
            f"{one.type_name} {one.model} {one.serial}".strip(),
            tuple(
                Bar(each.number, each.calibrated_on, each.due_on)
                for each in one.certificates
                if each.calibrated_on and each.due_on and each.calibrated_on <= each.due_on
            ),
            one.holes,
        )
        for one in trail.instruments
    ]
    name = trail.claim.name_zh if lang == "zh" else trail.claim.name_en
    samples = [one.sampled_on for one in trail.reports if one.sampled_on]
    return coverage_plot(
        rows, period=trail.period, samples=samples, lang=lang, title=name or trail.claim.name_zh,
        demonstration=trail.demonstration,
    )  # fmt: skip
