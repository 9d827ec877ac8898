"""What is wrong, or was, that staff must know of."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class AlertQuerySet(models.QuerySet):
    def open(self):
        """What is wrong now."""
        return self.filter(over_at=None)

    def untold(self):
        """Begun, or over, and not told of, and not silenced now. What was over before anybody was told is not worth a
        letter; what is still wrong when a silence ends is told then."""
        over = Q(over_at__isnull=False, told_at__isnull=False, over_told_at=None)
        silenced = Silence.objects.now().values_list("kind", flat=True)
        rows = self.filter(Q(over_at=None, told_at=None) | over)
        return rows.none() if "" in silenced else rows.exclude(kind__in=silenced)


class Alert(models.Model):
    """Something is wrong that staff must know of. One row from its beginning to its end."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Reports are not sent to us")
        REPORTS = "reports", _("Reports are refused")
        DRIFT = "drift", _("Agents were changed at ElevenLabs")
        ROLLOUT = "rollout", _("A rollout is held back")
        CALLS = "calls", _("Tool calls fail")
        SLOW = "slow", _("Tool calls are slow")
        STARTS = "starts", _("Calls cannot start")
        CREDITS = "credits", _("Credits run out")
        QUEUE = "queue", _("Tasks wait too long")
        DISK = "disk", _("The disk fills up")

    kind = models.CharField(max_length=20, choices=Kind)
    about = models.CharField(max_length=100, blank=True, help_text=_("Which one, where there can be several."))
    words = models.TextField(help_text=_("What is wrong and what to do, for staff."))
    since = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("When staff were told that it began."))
    told_by = models.CharField(
        max_length=40, blank=True, help_text=_("By which ways they were: e-mail, chat, or the log alone.")
    )
    over_at = models.DateTimeField(null=True, blank=True)
    over_told_at = models.DateTimeField(null=True, blank=True, help_text=_("When staff were told that it is over."))

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = [F("over_at").desc(nulls_first=True), "-since"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], condition=Q(over_at=None), name="alert_open_once")
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.about}" if self.about else self.get_kind_display()


class SilenceQuerySet(models.QuerySet):
    def now(self):
        """Those that hold at this moment."""
        return self.filter(begins_at__lte=timezone.now(), ends_at__gt=timezone.now())


class Silence(models.Model):
    """A time in which nobody is written to: work is being done, or it is known. Alerts stand in the admin all the same."""

    kind = models.CharField(max_length=20, choices=Alert.Kind, blank=True, help_text=_("Leave empty for every kind."))
    begins_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(help_text=_("What is still wrong then is told then."))
    why = models.CharField(max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = SilenceQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_at"]

    def __str__(self):
        return f"{self.get_kind_display() or 'Every alert'}: {self.why}"

    def clean(self):
        if self.begins_at and self.ends_at and self.ends_at <= self.begins_at:
            raise ValidationError({"ends_at": gettext("A silence ends after it begins.")})
