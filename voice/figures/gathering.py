"""One day's rows as tallies, by persona and channel. Days are UTC's. A day is read with a handful of queries, whose rows
stream by."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from knowledge.models import Asked, Cited
from voice.figures.tally import Tally
from voice.models import Attempt, Conversation, Session, ToolCall, Turn, Visit
from voice.models.figures import Channel

RETURN_WITHIN = timedelta(days=7)
CALM = {"user", "agent", "end-agent", "end-time", "page left"}  # how a call ends that nothing broke off


def gather(day):
    """{(persona id, channel): Tally} of everything that happened on a date."""
    first = datetime.combine(day, time.min, UTC)
    tallies = defaultdict(Tally)
    for part in (_turns, _threads, _calls, _lookups, _attempts, _visits, _questions):
        part(tallies, first, first + timedelta(days=1))
    return dict(tallies)


def _channel(spoken):
    return Channel(spoken) if spoken else Channel.BROWSER


def _turns(tallies, first, last):
    rows = Turn.objects.filter(at__gte=first, at__lt=last, conversation__elsewhere=False)
    fields = (
        "conversation_id",
        "conversation__persona_id",
        "channel",
        "session__channel",
        "speaker",
        "interrupted",
        "liked",
        "citations",
    )
    threads = defaultdict(set)
    for thread, persona, channel, spoken, speaker, interrupted, liked, citations in rows.values_list(
        *fields
    ).iterator():
        key = persona, Channel.TYPED if channel == Turn.Channel.TYPED and not spoken else _channel(spoken)
        threads[key].add(thread)
        counts = tallies[key].counts
        if speaker == Turn.Speaker.VISITOR:
            counts["questions"] += 1
            continue
        counts["answers"] += 1
        counts["useful"] += bool(citations)
        counts["interrupted"] += interrupted
        counts["liked"] += liked is True
        counts["disliked"] += liked is False
    for key, found in threads.items():
        tallies[key].counts["conversations"] = len(found)


def _threads(tallies, first, last):
    """Stars count on the day the thread began."""
    rows = Conversation.objects.filter(
        started_at__gte=first, started_at__lt=last, elsewhere=False, rating__isnull=False
    )
    for thread, persona, rating in rows.values_list("pk", "persona_id", "rating").iterator():
        spoken = Session.objects.filter(conversation_id=thread).values_list("channel", flat=True).first()
        tallies[persona, _channel(spoken) if spoken else Channel.TYPED].counts[f"stars-{rating}"] += 1


def _calls(tallies, first, last):
    rows = Session.objects.filter(started_at__gte=first, started_at__lt=last, conversation__elsewhere=False)
    rows = rows.exclude(elevenlabs_conversation_id__startswith="reserved:").select_related("conversation")
    for call in rows.iterator():
        tally = tallies[call.conversation.persona_id, Channel(call.channel)]
        tally.counts["calls"] += 1
        tally.counts["seconds"] += _seconds(call)
        tally.counts["credits"] += call.cost_credits or 0
        tally.counts["reported"] += call.reported_at is not None
        tally.counts["successful"] += call.call_successful == "success"
        calm = not call.failure and (call.end_reason in CALM or (not call.end_reason and call.status == "done"))
        tally.counts["completed"] += calm
        if not calm and (call.failure or call.end_reason):
            tally.named("ends", call.failure or call.end_reason)
    _returns(tallies, first, last)


def _seconds(call):
    if call.duration_secs is not None:
        return call.duration_secs
    return round((call.ended_at - call.started_at).total_seconds()) if call.ended_at else 0


def _returns(tallies, first, last):
    """Who called for the first time on this day, and of them who called again within a week."""
    calls = Session.objects.filter(conversation__elsewhere=False)
    today = calls.filter(started_at__gte=first, started_at__lt=last)
    fields = ("conversation__visitor", "conversation__persona_id", "channel")
    newcomers = {}
    for visitor, persona, channel in today.order_by("started_at").values_list(*fields):
        newcomers.setdefault(visitor, (persona, Channel(channel)))
    known = calls.filter(started_at__lt=first, conversation__visitor__in=newcomers)
    for visitor in set(known.values_list("conversation__visitor", flat=True)):
        del newcomers[visitor]
    later = calls.filter(started_at__gte=last, started_at__lt=first + RETURN_WITHIN + timedelta(days=1))
    back = set(later.filter(conversation__visitor__in=newcomers).values_list("conversation__visitor", flat=True))
    for visitor, key in newcomers.items():
        tallies[key].counts["newcomers"] += 1
        tallies[key].counts["returned"] += visitor in back


def _lookups(tallies, first, last):
    rows = ToolCall.objects.filter(at__gte=first, at__lt=last, persona__isnull=False)
    fields = ("persona_id", "session__channel", "outcome", "cached", "milliseconds", "reason")
    for persona, channel, outcome, cached, milliseconds, reason in rows.values_list(*fields).iterator():
        tally = tallies[persona, _channel(channel)]
        tally.counts[f"lookups-{outcome}"] += 1
        tally.counts["lookups-cached"] += cached
        if "total" in milliseconds and outcome not in (ToolCall.Outcome.REFUSED, ToolCall.Outcome.LIMITED):
            tally.took("lookup", milliseconds["total"])
        if outcome == ToolCall.Outcome.FALLBACK:
            tally.named("faults", reason)


def _attempts(tallies, first, last):
    rows = Attempt.objects.filter(at__gte=first, at__lt=last)
    judged = set(rows.judged().values_list("pk", flat=True))
    for attempt in rows.iterator():
        tally = tallies[attempt.persona_id, Channel.BROWSER]
        counts, moments = tally.counts, attempt.milliseconds
        counts["pressed"] += not attempt.resumed
        counts["allowed"] += "allowed" in moments and not attempt.resumed
        counts["starts"] += attempt.pk in judged
        if attempt.outcome != Attempt.LIVE:
            counts["starts-failed"] += attempt.pk in judged
            tally.named("starts", f"{attempt.outcome} {attempt.detail}".strip())
        counts["answered"] += bool(attempt.answers) and not attempt.resumed
        if "connected" in moments:
            tally.took("connected", moments["connected"] - moments.get("allowed", 0))
        if "sound" in moments:
            tally.took("sound", moments["sound"] - moments.get("allowed", 0))
        for sound, answer in attempt.answers:
            tally.took("first-words", sound)
            tally.took("answer", answer)


def _visits(tallies, first, last):
    for persona in Visit.objects.filter(day=first.date()).values_list("persona_id", flat=True).iterator():
        tallies[persona, Channel.BROWSER].counts["offered"] += 1


def _questions(tallies, first, last):
    """What was asked, what in vain, and which documents were cited. The diary knows typed and spoken only: by voice is a
    page's until a phone's thread says otherwise."""
    asked = Asked.objects.filter(at__gte=first, at__lt=last)
    for persona, channel, question, found in asked.values_list("persona_id", "channel", "question", "found").iterator():
        tally = tallies[persona, Channel.TYPED if channel == Asked.Channel.TYPED else Channel.BROWSER]
        words = " ".join(question.split())[:200]
        tally.counts["asked"] += 1
        tally.counts["unanswered"] += not found
        tally.named("questions", words)
        if not found:
            tally.named("unanswered", words)
    cited = Cited.objects.filter(asked__at__gte=first, asked__at__lt=last)
    fields = ("asked__persona_id", "asked__channel", "document_id", "asked_id")
    for persona, channel, document, _asked in set(cited.values_list(*fields)):
        tallies[persona, Channel.TYPED if channel == Asked.Channel.TYPED else Channel.BROWSER].named(
            "documents", str(document)
        )
