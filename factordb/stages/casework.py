"""Many cases judged as one: what was done to them is folded once a distinct shape, not once a case."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import ConflictError, FactorDBError, UsageError
from factordb.model.workflow import LIVE, Act, Case, Kind, Person, Seen, transitions, words
from factordb.stages import workflow
from factordb.store.cases import ActRow

NOTHING_SEEN = Seen("", "", None)
"""Stands in an act before it is bound to each case."""

ACT_COLUMNS = (
    "case_id", "seq", "action", "person_id", "state", "shape", "content_hash", "rule_set", "base_release", "kind",
    "finding", "assignee", "reason", "findings",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What became of an act on many cases: rows to insert, and case -> why it was left out."""

    rows: pa.Table
    left_out: Mapping[str, FactorDBError]


@cache
def bound(action: str) -> bool:
    """Return whether an action is bound to what was seen."""
    return any("seen_is_current" in row.conditions for row in transitions() if row.action == action)


def token(standing: pa.Table) -> pa.Array:
    """Return for each case what a person who looks at it now has seen: act, content, rule set and base release."""
    return pc.binary_join_element_wise(
        pc.cast(standing["seq"], pa.string()),
        pc.utf8_slice_codeunits(standing["content_hash"], 0, 12),
        pc.utf8_slice_codeunits(standing["rule_set"], 0, 8),
        pc.fill_null(standing["base_release"], "-"),
        "-",
    ).combine_chunks()


def as_said(standing: pa.Table) -> dict[str, str]:
    """Return case -> token, for acts that stand on what was read within the same transaction."""
    return dict(zip(standing["case_id"].to_pylist(), token(standing).to_pylist(), strict=True))


def shape_of(*parts: object) -> str:
    """Return the digest of a shape and what is done next."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


def folded(submitter: str, organisation: str, acts: Sequence[ActRow]) -> Case:
    """Return a case from its acts, oldest first. What they permitted was asked when they were made."""
    first = acts[0]
    case = Case(first.state, submitter, organisation, _seen(first), frozenset(json.loads(first.findings)))
    for row in acts[1:]:
        if row.action == "renew":
            case = workflow.renew(case, _seen(row), frozenset(json.loads(row.findings)))
            continue
        assignee = Person(row.assignee, "", frozenset()) if row.assignee else None
        kind = Kind(row.kind) if row.kind else None
        act = Act(row.action, case.seen, row.reason, kind, row.finding, assignee)
        case = workflow.after(case, row.person_id, act, row.state)
    return case


def _seen(row: ActRow) -> Seen:
    return Seen(row.content_hash, row.rule_set, row.base_release)


def opening(new: pa.Table, submitter: Person, who: Person) -> pa.Table:
    """Return the first act of each new case: unassigned, bound to what is there."""
    start = ("open", submitter.person_id, submitter.organisation)
    shapes = {text: shape_of(*start, text) for text in pc.unique(new["findings"]).to_pylist()}
    blank = pa.repeat(pa.scalar("", pa.string()), new.num_rows)
    columns = {
        "seq": pa.repeat(pa.scalar(0, pa.int64()), new.num_rows),
        "action": pa.repeat(pa.scalar("open"), new.num_rows),
        "person_id": pa.repeat(pa.scalar(who.person_id), new.num_rows),
        "state": pa.repeat(pa.scalar("unassigned"), new.num_rows),
        "shape": by(new["findings"], shapes),
        **{name: new[name] for name in ("case_id", "content_hash", "rule_set", "base_release", "findings")},
    }
    return pa.table({name: columns.get(name, blank) for name in ACT_COLUMNS})


def judge(
    standing: pa.Table, cases: Mapping[str, Case], person: Person, act: Act, said: Mapping[str, str] | None
) -> Judged:
    """Return the rows of an act by `person` on every case of `standing`.

    Args:
        standing: cases with their newest act.
        cases: shape -> one case of that shape.
        person: who acts, as stored.
        act: the act; its `seen` is filled in from what each case is.
        said: case -> token of what the person saw; None where the action is not bound to it.
    """
    verdicts = {shape: _tried(case, person, act) for shape, case in cases.items()}
    left_out = dict(_stale(standing, said)) if said is not None else {}
    shapes = standing["shape"].combine_chunks()
    refused = [shape for shape, found in verdicts.items() if isinstance(found, FactorDBError)]
    for case_id, shape in zip(
        *_pairs(standing, pc.is_in(shapes, value_set=pa.array(refused, pa.string()))), strict=True
    ):
        fault = verdicts[shape]
        if isinstance(fault, FactorDBError):
            left_out.setdefault(case_id, fault)
    stays = standing.filter(pc.invert(pc.is_in(standing["case_id"], value_set=pa.array(list(left_out), pa.string()))))
    good = {shape: found for shape, found in verdicts.items() if not isinstance(found, FactorDBError)}
    assignee = act.assignee.person_id if act.assignee else ""
    done = (act.action, person.person_id, act.kind or "", act.finding, assignee)
    shapes_after = {shape: shape_of(shape, *done, state) for shape, state in good.items()}
    same = {
        "action": act.action, "person_id": person.person_id, "kind": act.kind.value if act.kind else "",
        "finding": act.finding, "assignee": assignee, "reason": act.reason, "findings": "{}",
    }  # fmt: skip
    return Judged(rows_of(stays, good, shapes_after, same), left_out)


def rows_of(stays: pa.Table, states: Mapping[str, str], shapes: Mapping[str, str], same: Mapping[str, str]) -> pa.Table:
    """Return act rows for cases: the next seq, state and shape by old shape, everything else alike."""
    columns = {
        "case_id": stays["case_id"],
        "seq": pc.add(stays["seq"], 1),
        "state": by(stays["shape"], states),
        "shape": by(stays["shape"], shapes),
        "content_hash": stays["content_hash"],
        "rule_set": stays["rule_set"],
        "base_release": stays["base_release"],
        **{name: pa.repeat(pa.scalar(text, pa.string()), stays.num_rows) for name, text in same.items()},
    }
    return pa.table({name: columns[name] for name in ACT_COLUMNS})


def renewed(standing: pa.Table, now: pa.Table) -> pa.Table:
    """Return the rows that make changed cases pending again.

    Args:
        standing: cases with their newest act, of live states only count.
        now: candidate_id, content_hash, findings, rule_set, base_release of their candidates as they are.
    """
    at = pc.index_in(standing["candidate_id"], value_set=now["candidate_id"])
    known = pc.and_(pc.is_valid(at), pc.is_in(standing["state"], value_set=pa.array(sorted(LIVE))))
    live = standing.filter(known)
    present = now.take(at.filter(known))
    changed = pc.invert(_alike(live, present, ("content_hash", "rule_set")))
    moved = pc.not_equal(pc.fill_null(live["base_release"], ""), pc.fill_null(present["base_release"], ""))
    mask = pc.or_(changed, moved)
    live, present = live.filter(mask), present.filter(mask)
    if not live.num_rows:
        return pa.table({name: [] for name in ACT_COLUMNS})
    states = pc.if_else(pc.equal(live["state"], "adopted"), "in_review", live["state"])
    key = pc.binary_join_element_wise(live["shape"], present["findings"], "\x1f").combine_chunks()
    shapes = {text: shape_of(text, "renew") for text in pc.unique(key).to_pylist()}
    blank = pa.repeat(pa.scalar("", pa.string()), live.num_rows)
    columns = {
        "case_id": live["case_id"], "seq": pc.add(live["seq"], 1), "state": states, "shape": by(key, shapes),
        "content_hash": present["content_hash"], "rule_set": present["rule_set"],
        "base_release": present["base_release"], "findings": present["findings"],
        "action": pa.repeat(pa.scalar("renew"), live.num_rows), "person_id": pa.repeat(pa.scalar("—"), live.num_rows),
    }  # fmt: skip
    return pa.table({name: columns.get(name, blank) for name in ACT_COLUMNS})


def representatives(standing: pa.Table) -> dict[str, str]:
    """Return shape -> one case that has it."""
    pairs = standing.select(["shape", "case_id"]).group_by("shape").aggregate([("case_id", "min")])
    return dict(zip(pairs["shape"].to_pylist(), pairs["case_id_min"].to_pylist(), strict=True))


def by(keys: pa.ChunkedArray | pa.Array, found: Mapping[str, str]) -> pa.ChunkedArray | pa.Array:
    """Return what `found` says of each key."""
    places = pc.index_in(keys, value_set=pa.array(list(found), pa.string()))
    values = pa.array(list(found.values()), pa.string())
    return values.take(places.combine_chunks() if isinstance(places, pa.ChunkedArray) else places)


def _tried(case: Case, person: Person, act: Act) -> str | FactorDBError:
    mine = Act(act.action, case.seen, act.reason, act.kind, act.finding, act.assignee)
    try:
        return workflow.step(case, person, mine).state
    except FactorDBError as fault:
        return fault


def _stale(standing: pa.Table, said: Mapping[str, str]) -> Iterable[tuple[str, FactorDBError]]:
    told = pa.array(list(said.values()), pa.string()).take(
        pc.index_in(standing["case_id"], value_set=pa.array(list(said), pa.string())).combine_chunks()
    )
    unsaid = standing.filter(pc.is_null(told))["case_id"].to_pylist()
    if unsaid:
        raise UsageError(
            problem=f"nothing says what was seen of case {unsaid[0]}",
            remedy="look at it first (`factordb review show` or `review queue`, with --save FILE), then hand in --seen",
            problem_zh=f"未说明所见的任务 {unsaid[0]} 为何种内容",
            remedy_zh="请先查看（`factordb review show` 或 `review queue`，加 --save 文件），再以 --seen 提交",
        )
    other = pc.not_equal(told, token(standing))
    said_words = words("conditions")["seen_is_current"]
    for case_id in standing.filter(other)["case_id"].to_pylist():
        yield (
            case_id,
            ConflictError(
                problem=f"case {case_id}: {said_words['en']}, or somebody acted on it",
                remedy="look at the case as it is now, then act again",
                problem_zh=f"任务 {case_id}：{said_words['zh']}，或已有他人办理",
                remedy_zh="请查看该任务的现状后再行办理",
            ),
        )


def _pairs(standing: pa.Table, mask: pa.Array) -> tuple[list[str], list[str]]:
    chosen = standing.filter(mask)
    return chosen["case_id"].to_pylist(), chosen["shape"].to_pylist()


def _alike(one: pa.Table, other: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    parts = [pc.equal(one[name], other[name]) for name in names]
    return parts[0] if len(parts) == 1 else pc.and_(parts[0], parts[1])
