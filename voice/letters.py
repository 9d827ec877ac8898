"""Letters that a page writes during a call: what it heard, kept turn by turn with what each rests on."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from voice import heard, reports
from voice.models import Command, Conversation, Session, Turn

SECONDS_A_TURN = 1  # of the longest call: nobody says something new every second for ten minutes
LEAST_ROOM = 200


class TooMuch(Exception):
    """More turns, or commands, than a call can have. What came before them is kept; the report brings what was truly said."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a page's telling: turns that changed; citations that wait for their turn; how many of the events were
    taken; the newest of the call's look-ups that is written down (0: none)."""

    turns: list
    waiting: list
    taken: int
    seen: int


def read(session, events):
    """Keep what a page heard. A look-up is written down just after its answer: until then its event, and what follows
    it, is left for the page to tell again. Nobody waits here: a few pages that did would keep tool calls from being
    answered. Raises TooMuch."""
    turns, taken, is_full = {}, 0, _is_full(session, events)
    for event in events:
        if event["kind"] == "tool" and not _is_written(session, event["after"]):
            break
        if is_full and _is_new(session, event):
            _note_seen(session)
            raise TooMuch
        turn = _HEARD[event["kind"]](session, event)
        if turn is not None:
            turns[turn.key] = turn
        taken += 1
    _note_seen(session)
    calls = list(session.tool_calls.order_by("at", "id").values_list("pk", "turn", "citations"))
    waiting = [citation for _, turn, citations in calls if turn is None for citation in citations]
    return Read(list(turns.values()), waiting, taken, max((pk for pk, _, _ in calls), default=0))


def _is_full(session, events):
    if not any(event["kind"] in ("visitor", "persona", "command") for event in events):
        return False  # a page that only lives on is not counted
    room = max(LEAST_ROOM, settings.VOICE_MAX_SECONDS // SECONDS_A_TURN)
    return session.turns.count() >= room or session.commands.count() >= room


def _is_new(session, event):
    """Whether a row would be made for it. What is told again, or corrected, is taken as ever."""
    if event["kind"] == "command":
        return not session.commands.filter(key=event["key"][:40]).exists()
    if event["kind"] in ("visitor", "persona"):
        return not session.conversation.turns.filter(key=_key(session, event)).exists()
    return False


def _is_written(session, after):
    """Whether a look-up newer than the one the page had been told of is there; pages that do not ask are not held up."""
    return after is None or session.tool_calls.filter(pk__gt=after).exists()


def _note_seen(session):
    """After the turns are kept: this waits for whoever is just joining a report to them and may have missed them."""
    rows = Session.objects.filter(pk=session.pk)
    oldest = timezone.now() - settings.VOICE_SESSION_MAX_AGE  # no call is heard of later than it may last
    rows.filter(started_at__gte=oldest).update(seen_at=timezone.now())
    reported = rows.exclude(reported_at=None).first()
    if reported is not None:
        reports.read_again(reported)


def _open_calls(session):
    return list(session.tool_calls.filter(turn=None).exclude(citations=[]).order_by("at", "id"))


def _hear_visitor(session, event):
    return _keep(session, event, Turn.Speaker.VISITOR)[0]


def _hear_persona(session, event):
    """The citations of everything looked up since the persona last spoke stand on this turn, and on no other."""
    with transaction.atomic():
        # The session first, as whoever joins a report does: a turn's foreign keys are looked at when this commits, and
        # each would wait for the other, the one with the thread's row and the other with the session's.
        Session.objects.select_for_update(no_key=True).filter(pk=session.pk).first()
        turn, new = _keep(session, event, Turn.Speaker.PERSONA)
        calls = _open_calls(session) if new else []
        if calls:
            turn.citations = heard.once(citation for call in calls for citation in call.citations)
            turn.save(update_fields=["citations"])
            session.tool_calls.filter(pk__in=[call.pk for call in calls]).update(turn=turn)
    return turn


def _hear_correction(session, event):
    """Only what was heard stays, with the citations of what was heard: of the tool calls that went into the turn, so that
    a second correction, which heard more than the first, has its sources again. What visitors said nobody corrects."""
    turn = session.turns.filter(key=_key(session, event), speaker=Turn.Speaker.PERSONA).first()
    if turn is None or turn.text == event["text"]:
        return turn
    turn.full_text = turn.full_text or turn.text
    turn.text, turn.interrupted = event["text"], event["text"] != turn.full_text
    looked_up = session.tool_calls.filter(turn=turn).order_by("at", "id").values_list("citations", flat=True)
    turn.citations = heard.citations([citation for cited in looked_up for citation in cited], turn.text)
    turn.save(update_fields=["full_text", "text", "interrupted", "citations"])
    return turn


def _hear_command(session, event):
    """What the visitor told the page to do: the command's name, then what more was said."""
    name, _, wish = event["text"].partition(" ")
    said = {"name": name[:64], "wish": wish[:40], "done": event["done"]}
    Command.objects.get_or_create(session=session, key=event["key"][:40], defaults=said)


def _hear_nothing(session, event):
    return None


_HEARD = {
    "visitor": _hear_visitor,
    "persona": _hear_persona,
    "correction": _hear_correction,
    "interruption": _hear_nothing,
    "tool": _hear_nothing,
    "command": _hear_command,
}


def _key(session, event):
    return f"{session.keys}{event['key']}"[:80]


def _keep(session, event, speaker):
    turn, new = Turn.objects.get_or_create(
        conversation_id=session.conversation_id,
        key=_key(session, event),
        defaults={
            "session": session,
            "speaker": speaker,
            "channel": event["channel"],
            "text": event["text"],
            "repeats": event.get("repeats", False),
        },
    )
    if new:
        Conversation.objects.filter(pk=session.conversation_id).update(last_turn_at=turn.at)
    return turn, new
