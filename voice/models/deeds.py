"""The audit log: who did what, and who read what. Rows are added, and removed when they are old; nothing changes them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from personas import causes
from personas.models import Persona

REFUSAL = "Rows of the audit log are neither changed nor deleted; old ones go by themselves."


class Unchangeable(Exception):
    """A row of the audit log stays as it was written."""


class DeedQuerySet(models.QuerySet):
    def update(self, **_):
        raise Unchangeable(REFUSAL)

    def delete(self):
        raise Unchangeable(REFUSAL)

    def before(self, moment):
        """What is older, oldest first, as rows that can be deleted: for retention, and nobody else."""
        return models.QuerySet(self.model, using=self.db).filter(at__lt=moment).order_by("at")


class Deed(models.Model):
    """Something that reached outside, was read or was allowed, with who did it, by name, whatever becomes of them."""

    class What(models.TextChoices):
        AGENT_CREATED = "agent_created", _("Agent created")
        AGENT_CHANGED = "agent_changed", _("Agent changed")
        AGENT_DELETED = "agent_deleted", _("Agent deleted")
        TOOL_CREATED = "tool_created", _("Tool created")
        TOOL_CHANGED = "tool_changed", _("Tool changed")
        TOOL_DELETED = "tool_deleted", _("Tool deleted")
        SECRET_CREATED = "secret_created", _("Secret created")
        SECRET_CHANGED = "secret_changed", _("Secret changed")
        WEBHOOK_CREATED = "webhook_created", _("Webhook created")
        WEBHOOK_SWITCHED_ON = "webhook_switched_on", _("Webhook's redelivery switched on")
        WEBHOOK_DELETED = "webhook_deleted", _("Webhook deleted")
        NUMBER_ASSIGNED = "number_assigned", _("Phone number assigned")
        RATING_SENT = "rating_sent", _("Rating sent")
        TEST_CALL = "test_call", _("Call begun by staff")
        PERSONA_ADDED = "persona_added", _("Persona added")
        PERSONA_CHANGED = "persona_changed", _("Persona changed")
        PERSONA_DELETED = "persona_deleted", _("Persona deleted")
        DOCUMENT_ADDED = "document_added", _("Document added")
        DOCUMENT_DELETED = "document_deleted", _("Document deleted")
        VOICE_OFF = "voice_off", _("Voice switched off")
        VOICE_ON = "voice_on", _("Voice switched on again")
        ROLLOUT_CHANGED = "rollout_changed", _("Rollout changed")
        SETTING_CHANGED = "setting_changed", _("Allowance or silence changed")
        TRANSCRIPT_READ = "transcript_read", _("Conversation read")
        QUESTION_READ = "question_read", _("Tool calls read")
        RECORDING_HEARD = "recording_heard", _("Recording heard")
        DELIVERY_READ = "delivery_read", _("Delivery read")
        FILE_TAKEN = "file_taken", _("File taken")
        RECORD_DELETED = "record_deleted", _("Record deleted")
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_OUT = "signed_out", _("Signed out")
        SIGN_IN_FAILED = "sign_in_failed", _("Password refused")
        CODE_TAKEN = "code_taken", _("Second factor given")
        CODE_REFUSED = "code_refused", _("Second factor refused")
        FACTOR_SET_UP = "factor_set_up", _("Second factor set up")
        FACTOR_REMOVED = "factor_removed", _("Second factor removed")
        FACTOR_RESET = "factor_reset", _("Second factor taken away")
        RECOVERY_RENEWED = "recovery_renewed", _("Recovery codes renewed")
        RIGHTS_CHANGED = "rights_changed", _("Rights changed")
        PASSWORD_CHANGED = "password_changed", _("Own password changed")

    class By(models.TextChoices):
        PERSON = causes.PERSON, _("A person")
        VISITOR = causes.VISITOR, _("Somebody not signed in")
        COMMAND = causes.COMMAND, _("A command")
        CLOCK = causes.CLOCK, _("The clock")

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")
        UNKNOWN = "unknown", _("No answer, so perhaps done")

    at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    by = models.CharField(_("origin"), max_length=10, choices=By)
    # Without constraints: who and what was deleted a moment ago must not keep a row, and the deed, from being written.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="+",
        verbose_name=_("person"),
    )  # fmt: skip
    name = models.CharField(_("who"), max_length=150, blank=True)
    what = models.CharField(max_length=24, choices=What)
    persona = models.ForeignKey(
        Persona, on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False, related_name="+"
    )
    about = models.CharField(max_length=200, blank=True)
    conversation = models.CharField(max_length=255, blank=True)
    address = models.CharField(max_length=45, blank=True, help_text=_("Shortened: it names a neighbourhood."))
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.DONE)

    objects = DeedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("entries of the audit log")
        indexes = [
            models.Index(fields=["what", "-at"], name="deed_what"),
            models.Index(fields=["user", "-at"], name="deed_user"),
            models.Index(fields=["persona", "-at"], name="deed_persona"),
        ]

    def __str__(self):
        return f"{self.who}: {self.get_what_display()}"

    @property
    def who(self):
        """The name, or what it was when nobody is behind it."""
        return self.name or str(self.get_by_display())

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise Unchangeable(REFUSAL)
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise Unchangeable(REFUSAL)
