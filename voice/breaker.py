"""A breaker: what failed several times in a row is left alone for a moment, and then tried by one alone."""

import threading
import time


class Breaker:
    """Opens after ``failures`` in a row, for ``seconds``. Then one may try (``allows()`` is True once more); its success
    closes the breaker, its failure opens it again. One per process; safe for threads."""

    def __init__(self, failures, seconds):
        self.most, self.seconds = failures, seconds
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        """As new."""
        self.failures, self.open_until = 0, 0.0

    def allows(self):
        """Whether to try now. Whoever is told yes while it is open is the one probe, and says how it went."""
        with self.lock:
            if self.failures < self.most:
                return True
            if time.monotonic() < self.open_until:
                return False
            self.open_until = time.monotonic() + self.seconds
            return True

    def succeeded(self):
        """It works."""
        self.reset()

    def failed(self, seconds=None):
        """It failed; after ``failures`` in a row nobody tries for ``seconds``, or for as long as is said here."""
        with self.lock:
            self.failures += 1
            self.open_until = time.monotonic() + (seconds or self.seconds)
