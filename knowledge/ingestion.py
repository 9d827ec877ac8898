"""A document's way in: received, claimed, read, split, embedded, kept.

Everything slow happens before the transaction opens; then the passages are replaced in one piece, and the persona's
knowledge version moves with them. Safe to repeat, and to be interrupted anywhere: what is not finished is taken up
again by whoever sweeps.
"""

import logging

from django.db import transaction

from knowledge import caching, claims, identity, shelf, sources, splitting, vectors, yielding
from knowledge.flags import comparing, flagging
from knowledge.identity import AlreadyKnown
from knowledge.language import tongues
from knowledge.models import Document, Library, Passage
from knowledge.reading import UnreadableDocument
from knowledge.receiving import receive
from knowledge.sources import NotStored

__all__ = ["AlreadyKnown", "NotStored", "UnreadableDocument", "forget", "ingest", "receive", "rename", "warm"]
logger = logging.getLogger(__name__)


def ingest(document, threads=1):
    """Replace the document's passages by what its file or text says now. Safe to repeat: one that is ready stays as it
    is until ``claims.release`` lets it be read again.

    Raises UnreadableDocument, after the reason was kept for staff; claims.Taken when somebody else reads it. ``threads`` is how
    many batches are embedded at once.
    """
    claim = claims.take(document)
    if claim is None:
        return document
    try:
        found = sources.read(claim.document)
        claim.report(30)
        if identity.says_the_same(claim.document, identity.sum_text(found.text)):
            identity.withdraw(claim, identity.UNCHANGED)
            return claim.document.replaces
        suspected = yielding.run(flagging.suspect, found, document.persona.language)
        passages = _split(claim, found, suspected)
        made = _embed(claim, passages, threads)
        more = flagging.suspect_by_meaning(found, passages, made, suspected, document.persona.language)
        if more:  # seldom: then they get passages of their own, too
            suspected += more
            passages = _split(claim, found, suspected)
            made = _embed(claim, passages, threads)
        places = yielding.run(comparing.read, passages, document.persona.language)
        return _replace(claim, found, passages, made, suspected, places)
    except UnreadableDocument as refusal:
        _refuse(claim, str(refusal))
        raise
    except claims.Taken:
        raise
    except Exception:
        logger.exception("Document %s could not be read", document.pk)
        claim.let_go()
        raise


def rename(document):
    """A title stands on citations: what was indexed and cached with the old one is out of date."""
    with caching.changing(document.persona_id), transaction.atomic():
        Library.objects.moved(document.persona_id)
        Document.objects.filter(pk=document.pk).update(named=True)


def forget(document):
    """Remove a document with every passage, vector, file, index and cached answer.

    Its row is locked first: a citation of it that is being noted is waited for and goes with it, one that comes later finds
    nothing to cite.
    """
    with transaction.atomic():
        Document.objects.select_for_update().filter(pk=document.pk).first()
        document.delete()


def _refuse(claim, reason):
    if claim.document.replaces_id:
        identity.withdraw(claim, reason)
    else:
        claim.give_up(reason)


def _split(claim, found, suspected):
    sections = flagging.set_apart(found, suspected)
    language = tongues.choose(found.text, claim.document.persona.languages)
    passages = yielding.run(splitting.split, found.text, language, sections, found.page_starts)
    claim.report(40)
    return passages


def _embed(claim, passages, threads):
    """{engine id: [(vector, sentence vectors) as bytes, …]}, without the engines that fail."""
    return vectors.make(claim.document.persona, passages, threads, lambda share: claim.report(40 + int(55 * share)))


def _replace(claim, found, passages, made, suspected, places):
    """One transaction: the document is ready, its passages are the new ones, what it replaces is gone. Returns its row."""
    persona_id = claim.document.persona_id
    with caching.changing(persona_id), transaction.atomic():
        library = Library.objects.lock(persona_id)  # first, since it keeps other changes of this persona waiting
        Library.objects.moved(persona_id)
        document, is_latest = identity.settle(claim, **_describe(claim.document, found))
        if is_latest:
            rows = [_row(document, *numbered) for numbered in enumerate(passages)]
            document.passages.only("pk").delete()
            Passage.objects.bulk_create(rows, batch_size=200)
            vectors.keep(library, rows, made)
            flagging.keep(document, suspected)
            flagging.keep_pairs(document, comparing.find(document, places, document.persona.language))
    return document


def _row(document, position, passage):
    return Passage(
        document=document,
        persona_id=document.persona_id,
        position=position,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        page=passage.page,
        heading=passage.heading,
        sentences=passage.sentences,
    )


def _describe(document, found):
    """The fields of a document that was read. It names itself where staff gave no title."""
    text_sha256 = identity.sum_text(found.text)
    return {
        "kind": found.kind,
        "title": document.title if document.named or not found.title else found.title[:200],
        "text": found.text,
        "text_sha256": text_sha256,
        "pages": found.pages,
        "page_starts": found.page_starts,
        "warning": f"{found.warning} {identity.note_twin(document, text_sha256)}".strip(),
    }


def warm(persona):
    """Build the persona's index now, unless more of its documents are on their way."""
    if not persona.documents.filter(status__in=[Document.Status.WAITING, Document.Status.READING]).exists():
        shelf.warm(persona)
