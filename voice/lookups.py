"""A tool call's way to the rows and the documents: on another thread, until the deadline and no longer.

A database that is black-holed hangs whatever its own timeouts say. Only the first callers wait for it: whoever is late at
the rows opens a breaker, and from then on everybody hears so at once. The breaker's own thread frees those that hang, by
closing their connections under them, and tries until the database answers.
"""

import time
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.models import Exists, F, OuterRef, Subquery

from knowledge import answering, caching, shelf, telemetry
from knowledge.breakers import Breaker
from personas.models import Persona
from voice import calls, lines
from voice.crew import Crew, Late, NobodyLeft
from voice.cutting import cut
from voice.models import Session
from voice.refusals import NotYours

REST_SECONDS, TRIAL_SECONDS = 0.5, 1.0
READ = ("slug", "status", "language", "extra_languages", "strictness", "fallback_message")
WARMED, WARM_SECONDS = 8, 2.0  # personas, those that changed last; seconds for one
ROWS_SHARE = 0.6  # of the time there is: rows that take longer than that are not coming
NOBODY = UUID(int=0)
LIVE_FACT_SECONDS = 900


class NotNow(Exception):
    """There is no answer in time. Its text says why, to staff."""


class Place:
    """Where a thread stands: at the rows, by which connection, or elsewhere (None)."""

    connection = None


def find(asked, recall):
    """The Answer to a calls.Asked, whose session and languages are filled in on the way. Raises NotYours, NotNow and
    lines.Ambiguous; a fault of ours is raised as it is."""
    if not database.admits():
        raise NotNow(f"The database is left alone for a moment: {database.why}.")
    place = Place()
    try:
        job = _crew.start(_look_up, asked, recall, place)
        is_stuck = not job.wait(asked.started + (asked.deadline - asked.started) * ROWS_SHARE) and place.connection
        return job.result(0.0 if is_stuck else asked.deadline)
    except Late:
        leave(job, place)
        raise NotNow(f"No answer within {settings.TOOL_BUDGET_MS} ms.") from None
    except NobodyLeft as full:
        raise NotNow(f"Nobody is left to look it up: {full}.") from None
    except (OperationalError, InterfaceError) as fault:
        note_failure(fault)
        raise NotNow(f"The database failed: {type(fault).__name__}.") from fault
    except shelf.NotInTime as late:
        raise NotNow(str(late)) from None


def leave(job, place):
    """Nobody waits for the job any more: while its thread hangs at the rows, they are left alone and it is freed."""
    if place.connection is not None:
        _stuck.append((job, place.connection))
        database.failed("no answer in time")


def note_failure(fault):
    """The database failed somebody, unless it only had one transaction give way to another (SQLSTATE class 40: deadlocks):
    then it is well, and others need not be kept from it."""
    if not (getattr(fault.__cause__, "sqlstate", None) or "").startswith("40"):
        database.failed(type(fault).__name__)


def reset():
    """As at the start of a process."""
    database.reset()
    _stuck.clear()


def warm():
    """Ask the rows and look something up once, so that no caller waits for a first connection or a first use of the index.
    Raises what they raise, and Late."""
    _ask_the_rows()
    for persona in Persona.objects.published().filter(library__isnull=False).order_by("-library__changed_at")[:WARMED]:
        with suppress(shelf.NotInTime):
            answering.look_up(persona, "What is there to know?", deadline=time.monotonic() + WARM_SECONDS)


def _look_up(asked, recall, place):
    try:
        persona = _read(asked.persona_id, asked.conversation_id, place)
        if asked.session_id is None:
            asked.session_id = _live_session(asked, persona, place)
        if persona is None or not (persona.is_published or persona.by_staff):
            raise NotYours("There is no such persona to answer for.")
        asked.fallback = persona.fallback_message
        return answering.answer(
            persona,
            asked.question,
            earlier=asked.earlier,
            deadline=asked.deadline,
            recall=recall,
            library=(persona.version or 0, persona.engine or ""),
        )
    finally:
        _tidy(connections[DEFAULT_DB_ALIAS])


def _live_session(asked, persona, place):
    """From the rows, when Redis does not know. Remembered, so that it is asked once."""
    session_id = persona and (persona.session_id or _bind(asked, place))
    if session_id is None:
        raise NotYours("This is not a live conversation of that persona.")
    asked.languages = tuple(persona.languages)
    fact = calls.live_fact(persona, session_id)
    caching.remember(calls.live_key(asked.conversation_id), fact, LIVE_FACT_SECONDS)
    return session_id


def _bind(asked, place):
    """The phone call that a conversation nobody knows must be."""
    place.connection = connections[DEFAULT_DB_ALIAS]
    session = lines.bind(asked.persona_id, asked.conversation_id, asked.reference)
    place.connection = None
    return session and session.pk


@telemetry.spanned("rows")
def _read(persona_id, conversation_id, place):
    """The persona with all that a call needs to know of the rows, in one query; None when there is none.

    A connection that the server has closed since it was last used is known by using it: asking first would cost every
    call a round trip.
    """
    connection = place.connection = connections[DEFAULT_DB_ALIAS]
    used_before = connection.connection is not None
    try:
        return _select(persona_id, conversation_id).first()
    except (OperationalError, InterfaceError):
        connection.close()
        if not used_before:
            raise
        return _select(persona_id, conversation_id).first()
    finally:
        place.connection = None


def _select(persona_id, conversation_id):
    """``session_id``: the live call's; ``by_staff``: staff are in it, who talk with drafts; ``version`` and ``engine`` of
    the knowledge."""
    named = Session.objects.filter(elevenlabs_conversation_id=conversation_id, conversation__persona=OuterRef("pk"))
    return (
        Persona.objects.filter(pk=persona_id)
        .only(*READ)
        .order_by()
        .annotate(
            version=F("library__version"),
            engine=F("library__engine"),
            session_id=Subquery(named.live().order_by().values("pk")[:1]),
            by_staff=Exists(named.filter(conversation__user__is_staff=True)),
        )
    )


def _tidy(connection):
    """Close what is broken or has been open for long (CONN_MAX_AGE)."""
    too_old = connection.close_at is not None and time.monotonic() >= connection.close_at
    if connection.errors_occurred or too_old:
        connection.close()


def _ask_the_rows():
    """The breaker's trial: the same query for nobody, so that a locked table counts as well as a dead server."""
    _free_the_stuck()
    place = Place()
    job = _crew.start(_read_nobody, place)
    try:
        job.result(time.monotonic() + TRIAL_SECONDS)
    except Late:
        if place.connection is not None:
            _stuck.append((job, place.connection))
        _free_the_stuck()
        raise


def _read_nobody(place):
    try:
        _read(NOBODY, "", place)
    finally:
        _tidy(connections[DEFAULT_DB_ALIAS])


def _free_the_stuck():
    while _stuck:
        job, connection = _stuck.pop()
        if not job.is_done:
            cut(connection)


database = Breaker("The database", REST_SECONDS, trial=_ask_the_rows)
_crew = Crew("tool-call")
_stuck = []  # (Job, the connection it waits for)
