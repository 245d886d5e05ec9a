"""Review (采纳): a decision on candidates, bound to what was seen. People decide; nothing is promoted by itself.

Two ways lead to the one record: the declared single-operator decision of `factordb run`, and the reviewers' route,
where a decision holds what the base release holds and is still valid, and what a curator adopted since.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factordb.errors import ConflictError
from factordb.evidence import objects
from factordb.paths import Workspace
from factordb.stages.competition import THING, WIDTH, winners
from factordb.store import history
from factordb.store.appraisal import SERIES_KEY
from factordb.store.library_file import Published, read
from factordb.store.people import REVIEWED, SINGLE_OPERATOR
from factordb.store.records import DecisionRow, Engine, Session, now, session

ITEMS = ("candidate_id", "version_id", "factor_id", "appraisal_id")
"""Columns of the list of what was decided on."""

GONE = ("withdrawn", "superseded", "expired", "demoted", "rejected")
"""States of cases whose factor a next release holds no longer; rejected is what was carried over and found wanting."""

_ELIGIBLE = f"""
    SELECT k.*, {THING.format("k")} AS thing
    FROM (
        SELECT c.candidate_id, c.version_id, c.factor_id, c.batch_id, a.appraisal_id, c.tier, c.verified,
               c.trace_level, c.signed_share,
               c.published_on, c.kind, c.category, c.reference_year, a.dqr, {WIDTH} AS width, {SERIES_KEY} AS series_key
        FROM assessment a JOIN candidate c USING (candidate_id) JOIN uncertainty u USING (candidate_id)
        WHERE a.eligible
    ) k ORDER BY k.candidate_id
"""


def chosen_ones(published: Published, newest_first: Sequence[str]) -> pa.Table:
    """Return candidate_id, version_id, factor_id, appraisal_id of what a decision to adopt would take.

    Eligible candidates of all appraisals compete here once more: of one factor's versions the one of the newest batch
    stays, of one thing's values the one that clause (五) prefers.

    Args:
        published: the read model.
        newest_first: batches, the last received first.
    """
    rows = read(published, _ELIGIBLE)
    age = pc.index_in(rows["batch_id"], value_set=pa.array(newest_first, pa.string())).fill_null(len(newest_first))
    versions = rows.append_column("age", age).group_by("factor_id").aggregate([("age", "min")])
    places = pc.index_in(rows["factor_id"], value_set=versions["factor_id"])
    newest = pc.equal(age, versions["age_min"].combine_chunks().take(places.combine_chunks()))
    winner = winners(
        rows,
        dqr=rows["dqr"].cast(pa.float64()).to_numpy(),
        taking_part=np.asarray(newest.to_numpy(zero_copy_only=False), dtype=bool),
    )
    stays = (winner == np.arange(rows.num_rows)) & np.asarray(newest.to_numpy(zero_copy_only=False), dtype=bool)
    return rows.filter(pa.array(stays)).select(["candidate_id", "version_id", "factor_id", "appraisal_id"])


@dataclass(frozen=True)
class Adoption:
    """A decision to adopt, and whether it is new.

    Attributes:
        decision_id: its id; empty where none could be taken, since `waiting` is not 0.
        items: factors that the next release holds.
        already: the same decision was there.
        waiting: items carried over from a single operator's release that no adopted case stands for yet.
        base_release: the release they are carried over from.
    """

    decision_id: str
    items: int
    already: bool
    waiting: int = 0
    base_release: str = ""


def adopt_eligible(
    workspace: Workspace, records: Engine, published: Published, *, actor: str, reason: str, rule_set: str
) -> Adoption:
    """Record the decision that everything eligible in the read model is adopted.

    The list of what was decided on is kept as an object by its hash. The same decision on the same things under the
    same rules is not made twice.

    Raises:
        ConflictError: the newest appraisals were made under another rule set than `rule_set`.
    """
    with session(records) as opened:
        batches = [row.batch_id for row in reversed(history.batches(opened))]
        chosen = chosen_ones(published, batches)
        _not_stale(opened, rule_set)
        base = history.releases(opened)
        base_release = base[-1].release_id if base else None
        newest = ",".join(row.appraisal_id for row in history.newest_appraisals(opened))
        items_sha256 = objects.keep_bytes(workspace.objects, parquet_bytes(chosen))
        bound = f"adopt\n{items_sha256}\n{rule_set}\n{newest}"
        decision_id = hashlib.sha256(bound.encode()).hexdigest()[:16]
        if opened.get(DecisionRow, decision_id) is not None:
            return Adoption(decision_id, chosen.num_rows, already=True)
        opened.add(
            DecisionRow(
                decision_id=decision_id,
                action="adopt",
                appraisal_id=newest,
                items_sha256=items_sha256,
                items=chosen.num_rows,
                rule_set=rule_set,
                base_release=base_release,
                actor=actor,
                mode=SINGLE_OPERATOR,
                reason=reason,
                decided_on=now(),
            )
        )
        history.record(
            opened,
            "decided",
            decision_id,
            actor=actor,
            facts={
                "items": chosen.num_rows,
                "mode": SINGLE_OPERATOR,
                "items_sha256": items_sha256,
                "action": "adopt",
            },
        )
    return Adoption(decision_id, chosen.num_rows, already=False)


def compose(
    workspace: Workspace,
    opened: Session,
    now_there: pa.Table,
    standing: pa.Table,
    *,
    actor: str,
    reason: str,
    rule_set: str,
) -> Adoption:
    """Record the decision of a reviewed library: what the base release holds and is still valid, and what is adopted.

    It is not recorded while anything in it stands on no case: the ledger would bear that breach for ever.

    Args:
        workspace: the library's files.
        opened: the transaction the adoption belongs to.
        now_there: `ITEMS` and case_id of the candidates of adopted cases, as appraised now.
        standing: every case with its newest act, the adoption's own acts included.
        actor: the curator.
        reason: the curator's words.
        rule_set: the library's present rule set.

    Raises:
        ConflictError: the newest appraisals were made under another rule set than `rule_set`.
    """
    _not_stale(opened, rule_set)
    releases = history.releases(opened)
    base = opened.get(DecisionRow, releases[-1].decision_id) if releases else None
    newest = ",".join(row.appraisal_id for row in history.newest_appraisals(opened))
    items = _items(workspace, base, now_there, standing)
    held = standing.filter(
        pc.and_(
            pc.is_in(standing["candidate_id"], value_set=items["candidate_id"].combine_chunks()),
            pc.is_in(standing["state"], value_set=pa.array(["adopted", "published"])),
        )
    )
    waiting = items.num_rows - held.num_rows
    if waiting:
        named = releases[-1].release_id if releases else ""
        return Adoption("", items.num_rows, already=False, waiting=waiting, base_release=named)
    items_sha256 = objects.keep_bytes(workspace.objects, parquet_bytes(items))
    made = history.decisions(opened)
    last = made[-1] if made else None
    bound = (items_sha256, rule_set, newest, releases[-1].release_id if releases else None)
    if last and (last.items_sha256, last.rule_set, last.appraisal_id, last.base_release) == bound:
        return Adoption(last.decision_id, items.num_rows, already=True)
    text = "\n".join(("reviewed", str(len(made)), *(str(part) for part in bound)))
    decision_id = hashlib.sha256(text.encode()).hexdigest()[:16]
    opened.add(
        DecisionRow(
            decision_id=decision_id,
            action="adopt",
            appraisal_id=newest,
            items_sha256=items_sha256,
            items=items.num_rows,
            rule_set=rule_set,
            base_release=bound[3],
            actor=actor,
            mode=REVIEWED,
            reason=reason,
            decided_on=now(),
        )
    )
    facts = {
        "items": items.num_rows, "mode": REVIEWED, "items_sha256": items_sha256, "action": "adopt",
        "cases": sorted(held["case_id"].to_pylist()),
    }  # fmt: skip
    history.record(opened, "decided", decision_id, actor=actor, facts=facts)
    return Adoption(decision_id, items.num_rows, already=False)


def base_items(workspace: Workspace, base: DecisionRow | None) -> pa.Table:
    """Return `ITEMS` of a decision; none where there is no base release."""
    if base is None:
        return pa.table({name: pa.array([], pa.string()) for name in ITEMS})
    content = objects.fetch(workspace.objects, base.items_sha256)
    return pq.read_table(pa.BufferReader(content)).select(list(ITEMS))


def _items(workspace: Workspace, base: DecisionRow | None, adopted: pa.Table, standing: pa.Table) -> pa.Table:
    kept = base_items(workspace, base)
    gone = standing.filter(pc.is_in(standing["state"], value_set=pa.array(GONE)))["candidate_id"].combine_chunks()
    out = pc.or_(
        pc.is_in(kept["candidate_id"], value_set=gone),
        pc.is_in(kept["factor_id"], value_set=adopted["factor_id"].combine_chunks()),
    )
    both = pa.concat_tables([kept.filter(pc.invert(out)), adopted.select(list(ITEMS))]).combine_chunks()
    return both.sort_by("candidate_id")


def _not_stale(opened: Session, rule_set: str) -> None:
    stale = [row.appraisal_id for row in history.newest_appraisals(opened) if row.rule_set != rule_set]
    if stale:
        raise ConflictError(
            problem=f"{len(stale)} appraisal(s) were made under an older rule set",
            remedy="appraise again with `factordb appraise --again`, then decide",
            problem_zh=f"有 {len(stale)} 次评估依据的是旧规则集",
            remedy_zh="请先运行 `factordb appraise --again` 重新评估，再作决定",
        )


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet: the same rows give the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
