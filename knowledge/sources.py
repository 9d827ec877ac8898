"""What a document is made of: its file, the text that was pasted, or what stands at its web address."""

import hashlib

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import fetching, identity, reading
from knowledge.models import Document
from knowledge.reading import UnreadableDocument

GONE = _("The file is no longer in the storage. Upload it again.")
DRAWN = _(
    "There is no text in this page; perhaps a script draws it. Save it in a browser, or print it to a PDF, and upload that."
)


class NotStored(Exception):
    """The storage did not take the file. Nothing was kept."""


def read(document):
    """The Reading of a document; a web page is fetched before when it was not yet. Raises UnreadableDocument."""
    if not document.file and hasattr(document, "address"):
        _fetch_first(document)
    if not document.file:
        return reading.read_text(document.pasted_text)
    try:
        with document.file.open("rb") as file:
            return reading.read_file(file, document.file_name or document.file.name)
    except FileNotFoundError as gone:
        raise UnreadableDocument(GONE) from gone
    except UnreadableDocument as refusal:
        if str(refusal) == reading.NO_TEXT and (document.replaces_id or hasattr(document, "address")):
            raise UnreadableDocument(DRAWN) from refusal
        raise


def begin_again(document):
    """Let a web page that could not be read be fetched as if for the first time. Nothing else is touched."""
    if document.status == Document.Status.FAILED and hasattr(document, "address"):
        remove_file(document)
        Document.objects.filter(pk=document.pk).update(file="", sha256="")


def store(document, file, ending):
    """Keep a file under a name of our own. Raises NotStored; the row is not saved."""
    file.seek(0)
    try:
        document.file.save(f"{document.pk.hex}{ending}", File(file), save=False)
    except OSError as problem:
        raise NotStored(gettext("The file could not be stored. Try again later; nothing was kept.")) from problem


def remove_file(document):
    if document.file:
        document.file.delete(save=False)


def sum_file(file):
    """The sha256 of an open file, in hexadecimal."""
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(lambda: file.read(1024 * 1024), b""):
        digest.update(chunk)
    return digest.hexdigest()


def remember(address, fetched):
    """What to ask with the next time."""
    address.etag, address.last_modified, address.fetched_at = fetched.etag, fetched.last_modified, timezone.now()


def _fetch_first(document):
    """Put what stands at the address into the document's file. Raises UnreadableDocument."""
    address = document.address
    fetched = fetching.fetch(address.url)
    if fetched.file is None:
        raise UnreadableDocument(fetching.GARBLED)
    with fetched.file as file:
        sha256 = sum_file(file)
        store(document, file, fetched.ending)
    try:
        with transaction.atomic():
            Document.objects.filter(pk=document.pk).update(file=document.file.name, sha256=sha256)
    except IntegrityError:
        remove_file(document)
        known = Document.objects.get(persona=document.persona_id, sha256=sha256)
        raise UnreadableDocument(str(identity.AlreadyKnown(known))) from None
    document.sha256 = sha256
    remember(address, fetched)
    address.outcome = gettext("Fetched for the first time.")
    address.save()
