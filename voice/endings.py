"""Whether a call is over. Its page only says so: the address that it was given opens one call, within 15 minutes, whatever
the page says. ElevenLabs knows; until it has said so, or a report has come, the call keeps its line (`voice.capacity`) and
counts with all it was granted (`voice.minutes`)."""

import logging
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from knowledge import caching
from voice import capacity, gateway
from voice.models import Session

logger = logging.getLogger(__name__)
LIVE = ("initiated", "in-progress")  # every other status says that the talk is over
MOST = 50  # calls looked at in one sweep
OWN, OWN_SECONDS = 2, 1.5  # calls of a visitor who wants to begin another, and how long each may take
YOUNG = capacity.LEASE / 2  # whether a call was connected to at all is not asked before
GIVEN_AGAIN, GIVEN_AGAIN_FOR = 3, timedelta(minutes=12)  # how often, and how old, an address that was not opened


def look(session, **how):
    """Ask ElevenLabs; gives Session.There, which is kept. Raises Unreachable; what is refused stays as it was."""
    rows = Session.objects.filter(pk=session.pk, reported_at=None)
    try:
        data = gateway.conversation(session.elevenlabs_conversation_id, **how)
    except gateway.Gone:
        rows.exclude(there=Session.There.RUNS).update(there=Session.There.NONE)  # what ran was opened
        note_gone(session)
        return session.there if session.there == Session.There.RUNS else Session.There.NONE
    except gateway.Refused as refusal:
        logger.warning("whether %s is over cannot be seen: %s", session, refusal)
        return session.there
    if data.get("status") in LIVE:
        rows.update(there=Session.There.RUNS)
        return Session.There.RUNS
    _note_over(rows, data)
    return Session.There.OVER


def _note_over(rows, data):
    """The report, which tells all, comes when the call has been analysed. How long it was the record mostly says by now;
    where it does not, the call was no longer than until now."""
    seconds = (data.get("metadata") or {}).get("call_duration_secs")
    if isinstance(seconds, int) and seconds > 0:
        rows.filter(duration_secs=None).update(duration_secs=seconds)
        rows.filter(ended_at=None).update(ended_at=timezone.now())
    else:
        rows.update(ended_at=timezone.now())
    rows.update(there=Session.There.OVER)


def note_gone(session):
    """ElevenLabs has no such call: never connected, or deleted there since. Not asked for again; but while its address can
    still open it, it may come, whatever its page said of it."""
    now = timezone.now()
    if session.started_at > now - capacity.OPENS:
        return
    talked = session.turns.exists() or session.tool_calls.exists()
    rows = Session.objects.filter(pk=session.pk, reported_at=None)
    rows.update(gone_at=now)
    rows.filter(ended_at=None).update(ended_at=session.seen_at)
    rows.filter(end_reason="").update(end_reason=gettext_noop("deleted at ElevenLabs") if talked else "never connected")


def settle(visitor):
    """Before a visitor begins another call: see what became of their last ones. Whether one that their page had not ended
    is over: its line is theirs. Bounded in time; when ElevenLabs does not answer, the doubt stays."""
    had_line = False
    for session in _named().filter(conversation__visitor=visitor).order_by("-started_at")[:OWN]:
        try:
            there = look(session, seconds=OWN_SECONDS, braked=False)
        except gateway.Unreachable:
            break
        had_line |= there == Session.There.OVER and session.ended_at is None
    return had_line


def unopened(conversation):
    """(session, address) of this visitor's last call with the persona, when ElevenLabs knows that it was not connected to:
    whoever begins again has the same address again, not a second one. Some times: it may be spoilt. (None, "") otherwise."""
    mine = Session.objects.unsettled().filter(conversation__visitor=conversation.visitor)
    last = mine.filter(conversation__persona=conversation.persona_id).order_by("-started_at").first()
    fresh = timezone.now() - GIVEN_AGAIN_FOR
    if last is None or last.there != Session.There.NONE or last.started_at < fresh or last.turns.exists():
        return None, ""
    times, _, url = (caching.recall_fact(_key(last.elevenlabs_conversation_id)) or b"").decode().partition(" ")
    if not url or int(times) >= GIVEN_AGAIN:
        return None, ""
    keep_address(last.elevenlabs_conversation_id, url, int(times) + 1)
    last.conversation, last.ended_at, last.end_reason, last.seen_at = conversation, None, "", timezone.now()
    last.save(update_fields=["conversation", "ended_at", "end_reason", "seen_at"])
    return last, url


def keep_address(conversation_id, url, times=0):
    """Remember the address of a call for as long as it may be given again."""
    caching.remember(_key(conversation_id), f"{times} {url}", int(GIVEN_AGAIN_FOR.total_seconds()))


def _key(conversation_id):
    return f"address:{conversation_id}"


def sweep():
    """Look at every call that its page ended or fell silent about, and once at every other. Gives how many were looked at;
    ends early when ElevenLabs does not answer or wants us to wait."""
    now = timezone.now()
    silent = Q(ended_at__isnull=False) | Q(seen_at__lt=now - capacity.LEASE)
    strange = ~Q(there=Session.There.RUNS) & Q(started_at__lt=now - YOUNG)
    looked = 0
    for session in _named().filter(silent | strange).order_by("-started_at")[:MOST]:
        try:
            look(session)
        except gateway.Unreachable as fault:
            logger.warning("which calls are over cannot be seen: %s", fault)
            break
        looked += 1
    return looked


def forget_origins():
    """Drop where calls came from when no limit asks for it any more."""
    rows = Session.objects.exclude(came_from="").filter(started_at__lt=timezone.now() - timedelta(hours=1))
    rows.update(came_from="")


def _named():
    return Session.objects.unsettled().exclude(elevenlabs_conversation_id__contains=":")
