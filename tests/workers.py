"""A real Celery worker on the stores of the running test."""

import contextlib
import os

from django.conf import settings
from django.db import connection

from demo import processes
from demo.steps import PYTHON
from tests.conftest import ROOT


def start(log, concurrency=1, **environment):
    """Begin a worker with so many processes; its output goes to ``log``. Whoever starts it stops it. Gives its Popen."""
    known = {**os.environ, "DATABASE_URL": database(), "DATA_DIR": str(settings.DATA_DIR), **environment}
    command = [PYTHON, "-m", "celery", "-A", "config", "worker", "--concurrency", concurrency]
    quiet = ["--without-gossip", "--without-mingle"]
    return processes.start([*command, *quiet], log=log, environment=known, directory=ROOT)


@contextlib.contextmanager
def running(log, concurrency=1, **environment):
    """The same, stopped at the end."""
    process = start(log, concurrency, **environment)
    try:
        yield process
    finally:
        processes.stop(process, patience=3)


def database():
    """The address of the database that this test writes to."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
