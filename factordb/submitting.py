"""The submitter's desk: a submission begun, checked by the receiving side's own rules, annotated, packed and signed.

None of it needs a library. What only a library can know is told as not asked.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from factordb.checks.package.catalogue import all_package_checks
from factordb.checks.package.levels import level_of, tier_of
from factordb.checks.package.signed_results import signed_share
from factordb.derivation.recipe_error import RecipeError
from factordb.derivation.recipe_run import Outcome
from factordb.errors import FileProblemError, UsageError
from factordb.evidence.keys import KeyFact, read_key_file
from factordb.formats.annotated_copy import CellNote, annotated, cell_of
from factordb.formats.package_page import package_page
from factordb.model.package_finding import package_words
from factordb.model.submission import Kind
from factordb.model.vocabulary import Outcome as Asked
from factordb.model.vocabulary import Verdict
from factordb.reference import tables
from factordb.stages.submission import FORM, guarded, unpacked
from factordb.stages.submission_check import DRAWS, Examined, examine
from factordb.stages.submission_pack import pack, start, write_signed_results
from factordb.stages.submission_table import Judged

__all__ = [
    "SubmissionReport", "judged_factors", "report_of", "sign_results", "submit_check", "submit_init", "submit_pack",
]  # fmt: skip

_ORDER: Final = ("code", "severity", "highest", "sheet", "place", "found", "expected", "said", "why", "fix")


@dataclass(frozen=True)
class SubmissionReport:
    """What a check of a submission came to.

    Attributes:
        name: of the package.
        kind: what was measured; empty where the cover does not say.
        today: day of the check.
        demonstration: whether the package says that its evidence was invented for teaching.
        verdict: fail, insufficient, needs_person or pass.
        level: name, title_zh, title_en, tier, and `missing`: what the next level lacks.
        factors: claim beside recomputation of each factor.
        findings: every finding with its words, gravest first.
        not_asked: rules that were not asked, and why.
        kept: how many rules were asked and kept.
        views: what people should look at, by rule.
        unknown: columns, sheets and files nobody asked for.
        limited: whether memory and time were limited while the files were parsed; not every system can.
        signed_share: of the test results that their laboratory signed itself, 0 … 1; None without tests.
    """

    name: str
    kind: str
    today: str
    demonstration: bool
    verdict: str
    level: Mapping[str, Any]
    factors: tuple[Mapping[str, Any], ...]
    findings: tuple[Mapping[str, Any], ...]
    not_asked: tuple[Mapping[str, str], ...]
    kept: int
    views: tuple[Mapping[str, Any], ...]
    unknown: tuple[str, ...]
    limited: bool = True
    signed_share: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain facts, for JSON."""
        return asdict(self)

    @property
    def exit_code(self) -> int:
        """Return 3 where something must be repaired, 4 where only information is missing, else 0."""
        return {Verdict.FAIL.value: 3, Verdict.INSUFFICIENT.value: 4}.get(self.verdict, 0)

    def page(self) -> str:
        """Return the findings as one HTML page in both languages."""
        return package_page(self.as_dict())

    def table(self, lang: str) -> str:
        """Return the findings as CSV in one language, with a BOM: Excel opens it right."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(_ORDER)
        for row in self.findings:
            writer.writerow([row.get(name, row.get(f"{name}_{lang}", "")) for name in _ORDER])
        return "\ufeff" + out.getvalue()

    def annotated(self, form: bytes, lang: str) -> bytes:
        """Return a copy of the form with every finding as a comment at its cell."""
        notes: dict[str, list[CellNote]] = defaultdict(list)
        for row in self.findings:
            sheet, _, _ = str(row["place"]).rpartition("!")
            if sheet and cell_of(str(row["place"])):
                words = f"{row['code']}: {row[f'said_{lang}']} {row[f'fix_{lang}']}"
                notes[sheet].append(CellNote(cell_of(str(row["place"])), words))
        for sheet, here in notes.items():
            form = annotated(FORM, form, here, sheet=sheet)
        return form


def submit_init(folder: Path, kind: str) -> tuple[str, ...]:
    """Begin a submission in a new folder: the form, a recipe to edit, and folders for the evidence.

    Raises:
        UsageError: there is no such kind of data.
        ConflictError: the folder holds something already.
    """
    if kind not in set(Kind):
        raise UsageError(
            problem=f"there is no kind of measured data called {kind!r}",
            remedy=f"choose one of: {', '.join(Kind)}",
            problem_zh=f"没有名为 {kind!r} 的实测数据种类",
            remedy_zh=f"请从以下选择：{'、'.join(Kind)}",
        )
    return start(folder, Kind(kind))


def submit_check(
    path: Path, *, today: date | None = None, keys: Collection[KeyFact] | None = None, draws: int = DRAWS
) -> SubmissionReport:
    """Return what the checklist says of a package: a folder, a bag or a zip. Changes nothing.

    Args:
        path: the package.
        today: day of the check; today where it is not given.
        keys: public keys of submitters; None: the signature is not asked.
        draws: of the uncertainty from the records; fewer are faster.

    Raises:
        FileProblemError: there is no package there, or the archive is damaged or hostile.
    """
    _there(path)
    with guarded(path) as (loaded, folder):
        return report_of(examine(loaded, folder, today=today or datetime.now(tz=UTC).date(), keys=keys, draws=draws))


def submit_pack(folder: Path, target: Path, key_file: Path, passphrase: str) -> str:
    """Bag, sign and zip a submission; return the sha256 that was signed.

    Raises:
        UsageError: the cover has no number.
        ConflictError: the target exists already.
        FileProblemError: a file or the key cannot be read, or the target not written.
    """
    _there(folder)
    with unpacked(folder) as found:
        return pack(found, target, read_key_file(key_file, passphrase))


def sign_results(table: Path, laboratory: str, target: Path, key_file: Path, passphrase: str) -> int:
    """Sign a laboratory's results for the folder `tests/lab_results` of a submission; return how many.

    Args:
        table: CSV with the columns sample_id, report_no, quantity, basis, value and unit; others are not signed.
        laboratory: its name as the form and its key on record give it.
        target: file to write.
        key_file: the laboratory's private key.
        passphrase: of the key.

    Raises:
        UsageError: a column is missing, or the table is empty.
        ConflictError: the target exists already.
        FileProblemError: table or key cannot be read, or the target not written.
    """
    return write_signed_results(table, laboratory, target, read_key_file(key_file, passphrase))


def _there(path: Path) -> None:
    if not path.exists():
        raise FileProblemError(
            path,
            problem="there is no such folder or file",
            remedy="begin a submission with `factordb submit init`, or check the path",
            problem_zh="没有这样的文件夹或文件",
            remedy_zh="请用 `factordb submit init` 新建，或检查路径",
        )


def report_of(examined: Examined) -> SubmissionReport:
    """Return what was found as plain facts with their words."""
    package, checked = examined.package, examined.checked
    level = level_of(package, checked)
    words, why = package_words(), tables.toml("words/package_checklist")["not_asked"]
    asked = {one.code: one for one in all_package_checks()}
    return SubmissionReport(
        name=package.root,
        kind=package.kind.value if package.kind else "",
        today=examined.context.today.isoformat(),
        demonstration=package.demonstration,
        verdict=checked.verdict.value,
        level={
            "name": level.name, "title_zh": level.title["zh"], "title_en": level.title["en"],
            "tier": tier_of(level.name).value, "missing": [asdict(one) for one in level.missing],
        },
        factors=tuple(_factor(examined, row) for row in package.table("factors") if "factor_key" in row),
        findings=tuple(one.row() for one in checked.findings),
        not_asked=tuple(
            {"code": one.code, "who": asked[one.code].who, "title_zh": words[one.code]["title_zh"],
             "title_en": words[one.code]["title_en"], "why_zh": why[one.why]["zh"], "why_en": why[one.why]["en"]}
            for one in checked.outcomes if one.outcome is Asked.NOT_ASKED
        ),
        kept=sum(one.outcome is Asked.KEPT for one in checked.outcomes),
        views=tuple(asdict(one) for one in checked.views),
        unknown=package.unknown,
        limited=examined.loaded.limited,
        signed_share=signed_share(package, examined.context),
    )  # fmt: skip


def _factor(examined: Examined, row: Mapping[str, Any]) -> dict[str, str]:
    said = {name: cell.text for name, cell in row.items()}
    outcome = examined.recomputed.get(said["factor_key"])
    none = tables.toml("words/submission_page")["no_recipe"]
    fault = {
        lang: outcome.words(lang) if isinstance(outcome, RecipeError) else ("" if outcome else none[lang])
        for lang in ("zh", "en")
    }
    made = outcome if isinstance(outcome, Outcome) else None
    return {
        "factor_key": said["factor_key"], "name_zh": said.get("name_zh", ""), "name_en": said.get("name_en", ""),
        "value": said.get("value", ""), "unit": said.get("unit", ""),
        "recomputed": f"{made.value:.6g}" if made else "", "u": f"{made.u:.3g}" if made and made.u == made.u else "",
        "claimed_u": _claimed(said), "fault_zh": fault["zh"], "fault_en": fault["en"],
    }  # fmt: skip


def _claimed(said: Mapping[str, str]) -> str:
    try:
        return f"{float(said['expanded_u']) / float(said['coverage_k']):.3g}"
    except (KeyError, ValueError, ZeroDivisionError):
        return ""


def judged_factors(examined: Examined) -> dict[str, Judged]:
    """Return what the receiving side holds of each factor: the package's level, its tier, and the recomputation."""
    level = level_of(examined.package, examined.checked)
    blocked = any(one.refuses for one in examined.checked.findings)
    found = {}
    for row in examined.package.table("factors"):
        if "factor_key" not in row:
            continue
        outcome = examined.recomputed.get(row["factor_key"].text)
        made = outcome if isinstance(outcome, Outcome) and not blocked else None
        found[row["factor_key"].text] = Judged(
            level=level.name,
            tier=tier_of(level.name),
            value=made.value if made else None,
            u=made.u if made and made.u == made.u else None,
            why=tuple((one.zh, one.en) for one in level.missing),
            signed=signed_share(examined.package, examined.context),
        )
    return found
