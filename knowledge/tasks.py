"""What happens behind the admin's back: documents are read, and none is left lying."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from knowledge import caching, claims, ingestion, vectors
from knowledge.models import Document, Library
from knowledge.reading import UnreadableDocument

logger = logging.getLogger(__name__)


@shared_task
def read_document(document_id):
    """Read one document. What cannot be read says so on its row; what is being read already is left alone."""
    document = Document.objects.select_related("persona").filter(pk=document_id).first()
    if document is None:
        return
    try:
        ingestion.ingest(document)
        ingestion.warm(document.persona)
    except (UnreadableDocument, claims.Taken) as outcome:
        logger.info("Document %s: %s", document_id, outcome)


@shared_task
def take_up_waiting_documents():
    """Read what was left waiting, fill in vectors that are missing, and repeat announcements that may be lost."""
    for document_id in claims.find_waiting():
        start_reading(document_id)
    for persona_id in Library.objects.moved_lately().values_list("pk", flat=True):
        caching.announce(persona_id, marks=0)
    vectors.fill_in()


def start_reading(document_id):
    """Have a document read once the current transaction is committed. Without a broker it waits for the sweep."""
    transaction.on_commit(lambda: _send(read_document, str(document_id)))


def _send(task, *arguments):
    try:
        task.apply_async(arguments, retry=False)
    except (OperationalError, OSError) as problem:
        logger.warning("The broker is not answering; %s%s waits for the sweep: %s", task.name, arguments, problem)
