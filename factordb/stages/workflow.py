"""The reviewers' route enforced: who may do what to a case, and what the case is afterwards. No store, no clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from factordb.errors import ConflictError, FactorDBError, NotPermittedError, UsageError
from factordb.model.workflow import LIVE, Act, Case, Opinion, Override, Person, Seen, transitions, words

__all__ = ["Progress", "after", "progress", "ready", "renew", "standing", "step"]

Condition = Callable[[Case, Person, Act], bool]


def _stranger(case: Case, person: Person) -> bool:
    return person.person_id != case.submitter and person.organisation != case.organisation


def _reviews(case: Case, person: Person) -> bool:
    """Whoever judged a case is not independent of it: assigned, gave an opinion, made or seconded an override."""
    judged = {name for name, _ in case.assigned}
    judged |= {one.person_id for one in case.opinions} | {one.person_id for one in case.overrides}
    return person.person_id in judged


def _two_kinds(case: Case) -> bool:
    """Two persons approve, of different kinds: one person of two kinds counts once, a revoked assignment not at all."""
    current = {(one.person_id, one.kind): one for one in case.opinions if one.counts and one.seen == case.seen}
    approvals = [pair for pair, one in current.items() if one.approves and pair in case.assigned]
    return any(a[0] != b[0] and a[1] != b[1] for a in approvals for b in approvals)


def _counting(case: Case) -> list[Override]:
    return [one for one in case.overrides if one.counts and one.seen == case.seen]


def _settled(case: Case) -> bool:
    return all(
        len({one.person_id for one in _counting(case) if one.finding == finding}) > 1 for finding in case.findings
    )


def _overrode(case: Case, person: Person, act: Act) -> bool:
    made = {(one.finding, one.person_id) for one in _counting(case)}
    return (act.finding, person.person_id) in made


_CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "assignee_reviews_that_kind": lambda _case, _person, act: (
            act.assignee is not None and "reviewer" in act.assignee.roles and act.kind in act.assignee.kinds
        ),
        "assignee_is_not_the_submitter": lambda case, _person, act: (
            act.assignee is not None and _stranger(case, act.assignee)
        ),
        "assignment_stands": lambda case, _person, act: (
            act.assignee is not None and (act.assignee.person_id, act.kind) in case.assigned
        ),
        "is_the_submitter": lambda case, person, _act: not _stranger(case, person),
        "successor_has_the_same_submitter": lambda case, _person, act: (
            act.assignee is not None and act.assignee.organisation == case.organisation
        ),
        "is_assigned": lambda case, person, act: (
            (person.person_id, act.kind) in case.assigned and act.kind in person.kinds
        ),
        "not_the_submitter": lambda case, person, _act: _stranger(case, person),
        "not_a_reviewer_of_it": lambda case, person, _act: not _reviews(case, person),
        "seen_is_current": lambda case, _person, act: act.seen == case.seen,
        "has_reason": lambda _case, _person, act: bool(act.reason.strip()),
        "finding_is_open": lambda case, _person, act: act.finding in case.findings,
        "not_overridden_by_same_person": lambda case, person, act: not _overrode(case, person, act),
        "two_kinds_approve": lambda case, _person, _act: _two_kinds(case),
        "findings_are_settled": lambda case, _person, _act: _settled(case),
    }
)
_FAULTS: Mapping[str, type[FactorDBError]] = MappingProxyType(
    {
        "seen_is_current": ConflictError,
        "has_reason": UsageError,
        "finding_is_open": UsageError,
        "assignment_stands": UsageError,
    }
)
"""What a broken condition raises; all others: not permitted."""


def step(case: Case, person: Person, act: Act) -> Case:
    """Return the case after `act` by `person`.

    Raises:
        UsageError: the state knows no such action, or a reason or finding is missing.
        NotPermittedError: the person's role, or the four-eyes rules, forbid it.
        ConflictError: what the person saw is no longer what the case is.
    """
    found = [one for one in transitions() if one.action == act.action and case.state in one.sources]
    if not found:
        state = words("states")[case.state]
        raise UsageError(
            problem=f"a case that is {state['en']} cannot be subject to {act.action!r}",
            remedy="look at the case and choose an action of its state",
            problem_zh=f"处于“{state['zh']}”状态的任务不能执行 {act.action}",
            remedy_zh="请查看该任务，并选择其状态所允许的操作",
        )
    allowed = [row for row in found if row.roles & person.roles]
    if not allowed:
        needed = [words("roles")[role] for role in sorted(frozenset().union(*(row.roles for row in found)))]
        raise NotPermittedError(
            problem=f"{act.action!r} needs the role {' or '.join(one['en'] for one in needed)}",
            remedy="ask a person who holds that role, or the administrator",
            problem_zh=f"{act.action} 须由{'或'.join(one['zh'] for one in needed)}执行",
            remedy_zh="请由具有该角色的人员办理，或联系管理员",
        )
    row = allowed[0]
    for name in row.conditions:
        if not _CONDITIONS[name](case, person, act):
            raise _fault(name)
    return after(case, person.person_id, act, row.target)


def renew(case: Case, seen: Seen, findings: frozenset[str]) -> Case:
    """Return the case bound to what is there now: a changed one under review or adopted is pending again.

    Opinions and overrides stay on record, but count no longer, not even when the old content comes back. A case that
    is published, returned, or at its end stays as it is.
    """
    if (seen, findings) == (case.seen, case.findings) or case.state not in LIVE:
        return case
    return replace(
        case,
        state="in_review" if case.state == "adopted" else case.state,
        seen=seen,
        findings=findings,
        opinions=tuple(replace(one, counts=False) for one in case.opinions),
        overrides=tuple(replace(one, counts=False) for one in case.overrides),
    )


def ready(case: Case) -> bool:
    """Return whether a case under review waits for nothing but the curator."""
    return case.state == "in_review" and _two_kinds(case) and _settled(case)


def standing(case: Case) -> str:
    """Return where a case stands in the finer words of a queue: assigned, under review, reviewed, or its state."""
    if case.state != "in_review":
        return case.state
    if ready(case):
        return "reviewed"
    return "in_review" if any(one.counts for one in case.opinions) else "assigned"


@dataclass(frozen=True)
class Progress:
    """How far a review has come (审核进度): kinds assigned, approvals and dissents that count, findings not settled."""

    kinds: str
    approvals: int
    dissents: int
    open_findings: int


def progress(case: Case) -> Progress:
    """Return how far the review of a case has come."""
    current = {(one.person_id, one.kind): one.approves for one in case.opinions if one.counts and one.seen == case.seen}
    return Progress(
        ", ".join(sorted({kind.value for _, kind in case.assigned})),
        sum(approves for pair, approves in current.items() if pair in case.assigned),
        sum(not approves for approves in current.values()),
        sum(not _settled(replace(case, findings=frozenset({one}))) for one in case.findings),
    )


def _fault(name: str) -> FactorDBError:
    said = words("conditions")[name]
    return _FAULTS.get(name, NotPermittedError)(
        problem=said["en"],
        remedy="look at the case as it is now, then act again or ask the person who may",
        problem_zh=said["zh"],
        remedy_zh="请查看该任务的现状，再行办理，或由有权限的人员办理",
    )


def after(case: Case, person_id: str, act: Act, target: str) -> Case:
    """Return the case with an act that was permitted applied to it; asks nothing."""
    moved = replace(case, state=target)
    pair = (act.assignee.person_id, act.kind) if act.assignee and act.kind else None
    if act.action == "assign" and pair:
        return replace(moved, assigned=case.assigned | {pair})
    if act.action == "unassign" and pair:
        left = case.assigned - {pair}
        said = tuple(replace(one, counts=False) if (one.person_id, one.kind) == pair else one for one in case.opinions)
        return replace(moved, assigned=left, opinions=said, state=target if left else "unassigned")
    if act.action in {"approve", "dissent"} and act.kind:
        opinion = Opinion(person_id, act.kind, act.action == "approve", act.reason, act.seen)
        return replace(moved, opinions=(*case.opinions, opinion))
    if act.action == "override":
        made = Override(act.finding, person_id, act.reason, act.seen)
        return replace(moved, overrides=(*case.overrides, made))
    return moved
