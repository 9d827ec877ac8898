"""Which of our service tokens callers still send: noted by the door, read by whoever wants to take one away."""

import hashlib
import logging
import threading
import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.utils import InterfaceError
from django.utils import timezone

from voice.models import TokenUse

logger = logging.getLogger(__name__)
EVERY_SECONDS = 30
_noted = {}
_writing = []  # the thread that wrote last


def note(token):
    """A caller proved itself with this token. Costs the caller nothing: twice a minute at most, on a thread of its own."""
    now = time.monotonic()
    hangs = _writing and _writing[-1].is_alive()  # a database that does not answer must not collect threads
    if now - _noted.get(token, -EVERY_SECONDS) >= EVERY_SECONDS and not hangs:
        _noted[token] = now
        _writing[:] = [threading.Thread(target=_write, args=[fingerprint(token)], name="token-use", daemon=True)]
        _writing[0].start()


def last_used(token):
    """When a caller last sent it, as far as is known; None when never."""
    return TokenUse.objects.filter(fingerprint=fingerprint(token)).values_list("used_at", flat=True).first()


def live():
    """The tokens we accept, the one for the agents first."""
    return [token for token in settings.SERVICE_TOKENS if token]


def name(token):
    """A token as people may see it."""
    return f"…{token[-4:]}" if len(token) >= 12 else "…"


def fingerprint(token):
    return hashlib.sha256(b"service token:" + token.encode()).hexdigest()


def _write(mark):
    try:
        TokenUse.objects.update_or_create(fingerprint=mark, defaults={"used_at": timezone.now()})
    except (DatabaseError, InterfaceError) as fault:
        logger.warning("the use of a service token was not noted: %s", type(fault).__name__)
    finally:
        connection.close()
