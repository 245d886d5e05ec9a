"""Which login belongs to which person: bindings are events, the newest of a login counts."""

import json

from sqlmodel import Session, col, select

from factordb.store import history
from factordb.store.records import EventRow

BOUND = "login_bound"


def bind(session: Session, login: str, person_id: str, *, actor: str) -> None:
    """Record that `login` is `person_id` from now on; an empty person unbinds it."""
    history.record(session, BOUND, login, actor=actor, facts={"person": person_id})


def person_of(session: Session, login: str) -> str:
    """Return the person a login belongs to; empty: nobody."""
    asked = select(EventRow).where(col(EventRow.kind) == BOUND, col(EventRow.subject) == login)
    newest = session.exec(asked.order_by(col(EventRow.event_id).desc()).limit(1)).first()
    return str(json.loads(newest.facts)["person"]) if newest else ""


def bound(session: Session) -> dict[str, str]:
    """Return login -> person of every binding that counts."""
    asked = select(EventRow).where(col(EventRow.kind) == BOUND).order_by(col(EventRow.event_id))
    known = {row.subject: str(json.loads(row.facts)["person"]) for row in session.exec(asked)}
    return {login: person for login, person in known.items() if person}
