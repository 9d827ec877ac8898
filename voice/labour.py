"""How long the workers' tasks take, and how they end."""

import time

from celery.signals import task_postrun, task_prerun, worker_process_shutdown

from knowledge import meters

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
