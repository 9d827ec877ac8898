"""An archive into a persona: a draft whose documents wait to be read."""

from contextlib import contextmanager, suppress
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from knowledge import receiving, sources
from knowledge.archives import contents
from knowledge.archives.checking import BadArchive, check
from knowledge.identity import AlreadyKnown
from knowledge.models import Document
from knowledge.reading import UnreadableDocument
from knowledge.sources import NotStored
from personas import recording


def unpack(file, slug=""):
    """The new Persona of an archive, a draft, with every document waiting to be read as if it had just been uploaded.

    Under ``slug`` when one is given, else under its own or a free one like it. Raises BadArchive; then nothing was made,
    neither rows nor files.
    """
    found = check(file)
    persona = found.persona
    persona.slug = _choose_slug(slug, persona.slug)
    name = PurePath(getattr(file, "name", "") or "an archive").name
    with _all_or_nothing() as stored, recording.because(_("Imported from {name}").format(name=name)):
        _save(persona, found, stored)
        documents = [_receive(persona, found, source, stored) for source in found.sources]
        for document, source in zip(documents, found.sources, strict=True):
            if source.superseded_by is not None:
                document.superseded_by = documents[source.superseded_by - 1]
                document.save(update_fields=["superseded_by"])
    return persona


@contextmanager
def _all_or_nothing():
    """One transaction; the stored files that are noted in the list go when it fails."""
    stored = []
    try:
        with transaction.atomic():
            yield stored
    except BaseException as problem:
        for file in stored:
            with suppress(OSError):  # a storage that fails may fail at this, too
                file.storage.delete(file.name)
        if isinstance(problem, IntegrityError):
            raise BadArchive(_("Another persona took this address at this moment. Import it again.")) from problem
        if isinstance(problem, OSError):
            raise BadArchive(_("The storage did not take its files. Try again later.")) from problem
        raise


def _choose_slug(given, own):
    if not given:
        return contents.free_slug(own)
    try:
        validate_slug(given)
    except ValidationError as refusal:
        raise BadArchive(
            _("“{given}” can be no address: use letters, digits, hyphens and underscores.").format(given=given)
        ) from refusal
    free = contents.free_slug(given)
    if free != given:
        raise BadArchive(
            _("Another persona has the address “{given}”. “{free}” is free.").format(given=given, free=free)
        )
    return given


def _save(persona, found, stored):
    if found.avatar:
        with found.open(found.avatar) as picture:
            persona.avatar.save(f"{persona.slug}{PurePath(found.avatar).suffix}", File(picture), save=False)
        stored.append(persona.avatar)
    persona.save()
    for rows in found.parts.values():
        for row in rows:
            row.persona = persona
            row.save()


def _receive(persona, found, source, stored):
    """One document by the ordinary way in, with what staff had set."""
    row = source.row
    try:
        document = _take(persona, found, source)
    except (UnreadableDocument, AlreadyKnown, NotStored, UnicodeDecodeError) as refusal:
        raise BadArchive(f"“{row.title}”: {refusal}") from refusal
    if document.file:
        stored.append(document.file)
    wanted = contents.describe(row) | {"named": row.named}
    for name, value in wanted.items():
        setattr(document, name, value)
    document.save(update_fields=list(wanted))
    return document


def _take(persona, found, source):
    if source.address is not None:
        return _take_page(persona, found, source)
    with found.open(source.entry) as entry:
        if not source.row.file_name:
            return receiving.receive(persona, source.row.title, text=entry.read().decode())
        size = found.archive.getinfo(source.entry).file_size
        return receiving.receive(persona, source.row.title, file=_Upload(entry, source.row.file_name, size))


def _take_page(persona, found, source):
    """A web page with what stood there when it was last fetched, if it ever was."""
    document = receiving.receive(persona, source.row.title, address=source.address.url, every=source.address.every)
    if source.entry:
        with found.open(source.entry) as entry:
            document.sha256 = sources.sum_file(entry)
            known = Document.objects.filter(persona=persona, sha256=document.sha256).first()
            if known is not None:
                raise AlreadyKnown(known)
            sources.store(document, entry, PurePath(source.entry).suffix)
        document.save(update_fields=["file", "sha256"])
    return document


class _Upload(File):
    """An entry as ingestion takes files: with the name it was uploaded under and its size."""

    def __init__(self, entry, name, size):
        super().__init__(entry, name)
        self.size = size
