"""Stores that fail now and then while something else is measured."""

import contextlib
import itertools
import threading
import time

from benchmarks.faults import down

LASTS, BETWEEN = 3.0, 15.0  # seconds
KINDS = {
    "Redis killed": lambda open_: down(open_.valkey),
    "PostgreSQL paused": lambda open_: open_.postgresql.frozen(),
    "Redis paused": lambda open_: open_.valkey.frozen(),
}


@contextlib.contextmanager
def brewing(open_, after):
    """From ``after`` seconds on one store after the other fails for a moment. Gives the list of (time.monotonic(), what)
    that befell so far; at the end everything runs again."""
    told, over = [], threading.Event()

    def brew():
        over.wait(after)
        for name in itertools.cycle(KINDS):
            if over.wait(BETWEEN):
                return
            told.append((time.monotonic(), name))
            with KINDS[name](open_):
                time.sleep(LASTS)

    thread = threading.Thread(target=brew, name="trouble", daemon=True)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()
