"""Personas as ElevenLabs last heard of them, and what they share there."""

import uuid

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona


class Agent(models.Model):
    """A persona as ElevenLabs last heard of it. The row outlives its persona until the other side has let go too."""

    class State(models.TextChoices):
        NEVER = "never", _("Never synced")
        WAITING = "waiting", _("Waiting")
        IN_STEP = "in_step", _("In step")
        OUT_OF_STEP = "out_of_step", _("Out of step")
        REFUSED = "refused", _("Refused")
        GONE = "gone", _("Gone on the other side")

    persona = models.OneToOneField(Persona, on_delete=models.SET_NULL, null=True, related_name="agent")
    persona_key = models.UUIDField(unique=True, help_text=_("The persona's id, kept when the persona is deleted."))
    elevenlabs_agent_id = models.CharField(max_length=255, blank=True, db_index=True)
    tool_id = models.CharField(max_length=255, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of the tool and the definition last accepted.")
    )
    state = models.CharField(max_length=12, choices=State, default=State.NEVER)
    problem = models.TextField(blank=True, help_text=_("In words, for staff: why it was refused or is waiting."))
    claimed_until = models.DateTimeField(
        null=True, help_text=_("A worker is talking to ElevenLabs about it until then.")
    )
    claim = models.UUIDField(null=True, help_text=_("Which worker's claim it is."))
    synced_at = models.DateTimeField(_("last in step"), null=True)
    settle_at = models.DateTimeField(
        null=True, db_index=True, help_text=_("When to look for what a request left that nobody heard the end of.")
    )
    try_at = models.DateTimeField(
        null=True, help_text=_("A task tries again then; the sweep leaves it alone meanwhile.")
    )
    baseline = models.JSONField(
        default=dict, help_text=_("Agent and tool as they stood there when last in step, flat.")
    )
    drift = models.JSONField(default=list, help_text=_("In what they were changed by hand since, field by field."))
    restoring = models.BooleanField(default=False, help_text=_("The next sync puts back what was changed by hand."))
    checked_at = models.DateTimeField(_("last checked"), null=True)
    searched_to = models.DateTimeField(
        null=True, help_text=_("Calls at ElevenLabs that began before then have been looked through.")
    )
    searched_at = models.DateTimeField(null=True, help_text=_("When its calls at ElevenLabs were last looked through."))

    class Meta:
        verbose_name = _("agent at ElevenLabs")
        verbose_name_plural = _("agents at ElevenLabs")

    def __str__(self):
        return f"{self.persona or self.persona_key}: {self.get_state_display()}"


class Workspace(models.Model):
    """What all agents share on the other side: the tool's secret, the webhook, the commands. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    installation = models.UUIDField(
        default=uuid.uuid4, help_text=_("Tags what is ours, so that another installation's agents are never touched.")
    )
    secret_id = models.CharField(max_length=255, blank=True)
    secret_fingerprint = models.CharField(max_length=64, blank=True, help_text=_("Of the token the secret was given."))
    webhook_id = models.CharField(max_length=255, blank=True)
    webhook_url = models.URLField(max_length=500, blank=True)
    webhook_secret = models.TextField(blank=True, help_text=_("Encrypted; ElevenLabs shows it once."))
    commands = models.JSONField(default=dict, help_text=_("The tools of the commands: their ids by name."))
    commands_fingerprint = models.CharField(max_length=64, blank=True, help_text=_("Of the commands as sent."))
    claimed_until = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    synced_at = models.DateTimeField(null=True)
    retired = models.JSONField(
        default=list,
        help_text=_("Webhooks that were replaced and whose reports are still taken: id, encrypted secret, times."),
    )
    account = models.JSONField(
        default=dict, help_text=_("What the key may do, and the account's plan, as last looked at.")
    )
    left_over = models.JSONField(
        default=list, help_text=_("What carried our mark there at the last check and belonged to no persona.")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("ElevenLabs account")

    def __str__(self):
        return gettext("ElevenLabs workspace")


class TokenUse(models.Model):
    """When a caller last proved itself with one of our service tokens. The token itself is not kept."""

    fingerprint = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField()

    def __str__(self):
        return f"{self.fingerprint[:8]}: {date_format(self.used_at, 'DATETIME_FORMAT')}"
