"""Threads for work that may hang: whoever waits for it goes away at a deadline, and the work is done by others from then on.

A pool of the standard library's counts a thread that hangs for ever, and Python waits for it at the end of the process.
"""

import contextvars
import threading
import time
from collections import deque


class Late(Exception):
    """The deadline came first. The work is not begun any more, or its thread counts as lost until it returns."""


class NobodyLeft(Exception):
    """So many threads hang that no further ones are risked."""


class Job:
    """Work given to a Crew."""

    def __init__(self, crew, work, arguments):
        self.lost = False
        self._crew, self._work, self._arguments = crew, work, arguments
        self._context = contextvars.copy_context()  # whose work it is, for the log
        self._done, self._result, self._fault = threading.Event(), None, None

    @property
    def is_done(self):
        return self._done.is_set()

    def wait(self, until):
        """Whether it is done, at the latest at ``until``, a time.monotonic() value."""
        return self._done.wait(max(0.0, until - time.monotonic()))

    def result(self, deadline):
        """What the work returns or raises; raises Late at ``deadline``, a time.monotonic() value."""
        if not self.wait(deadline) and self._crew.give_up(self):
            raise Late
        if self._fault is not None:
            raise self._fault
        return self._result

    def do(self):
        try:
            self._result = self._context.run(self._work, *self._arguments)
        except BaseException as fault:  # it is the waiting one's
            self._fault = fault


class Crew:
    """At most ``hands`` threads at work, and at most ``lost`` more that hang. Begun when needed, kept when idle."""

    def __init__(self, name, hands=16, lost=32):
        self._name, self._hands, self._most_lost = name, hands, lost
        self._changed = threading.Condition()
        self._waiting, self._idle, self._working, self.lost = deque(), 0, 0, 0

    def start(self, work, *arguments):
        """Take work on; gives its Job. Raises NobodyLeft."""
        job = Job(self, work, arguments)
        with self._changed:
            if self.lost >= self._most_lost:
                raise NobodyLeft(f"{self.lost} threads hang")
            self._waiting.append(job)
            self._call_somebody()
        return job

    def give_up(self, job):
        """Nobody waits for the job any more. False when it was done in the meantime."""
        with self._changed:
            if job.is_done:
                return False
            if job in self._waiting:
                self._waiting.remove(job)
            else:
                job.lost = True
                self._working -= 1
                self.lost += 1
                self._call_somebody()
            return True

    def _call_somebody(self):
        if self._idle >= len(self._waiting):
            self._changed.notify()
        elif self._idle + self._working < self._hands:
            self._idle += 1
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self):
        while (job := self._next()) is not None:
            job.do()
            with self._changed:
                job._done.set()
                if job.lost:  # back after all
                    self.lost -= 1
                    if self._idle + self._working >= self._hands:
                        return
                else:
                    self._working -= 1
                self._idle += 1
            job = None  # an idle thread keeps nobody's question

    def _next(self):
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            self._idle -= 1
            self._working += 1
            return self._waiting.popleft()
