"""Who may act, and in which mode the library is: rows are appended, the newest state of a person counts."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from factordb.model.workflow import Kind, Person
from factordb.store import history
from factordb.store.records import EventRow, now

SINGLE_OPERATOR: Final = "single-operator"
REVIEWED: Final = "reviewed"
MODES: Final = (SINGLE_OPERATOR, REVIEWED)
"""How a library decides: by one declared operator, or on the reviewers' route."""


class PersonRow(SQLModel, table=True):
    """The whole state of a person from a moment on."""

    __tablename__ = "person"
    row_id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(index=True)
    name: str
    organisation: str
    roles: str = Field(description="JSON list; empty: the person has left")
    kinds: str = Field(description="JSON list of the kinds of review")
    changed_by: str
    changed_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


def people(session: Session) -> dict[str, Person]:
    """Return person id -> the person as the newest row says."""
    return {
        row.person_id: Person(
            row.person_id,
            row.organisation,
            frozenset(json.loads(row.roles)),
            frozenset(Kind(kind) for kind in json.loads(row.kinds)),
        )
        for row in rows(session)
    }


def rows(session: Session) -> list[PersonRow]:
    """Return the newest row of every person, in the order in which they were first added."""
    newest: dict[str, PersonRow] = {}
    for row in session.exec(select(PersonRow).order_by(col(PersonRow.row_id))):
        newest[row.person_id] = row
    return list(newest.values())


def put(session: Session, person: Person, name: str, *, new: bool, actor: str) -> None:
    """Append the state of a person, with its event."""
    roles, kinds = sorted(person.roles), sorted(kind.value for kind in person.kinds)
    session.add(
        PersonRow(
            person_id=person.person_id,
            name=name,
            organisation=person.organisation,
            roles=json.dumps(roles),
            kinds=json.dumps(kinds),
            changed_by=actor,
            changed_on=now(),
        )
    )
    facts = {"name": name, "organisation": person.organisation, "roles": roles, "kinds": kinds}
    history.record(session, "person_added" if new else "person_changed", person.person_id, actor=actor, facts=facts)


def mode(session: Session) -> str:
    """Return the mode that was declared last; a library without a declaration is single-operator."""
    declared = _newest(session, ("mode_declared",), ("library",))
    return str(json.loads(declared[0].facts)["mode"]) if declared else SINGLE_OPERATOR


def declare(session: Session, chosen: str, *, actor: str) -> None:
    """Record the mode from now on."""
    history.record(session, "mode_declared", "library", actor=actor, facts={"mode": chosen})


def submitter_of(session: Session, batch_id: str) -> str:
    """Return who took a batch in, by its event; empty when there is no such batch."""
    merged = _newest(session, ("merged",), (batch_id,))
    return merged[0].actor if merged else ""


def newest_batch(session: Session) -> str:
    """Return the batch that was taken in last, by its event; empty when there is none."""
    asked = select(EventRow).where(col(EventRow.kind) == "merged").order_by(col(EventRow.event_id).desc()).limit(1)
    newest = session.exec(asked).first()
    return newest.subject if newest else ""


def _newest(session: Session, kinds: Iterable[str], subjects: Iterable[str]) -> list[EventRow]:
    asked = select(EventRow).where(col(EventRow.kind).in_(list(kinds)), col(EventRow.subject).in_(list(subjects)))
    return list(session.exec(asked.order_by(col(EventRow.event_id).desc()).limit(1)))
