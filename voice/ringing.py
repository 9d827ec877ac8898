"""A phone rings: who answers, or why nobody does.

ElevenLabs asks while the caller hears it ringing. On anything but 200 the call is dropped: the caller hears the line go
dead, as with a number that is out of service, and nothing is charged for an agent.
"""

import hashlib
import hmac
import logging
import time
import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import (
    DEFAULT_DB_ALIAS,
    Error,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connections,
    transaction,
)
from rest_framework.exceptions import APIException

from personas.models import VARIABLE
from voice import capacity, conversations, lines, lookups, minutes, phones, queue, rollout, sessions
from voice.agents import definitions
from voice.crew import Crew, Late, NobodyLeft
from voice.models import PhoneNumber, Session
from voice.refusals import Away, NotNow, NotYours, Unknown

logger = logging.getLogger(__name__)
BUDGET_SECONDS = 0.8  # what ElevenLabs waits is not public; a caller waits two rings
# What stands in the place of a number that was withheld; the digits are how Twilio spells ANONYMOUS and its like.
WITHHELD = {"anonymous", "restricted", "unavailable", "unknown", "private", "blocked"}
WITHHELD |= {"+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533"}
_crew = Crew("phone-call", hands=8)


def answer(ring):
    """What ElevenLabs is to begin the call with: variables and overrides. Keeps our thread and session of it.

    Raises Unknown (nobody answers the number), NotYours (another agent's number, another call's conversation), NotNow
    (draft, voice off, all lines taken, call over) and Away (the rows cannot be had in time). Of a call that is refused
    nothing is kept. The same call twice is one call.
    """
    try:
        return _answer(ring, time.monotonic() + BUDGET_SECONDS)
    except APIException as refusal:
        logger.warning("phone call refused: %s", refusal.get_codes())
        raise
    except (Late, NobodyLeft, Error) as fault:
        logger.error("phone call not taken: %s", type(fault).__name__)
        raise Away("The call cannot be taken just now.") from fault


def _answer(ring, deadline):
    """The same on another thread, which may hang at the rows."""
    if not lookups.database.admits():
        raise NobodyLeft(f"the database is left alone: {lookups.database.why}")
    place = lookups.Place()
    job = _crew.start(_begin, ring, deadline, place)
    try:
        return job.result(deadline)
    except Late:
        lookups.leave(job, place)
        raise
    except (OperationalError, InterfaceError) as fault:
        lookups.note_failure(fault)
        raise


def _begin(ring, deadline, place):
    close_old_connections()
    place.connection = connections[DEFAULT_DB_ALIAS]
    try:
        number = _number(ring)
        _check_persona(number.persona, visitor(ring.caller))
        session = _session(ring, number.persona, deadline)
        sessions.remember(session, number.persona)
        return _introduction(number, session)
    finally:
        place.connection = None
        close_old_connections()


def _number(ring):
    """Ours, answered by a persona, and by that very agent."""
    numbers = list(PhoneNumber.objects.answered().filter(number=ring.called).select_related("persona__agent"))
    if not numbers:
        raise Unknown("No persona answers this number.", "unknown_number")
    for number in numbers:
        agent = getattr(number.persona, "agent", None)
        if agent and agent.elevenlabs_agent_id == ring.agent_id:
            return number
    raise NotYours("This agent does not answer that number.")


def _check_persona(persona, who):
    if not persona.is_published:
        raise NotNow("This persona is not published.", "not_published")
    if refusal := rollout.refusal(AnonymousUser(), who, persona):
        code, _ = refusal  # its sentence speaks of typing, which a caller cannot
        raise NotNow("Voice is not switched on for this persona.", code)


def _session(ring, persona, deadline):
    """The call's session: a new one, or the one it has when we are asked again."""
    with transaction.atomic():
        capacity.hold()
        known = Session.objects.filter(call_sid=ring.call_sid).select_related("conversation").first()
        session = _new(ring, persona) if known is None else _known(known, ring, persona)
        if time.monotonic() > deadline:  # nobody waits any more, and this connection may be cut at any moment
            raise Late
    return session


def _new(ring, persona):
    caller = visitor(ring.caller)
    left = minutes.left(None, caller, persona)
    if left is not None and left.is_used_up:
        raise NotNow("The minutes for voice are used up.", "minutes")
    if not queue.enter(ring.call_sid, capacity.taken()).admitted:  # nor past visitors who stand in line
        raise NotNow("All lines are taken.", "busy")
    session = Session.objects.create(
        conversation=conversations.begin(persona, caller),
        channel=Session.Channel.PHONE,
        call_sid=ring.call_sid,
        elevenlabs_conversation_id=lines.new_reference(),
    )
    return _named(session, ring)


def _known(session, ring, persona):
    """Asked about a call again: still going on, and not suddenly another persona's."""
    if session.ended_at is not None:
        raise NotNow("This call is over.", "over")
    if session.conversation.persona_id != persona.pk:
        raise NotYours("This call began with another persona.")
    return _named(session, ring)


def _named(session, ring):
    """The session, known by its conversation when the ring names one."""
    if ring.conversation_id and not lines.is_named(session):
        lines.name(session, ring.conversation_id)
        session.refresh_from_db(fields=["elevenlabs_conversation_id"])
    if ring.conversation_id and session.elevenlabs_conversation_id != ring.conversation_id:
        raise NotYours("This conversation belongs to another call.")
    return session


def visitor(caller):
    """Who calls, as an id: the same for the same number, and not to be turned back into it without our key. A withheld
    number is somebody new every time."""
    if not caller or caller.lower() in WITHHELD:
        return uuid.uuid4()
    digest = hmac.new(settings.SECRET_KEY.encode(), b"caller:" + caller.encode(), hashlib.sha256).digest()
    return uuid.UUID(bytes=digest[:16], version=4)


def _introduction(number, session):
    return {
        "type": "conversation_initiation_client_data",
        "dynamic_variables": variables(number, session),
        "conversation_config_override": _override(number),
    }


def variables(number, session):
    """Every variable that the agent may name: one that is missing ends the call. What slipped into a text stays empty."""
    persona = number.persona
    slipped = VARIABLE.findall(f"{definitions.prompt(persona)} {persona.first_message} {number.notice}")
    reference = definitions.NO_CALL if lines.is_named(session) else session.elevenlabs_conversation_id
    return {
        **{name: "" for name in slipped if not name.startswith("system__")},
        "persona_name": persona.name,
        definitions.REFERENCE: reference,
    }


def _override(number):
    """The notice, once the number is in step: before, its agent may not allow it yet, and that would end the call."""
    accepted = number.fingerprint == phones.fingerprint(number, number.persona.agent.elevenlabs_agent_id)
    if not (number.notice and accepted):
        return {}
    return {"agent": {"first_message": f"{number.notice} {number.persona.first_message}".strip()}}
