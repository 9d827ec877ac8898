"""What was asked of personas, what was cited for it, and what they had no answer to."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.documents import Document
from personas.models import Persona


class GapQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status=Gap.Status.OPEN)

    def counted(self):
        """With how often, when first and when last it was asked."""
        return self.annotate(
            count=models.Count("questions"), first_at=models.Min("questions__at"), last_at=models.Max("questions__at")
        )


class Gap(models.Model):
    """Something visitors ask and the documents do not hold: one question, however it was put."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Answered now")
        DISMISSED = "dismissed", _("Dismissed")

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="gaps")
    question = models.CharField(max_length=1000, help_text=_("As it was put first."))
    key = models.CharField(max_length=32, editable=False, help_text=_("Names the question within its persona."))
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, db_index=True)
    document = models.ForeignKey(
        Document,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Which answers it now."),
    )
    version = models.PositiveBigIntegerField(default=0, help_text=_("Of the knowledge it was last asked of by us."))
    reason = models.CharField(max_length=500, blank=True, help_text=_("Why it was dismissed."))
    settled_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was closed or dismissed."))
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = GapQuerySet.as_manager()

    class Meta:
        verbose_name = _("unanswered question")
        constraints = [models.UniqueConstraint(fields=["persona", "key"], name="one_gap_per_question")]

    def __str__(self):
        return self.question

    @property
    def is_open(self):
        return self.status == self.Status.OPEN


class AskedQuerySet(models.QuerySet):
    def ungathered(self):
        """Those without an answer that belong to no gap yet."""
        return self.filter(found=False, gap=None)


class Asked(models.Model):
    """A question as a visitor put it, and whether there was an answer."""

    class Channel(models.TextChoices):
        TYPED = "typed", _("Typed")
        SPOKEN = "spoken", _("Spoken")

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=1000)
    channel = models.CharField(max_length=6, choices=Channel)
    found = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why there was no answer."))
    thread = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("Names the talk it came from, for whoever has that deleted."),
    )
    at = models.DateTimeField(default=timezone.now, db_index=True)
    gap = models.ForeignKey(Gap, on_delete=models.SET_NULL, null=True, related_name="questions")

    objects = AskedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["persona", "found", "gap"], name="asked_by_answer")]

    def __str__(self):
        return self.question[:80]


class CitedQuerySet(models.QuerySet):
    def since(self, moment):
        """Those of questions asked from a moment on; None: all."""
        return self if moment is None else self.filter(asked__at__gte=moment)


class Cited(models.Model):
    """A place in a document that was cited for a question. Passages come and go, places stay."""

    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="cited")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="cited")
    start = models.PositiveIntegerField(help_text=_("Character offset in the document's text, inclusive."))
    end = models.PositiveIntegerField(help_text=_("Character offset in the document's text, exclusive."))

    objects = CitedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["document", "start"], name="cited_by_place")]

    def __str__(self):
        return f"{self.document}: {self.start}–{self.end}"
