"""What agents may ask of us in mid-conversation: text and citations come back, never anything else.

Someone is waiting on the line. A cached answer costs one Redis trip and no SQL; everything else runs on another thread
against one deadline, because a black-holed database connection hangs whatever its own timeouts say. On any fault of
ours the caller hears the persona's fallback line.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlinePassed
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import close_old_connections

from knowledge import answering, caching, followups
from personas.models import Persona
from voice import calls, journal, lines
from voice.models import Session, ToolCall
from voice.refusals import NotYours, TooMany

logger = logging.getLogger(__name__)
Outcome = ToolCall.Outcome
SPOKEN_FAULT = "I can't look that up right now. Please ask me again in a moment."
_workers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="tool-call")


@dataclass(slots=True)
class Reply:
    """What goes back: the answer's JSON body, always with status 200."""

    body: bytes


@dataclass(slots=True)
class Asked:
    """One call on its way through."""

    question: str  # as the agent put it
    persona_id: UUID
    conversation_id: str
    started: float
    reference: str = ""  # of the phone call, as its agent was given it
    session_id: int | None = None
    languages: tuple = ("en",)  # the persona's; set as soon as Redis or the rows have told
    earlier: list = field(default_factory=list)  # what was asked before in this call, oldest first
    milliseconds: dict = field(default_factory=dict)

    @property
    def sought(self):
        """The question as it is looked up: with its topic, when it leans on an earlier one."""
        return answering.resolve(self.languages, self.question, self.earlier)

    @property
    def deadline(self):
        return self.started + settings.TOOL_BUDGET_MS / 1000


def call(body):
    """Answer one tool call, given its raw JSON body. Raises BadCall, NotYours and TooMany; never anything else."""
    started = time.monotonic()
    read = calls.read(body, FUNCTIONS)
    asked = Asked(read.question, read.persona_id, read.conversation_id, started, read.reference)
    facts = [live_key(asked.conversation_id), thread_key(asked.conversation_id)]
    recall = _recall(asked, asked.question, limits=_limits(asked), facts=facts)
    try:
        _check(asked, recall)
    except (NotYours, TooMany) as refusal:
        _note_refusal(asked, refusal)
        raise
    if asked.sought != asked.question:
        recall = _recall(asked, asked.sought)
    asked.milliseconds["recall"] = _since(started)
    if recall.payload is not None and asked.session_id is not None:
        answer = answering.unpack(recall.payload)
        if answer is not None:
            return _reply(asked, answer, cached=True)
    return _within_budget(asked, recall)


def live_key(conversation_id):
    """Where Redis keeps which persona a live conversation belongs to."""
    return f"live:{conversation_id}"


def thread_key(conversation_id):
    """Where Redis keeps what was asked last in a conversation."""
    return f"thread:{conversation_id}"


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


def live_fact(persona, session_id):
    """What is kept under ``live_key``."""
    return f"{persona.pk}|{session_id}|{'+'.join(persona.languages)}".encode()


def _within_budget(asked, recall):
    """Everything that needs the database or the model, on another thread, until the deadline."""
    future = _workers.submit(_look_up, asked, recall)
    try:
        answer = future.result(timeout=max(0.0, asked.deadline - time.monotonic()))
    except NotYours as refusal:
        _note_refusal(asked, refusal)
        raise
    except lines.Ambiguous as doubt:
        return _fallback(asked, str(doubt))
    except DeadlinePassed:
        future.cancel()
        return _fallback(asked, f"no answer within {settings.TOOL_BUDGET_MS} ms")
    except Exception as fault:
        logger.exception("tool call failed")
        return _fallback(asked, type(fault).__name__)
    return _reply(asked, answer)


def _look_up(asked, recall):
    close_old_connections()
    try:
        if asked.session_id is None:
            asked.session_id = _live_session(asked)
        persona = Persona.objects.select_related("library").filter(pk=asked.persona_id).first()
        if persona is None or not (persona.is_published or _is_tried_by_staff(asked)):
            raise NotYours("There is no such persona to answer for.")
        return answering.answer(persona, asked.question, earlier=asked.earlier, deadline=asked.deadline, recall=recall)
    finally:
        close_old_connections()


def _is_tried_by_staff(asked):
    """Staff talk with drafts."""
    return Session.objects.filter(pk=asked.session_id, conversation__user__is_staff=True).exists()


def _live_session(asked):
    """From the rows, when Redis does not know. Remembered, so that it is asked once."""
    session = (
        Session.objects.live()
        .filter(elevenlabs_conversation_id=asked.conversation_id, conversation__persona_id=asked.persona_id)
        .select_related("conversation__persona")
        .first()
    ) or lines.bind(asked.persona_id, asked.conversation_id, asked.reference)
    if session is None:
        raise NotYours("This is not a live conversation of that persona.")
    asked.languages = tuple(session.conversation.persona.languages)
    caching.remember(live_key(asked.conversation_id), live_fact(session.conversation.persona, session.pk), 900)
    return session.pk


def written(answer):
    """An Answer as the JSON body that goes back to the agent."""
    return msgspec.json.encode({"result": _result(answer), "success": True, "error": None})


def _result(answer):
    return {"content": answer.content, "citations": [citation.as_json() for citation in answer.citations]}


def _reply(asked, answer, cached=False):
    _note(
        asked,
        Outcome.ANSWERED if answer.found else Outcome.NOTHING,
        reason=answer.reason,
        content=answer.content,
        citations=_result(answer)["citations"],
        passages=[[passage, round(score, 4)] for passage, score in answer.matches],
        cached=cached or answer.cached,
        stages=answer.milliseconds,
    )
    return Reply(written(answer))


def _fallback(asked, reason):
    """Status 200 and something to say: a failed tool call is hidden from the agent's model, which would then invent."""
    result = {"content": _fallback_line(asked), "citations": []}
    _note(asked, Outcome.FALLBACK, reason=reason, content=result["content"])
    error = {"code": "unavailable", "message": "The documents could not be searched just now."}
    return Reply(msgspec.json.encode({"result": result, "success": False, "error": error}))


def _fallback_line(asked):
    """The persona's own line, kept in Redis when the session was started; the database may be what failed."""
    line = caching.recall_fact(fallback_key(asked.persona_id)) or b""
    with suppress(UnicodeDecodeError):
        return line.decode() or SPOKEN_FAULT
    return SPOKEN_FAULT


def fallback_key(persona_id):
    return f"fallback:{persona_id}"


def _note_refusal(asked, refusal):
    outcome = Outcome.LIMITED if isinstance(refusal, TooMany) else Outcome.REFUSED
    _note(asked, outcome, reason=str(refusal.detail))


def _note(asked, outcome, stages=None, **fields):
    milliseconds = {**(stages or {}), **asked.milliseconds, "total": _since(asked.started)}
    row = ToolCall(
        session_id=asked.session_id,
        # A persona that was refused may not exist: only what was looked up may be named.
        persona_id=asked.persona_id if asked.session_id is not None else None,
        function=TOOL_NAME,
        question=asked.question,
        outcome=outcome,
        milliseconds={stage: round(value, 2) for stage, value in milliseconds.items()},
        **fields,
    )
    before = [question for question in asked.earlier if question != asked.question]
    thread = (thread_key(asked.conversation_id), [*before, asked.question][-followups.FURTHEST :])
    told = followups.spell_out(asked.question, asked.earlier, asked.languages)
    journal.write(row, told, thread if asked.session_id is not None else None)


def _since(started):
    return (time.monotonic() - started) * 1000


TOOL_NAME = "query_persona_knowledge"
FUNCTIONS = {TOOL_NAME}
