"""The questions of the reviewers' route: who waits for what, one case whole, the letter of a return, what is due."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import NotFoundError, UsageError
from factordb.model.workflow import Case, words
from factordb.reference import tables
from factordb.stages import casework, review, route, workflow
from factordb.stages.feedback import difference, letter
from factordb.store import cases as case_store
from factordb.store import history, people, review_reading
from factordb.store import records as record_store
from factordb.store import waiting as todo
from factordb.writing import Writing

_ORDER = ("reviewed", "in_review", "assigned", "unassigned", "returned", "adopted")
"""Standings in which somebody waits, those nearest to the decision first."""
_LIVE = ("unassigned", "in_review", "returned")
"""States of a case whose deadline still counts."""


class Consulting(Writing):
    """What can be asked about people and cases. Cases are first bound to what is there, else nothing is changed."""

    def mode(self) -> str:
        """Return "single-operator" or "reviewed", as declared."""
        with record_store.session(self.records) as opened:
            return people.mode(opened)

    def people(self) -> list[dict[str, Any]]:
        """Return everybody: id, name, organisation, roles, kinds."""
        with record_store.session(self.records) as opened:
            names = {row.person_id: row.name for row in people.rows(opened)}
            return [
                {"person_id": one.person_id, "name": names[one.person_id], "organisation": one.organisation,
                 "roles": sorted(one.roles), "kinds": sorted(kind.value for kind in one.kinds)}
                for one in people.people(opened).values()
            ]  # fmt: skip

    def submissions(self) -> list[dict[str, Any]]:
        """Return the batches, oldest first, with who submitted each."""
        with record_store.session(self.records) as opened:
            return [
                {"batch_id": row.batch_id, "pipeline": row.pipeline, "candidates": row.candidates,
                 "submitter": people.submitter_of(opened, row.batch_id)}
                for row in history.batches(opened)
            ]  # fmt: skip

    def waiting(self, **filters: Any) -> pa.Table:
        """Return a page of candidates by impact, deadline or verdict; order and filters as `store.waiting.waiting`."""
        published = self._published()
        with record_store.session(self.records) as opened:
            decision = self._decision(opened)
            due = case_store.deadlines(opened)
            held = case_store.standing(opened, list(due)).to_pylist() if due else []
            batches = tuple(row.batch_id for row in history.batches(opened))
        deadlines = {row["candidate_id"]: due[row["case_id"]] for row in held if row["state"] in _LIVE}
        name = decision.items_sha256 if decision else ""
        base = todo.Base(name, lambda: review.base_items(self.workspace, decision), batches)
        return todo.waiting(published, base, deadlines, **filters)

    @property
    def notice_days(self) -> int:
        """Days ahead that what is due is told of."""
        return int(tables.toml("workflow/due")["notice_days"])

    def cases(self, *, actor: str = "", standing: str = "", batch: str = "", everything: bool = False) -> pa.Table:
        """Return the cases that wait, those with the greatest impact first, each with the token of what is seen.

        Columns: case_id, factor_id, candidate_id, name_zh, name_en, value_text, unit, region, reference_year, state,
        standing, zh, en (words of the standing), position (within its standing, 1 is next), impact, deadline, since,
        days, typical_days (median days that others spent there), approvals, dissents, open_findings, kinds_assigned,
        submitter, organisation, predecessor, seen.

        Args:
            actor: a person: a reviewer sees their own tasks, a submitter those of their organisation, others all.
            standing: only cases that stand so, such as `reviewed`.
            batch: only cases of this batch.
            everything: those that are at their end or published as well.
        """
        published = self._published()
        route.refresh(self.records, published)
        with record_store.session(self.records) as opened:
            found = case_store.standing(opened)
            folds = route.folded(opened, found)
            found = _visible(found, folds, route.person(opened, actor) if actor else None)
            if batch:
                found = found.filter(pc.equal(found["batch_id"], batch))
            deadlines = case_store.deadlines(opened)
            times = case_store.times(opened)
        pace = review_reading.pace(times, record_store.now())
        table = _with_standing(found, folds)
        if standing:
            table = table.filter(pc.equal(table["standing"], standing))
        elif not everything:
            table = table.filter(pc.is_in(table["standing"], value_set=pa.array(_ORDER)))
        return review_reading.queued(published, table, deadlines, pace, times, record_store.now(), _ORDER)

    def case(self, case: str) -> dict[str, Any]:
        """Return all about one case: facts, log, opinions, overrides, comments, and both comparisons side by side.

        `seen` is the token to hand in with an act. `against_release` compares with the released version of the same
        factor, `against_predecessor` with the submission that was returned.

        Raises:
            NotFoundError: no case, or more than one, has that id or name.
        """
        published = self._published()
        with record_store.session(self.records) as opened:
            case_id = self._one(opened, case)["case_id"]
        route.refresh(self.records, published, [case_id])
        with record_store.session(self.records) as opened:
            standing = case_store.standing(opened, [case_id])
            row: dict[str, Any] = standing.to_pylist()[0]
            acts = case_store.acts(opened, [case_id])
            fold = casework.folded(row["submitter"], row["organisation"], acts)
            said = [one.model_dump(mode="json") for one in case_store.comments(opened, [case_id])]
            due_on = case_store.deadlines(opened).get(case_id)
            before = self._one(opened, row["predecessor"]) if row["predecessor"] else None
            released = self._released(opened)
        mine = released.filter(pc.equal(released["factor_id"], row["factor_id"]))
        old = mine["candidate_id"].to_pylist()[0] if mine.num_rows else None
        severities = next(json.loads(act.findings) for act in reversed(acts) if act.action in {"open", "renew"})
        sent = max((act.seq for act in acts if act.action == "return"), default=-1)
        return {
            **row,
            "standing": workflow.standing(fold),
            **words("standings")[workflow.standing(fold)],
            "seen": casework.token(standing).to_pylist()[0],
            "deadline": due_on,
            "findings": severities,
            "assigned": sorted([name, kind.value] for name, kind in fold.assigned),
            "opinions": [{**vars(one), "kind": one.kind.value, "seen": vars(one.seen)} for one in fold.opinions],
            "overrides": [{**vars(one), "seen": vars(one.seen)} for one in fold.overrides],
            "comments": [{**one, "sent": one["seq"] <= sent} for one in said],
            "log": [act.model_dump(mode="json", exclude={"case_id", "shape", "findings"}) for act in acts],
            "against_release": self._compared(old, row["candidate_id"]) if old != row["candidate_id"] else [],
            "against_predecessor": self._compared(before["candidate_id"] if before else None, row["candidate_id"]),
        }

    def letter(self, case: str) -> dict[str, str]:
        """Return the numbered 退回意见 of a case in zh and en, made from its findings and comments, ready to send."""
        about = self.case(case)
        parts = self.factor(about["candidate_id"])
        reason = next((act["reason"] for act in reversed(about["log"]) if act["action"] in {"return", "reject"}), "")
        return {
            lang: letter(
                parts["candidate"][0],
                parts["finding"],
                about["comments"],
                case_id=about["case_id"],
                codes=about["findings"],
                reason=reason,
                due_on=about["deadline"],
                lang=lang,
            )
            for lang in ("zh", "en")
        }

    def due(self, days: int | None = None, *, today: date | None = None) -> list[dict[str, Any]]:
        """Return what expires, is due for an update, or has its deadline within `days`, the most urgent first.

        Args:
            days: how far to look; None: as the reference table says.
            today: the day to count from; None: today.
        """
        limits = tables.toml("workflow/due")
        day = today or datetime.now(tz=UTC).date()
        until = day + timedelta(days=self.notice_days if days is None else days)
        with record_store.session(self.records) as opened:
            released = self._released(opened)
            deadlines = case_store.deadlines(opened)
            waiting = case_store.standing(opened, list(deadlines)).to_pylist() if deadlines else []
        if not released.num_rows and not waiting:
            return []
        published = self._published()
        rows = review_reading.due(
            published, released["candidate_id"], until=until, years=int(limits["update_after_years"])
        ).to_pylist()
        open_ones = [row for row in waiting if row["state"] in _LIVE]
        late = [row for row in open_ones if deadlines[row["case_id"]] <= until]
        if late:
            named = review_reading.names(published, pa.Table.from_pylist(late))
            by_case = {row["case_id"]: row for row in named.to_pylist()}
            rows += [
                {**row, **by_case[row["case_id"]], "kind": "deadline", "due_on": deadlines[row["case_id"]]}
                for row in late
            ]
        keep = ("kind", "due_on", "factor_id", "candidate_id", "name_zh", "name_en", "region", "reference_year")
        listed = [
            {**{name: row[name] for name in keep}, "case_id": row.get("case_id"), "days": (row["due_on"] - day).days}
            for row in rows
        ]
        return sorted(listed, key=lambda row: (row["due_on"], row["kind"], row["candidate_id"]))

    # ── what verbs and questions stand on ───────────────────────────────────────────────────────────────

    def _decision(self, opened: record_store.Session) -> record_store.DecisionRow | None:
        """Return the decision that the newest release was made of; None before the first."""
        releases = history.releases(opened)
        return opened.get(record_store.DecisionRow, releases[-1].decision_id) if releases else None

    def _released(self, opened: record_store.Session) -> pa.Table:
        return review.base_items(self.workspace, self._decision(opened))

    def _compared(self, old: str | None, new: str) -> list[dict[str, Any]]:
        if old is None:
            return []
        rows = review_reading.shown(self._published(), pa.array([old, new])).to_pylist()
        sides = {row["candidate_id"]: row for row in rows}
        if old not in sides:
            return []
        return [one.as_dict() for one in difference(sides[old], sides[new])]

    def _standing(self, opened: record_store.Session, cases: Sequence[str]) -> pa.Table:
        """Return the named cases: by id, by the beginning of one, or by the name of the factor of a case that waits.

        Raises:
            NotFoundError: no case, or more than one, is named so.
        """
        if not cases:
            raise UsageError(
                problem="no case is named",
                remedy="`factordb review queue` lists them",
                problem_zh="未指定任务",
                remedy_zh="`factordb review queue` 列出任务",
            )
        found = case_store.standing(opened, list(cases))
        missing = sorted(set(cases) - set(found["case_id"].to_pylist()))
        if not missing:
            return found
        full = [self._resolved(opened, name) for name in missing]
        return case_store.standing(opened, [*(set(cases) - set(missing)), *full])

    def _resolved(self, opened: record_store.Session, name: str) -> str:
        hits = case_store.resolve(opened, name)
        if not hits:
            everyone = case_store.standing(opened)
            names = review_reading.names(self._published(), everyone).to_pylist()
            named = {row["case_id"] for row in names if name in (row["name_zh"], row["name_en"])}
            rows = [row for row in everyone.to_pylist() if row["case_id"] in named]
            alive = [row for row in rows if row["state"] in {"unassigned", "in_review", "adopted", "returned"}]
            hits = [row["case_id"] for row in alive or [one for one in rows if one["state"] == "published"]]
        if len(hits) != 1:
            raise NotFoundError("case", name, known=", ".join(hits[:5]) or "`factordb review queue`")
        return hits[0]

    def _one(self, opened: record_store.Session, case: str) -> dict[str, Any]:
        row: dict[str, Any] = self._standing(opened, [case]).to_pylist()[0]
        return row


def _visible(found: pa.Table, folds: dict[str, Case], who: Any) -> pa.Table:
    """Return the cases a person sees: who assigns, decides, manages or only reads sees all."""
    if who is None or who.roles & {"assigner", "curator", "administrator", "reader"}:
        return found
    masks = [pa.array([False] * found.num_rows, pa.bool_())]
    if "submitter" in who.roles:
        masks.append(pc.equal(found["organisation"], who.organisation).combine_chunks())
    if "reviewer" in who.roles:
        mine = [shape for shape, case in folds.items() if who.person_id in {name for name, _ in case.assigned}]
        masks.append(pc.is_in(found["shape"], value_set=pa.array(mine, pa.string())).combine_chunks())
    seen = masks[0]
    for mask in masks[1:]:
        seen = pc.or_(seen, mask)
    return found.filter(seen)


def _with_standing(found: pa.Table, folds: dict[str, Case]) -> pa.Table:
    """Return the cases with what is worked out once a shape: standing, its words, progress."""
    said = {shape: workflow.standing(case) for shape, case in folds.items()}
    named = words("standings")
    counted = {shape: workflow.progress(case) for shape, case in folds.items()}
    shapes = found["shape"]
    columns = {
        "standing": casework.by(shapes, said),
        "zh": casework.by(shapes, {shape: named[one]["zh"] for shape, one in said.items()}),
        "en": casework.by(shapes, {shape: named[one]["en"] for shape, one in said.items()}),
        "kinds_assigned": casework.by(shapes, {shape: one.kinds for shape, one in counted.items()}),
        **{
            name: pc.cast(casework.by(shapes, {s: str(getattr(one, name)) for s, one in counted.items()}), pa.int64())
            for name in ("approvals", "dissents", "open_findings")
        },
        "seen": casework.token(found),
    }
    table = found
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table
