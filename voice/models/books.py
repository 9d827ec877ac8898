"""What ElevenLabs says of our use: kept as it was last told, and beside it what our own records say."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from personas.models import Persona


class Listed(models.Model):
    """A call of the account as ElevenLabs lists it, of our agents and of others. Nothing of what was said is in it."""

    elevenlabs_conversation_id = models.CharField(max_length=255, unique=True)
    elevenlabs_agent_id = models.CharField(max_length=255)
    agent_name = models.CharField(max_length=255, blank=True)
    persona = models.ForeignKey(Persona, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(db_index=True)
    seconds = models.PositiveIntegerField(default=0)
    credits = models.IntegerField(default=0)
    is_over = models.BooleanField(default=False, help_text=_("It has been analysed, so that its figures stay."))

    def __str__(self):
        return self.elevenlabs_conversation_id


class Compared(models.Model):
    """The calls of one day and persona (None: of no persona of ours) that agree with ElevenLabs' list or differ from it for
    one reason, added up on both sides. Made anew from the rows as long as they may change."""

    class Reason(models.TextChoices):
        SAME = "same", _("Both say the same")
        NOT_OURS = "not-ours", _("Of agents that are not ours")
        PHONE = "phone", _("By phone, and not begun here")
        ELSEWHERE = "elsewhere", _("Begun on a page that is not ours")
        DELETED = "deleted", _("Deleted here by their visitors")
        UNREPORTED = "unreported", _("Without a report yet")
        UNKNOWN = "unknown", _("Not fetched yet")
        RUNNING = "running", _("Running, or being analysed")
        OTHER = "other", _("Reported with other figures")
        NEWER = "newer", _("Newer than the last look")
        UNCONNECTED = "unconnected", _("Never connected, as far as ElevenLabs knows")
        GONE = "gone", _("No longer listed at ElevenLabs")

    day = models.DateField()
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)
    calls_there = models.PositiveIntegerField(default=0)
    seconds_there = models.BigIntegerField(default=0)
    credits_there = models.BigIntegerField(default=0)
    calls_here = models.PositiveIntegerField(default=0)
    seconds_here = models.BigIntegerField(default=0)
    credits_here = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "persona", "reason"], name="compared_once_a_day"),
            models.UniqueConstraint(
                fields=["day", "reason"], condition=models.Q(persona=None), name="compared_of_nobody_once_a_day"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.persona_id} {self.reason}"


class Reading(models.Model):
    """The plan as ElevenLabs told it last on a day, and how far its calls were listed then."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    used = models.BigIntegerField(null=True)
    limit = models.BigIntegerField(null=True)
    resets_at = models.DateTimeField(null=True)
    running_there = models.PositiveIntegerField(null=True, help_text=_("Calls under way, as ElevenLabs counted them."))
    running_here = models.PositiveIntegerField(default=0)
    listed_to = models.DateTimeField(null=True, help_text=_("Every call that began before is in the list."))

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return str(self.day)


class Spending(models.Model):
    """Credits that the whole account used on a day, by what for."""

    day = models.DateField()
    product = models.CharField(max_length=100, blank=True)
    credits = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "product"], name="spending_once_a_day")]

    def __str__(self):
        return f"{self.day} {self.product}"
