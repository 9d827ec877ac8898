"""Who reads which document: at most one worker at a time, and nobody for ever.

A claim is a conditional update of the document's row, so two workers can never both have it, on any store. Whoever holds
one gives signs of life; without them the document is free again, and after three attempts it is given up.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Document

MOST_ATTEMPTS = 3
STALE = timedelta(minutes=5)  # without a sign of life its worker is taken for dead
LEFT = timedelta(seconds=30)  # after which a document that nobody took up was forgotten, not just enqueued
FAULT = _(
    "Something went wrong on our side while reading it. Try again; if it fails again, tell whoever runs this site."
)
KILLED = _("Reading it took the worker down several times. Print it to a new PDF, or split it, and upload that.")


class Taken(Exception):
    """Another worker has the document, or it was deleted meanwhile."""


@dataclass(slots=True)
class Claim:
    """The right to read a document, proved by the moment it was last claimed at."""

    document: Document
    at: object

    @property
    def row(self):
        """The document's row, as long as the claim holds."""
        return Document.objects.filter(pk=self.document.pk, status=Document.Status.READING, claimed_at=self.at)

    def report(self, progress):
        """Write how far it is, which is also the sign of life. Raises Taken when the claim is lost."""
        now = timezone.now()
        if not self.row.update(progress=progress, claimed_at=now):
            raise Taken(f"{self.document.pk} is no longer ours to read.")
        self.at = now

    def finish(self, **fields):
        """Write the fields of a document that is ready now. Raises Taken when the claim is lost."""
        fields |= {"status": Document.Status.READY, "progress": 100, "problem": "", "attempts": 0, "claimed_at": None}
        if not self.row.update(read_at=timezone.now(), **fields):
            raise Taken(f"{self.document.pk} is no longer ours to read.")

    def give_up(self, problem):
        """It cannot be read, for this reason."""
        self.row.update(status=Document.Status.FAILED, problem=problem, progress=0, claimed_at=None)

    def let_go(self):
        """After a fault of ours: it waits for another try, or is given up after the last."""
        if self.document.attempts >= MOST_ATTEMPTS:
            self.give_up(FAULT)
        else:
            self.row.update(status=Document.Status.WAITING, progress=0, claimed_at=None)


def take(document):
    """The Claim to a document, None when it is ready already. Raises Taken when another worker has it."""
    now = timezone.now()
    free = Q(status__in=[Document.Status.WAITING, Document.Status.FAILED]) | _dead(now)
    taken = Document.objects.filter(free, pk=document.pk).update(
        status=Document.Status.READING, claimed_at=now, attempts=F("attempts") + 1, progress=5, problem=""
    )
    if not taken and not Document.objects.ready().filter(pk=document.pk).exists():
        raise Taken(f"{document.pk} is being read by another worker, or is gone.")
    document.refresh_from_db()
    return Claim(document, document.claimed_at) if taken else None


def release(document):
    """Let a document wait to be read again, as if nothing had happened."""
    Document.objects.filter(pk=document.pk).update(
        status=Document.Status.WAITING, attempts=0, problem="", progress=0, claimed_at=None
    )
    document.refresh_from_db()


def find_waiting():
    """Ids of the documents that nobody reads: forgotten while waiting, or left by a worker that died. Those that took
    a worker down each time are given up."""
    now = timezone.now()
    for document in Document.objects.filter(_dead(now), attempts__gte=MOST_ATTEMPTS):
        Claim(document, document.claimed_at).give_up(KILLED)
    lost = Q(status=Document.Status.WAITING, created_at__lt=now - LEFT) | _dead(now)
    return list(Document.objects.filter(lost).order_by("created_at").values_list("pk", flat=True))


def _dead(now):
    return Q(status=Document.Status.READING) & (Q(claimed_at__lt=now - STALE) | Q(claimed_at=None))
