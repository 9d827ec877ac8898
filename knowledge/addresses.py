"""Documents on the web, looked up again: unchanged, changed, or out of reach."""

from datetime import timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import claims, fetching, identity, ingestion, receiving, sources
from knowledge.models import Address, Document
from knowledge.reading import UnreadableDocument

HELD = timedelta(hours=1)  # by whoever looks; should that one die, the next may try after it
CHANGED = _("It had changed and was read anew.")
READING = _("It has changed; the new version is being read.")


def fetch_again(address):
    """Look an address up. What is unchanged is not read again; what has changed takes the old version's place when it
    was read; what fails leaves it as it is. The address says what came of it, and when it is due next."""
    before = address.document.text_sha256
    try:
        document = _fetch(address)
    except (UnreadableDocument, sources.NotStored, identity.AlreadyKnown) as problem:
        return _note(address, str(problem), failed=True)
    changed = document is not None and document.text_sha256 != before
    return _note(address, CHANGED if changed else identity.UNCHANGED)


def take(address_id, now):
    """The due Address, held for us, or None when somebody else has it or it is not due any more."""
    due = Address.objects.filter(pk=address_id, due_at__lte=now)
    return (
        Address.objects.select_related("document__persona").get(pk=address_id)
        if due.update(due_at=now + HELD)
        else None
    )


def _fetch(address):
    """The document in its new version, or None when nothing has changed."""
    document = address.document
    if document.status != Document.Status.READY:
        sources.begin_again(document)
        document.refresh_from_db()
        return ingestion.ingest(document)
    _clear_away(document)
    fetched = fetching.fetch(address.url, address.etag, address.last_modified)
    if fetched.file is None:
        return None
    with fetched.file as file:
        sources.remember(address, fetched)
        sha256 = sources.sum_file(file)
        if sha256 == document.sha256:
            return None
        aside = Document(
            persona=document.persona, title=document.title, kind=document.kind, replaces=document, sha256=sha256
        )
        sources.store(aside, file, fetched.ending)
    aside = receiving.keep(aside)
    address.outcome = READING
    _save(address)  # before it is read: should that take this worker down, another goes on with it
    return ingestion.ingest(aside)


def _clear_away(document):
    """Remove a new version that was given up before. Raises claims.Taken while one is still being read."""
    for aside in document.newer.all():
        if aside.status != Document.Status.FAILED:
            raise claims.Taken(gettext("A new version of {id} is being read already.").format(id=document.pk))
        aside.delete()


def _note(address, outcome, failed=False):
    address.outcome = outcome
    if failed:  # what could not be read is asked for as if it had never been seen
        address.etag = address.last_modified = ""
    address.failures = address.failures + 1 if failed else 0
    address.due_at = address.next_time()
    _save(address)


def _save(address):
    """Write what was found; how often staff want it looked up may have changed meanwhile, and so may the document."""
    fields = ["outcome", "failures", "due_at", "etag", "last_modified", "fetched_at"]
    Address.objects.filter(pk=address.pk).update(**{name: getattr(address, name) for name in fields})
