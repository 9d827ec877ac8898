"""A post-call report joined to our own rows of the same call: one thread, nothing said twice."""

import json
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from voice import heard, lines, payloads
from voice.models import Session, ToolCall, Turn

ALIKE = 0.6  # of the words, in order: recognition and correction change a few
KNOWN_KINDS = {"post_call_transcription"}


class NotKnownYet(Exception):
    """The report speaks of a conversation that has no row yet."""


def join(delivery):
    """Read one delivery. Unknown kinds are kept and need nothing. Raises NotKnownYet, ValueError."""
    if delivery.kind in KNOWN_KINDS:
        fill_in(payloads.report(json.loads(delivery.body).get("data")))


def fill_in(report):
    """Join a report to its session: figures, then the turns that the page did not tell us of."""
    lines.settle(report.call_sid, report.conversation_id)
    session = (
        Session.objects.select_for_update(of=("self",))
        .select_related("conversation")
        .filter(elevenlabs_conversation_id=report.conversation_id)
        .first()
    )
    if session is None:
        raise NotKnownYet("No conversation of ours has this id yet.")
    _fill_in_figures(session, report)
    _fill_in_turns(session, report)


def _fill_in_figures(session, report):
    ended = _when(report, report.duration_secs) if report.started_at else timezone.now()
    session.ended_at = session.ended_at or ended
    session.reported_at = timezone.now()
    session.status = report.status
    session.duration_secs = report.duration_secs
    session.cost_credits = report.cost_credits
    session.termination_reason = report.termination_reason
    session.call_successful = report.call_successful
    session.summary = report.summary
    session.criteria = report.criteria
    session.save()


def _fill_in_turns(session, report):
    """Walk both tellings of the call in step. A turn both have keeps its row; one that only the report has is added."""
    ours = list(session.turns.order_by("at", "id"))
    calls = list(session.tool_calls.filter(outcome=ToolCall.Outcome.ANSWERED).order_by("at", "id"))
    for number, said in enumerate(report.turns):
        looked_up, calls = calls[: said.looked_up], calls[said.looked_up :]
        match = next((turn for turn in ours if _is_same(turn, said)), None)
        if match is not None:
            ours = ours[ours.index(match) + 1 :]
            _correct(match, said)
        else:
            _add(session, report, number, said, looked_up)


def _is_same(turn, said):
    """An interrupted turn is known by the words that were to be said as well as by those that were."""
    if turn.speaker != said.speaker:
        return False
    wordings = {turn.text, turn.full_text} - {""}
    return any(
        heard.similarity(ours, theirs) >= ALIKE for ours in wordings for theirs in {said.text, said.full_text} - {""}
    )


def _correct(turn, said):
    """What the page did not live to tell: that the turn was cut short."""
    if said.interrupted and not turn.interrupted:
        turn.full_text, turn.text, turn.interrupted = turn.text, said.text, True
        turn.citations = heard.citations(turn.citations, said.text)
        turn.save(update_fields=["full_text", "text", "interrupted", "citations"])


def _add(session, report, number, said, looked_up):
    cited = [citation for call in looked_up for citation in call.citations]
    turn, _ = Turn.objects.get_or_create(
        conversation=session.conversation,
        key=f"report:{session.pk}:{number}",
        defaults={
            "session": session,
            "speaker": said.speaker,
            "channel": Turn.Channel.TYPED if said.typed else Turn.Channel.SPOKEN,
            "text": said.text,
            "full_text": said.full_text,
            "interrupted": said.interrupted,
            "citations": heard.citations(cited, said.text) if said.interrupted else cited,
            "at": _when(report, said.seconds),
        },
    )
    ToolCall.objects.filter(pk__in=[call.pk for call in looked_up], turn=None).update(turn=turn)


def _when(report, seconds):
    return datetime.fromtimestamp(report.started_at, UTC) + timedelta(seconds=seconds)
