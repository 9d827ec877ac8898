"""Who may talk, as staff set it in the admin, over what the settings say."""

import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from waffle.models import AbstractUserFlag

from personas.models import Persona

GENERAL = "voice"


class FlagQuerySet(models.QuerySet):
    def about(self, persona):
        """What is set for everything and for this persona: at most two rows, the general one first."""
        rows = self.filter(models.Q(persona=None) | models.Q(persona=persona))
        return rows.order_by(models.F("persona").asc(nulls_first=True))


class Flag(AbstractUserFlag):
    """Who may talk: with every persona, or with one, whose own row then decides instead.

    django-waffle's flag (people, groups, staff, everybody or nobody), with a percentage that needs no cookie: the same
    person stays in or out for the same persona, and raising it only lets more in. Read from the database each time, so
    that a change holds from the next start on.
    """

    persona = models.OneToOneField(
        Persona, on_delete=models.CASCADE, null=True, blank=True, related_name="rollout",
        verbose_name=_("persona"), help_text=_("Leave empty for all personas that have no row of their own."),
    )  # fmt: skip
    killed_at = models.DateTimeField(
        _("switched off at"), null=True, blank=True,
        help_text=_("While this is set nobody may begin a call, whatever else stands here or in the settings."),
    )  # fmt: skip
    held_at = models.DateTimeField(
        _("held since"), null=True, blank=True,
        help_text=_("Calls went wrong, so the percentage counts as none until somebody looks."),
    )  # fmt: skip
    held_why = models.CharField(_("why"), max_length=500, blank=True)
    judged_from = models.DateTimeField(null=True, blank=True, editable=False)

    objects = FlagQuerySet.as_manager()

    class Meta(AbstractUserFlag.Meta):
        verbose_name = _("rollout of voice")
        verbose_name_plural = _("rollout of voice")

    def __str__(self):
        return str(self.persona) if self.persona_id else str(_("All personas"))

    def clean(self):
        """Two rows about everything would contradict each other; of a persona the database says so itself."""
        if self.persona_id is None and Flag.objects.filter(persona=None).exclude(pk=self.pk).exists():
            raise ValidationError(_("There is a row for all personas already. Change that one, or choose a persona."))

    def save(self, *args, **kwargs):
        self.name = f"{GENERAL}:{self.persona_id}" if self.persona_id else GENERAL  # unique: one row for each
        super().save(*args, **kwargs)

    def admits(self, user, visitor, persona):
        """Whether this row lets a person talk with a persona. ``visitor`` is the id of their browser, which counts for
        people who are not signed in."""
        if self.everyone is not None:
            return self.everyone
        if user.is_authenticated and (self.is_named(user) or self.is_active_for_user(user)):
            return True
        who = f"user {user.pk}" if user.is_authenticated else f"visitor {visitor}"
        return self.held_at is None and place(who, persona.pk) < float(self.percent or 0)

    @staticmethod
    def is_named(user):
        return user.get_username() in settings.VOICE_CHAT_BETA_USERS


def place(who, persona_id):
    """Where a person stands among all, for one persona: 0 to below 100, the same each time, evenly spread."""
    digest = hashlib.sha256(f"{persona_id} {who}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
