"""Files leave the storage with what they belonged to; when it does not answer, later, and never not at all."""

import logging

from django.core.files.storage import default_storage
from django.db import transaction

from knowledge.models import Removal

logger = logging.getLogger(__name__)


def remove(file):
    """Have a file go after the commit of the deletion that this is part of. An empty field has none."""
    if file:
        row = Removal.objects.create(name=file.name)
        transaction.on_commit(lambda: _carry_out(row))


def carry_out():
    """Remove what earlier could not be removed. Gives how many are still left."""
    return sum(not _carry_out(row) for row in Removal.objects.order_by("pk"))


def _carry_out(row):
    try:
        default_storage.delete(row.name)
    except OSError as fault:
        logger.warning("A file of something deleted is still there; it is removed later: %s", fault)
        return False
    row.delete()
    return True
