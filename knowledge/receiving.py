"""What staff hand in, kept and waiting to be read: files, texts, web addresses. Nothing slow is done here."""

import hashlib
from pathlib import PurePath

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from knowledge import claims, fetching, identity, naming, reading, sources
from knowledge.formats.kinds import ENDINGS, TAKEN
from knowledge.identity import AlreadyKnown
from knowledge.models import Address, Document
from knowledge.reading import UnreadableDocument
from knowledge.speech import CONTROL, remove_hidden


def receive(persona, title="", *, file=None, text=None, address=None, every=Address.Every.NEVER):
    """The Document for a file (an open one with a ``name``), a pasted text or a web address, waiting to be read.

    Raises UnreadableDocument for what need not be tried, AlreadyKnown for content the persona has, NotStored when the
    storage fails. A file of the same name takes the earlier one's place once it was read. Nothing is fetched here.
    """
    if address is not None:
        return _receive_address(persona, title, fetching.check(address), every)
    if file is None:
        return _receive_text(persona, title, text or "")
    name = naming.clean_name(file.name)
    if PurePath(name).suffix.lower() not in ENDINGS:
        raise UnreadableDocument(_("Files of this kind cannot be read. {taken}").format(taken=_(TAKEN)))
    reading.check_size(file.size)
    if not file.size:
        raise UnreadableDocument(_("The file is empty. Check that it was saved, and upload it again."))
    kind, ending = ENDINGS[PurePath(name).suffix.lower()], PurePath(name).suffix.lower()
    document = _draft(persona, title, naming.title_of(name), kind=kind, file_name=name, sha256=sources.sum_file(file))
    known = identity.find_known(document)
    if known is not None:
        return known
    sources.store(document, file, ending)
    return keep(document)


def _receive_text(persona, title, given):
    """What is hidden in it is kept with it, so that reading it can tell of it; it is not part of what it says."""
    given, text = CONTROL.sub("", given), remove_hidden(given).strip()
    if not text:
        raise UnreadableDocument(_("There is no text in it. Paste the text, or choose a file."))
    reading.check_size(len(text.encode()))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    beginning = " ".join(text.split()[:8])[:80]
    document = _draft(persona, title, beginning, kind=Document.Kind.TEXT, pasted_text=given, sha256=sha256)
    return identity.find_known(document) or keep(document)


def _receive_address(persona, title, url, every):
    same = Address.objects.filter(document__persona=persona, url=url).select_related("document").first()
    if same is not None:
        if same.document.status != Document.Status.FAILED:
            raise AlreadyKnown(same.document)
        sources.begin_again(same.document)
        claims.release(same.document)
        return same.document
    document = _draft(persona, title, naming.title_of_address(url), kind=Document.Kind.HTML)
    address = Address(document=document, url=url, every=every)
    address.due_at = address.next_time()
    with transaction.atomic():
        document.save()
        address.save()
    return document


def _draft(persona, title, made_up, **fields):
    """A Document of that title, or of one made up until it is known what it calls itself."""
    given = naming.clean_title(title)
    return Document(persona=persona, title=given or made_up[:200], named=bool(given), **fields)


def keep(document):
    """Save a new document whose file is stored. Raises AlreadyKnown when its content came in at this very moment."""
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError:
        sources.remove_file(document)
        raise AlreadyKnown(Document.objects.get(persona=document.persona, sha256=document.sha256)) from None
    except BaseException:
        sources.remove_file(document)
        raise
    return document
