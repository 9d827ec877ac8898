"""One worker at a time: a row is claimed by a conditional update before the other side is asked.

It works the same on every database, holds no lock and no transaction while a remote call runs, and a claim whose worker
was killed lapses by itself. A worker that was only asleep may wake up after that: so whoever holds a claim asks for it
anew before every change it makes, here or on the other side.
"""

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

LASTS = timedelta(seconds=90)  # longer than any one request, with the wait for its turn


class Busy(Exception):
    """Another worker holds the row; come back in a few seconds."""


class Lost(Busy):
    """The claim had lapsed, and another worker took the row or it is gone: what we hold may be old."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``lapsed``: the worker before us never gave it back. It was killed, or is asleep, and what it asked for last may
    still happen."""

    id: uuid.UUID
    lapsed: bool


@contextmanager
def claimed(row):
    """Hold ``row`` (a model with ``claim`` and ``claimed_until``) for the length of the block. Raises Busy."""
    ours, now = uuid.uuid4(), timezone.now()
    rows = type(row).objects.filter(pk=row.pk)
    before = rows.values_list("claim", flat=True).first()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    if not rows.filter(free).update(claim=ours, claimed_until=now + LASTS):
        raise Busy(f"{type(row).__name__} {row.pk} is being worked on, or gone.")
    row.claim = ours
    try:
        yield Claim(ours, lapsed=before is not None)
    finally:
        row.claim = None
        rows.filter(claim=ours).update(claim=None, claimed_until=None)


def keep(row, **fields):
    """Save only these fields, and only while the row is still claimed as ``row`` says. Raises Lost."""
    if not type(row).objects.filter(pk=row.pk, claim=row.claim).update(**fields):
        raise Lost(f"{type(row).__name__} {row.pk} was taken over by another worker, or is gone.")
    for name, value in fields.items():
        setattr(row, name, value)


def hold(row):
    """Have the claim last anew from now on. Raises Lost."""
    keep(row, claimed_until=timezone.now() + LASTS)
