"""Figures of each day, kept so that a year of them is read in milliseconds; and who saw that they could talk."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from personas.models import Persona


class Channel(models.TextChoices):
    """By which way a visitor's conversation is counted; and what is none of visitors', which no sum of all has in it."""

    TYPED = "typed", _("Typed")
    BROWSER = "browser", _("By voice on a page")
    PHONE = "phone", _("By phone")
    STAFF = "staff", _("By staff, or begun at ElevenLabs")
    REHEARSAL = "rehearsal", _("Rehearsals")


APART = {Channel.STAFF, Channel.REHEARSAL}


class DayFigures(models.Model):
    """What one day brought for one persona by one channel; for all of either where none is named, so that a year of
    whatever staff choose is one row for each day. All channels are those of visitors. Made anew from the rows as long as they
    may change, and once more when what is counted has changed (``version``)."""

    day = models.DateField()
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, null=True, related_name="figures")
    channel = models.CharField(max_length=12, choices=Channel, blank=True)
    version = models.PositiveSmallIntegerField(default=1, db_default=1)
    figures = models.JSONField(help_text=_("As voice.figures.tally.Tally writes itself."))
    made_at = models.DateTimeField(default=timezone.now)
    closed = models.BooleanField(
        default=False, db_default=False, help_text=_("Some of the day's rows were let go: it is not made anew.")
    )

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["day", "persona", "channel"], name="figures_once_a_day"),
            models.UniqueConstraint(
                fields=["day", "channel"], condition=models.Q(persona=None), name="figures_of_all_once_a_day"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.persona_id} {self.channel}"


class Visit(models.Model):
    """Somebody opened a persona's page on a day when voice was offered to them: where adoption begins to be counted."""

    day = models.DateField()
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="visits")
    visitor = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "persona", "visitor"], name="visit_once_a_day")]

    def __str__(self):
        return f"{self.day} {self.persona_id}"


class DailyReport(models.Model):
    """That the report of a day is being sent, or was: so that it goes out once."""

    day = models.DateField(unique=True)
    claimed_at = models.DateTimeField(default=timezone.now, db_default=Now())
    sent_at = models.DateTimeField(null=True)

    def __str__(self):
        return str(self.day)
