"""Cases on the reviewers' route and every act on them. Rows are inserted, never changed; many at once go as one set.

The newest act of a case says where it stands. Each act carries a `shape`: a digest of everything that has been done to
the case but not of which case it is, so that a hundred thousand cases with one shape are judged once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from factordb.errors import ConflictError
from factordb.store.records import EventRow, now

OVERRIDES = pa.schema(
    [
        (name, pa.string())
        for name in ("factor_id", "version_id", "finding", "severity", "reason", "overridden_by", "seconded_by")
    ]
    + [("decided_on", pa.date32())]
)
"""Columns of the overrides that stand in a release."""

DECIDING = ("adopt", "withdraw", "supersede", "demote", "expire")
"""Acts whose reason says why a factor is new, changed or gone."""

_FEW = 500
"""Up to so many cases are asked for by name; above, the whole table is read once."""


class CaseRow(SQLModel, table=True):
    """A candidate on the route, as it was opened."""

    __tablename__ = "review_case"
    case_id: str = Field(primary_key=True)
    candidate_id: str = Field(index=True)
    version_id: str
    factor_id: str = Field(index=True)
    batch_id: str
    submitter: str
    organisation: str
    predecessor: str | None = None
    impact: float = Field(description="uses of the factor x relative size of the change, when opened")
    opened_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class ActRow(SQLModel, table=True):
    """One act on one case, bound to what was seen; `seq` counts the acts of the case."""

    __tablename__ = "case_act"
    case_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    action: str
    person_id: str
    state: str = Field(description="state after the act")
    shape: str = Field(description="digest of all acts up to this one, without the case's own identity")
    content_hash: str
    rule_set: str
    base_release: str | None = None
    kind: str = ""
    finding: str = ""
    assignee: str = ""
    reason: str = ""
    findings: str = Field(default="{}", description="JSON code -> severity; of opening and renewing acts")
    acted_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class CommentRow(SQLModel, table=True):
    """A remark on one field of a case; `seq`: the case's newest act when it was written."""

    __tablename__ = "review_comment"
    comment_id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True)
    seq: int
    field: str
    person_id: str
    comment: str
    written_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


class DeadlineRow(SQLModel, table=True):
    """Until when a case is to be acted on; the newest row counts."""

    __tablename__ = "case_deadline"
    row_id: int | None = Field(default=None, primary_key=True)
    case_id: str = Field(index=True)
    due_on: date
    set_by: str
    set_on: datetime = Field(sa_type=sa.DateTime(timezone=True))


def add_rows(session: Session, model: type[SQLModel], rows: pa.Table, **same: object) -> None:
    """Insert the rows of a table as one set; `same` fills columns that are alike in all.

    Raises:
        ConflictError: another person acted on one of these cases first.
    """
    if not rows.num_rows:
        return
    try:
        _insert(session.connection(), _core(model), rows, same)
    except sa.exc.IntegrityError as error:
        raise ConflictError(
            problem="another person acted on the same case first; nothing of this was recorded",
            remedy="look at the case as it is now, then act again",
            problem_zh="已有他人先行办理同一任务，本次操作未作任何记录",
            remedy_zh="请查看该任务的现状后再行办理",
        ) from error


def _insert(connection: sa.Connection, table: sa.Table, rows: pa.Table, same: Mapping[str, object]) -> None:
    """Insert rows by the driver itself where it takes its parameters in order: no dictionary a row."""
    names = [*rows.column_names, *same]
    made = sa.insert(table).inline().compile(dialect=connection.dialect, column_keys=names)
    if not made.positiontup:
        connection.execute(sa.insert(table), [{**row, **same} for row in rows.to_pylist()])
        return
    columns: dict[str, Iterable[object]] = {name: rows[name].to_pylist() for name in rows.column_names}
    for name, value in same.items():
        process = table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        columns[name] = repeat(process(value) if process else value, rows.num_rows)
    cells = zip(*(columns[name] for name in made.positiontup), strict=True)
    connection.exec_driver_sql(str(made), list(cells))


def standing(session: Session, case_ids: Sequence[str] | None = None) -> pa.Table:
    """Return the cases with their newest act, one row a case: facts of the case, seq, state, shape, seen.

    Args:
        session: an open session.
        case_ids: these cases; None: all. Order: by id.
    """
    acts, cases = _core(ActRow).c, _core(CaseRow).c
    newest = sa.select(acts.case_id, sa.func.max(acts.seq).label("seq")).group_by(acts.case_id)
    few = case_ids is not None and len(case_ids) <= _FEW
    if few:
        newest = newest.where(acts.case_id.in_(list(case_ids or ())))
    top = newest.subquery()
    asked = (
        sa.select(*(cases[name] for name in _FACTS), *(acts[name] for name in _NEWEST))
        .join_from(cases.case_id.table, acts.case_id.table, acts.case_id == cases.case_id)
        .join(top, sa.and_(top.c.case_id == acts.case_id, top.c.seq == acts.seq))
        .order_by(cases.case_id)
    )
    table = _table(session, asked, _STANDING)
    if case_ids is None or few:
        return table
    return table.filter(pc.is_in(table["case_id"], value_set=pa.array(list(case_ids), pa.string())))


def resolve(session: Session, name: str) -> list[str]:
    """Return the cases whose id begins with `name`, at most ten."""
    asked = sa.select(col(CaseRow.case_id)).where(col(CaseRow.case_id).startswith(name, autoescape=True)).limit(10)
    return [case_id for (case_id,) in session.execute(asked)]


def waits_for_publication(session: Session, case_ids: Sequence[str]) -> bool:
    """Return whether a released case still stands as adopted; all are marked at once, so a few tell of all."""
    return bool(case_ids) and "adopted" in standing(session, case_ids[:_FEW])["state"].to_pylist()


def acts(session: Session, case_ids: Sequence[str]) -> list[ActRow]:
    """Return every act on some cases, those of a case in order."""
    found: list[ActRow] = []
    for start in range(0, len(case_ids), _FEW):
        asked = select(ActRow).where(col(ActRow.case_id).in_(list(case_ids[start : start + _FEW])))
        found += session.exec(asked.order_by(col(ActRow.case_id), col(ActRow.seq)))
    return found


def times(session: Session) -> pa.Table:
    """Return case_id, seq, action, state, acted_on of every act: what the pace of the route is counted from."""
    acts = _core(ActRow).c
    asked = sa.select(
        *(acts[name] for name in ("case_id", "seq", "action", "state")),
        # as text where the database keeps text: a million times need no object each
        sa.type_coerce(acts.acted_on, sa.String).label("acted_on"),
    ).order_by(acts.case_id, acts.seq)
    return _table(session, asked, _TIMES)


def comments(session: Session, case_ids: Sequence[str]) -> list[CommentRow]:
    """Return the comments on a few cases, oldest first."""
    asked = select(CommentRow).where(col(CommentRow.case_id).in_(list(case_ids)))
    return list(session.exec(asked.order_by(col(CommentRow.comment_id))))


def deadlines(session: Session) -> dict[str, date]:
    """Return case id -> its deadline."""
    asked = sa.select(col(DeadlineRow.case_id), col(DeadlineRow.due_on)).order_by(col(DeadlineRow.row_id))
    return {row[0]: row[1] for row in session.execute(asked)}


def add_comment(session: Session, case_id: str, seq: int, *, field: str, person_id: str, text: str) -> None:
    """Insert a comment."""
    session.add(CommentRow(case_id=case_id, seq=seq, field=field, person_id=person_id, comment=text, written_on=now()))


def cases_of(session: Session, decision_id: str) -> list[str]:
    """Return the cases a decision holds, as its event lists them; none in single-operator mode."""
    asked = select(EventRow).where(col(EventRow.kind) == "decided", col(EventRow.subject) == decision_id)
    event = session.exec(asked.order_by(col(EventRow.event_id).desc()).limit(1)).first()
    return list(json.loads(event.facts).get("cases", ())) if event else []


def overrides_table(session: Session, decision_id: str) -> pa.Table:
    """Return the overrides that count in a decision, in the columns of `OVERRIDES`, ordered by factor and finding."""
    asked = sa.select(col(ActRow.case_id)).where(col(ActRow.action) == "override").distinct()
    overridden = {case_id for (case_id,) in session.execute(asked)}
    held = sorted(overridden.intersection(cases_of(session, decision_id))) if overridden else []
    rows = [line for start in range(0, len(held), _FEW) for line in _overrides(session, held[start : start + _FEW])]
    rows.sort(key=lambda row: (row["factor_id"], row["finding"]))
    return pa.Table.from_pylist(rows, schema=OVERRIDES)


def _overrides(session: Session, case_ids: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    cases = {row.case_id: row for row in session.exec(select(CaseRow).where(col(CaseRow.case_id).in_(case_ids)))}
    made: dict[tuple[str, str], dict[str, ActRow]] = {}
    severities: dict[str, dict[str, str]] = {}
    for act in acts(session, case_ids):
        if act.action in {"open", "renew"}:
            severities[act.case_id] = json.loads(act.findings)
            made = {key: who for key, who in made.items() if key[0] != act.case_id}
        elif act.action == "override":
            made.setdefault((act.case_id, act.finding), {}).setdefault(act.person_id, act)
    for (case_id, finding), who in made.items():
        if len(who) > 1:
            first, second = list(who.values())[:2]
            yield {
                "factor_id": cases[case_id].factor_id,
                "version_id": cases[case_id].version_id,
                "finding": finding,
                "severity": severities[case_id].get(finding, ""),
                "reason": first.reason,
                "overridden_by": first.person_id,
                "seconded_by": second.person_id,
                "decided_on": second.acted_on.date(),
            }


def reasons(session: Session, base_release: str | None) -> dict[str, str]:
    """Return factor id -> the written reason of what was decided on it since `base_release`; of several the newest."""
    asked = (
        sa.select(col(CaseRow.factor_id), col(ActRow.reason))
        .join(CaseRow, col(CaseRow.case_id) == col(ActRow.case_id))
        .where(col(ActRow.action).in_(DECIDING), col(ActRow.base_release).is_not_distinct_from(base_release))
        .order_by(col(ActRow.acted_on), col(CaseRow.opened_on), col(ActRow.seq))
    )
    return {row[0]: row[1] for row in session.execute(asked) if row[1]}


_FACTS = tuple(name for name in CaseRow.model_fields if name != "opened_on")
_NEWEST = ("seq", "state", "shape", "content_hash", "rule_set", "base_release")
_TYPES: Mapping[str, pa.DataType] = {"seq": pa.int64(), "impact": pa.float64(), "acted_on": pa.timestamp("us")}
_STANDING = pa.schema([(name, _TYPES.get(name, pa.string())) for name in (*_FACTS, *_NEWEST)])
_TIMES = pa.schema(
    [(name, _TYPES.get(name, pa.string())) for name in ("case_id", "seq", "action", "state", "acted_on")]
)


def _core(model: type[SQLModel]) -> sa.Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return] # SQLModel's table classes do not declare it


def _table(session: Session, asked: sa.Select[Any], schema: pa.Schema) -> pa.Table:
    rows = session.connection().execute(asked).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([_column(values, field.type) for field, values in zip(schema, columns, strict=True)], schema=schema)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if not pa.types.is_timestamp(kind):
        return pa.array(values, kind)
    if values and isinstance(values[0], str):
        return pa.array(values, pa.string()).cast(kind)
    # PostgreSQL gives times with a zone; all of ours are UTC
    return pa.array([one.replace(tzinfo=None) for one in values], kind)
