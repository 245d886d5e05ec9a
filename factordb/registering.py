"""The registry of standards as verbs and questions: clauses (二), (三), (七)–(十二) and (十五) of the guideline.

What ships under `data/standards` stands first; what a library recorded itself stands over it. Every record, citation,
assessment and evaluation is an event of the ledger: none is changed, the newest counts.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from factordb.errors import NotFoundError, NotPermittedError
from factordb.model.standard import (
    Conclusion,
    Criterion,
    Judgement,
    Level,
    Standard,
    StandardFinding,
    form_sheet,
    rules,
    words,
)
from factordb.questions import Questions
from factordb.searching import Searching
from factordb.stages import standards as files
from factordb.standards import judging, progress
from factordb.standards.asking import answers, known_filters, misuse, one_of
from factordb.standards.records import from_plain, number_of
from factordb.store import people, standards
from factordb.store import records as record_store

__all__ = ["Registering", "ShippedStandards"]


class ShippedStandards:
    """The questions of standards, put to what ships with the program: what is asked where there is no library."""

    def _standard_events(self, number: str = "") -> list[dict[str, Any]]:  # noqa: ARG002 - a library has some
        """Return what was recorded of standards, oldest first."""
        return []

    # ── questions ────────────────────────────────────────────────────────────────────────────────────────

    def standards(self, text: str = "", **filters: str) -> list[dict[str, Any]]:
        """Return the records of standards, by level and number.

        Args:
            text: stands in number, title, product or issuer; every word of it.
            **filters: level, status, subject; or a classification (gbt4754, nbs, cpc, isic, hs) with the beginning of
                a code.

        Raises:
            UsageError: there is no such filter; NotFoundError: no such value.
        """
        known_filters(filters)
        order = list(Level)
        found = sorted(self._registry().values(), key=lambda one: (order.index(one.level), one.number))
        return [one.as_dict() for one in found if answers(one, text, filters)]

    def standard(self, number: str, *, as_of: date | None = None) -> dict[str, Any]:
        """Return one standard: record, source, citations, assessments, evaluations, findings, eligibility, history.

        Raises:
            NotFoundError: it is not in the registry.
        """
        day = as_of or _today()
        one = self._standard_of(number)
        acts = self._standard_acts(one.number)
        cited, assessed = acts[standards.CITED], acts[standards.ASSESSED]
        return {
            "standard": one.as_dict(),
            "source": files.sources().get(one.source, {}),
            "citations": cited,
            "assessments": assessed,
            "evaluations": acts[standards.EVALUATED],
            "findings": [each.as_dict() for each in self._standard_findings(day, only=[one.number])],
            "eligibility": progress.eligibility(one, cited, assessed, day),
            "history": acts[standards.ENTERED],
            "as_of": day.isoformat(),
        }

    def standards_coverage(self, *, as_of: date | None = None) -> dict[str, Any]:
        """Return how many standards were issued by level, and how far the targets of 2027 and 2030 are."""
        return progress.coverage(list(self._registry().values()), as_of or _today())

    def post_evaluation(self, *, as_of: date | None = None) -> dict[str, Any]:
        """Return the report of clause (十二) over the registry, and which group standards are eligible by (十五)."""
        day = as_of or _today()
        every = self._standard_acts()
        evaluated = _by_number(every[standards.EVALUATED])
        registry = self._registry()
        cited, assessed = (_by_number(every[kind]) for kind in (standards.CITED, standards.ASSESSED))
        group = [one for one in registry.values() if one.level.value == rules()["eligible"]["level"]]
        asked = {one.number: progress.eligibility(one, cited.get(one.number, ()), assessed.get(one.number, ()), day)
                 for one in sorted(group, key=lambda each: each.number)}  # fmt: skip
        return {
            "as_of": day.isoformat(),
            **progress.post_evaluation(self._standard_findings(day), evaluated),
            "eligible": [number for number, one in asked.items() if one["eligible"]],
            "conditions": {number: one["conditions"] for number, one in asked.items()},
        }

    # ── what they stand on ───────────────────────────────────────────────────────────────────────────────

    def _registry(self) -> dict[str, Standard]:
        found = files.shipped()
        for event in self._standard_events():
            if event["kind"] == standards.ENTERED:
                found[event["number"]] = from_plain(event["facts"])
        return found

    def _standard_of(self, number: str) -> Standard:
        registry = self._registry()
        found = registry.get(number_of(number))
        if found is None:
            near = [one for one in sorted(registry) if number_of(number).split(" ")[0] == one.split(" ")[0]]
            raise NotFoundError("standard", number, known=", ".join((near or sorted(registry))[:10]) or "—")
        return found

    def _standard_acts(self, number: str = "") -> dict[str, list[dict[str, Any]]]:
        """Return kind -> events, oldest first, their facts beside number, by and on."""
        found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in standards.KINDS}
        for event in self._standard_events(number):
            told = {name: event[name] for name in ("number", "by", "on")}
            found[event["kind"]].append({**told, **event["facts"]})
        return found

    def _standard_findings(
        self, as_of: date, added: Mapping[str, Standard] | None = None, only: Sequence[str] | None = None
    ) -> list[StandardFinding]:
        evaluated = {
            one["number"]: date.fromisoformat(one["on"][:10]) for one in self._standard_acts()[standards.EVALUATED]
        }
        registry = self._registry() | dict(added or {})
        return judging.findings_of(list(registry.values()), as_of, evaluated, None if only is None else set(only))


class Registering(ShippedStandards, Searching, Questions):
    """The verbs of standards, and the same questions put to what a library recorded over the shipped ones."""

    def _standard_events(self, number: str = "") -> list[dict[str, Any]]:
        with record_store.session(self.records) as opened:
            return standards.recorded(opened, number)

    def check_standards(self, path: Path | None = None, *, as_of: date | None = None) -> files.StandardsImport:
        """Return what the rules say of the registry, or of a file against it; nothing is recorded.

        Raises:
            FileProblemError: the file is no form and no table.
        """
        if path is not None:
            return self.import_standards(path, as_of=as_of, dry_run=True)
        found = self._standard_findings(as_of or _today())
        everything = tuple(sorted(self._registry()))
        return files.StandardsImport(len(everything), (), everything, 0, tuple(found), dry_run=True)

    # ── verbs ────────────────────────────────────────────────────────────────────────────────────────────

    @staticmethod
    def standard_form(path: Path, filled: Sequence[Mapping[str, Any]] = ()) -> Path:
        """Write the bilingual import form (xlsx) and return its path; the same rows give the same bytes.

        Args:
            path: the file.
            filled: records to fill in, as `standards` returns them.
        """
        files.write_form(path, filled)
        return path

    def import_standards(
        self, path: Path, *, actor: str = "operator", as_of: date | None = None, dry_run: bool = False
    ) -> files.StandardsImport:
        """Take a form (xlsx) or a CSV with its machine names in; every row is taken, found unchanged or refused.

        Raises:
            FileProblemError: the file is no form and no table.
            NotPermittedError: the library has people, and `actor` may not enter standards.
        """
        day = as_of or _today()
        read = files.read_file(path)
        registry = self._registry()
        entered = [one for one in read.standards if registry.get(one.number) != one]
        if entered and not dry_run:
            with record_store.session(self.records) as opened:
                _permitted(opened, actor, "enter")
                for one in entered:
                    standards.append(opened, standards.ENTERED, one.number, one.as_dict(), actor=actor)
        numbers = [one.number for one in read.standards]
        judged = self._standard_findings(day, {one.number: one for one in entered}, only=numbers)
        new = tuple(one.number for one in entered)
        same = tuple(number for number in numbers if number not in set(new))
        return files.StandardsImport(read.rows, new, same, read.refused, (*read.findings, *judged), dry_run)

    def cite_in_standard(
        self,
        number: str,
        *,
        factor: str = "",
        release: str = "",
        database: str = "",
        edition: str = "",
        place: str = "",
        actor: str = "operator",
    ) -> dict[str, Any]:
        """Record a citation: a released factor that the standard uses, or a factor database that cites the standard.

        Args:
            number: the standard.
            factor: id of a factor, or its beginning, in `release` (the newest without a name).
            release: the release.
            database: a factor database that cites the standard.
            edition: its edition, such as a release or a year.
            place: where: clause, table or page.
            actor: who records it.

        Raises:
            NotFoundError: no such standard, factor or release.
            UsageError: neither or both of factor and database are given.
        """
        one = self._standard_of(number)
        if bool(factor) == bool(database) or (database and not (edition and place)):
            raise misuse(
                "a citation names a factor, or a database with its edition and place",
                "give --factor, or --database with --edition and --place",
                "引用须指明因子，或指明数据库及其版本与出处",
                "请给出 --factor，或给出 --database 并附 --edition 与 --place",
            )
        facts: dict[str, Any] = dict.fromkeys(("factor_id", "version_id", "release", "manifest_sha256"), "")
        facts |= {"database": database, "edition": edition, "place": place}
        if factor:
            found = self.released_factors(release).released(factor)
            facts |= {name: found["factor"][name] for name in ("factor_id", "version_id")}
            facts |= {"release": found["release"]["release_id"], "manifest_sha256": found["release"]["manifest_sha256"]}
        return self._record_act(standards.CITED, one.number, facts, actor, "cite")

    def assess_standard(
        self,
        number: str,
        criterion: str,
        judgement: str,
        *,
        evidence: str,
        evidence_file: Path | None = None,
        actor: str = "operator",
    ) -> dict[str, Any]:
        """Record an assessment of one of the four criteria of clause (十五), with its evidence.

        Args:
            number: a group standard.
            criterion: urgency, reasonableness, sources or tests.
            judgement: met, partly or not_met.
            evidence: what it stands on, in words: document, page, figures.
            evidence_file: a file whose sha256 is kept with it.
            actor: who assesses.

        Raises:
            NotFoundError: no such standard, criterion or judgement; UsageError: there is no evidence.
        """
        one = self._standard_of(number)
        one_of("criterion", criterion, Criterion)
        one_of("judgement", judgement, Judgement)
        if not evidence.strip():
            raise misuse("an assessment states its evidence", "say what it stands on with --evidence",
                          "评估须写明依据", "请以 --evidence 写明依据")  # fmt: skip
        facts = {"criterion": criterion, "judgement": judgement, "evidence": evidence.strip(),
                 "evidence_file": evidence_file.name if evidence_file else "",
                 "evidence_sha256": files.hash_of(evidence_file)}  # fmt: skip
        return self._record_act(standards.ASSESSED, one.number, facts, actor, "assess")

    def evaluate_standard(
        self, number: str, conclusion: str, *, reason: str, other: str = "", actor: str = "operator"
    ) -> dict[str, Any]:
        """Record what a post-evaluation by clause (十二) concluded on a standard: keep, revise, merge or withdraw.

        The record of the standard stays as it is until its new status is entered.

        Args:
            number: the standard.
            conclusion: keep, revise, merge or withdraw.
            reason: why.
            other: the standard it is merged into.
            actor: who concludes.

        Raises:
            NotFoundError: no such standard or conclusion; UsageError: there is no reason, or nothing to merge into.
        """
        one = self._standard_of(number)
        one_of("conclusion", conclusion, Conclusion)
        if not reason.strip() or (conclusion == Conclusion.MERGE.value and not other):
            raise misuse(
                "a conclusion states its reason, a merger also into what",
                "give --reason, and --other for a merger",
                "评估结论须写明理由，合并的还须指明另一标准",
                "请给出 --reason，合并时另给 --other",
            )
        into = self._standard_of(other).number if other else ""
        facts = {"conclusion": conclusion, "reason": reason.strip(), "other": into}
        return self._record_act(standards.EVALUATED, one.number, facts, actor, "evaluate")

    def _record_act(self, kind: str, number: str, facts: dict[str, Any], actor: str, right: str) -> dict[str, Any]:
        with record_store.session(self.records) as opened:
            _permitted(opened, actor, right)
            standards.append(opened, kind, number, facts, actor=actor)
        return {"number": number, "by": actor, **facts}


def _by_number(acts: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in acts:
        found.setdefault(one["number"], []).append(one)
    return found


def _permitted(opened: record_store.Session, actor: str, right: str) -> None:
    """Refuse whom the library's people do not let do this; a library without people is one operator's."""
    known = people.people(opened)
    allowed = rules()["roles"][right]
    who = known.get(actor)
    if not known or (who is not None and who.roles & set(allowed)):
        return
    said = {lang: "、".join(allowed) if lang == "zh" else ", ".join(allowed) for lang in ("zh", "en")}
    raise NotPermittedError(
        problem=f"{actor} may not do this to the registry of standards",
        remedy=f"act with --as for somebody who is one of: {said['en']}",
        problem_zh=f"{actor} 无权在标准登记中办理此事",
        remedy_zh=f"请以 --as 指明具有以下角色之一的人员：{said['zh']}",
    )


def _today() -> date:
    return datetime.now(tz=UTC).date()


def standard_words() -> dict[str, dict[str, dict[str, str]]]:
    """Return vocabulary -> value -> zh, en: level, status and others; also the fields of a record and of an act."""
    sections = ("level", "status", "subject", "criterion", "judgement", "conclusion", "condition", "act")
    fields = {one.name: {"zh": one.zh, "en": one.en} for one in form_sheet().fields}
    return {**{section: words(section) for section in sections}, "field": fields}
