"""Breakers: a dead dependency costs the first caller its time, not every one.

Closed, a breaker lets everybody through. A failure opens it; then nobody is let through for a while, and after that one
caller at a time, until one has success. With a ``trial`` no caller pays for finding out: a thread of its own tries.
"""

import logging
import threading
import time

logger = logging.getLogger(__name__)


class Breaker:
    """One before each dependency of a process. ``name`` begins a sentence in the log."""

    def __init__(self, name, rest, trial=None, patience=1):
        """``rest``: seconds it is left alone after ``patience`` failures in a row. ``trial``: asks the dependency, keeping
        to a time limit of its own; anything it raises is a failure."""
        self.name, self.rest, self.why = name, rest, ""
        self.patience, self._failures = patience, 0
        self._trial, self._lock = trial, threading.Lock()
        self._until = None  # a time.monotonic() value while open
        self._since, self._spared = 0.0, 0

    @property
    def is_open(self):
        return self._until is not None

    @property
    def is_resting(self):
        """Open, and not yet to be tried again."""
        return self._until is not None and time.monotonic() < self._until

    def admits(self):
        """Whether the caller may try. Whoever may must tell how it went by ``worked`` or ``failed``."""
        if self._until is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._until is None:
                return True
            if self._trial is None and now >= self._until:
                self._until = now + self.rest  # the others wait for this one
                return True
            self._spared += 1
            return False

    def failed(self, why, rest=None):
        """Open it for ``rest`` seconds. ``why`` goes to the log: no question, no secret."""
        with self._lock:
            self._failures += 1
            if self._failures < self.patience:
                return
            opened, self.why = self._until is None, why
            self._until = time.monotonic() + (self.rest if rest is None else rest)
            if opened:
                self._since, self._spared = time.monotonic(), 0
        if opened:
            logger.warning("%s is left alone and tried every %.3g s: %s", self.name, self.rest, why)
            if self._trial is not None:
                threading.Thread(target=self._try, name=f"{self.name} trial", daemon=True).start()

    def worked(self):
        """Close it."""
        self._failures = 0
        if self._until is None:
            return
        with self._lock:
            was_open, self._until, self.why = self._until is not None, None, ""
            seconds, spared = time.monotonic() - self._since, self._spared
        if was_open:
            logger.warning("%s is back after %.1f s; meanwhile %d times it was not asked.", self.name, seconds, spared)

    def reset(self):
        """Closed, as at the start of a process."""
        with self._lock:
            self._until, self.why, self._failures = None, "", 0

    def _try(self):
        while self._until is not None:
            try:
                self._trial()
            except Exception as fault:  # whatever it is, the dependency does not work
                self.why = type(fault).__name__
                time.sleep(self.rest)
            else:
                self.worked()
