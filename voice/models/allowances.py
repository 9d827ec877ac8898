"""How many minutes of voice somebody may use."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona

ALONE = _("This allowance is for {what}: leave the other fields below empty.")


class AllowanceQuerySet(models.QuerySet):
    def about(self, user, groups, persona):
        """Everybody's, and those of this user (None: not signed in), these groups and this persona."""
        everybody = Q(user=None, group=None, persona=None)
        own = Q(user=user) if user else Q(pk=None)
        return self.filter(everybody | own | Q(group__in=groups) | Q(persona=persona))


class Allowance(models.Model):
    """Minutes of voice in a day or a month: for each person, for a group together, for a persona with all its visitors."""

    class Of(models.TextChoices):
        PERSON = "person", _("Each person")
        GROUP = "group", _("A group, together")
        PERSONA = "persona", _("A persona, with all its visitors")

    class Per(models.TextChoices):
        DAY = "day", _("A day")
        MONTH = "month", _("A month")

    of = models.CharField(
        "for",
        max_length=8,
        choices=Of,
        help_text=_("Whose calls are counted together. A person is whoever is signed in, else a browser."),
    )
    per = models.CharField(max_length=5, choices=Per)
    minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Empty: without a limit. 0: no voice. Calls that run count with all they may take."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("This person alone; empty: everybody without an allowance of their own."),
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("This group; empty: every group without one of its own."),
    )
    persona = models.ForeignKey(
        Persona,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="allowances",
        help_text=_("This persona; empty: every persona without one of its own."),
    )

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        verbose_name = "allowance of minutes"
        verbose_name_plural = "allowances of minutes"
        ordering = ["of", "per", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["of", "per"], condition=Q(user=None, group=None, persona=None), name="allowance_of_all_once"
            ),
            *(
                models.UniqueConstraint(
                    fields=["per", whose], condition=Q(**{f"{whose}__isnull": False}), name=f"allowance_of_{whose}_once"
                )
                for whose in ("user", "group", "persona")
            ),
            models.CheckConstraint(
                condition=Q(of="person", group=None, persona=None)
                | Q(of="group", user=None, persona=None)
                | Q(of="persona", user=None, group=None),
                name="allowance_of_one_kind",
            ),
        ]

    def __str__(self):
        much = (
            gettext("no limit") if self.minutes is None else gettext("{minutes} minutes").format(minutes=self.minutes)
        )
        return f"{self.whose}: {much} {self.get_per_display().lower()}"

    @property
    def whose(self):
        """In words: whose calls are counted."""
        return str(self.user or self.group or self.persona or self.get_of_display())

    def clean(self):
        own = {self.Of.PERSON: "user", self.Of.GROUP: "group", self.Of.PERSONA: "persona"}.get(self.of)
        wrong = [name for name in ("user", "group", "persona") if name != own and getattr(self, f"{name}_id")]
        if own and wrong:
            raise ValidationError({name: ALONE.format(what=self.Of(self.of).label.lower()) for name in wrong})


class Spent(models.Model):
    """What a call used whose thread its visitor has deleted: nothing of it is kept but that, so that deleting gives back
    neither minutes nor a line. Goes when its month is long over."""

    visitor = models.UUIDField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(db_index=True)
    seconds = models.PositiveIntegerField()
    line_until = models.DateTimeField(null=True, help_text=_("The call may run, or be opened, until then."))

    def __str__(self):
        return f"{self.started_at:%Y-%m-%d} {self.seconds} s"


class Used(models.Model):
    """What calls with a report used that began in one day or one month: of one persona, or of one signed-in person. Written
    by voice.ledger alone. Goes when its month is long over."""

    per = models.CharField(max_length=5, choices=Allowance.Per)
    begins_at = models.DateTimeField(db_index=True)
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[whose, "per", "begins_at"],
                condition=Q(**{f"{whose}__isnull": False}),
                name=f"used_by_{whose}_once",
            )
            for whose in ("persona", "user")
        ]

    def __str__(self):
        return f"{self.begins_at:%Y-%m-%d} {self.per} {self.seconds} s"
