"""Faults in the log: a line per kind every few seconds, not one per call, and never a word of what was asked."""

import threading
import time

EVERY_SECONDS = 5
_said = {}  # kind → [when last, left out since]
_lock = threading.Lock()


def warn(logger, kind, text, *details):
    """Log a warning unless one of this kind was logged just now; the next one tells how many were left out.

    Kinds are words of ours, so there are few; ``details`` must never be what somebody asked or a secret.
    """
    with _lock:
        said = _said.setdefault((logger.name, kind), [None, 0])
        now = time.monotonic()
        if said[0] is not None and now - said[0] < EVERY_SECONDS:
            said[1] += 1
            return
        left_out, said[0], said[1] = said[1], now, 0
    logger.warning(f"{text}%s", *details, f" ({left_out} more like it since the last line)" if left_out else "")


def reset():
    """As at the start of a process."""
    with _lock:
        _said.clear()
