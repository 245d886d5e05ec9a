"""What was recorded of standards: events and nothing else, so that every state of a record stands in the ledger."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlmodel import Session, col, select

from factordb.store import history
from factordb.store.records import EventRow

__all__ = ["ASSESSED", "CITED", "ENTERED", "EVALUATED", "append", "recorded"]

ENTERED: Final = "standard_entered"
CITED: Final = "standard_cited"
ASSESSED: Final = "standard_assessed"
EVALUATED: Final = "standard_evaluated"
KINDS: Final = (ENTERED, CITED, ASSESSED, EVALUATED)


def append(session: Session, kind: str, number: str, facts: Mapping[str, Any], *, actor: str) -> None:
    """Record an event of a standard; nothing of it is ever changed."""
    history.record(session, kind, number, actor=actor, facts=facts)


def recorded(session: Session, number: str = "") -> list[dict[str, Any]]:
    """Return the events of all standards or of one, oldest first: kind, number, by, on (ISO time), and their facts."""
    asked = select(EventRow).where(col(EventRow.kind).in_(KINDS)).order_by(col(EventRow.event_id))
    if number:
        asked = asked.where(col(EventRow.subject) == number)
    return [
        {
            "kind": row.kind,
            "number": row.subject,
            "by": row.actor,
            "on": row.happened_on.isoformat(timespec="seconds")[:19] + "Z",
            "facts": json.loads(row.facts),
        }
        for row in session.exec(asked)
    ]
