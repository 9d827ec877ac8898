"""What was said and called on a day: turns, threads, calls, and who called again."""

from collections import defaultdict
from datetime import timedelta

from voice.figures import errors
from voice.figures.ways import VISITOR, way
from voice.models import Conversation, Session, Turn
from voice.models.figures import Channel

RETURN_WITHIN = timedelta(days=7)
CALM = {"user", "agent", "end-agent", "end-time", "page left"}  # how a call ends that nothing broke off


def _turns(tallies, first, last):
    rows = Turn.objects.filter(at__gte=first, at__lt=last)
    fields = (
        "conversation_id", "conversation__persona_id", "conversation__kind", "conversation__elsewhere", "session__channel",
        "channel", "speaker", "interrupted", "liked", "citations",
    )  # fmt: skip
    threads = defaultdict(set)
    for thread, persona, kind, elsewhere, spoken, channel, speaker, *judged in rows.values_list(*fields).iterator():
        typed = Channel.TYPED if channel == Turn.Channel.TYPED else ""
        key = persona, way(kind, elsewhere, spoken or typed)
        threads[key].add(thread)
        if speaker == Turn.Speaker.VISITOR:
            tallies[key].counts["questions"] += 1
        else:
            _answer(tallies[key].counts, *judged)
    for key, found in threads.items():
        tallies[key].counts["conversations"] = len(found)


def _answer(counts, interrupted, liked, citations):
    counts["answers"] += 1
    counts["useful"] += bool(citations)
    counts["interrupted"] += interrupted
    counts["liked"] += liked is True
    counts["disliked"] += liked is False


def _threads(tallies, first, last):
    """Stars count on the day the thread began."""
    rows = Conversation.objects.filter(started_at__gte=first, started_at__lt=last, rating__isnull=False)
    for thread, persona, kind, elsewhere, rating in rows.values_list("pk", "persona_id", "kind", "elsewhere", "rating"):
        spoken = Session.objects.filter(conversation_id=thread).values_list("channel", flat=True).first()
        tallies[persona, way(kind, elsewhere, spoken or Channel.TYPED)].counts[f"stars-{rating}"] += 1


def _calls(tallies, first, last):
    rows = Session.objects.filter(started_at__gte=first, started_at__lt=last)
    rows = rows.exclude(elevenlabs_conversation_id__startswith="reserved:").select_related("conversation")
    for call in rows.iterator():
        thread = call.conversation
        tally = tallies[thread.persona_id, way(thread.kind, thread.elsewhere, call.channel)]
        tally.counts["calls"] += 1
        tally.counts["seconds"] += call.seconds
        tally.counts["credits"] += call.cost_credits or 0
        tally.counts["reported"] += call.reported_at is not None
        tally.counts["successful"] += call.call_successful == "success"
        calm = not call.failure and (call.end_reason in CALM or (not call.end_reason and call.status == "done"))
        tally.counts["completed"] += calm
        tally.counts["finished"] += (
            calm and call.channel == Session.Channel.BROWSER
        )  # for adoption: by whom Talk was pressed
        if error := None if calm else errors.of_call(call):
            tally.named("errors", error)


def _returns(tallies, first, last):
    """Which visitors called for the first time on this day, and of them who called again within a week."""
    calls = Session.objects.filter(conversation__elsewhere=False, conversation__kind=VISITOR)
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


PARTS = (_turns, _threads, _calls, _returns)
