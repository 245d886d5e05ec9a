"""What people decided about factors that leave a library: the way each of them went."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from factordb.store.cases import ActRow, CaseRow


def departures(session: Session, states: Iterable[str]) -> dict[str, str]:
    """Return factor id -> the newest of `states` that a person brought one of its cases to.

    Args:
        session: the transactional records.
        states: states of a case in which its factor is in no release.
    """
    asked = (
        sa.select(col(CaseRow.factor_id), col(ActRow.state))
        .join(CaseRow, col(CaseRow.case_id) == col(ActRow.case_id))
        .where(col(ActRow.state).in_(list(states)))
        .order_by(col(ActRow.acted_on), col(CaseRow.opened_on), col(ActRow.seq))
    )
    return {row[0]: row[1] for row in session.execute(asked)}
