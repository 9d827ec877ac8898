"""What we remember of the account's phone numbers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from personas.models import Persona, validate_no_variables


class PhoneNumberQuerySet(models.QuerySet):
    def answered(self):
        """Those a persona answers, as far as the other side still has them."""
        return self.filter(persona__isnull=False).exclude(state=PhoneNumber.State.GONE)


class PhoneNumber(models.Model):
    """One of the account's phone numbers, and the persona that answers it. Numbers without one are left alone."""

    class State(models.TextChoices):
        NONE = "none", _("No persona")
        WAITING = "waiting", _("Waiting")
        IN_STEP = "in_step", _("In step")
        OUT_OF_STEP = "out_of_step", _("Out of step")
        REFUSED = "refused", _("Refused")
        GONE = "gone", _("Gone on the other side")

    elevenlabs_number_id = models.CharField(max_length=255, unique=True)
    number = models.CharField(max_length=32, db_index=True, help_text=_("As it is dialled: +15551234567."))
    label = models.CharField(max_length=200, blank=True)
    provider = models.CharField(
        max_length=40, blank=True, help_text=_("Where it was bought: twilio, sip_trunk, exotel.")
    )
    answered_by = models.CharField(
        max_length=255, blank=True, help_text=_("The agent that the other side last said to have it, of whoever.")
    )
    persona = models.ForeignKey(
        Persona,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="phone_numbers",
        help_text=_("Who answers. Callers reach a published persona only; without one the number is left as it is."),
    )
    notice = models.CharField(
        max_length=300,
        blank=True,
        validators=[validate_no_variables],
        help_text=_("Said to callers before the persona's first message, for example that calls are recorded."),
    )
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text=_("SHA-256 of what the other side last accepted.")
    )
    synced_agent_id = models.CharField(max_length=255, blank=True, help_text=_("The agent that we gave it to."))
    state = models.CharField(max_length=12, choices=State, default=State.NONE)
    problem = models.TextField(blank=True, help_text=_("In words, for staff: why it was refused or is waiting."))
    claimed_until = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)
    synced_at = models.DateTimeField(null=True)

    objects = PhoneNumberQuerySet.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return self.number
