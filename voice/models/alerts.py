"""What is wrong, or was, that staff must know of."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class AlertQuerySet(models.QuerySet):
    def open(self):
        """What is wrong now."""
        return self.filter(over_at=None)

    def untold(self):
        """Begun, or over, and not told of. What was over before anybody was told is not worth a letter."""
        over = Q(over_at__isnull=False, told_at__isnull=False, over_told_at=None)
        return self.filter(Q(over_at=None, told_at=None) | over)


class Alert(models.Model):
    """Something is wrong that staff must know of. One row from its beginning to its end."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "Reports are not sent to us"
        REPORTS = "reports", "Reports are refused"
        DRIFT = "drift", "Agents were changed at ElevenLabs"
        ROLLOUT = "rollout", "A rollout is held back"

    kind = models.CharField(max_length=20, choices=Kind)
    about = models.CharField(max_length=100, blank=True, help_text="Which one, where there can be several.")
    words = models.TextField(help_text="What is wrong and what to do, for staff.")
    since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When staff were told that it began.")
    over_at = models.DateTimeField(null=True, blank=True)
    over_told_at = models.DateTimeField(null=True, blank=True, help_text="When staff were told that it is over.")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = [F("over_at").desc(nulls_first=True), "-since"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], condition=Q(over_at=None), name="alert_open_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.about}" if self.about else self.get_kind_display()
