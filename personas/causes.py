"""On whose account something is done: a person, a visitor, a command somebody typed, or the clock.

A request knows its person. What it hands to the workers takes that along in a header of the task, and so does what those
hand on, so that an agent changed in the background is put down to whoever changed the persona. What a sweep finds, or beat
begins, is the clock's.
"""

from dataclasses import asdict, dataclass

from celery import current_task
from celery.signals import before_task_publish
from simple_history.models import HistoricalRecords

from personas.recording import find_program

PERSON, VISITOR, COMMAND, CLOCK = KINDS = ("person", "visitor", "command", "clock")
HEADER = "caused_by"


@dataclass(frozen=True, slots=True)
class Cause:
    """``user_id`` and ``name`` are a person's; a command has its words as its name."""

    kind: str
    user_id: int | None = None
    name: str = ""


def cause():
    """The Cause of what is done now. Reads the person of a request, so it is asked on the request's own thread."""
    if (request := request_now()) is not None:
        return of_user(getattr(request, "signed_in", request.user))
    if current_task:
        return Cause(**(current_task.request.get(HEADER) or {"kind": CLOCK}))
    program = find_program()
    return Cause(COMMAND, name=program) if program else Cause(CLOCK)


def request_now():
    """The request that this thread is at, or None."""
    return getattr(HistoricalRecords.context, "request", None)


def of_user(user):
    if user.is_authenticated:
        return Cause(PERSON, user.pk, user.get_username())
    return Cause(VISITOR)


def header():
    """What a task takes along."""
    return {HEADER: asdict(cause())}


@before_task_publish.connect
def take_along(headers=None, **_):
    """For what was not handed over with one: a task that comes back to itself, and beat's."""
    if headers is not None and HEADER not in headers:
        headers.update(header())
