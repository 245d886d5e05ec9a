"""What a reviewed library carries over from releases that a single operator decided: nobody has reviewed it yet.

A library that begins single-operator and then declares the reviewers' route holds such factors in its base release.
A reviewed decision stands on cases alone, so each of them needs one; they are opened by the batch, and then assigned,
approved and adopted like any others.
"""

import pyarrow as pa
import pyarrow.compute as pc

from factordb.errors import FactorDBError, NotPermittedError
from factordb.model.workflow import Person
from factordb.stages import route
from factordb.store import cases as case_store
from factordb.store.library_file import Published
from factordb.store.records import Session

STANDING = ("adopted", "published")
"""States of cases that a reviewed decision may hold."""


def unreviewed(items: pa.Table, standing: pa.Table) -> pa.Table:
    """Return the items of a decision that stand on no adopted or published case."""
    good = standing.filter(pc.is_in(standing["state"], value_set=pa.array(STANDING)))["candidate_id"]
    return items.filter(pc.invert(pc.is_in(items["candidate_id"], value_set=good.combine_chunks())))


def open_cases(opened: Session, published: Published, who: Person, items: pa.Table, release_id: str) -> route.Done:
    """Open a case for each item of the release that has none; one event a batch, for each has its submitter.

    Args:
        opened: the transaction.
        published: the read model.
        who: an assigner.
        items: `ITEMS` of the release's decision.
        release_id: the release that carries them over.

    Raises:
        NotPermittedError: `who` is no assigner, or whoever took a batch in is nobody of this library.
    """
    if "assigner" not in who.roles:
        raise NotPermittedError(
            problem="cases of carried factors are opened by an assigner",
            remedy="ask an assigner",
            problem_zh="沿用因子的立案由任务分配人办理",
            remedy_zh="请联系任务分配人",
        )
    standing = case_store.standing(opened)
    bare = items.filter(pc.invert(pc.is_in(items["candidate_id"], value_set=standing["candidate_id"].combine_chunks())))
    there = route.present(opened, published, bare.select(["candidate_id"]))
    made: list[str] = []
    for batch_id in sorted(pc.unique(there["batch_id"]).to_pylist()):
        submitter = route.submitter(opened, batch_id)
        new = there.filter(pc.equal(there["batch_id"], batch_id))
        made += route.open_new(opened, published, who, submitter, new, carried_from=release_id).cases
    return route.Done("open", tuple(made))


def not_reviewed(waiting: int, release_id: str) -> FactorDBError:
    """Return the refusal of a release that would hold factors nobody has reviewed."""
    return NotPermittedError(
        problem=f"the release would hold {waiting} factor(s) carried over from {release_id} that nobody has reviewed",
        remedy="`factordb review open --carried --as ASSIGNER` opens a case for each; have them assigned, approved by "
        "two reviewers and adopted with `--all`; a factor that is not wanted leaves by a case that is rejected",
        problem_zh=f"发布将含有 {waiting} 条由 {release_id} 沿用、尚未经审核的因子",
        remedy_zh="请用 `factordb review open --carried --as 任务分配人` 逐条立案，再以 `--all` 成批分配、通过、采纳，"
        "须有两名审核员通过；不再需要的因子，驳回其任务即可退出",
    )
