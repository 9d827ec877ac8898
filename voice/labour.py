"""How long the workers' tasks take and how they end; and that a worker, and the clock that hands out what recurs, live."""

import time
from contextlib import suppress

from celery.signals import before_task_publish, heartbeat_sent, task_postrun, task_prerun, worker_process_shutdown
from django.core.cache import cache
from redis.exceptions import RedisError

from knowledge import meters

WORKER, BEAT = "worker-lives", "beat-lives"
EVERY_SECONDS, KEPT_SECONDS = 10, 86_400
_said = {}  # a time.monotonic() value by key
_began = {}  # by the task's id; a worker process has one in hand


@task_prerun.connect
def begin(task_id=None, **_):
    _began[task_id] = time.monotonic()


@task_postrun.connect
def end(task_id=None, task=None, state=None, **_):
    began = _began.pop(task_id, None)
    if began is not None:
        meters.observe("task", time.monotonic() - began, task=task.name, outcome=(state or "unknown").lower())


@worker_process_shutdown.connect
def hand_over(**_):
    """Such a process ends without Python's own farewell."""
    meters.flush()


@heartbeat_sent.connect
def a_worker_lives(**_):
    """Its main process says so every two seconds, also while all of its children are at long work."""
    _say(WORKER)


@before_task_publish.connect(sender="voice.tasks.heartbeat")
def the_clock_lives(**_):
    """Only beat hands this one out."""
    _say(BEAT)


def seen(key):
    """Seconds since it was last heard of; None when that was never, or is long ago. Raises RedisError."""
    at = cache.get(key)
    return None if at is None else max(0.0, time.time() - at)


def _say(key):
    now = time.monotonic()
    if now - _said.get(key, -EVERY_SECONDS) < EVERY_SECONDS:
        return
    _said[key] = now
    with suppress(RedisError):
        cache.set(key, time.time(), KEPT_SECONDS)
