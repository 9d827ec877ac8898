"""Files leave the storage with what they belonged to; when it does not answer, later, and never not at all."""

import logging
import time
from contextlib import contextmanager
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from knowledge.models import Hold, Removal

logger = logging.getLogger(__name__)
HOLD_LASTS = timedelta(minutes=15)
RENEW_SECONDS = 60


def remove(file):
    """Have a file go after the commit of the deletion that this is part of. An empty field has none."""
    if file:
        row = Removal.objects.create(name=file.name)
        transaction.on_commit(lambda: _carry_out(row))


def carry_out():
    """Remove what earlier could not be removed. Gives how many are still left."""
    return sum(not _carry_out(row) for row in Removal.objects.order_by("pk"))


@contextmanager
def held():
    """While this lasts, files of what is deleted stay where they are; afterwards they go at once.

    Gives a function to be called at least every few minutes; without it the hold ends by itself. Whatever a snapshot of
    the database names that is taken in here is in the storage until the end: who deletes looks for a hold after its own
    commit, so either the snapshot does not have the row any more, or the file waits.
    """
    hold, renewed = Hold.objects.create(until=timezone.now() + HOLD_LASTS), time.monotonic()

    def renew():
        nonlocal renewed
        if time.monotonic() - renewed > RENEW_SECONDS:
            Hold.objects.filter(pk=hold.pk).update(until=timezone.now() + HOLD_LASTS)
            renewed = time.monotonic()

    try:
        yield renew
    finally:
        hold.delete()
        carry_out()


def _carry_out(row):
    if Hold.objects.filter(until__gt=timezone.now()).exists():
        return False
    try:
        default_storage.delete(row.name)
    except OSError as fault:
        logger.warning("A file of something deleted is still there; it is removed later: %s", fault)
        return False
    row.delete()
    return True
