"""A document's way in: received, claimed, read, split, embedded, kept.

Everything slow happens before the transaction opens; then the passages are replaced in one piece, and the persona's
knowledge version moves with them. Safe to repeat, and to be interrupted anywhere: what is not finished is taken up
again by whoever sweeps.
"""

import hashlib
import logging
from pathlib import PurePath

from django.core.files.base import File
from django.db import IntegrityError, transaction

from knowledge import caching, claims, embeddings, flagging, naming, reading, shelf, splitting, vectors
from knowledge.formats.kinds import ENDINGS, TAKEN
from knowledge.models import Document, Library, Passage
from knowledge.reading import UnreadableDocument
from knowledge.speech import CONTROL, remove_hidden

logger = logging.getLogger(__name__)


class AlreadyKnown(Exception):
    """The persona has this very content already, as ``document``."""

    def __init__(self, document):
        super().__init__(f"This is the same content as “{document.title}”, which is there already.")
        self.document = document


class NotStored(Exception):
    """The storage did not take the file. Nothing was kept."""


def receive(persona, title="", *, file=None, text=None):
    """The Document for a file (an open one with a ``name``) or a pasted text, waiting to be read.

    Raises UnreadableDocument for what need not be tried, AlreadyKnown for content the persona has, NotStored when the
    storage fails. A file of the same name replaces the earlier one once it was read.
    """
    if file is None:
        return _receive_text(persona, title, text or "")
    name = naming.clean_name(file.name)
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise UnreadableDocument(f"{name}: files of this kind cannot be read. {TAKEN}")
    reading.check_size(file.size)
    if not file.size:
        raise UnreadableDocument("The file is empty. Check that it was saved, and upload it again.")
    kind = ENDINGS[PurePath(name).suffix.lower()]
    document = Document(
        persona=persona, title=naming.choose_title(title, name), kind=kind, file_name=name, sha256=_sum(file)
    )
    known = _known(document)
    if known is not None:
        return known
    file.seek(0)
    try:
        document.file.save(f"{document.pk.hex}{PurePath(name).suffix.lower()}", File(file), save=False)
    except OSError as problem:
        raise NotStored("The file could not be stored. Try again later; nothing was kept.") from problem
    return _save(document)


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
        found = _read(claim)
        suspected = flagging.suspect(found, document.persona.language)
        passages = _split(claim, found, suspected)
        made = _embed(claim, passages, threads)
        _replace(claim, found, passages, made, suspected)
    except UnreadableDocument as refusal:
        claim.give_up(str(refusal))
        raise
    except claims.Taken:
        raise
    except Exception:
        logger.exception("Document %s could not be read", document.pk)
        claim.let_go()
        raise
    document.refresh_from_db()
    return document


def rename(document):
    """A title stands on citations: what was indexed and cached with the old one is out of date."""
    with caching.changing(document.persona_id), transaction.atomic():
        Library.objects.moved(document.persona_id)


def forget(document):
    """Remove a document with every passage, vector, file, index and cached answer."""
    document.delete()


def _receive_text(persona, title, given):
    """What is hidden in it is kept with it, so that reading it can tell of it; it is not part of what it says."""
    given, text = CONTROL.sub("", given), remove_hidden(given).strip()
    if not text:
        raise UnreadableDocument("There is no text in it. Paste the text, or choose a file.")
    reading.check_size(len(text.encode()))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    title = naming.choose_title(title, "") or " ".join(text.split()[:8])[:80]
    document = Document(persona=persona, title=title, kind=Document.Kind.TEXT, pasted_text=given, sha256=sha256)
    return _known(document) or _save(document)


def _sum(file):
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(lambda: file.read(1024 * 1024), b""):
        digest.update(chunk)
    return digest.hexdigest()


def _known(document):
    """A failed document of the same content, to be tried again, or None. Raises AlreadyKnown for any other."""
    same = Document.objects.filter(persona=document.persona, sha256=document.sha256).first()
    if same is None:
        return None
    if same.status != Document.Status.FAILED:
        raise AlreadyKnown(same)
    claims.release(same)
    return same


def _save(document):
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError:  # the same content came in by another request at this moment
        _remove_file(document)
        raise AlreadyKnown(Document.objects.get(persona=document.persona, sha256=document.sha256)) from None
    except BaseException:
        _remove_file(document)
        raise
    return document


def _remove_file(document):
    if document.file:
        document.file.delete(save=False)


def _read(claim):
    document = claim.document
    if not document.file:
        found = reading.read_text(document.pasted_text)
    else:
        try:
            with document.file.open("rb") as file:
                found = reading.read_file(file, document.file_name)
        except FileNotFoundError as gone:
            raise UnreadableDocument("The file is no longer in the storage. Upload it again.") from gone
    claim.report(30)
    return found


def _split(claim, found, suspected):
    sections = [splitting.Section(*section) for section in found.sections or [[0, len(found.text), ""]]]
    sections = flagging.set_apart(found.text, sections, suspected)
    passages = splitting.split(found.text, claim.document.persona.language, sections, found.page_starts)
    claim.report(40)
    return passages


def _embed(claim, passages, threads):
    """[(vector, sentence vectors) as bytes, …], none where the language needs none or the model fails."""
    if not vectors.are_of_use(claim.document.persona):
        return []
    made = []
    try:
        for start in range(0, len(passages), vectors.STEP):
            made += vectors.embed(passages[start : start + vectors.STEP], threads)
            claim.report(40 + 55 * (start + vectors.STEP) // (len(passages) + vectors.STEP))
    except embeddings.EmbeddingFailed as problem:
        logger.warning("Document %s is kept without vectors for now: %s", claim.document.pk, problem)
        return []
    return made


def _replace(claim, found, passages, made, suspected):
    """One transaction: the document is ready, its passages are the new ones, what it replaces is gone."""
    document = claim.document
    rows = [
        Passage(
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
        for position, passage in enumerate(passages)
    ]
    with caching.changing(document.persona_id), transaction.atomic():
        _finish(claim, found)
        document.passages.only("pk").delete()
        Passage.objects.bulk_create(rows, batch_size=200)
        vectors.keep(rows, made)
        flagging.keep(document, suspected)
        _remove_replaced(document)
        Library.objects.moved(document.persona_id)


def _finish(claim, found):
    document = claim.document
    title = document.title
    if found.title and document.file_name and title == naming.title_of(document.file_name):
        title = found.title[:200]
    claim.finish(
        kind=found.kind,
        title=title,
        text=found.text,
        pages=found.pages,
        page_starts=found.page_starts,
        warning=found.warning,
    )


def _remove_replaced(document):
    """Earlier documents of the same file name give way. When a later one was quicker, this one does."""
    if not document.file_name:
        return
    same = Document.objects.filter(persona=document.persona_id, file_name=document.file_name).exclude(pk=document.pk)
    if same.ready().filter(created_at__gt=document.created_at).exists():
        same = Document.objects.filter(pk=document.pk)
    else:
        same = same.filter(created_at__lt=document.created_at)
        Document.objects.filter(superseded_by__in=same).update(superseded_by=document)
    same.delete()


def warm(persona):
    """Build the persona's index now, unless more of its documents are on their way."""
    if not persona.documents.filter(status__in=[Document.Status.WAITING, Document.Status.READING]).exists():
        shelf.warm(persona)
