"""What a tool call's body must be: read strictly, refused with the place named. What Redis keeps of a call is read
leniently: what cannot be, is not there."""

from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from django.conf import settings

from knowledge import answering, followups
from personas import languages as spoken
from voice.refusals import BadCall

MAX_QUESTION = 1000
MAX_REFERENCE = 64
MOST_ROWS = 2**63  # ids a database can hold
LANGUAGES = frozenset(code for code, _ in spoken.LANGUAGES)


class Parameters(msgspec.Struct):
    query: str
    persona_id: str


class Body(msgspec.Struct):
    """A tool call as JSON. Unknown fields are ignored; of a key given twice the last one counts (RFC 8259 leaves it open)."""

    function_name: str
    parameters: Parameters
    conversation_id: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call that can be answered: which persona is asked what, in which of ElevenLabs' conversations."""

    question: str  # clean, one line
    persona_id: UUID
    conversation_id: str
    reference: str = ""  # of a phone call, see voice.lines


@dataclass(slots=True)
class Asked:
    """One call on its way through."""

    question: str  # as the agent put it
    persona_id: UUID
    conversation_id: str
    started: float  # a time.monotonic() value
    reference: str = ""  # of the phone call, as its agent was given it
    session_id: int | None = None
    languages: tuple = ("en",)  # the persona's; set as soon as Redis or the rows have told
    earlier: list = field(default_factory=list)  # what was asked before in this call, oldest first
    fallback: str = ""  # the persona's line, when it is known
    milliseconds: dict = field(default_factory=dict)

    @property
    def sought(self):
        """The question as it is looked up: with its topic, when it leans on an earlier one."""
        return followups.resolve(self.question, self.earlier, self.languages) if self.earlier else self.question

    @property
    def deadline(self):
        return self.started + settings.TOOL_BUDGET_MS / 1000


def live_key(conversation_id):
    """Where Redis keeps which persona a live conversation belongs to."""
    return f"live:{conversation_id}"


def live_fact(persona, session_id):
    """What is kept under ``live_key``."""
    return f"{persona.pk}|{session_id}|{'+'.join(persona.languages)}".encode()


def read(data, functions):
    """The Call in raw JSON. Raises BadCall, also for a function that is none of ``functions``."""
    try:
        body = msgspec.json.decode(data, type=Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise BadCall(named(fault)) from fault
    if body.function_name not in functions:
        raise BadCall("function_name: there is no such function here.", code="unknown_function")
    question = answering.clean(body.parameters.query)
    if not question:
        raise BadCall("parameters.query: the question is empty.")
    if len(body.parameters.query) > MAX_QUESTION:
        raise BadCall(f"parameters.query: at most {MAX_QUESTION} characters.")
    conversation = body.conversation_id
    if not 0 < len(conversation) <= 255 or not (conversation.isascii() and conversation.isprintable()):
        raise BadCall("conversation_id: this is not the id of a conversation.")
    return Call(question, _uuid(body.parameters.persona_id), conversation, (body.call or "")[:MAX_REFERENCE])


def read_live(fact):
    """(persona id, session id, languages) of a live fact. None without one, and for what cannot be read, as another
    version of ours may have kept it: then the rows are asked."""
    try:
        persona_id, session_id, codes = (fact or b"").decode().split("|")
        session_id, languages = int(session_id), tuple(codes.split("+"))
        readable = 0 < session_id < MOST_ROWS and LANGUAGES.issuperset(languages)
        return (persona_id, session_id, languages) if readable else None
    except ValueError:
        return None


def read_thread(fact):
    """What was asked before in the call, oldest first; nothing when it cannot be read."""
    try:
        return msgspec.json.decode(fact or b"[]", type=list[str])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []


def write_thread(questions):
    """What ``read_thread`` reads: questions asked before, oldest first."""
    return msgspec.json.encode(questions)


def read_line(fact):
    """A persona's fallback line; "" when it cannot be read."""
    with suppress(UnicodeDecodeError):
        return (fact or b"").decode()
    return ""


def named(fault):
    """msgspec names the place as ``$.parameters.query``; a body that is no JSON has none. The input is never repeated."""
    reason, _, place = str(fault).partition(" - at `$")
    place = place.strip("`.")
    if isinstance(fault, msgspec.ValidationError):
        return f"{place or 'body'}: {reason}."
    return "body: this is not JSON."


def _uuid(text):
    """Only the plain form of 36 characters: ``UUID`` would also take braces, urn:uuid: and no hyphens at all."""
    try:
        parsed = UUID(text)
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != text.lower():
        raise BadCall("parameters.persona_id: this is not the id of a persona.")
    return parsed
