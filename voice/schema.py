"""The schema is changed from one place at a time, and nobody on the site waits for it.

On PostgreSQL an ALTER that waits for a table has everybody who comes after it wait too, readers included: one long report,
and the site stands. So it waits for WAIT at most, lets everybody pass, and tries again. There is no limit on how long a
statement may take: building an index aside takes as long as it takes, and holds up nobody.
"""

import time
from contextlib import contextmanager, suppress

from django.db import DatabaseError, OperationalError, connections

WAIT = "2s"
PAUSE_SECONDS, TRIES = 3, 40
KEY = 0x61647669736F72  # "advisor"; of the advisory lock
LOCK_NOT_AVAILABLE = "55P03"


class InUse(Exception):
    """A table did not become free."""


@contextmanager
def alone(database, say):
    """Whoever comes second waits here until the first is through. A lock of the session, so it goes with its process."""
    if connections[database].vendor != "postgresql":
        yield
        return
    holding = connections[database].copy()
    try:
        with holding.cursor() as cursor:
            told = False
            while not _take(cursor):  # asked again and again: a statement that waits would hold up indexes built aside
                told = told or say("The schema is being changed from elsewhere; waiting for that to end.") or True
                time.sleep(1)
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])
    finally:
        holding.close()


def patiently(database, act, say):
    """What ``act()`` gives, which changes the schema and may be done again. Raises InUse when a table did not become free."""
    connection = connections[database]
    if connection.vendor != "postgresql":
        return act()
    for left in reversed(range(TRIES)):
        _set(connection, f"SET lock_timeout = '{WAIT}'")
        try:
            return act()
        except OperationalError as fault:
            if getattr(fault.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            if not left:
                raise InUse(str(fault)) from fault
            say("A table is in use; everybody else goes first, then it is tried again.")
            time.sleep(PAUSE_SECONDS)
        finally:
            with suppress(DatabaseError):
                _set(connection, "RESET lock_timeout")
    return None


def _take(cursor):
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
    return cursor.fetchone()[0]


def _set(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
