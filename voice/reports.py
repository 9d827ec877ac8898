"""What ElevenLabs reports of a call, joined to our own rows of it: one thread, nothing said twice, the same in the end
whatever came first. What is there after all of it depends on the newest report, on what the page told and on the tool
calls, never on the order in which they came."""

import base64
import binascii
import json
import uuid
from datetime import UTC, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from voice import ledger, lines, matching, payloads
from voice.models import Agent, Conversation, Delivery, Forgotten, Session

TRANSCRIPT, FAILURE, RECORDING = "post_call_transcription", "call_initiation_failure", "post_call_audio"
# A signed address opens a call within 15 minutes, and its session's row is older than the call: a call without one
# by then was not begun here.
BEGUN_ELSEWHERE_AFTER = timedelta(minutes=15)
NOT_OURS_AFTER = timedelta(hours=1)


class NotKnownYet(Exception):
    """The report speaks of a conversation that has no row yet."""


class NotOurs(Exception):
    """The report speaks of an agent that is none of ours: it is kept, and nothing follows from it."""


def join(delivery):
    """Read one delivery. Unknown kinds are kept and need nothing. Raises NotKnownYet, NotOurs, ValueError."""
    if delivery.kind not in READERS:
        return
    parse, fill_in = READERS[delivery.kind]
    told = parse(json.loads(delivery.body).get("data"))
    session = _session(told, delivery)
    if session is not None:
        fill_in(session, told, delivery)


def read_again(session):
    """The page has told more since the report was read: the next sweep joins them anew."""
    Delivery.objects.filter(
        subject=session.elevenlabs_conversation_id, kind=TRANSCRIPT, event_timestamp=session.report_timestamp
    ).update(read_at=None)


def _session(told, delivery):
    """The call's row, locked; made for a call that was begun elsewhere with one of our agents. None when it was deleted
    here. Raises NotKnownYet while its row may still come, NotOurs."""
    lines.settle(getattr(told, "call_sid", ""), told.conversation_id)
    rows = Session.objects.select_for_update(of=("self",)).select_related("conversation")
    session = rows.filter(elevenlabs_conversation_id=told.conversation_id).first()
    if session is not None:
        return session
    if Forgotten.objects.filter(elevenlabs_conversation_id=told.conversation_id).exists():
        return None
    agent = Agent.objects.filter(elevenlabs_agent_id=told.agent_id or None, persona__isnull=False).first()
    waited = timezone.now() - delivery.received_at
    if agent is None and waited > NOT_OURS_AFTER and told.agent_id:
        raise NotOurs(_("This is about an agent that is none of ours."))
    if agent is None or (waited < BEGUN_ELSEWHERE_AFTER and delivery.origin != Delivery.Origin.FETCHED):
        raise NotKnownYet(_("No conversation of ours has this id yet."))
    return _begin_elsewhere(agent.persona, told, delivery)


def _begin_elsewhere(persona, told, delivery):
    """Its visitor is an id that no browser has: staff see the thread, and nobody else. Raises NotKnownYet when another
    worker has just made it."""
    began = getattr(told, "started_at", 0)
    started = datetime.fromtimestamp(began, UTC) if began else delivery.received_at
    thread = Conversation.objects.create(
        persona=persona, visitor=uuid.uuid4(), elsewhere=True, started_at=started, last_turn_at=started
    )
    call_sid = getattr(told, "call_sid", "") or None
    try:
        return Session.objects.create(
            conversation=thread,
            elevenlabs_conversation_id=told.conversation_id,
            channel=Session.Channel.PHONE if call_sid else Session.Channel.BROWSER,
            call_sid=call_sid,
            started_at=started,
            seen_at=started,
        )
    except IntegrityError as fault:
        raise NotKnownYet("Another worker is just beginning its thread.") from fault


def _fill_in_transcript(session, report, delivery):
    """Figures, then turns. Of two reports the one with the later event counts, whichever came first."""
    if delivery.event_timestamp < session.report_timestamp:
        return
    if report.started_at:
        session.ended_at = _began(session, report) + timedelta(seconds=report.duration_secs)
        _date(session, report)
    session.ended_at = session.ended_at or timezone.now()
    session.reported_at, session.gone_at = timezone.now(), None
    session.report_timestamp = delivery.event_timestamp
    session.status = report.status
    session.duration_secs = report.duration_secs
    session.language = report.language
    session.cost_credits = report.cost_credits
    session.termination_reason = report.termination_reason
    session.call_successful = report.call_successful
    session.summary = report.summary
    session.criteria = report.criteria
    session.save()
    matching.fill_in(session, report.turns, _began(session, report))


def _date(session, report):
    """Of a call begun elsewhere another event may have come first, which does not say when it began."""
    if session.conversation.elsewhere:
        ledger.take_back(Session.objects.filter(pk=session.pk))
        session.counted_seconds = None
        session.started_at = session.conversation.started_at = _began(session, report)
        session.conversation.save(update_fields=["started_at"])


def _fill_in_failure(session, failure, delivery):
    """Only what a transcript does not tell better: it may come before or after this."""
    session.failure = failure.words
    session.status = session.status or "failed"
    session.ended_at = session.ended_at or _happened(delivery)
    session.save(update_fields=["failure", "status", "ended_at"])


def _file_recording(session, recording, delivery):
    """The sound goes into a file, once, and out of the row: base64 is a third larger, and rows are read often."""
    if not recording.sound:
        return
    try:
        sound = base64.b64decode(recording.sound, validate=True)
    except binascii.Error as fault:
        raise ValueError(_("The recording cannot be read: {fault}.").format(fault=fault)) from fault
    ending = "wav" if sound.startswith(b"RIFF") else "mp3"  # MP3 at ElevenLabs, WAV from the stand-in
    name = f"{session.pk}-{delivery.event_timestamp:012}.{ending}"
    if session.recording.name.rpartition("/")[2] < name:
        session.recording.save(name, ContentFile(sound), save=False)
        session.save(update_fields=["recording"])
    event = json.loads(delivery.body)
    event["data"].pop("full_audio")
    event["data"]["bytes_filed"] = len(sound)
    Delivery.objects.filter(pk=delivery.pk).update(body=json.dumps(event))


READERS = {
    TRANSCRIPT: (payloads.report, _fill_in_transcript),
    FAILURE: (payloads.failure, _fill_in_failure),
    RECORDING: (payloads.recording, _file_recording),
}


def _began(session, report):
    """When the call began. Reports tell whole seconds, and our row is older than its call: what was typed in the second
    before stays before it."""
    if not report.started_at:
        return session.started_at
    told = datetime.fromtimestamp(report.started_at, UTC)
    return told if session.conversation.elsewhere else max(told, session.started_at)


def _happened(delivery):
    seconds = delivery.event_timestamp
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**32 else delivery.received_at
