"""Webhook bodies as they are kept."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Minutes after its arrival at which a delivery that could not be read is tried for the second, third … time.
TRIED_AFTER = (1, 5, 30, 240)


class DeliveryQuerySet(models.QuerySet):
    def waiting(self):
        """Due to be read. One that cannot be read is tried five times, ever later; one about a conversation that is not
        known yet is looked at for two days."""
        now = timezone.now()
        due = Q(attempts=0)
        for attempts, minutes in enumerate(TRIED_AFTER, 1):
            due |= Q(attempts=attempts, received_at__lte=now - timedelta(minutes=minutes))
        return self.filter(due, read_at=None, received_at__gte=now - timedelta(days=2))


class Delivery(models.Model):
    """A webhook body exactly as it arrived: kept first, read later."""

    class Origin(models.TextChoices):
        SENT = "sent", _("Sent to us")
        STALE = "stale", _("Sent to us with an old signature: fetched instead")
        FETCHED = "fetched", _("Fetched by us")

    kind = models.CharField(max_length=60, help_text=_("The event's type as the body names it."))
    subject = models.CharField(max_length=255, blank=True, help_text=_("The ElevenLabs conversation it is about."))
    event_timestamp = models.BigIntegerField(default=0, help_text=_("Unix seconds, from the body."))
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the body: a redelivery has the very same bytes."))
    body = models.TextField(help_text=_("The raw body; of a recording, once it is filed, without its sound."))
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.SENT)
    received_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "event_timestamp", "digest"], name="delivery_kept_once"),
            # ElevenLabs repeats an event with the very same bytes: others under its name are an altered copy.
            models.UniqueConstraint(
                fields=["kind", "subject", "event_timestamp"],
                condition=Q(origin="sent", event_timestamp__gt=0) & ~Q(subject=""),
                name="delivery_not_altered",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "kind"], name="delivery_about"),
            models.Index(fields=["received_at"], name="delivery_by_age"),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject}"


class Forgotten(models.Model):
    """A call whose thread was deleted here. Its late reports are let go, and it is never fetched again."""

    elevenlabs_conversation_id = models.CharField(max_length=255, unique=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.elevenlabs_conversation_id
