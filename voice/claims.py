"""One worker at a time: a row is claimed by a conditional update before the other side is asked.

It works the same on every database, holds no lock and no transaction while a remote call runs, and a claim whose worker
was killed lapses by itself.
"""

import uuid
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

LASTS = timedelta(seconds=90)  # longer than all the remote calls of one sync can take


class Busy(Exception):
    """Another worker holds the row; come back in a few seconds."""


@contextmanager
def claimed(row):
    """Hold ``row`` (a model with ``claim`` and ``claimed_until``) for the length of the block. Raises Busy."""
    claim, now = uuid.uuid4(), timezone.now()
    rows = type(row).objects.filter(pk=row.pk)
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if not rows.filter(free).update(claim=claim, claimed_until=now + LASTS):
        raise Busy(f"{row} is being worked on.")
    try:
        yield claim
    finally:
        rows.filter(claim=claim).update(claim=None, claimed_until=None)
