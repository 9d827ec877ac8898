"""A phone call between its ringing and the first word of which of ElevenLabs' conversations it is.

Older integrations ask to begin a call without naming its conversation. Then the session has a random reference in the
place of the conversation's id; the reference goes out as a variable of the call, comes back with every tool call, and the
first one names the conversation. An agent that does not send it yet is understood while there is only one call it
can mean. The report, which names the call as the telephone provider does, has the last word.
"""

import uuid
from contextlib import suppress
from dataclasses import dataclass

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import Q

from voice import calls
from voice.models import Session
from voice.refusals import BadCall

PREFIX = "phone:"
NUMBER = frozenset("+0123456789")
LONGEST_SID = 128


class Ambiguous(Exception):
    """Several calls of the persona could be meant: better none than the wrong one."""


class Body(msgspec.Struct):
    """What ElevenLabs asks to begin a call with; newer integrations name the conversation, too."""

    agent_id: str
    called_number: str
    call_sid: str
    caller_id: str | None = None
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone call that wants to begin. ``caller`` is personal data: it goes into no log and no row as it is."""

    agent_id: str
    called: str
    call_sid: str
    caller: str  # empty when withheld
    conversation_id: str  # empty when not named


def read(data):
    """The Ring in raw JSON. Raises BadCall with the place named; the input is never repeated."""
    try:
        body = msgspec.json.decode(data, type=Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise BadCall(calls.named(fault)) from fault
    caller, conversation_id = body.caller_id or "", body.conversation_id or ""
    if not 2 <= len(body.called_number) <= 32 or not NUMBER.issuperset(body.called_number):
        raise BadCall("called_number: this is not a phone number.")
    if len(caller) > 64:
        raise BadCall("caller_id: this is not a phone number.")
    if not _is_id(body.agent_id, 255):
        raise BadCall("agent_id: this is not the id of an agent.")
    if not _is_id(body.call_sid, LONGEST_SID):
        raise BadCall("call_sid: this is not the id of a call.")
    if conversation_id and (not _is_id(conversation_id, 255) or conversation_id.startswith(PREFIX)):
        raise BadCall("conversation_id: this is not the id of a conversation.")
    return Ring(body.agent_id, body.called_number, body.call_sid, caller, conversation_id)


def _is_id(text, longest):
    return 0 < len(text) <= longest and text.isascii() and text.isprintable()


def new_reference():
    """What stands for a conversation that nobody has named yet. Nobody can guess it."""
    return f"{PREFIX}{uuid.uuid4()}"


def is_named(session):
    """Whether it is known which of ElevenLabs' conversations this is."""
    return not session.elevenlabs_conversation_id.startswith(PREFIX)


def bind(persona_id, conversation_id, reference):
    """The live phone call of this persona that a conversation nobody knows must be: bound to it from now on.

    None when there is none, also for a reference of another persona's call. Raises Ambiguous when no reference came and
    several calls could be meant. Two at once bind one and both get it.
    """
    if not Session.objects.filter(elevenlabs_conversation_id=conversation_id).exists():
        waiting = Session.objects.live().filter(
            conversation__persona_id=persona_id, elevenlabs_conversation_id__startswith=PREFIX
        )
        if reference:
            waiting = waiting.filter(elevenlabs_conversation_id=reference)
        meant = list(waiting[:2])
        if len(meant) > 1:
            raise Ambiguous("Several phone calls of this persona are not named yet.")
        for session in meant:
            name(session, conversation_id)
    return (
        Session.objects.live()
        .filter(elevenlabs_conversation_id=conversation_id, conversation__persona_id=persona_id)
        .first()
    )


def name(session, conversation_id):
    """Say which conversation a call is, unless that was said meanwhile, or the conversation is another session's."""
    rows = Session.objects.filter(pk=session.pk, elevenlabs_conversation_id=session.elevenlabs_conversation_id)
    with suppress(IntegrityError), transaction.atomic():
        rows.update(elevenlabs_conversation_id=conversation_id)


def settle(call_sid, conversation_id):
    """The report says which conversation a phone call was: that holds, whatever was believed before."""
    session = Session.objects.filter(call_sid=call_sid).first() if call_sid else None
    if session is None or session.elevenlabs_conversation_id == conversation_id:
        return
    taken = Session.objects.filter(elevenlabs_conversation_id=conversation_id, channel=Session.Channel.PHONE)
    with transaction.atomic():
        # In one order, so that two reports that contradict each other wait and do not deadlock.
        both = Q(pk=session.pk) | Q(elevenlabs_conversation_id=conversation_id)
        rows = {row.pk: row for row in Session.objects.select_for_update().filter(both).order_by("pk")}
        session = rows.get(session.pk)
        if session is None or session.elevenlabs_conversation_id == conversation_id:
            return  # deleted, or named, meanwhile
        taken.update(elevenlabs_conversation_id=new_reference())
        name(session, conversation_id)
