"""The events as stored, in order, for the ledger: raw rows, without making an object of each."""

from collections.abc import Iterator
from datetime import datetime

from factordb.store.records import Engine, in_words

_ASKED = "SELECT event_id, kind, subject, actor, facts, happened_on FROM event ORDER BY event_id"
_MANY = 20_000

Stored = tuple[int, str, str, str, str, str | datetime]


def stored_events(made: Engine) -> Iterator[list[Stored]]:
    """Yield all events in order of their ids, many at a time, read in one transaction.

    Raises:
        BusyError: another process writes to the records for longer than five seconds.
        IntegrityError: the file is no database.
    """
    with in_words(), made.connect() as connection:
        cursor = connection.exec_driver_sql(_ASKED).cursor
        while cursor is not None and (found := cursor.fetchmany(_MANY)):
            yield list(found)
