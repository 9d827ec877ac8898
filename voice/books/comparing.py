"""Calls as ElevenLabs lists them beside our own rows of them: for each why both say the same, or why they do not.

Our side is every call on our pages and through our telephone numbers, visitors' and those of staff. A call belongs to the UTC
day on which it began, by their list where it is in it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.models.functions import TruncDate

from voice.models import Compared, Forgotten, Listed, Reading, Session

OPEN = timedelta(days=8)  # reports come late
AT_ONCE = 500  # ids in one query
Reason = Compared.Reason
READ = (
    "elevenlabs_conversation_id", "channel", "started_at", "ended_at", "duration_secs", "cost_credits", "reported_at",
    "conversation__persona_id", "conversation__elsewhere",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """One call: as it is listed there (or None), our row of it (or None), and how the two go together."""

    there: Listed | None
    here: Session | None
    reason: str

    @property
    def persona_id(self):
        return self.here.conversation.persona_id if self.here else self.there.persona_id

    @property
    def figures(self):
        """As fields of Compared. What began elsewhere is not in our figures."""
        there, here = self.there, self.here
        counted = here is not None and not here.conversation.elsewhere
        return {
            "calls_there": int(there is not None),
            "seconds_there": there.seconds if there else 0,
            "credits_there": there.credits if there else 0,
            "calls_here": int(counted),
            "seconds_here": here.seconds if counted else 0,
            "credits_here": (here.cost_credits or 0) if counted else 0,
        }


def pairs(day):
    """Every call of a day, as a Pair."""
    first = datetime.combine(day, time.min, UTC)
    span = {"started_at__gte": first, "started_at__lt": first + timedelta(days=1)}
    known = Reading.objects.exclude(listed_to=None).order_by("-day").values_list("listed_to", flat=True).first()
    there = {call.elevenlabs_conversation_id: call for call in Listed.objects.filter(**span)}
    here = {call.elevenlabs_conversation_id: call for call in _ours().filter(**span)}
    here |= _by_id(_ours(), there.keys() - here.keys())  # our row is older than its call: it may be yesterday's
    elsewhen = _by_id(Listed.objects.all(), here.keys() - there.keys())
    forgotten = set(_by_id(Forgotten.objects.all(), there.keys() - here.keys()))
    for call_id in sorted(there.keys() | (here.keys() - elsewhen.keys())):
        listed, ours = there.get(call_id), here.get(call_id)
        yield Pair(listed, ours, _reason(listed, ours, call_id in forgotten, known))


def _ours():
    rows = Session.objects.exclude(elevenlabs_conversation_id__contains=":").select_related("conversation")
    return rows.only(*READ)


def _by_id(rows, ids):
    found, wanted = {}, sorted(ids)
    for begin in range(0, len(wanted), AT_ONCE):
        some = rows.filter(elevenlabs_conversation_id__in=wanted[begin : begin + AT_ONCE])
        found |= {one.elevenlabs_conversation_id: one for one in some}
    return found


def _reason(there, here, forgotten, listed_to):
    if here is None:
        return _without_ours(there, forgotten)
    if there is None:
        return _without_theirs(here, listed_to)
    if here.conversation.elsewhere:
        return Reason.PHONE if here.channel == Session.Channel.PHONE else Reason.ELSEWHERE
    if not there.is_over:
        return Reason.RUNNING
    if here.reported_at is None:
        return Reason.UNREPORTED
    same = (there.seconds, there.credits) == (here.seconds, here.cost_credits or 0)
    return Reason.SAME if same else Reason.OTHER


def _without_ours(there, forgotten):
    if forgotten:
        return Reason.DELETED
    if there.persona_id is None:
        return Reason.NOT_OURS
    return Reason.UNKNOWN if there.is_over else Reason.RUNNING


def _without_theirs(here, listed_to):
    if listed_to is None or here.started_at >= listed_to:
        return Reason.NEWER
    return Reason.GONE if here.reported_at else Reason.UNCONNECTED


def keep(day):
    """Compare a day's calls anew, in place of what was kept. Safe from two workers at once."""
    sums = defaultdict(lambda: defaultdict(int))
    for pair in pairs(day):
        for name, much in pair.figures.items():
            sums[pair.persona_id, pair.reason][name] += much
    rows = [
        Compared(day=day, persona_id=persona, reason=reason, **figures) for (persona, reason), figures in sums.items()
    ]
    with transaction.atomic():
        Compared.objects.filter(day=day).delete()
        Compared.objects.bulk_create(rows, ignore_conflicts=True)


def keep_recent(today):
    """Today and yesterday, and every earlier day with calls in the list that was never compared."""
    kept = set(Compared.objects.values_list("day", flat=True).distinct())
    listed = set(Listed.objects.values_list(TruncDate("started_at", tzinfo=UTC), flat=True).distinct())
    for day in sorted((listed - kept) | {today - timedelta(days=1), today}):
        keep(day)


def keep_open(today):
    """Every day that may still change."""
    for back in range(OPEN.days + 1):
        keep(today - timedelta(days=back))
