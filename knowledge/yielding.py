"""Work that gives way to whoever waits for an answer: a document can be read a little later, a caller cannot wait.

Linux has a scheduling class for this, SCHED_IDLE (sched(7)): its threads run when nobody else wants to, are put aside at
once, and a processor with nothing but them counts as free. There is no way back from it without privileges, so it is
taken by threads that end with their work, and only in the workers' processes.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

_begun = False


def begin(**_):
    """From now on ``run`` gives way in this process. For a worker's start."""
    global _begun
    _begun = True


def run(work, *arguments, **named):
    """What ``work`` returns or raises. It must not use the database: it may run in a thread of its own, and processes
    that it starts give way, too."""
    if not _begun:
        return work(*arguments, **named)
    with ThreadPoolExecutor(1, thread_name_prefix="yielding", initializer=_step_back) as pool:
        return pool.submit(work, *arguments, **named).result()


def _step_back():
    """The calling thread gives way from now on, where the system knows how."""
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
