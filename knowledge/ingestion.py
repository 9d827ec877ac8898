"""A document's way in: received, claimed, read, split, embedded, kept.

Everything slow happens before the transaction opens; then the passages are replaced in one piece, and the persona's
knowledge version moves with them. Safe to repeat, and to be interrupted anywhere: what is not finished is taken up
again by whoever sweeps.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

import numpy as np
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from knowledge import caching, embeddings, reading, shelf, splitting
from knowledge.formats.kinds import ENDINGS, TAKEN
from knowledge.models import Document, Library, Passage
from knowledge.reading import UnreadableDocument
from knowledge.retrieval import choose_weights
from knowledge.speech import remove_hidden

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
STALE = timedelta(minutes=5)  # without a sign of life its worker is taken for dead
STEP = 32  # passages embedded between two signs of life
FAULT = "Something went wrong on our side while reading it. Try again; if it fails again, tell whoever runs this site."
KILLED = "Reading it took the worker down several times. Print it to a new PDF, or split it, and upload that."


class AlreadyKnown(Exception):
    """The persona has this very content already, as ``document``."""

    def __init__(self, document):
        super().__init__(f"This is the same content as “{document.title}”, which is there already.")
        self.document = document


class NotStored(Exception):
    """The storage did not take the file. Nothing was kept."""


class Taken(Exception):
    """Another worker has the document, or it was deleted meanwhile."""


@dataclass(slots=True)
class Claim:
    """The right to read a document, proved by the moment it was last claimed at."""

    document: Document
    at: object

    def report(self, progress):
        """Write how far it is, which is also the sign of life. Raises Taken when the claim is lost."""
        now = timezone.now()
        mine = Document.objects.filter(pk=self.document.pk, status=Document.Status.READING, claimed_at=self.at)
        if not mine.update(progress=progress, claimed_at=now):
            raise Taken(f"{self.document.pk} is no longer ours to read.")
        self.at = now


def receive(persona, title="", *, file=None, text=None):
    """The Document for a file (an open one with a ``name``) or a pasted text, waiting to be read.

    Raises UnreadableDocument for what need not be tried, AlreadyKnown for content the persona has, NotStored when the
    storage fails. A file of the same name replaces the earlier one once it was read.
    """
    if file is None:
        return _receive_text(persona, title, remove_hidden(text or "").strip())
    name = clean_name(file.name)
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise UnreadableDocument(f"{name}: files of this kind cannot be read. {TAKEN}")
    reading.check_size(file.size)
    if not file.size:
        raise UnreadableDocument("The file is empty. Check that it was saved, and upload it again.")
    kind = ENDINGS[PurePath(name).suffix.lower()]
    document = Document(persona=persona, title=_title(title, name), kind=kind, file_name=name, sha256=_sum(file))
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
    is until ``retry`` lets it be read again.

    Raises UnreadableDocument, after the reason was kept for staff; Taken when somebody else reads it. ``threads`` is how
    many batches are embedded at once.
    """
    claim = _claim(document)
    if claim is None:
        return document
    try:
        found = _read(claim)
        passages = _split(claim, found)
        vectors = _embed(claim, passages, threads)
        _replace(claim, found, passages, vectors)
    except UnreadableDocument as refusal:
        _give_up(claim, str(refusal))
        raise
    except Taken:
        raise
    except Exception:
        logger.exception("Document %s could not be read", document.pk)
        _let_go(claim)
        raise
    document.refresh_from_db()
    return document


def retry(document):
    """Let a document wait to be read again, as if nothing had happened."""
    Document.objects.filter(pk=document.pk).update(
        status=Document.Status.WAITING, attempts=0, problem="", progress=0, claimed_at=None
    )


def forget(document):
    """Remove a document with every passage, vector, file, index and cached answer."""
    document.delete()


def find_waiting(older_than=timedelta(seconds=30)):
    """Ids of the documents nobody reads: left waiting, or left by a worker that died."""
    now = timezone.now()
    for document in Document.objects.filter(_dead(now), attempts__gte=MOST_ATTEMPTS):
        _give_up(Claim(document, document.claimed_at), KILLED)
    lost = Q(status=Document.Status.WAITING, created_at__lt=now - older_than) | _dead(now)
    return list(Document.objects.filter(lost).order_by("created_at").values_list("pk", flat=True))


def fill_vectors(most=500):
    """Embed passages that were kept while the model was missing. How many got vectors; at most about ``most``."""
    if not embeddings.status().ready:
        return 0
    filled = 0
    for document in _without_vectors():
        passages = list(document.passages.order_by("position"))
        with caching.changing(document.persona_id):
            filled += _fill(document, passages)
        if filled >= most:
            break
    return filled


def clean_name(name):
    """A file name as it may be shown and compared: the last part, nothing hidden, at most 255 characters."""
    name = remove_hidden(str(name or "")).replace("\\", "/").replace("\n", " ").rsplit("/", 1)[-1].strip(". ")
    path = PurePath(name or "file.txt")
    return f"{path.stem[: 255 - len(path.suffix)]}{path.suffix}"


def _receive_text(persona, title, text):
    if not text:
        raise UnreadableDocument("There is no text in it. Paste the text, or choose a file.")
    reading.check_size(len(text.encode()))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    title = _title(title, "") or " ".join(text.split()[:8])[:80]
    document = Document(persona=persona, title=title, kind=Document.Kind.TEXT, pasted_text=text, sha256=sha256)
    return _known(document) or _save(document)


def _title(title, name):
    """The title as given, else made of the file's name."""
    given = " ".join(remove_hidden(title).split())
    return (given or _name_title(name))[:200]


def _name_title(name):
    words = PurePath(name).stem.replace("_", " ").replace("-", " ").split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


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
    retry(same)
    same.refresh_from_db()
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


def _claim(document):
    """Take the document up, unless another worker has it: one conditional update decides. None when it is ready."""
    now = timezone.now()
    free = Q(status__in=[Document.Status.WAITING, Document.Status.FAILED]) | _dead(now)
    taken = Document.objects.filter(free, pk=document.pk).update(
        status=Document.Status.READING, claimed_at=now, attempts=F("attempts") + 1, progress=5, problem=""
    )
    if not taken and Document.objects.ready().filter(pk=document.pk).exists():
        document.refresh_from_db()
        return None
    if not taken:
        raise Taken(f"{document.pk} is being read by another worker, or is gone.")
    document.refresh_from_db()
    return Claim(document, document.claimed_at)


def _dead(now):
    return Q(status=Document.Status.READING) & (Q(claimed_at__lt=now - STALE) | Q(claimed_at=None))


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


def _split(claim, found):
    sections = None if found.sections is None else [splitting.Section(*section) for section in found.sections]
    passages = splitting.split(found.text, claim.document.persona.language, sections, found.page_starts)
    claim.report(40)
    return passages


def _embed(claim, passages, threads):
    """[(vector, sentence vectors) as bytes, …], or None where the language needs none or the model fails."""
    if not choose_weights(claim.document.persona.language).dense:
        return None
    vectors = []
    try:
        for start in range(0, len(passages), STEP):
            vectors += _embed_passages(passages[start : start + STEP], threads)
            claim.report(40 + 55 * (start + STEP) // (len(passages) + STEP))
    except embeddings.EmbeddingFailed as problem:
        logger.warning("Document %s is kept without vectors for now: %s", claim.document.pk, problem)
        return None
    return vectors


def _embed_passages(passages, threads=1):
    """The vectors of passages and of their sentences. A passage is embedded under its heading."""
    texts = [f"{passage.heading.rsplit(' › ', 1)[-1]}\n{passage.text}".strip() for passage in passages]
    sentences = [passage.text[start:end] for passage in passages for start, end in passage.sentences]
    made = embeddings.embed(texts + sentences, threads).astype(np.float16)
    found, place = [], len(passages)
    for passage, vector in zip(passages, made, strict=False):
        last = place + len(passage.sentences)
        found.append((vector.tobytes(), made[place:last].tobytes()))
        place = last
    return found


def _replace(claim, found, passages, vectors):
    """One transaction: the document is ready, its passages are the new ones, what it replaces is gone."""
    document = claim.document
    engine = embeddings.ENGINE if vectors else ""
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
            vector=vector,
            sentence_vectors=inner,
            engine=engine,
        )
        for position, (passage, (vector, inner)) in enumerate(
            zip(passages, vectors or [(None, None)] * len(passages), strict=True)
        )
    ]
    with caching.changing(document.persona_id), transaction.atomic():
        _finish(claim, found)
        document.passages.all().delete()
        Passage.objects.bulk_create(rows, batch_size=200)
        _remove_replaced(document)
        Library.objects.moved(document.persona_id)


def _finish(claim, found):
    document = claim.document
    title = document.title
    if found.title and document.file_name and title == _name_title(document.file_name):
        title = found.title[:200]
    mine = Document.objects.filter(pk=document.pk, status=Document.Status.READING, claimed_at=claim.at)
    done = mine.update(
        status=Document.Status.READY,
        kind=found.kind,
        title=title,
        text=found.text,
        pages=found.pages,
        page_starts=found.page_starts,
        warning=found.warning,
        problem="",
        progress=100,
        attempts=0,
        claimed_at=None,
        read_at=timezone.now(),
    )
    if not done:
        raise Taken(f"{document.pk} is no longer ours to read.")


def _remove_replaced(document):
    """Earlier documents of the same file name give way. When a later one was quicker, this one does."""
    if not document.file_name:
        return
    same = Document.objects.filter(persona=document.persona_id, file_name=document.file_name).exclude(pk=document.pk)
    if same.ready().filter(created_at__gt=document.created_at).exists():
        same = Document.objects.filter(pk=document.pk)
    else:
        same = same.filter(created_at__lt=document.created_at)
    same.delete()


def _give_up(claim, problem):
    mine = Document.objects.filter(pk=claim.document.pk, status=Document.Status.READING, claimed_at=claim.at)
    mine.update(status=Document.Status.FAILED, problem=problem, progress=0, claimed_at=None)


def _let_go(claim):
    """After a fault of ours: wait for another try, or give up after the last."""
    if claim.document.attempts >= MOST_ATTEMPTS:
        _give_up(claim, FAULT)
        return
    mine = Document.objects.filter(pk=claim.document.pk, status=Document.Status.READING, claimed_at=claim.at)
    mine.update(status=Document.Status.WAITING, progress=0, claimed_at=None)


def _without_vectors():
    """Ready documents with passages of another engine, of personas whose language makes use of vectors."""
    old = Passage.objects.exclude(engine=embeddings.ENGINE).values("document")
    for document in Document.objects.ready().filter(pk__in=old).select_related("persona").order_by("created_at"):
        if choose_weights(document.persona.language).dense:
            yield document


def _fill(document, passages):
    for start in range(0, len(passages), STEP):
        some = passages[start : start + STEP]
        for passage, (vector, inner) in zip(some, _embed_passages(some), strict=True):
            passage.vector, passage.sentence_vectors, passage.engine = vector, inner, embeddings.ENGINE
    with transaction.atomic():
        Passage.objects.bulk_update(passages, ["vector", "sentence_vectors", "engine"], batch_size=200)
        Library.objects.moved(document.persona_id)
    return len(passages)


def warm(persona):
    """Build the persona's index now, unless more of its documents are on their way."""
    if not persona.documents.filter(status__in=[Document.Status.WAITING, Document.Status.READING]).exists():
        shelf.warm(persona)
