"""The reviewers' route over the stores: cases are opened, kept bound to what is there, acted on, and published.

A person is who the stored rows say, whatever the caller claims; every act is one transaction and one event.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import FactorDBError, NotFoundError, NotPermittedError, UsageError
from factordb.model.workflow import Act, Case, Person
from factordb.stages import casework
from factordb.store import cases as case_store
from factordb.store import history, people, review_reading
from factordb.store.cases import ActRow, CaseRow
from factordb.store.library_file import Published
from factordb.store.records import DecisionRow, Engine, Session, now, session

ENDING = frozenset({"withdraw", "supersede", "expire", "demote"})
"""Acts by which a factor leaves the next release."""


@dataclass(frozen=True)
class Done:
    """What an act on a list of cases came to: cases acted on, and those left out with the reason."""

    action: str
    cases: tuple[str, ...]
    left_out: Mapping[str, FactorDBError] = field(default_factory=lambda: MappingProxyType({}))
    renewed: tuple[str, ...] = ()


def person(opened: Session, person_id: str) -> Person:
    """Return a person as stored.

    Raises:
        NotPermittedError: nobody of that name is in the library, or they have left.
    """
    found = people.people(opened).get(person_id)
    if found is None or not found.roles:
        raise NotPermittedError(
            problem=f"{person_id!r} is no person of this library",
            remedy="the administrator adds people with `factordb review person add`",
            problem_zh=f"{person_id} 不是本库人员",
            remedy_zh="请管理员用 `factordb review person add` 添加人员",
        )
    return found


def in_reviewed_mode(opened: Session) -> None:
    """Ask that the library is on the reviewers' route.

    Raises:
        UsageError: it is single-operator.
    """
    if people.mode(opened) != people.REVIEWED:
        raise UsageError(
            problem="this library is in single-operator mode: there are no cases to review",
            remedy="declare the reviewers' route with `factordb init --mode reviewed`",
            problem_zh="本库为单人模式，没有审核任务",
            remedy_zh="请用 `factordb init --mode reviewed` 声明采用审核流程",
        )


def refresh(
    records: Engine,
    published: Published,
    case_ids: Sequence[str] | None = None,
    standing: pa.Table | None = None,
) -> tuple[str, ...]:
    """Bind cases to what is there now; return those that became pending again. Stands in a transaction of its own.

    Args:
        records: the transactional records.
        published: the read model.
        case_ids: these cases; None: all.
        standing: the same cases with their newest act, where they were read already.
    """
    if standing is None:
        finish_publication(records)
    with session(records) as opened:
        standing = case_store.standing(opened, case_ids) if standing is None else standing
        if not standing.num_rows:
            return ()
        rows = casework.renewed(standing, present(opened, published, standing.select(["candidate_id"])))
        if not rows.num_rows:
            return ()
        case_store.add_rows(opened, ActRow, rows, acted_on=now())
        facts = {
            "cases": _with_findings(rows.select(["case_id", "seq", "content_hash", "findings"])),
            "seen": _seen(rows),
        }
        history.record(opened, "case_renewed", _subject(rows), actor="—", facts=facts)
        return tuple(rows["case_id"].to_pylist())


def present(opened: Session, published: Published, wanted: pa.Table) -> pa.Table:
    """Return what can be seen of candidates now, with the rule set of their appraisal and the newest release."""
    table = review_reading.present(published, wanted)
    rule_sets = {row.appraisal_id: row.rule_set for row in history.newest_appraisals(opened)}
    releases = history.releases(opened)
    base = pa.repeat(pa.scalar(releases[-1].release_id if releases else None, pa.string()), table.num_rows)
    places = pc.index_in(table["appraisal_id"], value_set=pa.array(list(rule_sets), pa.string())).combine_chunks()
    table = table.append_column("rule_set", pa.array(list(rule_sets.values()), pa.string()).take(places))
    return table.append_column("base_release", base)


def act(
    opened: Session,
    standing: pa.Table,
    who: Person,
    what: Act,
    *,
    said: Mapping[str, str] | None,
    skip_conflicts: bool = False,
    cases: Mapping[str, Case] | None = None,
) -> Done:
    """Do one thing to many cases, in the caller's transaction.

    Raises:
        FactorDBError: the first fault, unless `skip_conflicts` and some case could be acted on.
    """
    known = cases if cases is not None else folded(opened, standing)
    judged = casework.judge(standing, known, who, what, said if casework.bound(what.action) else None)
    if judged.left_out and not (skip_conflicts and judged.rows.num_rows):
        raise next(iter(judged.left_out.values()))
    rows = _under_newest(opened, judged.rows) if what.action in ENDING else judged.rows
    case_store.add_rows(opened, ActRow, rows, acted_on=now())
    facts = {
        "action": what.action,
        "cases": [list(row.values()) for row in judged.rows.select(["case_id", "seq", "content_hash"]).to_pylist()],
        **_seen(rows),
        "reason": what.reason,
        "kind": what.kind.value if what.kind else "",
        "finding": what.finding,
        "assignee": what.assignee.person_id if what.assignee else "",
    }
    history.record(opened, "case_acted", _subject(judged.rows), actor=who.person_id, facts=facts)
    return Done(what.action, tuple(judged.rows["case_id"].to_pylist()), judged.left_out)


def _under_newest(opened: Session, rows: pa.Table) -> pa.Table:
    """Return rows that name the newest release: what is ended now leaves the release that follows it."""
    releases = history.releases(opened)
    newest = pa.repeat(pa.scalar(releases[-1].release_id if releases else None, pa.string()), rows.num_rows)
    return rows.set_column(rows.schema.get_field_index("base_release"), "base_release", newest)


def folded(opened: Session, standing: pa.Table) -> dict[str, Case]:
    """Return shape -> a case of that shape, folded from the acts of one representative each."""
    chosen = casework.representatives(standing)
    rows: dict[str, list[ActRow]] = {}
    for row in case_store.acts(opened, list(chosen.values())):
        rows.setdefault(row.case_id, []).append(row)
    facts = standing.filter(pc.is_in(standing["case_id"], value_set=pa.array(list(chosen.values()), pa.string())))
    who = {row["case_id"]: (row["submitter"], row["organisation"]) for row in facts.to_pylist()}
    return {shape: casework.folded(*who[case_id], rows[case_id]) for shape, case_id in chosen.items()}


def open_cases(
    opened: Session, published: Published, who: Person, batch_id: str, candidates: Sequence[str] = ()
) -> Done:
    """Open a case for each candidate of a batch that has none; a changed version succeeds its returned case.

    Raises:
        NotPermittedError: `who` is neither an assigner nor the batch's submitter, or the submitter is nobody known.
    """
    by = submitter(opened, batch_id)
    if "assigner" not in who.roles and not ("submitter" in who.roles and who.organisation == by.organisation):
        raise NotPermittedError(
            problem="cases are opened by an assigner, or by whoever submitted the batch",
            remedy="ask an assigner",
            problem_zh="立案须由任务分配人或该批次的报送单位办理",
            remedy_zh="请联系任务分配人",
        )
    there = present(opened, published, pa.table({"batch_id": [batch_id]}))
    if candidates:
        there = there.filter(pc.is_in(there["candidate_id"], value_set=pa.array(list(candidates), pa.string())))
    if not there.num_rows:
        raise NotFoundError("batch", batch_id, known="`factordb pipelines`, `factordb review queue`")
    standing = case_store.standing(opened)
    new = there.filter(pc.invert(pc.is_in(there["case_id"], value_set=standing["case_id"].combine_chunks())))
    # an unchanged version of a factor that has a case already is not another submission
    seen_versions = pc.is_in(new["version_id"], value_set=standing["version_id"].combine_chunks())
    return open_new(opened, published, who, by, new.filter(pc.invert(seen_versions)))


def submitter(opened: Session, batch_id: str) -> Person:
    """Return who took a batch in, as stored.

    Raises:
        NotFoundError: there is no such batch.
        NotPermittedError: nobody of that name is in the library, or they have left.
    """
    name = people.submitter_of(opened, batch_id)
    if not name:
        raise NotFoundError("batch", batch_id, known="`factordb pipelines`, `factordb review queue`")
    try:
        return person(opened, name)
    except NotPermittedError as unknown:
        raise NotPermittedError(
            problem=f"batch {batch_id} was taken in by {name!r}, who is no person of this library; "
            "a case has a submitter, who reviews nothing of it",
            remedy=f"the administrator adds them: `factordb review person add {name} --organisation ORGANISATION "
            "--role submitter --as ADMINISTRATOR`",
            problem_zh=f"批次 {batch_id} 由 {name} 录入，而其不是本库人员；任务须有报送人，报送人不得参与其审核",
            remedy_zh=f"请管理员添加该人员：`factordb review person add {name} --organisation 所属单位 "
            "--role submitter --as 管理员`",
        ) from unknown


def open_new(opened: Session, published: Published, who: Person, submitter: Person, new: pa.Table, **more: str) -> Done:
    """Open a case for each of `new`, whose submitter is known; a changed version succeeds its returned case.

    Args:
        opened: the transaction.
        published: the read model.
        who: who opens them.
        submitter: who submitted them all.
        new: candidates as they are present, none of which has a case.
        more: further facts of the event.
    """
    if not new.num_rows:
        return Done("open", ())
    standing = case_store.standing(opened)
    returned = standing.filter(pc.equal(standing["state"], "returned"))
    returned = returned.filter(pc.equal(returned["organisation"], submitter.organisation))
    earlier = pc.index_in(new["factor_id"], value_set=returned["factor_id"].combine_chunks()).combine_chunks()
    before = returned["case_id"].combine_chunks().take(earlier)
    facts = pa.table(
        {
            **{name: new[name] for name in ("case_id", "candidate_id", "version_id", "factor_id", "batch_id")},
            "predecessor": before,
            "impact": _impact(opened, published, new),
        }
    )
    same = {"submitter": submitter.person_id, "organisation": submitter.organisation, "opened_on": now()}
    case_store.add_rows(opened, CaseRow, facts, **same)
    rows = casework.opening(new, submitter, who)
    case_store.add_rows(opened, ActRow, rows, acted_on=now())
    listed = new.select(["case_id", "candidate_id", "version_id", "factor_id", "content_hash", "findings"])
    listed = listed.append_column("predecessor", before)
    history.record(
        opened,
        "case_opened",
        _subject(rows),
        actor=who.person_id,
        facts={
            "cases": _with_findings(listed),
            "submitter": submitter.person_id,
            "organisation": submitter.organisation,
            "seen": _seen(rows),
            **more,
        },
    )
    successors = returned.filter(pc.is_in(returned["case_id"], value_set=before))
    if successors.num_rows:
        act(opened, successors, who, Act("resubmit", casework.NOTHING_SEEN, assignee=submitter), said=None)
    return Done("open", tuple(new["case_id"].to_pylist()))


def _impact(opened: Session, published: Published, new: pa.Table) -> pa.Array:
    """Return the relative size of the change against the released version; 1 (all of it) where there was none."""
    gone = pa.array(["published"])
    old = case_store.standing(opened)
    old = old.filter(pc.is_in(old["state"], value_set=gone))
    values = review_reading.present(published, old.select(["candidate_id"]))
    places = pc.index_in(new["factor_id"], value_set=values["factor_id"].combine_chunks()).combine_chunks()
    was = values["canonical_value"].combine_chunks().take(places)
    change = pc.abs(pc.divide(pc.subtract(new["canonical_value"].combine_chunks(), was), was))
    return pc.if_else(pc.is_finite(change), change, 1.0).fill_null(1.0)


def replace_adopted(opened: Session, adopted: Sequence[str], who: Person) -> pa.Table:
    """Supersede what was adopted before, and not published yet, of factors that `adopted` cases are newer versions of.

    Returns:
        Every case as it stands afterwards.
    """
    standing = case_store.standing(opened)
    waiting = standing.filter(pc.equal(standing["state"], "adopted"))
    mine = pc.is_in(waiting["case_id"], value_set=pa.array(list(adopted), pa.string()))
    new, old = waiting.filter(mine), waiting.filter(pc.invert(mine))
    old = old.filter(pc.is_in(old["factor_id"], value_set=new["factor_id"].combine_chunks()))
    if old.num_rows:
        what = Act("supersede", casework.NOTHING_SEEN, "a newer version of the factor was adopted")
        act(opened, old, who, what, said=casework.as_said(old))
        return case_store.standing(opened)
    return standing


def finish_publication(records: Engine) -> tuple[str, ...]:
    """Mark the cases of the newest release as published, where that has not been done yet; return them.

    A release that was recorded while its cases were not marked, because the run was killed between, is completed here.
    """
    with session(records) as opened:
        releases = history.releases(opened)
        decision = opened.get(DecisionRow, releases[-1].decision_id) if releases else None
        if decision is None or decision.mode != people.REVIEWED:
            return ()
        held = case_store.cases_of(opened, decision.decision_id)
        if not case_store.waits_for_publication(opened, held):
            return ()
        standing = case_store.standing(opened)
        mine = standing.filter(pc.is_in(standing["case_id"], value_set=pa.array(held, pa.string())))
        due = mine.filter(pc.equal(mine["state"], "adopted"))
        curator = people.people(opened)[decision.actor]
        done = act(opened, due, curator, Act("publish", casework.NOTHING_SEEN), said=casework.as_said(due))
        # whether the curator may publish them all was asked before the release was built
        old = standing.filter(pc.equal(standing["state"], "published"))
        old = old.filter(
            pc.and_(
                pc.is_in(old["factor_id"], value_set=due["factor_id"].combine_chunks()),
                pc.invert(pc.is_in(old["case_id"], value_set=due["case_id"].combine_chunks())),
            )
        )
        if old.num_rows:
            reason = f"{releases[-1].release_id}: a newer version of the factor was adopted"
            what = Act("supersede", casework.NOTHING_SEEN, reason)
            with suppress(
                NotPermittedError
            ):  # a curator of the old submitter's own house: the release replaces it anyway
                act(opened, old, curator, what, said=casework.as_said(old), skip_conflicts=True)
        return done.cases


def _seen(rows: pa.Table) -> dict[str, str | None]:
    first = rows.slice(0, 1).to_pylist()[0]
    return {"rule_set": first["rule_set"], "base_release": first["base_release"]}


def _subject(rows: pa.Table) -> str:
    return str(rows["case_id"][0].as_py()) if rows.num_rows == 1 else f"{rows.num_rows} cases"


def _with_findings(rows: pa.Table) -> list[dict[str, object]]:
    return [{**row, "findings": sorted(json.loads(row["findings"]))} for row in rows.to_pylist()]
