"""So that nobody waits for ever at a database that hangs: a server has two threads for everything, and two pages, or two
reports, that hang at it would keep the callers of all calls from being answered.

Tool calls and ringing phones ask the rows on threads of their own (``lookups``). Whoever else takes long is looked after
here: when the database does not answer a question about nothing either, the line is cut under those who wait for it, and
until it answers again everybody is told so at once.
"""

import logging
import threading
import time

from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import FileResponse
from django.urls import reverse

from knowledge.breakers import Breaker
from voice.crew import Crew, Late, NobodyLeft
from voice.cutting import cut
from voice.views.sorry import away

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 1.0  # longer than a page takes; nothing happens to those who take it while the database answers
# Together less than a new connection waits (``connect_timeout``): who comes after it is told so by then.
TRIAL_SECONDS, REST_SECONDS, LOOK_SECONDS = 1.5, 0.5, 0.25


class Lookout:
    """The middleware. Static files come before it; what asks no rows, or not on the server's threads, passes it by."""

    def __init__(self, get_response):
        if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
            raise MiddlewareNotUsed("SQLite has no line to cut, and a time limit of its own.")
        self._get_response = get_response
        self._own = {reverse(f"voice:{name}") for name in ("function_call", "conversation_start", "healthz", "metrics")}

    def __call__(self, request):
        if request.path in self._own:
            return self._get_response(request)
        if not database.admits():
            return away(request)
        with _Work():
            response = self._get_response(request)
        if response.streaming and not isinstance(response, FileResponse):
            response.streaming_content = _looked_after(response.streaming_content)
        return response


def _looked_after(pieces):
    with _Work():
        yield from pieces


class _Work:
    """What a thread is at, from the beginning of a ``with`` to its end."""

    def __enter__(self):
        self.since, self.connection = time.monotonic(), connections[DEFAULT_DB_ALIAS]
        with _changed:
            _works.add(self)
            if not _state["begun"]:
                threading.Thread(target=_look_after, name="database-lookout", daemon=True).start()
                _state["begun"] = True
            _changed.notify()

    def __exit__(self, *_):
        with _changed:
            _works.discard(self)


def _look_after():
    while True:
        with _changed:
            _changed.wait_for(lambda: _works)
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        with _changed:
            waiting = [work for work in _works if now - work.since > PATIENCE_SECONDS]
        if waiting and _hangs():
            database.failed("no answer in time")
            for work in waiting:
                _cut(work)
        for work in waiting:
            work.since = now  # whoever is slow for reasons of its own is not asked about all the time


def _cut(work):
    """Unless it is done meanwhile: its thread may be at somebody else's request by now. Django may try a new connection
    once, for ``connect_timeout``."""
    with _changed:
        is_there = work in _works
        _works.discard(work)
    if is_there:
        threading.Thread(target=cut, args=[work.connection], name="database-lookout", daemon=True).start()


def _hangs():
    """A database that says no hangs nobody: each hears it for itself."""
    if database.is_open:
        return True
    try:
        _ask()
    except (Late, NobodyLeft):
        return True
    except Exception as fault:
        logger.warning("the database was asked about nothing and says no: %s", type(fault).__name__)
    return False


def _ask():
    """A question about nothing, on a thread that may hang. Raises Late and what the database raises."""
    place = {}
    job = _crew.start(_ask_about_nothing, place)
    try:
        job.result(time.monotonic() + TRIAL_SECONDS)
    except Late:
        if "connection" in place:
            cut(place["connection"])
        raise


def _ask_about_nothing(place):
    connection = place["connection"] = connections[DEFAULT_DB_ALIAS]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


database = Breaker("The database, for all but calls,", REST_SECONDS, trial=_ask)
_crew = Crew("database-lookout", hands=2)
_works, _changed, _state = set(), threading.Condition(), {"begun": False}
