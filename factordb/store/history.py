"""Questions and inserts on the transactional records: what is visible, what was decided, what was released."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from factordb.store.records import AppraisalRow, BatchRow, DecisionRow, EventRow, ReleaseRow, now


def record(session: Session, kind: str, subject: str, *, actor: str, facts: Mapping[str, object]) -> None:
    """Insert an event."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str, allow_nan=False)
    if session.get_bind().dialect.name == "postgresql":
        # ids are given out in the order of commits, else a late one would stand before events that are anchored
        session.execute(sa.text("LOCK TABLE event IN EXCLUSIVE MODE"))
    session.add(EventRow(kind=kind, subject=subject, actor=actor, facts=text, happened_on=now()))


def batches(session: Session) -> list[BatchRow]:
    """Return every recorded batch, oldest first."""
    return list(session.exec(select(BatchRow).order_by(col(BatchRow.received_on), col(BatchRow.batch_id))))


def batch(session: Session, batch_id: str) -> BatchRow | None:
    """Return one batch, or None."""
    return session.get(BatchRow, batch_id)


def add_batch(session: Session, row: BatchRow, *, actor: str) -> None:
    """Record a merged batch: from now on it is visible."""
    session.add(row)
    record(session, "merged", row.batch_id, actor=actor, facts={"candidates": row.candidates, "hash": row.content_hash})


def add_appraisal(session: Session, row: AppraisalRow, covered: Sequence[str], *, actor: str) -> None:
    """Record an appraisal and which batches it covers."""
    session.add(row)
    record(session, "appraised", row.appraisal_id, actor=actor, facts={"batches": list(covered)})


def visible(session: Session) -> dict[str, str | None]:
    """Return recorded batch -> its newest appraisal, or None while it waits for one."""
    newest: dict[str, str | None] = {row.batch_id: None for row in batches(session)}
    asked = select(EventRow).where(col(EventRow.kind).in_(["appraised", "rebuilt"])).order_by(col(EventRow.event_id))
    for event in session.exec(asked):
        for batch_id in json.loads(event.facts)["batches"]:
            if batch_id in newest:
                # a rebuilt data file holds no appraisals: they are made anew
                newest[batch_id] = event.subject if event.kind == "appraised" else None
    return newest


def appraisal(session: Session, appraisal_id: str) -> AppraisalRow | None:
    """Return one appraisal, or None."""
    return session.get(AppraisalRow, appraisal_id)


def newest_appraisals(session: Session) -> list[AppraisalRow]:
    """Return the appraisals that cover some batch now, oldest first."""
    wanted = {one for one in visible(session).values() if one is not None}
    found = [row for row in (session.get(AppraisalRow, one) for one in sorted(wanted)) if row is not None]
    return sorted(found, key=lambda row: (row.finished_on, row.appraisal_id))


def decisions(session: Session) -> list[DecisionRow]:
    """Return every decision, oldest first."""
    decided = select(EventRow.subject, EventRow.event_id).where(col(EventRow.kind) == "decided")
    order = dict(session.exec(decided.order_by(col(EventRow.event_id))).all())
    return sorted(session.exec(select(DecisionRow)), key=lambda row: order.get(row.decision_id) or 0)


def releases(session: Session) -> list[ReleaseRow]:
    """Return every release, oldest first."""
    return list(session.exec(select(ReleaseRow).order_by(col(ReleaseRow.built_on), col(ReleaseRow.release_id))))


def events(session: Session, limit: int = 200) -> list[EventRow]:
    """Return the newest events, newest first."""
    return list(session.exec(select(EventRow).order_by(col(EventRow.event_id).desc()).limit(limit)))


def newest_change(session: Session) -> int:
    """Return the newest event that changed what the read model shows; 0 before the first."""
    shown = select(EventRow).where(col(EventRow.kind).in_(("merged", "appraised", "rebuilt")))
    newest = session.exec(shown.order_by(col(EventRow.event_id).desc()).limit(1)).first()
    return newest.event_id or 0 if newest else 0


def times(session: Session) -> dict[str, datetime]:
    """Return batch id -> when it was received, UTC."""
    return {row.batch_id: _utc(row.received_on) for row in batches(session)}


def _utc(moment: datetime) -> datetime:
    """Return a stored time with its zone: SQLite gives times back without one, and all of ours are UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
