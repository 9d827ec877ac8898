"""What ElevenLabs tells us, as it looks on the wire: tolerant, because their releases add and drop fields.

The shape is ``GetConversationResponseModel`` of the official SDK 2.78.0, which a ``post_call_transcription`` webhook
carries as its ``data``.
"""

from dataclasses import dataclass


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
    cost_credits: int | None
    termination_reason: str
    call_successful: str
    summary: str
    criteria: dict
    call_sid: str  # the telephone provider's id of a phone call
    turns: tuple[SaidTurn, ...]


def report(data):
    """Read a conversation record. Raises ValueError when it names no conversation; anything else may be missing."""
    data = _dict(data)
    conversation_id = _text(data.get("conversation_id"))
    if not conversation_id:
        raise ValueError("The report names no conversation.")
    metadata, analysis = _dict(data.get("metadata")), _dict(data.get("analysis"))
    error = _dict(metadata.get("error"))
    return Report(
        conversation_id=conversation_id,
        agent_id=_text(data.get("agent_id")),
        status=_text(data.get("status"))[:20],
        started_at=_number(metadata.get("start_time_unix_secs")) or 0,
        duration_secs=max(0, _number(metadata.get("call_duration_secs")) or 0),
        cost_credits=_number(metadata.get("cost")),
        termination_reason=(_text(metadata.get("termination_reason")) or _text(error.get("reason")))[:500],
        call_successful=_text(analysis.get("call_successful"))[:20],
        summary=_text(analysis.get("transcript_summary")),
        criteria=_dict(analysis.get("evaluation_criteria_results")),
        call_sid=_text(_dict(metadata.get("phone_call")).get("call_sid")),
        turns=tuple(_turns(data.get("transcript"))),
    )


def _turns(transcript):
    looked_up = 0
    for turn in transcript if isinstance(transcript, list) else []:
        turn = _dict(turn)
        results = turn.get("tool_results")
        looked_up += (
            sum(1 for result in results if _dict(result).get("type") != "system") if isinstance(results, list) else 0
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
    """Text as PostgreSQL can keep it."""
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _number(value):
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**31 else None
