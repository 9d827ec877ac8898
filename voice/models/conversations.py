"""Threads of talk, the voice connections in them, and what was said."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona


class ConversationQuerySet(models.QuerySet):
    def of(self, visitor, user=None):
        """The threads one visitor may see: those of their own browser session, and when they are signed in (``user``)
        those they had elsewhere."""
        own = Q(visitor=visitor)
        return self.filter(own | Q(user=user) if user is not None else own)

    def begun(self):
        """Those in which something was said."""
        return self.filter(Exists(Turn.objects.filter(conversation=OuterRef("pk"))))

    def with_rating_due(self):
        """Rated, with a call in it, and ElevenLabs does not know yet; after a day it need not any more."""
        fresh = timezone.now() - timedelta(days=1)
        return self.filter(rating_due=True, last_turn_at__gte=fresh)


class Conversation(models.Model):
    """A thread of talk between one visitor and one persona: typed, spoken or both."""

    class Kind(models.TextChoices):
        VISITOR = "visitor", _("A visitor's")
        STAFF = "staff", _("Of staff")
        REHEARSAL = "rehearsal", _("A rehearsal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="conversations")
    visitor = models.UUIDField(
        db_index=True, help_text=_("The visitor's browser, or a caller's number under a key of ours; never a name.")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    kind = models.CharField(
        max_length=12, choices=Kind, default=Kind.VISITOR, db_default=Kind.VISITOR,
        help_text=_("Whose talk it is: what staff and rehearsals do is counted apart."),
    )  # fmt: skip
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    last_turn_at = models.DateTimeField(default=timezone.now)
    taken_up_at = models.DateTimeField(
        default=timezone.now,
        help_text=_("When its visitor last went on with it: the latest is the one their page shows."),
    )
    elsewhere = models.BooleanField(
        default=False, help_text=_("Begun at ElevenLabs and not on a page of ours, for example a test by staff there.")
    )
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.CharField(max_length=1000, blank=True)
    rating_due = models.BooleanField(default=False, help_text=_("ElevenLabs has not been told of the rating yet."))

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]

    def __str__(self):
        return f"{self.persona} · {date_format(self.started_at, 'DATETIME_FORMAT')}"

    @property
    def minutes(self):
        """Of talk by voice, where the threads were counted (voice.history); at least one when there was any."""
        seconds = getattr(self, "call_seconds", None) or 0
        return max(1, round(seconds / 60)) if seconds else 0


# Not written down in what calls used (voice.ledger), or with other seconds than were reported since. Every arm is one plain
# comparison, so that both databases see that the index below is meant.
OPEN = (
    Q(duration_secs=None)
    | Q(counted_seconds=None)
    | Q(counted_seconds__lt=F("duration_secs"))
    | Q(counted_seconds__gt=F("duration_secs"))
)


class SessionQuerySet(models.QuerySet):
    def not_written_down(self):
        """Calls whose time, or a part of it, is in no sum yet."""
        return self.filter(OPEN)

    def live(self):
        """Started by us, not ended, and not older than a call may last."""
        oldest = timezone.now() - settings.VOICE_SESSION_MAX_AGE
        return self.filter(ended_at=None, started_at__gte=oldest)

    def unsettled(self):
        """By browser, and may still run or be opened, whatever their pages say: no report came, and ElevenLabs has not said
        that it is over."""
        oldest = timezone.now() - settings.VOICE_SESSION_MAX_AGE
        rows = self.filter(channel=Session.Channel.BROWSER, started_at__gte=oldest, reported_at=None, gone_at=None)
        return rows.filter(status="").exclude(there=Session.There.OVER)

    def unreported(self, quiet, since):
        """Whose report should have come by now and is due to be asked for, longest waiting first: nothing was heard of
        the call for that long, and it began since then. Ids with a colon are places held for calls to come."""
        now = timezone.now()
        over = Q(ended_at__lte=now - quiet) | Q(ended_at=None, seen_at__lte=now - quiet)
        due = Q(ask_at=None) | Q(ask_at__lte=now)
        rows = self.filter(over, due, reported_at=None, gone_at=None, started_at__gte=since)
        return rows.exclude(elevenlabs_conversation_id__contains=":").order_by(
            F("ask_at").asc(nulls_first=True), "started_at"
        )


class Session(models.Model):
    """The permission with which a page, or a caller's phone, opened one voice connection, and what became of the call."""

    class Channel(models.TextChoices):
        BROWSER = "browser", _("Browser")
        PHONE = "phone", _("Phone")

    class There(models.TextChoices):
        NONE = "none", _("No such call yet")
        RUNS = "runs", _("It runs")
        OVER = "over", _("It is over")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="sessions")
    elevenlabs_conversation_id = models.CharField(max_length=255, unique=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.BROWSER)
    call_sid = models.CharField(
        max_length=128, null=True, unique=True, help_text=_("The telephone provider's id of a phone call.")
    )
    started_at = models.DateTimeField(default=timezone.now, db_index=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text=_("When its page or its agent was last heard of."))
    granted_seconds = models.PositiveIntegerField(
        null=True, help_text=_("The longest it may last; empty: as long as any call.")
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    came_from = models.CharField(
        max_length=32, blank=True, help_text=_("Its client's address under a key of ours; kept for an hour.")
    )
    there = models.CharField(
        max_length=4, choices=There, blank=True, help_text=_("What ElevenLabs last said of it before its report came.")
    )
    passed_on = models.BooleanField(default=False, help_text=_("It dropped, and its visitor's next call has its line."))
    reported_at = models.DateTimeField(null=True, blank=True, help_text=_("When its post-call report was read."))
    report_timestamp = models.BigIntegerField(default=0, help_text=_("The event_timestamp of the newest report read."))
    ask_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When ElevenLabs is asked next, while no report came.")
    )
    gone_at = models.DateTimeField(null=True, blank=True, help_text=_("When ElevenLabs said that it has no such call."))
    failure = models.CharField(max_length=500, blank=True, help_text=_("Why the call could not be set up, in words."))
    recording = models.FileField(upload_to="recordings", blank=True, help_text=_("As sent, when reports carry sound."))
    status = models.CharField(max_length=20, blank=True, help_text=_("As reported: done or failed."))
    duration_secs = models.PositiveIntegerField(null=True, blank=True)
    counted_seconds = models.PositiveIntegerField(
        null=True, editable=False, help_text=_("Of the duration: what stands in the sums of its day and month.")
    )
    language = models.CharField(
        max_length=16, blank=True, db_default="", help_text=_("In which it was mostly held, as reported.")
    )
    cost_credits = models.IntegerField(null=True, blank=True)
    termination_reason = models.CharField(max_length=500, blank=True)
    call_successful = models.CharField(max_length=20, blank=True)
    summary = models.TextField(blank=True)
    criteria = models.JSONField(default=dict, blank=True, help_text=_("Evaluation criteria as ElevenLabs scored them."))

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["started_at"]
        indexes = [models.Index(fields=["started_at"], condition=OPEN, name="session_not_written_down")]

    def __str__(self):
        return self.elevenlabs_conversation_id

    @property
    def seconds(self):
        """How long it was: as reported, else by our own clock; 0 while it runs."""
        if self.duration_secs is not None:
            return self.duration_secs
        return round((self.ended_at - self.started_at).total_seconds()) if self.ended_at else 0

    @property
    def keys(self):
        """What the keys of the turns begin with that its page tells of."""
        return f"call:{self.pk}:"

    @property
    def ending(self):
        """Why the call ended, in the words of whoever knows best; empty while nobody has said."""
        reason = self.failure or self.termination_reason or self.end_reason
        return gettext(reason) if reason else ""


class Turn(models.Model):
    """One thing said in a conversation."""

    class Speaker(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        PERSONA = "persona", _("Persona")

    class Channel(models.TextChoices):
        TYPED = "typed", _("Typed")
        SPOKEN = "spoken", _("Spoken")

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="turns")
    key = models.CharField(
        max_length=80, help_text=_("Names the turn within its conversation, so that it is kept once.")
    )
    speaker = models.CharField(max_length=8, choices=Speaker)
    channel = models.CharField(max_length=8, choices=Channel)
    text = models.TextField(help_text=_("What was said, or after an interruption what was heard of it."))
    full_text = models.TextField(blank=True, help_text=_("What would have been said, when it was interrupted."))
    interrupted = models.BooleanField(default=False)
    citations = models.JSONField(default=list)
    repeats = models.BooleanField(default=False, help_text=_("An earlier answer, said again on request."))
    liked = models.BooleanField(null=True, blank=True, help_text=_("The visitor's thumb; none means no opinion."))
    liked_note = models.CharField(max_length=300, blank=True, help_text=_("Why, in the visitor's words or choice."))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["conversation", "key"], name="turn_kept_once")]

    def __str__(self):
        return self.text[:80]
