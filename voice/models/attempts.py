"""How starting a call went, as the page saw it: what the server's own rows cannot know."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from voice.models.conversations import Conversation, Session


class AttemptQuerySet(models.QuerySet):
    def judged(self):
        """Those that say something about us: connected, or failed through no doing of the visitor's."""
        refused = models.Q(outcome=Attempt.REFUSED, detail__in=Attempt.OUR_REFUSALS)
        return self.filter(models.Q(outcome__in=[Attempt.LIVE, *Attempt.OUR_FAULTS]) | refused)

    def of_visitors(self):
        """Without what staff and rehearsals try: they break things on purpose."""
        return self.filter(kind=Conversation.Kind.VISITOR)


class Attempt(models.Model):
    """Somebody pressed Talk. One row, also when no call came of it."""

    LIVE = "live"
    REFUSED = "refused"  # by our own server, whose code is the detail
    OUR_REFUSALS = ("unreachable", "refused")  # voice.sessions: the others are limits and switches, which are meant
    # Sentences of the page (templates/voice/_sentences.html) that name a fault of ours or ElevenLabs'. A microphone that
    # is denied, taken lines, minutes used up, no network at the visitor's, and a change of mind are none.
    OUR_FAULTS = ("start-slow", "start-refused", "start-expired", "start-unreachable", "page-broken")

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, related_name="attempts",
        help_text=_("None where the call could not even begin a thread."),
    )  # fmt: skip
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="attempts")
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="attempts")
    kind = models.CharField(
        max_length=12,
        choices=Conversation.Kind,
        default=Conversation.Kind.VISITOR,
        db_default=Conversation.Kind.VISITOR,
    )
    outcome = models.CharField(
        max_length=40, help_text=_("live, cancelled, refused, or the name of the sentence that was shown.")
    )
    detail = models.CharField(max_length=40, blank=True, help_text=_("The code of our own refusal, or a close code."))
    resumed = models.BooleanField(default=False, help_text=_("Took up a call that was dropped."))
    milliseconds = models.JSONField(
        default=dict, help_text=_("From the press: allowed (microphone), connected, sound (first heard), ended.")
    )
    answers = models.JSONField(
        default=list,
        help_text=_(
            "[[first sound, answer], …] in milliseconds after the question; they differ when a filler came first."
        ),
    )
    at = models.DateTimeField(default=timezone.now)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["persona", "at"]), models.Index(fields=["at"])]

    def __str__(self):
        return f"{date_format(self.at, 'DATETIME_FORMAT')} {self.outcome}"
