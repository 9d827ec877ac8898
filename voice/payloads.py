"""What ElevenLabs tells us, as it looks on the wire: tolerant, because their releases add and drop fields.

The shape is ``GetConversationResponseModel`` of the official SDK 2.78.0, which a ``post_call_transcription`` webhook
carries as its ``data``.
"""

import json
import math
from dataclasses import dataclass

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ELSEWHERE = ("system", "client")  # tools that do not ask us
# What the words of a failed call's report mean (`failure_reason`); others are repeated as they are.
FAILURES = {
    "busy": _("The line was busy."),
    "no-answer": _("Nobody answered."),
    "unknown": _("The call could not be set up."),
}


class _Envelope(msgspec.Struct):
    type: object = None
    event_timestamp: object = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Subject(msgspec.Struct):
    conversation_id: object = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an event is and which conversation it is about; '' and 0 for what it does not say."""

    kind: str
    conversation_id: str
    event_timestamp: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that could not be set up, and why, in words."""

    conversation_id: str
    agent_id: str
    words: str
    call_sid: str


@dataclass(frozen=True, slots=True)
class Recording:
    """The sound of a call, still in base64; '' once it was filed."""

    conversation_id: str
    agent_id: str
    sound: str


@dataclass(frozen=True, slots=True)
class SaidTurn:
    """One turn of a report: ``speaker`` is visitor or persona; ``seconds`` since the call began."""

    speaker: str
    text: str
    full_text: str
    seconds: int
    interrupted: bool
    typed: bool
    looked_up: int
    """How many tool calls of ours came since the persona's last turn."""


@dataclass(frozen=True, slots=True)
class Report:
    """A finished call."""

    conversation_id: str
    agent_id: str
    status: str
    started_at: int
    duration_secs: int
    language: str  # the code in which it was mostly held; empty when not told
    cost_credits: int | None
    termination_reason: str
    call_successful: str
    summary: str
    criteria: dict
    call_sid: str  # the telephone provider's id of a phone call
    turns: tuple[SaidTurn, ...]


def envelope(body):
    """Read no more of a webhook body than which event it is. Raises ValueError for what is not a JSON object."""
    try:
        event = msgspec.json.decode(body, type=_Envelope)
        data = bytes(event.data)
        about = msgspec.json.decode(data, type=_Subject) if data.startswith(b"{") else _Subject()
        told = (event.type, about.conversation_id, event.event_timestamp)
    except msgspec.MsgspecError:
        told = _leniently(json.loads(body))  # which also takes NaN and half a surrogate pair
    kind, conversation_id, timestamp = told
    whole = isinstance(timestamp, int) and not isinstance(timestamp, bool) and 0 <= timestamp < 2**62
    return Envelope(_text(kind)[:60] or "unknown", _text(conversation_id)[:255], timestamp if whole else 0)


def _leniently(event):
    if not isinstance(event, dict):
        raise ValueError("a JSON object is expected")
    return event.get("type"), _dict(event.get("data")).get("conversation_id"), event.get("event_timestamp")


def failure(data):
    """Read ``call_initiation_failure``. What Twilio or the SIP provider adds stands behind our words."""
    data = _dict(data)
    reason = _text(data.get("failure_reason")).strip()
    words = FAILURES.get(reason) or (
        gettext("The call could not be set up: {reason}.").format(reason=reason) if reason else FAILURES["unknown"]
    )
    body = _dict(_dict(data.get("metadata")).get("body"))
    code = body.get("sip_status_code") or body.get("SipResponseCode")
    more = [f"SIP {code}" if isinstance(code, int | str) else "", _text(body.get("error_reason")).strip()]
    more = ", ".join(part for part in more if part)
    call_sid = _text(body.get("CallSid")) or _text(body.get("call_sid"))
    return Failure(*_ids(data), f"{words} ({more})"[:500] if more else words[:500], call_sid[:128])


def recording(data):
    """Read ``post_call_audio``."""
    data = _dict(data)
    return Recording(*_ids(data), data["full_audio"] if isinstance(data.get("full_audio"), str) else "")


def _ids(data):
    """(conversation id, agent id). Raises ValueError when it names no conversation."""
    conversation_id = _text(data.get("conversation_id"))
    if not conversation_id:
        raise ValueError("The report names no conversation.")
    return conversation_id, _text(data.get("agent_id"))


def report(data):
    """Read a conversation record. Raises ValueError when it names no conversation; anything else may be missing."""
    data = _dict(data)
    conversation_id, agent_id = _ids(data)
    metadata, analysis = _dict(data.get("metadata")), _dict(data.get("analysis"))
    error = _dict(metadata.get("error"))
    return Report(
        conversation_id=conversation_id,
        agent_id=agent_id,
        status=_text(data.get("status"))[:20],
        started_at=_number(metadata.get("start_time_unix_secs")) or 0,
        duration_secs=max(0, _number(metadata.get("call_duration_secs")) or 0),
        language=_text(metadata.get("main_language"))[:16].lower(),
        cost_credits=_number(metadata.get("cost")),
        termination_reason=(_text(error.get("reason")) or _text(metadata.get("termination_reason")))[:500],
        call_successful=_text(analysis.get("call_successful"))[:20],
        summary=_text(analysis.get("transcript_summary")),
        criteria=_kept(_dict(analysis.get("evaluation_criteria_results"))),
        call_sid=_text(_dict(metadata.get("phone_call")).get("call_sid"))[:128],
        turns=tuple(_turns(data.get("transcript"))),
    )


def ended_at(data):
    """When the call of a conversation record ended, in Unix seconds; what it does not say counts 0."""
    metadata = _dict(data.get("metadata"))
    return (_number(metadata.get("start_time_unix_secs")) or 0) + (_number(metadata.get("call_duration_secs")) or 0)


def _turns(transcript):
    looked_up = 0
    for turn in transcript if isinstance(transcript, list) else []:
        turn = _dict(turn)
        results = turn.get("tool_results")
        looked_up += (
            sum(_dict(result).get("type") not in ELSEWHERE for result in results) if isinstance(results, list) else 0
        )
        text = _text(turn.get("message")).strip()
        if not text:
            continue
        persona = turn.get("role") == "agent"
        yield SaidTurn(
            speaker="persona" if persona else "visitor",
            text=text,
            full_text=_text(turn.get("original_message")).strip() if turn.get("interrupted") else "",
            seconds=_number(turn.get("time_in_call_secs")) or 0,
            interrupted=bool(turn.get("interrupted")),
            typed=turn.get("source_medium") == "text",
            looked_up=looked_up if persona else 0,
        )
        looked_up = 0 if persona else looked_up


def _dict(value):
    return value if isinstance(value, dict) else {}


def _text(value):
    """Text as any database can keep it: without NUL and halves of surrogate pairs."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _kept(value):
    """JSON as any database can keep it."""
    if isinstance(value, dict):
        return {_text(key): _kept(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_kept(child) for child in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return _text(value) if isinstance(value, str) else value


def _number(value):
    """A whole number that fits a column; NaN and infinities do not."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**31 else None
