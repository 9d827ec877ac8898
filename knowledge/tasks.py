"""What happens behind the admin's back: documents are read, and none is left lying."""

import logging
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_process_init
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from knowledge import addresses, broker, caching, changeovers, claims, gaps, golden, ingestion, removals, yielding
from knowledge.embeddings import EmbeddingFailed
from knowledge.models import Address, Document, Gap, GoldenQuestion, GoldenRun, Library
from knowledge.reading import UnreadableDocument
from personas.models import Persona

logger = logging.getLogger(__name__)
worker_process_init.connect(yielding.begin)
EMBEDDING_SECONDS = 240  # of one task: a worker that is stopped or killed loses little, and others get their turn
SETTLE_SECONDS = 5  # in which more changes may follow: several uploads are one reason to ask, not several


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
    start_asking(document.persona_id)


@shared_task
def remove_waiting_files():
    """Files of what was deleted while the storage did not answer go now."""
    left = removals.carry_out()
    if left:
        logger.warning("%d files of what was deleted are still in the storage", left)


@shared_task
def ask_after_change(persona_id, version):
    """Ask a persona's golden questions after a change, and those without an answer again, unless another change followed
    that will have them asked."""
    persona = Persona.objects.filter(pk=persona_id).first()
    if persona is None or version != Library.objects.read_version(persona_id) or golden.is_changing(persona_id):
        return
    if golden.is_due(persona, version):
        golden.run(persona, GoldenRun.Cause.CHANGE)
    gaps.review(persona)


@shared_task
def run_golden_questions(persona_id, cause, by_id=None):
    """Ask a persona's golden questions because somebody wants to know."""
    persona = Persona.objects.filter(pk=persona_id).first()
    if persona is not None:
        golden.run(persona, cause, get_user_model().objects.filter(pk=by_id).first())


@shared_task
def make_vectors(persona_id):
    """Bring a persona's vectors to the engine in use, for some minutes; the rest is another task's."""
    persona = Persona.objects.filter(pk=persona_id).first()
    if persona is None:
        return
    try:
        done = changeovers.carry_on(persona, EMBEDDING_SECONDS)
    except (EmbeddingFailed, changeovers.Taken) as outcome:
        logger.info("The vectors of %s wait for the next sweep: %s", persona.slug, outcome)
        return
    if not done:
        start_embedding(persona_id)


@shared_task
def take_up_waiting_documents():
    """Read what was left waiting, make vectors that are missing, and repeat announcements that may be lost."""
    for document_id in claims.find_waiting():
        start_reading(document_id)
    for persona_id in Library.objects.moved_lately().values_list("pk", flat=True):
        caching.announce(persona_id, marks=0)
    for persona_id in changeovers.find_due():
        start_embedding(persona_id)
    gaps.gather()
    settled = timezone.now() - timedelta(seconds=2 * SETTLE_SECONDS)
    for persona_id in {*golden.find_due(settled), *gaps.find_due(settled)}:
        start_asking(persona_id)


@shared_task
def look_up_due_addresses():
    """Have every web address looked up again whose time has come, each in a task of its own."""
    for address_id in Address.objects.due().values_list("pk", flat=True):
        _send(look_up_address, address_id)


@shared_task
def look_up_address(address_id):
    """Look one web address up again, unless somebody else does or it is not due any more."""
    address = addresses.take(address_id, timezone.now())
    if address is None:
        return
    try:
        addresses.fetch_again(address)
        ingestion.warm(address.document.persona)
    except claims.Taken as outcome:
        logger.info("Address %s: %s", address_id, outcome)
    start_asking(address.document.persona_id)


def start_looking_up(address):
    """Have a web address looked up now."""
    Address.objects.filter(pk=address.pk).update(due_at=timezone.now())
    transaction.on_commit(lambda: _send(look_up_address, address.pk))


def start_reading(document_id):
    """Have a document read once the current transaction is committed. Without a broker it waits for the sweep."""
    transaction.on_commit(lambda: _send(read_document, str(document_id)))


def start_embedding(persona_id):
    """Have a persona's vectors made once the current transaction is committed."""
    transaction.on_commit(lambda: _send(make_vectors, str(persona_id)))


def start_asking(persona_id):
    """Have the golden questions asked, and those without an answer, once the change is committed and no other follows for
    a moment."""
    transaction.on_commit(lambda: _ask_soon(persona_id))


def start_running(persona_id, cause, by=None):
    """Have the golden questions asked now, by a worker."""
    transaction.on_commit(lambda: _send(run_golden_questions, str(persona_id), cause, by and by.pk))


def _ask_soon(persona_id):
    version = Library.objects.read_version(persona_id)
    wanted = GoldenQuestion.objects.filter(persona=persona_id, active=True)
    if wanted.exists() or Gap.objects.open().filter(persona=persona_id).exists():
        _send(ask_after_change, str(persona_id), version, countdown=SETTLE_SECONDS)


def _send(task, *arguments, countdown=None):
    """Hand a task over; what is not, the sweep will."""
    broker.hand_over(task, arguments, countdown)
