"""What about a document a person should look at: text nobody sees, words meant for the model, and rivals."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from personas.models import Persona


class FlagQuerySet(models.QuerySet):
    def open(self):
        """Those that wait for a person. One about a document that no longer answers waits for nobody."""
        settled = Q(document__superseded_by__isnull=False) | Q(other__superseded_by__isnull=False)
        return self.filter(status=Flag.Status.OPEN).exclude(settled)

    def withholding(self):
        """Those that keep a stretch of their own document from answering."""
        suspected = Q(kind__in=Flag.SUSPICIONS, start__isnull=False) & ~Q(status=Flag.Status.DISMISSED)
        return self.filter(suspected | Q(status=Flag.Status.UPHELD, remedy=Flag.Remedy.WITHHOLD))

    def withholding_other(self):
        """Those that keep a stretch of the other document from answering."""
        return self.filter(status=Flag.Status.UPHELD, remedy=Flag.Remedy.WITHHOLD_OTHER)

    def over_passage(self):
        """Whether a passage, the row around this query, is withheld: an expression for it."""
        ours = {"document": OuterRef("document"), "start__lt": OuterRef("end"), "end__gt": OuterRef("start")}
        theirs = {"other": OuterRef("document"), "other_start__lt": OuterRef("end"), "other_end__gt": OuterRef("start")}
        return Exists(self.withholding().filter(**ours)) | Exists(self.withholding_other().filter(**theirs))


class Flag(models.Model):
    """A stretch of a document that a person should decide about. Suspicions withhold their stretch until then; a pair
    of places that do not go together withholds nothing until somebody says which is wrong."""

    class Kind(models.TextChoices):
        HIDDEN = "hidden", _("Text nobody sees")
        INSTRUCTION = "instruction", _("Speaks to the model")
        SUPERSEDED = "superseded", _("Superseded")
        CONTRADICTION = "contradiction", _("Contradiction")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    class Remedy(models.TextChoices):
        """What was decided about a pair."""

        NONE = "", "–"
        RETIRE = "retire", _("The document no longer answers")
        RETIRE_OTHER = "retire_other", _("The other document no longer answers")
        WITHHOLD = "withhold", _("Only the passage is withheld")
        WITHHOLD_OTHER = "withhold_other", _("Only the other passage is withheld")

    SUSPICIONS = (Kind.HIDDEN, Kind.INSTRUCTION)

    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="flags")
    document = models.ForeignKey("Document", on_delete=models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=16, choices=Kind)
    quote = models.TextField(help_text=_("The words it is about."))
    start = models.PositiveIntegerField(
        null=True, help_text=_("Character offset in the document's text; null where the words were left out of it.")
    )
    end = models.PositiveIntegerField(null=True)
    page = models.PositiveIntegerField(null=True)
    other = models.ForeignKey("Document", on_delete=models.CASCADE, null=True, related_name="flags_against")
    other_quote = models.TextField(blank=True)
    other_start = models.PositiveIntegerField(null=True)
    other_end = models.PositiveIntegerField(null=True)
    other_page = models.PositiveIntegerField(null=True)
    differing = models.JSONField(default=list, help_text=_("[[value here, value there], …] of a pair."))
    reason = models.TextField(help_text=_("Why it was flagged, in words."))
    score = models.FloatField(help_text=_("0 to 1: how sure the rules are."))
    fingerprint = models.CharField(
        max_length=64, help_text=_("Of the quotes: by it a decision outlives reading again.")
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    remedy = models.CharField(max_length=14, choices=Remedy, default=Remedy.NONE, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = [F("score").desc(), "pk"]
        indexes = [models.Index(fields=["persona", "fingerprint"], name="flag_by_fingerprint")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.quote[:80]}"

    @property
    def is_suspicion(self):
        return self.kind in self.SUSPICIONS

    @property
    def is_open(self):
        return self.status == self.Status.OPEN
