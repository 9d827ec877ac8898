"""Handing a task to the workers: in bounded time, and not at all while the broker is known not to answer.

Nothing is lost by that. What a task is about stands in a row, and a sweep takes up what nobody was told of.
"""

import contextvars
import logging
import queue
import threading

from kombu.exceptions import OperationalError

from knowledge.breakers import Breaker
from personas import causes

logger = logging.getLogger(__name__)
SECONDS = 0.4  # Celery's own limits hold for each step: with a frozen broker they came to 7 s (measured)
REST_SECONDS = 30
breaker = Breaker("The broker", REST_SECONDS)


def reset():
    """Try the broker again at once, as at the start of a process."""
    breaker.reset()


def hand_over(task, arguments, countdown=None):
    """Whether the workers have it: within half a second, and at once while the broker is left alone. A broker that comes
    back may hand over late what was given up here, so tasks are safe to repeat."""
    if not breaker.admits():
        return False
    try:
        _send(task, arguments, countdown)
    except (OperationalError, OSError) as fault:
        breaker.failed(type(fault).__name__)
        logger.warning("%s%s waits for the sweep: the broker is not answering (%s)", task.name, arguments, fault)
        return False
    breaker.worked()
    return True


def _send(task, arguments, countdown):
    """On a thread that is left behind when it is late; Celery's eager mode, in which the task itself runs, stays here."""
    options = {
        "retry": False,
        "countdown": countdown,
        "headers": causes.header(),
    }  # asked here: it may ask the database
    if task.app.conf.task_always_eager:
        task.apply_async(arguments, **options)
        return
    brought = queue.SimpleQueue()

    def work():
        try:
            brought.put(task.apply_async(arguments, **options) and None)
        except Exception as fault:
            brought.put(fault)

    mine = contextvars.copy_context()  # whose work it is
    threading.Thread(target=mine.run, args=[work], name="broker", daemon=True).start()
    try:
        fault = brought.get(timeout=SECONDS)
    except queue.Empty as late:
        raise TimeoutError(f"no answer within {SECONDS} s") from late
    if fault is not None:
        raise fault
