"""Which document is which: content that is there already, and a new version in the place of the one before it.

A new version is read aside, in a row of its own, while the one before goes on answering. When it is ready it moves into
that one's row, so that every link to the document leads to what it says now.
"""

import hashlib

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from knowledge import claims, removals
from knowledge.models import Address, Document
from personas import recording

# What a new version brings into the row of the one before it.
BROUGHT = ["kind", "file", "file_name", "pasted_text", "sha256", "text_sha256", "text", "pages", "page_starts", "warning", "read_at", "given_at"]  # fmt: skip
UNCHANGED = "Unchanged."
LONG = ("text", "pasted_text", "page_starts")


class AlreadyKnown(Exception):
    """The persona has this very content already, as ``document``."""

    def __init__(self, document):
        super().__init__(
            _("This is the same content as “{title}”, which is there already.").format(title=document.title)
        )
        self.document = document


def find_known(document):
    """A failed document of the same content, to be tried again, or None. Raises AlreadyKnown for any other."""
    same = Document.objects.filter(persona=document.persona, sha256=document.sha256).first()
    if same is None:
        return None
    if same.status != Document.Status.FAILED:
        raise AlreadyKnown(same)
    claims.release(same)
    return same


def sum_text(text):
    """What two documents have in common that say the same, however their files differ: white space does not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def note_twin(document, text_sha256):
    """A sentence for staff when another document of the persona says the very same, else nothing."""
    twin = (
        Document.objects.ready()
        .filter(persona=document.persona_id, text_sha256=text_sha256)
        .exclude(pk__in=[document.pk, *_versions(document).values_list("pk", flat=True)])
        .first()
    )
    return (
        _("It says word for word the same as “{title}”; one of the two can be deleted.").format(title=twin.title)
        if twin
        else ""
    )


def says_the_same(document, text_sha256):
    """Whether a new version of a web page says what the one before it says."""
    return document.replaces is not None and document.replaces.text_sha256 == text_sha256


def settle(claim, **fields):
    """(row, True): the row that holds the claimed document from now on, ready, with these fields, its own or that of the version it
    replaces; and whether that is so, since when a later version was quicker this one goes and the row is that one's. Call
    it inside the transaction that holds the persona's library. Raises claims.Taken."""
    claim.finish(**fields)
    document = Document.objects.get(pk=claim.document.pk)
    others = list(_versions(document).defer(*LONG).order_by("created_at"))
    later = next((other for other in others if _is_ready(other) and other.given_at > document.given_at), None)
    if later is not None:
        document.delete()
        return later, False
    earlier = [other for other in others if other.given_at <= document.given_at]
    heir = next((other for other in earlier if _is_ready(other) or other.pk == document.replaces_id), None)
    holder = document if heir is None else _move(document, heir)
    going = [other for other in earlier if other is not heir]
    Document.objects.filter(superseded_by__in=going).update(superseded_by=holder)
    for other in Document.objects.select_for_update().filter(pk__in=[other.pk for other in going]):
        other.delete()
    return holder, True


def withdraw(claim, outcome):
    """A new version of a web page that comes to nothing: its row goes, the one before stays, and its address says why."""
    with transaction.atomic():
        if claim.row.exists():
            Address.objects.filter(document=claim.document.replaces_id).update(outcome=outcome)
            claim.document.delete()


def _is_ready(document):
    return document.status == Document.Status.READY


def _versions(document):
    """Other rows of the same source: the page that was fetched before, or files of the same name."""
    if document.replaces_id:
        same = Q(pk=document.replaces_id)
    elif document.file_name:
        same = Q(file_name=document.file_name, address=None, replaces=None)
    else:
        return Document.objects.none()
    return Document.objects.filter(same, persona=document.persona_id).exclude(pk=document.pk)


def _move(document, heir):
    """Bring a document into the row of the version before it. A title that staff gave stays."""
    brought = {name: getattr(document, name) for name in BROUGHT}
    if document.named or not heir.named:
        brought |= {"title": document.title, "named": document.named}
    old_file, document.file = heir.file, ""  # the new file goes on in the other row
    Document.objects.filter(superseded_by=document).update(superseded_by=heir)
    document._change_reason = recording.RENEWED
    document.delete()
    for name, value in brought.items():
        setattr(heir, name, value)
    heir.save(update_fields=list(brought))
    removals.remove(old_file)
    return heir
