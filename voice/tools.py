"""What agents may ask of us in mid-conversation: text and citations come back, never anything else.

Someone is waiting on the line. A cached answer costs one Redis trip and no SQL; everything else is looked up against one
deadline (``lookups``). On any fault of ours the caller hears the persona's fallback line.
"""

import logging
import time
import traceback
from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge import answering, caching, followups, meters, notices, telemetry, tracks
from voice import calls, journal, lines, lookups
from voice.calls import live_fact, live_key  # noqa: F401  (sessions keep the fact under the key)
from voice.models import ToolCall
from voice.refusals import NotYours, TooMany

logger = logging.getLogger(__name__)
Outcome = ToolCall.Outcome
SPOKEN_FAULT = "I can't look that up right now. Please ask me again in a moment."


@dataclass(slots=True)
class Reply:
    """What goes back: the answer's JSON body, always with status 200."""

    body: bytes


@telemetry.spanned("tool call")
def call(body):
    """Answer one tool call, given its raw JSON body. Raises BadCall, NotYours and TooMany; never anything else."""
    started = time.monotonic()
    read = calls.read(body, FUNCTIONS)
    asked = calls.Asked(read.question, read.persona_id, read.conversation_id, started, read.reference)
    tracks.follow(read.conversation_id)
    facts = [live_key(asked.conversation_id), thread_key(asked.conversation_id), fallback_key(asked.persona_id)]
    recall = _recall(asked, asked.question, limits=_limits(asked), facts=facts)
    asked.fallback = calls.read_line(recall.facts[fallback_key(asked.persona_id)])
    try:
        _check(asked, recall)
    except (NotYours, TooMany) as refusal:
        _note_refusal(asked, refusal)
        raise
    sought = asked.sought
    if sought != asked.question:
        recall = _recall(asked, sought)
    asked.milliseconds["recall"] = _since(started)
    if recall.payload is not None and asked.session_id is not None:
        answer = answering.unpack(recall.payload)
        if answer is not None:
            return _reply(asked, answer)
    return _look_up(asked, recall)


def thread_key(conversation_id):
    """Where Redis keeps what was asked last in a conversation."""
    return f"thread:{conversation_id}"


@telemetry.spanned("recall")
def _recall(asked, question, **also):
    return caching.recall(asked.persona_id, caching.OWN_LANGUAGE, question, **also)


def _limits(asked):
    return [
        (f"calls:{asked.conversation_id}", settings.TOOL_CALLS_PER_CONVERSATION, 60),
        (f"calls:{asked.persona_id}", settings.TOOL_CALLS_PER_PERSONA, 60),
    ]


def _check(asked, recall):
    """The conversation is one we started, for that persona, still live; and it does not ask too often."""
    live = calls.read_live(recall.facts.get(live_key(asked.conversation_id)))
    if live is not None:
        persona_id, session_id, languages = live
        if persona_id != str(asked.persona_id):
            raise NotYours("This conversation belongs to another persona.")
        asked.session_id, asked.languages = session_id, languages
        asked.earlier = calls.read_thread(recall.facts.get(thread_key(asked.conversation_id)))
    if recall.counts_over:
        raise TooMany("Too many questions in one minute; wait a little.", wait=recall.retry_after)


def _look_up(asked, recall):
    try:
        answer = lookups.find(asked, recall)
    except NotYours as refusal:
        _note_refusal(asked, refusal)
        raise
    except (lookups.NotNow, lines.Ambiguous) as problem:
        return _fallback(asked, str(problem))
    except Exception as fault:  # ours; its text may hold the question
        kind, place = type(fault).__name__, traceback.extract_tb(fault.__traceback__)[-1]
        telemetry.fault(fault)
        notices.warn(logger, kind, "A tool call failed: %s at %s, line %s", kind, place.filename, place.lineno)
        return _fallback(asked, kind)
    _lines.keep(asked.persona_id, asked.fallback)
    return _reply(asked, answer)


def written(answer):
    """An Answer as the JSON body that goes back to the agent."""
    result = {"content": answer.content, "citations": answer.citations}
    return msgspec.json.encode({"result": result, "success": True, "error": None})


def _reply(asked, answer):
    _note(asked, Outcome.ANSWERED if answer.found else Outcome.NOTHING, answer)
    return Reply(written(answer))


def _fallback(asked, reason):
    """Status 200 and something to say: a failed tool call is hidden from the agent's model, which would then invent."""
    said = answering.Answer(_fallback_line(asked), found=False, reason=reason)
    _note(asked, Outcome.FALLBACK, said)
    error = {"code": "unavailable", "message": _("The documents could not be searched just now.")}
    result = {"content": said.content, "citations": []}
    return Reply(msgspec.json.encode({"result": result, "success": False, "error": error}))


def _fallback_line(asked):
    """The persona's own line: as Redis keeps it since the session was started, or as this process last saw it. The
    database may be what failed."""
    return asked.fallback or _lines.find(asked.persona_id) or SPOKEN_FAULT


class _Lines:
    """The fallback lines that this process saw last, at most so many."""

    def __init__(self, room=1000):
        self._room, self._kept = room, {}

    def keep(self, persona_id, line):
        if len(self._kept) >= self._room and persona_id not in self._kept:
            self._kept.clear()
        self._kept[persona_id] = line

    def find(self, persona_id):
        return self._kept.get(persona_id)


_lines = _Lines()


def fallback_key(persona_id):
    return f"fallback:{persona_id}"


def _note_refusal(asked, refusal):
    outcome = Outcome.LIMITED if isinstance(refusal, TooMany) else Outcome.REFUSED
    _note(asked, outcome, answering.Answer("", found=False, reason=str(refusal.detail)))


def _note(asked, outcome, answer):
    asked.milliseconds["total"] = _since(asked.started)
    telemetry.tell(outcome=str(outcome), cached=answer.cached, persona=str(asked.persona_id))
    journal.write_later(_tell, asked, outcome, answer, timezone.now())


def _tell(asked, outcome, answer, at):
    """What the journal keeps of a call; told on its own thread, while nobody waits."""
    milliseconds = answer.milliseconds | asked.milliseconds
    _meter(outcome, answer.cached, milliseconds)
    row = ToolCall(
        session_id=asked.session_id,
        # A persona that was refused may not exist: only what was looked up may be named.
        persona_id=asked.persona_id if asked.session_id is not None else None,
        function=TOOL_NAME,
        question=asked.question,
        outcome=outcome,
        reason=answer.reason,
        content=answer.content,
        citations=[citation.as_json() for citation in answer.citations],
        passages=[[passage, round(score, 4)] for passage, score in answer.matches],
        cached=answer.cached,
        milliseconds={stage: round(value, 2) for stage, value in milliseconds.items()},
        at=at,
    )
    before = [question for question in asked.earlier if question != asked.question]
    thread = (thread_key(asked.conversation_id), [*before, asked.question][-followups.FURTHEST :])
    told = followups.spell_out(asked.question, asked.earlier, asked.languages)
    return row, told, thread if asked.session_id is not None else None


def _meter(outcome, cached, milliseconds):
    for stage, value in milliseconds.items():
        if stage == "total":
            meters.observe("tool_call", value / 1000, outcome=str(outcome), cached=str(cached).lower())
        elif stage == "recall" or not cached:  # a kept answer brings along the times of its own look-up
            meters.observe("tool_call_stage", value / 1000, stage=stage)


def _since(started):
    return (time.monotonic() - started) * 1000


TOOL_NAME = "query_persona_knowledge"
FUNCTIONS = {TOOL_NAME}
