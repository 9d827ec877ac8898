"""Where on the web a document stands, and how often it is looked up there."""

from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.documents import Document

FIRST_WAIT = timedelta(hours=1)  # after a failure; each further one doubles it, up to the usual time


class AddressQuerySet(models.QuerySet):
    def due(self):
        """Those to be looked up again now."""
        return self.filter(due_at__lte=timezone.now()).order_by("due_at")


class Address(models.Model):
    """A document's web address. The page is fetched again when it is due; until a new version was read the one before
    answers, and when fetching fails it goes on doing so."""

    class Every(models.TextChoices):
        NEVER = "never", _("Never")
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")

    document = models.OneToOneField(Document, on_delete=models.CASCADE, related_name="address")
    url = models.CharField(_("web address"), max_length=2000, editable=False)
    every = models.CharField(
        _("fetch again"),
        max_length=8,
        choices=Every,
        default=Every.NEVER,
        help_text=_("How often to look for changes."),
    )
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=200, blank=True, editable=False)
    fetched_at = models.DateTimeField(_("last fetched"), null=True, editable=False)
    outcome = models.TextField(blank=True, editable=False, help_text=_("What came of the last time."))
    failures = models.PositiveSmallIntegerField(default=0, editable=False, help_text=_("In a row."))
    due_at = models.DateTimeField(_("next time"), null=True, db_index=True, editable=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self):
        return self.url

    def next_time(self):
        """When to look again, or None for never: as often as staff want, sooner after a failure."""
        days = {self.Every.DAILY: 1, self.Every.WEEKLY: 7, self.Every.MONTHLY: 30}.get(self.every)
        if days is None:
            return None
        usual = timedelta(days=days)
        wait = min(FIRST_WAIT * 2 ** min(self.failures - 1, 20), usual) if self.failures else usual
        return timezone.now() + wait
