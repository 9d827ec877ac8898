"""What agents asked us in mid-conversation."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from voice.models.conversations import Conversation, Session, Turn


class ToolCallQuerySet(models.QuerySet):
    def judged(self):
        """Those that say something about us: refusals and limits are meant."""
        return self.exclude(outcome__in=[ToolCall.Outcome.REFUSED, ToolCall.Outcome.LIMITED])

    def of_visitors(self):
        """Without those in calls of staff and rehearsals. One whose call is none of ours may be anybody's."""
        visitors = models.Q(session__conversation__kind=Conversation.Kind.VISITOR)
        return self.filter(visitors | models.Q(session=None))


class ToolCall(models.Model):
    """An agent asked us something in mid-conversation; one row per call, also for those that were refused."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NOTHING = "nothing", _("Nothing in the documents")
        FALLBACK = "fallback", _("Fallback after a fault")
        LIMITED = "limited", _("Over the limit")
        REFUSED = "refused", _("Refused")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, related_name="tool_calls")
    persona = models.ForeignKey(Persona, on_delete=models.SET_NULL, null=True, related_name="tool_calls")
    turn = models.ForeignKey(
        Turn,
        on_delete=models.SET_NULL,
        null=True,
        related_name="tool_calls",
        help_text=_("The spoken turn it went into."),
    )
    function = models.CharField(max_length=64)
    question = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why there was no answer, or what failed."))
    content = models.TextField(blank=True, help_text=_("What was handed to the agent to say."))
    citations = models.JSONField(default=list)
    passages = models.JSONField(default=list, help_text=_("[[passage id, score], …], best first."))
    cached = models.BooleanField(default=False)
    milliseconds = models.JSONField(default=dict, help_text=_("By stage; 'total' is what the caller waited."))
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ToolCallQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self):
        return self.question[:80] or self.function
