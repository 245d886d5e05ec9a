"""Review (采纳): a decision on candidates, bound to what was seen. People decide; nothing is promoted by itself.

This is the declared single-operator decision of `factordb run`; the reviewers' route stands on the same record.
"""

import hashlib
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from factordb.errors import ConflictError
from factordb.evidence import objects
from factordb.paths import Workspace
from factordb.store import history
from factordb.store.library_file import Published, read
from factordb.store.records import DecisionRow, now, session

SINGLE_OPERATOR = "single-operator"

ELIGIBLE = (
    "SELECT c.candidate_id, c.version_id, c.factor_id, a.appraisal_id FROM assessment a "
    "JOIN candidate c USING (candidate_id) WHERE a.eligible ORDER BY c.candidate_id"
)


@dataclass(frozen=True)
class Adoption:
    """A decision to adopt, and whether it is new."""

    decision_id: str
    items: int
    already: bool


def adopt_eligible(
    workspace: Workspace, records: sa.Engine, published: Published, *, actor: str, reason: str, rule_set: str
) -> Adoption:
    """Record the decision that everything eligible in the read model is adopted.

    The list of what was decided on is kept as an object by its hash. The same decision on the same things under the
    same rules is not made twice.

    Raises:
        ConflictError: the newest appraisals were made under another rule set than `rule_set`.
    """
    chosen = read(published, ELIGIBLE)
    with session(records) as opened:
        stale = [row.appraisal_id for row in history.newest_appraisals(opened) if row.rule_set != rule_set]
        if stale:
            raise ConflictError(
                problem=f"{len(stale)} appraisal(s) were made under an older rule set",
                remedy="appraise again with `factordb appraise --again`, then decide",
                problem_zh=f"有 {len(stale)} 次评估依据的是旧规则集",
                remedy_zh="请先运行 `factordb appraise --again` 重新评估,再作决定",
            )
        base = history.releases(opened)
        base_release = base[-1].release_id if base else None
        newest = ",".join(row.appraisal_id for row in history.newest_appraisals(opened))
        items_sha256 = objects.keep_bytes(workspace.objects, parquet_bytes(chosen))
        bound = "\n".join(("adopt", items_sha256, rule_set, newest))
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
            opened, "decided", decision_id, actor=actor, facts={"items": chosen.num_rows, "mode": SINGLE_OPERATOR}
        )
    return Adoption(decision_id, chosen.num_rows, already=False)


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet: the same rows give the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
