"""The reviewers' route (评估、反馈、采纳) as verbs of the library: people, cases, opinions, overrides, decisions.

A person acts by their id, and is who the stored rows say: no verb takes a role. Verbs take lists of cases; what a
person saw is handed in as `seen`, case -> token as `cases`, `case` and `queue` give it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import NotPermittedError
from factordb.governing import Governing, kind_of, misuse
from factordb.model.workflow import Act, words
from factordb.stages import carried, casework, review, route
from factordb.stages.route import Done
from factordb.store import cases as case_store
from factordb.store import history, people
from factordb.store import records as record_store

Seen = Mapping[str, str] | str


class Reviewing(Governing):
    """The verbs of review; its questions stand in `Consulting`."""

    # ── cases ───────────────────────────────────────────────────────────────────────────────────────────

    def open_cases(self, batch_id: str = "", candidates: Sequence[str] = (), *, actor: str) -> Done:
        """Open a case for each candidate of a batch that has none yet; a changed version succeeds its returned case.

        Args:
            batch_id: the batch; empty: the newest.
            candidates: only these candidates of it.
            actor: an assigner, or whoever submitted the batch.
        """
        with self._deciding() as opened:
            who = route.person(opened, actor)
            batch_id = batch_id or people.newest_batch(opened)
            return route.open_cases(opened, self._published(), who, batch_id, candidates)

    def open_carried(self, *, actor: str) -> Done:
        """Open a case for each factor of the newest release that has none: what a single operator had decided.

        Args:
            actor: an assigner.
        """
        with self._deciding() as opened:
            who = route.person(opened, actor)
            releases = history.releases(opened)
            base = opened.get(record_store.DecisionRow, releases[-1].decision_id) if releases else None
            items = review.base_items(self.workspace, base)
            newest = releases[-1].release_id if releases else ""
            return carried.open_cases(opened, self._published(), who, items, newest)

    def assign(
        self,
        cases: Sequence[str],
        reviewer: str,
        kind: str,
        *,
        actor: str,
        due_on: date | None = None,
        skip_conflicts: bool = False,
    ) -> Done:
        """Give cases to a reviewer for one kind of review, with a deadline if one is set."""
        done = self._act(cases, "assign", actor, kind=kind, assignee=reviewer, skip_conflicts=skip_conflicts)
        if due_on is not None:
            self.set_deadline(done.cases, due_on, actor=actor)
        return done

    def unassign(self, cases: Sequence[str], reviewer: str, kind: str, *, reason: str, actor: str) -> Done:
        """Revoke an assignment; the reviewer's opinions stay on record, an approval counts no longer."""
        return self._act(cases, "unassign", actor, kind=kind, assignee=reviewer, reason=reason)

    def approve(
        self,
        cases: Sequence[str],
        kind: str,
        *,
        seen: Seen,
        actor: str,
        reason: str = "",
        skip_conflicts: bool = False,
    ) -> Done:
        """Approve cases in one kind of review."""
        return self._act(cases, "approve", actor, kind=kind, seen=seen, reason=reason, skip_conflicts=skip_conflicts)

    def dissent(self, cases: Sequence[str], kind: str, *, seen: Seen, reason: str, actor: str) -> Done:
        """Dissent, in writing: it is kept and printed, and revokes one's own approval of that kind."""
        return self._act(cases, "dissent", actor, kind=kind, seen=seen, reason=reason)

    def override(self, cases: Sequence[str], finding: str, *, seen: Seen, reason: str, actor: str) -> Done:
        """Override a finding with a reason, or second another person's override of it."""
        return self._act(cases, "override", actor, finding=finding, seen=seen, reason=reason)

    def return_case(self, cases: Sequence[str], *, seen: Seen, reason: str, actor: str) -> Done:
        """Return cases for repair; `letter` says what to repair."""
        return self._act(cases, "return", actor, seen=seen, reason=reason)

    def reject(self, cases: Sequence[str], *, seen: Seen, reason: str, actor: str) -> Done:
        """Reject cases for good."""
        return self._act(cases, "reject", actor, seen=seen, reason=reason)

    def withdraw(self, cases: Sequence[str], *, reason: str, actor: str, seen: Seen | None = None) -> Done:
        """Take cases back: a submitter before the decision, a curator what was adopted or published."""
        return self._act(cases, "withdraw", actor, seen=seen, reason=reason)

    def supersede(self, cases: Sequence[str], *, reason: str, seen: Seen, actor: str) -> Done:
        """Take published factors out of the next release: something else stands in their place."""
        return self._act(cases, "supersede", actor, seen=seen, reason=reason)

    def demote(self, cases: Sequence[str], *, reason: str, seen: Seen, actor: str) -> Done:
        """Take published factors out of the next release: their quality suffices no longer."""
        return self._act(cases, "demote", actor, seen=seen, reason=reason)

    def expire(self, cases: Sequence[str], *, reason: str, seen: Seen, actor: str) -> Done:
        """Take published factors out of the next release: their validity has ended."""
        return self._act(cases, "expire", actor, seen=seen, reason=reason)

    def adopt_cases(
        self, cases: Sequence[str], *, seen: Seen, reason: str, actor: str, skip_conflicts: bool = False
    ) -> tuple[Done, review.Adoption]:
        """Adopt cases, and record the decision of what the next release holds.

        While factors carried over from a single operator's release wait for a case of theirs to be adopted, cases are
        adopted and no decision is recorded: `Adoption.waiting` says how many.

        Raises:
            UsageError: two versions of one factor are among them.
            NotPermittedError: approvals or overrides are missing, or the curator is not independent of a case.
            ConflictError: something changed since it was seen, or the appraisals are under an older rule set.
        """
        with self._bound(cases) as (opened, standing):
            done = self._acted(
                opened, standing, "adopt", actor, seen=seen, reason=reason, skip_conflicts=skip_conflicts
            )
            everything = route.replace_adopted(opened, done.cases, route.person(opened, actor))
            return done, self._composed(opened, everything, actor, reason)

    def comment(self, case: str, text: str, *, actor: str, field: str = "") -> None:
        """Write a remark on a field of a case; it goes into the letter of the next return."""
        with self._deciding() as opened:
            who = route.person(opened, actor)
            row = self._one(opened, case)
            mine = "submitter" in who.roles and who.organisation == row["organisation"]
            if not mine and not who.roles & {"assigner", "reviewer", "curator"}:
                raise NotPermittedError(
                    problem="comments are made by those who review, assign, decide or submitted the case",
                    remedy="ask one of them",
                    problem_zh="评注由审核员、任务分配人、审定人或报送人提出",
                    remedy_zh="请由上述人员办理",
                )
            if not text.strip():
                raise misuse("a comment has no words", "write what is to be done", "评注没有内容", "请写明应如何处理")
            case_id = row["case_id"]
            case_store.add_comment(opened, case_id, row["seq"], field=field, person_id=actor, text=text)
            history.record(opened, "commented", case_id, actor=actor, facts={"field": field, "comment": text})

    def set_deadline(self, cases: Sequence[str], due_on: date, *, actor: str) -> None:
        """Set until when cases are to be acted on (审核截止时间)."""
        with self._deciding() as opened:
            who = route.person(opened, actor)
            if not who.roles & {"assigner", "curator"}:
                raise NotPermittedError(
                    problem="deadlines are set by an assigner or a curator",
                    remedy="ask one of them",
                    problem_zh="审核截止时间由任务分配人或审定人设定",
                    remedy_zh="请由其办理",
                )
            standing = self._standing(opened, cases)
            rows = standing.select(["case_id"])
            stamp = record_store.now()
            case_store.add_rows(opened, case_store.DeadlineRow, rows, due_on=due_on, set_by=actor, set_on=stamp)
            facts = {"cases": rows["case_id"].to_pylist(), "due_on": due_on.isoformat()}
            history.record(opened, "deadline_set", f"{rows.num_rows} cases", actor=actor, facts=facts)

    # ── what the verbs stand on ─────────────────────────────────────────────────────────────────────────

    @contextmanager
    def _deciding(self) -> Iterator[record_store.Session]:
        """Yield one transaction on a reviewed library."""
        with record_store.session(self.records) as opened:
            route.in_reviewed_mode(opened)
            yield opened

    @contextmanager
    def _bound(self, cases: Sequence[str]) -> Iterator[tuple[record_store.Session, pa.Table]]:
        """Yield one transaction, and the cases named as they stand, bound to what is there now.

        What is read before the transaction needs no lock: another act in between takes the next number of a case, and
        of two acts with one number one is refused.
        """
        with self._deciding():
            pass
        route.finish_publication(self.records)
        with record_store.session(self.records) as opened:
            standing = self._standing(opened, cases)
        if route.refresh(self.records, self._published(), standing=standing):
            with record_store.session(self.records) as opened:
                standing = case_store.standing(opened, standing["case_id"].to_pylist())
        with record_store.session(self.records) as opened:
            yield opened, standing

    def _act(self, cases: Sequence[str], action: str, actor: str, **facts: Any) -> Done:
        with self._bound(cases) as (opened, standing):
            return self._acted(opened, standing, action, actor, **facts)

    def _acted(
        self,
        opened: record_store.Session,
        standing: pa.Table,
        action: str,
        actor: str,
        *,
        seen: Seen | None = None,
        skip_conflicts: bool = False,
        kind: str = "",
        finding: str = "",
        assignee: str = "",
        reason: str = "",
    ) -> Done:
        who = route.person(opened, actor)
        what = Act(
            action,
            casework.NOTHING_SEEN,
            reason,
            kind_of(kind) if kind else None,
            finding,
            route.person(opened, assignee) if assignee else None,
        )
        return route.act(opened, standing, who, what, said=_said(standing, seen), skip_conflicts=skip_conflicts)

    def _composed(self, opened: record_store.Session, standing: pa.Table, actor: str, reason: str) -> review.Adoption:
        adopted = standing.filter(pc.equal(standing["state"], "adopted"))
        there = route.present(opened, self._published(), adopted.select(["candidate_id"]))
        return review.compose(
            self.workspace, opened, there, standing, actor=actor, reason=reason, rule_set=self.rule_set
        )

    # ── the library's own verbs in a reviewed library ───────────────────────────────────────────────────

    def _single_operator_only(self) -> None:
        """Refuse a single operator's decision in a reviewed library.

        Raises:
            NotPermittedError: the library is on the reviewers' route.
        """
        if self.mode() == people.REVIEWED:
            raise NotPermittedError(
                problem="this library is reviewed: nobody adopts alone",
                remedy="open cases with `factordb review open`, have them reviewed and adopted, "
                "then `factordb release build --actor CURATOR`",
                problem_zh="本库采用审核流程，任何人不得单独采纳",
                remedy_zh="请用 `factordb review open` 立案，经审核后用 `factordb review adopt` 采纳，"
                "再由审定人运行 `factordb release build --actor 审定人`",
            )

    def _decide_for_release(self, actor: str) -> None:
        """In a reviewed library, record the decision of what is adopted now, by a curator who may publish all of it."""
        if self.mode() != people.REVIEWED:
            return
        route.refresh(self.records, self._published())
        with record_store.session(self.records) as opened:
            who = route.person(opened, actor)
            standing = case_store.standing(opened)
            adopted = standing.filter(pc.equal(standing["state"], "adopted"))
            what = Act("publish", casework.NOTHING_SEEN)
            if "curator" not in who.roles:
                needed = words("roles")["curator"]
                raise NotPermittedError(
                    problem=f"a reviewed library is released by a {needed['en']}",
                    remedy="name one with --actor",
                    problem_zh=f"采用审核流程的库由{needed['zh']}发布",
                    remedy_zh="请用 --actor 指明审定人",
                )
            asked = casework.judge(adopted, route.folded(opened, adopted), who, what, casework.as_said(adopted))
            if asked.left_out:
                raise next(iter(asked.left_out.values()))
            made = self._composed(opened, standing, actor, "what is adopted when the release is built")
            if made.waiting:
                raise carried.not_reviewed(made.waiting, made.base_release)

    def _publish_cases(self) -> None:
        """Mark the cases of the release just built as published."""
        route.finish_publication(self.records)


def _said(standing: pa.Table, seen: Seen | None) -> Mapping[str, str]:
    if seen is None:
        return {}
    if isinstance(seen, str):
        return dict.fromkeys(standing["case_id"].to_pylist(), seen)
    return seen
